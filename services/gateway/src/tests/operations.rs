//! What operators, sellers and buyers read about what happened.

use serde_json::{Value, json};

use super::harness::Bench;
use super::invocation::Market;

#[tokio::test]
async fn the_operator_follows_a_correlation_through_the_log() {
    let market = Market::open().await;
    let query = "query($filter: LogEventFilter, $order: LogOrder!) { logEvents(first: 100, filter: $filter,
        order: $order) { totalCount nodes { position stream revision kind version actor correlationId data bodyBytes } } }";
    let ask = async |filter: Value, order: &str| {
        let response = market.bench.ask(Some(&market.operator), query, json!({"filter": filter, "order": order})).await;
        assert!(response.get("errors").is_none(), "{response}");
        response["data"]["logEvents"].clone()
    };
    let stream = format!("agreement-{}", market.agreement.as_str().unwrap());
    let accepted = ask(json!({"stream": stream}), "NEWEST").await["nodes"][0].clone();
    assert_eq!((&accepted["kind"], &accepted["revision"]), (&json!("agreement_accepted"), &json!("0")));
    assert_eq!(accepted["actor"], market.buyer.principal.to_string());
    assert_eq!(accepted["data"]["agreement"], market.agreement);
    let followed = ask(json!({"correlationId": accepted["correlationId"]}), "OLDEST").await;
    let kinds: Vec<_> = followed["nodes"].as_array().unwrap().iter().map(|node| node["kind"].clone()).collect();
    assert_eq!(kinds, [json!("claimed"), json!("agreement_accepted")], "{followed}");
    market.call("a", 3).await;
    let usage = ask(json!({"kind": "usage_recorded"}), "NEWEST").await;
    assert_eq!((&usage["totalCount"], &usage["nodes"][0]["data"]["records"]), (&json!("1"), &json!(1)));
    assert_ne!(usage["nodes"][0]["bodyBytes"], "0");
    let query = "query($at: Count!) { logEvent(position: $at) { kind } }";
    for (position, found) in [
        (accepted["position"].clone(), json!({"kind": "agreement_accepted"})),
        (json!("99999"), Value::Null),
        (json!("0"), Value::Null),
    ] {
        let response = market.bench.ask(Some(&market.operator), query, json!({"at": position})).await;
        assert_eq!(response["data"]["logEvent"], found, "{position}");
    }
}

#[tokio::test]
async fn personal_fields_stay_sealed_in_the_log() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let query = "{ logEvents(filter: { stream: \"member\" }) { nodes { data } } }";
    let response = bench.ask(Some(&operator), query, json!({})).await;
    let shown = response["data"]["logEvents"]["nodes"][0]["data"].to_string();
    assert!(shown.contains("ciphertext") && !shown.contains("operator@example.org"), "{shown}");
}

#[tokio::test]
async fn open_periods_are_listed_for_closing() {
    let market = Market::open().await;
    market.call("a", 98).await;
    let query = "query($filter: OpenPeriodFilter) { openPeriods(filter: $filter) { totalCount nodes { hasEnded calls
        agreement { id } meters { free } } } }";
    let response = market.bench.ask(Some(&market.operator), query, json!({})).await;
    let open =
        json!({"hasEnded": false, "calls": "1", "agreement": {"id": market.agreement}, "meters": [{"free": "98"}]});
    assert_eq!(response["data"]["openPeriods"], json!({"totalCount": "1", "nodes": [open]}));
    let response = market.bench.ask(Some(&market.operator), query, json!({"filter": {"endedOnly": true}})).await;
    assert_eq!(response["data"]["openPeriods"]["totalCount"], "0");
    market
        .bench
        .done(&market.buyer, "cancelAgreement", "agreement { id }", json!({"agreementId": market.agreement}))
        .await;
    let response = market.bench.ask(Some(&market.operator), query, json!({"filter": {"endedOnly": true}})).await;
    assert_eq!(response["data"]["openPeriods"]["nodes"][0]["hasEnded"], true);
}

#[tokio::test]
async fn a_seller_sees_what_was_sold_and_to_whom() {
    let market = Market::open().await;
    market.call("a", 98).await;
    market.call("b", 5).await;
    let query = "{ sellerAnalytics { calls freeCalls valueAddedCalls agreements conversion meters { meter free
        valueAdded } revenue { currencyCode exact } days { totals { calls } } topAgreements { agreement { id }
        totals { calls } } topListings { listing { slug } totals { calls } } } }";
    let shown = market.ask(&market.seller, query).await["sellerAnalytics"].clone();
    let expected = json!({"calls": "2", "freeCalls": "1", "valueAddedCalls": "1", "agreements": "1", "conversion": "1",
        "meters": [{"meter": "CHARACTER", "free": "100", "valueAdded": "3"}],
        "revenue": [{"currencyCode": "CNY", "exact": "0.006"}], "days": [{"totals": {"calls": "2"}}],
        "topAgreements": [{"agreement": {"id": market.agreement}, "totals": {"calls": "2"}}],
        "topListings": [{"listing": {"slug": "pinyin-shop"}, "totals": {"calls": "2"}}]});
    assert_eq!(shown, expected);
    let nothing = market
        .ask(
            &market.buyer,
            "{ sellerAnalytics { calls conversion revenue { exact } failures latencyP99Milliseconds } }",
        )
        .await;
    assert_eq!(
        nothing["sellerAnalytics"],
        json!({"calls": "0", "conversion": null, "revenue": [],
        "failures": "0", "latencyP99Milliseconds": null})
    );
}

#[tokio::test]
async fn a_buyer_sees_what_the_month_will_cost() {
    let market = Market::open().await;
    let query = "{ spendForecast { currencyCode spent low basisDays } }";
    assert_eq!(market.ask(&market.buyer, query).await["spendForecast"], json!([]));
    market.call("a", 98).await;
    market.call("b", 5).await;
    let forecast = json!({"currencyCode": "CNY", "spent": "0.006", "low": "0.006", "basisDays": 0});
    assert_eq!(market.ask(&market.buyer, query).await["spendForecast"], json!([forecast]));
}

#[tokio::test]
async fn the_market_is_counted() {
    let market = Market::open().await;
    market.call("a", 3).await;
    let query = "{ marketOverview { organizations suspendedOrganizations listings { state count } reviewQueue
        agreementsInForce totals { calls } days { totals { calls } } } }";
    let expected = json!({"organizations": "3", "suspendedOrganizations": "0",
        "listings": [{"state": "PUBLISHED", "count": "1"}], "reviewQueue": "0", "agreementsInForce": "1",
        "totals": {"calls": "1"}, "days": [{"totals": {"calls": "1"}}]});
    assert_eq!(market.ask(&market.operator, query).await["marketOverview"], expected);
}

const ESTIMATE: &str =
    "query($input: EstimateOfferInput!) { estimateOffer(input: $input) { errors { code path } estimate {
    lines { meter free valueAdded refused exact amount { amount } tiers { quantity unit exact } } flatFee { amount }
    subtotal { amount } tax { amount } total { amount } commission { amount } share { amount currencyCode } } } }";

#[tokio::test]
async fn an_offer_is_estimated_before_it_is_made() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let set = json!({"commissionBasisPoints": 1_000, "taxBasisPoints": 600});
    bench.done(&operator, "setMarketTerms", "marketTerms { commissionBasisPoints }", set).await;
    let meters = json!([{"meter": "CHARACTER", "included": "100", "price": {"perUnit": "0.002"}}, {"meter": "IMAGE", "included": "5"}]);
    let terms = json!({"currency": "CNY", "period": "MONTH", "flatFee": "9.90", "meters": meters});
    let usage = json!([{"meter": "CHARACTER", "quantity": "2600"}, {"meter": "IMAGE", "quantity": "7"}]);
    let asked = bench.ask(None, ESTIMATE, json!({"input": {"terms": terms, "usage": usage}})).await;
    let tier = json!({"quantity": "2500", "unit": "0.002", "exact": "5"});
    let characters = json!({"meter": "CHARACTER", "free": "100", "valueAdded": "2500", "refused": "0", "exact": "5",
        "amount": {"amount": "5.00"}, "tiers": [tier]});
    let images = json!({"meter": "IMAGE", "free": "5", "valueAdded": "0", "refused": "2", "exact": "0",
        "amount": {"amount": "0.00"}, "tiers": []});
    let estimate = json!({"lines": [characters, images], "flatFee": {"amount": "9.90"}, "subtotal": {"amount": "14.90"},
        "tax": {"amount": "0.89"}, "total": {"amount": "15.79"}, "commission": {"amount": "1.49"},
        "share": {"amount": "13.41", "currencyCode": "CNY"}});
    assert_eq!(asked["data"]["estimateOffer"], json!({"errors": [], "estimate": estimate}));
    let usage = json!([{"meter": "PAGE", "quantity": "1"}]);
    let asked = bench.ask(None, ESTIMATE, json!({"input": {"terms": terms, "usage": usage}})).await;
    assert_eq!(asked["data"]["estimateOffer"]["errors"][0]["code"], "INVOICE_METER_UNCOVERED");
    let nothing = json!({"currency": "CNY", "period": "MONTH", "meters": []});
    let asked = bench.ask(None, ESTIMATE, json!({"input": {"terms": nothing, "usage": []}})).await;
    assert_eq!(asked["data"]["estimateOffer"]["errors"][0]["code"], "TERMS_OFFER_NOTHING");
}

#[tokio::test]
async fn the_platform_says_how_log_and_views_fare() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let query = "{ platform { startedAt log { head bytes lastFlushAt flushP50Microseconds flushP99Microseconds }
        views { name position parked } } }";
    let response = bench.ask(Some(&operator), query, json!({})).await;
    let log = &response["data"]["platform"]["log"];
    assert!(log["lastFlushAt"].is_string() && log["bytes"] != "0", "{response}");
    assert!(log["flushP50Microseconds"].as_u64() <= log["flushP99Microseconds"].as_u64() && log["head"] != "0");
    let views = &response["data"]["platform"]["views"];
    let names: Vec<_> = views.as_array().unwrap().iter().map(|view| view["name"].clone()).collect();
    assert_eq!(names, ["views", "hot_state", "keys", "settlement"]);
}

#[tokio::test]
async fn the_operators_lists_are_filtered() {
    let market = Market::open().await;
    let query = "{ found: organizations(filter: { search: \"SELL\", isSuspended: false }) { totalCount }
        none: organizations(filter: { isSuspended: true }) { totalCount }
        statements(filter: { state: OPEN }) { totalCount } }";
    let shown = market.ask(&market.operator, query).await;
    let count = |count: &str| json!({"totalCount": count});
    assert_eq!(shown, json!({"found": count("1"), "none": count("0"), "statements": count("0")}));
    let query = "{ live: agreements(filter: { state: IN_FORCE }) { totalCount }
        over: agreements(filter: { state: CANCELLED }) { totalCount }
        invoices(filter: { from: \"2026-01-01T00:00:00Z\" }) { totalCount } }";
    let shown = market.ask(&market.buyer, query).await;
    assert_eq!(shown, json!({"live": count("1"), "over": count("0"), "invoices": count("0")}));
}
