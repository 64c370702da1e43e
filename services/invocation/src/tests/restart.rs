//! A node that starts over the same log knows what the one before knew.

use billing::published::invoice::invoice_id;
use jiff::SignedDuration;

use crate::call::InvokeError;
use crate::tests::logs::Fate::{Fine, Full};
use crate::tests::upstream::Upstream;
use crate::tests::world::{Deal, World, call, saying, start};

#[tokio::test(flavor = "multi_thread")]
async fn counters_after_a_restart_are_those_before_it() {
    let upstream = Upstream::start().await;
    let requests = Deal::priced(upstream.endpoint("echo"), 3);
    let characters =
        Deal { number: 2, meter: kernel::meter::Meter::Character, ..Deal::capped(upstream.endpoint("echo"), 30) };
    let world = World::with(&[requests.clone(), characters.clone()]).await;
    for outcome in world.invoke_many(20).await {
        outcome.unwrap();
    }
    world.close(&requests, start(), "close").await.unwrap();
    world.follow().await;
    world.log.doom("usage", &[Full]);
    assert!(world.invoke(call("lost")).await.is_err());
    world.clock.advance(SignedDuration::from_hours(20));
    world.invoke(call("next period")).await.unwrap();
    let restarted = world.restarted().await;
    for deal in [&requests, &characters] {
        let agreement = deal.agreement();
        assert_eq!(restarted.service.allowances(agreement), world.service.allowances(agreement));
        let starts = world.records().await.into_iter().filter(|record| record.agreement == agreement);
        for start in starts.map(|record| record.period_start) {
            let usage = |world: &World| world.service.meters().account(agreement).unwrap().usage(start);
            assert_eq!(usage(&restarted), usage(&world), "{agreement} {start}");
        }
        let closable = |world: &World| world.service.meters().closable(agreement, world.now());
        assert_eq!(closable(&restarted), closable(&world));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_left_behind_is_issued_over_its_own_usage() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 3);
    let world = World::with(std::slice::from_ref(&deal)).await;
    for outcome in world.invoke_many(5).await {
        outcome.unwrap();
    }
    world.log.doom("invoice", &[Fine, Full]);
    let invoice = invoice_id(deal.agreement(), start());
    assert!(world.close(&deal, start(), "close").await.is_err());
    let restarted = world.restarted().await;
    let after = restarted.invoke(call("after")).await.unwrap();
    assert_eq!(restarted.close(&deal, start(), "again").await.unwrap(), invoice);
    let issued = &restarted.invoices().await[&invoice];
    assert_eq!((issued.calls, issued.period.end), (5, after.record.period_start));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_node_counts_its_own_stream_from_one() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 1);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.invoke(call("before")).await.unwrap();
    let restarted = world.restarted().await;
    let after = restarted.invoke(call("after")).await.unwrap();
    assert_eq!((after.record.sequence, after.record.lines[0].split.value_added.0), (1, 1));
    let invoice = restarted.close(&deal, start(), "close").await.unwrap();
    let ranges: Vec<_> = restarted.invoices().await[&invoice].ranges.iter().map(|range| range.stream.clone()).collect();
    assert_eq!(ranges, ["usage-n1.1", "usage-n1.2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_before_the_restart_is_answered_again_at_no_charge() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.invoke(call("other")).await.unwrap();
    let before = world.invoke(call("key")).await.unwrap();
    let restarted = world.restarted().await;
    let again = restarted.invoke(call("key")).await.unwrap();
    assert_eq!((&again.record, again.position, again.repeated), (&before.record, before.position, true));
    assert_eq!((again.output.clone(), upstream.requests()), (before.output.clone(), 3));
    assert_eq!((restarted.records().await.len(), restarted.standing(&deal)), (2, (2, 0, 0)));
    restarted.invoke(call("key")).await.unwrap();
    assert_eq!(upstream.requests(), 3, "now it is held again");
    assert_eq!(restarted.invoke(saying("other", "else")).await.unwrap_err(), InvokeError::IdempotencyConflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_before_the_restart_is_not_asked_again_where_calls_are_not_repeatable() {
    let upstream = Upstream::start().await;
    let deal = Deal { repeatable: false, ..Deal::priced(upstream.endpoint("echo"), 10) };
    let world = World::with(&[deal]).await;
    let before = world.invoke(call("key")).await.unwrap();
    let error = world.restarted().await.invoke(call("key")).await.unwrap_err();
    assert_eq!((error, upstream.requests()), (InvokeError::OutputNotRetained(before.id()), 1));
}
