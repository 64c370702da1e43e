//! Two nodes on one PostgreSQL log: the second takes the meter under load, and nothing is lost, doubled or oversold.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call, units};
use crate::platform::{Home, Platform, eventually, text};

/// Calls under way at once.
const CALLERS: usize = 16;
/// The second node starts once the first has delivered this many calls.
const CALLS_BEFORE: usize = 60;
/// The load goes on until the second node has delivered this many.
const CALLS_AFTER: usize = 120;

/// What the buyer sends, to whom, and what has come back.
struct Load {
    deals: [Deal; 2],
    payload: Value,
    first: Platform,
    second: watch::Receiver<Option<Arc<Platform>>>,
    sent: AtomicUsize,
    delivered: Mutex<HashMap<String, (usize, Value)>>,
    refusals: Mutex<HashSet<String>>,
    by_second: AtomicUsize,
}

impl Load {
    /// Sends calls under both agreements in turn, each until it is delivered.
    async fn run(self: Arc<Self>) {
        while self.by_second.load(Ordering::SeqCst) < CALLS_AFTER {
            let number = self.sent.fetch_add(1, Ordering::SeqCst);
            let (deal, key) = (number % 2, format!("call {number}"));
            let call = match self.call_first(deal, &key).await {
                Some(call) => call,
                None => self.call_second(deal, &key).await,
            };
            self.delivered.lock().unwrap().insert(key, (deal, call));
        }
    }

    async fn call_first(&self, deal: usize, key: &str) -> Option<Value> {
        let deal = &self.deals[deal];
        let variables = json!({"input": deal.input(&self.payload, key)});
        let document = crate::platform::document("invoke", crate::market::CALL);
        let response = self.first.request(&deal.key, &document, &variables).send().await.ok()?;
        let mut answer: Value = serde_json::from_str(&response.text().await.ok()?).ok()?;
        if let Some(call) = answer.pointer_mut("/data/payload/invocation").filter(|call| call.is_object()) {
            return Some(call.take());
        }
        self.refusals.lock().unwrap().insert(text(&answer, "/errors/0/extensions/code"));
        None
    }

    async fn call_second(&self, deal: usize, key: &str) -> Value {
        let mut second = self.second.clone();
        let second = second.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        let call = self.deals[deal].call(&second, &self.payload, key).await;
        self.by_second.fetch_add(1, Ordering::SeqCst);
        call
    }
}

/// What another machine needs of the first one's data directory: the keys of sealed fields.
fn successor_of(home: &Home) -> Home {
    let successor = Home::new();
    std::fs::create_dir(successor.data()).unwrap();
    std::fs::copy(home.data().join("keys.db"), successor.data().join("keys.db")).unwrap();
    successor
}

/// The sum of the units of a class over the calls under one agreement.
fn sum(load: &Load, deal: usize, class: &str) -> u64 {
    let delivered = load.delivered.lock().unwrap();
    delivered.values().filter(|(of, _)| *of == deal).map(|(_, call)| units(call, class)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_node_takes_the_meter_under_load_and_every_call_is_counted_once() {
    let cluster = Cluster::start();
    let url = cluster.address("postgres");
    let log = ["--log", url.as_str()];
    let first = Home::new().start(&log).await;
    let market = Market::open(&first).await;
    let deals = [
        market.deal(&first, LANGUAGE, REFERENCE, per_call("100", "0.01")).await,
        market.deal(&first, LANGUAGE, REFERENCE, per_call("1000000", "0.01")).await,
    ];
    let home = successor_of(first.home());
    let (announce, second) = watch::channel(None);
    let load = Arc::new(Load {
        deals,
        payload: json!({"text": "Who counts this one?"}),
        first,
        second,
        sent: AtomicUsize::new(0),
        delivered: Mutex::default(),
        refusals: Mutex::default(),
        by_second: AtomicUsize::new(0),
    });
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(Arc::clone(&load).run());
    }
    eventually("the first node is busy", async || load.delivered.lock().unwrap().len() >= CALLS_BEFORE).await;
    let second = Arc::new(home.start(&log).await);
    announce.send_replace(Some(Arc::clone(&second)));
    callers.join_all().await;
    drop(announce);

    let total = load.delivered.lock().unwrap().len();
    for (deal, included) in [(0, 100), (1, 1_000_000)] {
        let (free, charged) = (sum(&load, deal, "FREE"), sum(&load, deal, "VALUE_ADDED"));
        assert_eq!(free, included.min(free + charged), "free until the allowance ends, and not one more");
        let allowance = load.deals[deal].allowance(&second).await;
        let counters = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
        assert_eq!(counters, [free.to_string(), "0".to_owned(), charged.to_string()]);
        eventually("the views have every call", async || {
            load.deals[deal].recorded(&second).await == (free + charged).to_string()
        })
        .await;
    }
    let load = Arc::into_inner(load).unwrap();
    check_refusals(&load, total);
    drop(load.second);
    check_first(load.first).await;
    let home = Arc::into_inner(second).unwrap().terminate().await;
    check_log(&home, &log, &load.delivered.into_inner().unwrap());
}

#[tokio::test]
async fn a_log_on_postgresql_is_not_backed_up_by_the_platform() {
    let cluster = Cluster::start();
    let url = cluster.address("postgres");
    let platform = Home::new().start(&["--log", url.as_str()]).await;
    let operator = platform.join_as_operator().await;
    let upkeep = platform.read(&operator, "{ upkeep { isBackedUpHere backups { name } } }", json!({})).await;
    assert_eq!(upkeep["upkeep"], json!({"isBackedUpHere": false, "backups": []}));
    let refused = platform.refused(&operator, "takeBackup", json!({})).await;
    assert_eq!(refused["code"], "BACKED_UP_ELSEWHERE");
    assert!(text(&refused, "/message").contains("pg_dump"), "{refused}");
}

/// Whoever was refused by the first node was told so definitely, and both nodes had their share.
fn check_refusals(load: &Load, total: usize) {
    let by_second = load.by_second.load(Ordering::SeqCst);
    assert!(total - by_second >= CALLS_BEFORE && by_second >= CALLS_AFTER, "{by_second} of {total}");
    let refusals = load.refusals.lock().unwrap();
    assert!(refusals.iter().all(|code| code == "NOT_RECORDED"), "{refusals:?}");
}

/// It has stopped by itself, and says why.
async fn check_first(first: Platform) {
    eventually("the first node says why", async || first.said().contains("another node has taken the meter")).await;
    let (_, status) = first.ended().await;
    assert_eq!(status.code(), Some(3));
}

/// One record for each call that was delivered, and no other.
fn check_log(home: &Home, log: &[&str], delivered: &HashMap<String, (usize, Value)>) {
    let batches = home.log(&[&["--kind", "usage_recorded"], log].concat());
    let records = batches.iter().flat_map(|batch| batch["records"].as_array().unwrap());
    let recorded: Vec<String> = records.map(|record| text(record, "/invocation")).collect();
    let distinct: HashSet<&String> = recorded.iter().collect();
    assert_eq!(distinct.len(), recorded.len(), "nothing is recorded twice");
    let ids: HashSet<String> = delivered.values().map(|(_, call)| text(call, "/id")).collect();
    assert_eq!(ids.len(), delivered.len(), "each key is a call of its own");
    assert_eq!(distinct, ids.iter().collect(), "nothing is recorded that was not delivered, and the reverse");
    let streams: HashSet<String> = batches.iter().map(|batch| text(batch, "/stream")).collect();
    assert_eq!(streams.len(), 2, "one usage stream for each node");
    assert_eq!(home.log(&[&["--kind", "usage_sealed"], log].concat()).len(), 1);
    home.succeed("verify", log);
    home.succeed("replay", &[&["--verify"], log].concat());
}
