//! What usage records of a period add up to, summed here by rules of the simulator's own.

use kernel::meter::Quantity;
use metering::published::usage::{MeterUsage, PeriodUsage, SequenceRange, Split, UsageRecord};

/// Adds a record to the usage of its period.
pub(crate) fn add(usage: &mut PeriodUsage, stream: &str, record: &UsageRecord) {
    usage.calls = usage.calls.saturating_add(1);
    for line in &record.lines {
        match usage.meters.iter_mut().find(|entry| entry.meter == line.meter) {
            Some(entry) => entry.split = sum(entry.split, line.split),
            None => usage.meters.push(MeterUsage { meter: line.meter, split: line.split }),
        }
    }
    usage.meters.sort_by_key(|entry| entry.meter);
    let sequence = record.sequence;
    match usage.ranges.iter_mut().find(|range| range.stream == stream) {
        Some(range) => range.last = sequence,
        None => usage.ranges.push(SequenceRange { stream: stream.to_owned(), first: sequence, last: sequence }),
    }
    usage.ranges.sort_by(|left, right| left.stream.cmp(&right.stream));
}

fn sum(left: Split, right: Split) -> Split {
    let add = |left: Quantity, right: Quantity| Quantity(left.0.saturating_add(right.0));
    Split { free: add(left.free, right.free), value_added: add(left.value_added, right.value_added) }
}
