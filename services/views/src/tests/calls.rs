use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;
use metering::published::usage::{Split, UsageRecord};

use super::market::{AGREEMENT, BUYER, SELLER, batch, call, market, may, slug, stream};
use super::{Fixture, Log, at};
use crate::calls::{CallClass, CallCount, CallFilter, CallsWithin, Slot};
use crate::usage::hour;
use crate::usage_series::{UsageFilter, UsageOf};

const ALL: CallsWithin = CallsWithin::Span { from: None, until: None };

fn of(of: UsageOf) -> CallFilter {
    CallFilter { of, usage: UsageFilter::default(), class: None, within: ALL }
}

fn free(mut record: UsageRecord) -> UsageRecord {
    record.lines[0].split = Split { free: Quantity(1), value_added: Quantity::ZERO };
    record
}

fn within(from: Option<Timestamp>, until: Option<Timestamp>) -> CallFilter {
    CallFilter { within: CallsWithin::Span { from, until }, ..of(UsageOf::Buyer(BUYER)) }
}

fn slot(minute: i64, position: Position) -> Slot {
    Slot { hour: hour(at(minute)), position }
}

/// Batches at the minutes 0, 1 and 90, the last with a free call.
fn busy() -> (Log, [Position; 3]) {
    let mut log = market();
    let first = log.add(&stream(), &batch(vec![call(1, 0, 10), call(2, 0, 20)]));
    let second = log.add(&stream(), &batch(vec![call(3, 1, 10)]));
    let third = log.add(&stream(), &batch(vec![free(call(4, 90, 1))]));
    (log, [first, second, third])
}

#[test]
fn slots_are_walked_newest_first_from_any_of_them() {
    let (log, [first, second, third]) = busy();
    let fixture = Fixture::of(&log);
    let all = [slot(90, third), slot(1, second), slot(0, first)];
    for whose in [UsageOf::Agreement(AGREEMENT), UsageOf::Buyer(BUYER), UsageOf::Seller(SELLER), UsageOf::Platform] {
        assert_eq!(fixture.views.call_slots(&of(whose), None, 10).unwrap(), all);
        assert_eq!(fixture.views.call_slots(&of(whose), None, 2).unwrap(), all[..2]);
        assert_eq!(fixture.views.call_slots(&of(whose), Some(all[1]), 10).unwrap(), all[1..]);
        assert_eq!(fixture.views.call_count(&of(whose)).unwrap(), CallCount { counted: 4, unread: vec![] });
    }
    assert_eq!(fixture.views.call_slots(&of(UsageOf::Buyer(SELLER)), None, 10).unwrap(), []);
}

#[test]
fn a_batch_of_two_hours_is_two_slots() {
    let mut log = market();
    let position = log.add(&stream(), &batch(vec![call(1, 59, 10), call(2, 60, 20)]));
    let fixture = Fixture::of(&log);
    let slots = fixture.views.call_slots(&of(UsageOf::Platform), None, 10).unwrap();
    assert_eq!(slots, [slot(60, position), slot(59, position)]);
    assert!(of(UsageOf::Platform).matches(slots[0], &call(2, 60, 20)));
    assert!(!of(UsageOf::Platform).matches(slots[0], &call(1, 59, 10)));
}

/// A call by one of several keys.
fn by(key: u64, record: UsageRecord) -> UsageRecord {
    UsageRecord { principal: format!("key_{key}").into(), ..record }
}

#[test]
fn calls_of_many_origins_are_walked_as_those_of_one() {
    let mut log = market();
    let mut all = Vec::new();
    for number in 0..40 {
        // Hours come out of order, some origins are in several, and every other batch is of two origins.
        let minute = i64::try_from(number * 7 % 10 * 60).unwrap();
        let records = (0..=number % 2).map(|other| by((number + 3 * other) % 7, call(2 * number + other, minute, 10)));
        all.push(slot(minute, log.add(&stream(), &batch(records.collect()))));
    }
    all.sort_by_key(|slot| std::cmp::Reverse((slot.hour, slot.position)));
    let fixture = Fixture::of(&log);
    for max in 0..=41 {
        for (index, from) in all.iter().enumerate() {
            let found = fixture.views.call_slots(&of(UsageOf::Buyer(BUYER)), Some(*from), max).unwrap();
            let wanted: Vec<Slot> = all[index..].iter().take(usize::try_from(max).unwrap()).copied().collect();
            assert_eq!(found, wanted, "{max} from {from:?}");
        }
    }
}

#[test]
fn a_class_leads_to_its_slots_alone() {
    let (log, [first, second, third]) = busy();
    let fixture = Fixture::of(&log);
    let class = |class| CallFilter { class: Some(class), ..of(UsageOf::Buyer(BUYER)) };
    let slots = |filter: &CallFilter| fixture.views.call_slots(filter, None, 10).unwrap();
    assert_eq!(slots(&class(CallClass::Free)), [slot(90, third)]);
    assert_eq!(slots(&class(CallClass::ValueAdded)), [slot(1, second), slot(0, first)]);
    let count = |filter: &CallFilter| fixture.views.call_count(filter).unwrap().counted;
    assert_eq!((count(&class(CallClass::Free)), count(&class(CallClass::ValueAdded))), (1, 3));
    assert!(class(CallClass::Free).matches(slot(90, third), &free(call(4, 90, 1))));
    assert!(!class(CallClass::Free).matches(slot(0, first), &call(1, 0, 10)));
}

#[test]
fn a_span_cuts_hours_and_batches_exactly() {
    let (log, [first, second, third]) = busy();
    let fixture = Fixture::of(&log);
    let count = |filter: &CallFilter| fixture.views.call_count(filter).unwrap();
    let counted = |counted| CallCount { counted, unread: vec![] };
    assert_eq!(count(&within(Some(at(0)), Some(at(60)))), counted(3));
    assert_eq!(count(&within(Some(at(1)), None)), counted(2));
    assert_eq!(count(&within(None, Some(at(1)))), counted(2));
    assert_eq!(count(&within(Some(at(91)), None)), counted(0));
    let slots = |filter: &CallFilter| fixture.views.call_slots(filter, None, 10).unwrap();
    assert_eq!(slots(&within(Some(at(60)), None)), [slot(90, third)]);
    assert_eq!(slots(&within(None, Some(at(60)))), [slot(1, second), slot(0, first)]);
    assert!(!within(Some(at(1)), None).matches(slot(0, first), &call(1, 0, 10)));
    assert!(!within(None, Some(at(1))).matches(slot(1, second), &call(3, 1, 10)));
}

#[test]
fn a_batch_that_a_span_cuts_is_to_be_read() {
    let mut log = market();
    let position = log.add(&stream(), &batch(vec![call(1, 10, 10), call(2, 20, 20)]));
    let fixture = Fixture::of(&log);
    let count = fixture.views.call_count(&within(Some(at(15)), None)).unwrap();
    assert_eq!(count, CallCount { counted: 0, unread: vec![slot(10, position)] });
}

#[test]
fn calls_are_filtered_by_what_they_were_for() {
    let mut log = market();
    let mut other = call(2, 0, 20);
    other.capability = Some(slug("invoice-recognition"));
    log.add(&stream(), &batch(vec![call(1, 0, 10)]));
    let position = log.add(&stream(), &batch(vec![other.clone()]));
    let fixture = Fixture::of(&log);
    let usage = UsageFilter { capability: Some(slug("invoice-recognition")), ..UsageFilter::default() };
    let filter = CallFilter { usage, ..of(UsageOf::Buyer(BUYER)) };
    assert_eq!(fixture.views.call_slots(&filter, None, 10).unwrap(), [slot(0, position)]);
    assert_eq!(fixture.views.call_count(&filter).unwrap().counted, 1);
    assert!(filter.matches(slot(0, position), &other) && !filter.matches(slot(0, position), &call(1, 0, 10)));
}

#[test]
fn a_period_has_the_calls_of_a_meter() {
    let (log, [first, second, third]) = busy();
    let fixture = Fixture::of(&log);
    let filter = CallFilter::of_period(AGREEMENT, may(), may().start, Meter::Character);
    let slots = fixture.views.call_slots(&filter, None, 10).unwrap();
    assert_eq!(slots, [slot(90, third), slot(1, second), slot(0, first)]);
    assert_eq!(fixture.views.call_count(&filter).unwrap().counted, 4);
    assert!(filter.matches(slot(0, first), &call(1, 0, 10)));
    let mut later = call(1, 0, 10);
    (later.period_start, later.billed_start) = (may().end, may().end);
    assert!(!filter.matches(slot(0, first), &later));
    let images = CallFilter::of_period(AGREEMENT, may(), may().start, Meter::Image);
    assert_eq!(fixture.views.call_slots(&images, None, 10).unwrap(), []);
    assert_eq!(fixture.views.call_count(&images).unwrap().counted, 0);
}

#[test]
fn an_invoice_has_its_late_calls_and_none_of_the_invoice_before() {
    let (mut log, [.., before]) = busy();
    let next = Period { start: may().end, end: may().end.checked_add(SignedDuration::from_hours(720)).unwrap() };
    let mut late = call(5, 95, 10);
    late.billed_start = next.start;
    let mut own = call(6, 100, 10);
    (own.admitted_at, own.period_start, own.billed_start) = (next.start, next.start, next.start);
    let positions = [late.clone(), own.clone()].map(|record| log.add(&stream(), &batch(vec![record])));
    let fixture = Fixture::of(&log);
    let filter = CallFilter::of_invoice(AGREEMENT, next.start, Period { start: may().start, end: next.end });
    let slots = fixture.views.call_slots(&filter, None, 2).unwrap();
    assert_eq!(slots, [Slot { hour: hour(next.start), position: positions[1] }, slot(95, positions[0])]);
    assert!(filter.matches(slots[0], &own) && filter.matches(slots[1], &late));
    assert!(!filter.matches(slot(90, before), &call(4, 90, 1)));
    assert_eq!(fixture.views.call_count(&filter).unwrap(), CallCount { counted: 2, unread: vec![] });
}
