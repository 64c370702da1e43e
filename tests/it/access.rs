//! Who gets to what: credentials, scopes, and other people's things, which nobody can tell from what does not exist.

use serde_json::{Value, json};

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, content, per_call, sentence};
use crate::platform::{Platform, text};

const VIEWER: &str = "{ viewer { isOperator } }";
const NOT_FOUND: &str = "NOT_FOUND";

/// The code of the first error of a refused query.
fn code(response: &Value) -> &str {
    response["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn without_good_credentials_the_answer_is_401() {
    let platform = Platform::start().await;
    let session = platform.join("Buyer").await;
    for bad in ["nonsense", "tsk_0000000000000000000000000000000000000000000", &format!("{session}x")] {
        let answer = platform.answer(platform.request(bad, VIEWER, &json!({}))).await;
        assert_eq!((answer.status, code(&answer.json)), (401, "INVALID_CREDENTIALS"), "{bad}");
    }
    let anonymous = platform.answer(platform.request("", VIEWER, &json!({}))).await;
    assert_eq!((anonymous.status, code(&anonymous.json)), (401, "UNAUTHENTICATED"));
    let good = platform.answer(platform.request(&session, VIEWER, &json!({}))).await;
    assert_eq!((good.status, &good.json["data"]["viewer"]["isOperator"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_revoked_key_is_dead_at_once_and_after_a_restart() {
    let platform = Platform::start().await;
    let session = platform.join("Buyer").await;
    let input = json!({"label": "ci", "scopes": ["USAGE_READ"]});
    let made = platform.done(&session, "createApiKey", "secret apiKey { id }", input).await;
    let key = text(&made, "/secret");
    platform.read(&key, VIEWER, json!({})).await;
    let revoke = json!({"apiKeyId": made["apiKey"]["id"]});
    platform.done(&session, "revokeApiKey", "apiKey { revokedAt }", revoke).await;
    assert_eq!(platform.answer(platform.request(&key, VIEWER, &json!({}))).await.status, 401);
    let platform = platform.restart(&[]).await;
    assert_eq!(platform.answer(platform.request(&key, VIEWER, &json!({}))).await.status, 401);
    let good = platform.answer(platform.request(&session, VIEWER, &json!({}))).await;
    assert_eq!(good.status, 200, "a session outlives a restart");
}

#[tokio::test]
async fn a_missing_scope_is_a_typed_refusal() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let mut deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    deal.key = platform.key(&market.buyer, &["BILLING_READ"]).await;
    let refused = deal.refused(&platform, &sentence(), "1").await;
    assert_eq!((&refused["__typename"], &refused["scope"]), (&json!("MissingAuthority"), &json!("INVOKE")));
    assert_eq!(refused["code"], "MISSING_SCOPE");
    let usage = platform.ask(&deal.key, "{ usage(by: DAY) { total { calls } } }", json!({})).await;
    assert_eq!((code(&usage), &usage["data"]), ("MISSING_SCOPE", &Value::Null));
    platform.read(&deal.key, "{ invoices { totalCount } }", json!({})).await;
}

#[tokio::test]
async fn a_key_has_no_scope_that_its_maker_lacks() {
    let platform = Platform::start().await;
    let session = platform.join("Buyer").await;
    let narrow = platform.key(&session, &["ORGANIZATION_WRITE"]).await;
    let refused = platform.refused(&narrow, "createApiKey", json!({"label": "wide", "scopes": ["INVOKE"]})).await;
    assert_eq!(refused["__typename"], "RuleViolated", "{refused}");
}

/// What belongs to one buyer and its seller: an agreement with a call, and its invoice.
struct Private {
    deal: Deal,
    call: String,
    invoice: String,
}

async fn trade(platform: &Platform, market: &Market) -> Private {
    let deal = market.deal(platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    let call = text(&deal.call(platform, &sentence(), "1").await, "/id");
    let close = close(platform, market, &deal).await;
    let closed = platform.done(&market.operator, "closePeriod", "invoice { id }", close).await;
    Private { invoice: text(&closed, "/invoice/id"), call, deal }
}

async fn close(platform: &Platform, market: &Market, deal: &Deal) -> Value {
    let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { start } } }";
    let data = platform.read(&market.buyer, query, json!({"id": deal.agreement})).await;
    json!({"agreementId": deal.agreement, "periodStart": data["agreement"]["currentPeriod"]["start"]})
}

#[tokio::test]
async fn a_stranger_cannot_tell_foreign_things_from_things_that_do_not_exist() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let private = trade(&platform, &market).await;
    let stranger = platform.join("Stranger").await;
    let queries = [
        ("query($id: ID!) { agreement(id: $id) { id } }", &private.deal.agreement),
        ("query($id: ID!) { invocations(filter: { agreementId: $id }) { totalCount } }", &private.deal.agreement),
        ("query($id: ID!) { invocation(id: $id) { id } }", &private.call),
        ("query($id: ID!) { invoice(id: $id) { id } }", &private.invoice),
    ];
    for (query, id) in queries {
        platform.read(&market.buyer, query, json!({"id": id})).await;
        platform.read(&market.seller, query, json!({"id": id})).await;
        let foreign = platform.ask(&stranger, query, json!({"id": id})).await;
        assert_eq!(code(&foreign), NOT_FOUND, "{query}");
        assert_eq!(foreign, platform.ask(&stranger, query, json!({"id": unknown(id)})).await, "{query}");
        assert_eq!(foreign, platform.ask(&stranger, query, json!({"id": "nonsense"})).await, "{query}");
    }
    let node = platform.read(&stranger, "query($id: ID!) { node(id: $id) { id } }", json!({"id": private.call})).await;
    assert_eq!(node["node"], Value::Null);
}

/// An id of the same kind that nothing has.
fn unknown(id: &str) -> String {
    let (prefix, _) = id.split_once('_').unwrap();
    format!("{prefix}_00000000000000000000000001")
}

#[tokio::test]
async fn a_stranger_neither_calls_under_a_foreign_agreement_nor_ends_it() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    let stranger = platform.join("Stranger").await;
    for party in [&stranger, &market.seller] {
        let attempts =
            [("invoke", deal.input(&sentence(), "1")), ("cancelAgreement", json!({"agreementId": deal.agreement}))];
        for (mutation, input) in attempts {
            assert_eq!(platform.refused(party, mutation, input).await["__typename"], "NotFound", "{mutation}");
        }
    }
    assert_eq!(deal.allowance(&platform).await["used"], "0");
}

#[tokio::test]
async fn a_seller_sees_the_usage_of_its_own_listings_only() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    let other = platform.join("Other seller").await;
    platform.open_store(&other, "other-store").await;
    let listing = platform.list(&other, &market.operator, &[LANGUAGE], REFERENCE).await;
    let offer = platform.offer(&other, &listing, &[per_call("10", "0.01")]).await;
    let second = Deal::of(&platform.accept(&market.buyer, &offer).await, &deal.key, LANGUAGE);
    deal.call(&platform, &sentence(), "1").await;
    for key in ["2", "3"] {
        second.call(&platform, &sentence(), key).await;
    }
    assert_eq!(calls(&platform, &market.seller, "SELLER").await, "1");
    assert_eq!(calls(&platform, &other, "SELLER").await, "2");
    assert_eq!(calls(&platform, &market.buyer, "BUYER").await, "3");
    assert_eq!(calls(&platform, &market.buyer, "SELLER").await, "0");
    assert_eq!(calls(&platform, &market.operator, "PLATFORM").await, "3");
    let all = platform.ask(&other, "{ usage(by: DAY, perspective: PLATFORM) { total { calls } } }", json!({})).await;
    assert_eq!(code(&all), "NOT_OPERATOR");
    let callers = "query($id: ID!) { agreement(id: $id) { usage(by: PRINCIPAL) { groups { key } } } }";
    let seen = platform.ask(&other, callers, json!({"id": second.agreement})).await;
    assert_eq!(code(&seen), "INVALID_INPUT", "who called is the buyer's business: {seen}");
}

async fn calls(platform: &Platform, key: &str, perspective: &str) -> String {
    let document = format!("{{ usage(by: LISTING, perspective: {perspective}) {{ total {{ calls }} }} }}");
    text(&platform.read(key, &document, json!({})).await, "/usage/total/calls")
}

#[tokio::test]
async fn only_the_operator_reviews_closes_periods_books_payments_and_sets_terms() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let draft = json!({"slug": "a-draft", "content": content(&[LANGUAGE], REFERENCE)});
    let listing = platform.done(&market.seller, "draftListing", "listing { id }", draft).await["listing"]["id"].clone();
    platform.probe(&market.seller, listing.as_str().unwrap()).await;
    platform.done(&market.seller, "submitListing", "listing { id }", json!({"listingId": listing})).await;
    let private = trade(&platform, &market).await;
    let payment = json!({"amount": "0", "currencyCode": "CNY"});
    let attempts = [
        ("publishListing", json!({"listingId": listing})),
        ("requestListingChanges", json!({"listingId": listing, "note": "no"})),
        ("setMarketTerms", json!({"commissionBasisPoints": 0, "taxBasisPoints": 0})),
        ("closePeriod", close(&platform, &market, &private.deal).await),
        ("payInvoice", json!({"invoiceId": private.invoice, "amount": payment, "reference": "r"})),
        ("voidInvoice", json!({"invoiceId": private.invoice, "reason": "r"})),
    ];
    for (mutation, input) in attempts {
        for party in [&market.seller, &market.buyer] {
            let refused = platform.refused(party, mutation, input.clone()).await;
            assert_eq!(
                (&refused["__typename"], &refused["code"]),
                (&json!("MissingAuthority"), &json!("NOT_OPERATOR"))
            );
        }
    }
    let queue = platform.ask(&market.seller, "{ reviewQueue { totalCount } }", json!({})).await;
    assert_eq!(code(&queue), "NOT_OPERATOR");
    platform.done(&market.operator, "publishListing", "listing { id }", json!({"listingId": listing})).await;
}

#[tokio::test]
async fn the_operators_token_works_once_and_nothing_else_does() {
    let platform = Platform::start().await;
    let input = |name: &str, token: &str| {
        json!({"organizationName": name, "country": "CN", "timeZone": "UTC", "currency": "CNY",
            "email": format!("{name}@example.org"), "name": name, "password": "correct horse battery",
            "operatorToken": token})
    };
    let guessed = platform.refused("", "signUp", input("guesser", "tso_0")).await;
    assert_eq!(guessed["__typename"], "InvalidInput");
    let operator = platform.join_as_operator().await;
    let token = std::fs::read_to_string(platform.home().data().join("operator-token")).unwrap();
    let second = platform.refused("", "signUp", input("second", token.trim())).await;
    assert_eq!(second["__typename"], "AlreadyTaken");
    assert_eq!(platform.read(&operator, VIEWER, json!({})).await["viewer"]["isOperator"], true);
}
