//! A provider of a test's own, as bad as the test needs it: a TCP listener that speaks just enough HTTP.
//!
//! It is good while it is probed, as it must be to be published: its first requests are answered well and at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What the reference provider would say to [`LANGUAGE`](crate::market::LANGUAGE).
pub const MANDARIN: &str = r#"{"language":"cmn","name":"Mandarin","script":"Han","confidence":1.0,"reliable":true}"#;

/// Requests of a probe: the examples of [`LANGUAGE`](crate::market::LANGUAGE)'s contract.
const PROBES: usize = 2;

/// Answers every call with the same bytes, once its gate is open.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    response: String,
    requests: AtomicUsize,
    /// Closed means that calls go through: waiting for a permit fails at once.
    gate: Semaphore,
}

impl Upstream {
    /// Answers at once.
    pub async fn answering(status: &str, body: &str) -> Self {
        let upstream = Self::waiting(status, body).await;
        upstream.answer();
        upstream
    }

    /// Takes calls and answers them when told to.
    pub async fn waiting(status: &str, body: &str) -> Self {
        let response = response(status, body);
        let shared = Arc::new(Shared { response, requests: AtomicUsize::new(0), gate: Semaphore::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared }
    }

    /// Answers from now on.
    pub fn answer(&self) {
        self.shared.gate.close();
    }

    /// The calls that have arrived, after the probe.
    pub fn calls(&self) -> usize {
        self.requests().saturating_sub(PROBES)
    }

    /// Everything that has arrived.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// As a listing names it.
    pub fn endpoint(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// A whole answer, after which the connection closes.
pub fn response(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nlocation: http://127.0.0.1:1/\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// An address of this machine on which nobody listens once it has been probed.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for _ in 0..PROBES {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await.unwrap();
            stream.write_all(response("200 OK", MANDARIN).as_bytes()).await.unwrap();
        }
    });
    endpoint
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&shared)));
    }
}

async fn answer(mut stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    read_request(&mut stream).await?;
    if shared.requests.fetch_add(1, Ordering::SeqCst) < PROBES {
        return stream.write_all(response("200 OK", MANDARIN).as_bytes()).await.ok();
    }
    _ = shared.gate.acquire().await;
    stream.write_all(shared.response.as_bytes()).await.ok()
}

/// Reads a head and the body that it announces.
pub async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
        let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).into_owned();
        let length: usize = field(&head, "content-length")?.parse().ok()?;
        if request.len() - end - 4 >= length {
            return Some((head, request.split_off(end + 4)));
        }
    }
}

/// A header field of a head.
pub fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
