//! Allowances under concurrency.

use std::sync::Arc;

use eventlog::sqlite::{Options, SqliteLog};

use crate::call::InvokeError;
use crate::tests::logs::TestLog;
use crate::tests::upstream::Upstream;
use crate::tests::world::{AMPLE, Deal, LIMITS, World, actor, call};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_at_once_get_exactly_the_free_units_of_the_allowance() {
    let directory = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 137);
    let world = World::over(TestLog::over(Arc::new(log)), std::slice::from_ref(&deal), LIMITS).await;
    let outcomes = world.invoke_many(1_000).await;
    let delivered: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let split = |free: bool| delivered.iter().filter(|call| (call.record.lines[0].split.free.0 == 1) == free).count();
    assert_eq!((split(true), split(false)), (137, 863));
    let records = world.records().await;
    let sequences: Vec<u64> = records.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, (1..=1_000).collect::<Vec<_>>());
    assert!(delivered.iter().all(|call| records.contains(&call.record)));
    assert_eq!(world.standing(&deal), (137, 863, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowance_without_a_price_beyond_it_is_never_oversold_and_never_wasted() {
    let deal = Deal::capped(Upstream::start().await.endpoint("echo"), 100);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let outcomes = world.invoke_many(300).await;
    let refused = |outcome: &&_| matches!(outcome, Err(InvokeError::AllowanceExhausted(_)));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
    assert_eq!(outcomes.iter().filter(refused).count(), 200);
    assert_eq!(world.standing(&deal), (100, 0, 0));
    assert!(world.records().await.iter().all(|record| record.lines[0].split.value_added.is_zero()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_calls_under_way_hold_is_refused_to_others_and_names_when_the_allowance_resets() {
    let upstream = Upstream::start().await;
    let deal = Deal::capped(upstream.endpoint("gated"), 1);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let first = world.spawn(call("first"));
    upstream.reached(1).await;
    let Err(InvokeError::AllowanceExhausted(status)) = world.invoke(call("second")).await else { panic!() };
    assert_eq!((status.held.0, status.resets_at), (1, "2026-11-06T00:00:00Z".parse().unwrap()));
    upstream.open();
    assert!(first.await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_torn_down_gives_its_hold_back() {
    let upstream = Upstream::start().await;
    let deal = Deal::capped(upstream.endpoint("stall"), 1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::with(std::slice::from_ref(&deal)).await;
    let service = Arc::clone(&world.service);
    runtime.spawn(async move { service.invoke(&actor(), call("doomed")).await });
    upstream.reached(1).await;
    assert_eq!(world.standing(&deal), (0, 0, 1));
    runtime.shutdown_background();
    let mut released = world.service.released.subscribe();
    tokio::time::timeout(AMPLE, released.wait_for(|released| *released > 0)).await.unwrap().unwrap();
    assert_eq!(world.standing(&deal), (0, 0, 0));
}
