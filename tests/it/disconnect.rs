//! Clients that go away, at any byte of their request or of the answer: each key is one call, each event one report,
//! billed once.

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ingest::Outlet;
use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call, units};
use crate::platform::{Platform, document, eventually, text};

/// Connections at once.
const CONNECTIONS: usize = 16;

/// Bytes between two places at which clients go away: every byte by `make test-crash`, else an odd number, so that every
/// kind of place is met.
#[expect(clippy::disallowed_methods, reason = "make test-crash goes to every byte")]
fn stride() -> usize {
    if std::env::var("TALLYSTICK_CRASH_ROUNDS").is_ok() { 1 } else { 13 }
}

/// Where a client goes away.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// After so many bytes of its request.
    Asking(usize),
    /// After so many bytes of the answer.
    Hearing(usize),
}

/// Every place at which a client may go away, from the first byte of a request to the last of its answer.
fn cuts(request: usize, answer: usize) -> Vec<Cut> {
    let asking = (0..request).step_by(stride()).chain([request - 1]).map(Cut::Asking);
    asking.chain((0..answer).step_by(stride()).chain([answer]).map(Cut::Hearing)).collect()
}

/// The bytes of a request, after which the connection is closed.
fn request(platform: &Platform, path: &str, key: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let (host, length) = (platform.url.trim_start_matches("http://"), body.len());
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    format!("{head}connection: close\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn connect(platform: &Platform) -> TcpStream {
    TcpStream::connect(platform.url.trim_start_matches("http://")).await.unwrap()
}

/// How long the answer is to somebody who stays.
async fn answer_bytes(platform: &Platform, request: &[u8]) -> usize {
    let (mut stream, mut answer) = (connect(platform).await, Vec::new());
    stream.write_all(request).await.unwrap();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&answer));
    answer.len()
}

async fn go_away(platform: &Platform, request: &[u8], cut: Cut) {
    let mut stream = connect(platform).await;
    match cut {
        Cut::Asking(bytes) => stream.write_all(&request[..bytes]).await.unwrap(),
        Cut::Hearing(bytes) => {
            stream.write_all(request).await.unwrap();
            let mut answer = vec![0; bytes];
            _ = stream.read_exact(&mut answer).await;
        }
    }
    // Not a polite farewell: what is not read yet is thrown away.
    _ = stream.set_zero_linger();
}

async fn all_go_away(going: impl Iterator<Item = impl Future<Output = ()>>) {
    stream::iter(going).buffer_unordered(CONNECTIONS).collect::<Vec<()>>().await;
}

/// A call by a key of its own.
fn call(platform: &Platform, deal: &Deal, key: &str) -> Vec<u8> {
    let input = deal.input(&json!({"text": "Gone."}), key);
    let body = json!({"query": document("invoke", "invocation { id }"), "variables": {"input": input}}).to_string();
    request(platform, "/graphql", &deal.key, &[("content-type", "application/json")], &body)
}

#[tokio::test]
async fn a_client_may_go_away_at_any_byte() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    let (platform, deal) = (&platform, &deal);
    let stays = call(platform, deal, "call 0000");
    let cuts = cuts(stays.len(), answer_bytes(platform, &stays).await);
    let cuts: Vec<(String, Cut)> = (1..).zip(cuts).map(|(n, cut)| (format!("call {n:04}"), cut)).collect();
    all_go_away(cuts.iter().map(async |(key, cut)| go_away(platform, &call(platform, deal, key), *cut).await)).await;
    eventually("no call is under way", async || deal.allowance(platform).await["held"] == "0").await;
    let whole = 1 + cuts.iter().filter(|(_, cut)| matches!(cut, Cut::Hearing(_))).count();
    eventually("what was asked whole is recorded", async || deal.recorded(platform).await == whole.to_string()).await;
    let (mut free, mut charged) = (1, 0);
    for (key, cut) in &cuts {
        let call = deal.call(platform, &json!({"text": "Gone."}), key).await;
        assert_eq!(call["isRepeated"], matches!(cut, Cut::Hearing(_)), "{key} {cut:?}");
        free += units(&call, "FREE");
        charged += units(&call, "VALUE_ADDED");
    }
    let calls = 1 + cuts.len();
    assert!(free <= 10, "{free}");
    assert_eq!((free + charged, deal.recorded(platform).await), (calls as u64, calls.to_string()));
    let allowance = deal.allowance(platform).await;
    let counted = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
    assert_eq!(counted, ["10".to_owned(), "0".to_owned(), (calls - 10).to_string()]);
}

/// Two events of one unit each, as their seller reports them.
fn pair(outlet: &Outlet, number: usize, time: &str) -> [Value; 2] {
    ["a", "b"].map(|half| outlet.event_at(&format!("{number:04} {half}"), "1", time))
}

/// A report of both; and where in it each of them ends.
fn report(platform: &Platform, outlet: &Outlet, accept: &str, events: &[Value; 2]) -> (Vec<u8>, [usize; 2]) {
    let body = json!(events).to_string();
    let headers = [("content-type", "application/cloudevents-batch+json"), ("accept", accept)];
    let request = request(platform, "/v1/events", &outlet.key, &headers, &body);
    let end = request.len() - 1;
    (request, [end - events[1].to_string().len() - 1, end])
}

/// Whoever is answered at once has reported all or nothing; line by line, what was sent whole may be recorded.
#[tokio::test]
async fn a_reporter_may_go_away_at_any_byte() {
    for accept in ["application/json", "application/x-ndjson"] {
        let platform = Platform::start().await;
        let outlet = Outlet::open(&platform).await;
        let (platform, outlet, time) = (&platform, &outlet, outlet.deal.period(&platform).await);
        let (stays, ends) = report(platform, outlet, accept, &pair(outlet, 0, &time));
        let cuts = cuts(stays.len(), answer_bytes(platform, &stays).await);
        let cuts: Vec<([Value; 2], Cut)> = (1..).zip(cuts).map(|(n, cut)| (pair(outlet, n, &time), cut)).collect();
        let going =
            async |events: &[Value; 2], cut| go_away(platform, &report(platform, outlet, accept, events).0, cut).await;
        all_go_away(cuts.iter().map(async |(events, cut)| going(events, *cut).await)).await;
        for (events, cut) in &cuts {
            for (event, end) in events.iter().zip(ends) {
                let status = outlet.report(platform, event).await.json["status"].take();
                let is_told = accept == "application/json" && matches!(cut, Cut::Hearing(1..));
                let may_be_known = match cut {
                    Cut::Asking(bytes) => accept != "application/json" && *bytes >= end,
                    Cut::Hearing(_) => true,
                };
                let as_expected = status == "DUPLICATE" && may_be_known || status == "ACCEPTED" && !is_told;
                assert!(as_expected, "{accept} {cut:?}: {status}");
            }
        }
        let events = 2 * (1 + cuts.len());
        assert_eq!(outlet.deal.recorded(platform).await, events.to_string());
        let allowance = outlet.deal.allowance(platform).await;
        let counted = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
        assert_eq!(counted, ["10".to_owned(), "0".to_owned(), (events - 10).to_string()]);
    }
}
