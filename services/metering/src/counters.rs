//! The counters of one period: what it has used and holds, and what is on its invoice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;

use crate::account::{Demand, Refusal};
use crate::published::usage::{CorrectedUsage, Correction, MeterUsage, PeriodUsage, SequenceRange, Split, UsageLine};

type Splits = BTreeMap<Meter, Split>;

/// What was used within one period, what may still be, and what its invoice is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    /// Its end, once it is closed.
    pub(crate) end: Option<Timestamp>,
    /// Whether its invoice is issued, so that only late reports need it still.
    pub(crate) rated: bool,
    used: Splits,
    /// Of what was used, what was reported after the close: on later invoices.
    late: Splits,
    held: BTreeMap<Meter, Quantity>,
    /// Calls admitted, and reports, that are neither released nor known to be in the log.
    under_way: u64,
    /// On its invoice.
    calls: u64,
    /// On its invoice.
    ranges: Vec<SequenceRange>,
    /// On its invoice: of earlier periods, by their start.
    corrections: BTreeMap<Timestamp, Corrected>,
}

/// Late usage of a closed period.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Corrected {
    end: Timestamp,
    meters: Splits,
    /// `VALUE_ADDED` units on earlier invoices.
    before: BTreeMap<Meter, Quantity>,
}

impl Counters {
    pub(crate) fn restored(usage: PeriodUsage, end: Option<Timestamp>) -> Result<Self, Refusal> {
        let late: Splits = usage.late.into_iter().map(|entry| (entry.meter, entry.split)).collect();
        let mut used: Splits = usage.meters.into_iter().map(|entry| (entry.meter, entry.split)).collect();
        for (meter, split) in &late {
            add(&mut used, *meter, *split)?;
        }
        let corrections = usage.corrections.iter().map(Corrected::restored).collect();
        Ok(Self { end, used, late, calls: usage.calls, ranges: usage.ranges, corrections, ..Self::default() })
    }

    /// The counters of a closed and rated period.
    pub(crate) fn closed(period: Period, usage: PeriodUsage) -> Result<Self, Refusal> {
        Ok(Self { rated: true, ..Self::restored(usage, Some(period.end))? })
    }

    /// What was used of a meter, whenever it was told.
    pub(crate) fn used(&self, meter: Meter) -> Split {
        self.used.get(&meter).copied().unwrap_or_default()
    }

    pub(crate) fn held(&self, meter: Meter) -> Quantity {
        self.held.get(&meter).copied().unwrap_or_default()
    }

    pub(crate) const fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    /// Whether anything is, or may come to be, on its invoice.
    pub(crate) const fn is_used(&self) -> bool {
        self.calls > 0 || self.under_way > 0
    }

    /// The starts of the closed periods that its invoice corrects.
    pub(crate) fn corrects(&self) -> impl Iterator<Item = Timestamp> {
        self.corrections.keys().copied()
    }

    /// The meters of a closed period that its invoice corrects.
    pub(crate) fn corrected(&self, service: Timestamp) -> impl Iterator<Item = Meter> {
        self.corrections.get(&service).into_iter().flat_map(|corrected| corrected.meters.keys().copied())
    }

    /// All demands, or none.
    pub(crate) fn hold(&mut self, demands: &[Demand]) -> Result<(), Refusal> {
        for (index, demand) in demands.iter().enumerate() {
            let entry = self.held.entry(demand.meter).or_default();
            let Some(held) = entry.checked_add(demand.quantity) else {
                self.release(demands.get(..index).unwrap_or_default());
                return Err(Refusal::OutOfRange);
            };
            *entry = held;
        }
        Ok(())
    }

    pub(crate) fn release(&mut self, demands: &[Demand]) {
        for demand in demands {
            if let Some(held) = self.held.get_mut(&demand.meter) {
                *held = held.saturating_sub(demand.quantity);
            }
        }
    }

    /// One more under way.
    pub(crate) fn begin(&mut self) -> Result<(), Refusal> {
        self.under_way = self.under_way.checked_add(1).ok_or(Refusal::OutOfRange)?;
        Ok(())
    }

    /// One fewer under way.
    pub(crate) const fn finish(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(crate) fn classify(&self, demand: &Demand, included: Quantity) -> UsageLine {
        let used = self.used(demand.meter);
        let free = demand.quantity.min(included.saturating_sub(used.free));
        let split = Split { free, value_added: demand.quantity.saturating_sub(free) };
        UsageLine { meter: demand.meter, split, basis: demand.basis, before: used.value_added }
    }

    /// Counts what was used within this period; `late` where a later invoice has it.
    pub(crate) fn count(&mut self, lines: &[UsageLine], late: bool) -> Result<(), Refusal> {
        add_all(&mut self.used, lines)?;
        if late {
            add_all(&mut self.late, lines).inspect_err(|_| subtract_all(&mut self.used, lines))?;
        }
        Ok(())
    }

    pub(crate) fn discount(&mut self, lines: &[UsageLine], late: bool) {
        subtract_all(&mut self.used, lines);
        if late {
            subtract_all(&mut self.late, lines);
        }
    }

    /// Puts a record on the invoice of this period; the sequence number that it follows here, if it is not the first.
    pub(crate) fn bill(&mut self, stream: &str, sequence: u64) -> Result<Option<u64>, Refusal> {
        self.calls = self.calls.checked_add(1).ok_or(Refusal::OutOfRange)?;
        match self.ranges.last_mut() {
            Some(range) if range.stream == stream => Ok(Some(std::mem::replace(&mut range.last, sequence))),
            Some(_) | None => {
                self.ranges.push(SequenceRange { stream: stream.to_owned(), first: sequence, last: sequence });
                Ok(None)
            }
        }
    }

    pub(crate) fn unbill(&mut self, follows: Option<u64>) {
        self.calls = self.calls.saturating_sub(1);
        match (follows, self.ranges.last_mut()) {
            (Some(before), Some(range)) => range.last = before,
            (Some(_), None) | (None, _) => _ = self.ranges.pop(),
        }
    }

    /// Puts late usage of a closed period on the invoice of this one.
    pub(crate) fn correct(&mut self, service: Period, lines: &[UsageLine]) -> Result<(), Refusal> {
        let fresh = || Corrected { end: service.end, meters: Splits::new(), before: BTreeMap::new() };
        let corrected = self.corrections.entry(service.start).or_insert_with(fresh);
        for line in lines {
            corrected.before.entry(line.meter).or_insert(line.before);
            add(&mut corrected.meters, line.meter, line.split)?;
        }
        Ok(())
    }

    pub(crate) fn uncorrect(&mut self, service: Timestamp, lines: &[UsageLine]) {
        if let Some(corrected) = self.corrections.get_mut(&service) {
            subtract_all(&mut corrected.meters, lines);
            if corrected.meters.values().all(|split| *split == Split::default()) {
                self.corrections.remove(&service);
            }
        }
    }

    /// A call of a closed period came to its end after a late report: it is on the earlier invoice all the same.
    pub(crate) fn precede(&mut self, service: Timestamp, lines: &[UsageLine], by: fn(Quantity, Quantity) -> Quantity) {
        if let Some(corrected) = self.corrections.get_mut(&service) {
            for line in lines {
                if let Some(before) = corrected.before.get_mut(&line.meter) {
                    *before = by(*before, line.split.value_added);
                }
            }
        }
    }

    /// What is on its invoice.
    pub(crate) fn usage(&self) -> PeriodUsage {
        let on_time = self.used.iter().map(|(meter, split)| (*meter, less(*split, self.late.get(meter))));
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable_by(|left, right| left.stream.cmp(&right.stream));
        PeriodUsage {
            meters: shown(on_time),
            corrections: self.corrections.iter().map(|(start, corrected)| corrected.shown(*start)).collect(),
            late: shown(self.late.iter().map(|(meter, split)| (*meter, *split))),
            ranges,
            calls: self.calls,
        }
    }
}

impl Corrected {
    fn restored(correction: &Correction) -> (Timestamp, Self) {
        let meters = correction.meters.iter().map(|usage| (usage.meter, usage.split)).collect();
        let before = correction.meters.iter().map(|usage| (usage.meter, usage.before)).collect();
        (correction.service.start, Self { end: correction.service.end, meters, before })
    }

    fn shown(&self, start: Timestamp) -> Correction {
        let used = self.meters.iter().filter(|(_, split)| **split != Split::default());
        let before = |meter| self.before.get(meter).copied().unwrap_or_default();
        let meters = used.map(|(meter, split)| CorrectedUsage { meter: *meter, split: *split, before: before(meter) });
        Correction { service: Period { start, end: self.end }, meters: meters.collect() }
    }
}

fn shown(splits: impl Iterator<Item = (Meter, Split)>) -> Vec<MeterUsage> {
    let used = splits.filter(|(_, split)| *split != Split::default());
    used.map(|(meter, split)| MeterUsage { meter, split }).collect()
}

fn add(splits: &mut Splits, meter: Meter, split: Split) -> Result<(), Refusal> {
    let entry = splits.entry(meter).or_default();
    let free = entry.free.checked_add(split.free).ok_or(Refusal::OutOfRange)?;
    let value_added = entry.value_added.checked_add(split.value_added).ok_or(Refusal::OutOfRange)?;
    *entry = Split { free, value_added };
    Ok(())
}

/// Adds all lines, or none.
fn add_all(splits: &mut Splits, lines: &[UsageLine]) -> Result<(), Refusal> {
    for (index, line) in lines.iter().enumerate() {
        add(splits, line.meter, line.split)
            .inspect_err(|_| subtract_all(splits, lines.get(..index).unwrap_or_default()))?;
    }
    Ok(())
}

fn subtract_all(splits: &mut Splits, lines: &[UsageLine]) {
    for line in lines {
        subtract(splits, line);
    }
}

fn subtract(splits: &mut Splits, line: &UsageLine) {
    if let Some(split) = splits.get_mut(&line.meter) {
        *split = less(*split, Some(&line.split));
    }
}

const fn less(split: Split, taken: Option<&Split>) -> Split {
    match taken {
        None => split,
        Some(taken) => Split {
            free: split.free.saturating_sub(taken.free),
            value_added: split.value_added.saturating_sub(taken.value_added),
        },
    }
}
