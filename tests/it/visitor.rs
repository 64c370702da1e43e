//! A visitor: finds what works, tries it without signing up, and reaches the limits of the sandbox.

use serde_json::{Value, json};

use crate::market::{LANGUAGE, Market, REFERENCE, per_call, sentence};
use crate::platform::{Platform, document, text};

const TRIAL: &str = "trial { output listing { slug } usage { class quantity } } sandbox { remaining }";
const CALLS_TODAY: &str = "{ sandboxSettings { callsToday } }";

/// Every capability that a visitor is told to try, with the first example of its contract.
async fn tryable(platform: &Platform) -> Vec<(String, Value)> {
    let document = "query($after: String) { capabilities(first: 50, after: $after, filter: {isAnswered: true}) {
        nodes { slug isTryable contract { examples { input } } } pageInfo { hasNextPage endCursor } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = platform.read("", document, json!({"after": after})).await;
        let page = &data["capabilities"];
        let nodes = page["nodes"].as_array().unwrap().iter().filter(|node| node["isTryable"] == true);
        all.extend(nodes.map(|node| (text(node, "/slug"), node["contract"]["examples"][0]["input"].clone())));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn every_callable_capability_of_the_demo_can_be_tried_and_counts_after_a_restart() {
    let platform = Platform::start_seeded().await;
    let tryable = tryable(&platform).await;
    assert_eq!(tryable.len(), 39);
    for (capability, input) in &tryable {
        let input = json!({"capability": capability, "payload": input, "idempotencyKey": capability});
        let tried = platform.done("", "tryCapability", TRIAL, input).await;
        assert!(!tried["trial"]["output"].is_null(), "{capability}: {tried}");
    }
    let operator = platform.demo().operator;
    assert_eq!(platform.read(&operator, CALLS_TODAY, json!({})).await["sandboxSettings"]["callsToday"], "39");
    let health = "{ listing(slug: \"reference-vision\") { probe { hasPassed } health { isAnswering calls failures
        latencyP50Milliseconds } } }";
    let before = platform.read("", health, json!({})).await["listing"].clone();
    assert_eq!(before["probe"]["hasPassed"], true);
    assert_eq!((&before["health"]["calls"], &before["health"]["failures"]), (&json!("8"), &json!("0")));
    let home = platform.terminate().await;
    let platform = home.start(&[]).await;
    assert_eq!(platform.read("", health, json!({})).await["listing"], before, "health is in the log");
    let settings = platform.read(&operator, CALLS_TODAY, json!({})).await;
    assert_eq!(settings["sandboxSettings"]["callsToday"], "39", "the day's calls are in the log");
    let home = platform.terminate().await;
    home.succeed("replay", &["--verify"]);
}

/// Tries as if a proxy had named a client; answers the code of the error, if any.
async fn attempt(platform: &Platform, client: &str, key: &str) -> Value {
    let input = json!({"capability": LANGUAGE, "payload": sentence(), "idempotencyKey": key});
    let request = platform.request("", &document("tryCapability", TRIAL), &json!({"input": input}));
    let answer = platform.answer(request.header("x-forwarded-for", client)).await;
    answer.json["data"]["payload"]["errors"][0]["code"].clone()
}

/// The operator has a free agreement and lets every address call once a day.
async fn open_sandbox(platform: &Platform) {
    let market = Market::open(platform).await;
    let listing = platform.list(&market.seller, &market.operator, &[LANGUAGE], REFERENCE).await;
    let offer = platform.offer(&market.seller, &listing, &[per_call("10", "0.01")]).await;
    platform.accept(&market.operator, &offer).await;
    let settings = json!({"isOpen": true, "callsPerAddressPerDay": "1", "callsPerDay": "100", "maxCharge": "0.01"});
    platform.done(&market.operator, "setSandbox", "sandboxSettings { isOpen }", settings).await;
}

#[tokio::test]
async fn nobody_gets_more_tries_by_naming_other_addresses() {
    let platform = Platform::start().await;
    open_sandbox(&platform).await;
    assert_eq!(attempt(&platform, "203.0.113.1", "a").await, Value::Null);
    assert_eq!(attempt(&platform, "203.0.113.2", "b").await, "SANDBOX_ADDRESS_EXHAUSTED");
}

#[tokio::test]
async fn a_trusted_proxy_tells_visitors_apart() {
    let platform = Platform::start_with(&["--trusted-proxy", "127.0.0.0/8"]).await;
    open_sandbox(&platform).await;
    assert_eq!(attempt(&platform, "203.0.113.1", "a").await, Value::Null);
    assert_eq!(attempt(&platform, "203.0.113.2", "a").await, Value::Null);
    assert_eq!(attempt(&platform, "198.51.100.9, 203.0.113.2", "b").await, "SANDBOX_ADDRESS_EXHAUSTED");
}

#[tokio::test]
async fn a_listing_on_the_market_is_probed_again() {
    let platform = Platform::start_with(&["--probe-interval", "1"]).await;
    let market = Market::open(&platform).await;
    platform.list(&market.seller, &market.operator, &[LANGUAGE], REFERENCE).await;
    let probe = "{ listings(first: 1) { nodes { probe { at hasPassed } } } }";
    let first = platform.read("", probe, json!({})).await["listings"]["nodes"][0]["probe"].clone();
    crate::platform::eventually("it is probed again", async || {
        let probe = platform.read("", probe, json!({})).await["listings"]["nodes"][0]["probe"].clone();
        assert_eq!(probe["hasPassed"], true);
        probe["at"] != first["at"]
    })
    .await;
}
