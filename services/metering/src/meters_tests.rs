//! Exactness of the meters: by example, and by property over random schedules.

use agreements::published::agreement::Accepted;
use agreements::published::market::{BasisPoints, MarketTerms};
use agreements::published::terms::{MeterTerms, Price, Terms};
use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use proptest::prelude::*;
use uuid::Uuid;

use crate::account::{Demand, Refusal, Restored};
use crate::meters::{HoldId, Meters, SettleError, Settlement};
use crate::published::usage::{Basis, PeriodUsage, SequenceRange, Split};

pub(crate) const STREAM: &str = "usage-n1.1";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn start() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

pub(crate) fn agreement() -> AgreementId {
    AgreementId::new(Uuid::from_u128(1))
}

/// 10 characters free a day; past them at a price, or not at all.
pub(crate) fn accepted(priced: bool) -> Accepted {
    let price = priced.then(|| Price::PerUnit { unit: "0.01".parse().unwrap() });
    let party = Uuid::from_u128(9);
    Accepted {
        agreement: agreement(),
        offer: OfferId::new(party),
        price_version: 1,
        listing: ListingId::new(party),
        listing_version: 1,
        capabilities: vec!["echo".parse().unwrap()],
        licence: None,
        provider: ProviderId::new(party),
        seller: OrganizationId::new(party),
        buyer: OrganizationId::new(party),
        terms: Terms {
            currency: Currency::Cny,
            period: BillingPeriod::Day,
            flat_fee: None,
            meters: vec![MeterTerms { meter: Meter::Character, included: Quantity(10), price }],
        },
        market: MarketTerms { commission: BasisPoints::ZERO, tax: BasisPoints::ZERO },
        calendar: Calendar::starting(start(), "UTC".parse().unwrap(), BillingPeriod::Day).unwrap(),
        starts_at: start(),
    }
}

pub(crate) fn metered(priced: bool) -> Meters {
    let mut meters = Meters::default();
    meters.open(accepted(priced), start(), Vec::new());
    meters
}

fn characters(quantity: u64) -> Vec<Demand> {
    vec![Demand { meter: Meter::Character, quantity: Quantity(quantity), basis: Basis::GatewayCounted }]
}

fn admit(meters: &mut Meters, quantity: u64, now: Timestamp) -> Result<HoldId, Refusal> {
    meters.admit(agreement(), &characters(quantity), now, now + SignedDuration::from_secs(60))
}

pub(crate) fn used(meters: &Meters, period_start: Timestamp) -> Split {
    let usage = meters.account(agreement()).unwrap().usage(period_start);
    usage.meters.first().map(|entry| entry.split).unwrap_or_default()
}

pub(crate) fn split(free: u64, value_added: u64) -> Split {
    Split { free: Quantity(free), value_added: Quantity(value_added) }
}

#[test]
fn a_call_across_the_allowance_is_split() {
    let mut meters = metered(true);
    for (quantity, expected) in [(7, split(7, 0)), (7, split(3, 4)), (7, split(0, 7))] {
        let hold = admit(&mut meters, quantity, start()).unwrap();
        let settlement = meters.settle(hold, STREAM).unwrap();
        assert_eq!(settlement.settled.lines[0].split, expected);
    }
    assert_eq!(used(&meters, start()), split(10, 11));
}

#[test]
fn the_class_is_decided_at_settlement_in_settlement_order() {
    let mut meters = metered(true);
    let first = admit(&mut meters, 10, start()).unwrap();
    let second = admit(&mut meters, 10, start()).unwrap();
    assert_eq!(meters.settle(second, STREAM).unwrap().settled.lines[0].split, split(10, 0));
    assert_eq!(meters.settle(first, STREAM).unwrap().settled.lines[0].split, split(0, 10));
}

#[test]
fn a_hard_stop_counts_what_is_held() {
    let mut meters = metered(false);
    let first = admit(&mut meters, 6, start()).unwrap();
    let refusal = admit(&mut meters, 5, start()).unwrap_err();
    let Refusal::AllowanceExhausted(status) = refusal else { panic!("{refusal:?}") };
    assert_eq!(
        (status.held, status.remaining, status.resets_at),
        (Quantity(6), Quantity(4), at("2026-01-02T00:00:00Z"))
    );
    meters.release(first);
    assert!(admit(&mut meters, 10, start()).is_ok());
}

/// At 0.01 each, 10 of them free, ten thousand million yuan are 10^12 units.
#[test]
fn what_a_period_holds_and_is_charged_for_is_bounded() {
    let mut meters = metered(true);
    for quantity in [u64::MAX, Quantity::PERIOD_MAX.0, 1_000_000_000_011] {
        assert_eq!(admit(&mut meters, quantity, start()), Err(Refusal::OutOfRange));
    }
    let most = admit(&mut meters, 1_000_000_000_009, start()).unwrap();
    assert_eq!(admit(&mut meters, 2, start()), Err(Refusal::OutOfRange), "what is held counts");
    meters.settle(most, STREAM).unwrap();
    assert_eq!(admit(&mut meters, 2, start()), Err(Refusal::OutOfRange));
    assert!(admit(&mut meters, 1, start()).is_ok());
    let tomorrow = start() + SignedDuration::from_hours(24);
    assert!(admit(&mut meters, 1_000_000_000_010, tomorrow).is_ok(), "each period has its own");
}

#[test]
fn what_costs_nothing_is_bounded_too() {
    let mut accepted = accepted(false);
    accepted.terms.meters[0].included = Quantity(u64::MAX);
    let mut meters = Meters::default();
    meters.open(accepted, start(), Vec::new());
    assert_eq!(admit(&mut meters, Quantity::PERIOD_MAX.0 + 1, start()), Err(Refusal::OutOfRange));
    assert!(admit(&mut meters, Quantity::PERIOD_MAX.0, start()).is_ok());
    assert_eq!(admit(&mut meters, 1, start()), Err(Refusal::OutOfRange));
}

#[test]
fn a_call_outside_of_the_terms_is_refused() {
    let mut meters = metered(true);
    let demand = Demand { meter: Meter::Image, quantity: Quantity(1), basis: Basis::GatewayCounted };
    let answer = meters.admit(agreement(), &[demand], start(), start());
    assert_eq!(answer, Err(Refusal::NotCovered));
    let unknown = AgreementId::new(Uuid::from_u128(2));
    assert_eq!(meters.admit(unknown, &characters(1), start(), start()), Err(Refusal::NotInForce));
}

#[test]
fn an_ended_agreement_admits_nothing_from_its_end_on() {
    let mut meters = metered(true);
    meters.end(agreement(), at("2026-01-01T12:00:00Z"));
    assert!(admit(&mut meters, 1, at("2026-01-01T11:59:59Z")).is_ok());
    assert_eq!(admit(&mut meters, 1, at("2026-01-01T12:00:00Z")), Err(Refusal::NotInForce));
}

#[test]
fn usage_belongs_to_the_period_of_its_admission() {
    let mut meters = metered(true);
    let hold = admit(&mut meters, 4, at("2026-01-01T23:59:59Z")).unwrap();
    let late = admit(&mut meters, 5, at("2026-01-02T00:00:00Z")).unwrap();
    meters.settle(late, STREAM).unwrap();
    meters.settle(hold, STREAM).unwrap();
    assert_eq!(used(&meters, start()), split(4, 0));
    assert_eq!(used(&meters, at("2026-01-02T00:00:00Z")), split(5, 0));
}

#[test]
fn a_clock_that_runs_backwards_does_not_reopen_the_past() {
    let mut meters = metered(true);
    admit(&mut meters, 1, at("2026-01-02T08:00:00Z")).unwrap();
    let hold = admit(&mut meters, 1, at("2026-01-01T08:00:00Z")).unwrap();
    assert_eq!(meters.settle(hold, STREAM).unwrap().hold.period_start, at("2026-01-02T00:00:00Z"));
}

#[test]
fn an_expired_hold_is_given_back_and_cannot_settle() {
    let mut meters = metered(false);
    let hold = admit(&mut meters, 10, start()).unwrap();
    assert_eq!(meters.expire(start() + SignedDuration::from_secs(59)), 0);
    assert_eq!(meters.expire(start() + SignedDuration::from_secs(60)), 1);
    assert_eq!(meters.settle(hold, STREAM), Err(SettleError::HoldExpired));
    assert!(!meters.account(agreement()).unwrap().is_busy(start()));
    assert!(admit(&mut meters, 10, start()).is_ok());
}

#[test]
fn an_early_close_cuts_after_the_latest_admission_and_gives_the_next_period_its_allowance() {
    let mut meters = metered(true);
    let noon = at("2026-01-01T12:00:00Z");
    let hold = admit(&mut meters, 10, noon).unwrap();
    let period = meters.closable(agreement(), noon).unwrap();
    assert!(period.contains(noon));
    meters.begin_close(agreement()).unwrap();
    assert_eq!(admit(&mut meters, 1, noon), Err(Refusal::Closing));
    meters.closed(agreement(), period.end, noon);
    meters.end_close(agreement());
    assert!(meters.account(agreement()).unwrap().is_busy(start()));
    let settlement = meters.settle(hold, STREAM).unwrap();
    assert!(meters.account(agreement()).unwrap().is_busy(start()), "not before its batch is in the log");
    meters.confirm([&settlement].into_iter(), Position(1));
    assert!(!meters.account(agreement()).unwrap().is_busy(start()));
    let next = admit(&mut meters, 10, noon).unwrap();
    let settlement = meters.settle(next, STREAM).unwrap();
    assert_eq!((settlement.hold.period_start, settlement.settled.lines[0].split), (period.end, split(10, 0)));
}

#[test]
fn a_passed_period_closes_at_the_calendars_end() {
    let meters = metered(true);
    let period = meters.closable(agreement(), at("2026-01-05T00:00:00Z")).unwrap();
    assert_eq!((period.start, period.end), (start(), at("2026-01-02T00:00:00Z")));
}

#[test]
fn a_batch_that_is_taken_back_leaves_usage_as_it_was_even_across_periods() {
    let mut meters = metered(true);
    let (today, tomorrow) = (start(), at("2026-01-02T00:00:00Z"));
    let [first, late] = [1, 2].map(|quantity| admit(&mut meters, quantity, today).unwrap());
    meters.settle(first, STREAM).unwrap();
    let next = admit(&mut meters, 4, tomorrow).unwrap();
    meters.settle(next, STREAM).unwrap();
    let before = [today, tomorrow].map(|start| meters.account(agreement()).unwrap().usage(start));
    let another = admit(&mut meters, 8, tomorrow).unwrap();
    let lost = [late, another].map(|hold| meters.settle(hold, STREAM).unwrap());
    meters.unsettle(lost.iter());
    let after = [today, tomorrow].map(|start| meters.account(agreement()).unwrap().usage(start));
    assert_eq!(after, before);
    let again = admit(&mut meters, 1, tomorrow).unwrap();
    assert_eq!(meters.settle(again, STREAM).unwrap().settled.sequence, 3);
}

#[test]
fn a_restored_period_names_its_streams_in_their_order() {
    let range = |stream: &str| SequenceRange { stream: stream.to_owned(), first: 1, last: 1 };
    let usage = PeriodUsage { ranges: vec![range("usage-n1.2")], calls: 1, ..PeriodUsage::default() };
    let mut meters = Meters::default();
    meters.open(accepted(true), start(), vec![Restored { start: start(), end: None, latest: start(), usage }]);
    let hold = admit(&mut meters, 1, start()).unwrap();
    meters.settle(hold, "usage-n1.10").unwrap();
    let usage = meters.account(agreement()).unwrap().usage(start());
    assert_eq!(usage.ranges, [range("usage-n1.10"), range("usage-n1.2")]);
}

#[test]
fn after_a_restart_too_a_clock_that_runs_backwards_does_not_reopen_the_past() {
    let tomorrow = at("2026-01-02T00:00:00Z");
    let mut meters = Meters::default();
    let usage = PeriodUsage { calls: 1, ..PeriodUsage::default() };
    meters.open(accepted(true), start(), vec![Restored { start: tomorrow, end: None, latest: tomorrow, usage }]);
    let hold = admit(&mut meters, 1, at("2026-01-01T08:00:00Z")).unwrap();
    assert_eq!(meters.settle(hold, STREAM).unwrap().hold.period_start, tomorrow);
}

#[test]
fn after_a_restart_too_a_period_ends_after_its_latest_call() {
    let noon = at("2026-01-01T12:00:00Z");
    let mut meters = Meters::default();
    let usage = PeriodUsage { calls: 1, ..PeriodUsage::default() };
    meters.open(accepted(true), start(), vec![Restored { start: start(), end: None, latest: noon, usage }]);
    let period = meters.closable(agreement(), at("2026-01-01T08:00:00Z")).unwrap();
    assert!(period.contains(noon), "{period}");
}

#[test]
fn calls_admitted_before_the_end_of_an_agreement_was_known_are_billed_too() {
    let mut meters = metered(true);
    let (ends_at, midnight) = (at("2026-01-01T23:59:59Z"), at("2026-01-02T00:00:00Z"));
    let hold = admit(&mut meters, 3, midnight).unwrap();
    meters.settle(hold, STREAM).unwrap();
    meters.end(agreement(), ends_at);
    meters.closed(agreement(), meters.closable(agreement(), midnight).unwrap().end, midnight);
    let period = meters.closable(agreement(), midnight).unwrap();
    assert!(period.contains(midnight), "{period:?}");
    meters.closed(agreement(), period.end, midnight);
    assert_eq!(meters.closable(agreement(), midnight), Err(Refusal::NotInForce));
}

#[test]
fn an_agreement_that_ends_unused_at_its_start_has_nothing_to_close() {
    let mut meters = metered(true);
    meters.end(agreement(), start());
    assert_eq!(meters.closable(agreement(), at("2026-01-03T00:00:00Z")), Err(Refusal::NotInForce));
}

/// One step of a random schedule.
#[derive(Clone, Copy, Debug)]
enum Step {
    Admit(u64),
    Settle(prop::sample::Index),
    Release(prop::sample::Index),
    /// The last settlements never reached the log.
    TakeBack(usize),
    /// The node restarts: what is held is lost, what is recorded comes back.
    Restart,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u64..8).prop_map(Step::Admit),
        4 => any::<prop::sample::Index>().prop_map(Step::Settle),
        1 => any::<prop::sample::Index>().prop_map(Step::Release),
        1 => (1_usize..4).prop_map(Step::TakeBack),
        1 => Just(Step::Restart),
        1 => Just(Step::Close),
    ]
}

/// Runs a schedule against the meters and keeps the log beside it.
struct World {
    priced: bool,
    meters: Meters,
    log: Vec<Settlement>,
    holds: Vec<HoldId>,
    opened_at: Timestamp,
    now: Timestamp,
}

impl World {
    fn new(priced: bool) -> Self {
        let meters = metered(priced);
        Self { priced, meters, log: Vec::new(), holds: Vec::new(), opened_at: start(), now: start() }
    }

    fn run(&mut self, step: Step) {
        self.now += SignedDuration::from_millis(1);
        match step {
            Step::Admit(quantity) => self.holds.extend(admit(&mut self.meters, quantity, self.now)),
            Step::Settle(pick) => self.settle(pick),
            Step::Release(pick) => {
                if let Some(hold) = self.take(pick) {
                    self.meters.release(hold);
                }
            }
            Step::TakeBack(count) => self.take_back(count),
            Step::Restart => self.restart(),
            Step::Close => self.close(),
        }
    }

    fn take(&mut self, pick: prop::sample::Index) -> Option<HoldId> {
        (!self.holds.is_empty()).then(|| self.holds.swap_remove(pick.index(self.holds.len())))
    }

    fn settle(&mut self, pick: prop::sample::Index) {
        if let Some(hold) = self.take(pick) {
            self.log.push(self.meters.settle(hold, STREAM).unwrap());
        }
    }

    fn take_back(&mut self, count: usize) {
        let open = self.opened_at;
        let kept = self.log.iter().rposition(|entry| entry.hold.period_start != open).map_or(0, |index| index + 1);
        let lost = self.log.split_off(self.log.len().saturating_sub(count).max(kept));
        self.meters.unsettle(lost.iter());
    }

    fn restart(&mut self) {
        self.holds.clear();
        self.meters = Meters::default();
        let usage = self.recorded_since_open();
        self.meters.open(accepted(self.priced), self.opened_at, usage);
        self.log.iter_mut().for_each(|entry| entry.settled.sequence = 0);
    }

    fn close(&mut self) {
        let period = self.meters.closable(agreement(), self.now).unwrap();
        self.meters.closed(agreement(), period.end, self.now);
        self.opened_at = period.end;
        self.now = self.now.max(period.end);
    }

    fn recorded_since_open(&self) -> Vec<Restored> {
        let entries = self.log.iter().filter(|entry| entry.hold.period_start >= self.opened_at);
        let mut usage = PeriodUsage::default();
        for entry in entries {
            usage.calls += 1;
            for line in &entry.settled.lines {
                let meters = &mut usage.meters;
                if meters.is_empty() {
                    meters.push(crate::published::usage::MeterUsage { meter: line.meter, split: Split::default() });
                }
                meters[0].split.free.0 += line.split.free.0;
                meters[0].split.value_added.0 += line.split.value_added.0;
            }
        }
        vec![Restored { start: self.opened_at, end: None, latest: self.opened_at, usage }]
    }

    fn recorded(&self, period_start: Timestamp) -> Split {
        let lines = self.log.iter().filter(|entry| entry.hold.period_start == period_start);
        lines.flat_map(|entry| &entry.settled.lines).fold(Split::default(), |sum, line| Split {
            free: sum.free.checked_add(line.split.free).unwrap(),
            value_added: sum.value_added.checked_add(line.split.value_added).unwrap(),
        })
    }
}

proptest! {
    #[test]
    fn no_schedule_gives_more_than_the_allowance_or_less(priced: bool, steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new(priced);
        for step in steps {
            world.run(step);
            let recorded = world.recorded(world.opened_at);
            prop_assert_eq!(used(&world.meters, world.opened_at), recorded);
            prop_assert!(recorded.free <= Quantity(10));
            prop_assert!(recorded.value_added.is_zero() || (priced && recorded.free == Quantity(10)));
        }
        let starts: std::collections::BTreeSet<_> = world.log.iter().map(|entry| entry.hold.period_start).collect();
        for period_start in starts {
            let recorded = world.recorded(period_start);
            prop_assert!(recorded.free <= Quantity(10));
            prop_assert!(recorded.value_added.is_zero() || recorded.free == Quantity(10));
        }
    }

    #[test]
    fn sequence_numbers_are_gapless_in_log_order(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new(true);
        for step in steps.into_iter().filter(|step| !matches!(step, Step::Restart | Step::Close)) {
            world.run(step);
        }
        let sequences: Vec<u64> = world.log.iter().map(|entry| entry.settled.sequence).collect();
        prop_assert_eq!(sequences, (1..).take(world.log.len()).collect::<Vec<u64>>());
    }
}
