//! The tour: from an empty directory to a paid invoice, and the same again from the log alone.

use serde_json::{Value, json};

use crate::market::{Deal, PINYIN, REFERENCE, content, units};
use crate::platform::{Home, Platform, text};

const QR_CODE: &str = "qr-code-recognition";
/// A QR code, as PNG in base64; it says 算市 Tallystick.
const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUgAAAIQAAACEAQAAAAB5P74KAAAAxUlEQVR42u2WwQlDMQxDRRfI/ltqA1cv+RRaKJTq+k0OxgdhS7KJ5iOsu/JekbScdCfjhz7jl0pwVt4J8gJHgbC8SEqc0bqSDse26n7yQJmSH2TaUep19H9lf+MgVSZDdlU4CyygSKt+DkUtP9uFRvxKL9MKDC9V/OCbmJHhOn4GD0KPy72Yo5VczpVe0tSWq/RzVhQH1ft1qeYp9x21IHva+5PVwtMtDsoLU7c48K2llp8caEar5jpr7lwg1/fw/hV8qTwB74T+D1kQjogAAAAASUVORK5CYII=";
/// Eleven characters.
const SENTENCE: &str = "重庆银行的行长爱音乐。";

const INVOICE: &str = "query($id: ID!) { invoice(id: $id) {
    state calls total { amount currencyCode } subtotal { amount } tax { amount } priceVersion
    buyer { name } seller { name } ranges { first last }
    lines { kind meter free valueAdded exact amount { amount } tax { amount } tiers { quantity unit flat exact } } } }";

/// Who walks, and where they are.
struct Tour {
    platform: Platform,
    operator: String,
    seller: String,
    buyer: String,
}

impl Tour {
    async fn begin() -> Self {
        let platform = Platform::start().await;
        let operator = platform.join_as_operator().await;
        let terms = json!({"commissionBasisPoints": 1000, "taxBasisPoints": 600});
        platform.done(&operator, "setMarketTerms", "marketTerms { taxBasisPoints }", terms).await;
        let (seller, buyer) = (platform.join("Seller").await, platform.join("Buyer").await);
        Self { platform, operator, seller, buyer }
    }

    /// Draft, submission, changes asked for and made, review passed; answers the listing's id.
    async fn publish_listing(&self) -> String {
        self.platform.open_store(&self.seller, "tour-store").await;
        let said = content(&[PINYIN, QR_CODE], REFERENCE);
        let draft = json!({"slug": "tour-listing", "content": said});
        let drafted = self.on_seller("draftListing", "listing { id state }", draft).await;
        assert_eq!(drafted["listing"]["state"], "DRAFT");
        let listing = drafted["listing"]["id"].clone();
        self.probe_and_submit(&listing).await;
        assert_eq!(self.queue().await, json!([{"slug": "tour-listing", "isInReview": true}]));
        let changes = json!({"listingId": listing, "note": "Say what it cannot do."});
        self.on_operator("requestListingChanges", "listing { id }", changes).await;
        assert_eq!(self.queue().await, json!([]));
        self.revise(&listing, said).await;
        self.on_operator("publishListing", "listing { state }", json!({"listingId": listing})).await;
        let market = "{ listing(slug: \"tour-listing\") { state summary version { number } } }";
        let listed = self.platform.read("", market, json!({})).await;
        let expected = json!({"state": "PUBLISHED", "summary": "Pinyin and QR codes only.", "version": {"number": 1}});
        assert_eq!(listed["listing"], expected);
        text(&listing, "")
    }

    async fn revise(&self, listing: &Value, mut said: Value) {
        said["summary"]["en"] = json!("Pinyin and QR codes only.");
        let revision = json!({"listingId": listing, "content": said});
        let revised = self.on_seller("reviseListing", "listing { reviewNote }", revision).await;
        assert_eq!(revised["listing"]["reviewNote"], "Say what it cannot do.");
        self.probe_and_submit(listing).await;
    }

    async fn probe_and_submit(&self, listing: &Value) {
        self.platform.probe(&self.seller, listing.as_str().unwrap()).await;
        self.on_seller("submitListing", "listing { id }", json!({"listingId": listing})).await;
    }

    /// The titles in the operator's queue.
    async fn queue(&self) -> Value {
        let document = "{ reviewQueue { nodes { slug isInReview } } }";
        self.platform.read(&self.operator, document, json!({})).await["reviewQueue"]["nodes"].take()
    }

    async fn on_seller(&self, mutation: &str, selection: &str, input: Value) -> Value {
        self.platform.done(&self.seller, mutation, selection, input).await
    }

    async fn on_operator(&self, mutation: &str, selection: &str, input: Value) -> Value {
        self.platform.done(&self.operator, mutation, selection, input).await
    }

    /// 20 characters and one image are free; then 0.1525 a character, and 5 for each ten images that are begun.
    async fn buy(&self, listing: &str) -> String {
        let characters = json!({"meter": "CHARACTER", "included": "20", "price": {"perUnit": "0.1525"}});
        let package = json!({"package": {"size": "10", "price": "5"}});
        let images = json!({"meter": "IMAGE", "included": "1", "price": package});
        let offer = self.platform.offer(&self.seller, listing, &[characters, images]).await;
        self.platform.accept(&self.buyer, &offer).await
    }

    async fn close(&self, agreement: &str) -> String {
        let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { start } } }";
        let data = self.platform.read(&self.buyer, query, json!({"id": agreement})).await;
        let start = text(&data, "/agreement/currentPeriod/start");
        let close = json!({"agreementId": agreement, "periodStart": start});
        let closed = self.on_operator("closePeriod", "invoice { id }", close.clone()).await;
        let again = self.on_operator("closePeriod", "invoice { id }", close).await;
        assert_eq!(closed, again, "closing twice changes nothing");
        text(&closed, "/invoice/id")
    }

    async fn balances(&self, key: &str) -> Value {
        let document = "{ ledgerBalances { account { kind } amount { amount } } }";
        self.platform.read(key, document, json!({})).await["ledgerBalances"].take()
    }

    async fn platform_balances(&self) -> Vec<(String, String)> {
        let document = "{ platformBalances { account { kind } amount { amount } } }";
        let data = self.platform.read(&self.operator, document, json!({})).await;
        let balances = data["platformBalances"].as_array().unwrap().iter();
        let mut balances: Vec<_> =
            balances.map(|balance| (text(balance, "/account/kind"), text(balance, "/amount/amount"))).collect();
        balances.sort();
        balances
    }
}

/// The classes of a call's usage, with quantity and estimate.
fn classes(call: &Value) -> Vec<(String, String, String)> {
    let lines = call["usage"].as_array().unwrap().iter();
    lines.map(|line| (text(line, "/class"), text(line, "/quantity"), text(line, "/estimatedCharge"))).collect()
}

fn class(class: &str, quantity: &str, charge: &str) -> (String, String, String) {
    (class.to_owned(), quantity.to_owned(), charge.to_owned())
}

/// Five calls: 26 characters and two images.
async fn call(tour: &Tour, agreement: &str) {
    let key = tour.platform.key(&tour.buyer, &["INVOKE", "USAGE_READ"]).await;
    let characters = Deal::of(agreement, &key, PINYIN);
    let images = Deal::of(agreement, &key, QR_CODE);
    let sentence = json!({"text": SENTENCE});
    let first = characters.call(&tour.platform, &sentence, "1").await;
    assert_eq!(first["output"]["text"], "chóng qìng yín háng de háng zhǎng ài yīn yuè。");
    assert_eq!(classes(&first), [class("FREE", "11", "0")]);
    let second = characters.call(&tour.platform, &sentence, "2").await;
    assert_eq!(classes(&second), [class("FREE", "9", "0"), class("VALUE_ADDED", "2", "0.305")]);
    let third = characters.call(&tour.platform, &json!({"text": "绿色算力"}), "3").await;
    assert_eq!(classes(&third), [class("VALUE_ADDED", "4", "0.61")]);
    let image = json!({"image": IMAGE});
    let fourth = images.call(&tour.platform, &image, "4").await;
    assert_eq!(fourth["output"]["codes"][0]["text"], "算市 Tallystick");
    assert_eq!(classes(&fourth), [class("FREE", "1", "0")]);
    let fifth = images.call(&tour.platform, &image, "5").await;
    assert_eq!(classes(&fifth), [class("VALUE_ADDED", "1", "5")]);
    assert_eq!((units(&fifth, "FREE"), &fifth["state"]), (0, &json!("SETTLED")));
}

/// 6 × 0.1525 = 0.915 → 0.92, one package 5.00; tax 6 % of 5.92 = 0.3552 → 0.36, shared 5.59… : 30.40… → 6 : 30.
fn expected_invoice() -> Value {
    let characters = json!({"kind": "USAGE", "meter": "CHARACTER", "free": "20", "valueAdded": "6", "exact": "0.915",
        "amount": {"amount": "0.92"}, "tax": {"amount": "0.06"},
        "tiers": [{"quantity": "6", "unit": "0.1525", "flat": "0", "exact": "0.915"}]});
    let images = json!({"kind": "USAGE", "meter": "IMAGE", "free": "1", "valueAdded": "1", "exact": "5",
        "amount": {"amount": "5.00"}, "tax": {"amount": "0.30"},
        "tiers": [{"quantity": "1", "unit": "5", "flat": "0", "exact": "5"}]});
    json!({"state": "ISSUED", "calls": "5", "subtotal": {"amount": "5.92"}, "tax": {"amount": "0.36"},
        "total": {"amount": "6.28", "currencyCode": "CNY"}, "priceVersion": 1,
        "buyer": {"name": "Buyer"}, "seller": {"name": "Seller"}, "ranges": [{"first": "1", "last": "5"}],
        "lines": [characters, images]})
}

/// 10 % of 5.92 = 0.592 → 0.59 stays with the platform; 5.33 + 0.59 + 0.36 = 6.28.
async fn check_books(tour: &Tour) {
    let owed = json!([{"account": {"kind": "BUYER_RECEIVABLE"}, "amount": {"amount": "6.28"}}]);
    assert_eq!(tour.balances(&tour.buyer).await, owed);
    let share = json!([{"account": {"kind": "PROVIDER_PAYABLE"}, "amount": {"amount": "-5.33"}}]);
    assert_eq!(tour.balances(&tour.seller).await, share);
    let own = [("COMMISSION_REVENUE", "-0.59"), ("TAX_PAYABLE", "-0.36")];
    assert_eq!(tour.platform_balances().await, own.map(|(kind, amount)| (kind.to_owned(), amount.to_owned())));
}

/// The statement names the same amounts; issuing it closes the month.
async fn settle(tour: &Tour, invoice: &str) {
    let document = "{ statements { nodes { id state gross { amount } commission { amount } share { amount }
        lines { nodes { kind gross { amount } invoice { id } } } } } }";
    let data = tour.platform.read(&tour.seller, document, json!({})).await;
    let statement = &data["statements"]["nodes"][0];
    let amounts = ["/gross/amount", "/commission/amount", "/share/amount"].map(|pointer| text(statement, pointer));
    assert_eq!(amounts, ["5.92", "0.59", "5.33"]);
    assert_eq!(statement["state"], "OPEN");
    let line = json!([{"kind": "SALE", "gross": {"amount": "5.92"}, "invoice": {"id": invoice}}]);
    assert_eq!(statement["lines"]["nodes"], line);
    let issue = json!({"statementId": statement["id"], "early": true});
    let issued = tour.on_operator("issueStatement", "statement { state }", issue).await;
    assert_eq!(issued["statement"]["state"], "ISSUED");
}

/// Less than the total is refused; the total moves what was owed into cash.
async fn pay(tour: &Tour, invoice: &str) {
    let payment = |amount: &str| {
        let amount = json!({"amount": amount, "currencyCode": "CNY"});
        json!({"invoiceId": invoice, "amount": amount, "reference": "transfer 1"})
    };
    let refused = tour.platform.refused(&tour.operator, "payInvoice", payment("6.27")).await;
    assert_eq!(refused["__typename"], "RuleViolated");
    let paid = tour.on_operator("payInvoice", "invoice { state }", payment("6.28")).await;
    assert_eq!(paid["invoice"]["state"], "PAID");
    assert_eq!(tour.balances(&tour.buyer).await[0]["amount"]["amount"], "0.00");
    assert!(tour.platform_balances().await.contains(&("CASH".to_owned(), "6.28".to_owned())));
    let document = "query($id: ID!) { ledgerEntries(filter: {invoice: $id}) {
        nodes { reason postings { amount { amount } } } } }";
    let data = tour.platform.read(&tour.operator, document, json!({"id": invoice})).await;
    let entries = data["ledgerEntries"]["nodes"].as_array().unwrap();
    let reasons: Vec<&Value> = entries.iter().map(|entry| &entry["reason"]).collect();
    assert_eq!(reasons, ["INVOICE_PAID", "INVOICE_ISSUED"]);
    assert!(entries.iter().all(|entry| fen(entry) == 0), "{entries:?}");
}

/// The sum of an entry's postings in minor units.
fn fen(entry: &Value) -> i64 {
    let postings = entry["postings"].as_array().unwrap().iter();
    postings.map(|posting| text(posting, "/amount/amount").replace('.', "").parse::<i64>().unwrap()).sum()
}

/// The command line, on what the platform left behind.
fn check_log(home: &Home) {
    let replayed = home.succeed("replay", &["--verify"]);
    assert!(replayed.contains("1  invoices rated again from their usage records"), "{replayed}");
    assert!(replayed.contains("2  ledger entries that follow"), "{replayed}");
    assert!(replayed.contains("the views in use and the rebuilt ones are equal"), "{replayed}");
    assert!(home.succeed("verify", &[]).contains("nothing is wrong"));
    let batches = home.log(&["--kind", "usage_recorded"]);
    let sequences: Vec<&Value> = batches
        .iter()
        .flat_map(|batch| batch["records"].as_array().unwrap())
        .map(|record| &record["sequence"])
        .collect();
    assert_eq!(sequences.len(), 5);
    assert_eq!(home.log(&["--kind", "invoice_issued"])[0]["event"]["total"]["minor"], 628);
    let people = home.log(&["--kind", "member_joined"]);
    assert_eq!(people.len(), 3);
    assert!(!people.iter().any(|person| person.to_string().contains("buyer@example.org")), "an address is sealed");
}

#[tokio::test]
async fn one_call_after_another_becomes_an_invoice_that_replays_to_the_same_cent() {
    let tour = Tour::begin().await;
    let listing = tour.publish_listing().await;
    let agreement = tour.buy(&listing).await;
    call(&tour, &agreement).await;
    let invoice = tour.close(&agreement).await;
    let shown = tour.platform.read(&tour.buyer, INVOICE, json!({"id": invoice})).await;
    assert_eq!(shown["invoice"], expected_invoice());
    check_books(&tour).await;
    settle(&tour, &invoice).await;
    pay(&tour, &invoice).await;
    check_log(&tour.platform.terminate().await);
}

#[tokio::test]
async fn a_call_after_the_close_belongs_to_the_next_period_and_is_free_again() {
    let tour = Tour::begin().await;
    let listing = tour.publish_listing().await;
    let agreement = tour.buy(&listing).await;
    let key = tour.platform.key(&tour.buyer, &["INVOKE", "USAGE_READ"]).await;
    let deal = Deal::of(&agreement, &key, PINYIN);
    let long = json!({"text": "算".repeat(25)});
    assert_eq!(units(&deal.call(&tour.platform, &long, "before").await, "VALUE_ADDED"), 5);
    tour.close(&agreement).await;
    assert_eq!(units(&deal.call(&tour.platform, &long, "after").await, "FREE"), 20);
}
