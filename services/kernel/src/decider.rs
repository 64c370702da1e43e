//! The decider: a command and a state make events, events make a state. Nothing else decides.
//!
//! See Jérémie Chassaing, "Functional Event Sourcing Decider" (2021).

use jiff::Timestamp;

use crate::error::Rejection;

/// What a rule may know besides its state: the instant, as the edge saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// When the command arrived, UTC.
    pub now: Timestamp,
}

/// A pure state machine over one stream.
pub trait Decider {
    /// What is asked for, imperative.
    type Command;
    /// What happened, past tense.
    type Event: Clone;
    /// What `decide` must know of the stream's past.
    type State;
    /// The rule that said no.
    type Rejection: Rejection;

    /// The state of a stream without events.
    fn initial() -> Self::State;

    /// Answers a command with events or with the rule that forbids it. An empty list means that what is asked
    /// already holds.
    fn decide(
        state: &Self::State,
        command: Self::Command,
        context: &Context,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds one event into the state. Total and dumb: what was recorded happened.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// Folds a whole stream.
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::initial(), Self::evolve)
    }
}
