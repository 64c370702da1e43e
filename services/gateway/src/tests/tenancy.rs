//! Nobody sees or touches what is another's, and cannot tell it from what does not exist.

use serde_json::{Value, json};

use super::harness::Bench;
use super::market::{Shop, publish};

const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";

#[tokio::test]
async fn a_stranger_sees_neither_agreement_nor_organization() {
    let Shop { bench, operator, seller, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    let stranger = bench.join("stranger", false).await;
    let accepted = bench.done(&buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
    let agreement = &accepted["agreement"]["id"];
    for (caller, sees) in [(&buyer, true), (&seller, true), (&operator, true), (&stranger, false)] {
        let found = bench.ask(Some(caller), NODE, json!({"id": agreement})).await;
        assert_eq!(found["data"]["node"].is_object(), sees);
    }
    assert!(bench.ask(None, NODE, json!({"id": agreement})).await["data"]["node"].is_null());
    let query = "query($id: ID!) { agreement(id: $id) { id } }";
    let foreign = bench.ask(Some(&stranger), query, json!({"id": agreement})).await;
    let unknown = bench.ask(Some(&stranger), query, json!({"id": "agr_00000000000000000000000001"})).await;
    assert_eq!(foreign, unknown);
    let own = json!({"id": buyer.organization.to_string()});
    assert!(bench.ask(Some(&seller), NODE, own.clone()).await["data"]["node"].is_null());
    assert!(bench.ask(Some(&operator), NODE, own).await["data"]["node"].is_object());
}

#[tokio::test]
async fn a_draft_is_its_providers_and_the_operators_alone() {
    let Shop { bench, operator, seller, listing, .. } = Shop::drafted().await;
    let other = bench.join("other", false).await;
    let query = "{ listing(slug: \"pinyin-shop\") { model { endpoint } workingVersion { name } } }";
    for (caller, sees) in [(Some(&seller), true), (Some(&operator), true), (Some(&other), false), (None, false)] {
        let found = bench.ask(caller, query, json!({})).await;
        assert_eq!(found["data"]["listing"].is_object(), sees, "{found}");
    }
    let terms = json!({"currency": "CNY", "period": "MONTH", "flatFee": "1"});
    for (mutation, selection, input) in [
        ("probeListing", "listing { id }", json!({"listingId": listing})),
        ("submitListing", "listing { id }", json!({"listingId": listing})),
        ("retireListing", "listing { id }", json!({"listingId": listing})),
        ("publishOffer", "offer { id }", json!({"listingId": listing, "name": {"en": "X"}, "terms": terms})),
    ] {
        let payload = bench.tried(Some(&other), mutation, selection, input).await;
        assert_eq!(payload["errors"], json!([{"code": "NOT_FOUND", "path": ["input", "listingId"]}]), "{mutation}");
    }
    publish(&bench, &seller, &operator, &listing).await;
    let found = bench.ask(Some(&other), query, json!({})).await;
    assert_eq!(found["data"]["listing"], json!({"model": {"endpoint": null}, "workingVersion": null}));
}

#[tokio::test]
async fn terms_are_changed_and_agreements_ended_by_their_own_side_only() {
    let Shop { bench, seller, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    let payload = bench.tried(Some(&buyer), "withdrawOffer", "offer { id }", json!({"offerId": offer})).await;
    assert_eq!(payload["errors"][0]["code"], "NOT_FOUND");
    let accepted = bench.done(&buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
    let agreement = json!({"agreementId": accepted["agreement"]["id"]});
    let payload = bench.tried(Some(&seller), "cancelAgreement", "agreement { id }", agreement.clone()).await;
    assert_eq!(payload["errors"][0]["code"], "NOT_FOUND");
    let cancelled = bench.done(&buyer, "cancelAgreement", "agreement { state }", agreement).await;
    assert_eq!(cancelled["agreement"]["state"], "CANCELLED");
}

#[tokio::test]
async fn keys_and_members_of_others_are_not_there() {
    let bench = Bench::start().await;
    let acme = bench.join("acme", false).await;
    let other = bench.join("other", false).await;
    let made = bench.done(&acme, "createApiKey", "apiKey { id }", json!({"label": "ci", "scopes": ["INVOKE"]})).await;
    let key = &made["apiKey"]["id"];
    let payload = bench.tried(Some(&other), "revokeApiKey", "apiKey { id }", json!({"apiKeyId": key})).await;
    assert_eq!(payload["errors"][0]["code"], "NOT_FOUND");
    for id in [key.clone(), Value::from(acme.principal.to_string())] {
        assert!(bench.ask(Some(&other), NODE, json!({"id": id})).await["data"]["node"].is_null());
        assert!(bench.ask(Some(&acme), NODE, json!({"id": id})).await["data"]["node"].is_object());
    }
}
