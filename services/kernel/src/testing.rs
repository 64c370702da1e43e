//! Given events, when a command, then events or a rejection: the whole test language of a decider.

use std::fmt::Debug;

use jiff::Timestamp;

use crate::decider::{Context, Decider};
use crate::error::Rejection;

/// A stream's past, at an instant.
pub struct Given<D: Decider> {
    state: D::State,
    now: Timestamp,
}

/// What the decider answered.
pub struct Outcome<D: Decider>(Result<Vec<D::Event>, D::Rejection>);

/// Starts from the events of a stream.
pub fn given<D: Decider>(events: &[D::Event]) -> Given<D> {
    Given { state: D::fold(events), now: Timestamp::UNIX_EPOCH }
}

impl<D: Decider> Given<D> {
    /// Sets the instant of the decision; the Unix epoch otherwise.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Asks.
    pub fn when(self, command: D::Command) -> Outcome<D> {
        Outcome(D::decide(&self.state, command, &Context { now: self.now }))
    }
}

impl<D: Decider> Outcome<D>
where
    D::Event: Debug + PartialEq,
{
    /// Expects exactly these events.
    #[track_caller]
    pub fn then(self, expected: &[D::Event]) {
        let events = self.0.map_err(|rejection| rejection.to_string());
        assert_eq!(events.as_deref(), Ok(expected));
    }

    /// Expects the rule with this code to say no.
    #[track_caller]
    pub fn rejected(self, code: &str) {
        let answer = self.0.map_err(|rejection| rejection.code().0);
        assert_eq!(answer.err(), Some(code));
    }
}
