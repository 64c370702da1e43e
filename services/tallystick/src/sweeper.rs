//! Removes kept files that nothing names any more: logos that were replaced or taken away.
//!
//! Deliberately slow: a page that was read an hour ago may still ask for them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use eventlog::clock::Clock;
use eventlog::port::EventLog;
use eventlog::progress::Stop;
use gateway::blobs::Blobs;
use jiff::SignedDuration;
use tokio::task::spawn_blocking;
use views::store::Views;

/// Between two looks.
const INTERVAL: Duration = Duration::from_hours(1);
/// What was kept later may be about to be named.
const YOUNG: SignedDuration = SignedDuration::from_hours(1);

/// Sweeps by the clock.
pub struct Sweeper {
    /// The files.
    pub blobs: Blobs,
    /// Knows what is named.
    pub views: Views,
    /// Tells whether the views know all of it.
    pub log: Arc<dyn EventLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Sweeper {
    /// Sweeps from time to time until asked to stop, the first time at once.
    pub async fn run(self, mut stop: Stop) {
        loop {
            match self.sweep().await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "files that nothing names are removed"),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "files could not be swept"),
            }
            if stop.or(tokio::time::sleep(INTERVAL)).await.is_none() {
                return;
            }
        }
    }

    async fn sweep(&self) -> Result<usize> {
        let before = SystemTime::from(self.clock.now().checked_sub(YOUNG).context("the clock")?);
        let head = self.log.head().await.context("the log")?;
        let (blobs, views) = (self.blobs.clone(), self.views.clone());
        let swept = spawn_blocking(move || -> Result<usize> {
            // Views that lag do not know what has been named since.
            if views.cursor()? < head {
                return Ok(0);
            }
            let named: HashSet<String> = views.logos()?.into_iter().collect();
            Ok(blobs.sweep(&named, before)?)
        });
        swept.await.context("the sweep")?
    }
}
