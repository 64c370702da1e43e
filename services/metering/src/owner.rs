//! Ownership of the meter: exactness needs one admitting node, so a node that starts takes the next epoch.

use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};

use crate::published::owner::{Event, Taken};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// A node starts admitting.
    Take {
        /// The node, 1 to 40 characters of `[a-z0-9]`.
        node: String,
    },
}

/// The latest epoch; 0 before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    epoch: u64,
}

/// Why a node may not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The node's name does not fit into a stream name.
    #[error("a node is named by 1 to 40 characters of a-z and 0-9")]
    InvalidNode,
    /// Every epoch is used up.
    #[error("there is no further epoch")]
    EpochsExhausted,
}

impl Rejection for Refused {
    fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidNode => ErrorCode("INVALID_NODE"),
            Self::EpochsExhausted => ErrorCode("EPOCHS_EXHAUSTED"),
        }
    }
}

/// The decider of `platform-owner`.
#[derive(Debug)]
pub struct Owner;

impl Decider for Owner {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Refused;

    fn initial() -> State {
        State { epoch: 0 }
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Refused> {
        let Command::Take { node } = command;
        let named = (1..=40).contains(&node.len());
        if !named || !node.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return Err(Refused::InvalidNode);
        }
        let epoch = state.epoch.checked_add(1).ok_or(Refused::EpochsExhausted)?;
        Ok(vec![Event::Taken(Taken { node, epoch })])
    }

    fn evolve(_: State, event: &Event) -> State {
        let Event::Taken(taken) = event;
        State { epoch: taken.epoch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::given;

    fn taken(node: &str, epoch: u64) -> Event {
        Event::Taken(Taken { node: node.into(), epoch })
    }

    #[test]
    fn every_start_takes_the_next_epoch() {
        given::<Owner>(&[]).when(Command::Take { node: "n1".into() }).then(&[taken("n1", 1)]);
        given::<Owner>(&[taken("n1", 1)]).when(Command::Take { node: "n2".into() }).then(&[taken("n2", 2)]);
    }

    #[test]
    fn a_node_is_named_so_that_its_stream_can_be() {
        for node in ["", "a b", "N", &"n".repeat(41)] {
            given::<Owner>(&[]).when(Command::Take { node: node.into() }).rejected("INVALID_NODE");
        }
    }

    #[test]
    fn the_last_epoch_is_the_last() {
        given::<Owner>(&[taken("n", u64::MAX)]).when(Command::Take { node: "n".into() }).rejected("EPOCHS_EXHAUSTED");
    }
}
