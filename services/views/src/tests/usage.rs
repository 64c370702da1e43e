use agreements::published::agreement::Event as AgreementEvent;
use agreements::published::terms::{Price, Tier};
use eventlog::project::ProjectError;
use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use kernel::exact::{Decimal, Exact};
use kernel::id::{AgreementId, InvocationId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::Period;
use metering::published::usage::{MeterUsage, SequenceRange, Split};
use uuid::Uuid;

use super::market::{AGREEMENT, BUYER, KEY, SEGMENTER, SELLER, accepted, batch, call, market, may, slug, stream};
use super::{Fixture, Log, at};
use crate::usage_series::{GroupKey, Grouping, UsageFilter, UsageOf};

const TIERED: AgreementId = AgreementId::new(Uuid::from_u128(77));

fn characters(free: u64, value_added: u64) -> MeterUsage {
    let split = Split { free: Quantity(free), value_added: Quantity(value_added) };
    MeterUsage { meter: Meter::Character, split }
}

/// Three calls in two batches: 10 and 20 characters at 02:00, 7 at 03:30.
fn busy() -> (Log, Position, Position) {
    let mut log = market();
    let first = log.add(&stream(), &batch(vec![call(1, 0, 10), call(2, 1, 20)]));
    let second = log.add(&stream(), &batch(vec![call(3, 90, 7)]));
    (log, first, second)
}

#[test]
fn a_period_sums_its_meters_and_names_its_records() {
    let (log, ..) = busy();
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    let usage = views.period_usage(AGREEMENT, may().start).unwrap();
    assert_eq!(usage.meters, [characters(18, 19)]);
    assert_eq!(usage.ranges, [SequenceRange { stream: stream().to_string(), first: 1, last: 3 }]);
    assert_eq!(usage.calls, 3);
    let open = views.open_periods().unwrap();
    assert_eq!(
        open.iter().map(|open| (open.agreement, open.period_start)).collect::<Vec<_>>(),
        [(AGREEMENT, may().start)]
    );
    assert_eq!(open[0].usage, usage);
    assert_eq!(open[0].latest, call(3, 90, 7).admitted_at);
}

#[test]
fn another_period_of_the_agreement_has_no_usage() {
    let (log, ..) = busy();
    let usage = Fixture::of(&log).views.period_usage(AGREEMENT, may().end).unwrap();
    assert_eq!((usage.calls, usage.meters.len()), (0, 0));
}

#[test]
fn usage_is_grouped_by_hour_day_and_purpose() {
    let (log, ..) = busy();
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    let series = |of, by: &Grouping| {
        let groups = views.usage_series(of, &UsageFilter::default(), may(), by).unwrap();
        groups.into_iter().map(|(key, totals)| (key, totals.meters, totals.calls)).collect::<Vec<_>>()
    };
    let hour = |text: &str| GroupKey::Start(text.parse::<Timestamp>().unwrap());
    assert_eq!(
        series(UsageOf::Buyer(BUYER), &Grouping::Hour),
        [
            (hour("2026-05-01T02:00:00Z"), vec![characters(15, 15)], 2),
            (hour("2026-05-01T03:00:00Z"), vec![characters(3, 4)], 1),
        ]
    );
    let all = vec![characters(18, 19)];
    let day = Grouping::Day("Asia/Shanghai".parse().unwrap());
    assert_eq!(series(UsageOf::Platform, &day), [(hour("2026-04-30T16:00:00Z"), all.clone(), 3)]);
    let expected = [
        (Grouping::Capability, GroupKey::Capability(slug("chinese-word-segmentation"))),
        (Grouping::Agreement, GroupKey::Agreement(AGREEMENT)),
        (Grouping::Listing, GroupKey::Listing(SEGMENTER)),
        (Grouping::Meter, GroupKey::Meter(Meter::Character)),
        (Grouping::Principal, GroupKey::Principal(KEY.to_string())),
    ];
    for (by, key) in expected {
        assert_eq!(series(UsageOf::Seller(SELLER), &by), [(key, all.clone(), 3)]);
    }
}

#[test]
fn totals_count_the_hours_that_the_period_touches() {
    let (log, ..) = busy();
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    let within = |start, end| {
        let of = UsageOf::Agreement(AGREEMENT);
        let totals = views.usage_totals(of, &UsageFilter::default(), Period { start, end }).unwrap();
        (totals.meters, totals.calls)
    };
    assert_eq!(within(at(60), at(120)), (vec![characters(3, 4)], 1));
    assert_eq!(within(at(59), at(60)), (vec![characters(15, 15)], 2));
    assert_eq!(within(at(120), at(180)), (vec![], 0));
    let foreign = views.usage_totals(UsageOf::Buyer(SELLER), &UsageFilter::default(), may()).unwrap();
    assert_eq!((foreign.meters.len(), foreign.calls), (0, 0));
}

/// Two calls around an Indian midnight, 18:30 UTC: 10 characters at 18:20, 20 at 18:40; 7 an hour earlier.
fn around_midnight() -> Log {
    let mut log = market();
    log.add(&stream(), &batch(vec![call(1, 920, 7), call(2, 980, 10), call(3, 1000, 20)]));
    log
}

#[test]
fn days_that_begin_at_half_past_are_counted_from_the_start_of_that_hour() {
    let fixture = Fixture::of(&around_midnight());
    let views = &fixture.views;
    let day = Grouping::Day("Asia/Kolkata".parse().unwrap());
    let may = |text: &str| text.parse::<Timestamp>().unwrap();
    let series = |start: &str, end: &str| {
        let period = Period { start: may(start), end: may(end) };
        let groups = views.usage_series(UsageOf::Platform, &UsageFilter::default(), period, &day).unwrap();
        let all = views.usage_totals(UsageOf::Platform, &UsageFilter::default(), period).unwrap().calls;
        assert_eq!(groups.iter().map(|(_, totals)| totals.calls).sum::<u64>(), all, "the days are all there is");
        groups.into_iter().map(|(key, totals)| (key, totals.calls)).collect::<Vec<_>>()
    };
    let (first, second) = ("2026-04-30T18:30:00Z", "2026-05-01T18:30:00Z");
    let (one, other) = (GroupKey::Start(may(first)), GroupKey::Start(may(second)));
    assert_eq!(series("2026-04-30T18:00:00Z", "2026-05-01T18:00:00Z"), [(one.clone(), 1)], "whole hours tile time");
    assert_eq!(series("2026-05-01T18:00:00Z", "2026-05-02T18:00:00Z"), [(other.clone(), 2)]);
    assert_eq!(series(second, "2026-05-02T18:30:00Z"), [(other.clone(), 2)]);
    assert_eq!(series(first, second), [(one, 1), (other, 2)], "every hour that is touched, under the day it counts to");
}

#[test]
fn an_invocation_leads_to_its_batch() {
    let (log, first, second) = busy();
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(views.invocation_batches(call(1, 0, 0).invocation).unwrap(), [first]);
    assert_eq!(views.invocation_batches(call(3, 90, 0).invocation).unwrap(), [second]);
    for stranger in [0, u128::MAX] {
        assert_eq!(views.invocation_batches(InvocationId::new(Uuid::from_u128(stranger))).unwrap(), []);
    }
}

fn exact(text: &str) -> Exact {
    text.parse::<Decimal>().unwrap().to_exact()
}

#[test]
fn charges_are_exact_and_calls_told_by_class() {
    let mut log = market();
    log.add(&stream(), &batch(vec![call(1, 0, 1), call(2, 1, 7)]));
    let mut free = call(3, 2, 4);
    free.lines[0].split = Split { free: Quantity(4), value_added: Quantity::ZERO };
    log.add(&stream(), &batch(vec![free]));
    let fixture = Fixture::of(&log);
    let totals = fixture.views.usage_totals(UsageOf::Buyer(BUYER), &UsageFilter::default(), may()).unwrap();
    assert_eq!((totals.calls, totals.value_added_calls), (3, 2));
    assert_eq!(totals.charges.into_iter().collect::<Vec<_>>(), [(Currency::Cny, exact("0.001"))]);
}

#[test]
fn a_tiered_price_charges_each_call_after_those_before_it() {
    let mut log = market();
    let tier = |up_to: Option<&str>, unit: &str| Tier {
        up_to: up_to.map(|end| end.parse().unwrap()),
        unit: unit.parse().unwrap(),
        flat: Decimal::ZERO,
    };
    let mut fact = accepted(TIERED);
    fact.terms.meters[0].price = Some(Price::Graduated { tiers: vec![tier(Some("10"), "0.3"), tier(None, "0.1")] });
    log.add(&StreamName::of(&TIERED), &AgreementEvent::Accepted(fact));
    // 8 units at 0.3; then 2 at 0.3 and 6 at 0.1, in another batch.
    for (sequence, before) in [(1, 0), (2, 8)] {
        let mut record = call(sequence, 0, 16);
        record.agreement = TIERED;
        record.lines[0].before = Quantity(before);
        log.add(&stream(), &batch(vec![record]));
    }
    let fixture = Fixture::of(&log);
    let filter = UsageFilter { agreement: Some(TIERED), ..UsageFilter::default() };
    let totals = fixture.views.usage_totals(UsageOf::Seller(SELLER), &filter, may()).unwrap();
    assert_eq!(totals.charges.get(&Currency::Cny), Some(&exact("3.6")));
    let groups = fixture.views.usage_series(UsageOf::Seller(SELLER), &filter, may(), &Grouping::Capability).unwrap();
    assert_eq!(groups[0].1.charges.get(&Currency::Cny), Some(&exact("3.6")));
}

#[test]
fn usage_is_filtered_by_what_it_was_for() {
    let mut log = market();
    let mut other = call(2, 0, 20);
    other.capability = Some(slug("invoice-recognition"));
    other.principal = "mem_1".into();
    other.lines[0].meter = Meter::Page;
    log.add(&stream(), &batch(vec![call(1, 0, 10), other]));
    let fixture = Fixture::of(&log);
    let none = UsageFilter::default;
    let calls = |filter: UsageFilter| fixture.views.usage_totals(UsageOf::Buyer(BUYER), &filter, may()).unwrap().calls;
    assert_eq!(calls(none()), 2);
    assert_eq!(calls(UsageFilter { capability: Some(slug("invoice-recognition")), ..none() }), 1);
    assert_eq!(calls(UsageFilter { principal: Some("mem_1".to_owned()), ..none() }), 1);
    assert_eq!(calls(UsageFilter { meter: Some(Meter::Page), ..none() }), 1);
    assert_eq!(calls(UsageFilter { meter: Some(Meter::Image), ..none() }), 0);
    assert_eq!(calls(UsageFilter { listing: Some(SEGMENTER), agreement: Some(AGREEMENT), ..none() }), 2);
    assert_eq!(calls(UsageFilter { agreement: Some(TIERED), ..none() }), 0);
}

#[test]
fn a_sum_past_64_bits_is_refused_and_never_becomes_a_float() {
    let huge = |sequence| {
        let mut record = call(sequence, 0, 0);
        record.lines[0].split.free = Quantity(u64::try_from(i64::MAX).unwrap());
        record
    };
    let mut log = market();
    log.add(&stream(), &batch(vec![huge(1)]));
    let mut fixture = Fixture::of(&log);
    let position = log.add(&stream(), &batch(vec![huge(2)]));
    let error = fixture.apply(&log).unwrap_err();
    assert!(matches!(error, ProjectError::Poison { position: at, .. } if at == position), "{error:?}");
    assert_eq!(fixture.views.period_usage(AGREEMENT, may().start).unwrap().calls, 1);
}
