//! Writes answers: the executor's response, or a refusal, as GraphQL over HTTP with the right status.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

use super::negotiate::Media;
use super::refusal::Refusal;

/// The code of an error that validation found.
pub const VALIDATION_FAILED: &str = "VALIDATION_FAILED";
/// The code of an argument whose value does not fit its type.
pub const INVALID_ARGUMENT: &str = "INVALID_ARGUMENT";
/// The code of a field that needs credentials which the request does not carry.
pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";

/// The most errors in one answer.
const ERRORS_MAX: usize = 20;
/// The most characters of one message: messages may repeat input.
const MESSAGE_CHARACTERS_MAX: usize = 300;

/// GraphQL §7.1: a request error has no `data` at all.
#[derive(Serialize)]
pub struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    /// Bounded in number and length, each with a code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
}

impl Body {
    /// What the executor said.
    pub fn of(response: Response) -> Self {
        let executed = response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        let default_code = if executed { INVALID_ARGUMENT } else { VALIDATION_FAILED };
        let errors = response.errors.into_iter().take(ERRORS_MAX).map(|error| tidied(error, default_code));
        let errors: Vec<ServerError> = errors.collect();
        let data = (executed || errors.is_empty()).then_some(response.data);
        Self { data, errors }
    }

    /// Whether anything was found, be it in part.
    pub fn has_data(&self) -> bool {
        self.errors.is_empty() || self.data.as_ref().is_some_and(|data| *data != Value::Null)
    }

    fn status(&self, media: Media) -> StatusCode {
        if self.errors.iter().any(is_unauthenticated) {
            StatusCode::UNAUTHORIZED
        } else if self.data.is_some() {
            StatusCode::OK
        } else {
            media.document_error()
        }
    }
}

/// What the executor said.
pub fn of_response(mut response: Response, media: Media) -> HttpResponse {
    let headers = std::mem::take(&mut response.http_headers);
    let body = Body::of(response);
    let mut answer = write(body.status(media), media, &body);
    for cookie in headers.get_all("set-cookie") {
        if let Ok(cookie) = header::HeaderValue::from_bytes(cookie.as_bytes()) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    answer
}

/// Why the door did not let the request in.
pub fn of_refusal(refusal: Refusal, media: Media) -> HttpResponse {
    let body = Body { data: None, errors: vec![refusal.error()] };
    let mut response = write(refusal.status(media.document_error()), media, &body);
    let headers = response.headers_mut();
    match refusal {
        Refusal::MethodNotAllowed => {
            headers.insert(header::ALLOW, header::HeaderValue::from_static("GET, POST"));
        }
        Refusal::InvalidCredentials => {
            let challenge = "Bearer realm=\"tallystick\", error=\"invalid_token\"";
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(challenge));
        }
        Refusal::RateLimited { seconds } => {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        _ => {}
    }
    response
}

fn tidied(mut error: ServerError, default_code: &str) -> ServerError {
    if let Some((end, _)) = error.message.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        error.message.truncate(end);
        error.message.push('…');
    }
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", default_code);
    }
    error
}

fn is_unauthenticated(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.is_some_and(|code| *code == Value::from(UNAUTHENTICATED))
}

fn write(status: StatusCode, media: Media, body: &Body) -> HttpResponse {
    let Ok(bytes) = serde_json::to_vec(body) else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, media.content_type()));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"tallystick\""));
    }
    response.body(bytes)
}
