//! Reads what an upstream sends: never more than allowed, and nothing taken on trust.

use bytes::{Bytes, BytesMut};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::error::CallError;

/// The longest body of a refusal, in bytes.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
const CODE_LENGTH_MAX: usize = 64;
const MESSAGE_LENGTH_MAX: usize = 300;

/// Reads an answer of at most `bytes_max`: status 200 and JSON, or a refusal.
pub(crate) async fn read(response: Response, bytes_max: usize) -> Result<Value, CallError> {
    let status = response.status();
    if status == StatusCode::OK {
        let body = read_body(response, bytes_max).await?;
        serde_json::from_slice(&body).map_err(|_| CallError::Nonsense)
    } else if status.is_client_error() {
        let body = read_body(response, bytes_max.min(REFUSAL_BYTES_MAX)).await?;
        Err(refusal(&body))
    } else {
        Err(CallError::Nonsense)
    }
}

/// Most answers arrive in one piece, which is handed on without a copy.
async fn read_body(mut response: Response, bytes_max: usize) -> Result<Bytes, CallError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).is_ok_and(|announced| announced > bytes_max) {
        return Err(CallError::TooLarge);
    }
    let first = next_chunk(&mut response, bytes_max).await?.unwrap_or_default();
    let Some(second) = next_chunk(&mut response, bytes_max.saturating_sub(first.len())).await? else {
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(chunk) = next_chunk(&mut response, bytes_max.saturating_sub(body.len())).await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn next_chunk(response: &mut Response, bytes_left: usize) -> Result<Option<Bytes>, CallError> {
    let chunk = response.chunk().await.map_err(|_| CallError::Disconnected)?;
    match chunk {
        Some(chunk) if chunk.len() > bytes_left => Err(CallError::TooLarge),
        chunk => Ok(chunk),
    }
}

#[derive(Deserialize)]
struct RefusalBody {
    error: RefusalText,
}

#[derive(Deserialize)]
struct RefusalText {
    code: String,
    #[serde(default)]
    message: String,
}

fn refusal(body: &[u8]) -> CallError {
    let Ok(RefusalBody { error }) = serde_json::from_slice(body) else {
        return CallError::Nonsense;
    };
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
    let code: String = error.code.chars().filter(plain).take(CODE_LENGTH_MAX).collect();
    if code.is_empty() {
        return CallError::Nonsense;
    }
    let message: String = error.message.chars().map(harmless).take(MESSAGE_LENGTH_MAX).collect();
    CallError::Refused { code, message: message.trim().to_owned() }
}

/// A space for what could make a text lie about itself: control and direction characters (Unicode TR #36).
fn harmless(letter: char) -> char {
    let directs = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || directs { ' ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(body: &Value) -> CallError {
        refusal(body.to_string().as_bytes())
    }

    #[test]
    fn a_refusal_is_cleaned_and_cut() {
        let body =
            json!({ "error": { "code": "A B\u{0}_1\"<C>", "message": format!("\u{202e}a\nb{}", "算".repeat(400)) } });
        let message = format!("a b{}", "算".repeat(296));
        assert_eq!(refused(&body), CallError::Refused { code: "AB_1C".to_owned(), message });
    }

    #[test]
    fn a_refusal_may_lack_a_message_but_not_a_code() {
        let expected = CallError::Refused { code: "BUSY".to_owned(), message: String::new() };
        assert_eq!(refused(&json!({ "error": { "code": "BUSY" } })), expected);
        for body in [json!({ "error": { "code": "" } }), json!({ "error": "BUSY" }), json!([]), json!("BUSY")] {
            assert_eq!(refused(&body), CallError::Nonsense, "{body}");
        }
    }
}
