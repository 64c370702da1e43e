//! Usage that is told after its period was closed: corrected on the next invoice, credited, and free of fees.

use serde_json::{Value, json};

use crate::ingest::Outlet;
use crate::market::{Market, PINYIN, REFERENCE};
use crate::platform::{Platform, text};

/// The ids of the calls that an invoice lists.
fn listed(invoice: &Value) -> Vec<&Value> {
    invoice["invocations"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect()
}

/// 12 characters in time, then 8 and 3 that come late, each after another close.
#[tokio::test]
async fn late_usage_is_a_correction_line_on_the_next_invoice() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    outlet.report(&platform, &outlet.event("in time", "7")).await;
    let (start, first) = outlet.close(&platform).await;
    assert_eq!((&first["lines"][0]["free"], text(&first, "/subtotal/amount")), (&json!("7"), "0.00".to_owned()));
    let late = outlet.event_at("late", "8", &start);
    assert_eq!(outlet.report(&platform, &late).await.json["status"], "ACCEPTED");
    let used = outlet.used(&platform).await;
    assert_eq!(used, ("0".to_owned(), "0".to_owned()), "the open period's allowance is its own");
    // What is restored comes from the log.
    let platform = platform.restart(&[]).await;
    assert_eq!(outlet.report(&platform, &late).await.json["status"], "DUPLICATE");
    outlet.report(&platform, &outlet.event_at("late too", "1", &start)).await;
    let query =
        "{ openPeriods { nodes { calls meters { meter } late { period { start end } meters { free valueAdded } } } } }";
    let open = platform.read(&outlet.operator, query, json!({})).await["openPeriods"]["nodes"][0].take();
    let late = json!([{"period": first["period"], "meters": [{"free": "3", "valueAdded": "6"}]}]);
    assert_eq!(open, json!({"calls": "2", "meters": [], "late": late}));
    let (_, second) = outlet.close(&platform).await;
    let line = &second["lines"][0];
    assert_eq!((&line["kind"], &line["servicePeriod"]), (&json!("CORRECTION"), &first["period"]));
    assert_eq!((&line["free"], &line["valueAdded"], &line["exact"]), (&json!("3"), &json!("6"), &json!("3")));
    assert_eq!((&line["invocations"]["totalCount"], &second["calls"]), (&json!("2"), &json!("2")));
    assert_eq!(line["invocations"]["nodes"], json!([{"kind": "REPORT"}, {"kind": "REPORT"}]));
    assert_eq!((&second["invocations"]["totalCount"], listed(&second).len()), (&json!("2"), 2));
    outlet.report(&platform, &outlet.event_at("latest", "3", &start)).await;
    let (_, third) = outlet.close(&platform).await;
    let line = &third["lines"][0];
    assert_eq!((&line["exact"], &line["billedTiers"]), (&json!("1.5"), &json!([{"quantity": "6"}])));
    assert_eq!(line["tiers"], json!([{"quantity": "9"}]));
    assert!(listed(&third).len() == 1 && !listed(&second).contains(&listed(&third)[0]), "each call is on one invoice");
    let query = "query($id: ID!) { invoice(id: $id) { subtotal { amount } lines { valueAdded } calls } }";
    let unchanged = platform.read(&outlet.deal.key, query, json!({"id": first["id"]})).await;
    assert_eq!(unchanged["invoice"]["calls"], "1", "nothing issued changes");
    let home = platform.terminate().await;
    let verified = home.succeed("replay", &["--verify"]);
    assert!(verified.contains("3  invoices rated again") && verified.contains("are equal"), "{verified}");
}

/// Ten characters cost 1 each, and 0.25 each as soon as there are more: ten that come late make all of them cheaper.
#[tokio::test]
async fn late_usage_that_falls_into_a_cheaper_tier_is_credited_to_everybody() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let tiers = json!([{"upTo": "10", "unit": "1"}, {"unit": "0.25"}]);
    let terms = json!({"meter": "CHARACTER", "included": "0", "price": {"volume": tiers}});
    let deal = market.deal(&platform, PINYIN, REFERENCE, terms).await;
    let outlet = Outlet::of(&platform, &market, deal).await;
    outlet.report(&platform, &outlet.event("in time", "10")).await;
    let (start, first) = outlet.close(&platform).await;
    outlet.report(&platform, &outlet.event_at("late", "10", &start)).await;
    let (_, second) = outlet.close(&platform).await;
    assert_eq!(
        (text(&first, "/total/amount"), text(&second, "/total/amount")),
        ("10.60".to_owned(), "-5.30".to_owned())
    );
    let document = "{ statements { nodes { gross { amount } commission { amount } share { amount } } } }";
    let settled = platform.read(&market.seller, document, json!({})).await;
    let [gross, commission, share] = ["5.00", "0.50", "4.50"].map(|amount| json!({"amount": amount}));
    let all = json!([{"gross": gross, "commission": commission, "share": share}]);
    assert_eq!(settled["statements"]["nodes"], all, "as if all had come in time");
    for (invoice, amount) in [(first, "10.60"), (second, "-5.30")] {
        let amount = json!({"amount": amount, "currencyCode": "CNY"});
        let payment = json!({"invoiceId": invoice["id"], "amount": amount, "reference": "transfer"});
        let paid = platform.done(&outlet.operator, "payInvoice", "invoice { state }", payment).await;
        assert_eq!(paid["invoice"]["state"], "PAID");
    }
    let owed = platform.read(&outlet.deal.key, "{ ledgerBalances { amount { amount } } }", json!({})).await;
    assert_eq!(owed["ledgerBalances"], json!([{"amount": {"amount": "0.00"}}]));
    let home = platform.terminate().await;
    let verified = home.succeed("replay", &["--verify"]);
    assert!(verified.contains("4  ledger entries that follow") && verified.contains("are equal"), "{verified}");
}

/// An agreement that has ended owes nothing but what was used, however often something comes late.
#[tokio::test]
async fn late_usage_of_a_cancelled_agreement_brings_no_fee_again() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let tiers = json!([{"upTo": "10", "unit": "0.5", "flat": "50"}, {"unit": "0.25"}]);
    let terms = json!({"meter": "CHARACTER", "included": "0", "price": {"graduated": tiers}});
    let deal = market.deal(&platform, PINYIN, REFERENCE, terms).await;
    let outlet = Outlet::of(&platform, &market, deal).await;
    outlet.report(&platform, &outlet.event("in time", "1")).await;
    let start = outlet.deal.period(&platform).await;
    let cancel = json!({"agreementId": outlet.deal.agreement});
    platform.done(&market.buyer, "cancelAgreement", "agreement { state }", cancel).await;
    let close = async |start: String| {
        let close = json!({"agreementId": outlet.deal.agreement, "periodStart": start});
        let selection = "invoice { subtotal { amount } period { end } lines { kind exact } }";
        platform.done(&outlet.operator, "closePeriod", selection, close).await["invoice"].take()
    };
    let last = close(start.clone()).await;
    assert_eq!(text(&last, "/subtotal/amount"), "50.50");
    assert_eq!(outlet.report(&platform, &outlet.event_at("late", "1", &start)).await.json["status"], "ACCEPTED");
    let open = async || {
        let query = "{ openPeriods { nodes { period { start } calls hasEnded } } }";
        platform.read(&outlet.operator, query, json!({})).await["openPeriods"]["nodes"].take()
    };
    let rest = text(&last, "/period/end");
    let waiting = json!([{"period": {"start": rest}, "calls": "1", "hasEnded": false}]);
    assert_eq!(open().await, waiting, "it waits for an invoice");
    let after = close(rest).await;
    assert_eq!(after["lines"], json!([{"kind": "CORRECTION", "exact": "0.5"}]));
    assert_eq!(open().await, json!([]));
    assert!(platform.terminate().await.succeed("replay", &["--verify"]).contains("are equal"));
}
