//! Probes of endpoints that behave in every way an endpoint can.

use std::sync::Arc;

use catalog::published::listing::{ProbeCheck, ProbeOutcome};

use crate::probe::NotProbed;
use crate::tests::upstream::{Upstream, nowhere};
use crate::tests::world::{Deal, World, capability};

async fn probed(world: &World, deal: &Deal) -> Vec<ProbeCheck> {
    world.service.probe(deal.listing(), &deal.published().content).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_is_sent_and_its_answer_held_against_the_contract() {
    let upstream = Upstream::start().await;
    let world = World::with(&[]).await;
    for (behaviour, outcome, detail) in [
        ("echo", ProbeOutcome::Passed, None),
        ("refuse", ProbeOutcome::Refused, Some("UNSUPPORTED_LANGUAGE")),
        ("wrong", ProbeOutcome::InvalidOutput, Some("object")),
        ("prose", ProbeOutcome::InvalidOutput, Some("no sense")),
        ("broken", ProbeOutcome::InvalidOutput, Some("no sense")),
    ] {
        let checks = probed(&world, &Deal::priced(upstream.endpoint(behaviour), 0)).await;
        let [check] = &checks[..] else { panic!("one example: {checks:?}") };
        assert_eq!((&check.capability, check.contract_version, check.example), (&capability(), Some(1), 0));
        assert_eq!(check.outcome, outcome, "{behaviour}");
        match detail {
            Some(detail) => assert!(check.detail.as_deref().unwrap().contains(detail), "{check:?}"),
            None => assert!(check.detail.is_none() && check.latency_milliseconds.is_some(), "{check:?}"),
        }
    }
    let checks = probed(&world, &Deal::priced(nowhere().await, 0)).await;
    assert_eq!(checks[0].outcome, ProbeOutcome::Unreachable);
    assert_eq!(world.records().await, [], "nothing is metered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_contract_is_said_and_not_called() {
    let upstream = Upstream::start().await;
    let world = World::with(&[]).await;
    let mut content = Deal::priced(upstream.endpoint("echo"), 0).published().content;
    content.capabilities = vec!["no-contract-yet".parse().unwrap()];
    let deal = Deal::priced(upstream.endpoint("echo"), 0);
    let checks = world.service.probe(deal.listing(), &content).await.unwrap();
    assert_eq!((checks.len(), checks[0].outcome), (1, ProbeOutcome::NoContract));
    assert_eq!(upstream.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_is_probed_by_one_at_a_time() {
    let upstream = Upstream::start().await;
    let world = World::with(&[]).await;
    let deal = Deal::priced(upstream.endpoint("gated"), 0);
    let (service, first) = (Arc::clone(&world.service), deal.clone());
    let first = tokio::spawn(async move { service.probe(first.listing(), &first.published().content).await });
    upstream.reached(1).await;
    let second = world.service.probe(deal.listing(), &deal.published().content).await;
    assert_eq!(second, Err(NotProbed::UnderWay));
    upstream.open();
    assert_eq!(first.await.unwrap().unwrap()[0].outcome, ProbeOutcome::Passed);
    assert_eq!(probed(&world, &deal).await[0].outcome, ProbeOutcome::Passed);
}
