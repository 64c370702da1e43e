//! The clock: the only place where the platform reads the time of day.

use jiff::Timestamp;

/// Tells the instant; tests put their own in its place.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is told to take")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Usage bodies hold microseconds; an instant must read back as it was everywhere.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
