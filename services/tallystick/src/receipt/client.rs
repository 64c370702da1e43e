//! What an audit asks the platform's public API: the invoice, and every receipt behind it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

const INVOICE: &str = "query($id: ID!) { invoice(id: $id) {
    state calls priceVersion period { start end } ranges { stream first last }
    agreement { id terms { prices { meter model unit packageSize tiers { upTo unit flat } } } }
    subtotal { amount currencyCode } tax { amount currencyCode } total { amount currencyCode }
    lines { number kind meter servicePeriod { start end } free valueAdded exact amount { amount currencyCode } } } }";
const RECEIPTS: &str = "query($id: ID!, $after: String) { invoice(id: $id) {
    invocations(first: 100, after: $after) { nodes { id receipt { file } } pageInfo { hasNextPage endCursor } } } }";
const NEIGHBOURS: &str =
    "query($agreement: ID!, $from: DateTime, $until: DateTime, $after: String, $proofs: Boolean!) {
    invocations(filter: { agreementId: $agreement, from: $from, until: $until }, first: 100, after: $after) {
        nodes { id sequence receipt @include(if: $proofs) { file } } pageInfo { hasNextPage endCursor } } }";
const EARLIER: &str = "query($agreement: ID!, $until: DateTime!, $after: String, $side: Side) {
    invoices(filter: { agreement: $agreement, until: $until }, first: 100, after: $after, as: $side) {
        nodes { id period { start end } lines { servicePeriod { start end } meter valueAdded } }
        pageInfo { hasNextPage endCursor } } }";

/// An invoice as the API tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    pub state: String,
    pub calls: Option<String>,
    pub price_version: Option<u32>,
    pub period: Period,
    pub ranges: Vec<Range>,
    pub agreement: Agreement,
    pub subtotal: Option<Amount>,
    pub tax: Option<Amount>,
    pub total: Option<Amount>,
    pub lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
pub struct Period {
    pub start: jiff::Timestamp,
    pub end: jiff::Timestamp,
}

#[derive(Debug, Deserialize)]
pub struct Range {
    pub stream: String,
    pub first: String,
    pub last: String,
}

#[derive(Debug, Deserialize)]
pub struct Agreement {
    pub id: String,
    pub terms: Terms,
}

#[derive(Debug, Deserialize)]
pub struct Terms {
    pub prices: Vec<Price>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    pub meter: String,
    pub model: String,
    pub unit: Option<String>,
    pub package_size: Option<String>,
    pub tiers: Vec<Tier>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tier {
    pub up_to: Option<String>,
    pub unit: String,
    pub flat: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub number: u32,
    pub kind: String,
    pub service_period: Period,
    pub meter: Option<String>,
    pub free: Option<String>,
    pub value_added: Option<String>,
    pub exact: String,
    pub amount: Amount,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    pub amount: String,
    pub currency_code: String,
}

/// What an audit needs of an invoice before the one that is audited.
#[derive(Debug, Deserialize)]
pub struct Earlier {
    pub id: String,
    pub period: Period,
    pub lines: Vec<Billed>,
}

/// A line of an earlier invoice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Billed {
    pub service_period: Period,
    pub meter: Option<String>,
    pub value_added: Option<String>,
}

/// A page of a list, newest first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub nodes: Vec<T>,
    page_info: PageInfo,
}

/// A page of calls.
pub type Calls = Page<Call>;

impl<T> Page<T> {
    /// Where the next page begins, if there is one.
    pub fn next(&self) -> Result<Option<String>> {
        let next = self.page_info.has_next_page.then_some(&self.page_info.end_cursor);
        next.map(|cursor| cursor.clone().context("a page leads nowhere")).transpose()
    }
}

/// A call, as far as was asked for it.
#[derive(Deserialize)]
pub struct Call {
    id: String,
    #[serde(default)]
    sequence: Option<String>,
    #[serde(default)]
    receipt: Option<File>,
}

impl Call {
    /// Its sequence number.
    pub fn sequence(&self) -> Option<u64> {
        self.sequence.as_deref()?.parse().ok()
    }

    /// Its id and its receipt's file.
    pub fn held(self) -> Result<Held> {
        Ok((self.id, self.receipt.context("a call without its receipt")?.file))
    }
}

#[derive(Deserialize)]
struct File {
    file: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// A call's id, and its receipt's file.
pub type Held = (String, String);

/// From an instant, until before another; open where there is none.
pub type Span = (Option<jiff::Timestamp>, Option<jiff::Timestamp>);

/// A client of one platform.
pub struct Client {
    http: reqwest::Client,
    endpoint: String,
    api_key: String,
}

impl Client {
    /// Asks the platform at `url` as the bearer of an API key.
    pub fn new(url: &str, api_key: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).build()?;
        Ok(Self { http, endpoint: format!("{}/graphql", url.trim_end_matches('/')), api_key: api_key.to_owned() })
    }

    /// The invoice.
    pub async fn invoice(&self, id: &str) -> Result<Invoice> {
        self.ask(INVOICE, json!({ "id": id }), "/invoice").await
    }

    /// Hands over the receipt of every call that the invoice covers.
    pub async fn receipts(&self, id: &str, mut take: impl FnMut(Held)) -> Result<()> {
        let mut variables = json!({ "id": id });
        loop {
            let calls: Calls = self.ask(RECEIPTS, variables.clone(), "/invoice/invocations").await?;
            let next = calls.next()?;
            for call in calls.nodes {
                take(call.held()?);
            }
            let Some(next) = next else { return Ok(()) };
            variables["after"] = next.into();
        }
    }

    /// A page of an agreement's calls that were admitted within a span; with `proofs`, their receipts too.
    pub async fn neighbours(&self, agreement: &str, span: Span, after: Option<&str>, proofs: bool) -> Result<Calls> {
        let (from, until) = span;
        let variables =
            json!({ "agreement": agreement, "from": from, "until": until, "after": after, "proofs": proofs });
        self.ask(NEIGHBOURS, variables, "/invocations").await
    }

    /// Hands over the invoices of an agreement for periods that start before an instant. Who buys and the operator are
    /// given them unasked, who sells has to say so; one may be handed over twice.
    pub async fn earlier(&self, agreement: &str, until: jiff::Timestamp, mut take: impl FnMut(&Earlier)) -> Result<()> {
        for side in [None, Some("SELLER")] {
            let mut variables = json!({ "agreement": agreement, "until": until, "side": side });
            loop {
                let page: Page<Earlier> = self.ask(EARLIER, variables.clone(), "/invoices").await?;
                page.nodes.iter().for_each(&mut take);
                let Some(next) = page.next()? else { break };
                variables["after"] = next.into();
            }
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, document: &str, variables: Value, pointer: &str) -> Result<T> {
        let body = serde_json::to_vec(&json!({ "query": document, "variables": variables }))?;
        let request = self.http.post(&self.endpoint).bearer_auth(&self.api_key);
        let response = request.header("content-type", "application/json").body(body).send().await;
        let bytes = response.context("the platform does not answer")?.bytes().await?;
        let mut answer: Value = serde_json::from_slice(&bytes).context("the platform's answer is no JSON")?;
        if let Some(errors) = answer.get("errors") {
            bail!("the platform refuses: {errors}");
        }
        let found = answer.pointer_mut(&format!("/data{pointer}")).map(Value::take).unwrap_or_default();
        serde_json::from_value(found).context("the platform's answer is not of the shape that was asked for")
    }
}
