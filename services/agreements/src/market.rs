//! Market terms: the operator sets what it takes and which tax applies, for agreements to come.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;

use crate::published::market::{Event, MarketTerms, Set};

/// What the operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Set the terms of agreements to come.
    Set {
        /// The terms from now on.
        terms: MarketTerms,
    },
}

/// The terms of agreements to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What the operator set last, or [`MarketTerms::DEFAULT`].
    pub terms: MarketTerms,
}

/// No rule refuses: shares are bounded by their type. Whoever may set them is decided by access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        match *self {}
    }
}

/// The decider of the platform's terms.
pub struct Market;

impl Decider for Market {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State { terms: MarketTerms::DEFAULT }
    }

    fn decide(state: &State, command: Command, _context: &Context) -> Result<Vec<Event>, Rejection> {
        let Command::Set { terms } = command;
        if terms == state.terms { Ok(vec![]) } else { Ok(vec![Event::Set(Set { terms })]) }
    }

    fn evolve(_state: State, event: &Event) -> State {
        let Event::Set(Set { terms }) = event;
        State { terms: *terms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::market::{BasisPoints, InvalidShare, PlatformTerms};
    use kernel::event::StreamName;
    use kernel::testing::given;

    fn terms(commission: u32, tax: u32) -> MarketTerms {
        MarketTerms { commission: commission.try_into().unwrap(), tax: tax.try_into().unwrap() }
    }

    #[test]
    fn setting_other_terms_is_a_fact_and_the_same_terms_none() {
        let set = Event::Set(Set { terms: terms(1_500, 600) });
        given::<Market>(&[]).when(Command::Set { terms: terms(1_500, 600) }).then(std::slice::from_ref(&set));
        given::<Market>(&[set]).when(Command::Set { terms: terms(1_500, 600) }).then(&[]);
    }

    #[test]
    fn until_then_a_tenth_is_taken_and_no_tax() {
        assert_eq!(Market::initial().terms, terms(1_000, 0));
    }

    #[test]
    fn a_share_is_at_most_the_whole() {
        assert_eq!(BasisPoints::try_from(10_001), Err(InvalidShare));
    }

    #[test]
    fn the_stream_has_its_fixed_name() {
        assert_eq!(StreamName::of(&PlatformTerms).as_str(), "platform-terms");
    }
}
