//! What is used outside of the gateway by its nature, a compute tier's seconds and a dataset's bytes: sold, reported, and
//! on an invoice that opens down to the reports.

use serde_json::{Value, json};

use crate::ingest::Outlet;
use crate::market::Market;
use crate::platform::{Platform, text};

const INVOICE: &str = "query($id: ID!) { invoice(id: $id) { subtotal { amount } tax { amount } total { amount } calls
    lines { kind meter free valueAdded exact amount { amount } tiers { quantity unit exact }
        invocations { nodes { id kind capability { slug } listing { id }
            usage { meter class quantity estimatedCharge basis } } } } } }";

/// What a listing of another kind than a model says.
fn content(name: &str, details: &Value) -> Value {
    json!({"name": {"en": name}, "summary": {"en": "For tests."}, "capabilities": [], "details": details})
}

fn compute_tier() -> Value {
    let tier =
        json!({"chip": "Ascend 910B", "chipCount": 8, "memoryGib": 512, "purpose": "TRAIN", "placement": "CLOUD"});
    content("Eight chips", &json!({"computeTier": tier}))
}

fn dataset() -> Value {
    let provenance = json!({"en": "Made for tests."});
    let dataset = json!({"mediaType": "text/csv", "downloadUrl": "https://data.example.org/air.csv",
        "sha256": "0".repeat(64), "bytes": "2800012", "rows": "60000", "provenance": provenance});
    content("Air quality", &json!({"dataset": dataset}))
}

/// A listing that was sold by one meter, and who reports that.
struct Good {
    listing: String,
    meter: &'static str,
    outlet: Outlet,
}

impl Good {
    async fn sell(platform: &Platform, market: &Market, content: Value, meter: &'static str, terms: Value) -> Self {
        let listing = platform.draft(&market.seller, content).await;
        platform.publish(&market.seller, &market.operator, &listing).await;
        // None of its capabilities is called: it has none.
        let deal = market.sell(platform, &listing, "", terms).await;
        Self { listing, meter, outlet: Outlet::of(platform, market, deal).await }
    }

    /// An event that names the listing.
    fn event(&self, id: &str, quantity: &str) -> Value {
        let mut event = self.outlet.event(id, quantity);
        event["data"] = json!({"listing": self.listing, "usage": [{"meter": self.meter, "quantity": quantity}]});
        event
    }

    /// Reports quantities one after the other; answers the reports' ids, newest first.
    async fn report(&self, platform: &Platform, quantities: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        for quantity in quantities {
            let event = self.event(&format!("{} {quantity}", self.meter), quantity);
            let answer = self.outlet.report(platform, &event).await;
            assert_eq!((answer.status, text(&answer.json, "/status").as_str()), (200, "ACCEPTED"), "{}", answer.body);
            ids.insert(0, text(&answer.json, "/invocationId"));
        }
        ids
    }

    /// The invoice of the open period, as the buyer reads it.
    async fn invoice(&self, platform: &Platform) -> Value {
        let deal = &self.outlet.deal;
        let id = platform.close(&self.outlet.operator, &deal.agreement, &deal.period(platform).await).await;
        platform.read(&deal.key, INVOICE, json!({"id": id})).await["invoice"].take()
    }

    /// A report as the invoice's line opens to it.
    fn opened(&self, id: &str, usage: &[(&str, &str, &str)]) -> Value {
        let line = |(class, quantity, charge): &(&str, &str, &str)| {
            json!({"meter": self.meter, "class": class, "quantity": quantity, "estimatedCharge": charge,
                "basis": "PROVIDER_REPORTED"})
        };
        let usage: Vec<Value> = usage.iter().map(line).collect();
        json!({"id": id, "kind": "REPORT", "capability": null, "listing": {"id": self.listing}, "usage": usage})
    }
}

/// 7,437 seconds of which 3,600 are free, at 0.0035 each; 5,000,012 bytes of which a million are free, at 0.25 for each
/// million that is begun.
#[tokio::test]
async fn a_tiers_seconds_and_a_datasets_bytes_are_on_invoices_that_open_down_to_the_reports() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let terms = json!({"meter": "LEASE_SECOND", "included": "3600", "price": {"perUnit": "0.0035"}});
    let tier = Good::sell(&platform, &market, compute_tier(), "LEASE_SECOND", terms).await;
    let package = json!({"size": "1000000", "price": "0.25"});
    let terms = json!({"meter": "BYTE", "included": "1000000", "price": {"package": package}});
    let data = Good::sell(&platform, &market, dataset(), "BYTE", terms).await;

    let leased = tier.report(&platform, &["5000", "2437"]).await;
    let delivered = data.report(&platform, &["700000", "1500000", "2800012"]).await;
    let mut foreign = tier.event("of another listing", "1");
    foreign["data"]["listing"] = json!(data.listing);
    let refused = tier.outlet.report(&platform, &foreign).await;
    assert_eq!((refused.status, text(&refused.json, "/code").as_str()), (422, "LISTING_MISMATCH"));

    let amount = |amount: &str| json!({"amount": amount});
    let line = json!({"kind": "USAGE", "meter": "LEASE_SECOND", "free": "3600", "valueAdded": "3837",
    "exact": "13.4295", "amount": amount("13.43"),
    "tiers": [{"quantity": "3837", "unit": "0.0035", "exact": "13.4295"}],
    "invocations": {"nodes": [
        tier.opened(&leased[0], &[("VALUE_ADDED", "2437", "8.5295")]),
        tier.opened(&leased[1], &[("FREE", "3600", "0"), ("VALUE_ADDED", "1400", "4.9")]),
    ]}});
    let invoice = json!({"subtotal": amount("13.43"), "tax": amount("0.81"), "total": amount("14.24"), "calls": "2",
        "lines": [line]});
    assert_eq!(tier.invoice(&platform).await, invoice);
    let line = json!({"kind": "USAGE", "meter": "BYTE", "free": "1000000", "valueAdded": "4000012", "exact": "1.25",
    "amount": amount("1.25"), "tiers": [{"quantity": "5", "unit": "0.25", "exact": "1.25"}],
    "invocations": {"nodes": [
        data.opened(&delivered[0], &[("VALUE_ADDED", "2800012", "0.75")]),
        data.opened(&delivered[1], &[("FREE", "300000", "0"), ("VALUE_ADDED", "1200000", "0.5")]),
        data.opened(&delivered[2], &[("FREE", "700000", "0")]),
    ]}});
    let invoice = json!({"subtotal": amount("1.25"), "tax": amount("0.08"), "total": amount("1.33"), "calls": "3",
        "lines": [line]});
    assert_eq!(data.invoice(&platform).await, invoice);
    assert!(platform.terminate().await.succeed("replay", &["--verify"]).contains("are equal"));
}
