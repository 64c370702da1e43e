//! Requests that nobody honest sends: each gets an answer, and the process lives.

use serde_json::json;

use crate::platform::{Answer, Platform};

const HARMLESS: &str = "{ categories { slug } }";

async fn post(platform: &Platform, document: &str) -> Answer {
    platform.answer(platform.request("", document, &json!({}))).await
}

fn code(answer: &Answer) -> &str {
    answer.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

async fn assert_alive(platform: &Platform) {
    let answer = post(platform, HARMLESS).await;
    assert_eq!(answer.json["data"]["categories"].as_array().map(Vec::len), Some(12), "{answer:?}");
}

/// Parts that differ by their number, one after the other.
fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn a_document_of_any_shape_gets_an_answer() {
    let platform = Platform::start().await;
    let aliases = |count| repeated(count, |n| format!("a{n}: categories {{ slug }} "));
    let doubling = repeated(20, |n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1));
    let documents = [
        ("{a".repeat(20_000), "NESTED_TOO_DEEPLY"),
        (format!("{{ node(id: {}) {{ id }} }}", "[".repeat(4_000)), "NESTED_TOO_DEEPLY"),
        (format!("{{ {} }}", aliases(10_000)), "DOCUMENT_TOO_LARGE"),
        (format!("{{ {} }}", "a:x ".repeat(6_000)), "TOO_MANY_TOKENS"),
        (format!("{{ {} }}", aliases(1_700)), "COST_EXCEEDED"),
        (format!("{{ ...f0 }} {doubling} fragment f20 on Query {{ categories {{ slug }} }}"), "DEPTH_EXCEEDED"),
        ("{ ...a } fragment a on Query { ...a }".to_owned(), "FRAGMENT_CYCLE"),
        ("{ capabilities(first: 101) { totalCount } }".to_owned(), "PAGE_SIZE_OUT_OF_RANGE"),
        ("{ listings(first: 100) { nodes { offers(first: 100) { nodes { id } } } } }".to_owned(), "COST_EXCEEDED"),
        ("query \"\"\"".to_owned(), "UNTERMINATED_STRING"),
        ("{ nothing }".to_owned(), "VALIDATION_FAILED"),
        ("subscription { a }".to_owned(), "VALIDATION_FAILED"),
        ("\u{0}".to_owned(), "SYNTAX_ERROR"),
        (String::new(), "SYNTAX_ERROR"),
    ];
    for (document, expected) in documents {
        let answer = post(&platform, &document).await;
        let shown: String = document.chars().take(60).collect();
        assert_eq!(code(&answer), expected, "{shown}: {}", answer.body.chars().take(300).collect::<String>());
        assert!(answer.json["data"].is_null(), "{shown}");
    }
    assert_alive(&platform).await;
}

#[tokio::test]
async fn a_body_of_any_shape_gets_an_answer() {
    let platform = Platform::start().await;
    let values = format!("{{\"query\": \"{HARMLESS}\", \"variables\": {{\"a\": [{}0]}}}}", "0,".repeat(300_000));
    let bodies = [
        ("a".repeat(9 * 1024 * 1024), 413, "BODY_TOO_LARGE"),
        ("[".repeat(1_000_000), 400, "BATCH_NOT_SUPPORTED"),
        (format!("{{\"variables\": {}", "[".repeat(1_000_000)), 400, "TOO_MANY_VALUES"),
        (values, 400, "TOO_MANY_VALUES"),
        ("{\"query\": ".to_owned(), 400, "MALFORMED_BODY"),
        (format!("[{{\"query\": \"{HARMLESS}\"}}]"), 400, "BATCH_NOT_SUPPORTED"),
        ("{\"query\": 7}".to_owned(), 400, "MALFORMED_BODY"),
        ("{}".to_owned(), 400, "QUERY_MISSING"),
        (String::new(), 400, "MALFORMED_BODY"),
    ];
    for (body, status, expected) in bodies {
        let shown: String = body.chars().take(40).collect();
        let answer = platform.answer(platform.post().body(body)).await;
        assert_eq!((answer.status, code(&answer)), (status, expected), "{shown}: {}", answer.body);
    }
    assert_alive(&platform).await;
}

#[tokio::test]
async fn mutations_come_by_post_and_json_only() {
    let platform = Platform::start().await;
    let client = platform.client();
    let address = format!("{}/graphql", platform.url);
    let by_get = platform.answer(client.get(format!("{address}?query=%7Bcategories%7Bslug%7D%7D"))).await;
    assert_eq!((by_get.status, code(&by_get)), (405, "METHOD_NOT_ALLOWED"));
    let good = json!({ "query": HARMLESS }).to_string();
    for of in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"]
    {
        let answer = platform.answer(client.post(&address).header("content-type", of).body(good.clone())).await;
        assert_eq!((answer.status, code(&answer)), (415, "UNSUPPORTED_MEDIA_TYPE"), "{of}");
    }
    let untyped = platform.answer(client.post(&address).body(good.clone())).await;
    assert_eq!(untyped.status, 415);
    let packed = platform.answer(platform.post().header("content-encoding", "gzip").body(good.clone())).await;
    assert_eq!(packed.status, 415);
    let picky = platform.answer(platform.post().header("accept", "text/html").body(good)).await;
    assert_eq!(picky.status, 406);
    assert_alive(&platform).await;
}

#[tokio::test]
async fn variables_of_a_wrong_type_and_strange_texts_are_refused_or_taken_whole() {
    let platform = Platform::start().await;
    let search = "query($search: String) { capabilities(search: $search) { totalCount } }";
    for strange in ["\"", "' OR 1=1 --", "*", "a AND", "NEAR(", "\u{0}\u{202e}", "", &"算".repeat(10_000)] {
        let answer = platform.answer(platform.request("", search, &json!({"search": strange}))).await;
        assert_eq!(answer.status, 200);
        assert!(code(&answer) != "INTERNAL", "{strange}: {}", answer.body);
    }
    for wrong in [json!(7), json!(["a"]), json!({"a": 1})] {
        let response = platform.ask("", search, json!({"search": wrong})).await;
        assert!(response["errors"].is_array(), "{wrong}: {response}");
    }
    let cursor = platform.ask("", "{ capabilities(after: \"no cursor\") { totalCount } }", json!({})).await;
    assert_eq!(cursor["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{cursor}");
    assert_alive(&platform).await;
}
