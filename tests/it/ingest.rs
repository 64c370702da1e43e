//! Usage from outside of the gateway: CloudEvents over real sockets, each recorded once, in the period it belongs to.

use std::path::Path;
use std::process::Command;

use eventlog::clock::{Clock, SystemClock};
use futures::{StreamExt, stream};
use reqwest::header::HeaderValue;
use reqwest::{Body, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::cluster::Cluster;
use crate::market::{Deal, Market, PINYIN, REFERENCE};
use crate::platform::{Answer, Home, Platform, eventually, text};

const STRUCTURED: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
const REPORTED: &str = "market.tallystick.usage.v1";

/// An agreement, and a key of its seller.
pub struct Outlet {
    pub deal: Deal,
    /// Reports.
    pub key: String,
    pub operator: String,
}

impl Outlet {
    /// Ten characters are free, then each costs 0.5.
    pub async fn open(platform: &Platform) -> Self {
        let market = Market::open(platform).await;
        let terms = json!({"meter": "CHARACTER", "included": "10", "price": {"perUnit": "0.5"}});
        let deal = market.deal(platform, PINYIN, REFERENCE, terms).await;
        Self::of(platform, &market, deal).await
    }

    /// Of an agreement that there is.
    pub async fn of(platform: &Platform, market: &Market, deal: Deal) -> Self {
        let key = platform.key(&market.seller, &["USAGE_REPORT"]).await;
        Self { deal, key, operator: market.operator.clone() }
    }

    pub fn event(&self, id: &str, quantity: &str) -> Value {
        self.event_at(id, quantity, &now())
    }

    pub fn event_at(&self, id: &str, quantity: &str, time: &str) -> Value {
        json!({"specversion": "1.0", "id": id, "source": "/rack/7", "type": REPORTED, "subject": self.deal.agreement,
            "time": time, "data": {"usage": [{"meter": "CHARACTER", "quantity": quantity}]}})
    }

    fn post(&self, platform: &Platform, content_type: &str, body: impl Into<Body>) -> RequestBuilder {
        let request = platform.client().post(format!("{}/v1/events", platform.url)).bearer_auth(&self.key);
        request.header("content-type", content_type).body(body)
    }

    pub async fn report(&self, platform: &Platform, event: &Value) -> Answer {
        platform.answer(self.post(platform, STRUCTURED, event.to_string())).await
    }

    /// Reports to a platform that may be gone before it answers; what it says, if it does.
    pub async fn try_report(&self, platform: &Platform, event: &Value) -> Option<Value> {
        let response = self.post(platform, STRUCTURED, event.to_string()).send().await.ok()?;
        serde_json::from_str(&response.text().await.ok()?).ok()
    }

    async fn batch(&self, platform: &Platform, events: &[Value]) -> Answer {
        platform.answer(self.post(platform, BATCH, json!(events).to_string())).await
    }

    /// FREE and `VALUE_ADDED` units of the open period.
    pub async fn used(&self, platform: &Platform) -> (String, String) {
        let allowance = self.deal.allowance(platform).await;
        (text(&allowance, "/used"), text(&allowance, "/valueAdded"))
    }

    /// Closes the open period; answers its start and its invoice.
    pub async fn close(&self, platform: &Platform) -> (String, Value) {
        let start = self.deal.period(platform).await;
        let close = json!({"agreementId": self.deal.agreement, "periodStart": start});
        let selection = "invoice { id subtotal { amount } total { amount } calls period { start end }
            invocations(first: 5) { totalCount nodes { id kind } }
            lines { kind meter free valueAdded exact servicePeriod { start end }
            tiers { quantity } billedTiers { quantity } invocations(first: 5) { totalCount nodes { kind } } } }";
        let mut closed = platform.done(&self.operator, "closePeriod", selection, close).await;
        (start, closed["invoice"].take())
    }
}

/// The present instant, as RFC 3339 has it.
pub fn now() -> String {
    SystemClock.now().to_string()
}

fn statuses(answer: &Answer) -> Vec<String> {
    answer.json["results"].as_array().unwrap().iter().map(|result| text(result, "/status")).collect()
}

#[tokio::test]
async fn events_are_taken_in_all_three_modes() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let structured = outlet.report(&platform, &outlet.event("structured", "4")).await;
    assert_eq!((structured.status, text(&structured.json, "/status").as_str()), (200, "ACCEPTED"));
    let said = outlet.event("binär", "5");
    let request = outlet.post(&platform, "application/json", said["data"].to_string());
    let request = request.header("ce-specversion", "1.0").header("ce-id", "bin%C3%A4r").header("ce-source", "/rack/7");
    let request = request.header("ce-type", REPORTED).header("ce-subject", &outlet.deal.agreement);
    let binary = platform.answer(request.header("ce-time", text(&said, "/time"))).await;
    assert_eq!((binary.status, text(&binary.json, "/status").as_str()), (200, "ACCEPTED"), "{}", binary.body);
    let batch = outlet.batch(&platform, &[said, outlet.event("batched", "3")]).await;
    assert_eq!((batch.status, statuses(&batch)), (200, vec!["DUPLICATE".to_owned(), "ACCEPTED".to_owned()]));
    assert_eq!(batch.json["results"][0]["invocationId"], binary.json["invocationId"], "the modes say the same");
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), "2".to_owned()));
    let query = "query($id: ID!) { invocation(id: $id) { kind capability { slug } principal
        usage { class quantity basis } } }";
    let id = json!({"id": batch.json["results"][1]["invocationId"]});
    let found = platform.read(&outlet.deal.key, query, id).await;
    let call = &found["invocation"];
    assert_eq!((&call["kind"], &call["capability"]), (&json!("REPORT"), &Value::Null));
    assert_eq!(call["usage"][0], json!({"class": "FREE", "quantity": "1", "basis": "PROVIDER_REPORTED"}));
}

#[tokio::test]
async fn an_event_is_recorded_once_whoever_races_and_whatever_restarts() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let events: Vec<Value> = (0..50).map(|n| outlet.event(&n.to_string(), "1")).collect();
    let racing = (0..16).map(|_| outlet.batch(&platform, &events));
    let answers: Vec<Answer> = stream::iter(racing).buffer_unordered(16).collect().await;
    let all: Vec<String> = answers.iter().flat_map(statuses).collect();
    let count = |status: &str| all.iter().filter(|one| *one == status).count();
    assert_eq!((count("ACCEPTED"), count("DUPLICATE")), (50, 750));
    let ids = |answer: &Answer| {
        let results = answer.json["results"].as_array().unwrap().iter();
        results.map(|result| text(result, "/invocationId")).collect::<Vec<_>>()
    };
    assert!(answers.iter().all(|answer| ids(answer) == ids(&answers[0])), "a repeat names the first record");
    let before = ids(&answers[0]);
    let platform = platform.kill().await.start(&[]).await;
    let again = outlet.batch(&platform, &events).await;
    assert_eq!((statuses(&again), ids(&again)), (vec!["DUPLICATE".to_owned(); 50], before.clone()));
    let platform = platform.restart(&[]).await;
    assert_eq!(ids(&outlet.batch(&platform, &events).await), before);
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), "40".to_owned()));
}

#[tokio::test]
async fn another_event_with_the_same_source_and_id_is_a_reported_conflict() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let first = outlet.event("1", "4");
    let accepted = outlet.report(&platform, &first).await;
    let mut other = first.clone();
    other["data"]["usage"][0]["quantity"] = json!("5");
    let conflict = outlet.report(&platform, &other).await;
    assert_eq!((conflict.status, &conflict.json["code"]), (409, &json!("EVENT_CONFLICT")));
    assert_eq!(conflict.json["invocationId"], accepted.json["invocationId"]);
    let platform = platform.restart(&[]).await;
    let batch = outlet.batch(&platform, &[other, first]).await;
    assert_eq!(statuses(&batch), ["CONFLICT", "DUPLICATE"]);
    assert_eq!(outlet.used(&platform).await, ("4".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn one_bad_event_leaves_its_neighbours() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let mut events: Vec<Value> = (0..100).map(|n| outlet.event(&n.to_string(), "1")).collect();
    events[17]["data"]["usage"][0]["meter"] = json!("IMAGE");
    events[40]["specversion"] = json!("2.0");
    events[41]["time"] = json!("2099-01-01T00:00:00Z");
    events[42]["time"] = json!("1999-01-01T00:00:00Z");
    events[43]["data"]["capability"] = json!("invoice-recognition");
    let answer = outlet.batch(&platform, &events).await;
    assert_eq!((answer.status, &answer.json["accepted"], &answer.json["rejected"]), (200, &json!(95), &json!(5)));
    let codes = [17, 40, 41, 42, 43].map(|index| text(&answer.json, &format!("/results/{index}/code")));
    let expected = [
        "REPORT_METER_NOT_COVERED",
        "EVENT_VERSION_UNSUPPORTED",
        "TIME_IN_FUTURE",
        "AGREEMENT_NOT_IN_FORCE",
        "CAPABILITY_NOT_COVERED",
    ];
    assert_eq!(codes, expected);
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), "85".to_owned()));
}

/// Too long, too deep, or no objects: told in their places, in a body that is answered at once and in one that is not.
#[tokio::test]
async fn what_cannot_be_an_event_leaves_its_neighbours() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let bad = [
        (json!({"id": "x".repeat(70_000)}).to_string(), "EVENT_TOO_LARGE"),
        (format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000)), "EVENT_NESTED_TOO_DEEPLY"),
        ("17".to_owned(), "EVENT_MALFORMED"),
        ("\"},{\"".to_owned(), "EVENT_MALFORMED"),
        ("[{}]".to_owned(), "EVENT_MALFORMED"),
        ("{\"specversion\":}".to_owned(), "EVENT_MALFORMED"),
    ];
    for (round, accept) in ["application/json", "application/x-ndjson"].into_iter().enumerate() {
        let good = (0..).map(|n| outlet.event(&format!("{round} {n}"), "1").to_string());
        let all: Vec<String> = good.zip(&bad).flat_map(|(good, (bad, _))| [good, bad.clone()]).collect();
        let request = outlet.post(&platform, BATCH, format!("[{}]", all.join(",")));
        let answer = platform.answer(request.header("accept", accept)).await;
        let results = match round {
            0 => answer.json["results"].as_array().unwrap().clone(),
            _ => lines(&answer).into_iter().filter(|line| line.get("index").is_some()).collect(),
        };
        assert_eq!((answer.status, results.len()), (200, 2 * bad.len()), "{}", answer.body);
        for (pair, (_, code)) in results.chunks(2).zip(&bad) {
            assert_eq!((&pair[0]["status"], &pair[1]["code"]), (&json!("ACCEPTED"), &json!(code)));
        }
    }
    assert_eq!(outlet.deal.recorded(&platform).await, (2 * bad.len()).to_string());
}

#[tokio::test]
async fn what_came_before_a_body_breaks_is_answered_line_by_line() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    for (round, (end, code)) in
        [("x", "BATCH_MALFORMED"), ("", "BATCH_MALFORMED"), (",{\"id\":\"", "BATCH_MALFORMED")].into_iter().enumerate()
    {
        let good: Vec<String> = (0..3).map(|n| outlet.event(&format!("{round} {n}"), "1").to_string()).collect();
        let request = outlet.post(&platform, BATCH, format!("[{}{end}", good.join(",")));
        let lines = lines(&platform.answer(request.header("accept", "application/x-ndjson")).await);
        let (last, rest) = lines.split_last().unwrap();
        assert_eq!((&last["done"], &last["error"]["code"]), (&json!(false), &json!(code)));
        assert_eq!(last["counts"]["accepted"], 3, "{last}");
        assert!(rest[..3].iter().all(|line| line["status"] == "ACCEPTED"), "{rest:?}");
    }
    assert_eq!(outlet.deal.recorded(&platform).await, "9");
}

#[tokio::test]
async fn bad_requests_are_told_what_is_wrong_and_record_nothing() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let event = outlet.event("1", "1").to_string();
    let nested = format!("[{}", "{\"a\":[".repeat(5_000));
    let long = format!("[{}]", " ".repeat(1024 * 1024));
    for (content_type, body, status, code) in [
        ("text/plain", event.clone(), 415, "EVENT_MEDIA_TYPE_UNSUPPORTED"),
        ("application/json", event.clone(), 415, "EVENT_MEDIA_TYPE_UNSUPPORTED"),
        (BATCH, event.clone(), 400, "BATCH_MALFORMED"),
        (BATCH, "[{}".to_owned(), 400, "BATCH_MALFORMED"),
        (BATCH, nested.clone(), 400, "BATCH_MALFORMED"),
        (BATCH, format!("[{event},{event}{event}]"), 400, "BATCH_MALFORMED"),
        (STRUCTURED, nested.replacen('[', "", 1), 400, "EVENT_NESTED_TOO_DEEPLY"),
        (STRUCTURED, "{\"id\": ".to_owned(), 400, "EVENT_MALFORMED"),
        (BATCH, long, 413, "BODY_TOO_LARGE"),
        (BATCH, format!("[{}]", vec!["{}"; 5_001].join(",")), 413, "TOO_MANY_EVENTS"),
    ] {
        let answer = platform.answer(outlet.post(&platform, content_type, body)).await;
        assert_eq!((answer.status, text(&answer.json, "/code").as_str()), (status, code), "{content_type}");
    }
    let reader = platform.key(&outlet.operator, &["USAGE_READ"]).await;
    let with = |request: RequestBuilder| request.header("content-type", STRUCTURED).body(event.clone());
    let url = format!("{}/v1/events", platform.url);
    assert_eq!(platform.answer(with(platform.client().post(&url))).await.status, 401);
    let forbidden = platform.answer(with(platform.client().post(&url).bearer_auth(&reader))).await;
    assert_eq!((forbidden.status, text(&forbidden.json, "/code").as_str()), (403, "MISSING_SCOPE"));
    assert_eq!(platform.get("/v1/events").await.status, 405);
    let stranger = platform.join("Stranger").await;
    let key = platform.key(&stranger, &["USAGE_REPORT"]).await;
    let foreign = platform.answer(with(platform.client().post(&url).bearer_auth(&key))).await;
    assert_eq!((foreign.status, text(&foreign.json, "/code").as_str()), (422, "AGREEMENT_NOT_FOUND"));
    assert_eq!(outlet.deal.recorded(&platform).await, "0");
}

/// More keys than the index has in memory.
const KEYS: usize = 66_000;

/// Changes a byte of every entry; the directory and the filter of a run come after them.
fn damage(run: &Path) {
    let mut bytes = std::fs::read(run).unwrap();
    let entries = bytes.len() / 10 * 9;
    bytes[..entries].iter_mut().step_by(36).for_each(|byte| *byte ^= 1);
    std::fs::write(run, bytes).unwrap();
}

#[tokio::test]
async fn a_damaged_index_of_keys_is_filled_anew_while_the_process_goes_on() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let events: Vec<Value> = (0..KEYS).map(|number| outlet.event(&number.to_string(), "1")).collect();
    for events in events.chunks(4_000) {
        assert_eq!(outlet.batch(&platform, events).await.json["accepted"], json!(events.len()));
    }
    let index = platform.data().join("seen");
    let files = || std::fs::read_dir(&index).unwrap().map(|file| file.unwrap().path());
    let manifest = index.join("manifest.json");
    eventually("the index has written keys down", async || manifest.exists()).await;
    files().filter(|path| path.extension().is_some_and(|extension| extension == "run")).for_each(|run| damage(&run));
    let known = &events[..100];
    let refused = outlet.batch(&platform, known).await;
    assert_eq!(refused.status, 503, "damage is no answer: {}", refused.body);
    eventually("the index is filled anew", async || {
        // Connections of before end with what was behind them.
        let sent = outlet.post(&platform, BATCH, json!(known).to_string()).send().await;
        let Ok(answer) = sent else { return false };
        answer.text().await.is_ok_and(|answer| answer.contains("\"duplicates\":100,"))
    })
    .await;
    assert!(platform.said().contains("the index of keys is damaged"), "{}", platform.said());
    let last = outlet.batch(&platform, &[events[KEYS - 1].clone(), outlet.event("new", "1")]).await;
    assert_eq!(statuses(&last), ["DUPLICATE", "ACCEPTED"]);
    let status = platform.read(&outlet.operator, "{ platform { views { name parked } } }", json!({})).await;
    let views = status["platform"]["views"].as_array().unwrap().clone();
    assert!(views.contains(&json!({"name": "keys", "parked": null})), "{views:?}");
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), (KEYS + 1 - 10).to_string()), "nothing counts twice");
}

#[tokio::test]
async fn a_report_past_an_allowance_without_a_price_is_rejected() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let terms = json!({"meter": "CHARACTER", "included": "10"});
    let deal = market.deal(&platform, PINYIN, REFERENCE, terms).await;
    let outlet = Outlet::of(&platform, &market, deal).await;
    let answer =
        outlet.batch(&platform, &[outlet.event("1", "9"), outlet.event("2", "2"), outlet.event("3", "1")]).await;
    assert_eq!(statuses(&answer), ["ACCEPTED", "REJECTED", "ACCEPTED"]);
    assert_eq!(answer.json["results"][1]["code"], "REPORT_ALLOWANCE_EXHAUSTED");
}

/// A meter that runs wild is told so, and takes nobody with it: not what follows the log, nor the next start.
#[tokio::test]
async fn quantities_beyond_all_bounds_are_rejected_one_by_one_and_together() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    // Half of what 20,000,000,000 characters at 0.5 each may cost, twice, and a little.
    let half = "10000000000";
    let told = [
        ("18446744073709551615", "EVENT_QUANTITY_INVALID"),
        ("9223372036854775808", "EVENT_QUANTITY_INVALID"),
        ("9007199254740991", "OUT_OF_RANGE"),
        (half, "ACCEPTED"),
        (half, "ACCEPTED"),
        ("11", "OUT_OF_RANGE"),
        ("10", "ACCEPTED"),
    ];
    let events: Vec<Value> =
        (0..).zip(told).map(|(id, (quantity, _))| outlet.event(&format!("{id}"), quantity)).collect();
    let answer = outlet.batch(&platform, &events).await;
    for (result, (quantity, expected)) in answer.json["results"].as_array().unwrap().iter().zip(told) {
        let said = if result["status"] == "REJECTED" { &result["code"] } else { &result["status"] };
        assert_eq!(said, expected, "{quantity}: {result}");
    }
    let (_, invoice) = outlet.close(&platform).await;
    assert_eq!(text(&invoice, "/subtotal/amount"), "10000000000.00");
    let platform = platform.restart(&[]).await;
    assert_eq!(statuses(&outlet.batch(&platform, &events[3..5]).await), ["DUPLICATE", "DUPLICATE"]);
    assert!(platform.terminate().await.succeed("replay", &["--verify"]).contains("are equal"));
}

/// More batches of 500 than there is room for while none is recorded.
const BATCHES: usize = 33;

/// Sends a signal to the processes of a cluster that answer.
fn signal(cluster: &Cluster, signal: &str) {
    let said = std::fs::read_to_string(cluster.directory().join("data/postmaster.pid")).unwrap();
    let server = said.lines().next().unwrap();
    let processes = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
    let sent = Command::new("kill").arg(signal).args(processes.split_whitespace()).status().unwrap();
    assert!(sent.success());
}

/// The log's server is silent for a while: what has no room is told when to come again, and nothing is lost.
#[tokio::test]
async fn reports_that_have_no_room_are_turned_away_until_later() {
    let cluster = Cluster::start();
    let platform = Platform::start_with(&["--log", &cluster.address("postgres")]).await;
    let outlet = Outlet::open(&platform).await;
    let batch = |n: usize| (0..500).map(|event| outlet.event(&format!("{n} {event}"), "1")).collect::<Vec<_>>();
    let batches: Vec<String> = (0..BATCHES).map(|n| json!(batch(n)).to_string()).collect();
    signal(&cluster, "-STOP");
    let sent = batches.iter().map(|body| {
        let request = outlet.post(&platform, BATCH, body.clone());
        async move { request.send().await.unwrap() }
    });
    let mut answers = stream::iter(sent).buffer_unordered(BATCHES);
    let refused = answers.next().await.unwrap();
    signal(&cluster, "-CONT");
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &HeaderValue::from_static("1")));
    assert!(refused.text().await.unwrap().contains("TOO_MANY_REPORTS"));
    answers.for_each(async |_| {}).await;
    for body in &batches {
        eventually("a batch is recorded", async || {
            let answer = platform.answer(outlet.post(&platform, BATCH, body.clone())).await;
            answer.status == 200 && answer.json["rejected"] == 0
        })
        .await;
    }
    assert_eq!(outlet.deal.recorded(&platform).await, (BATCHES * 500).to_string());
}

/// Lines of an answer that came line by line.
fn lines(answer: &Answer) -> Vec<Value> {
    answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_large_batch_is_answered_line_by_line() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let events: Vec<Value> = (0..6_000).map(|n| outlet.event(&n.to_string(), "1")).collect();
    let body = json!(events).to_string();
    assert!(body.len() > 1024 * 1024, "too large to be answered at once");
    let request = outlet.post(&platform, BATCH, body.clone()).header("accept", "application/x-ndjson");
    let answer = platform.answer(request).await;
    let lines = lines(&answer);
    let (last, rest) = lines.split_last().unwrap();
    assert_eq!((&last["done"], &last["counts"]["accepted"]), (&json!(true), &json!(6_000)));
    let results: Vec<&Value> = rest.iter().filter(|line| line.get("index").is_some()).collect();
    assert!(results.iter().zip(0..).all(|(line, index)| line["index"] == json!(index)), "in their order");
    assert_eq!(results.len(), 6_000);
    assert!(rest.iter().filter(|line| line.get("progress").is_some()).count() >= 12, "progress after each part");
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), "5990".to_owned()));
    let broken = format!("{}]", body.trim_end_matches(']').replace("\"id\":\"5999\"", "\"id\":"));
    let request = outlet.post(&platform, BATCH, broken.replace("},{", "}{")).header("accept", "application/x-ndjson");
    let answer = platform.answer(request).await;
    assert!(answer.body.contains("BATCH_MALFORMED"), "{}", answer.body);
}

#[tokio::test]
async fn a_client_that_goes_away_within_its_batch_has_recorded_what_was_read() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let events: Vec<Value> = (0..1_200).map(|n| outlet.event(&n.to_string(), "1")).collect();
    let body = json!(events).to_string();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {BATCH}\r\n\
         accept: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
        outlet.key,
        body.len()
    );
    let mut socket = TcpStream::connect(platform.url.trim_start_matches("http://")).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&body.as_bytes()[..body.len() * 3 / 4]).await.unwrap();
    eventually("the first part is recorded", async || outlet.deal.recorded(&platform).await != "0").await;
    drop(socket);
    let answer = outlet.batch(&platform, &events).await;
    let (accepted, duplicates) = (&answer.json["accepted"], &answer.json["duplicates"]);
    assert_eq!(accepted.as_u64().unwrap() + duplicates.as_u64().unwrap(), 1_200);
    assert!(duplicates.as_u64().unwrap() >= 500, "{duplicates}");
    assert_eq!(outlet.deal.recorded(&platform).await, "1200");
}

#[tokio::test]
async fn reports_and_calls_share_one_allowance_and_replay_alike() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let payload = json!({"text": "算市"});
    let both = async |n: usize| {
        let key = n.to_string();
        let reported = outlet.event(&key, "1");
        let (report, _) =
            tokio::join!(outlet.report(&platform, &reported), outlet.deal.call(&platform, &payload, &key));
        assert_eq!(report.status, 200);
    };
    stream::iter(0..40).for_each_concurrent(16, both).await;
    assert_eq!(outlet.used(&platform).await, ("10".to_owned(), "110".to_owned()));
    let home: Home = platform.terminate().await;
    assert!(home.succeed("replay", &["--verify"]).contains("are equal"));
}
