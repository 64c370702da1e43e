//! The clock of the simulated machine: it goes with the runtime's time, and jumps when told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use eventlog::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock; it may be read within a runtime only.
pub struct SimClock(Mutex<Face>);

struct Face {
    /// What the clock showed at `since`.
    shown: Timestamp,
    since: Instant,
}

impl SimClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(Face { shown: now, since: Instant::now() }))
    }

    fn face(&self) -> MutexGuard<'_, Face> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it, forwards or backwards.
    pub fn jump(&self, by: SignedDuration) {
        let mut face = self.face();
        face.shown = face.shown.checked_add(by).unwrap_or(face.shown);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let face = self.face();
        let gone = SignedDuration::try_from(face.since.elapsed()).unwrap_or_default();
        let now = face.shown.checked_add(gone).unwrap_or(face.shown);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
