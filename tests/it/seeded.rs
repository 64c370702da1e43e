//! The demo market: what somebody finds who starts with `--seed demo` and follows the README.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::market::units;
use crate::platform::{Home, Platform, text};

/// All capabilities, page by page.
async fn capabilities(platform: &Platform, filter: Value, selection: &str) -> Vec<Value> {
    let document = format!(
        "query($after: String, $filter: CapabilityFilter) {{ capabilities(first: 50, after: $after, filter: $filter) {{
            totalCount nodes {{ slug {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut data = platform.read("", &document, json!({"after": after, "filter": filter})).await;
        let page = data["capabilities"].take();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], all.len().to_string());
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn invoke(capability: &str, payload: &Value, key: &str) -> Value {
    json!({"target": {"capability": capability}, "payload": payload, "idempotencyKey": key})
}

const CALL: &str = "invocation { output agreement { id } listing { slug } usage { class quantity } }";

#[tokio::test]
async fn the_demos_keys_work_and_are_for_its_owner_only() {
    let platform = Platform::start_seeded().await;
    let path = platform.home().data().join("demo.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let demo = platform.demo();
    let names = [(&demo.buyer, "Harbour City Library 海港城图书馆", false), (&demo.operator, "", true)];
    for (key, name, operates) in names {
        let data = platform.read(key, "{ viewer { isOperator organization { name } } }", json!({})).await;
        assert_eq!(data["viewer"]["isOperator"], operates);
        assert!(text(&data, "/viewer/organization/name").contains(name));
    }
    let listings = platform.read(&demo.seller, "{ myListings { nodes { slug state } } }", json!({})).await;
    let listings = listings["myListings"]["nodes"].as_array().unwrap().clone();
    assert_eq!(listings.len(), 5);
    assert!(listings.iter().all(|listing| listing["state"] == "PUBLISHED"));
    let passwords: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let credentials =
        json!({"email": "owner@library.example", "password": passwords["passwords"]["owner@library.example"]});
    platform.done("", "signIn", "session { token }", credentials).await;
}

#[tokio::test]
async fn a_second_start_adds_nothing() {
    let platform = Platform::start_seeded().await;
    let demo = std::fs::read_to_string(platform.home().data().join("demo.json")).unwrap();
    let home = platform.terminate().await;
    let before = facts(&home);
    let platform = home.start(&["--seed", "demo"]).await;
    assert_eq!(std::fs::read_to_string(platform.home().data().join("demo.json")).unwrap(), demo);
    platform.home().succeed("seed", &["--url", &platform.url]);
    let home = platform.terminate().await;
    assert_eq!(facts(&home), before);
    home.succeed("replay", &["--verify"]);
}

/// Ids of all events but those by which a node takes the meter, and ends who had it before.
fn facts(home: &Home) -> Vec<Value> {
    let is_fact = |event: &Value| event["kind"] != "ownership_taken" && event["kind"] != "usage_sealed";
    let events = home.log(&[]).into_iter().filter(is_fact);
    events.map(|event| event["id"].clone()).collect()
}

/// A crash between two steps of the seed is mended by the next start: every step has its idempotency key.
#[tokio::test]
async fn a_seed_that_was_interrupted_goes_on_where_it_was() {
    let platform = Platform::start_seeded().await;
    let home = platform.terminate().await;
    let before = facts(&home).len();
    std::fs::remove_file(home.data().join("demo.json")).unwrap();
    let platform = home.start(&["--seed", "demo"]).await;
    let demo = platform.demo();
    platform.read(&demo.buyer, "{ viewer { isOperator } }", json!({})).await;
    let home = platform.terminate().await;
    let added: Vec<Value> = home.log(&[]).into_iter().filter(|event| event["kind"] == "api_key_created").collect();
    assert_eq!((added.len(), facts(&home).len()), (6, before + 3), "only the keys, whose secrets were shown once");
}

#[tokio::test]
async fn the_catalog_is_whole_and_says_what_cannot_be_called() {
    let platform = Platform::start_seeded().await;
    let all = capabilities(&platform, json!({}), "en: name(language: EN) zh: name(language: ZH) meter").await;
    let catalog: Value = serde_json::from_str(include_str!("../../schema/catalog.json")).unwrap();
    let listed: Vec<_> = all.iter().map(|capability| &capability["slug"]).collect();
    let ordered: Vec<_> = catalog["capabilities"].as_array().unwrap().iter().map(|entry| &entry["id"]).collect();
    assert_eq!((listed.len(), listed), (228, ordered), "in the catalog's order");
    let named = |capability: &Value, name: &str| capability[name].as_str().is_some_and(|name| !name.is_empty());
    assert!(all.iter().all(|capability| named(capability, "en") && named(capability, "zh")));
    let data = platform.read("", "{ categories { slug capabilityCount answeredCount } }", json!({})).await;
    let categories = data["categories"].as_array().unwrap();
    assert_eq!(categories.len(), 12);
    let sum = |field: &str| {
        categories.iter().map(|category| text(category, &format!("/{field}")).parse::<usize>().unwrap()).sum::<usize>()
    };
    let answered = capabilities(&platform, json!({"isAnswered": true}), "isAnswered contract { version }").await;
    assert!(answered.len() >= 24, "{}", answered.len());
    assert_eq!((sum("capabilityCount"), sum("answeredCount")), (228, answered.len()));
    assert!(answered.iter().all(|capability| capability["contract"].is_object()));
    let unanswered = capabilities(&platform, json!({"isAnswered": false}), "coverage { listingCount }").await;
    assert_eq!(unanswered.len() + answered.len(), 228);
}

#[tokio::test]
async fn every_callable_capability_answers_its_example_for_real() {
    let platform = Platform::start_seeded().await;
    let demo = platform.demo();
    let callable = capabilities(&platform, json!({"isAnswered": true}), "contract { examples { input output } }").await;
    let mut without_agreement = Vec::new();
    for capability in &callable {
        let slug = text(capability, "/slug");
        let example = &capability["contract"]["examples"][0];
        let payload = platform.attempt(&demo.buyer, "invoke", CALL, invoke(&slug, &example["input"], &slug)).await;
        if payload["errors"][0]["code"] == "NO_AGREEMENT" {
            without_agreement.push(slug);
            continue;
        }
        assert_eq!(payload["errors"], json!([]), "{slug}");
        assert_eq!(payload["invocation"]["output"], example["output"], "{slug}");
    }
    assert_eq!(without_agreement, ["vehicle-routing-optimisation"], "the demo's buyer has accepted all but one");
}

#[tokio::test]
async fn the_tour_of_the_demo_crosses_its_allowance_and_is_routed_to_the_cheaper_provider() {
    let platform = Platform::start_seeded().await;
    let demo = platform.demo();
    let segment = async |text: &str, key: &str| {
        let input = invoke("chinese-word-segmentation", &json!({"text": text}), key);
        platform.done(&demo.buyer, "invoke", CALL, input).await["invocation"].take()
    };
    let first = segment("人工智能正在成为新型基础设施。", "tour-1").await;
    assert_eq!(first["output"]["tokens"][0]["text"], "人工智能");
    assert_eq!((units(&first, "FREE"), &first["listing"]["slug"]), (15, &json!("reference-text")));
    let second = segment(&"算力".repeat(50), "tour-2").await;
    assert_eq!((units(&second, "FREE"), units(&second, "VALUE_ADDED")), (85, 15));
    let third = segment("数据", "tour-3").await;
    assert_eq!((units(&third, "VALUE_ADDED"), &third["listing"]["slug"]), (2, &json!("reference-text")));
    let quote = "query($input: InvokeInput!) { quote(input: $input) {
        candidates { listing { slug } estimatedCharge } errors { code } } }";
    let input = json!({"input": invoke("chinese-word-segmentation", &json!({"text": "算力"}), "quote")});
    let quoted = platform.read(&demo.buyer, quote, input).await;
    let expected = json!([{"listing": {"slug": "reference-text"}, "estimatedCharge": "0.004"},
        {"listing": {"slug": "bluebird-text"}, "estimatedCharge": "0.005"}]);
    assert_eq!(quoted["quote"]["candidates"], expected);
    let agreement = text(&third, "/agreement/id");
    let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { start } } }";
    let data = platform.read(&demo.buyer, query, json!({"id": agreement})).await;
    let close = json!({"agreementId": agreement, "periodStart": data["agreement"]["currentPeriod"]["start"]});
    let closed = platform.done(&demo.operator, "closePeriod", "invoice { id subtotal { amount } calls }", close).await;
    assert_eq!((&closed["invoice"]["subtotal"]["amount"], &closed["invoice"]["calls"]), (&json!("0.03"), &json!("3")));
    let statements = "{ statements { nodes { gross { amount } } } }";
    let data = platform.read(&demo.seller, statements, json!({})).await;
    assert_eq!(data["statements"]["nodes"], json!([{"gross": {"amount": "0.03"}}]));
}

#[tokio::test]
async fn the_dataset_on_offer_is_the_file_that_is_served() {
    let platform = Platform::start_seeded().await;
    let query = "{ listing(slug: \"national-ai-strategies\") { kind dataset { downloadUrl bytes rows mediaType } } }";
    let data = platform.read("", query, json!({})).await;
    let dataset = &data["listing"]["dataset"];
    let file = platform.get(&text(dataset, "/downloadUrl")).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.body.len().to_string(), text(dataset, "/bytes"));
    assert_eq!((file.body.lines().count() - 1).to_string(), text(dataset, "/rows"));
}
