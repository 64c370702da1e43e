use eventlog::project::Projection;
use proptest::prelude::*;

use super::market::{batch, call, market, stream};
use super::money::settled;
use super::{Fixture, Log};

fn extended(calls: &[(i64, u64)]) -> Log {
    let mut log = settled();
    for (ordinal, (minute, quantity)) in (2_u64..).zip(calls) {
        log.add(&stream(), &batch(vec![call(ordinal, *minute, *quantity)]));
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn views_built_anew_equal_those_that_grew(
        calls in prop::collection::vec((0_i64..10_000, 0_u64..1_000_000), 0..12),
        steps in prop::collection::vec(1_usize..6, 1..8),
    ) {
        let log = extended(&calls);
        let rebuilt = Fixture::of(&log);
        let mut grown = Fixture::empty();
        let mut rest = log.events.as_slice();
        for step in steps.iter().cycle() {
            let (batch, later) = rest.split_at((*step).min(rest.len()));
            let Some(last) = batch.last() else { break };
            grown.projection.apply(batch, last.position).unwrap();
            rest = later;
        }
        prop_assert_eq!(grown.views.first_difference(&rebuilt.views).unwrap(), None);
        prop_assert_eq!(grown.views.counts().unwrap(), rebuilt.views.counts().unwrap());
        prop_assert_eq!(grown.views.cursor().unwrap(), Some(log.head()));
    }
}

#[test]
fn the_first_difference_is_named() {
    let short = Fixture::of(&extended(&[]));
    let long = Fixture::of(&extended(&[(3, 4)]));
    let difference = short.views.first_difference(&long.views).unwrap().unwrap();
    let (left, right) = (difference.left.unwrap(), difference.right.unwrap());
    assert_eq!((left.table.as_str(), right.table.as_str()), ("calls_hour", "calls_hour"));
    assert_eq!(left.key, right.key);
    assert_ne!(left.row, right.row);
}

#[test]
fn every_table_is_digested_and_counted() {
    let fixture = Fixture::of(&settled());
    let mut tables = Vec::new();
    fixture.views.digest_rows(|row| tables.push(row.table)).unwrap();
    let counts = fixture.views.counts().unwrap();
    let rows: u64 = counts.iter().map(|(_, rows)| rows).sum();
    assert_eq!(u64::try_from(tables.len()).unwrap(), rows);
    for table in ["organization", "capability", "listing", "offer", "invoice_line", "balance"] {
        assert!(counts.iter().any(|(name, rows)| name == table && *rows > 0), "{table}");
    }
    assert!(!counts.iter().any(|(name, _)| name.contains("search") || name == "progress"));
}

#[test]
fn events_at_or_before_the_cursor_count_once() {
    let mut log = market();
    log.add(&stream(), &batch(vec![call(1, 0, 10)]));
    let once = Fixture::of(&log);
    let mut twice = Fixture::of(&log);
    twice.apply(&log).unwrap();
    assert_eq!(twice.views.first_difference(&once.views).unwrap(), None);
}

#[test]
fn an_empty_batch_moves_the_cursor_only() {
    let log = market();
    let mut fixture = Fixture::of(&log);
    let further = kernel::event::Position(log.head().0 + 1000);
    fixture.projection.apply(&[], further).unwrap();
    assert_eq!(fixture.projection.cursor().unwrap(), Some(further));
    assert_eq!(fixture.views.first_difference(&Fixture::of(&log).views).unwrap(), None);
}
