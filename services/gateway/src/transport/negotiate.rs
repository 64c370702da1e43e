//! Media types: what a request's body is, and what its answer may be (RFC 9110 §12.5.1, GraphQL over HTTP §4).

use actix_web::http::StatusCode;

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was good.
    GraphqlResponse,
    /// `application/json`: a request that was understood as GraphQL over HTTP gets 200, whatever came of it.
    Json,
}

impl Media {
    /// The value of the `Content-Type` header.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The status of an answer whose document was refused.
    pub const fn document_error(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }
}

/// Whether a `Content-Type` is JSON in UTF-8.
pub fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json && parts.filter(|parameter| !parameter.is_empty()).all(is_harmless)
}

fn is_harmless(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

/// How much a caller wants a media type: the most exact range that names it, and that range's weight in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    exactness: u8,
    weight: u16,
}

/// The media type an `Accept` header asks for; `None` where it takes neither. Without a header: JSON.
pub fn answer(accept: Option<&str>) -> Option<Media> {
    let Some(accept) = accept else { return Some(Media::Json) };
    let graphql = wish(accept, "application/graphql-response+json");
    let json = wish(accept, "application/json");
    let named = graphql.exactness == EXACT && graphql.weight >= json.weight;
    match (graphql.weight, json.weight) {
        (0, 0) => None,
        (graphql, json) if named || graphql > json => Some(Media::GraphqlResponse),
        _ => Some(Media::Json),
    }
}

const EXACT: u8 = 3;

fn wish(accept: &str, essence: &str) -> Wish {
    accept.split(',').filter_map(|range| range_wish(range, essence)).max().unwrap_or_default()
}

fn range_wish(range: &str, essence: &str) -> Option<Wish> {
    let mut parts = range.split(';').map(str::trim);
    let exactness = match parts.next()? {
        "*/*" => 1,
        "application/*" => 2,
        name if name.eq_ignore_ascii_case(essence) => EXACT,
        _ => return None,
    };
    let weight = parts.find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
    Some(Wish { exactness, weight: weight.map_or(1000, thousandths) })
}

/// `0.8` → 800; what is not a weight counts as 0.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" => 1000,
        "0" => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in ["", "text/plain", "application/json; charset=latin1", "application/jsonx", "application/json;x"] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn the_callers_wish_decides_the_answers_type() {
        for (accept, media) in [
            (None, Some(Media::Json)),
            (Some("*/*"), Some(Media::Json)),
            (Some("application/json"), Some(Media::Json)),
            (Some("application/graphql-response+json"), Some(Media::GraphqlResponse)),
            (Some("application/graphql-response+json, application/json;q=0.9"), Some(Media::GraphqlResponse)),
            (Some("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json)),
            (Some("application/json;q=0, */*"), Some(Media::GraphqlResponse)),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
        ] {
            assert_eq!(answer(accept), media, "{accept:?}");
        }
    }
}
