//! `kill -9` under load, again and again: what was delivered is recorded once, and nothing twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call};
use crate::platform::{Home, Platform, text};

/// Calls under way at once.
const CONNECTIONS: usize = 16;
/// Calls begun in each round; most rounds end before.
const CALLS: usize = 200;

/// How often to kill.
#[expect(clippy::disallowed_methods, reason = "the one setting of a test, which has no command line of its own")]
fn rounds() -> usize {
    std::env::var("TALLYSTICK_CRASH_ROUNDS").map_or(50, |rounds| rounds.parse().unwrap())
}

/// What the buyer knows.
#[derive(Default)]
struct Buyer {
    /// The invocation's id by its idempotency key.
    delivered: HashMap<String, String>,
    /// Keys sent without an answer: to be sent again.
    lost: Vec<String>,
}

impl Buyer {
    /// Sends calls side by side, and stops listening once so many were delivered.
    async fn load(&mut self, platform: &Platform, deal: &Deal, keys: Vec<String>, enough: usize) {
        let payload = json!({"text": "What was delivered is recorded."});
        let (payload, mut unanswered) = (&payload, keys.iter().cloned().collect::<HashSet<String>>());
        let send = |key: String| async move { (deal.delivered(platform, payload, &key).await, key) };
        let mut answers = stream::iter(keys).map(send).buffer_unordered(CONNECTIONS).take(enough);
        while let Some((call, key)) = answers.next().await {
            let id = text(&call.expect("the platform lives"), "/id");
            unanswered.remove(&key);
            let before = self.delivered.insert(key, id.clone());
            assert!(before.is_none_or(|before| before == id), "a key names one call");
        }
        self.lost = unanswered.into_iter().collect();
    }
}

/// 1 to 60, another in each round and the same in each run.
const fn enough(round: usize) -> usize {
    round * 37 % 60 + 1
}

#[tokio::test]
async fn every_delivered_call_has_exactly_one_usage_record_however_often_the_platform_is_killed() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("100", "0.01")).await;
    let mut home = platform.terminate().await;
    let mut buyer = Buyer::default();
    for round in 0..rounds() {
        let platform = home.start(&[]).await;
        let mut keys = std::mem::take(&mut buyer.lost);
        keys.extend((0..CALLS.saturating_sub(keys.len())).map(|n| format!("round {round} call {n}")));
        buyer.load(&platform, &deal, keys, enough(round)).await;
        home = platform.kill().await;
    }
    let platform = home.start(&[]).await;
    let lost = std::mem::take(&mut buyer.lost);
    let all = lost.len();
    buyer.load(&platform, &deal, lost, all).await;
    assert_eq!(deal.recorded(&platform).await, buyer.delivered.len().to_string());
    let home = platform.terminate().await;
    check_records(&home, &buyer);
    home.succeed("verify", &[]);
    home.succeed("replay", &["--verify"]);
}

/// Each key was sent until it was answered, so the records are exactly the calls that the buyer knows.
fn check_records(home: &Home, buyer: &Buyer) {
    let batches = home.log(&["--kind", "usage_recorded"]);
    let mut sequences: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut recorded = Vec::new();
    for batch in &batches {
        for record in batch["records"].as_array().unwrap() {
            recorded.push(text(record, "/invocation"));
            sequences.entry(text(batch, "/stream")).or_default().push(sequence(record));
        }
    }
    let distinct: HashSet<&String> = recorded.iter().collect();
    assert_eq!(distinct.len(), recorded.len(), "nothing is recorded twice");
    assert_eq!(distinct, buyer.delivered.values().collect::<HashSet<_>>());
    for (stream, sequence) in sequences {
        let gapless: Vec<u64> = (1..).take(sequence.len()).collect();
        assert_eq!(sequence, gapless, "{stream}");
    }
}

fn sequence(record: &Value) -> u64 {
    record["sequence"].as_u64().or_else(|| record["sequence"].as_str()?.parse().ok()).unwrap()
}
