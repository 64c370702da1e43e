//! Ledger: entries of one month, double entry. What does not sum to zero is not booked.

use std::collections::BTreeSet;

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::EntryId;
use kernel::money::{Money, MoneyError};

use crate::published::ledger::{Event, Month, Posted, Posting};

/// What policies ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Post an entry to the month of its instant.
    Post(Posted),
}

/// What is known of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    month: Option<Month>,
    entries: BTreeSet<EntryId>,
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An entry has two sides.
    #[error("an entry has at least two postings")]
    TooFewPostings,
    /// A posting of nothing.
    #[error("a posting cannot be zero")]
    ZeroPosting,
    /// Postings of more than one currency.
    #[error("the postings of an entry have one currency")]
    MixedCurrencies,
    /// The postings do not sum to zero.
    #[error("the postings of an entry sum to zero")]
    Unbalanced,
    /// The postings leave 64 bits of minor units.
    #[error("the postings are too large")]
    TooLarge,
    /// The entry belongs to another month.
    #[error("the entry belongs to another month")]
    WrongMonth,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::TooFewPostings => "ENTRY_TOO_FEW_POSTINGS",
            Self::ZeroPosting => "ENTRY_ZERO_POSTING",
            Self::MixedCurrencies => "ENTRY_MIXED_CURRENCIES",
            Self::Unbalanced => "ENTRY_UNBALANCED",
            Self::TooLarge => "ENTRY_TOO_LARGE",
            Self::WrongMonth => "ENTRY_WRONG_MONTH",
        })
    }
}

/// The decider of one month of the ledger.
pub struct Ledger;

impl Decider for Ledger {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, command: Command, _context: &Context) -> Result<Vec<Event>, Rejection> {
        let Command::Post(entry) = command;
        if state.entries.contains(&entry.entry) {
            return Ok(vec![]);
        }
        if state.month.is_some_and(|month| month != Month::of(entry.at)) {
            return Err(Rejection::WrongMonth);
        }
        balanced(&entry.postings)?;
        Ok(vec![Event::Posted(entry)])
    }

    fn evolve(mut state: State, event: &Event) -> State {
        let Event::Posted(entry) = event;
        state.month.get_or_insert(Month::of(entry.at));
        state.entries.insert(entry.entry);
        state
    }
}

/// Passes two or more postings of one currency, none zero, that sum to zero: checked where an entry is built and
/// where it is read back.
pub fn balanced(postings: &[Posting]) -> Result<(), Rejection> {
    let [first, _, ..] = postings else { return Err(Rejection::TooFewPostings) };
    if postings.iter().any(|posting| posting.amount.is_zero()) {
        return Err(Rejection::ZeroPosting);
    }
    match Money::sum(first.amount.currency, postings.iter().map(|posting| posting.amount)) {
        Ok(sum) if sum.is_zero() => Ok(()),
        Ok(_) => Err(Rejection::Unbalanced),
        Err(MoneyError::CurrencyMismatch) => Err(Rejection::MixedCurrencies),
        Err(MoneyError::Overflow | MoneyError::NoWeights) => Err(Rejection::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::ledger::Account;
    use crate::sample;
    use kernel::event::StreamName;
    use kernel::money::Currency;
    use kernel::testing::given;

    fn post(amounts: &[(i64, Currency)]) -> Command {
        let posting = |(minor, currency): &(i64, Currency)| Posting {
            account: Account::Cash,
            amount: Money::new(*minor, *currency),
        };
        Command::Post(Posted { postings: amounts.iter().map(posting).collect(), ..sample::posted() })
    }

    #[test]
    fn a_balanced_entry_is_posted_once() {
        let posted = Event::Posted(sample::posted());
        given::<Ledger>(&[]).when(Command::Post(sample::posted())).then(std::slice::from_ref(&posted));
        given::<Ledger>(&[posted]).when(Command::Post(sample::posted())).then(&[]);
    }

    #[test]
    fn what_does_not_balance_is_not_booked() {
        use Currency::{Cny, Usd};
        for (amounts, code) in [
            (vec![(1, Cny), (-2, Cny)], "ENTRY_UNBALANCED"),
            (vec![], "ENTRY_TOO_FEW_POSTINGS"),
            (vec![(1, Cny)], "ENTRY_TOO_FEW_POSTINGS"),
            (vec![(1, Cny), (-1, Cny), (0, Cny)], "ENTRY_ZERO_POSTING"),
            (vec![(1, Cny), (-1, Usd)], "ENTRY_MIXED_CURRENCIES"),
            (vec![(i64::MAX, Cny), (1, Cny)], "ENTRY_TOO_LARGE"),
        ] {
            given::<Ledger>(&[]).when(post(&amounts)).rejected(code);
        }
    }

    #[test]
    fn an_entry_belongs_to_the_month_of_its_instant() {
        let posted = Event::Posted(sample::posted());
        let next = Posted { entry: sample::other_entry(), at: sample::at("2026-04-01T00:00:00Z"), ..sample::posted() };
        given::<Ledger>(&[posted]).when(Command::Post(next)).rejected("ENTRY_WRONG_MONTH");
    }

    #[test]
    fn months_are_half_open_and_in_utc() {
        let month = Month::of(sample::at("2026-11-30T23:59:59.999Z"));
        assert_eq!(StreamName::of(&month).as_str(), "ledger-2026-11");
        let period = month.period().unwrap();
        assert_eq!(
            (period.start, period.end),
            (sample::at("2026-11-01T00:00:00Z"), sample::at("2026-12-01T00:00:00Z"))
        );
        assert_eq!(month.next(), Ok(Month::of(period.end)));
    }
}
