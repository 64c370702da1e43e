//! The policy runner: lets code answer to events, at least once each and in order, written once for every policy.
//!
//! Handlers are idempotent: what they execute has ids derived from the event. While views are rebuilt no reaction
//! runs, so a rebuild has no effects.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::event::Position;

use crate::cursor::CursorStore;
use crate::follow::{Consumer, Next, follow};
use crate::port::{EventLog, Filter, StoredEvent};
use crate::progress::{Backoff, BoxError, Parked, Reporter, Stop};

/// A policy: what follows from an event.
#[async_trait]
pub trait Reaction: Send + Sync + 'static {
    /// Names its cursor: never change it.
    fn name(&self) -> &str;

    /// Which events it answers to.
    fn filter(&self) -> Filter;

    /// Answers to one event. It may be called again with the same event.
    async fn handle(&self, event: &StoredEvent) -> Result<(), ReactError>;
}

/// Why an event was not answered to.
#[derive(Debug, thiserror::Error)]
pub enum ReactError {
    /// Worth trying again.
    #[error("the reaction failed for now")]
    Transient(#[source] BoxError),
    /// Trying again would change nothing: the policy stops before this event.
    #[error("the reaction failed for good")]
    Permanent(#[source] BoxError),
}

/// Runs a policy from its stored cursor until it is stopped, parked by a permanent error, or the log is closed.
pub async fn run_reaction(
    log: Arc<dyn EventLog>,
    reaction: Arc<dyn Reaction>,
    cursors: Arc<dyn CursorStore>,
    report: Reporter,
    mut stop: Stop,
) {
    let cursor = match cursors.get(reaction.name()) {
        Ok(cursor) => cursor,
        Err(error) => return report.park(Parked::at(None, &error)),
    };
    let mut reactor = Reactor { reaction, cursors, report: report.clone(), stored: cursor };
    if let Err(parked) = follow(log.as_ref(), cursor, &mut reactor, &report, &mut stop).await {
        report.park(parked);
    }
}

struct Reactor {
    reaction: Arc<dyn Reaction>,
    cursors: Arc<dyn CursorStore>,
    report: Reporter,
    /// The cursor as stored last.
    stored: Option<Position>,
}

/// A cursor that only moves past what the policy does not answer to is stored every so many positions.
const IDLE_POSITIONS: u64 = 1_000;

#[async_trait]
impl Consumer for Reactor {
    fn filter(&self) -> Filter {
        self.reaction.filter()
    }

    async fn consume(&mut self, batch: Vec<StoredEvent>, cursor: Position, stop: &mut Stop) -> Result<Next, Parked> {
        let mut done = None;
        for event in &batch {
            match self.answer(event, stop).await {
                Ok(Next::GoOn) => done = Some(event.position),
                halted @ (Ok(Next::Stop) | Err(_)) => {
                    self.store(done);
                    return halted;
                }
            }
            self.report.advance(event.position);
        }
        let moved = cursor.0.saturating_sub(self.stored.map_or(0, |stored| stored.0));
        if done.is_some() || moved >= IDLE_POSITIONS {
            self.store(Some(cursor));
        }
        Ok(Next::GoOn)
    }
}

impl Reactor {
    async fn answer(&self, event: &StoredEvent, stop: &mut Stop) -> Result<Next, Parked> {
        let mut backoff = Backoff::default();
        loop {
            match self.reaction.handle(event).await {
                Ok(()) => return Ok(Next::GoOn),
                Err(error @ ReactError::Permanent(_)) => return Err(Parked::at(Some(event.position), &error)),
                Err(error @ ReactError::Transient(_)) => self.warn(event.position, &error),
            }
            if backoff.pause(stop).await.is_none() {
                return Ok(Next::Stop);
            }
        }
    }

    fn warn(&self, position: Position, error: &ReactError) {
        let parked = Parked::at(Some(position), error);
        tracing::warn!(policy = self.reaction.name(), %position, reason = %parked.reason, "a policy tries again");
    }

    /// A cursor that could not be stored only means that events are answered to once more.
    fn store(&mut self, cursor: Option<Position>) {
        let Some(cursor) = cursor else { return };
        self.stored = Some(cursor);
        if let Err(error) = self.cursors.set(self.reaction.name(), cursor) {
            tracing::warn!(policy = self.reaction.name(), %error, "a cursor was not stored");
        }
    }
}
