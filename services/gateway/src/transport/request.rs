//! From a body's bytes to a parsed request within the limits. Pure, and total: every input gets an answer.

use async_graphql::parser::{Error, parse_query};
use async_graphql::{Request, Variables};
use serde::Deserialize;

use super::limits::Limits;
use super::refusal::Refusal;
use super::{cost, scan};

/// GraphQL over HTTP, §5.1. Unknown members are ignored.
#[derive(Deserialize)]
struct Body {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    #[serde(rename = "extensions")]
    _extensions: Option<Extensions>,
}

/// A JSON object whose members nobody reads.
#[derive(Deserialize)]
struct Extensions {}

/// Reads, guards and parses one request. What it returns is parsed already: nothing is parsed twice.
pub fn admit(body: &[u8], limits: &Limits) -> Result<Request, Refusal> {
    let Body { query, operation_name, variables, .. } = read(body, limits)?;
    let query = query.ok_or(Refusal::QueryMissing)?;
    if query.len() > limits.document_bytes_max {
        return Err(Refusal::DocumentTooLarge { bytes_max: limits.document_bytes_max });
    }
    scan::document(&query, limits)?;
    let document = parse_query(&query).map_err(|error| syntax(&error))?;
    cost::check(&document, &variables, limits)?;
    let mut request = Request::new(query).variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(document);
    Ok(request)
}

fn read(body: &[u8], limits: &Limits) -> Result<Body, Refusal> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Refusal::BatchNotSupported);
    }
    scan::json(body, limits)?;
    serde_json::from_slice(body).map_err(|error| Refusal::MalformedBody { line: error.line(), column: error.column() })
}

/// The parser's own message repeats the document, so only its position is passed on.
fn syntax(error: &Error) -> Refusal {
    Refusal::Syntax { at: error.positions().next() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn admitted(query: &str) -> Result<Request, Refusal> {
        admit(json!({ "query": query }).to_string().as_bytes(), &Limits::default())
    }

    fn refused(query: &str) -> &'static str {
        admitted(query).unwrap_err().code().0
    }

    #[test]
    fn a_good_request_comes_out_parsed() {
        let body = json!({"query": "query A($x: Int) { f(x: $x) } query B { g }", "operationName": "A",
            "variables": {"x": 7}, "extensions": {"any": [1]}, "unknown": true});
        let mut request = admit(body.to_string().as_bytes(), &Limits::default()).unwrap();
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(request.variables.len(), 1);
        assert_eq!(request.parsed_query().unwrap().operations.iter().count(), 2);
    }

    #[test]
    fn bodies_of_another_shape_are_refused() {
        for (body, code) in [
            ("", "MALFORMED_BODY"),
            ("\"{a}\"", "MALFORMED_BODY"),
            ("[{\"query\":\"{a}\"}]", "BATCH_NOT_SUPPORTED"),
            ("{}", "QUERY_MISSING"),
            ("{\"query\":null}", "QUERY_MISSING"),
            ("{\"query\":7}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\",\"query\":\"{b}\"}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\",\"operationName\":7}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\",\"variables\":[]}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\",\"extensions\":7}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\",\"variables\":{\"n\":1e999}}", "MALFORMED_BODY"),
            ("{\"query\":\"{a}\"} trailing", "MALFORMED_BODY"),
            ("{\"query\":\"\"}", "SYNTAX_ERROR"),
        ] {
            let refusal = admit(body.as_bytes(), &Limits::default()).unwrap_err();
            assert_eq!(refusal.code().0, code, "{body}");
        }
    }

    #[test]
    fn the_known_bombs_are_refused() {
        let list = |n: usize| format!("{{f(a:{}1{})}}", "[".repeat(n), "]".repeat(n));
        assert_eq!(refused(&list(2_000)), "NESTED_TOO_DEEPLY");
        assert_eq!(refused(&format!("{{f(a:{}", "[".repeat(4_000))), "NESTED_TOO_DEEPLY");
        assert_eq!(refused(&format!("{{f(a:{}", "{a:".repeat(4_000))), "NESTED_TOO_DEEPLY");
        assert_eq!(refused(&format!("query($v:{}", "[".repeat(4_000))), "NESTED_TOO_DEEPLY");
        assert_eq!(refused(&"{a".repeat(4_000)), "NESTED_TOO_DEEPLY");
        assert_eq!(refused(&"{...@include(if:true)".repeat(2_000)), "NESTED_TOO_DEEPLY");
        let aliases = (0..10_000).map(|n| format!("a{n}:x ")).collect::<Vec<_>>().concat();
        assert_eq!(refused(&format!("{{{aliases}}}")), "DOCUMENT_TOO_LARGE");
        assert_eq!(refused(&format!("{{{}}}", "a:x ".repeat(5_000))), "TOO_MANY_TOKENS");
        assert_eq!(refused(&format!("{{x {}}}", "@a".repeat(7_000))), "TOO_MANY_SELECTIONS");
        assert_eq!(refused(&format!("{{f(a:{})}}", "9".repeat(5_000))), "SYNTAX_ERROR");
        assert_eq!(refused(&format!("{{f(a:1e{})}}", "9".repeat(5_000))), "SYNTAX_ERROR");
        assert_eq!(refused("{f(a:\"\\ud800\")}"), "SYNTAX_ERROR");
    }

    #[test]
    fn deep_and_wide_json_is_refused() {
        let body = |variables: String| format!("{{\"query\":\"{{a}}\",\"variables\":{{\"v\":{variables}}}}}");
        let deep = body("[".repeat(100_000));
        assert_eq!(admit(deep.as_bytes(), &Limits::default()).unwrap_err().code().0, "MALFORMED_BODY");
        let wide = body(format!("[{}0]", "0,".repeat(300_000)));
        assert_eq!(admit(wide.as_bytes(), &Limits::default()).unwrap_err().code().0, "TOO_MANY_VALUES");
    }

    /// Pieces that documents are made of, and some they are not.
    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "...",
            "on",
            "query",
            "mutation",
            "fragment",
            "subscription",
            "a",
            "b",
            "A",
            ":",
            "$v",
            "!",
            "=",
            "@skip",
            "\"",
            "\"\"\"",
            "\\",
            "\\\"\"\"",
            "#",
            "\n",
            "\r",
            " ",
            ",",
            "1",
            "-1.5e3",
            "true",
            "null",
            "first:",
            "9999999999999999999999",
            "…",
            "\u{feff}",
            "\0",
            "&",
            "|",
            "first: 5",
            "{a}",
            "fragment a on A{...b}",
            "fragment b on A{...a}",
            "...a",
            "...b",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_bytes_get_an_answer(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let _answer = admit(&body, &Limits::default());
        }

        #[test]
        fn any_sequence_of_pieces_gets_an_answer(pieces in prop::collection::vec(piece(), 0..300)) {
            let _answer = admitted(&pieces.concat());
        }

        #[test]
        fn the_scan_counts_at_least_the_nesting_that_the_parser_accepts(depth in 1_usize..60) {
            let document = format!("{}{}", "{a".repeat(depth), "}".repeat(depth));
            let accepted = scan::document(&document, &Limits::default()).is_ok();
            prop_assert_eq!(accepted, depth <= Limits::default().nesting_max);
        }
    }
}
