//! The usage history in memory, for tests: a fold of the log, which lags behind it until it is told to catch up.
#![expect(clippy::expect_used, reason = "a test's own log can be read")]

pub mod usage;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use billing::published::invoice::Event as InvoiceEvent;
use eventlog::codec;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, StoredEvent};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::{Event, PeriodUsage, UsageRecord};

use crate::fingerprint::Fingerprint;
use crate::memory::usage::Usage;
use crate::usage::{ClosedPeriod, History, HistoryUnavailable, Locator, OpenPeriod, Seen};

/// A usage history in memory: keys, and sums. Each lags in its own way.
#[derive(Default)]
pub struct LogHistory {
    keys: Mutex<Followed<HashMap<Fingerprint, Seen>>>,
    sums: Mutex<Followed<Sums>>,
}

/// What follows the log, and how far it has.
#[derive(Default)]
struct Followed<T> {
    cursor: Option<Position>,
    folded: T,
}

#[derive(Default)]
struct Sums {
    usage: Usage,
    latest: HashMap<(AgreementId, Timestamp), Timestamp>,
}

impl LogHistory {
    /// Folds what the log has gained.
    pub async fn catch_up(&self, log: &dyn EventLog) {
        self.catch_up_keys(log).await;
        self.catch_up_sums(log).await;
    }

    /// Folds the keys that the log has gained.
    pub async fn catch_up_keys(&self, log: &dyn EventLog) {
        follow(&self.keys, log, learn).await;
    }

    /// Folds the usage that the log has gained.
    pub async fn catch_up_sums(&self, log: &dyn EventLog) {
        follow(&self.sums, log, Sums::fold).await;
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn follow<T>(followed: &Mutex<Followed<T>>, log: &dyn EventLog, fold: impl Fn(&mut T, &StoredEvent)) {
    loop {
        let after = locked(followed).cursor;
        let page = log.read_log(after, &Filter::All, PAGE_EVENTS_MAX).await.expect("a log in memory");
        let mut followed = locked(followed);
        page.events.iter().for_each(|stored| fold(&mut followed.folded, stored));
        followed.cursor = page.next.or(followed.cursor);
        if page.end {
            return;
        }
    }
}

fn records(stored: &StoredEvent) -> Vec<UsageRecord> {
    let recorded = codec::decode::<Event>(stored).transpose().expect("what was recorded");
    recorded.map(|recorded| recorded.event.into_records()).unwrap_or_default()
}

fn learn(keys: &mut HashMap<Fingerprint, Seen>, stored: &StoredEvent) {
    for (index, record) in (0..).zip(records(stored)) {
        let locator = Locator { position: stored.position, index };
        let payload = *record.payload_hash.first_chunk().expect("32 bytes");
        keys.entry(record.key_hash).or_insert(Seen { locator, payload });
    }
}

impl Sums {
    fn fold(&mut self, stored: &StoredEvent) {
        for record in records(stored) {
            let latest = self.latest.entry((record.agreement, record.billed_start)).or_insert(record.admitted_at);
            *latest = record.admitted_at.max(*latest);
            self.usage.add(stored.stream.as_str(), &record);
        }
        if let Some(recorded) = codec::decode::<InvoiceEvent>(stored)
            && let InvoiceEvent::Drafted(drafted) = recorded.expect("what was recorded").event
        {
            self.usage.close(drafted.agreement, drafted.period);
        }
    }
}

impl History for LogHistory {
    fn is_in_memory(&self) -> bool {
        true
    }

    fn cursor(&self) -> Option<Position> {
        locked(&self.sums).cursor
    }

    fn keys_cursor(&self) -> Option<Position> {
        locked(&self.keys).cursor
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        let folded = &locked(&self.sums).folded;
        let open = folded.usage.open().map(|(agreement, start)| OpenPeriod {
            agreement,
            start,
            latest: folded.latest.get(&(agreement, start)).copied().unwrap_or(start),
            usage: folded.usage.period(agreement, start),
        });
        Ok(open.collect())
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        Ok(locked(&self.sums).folded.usage.period(agreement, start))
    }

    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let folded = &locked(&self.sums).folded;
        let closed = folded.usage.closed_at(agreement, at);
        Ok(closed.map(|period| ClosedPeriod { period, usage: folded.usage.period(agreement, period.start) }))
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        Ok(locked(&self.keys).folded.get(key).copied())
    }
}
