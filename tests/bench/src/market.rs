//! The smallest market in which a call can be made, built through the public API like anybody's.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use eventlog::clock::{Clock, SystemClock};
use jiff::Timestamp;
use kernel::id::{AgreementId, ListingId, OrganizationId};
use reqwest::Client;
use serde_json::{Value, json};

use crate::ingest::{event, parsed};
use crate::load::{KEY, Request, Target};
use crate::upstream::CAPABILITY;

const PASSWORD: &str = "correct horse battery staple";
const INVOKE: &str = "mutation Invoke($input: InvokeInput!) { invoke(input: $input) \
    { invocation { id state output usage { class quantity } } errors { code message } } }";
/// As `web/src/features/usage/glance.graphql`.
const DASHBOARD: &str = "query Dashboard($watched: ID!) { \
    month: usage(by: DAY, perspective: BUYER) { period { start end } total { ...Sums } \
        groups { key start label totals { ...Sums } } } \
    invocations(first: 20, perspective: BUYER) { totalCount nodes { id state capability { slug } usage { class quantity } } } \
    watched: invocations(first: 1, perspective: BUYER, filter: {agreementId: $watched}) { totalCount nodes { id } } } \
    fragment Sums on UsageTotals { calls freeCalls valueAddedCalls meters { meter free valueAdded } \
        estimatedCharges { currencyCode exact } }";

/// What a buyer needs to call.
pub struct Market {
    api: Api,
    operator: String,
    seller: String,
    buyer: String,
    key: String,
    /// Under which the load is.
    agreement: String,
    /// Under which nothing is but what is looked for.
    watched: String,
}

impl Market {
    /// Signs up an operator, a seller and a buyer; lists the upstream, offers and accepts it.
    pub async fn build(server: SocketAddr, data: &Path, upstream: SocketAddr) -> Result<Self> {
        let api = Api { client: Client::builder().no_proxy().build()?, server };
        let operator_token = fs::read_to_string(data.join("operator-token")).context("operator-token")?;
        let operator = api.sign_up("Operator", Some(operator_token.trim())).await?;
        let seller = api.sign_up("Seller", None).await?;
        let buyer = api.sign_up("Buyer", None).await?;
        let listing = api.publish_listing(&operator, &seller, upstream).await?;
        let agreed = async || {
            let published = api.run(&seller, "publishOffer", "offer { id }", offer(&listing)).await?;
            let accept = json!({"offerId": text(&published, "/offer/id")?});
            let accepted = api.run(&buyer, "acceptOffer", "agreement { id }", accept).await?;
            text(&accepted, "/agreement/id")
        };
        let (agreement, watched) = (agreed().await?, agreed().await?);
        let create = json!({"label": "bench", "scopes": ["INVOKE"]});
        let created = api.run(&buyer, "createApiKey", "secret", create).await?;
        let key = text(&created, "/secret")?;
        Ok(Self { api, operator, seller, buyer, key, agreement, watched })
    }

    /// What the seller needs to report.
    pub async fn outlet(&self) -> Result<Outlet> {
        let create = json!({"label": "bench", "scopes": ["USAGE_REPORT"]});
        let created = self.api.run(&self.seller, "createApiKey", "secret", create).await?;
        let query = "query($id: ID!) { agreement(id: $id) { id buyer { id } seller { id } listing { id } \
            currentPeriod { start } } }";
        let request = json!({"query": query, "variables": {"id": self.agreement}});
        let data = self.api.ask(&self.buyer, &request).await?;
        let now = SystemClock.now();
        Ok(Outlet {
            key: text(&created, "/secret")?,
            agreement: parsed(&data, "/agreement/id")?,
            buyer: parsed(&data, "/agreement/buyer/id")?,
            seller: parsed(&data, "/agreement/seller/id")?,
            listing: parsed(&data, "/agreement/listing/id")?,
            period_start: parsed(&data, "/agreement/currentPeriod/start")?,
            now,
        })
    }

    /// The same market, where the platform listens now.
    pub fn at(mut self, server: SocketAddr) -> Self {
        self.api.server = server;
        self
    }

    /// Calls that the meter has counted so far.
    pub async fn counted(&self) -> Result<u64> {
        let query = "query($id: ID!) { agreement(id: $id) { allowance { used } } }";
        let request = json!({"query": query, "variables": {"id": self.agreement}});
        let data = self.api.ask(&self.buyer, &request).await?;
        Ok(text(&data, "/agreement/allowance/0/used")?.parse()?)
    }

    /// Closes the open period and issues its invoice; how many calls it had, and how long it took.
    pub async fn close(&self) -> Result<(u64, Duration)> {
        let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { start } } }";
        let request = json!({"query": query, "variables": {"id": self.agreement}});
        let data = self.api.ask(&self.buyer, &request).await?;
        let input =
            json!({"agreementId": self.agreement, "periodStart": text(&data, "/agreement/currentPeriod/start")?});
        let calls = self.counted().await?;
        let began = Instant::now();
        self.api.run(&self.operator, "closePeriod", "invoice { id state }", input).await?;
        Ok((calls, began.elapsed()))
    }

    /// Makes the only call of its period.
    pub async fn call_once(&self) -> Result<()> {
        self.call(&self.agreement, "the only call of its period").await.map(|_| ())
    }

    /// Makes one call; how long after its answer the dashboard's query has shown it.
    pub async fn seen_after(&self, key: &str) -> Result<Duration> {
        let id = self.call(&self.watched, key).await?;
        let answered = Instant::now();
        let shown = self.dashboard().await?;
        ensure!(shown.pointer("/watched/nodes/0/id") == Some(&json!(id)), "{id} is not shown: {shown}");
        Ok(answered.elapsed())
    }

    /// Reports one event, the `number`th; how long after its answer the dashboard's query has shown it.
    pub async fn report_seen_after(&self, outlet: &Outlet, number: u64) -> Result<Duration> {
        let event = event(&format!("watched {number}"), &self.watched, outlet.now);
        let post = self.api.client.post(format!("http://{}/v1/events", self.api.server)).bearer_auth(&outlet.key);
        let answer = post.header("content-type", "application/cloudevents+json").body(event).send().await?;
        let answer = answer.error_for_status()?.text().await?;
        let answered = Instant::now();
        let shown = self.dashboard().await?;
        ensure!(shown.pointer("/watched/totalCount") == Some(&json!(number.to_string())), "{answer} but {shown}");
        Ok(answered.elapsed())
    }

    /// What the usage dashboard asks for, and the newest of what is looked for.
    async fn dashboard(&self) -> Result<Value> {
        self.api.ask(&self.buyer, &json!({"query": DASHBOARD, "variables": {"watched": self.watched}})).await
    }

    async fn call(&self, agreement: &str, key: &str) -> Result<String> {
        let target = json!({"agreement": {"id": agreement, "capability": CAPABILITY}});
        let payload = json!({"a": "usage based billing", "b": "Usage-based billing"});
        let input = json!({"target": target, "payload": payload, "idempotencyKey": key});
        let called = self.api.ask(&self.key, &json!({"query": INVOKE, "variables": {"input": input}})).await?;
        text(&called, "/invoke/invocation/id")
    }

    /// The call that is made again and again, each time with another idempotency key.
    pub fn target(&self) -> Target {
        let payload = json!({"a": "usage based billing", "b": "Usage-based billing"});
        let input = json!({"target": {"agreement": {"id": self.agreement, "capability": CAPABILITY}},
            "payload": payload, "idempotencyKey": KEY});
        let body = json!({"query": INVOKE, "variables": {"input": input}}).to_string();
        let authorization = format!("Bearer {}", self.key);
        let request = Request::post(self.api.server, "/graphql", &[("authorization", &authorization)], &body);
        Target { address: self.api.server, request }
    }
}

/// An agreement, and a key of its seller.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// Reports.
    pub key: String,
    /// The agreement.
    pub agreement: AgreementId,
    /// Who buys.
    pub buyer: OrganizationId,
    /// Who sells.
    pub seller: OrganizationId,
    /// What is sold.
    pub listing: ListingId,
    /// The start of its open period.
    pub period_start: Timestamp,
    /// An instant within it.
    pub now: Timestamp,
}

fn offer(listing: &str) -> Value {
    let meter = json!({"meter": "REQUEST", "included": "1000000000", "price": {"perUnit": "0.0001"}});
    let terms = json!({"currency": "CNY", "period": "MONTH", "meters": [meter]});
    json!({"listingId": listing, "name": {"en": "Plenty"}, "terms": terms})
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    Ok(value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("{pointer} in {value}"))?.to_owned())
}

/// The type of a mutation's input.
fn input_of(mutation: &str) -> String {
    let (initial, rest) = mutation.split_at_checked(1).unwrap_or_default();
    match mutation {
        // A listing is named in the same way, whatever is done to it.
        "probeListing" | "submitListing" | "publishListing" => "ListingInput".to_owned(),
        _ => format!("{}{rest}Input", initial.to_uppercase()),
    }
}

/// The platform's GraphQL API.
struct Api {
    client: Client,
    server: SocketAddr,
}

impl Api {
    /// Founds an organization and gives its owner's token.
    async fn sign_up(&self, name: &str, operator_token: Option<&str>) -> Result<String> {
        let email = format!("{}@bench.example", name.to_lowercase());
        let found = json!({"organizationName": name, "country": "CN", "timeZone": "Asia/Shanghai", "currency": "CNY",
            "email": email, "name": name, "password": PASSWORD, "operatorToken": operator_token});
        self.run("", "signUp", "organization { id }", found).await?;
        let session =
            self.run("", "signIn", "session { token }", json!({"email": email, "password": PASSWORD})).await?;
        text(&session, "/session/token")
    }

    async fn publish_listing(&self, operator: &str, seller: &str, upstream: SocketAddr) -> Result<String> {
        let page =
            json!({"name": {"en": "Nothing"}, "description": {"en": "Does nothing, fast."}, "kind": "ENTERPRISE"});
        self.run(seller, "openStore", "provider { id }", json!({"slug": "nothing", "page": page})).await?;
        let model = json!({"endpoint": format!("http://{upstream}/"), "placement": "CLOUD"});
        let content = json!({"name": {"en": "Nothing"}, "summary": {"en": "A constant."}, "capabilities": [CAPABILITY],
            "details": {"model": model}});
        let draft = json!({"slug": "nothing", "content": content});
        let drafted = self.run(seller, "draftListing", "listing { id }", draft).await?;
        let listing = text(&drafted, "/listing/id")?;
        self.run(seller, "probeListing", "probe { hasPassed }", json!({"listingId": listing})).await?;
        self.run(seller, "submitListing", "listing { id }", json!({"listingId": listing})).await?;
        self.run(operator, "publishListing", "listing { id }", json!({"listingId": listing})).await?;
        Ok(listing)
    }

    /// Runs a mutation that takes one input, and gives its payload; errors of either kind end the benchmark.
    async fn run(&self, token: &str, mutation: &str, selection: &str, input: Value) -> Result<Value> {
        let query = format!(
            "mutation($input: {}!) {{ payload: {mutation}(input: $input) \
             {{ {selection} errors {{ code message }} }} }}",
            input_of(mutation)
        );
        let data = self.ask(token, &json!({"query": query, "variables": {"input": input}})).await?;
        let payload = data.get("payload").cloned().unwrap_or_default();
        ensure!(payload.get("errors") == Some(&json!([])), "{mutation}: {payload}");
        Ok(payload)
    }

    async fn ask(&self, token: &str, request: &Value) -> Result<Value> {
        let post = self.client.post(format!("http://{}/graphql", self.server));
        let post = post.header("content-type", "application/json").header("accept", "application/json");
        let post = if token.is_empty() { post } else { post.bearer_auth(token) };
        let answer = post.body(request.to_string()).send().await?.text().await?;
        let answer: Value = serde_json::from_str(&answer).with_context(|| answer.clone())?;
        ensure!(answer.get("errors").is_none(), "{request}: {answer}");
        Ok(answer.get("data").cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_named_after_their_mutations() {
        assert_eq!(input_of("signUp"), "SignUpInput");
        assert_eq!(input_of("publishListing"), "ListingInput");
    }
}
