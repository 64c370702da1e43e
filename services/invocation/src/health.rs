//! How listings answer: measured here call by call, and appended to the log from time to time.
//!
//! What a crash takes is at most what was measured since the last append. These are statistics: nothing is billed by
//! them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use catalog::published::health::{Event, Measured, Measurement};
use eventlog::codec;
use eventlog::port::{AppendError, EventLog, Expected, NewEvent};
use jiff::Timestamp;
use kernel::event::{Provenance, Revision, StreamName};
use kernel::id::{ListingId, derived};
use providers::error::CallError;
use providers::upstreams::Answer;

use crate::append::append_all;
use crate::service::Service;

/// Events of one append, a few kB each at most.
const EVENTS_MAX: usize = 500;

/// How one call went, as far as its provider's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A usable answer, after so many microseconds.
    Answered(u64),
    /// The provider looked at the input and declined: it works.
    Declined,
    /// No usable answer.
    Failed,
}

impl Outcome {
    /// The outcome of a call; none where nothing was sent because the provider is given a rest.
    pub(crate) fn of(called: &Result<Answer, CallError>, is_valid: bool) -> Option<Self> {
        match called {
            Ok(answer) if is_valid => {
                Some(Self::Answered(u64::try_from(answer.latency.as_micros()).unwrap_or(u64::MAX)))
            }
            Err(CallError::Refused { .. }) => Some(Self::Declined),
            Err(CallError::BreakerOpen) => None,
            Ok(_)
            | Err(
                CallError::Unreachable
                | CallError::Blocked
                | CallError::TimedOut
                | CallError::Disconnected
                | CallError::TooLarge
                | CallError::Nonsense,
            ) => Some(Self::Failed),
        }
    }
}

/// What was measured and is not known to be in the log.
#[derive(Debug, Default)]
struct Memory {
    /// Since the last append.
    open: HashMap<ListingId, Measured>,
    /// What the last append took; kept until the next one, because the views may not have it yet.
    handed_over: HashMap<ListingId, HandedOver>,
}

#[derive(Debug)]
struct HandedOver {
    measured: Measured,
    recorded: bool,
}

/// What is measured on this node, and the stream that it goes to. Listings bound its size.
#[derive(Debug)]
pub(crate) struct Measurements {
    memory: Mutex<Memory>,
    stream: StreamName,
    /// The stream's last revision; held while an append is under way, so that there is one at a time.
    last: tokio::sync::Mutex<Option<Revision>>,
}

impl Measurements {
    /// Measures for a stream that is still empty.
    pub(crate) fn new(stream: StreamName) -> Self {
        Self { memory: Mutex::default(), stream, last: tokio::sync::Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that ended now.
    pub(crate) fn count(&self, listing: ListingId, outcome: Outcome, now: Timestamp) {
        let now = to_microsecond(now);
        let mut memory = self.lock();
        let begin = || Measured { listing, from: now, until: now, measurement: Measurement::default() };
        let measured = memory.open.entry(listing).or_insert_with(begin);
        match outcome {
            Outcome::Answered(microseconds) => measured.measurement.answered(microseconds),
            Outcome::Declined => measured.measurement.declined(),
            Outcome::Failed => measured.measurement.failed(),
        }
    }

    /// What was measured of a listing and may not be in the views yet, oldest first. What is open ends now.
    fn recent(&self, listing: ListingId, now: Timestamp) -> Vec<Measured> {
        let memory = self.lock();
        let handed_over = memory.handed_over.get(&listing).map(|handed| handed.measured.clone());
        let open = memory.open.get(&listing).map(|measured| ended(measured.clone(), now));
        handed_over.into_iter().chain(open).collect()
    }

    /// Ends every open interval; answers those that are not recorded, in the listings' order.
    fn hand_over(&self, now: Timestamp) -> Vec<Measured> {
        let mut memory = self.lock();
        memory.handed_over.retain(|_, handed| !handed.recorded);
        for (listing, measured) in std::mem::take(&mut memory.open) {
            let measured = ended(measured, now);
            match memory.handed_over.get_mut(&listing) {
                Some(earlier) => {
                    earlier.measured.until = measured.until;
                    earlier.measured.measurement.merge(&measured.measurement);
                }
                None => _ = memory.handed_over.insert(listing, HandedOver { measured, recorded: false }),
            }
        }
        let mut all: Vec<_> = memory.handed_over.values().map(|handed| handed.measured.clone()).collect();
        all.sort_unstable_by_key(|measured| measured.listing);
        all
    }

    fn recorded(&self, chunk: &[Measured]) {
        let mut memory = self.lock();
        for measured in chunk {
            if let Some(handed) = memory.handed_over.get_mut(&measured.listing) {
                handed.recorded = true;
            }
        }
    }

    /// Appends what was measured since the last time. What could not be appended goes with the next time.
    async fn record(&self, log: &dyn EventLog, now: Timestamp) -> Result<usize, AppendError> {
        let mut last = self.last.lock().await;
        let all = self.hand_over(now);
        for chunk in all.chunks(EVENTS_MAX) {
            let events: Vec<NewEvent> = chunk.iter().filter_map(|measured| self.event(measured, now)).collect();
            let appended = append_all(log, &self.stream, Expected::after(*last), &events).await?;
            *last = Some(appended.last);
            self.recorded(chunk);
        }
        Ok(all.len())
    }

    fn event(&self, measured: &Measured, now: Timestamp) -> Option<NewEvent> {
        let of = [measured.listing.to_string(), measured.until.to_string()];
        let id = derived(&[self.stream.as_str(), &of[0], &of[1]]);
        let provenance = Provenance { correlation: id, cause: id, actor: "platform:health".to_owned() };
        let event = Event::Measured(measured.clone());
        // Numbers, ids and instants always serialise.
        codec::to_new(&event, id, now, provenance).ok()
    }
}

fn ended(measured: Measured, now: Timestamp) -> Measured {
    Measured { until: to_microsecond(now).max(measured.from), ..measured }
}

/// Views keep microseconds: what is compared with them must not be finer.
fn to_microsecond(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

impl Service {
    /// What this node has measured of a listing and may not have appended, or that the views may not have yet: oldest
    /// first. The views have what ends at or before the end of the last interval they know.
    pub fn measured_lately(&self, listing: ListingId) -> Vec<Measured> {
        self.measurements.recent(listing, self.now())
    }

    /// Appends what was measured since the last time, an event per listing that was called; says how many.
    pub async fn record_health(&self) -> Result<usize, AppendError> {
        self.measurements.record(self.log(), self.now()).await
    }
}
