//! What is measured of listings, and that it reaches the log once.

use catalog::published::health::{Event as HealthEvent, Measured};
use jiff::SignedDuration;

use crate::tests::logs::Fate::Full;
use crate::tests::upstream::{Upstream, nowhere};
use crate::tests::world::{Deal, World, call, start};

const FIVE_MINUTES: SignedDuration = SignedDuration::from_mins(5);

async fn recorded(world: &World) -> Vec<Measured> {
    world.recorded::<HealthEvent>().await.into_iter().map(|HealthEvent::Measured(measured)| measured).collect()
}

fn counted(measured: &Measured) -> (u64, u64, u64) {
    let measurement = &measured.measurement;
    (measurement.calls, measurement.failures, measurement.latencies.answers())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_measured_is_recorded_once_and_kept_until_the_next_time() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 9);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.invoke(call("a")).await.unwrap();
    world.invoke(call("b")).await.unwrap();
    world.invoke(call("b")).await.unwrap();
    world.clock.advance(FIVE_MINUTES);
    assert_eq!(world.service.record_health().await.unwrap(), 1);
    let events = recorded(&world).await;
    assert_eq!((events.len(), counted(&events[0])), (1, (2, 0, 2)), "a repeated key is no call");
    assert_eq!((events[0].from, events[0].until), (start(), start() + FIVE_MINUTES));
    assert_eq!(world.service.measured_lately(deal.listing()), events, "the views may not have it yet");
    assert_eq!(world.service.record_health().await.unwrap(), 0);
    assert_eq!(world.service.measured_lately(deal.listing()), []);
    world.invoke(call("c")).await.unwrap();
    assert_eq!(world.service.record_health().await.unwrap(), 1);
    assert_eq!(recorded(&world).await.iter().map(counted).collect::<Vec<_>>(), [(2, 0, 2), (1, 0, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_brings_no_usable_answer_is_a_failure_and_what_declines_has_answered() {
    let upstream = Upstream::start().await;
    for (behaviour, expected) in
        [("broken", (1, 1, 0)), ("prose", (1, 1, 0)), ("wrong", (1, 1, 0)), ("refuse", (1, 0, 0)), ("echo", (1, 0, 1))]
    {
        let deal = Deal::priced(upstream.endpoint(behaviour), 9);
        let world = World::with(std::slice::from_ref(&deal)).await;
        let answered = world.invoke(call("a")).await;
        assert_eq!(answered.is_ok(), behaviour == "echo");
        let measured = world.service.measured_lately(deal.listing());
        assert_eq!(measured.iter().map(counted).collect::<Vec<_>>(), [expected], "{behaviour}");
    }
    let deal = Deal::priced(nowhere().await, 9);
    let world = World::with(std::slice::from_ref(&deal)).await;
    // Past five failures it is given a rest, and what is not sent is not counted.
    for key in 0..9 {
        assert!(world.invoke(call(&key.to_string())).await.is_err());
    }
    assert_eq!(counted(&world.service.measured_lately(deal.listing())[0]), (5, 5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_recorded_goes_with_the_next_time() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 9);
    let world = World::with(std::slice::from_ref(&deal)).await;
    world.invoke(call("a")).await.unwrap();
    world.log.doom("health", &[Full]);
    assert!(world.service.record_health().await.is_err());
    world.clock.advance(FIVE_MINUTES);
    world.invoke(call("b")).await.unwrap();
    assert_eq!(world.service.measured_lately(deal.listing()).len(), 2);
    assert_eq!(world.service.record_health().await.unwrap(), 1);
    let events = recorded(&world).await;
    assert_eq!((events.len(), counted(&events[0]), events[0].from), (1, (2, 0, 2), start()));
}
