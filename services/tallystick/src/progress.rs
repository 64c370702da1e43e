//! Progress of long work, told on stderr once a second.

use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(1);

/// Tells how far the work is, now and then.
#[derive(Debug)]
pub struct Told {
    last: Instant,
}

impl Told {
    /// Starts silent: short work says nothing.
    pub fn start() -> Self {
        Self { last: Instant::now() }
    }

    /// `done` of `total`, in whatever is counted.
    pub fn tell(&mut self, what: &str, done: u64, total: u64) {
        if self.last.elapsed() < INTERVAL {
            return;
        }
        self.last = Instant::now();
        let percent = done.saturating_mul(100).checked_div(total).unwrap_or(100).min(100);
        tracing::info!(done, total, "{what}: {percent} %");
    }
}
