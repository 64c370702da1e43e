//! The usage history as a fold of the log, brought up to date when a test says so.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use billing::published::invoice::Event as InvoiceEvent;
use eventlog::codec;
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, StoredEvent};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::meter::Quantity;
use kernel::period::Period;
use metering::published::usage::{Event, MeterUsage, PeriodUsage, SequenceRange, Split, UsageRecord};

use crate::fingerprint::Fingerprint;
use crate::usage::{ClosedPeriod, History, HistoryUnavailable, Locator, OpenPeriod, Seen};

/// A usage history in memory.
#[derive(Default)]
pub struct LogHistory(Mutex<Folded>);

#[derive(Default)]
struct Folded {
    cursor: Option<Position>,
    keys: HashMap<Fingerprint, Seen>,
    usage: BTreeMap<(AgreementId, Timestamp), PeriodUsage>,
    latest: HashMap<(AgreementId, Timestamp), Timestamp>,
    closed: HashMap<AgreementId, Timestamp>,
    periods: Vec<(AgreementId, Period)>,
}

impl LogHistory {
    /// Folds what the log has gained.
    pub async fn catch_up(&self, log: &dyn EventLog) {
        loop {
            let after = self.0.lock().unwrap().cursor;
            let page = log.read_log(after, &Filter::All, PAGE_EVENTS_MAX).await.unwrap();
            let mut folded = self.0.lock().unwrap();
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
            for (index, record) in (0..).zip(&recorded.unwrap().event.into_records()) {
                let locator = Locator { position: stored.position, index };
                let payload = record.payload_hash[..8].try_into().unwrap();
                self.keys.entry(record.key_hash).or_insert(Seen { locator, payload });
                let period = (record.agreement, record.billed_start);
                let latest = self.latest.entry(period).or_insert(record.admitted_at);
                *latest = record.admitted_at.max(*latest);
                let usage = self.usage.entry(period).or_default();
                add(usage, stored.stream.as_str(), record);
            }
        }
        if let Some(recorded) = codec::decode::<InvoiceEvent>(stored)
            && let InvoiceEvent::Drafted(drafted) = recorded.unwrap().event
        {
            self.closed.insert(drafted.agreement, drafted.period.end);
            self.periods.push((drafted.agreement, drafted.period));
        }
    }
}

/// Adds a record to the usage of its period.
pub fn add(usage: &mut PeriodUsage, stream: &str, record: &UsageRecord) {
    usage.calls += 1;
    for line in &record.lines {
        let known = usage.meters.iter().position(|entry| entry.meter == line.meter);
        let index = known.unwrap_or(usage.meters.len());
        if known.is_none() {
            usage.meters.push(MeterUsage { meter: line.meter, split: Split::default() });
        }
        let sum = &mut usage.meters[index].split;
        *sum = Split {
            free: Quantity(sum.free.0 + line.split.free.0),
            value_added: Quantity(sum.value_added.0 + line.split.value_added.0),
        };
    }
    usage.meters.sort_by_key(|entry| entry.meter);
    let sequence = record.sequence;
    match usage.ranges.iter_mut().find(|range| range.stream == stream) {
        Some(range) => range.last = sequence,
        None => usage.ranges.push(SequenceRange { stream: stream.to_owned(), first: sequence, last: sequence }),
    }
    usage.ranges.sort_by(|left, right| left.stream.cmp(&right.stream));
}

impl History for LogHistory {
    fn cursor(&self) -> Option<Position> {
        self.0.lock().unwrap().cursor
    }

    fn keys_cursor(&self) -> Option<Position> {
        self.cursor()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        let folded = self.0.lock().unwrap();
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
        Ok(self.0.lock().unwrap().usage.get(&(agreement, start)).cloned().unwrap_or_default())
    }

    /// Of periods that were corrected after a restart the tests ask the real views.
    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let folded = self.0.lock().unwrap();
        let found = folded.periods.iter().find(|(of, period)| *of == agreement && period.contains(at));
        Ok(found.map(|(_, period)| ClosedPeriod {
            period: *period,
            usage: folded.usage.get(&(agreement, period.start)).cloned().unwrap_or_default(),
        }))
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        Ok(self.0.lock().unwrap().keys.get(key).copied())
    }
}
