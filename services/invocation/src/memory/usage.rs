//! What usage records add up to, by other rules than those of the meters: by where it was used, and where it is billed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;
use metering::published::usage::{
    CorrectedUsage, Correction, MeterUsage, PeriodUsage, SequenceRange, Split, UsageRecord,
};

type Splits = BTreeMap<Meter, Split>;

/// The usage of every agreement.
#[derive(Default)]
pub struct Usage(BTreeMap<AgreementId, OfAgreement>);

#[derive(Default)]
struct OfAgreement {
    /// By the start of the period that it was used in, and of the one on whose invoice it is.
    used: BTreeMap<(Timestamp, Timestamp), Splits>,
    /// By the start of the period on whose invoice they are.
    billed: BTreeMap<Timestamp, Billed>,
    /// Closed periods: where each that starts there ends.
    closed: BTreeMap<Timestamp, Timestamp>,
}

#[derive(Default)]
struct Billed {
    records: u64,
    ranges: Vec<SequenceRange>,
}

impl Usage {
    /// Adds a record.
    pub fn add(&mut self, stream: &str, record: &UsageRecord) {
        let of = self.0.entry(record.agreement).or_default();
        let splits = of.used.entry((record.period_start, record.billed_start)).or_default();
        for line in &record.lines {
            let sum = splits.entry(line.meter).or_default();
            *sum = plus(*sum, line.split);
        }
        let billed = of.billed.entry(record.billed_start).or_default();
        billed.records = billed.records.saturating_add(1);
        let sequence = record.sequence;
        match billed.ranges.iter_mut().find(|range| range.stream == stream) {
            Some(range) => range.last = sequence,
            None => billed.ranges.push(SequenceRange { stream: stream.to_owned(), first: sequence, last: sequence }),
        }
    }

    /// A period is closed.
    pub fn close(&mut self, agreement: AgreementId, period: Period) {
        self.0.entry(agreement).or_default().closed.insert(period.start, period.end);
    }

    /// The end of an agreement's last closed period.
    pub fn closed_until(&self, agreement: AgreementId) -> Option<Timestamp> {
        self.0.get(&agreement)?.closed.values().next_back().copied()
    }

    /// The closed period that holds an instant.
    pub fn closed_at(&self, agreement: AgreementId, instant: Timestamp) -> Option<Period> {
        let (start, end) = self.0.get(&agreement)?.closed.range(..=instant).next_back()?;
        Some(Period { start: *start, end: *end }).filter(|period| period.contains(instant))
    }

    /// The starts of the periods on whose invoices something is.
    pub fn billed(&self, agreement: AgreementId) -> impl Iterator<Item = Timestamp> {
        self.0.get(&agreement).into_iter().flat_map(|of| of.billed.keys().copied())
    }

    /// The periods that are not closed and on whose invoices something is.
    pub fn open(&self) -> impl Iterator<Item = (AgreementId, Timestamp)> {
        let agreements = self.0.keys().copied();
        let periods = agreements.flat_map(|agreement| self.billed(agreement).map(move |start| (agreement, start)));
        periods.filter(|(agreement, start)| self.closed_until(*agreement).is_none_or(|until| *start >= until))
    }

    /// The periods that something was used in.
    pub fn used_in(&self) -> impl Iterator<Item = (AgreementId, Timestamp)> {
        let periods = self.0.iter().flat_map(|(agreement, of)| of.used.keys().map(|(used, _)| (*agreement, *used)));
        periods.collect::<BTreeSet<_>>().into_iter()
    }

    /// What was used of a meter within a period and is on certain invoices.
    pub fn used_on(
        &self,
        agreement: AgreementId,
        start: Timestamp,
        meter: Meter,
        is_billed: impl Fn(Timestamp) -> bool,
    ) -> Split {
        let of = self.0.get(&agreement);
        of.map(|of| of.used_where(start, is_billed).remove(&meter).unwrap_or_default()).unwrap_or_default()
    }

    /// All that was used of a meter within a period, whenever it was told.
    pub fn used(&self, agreement: AgreementId, start: Timestamp, meter: Meter) -> Split {
        self.used_on(agreement, start, meter, |_| true)
    }

    /// What is on the invoice of a period.
    pub fn period(&self, agreement: AgreementId, start: Timestamp) -> PeriodUsage {
        self.0.get(&agreement).map(|of| of.period(start)).unwrap_or_default()
    }
}

impl OfAgreement {
    /// What was used within a period and is on certain invoices.
    fn used_where(&self, start: Timestamp, is_billed: impl Fn(Timestamp) -> bool) -> Splits {
        let mut sums = Splits::new();
        let parts = self.used.iter().filter(|((used, billed), _)| *used == start && is_billed(*billed));
        for (meter, split) in parts.flat_map(|(_, splits)| splits) {
            let sum = sums.entry(*meter).or_default();
            *sum = plus(*sum, *split);
        }
        sums
    }

    fn period(&self, start: Timestamp) -> PeriodUsage {
        let corrected = self.used.keys().filter(|(used, billed)| *billed == start && used != billed);
        let billed = self.billed.get(&start);
        let mut ranges = billed.map(|billed| billed.ranges.clone()).unwrap_or_default();
        ranges.sort_by(|left, right| left.stream.cmp(&right.stream));
        PeriodUsage {
            meters: shown(self.used_where(start, |billed| billed == start)),
            corrections: corrected.map(|(used, _)| self.correction(*used, start)).collect(),
            late: shown(self.used_where(start, |billed| billed != start)),
            ranges,
            calls: billed.map(|billed| billed.records).unwrap_or_default(),
        }
    }

    fn correction(&self, used: Timestamp, on: Timestamp) -> Correction {
        let before = self.used_where(used, |billed| billed < on);
        let late = shown(self.used_where(used, |billed| billed == on));
        let meters = late.into_iter().map(|MeterUsage { meter, split }| {
            let before = before.get(&meter).copied().unwrap_or_default().value_added;
            CorrectedUsage { meter, split, before }
        });
        let end = self.closed.get(&used).copied().unwrap_or(used);
        Correction { service: Period { start: used, end }, meters: meters.collect() }
    }
}

fn shown(splits: Splits) -> Vec<MeterUsage> {
    let used = splits.into_iter().filter(|(_, split)| *split != Split::default());
    used.map(|(meter, split)| MeterUsage { meter, split }).collect()
}

fn plus(left: Split, right: Split) -> Split {
    let add = |left: Quantity, right: Quantity| Quantity(left.0.saturating_add(right.0));
    Split { free: add(left.free, right.free), value_added: add(left.value_added, right.value_added) }
}
