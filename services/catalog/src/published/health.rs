//! Facts of how listings answer: calls, failures and latencies, measured by the node that made the calls. Streams:
//! `health-<node>.<epoch>`, one per start of a node, written by that node alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::event::{InvalidStreamName, StreamName};
use kernel::id::ListingId;
use serde::{Deserialize, Serialize};

/// The stream a node appends its measurements to during one epoch.
pub fn stream(node: &str, epoch: u64) -> Result<StreamName, InvalidStreamName> {
    StreamName::new("health", &format!("{node}.{epoch}"))
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A listing was called during an interval.
    Measured(Measured),
}

/// A listing was called during an interval. Intervals of a listing do not overlap; without calls there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The listing.
    pub listing: ListingId,
    /// The first instant of the interval.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// What was measured.
    pub measurement: Measurement,
}

/// Calls of a listing, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// Calls that were sent.
    pub calls: u64,
    /// Those of them that brought no usable answer. A provider that declines has answered.
    pub failures: u64,
    /// How long the answers took; failures are not in it.
    pub latencies: Latencies,
}

impl Measurement {
    /// Counts an answer.
    pub fn answered(&mut self, microseconds: u64) {
        self.calls = self.calls.saturating_add(1);
        self.latencies.add(Bucket::of(microseconds), 1);
    }

    /// Counts a call that the provider declined: an answer whose time says nothing.
    pub const fn declined(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// Counts a failure.
    pub fn failed(&mut self) {
        self.calls = self.calls.saturating_add(1);
        self.failures = self.failures.saturating_add(1);
    }

    /// Adds what was measured elsewhere or at another time.
    pub fn merge(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
        for (bucket, count) in &other.latencies.0 {
            self.latencies.add(*bucket, *count);
        }
    }
}

/// Sixteen buckets per doubling.
const SUB_BITS: u32 = 4;
/// Values below this have a bucket each.
const SINGLE: u64 = 1 << SUB_BITS;

/// A bucket of the latency histogram, by its number: microseconds below 16 have one each, and from there every doubling
/// has sixteen of equal width. So a bucket's last value is at most 1/16 above any other in it (6.25 %).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bucket(pub u16);

impl Bucket {
    /// The bucket of a latency.
    pub fn of(microseconds: u64) -> Self {
        if microseconds < SINGLE {
            return Self(u16::try_from(microseconds).unwrap_or(u16::MAX));
        }
        let exponent = microseconds.ilog2();
        let doublings = exponent.saturating_sub(SUB_BITS);
        let within = (microseconds >> doublings) & SINGLE.saturating_sub(1);
        let number = u64::from(doublings.saturating_add(1)).saturating_mul(SINGLE).saturating_add(within);
        Self(u16::try_from(number).unwrap_or(u16::MAX))
    }

    /// The largest latency in it, in microseconds.
    pub fn last(self) -> u64 {
        let number = u64::from(self.0);
        let Some(doublings) = number.checked_div(SINGLE).and_then(|row| row.checked_sub(1)) else { return number };
        let within = number.checked_rem(SINGLE).unwrap_or_default();
        let next = u128::from(SINGLE.saturating_add(within).saturating_add(1));
        let end = u32::try_from(doublings).ok().and_then(|doublings| next.checked_shl(doublings)).unwrap_or(u128::MAX);
        u64::try_from(end.saturating_sub(1)).unwrap_or(u64::MAX)
    }
}

/// How long answers took: a count per bucket that has any, in the buckets' order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(Bucket, u64)>", into = "Vec<(Bucket, u64)>")]
pub struct Latencies(BTreeMap<Bucket, u64>);

impl Latencies {
    /// Adds so many answers to a bucket.
    pub fn add(&mut self, bucket: Bucket, count: u64) {
        let sum = self.0.entry(bucket).or_default();
        *sum = sum.saturating_add(count);
    }

    /// The buckets that have any, in order.
    pub fn buckets(&self) -> impl Iterator<Item = (Bucket, u64)> + '_ {
        self.0.iter().map(|(bucket, count)| (*bucket, *count))
    }

    /// How many answers there were.
    pub fn answers(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The latency that so many of a thousand answers did not exceed, in microseconds: the nearest rank, given by its
    /// bucket's last value, so never too low and at most 1/16 too high. None without answers.
    pub fn percentile(&self, of_a_thousand: u16) -> Option<u64> {
        let wanted = u128::from(self.answers()).saturating_mul(of_a_thousand.into()).div_ceil(1_000).max(1);
        let mut seen = 0_u128;
        self.0.iter().find_map(|(bucket, count)| {
            seen = seen.saturating_add((*count).into());
            (seen >= wanted).then(|| bucket.last())
        })
    }
}

impl From<Vec<(Bucket, u64)>> for Latencies {
    fn from(counts: Vec<(Bucket, u64)>) -> Self {
        let mut latencies = Self::default();
        for (bucket, count) in counts {
            latencies.add(bucket, count);
        }
        latencies
    }
}

impl From<Latencies> for Vec<(Bucket, u64)> {
    fn from(latencies: Latencies) -> Self {
        latencies.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_gap() {
        let mut first = 0_u64;
        for number in 0..16 * 40 {
            let last = Bucket(number).last();
            assert_eq!((Bucket::of(first), Bucket::of(last)), (Bucket(number), Bucket(number)));
            assert!(last - first <= first / 16, "{first} to {last}");
            first = last + 1;
        }
        assert!(Bucket::of(u64::MAX).last() == u64::MAX);
    }

    #[test]
    fn a_percentile_is_never_too_low_and_at_most_a_sixteenth_too_high() {
        let mut measured: Vec<u64> = (0..5_000_u64).map(|n| (n * 7_919) % 100_003 * (n % 13 + 1)).collect();
        let mut latencies = Latencies::default();
        for latency in &measured {
            latencies.add(Bucket::of(*latency), 1);
        }
        measured.sort_unstable();
        for of_a_thousand in [1, 500, 950, 990, 999, 1_000] {
            let rank = (measured.len() * usize::from(of_a_thousand)).div_ceil(1_000);
            let (exact, told) = (measured[rank - 1], latencies.percentile(of_a_thousand).unwrap());
            assert!(exact <= told && told <= exact + exact / 16, "{of_a_thousand}: {exact} {told}");
        }
    }

    #[test]
    fn what_is_measured_in_parts_is_the_same_as_in_one() {
        let (mut whole, mut first, mut second) =
            (Measurement::default(), Measurement::default(), Measurement::default());
        for latency in [3, 17, 40_000, 40_001] {
            whole.answered(latency);
            first.answered(latency);
        }
        for latency in [17, 9_000_000] {
            whole.answered(latency);
            second.answered(latency);
        }
        whole.failed();
        second.failed();
        first.merge(&second);
        assert_eq!(first, whole);
        assert_eq!((whole.calls, whole.failures, whole.latencies.answers()), (7, 1, 6));
    }

    #[test]
    fn without_answers_there_is_no_latency() {
        let mut measurement = Measurement::default();
        measurement.failed();
        assert_eq!(measurement.latencies.percentile(500), None);
    }

    #[test]
    fn a_stream_belongs_to_one_start_of_a_node() {
        assert_eq!(stream("n1", 3).unwrap().as_str(), "health-n1.3");
    }
}
