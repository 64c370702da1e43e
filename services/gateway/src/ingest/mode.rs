//! In which of the three modes of the HTTP binding events come, and the single event of two of them.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;
use percent_encoding::percent_decode_str;

use super::event::{Event, NoReport, parse};
use super::refusal::Refusal;
use super::split::check_nesting;

/// How events come (CloudEvents HTTP protocol binding 1.0.2, §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One, as JSON.
    Structured,
    /// One, its attributes in headers and its data as the body.
    Binary,
    /// Many, as a JSON array.
    Batch,
}

/// Tells the mode by the content type.
pub fn of(request: &HttpRequest) -> Result<Mode, Refusal> {
    if header_text(request, "content-encoding").is_some_and(|coding| coding != "identity") {
        return Err(Refusal::UnsupportedMediaType);
    }
    let content_type = header_text(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    if !parts.all(|parameter| matches!(parameter.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")) {
        return Err(Refusal::UnsupportedMediaType);
    }
    match essence.as_str() {
        "application/cloudevents-batch+json" => Ok(Mode::Batch),
        "application/cloudevents+json" => Ok(Mode::Structured),
        "application/json" if request.headers().contains_key("ce-specversion") => Ok(Mode::Binary),
        _ => Err(Refusal::UnsupportedMediaType),
    }
}

/// Whether the answer is wanted line by line.
pub fn wants_lines(request: &HttpRequest) -> bool {
    let accept = header_text(request, header::ACCEPT.as_str()).unwrap_or_default();
    accept.split(',').any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-ndjson")
    })
}

/// The event of a request that has one.
pub fn single<'a>(request: &'a HttpRequest, mode: &Mode, body: &'a Bytes) -> Result<Event<'a>, NoReport> {
    check_nesting(body)?;
    if *mode != Mode::Binary {
        return parse(body);
    }
    Ok(Event {
        specversion: attribute(request, "ce-specversion"),
        id: attribute(request, "ce-id"),
        source: attribute(request, "ce-source"),
        kind: attribute(request, "ce-type"),
        subject: attribute(request, "ce-subject"),
        time: attribute(request, "ce-time"),
        datacontenttype: None,
        data: serde_json::from_slice(body).ok(),
    })
}

/// The value of a header as the binding encodes it (§3.1.3.2): percent-encoded, within quotes or not. None where it is
/// missing, repeated, or no UTF-8.
fn attribute<'a>(request: &'a HttpRequest, name: &str) -> Option<Cow<'a, str>> {
    let text = header_text(request, name)?;
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    percent_decode_str(quoted.unwrap_or(text)).decode_utf8().ok()
}

fn header_text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name);
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn mode(headers: &[(&'static str, &'static str)]) -> Option<Mode> {
        of(&requested(headers)).ok()
    }

    fn requested(headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let request = headers.iter().fold(TestRequest::post(), |request, header| request.append_header(*header));
        request.to_http_request()
    }

    #[test]
    fn the_content_type_tells_the_mode() {
        let binary = ("ce-specversion", "1.0");
        for (headers, expected) in [
            (vec![("content-type", "application/cloudevents+json; charset=UTF-8")], Some(Mode::Structured)),
            (vec![("content-type", "application/cloudevents-batch+json")], Some(Mode::Batch)),
            (vec![("content-type", "application/json"), binary], Some(Mode::Binary)),
            (vec![("content-type", "application/json")], None),
            (vec![("content-type", "application/cloudevents+avro"), binary], None),
            (vec![("content-type", "application/cloudevents+json; charset=latin1")], None),
            (vec![("content-type", "application/cloudevents+json"), ("content-encoding", "gzip")], None),
            (vec![binary], None),
        ] {
            assert_eq!(mode(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn attributes_in_headers_are_decoded() {
        let request = requested(&[("ce-id", "Euro%20%E2%82%AC"), ("ce-source", "\"a b\""), ("ce-type", "%FF")]);
        assert_eq!(attribute(&request, "ce-id").as_deref(), Some("Euro €"));
        assert_eq!(attribute(&request, "ce-source").as_deref(), Some("a b"));
        assert_eq!(attribute(&request, "ce-type"), None);
        let twice = requested(&[("ce-id", "1"), ("ce-id", "2")]);
        assert_eq!(attribute(&twice, "ce-id"), None);
    }
}
