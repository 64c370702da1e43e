//! From a draft to the market by way of a probe, and how a listing has answered since.

use serde_json::{Value, json};

use super::harness::Bench;
use super::market::{Shop, publish};

const PROBE: &str = "probe { hasPassed checks { capability { slug } example outcome detail } }";

#[tokio::test]
async fn a_model_is_reviewed_and_published_once_its_endpoint_has_answered() {
    let Shop { bench, operator, seller, listing, .. } = Shop::drafted().await;
    let input = json!({"listingId": listing});
    let refused = bench.tried(Some(&seller), "submitListing", "listing { id }", input.clone()).await;
    assert_eq!(refused["errors"][0]["code"], "PROBE_NEEDED");
    let probed = bench.done(&seller, "probeListing", &format!("{PROBE} listing {{ {PROBE} }}"), input.clone()).await;
    let check = json!({"capability": {"slug": "pinyin"}, "example": 0, "outcome": "PASSED", "detail": null});
    assert_eq!(probed["probe"], json!({"hasPassed": true, "checks": [check]}));
    assert_eq!(probed["listing"]["probe"], probed["probe"]);
    bench.done(&seller, "submitListing", "listing { id }", input.clone()).await;
    bench.done(&operator, "publishListing", "listing { state }", input).await;
    let usage =
        bench.ask(Some(&operator), "{ usage(by: DAY, perspective: PLATFORM) { total { calls } } }", json!({})).await;
    assert_eq!(usage["data"]["usage"]["total"]["calls"], "0", "a probe is not metered");
}

#[tokio::test]
async fn an_endpoint_that_may_not_be_called_is_not_published() {
    let Shop { bench, seller, listing, .. } = Shop::drafted().await;
    bench.done(&seller, "probeListing", PROBE, json!({"listingId": listing})).await;
    let content = json!({"name": {"en": "Pinyin"}, "summary": {"en": "To pinyin"}, "capabilities": ["pinyin"],
        "details": {"model": {"endpoint": "http://169.254.169.254/{capability}", "placement": "CLOUD"}}});
    let revision = json!({"listingId": listing, "content": content});
    bench.done(&seller, "reviseListing", "listing { id }", revision).await;
    let refused = bench.tried(Some(&seller), "submitListing", "listing { id }", json!({"listingId": listing})).await;
    assert_eq!(refused["errors"][0]["code"], "PROBE_NEEDED", "what passed is not what it says now");
    let probed = bench.done(&seller, "probeListing", PROBE, json!({"listingId": listing})).await;
    assert_eq!(probed["probe"]["hasPassed"], false);
    assert_eq!(probed["probe"]["checks"][0]["outcome"], "ADDRESS_BLOCKED");
}

#[tokio::test]
async fn only_its_seller_and_the_operator_probe_a_listing_and_see_drafts_probed() {
    let Shop { bench, operator, seller, listing, .. } = Shop::drafted().await;
    let stranger = bench.join("stranger", false).await;
    let input = json!({"listingId": listing});
    let refused = bench.tried(Some(&stranger), "probeListing", "probe { hasPassed }", input.clone()).await;
    assert_eq!(refused["errors"], json!([{"code": "NOT_FOUND", "path": ["input", "listingId"]}]));
    bench.done(&operator, "probeListing", "probe { hasPassed }", input.clone()).await;
    publish(&bench, &seller, &operator, &listing).await;
    let content = json!({"name": {"en": "Pinyin"}, "summary": {"en": "Broken"}, "capabilities": ["pinyin"],
        "details": {"model": {"endpoint": "http://127.0.0.1:1/", "placement": "CLOUD"}}});
    bench.done(&seller, "reviseListing", "listing { id }", json!({"listingId": listing, "content": content})).await;
    bench.done(&seller, "probeListing", "probe { hasPassed }", input).await;
    let query = "{ listing(slug: \"pinyin-shop\") { probe { hasPassed } } }";
    for (caller, passed) in [(None, true), (Some(&stranger), true), (Some(&seller), false), (Some(&operator), false)] {
        let seen = bench.ask(caller, query, json!({})).await;
        assert_eq!(seen["data"]["listing"]["probe"]["hasPassed"], passed, "{seen}");
    }
}

#[tokio::test]
async fn what_has_no_endpoint_has_nothing_to_probe() {
    let bench = Bench::start().await;
    let seller = bench.join("seller", false).await;
    let page = json!({"name": {"en": "Shop"}, "description": {"en": "Data"}, "kind": "ENTERPRISE"});
    bench.done(&seller, "openStore", "provider { id }", json!({"slug": "data-shop", "page": page})).await;
    let tier =
        json!({"chip": "Ascend 910B", "chipCount": 8, "memoryGib": 512, "purpose": "TRAIN", "placement": "CLOUD"});
    let content = json!({"name": {"en": "Tier"}, "summary": {"en": "Chips"}, "details": {"computeTier": tier}});
    let drafted =
        bench.done(&seller, "draftListing", "listing { id }", json!({"slug": "a-tier", "content": content})).await;
    let input = json!({"listingId": drafted["listing"]["id"]});
    let refused = bench.tried(Some(&seller), "probeListing", "probe { hasPassed }", input.clone()).await;
    assert_eq!(refused["errors"][0]["code"], "NOTHING_TO_PROBE");
    bench.done(&seller, "submitListing", "listing { id }", input).await;
}

#[tokio::test]
async fn health_is_the_same_before_and_after_it_is_recorded() {
    const HEALTH: &str = "{ listing(slug: \"pinyin-shop\") { health { isAnswering calls failures availability
        latencyP50Milliseconds latencyP99Milliseconds } } }";
    let Shop { bench, operator, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    bench.done(&buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
    let never = bench.ask(None, HEALTH, json!({})).await;
    assert_eq!(never["data"]["listing"]["health"], Value::Null, "{never}");
    for (key, text) in [("a", "字"), ("b", "字"), ("c", "decline"), ("d", "break")] {
        let input = json!({"target": {"capability": "pinyin"}, "payload": {"text": text}, "idempotencyKey": key});
        bench.tried(Some(&buyer), "invoke", "invocation { id }", input).await;
    }
    let before = bench.ask(None, HEALTH, json!({})).await["data"]["listing"]["health"].clone();
    assert_eq!(
        (&before["calls"], &before["failures"], &before["availability"]),
        (&json!("4"), &json!("1"), &json!("0.75"))
    );
    assert!(before["isAnswering"] == true && before["latencyP99Milliseconds"].is_number(), "{before}");
    assert_eq!(bench.platform.service.record_health().await.unwrap(), 1);
    bench.platform.caught_up().await.ok().unwrap();
    assert_eq!(bench.ask(None, HEALTH, json!({})).await["data"]["listing"]["health"], before);
    let query = "{ platform { upstreams { address state calls failures listing { slug } latencyP50Milliseconds } } }";
    let shown = bench.ask(Some(&operator), query, json!({})).await;
    let expected = json!([{"address": "http://provider.localhost", "state": "ANSWERING", "calls": "4", "failures": "1",
        "listing": {"slug": "pinyin-shop"}, "latencyP50Milliseconds": before["latencyP50Milliseconds"]}]);
    assert_eq!(shown["data"]["platform"]["upstreams"], expected, "{shown}");
}
