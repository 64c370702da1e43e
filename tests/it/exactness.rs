//! The meter under concurrency: free units to the last one, each call once, the same after a restart.

use std::collections::HashSet;

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::market::{Deal, LANGUAGE, Market, PINYIN, REFERENCE, per_call, sentence, units};
use crate::platform::{Platform, eventually, text};
use crate::upstream::{MANDARIN, Upstream};

/// Calls under way at once, each on a connection of its own.
const CONNECTIONS: usize = 64;
const CALLS: usize = 1_000;

/// The results of calls that run side by side.
async fn at_once<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(calls).buffer_unordered(CONNECTIONS).collect().await
}

async fn deal(capability: &str, terms: Value) -> (Platform, Deal) {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, capability, REFERENCE, terms).await;
    (platform, deal)
}

fn counters(allowance: &Value) -> [String; 4] {
    ["used", "held", "remaining", "valueAdded"].map(|counter| text(allowance, &format!("/{counter}")))
}

/// 7 characters a call: the allowance of 500 ends within the 72nd.
#[tokio::test]
async fn a_thousand_calls_at_once_get_exactly_the_allowance_free() {
    let terms = json!({"meter": "CHARACTER", "included": "500", "price": {"perUnit": "0.002"}});
    let (platform, deal) = deal(PINYIN, terms).await;
    let payload = json!({"text": "算市按次计费吗"});
    let keys: Vec<String> = (0..CALLS).map(|n| format!("call {n}")).collect();
    let calls = at_once(keys.iter().map(|key| deal.call(&platform, &payload, key))).await;
    let free: u64 = calls.iter().map(|call| units(call, "FREE")).sum();
    let charged: u64 = calls.iter().map(|call| units(call, "VALUE_ADDED")).sum();
    assert_eq!((free, charged), (500, 6_500));
    let split = calls.iter().filter(|call| units(call, "FREE") > 0 && units(call, "VALUE_ADDED") > 0);
    assert_eq!(split.map(|call| units(call, "FREE")).collect::<Vec<_>>(), [3]);
    let sequences: HashSet<u64> = calls.iter().map(|call| text(call, "/sequence").parse().unwrap()).collect();
    assert_eq!(sequences, (1..=1_000).collect::<HashSet<u64>>());
    assert_eq!(counters(&deal.allowance(&platform).await), ["500", "0", "0", "6500"]);
    assert_eq!(deal.recorded(&platform).await, "1000");
}

#[tokio::test]
async fn calls_that_race_for_an_allowance_without_a_price_never_pass_it() {
    let (platform, deal) = deal(LANGUAGE, json!({"meter": "REQUEST", "included": "50"})).await;
    let payload = json!({"text": "Who gets the last one?"});
    let keys: Vec<String> = (0..200).map(|n| format!("call {n}")).collect();
    let answers = at_once(keys.iter().map(|key| deal.attempt(&platform, &payload, key))).await;
    let (delivered, refused): (Vec<&Value>, Vec<&Value>) =
        answers.iter().partition(|answer| answer["invocation"].is_object());
    assert_eq!((delivered.len(), refused.len()), (50, 150));
    assert!(refused.iter().all(|answer| answer["errors"][0]["__typename"] == "AllowanceExhausted"));
    assert_eq!(counters(&deal.allowance(&platform).await), ["50", "0", "0", "0"]);
}

#[tokio::test]
async fn duplicates_that_race_are_one_call() {
    let (platform, deal) = deal(LANGUAGE, per_call("10", "0.01")).await;
    let payload = json!({"text": "Once and once only."});
    let keys: Vec<String> = (0..400).map(|n| format!("call {}", n / 8)).collect();
    let calls =
        at_once(keys.iter().map(|key| async { (key.clone(), deal.call(&platform, &payload, key).await) })).await;
    let distinct: HashSet<(String, String)> =
        calls.iter().map(|(key, call)| (key.clone(), text(call, "/id"))).collect();
    assert_eq!(distinct.len(), 50, "one id for each key");
    assert_eq!(calls.iter().filter(|(_, call)| call["isRepeated"] == false).count(), 50);
    assert_eq!(counters(&deal.allowance(&platform).await), ["10", "0", "0", "40"]);
    assert_eq!(deal.recorded(&platform).await, "50");
}

#[tokio::test]
async fn counters_are_the_same_after_a_stop_and_after_a_kill() {
    let (platform, deal) = deal(LANGUAGE, per_call("30", "0.01")).await;
    let payload = json!({"text": "The same before and after."});
    let keys: Vec<String> = (0..40).map(|n| format!("call {n}")).collect();
    at_once(keys.iter().map(|key| deal.call(&platform, &payload, key))).await;
    let before = deal.allowance(&platform).await;
    assert_eq!(counters(&before), ["30", "0", "0", "10"]);
    let platform = platform.restart(&[]).await;
    assert_eq!(deal.allowance(&platform).await, before);
    let platform = platform.kill().await.start(&[]).await;
    assert_eq!(deal.allowance(&platform).await, before);
    let next = deal.call(&platform, &payload, "one more").await;
    assert_eq!((units(&next, "VALUE_ADDED"), text(&next, "/sequence")), (1, "1".to_owned()), "its own stream, from 1");
    platform.terminate().await.succeed("replay", &["--verify"]);
}

#[tokio::test]
async fn duplicates_that_race_call_the_provider_once_and_are_charged_once() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let upstream = Upstream::waiting("200 OK", MANDARIN).await;
    let deal = market.deal(&platform, LANGUAGE, &upstream.endpoint(), per_call("0", "0.01")).await;
    let payload = sentence();
    let calls = at_once((0..CONNECTIONS).map(|_| deal.call(&platform, &payload, "the one key")));
    let opened = async {
        eventually("one of them arrived", async || upstream.calls() == 1).await;
        upstream.answer();
    };
    let (calls, ()) = tokio::join!(calls, opened);
    let distinct: HashSet<String> = calls.iter().map(|call| text(call, "/id")).collect();
    assert_eq!((distinct.len(), calls.len(), upstream.calls()), (1, CONNECTIONS, 1));
    assert_eq!(counters(&deal.allowance(&platform).await), ["0", "0", "0", "1"]);
    assert_eq!(deal.recorded(&platform).await, "1");
}

/// Some are answered before the stop, some refused by it, some never heard of it: asked again, each is one call.
#[tokio::test]
async fn a_restart_in_the_middle_leaves_each_call_once() {
    let (platform, deal) = deal(LANGUAGE, per_call("100", "0.01")).await;
    let payload = json!({"text": "Once, whatever happens meanwhile."});
    let keys: Vec<String> = (0..600).map(|n| format!("call {n}")).collect();
    let calls = at_once(keys.iter().map(|key| deal.delivered(&platform, &payload, key)));
    let stop = async {
        eventually("a hundred are recorded", async || {
            deal.recorded(&platform).await.parse::<u64>().is_ok_and(|recorded| recorded >= 100)
        })
        .await;
        platform.ask_to_stop();
    };
    let (before, ()) = tokio::join!(calls, stop);
    let (home, status) = platform.ended().await;
    assert!(status.success(), "stopped with {status}");
    let platform = home.start(&[]).await;
    let after = at_once(keys.iter().map(|key| deal.call(&platform, &payload, key))).await;
    let ids = |calls: &mut dyn Iterator<Item = &Value>| calls.map(|call| text(call, "/id")).collect::<HashSet<_>>();
    let delivered = ids(&mut before.iter().flatten());
    assert!(!delivered.is_empty() && delivered.is_subset(&ids(&mut after.iter())), "{} delivered", delivered.len());
    assert_eq!(deal.recorded(&platform).await, "600");
    assert_eq!(counters(&deal.allowance(&platform).await), ["100", "0", "0", "500"]);
    platform.terminate().await.succeed("replay", &["--verify"]);
}
