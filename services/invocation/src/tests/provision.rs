//! Providers that fail, and the choice among those that work.

use std::time::Duration;

use crate::call::{Call, InvokeError, Preference, Target, Unavailable};
use crate::service::Limits;
use crate::tests::logs::TestLog;
use crate::tests::upstream::{Upstream, nowhere};
use crate::tests::world::{Deal, LIMITS, World, call, capability, text};

async fn failure_at(endpoint: String, limits: Limits) -> InvokeError {
    let deal = Deal::capped(endpoint, 1);
    let world = World::over(TestLog::default(), std::slice::from_ref(&deal), limits).await;
    let error = world.invoke(call("key")).await.unwrap_err();
    assert_eq!(world.standing(&deal), (0, 0, 0), "{error}");
    assert_eq!(world.records().await, []);
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_bills_nothing_and_holds_nothing() {
    let upstream = Upstream::start().await;
    let nonsense = InvokeError::ProviderUnavailable(Unavailable::InvalidOutput);
    for behaviour in ["broken", "prose", "wrong"] {
        assert_eq!(failure_at(upstream.endpoint(behaviour), LIMITS).await, nonsense, "{behaviour}");
    }
    let down = failure_at(nowhere().await, LIMITS).await;
    assert_eq!(down, InvokeError::ProviderUnavailable(Unavailable::Unreachable));
    let hurried = Limits { deadline: Duration::from_millis(50), ..LIMITS };
    let slow = failure_at(upstream.endpoint("stall"), hurried).await;
    assert_eq!(slow, InvokeError::ProviderUnavailable(Unavailable::TimedOut));
    let InvokeError::ProviderRefused { code, message } = failure_at(upstream.endpoint("refuse"), LIMITS).await else {
        panic!("not refused")
    };
    assert_eq!((code.as_str(), message.as_str()), ("UNSUPPORTED_LANGUAGE", "Only English."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_provider_gives_way_to_the_next_agreement() {
    let upstream = Upstream::start().await;
    let down = Deal::priced(nowhere().await, 10);
    let works = Deal { number: 2, included: 0, ..Deal::priced(upstream.endpoint("echo"), 0) };
    let world = World::with(&[down.clone(), works.clone()]).await;
    let invocation = world.invoke(call("key")).await.unwrap();
    assert_eq!(invocation.record.agreement, works.agreement());
    assert_eq!(text(&invocation.output), "算市");
    assert_eq!((world.standing(&down), world.standing(&works)), ((0, 0, 0), (0, 1, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_may_have_worked_is_not_followed_by_another() {
    let upstream = Upstream::start().await;
    let broken = Deal::priced(upstream.endpoint("broken"), 10);
    let works = Deal { number: 2, ..Deal::priced(upstream.endpoint("echo"), 0) };
    let world = World::with(&[broken, works]).await;
    let error = world.invoke(call("key")).await.unwrap_err();
    assert_eq!(error, InvokeError::ProviderUnavailable(Unavailable::InvalidOutput));
    assert_eq!(upstream.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cheapest_answers_unless_the_fastest_is_asked_for() {
    let upstream = Upstream::start().await;
    let dear = Deal { unit: Some("0.02"), ..Deal::priced(upstream.endpoint("echo"), 0) };
    let cheap = Deal { number: 2, ..Deal::priced(upstream.endpoint("echo"), 0) };
    let world = World::with(&[dear.clone(), cheap.clone()]).await;
    let pinned = Call { target: Target::Agreement(dear.agreement(), capability()), ..call("pinned") };
    assert_eq!(world.invoke(pinned).await.unwrap().record.agreement, dear.agreement());
    let fastest = Call { preference: Preference::Fastest, ..call("fastest") };
    let measured = world.invoke(fastest).await.unwrap();
    assert_eq!(measured.record.agreement, dear.agreement(), "its latency is known, the other's is not");
    assert_eq!(world.invoke(call("cheapest")).await.unwrap().record.agreement, cheap.agreement());
}

#[tokio::test(flavor = "multi_thread")]
async fn free_units_make_the_dearer_agreement_the_cheaper_one() {
    let upstream = Upstream::start().await;
    let dear = Deal { unit: Some("0.02"), ..Deal::priced(upstream.endpoint("echo"), 1) };
    let cheap = Deal { number: 2, ..Deal::priced(upstream.endpoint("echo"), 0) };
    let world = World::with(&[cheap.clone(), dear.clone()]).await;
    assert_eq!(world.invoke(call("free")).await.unwrap().record.agreement, dear.agreement());
    assert_eq!(world.invoke(call("charged")).await.unwrap().record.agreement, cheap.agreement());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_could_cost_more_than_allowed_is_refused_before_the_provider_is_asked() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let limited = |key, limit: &str| Call {
        max_charge: Some(limit.parse::<kernel::exact::Decimal>().unwrap().to_exact()),
        ..call(key)
    };
    let error = world.invoke(limited("low", "0.009")).await.unwrap_err();
    assert!(matches!(error, InvokeError::ChargeLimitExceeded { .. }), "{error}");
    assert_eq!((upstream.requests(), world.standing(&deal)), (0, (0, 0, 0)));
    assert!(world.invoke(limited("high", "0.01")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_called_says_why() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 10);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let unknown = Target::Capability("no-such-thing".parse().unwrap());
    assert_eq!(world.invoke(Call { target: unknown, ..call("a") }).await.unwrap_err(), InvokeError::NotFound);
    let foreign = crate::tests::world::Deal { number: 9, ..deal.clone() }.agreement();
    let foreign = Target::Agreement(foreign, capability());
    assert_eq!(world.invoke(Call { target: foreign, ..call("b") }).await.unwrap_err(), InvokeError::NotFound);
    let Err(InvokeError::InvalidPayload(violation)) =
        world.invoke(Call { payload: serde_json::json!({"text": 7}), ..call("c") }).await
    else {
        panic!("a number passed for a text")
    };
    assert_eq!(violation.pointer, "/text");
    world.cancel(&deal).await;
    assert_eq!(world.invoke(call("d")).await.unwrap_err(), InvokeError::NoAgreement);
}
