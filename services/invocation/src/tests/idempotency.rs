//! One key, one call, one charge.

use std::collections::HashSet;

use jiff::SignedDuration;

use crate::call::InvokeError;
use crate::tests::upstream::Upstream;
use crate::tests::world::{Deal, World, call, saying};
use crate::usage::History;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_raced_fifty_times_is_one_call_and_one_charge() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("gated"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let racers: Vec<_> = (0..50).map(|_| world.spawn(call("same"))).collect();
    upstream.reached(1).await;
    upstream.open();
    let mut ids = HashSet::new();
    let mut first_hand = 0;
    for racer in racers {
        let invocation = racer.await.unwrap().unwrap();
        ids.insert(invocation.id());
        first_hand += usize::from(!invocation.repeated);
    }
    assert_eq!((ids.len(), first_hand, upstream.requests()), (1, 1, 1));
    assert_eq!(world.records().await.len(), 1);
    assert_eq!(world.standing(&deal), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_payload_while_the_call_runs_and_afterwards() {
    let upstream = Upstream::start().await;
    let world = World::with(&[Deal::priced(upstream.endpoint("gated"), 10)]).await;
    let first = world.spawn(saying("key", "one"));
    upstream.reached(1).await;
    assert_eq!(world.invoke(saying("key", "two")).await.unwrap_err(), InvokeError::IdempotencyConflict);
    upstream.open();
    first.await.unwrap().unwrap();
    assert_eq!(world.invoke(saying("key", "two")).await.unwrap_err(), InvokeError::IdempotencyConflict);
    assert_eq!(upstream.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_caller_goes_away_is_settled_once_and_fetched_by_its_key() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("gated"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let caller = world.spawn(call("left"));
    upstream.reached(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    upstream.open();
    let fetched = world.invoke(call("left")).await.unwrap();
    assert!(fetched.repeated);
    assert_eq!(world.records().await, std::slice::from_ref(&fetched.record));
    assert_eq!((upstream.requests(), world.standing(&deal)), (1, (1, 0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_the_key_is_free_again() {
    let upstream = Upstream::start().await;
    let world = World::with(&[Deal::priced(upstream.endpoint("echo"), 10)]).await;
    let mut invalid = call("key");
    invalid.payload = serde_json::json!({"text": 7});
    assert!(matches!(world.invoke(invalid).await, Err(InvokeError::InvalidPayload(_))));
    assert!(!world.invoke(call("key")).await.unwrap().repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_bounded() {
    let world = World::with(&[]).await;
    for key in [String::new(), "k".repeat(201)] {
        assert_eq!(world.invoke(call(&key)).await.unwrap_err(), InvokeError::InvalidIdempotencyKey);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_memory_lets_go_of_is_not_billed_again_whether_the_history_has_it_yet_or_not() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let first = world.invoke(call("key")).await.unwrap();
    for round in 1..=2 {
        let much_later = world.now() + SignedDuration::from_hours(25);
        world.service.replies.trim(much_later, world.history.cursor());
        let again = world.invoke(call("key")).await.unwrap();
        assert_eq!((again.id(), again.repeated, upstream.requests()), (first.id(), true, 1 + round));
        world.history.catch_up(&world.log).await;
    }
    assert_eq!((world.records().await.len(), world.standing(&deal)), (1, (1, 0, 0)));
}
