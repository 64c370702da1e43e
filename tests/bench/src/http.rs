//! As much of HTTP/1.1 (RFC 9112) as both ends of the load need: where a message with a known length ends.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer messages are not expected.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// A connection, and what has been received on it.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    taken: usize,
}

impl Connection {
    /// Over a connected stream.
    pub fn new(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(MESSAGE_BYTES_MAX), taken: 0 })
    }

    /// Sends a whole message.
    pub async fn send(&mut self, message: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(message).await?)
    }

    /// Waits for the next whole message; `None` where the other side closed between two.
    pub async fn receive(&mut self) -> Result<Option<&[u8]>> {
        self.received.drain(..self.taken);
        self.taken = 0;
        loop {
            if let Some(length) = message_length(&self.received)? {
                self.taken = length;
                return Ok(self.received.get(..length));
            }
            ensure!(self.received.len() < MESSAGE_BYTES_MAX, "a message is too long");
            if self.stream.read_buf(&mut self.received).await? == 0 {
                ensure!(self.received.is_empty(), "the connection broke within a message");
                return Ok(None);
            }
        }
    }
}

/// Bytes of the first message, head and body, once its end has been received.
fn message_length(received: &[u8]) -> Result<Option<usize>> {
    let Some(head) = find(received, b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(received.get(..head).unwrap_or_default()).context("the head of a message")?;
    let mut body = 0;
    for line in text.lines().skip(1) {
        let (name, value) = line.split_once(':').context("a header")?;
        ensure!(!name.eq_ignore_ascii_case("transfer-encoding"), "a message of unknown length");
        if name.eq_ignore_ascii_case("content-length") {
            body = value.trim().parse().context("a length")?;
        }
    }
    ensure!(body <= MESSAGE_BYTES_MAX, "a message is too long");
    let length = head + 4 + body;
    Ok((received.len() >= length).then_some(length))
}

/// Where a needle first is.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx: y\r\n\r\nabc";

    #[test]
    fn a_message_is_whole_with_its_last_byte_and_not_before() {
        assert_eq!(message_length(MESSAGE).unwrap(), Some(MESSAGE.len()));
        assert_eq!(message_length(&[MESSAGE, b"HTTP"].concat()).unwrap(), Some(MESSAGE.len()));
        for cut in 0..MESSAGE.len() {
            assert_eq!(message_length(&MESSAGE[..cut]).unwrap(), None);
        }
    }

    #[test]
    fn a_message_of_unknown_or_silly_length_is_refused() {
        assert!(message_length(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(message_length(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n").is_err());
        assert!(message_length(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n").is_err());
    }
}
