//! Reads the beginning of a file at an address that a provider names: guarded like a call, bounded, never more.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Response, StatusCode};

use crate::error::CallError;
use crate::upstreams::{Upstreams, fault};

/// The beginning of a file, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// What was read.
    pub bytes: Bytes,
    /// Whether that is the whole file.
    pub is_whole: bool,
}

impl Upstreams {
    /// Reads at most `bytes_max` from the beginning of the file at an address, at most until the deadline. No breaker
    /// stands before it: whoever asks keeps what it got.
    pub async fn fetch(&self, url: &str, bytes_max: usize, deadline: Duration) -> Result<Fetched, CallError> {
        let url = self.admissible(url)?;
        let request = self.client().get(url).header(ACCEPT, HeaderValue::from_static("*/*"));
        let read = async {
            let response = request.send().await.map_err(|error| fault("a file", error))?;
            if response.status() != StatusCode::OK {
                return Err(CallError::Nonsense);
            }
            beginning(response, bytes_max).await
        };
        tokio::time::timeout(deadline, read).await.unwrap_or(Err(CallError::TimedOut))
    }
}

async fn beginning(mut response: Response, bytes_max: usize) -> Result<Fetched, CallError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| CallError::Disconnected)? {
        let left = bytes_max.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
        if chunk.len() > left {
            return Ok(Fetched { bytes: bytes.freeze(), is_whole: false });
        }
    }
    Ok(Fetched { bytes: bytes.freeze(), is_whole: true })
}
