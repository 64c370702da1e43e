//! The sandbox: the operator sets what visitors may try at its expense. Counting them is the edge's business.

use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};

use crate::published::sandbox::{Event, Set, Settings};

/// The most calls that may be allowed within a day.
pub const CALLS_MAX: u32 = 100_000;

/// What the operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Let visitors try this from now on.
    Set(Settings),
}

/// What visitors may try now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What was set last, or [`Settings::CLOSED`].
    pub settings: Settings,
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A limit of calls that allows nothing, or no end of them.
    #[error("a day has 1 to {CALLS_MAX} calls, of one address and of all")]
    CallsOutOfRange,
    /// A call cannot cost less than nothing.
    #[error("what a call may cost is not negative")]
    ChargeNegative,
}

impl Rejection for Refused {
    fn code(&self) -> ErrorCode {
        match self {
            Self::CallsOutOfRange => ErrorCode("SANDBOX_CALLS_OUT_OF_RANGE"),
            Self::ChargeNegative => ErrorCode("SANDBOX_CHARGE_NEGATIVE"),
        }
    }
}

/// The decider of `platform-sandbox`.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox;

impl Decider for Sandbox {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Refused;

    fn initial() -> State {
        State { settings: Settings::CLOSED }
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Refused> {
        let Command::Set(settings) = command;
        let limits = [settings.calls_per_address_per_day, settings.calls_per_day];
        if !limits.iter().all(|limit| (1..=CALLS_MAX).contains(limit)) {
            return Err(Refused::CallsOutOfRange);
        }
        if settings.charge_max.is_negative() {
            return Err(Refused::ChargeNegative);
        }
        Ok(if settings == state.settings { vec![] } else { vec![Event::Set(Set { settings })] })
    }

    fn evolve(_: State, event: &Event) -> State {
        let Event::Set(Set { settings }) = event;
        State { settings: *settings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::sandbox::PlatformSandbox;
    use kernel::event::StreamName;
    use kernel::testing::given;

    fn open(of_an_address: u32, in_all: u32, charge: &str) -> Settings {
        Settings {
            open: true,
            calls_per_address_per_day: of_an_address,
            calls_per_day: in_all,
            charge_max: charge.parse().unwrap(),
        }
    }

    #[test]
    fn setting_something_else_is_a_fact_and_the_same_again_none() {
        let settings = open(10, 500, "0.5");
        let set = Event::Set(Set { settings });
        given::<Sandbox>(&[]).when(Command::Set(settings)).then(std::slice::from_ref(&set));
        given::<Sandbox>(&[set]).when(Command::Set(settings)).then(&[]);
    }

    #[test]
    fn until_then_nothing_may_be_tried() {
        assert!(!Sandbox::initial().settings.open);
        given::<Sandbox>(&[]).when(Command::Set(Settings::CLOSED)).then(&[]);
    }

    #[test]
    fn a_day_has_at_least_one_call_and_not_too_many() {
        for (of_an_address, in_all) in [(0, 1), (1, 0), (CALLS_MAX + 1, 1), (1, CALLS_MAX + 1)] {
            let command = Command::Set(open(of_an_address, in_all, "0"));
            given::<Sandbox>(&[]).when(command).rejected("SANDBOX_CALLS_OUT_OF_RANGE");
        }
    }

    #[test]
    fn a_call_costs_nothing_or_something() {
        given::<Sandbox>(&[]).when(Command::Set(open(1, 1, "-0.01"))).rejected("SANDBOX_CHARGE_NEGATIVE");
    }

    #[test]
    fn the_stream_has_its_fixed_name() {
        assert_eq!(StreamName::of(&PlatformSandbox).as_str(), "platform-sandbox");
    }
}
