//! What was used since a reader looked last, summed up: however slow the reader, it stays small and loses no call.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use metering::published::usage::{MeterUsage, Split, UsageLine, UsageRecord};

/// The most calls, and the most agreements, that are kept one by one.
pub const LATEST_MAX: usize = 50;

/// Sums, and the latest calls one by one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noted {
    /// Everything at or before this position that concerns the reader is in here, or was in what it read before.
    pub position: Option<Position>,
    /// When the last call was settled.
    pub at: Option<Timestamp>,
    /// How many calls.
    pub calls: u64,
    /// The last calls, the newest last.
    pub latest: VecDeque<UsageRecord>,
    /// Agreements that were used, the one used last at the end.
    pub agreements: VecDeque<AgreementId>,
    meters: BTreeMap<Meter, Split>,
}

impl Noted {
    /// Nothing yet, up to a position.
    pub fn until(position: Position) -> Self {
        Self { position: Some(position), ..Self::default() }
    }

    /// Adds a call.
    pub fn add(&mut self, record: &UsageRecord) {
        self.calls = self.calls.saturating_add(1);
        self.at = self.at.max(Some(record.settled_at));
        record.lines.iter().for_each(|line| self.add_line(line));
        self.agreements.retain(|agreement| *agreement != record.agreement);
        push(&mut self.agreements, record.agreement);
        push(&mut self.latest, record.clone());
    }

    fn add_line(&mut self, line: &UsageLine) {
        let sum = self.meters.entry(line.meter).or_default();
        sum.free = Quantity(sum.free.0.saturating_add(line.split.free.0));
        sum.value_added = Quantity(sum.value_added.0.saturating_add(line.split.value_added.0));
    }

    /// The sums by meter, in the meters' order.
    pub fn meters(&self) -> Vec<MeterUsage> {
        self.meters.iter().map(|(meter, split)| MeterUsage { meter: *meter, split: *split }).collect()
    }

    /// Whether nothing was used.
    pub const fn is_empty(&self) -> bool {
        self.calls == 0
    }
}

fn push<T>(latest: &mut VecDeque<T>, one: T) {
    latest.push_back(one);
    if latest.len() > LATEST_MAX {
        latest.pop_front();
    }
}

#[cfg(test)]
pub mod tests {
    //! Besides the tests: a record, for the tests of the feed too.

    use super::*;
    use kernel::id::{InvocationId, ListingId, OrganizationId};
    use metering::published::usage::{Basis, RecordKind};
    use uuid::Uuid;

    /// A call with one free and two charged units of a meter.
    pub fn record(number: u128, agreement: u128, buyer: u128, seller: u128) -> UsageRecord {
        let split = Split { free: Quantity(1), value_added: Quantity(2) };
        UsageRecord {
            invocation: InvocationId::new(Uuid::from_u128(number)),
            kind: RecordKind::Call,
            agreement: AgreementId::new(Uuid::from_u128(agreement)),
            sequence: 1,
            buyer: OrganizationId::new(Uuid::from_u128(buyer)),
            seller: OrganizationId::new(Uuid::from_u128(seller)),
            capability: Some("pinyin".parse().unwrap()),
            listing: ListingId::new(Uuid::nil()),
            principal: "key_1".into(),
            lines: vec![UsageLine {
                meter: Meter::Character,
                split,
                basis: Basis::GatewayCounted,
                before: Quantity::ZERO,
            }],
            price_version: 1,
            admitted_at: Timestamp::UNIX_EPOCH,
            settled_at: Timestamp::UNIX_EPOCH,
            period_start: Timestamp::UNIX_EPOCH,
            billed_start: Timestamp::UNIX_EPOCH,
            key_hash: [0; 32],
            payload_hash: [0; 32],
        }
    }

    #[test]
    fn sums_count_every_call_and_only_the_latest_are_kept() {
        let mut noted = Noted::default();
        for number in 0..1_000 {
            noted.add(&record(number, number % 100, 1, 2));
        }
        let split = Split { free: Quantity(1_000), value_added: Quantity(2_000) };
        assert_eq!(noted.calls, 1_000);
        assert_eq!(noted.meters(), [MeterUsage { meter: Meter::Character, split }]);
        assert_eq!((noted.latest.len(), noted.agreements.len()), (LATEST_MAX, LATEST_MAX));
        assert_eq!(noted.latest.back().unwrap().invocation.uuid(), Uuid::from_u128(999));
    }

    #[test]
    fn an_agreement_is_listed_once_however_often_it_is_used() {
        let mut noted = Noted::default();
        for (number, agreement) in [(1, 7), (2, 8), (3, 7)] {
            noted.add(&record(number, agreement, 1, 2));
        }
        assert_eq!(noted.agreements, [8, 7].map(|agreement| AgreementId::new(Uuid::from_u128(agreement))));
    }
}
