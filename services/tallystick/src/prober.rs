//! Probes what is on the market again from time to time, so that buyers see what works today.
//!
//! One listing after another, the longest unprobed first. They were published at different times and keep their
//! distance; after a long stop, so many in a row and then a pause.

use std::sync::Arc;
use std::time::Duration;

use catalog::listing::{Command, Listing};
use catalog::published::listing::Content;
use eventlog::clock::Clock;
use eventlog::execute::{Cause, execute};
use eventlog::port::EventLog;
use eventlog::progress::Stop;
use invocation::service::{Service, fresh_uuid};
use jiff::SignedDuration;
use kernel::event::StreamName;
use kernel::id::ListingId;
use views::store::Views;

/// The longest pause between two looks at what is due.
const PAUSE_MAX: Duration = Duration::from_mins(1);
/// Listings probed between two pauses.
const IN_A_ROW_MAX: u32 = 20;

/// Probes by the clock.
pub struct Prober {
    /// Sends the examples.
    pub service: Arc<Service>,
    /// Knows what is due.
    pub views: Views,
    /// Where the outcome is recorded.
    pub log: Arc<dyn EventLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// After this a probe is repeated.
    pub interval: Duration,
}

impl Prober {
    /// Looks at what is due until asked to stop.
    pub async fn run(self, mut stop: Stop) {
        let pause = PAUSE_MAX.min(self.interval);
        while stop.or(tokio::time::sleep(pause)).await.is_some() {
            for (listing, content) in self.due() {
                if stop.or(self.probe(listing, content)).await.is_none() {
                    return;
                }
            }
        }
    }

    fn due(&self) -> Vec<(ListingId, Content)> {
        let interval = SignedDuration::try_from(self.interval).unwrap_or(SignedDuration::MAX);
        let Ok(before) = self.clock.now().checked_sub(interval) else { return Vec::new() };
        let due = self.views.due_probes(before, IN_A_ROW_MAX).and_then(|listings| {
            let content =
                |id| Ok(self.views.listing(id)?.and_then(|listing| listing.published).map(|of| (id, of.content)));
            listings.into_iter().filter_map(|id| content(id).transpose()).collect()
        });
        due.inspect_err(|error| tracing::error!(%error, "what is due to be probed cannot be read")).unwrap_or_default()
    }

    async fn probe(&self, listing: ListingId, content: Content) {
        let Ok(checks) = self.service.probe(listing, &content).await else { return };
        let now = self.clock.now();
        let Some(id) = fresh_uuid(now) else { return };
        let cause = Cause { id, correlation: id, actor: "platform:prober".to_owned(), now };
        let command = Command::RecordProbe { content_sha256: content.sha256(), checks };
        match execute::<Listing>(self.log.as_ref(), &StreamName::of(&listing), command, &cause).await {
            Ok(_) => tracing::debug!(%listing, "probed"),
            Err(error) => tracing::warn!(%listing, %error, "a probe was not recorded"),
        }
    }
}
