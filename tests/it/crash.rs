//! `kill -9` under load, again and again: what was delivered or accepted is recorded once, and nothing twice. The twin
//! answers before its COMMIT, and is caught.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::hasty::HastyServer;
use crate::ingest::{Outlet, now};
use crate::market::{Deal, LANGUAGE, Market, PINYIN, REFERENCE, per_call};
use crate::platform::{Home, Platform, eventually, text};

/// Messages under way at once.
const CONNECTIONS: usize = 16;
/// Messages begun in each round; most rounds end before.
const MESSAGES: usize = 200;
/// From one round whose load closes the open periods to the next.
const ROUNDS_OF_PERIOD: usize = 10;

/// Free calls of a period.
const CALLS_INCLUDED: u64 = 100;
/// Free characters of a period: no multiple of a report's, so that one report is free in part.
const CHARACTERS_INCLUDED: u64 = 100;
/// Of each report.
const CHARACTERS: &str = "3";

/// Rounds of the twin between two checks, and such checks until it must have been caught.
const ROUNDS_OF_TWIN: usize = 2;
const CHECKS_OF_TWIN: usize = 25;

/// How often to kill.
#[expect(clippy::disallowed_methods, reason = "the one setting of a test, which has no command line of its own")]
fn rounds() -> usize {
    std::env::var("TALLYSTICK_CRASH_ROUNDS").map_or(50, |rounds| rounds.parse().unwrap())
}

/// What is sent again until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Message {
    /// A call with this idempotency key.
    Call { key: String },
    /// An event with this id that was used at this time.
    Report { id: String, time: String },
    /// The end of the agreement's period that starts then.
    Close { agreement: String, start: String },
}

impl Message {
    /// Whether what is recorded of it is a report; nothing is of a closing.
    const fn is_reported(&self) -> Option<bool> {
        match self {
            Self::Call { .. } => Some(false),
            Self::Report { .. } => Some(true),
            Self::Close { .. } => None,
        }
    }
}

/// Who sends: a buyer who calls, a seller who reports under another agreement, and the operator.
struct Parties {
    called: Deal,
    reported: Outlet,
}

impl Parties {
    async fn open(platform: &Platform) -> Self {
        let market = Market::open(platform).await;
        let called = per_call(&CALLS_INCLUDED.to_string(), "0.01");
        let called = market.deal(platform, LANGUAGE, REFERENCE, called).await;
        let reported =
            json!({"meter": "CHARACTER", "included": CHARACTERS_INCLUDED.to_string(), "price": {"perUnit": "0.01"}});
        let reported = market.deal(platform, PINYIN, REFERENCE, reported).await;
        Self { called, reported: Outlet::of(platform, &market, reported).await }
    }

    /// Their agreements, and the free units of each.
    const fn deals(&self) -> [(&Deal, u64); 2] {
        [(&self.called, CALLS_INCLUDED), (&self.reported.deal, CHARACTERS_INCLUDED)]
    }

    /// Sends a message, which must go well; answers the id of what came of it.
    async fn send(&self, platform: &Platform, message: &Message) -> String {
        match message {
            Message::Call { key } => {
                let payload = json!({"text": "What was delivered is recorded."});
                text(&self.called.call(platform, &payload, key).await, "/id")
            }
            Message::Report { id, time } => {
                let event = self.reported.event_at(id, CHARACTERS, time);
                let answer = self.reported.report(platform, &event).await;
                assert!(["ACCEPTED", "DUPLICATE"].contains(&text(&answer.json, "/status").as_str()), "{answer:?}");
                text(&answer.json, "/invocationId")
            }
            Message::Close { agreement, start } => platform.close(&self.reported.operator, agreement, start).await,
        }
    }

    /// New ones of a round: calls and reports in turn.
    fn messages(round: usize) -> impl Iterator<Item = Message> {
        let time = now();
        (0..MESSAGES).map(move |number| match (number % 2, format!("round {round} message {number}")) {
            (0, key) => Message::Call { key },
            (_, id) => Message::Report { id, time: time.clone() },
        })
    }

    /// The ends of the open periods.
    async fn closings(&self, platform: &Platform) -> Vec<Message> {
        let mut closings = Vec::new();
        for (deal, _) in self.deals() {
            closings.push(Message::Close { agreement: deal.agreement.clone(), start: deal.period(platform).await });
        }
        closings
    }
}

/// What the parties have heard.
#[derive(Default)]
struct Heard {
    /// The id of what came of a message.
    known: HashMap<Message, String>,
    /// Sent without an answer: to be sent again.
    lost: Vec<Message>,
}

impl Heard {
    /// Sends messages side by side, and stops listening once so many were answered.
    async fn load(&mut self, platform: &Platform, parties: &Parties, messages: Vec<Message>, enough: usize) {
        let mut unanswered: HashSet<Message> = messages.iter().cloned().collect();
        let send = |message: Message| async move { (parties.send(platform, &message).await, message) };
        let mut answers = stream::iter(messages).map(send).buffer_unordered(CONNECTIONS).take(enough);
        while let Some((id, message)) = answers.next().await {
            unanswered.remove(&message);
            let before = self.known.insert(message, id.clone());
            assert!(before.is_none_or(|before| before == id), "the same message names the same");
        }
        self.lost = unanswered.into_iter().collect();
    }

    /// Of calls, or of reports.
    fn ids(&self, is_reported: bool) -> HashSet<String> {
        let known = self.known.iter().filter(|(message, _)| message.is_reported() == Some(is_reported));
        known.map(|(_, id)| id.clone()).collect()
    }
}

/// 1 to 60, another in each round and the same in each run.
const fn enough(round: usize) -> usize {
    round * 37 % 60 + 1
}

/// A platform that is killed again and again, and what its parties know.
struct Crashes<'a> {
    /// Where the log is, as every command takes it.
    log: Vec<&'a str>,
    /// While the platform is at rest.
    home: Option<Home>,
    parties: Parties,
    heard: Heard,
    rounds: usize,
}

impl<'a> Crashes<'a> {
    async fn begin(log: &[&'a str]) -> Self {
        let platform = Platform::start_with(log).await;
        let parties = Parties::open(&platform).await;
        let home = Some(platform.terminate().await);
        Self { log: log.to_vec(), home, parties, heard: Heard::default(), rounds: 0 }
    }

    async fn start(&mut self) -> Platform {
        self.home.take().expect("a platform at rest").start(&self.log).await
    }

    /// Kills it so often, each time once the parties have heard enough.
    async fn kill(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let (round, platform) = (self.rounds, self.start().await);
            let mut messages = std::mem::take(&mut self.heard.lost);
            messages.extend(Parties::messages(round).skip(messages.len()));
            if round % ROUNDS_OF_PERIOD == ROUNDS_OF_PERIOD - 1 {
                messages.splice(0..0, self.parties.closings(&platform).await);
            }
            self.heard.load(&platform, &self.parties, messages, enough(round)).await;
            self.home = Some(platform.kill().await);
            self.rounds += 1;
        }
    }

    /// Once every message has been answered, records and views are what the parties know, and the log is sound.
    async fn check(&mut self) -> Result<(), String> {
        let platform = self.start().await;
        let lost = std::mem::take(&mut self.heard.lost);
        let all = lost.len();
        self.heard.load(&platform, &self.parties, lost, all).await;
        let batches = platform.home().log(&[&["--kind", "usage_recorded"], &*self.log].concat());
        check_records(&batches, &self.heard)?;
        self.check_views(&platform, &batches).await;
        let home = platform.terminate().await;
        home.succeed("verify", &self.log);
        home.succeed("replay", &[&["--verify"], &*self.log].concat());
        self.home = Some(home);
        Ok(())
    }

    /// The counters of each agreement are those of its records, and each record is on one invoice or will be.
    async fn check_views(&self, platform: &Platform, batches: &[Value]) {
        let mut all = Vec::new();
        for (deal, included) in self.parties.deals() {
            let records: Vec<&Value> =
                records(batches).filter(|record| record["agreement"] == deal.agreement).collect();
            let count = records.len().to_string();
            eventually("the views have every record", async || deal.recorded(platform).await == count).await;
            let periods = periods(&records);
            for (free, charged) in periods.values() {
                assert_eq!(*free, included.min(free + charged), "free until the allowance ends, and not one more");
            }
            let (free, charged) = periods.get(&deal.period(platform).await).copied().unwrap_or_default();
            let allowance = deal.allowance(platform).await;
            let counters = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
            assert_eq!(counters, [free.to_string(), "0".to_owned(), charged.to_string()]);
            all.extend(records);
        }
        assert_eq!(self.billed(platform).await, all.len() as u64, "none is on two invoices, or on none");
    }

    /// How many records are on invoices and in open periods.
    async fn billed(&self, platform: &Platform) -> u64 {
        let issued = platform.home().log(&[&["--kind", "invoice_issued"], &*self.log].concat());
        let issued: u64 = issued.iter().map(|event| event["event"]["calls"].as_u64().unwrap()).sum();
        let query = "{ openPeriods { nodes { calls } } }";
        let open = platform.read(&self.parties.reported.operator, query, json!({})).await;
        let open = open["openPeriods"]["nodes"].as_array().unwrap().iter();
        issued + open.map(|period| text(period, "/calls").parse::<u64>().unwrap()).sum::<u64>()
    }
}

fn records(batches: &[Value]) -> impl Iterator<Item = &Value> {
    batches.iter().flat_map(|batch| batch["records"].as_array().unwrap())
}

/// The FREE and `VALUE_ADDED` units of the records, by the start of the period that they belong to.
fn periods(records: &[&Value]) -> HashMap<String, (u64, u64)> {
    let mut periods: HashMap<String, (u64, u64)> = HashMap::new();
    for record in records {
        let (free, charged) = periods.entry(text(record, "/periodStart")).or_default();
        *free += text(record, "/lines/0/free").parse::<u64>().unwrap();
        *charged += text(record, "/lines/0/valueAdded").parse::<u64>().unwrap();
    }
    periods
}

/// Each message was sent until it was answered, so the records are exactly those that the parties know.
fn check_records(batches: &[Value], heard: &Heard) -> Result<(), String> {
    for (is_reported, what) in [(false, "delivered calls"), (true, "accepted reports")] {
        let recorded = records(batches).filter(|record| record["reported"] == is_reported);
        let recorded = recorded.map(|record| text(record, "/invocation")).collect();
        check_ids(recorded, &heard.ids(is_reported), what)?;
    }
    let mut sequences: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
    for batch in batches {
        for record in batch["records"].as_array().unwrap() {
            let of = (text(batch, "/stream"), text(record, "/agreement"));
            sequences.entry(of).or_default().push(sequence(record));
        }
    }
    sequences.iter().try_for_each(|(of, sequence)| {
        let is_gapless = (1..).zip(sequence).all(|(due, found)| due == *found);
        ensure(is_gapless, || format!("{of:?} has the sequence {sequence:?}"))
    })
}

fn check_ids(recorded: Vec<String>, known: &HashSet<String>, what: &str) -> Result<(), String> {
    let count = recorded.len();
    let distinct: HashSet<String> = recorded.into_iter().collect();
    ensure(distinct.len() == count, || format!("some of the {what} are recorded twice"))?;
    let (lost, unknown) = (known.difference(&distinct).count(), distinct.difference(known).count());
    ensure(lost == 0, || format!("{lost} {what} are not recorded"))?;
    ensure(unknown == 0, || format!("{unknown} {what} are recorded that nobody sent"))
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn sequence(record: &Value) -> u64 {
    record["sequence"].as_u64().or_else(|| record["sequence"].as_str()?.parse().ok()).unwrap()
}

#[tokio::test]
async fn every_call_and_report_has_exactly_one_usage_record_however_often_the_platform_is_killed() {
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
            return assert!(found.ends_with(" are not recorded"), "{found}");
        }
    }
    panic!("nothing was lost");
}
