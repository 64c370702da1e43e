//! From what a caller sent to a parsed request within the limits. Pure, and total: every input gets an answer.

use actix_web::web::Query;
use async_graphql::{Request, Variables};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::documents::{Documents, Trusted};
use super::limits::Limits;
use super::refusal::Refusal;
use super::{cost, scan};

/// GraphQL over HTTP, §5.1, with the id of a trusted document (§ Appendix A) or, as Apollo's persisted queries have it,
/// its hash. Unknown members are ignored.
#[derive(Deserialize)]
struct Body {
    query: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    extensions: Option<Extensions>,
}

/// A JSON object of which one member is read.
#[derive(Deserialize)]
struct Extensions {
    #[serde(rename = "persistedQuery")]
    persisted_query: Option<PersistedQuery>,
}

#[derive(Deserialize)]
struct PersistedQuery {
    #[serde(rename = "sha256Hash")]
    sha256: String,
}

/// The parameters of an address; two of them are JSON.
#[derive(Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// What a request is held against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The bounds.
    pub limits: &'a Limits,
    /// The trusted documents.
    pub documents: &'a Documents,
    /// Whether no others are taken.
    pub trusted_only: bool,
}

/// A request within the limits, parsed already: nothing is parsed twice.
#[derive(Debug)]
pub struct Admitted {
    /// The request.
    pub request: Request,
    /// Fields that a mutation of it starts with; none of a query.
    pub mutations: u64,
}

/// Reads, guards and parses the body of a request.
pub fn admit(body: &[u8], rules: &Rules<'_>) -> Result<Admitted, Refusal> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Refusal::BatchNotSupported);
    }
    scan::json(body, rules.limits)?;
    admit_body(serde_json::from_slice(body).map_err(|error| malformed(&error))?, rules)
}

/// As [`admit`], of a body that came within a message whose size and number of values were bounded already.
pub fn admit_value(body: Value, rules: &Rules<'_>) -> Result<Admitted, Refusal> {
    admit_body(serde_json::from_value(body).map_err(|error| malformed(&error))?, rules)
}

/// Reads the parameters of an address: a trusted document that only reads.
pub fn admit_address(parameters: &str, rules: &Rules<'_>) -> Result<Admitted, Refusal> {
    let read = Query::<Parameters>::from_query(parameters).map_err(|_| Refusal::MalformedParameters)?.into_inner();
    let body = Body {
        query: read.query,
        document_id: read.document_id,
        operation_name: read.operation_name,
        variables: parameter(read.variables.as_deref(), rules.limits)?.unwrap_or_default(),
        extensions: parameter(read.extensions.as_deref(), rules.limits)?,
    };
    match trusted(&body, rules.documents) {
        Some(trusted) if !trusted.is_query => Err(Refusal::MethodNotAllowed),
        None if body.query.is_some() || id(&body).is_none() => Err(Refusal::MethodNotAllowed),
        Some(_) | None => admit_body(body, rules),
    }
}

fn parameter<T: DeserializeOwned>(json: Option<&str>, limits: &Limits) -> Result<Option<T>, Refusal> {
    let Some(json) = json.filter(|json| !json.is_empty()) else { return Ok(None) };
    scan::json(json.as_bytes(), limits)?;
    serde_json::from_str(json).map(Some).map_err(|_| Refusal::MalformedParameters)
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::MalformedBody { line: error.line(), column: error.column() }
}

fn id(body: &Body) -> Option<&str> {
    let persisted = body.extensions.as_ref().and_then(|extensions| extensions.persisted_query.as_ref());
    body.document_id.as_deref().or_else(|| persisted.map(|query| query.sha256.as_str()))
}

fn trusted<'a>(body: &Body, documents: &'a Documents) -> Option<&'a Trusted> {
    id(body).and_then(|id| documents.find(id))
}

/// A trusted document counts before a text that comes with it: the text may have been formatted anew since.
fn admit_body(body: Body, rules: &Rules<'_>) -> Result<Admitted, Refusal> {
    let has_id = id(&body).is_some();
    let (text, document) = match (trusted(&body, rules.documents), body.query) {
        (Some(trusted), _) => (trusted.text.clone(), trusted.document.clone()),
        (None, Some(_)) if rules.trusted_only => return Err(Refusal::DocumentNotTrusted),
        (None, Some(text)) => {
            let document = rules.documents.parse(&text, rules.limits)?;
            (text, document)
        }
        (None, None) => return Err(if has_id { Refusal::PersistedQueryNotFound } else { Refusal::QueryMissing }),
    };
    let measure = cost::check(&document, &body.variables, rules.limits)?;
    let mut request = Request::new(text).variables(body.variables);
    request.operation_name = body.operation_name;
    request.set_parsed_query(document);
    Ok(Admitted { request, mutations: measure.mutations })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use sha2::Digest;

    /// `{ a }` and `mutation { a }`.
    fn documents() -> Documents {
        let texts = [QUERY, MUTATION].map(|text| (hash(text), Value::from(text)));
        Documents::read(&Value::Object(texts.into_iter().collect()).to_string(), &Limits::default()).unwrap()
    }

    const QUERY: &str = "query A($x: Int) { f(x: $x) }";
    const MUTATION: &str = "mutation { a }";

    fn hash(text: &str) -> String {
        kernel::merkle::hex(&sha2::Sha256::digest(text.as_bytes()))
    }

    fn with<T>(trusted_only: bool, admit: impl FnOnce(&Rules<'_>) -> T) -> T {
        let (limits, documents) = (Limits::default(), documents());
        admit(&Rules { limits: &limits, documents: &documents, trusted_only })
    }

    fn body(body: &[u8]) -> Result<Request, Refusal> {
        with(false, |rules| admit(body, rules)).map(|admitted| admitted.request)
    }

    fn admitted(query: &str) -> Result<Request, Refusal> {
        body(json!({ "query": query }).to_string().as_bytes())
    }

    fn code<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> &'static str {
        refused.unwrap_err().code().0
    }

    #[test]
    fn a_trusted_document_is_admitted_by_its_id_alone() {
        let id = format!("sha256:{}", hash(QUERY));
        for asked in [
            json!({"documentId": id, "variables": {"x": 7}}),
            json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash(QUERY)}}, "variables": {"x": 7}}),
            json!({"documentId": id, "query": "{ anotherText }", "variables": {"x": 7}}),
        ] {
            let mut request = with(true, |rules| admit_value(asked.clone(), rules)).unwrap().request;
            assert_eq!((request.query.as_str(), request.variables.len()), (QUERY, 1), "{asked}");
            assert_eq!(request.parsed_query().unwrap().operations.iter().count(), 1);
        }
    }

    #[test]
    fn an_id_that_nobody_knows_needs_its_text() {
        let id = hash("{ b }");
        assert_eq!(code(body(json!({"documentId": id}).to_string().as_bytes())), "PERSISTED_QUERY_NOT_FOUND");
        assert!(body(json!({"documentId": id, "query": "{ b }"}).to_string().as_bytes()).is_ok());
        assert_eq!(code(body(json!({"documentId": id}).to_string().as_bytes())), "PERSISTED_QUERY_NOT_FOUND");
    }

    #[test]
    fn where_only_trusted_documents_are_taken_other_texts_are_refused() {
        let refused = with(true, |rules| admit(br#"{"query": "{ b }"}"#, rules));
        assert_eq!(code(refused), "DOCUMENT_NOT_TRUSTED");
    }

    #[test]
    fn variables_of_a_trusted_document_are_bounded_too() {
        let text = "query ($n: Int) { a(first: $n) { nodes { b } } }";
        let documents = Documents::read(&json!({hash(text): text}).to_string(), &Limits::default()).unwrap();
        let rules = Rules { limits: &Limits::default(), documents: &documents, trusted_only: true };
        let asked = json!({"documentId": hash(text), "variables": {"n": 101}});
        assert_eq!(code(admit_value(asked, &rules)), "PAGE_SIZE_OUT_OF_RANGE");
    }

    #[test]
    fn an_address_carries_trusted_queries_and_nothing_else() {
        let address = |parameters: &str| with(false, |rules| admit_address(parameters, rules));
        let id = hash(QUERY);
        let read = address(&format!("documentId=sha256:{id}&variables=%7B%22x%22%3A7%7D&operationName=A"));
        let read = read.unwrap().request;
        assert_eq!((read.operation_name.as_deref(), read.variables.len()), (Some("A"), 1));
        let persisted = format!("extensions=%7B%22persistedQuery%22%3A%7B%22sha256Hash%22%3A%22{id}%22%7D%7D");
        assert!(address(&persisted).is_ok());
        assert_eq!(code(address(&format!("documentId={}", hash(MUTATION)))), "METHOD_NOT_ALLOWED");
        assert_eq!(code(address("query=%7Ba%7D")), "METHOD_NOT_ALLOWED");
        assert_eq!(code(address("")), "METHOD_NOT_ALLOWED");
        assert_eq!(code(address(&format!("documentId={}", hash("{ b }")))), "PERSISTED_QUERY_NOT_FOUND");
        for malformed in ["variables=%7B", "variables=7", "variables=[]", "extensions=7", "documentId=b"] {
            let parameters = format!("documentId={id}&{malformed}");
            assert_eq!(code(address(&parameters)), "MALFORMED_PARAMETERS", "{malformed}");
        }
    }

    fn refused(query: &str) -> &'static str {
        admitted(query).unwrap_err().code().0
    }

    #[test]
    fn a_good_request_comes_out_parsed() {
        let body = json!({"query": "query A($x: Int) { f(x: $x) } query B { g }", "operationName": "A",
            "variables": {"x": 7}, "extensions": {"any": [1]}, "unknown": true});
        let mut request = self::body(body.to_string().as_bytes()).unwrap();
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(request.variables.len(), 1);
        assert_eq!(request.parsed_query().unwrap().operations.iter().count(), 2);
    }

    #[test]
    fn bodies_of_another_shape_are_refused() {
        for (sent, code) in [
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
            let refusal = body(sent.as_bytes()).unwrap_err();
            assert_eq!(refusal.code().0, code, "{sent}");
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
        let with = |variables: String| format!("{{\"query\":\"{{a}}\",\"variables\":{{\"v\":{variables}}}}}");
        let deep = with("[".repeat(100_000));
        assert_eq!(code(body(deep.as_bytes())), "MALFORMED_BODY");
        let wide = with(format!("[{}0]", "0,".repeat(300_000)));
        assert_eq!(code(body(wide.as_bytes())), "TOO_MANY_VALUES");
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
        fn any_bytes_get_an_answer(sent in prop::collection::vec(any::<u8>(), 0..400)) {
            let _answer = body(&sent);
        }

        #[test]
        fn any_address_gets_an_answer(parameters in "[a-zA-Z=&%{}\\[\\]0-9:,\"]{0,200}") {
            let _answer = with(false, |rules| admit_address(&parameters, rules));
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
