//! A provider on loopback, speaking just enough HTTP/1.1. The first part of the path says how it behaves.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A provider, and how many calls have reached it.
#[derive(Clone)]
pub struct Upstream {
    address: SocketAddr,
    requests: Arc<watch::Sender<usize>>,
    /// Whether `/gated` answers.
    open: Arc<watch::Sender<bool>>,
}

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream =
            Self { address, requests: Arc::new(watch::Sender::new(0)), open: Arc::new(watch::Sender::new(false)) };
        let server = upstream.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(socket));
            }
        });
        upstream
    }

    /// The endpoint of a behaviour: `echo`, `gated`, `stall`, `broken`, `prose`, `wrong` or `refuse`.
    pub fn endpoint(&self, behaviour: &str) -> String {
        format!("http://{}/{behaviour}/{{capability}}", self.address)
    }

    /// How many calls have reached it.
    pub fn requests(&self) -> usize {
        *self.requests.borrow()
    }

    /// Waits until so many calls have reached it.
    pub async fn reached(&self, count: usize) {
        self.requests.subscribe().wait_for(|requests| *requests >= count).await.unwrap();
    }

    /// Lets `/gated` answer.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    async fn serve(self, socket: TcpStream) {
        let mut socket = BufReader::new(socket);
        while let Some((path, body)) = read(&mut socket).await {
            self.requests.send_modify(|requests| *requests += 1);
            let (status, answer) = self.behave(&path, body).await;
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            let answer = [head.into_bytes(), answer].concat();
            if socket.write_all(&answer).await.is_err() {
                return;
            }
        }
    }

    async fn behave(&self, path: &str, body: Vec<u8>) -> (&'static str, Vec<u8>) {
        match path.split('/').nth(1).unwrap_or_default() {
            "echo" => ("200 OK", body),
            "gated" => {
                self.open.subscribe().wait_for(|open| *open).await.unwrap();
                ("200 OK", body)
            }
            "stall" => std::future::pending().await,
            "broken" => ("500 Internal Server Error", b"{}".to_vec()),
            "prose" => ("200 OK", b"Hello".to_vec()),
            "wrong" => ("200 OK", b"[1]".to_vec()),
            "refuse" => {
                let refusal = r#"{"error":{"code":"UNSUPPORTED_LANGUAGE","message":"Only English."}}"#;
                ("422 Unprocessable Entity", refusal.into())
            }
            other => panic!("no such behaviour: {other}"),
        }
    }
}

/// Reads a request: its path and body.
async fn read(socket: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        socket.read_line(&mut header).await.ok()?;
        match header.to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some((path, body))
}

/// An endpoint that nobody listens at.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/echo", listener.local_addr().unwrap())
}
