//! Calls through the schema, to a provider on this machine.

use accounts::published::actor::Actor;
use serde_json::{Value, json};

use super::harness::Bench;
use super::market::Shop;

const CALL: &str = "invocation { id state output isRepeated sequence estimatedCharge currencyCode
    usage { meter class quantity estimatedCharge basis } capability { slug } agreement { id } }";
const ERRORS: &str = "mutation($input: InvokeInput!) { invoke(input: $input) { invocation { id } errors {
    __typename code path ... on ChargeLimitExceeded { quoted } ... on InvalidPayload { pointer }
    ... on ProviderRefused { providerCode } } } }";

/// A market with one provider that repeats what it is told, and a buyer with 100 free characters and a price of 0.002.
pub struct Market {
    pub bench: Bench,
    pub operator: Actor,
    pub seller: Actor,
    pub buyer: Actor,
    pub agreement: Value,
}

impl Market {
    pub async fn open() -> Self {
        let Shop { bench, operator, seller, offer, .. } = Shop::open().await;
        let buyer = bench.join("buyer", false).await;
        let accepted = bench.done(&buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
        let agreement = accepted["agreement"]["id"].clone();
        Self { bench, operator, seller, buyer, agreement }
    }

    pub async fn call(&self, key: &str, characters: usize) -> Value {
        let payload = self.bench.done(&self.buyer, "invoke", CALL, input(key, &"字".repeat(characters))).await;
        payload["invocation"].clone()
    }

    /// The one error of a call that must fail.
    async fn failure(&self, input: Value) -> Value {
        let response = self.bench.ask(Some(&self.buyer), ERRORS, json!({"input": input})).await;
        let payload = &response["data"]["invoke"];
        assert!(payload["invocation"].is_null(), "{response}");
        payload["errors"][0].clone()
    }

    pub async fn ask(&self, caller: &Actor, query: &str) -> Value {
        let response = self.bench.ask(Some(caller), query, json!({})).await;
        assert!(response.get("errors").is_none(), "{response}");
        response["data"].clone()
    }
}

fn input(key: &str, text: &str) -> Value {
    json!({"target": {"capability": "pinyin"}, "payload": {"text": text}, "idempotencyKey": key})
}

fn line(class: &str, quantity: &str, charge: &str) -> Value {
    json!({"meter": "CHARACTER", "class": class, "quantity": quantity, "estimatedCharge": charge,
        "basis": "GATEWAY_COUNTED"})
}

#[tokio::test]
async fn a_call_that_crosses_the_allowance_is_free_and_charged() {
    let market = Market::open().await;
    let first = market.call("a", 98).await;
    assert_eq!(first["usage"], json!([line("FREE", "98", "0")]));
    assert_eq!((&first["state"], &first["output"]["text"]), (&json!("SETTLED"), &json!("字".repeat(98))));
    let second = market.call("b", 5).await;
    assert_eq!(second["usage"], json!([line("FREE", "2", "0"), line("VALUE_ADDED", "3", "0.006")]));
    assert_eq!((&second["estimatedCharge"], &second["agreement"]["id"]), (&json!("0.006"), &market.agreement));
    let query = "{ agreements { nodes { estimatedCharge allowance { used valueAdded remaining } } }
        usage(by: CAPABILITY) { total { calls meters { free valueAdded } } groups { key label zh: label(language: ZH)
            totals { freeCalls valueAddedCalls estimatedCharges { currencyCode exact } } } } }";
    let shown = market.ask(&market.buyer, query).await;
    let allowance = json!([{"used": "100", "valueAdded": "3", "remaining": "0"}]);
    assert_eq!(shown["agreements"]["nodes"], json!([{"estimatedCharge": "0.006", "allowance": allowance}]));
    assert_eq!(shown["usage"]["total"], json!({"calls": "2", "meters": [{"free": "100", "valueAdded": "3"}]}));
    let totals = json!({"freeCalls": "1", "valueAddedCalls": "1",
        "estimatedCharges": [{"currencyCode": "CNY", "exact": "0.006"}]});
    let group = json!({"key": "pinyin", "label": "Pinyin", "zh": "拼音", "totals": totals});
    assert_eq!(shown["usage"]["groups"], json!([group]));
}

#[tokio::test]
async fn usage_is_filtered_and_its_groups_are_named() {
    let market = Market::open().await;
    market.call("a", 98).await;
    market.call("b", 5).await;
    let query = "query($filter: UsageFilter, $by: UsageGrouping!) { usage(by: $by, filter: $filter) {
        total { calls } groups { key label } } }";
    let ask = async |by: &str, filter: Value| {
        let asked = market.bench.ask(Some(&market.buyer), query, json!({"by": by, "filter": filter})).await;
        assert!(asked.get("errors").is_none(), "{asked}");
        asked["data"]["usage"].clone()
    };
    let caller = market.buyer.principal.to_string();
    let expected = json!({"total": {"calls": "2"}, "groups": [{"key": caller, "label": "buyer"}]});
    assert_eq!(ask("PRINCIPAL", json!({"principal": caller})).await, expected);
    let expected = json!({"total": {"calls": "2"}, "groups": [{"key": "CHARACTER", "label": null}]});
    assert_eq!(ask("METER", json!({"meter": "CHARACTER", "agreementId": market.agreement})).await, expected);
    assert_eq!(ask("DAY", json!({"capability": "chinese-word-segmentation"})).await["total"]["calls"], "0");
    let query = "{ usage(by: DAY, perspective: SELLER, filter: { principal: \"key_1\" }) { total { calls } } }";
    let refused = market.bench.ask(Some(&market.seller), query, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "INVALID_INPUT");
}

#[tokio::test]
async fn calls_are_filtered_from_either_side() {
    let market = Market::open().await;
    let free = market.call("a", 98).await;
    let charged = market.call("b", 5).await;
    let query = "query($filter: InvocationFilter, $side: Perspective!) {
        invocations(filter: $filter, perspective: $side) { totalCount nodes { id } } }";
    let ask = async |caller: &Actor, side: &str, filter: Value| {
        let response = market.bench.ask(Some(caller), query, json!({"side": side, "filter": filter})).await;
        assert!(response.get("errors").is_none(), "{response}");
        let page = &response["data"]["invocations"];
        let ids: Vec<Value> = page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
        assert_eq!(page["totalCount"], ids.len().to_string());
        ids
    };
    let (free, charged) = (free["id"].clone(), charged["id"].clone());
    let both = vec![charged.clone(), free.clone()];
    for (caller, side) in [(&market.buyer, "BUYER"), (&market.seller, "SELLER"), (&market.operator, "PLATFORM")] {
        assert_eq!(ask(caller, side, json!({})).await, both);
        assert_eq!(ask(caller, side, json!({"class": "FREE"})).await, vec![free.clone()]);
        assert_eq!(
            ask(caller, side, json!({"class": "VALUE_ADDED", "capability": "pinyin"})).await,
            vec![charged.clone()]
        );
    }
    assert_eq!(ask(&market.seller, "BUYER", json!({})).await, Vec::<Value>::new());
    let times = market.ask(&market.buyer, "{ invocations { nodes { requestedAt } } }").await;
    let later = &times["invocations"]["nodes"][0]["requestedAt"];
    assert_eq!(ask(&market.buyer, "BUYER", json!({"from": later})).await, vec![charged.clone()]);
    assert_eq!(ask(&market.buyer, "BUYER", json!({"until": later})).await, vec![free.clone()]);
    let principal = json!({"principal": market.buyer.principal.to_string()});
    assert_eq!(ask(&market.buyer, "BUYER", principal.clone()).await, both);
    let refused = market.bench.ask(Some(&market.seller), query, json!({"side": "SELLER", "filter": principal})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "INVALID_INPUT");
}

#[tokio::test]
async fn an_invoice_line_opens_to_its_calls() {
    let market = Market::open().await;
    market.call("a", 98).await;
    let charged = market.call("b", 5).await;
    let agreements = market.ask(&market.buyer, "{ agreements { nodes { currentPeriod { start } } } }").await;
    let start = &agreements["agreements"]["nodes"][0]["currentPeriod"]["start"];
    let input = json!({"agreementId": market.agreement, "periodStart": start});
    let selection = "invoice { lines { meter invocations(first: 1) { totalCount nodes { id }
        pageInfo { hasNextPage } } } }";
    let closed = market.bench.done(&market.operator, "closePeriod", selection, input).await;
    market.call("c", 7).await;
    let calls = json!({"totalCount": "2", "nodes": [{"id": charged["id"]}], "pageInfo": {"hasNextPage": true}});
    assert_eq!(closed["invoice"]["lines"], json!([{"meter": "CHARACTER", "invocations": calls}]));
    let query = "{ invoices { nodes { lines { invocations { totalCount nodes { usage { quantity } } } } } } }";
    let shown = market.ask(&market.seller, &query.replace("invoices {", "invoices(as: SELLER) {")).await;
    assert_eq!(shown["invoices"]["nodes"][0]["lines"][0]["invocations"]["totalCount"], "2");
}

#[tokio::test]
async fn a_repeated_key_is_one_call() {
    let market = Market::open().await;
    let (first, again) = (market.call("a", 3).await, market.call("a", 3).await);
    assert_eq!((&first["id"], &first["isRepeated"]), (&again["id"], &json!(false)));
    assert_eq!(again["isRepeated"], true);
    let error = market.failure(input("a", "别的")).await;
    assert_eq!(error["__typename"], "IdempotencyConflict");
    let shown = market.ask(&market.buyer, "{ invocations { totalCount } }").await;
    assert_eq!(shown["invocations"]["totalCount"], "1");
}

#[tokio::test]
async fn what_fails_says_why_and_uses_nothing() {
    let market = Market::open().await;
    market.call("full", 100).await;
    let limited = json!({"target": {"capability": "pinyin"}, "payload": {"text": "字"}, "idempotencyKey": "k",
        "maxCharge": "0.001"});
    let error = market.failure(limited).await;
    assert_eq!((&error["code"], &error["quoted"]), (&json!("CHARGE_LIMIT_EXCEEDED"), &json!("0.002")));
    let mut wrong = input("k", "");
    wrong["payload"] = json!({"text": 7});
    let error = market.failure(wrong).await;
    assert_eq!((&error["code"], &error["pointer"]), (&json!("INVALID_PAYLOAD"), &json!("/text")));
    let error = market.failure(input("k", "decline")).await;
    assert_eq!((&error["code"], &error["providerCode"]), (&json!("PROVIDER_REFUSED"), &json!("NOT_CHINESE")));
    let mut unknown = input("k", "字");
    unknown["target"] = json!({"agreement": {"id": "agr_00000000000000000000000001", "capability": "pinyin"}});
    let error = market.failure(unknown).await;
    assert_eq!((&error["code"], &error["path"]), (&json!("NOT_FOUND"), &json!(["input", "target"])));
    let shown = market.ask(&market.buyer, "{ agreements { nodes { allowance { used held valueAdded } } } }").await;
    let untouched = json!([{"used": "100", "held": "0", "valueAdded": "0"}]);
    assert_eq!(shown["agreements"]["nodes"][0]["allowance"], untouched);
}

#[tokio::test]
async fn a_quote_says_what_the_call_then_costs() {
    let market = Market::open().await;
    market.call("a", 99).await;
    let query = "query($input: InvokeInput!) { quote(input: $input) { errors { code } candidates { estimatedCharge
        worstCase currencyCode isAvailable usage { class quantity } agreement { id } } } }";
    let asked = json!({"input": input("b", "三个字")});
    let quoted = market.bench.ask(Some(&market.buyer), query, asked).await;
    let usage = json!([{"class": "FREE", "quantity": "1"}, {"class": "VALUE_ADDED", "quantity": "2"}]);
    let candidate = json!({"estimatedCharge": "0.004", "worstCase": "0.006", "currencyCode": "CNY",
        "isAvailable": true, "usage": usage, "agreement": {"id": market.agreement}});
    assert_eq!(quoted["data"]["quote"], json!({"errors": [], "candidates": [candidate]}));
    assert_eq!(market.call("b", 3).await["estimatedCharge"], "0.004");
    let asked = json!({"input": input("c", "三个字")});
    let nobody = market.bench.ask(Some(&market.seller), query, asked).await;
    assert_eq!(nobody["data"]["quote"], json!({"errors": [{"code": "NO_AGREEMENT"}], "candidates": []}));
}

#[tokio::test]
async fn a_call_is_looked_up_by_its_parties_and_names_its_caller_to_the_buyer_alone() {
    let market = Market::open().await;
    let stranger = market.bench.join("stranger", false).await;
    let id = market.call("a", 2).await["id"].clone();
    let query = "query($id: ID!) { invocation(id: $id) { id output principal usage { quantity } } }";
    let principal = market.buyer.principal.to_string();
    let callers = [(&market.buyer, Some(&principal)), (&market.operator, Some(&principal)), (&market.seller, None)];
    for (caller, principal) in callers {
        let found = market.bench.ask(Some(caller), query, json!({"id": id})).await;
        let expected = json!({"id": id, "output": null, "principal": principal, "usage": [{"quantity": "2"}]});
        assert_eq!(found["data"]["invocation"], expected);
    }
    let foreign = market.bench.ask(Some(&stranger), query, json!({"id": id})).await;
    let unknown = market.bench.ask(Some(&stranger), query, json!({"id": "ivk_00000000000000000000000001"})).await;
    assert_eq!(foreign, unknown);
    let query = "query($id: ID!) { invocations(filter: { agreementId: $id }) { totalCount } }";
    let refused = market.bench.ask(Some(&stranger), query, json!({"id": market.agreement})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn calls_are_paged_newest_first() {
    let market = Market::open().await;
    let mut made = Vec::new();
    for key in ["a", "b", "c"] {
        made.push(market.call(key, 1).await["id"].clone());
    }
    made.reverse();
    let query = "query($after: String, $id: ID) { invocations(filter: { agreementId: $id }, first: 2, after: $after) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    let mut listed = Vec::new();
    let mut after = Value::Null;
    for more in [true, false] {
        let variables = json!({"after": after, "id": market.agreement});
        let response = market.bench.ask(Some(&market.seller), query, variables).await;
        let page = &response["data"]["invocations"];
        assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!("3"), &json!(more)));
        listed.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(listed, made);
}

#[tokio::test]
async fn a_cancelled_agreement_takes_no_calls_and_only_its_buyer_or_the_operator_cancels() {
    let market = Market::open().await;
    let cancel = json!({"agreementId": market.agreement});
    let payload = market.bench.tried(Some(&market.seller), "cancelAgreement", "agreement { id }", cancel.clone()).await;
    assert_eq!(payload["errors"], json!([{"code": "NOT_FOUND", "path": ["input", "agreementId"]}]));
    let selection = "agreement { state currentPeriod { start } allowance { meter } estimatedCharge }";
    let cancelled = market.bench.done(&market.buyer, "cancelAgreement", selection, cancel).await;
    let ended = json!({"state": "CANCELLED", "currentPeriod": null, "allowance": [], "estimatedCharge": null});
    assert_eq!(cancelled["agreement"], ended);
    assert_eq!(market.failure(input("k", "字")).await["code"], "NO_AGREEMENT");
}

#[tokio::test]
async fn a_seller_sees_its_sales_but_not_who_called() {
    let market = Market::open().await;
    market.call("a", 3).await;
    let sold = market.ask(&market.seller, "{ usage(by: DAY, perspective: SELLER) { total { calls } } }").await;
    assert_eq!(sold["usage"]["total"]["calls"], "1");
    let bought = market.ask(&market.seller, "{ usage(by: DAY) { total { calls } } }").await;
    assert_eq!(bought["usage"]["total"]["calls"], "0");
    for query in [
        "query($id: ID!) { agreement(id: $id) { usage(by: PRINCIPAL) { total { calls } } } }",
        "query($id: ID!) { agreement(id: $id) { id } usage(by: PRINCIPAL, perspective: SELLER) { total { calls } } }",
    ] {
        let refused = market.bench.ask(Some(&market.seller), query, json!({"id": market.agreement})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{refused}");
    }
}
