//! Two nodes on one log: the second takes the meter under load, and nothing is lost, doubled or oversold.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::ingest::Outlet;
use crate::market::{Deal, LANGUAGE, Market, PINYIN, REFERENCE, per_call, units};
use crate::platform::{Home, Platform, eventually, text};
use crate::receipts::{keep, key, receipt, verify};

/// Calls under way at once.
const CALLERS: usize = 16;
/// Reports under way at once.
const REPORTERS: usize = 4;
/// The second node starts once the first has delivered this many calls.
const CALLS_BEFORE: usize = 60;
/// The load goes on until the second node has delivered this many.
const CALLS_AFTER: usize = 120;
/// Of each report: no divisor of what is free, so that one report is free in part.
const CHARACTERS: u64 = 3;
/// Free characters.
const CHARACTERS_INCLUDED: u64 = 100;

/// What the buyer and the seller send, to whom, and what has come back.
struct Load {
    deals: [Deal; 2],
    outlet: Outlet,
    payload: Value,
    first: Platform,
    second: watch::Receiver<Option<Arc<Platform>>>,
    sent: AtomicUsize,
    delivered: Mutex<HashMap<String, (usize, Value)>>,
    /// The ids of reports: those that the first node accepted, and the others.
    reported: Mutex<[HashSet<String>; 2]>,
    refusals: Mutex<HashSet<String>>,
    by_second: AtomicUsize,
}

impl Load {
    /// Agreements of the first node that are used; the second node is announced later.
    async fn on(first: Platform, second: watch::Receiver<Option<Arc<Platform>>>) -> Self {
        let market = Market::open(&first).await;
        let deals = [
            market.deal(&first, LANGUAGE, REFERENCE, per_call("100", "0.01")).await,
            market.deal(&first, LANGUAGE, REFERENCE, per_call("1000000", "0.01")).await,
        ];
        let terms =
            json!({"meter": "CHARACTER", "included": CHARACTERS_INCLUDED.to_string(), "price": {"perUnit": "0.01"}});
        let reported = market.deal(&first, PINYIN, REFERENCE, terms).await;
        Self {
            deals,
            outlet: Outlet::of(&first, &market, reported).await,
            payload: json!({"text": "Who counts this one?"}),
            first,
            second,
            sent: AtomicUsize::new(0),
            delivered: Mutex::default(),
            reported: Mutex::default(),
            refusals: Mutex::default(),
            by_second: AtomicUsize::new(0),
        }
    }

    fn goes_on(&self) -> bool {
        self.by_second.load(Ordering::SeqCst) < CALLS_AFTER
    }

    /// Sends calls under both agreements in turn, each until it is delivered.
    async fn call(self: Arc<Self>) {
        while self.goes_on() {
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
        let second = self.second().await;
        let call = self.deals[deal].call(&second, &self.payload, key).await;
        self.by_second.fetch_add(1, Ordering::SeqCst);
        call
    }

    async fn second(&self) -> Arc<Platform> {
        let mut second = self.second.clone();
        second.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    /// Reports events to the first node until it fails; then all of them to the second, and more.
    async fn report(self: Arc<Self>) {
        let mut accepted = Vec::new();
        let mut event = self.event();
        while let Some(id) = self.report_first(&event).await {
            accepted.push((event, id));
            event = self.event();
        }
        let second = self.second().await;
        for (event, id) in accepted {
            assert_eq!(self.report_second(&second, &event).await, ("DUPLICATE".to_owned(), id.clone()));
            assert!(self.reported.lock().unwrap()[0].insert(id), "an event is a report of its own");
        }
        // Whether the first node has recorded it before it failed, nobody knows.
        let (_, id) = self.report_second(&second, &event).await;
        self.reported.lock().unwrap()[1].insert(id);
        while self.goes_on() {
            let (status, id) = self.report_second(&second, &self.event()).await;
            assert_eq!(status, "ACCEPTED");
            assert!(self.reported.lock().unwrap()[1].insert(id), "an event is a report of its own");
        }
    }

    fn event(&self) -> Value {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        self.outlet.event(&format!("event {number}"), &CHARACTERS.to_string())
    }

    async fn report_first(&self, event: &Value) -> Option<String> {
        let answer = self.outlet.try_report(&self.first, event).await?;
        if answer["status"] == "ACCEPTED" {
            return Some(text(&answer, "/invocationId"));
        }
        self.refusals.lock().unwrap().insert(text(&answer, "/code"));
        None
    }

    /// What the second node says, and the id of the report.
    async fn report_second(&self, second: &Platform, event: &Value) -> (String, String) {
        let answer = self.outlet.report(second, event).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (text(&answer.json, "/status"), text(&answer.json, "/invocationId"))
    }

    /// Allowances, counters and views of the second node are what the answers of both say.
    async fn check_counters(&self, second: &Platform) {
        for (index, included) in [(0, 100), (1, 1_000_000)] {
            let (free, charged) = (sum(self, index, "FREE"), sum(self, index, "VALUE_ADDED"));
            assert_eq!(free, included.min(free + charged), "free until the allowance ends, and not one more");
            check_counters(second, &self.deals[index], [free, charged], free + charged).await;
        }
        let reports: usize = self.reported.lock().unwrap().iter().map(HashSet::len).sum();
        let (reports, used) = (reports as u64, reports as u64 * CHARACTERS);
        let free = used.min(CHARACTERS_INCLUDED);
        check_counters(second, &self.outlet.deal, [free, used - free], reports).await;
    }

    /// The receipts of a report that each node recorded verify offline, under the key that both sign with.
    async fn check_receipts(&self, second: &Platform) {
        let trusted = key(second).await;
        let reports = self.reported.lock().unwrap().each_ref().map(|ids| ids.iter().next().unwrap().clone());
        for report in reports {
            let found = receipt(second, &self.outlet.deal.key, &report).await;
            let path = keep(second.home().path(), "receipt.json", &text(&found, "/file"));
            let (good, told) = verify(&path, &trusted);
            assert!(good && told.contains(&report), "{told}");
        }
    }
}

async fn check_counters(second: &Platform, deal: &Deal, units: [u64; 2], records: u64) {
    let allowance = deal.allowance(second).await;
    let counters = ["used", "valueAdded", "held"].map(|counter| text(&allowance, &format!("/{counter}")));
    assert_eq!(counters, [units[0].to_string(), units[1].to_string(), "0".to_owned()]);
    eventually("the views have every record", async || deal.recorded(second).await == records.to_string()).await;
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
async fn a_second_node_takes_the_meter_under_load_and_every_call_and_report_is_counted_once() {
    let cluster = Cluster::start();
    a_second_node_takes_the_meter(&cluster.address("postgres")).await;
}

/// Two nodes on the log at an address, one after the other, under one load.
pub async fn a_second_node_takes_the_meter(url: &str) {
    let log = ["--log", url];
    let first = Home::new().start(&log).await;
    let (announce, second) = watch::channel(None);
    let load = Arc::new(Load::on(first, second).await);
    let home = successor_of(load.first.home());
    let mut parties = JoinSet::new();
    (0..CALLERS).for_each(|_| _ = parties.spawn(Arc::clone(&load).call()));
    (0..REPORTERS).for_each(|_| _ = parties.spawn(Arc::clone(&load).report()));
    eventually("the first node is busy", async || load.delivered.lock().unwrap().len() >= CALLS_BEFORE).await;
    let second = Arc::new(home.start(&log).await);
    announce.send_replace(Some(Arc::clone(&second)));
    parties.join_all().await;
    drop(announce);

    load.check_counters(&second).await;
    load.check_receipts(&second).await;
    let load = Arc::into_inner(load).unwrap();
    check_refusals(&load);
    drop(load.second);
    check_first(load.first).await;
    let home = Arc::into_inner(second).unwrap().terminate().await;
    let calls = load.delivered.into_inner().unwrap();
    check_log(&home, &log, &calls, load.reported.into_inner().unwrap());
}

#[tokio::test]
async fn a_log_on_postgresql_is_not_backed_up_by_the_platform() {
    let cluster = Cluster::start();
    let platform = Home::new().start(&["--log", &cluster.address("postgres")]).await;
    let operator = platform.join_as_operator().await;
    is_backed_up_elsewhere(&platform, &operator).await;
}

/// Asked for a backup, the platform names the database's own programs.
pub async fn is_backed_up_elsewhere(platform: &Platform, operator: &str) {
    let upkeep = platform.read(operator, "{ upkeep { isBackedUpHere backups { name } } }", json!({})).await;
    assert_eq!(upkeep["upkeep"], json!({"isBackedUpHere": false, "backups": []}));
    let refused = platform.refused(operator, "takeBackup", json!({})).await;
    assert_eq!(refused["code"], "BACKED_UP_ELSEWHERE");
    assert!(text(&refused, "/message").contains("pg_dump"), "{refused}");
}

/// Whoever was refused by the first node was told so definitely, and both nodes had their share.
fn check_refusals(load: &Load) {
    let total = load.delivered.lock().unwrap().len();
    let by_second = load.by_second.load(Ordering::SeqCst);
    assert!(total - by_second >= CALLS_BEFORE && by_second >= CALLS_AFTER, "{by_second} of {total}");
    let refusals = load.refusals.lock().unwrap();
    let told = ["NOT_RECORDED", "REPORT_NOT_RECORDED"];
    assert!(refusals.iter().all(|code| told.contains(&code.as_str())), "{refusals:?}");
}

/// It has stopped by itself, and says why.
async fn check_first(first: Platform) {
    eventually("the first node says why", async || first.said().contains("another node has taken the meter")).await;
    let (_, status) = first.ended().await;
    assert_eq!(status.code(), Some(3));
}

/// One record for each call that was delivered and each report that was accepted, and no other.
fn check_log(home: &Home, log: &[&str], delivered: &HashMap<String, (usize, Value)>, reported: [HashSet<String>; 2]) {
    let batches = home.log(&[&["--kind", "usage_recorded"], log].concat());
    let records = || batches.iter().flat_map(|batch| batch["records"].as_array().unwrap());
    let calls: HashSet<String> = delivered.values().map(|(_, call)| text(call, "/id")).collect();
    assert_eq!(calls.len(), delivered.len(), "each key is a call of its own");
    for (is_reported, known) in [(false, calls), (true, reported.into_iter().flatten().collect())] {
        let records = records().filter(|record| record["reported"] == is_reported);
        let recorded: Vec<String> = records.map(|record| text(record, "/invocation")).collect();
        let distinct: HashSet<String> = recorded.iter().cloned().collect();
        assert_eq!(distinct.len(), recorded.len(), "nothing is recorded twice");
        assert_eq!(distinct, known, "nothing is recorded that was not answered, and the reverse");
    }
    let streams: HashSet<String> = batches.iter().map(|batch| text(batch, "/stream")).collect();
    assert_eq!(streams.len(), 2, "one usage stream for each node");
    assert_eq!(home.log(&[&["--kind", "usage_sealed"], log].concat()).len(), 1);
    let exported = home.succeed("export", &[&["usage", "--format", "jsonl"], log].concat());
    assert_eq!(exported.lines().count(), records().count());
    home.succeed("rebuild", log);
    home.succeed("verify", log);
    home.succeed("replay", &[&["--verify"], log].concat());
}
