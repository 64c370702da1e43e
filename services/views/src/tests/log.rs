use agreements::published::agreement::{Cancelled, Event as AgreementEvent};
use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use kernel::id::AgreementId;
use uuid::Uuid;

use super::market::{AGREEMENT, accept, market, may};
use super::{Fixture, Log, first, rows};
use crate::log::{LogFilter, LogOrder};

/// The market, and a second agreement that somebody cancelled.
fn busy() -> Log {
    let mut log = market();
    let other = AgreementId::new(Uuid::from_u128(70));
    accept(&mut log, other);
    let cancelled = Cancelled { agreement: other, ends_at: may().end };
    log.add(&StreamName::of(&other), &AgreementEvent::Cancelled(cancelled));
    let last = log.events.last_mut().unwrap();
    last.provenance.actor = "mem_1".to_owned();
    last.provenance.correlation = Uuid::from_u128(5);
    log
}

fn found(fixture: &Fixture, filter: &LogFilter) -> Vec<Position> {
    rows(fixture.views.log_positions(filter, LogOrder::Oldest, &first(100)).unwrap())
}

fn wanted(log: &Log, wanted: impl Fn(&eventlog::port::StoredEvent) -> bool) -> Vec<Position> {
    log.events.iter().filter(|event| wanted(event)).map(|event| event.position).collect()
}

#[test]
fn every_event_is_listed_from_either_end() {
    let log = busy();
    let fixture = Fixture::of(&log);
    let all = wanted(&log, |_| true);
    assert_eq!(found(&fixture, &LogFilter::default()), all);
    let page = fixture.views.log_positions(&LogFilter::default(), LogOrder::Newest, &first(2)).unwrap();
    assert_eq!((page.total, page.has_next), (u64::try_from(all.len()).unwrap(), true));
    assert_eq!(rows(page), [all[all.len() - 1], all[all.len() - 2]]);
}

#[test]
fn events_are_found_by_stream_category_kind_actor_and_correlation() {
    let log = busy();
    let fixture = Fixture::of(&log);
    let text = |text: &str| Some(text.to_owned());
    let all = LogFilter::default;
    let stream = StreamName::of(&AGREEMENT).to_string();
    assert_eq!(
        found(&fixture, &LogFilter { stream: Some(stream.clone()), ..all() }),
        wanted(&log, |event| event.stream.as_str() == stream)
    );
    assert_eq!(
        found(&fixture, &LogFilter { stream: text("agreement"), ..all() }),
        wanted(&log, |event| event.stream.category() == "agreement")
    );
    assert_eq!(
        found(&fixture, &LogFilter { kind: text("organization_registered"), ..all() }),
        wanted(&log, |event| event.kind == "organization_registered")
    );
    let last = [log.head()];
    assert_eq!(found(&fixture, &LogFilter { actor: text("mem_1"), ..all() }), last);
    assert_eq!(found(&fixture, &LogFilter { correlation: Some(Uuid::from_u128(5)), ..all() }), last);
    assert_eq!(found(&fixture, &LogFilter { stream: text("nobody"), ..all() }), []);
    assert_eq!(found(&fixture, &LogFilter { kind: text("never_happened"), ..all() }), []);
}

#[test]
fn filters_hold_together() {
    let log = busy();
    let fixture = Fixture::of(&log);
    let text = |text: &str| Some(text.to_owned());
    let last = log.events.last().unwrap();
    let (stream, kind, actor) = (text(last.stream.as_str()), text(&last.kind), text("mem_1"));
    let all = LogFilter { stream, kind, actor, correlation: Some(Uuid::from_u128(5)), ..LogFilter::default() };
    assert_eq!(found(&fixture, &all), [last.position]);
    assert_eq!(found(&fixture, &LogFilter { stream: text("agreement"), ..all.clone() }), [last.position]);
    let others = [
        LogFilter { stream: Some(StreamName::of(&AGREEMENT).to_string()), ..all.clone() },
        LogFilter { stream: text("offer"), ..all.clone() },
        LogFilter { kind: text("organization_registered"), ..all.clone() },
        LogFilter { actor: text("mem_2"), ..all.clone() },
        LogFilter { correlation: Some(Uuid::from_u128(6)), ..all },
    ];
    for other in others {
        assert_eq!(found(&fixture, &other), [], "{other:?}");
    }
}

#[test]
fn a_span_cuts_hours_exactly() {
    let mut log = Log::default();
    while log.events.len() < 200 {
        log.events.extend(market().events);
    }
    // As `Log::add` would have it: a minute apart.
    for (ordinal, event) in (0..).zip(&mut log.events) {
        event.position = Position(10 * (ordinal + 1));
        event.occurred_at = super::at(i64::try_from(ordinal).unwrap());
        event.stream = StreamName::new("platform", "none").unwrap();
    }
    let fixture = Fixture::of(&log);
    let (from, until) = (super::at(30), super::at(95));
    let inside = |at: Timestamp| from <= at && at < until;
    let filter = LogFilter { from: Some(from), until: Some(until), ..LogFilter::default() };
    assert_eq!(found(&fixture, &filter), wanted(&log, |event| inside(event.occurred_at)));
    let never = LogFilter { from: Some(super::at(100_000)), ..LogFilter::default() };
    assert_eq!(found(&fixture, &never), []);
}
