//! Invoice: draft (the period is closed), issued (amounts are owed), then paid or void.
//!
//! An invoice over nothing is settled when it is issued.

use agreements::published::agreement::Accepted;
use jiff::{SignedDuration, Timestamp};
use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::localized::{self, InvalidText};
use kernel::money::Money;
use kernel::period::Period;
use metering::published::usage::PeriodUsage;

use crate::lines::{self, RatingError};
use crate::published::invoice::{Charges, Drafted, Event, Issued, Paid, Voided, invoice_id};
use crate::verify::{self, Discrepancy};

/// How long after its issue an invoice should be paid: 30 days.
const DUE_AFTER: SignedDuration = SignedDuration::from_hours(720);
const REFERENCE_LENGTH_MAX: usize = 140;
const REASON_LENGTH_MAX: usize = 500;
/// The reference of the payment of an invoice over nothing.
const NOTHING_TO_PAY: &str = "zero total";

/// What the platform, or its operator, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Close a period of the agreement; the stream is that of [`invoice_id`].
    Draft {
        /// The agreement.
        accepted: Box<Accepted>,
        /// The period, whole or shortened, over by now.
        period: Period,
        /// When the agreement ends, if it does.
        ends_at: Option<Timestamp>,
    },
    /// Rate what was used in the closed period.
    Issue {
        /// The agreement that was drafted for.
        accepted: Box<Accepted>,
        /// Everything it used in the period.
        usage: PeriodUsage,
    },
    /// Book the payment of the whole amount.
    Pay {
        /// The payer's reference, 1 to 140 characters.
        reference: String,
        /// What was paid.
        amount: Money,
    },
    /// Declare it not owed.
    Void {
        /// Why, 1 to 500 characters.
        reason: String,
    },
}

/// A closed period and what is owed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The closed period.
    pub drafted: Drafted,
    /// What is owed.
    pub issued: Issued,
}

/// Where an invoice stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The period is open.
    #[default]
    Unknown,
    /// The period is closed, its usage not yet rated.
    Draft(Box<Drafted>),
    /// Owed.
    Issued(Box<Document>),
    /// Paid.
    Paid(Box<Document>),
    /// Not owed.
    Void(Box<Document>),
}

impl State {
    /// The closed period, once it is closed.
    pub fn drafted(&self) -> Option<&Drafted> {
        match self {
            Self::Unknown => None,
            Self::Draft(drafted) => Some(drafted),
            Self::Issued(document) | Self::Paid(document) | Self::Void(document) => Some(&document.drafted),
        }
    }

    /// What was issued, whether it is still owed or not.
    pub fn issued(&self) -> Option<&Issued> {
        match self {
            Self::Unknown | Self::Draft(_) => None,
            Self::Issued(document) | Self::Paid(document) | Self::Void(document) => Some(&document.issued),
        }
    }

    fn with_issued(self, issued: &Issued) -> Self {
        match self {
            Self::Draft(drafted) => Self::Issued(Box::new(Document { drafted: *drafted, issued: issued.clone() })),
            Self::Unknown | Self::Issued(_) | Self::Paid(_) | Self::Void(_) => self,
        }
    }

    fn ended(self, phase: fn(Box<Document>) -> Self) -> Self {
        match self {
            Self::Issued(document) => phase(document),
            Self::Unknown | Self::Draft(_) | Self::Paid(_) | Self::Void(_) => self,
        }
    }
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The period was closed before, with another end or another party.
    #[error("the period has been closed already")]
    PeriodAlreadyClosed,
    /// The period is not over.
    #[error("the period is not over")]
    PeriodNotOver,
    /// The period is still open: there is no draft.
    #[error("the invoice has not been drafted")]
    NotDrafted,
    /// The draft is of another agreement.
    #[error("the invoice is of another agreement")]
    AgreementMismatch,
    /// The period or its usage cannot be rated.
    #[error(transparent)]
    Unrated(#[from] RatingError),
    /// What was computed does not agree with itself.
    #[error("the computed invoice does not agree with itself: {0}")]
    Inconsistent(#[from] Discrepancy),
    /// There is nothing owed yet.
    #[error("the invoice has not been issued")]
    NotIssued,
    /// It has been paid.
    #[error("the invoice has been paid already")]
    AlreadyPaid,
    /// It has been declared void.
    #[error("the invoice is void")]
    Void,
    /// Only the whole amount can be paid.
    #[error("the amount is not the total of the invoice")]
    AmountMismatch,
    /// The payment's reference is empty, too long or misleading.
    #[error("the reference of the payment: {0}")]
    Reference(InvalidText),
    /// The reason is empty, too long or misleading.
    #[error("the reason: {0}")]
    Reason(InvalidText),
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::PeriodAlreadyClosed => "INVOICE_PERIOD_ALREADY_CLOSED",
            Self::PeriodNotOver => "INVOICE_PERIOD_NOT_OVER",
            Self::NotDrafted => "INVOICE_NOT_DRAFTED",
            Self::AgreementMismatch => "INVOICE_AGREEMENT_MISMATCH",
            Self::Unrated(error) => return error.code(),
            Self::Inconsistent(_) => "INVOICE_INCONSISTENT",
            Self::NotIssued => "INVOICE_NOT_ISSUED",
            Self::AlreadyPaid => "INVOICE_ALREADY_PAID",
            Self::Void => "INVOICE_VOID",
            Self::AmountMismatch => "INVOICE_AMOUNT_MISMATCH",
            Self::Reference(_) => "INVOICE_REFERENCE_INVALID",
            Self::Reason(_) => "INVOICE_REASON_INVALID",
        })
    }
}

/// The decider of one invoice.
pub struct Invoice;

impl Decider for Invoice {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Unknown
    }

    fn decide(state: &State, command: Command, context: &Context) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Draft { accepted, period, ends_at } => {
                decide_draft(state, &accepted, (period, ends_at), context.now)
            }
            Command::Issue { accepted, usage } => decide_issue(state, &accepted, usage, context.now),
            Command::Pay { reference, amount } => decide_pay(state, &reference, amount, context.now),
            Command::Void { reason } => decide_void(state, &reason, context.now),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Drafted(drafted) => State::Draft(Box::new(drafted.clone())),
            Event::Issued(issued) => state.with_issued(issued),
            Event::Paid(_) => state.ended(State::Paid),
            Event::Voided(_) => state.ended(State::Void),
        }
    }
}

fn decide_draft(
    state: &State,
    accepted: &Accepted,
    (period, ends_at): (Period, Option<Timestamp>),
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let is_over = ends_at.is_some_and(|ends_at| ends_at <= period.start);
    let draft = Drafted {
        invoice: invoice_id(accepted.agreement, period.start),
        agreement: accepted.agreement,
        buyer: accepted.buyer,
        seller: accepted.seller,
        provider: accepted.provider,
        listing: accepted.listing,
        period,
        charges: if is_over { Charges::UsageAlone } else { Charges::All },
    };
    if let Some(before) = state.drafted() {
        return if *before == draft { Ok(vec![]) } else { Err(Rejection::PeriodAlreadyClosed) };
    }
    lines::whole_period(accepted, period)?;
    if now < period.end { Err(Rejection::PeriodNotOver) } else { Ok(vec![Event::Drafted(draft)]) }
}

fn decide_issue(
    state: &State,
    accepted: &Accepted,
    usage: PeriodUsage,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Unknown => Err(Rejection::NotDrafted),
        State::Draft(drafted) if drafted.agreement != accepted.agreement => Err(Rejection::AgreementMismatch),
        State::Draft(drafted) => issue(drafted, accepted, usage, now),
        State::Issued(_) | State::Paid(_) | State::Void(_) => Ok(vec![]),
    }
}

fn issue(drafted: &Drafted, accepted: &Accepted, usage: PeriodUsage, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let amounts = lines::rate(accepted, drafted.period, drafted.charges, &usage)?;
    let issued = Issued {
        invoice: drafted.invoice,
        agreement: drafted.agreement,
        buyer: drafted.buyer,
        seller: drafted.seller,
        provider: drafted.provider,
        period: drafted.period,
        issued_at: now,
        due_at: now.checked_add(DUE_AFTER).unwrap_or(Timestamp::MAX),
        price_version: accepted.price_version,
        market: accepted.market,
        lines: amounts.lines,
        subtotal: amounts.subtotal,
        tax: amounts.tax,
        total: amounts.total,
        ranges: usage.ranges,
        calls: usage.calls,
    };
    verify::verify(&issued)?;
    let settled = issued.total.is_zero().then(|| Event::Paid(payment(&issued, NOTHING_TO_PAY.to_owned(), now)));
    Ok([Event::Issued(issued)].into_iter().chain(settled).collect())
}

fn decide_pay(state: &State, reference: &str, amount: Money, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let document = owed(state)?;
    let reference = localized::required(reference, REFERENCE_LENGTH_MAX).map_err(Rejection::Reference)?;
    if amount != document.issued.total {
        return Err(Rejection::AmountMismatch);
    }
    Ok(vec![Event::Paid(payment(&document.issued, reference, now))])
}

fn decide_void(state: &State, reason: &str, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    match owed(state) {
        Err(Rejection::Void) => Ok(vec![]),
        Err(rejection) => Err(rejection),
        Ok(document) => {
            let reason = localized::required(reason, REASON_LENGTH_MAX).map_err(Rejection::Reason)?;
            Ok(vec![Event::Voided(Voided { invoice: document.issued.invoice, reason, voided_at: now })])
        }
    }
}

fn owed(state: &State) -> Result<&Document, Rejection> {
    match state {
        State::Unknown | State::Draft(_) => Err(Rejection::NotIssued),
        State::Issued(document) => Ok(document),
        State::Paid(_) => Err(Rejection::AlreadyPaid),
        State::Void(_) => Err(Rejection::Void),
    }
}

fn payment(issued: &Issued, reference: String, now: Timestamp) -> Paid {
    Paid { invoice: issued.invoice, buyer: issued.buyer, amount: issued.total, reference, paid_at: now }
}

#[cfg(test)]
#[path = "invoice_tests.rs"]
mod tests;
