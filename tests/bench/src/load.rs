//! The load: connections that are kept open, each sending its next request as soon as the last one is answered.
//!
//! It shares the machine with what it measures, so requests are rendered once and answers are only skimmed.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::http::{Connection, find};
use crate::upstream::PASSED_ON;

/// Stands in a body where each request has its own key.
pub const KEY: &str = "@KEY@";
/// Digits of a key: enough for any number.
const KEY_DIGITS: usize = 20;
/// The number of the next request, whoever sends it.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A request, ready to be sent again and again.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    key: Option<Range<usize>>,
}

impl Request {
    /// Renders a POST of JSON. [`KEY`] in the body becomes another number each time.
    pub fn post(host: SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let body = body.replacen(KEY, &"0".repeat(KEY_DIGITS), 1);
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{headers}\r\n",
            body.len()
        );
        let key = find(body.as_bytes(), "0".repeat(KEY_DIGITS).as_bytes());
        let key = key.map(|start| head.len() + start..head.len() + start + KEY_DIGITS);
        Self { bytes: [head, body].concat().into_bytes(), key }
    }

    fn number(&mut self, number: u64) {
        let digits = format!("{number:0KEY_DIGITS$}");
        if let Some(place) = self.key.clone().and_then(|key| self.bytes.get_mut(key)) {
            place.copy_from_slice(digits.as_bytes());
        }
    }
}

/// What is put under load.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is asked.
    pub request: Request,
}

/// One turn of load.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Connections at once.
    pub connections: usize,
    /// Load that is not measured, before.
    pub warm_up: Duration,
    /// Load that is measured.
    pub measured: Duration,
}

/// What a turn showed.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Everything that was answered, the warm-up included.
    pub answered: u64,
    /// Calls that began and ended in the measured time, per second.
    pub calls_per_second: f64,
    /// How long each of those took, in microseconds, ascending.
    pub latencies_us: Vec<u32>,
}

/// Puts a target under load for one turn. Fails at the first answer that is not what the upstream said.
pub fn run(target: &Target, turn: &Turn) -> Result<Sample> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let window = Window::starting_now(turn);
    let heard = runtime.block_on(async {
        let mut busy = JoinSet::new();
        for _ in 0..turn.connections {
            busy.spawn(converse(target.clone(), window));
        }
        let mut heard = Vec::with_capacity(turn.connections);
        while let Some(connection) = busy.join_next().await {
            heard.push(connection.context("a connection of the load")??);
        }
        anyhow::Ok(heard)
    })?;
    let mut latencies_us: Vec<u32> = heard.iter().flat_map(|heard| heard.latencies_us.iter().copied()).collect();
    latencies_us.sort_unstable();
    let answered = heard.iter().map(|heard| heard.answered).sum();
    let count = u32::try_from(latencies_us.len()).context("calls of one turn")?;
    Ok(Sample { answered, calls_per_second: f64::from(count) / turn.measured.as_secs_f64(), latencies_us })
}

#[derive(Clone, Copy)]
struct Window {
    start: Instant,
    end: Instant,
}

impl Window {
    fn starting_now(turn: &Turn) -> Self {
        let start = Instant::now() + turn.warm_up;
        Self { start, end: start + turn.measured }
    }
}

#[derive(Default)]
struct Heard {
    answered: u64,
    latencies_us: Vec<u32>,
}

async fn converse(target: Target, window: Window) -> Result<Heard> {
    let mut connection = Connection::new(TcpStream::connect(target.address).await?)?;
    let (mut request, mut heard) = (target.request, Heard::default());
    loop {
        let sent = Instant::now();
        if sent >= window.end {
            return Ok(heard);
        }
        request.number(NEXT.fetch_add(1, Ordering::Relaxed));
        connection.send(&request.bytes).await?;
        check(connection.receive().await?.context("the connection was closed")?)?;
        heard.answered += 1;
        if sent >= window.start && Instant::now() <= window.end {
            heard.latencies_us.push(u32::try_from(sent.elapsed().as_micros())?);
        }
    }
}

fn check(answer: &[u8]) -> Result<()> {
    let good = answer.starts_with(b"HTTP/1.1 200 ") && find(answer, PASSED_ON).is_some();
    ensure!(good, "unexpected answer: {}", String::from_utf8_lossy(answer));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_its_own_key_and_the_same_length() {
        let mut request = Request::post("127.0.0.1:80".parse().unwrap(), "/p", &[("a", "b")], "{\"k\":\"@KEY@\"}");
        let length = request.bytes.len();
        request.number(42);
        let text = String::from_utf8(request.bytes.clone()).unwrap();
        assert!(text.starts_with("POST /p HTTP/1.1\r\nhost: 127.0.0.1:80\r\n"));
        assert!(text.ends_with("content-length: 28\r\na: b\r\n\r\n{\"k\":\"00000000000000000042\"}"), "{text}");
        assert_eq!(request.bytes.len(), length);
    }

    #[test]
    fn an_answer_that_is_not_the_upstreams_stops_the_run() {
        assert!(check(b"HTTP/1.1 200 OK\r\n\r\n{\"basis\":\"spelling\"}").is_ok());
        assert!(check(b"HTTP/1.1 503 No\r\n\r\n{\"basis\":\"spelling\"}").is_err());
        assert!(check(b"HTTP/1.1 200 OK\r\n\r\n{\"errors\":[]}").is_err());
    }
}
