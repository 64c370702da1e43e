//! Clients that go away, at any byte of their request or of the answer: each key is one call, billed once.

use futures::{StreamExt, stream};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call, units};
use crate::platform::{Platform, document, eventually, text};

/// Connections at once.
const CONNECTIONS: usize = 16;
/// Bytes between two places at which clients go away; odd, so that every kind of place is met.
const STRIDE: usize = 13;
/// Longer than any answer to a call.
const ANSWER_BYTES: usize = 1_500;

/// Where a client goes away.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// After so many bytes of its request.
    Asking(usize),
    /// After so many bytes of the answer.
    Hearing(usize),
}

/// The bytes of a call by a key of its own.
fn request(platform: &Platform, deal: &Deal, key: &str) -> Vec<u8> {
    let input = deal.input(&json!({"text": "Gone."}), key);
    let query = document("invoke", "invocation { id }");
    let body = json!({"query": query, "variables": {"input": input}}).to_string();
    let host = platform.url.trim_start_matches("http://");
    format!(
        "POST /graphql HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        deal.key,
        body.len()
    )
    .into_bytes()
}

async fn go_away(platform: &Platform, request: &[u8], cut: Cut) {
    let address = platform.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    match cut {
        Cut::Asking(bytes) => stream.write_all(&request[..bytes]).await.unwrap(),
        Cut::Hearing(bytes) => {
            stream.write_all(request).await.unwrap();
            let mut answer = vec![0; bytes];
            _ = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_exact(&mut answer)).await;
        }
    }
    // Not a polite farewell: what is not read yet is thrown away.
    _ = stream.set_zero_linger();
}

#[tokio::test]
async fn a_client_may_go_away_at_any_byte() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    let length = request(&platform, &deal, "call 000").len();
    let asking = (0..length).step_by(STRIDE).chain([length - 1]).map(Cut::Asking);
    let hearing = (0..200).step_by(STRIDE).chain((200..ANSWER_BYTES).step_by(STRIDE * 7)).map(Cut::Hearing);
    let cuts: Vec<(String, Cut)> =
        asking.chain(hearing).enumerate().map(|(n, cut)| (format!("call {n:03}"), cut)).collect();
    let (platform, deal) = (&platform, &deal);
    let going = cuts.iter().map(async |(key, cut)| go_away(platform, &request(platform, deal, key), *cut).await);
    stream::iter(going).buffer_unordered(CONNECTIONS).collect::<Vec<()>>().await;
    eventually("no call is under way", async || deal.allowance(platform).await["held"] == "0").await;
    let whole = cuts.iter().filter(|(_, cut)| matches!(cut, Cut::Hearing(_))).count();
    eventually("what was asked whole is recorded", async || deal.recorded(platform).await == whole.to_string()).await;
    let (mut free, mut charged) = (0, 0);
    for (key, cut) in &cuts {
        let call = deal.call(platform, &json!({"text": "Gone."}), key).await;
        assert_eq!(call["isRepeated"], matches!(cut, Cut::Hearing(_)), "{key} {cut:?}");
        free += units(&call, "FREE");
        charged += units(&call, "VALUE_ADDED");
    }
    assert_eq!((free + charged, deal.recorded(platform).await), (cuts.len() as u64, cuts.len().to_string()));
    let allowance = deal.allowance(platform).await;
    let counted = ["used", "held", "valueAdded"].map(|counter| text(&allowance, &format!("/{counter}")));
    assert_eq!(counted, ["10".to_owned(), "0".to_owned(), (cuts.len() - 10).to_string()]);
}
