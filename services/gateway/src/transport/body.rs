//! Reads a body within its bounds: no more bytes than allowed are ever held, and no longer than allowed waited for.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures::StreamExt;

use super::limits::Limits;
use super::refusal::Refusal;

/// Collects the whole body.
pub async fn collect(request: &HttpRequest, payload: Payload, limits: &Limits) -> Result<Bytes, Refusal> {
    let bytes_max = limits.body_bytes_max;
    let announced = announced_length(request);
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(Refusal::BodyTooLarge { bytes_max });
    }
    let read = read(payload, announced.unwrap_or_default(), bytes_max);
    tokio::time::timeout(limits.body_time_max, read).await.map_err(|_| Refusal::BodyTooSlow)?
}

fn announced_length(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// What is reserved before a byte has arrived.
const RESERVED_MAX: usize = 64 * 1024;

async fn read(mut payload: Payload, announced: usize, bytes_max: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::with_capacity(announced.min(RESERVED_MAX));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::BodyIncomplete)?;
        if body.len().saturating_add(chunk.len()) > bytes_max {
            return Err(Refusal::BodyTooLarge { bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
