//! A WebSocket client in a few lines, so that the tests see each frame and each close code as it is.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::platform::Platform;

/// How long anything may take that is waited for; far more than it takes.
const PATIENCE: Duration = Duration::from_mins(1);
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The protocol that the platform speaks.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// What the server said.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(Value),
    /// It hung up, with this code.
    Close(u16),
    /// The connection is gone.
    Gone,
}

/// One connection.
pub struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Shakes hands; the status where it is not taken.
    pub async fn try_open(platform: &Platform, protocol: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = platform.url.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let more = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect::<String>();
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: {protocol}\r\n{more}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut socket = Self(BufReader::new(stream));
        let head = socket.head().await;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status == 101 { Ok(socket) } else { Err(status) }
    }

    /// Shakes hands on our protocol.
    pub async fn open(platform: &Platform) -> Self {
        Self::try_open(platform, PROTOCOL, &[]).await.unwrap()
    }

    /// Opens and says who is there; anonymously where the token is empty.
    pub async fn greet(platform: &Platform, token: &str) -> Self {
        let mut socket = Self::open(platform).await;
        let payload = if token.is_empty() { json!({}) } else { json!({"authorization": format!("Bearer {token}")}) };
        socket.say(&json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, Heard::Message(json!({"type": "connection_ack"})));
        socket
    }

    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, self.0.read_u8()).await.expect("an answer in time").unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// Says a message.
    pub async fn say(&mut self, message: &Value) {
        self.send(TEXT, message.to_string().as_bytes()).await;
    }

    /// Subscribes.
    pub async fn subscribe(&mut self, id: &str, document: &str, variables: Value) {
        let payload = json!({"query": document, "variables": variables});
        self.say(&json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    /// Sends a frame, whole and masked with zeros.
    pub async fn send(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
            length @ 126..=65_535 => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(length).unwrap().to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        // A server that has hung up meanwhile is heard of when its answer is read.
        drop(self.0.write_all(&frame).await);
    }

    /// Hears the next message, or the end. Answers pings.
    pub async fn hear(&mut self) -> Heard {
        timeout(PATIENCE, self.frame()).await.expect("a message in time")
    }

    /// Hears the next message of a subscription, which must be of this type; answers its payload.
    pub async fn expect(&mut self, kind: &str, id: &str) -> Value {
        let Heard::Message(mut message) = self.hear().await else { panic!("no message") };
        assert_eq!((&message["type"], &message["id"]), (&json!(kind), &json!(id)), "{message}");
        message["payload"].take()
    }

    async fn frame(&mut self) -> Heard {
        loop {
            let Ok((opcode, payload)) = self.read().await else { return Heard::Gone };
            match opcode {
                TEXT => return Heard::Message(serde_json::from_slice(&payload).unwrap()),
                CLOSE => return Heard::Close(u16::from_be_bytes([payload[0], payload[1]])),
                PING => self.send(PONG, &payload).await,
                PONG => {}
                other => panic!("a frame of kind {other}"),
            }
        }
    }

    async fn read(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let (first, second) = (self.0.read_u8().await?, self.0.read_u8().await?);
        assert_eq!(first & 0x80, 0x80, "whole messages");
        let length = match second {
            126 => u64::from(self.0.read_u16().await?),
            127 => self.0.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut payload).await?;
        Ok((first & 0x0f, payload))
    }
}
