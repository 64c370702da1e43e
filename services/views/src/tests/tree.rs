use eventlog::project::Projection;
use kernel::event::Position;
use kernel::merkle::{self, Hash};
use proptest::prelude::*;
use receipts::proof::{self, Head};

use super::market::{batch, call, market, stream};
use super::{Fixture, HISTORY, Log};
use crate::tree::leaf;

fn log(calls: u64) -> Log {
    let mut log = market();
    for ordinal in 1..=calls {
        log.add(&stream(), &batch(vec![call(ordinal, 0, 10)]));
    }
    log
}

fn leaves(log: &Log) -> Vec<Hash> {
    log.events.iter().map(leaf).collect()
}

fn length(log: &Log) -> u64 {
    u64::try_from(log.events.len()).unwrap()
}

fn head(log: &Log, size: u64) -> Head {
    Head { size, root: merkle::root(&leaves(log)[..usize::try_from(size).unwrap()]) }
}

#[test]
fn the_head_is_the_root_over_all_events_in_their_order() {
    let log = log(5);
    assert_eq!(Fixture::of(&log).views.tree_head().unwrap(), head(&log, length(&log)));
    assert_eq!(Fixture::empty().views.tree_head().unwrap(), Head { size: 0, root: merkle::root(&[]) });
}

#[test]
fn every_event_is_proved_against_every_later_head() {
    let log = log(6);
    let (fixture, all) = (Fixture::of(&log), leaves(&log));
    let views = &fixture.views;
    for (index, event) in (0_u64..).zip(&log.events) {
        for size in 0..=length(&log) {
            let found = views.tree_inclusion(event.position, size).unwrap();
            assert_eq!(found.is_some(), index < size, "{index} of {size}");
            let Some(found) = found else { continue };
            assert_eq!(found.index, index);
            let own = all[usize::try_from(index).unwrap()];
            assert!(proof::includes(&own, index, size, &found.proof, &head(&log, size).root), "{index} of {size}");
        }
        assert_eq!(views.tree_inclusion(event.position, length(&log) + 1).unwrap(), None);
    }
    assert_eq!(views.tree_inclusion(Position(3), length(&log)).unwrap(), None);
}

#[test]
fn every_head_is_consistent_with_every_later_one() {
    let log = log(6);
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    for new in 0..=length(&log) {
        assert_eq!(views.tree_root(new).unwrap(), Some(head(&log, new).root));
        for old in 0..=new {
            let found = views.tree_consistency(old, new).unwrap().unwrap();
            assert!(proof::is_prefix(&head(&log, old), &head(&log, new), &found), "{old} of {new}");
        }
    }
    assert_eq!(views.tree_consistency(4, 3).unwrap(), None);
    assert_eq!(views.tree_consistency(4, length(&log) + 1).unwrap(), None);
    assert_eq!(views.tree_root(length(&log) + 1).unwrap(), None);
}

#[test]
fn the_tree_is_the_same_wherever_a_store_puts_its_events() {
    let (log, mut elsewhere) = (log(4), log(4));
    for (ordinal, event) in (1_u64..).zip(&mut elsewhere.events) {
        event.position = Position(7 * ordinal * ordinal);
    }
    let (here, there) = (Fixture::of(&log), Fixture::of(&elsewhere));
    assert_eq!(here.views.tree_head().unwrap(), there.views.tree_head().unwrap());
}

#[test]
fn a_batch_that_fails_leaves_no_leaf_behind() {
    let mut log = log(3);
    let mut fixture = Fixture::of(&log);
    let before = fixture.views.tree_head().unwrap();
    let good = log.events.len();
    log.add(&stream(), &batch(vec![call(9, 0, 10)]));
    log.add(&stream(), &batch(vec![call(10, 0, 10)]));
    log.events.last_mut().unwrap().data = b"{".to_vec();
    fixture.apply(&log).unwrap_err();
    assert_eq!(fixture.views.tree_head().unwrap(), before);
    log.events.pop();
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.tree_head().unwrap(), head(&log, u64::try_from(good).unwrap() + 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn a_tree_that_grew_and_restarted_equals_one_built_at_once(
        calls in 1_u64..40, steps in prop::collection::vec(1_usize..9, 1..8),
    ) {
        let log = log(calls);
        let mut grown = Fixture::empty();
        let mut rest = log.events.as_slice();
        for step in steps.iter().cycle() {
            let (batch, later) = rest.split_at((*step).min(rest.len()));
            let Some(last) = batch.last() else { break };
            grown.projection.apply(batch, last.position).unwrap();
            let Fixture { views, projection, directory } = grown;
            drop((views, projection));
            let (views, projection) = crate::store::open(directory.path(), HISTORY).unwrap();
            grown = Fixture { views, projection, directory };
            rest = later;
        }
        prop_assert_eq!(grown.views.tree_head().unwrap(), head(&log, length(&log)));
        prop_assert_eq!(grown.views.first_difference(&Fixture::of(&log).views).unwrap(), None);
    }
}
