//! Statement: what the platform owes a provider for a month. Its first line opens it; the month's end closes it.

use std::collections::HashSet;

use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{InvoiceId, OrganizationId};
use kernel::money::{Money, MoneyError};
use kernel::period::{InvalidCalendar, Period};

use crate::commission::Split;
use crate::published::ledger::Month;
use crate::published::statement::{Event, Issued, LineAdded, LineKind, Opened, statement_id};

/// What policies, the clock and the operator ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Add a line, opening the statement where it is the first.
    AddLine(AddLine),
    /// Close the month.
    Issue {
        /// Whether the operator closes it before the month is over.
        early: bool,
    },
}

/// Add a line; the stream is that of [`statement_id`] of its seller, currency and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddLine {
    /// The selling organization.
    pub seller: OrganizationId,
    /// The month it is added to.
    pub month: Month,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Whether the invoice is added or taken back.
    pub kind: LineKind,
    /// What it adds; below zero for what is taken back.
    pub split: Split,
    /// The service period of the invoice.
    pub service: Period,
}

/// Where a statement stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    opened: Option<Opened>,
    known: HashSet<(InvoiceId, LineKind)>,
    splits: Vec<Split>,
    issued: bool,
}

impl State {
    /// Whose statement it is and of which month, once it is open.
    pub const fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No line was ever added.
    #[error("there is no such statement")]
    NotOpened,
    /// The month is closed: the line belongs on the next month's statement.
    #[error("the statement has been issued already")]
    AlreadyIssued,
    /// The month is not over.
    #[error("the month of the statement is not over")]
    MonthNotOver,
    /// The line is of another seller, month or currency.
    #[error("the line belongs on another statement")]
    WrongStatement,
    /// Commission and share do not make the gross amount.
    #[error("commission and share do not make the gross amount")]
    LineUnbalanced,
    /// Amounts cannot be combined.
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// The month is beyond what can be computed.
    #[error(transparent)]
    Calendar(#[from] InvalidCalendar),
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::NotOpened => "STATEMENT_NOT_OPENED",
            Self::AlreadyIssued => "STATEMENT_ALREADY_ISSUED",
            Self::MonthNotOver => "STATEMENT_MONTH_NOT_OVER",
            Self::WrongStatement => "STATEMENT_WRONG",
            Self::LineUnbalanced => "STATEMENT_LINE_UNBALANCED",
            Self::Amount(_) => "STATEMENT_AMOUNT_OUT_OF_BOUNDS",
            Self::Calendar(_) => "STATEMENT_MONTH_OUT_OF_RANGE",
        })
    }
}

/// The decider of one statement.
pub struct Statement;

impl Decider for Statement {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, command: Command, context: &Context) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::AddLine(line) => decide_add_line(state, line),
            Command::Issue { early } => decide_issue(state, early, context.now),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Opened(opened) => state.opened = Some(opened.clone()),
            Event::LineAdded(line) => {
                state.known.insert((line.invoice, line.kind));
                state.splits.push(Split { gross: line.gross, commission: line.commission, share: line.share });
            }
            Event::Issued(_) => state.issued = true,
        }
        state
    }
}

fn decide_add_line(state: &State, line: AddLine) -> Result<Vec<Event>, Rejection> {
    if state.known.contains(&(line.invoice, line.kind)) {
        return Ok(vec![]);
    }
    if state.issued {
        return Err(Rejection::AlreadyIssued);
    }
    if !line.split.balances() {
        return Err(Rejection::LineUnbalanced);
    }
    let opened = opening(&line)?;
    match &state.opened {
        None => Ok(vec![Event::Opened(opened), Event::LineAdded(added(line))]),
        Some(before) if *before == opened => Ok(vec![Event::LineAdded(added(line))]),
        Some(_) => Err(Rejection::WrongStatement),
    }
}

fn decide_issue(state: &State, early: bool, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    let opened = state.opened.as_ref().ok_or(Rejection::NotOpened)?;
    if state.issued {
        return Ok(vec![]);
    }
    if now < opened.period.end && !early {
        return Err(Rejection::MonthNotOver);
    }
    let sum = |of: fn(&Split) -> Money| Money::sum(opened.currency, state.splits.iter().map(of));
    let (gross, commission) = (sum(|split| split.gross)?, sum(|split| split.commission)?);
    let total = Split { gross, commission, share: sum(|split| split.share)? };
    if !total.balances() {
        return Err(Rejection::LineUnbalanced);
    }
    let Split { gross, commission, share } = total;
    Ok(vec![Event::Issued(Issued { statement: opened.statement, gross, commission, share, issued_at: now })])
}

/// The statement that a line belongs on.
fn opening(line: &AddLine) -> Result<Opened, InvalidCalendar> {
    let currency = line.split.gross.currency;
    let statement = statement_id(line.seller, currency, line.month);
    Ok(Opened { statement, seller: line.seller, period: line.month.period()?, currency })
}

fn added(line: AddLine) -> LineAdded {
    LineAdded {
        statement: statement_id(line.seller, line.split.gross.currency, line.month),
        invoice: line.invoice,
        kind: line.kind,
        gross: line.split.gross,
        commission: line.split.commission,
        share: line.split.share,
        service: line.service,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, at, cny};
    use kernel::money::Currency;
    use kernel::testing::given;

    fn opened() -> Event {
        Event::Opened(sample::opened())
    }

    fn line() -> Event {
        Event::LineAdded(sample::line_added())
    }

    fn issued() -> Event {
        Event::Issued(sample::statement_issued())
    }

    fn reversal() -> AddLine {
        let split = sample::add_line().split.negated().unwrap();
        AddLine { kind: LineKind::Reversal, split, ..sample::add_line() }
    }

    #[test]
    fn the_first_line_opens_the_statement() {
        given::<Statement>(&[]).when(Command::AddLine(sample::add_line())).then(&[opened(), line()]);
        let events = [Event::LineAdded(added(reversal()))];
        given::<Statement>(&[opened(), line()]).when(Command::AddLine(reversal())).then(&events);
    }

    #[test]
    fn an_invoice_is_added_once_even_after_the_month_is_closed() {
        given::<Statement>(&[opened(), line()]).when(Command::AddLine(sample::add_line())).then(&[]);
        given::<Statement>(&[opened(), line(), issued()]).when(Command::AddLine(sample::add_line())).then(&[]);
    }

    #[test]
    fn a_closed_month_takes_no_more_lines() {
        let given = given::<Statement>(&[opened(), line(), issued()]);
        given.when(Command::AddLine(reversal())).rejected("STATEMENT_ALREADY_ISSUED");
    }

    #[test]
    fn a_line_whose_parts_do_not_make_the_whole_is_refused() {
        let mut unbalanced = sample::add_line();
        unbalanced.split.share.minor += 1;
        given::<Statement>(&[]).when(Command::AddLine(unbalanced)).rejected("STATEMENT_LINE_UNBALANCED");
    }

    #[test]
    fn a_line_of_another_seller_month_or_currency_is_refused() {
        let month = Month::of(at("2026-01-01T00:00:00Z"));
        let given = given::<Statement>(&[opened()]);
        given.when(Command::AddLine(AddLine { month, ..sample::add_line() })).rejected("STATEMENT_WRONG");
    }

    #[test]
    fn the_month_is_closed_when_it_is_over() {
        let end = at("2026-03-01T00:00:00Z");
        given::<Statement>(&[opened(), line()]).at(end).when(Command::Issue { early: false }).then(&[issued()]);
        let before = given::<Statement>(&[opened(), line()]).at(at("2026-02-28T23:59:59Z"));
        before.when(Command::Issue { early: false }).rejected("STATEMENT_MONTH_NOT_OVER");
        given::<Statement>(&[opened(), line(), issued()]).when(Command::Issue { early: false }).then(&[]);
    }

    #[test]
    fn the_operator_may_close_the_month_early() {
        let now = at("2026-02-28T12:00:00Z");
        let early = Event::Issued(Issued { issued_at: now, ..sample::statement_issued() });
        given::<Statement>(&[opened(), line()]).at(now).when(Command::Issue { early: true }).then(&[early]);
    }

    #[test]
    fn a_statement_without_lines_does_not_exist() {
        given::<Statement>(&[]).when(Command::Issue { early: true }).rejected("STATEMENT_NOT_OPENED");
    }

    #[test]
    fn a_reversal_takes_back_what_the_sale_added() {
        let events = [opened(), line(), Event::LineAdded(added(reversal()))];
        let nothing = Issued { gross: cny(0), commission: cny(0), share: cny(0), ..sample::statement_issued() };
        let given = given::<Statement>(&events).at(nothing.issued_at);
        given.when(Command::Issue { early: false }).then(&[Event::Issued(nothing)]);
    }

    #[test]
    fn sums_past_64_bits_are_refused() {
        let mut huge = sample::line_added();
        (huge.gross, huge.commission, huge.share) = (cny(i64::MAX), cny(0), cny(i64::MAX));
        let events = [opened(), line(), Event::LineAdded(huge)];
        given::<Statement>(&events).when(Command::Issue { early: true }).rejected("STATEMENT_AMOUNT_OUT_OF_BOUNDS");
    }

    #[test]
    fn a_month_out_of_range_has_its_code() {
        let last = AddLine { month: Month::of(Timestamp::MAX), ..sample::add_line() };
        given::<Statement>(&[]).when(Command::AddLine(last)).rejected("STATEMENT_MONTH_OUT_OF_RANGE");
    }

    #[test]
    fn each_currency_has_its_own_statement() {
        let AddLine { seller, month, .. } = sample::add_line();
        assert_ne!(statement_id(seller, Currency::Cny, month), statement_id(seller, Currency::Usd, month));
    }
}
