//! What visitors try, and what it costs whom.

use std::net::IpAddr;

use accounts::published::actor::Actor;
use serde_json::{Value, json};

use super::harness::Bench;
use super::market::{Shop, offer};

const SANDBOX: &str = "sandbox { isOpen callsPerAddressPerDay remaining }";
const TRIAL: &str = "trial { output usage { meter class quantity } listing { slug } estimatedCharge currencyCode
    latencyMilliseconds } sandbox { remaining }";

/// A market with one listing that the operator has an agreement on: 100 free characters, then 0.002 each.
struct Market {
    bench: Bench,
    operator: Actor,
    seller: Actor,
    listing: Value,
}

impl Market {
    async fn open() -> Self {
        let Shop { bench, operator, seller, listing, offer } = Shop::open().await;
        bench.done(&operator, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
        Self { bench, operator, seller, listing }
    }

    async fn set(&self, of_an_address: u32, in_all: u32, charge: &str) -> Value {
        let input = json!({"isOpen": true, "callsPerAddressPerDay": of_an_address.to_string(),
            "callsPerDay": in_all.to_string(), "maxCharge": charge});
        let selection = "sandboxSettings { isOpen callsPerAddressPerDay callsPerDay maxCharge callsToday }";
        self.bench.done(&self.operator, "setSandbox", selection, input).await["sandboxSettings"].clone()
    }

    /// A visitor at an address tries; answers the payload.
    async fn attempt(&self, last: u8, key: &str, text: &str) -> Value {
        let input = json!({"capability": "pinyin", "payload": {"text": text}, "idempotencyKey": key});
        self.attempt_with(last, input).await
    }

    async fn attempt_with(&self, last: u8, input: Value) -> Value {
        let from: IpAddr = [192, 0, 2, last].into();
        self.bench.tried_from(from, None, "tryCapability", TRIAL, input).await
    }

    async fn codes(&self, attempts: &[(u8, &str, &str)]) -> Vec<Value> {
        let mut codes = Vec::new();
        for (last, key, text) in attempts {
            codes.push(self.attempt(*last, key, text).await["errors"][0]["code"].clone());
        }
        codes
    }

    async fn read(&self, caller: Option<&Actor>, query: &str) -> Value {
        let response = self.bench.ask(caller, query, json!({})).await;
        assert!(response.get("errors").is_none(), "{response}");
        response["data"].clone()
    }
}

#[tokio::test]
async fn a_visitor_tries_and_the_operator_is_the_buyer() {
    let market = Market::open().await;
    market.set(5, 50, "1").await;
    let tried = market.attempt(1, "a", "三个字").await;
    let usage = json!([{"meter": "CHARACTER", "class": "FREE", "quantity": "3"}]);
    let trial = &tried["trial"];
    assert_eq!((&trial["output"], &trial["usage"]), (&json!({"text": "三个字"}), &usage), "{tried}");
    assert_eq!((&trial["listing"]["slug"], &trial["estimatedCharge"]), (&json!("pinyin-shop"), &json!("0")));
    assert_eq!(tried["sandbox"], json!({"remaining": "4"}));
    let query = "{ sandboxSettings { callsToday } invocations { nodes { principal usage { quantity } } } }";
    let shown = market.read(Some(&market.operator), query).await;
    assert_eq!(shown["sandboxSettings"], json!({"callsToday": "1"}));
    assert_eq!(shown["invocations"]["nodes"], json!([{"principal": "visitor", "usage": [{"quantity": "3"}]}]));
    let sold = market.read(Some(&market.seller), "{ usage(by: DAY, perspective: SELLER) { total { calls } } }").await;
    assert_eq!(sold["usage"]["total"]["calls"], "1", "the seller is paid for it like for any call");
}

#[tokio::test]
async fn the_sandbox_is_closed_until_the_operator_opens_it() {
    let market = Market::open().await;
    assert_eq!(market.codes(&[(1, "a", "字")]).await, ["SANDBOX_CLOSED"]);
    let query = format!("{{ {SANDBOX} capability(slug: \"pinyin\") {{ isTryable }} }}");
    let shown = market.read(None, &query).await;
    assert_eq!(shown["sandbox"], json!({"isOpen": false, "callsPerAddressPerDay": "20", "remaining": "0"}));
    assert_eq!(shown["capability"]["isTryable"], false);
    market.set(3, 50, "1").await;
    let shown = market.read(None, &query).await;
    assert_eq!(shown["sandbox"], json!({"isOpen": true, "callsPerAddressPerDay": "3", "remaining": "3"}));
    assert_eq!(shown["capability"]["isTryable"], true);
}

#[tokio::test]
async fn an_address_has_its_calls_of_the_day_and_all_addresses_theirs() {
    let market = Market::open().await;
    market.set(2, 3, "1").await;
    let attempts = [(1, "a", "字"), (1, "b", "字"), (1, "c", "字"), (2, "a", "字"), (3, "a", "字")];
    let (fine, address, all) = (Value::Null, json!("SANDBOX_ADDRESS_EXHAUSTED"), json!("SANDBOX_EXHAUSTED"));
    assert_eq!(market.codes(&attempts).await, [fine.clone(), fine.clone(), address, fine, all]);
}

#[tokio::test]
async fn what_was_never_sent_and_what_is_repeated_is_not_counted() {
    let market = Market::open().await;
    market.set(2, 50, "1").await;
    let wrong = json!({"capability": "pinyin", "payload": {"text": 7}, "idempotencyKey": "w"});
    let refused = market.attempt_with(1, wrong).await;
    assert_eq!(
        (&refused["errors"][0]["code"], &refused["sandbox"]["remaining"]),
        (&json!("INVALID_PAYLOAD"), &json!("2"))
    );
    let first = market.attempt(1, "a", "字").await;
    let again = market.attempt(1, "a", "字").await;
    assert_eq!((&first["sandbox"]["remaining"], &again["sandbox"]["remaining"]), (&json!("1"), &json!("1")));
    assert_eq!(market.codes(&[(1, "a", "别的")]).await, ["IDEMPOTENCY_CONFLICT"]);
    let declined = market.attempt(1, "d", "decline").await;
    assert_eq!(declined["errors"][0]["code"], "PROVIDER_REFUSED");
    assert_eq!(declined["sandbox"]["remaining"], "0", "the provider has worked");
    let shown = market.read(Some(&market.operator), "{ invocations { totalCount } }").await;
    assert_eq!(shown["invocations"]["totalCount"], "1");
}

#[tokio::test]
async fn visitors_with_the_same_key_do_not_meet() {
    let market = Market::open().await;
    market.set(5, 50, "1").await;
    market.attempt(1, "a", "秘密").await;
    let other = market.attempt(2, "a", "别的").await;
    assert_eq!(other["trial"]["output"], json!({"text": "别的"}), "no conflict tells that the key is taken");
    let shown = market.read(Some(&market.operator), "{ invocations { totalCount } }").await;
    assert_eq!(shown["invocations"]["totalCount"], "2");
}

#[tokio::test]
async fn a_try_costs_no_more_than_the_operator_allows() {
    let market = Market::open().await;
    market.set(9, 50, "0").await;
    assert_eq!(market.codes(&[(1, "a", "字")]).await, ["SANDBOX_CHARGE_LIMIT"], "the terms have a price");
    market.set(9, 50, "0.004").await;
    assert_eq!(
        market.codes(&[(1, "a", "二字"), (1, "b", "三个字")]).await,
        [Value::Null, json!("SANDBOX_CHARGE_LIMIT")]
    );
}

#[tokio::test]
async fn terms_without_a_price_stop_when_the_allowance_ends() {
    let Shop { bench, operator, seller, listing, .. } = Shop::open().await;
    let free = offer(&bench, &seller, &listing, json!({"meter": "CHARACTER", "included": "3"})).await;
    bench.done(&operator, "acceptOffer", "agreement { id }", json!({"offerId": free})).await;
    let market = Market { bench, operator, seller, listing };
    market.set(9, 50, "0").await;
    assert_eq!(market.codes(&[(1, "a", "三个字"), (1, "b", "字")]).await, [Value::Null, json!("ALLOWANCE_EXHAUSTED")]);
}

#[tokio::test]
async fn only_what_the_operator_has_an_agreement_on_is_tried() {
    let market = Market::open().await;
    market.set(5, 50, "1").await;
    let input = |listing: &Value| json!({"capability": "pinyin", "listingId": listing, "payload": {"text": "字"}, "idempotencyKey": "a"});
    let tried = market.attempt_with(1, input(&market.listing)).await;
    assert_eq!(tried["trial"]["listing"]["slug"], "pinyin-shop");
    let other = market.attempt_with(2, input(&json!("lst_00000000000000000000000001"))).await;
    assert_eq!(other["errors"][0]["code"], "NOT_TRYABLE");
    let unknown = json!({"capability": "no-such-thing", "payload": {}, "idempotencyKey": "a"});
    assert_eq!(market.attempt_with(2, unknown).await["errors"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn settings_are_bounded_and_what_is_not_given_stays() {
    let market = Market::open().await;
    market.set(5, 50, "0.5").await;
    let input = json!({"isOpen": false, "callsPerAddressPerDay": "6", "callsPerDay": "60"});
    let set = market.bench.done(&market.operator, "setSandbox", "sandboxSettings { isOpen maxCharge }", input).await;
    assert_eq!(set["sandboxSettings"], json!({"isOpen": false, "maxCharge": "0.5"}));
    for (calls, charge, code) in [
        ("0", "1", "SANDBOX_CALLS_OUT_OF_RANGE"),
        ("99999999999", "1", "SANDBOX_CALLS_OUT_OF_RANGE"),
        ("5", "-1", "SANDBOX_CHARGE_NEGATIVE"),
    ] {
        let input = json!({"isOpen": true, "callsPerAddressPerDay": calls, "callsPerDay": "5", "maxCharge": charge});
        let refused =
            market.bench.tried(Some(&market.operator), "setSandbox", "sandboxSettings { isOpen }", input).await;
        assert_eq!(refused["errors"][0]["code"], code);
    }
}
