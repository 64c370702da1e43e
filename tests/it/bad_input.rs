//! Calls that are refused before anything is sent on: by contract, by name, by allowance, by idempotency key.

use serde_json::{Value, json};

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, per_call, sentence, units};
use crate::platform::{Platform, text};

async fn deal(terms: Value) -> (Platform, Market, Deal) {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, terms).await;
    (platform, market, deal)
}

#[tokio::test]
async fn a_payload_that_breaks_the_contract_is_refused_with_a_pointer_to_the_place() {
    let (platform, _, deal) = deal(per_call("2", "0.01")).await;
    let long = "长".repeat(5_001);
    let bad = [
        (json!({"text": 7}), "/text"),
        (json!({"text": ""}), "/text"),
        (json!({"text": long}), "/text"),
        (json!({}), ""),
        (json!([]), ""),
        (json!("text"), ""),
        (json!({"text": "a", "surprise": 1}), ""),
    ];
    for (payload, pointer) in bad {
        let refused = deal.refused(&platform, &payload, "key").await;
        assert_eq!(refused["__typename"], "InvalidPayload", "{refused}");
        assert_eq!((&refused["pointer"], &refused["path"]), (&json!(pointer), &json!(["input", "payload"])));
        assert!(text(&refused, "/message").len() < 500, "{refused}");
    }
    assert_eq!(deal.recorded(&platform).await, "0");
    assert_eq!(units(&deal.call(&platform, &sentence(), "key").await, "FREE"), 1, "a refused key is not used up");
}

#[tokio::test]
async fn what_cannot_be_called_says_why() {
    let (platform, market, deal) = deal(per_call("2", "0.01")).await;
    let target = |target: Value| json!({"target": target, "payload": {"text": "a"}, "idempotencyKey": "1"});
    let agreement = |id: &str, capability: &str| target(json!({"agreement": {"id": id, "capability": capability}}));
    let unknown = [
        target(json!({"capability": "no-such-thing"})),
        target(json!({"capability": "No such name!"})),
        agreement("agr_00000000000000000000000001", LANGUAGE),
        agreement("nonsense", LANGUAGE),
        agreement(&deal.agreement, "sentiment-analysis"),
    ];
    for input in unknown {
        let refused = platform.refused(&deal.key, "invoke", input.clone()).await;
        assert_eq!(
            (&refused["__typename"], &refused["path"]),
            (&json!("NotFound"), &json!(["input", "target"])),
            "{input}"
        );
    }
    let no_agreement = platform.refused(&deal.key, "invoke", target(json!({"capability": "sentiment-analysis"}))).await;
    assert_eq!(no_agreement["code"], "NO_AGREEMENT");
    let without = "{ capabilities(first: 100) { nodes { slug contract { version } } } }";
    let data = platform.read("", without, json!({})).await;
    let nodes = data["capabilities"]["nodes"].as_array().unwrap();
    let bare = nodes.iter().find(|node| node["contract"].is_null()).unwrap();
    let refused = platform.refused(&market.buyer, "invoke", target(json!({"capability": bare["slug"]}))).await;
    assert_eq!(refused["code"], "NO_CONTRACT");
}

#[tokio::test]
async fn an_exhausted_allowance_without_a_price_names_the_instant_of_its_reset() {
    let (platform, market, deal) = deal(json!({"meter": "REQUEST", "included": "2"})).await;
    for key in ["1", "2"] {
        assert_eq!(units(&deal.call(&platform, &sentence(), key).await, "FREE"), 1);
    }
    let refused = deal.refused(&platform, &sentence(), "3").await;
    assert_eq!(refused["__typename"], "AllowanceExhausted", "{refused}");
    let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { end } } }";
    let data = platform.read(&market.buyer, query, json!({"id": deal.agreement})).await;
    let status = json!({"meter": "REQUEST", "included": "2", "used": "2", "remaining": "0",
        "resetsAt": data["agreement"]["currentPeriod"]["end"]});
    assert_eq!(refused["status"], status);
    assert_eq!(deal.recorded(&platform).await, "2");
    assert_eq!(deal.call(&platform, &sentence(), "2").await["isRepeated"], true, "what was answered can be had again");
}

#[tokio::test]
async fn a_call_that_could_cost_more_than_allowed_is_not_made() {
    let (platform, _, deal) = deal(per_call("2", "0.01")).await;
    let mut input = deal.input(&sentence(), "1");
    input["maxCharge"] = json!("0.009");
    let refused = platform.refused(&deal.key, "invoke", input.clone()).await;
    assert_eq!(refused["__typename"], "ChargeLimitExceeded");
    input["maxCharge"] = json!("0.01");
    platform.done(&deal.key, "invoke", "invocation { id }", input).await;
    assert_eq!(deal.recorded(&platform).await, "1");
}

#[tokio::test]
async fn the_same_key_is_the_same_call_and_with_another_payload_a_conflict() {
    let (platform, _, deal) = deal(per_call("2", "0.01")).await;
    let first = deal.call(&platform, &sentence(), "once").await;
    let again = deal.call(&platform, &sentence(), "once").await;
    assert_eq!((&first["isRepeated"], &again["isRepeated"]), (&json!(false), &json!(true)));
    assert_eq!((&first["id"], &first["output"], &first["usage"]), (&again["id"], &again["output"], &again["usage"]));
    let other = deal.refused(&platform, &json!({"text": "Something else."}), "once").await;
    assert_eq!(other["__typename"], "IdempotencyConflict");
    assert_eq!(other["path"], json!(["input", "idempotencyKey"]));
    let platform = platform.restart(&[]).await;
    let later = deal.call(&platform, &sentence(), "once").await;
    assert_eq!((&later["id"], &later["isRepeated"]), (&first["id"], &json!(true)));
    let other = deal.refused(&platform, &json!({"text": "Something else."}), "once").await;
    assert_eq!(other["__typename"], "IdempotencyConflict", "a conflict outlives a restart");
    assert_eq!(deal.recorded(&platform).await, "1");
    for key in [String::new(), "k".repeat(201)] {
        assert_eq!(deal.refused(&platform, &sentence(), &key).await["code"], "INVALID_IDEMPOTENCY_KEY");
    }
}

#[tokio::test]
async fn what_people_type_wrong_is_named_field_by_field() {
    let platform = Platform::start().await;
    let right = json!({"organizationName": "Acme", "country": "CN", "timeZone": "Asia/Shanghai", "currency": "CNY",
        "email": "a@example.org", "name": "A", "password": "correct horse battery"});
    let wrong = [("timeZone", "Mars/Olympus"), ("currency", "XXX"), ("email", "nobody"), ("password", "short")];
    for (field, value) in wrong {
        let mut input = right.clone();
        input[field] = json!(value);
        let refused = platform.refused("", "signUp", input).await;
        assert_eq!((&refused["__typename"], &refused["path"][1]), (&json!("InvalidInput"), &json!(field)), "{refused}");
    }
    platform.done("", "signUp", "organization { id }", right.clone()).await;
    assert_eq!(platform.refused("", "signUp", right).await["__typename"], "AlreadyTaken");
}
