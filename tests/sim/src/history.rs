//! The usage history that a node asks, as a fold of the log that lags behind.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use billing::published::invoice::Event as InvoiceEvent;
use eventlog::codec;
use eventlog::model::ModelLog;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, StoredEvent};
use invocation::fingerprint::Fingerprint;
use invocation::usage::{ClosedPeriod, History, HistoryUnavailable, Locator, OpenPeriod, Seen};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::period::Period;
use metering::published::usage::{Event, PeriodUsage};

use crate::twin::Twin;
use crate::usage;

/// A usage history in memory.
pub struct SimHistory {
    folded: Mutex<Folded>,
    twin: Option<Twin>,
}

#[derive(Default)]
struct Folded {
    cursor: Option<Position>,
    keys: HashMap<Fingerprint, Seen>,
    usage: BTreeMap<(AgreementId, Timestamp), PeriodUsage>,
    latest: HashMap<(AgreementId, Timestamp), Timestamp>,
    closed: HashMap<AgreementId, Timestamp>,
    periods: Vec<(AgreementId, Period)>,
}

impl SimHistory {
    /// One that knows nothing yet.
    pub fn new(twin: Option<Twin>) -> Self {
        Self { folded: Mutex::default(), twin }
    }

    fn folded(&self) -> MutexGuard<'_, Folded> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Folds what the log has gained.
    pub async fn catch_up(&self, log: &ModelLog) {
        loop {
            let after = self.folded().cursor;
            let page = log.read_log(after, &Filter::All, PAGE_EVENTS_MAX).await.expect("a log in memory");
            let mut folded = self.folded();
            page.events.iter().for_each(|stored| folded.fold(stored));
            folded.cursor = page.next.or(folded.cursor);
            if page.end {
                return;
            }
        }
    }
}

impl Folded {
    fn fold(&mut self, stored: &StoredEvent) {
        if let Some(recorded) = codec::decode::<Event>(stored) {
            for (index, record) in (0..).zip(&recorded.expect("what was recorded").event.into_records()) {
                let locator = Locator { position: stored.position, index };
                let payload = *record.payload_hash.first_chunk().expect("32 bytes");
                self.keys.entry(record.key_hash).or_insert(Seen { locator, payload });
                let period = (record.agreement, record.billed_start);
                let latest = self.latest.entry(period).or_insert(record.admitted_at);
                *latest = record.admitted_at.max(*latest);
                let usage = self.usage.entry(period).or_default();
                usage::add(usage, stored.stream.as_str(), record);
            }
        }
        if let Some(recorded) = codec::decode::<InvoiceEvent>(stored)
            && let InvoiceEvent::Drafted(drafted) = recorded.expect("what was recorded").event
        {
            self.closed.insert(drafted.agreement, drafted.period.end);
            self.periods.push((drafted.agreement, drafted.period));
        }
    }
}

impl History for SimHistory {
    fn cursor(&self) -> Option<Position> {
        self.folded().cursor
    }

    fn keys_cursor(&self) -> Option<Position> {
        self.cursor()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        if self.twin == Some(Twin::UsageForgotten) {
            return Ok(Vec::new());
        }
        let folded = self.folded();
        let is_open = |(agreement, start): &(AgreementId, Timestamp)| {
            folded.closed.get(agreement).is_none_or(|closed| start >= closed)
        };
        let open = folded.usage.iter().filter(|(period, _)| is_open(period)).map(|(period, usage)| OpenPeriod {
            agreement: period.0,
            start: period.1,
            latest: folded.latest[period],
            usage: usage.clone(),
        });
        Ok(open.collect())
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        Ok(self.folded().usage.get(&(agreement, start)).cloned().unwrap_or_default())
    }

    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let folded = self.folded();
        let period = folded.periods.iter().find(|(of, period)| *of == agreement && period.contains(at));
        Ok(period.map(|&(_, period)| {
            let usage = folded.usage.get(&(agreement, period.start)).cloned().unwrap_or_default();
            ClosedPeriod { period, usage }
        }))
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        if self.twin == Some(Twin::KeysForgotten) {
            return Ok(None);
        }
        Ok(self.folded().keys.get(key).copied())
    }
}
