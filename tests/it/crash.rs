//! `kill -9` under load, again and again: what was delivered is recorded once, and nothing twice. The twin answers
//! before its COMMIT, and is caught.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::hasty::HastyServer;
use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call};
use crate::platform::{Home, Platform, eventually, text};

/// Calls under way at once.
const CONNECTIONS: usize = 16;
/// Calls begun in each round; most rounds end before.
const CALLS: usize = 200;

/// Rounds of the twin between two checks, and such checks until it must have been caught.
const ROUNDS_OF_TWIN: usize = 2;
const CHECKS_OF_TWIN: usize = 25;

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

/// A platform that is killed again and again, and what its buyer knows.
struct Crashes<'a> {
    /// Where the log is, as every command takes it.
    log: Vec<&'a str>,
    /// While the platform is at rest.
    home: Option<Home>,
    deal: Deal,
    buyer: Buyer,
    rounds: usize,
}

impl<'a> Crashes<'a> {
    async fn begin(log: &[&'a str]) -> Self {
        let platform = Platform::start_with(log).await;
        let market = Market::open(&platform).await;
        let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("100", "0.01")).await;
        let home = Some(platform.terminate().await);
        Self { log: log.to_vec(), home, deal, buyer: Buyer::default(), rounds: 0 }
    }

    async fn start(&mut self) -> Platform {
        self.home.take().expect("a platform at rest").start(&self.log).await
    }

    /// Kills it so often, each time once the buyer has heard enough.
    async fn kill(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let (round, platform) = (self.rounds, self.start().await);
            let mut keys = std::mem::take(&mut self.buyer.lost);
            keys.extend((0..CALLS.saturating_sub(keys.len())).map(|n| format!("round {round} call {n}")));
            self.buyer.load(&platform, &self.deal, keys, enough(round)).await;
            self.home = Some(platform.kill().await);
            self.rounds += 1;
        }
    }

    /// Once every key has been answered, records and views are what the buyer knows, and the log is sound.
    async fn check(&mut self) -> Result<(), String> {
        let platform = self.start().await;
        let lost = std::mem::take(&mut self.buyer.lost);
        let all = lost.len();
        self.buyer.load(&platform, &self.deal, lost, all).await;
        let delivered: HashSet<&String> = self.buyer.delivered.values().collect();
        check_records(&platform.home().log(&[&["--kind", "usage_recorded"], &*self.log].concat()), &delivered)?;
        let calls = self.buyer.delivered.len().to_string();
        eventually("the views have every call", async || self.deal.recorded(&platform).await == calls).await;
        let home = platform.terminate().await;
        home.succeed("verify", &self.log);
        home.succeed("replay", &[&["--verify"], &*self.log].concat());
        self.home = Some(home);
        Ok(())
    }
}

/// Each key was sent until it was answered, so the records are exactly the calls that the buyer knows.
fn check_records(batches: &[Value], delivered: &HashSet<&String>) -> Result<(), String> {
    let mut sequences: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut recorded = Vec::new();
    for batch in batches {
        for record in batch["records"].as_array().unwrap() {
            recorded.push(text(record, "/invocation"));
            sequences.entry(text(batch, "/stream")).or_default().push(sequence(record));
        }
    }
    let distinct: HashSet<&String> = recorded.iter().collect();
    ensure(distinct.len() == recorded.len(), || "a call is recorded twice".to_owned())?;
    let (lost, unknown) = (delivered.difference(&distinct).count(), distinct.difference(delivered).count());
    ensure(lost == 0, || format!("{lost} delivered calls are not recorded"))?;
    ensure(unknown == 0, || format!("{unknown} calls are recorded that nobody made"))?;
    sequences.iter().try_for_each(|(stream, sequence)| {
        let is_gapless = (1..).zip(sequence).all(|(due, found)| due == *found);
        ensure(is_gapless, || format!("{stream} has the sequence {sequence:?}"))
    })
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn sequence(record: &Value) -> u64 {
    record["sequence"].as_u64().or_else(|| record["sequence"].as_str()?.parse().ok()).unwrap()
}

#[tokio::test]
async fn every_delivered_call_has_exactly_one_usage_record_however_often_the_platform_is_killed() {
    let mut crashes = Crashes::begin(&[]).await;
    crashes.kill(rounds()).await;
    assert_eq!(crashes.check().await, Ok(()));
}

/// The same platform on the same server: honest, nothing is lost; hasty only while it is killed, something is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_answers_before_its_commit_is_caught() {
    let cluster = Cluster::start();
    let server = HastyServer::before(&cluster);
    let url = server.address();
    let mut crashes = Crashes::begin(&["--log", &url]).await;
    crashes.kill(ROUNDS_OF_TWIN).await;
    assert_eq!(crashes.check().await, Ok(()));
    for _ in 0..CHECKS_OF_TWIN {
        server.set_hasty(true);
        crashes.kill(ROUNDS_OF_TWIN).await;
        server.set_hasty(false);
        if let Err(found) = crashes.check().await {
            return assert!(found.ends_with("delivered calls are not recorded"), "{found}");
        }
    }
    panic!("nothing was lost");
}
