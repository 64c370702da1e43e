//! A log that refuses, hangs or loses its answers: nothing is delivered that is not recorded, nothing is billed twice.

use std::time::Duration;

use jiff::SignedDuration;

use crate::call::InvokeError;
use crate::service::Limits;
use crate::tests::logs::Fate::{Full, LostUnanswered, Overtaken, WrittenUnanswered};
use crate::tests::logs::TestLog;
use crate::tests::upstream::Upstream;
use crate::tests::world::{Deal, LIMITS, World, call, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_not_recorded_is_not_delivered_and_leaves_every_counter_as_it_was() {
    let deal = Deal::capped(Upstream::start().await.endpoint("echo"), 2);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.invoke(call("before")).await.unwrap();
    let usage = |world: &World| world.service.meters().account(deal.agreement()).unwrap().usage(start());
    let before = usage(&world);
    world.log.doom("usage", &[Full]);
    assert_eq!(world.invoke(call("lost")).await.unwrap_err(), InvokeError::NotRecorded);
    assert_eq!((usage(&world), world.standing(&deal)), (before, (1, 0, 0)));
    let again = world.invoke(call("lost")).await.unwrap();
    assert_eq!((again.repeated, again.record.sequence), (false, 2));
    assert_eq!(world.records().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_of_unknown_outcome_is_repeated_until_it_is_known() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 10);
    for fates in [&[WrittenUnanswered][..], &[LostUnanswered, LostUnanswered], &[LostUnanswered, WrittenUnanswered]] {
        let world = World::with(std::slice::from_ref(&deal)).await;
        world.log.doom("usage", fates);
        let first = world.invoke(call("first")).await.unwrap();
        let second = world.invoke(call("second")).await.unwrap();
        assert_eq!(world.records().await, [first.record.clone(), second.record.clone()], "{fates:?}");
        assert_eq!(world.standing(&deal), (2, 0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_try_did_not_write_an_earlier_one_may_have() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.log.doom("usage", &[WrittenUnanswered, Full, Full]);
    let first = world.invoke(call("first")).await.unwrap();
    let second = world.invoke(call("second")).await.unwrap();
    assert_eq!(world.records().await, [first.record.clone(), second.record.clone()]);
    assert_ne!(first.position, second.position);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_been_overtaken_records_nothing_and_asks_no_provider_any_more() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.log.doom("usage", &[Overtaken]);
    assert_eq!(world.invoke(call("first")).await.unwrap_err(), InvokeError::NotRecorded);
    assert!(world.service.standing().borrow().fenced);
    assert_eq!(world.invoke(call("second")).await.unwrap_err(), InvokeError::NotRecorded);
    assert_eq!((upstream.requests(), world.standing(&deal)), (1, (0, 0, 0)));
    assert_eq!(world.records().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_takes_too_long_is_pending_and_fetched_by_its_key() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let limits = Limits { settlement: Duration::from_millis(20), ..LIMITS };
    let world = World::over(TestLog::default(), std::slice::from_ref(&deal), limits).await;
    world.log.block("usage");
    let InvokeError::OutcomePending(id) = world.invoke(call("slow")).await.unwrap_err() else { panic!("not pending") };
    assert_eq!(world.invoke(call("slow")).await.unwrap_err(), InvokeError::OutcomePending(id));
    assert_eq!(world.standing(&deal), (1, 0, 0), "its units stay taken");
    let mut standing = world.service.standing();
    world.log.unblock();
    standing.wait_for(|standing| standing.batches > 0).await.unwrap();
    assert!(world.service.drain(crate::tests::world::AMPLE).await);
    let fetched = world.invoke(call("slow")).await.unwrap();
    assert_eq!((fetched.id(), fetched.repeated, upstream.requests()), (id, true, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_expires_before_its_batch_is_made_is_neither_billed_nor_delivered() {
    let upstream = Upstream::start().await;
    let deal = Deal::capped(upstream.endpoint("gated"), 1);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let late = world.spawn(call("late"));
    upstream.reached(1).await;
    world.clock.advance(SignedDuration::try_from(LIMITS.longest_hold()).unwrap());
    world.service.released.subscribe().wait_for(|released| *released > 0).await.unwrap();
    assert_eq!(world.standing(&deal), (0, 0, 0));
    upstream.open();
    assert!(matches!(late.await.unwrap(), Err(InvokeError::ProviderUnavailable(_))));
    assert_eq!(world.records().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_share_a_batch() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.log.block("usage");
    let first = world.spawn(call("first"));
    world.log.tried("usage", 1).await;
    let others: Vec<_> = (0..20).map(|number| world.spawn(call(&format!("other {number}")))).collect();
    let all_queued = || async {
        while world.standing(&deal).2 < 20 {
            tokio::task::yield_now().await;
        }
    };
    all_queued().await;
    world.log.unblock();
    first.await.unwrap().unwrap();
    let mut indexes = Vec::new();
    for other in others {
        indexes.push(other.await.unwrap().unwrap());
    }
    let records = world.records().await;
    assert_eq!(records.len(), 21);
    for invocation in indexes {
        let locator = crate::usage::Locator { position: invocation.position, index: invocation.index };
        assert_eq!(world.service.recorded(locator).await.unwrap(), invocation.record);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_drains_finishes_what_is_under_way_and_takes_nothing_new() {
    let upstream = Upstream::start().await;
    let world = World::with(&[Deal::priced(upstream.endpoint("gated"), 10)]).await;
    let under_way = world.spawn(call("under way"));
    upstream.reached(1).await;
    assert!(!world.service.drain(Duration::ZERO).await);
    assert_eq!(world.invoke(call("new")).await.unwrap_err(), InvokeError::NotRecorded);
    upstream.open();
    assert!(under_way.await.unwrap().is_ok());
}
