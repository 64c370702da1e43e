//! Usage that is reported: in time, late, and in whatever order.

use agreements::published::rating;
use agreements::published::terms::{Price, Tier};
use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::exact::{self, Exact};
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;
use proptest::prelude::*;

use crate::account::{Demand, Refusal, Restored};
use crate::meters::{Meters, Settlement};
use crate::meters_tests::{STREAM, accepted, agreement, at, metered, split, start, used};
use crate::published::usage::{Basis, CorrectedUsage, MeterUsage, PeriodUsage, Split, UsageLine};

const FIRST_NOON: &str = "2026-01-01T12:00:00Z";
const SECOND_NOON: &str = "2026-01-02T12:00:00Z";

fn first_day() -> Period {
    Period { start: start(), end: at("2026-01-02T00:00:00Z") }
}

fn characters(quantity: u64) -> Vec<Demand> {
    vec![Demand { meter: Meter::Character, quantity: Quantity(quantity), basis: Basis::ProviderReported }]
}

fn report(meters: &mut Meters, quantity: u64, used_at: &str) -> Result<Settlement, Refusal> {
    meters.report(agreement(), characters(quantity), at(used_at), STREAM)
}

/// Reports, and has the batch in the log.
fn recorded(meters: &mut Meters, quantity: u64, used_at: &str) -> Settlement {
    let settlement = report(meters, quantity, used_at).unwrap();
    meters.confirm([&settlement].into_iter(), Position(1));
    settlement
}

fn close_first_day(meters: &mut Meters) {
    meters.closed(agreement(), first_day().end, first_day().end);
}

fn usage(meters: &Meters, start: Timestamp) -> PeriodUsage {
    meters.account(agreement()).unwrap().usage(start)
}

fn line(settlement: &Settlement) -> UsageLine {
    settlement.settled.lines[0]
}

#[test]
fn a_report_counts_as_a_call_does() {
    let mut meters = metered(true);
    let settlement = recorded(&mut meters, 12, FIRST_NOON);
    assert_eq!((line(&settlement).split, line(&settlement).basis), (split(10, 2), Basis::ProviderReported));
    assert_eq!((settlement.hold.period_start, settlement.hold.billed_start), (start(), start()));
    assert_eq!(used(&meters, start()), split(10, 2));
    assert!(!meters.account(agreement()).unwrap().is_busy(start()));
}

#[test]
fn a_period_that_is_over_and_not_closed_takes_reports() {
    let mut meters = metered(true);
    recorded(&mut meters, 1, SECOND_NOON);
    recorded(&mut meters, 2, FIRST_NOON);
    assert_eq!(used(&meters, start()), split(2, 0));
    assert_eq!(used(&meters, first_day().end), split(1, 0));
}

#[test]
fn usage_outside_of_the_agreements_time_is_refused() {
    let mut meters = metered(true);
    meters.end(agreement(), at(SECOND_NOON));
    assert_eq!(report(&mut meters, 1, "2025-12-31T23:59:59Z"), Err(Refusal::NotInForce));
    assert_eq!(report(&mut meters, 1, SECOND_NOON), Err(Refusal::NotInForce));
    assert!(report(&mut meters, 1, "2026-01-02T11:59:59Z").is_ok());
}

#[test]
fn every_meter_of_a_report_has_to_be_covered() {
    let mut meters = metered(true);
    let image = Demand { meter: Meter::Image, quantity: Quantity(1), basis: Basis::ProviderReported };
    let both = [characters(1), vec![image]].concat();
    assert_eq!(meters.report(agreement(), both, at(FIRST_NOON), STREAM), Err(Refusal::NotCovered));
    assert_eq!(meters.report(agreement(), vec![], at(FIRST_NOON), STREAM), Err(Refusal::NotCovered));
    assert_eq!(usage(&meters, start()), PeriodUsage::default());
}

#[test]
fn a_report_past_an_allowance_without_a_price_is_refused() {
    let mut meters = metered(false);
    recorded(&mut meters, 9, FIRST_NOON);
    assert!(matches!(report(&mut meters, 2, FIRST_NOON), Err(Refusal::AllowanceExhausted(_))));
    recorded(&mut meters, 1, FIRST_NOON);
    close_first_day(&mut meters);
    assert!(matches!(report(&mut meters, 1, FIRST_NOON), Err(Refusal::AllowanceExhausted(_))), "late as well");
}

#[test]
fn a_late_report_is_on_the_next_invoice_and_in_the_period_it_was_used_in() {
    let mut meters = metered(true);
    recorded(&mut meters, 7, FIRST_NOON);
    let on_time = usage(&meters, start());
    close_first_day(&mut meters);
    let late = recorded(&mut meters, 5, FIRST_NOON);
    assert_eq!((late.hold.period_start, late.hold.billed_start), (start(), first_day().end));
    assert_eq!(line(&late).split, split(3, 2), "what is left of that period's allowance");
    let closed = usage(&meters, start());
    assert_eq!((&closed.meters, closed.calls), (&on_time.meters, on_time.calls), "nothing issued changes");
    let next = usage(&meters, first_day().end);
    let [correction] = next.corrections.as_slice() else { panic!("{next:?}") };
    let expected = CorrectedUsage { meter: Meter::Character, split: split(3, 2), before: Quantity(0) };
    assert_eq!((correction.service, correction.meters.as_slice()), (first_day(), [expected].as_slice()));
    assert_eq!((next.calls, next.ranges[0].last), (1, 2));
    recorded(&mut meters, 10, SECOND_NOON);
    assert_eq!(used(&meters, first_day().end), split(10, 0), "the open period has its own allowance");
}

#[test]
fn a_correction_says_what_earlier_invoices_have() {
    let mut meters = metered(true);
    recorded(&mut meters, 14, FIRST_NOON);
    close_first_day(&mut meters);
    recorded(&mut meters, 3, FIRST_NOON);
    meters.closed(agreement(), at("2026-01-03T00:00:00Z"), at("2026-01-03T00:00:00Z"));
    recorded(&mut meters, 2, FIRST_NOON);
    let before = |start| usage(&meters, start).corrections[0].meters[0].before;
    assert_eq!(before(first_day().end), Quantity(4));
    assert_eq!(before(at("2026-01-03T00:00:00Z")), Quantity(7));
}

#[test]
fn a_call_that_ends_after_a_late_report_is_on_the_earlier_invoice() {
    let mut meters = metered(true);
    let noon = at(FIRST_NOON);
    let hold = meters.admit(agreement(), &characters(12), noon, noon + SignedDuration::from_secs(60)).unwrap();
    close_first_day(&mut meters);
    recorded(&mut meters, 11, FIRST_NOON);
    let next = first_day().end;
    assert!(meters.account(agreement()).unwrap().is_busy(next), "what is billed before it is not final");
    let call = meters.settle(hold, STREAM).unwrap();
    assert_eq!(usage(&meters, next).corrections[0].meters[0].before, Quantity(12));
    meters.unsettle([&call].into_iter());
    assert_eq!(usage(&meters, next).corrections[0].meters[0].before, Quantity(0));
}

#[test]
fn a_call_that_ends_when_later_periods_are_closed_as_well_is_on_the_earliest_invoice() {
    let mut meters = metered(true);
    let (noon, second, third) = (at(FIRST_NOON), first_day().end, at("2026-01-03T00:00:00Z"));
    let hold = meters.admit(agreement(), &characters(12), noon, noon + SignedDuration::from_secs(60)).unwrap();
    close_first_day(&mut meters);
    recorded(&mut meters, 11, FIRST_NOON);
    meters.closed(agreement(), third, third);
    recorded(&mut meters, 2, FIRST_NOON);
    let before = |meters: &Meters| [second, third].map(|start| usage(meters, start).corrections[0].meters[0].before);
    assert_eq!(before(&meters), [Quantity(0), Quantity(1)]);
    let call = meters.settle(hold, STREAM).unwrap();
    assert_eq!(before(&meters), [Quantity(12), Quantity(13)]);
    meters.unsettle([&call].into_iter());
    assert_eq!(before(&meters), [Quantity(0), Quantity(1)]);
}

#[test]
fn a_late_report_that_is_taken_back_leaves_nothing() {
    let mut meters = metered(true);
    recorded(&mut meters, 7, FIRST_NOON);
    close_first_day(&mut meters);
    let before = [start(), first_day().end].map(|start| usage(&meters, start));
    let late = report(&mut meters, 5, FIRST_NOON).unwrap();
    meters.unsettle([&late].into_iter());
    assert_eq!([start(), first_day().end].map(|start| usage(&meters, start)), before);
    assert!(!meters.account(agreement()).unwrap().is_busy(first_day().end));
}

#[test]
fn a_forgotten_period_is_restored_before_it_is_corrected() {
    let mut meters = metered(true);
    recorded(&mut meters, 7, FIRST_NOON);
    let used = usage(&meters, start());
    close_first_day(&mut meters);
    meters.forget(agreement(), start());
    assert_eq!(report(&mut meters, 5, FIRST_NOON), Err(Refusal::NotAtHand));
    let missing = meters.missing(agreement(), at(FIRST_NOON)).unwrap();
    assert_eq!(missing.recorded, Some(Position(1)), "up to where it has to be known");
    meters.restore(agreement(), missing, first_day(), used).unwrap();
    assert_eq!(meters.missing(agreement(), at(FIRST_NOON)), None);
    assert_eq!(line(&recorded(&mut meters, 5, FIRST_NOON)).split, split(3, 2));
}

#[test]
fn what_was_read_before_counters_were_forgotten_is_not_restored() {
    let mut meters = metered(true);
    recorded(&mut meters, 7, FIRST_NOON);
    let stale = usage(&meters, start());
    close_first_day(&mut meters);
    meters.forget(agreement(), start());
    let missing = meters.missing(agreement(), at(FIRST_NOON)).unwrap();
    meters.restore(agreement(), missing, first_day(), stale.clone()).unwrap();
    recorded(&mut meters, 3, FIRST_NOON);
    meters.closed(agreement(), at("2026-01-03T00:00:00Z"), at("2026-01-03T00:00:00Z"));
    meters.restore(agreement(), missing, first_day(), stale).unwrap();
    assert_eq!(report(&mut meters, 1, FIRST_NOON), Err(Refusal::NotAtHand));
}

#[test]
fn an_ended_agreement_is_billed_for_what_comes_late() {
    let mut meters = metered(true);
    recorded(&mut meters, 11, FIRST_NOON);
    meters.end(agreement(), at("2026-01-01T18:00:00Z"));
    let period = meters.closable(agreement(), at(SECOND_NOON)).unwrap();
    meters.closed(agreement(), period.end, at(SECOND_NOON));
    assert_eq!(meters.closable(agreement(), at(SECOND_NOON)), Err(Refusal::NotInForce));
    recorded(&mut meters, 2, FIRST_NOON);
    let next = meters.closable(agreement(), at(SECOND_NOON)).unwrap();
    assert_eq!((next.start, next.seconds()), (period.end, 0), "no fee for a time without an agreement");
    assert_eq!(usage(&meters, next.start).corrections.len(), 1);
}

#[test]
fn what_comes_late_of_an_ended_agreement_is_due_once_per_calendar_period() {
    let is_due = |meters: &Meters, now: &str| meters.account(agreement()).unwrap().is_due(at(now));
    let mut meters = metered(true);
    recorded(&mut meters, 11, FIRST_NOON);
    meters.end(agreement(), at("2026-01-01T18:00:00Z"));
    assert_eq!(is_due(&meters, "2026-01-01T17:59:59Z"), Ok(false));
    assert_eq!(is_due(&meters, "2026-01-01T18:00:00Z"), Ok(true), "the agreement has ended");
    for (closed, before, over) in [
        ("2026-01-01T18:00:01Z", "2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z"),
        ("2026-01-02T00:00:01Z", "2026-01-02T23:59:59Z", "2026-01-03T00:00:00Z"),
        ("2026-01-09T12:00:00Z", "2026-01-09T23:59:59Z", "2026-01-10T00:00:00Z"),
    ] {
        let period = meters.closable(agreement(), at(closed)).unwrap();
        meters.closed(agreement(), period.end, at(closed));
        assert_eq!(is_due(&meters, over), Err(Refusal::NotInForce), "there is nothing to bill");
        recorded(&mut meters, 2, FIRST_NOON);
        assert_eq!((is_due(&meters, before), is_due(&meters, over)), (Ok(false), Ok(true)), "{closed}");
    }
}

/// An invoice is one event. Two steps for the charge as it is and two for what was billed are four a day.
#[test]
fn an_invoice_corrects_as_many_periods_as_it_can_hold() {
    let mut meters = metered(true);
    let noon = |day: i64| start() + SignedDuration::from_hours(24 * day + 12);
    let late = |meters: &mut Meters, day: i64| meters.report(agreement(), characters(11), noon(day), STREAM);
    for day in 0..=500 {
        late(&mut meters, day).unwrap();
        let end = start() + SignedDuration::from_hours(24 * (day + 1));
        meters.closed(agreement(), end, end);
    }
    for day in 0..500 {
        late(&mut meters, day).unwrap();
    }
    assert_eq!(late(&mut meters, 500), Err(Refusal::TooManyCorrections));
    assert!(late(&mut meters, 499).is_ok(), "what is corrected already may be corrected further");
    let end = start() + SignedDuration::from_hours(24 * 502);
    meters.closed(agreement(), end, end);
    assert!(late(&mut meters, 500).is_ok(), "the next invoice has room");
}

fn tiered() -> Price {
    let tier = |up_to: Option<&str>, unit: &str, flat: &str| Tier {
        up_to: up_to.map(|bound| bound.parse().unwrap()),
        unit: unit.parse().unwrap(),
        flat: flat.parse().unwrap(),
    };
    Price::Graduated { tiers: vec![tier(Some("20"), "0.5", "1"), tier(Some("50"), "0.3", "2"), tier(None, "0.1", "0")] }
}

/// What the invoices of all periods charge for the first day: its own line, and the corrections.
fn charged(price: &Price, meters: &Meters, starts: &[Timestamp]) -> Exact {
    let sum = |usage: &[MeterUsage]| usage.first().map_or(Quantity(0), |usage| usage.split.value_added);
    let first = rating::amount(price, &exact::from_quantity(sum(&usage(meters, starts[0]).meters)));
    starts[1..].iter().flat_map(|start| usage(meters, *start).corrections).fold(first, |total, correction| {
        let CorrectedUsage { split, before, .. } = correction.meters[0];
        exact::add(&total, &rating::marginal(price, before, split.value_added))
    })
}

/// The usage of a period of which every record came late.
fn all_late(records: &[Settlement]) -> PeriodUsage {
    let add = |sum: Split, record: &Settlement| {
        let Split { free, value_added } = line(record).split;
        split(sum.free.0 + free.0, sum.value_added.0 + value_added.0)
    };
    let sum = records.iter().fold(Split::default(), add);
    let late = records.first().map(|record| MeterUsage { meter: line(record).meter, split: sum });
    PeriodUsage { late: late.into_iter().collect(), ..PeriodUsage::default() }
}

proptest! {
    /// Whatever comes late, on whichever invoice, and with restarts in between: the total is that of all in time.
    #[test]
    fn late_or_in_time_the_charge_is_the_same(
        quantities in prop::collection::vec((1_u64..15, 0_usize..3), 1..20), restart: bool
    ) {
        let price = tiered();
        let starts: Vec<Timestamp> = (1..=3).map(|day| at(&format!("2026-01-0{day}T00:00:00Z"))).collect();
        let mut meters = metered(true);
        let mut records = Vec::new();
        for (round, start) in starts.iter().enumerate() {
            if round > 0 {
                meters.closed(agreement(), *start, *start);
            }
            if restart {
                let restored = starts[..=round].iter().map(|start| Restored {
                    start: *start,
                    latest: *start,
                    end: Some(*start + SignedDuration::from_hours(24)).filter(|end| *end <= starts[round]),
                    usage: usage(&meters, *start),
                });
                let restored = restored.collect();
                meters = Meters::default();
                meters.open(accepted(true), *start, restored);
            }
            // What nobody used, or what is rated, is not in memory: the views have it.
            if let Some(missing) = meters.missing(agreement(), at(FIRST_NOON)) {
                meters.restore(agreement(), missing, first_day(), all_late(&records)).unwrap();
            }
            for (quantity, _) in quantities.iter().filter(|(_, told)| *told == round) {
                records.push(recorded(&mut meters, *quantity, FIRST_NOON));
            }
        }
        let total: u64 = quantities.iter().map(|(quantity, _)| quantity).sum();
        let value_added = exact::from_quantity(Quantity(total.saturating_sub(10)));
        let expected = rating::amount(&price, &value_added);
        prop_assert_eq!(charged(&price, &meters, &starts), expected.clone());
        let zero = rating::amount(&price, &exact::from_i64(0));
        let by_record = records.iter().fold(zero, |sum, record| {
            exact::add(&sum, &rating::marginal(&price, line(record).before, line(record).split.value_added))
        });
        prop_assert_eq!(by_record, expected, "the charge follows from the records alone");
    }
}
