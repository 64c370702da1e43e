//! Why a request with events was refused as a whole, as problem details (RFC 9457).

use accounts::published::actor::Forbidden;
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use invocation::report::Turned;
use kernel::error::{ErrorCode, Rejection};
use serde_json::json;

use super::EVENTS_MAX;
use super::split::NoArray;
use crate::transport;
use crate::transport::answer::UNAUTHENTICATED;

/// How long to wait where there is no room, in seconds.
pub const RETRY_SECONDS: u64 = 1;

/// Something is wrong with the request itself; no event was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another method.
    #[error("report events with POST")]
    MethodNotAllowed,
    /// Neither of the three modes.
    #[error(
        "send application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers, \
         in UTF-8 and not compressed"
    )]
    UnsupportedMediaType,
    /// No credentials.
    #[error("authenticate with an API key of the seller's")]
    Unauthenticated,
    /// Not the right authority.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The body is no array.
    #[error(transparent)]
    NoArray(#[from] NoArray),
    /// Too many events.
    #[error("a batch has at most {EVENTS_MAX} events; with `Accept: application/x-ndjson` it may have more")]
    TooManyEvents,
    /// No room at this moment.
    #[error("too many reports are waiting: come again in a moment")]
    Busy,
    /// What every door refuses.
    #[error(transparent)]
    Door(#[from] transport::refusal::Refusal),
}

impl From<Turned> for Refusal {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Forbidden(forbidden) => Self::Forbidden(forbidden),
            Turned::Busy => Self::Busy,
        }
    }
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::MethodNotAllowed => ErrorCode("EVENT_METHOD_NOT_ALLOWED"),
            Self::UnsupportedMediaType => ErrorCode("EVENT_MEDIA_TYPE_UNSUPPORTED"),
            Self::Unauthenticated => ErrorCode(UNAUTHENTICATED),
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::NoArray(reason) => reason.code(),
            Self::TooManyEvents => ErrorCode("TOO_MANY_EVENTS"),
            Self::Busy => ErrorCode("TOO_MANY_REPORTS"),
            Self::Door(refusal) => refusal.code(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::TooManyEvents => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoArray(_) => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Door(refusal) => refusal.status(StatusCode::BAD_REQUEST),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(RETRY_SECONDS),
            Self::Door(transport::refusal::Refusal::RateLimited { seconds }) => Some(*seconds),
            _ => None,
        }
    }

    /// The answer.
    pub fn response(&self) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"tallystick\""));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.insert_header((header::ALLOW, "POST"));
        }
        let body = json!({"title": self.to_string(), "status": status.as_u16(), "code": self.code().0});
        response.body(body.to_string())
    }
}
