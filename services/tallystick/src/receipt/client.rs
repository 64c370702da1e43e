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
    lines { number kind meter free valueAdded exact amount { amount currencyCode } } } }";
const RECEIPTS: &str = "query($id: ID!, $after: String) { invoice(id: $id) {
    invocations(first: 100, after: $after) { nodes { id receipt { file } } pageInfo { hasNextPage endCursor } } } }";
const NEIGHBOURS: &str = "query($agreement: ID!, $from: DateTime!, $until: DateTime!, $after: String) {
    invocations(filter: { agreementId: $agreement, from: $from, until: $until }, first: 100, after: $after) {
        nodes { id receipt { file } } pageInfo { hasNextPage endCursor } } }";

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calls {
    nodes: Vec<Call>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
struct Call {
    id: String,
    receipt: File,
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
    pub async fn receipts(&self, id: &str, take: impl FnMut(Held)) -> Result<()> {
        self.pages(RECEIPTS, json!({ "id": id }), "/invoice/invocations", take).await
    }

    /// Hands over the receipts of an agreement's calls that were admitted between two instants.
    pub async fn neighbours(
        &self,
        agreement: &str,
        (from, until): (jiff::Timestamp, jiff::Timestamp),
        take: impl FnMut(Held),
    ) -> Result<()> {
        let variables = json!({ "agreement": agreement, "from": from, "until": until });
        self.pages(NEIGHBOURS, variables, "/invocations", take).await
    }

    async fn pages(
        &self,
        document: &str,
        mut variables: Value,
        pointer: &str,
        mut take: impl FnMut(Held),
    ) -> Result<()> {
        loop {
            let Calls { nodes, page_info } = self.ask(document, variables.clone(), pointer).await?;
            nodes.into_iter().map(|call| (call.id, call.receipt.file)).for_each(&mut take);
            if !page_info.has_next_page {
                return Ok(());
            }
            variables["after"] = page_info.end_cursor.context("a page leads nowhere")?.into();
        }
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
