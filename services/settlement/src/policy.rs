//! Policy: what the ledger and the statements do when an invoice is issued, paid or voided. Pure; run again it asks
//! for the same, and the deciders see that it has been done.

use billing::published::invoice::{Event, Issued, Paid, Voided};
use jiff::Timestamp;
use kernel::event::StreamName;
use kernel::id::StatementId;
use kernel::money::{Money, MoneyError};

use crate::commission::{self, Split};
use crate::ledger;
use crate::published::ledger::{Account, Month, Posted, Posting, Reason, entry_id};
use crate::published::statement::{LineKind, statement_id};
use crate::statement::{self, AddLine};

/// A command and the stream it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Post an entry to a month of the ledger.
    PostEntry {
        /// The month.
        month: Month,
        /// What to post.
        command: ledger::Command,
    },
    /// Add a line to a statement. Where that one is issued already, the line belongs to [`Month::next`].
    AddStatementLine {
        /// The statement.
        statement: StatementId,
        /// What to add.
        command: AddLine,
    },
}

impl Instruction {
    /// The stream that the command is for.
    pub fn stream(&self) -> StreamName {
        match self {
            Self::PostEntry { month, .. } => StreamName::of(month),
            Self::AddStatementLine { statement, .. } => StreamName::of(statement),
        }
    }
}

/// Why nothing can be booked. Each is a defect or damage, never a caller's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbookable {
    /// The invoice's issue was not handed in, or that of another invoice.
    #[error("the issue of the invoice is missing")]
    IssueMissing,
    /// Share, commission and tax do not make what the buyer is charged.
    #[error("share, commission and tax do not make what the buyer is charged")]
    NotConserved,
    /// The entry does not balance.
    #[error("the entry does not balance: {0}")]
    Entry(ledger::Rejection),
    /// Amounts cannot be combined.
    #[error(transparent)]
    Amount(#[from] MoneyError),
}

/// What follows from a fact of an invoice. `issued` is that invoice's issue: needed when it is paid or voided.
///
/// Nothing follows from a draft, nor from an invoice over nothing.
pub fn react(event: &Event, issued: Option<&Issued>) -> Result<Vec<Instruction>, Unbookable> {
    match event {
        Event::Drafted(_) => Ok(vec![]),
        Event::Issued(issued) => on_issued(issued),
        Event::Paid(paid) => {
            let issued = issued.filter(|issued| issued.invoice == paid.invoice);
            on_paid(paid, issued.ok_or(Unbookable::IssueMissing)?)
        }
        Event::Voided(voided) => {
            let issued = issued.filter(|issued| issued.invoice == voided.invoice);
            on_voided(voided, issued.ok_or(Unbookable::IssueMissing)?)
        }
    }
}

fn on_issued(issued: &Issued) -> Result<Vec<Instruction>, Unbookable> {
    if issued.total.is_zero() {
        return Ok(vec![]);
    }
    let split = split(issued)?;
    let entry = post(Reason::InvoiceIssued, issued, issued.issued_at, sides(issued, &split)?)?;
    Ok(vec![entry, line(LineKind::Sale, issued, issued.issued_at, split)])
}

fn on_paid(paid: &Paid, issued: &Issued) -> Result<Vec<Instruction>, Unbookable> {
    if paid.amount.is_zero() {
        return Ok(vec![]);
    }
    let postings =
        vec![debit(Account::Cash, paid.amount), credit(Account::BuyerReceivable(issued.buyer), paid.amount)?];
    Ok(vec![post(Reason::InvoicePaid, issued, paid.paid_at, postings)?])
}

fn on_voided(voided: &Voided, issued: &Issued) -> Result<Vec<Instruction>, Unbookable> {
    if issued.total.is_zero() {
        return Ok(vec![]);
    }
    let split = split(issued)?;
    let reverse = |posting: Posting| credit(posting.account, posting.amount);
    let postings = sides(issued, &split)?.into_iter().map(reverse).collect::<Result<_, _>>()?;
    let entry = post(Reason::InvoiceVoided, issued, voided.voided_at, postings)?;
    Ok(vec![entry, line(LineKind::Reversal, issued, voided.voided_at, split.negated()?)])
}

/// Divides the subtotal, and asserts that the buyer's charge is share, commission and tax to the minor unit.
fn split(issued: &Issued) -> Result<Split, Unbookable> {
    let split = commission::split(issued.subtotal, issued.market.commission.get())?;
    let charged = split.share.plus(split.commission)?.plus(issued.tax)?;
    if charged == issued.total { Ok(split) } else { Err(Unbookable::NotConserved) }
}

/// The buyer owes the total; it is owed to the provider, the platform and the tax office. Zeros are left out.
fn sides(issued: &Issued, split: &Split) -> Result<Vec<Posting>, MoneyError> {
    let all = [
        debit(Account::BuyerReceivable(issued.buyer), issued.total),
        credit(Account::ProviderPayable(issued.seller), split.share)?,
        credit(Account::CommissionRevenue, split.commission)?,
        credit(Account::TaxPayable, issued.tax)?,
    ];
    Ok(all.into_iter().filter(|posting| !posting.amount.is_zero()).collect())
}

const fn debit(account: Account, amount: Money) -> Posting {
    Posting { account, amount }
}

fn credit(account: Account, amount: Money) -> Result<Posting, MoneyError> {
    Ok(Posting { account, amount: amount.negated()? })
}

fn post(reason: Reason, issued: &Issued, at: Timestamp, postings: Vec<Posting>) -> Result<Instruction, Unbookable> {
    ledger::balanced(&postings).map_err(Unbookable::Entry)?;
    let entry = entry_id(reason, issued.invoice);
    let posted = Posted { entry, reason, invoice: issued.invoice, at, postings };
    Ok(Instruction::PostEntry { month: Month::of(at), command: ledger::Command::Post(posted) })
}

fn line(kind: LineKind, issued: &Issued, at: Timestamp, split: Split) -> Instruction {
    let (seller, month) = (issued.seller, Month::of(at));
    Instruction::AddStatementLine {
        statement: statement_id(seller, split.gross.currency, month),
        command: AddLine { seller, month, invoice: issued.invoice, kind, split, service: issued.period },
    }
}

impl From<AddLine> for statement::Command {
    fn from(line: AddLine) -> Self {
        Self::AddLine(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, at, cny};
    use kernel::decider::{Context, Decider};
    use kernel::id::InvoiceId;
    use kernel::money::Currency;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    fn entry(instruction: &Instruction) -> &Posted {
        match instruction {
            Instruction::PostEntry { command: ledger::Command::Post(posted), .. } => posted,
            Instruction::AddStatementLine { .. } => panic!("an entry comes first"),
        }
    }

    fn issue(issued: &Issued) -> Result<Vec<Instruction>, Unbookable> {
        react(&Event::Issued(issued.clone()), None)
    }

    #[test]
    fn an_issued_invoice_is_owed_and_divided() {
        let instructions = issue(&sample::issued()).unwrap();
        assert_eq!(entry(&instructions[0]), &sample::posted());
        let (statement, command) = (sample::opened().statement, sample::add_line());
        assert_eq!(instructions[1], Instruction::AddStatementLine { statement, command });
        assert_eq!(instructions[0].stream().as_str(), "ledger-2026-02");
        assert_eq!(instructions[1].stream().category(), "statement");
    }

    #[test]
    fn a_payment_turns_what_is_owed_into_cash() {
        let issued = sample::issued();
        let instructions = react(&Event::Paid(sample::paid()), Some(&issued)).unwrap();
        let buyer = Account::BuyerReceivable(issued.buyer);
        assert_eq!(entry(&instructions[0]).postings, [debit(Account::Cash, cny(1_579)), debit(buyer, cny(-1_579))]);
        assert_eq!((instructions.len(), instructions[0].stream().as_str()), (1, "ledger-2026-03"));
    }

    #[test]
    fn a_void_takes_everything_back_in_its_own_month() {
        let issued = sample::issued();
        let sale = issue(&issued).unwrap();
        let reversal = react(&Event::Voided(sample::voided()), Some(&issued)).unwrap();
        let both = entry(&sale[0]).postings.iter().zip(&entry(&reversal[0]).postings);
        assert!(both.clone().all(|(there, back)| there.account == back.account));
        assert!(both.clone().all(|(there, back)| there.amount.minor == -back.amount.minor));
        let Instruction::AddStatementLine { command, .. } = &reversal[1] else { panic!("a line comes second") };
        assert_eq!((command.kind, command.month), (LineKind::Reversal, Month::of(at("2026-03-02T00:00:00Z"))));
        assert_eq!(command.split, sample::add_line().split.negated().unwrap());
    }

    #[test]
    fn nothing_follows_from_an_invoice_over_nothing() {
        let mut issued = sample::issued();
        (issued.subtotal, issued.tax, issued.total) = (cny(0), cny(0), cny(0));
        assert_eq!(issue(&issued), Ok(vec![]));
        let paid = Paid { amount: cny(0), ..sample::paid() };
        assert_eq!(react(&Event::Paid(paid), Some(&issued)), Ok(vec![]));
    }

    #[test]
    fn a_payment_is_never_booked_against_another_invoice() {
        let other = Issued { invoice: InvoiceId::new(Uuid::from_u128(9)), ..sample::issued() };
        for issued in [None, Some(&other)] {
            assert_eq!(react(&Event::Paid(sample::paid()), issued), Err(Unbookable::IssueMissing));
            assert_eq!(react(&Event::Voided(sample::voided()), issued), Err(Unbookable::IssueMissing));
        }
    }

    #[test]
    fn an_invoice_that_does_not_add_up_is_never_booked() {
        let mut issued = sample::issued();
        issued.total.minor += 1;
        assert_eq!(issue(&issued), Err(Unbookable::NotConserved));
    }

    #[test]
    fn reacting_again_books_nothing_more() {
        let posted = entry(&issue(&sample::issued()).unwrap()[0]).clone();
        let state = ledger::Ledger::fold(&[crate::published::ledger::Event::Posted(posted.clone())]);
        let again = ledger::Ledger::decide(&state, ledger::Command::Post(posted), &Context { now: Timestamp::MAX });
        assert_eq!(again, Ok(vec![]));
    }

    proptest! {
        #[test]
        fn postings_balance_and_the_charge_is_conserved(
            subtotal in 0_i64..1_000_000_000_000, tax in 0_i64..1_000_000_000, commission in 0_u32..=10_000,
            sign in prop_oneof![Just(1), Just(-1)]
        ) {
            let (subtotal, tax) = (sign * subtotal, sign * tax);
            let mut issued = sample::issued();
            (issued.subtotal, issued.tax, issued.total) = (cny(subtotal), cny(tax), cny(subtotal + tax));
            issued.market = serde_json::from_value(json!({ "commission": commission, "tax": 0 })).unwrap();
            for instruction in issue(&issued).unwrap().iter().take(1) {
                let postings = &entry(instruction).postings;
                let sum = Money::sum(Currency::Cny, postings.iter().map(|posting| posting.amount)).unwrap();
                prop_assert!(sum.is_zero());
                let owed = postings.iter().filter(|posting| posting.amount.minor.signum() == -sign);
                prop_assert_eq!(owed.map(|posting| -posting.amount.minor).sum::<i64>(), subtotal + tax);
            }
        }
    }
}
