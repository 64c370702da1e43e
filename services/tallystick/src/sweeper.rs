//! Removes kept files that nothing names any more: logos that were replaced or taken away.
//!
//! Deliberately slow: a file goes once it was unnamed at two looks in a row. A page that was read in between may still
//! ask for it, and a backup that is under way may still have to copy it.

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
    /// Sweeps from time to time until asked to stop.
    pub async fn run(self, mut stop: Stop) {
        let mut last = None;
        loop {
            last = match self.look(last).await {
                Ok(named) => named,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "files could not be swept");
                    None
                }
            };
            if stop.or(tokio::time::sleep(INTERVAL)).await.is_none() {
                return;
            }
        }
    }

    /// Removes what is named neither now nor at the last look, and answers what is named now; nothing where that is not
    /// known.
    async fn look(&self, last: Option<HashSet<String>>) -> Result<Option<HashSet<String>>> {
        let before = SystemTime::from(self.clock.now().checked_sub(YOUNG).context("the clock")?);
        let head = self.log.head().await.context("the log")?;
        let (blobs, views) = (self.blobs.clone(), self.views.clone());
        let looked = spawn_blocking(move || -> Result<Option<HashSet<String>>> {
            // Views that lag do not know what has been named since.
            if views.cursor()? < head {
                return Ok(None);
            }
            let named: HashSet<String> = views.logos()?.into_iter().collect();
            if let Some(last) = last {
                let gone = blobs.sweep(&named.union(&last).cloned().collect(), before)?;
                tracing::debug!(gone, "swept");
            }
            Ok(Some(named))
        });
        looked.await.context("the sweep")?
    }
}
