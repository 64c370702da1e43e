//! Providers that are down, slow, talk nonsense, refuse, or stand where they may not: nothing is billed.

use serde_json::json;

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, content, per_call, sentence, units};
use crate::platform::{Platform, eventually, text};
use crate::upstream::{MANDARIN, Upstream, nobody};

/// A call that its provider failed: refused with a reason, nothing recorded, nothing held.
async fn fails(platform: &Platform, deal: &Deal, reason: &str) {
    let refused = deal.refused(platform, &sentence(), "key").await;
    assert_eq!((&refused["__typename"], &refused["reason"]), (&json!("ProviderUnavailable"), &json!(reason)));
    assert_untouched(platform, deal).await;
}

async fn assert_untouched(platform: &Platform, deal: &Deal) {
    let allowance = deal.allowance(platform).await;
    let counted = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
    assert_eq!(counted, ["0", "0", "0"]);
    assert_eq!(deal.recorded(platform).await, "0");
}

#[tokio::test]
async fn a_provider_that_is_down_or_talks_nonsense_is_not_paid() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let nonsense = [
        ("200 OK", "this is not JSON"),
        ("200 OK", r#"{"language":"Mandarin Chinese"}"#),
        ("200 OK", ""),
        ("302 Found", MANDARIN),
        ("500 Internal Server Error", MANDARIN),
    ];
    for (status, body) in nonsense {
        let upstream = Upstream::answering(status, body).await;
        let deal = market.deal(&platform, LANGUAGE, &upstream.endpoint(), per_call("2", "0.01")).await;
        fails(&platform, &deal, "INVALID_OUTPUT").await;
        assert_eq!(upstream.calls(), 1, "{status} {body}");
    }
    let deal = market.deal(&platform, LANGUAGE, &nobody().await, per_call("2", "0.01")).await;
    fails(&platform, &deal, "UNREACHABLE").await;
}

#[tokio::test]
async fn a_provider_that_is_too_slow_is_not_paid_and_what_it_held_is_given_back() {
    let platform = Platform::start_with(&["--allow-private-networks", "--call-deadline", "1"]).await;
    let market = Market::open(&platform).await;
    let silent = Upstream::waiting("200 OK", MANDARIN).await;
    let deal = market.deal(&platform, LANGUAGE, &silent.endpoint(), per_call("2", "0.01")).await;
    let payload = sentence();
    let watch = eventually("the call holds a unit", async || deal.allowance(&platform).await["held"] == "1");
    let (refused, ()) = tokio::join!(deal.refused(&platform, &payload, "key"), watch);
    assert_eq!((&refused["__typename"], &refused["reason"]), (&json!("ProviderUnavailable"), &json!("TIMED_OUT")));
    assert_untouched(&platform, &deal).await;
    silent.answer();
    assert_eq!(units(&deal.call(&platform, &sentence(), "key").await, "FREE"), 1, "the same key may be tried again");
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cancel_its_call() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let upstream = Upstream::waiting("200 OK", MANDARIN).await;
    let deal = market.deal(&platform, LANGUAGE, &upstream.endpoint(), per_call("2", "0.01")).await;
    let payload = sentence();
    tokio::select! {
        _ = deal.delivered(&platform, &payload, "key") => panic!("nobody has answered yet"),
        () = eventually("the call arrived", async || upstream.calls() == 1) => {}
    }
    upstream.answer();
    eventually("the call is recorded", async || deal.recorded(&platform).await == "1").await;
    let again = deal.call(&platform, &sentence(), "key").await;
    assert_eq!((&again["isRepeated"], upstream.calls()), (&json!(true), 1));
}

#[tokio::test]
async fn what_a_provider_refuses_is_not_billed() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, "sentiment-analysis", REFERENCE, per_call("2", "0.01")).await;
    let refused = deal.refused(&platform, &json!({"text": "人工智能正在成为新型基础设施，服务很好。"}), "key").await;
    assert_eq!(refused["__typename"], "ProviderRefused", "{refused}");
    assert!(!text(&refused, "/providerCode").is_empty());
    assert_untouched(&platform, &deal).await;
}

#[tokio::test]
async fn addresses_of_the_inner_network_are_not_called_unless_the_operator_says_so() {
    let inside = Upstream::answering("200 OK", MANDARIN).await;
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, &inside.endpoint(), per_call("2", "0.01")).await;
    let platform = platform.restart(&[]).await;
    fails(&platform, &deal, "ADDRESS_BLOCKED").await;
    let port = inside.address().port();
    let hosts = ["127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"];
    for host in hosts {
        is_blocked(&platform, &market, &format!("http://{host}:{port}/")).await;
    }
    is_blocked(&platform, &market, "http://169.254.169.254/latest/").await;
    assert_eq!(inside.calls(), 0);
    let platform = platform.restart(&["--allow-private-networks"]).await;
    deal.call(&platform, &sentence(), "key").await;
    assert_eq!(inside.calls(), 1);
}

/// A listing at an address that is neither called by a probe nor reviewed without one.
async fn is_blocked(platform: &Platform, market: &Market, endpoint: &str) {
    let slug = format!("listing-{}", uuid::Uuid::now_v7().simple());
    let draft = json!({"slug": slug, "content": content(&[LANGUAGE], endpoint)});
    let listing = platform.done(&market.seller, "draftListing", "listing { id }", draft).await["listing"]["id"].clone();
    let input = json!({"listingId": listing});
    let selection = "probe { hasPassed checks { outcome } }";
    let probed = platform.done(&market.seller, "probeListing", selection, input.clone()).await;
    let blocked = json!({"outcome": "ADDRESS_BLOCKED"});
    assert_eq!(probed["probe"], json!({"hasPassed": false, "checks": [blocked, blocked]}), "{endpoint}");
    assert_eq!(platform.refused(&market.seller, "submitListing", input).await["code"], "PROBE_NEEDED");
}

#[tokio::test]
async fn a_call_goes_to_another_agreement_where_the_cheaper_provider_is_down() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let dead = market.deal(&platform, LANGUAGE, &nobody().await, per_call("0", "0.001")).await;
    let alive = market.deal(&platform, LANGUAGE, REFERENCE, per_call("0", "0.01")).await;
    let input = json!({"target": {"capability": LANGUAGE}, "payload": sentence(), "idempotencyKey": "1"});
    let answered = platform.done(&alive.key, "invoke", "invocation { agreement { id } estimatedCharge }", input).await;
    assert_eq!(answered["invocation"], json!({"agreement": {"id": alive.agreement}, "estimatedCharge": "0.01"}));
    assert_untouched(&platform, &dead).await;
}
