//! The demo market, made through the public API by the same mutations a person would use.
//!
//! Deterministic but for ids and secrets. Interrupted, it goes on where it stopped: every step has an idempotency key.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::Seed;
use crate::paths::{DataDirectory, kept, random_hex, write_secret};

/// The file of what the demo's passwords are derived from.
const SECRET: &str = "demo-secret";
const MARKET: &str = include_str!("../demo/market.json");

const SIGN_UP: &str = "mutation($input: SignUpInput!) { answer: signUp(input: $input) { errors { code message } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { answer: signIn(input: $input) {
    session { token } errors { code message } } }";
const CREATE_KEY: &str = "mutation($input: CreateApiKeyInput!) { answer: createApiKey(input: $input) {
    secret errors { code message } } }";
const SET_TERMS: &str = "mutation($input: SetMarketTermsInput!) { answer: setMarketTerms(input: $input) {
    errors { code message } } }";
const OPEN_STORE: &str = "mutation($input: OpenStoreInput!) { answer: openStore(input: $input) {
    errors { code message } } }";
const DRAFT: &str = "mutation($input: DraftListingInput!) { answer: draftListing(input: $input) {
    listing { id } errors { code message } } }";
const PROBE: &str = "mutation($input: ListingInput!) { answer: probeListing(input: $input) {
    probe { hasPassed } errors { code message } } }";
const SUBMIT: &str = "mutation($input: ListingInput!) { answer: submitListing(input: $input) {
    errors { code message } } }";
const PUBLISH: &str = "mutation($input: ListingInput!) { answer: publishListing(input: $input) {
    errors { code message } } }";
const OFFER: &str = "mutation($input: PublishOfferInput!) { answer: publishOffer(input: $input) {
    offer { id } errors { code message } } }";
const SET_SANDBOX: &str = "mutation($input: SetSandboxInput!) { answer: setSandbox(input: $input) {
    errors { code message } } }";
const ACCEPT: &str = "mutation($input: AcceptOfferInput!) { answer: acceptOffer(input: $input) {
    errors { code message } } }";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Market {
    operator: Operator,
    sellers: Vec<Seller>,
    buyer: Party,
}

#[derive(Deserialize)]
struct Party {
    name: String,
    email: String,
    person: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operator {
    #[serde(flatten)]
    party: Party,
    commission_basis_points: u32,
    tax_basis_points: u32,
    /// What visitors may try.
    sandbox: Value,
}

#[derive(Deserialize)]
struct Seller {
    #[serde(flatten)]
    party: Party,
    store: Value,
    listings: Vec<Listing>,
}

#[derive(Deserialize)]
struct Listing {
    slug: String,
    content: Value,
    offers: Vec<Offer>,
}

#[derive(Deserialize)]
struct Offer {
    name: Value,
    terms: Value,
    /// Whether the demo's buyer accepts it.
    accept: bool,
    /// Whether the operator accepts it, so that visitors can try what it is on.
    #[serde(default)]
    sandbox: bool,
}

/// Offers by who accepts them.
#[derive(Default)]
struct Wanted {
    buyer: Vec<String>,
    operator: Vec<String>,
}

/// What the tour needs; only the owner of the data directory may read it.
#[derive(Serialize)]
struct Keys {
    buyer_key: String,
    seller_key: String,
    operator_key: String,
    url: String,
    /// For signing in on the pages, by e-mail address.
    passwords: Value,
}

/// Seeds a running platform.
pub async fn run(options: &Seed) -> Result<()> {
    let directory = DataDirectory::of_platform(&options.data)?;
    demo(&directory, &options.url).await
}

/// Whether the platform's market is the demo's, as far as that has come.
pub fn is_begun(directory: &DataDirectory) -> bool {
    directory.path().join(SECRET).is_file()
}

/// Makes the demo market on the platform at `url`, unless its keys are there already.
pub async fn demo(directory: &DataDirectory, url: &str) -> Result<()> {
    if directory.demo().is_file() {
        return Ok(());
    }
    let market: Market = serde_json::from_str(MARKET).context("demo/market.json")?;
    let seeding = Seeding::new(directory.path(), url)?;
    let token = std::fs::read_to_string(directory.operator_token()).ok();
    let operator = seeding.join(&market.operator.party, token.as_deref().map(str::trim)).await?;
    let terms = json!({
        "commissionBasisPoints": market.operator.commission_basis_points,
        "taxBasisPoints": market.operator.tax_basis_points,
        "idempotencyKey": "demo",
    });
    seeding.ask(&operator, SET_TERMS, terms).await?;
    let (mut wanted, mut sellers) = (Wanted::default(), Vec::new());
    for seller in &market.sellers {
        let session = seeding.join(&seller.party, None).await?;
        seeding.sell(&session, &operator, seller, &mut wanted).await?;
        sellers.push(session);
    }
    let buyer = seeding.join(&market.buyer, None).await?;
    seeding.accept(&buyer, &wanted.buyer).await?;
    seeding.accept(&operator, &wanted.operator).await?;
    seeding.ask(&operator, SET_SANDBOX, market.operator.sandbox.clone()).await?;
    let keys = Keys {
        buyer_key: seeding.key(&buyer, &["INVOKE", "USAGE_READ", "BILLING_READ", "AGREEMENTS_WRITE"]).await?,
        seller_key: seeding
            .key(sellers.first().context("no seller")?, &["USAGE_READ", "USAGE_REPORT", "BILLING_READ", "STORE_WRITE"])
            .await?,
        operator_key: seeding.key(&operator, &["OPERATE", "USAGE_READ", "BILLING_READ"]).await?,
        url: url.to_owned(),
        passwords: seeding.passwords(&market),
    };
    write_secret(&directory.demo(), &serde_json::to_string_pretty(&keys)?)?;
    tracing::info!(keys = %directory.demo().display(), "the demo market is ready");
    Ok(())
}

/// A client of the platform, with the secret from which the demo's passwords are derived.
struct Seeding {
    client: reqwest::Client,
    endpoint: String,
    secret: String,
}

impl Seeding {
    fn new(directory: &Path, url: &str) -> Result<Self> {
        let secret = kept(&directory.join(SECRET), || random_hex(32))?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { client, endpoint: format!("{}/graphql", url.trim_end_matches('/')), secret })
    }

    fn password(&self, email: &str) -> String {
        let digest = Sha256::digest(format!("{} {email}", self.secret));
        kernel::merkle::hex(digest.get(..12).unwrap_or_default())
    }

    fn passwords(&self, market: &Market) -> Value {
        let parties = market.sellers.iter().map(|seller| &seller.party).chain([&market.operator.party, &market.buyer]);
        parties.map(|party| (party.email.clone(), Value::String(self.password(&party.email)))).collect()
    }

    /// Signs a party up and in; answers its session token. A party that can sign in has signed up before: the
    /// operator's token is worth nothing then.
    async fn join(&self, party: &Party, operator_token: Option<&str>) -> Result<String> {
        let password = self.password(&party.email);
        let input = json!({
            "organizationName": party.name, "country": "CN", "timeZone": "Asia/Shanghai", "currency": "CNY",
            "email": party.email, "name": party.person, "password": password,
            "operatorToken": operator_token, "idempotencyKey": "demo",
        });
        let signed_up = self.post(None, SIGN_UP, input).await;
        let signed_in = self.post(None, SIGN_IN, json!({"email": party.email, "password": password})).await;
        text(&signed_in.or_else(|error| signed_up.and(Err(error)))?, "/session/token")
    }

    async fn accept(&self, session: &str, offers: &[String]) -> Result<()> {
        for offer in offers {
            self.ask(session, ACCEPT, json!({"offerId": offer, "idempotencyKey": format!("demo {offer}")})).await?;
        }
        Ok(())
    }

    /// Opens a store, lists and has everything reviewed; notes who wants which offer.
    async fn sell(&self, seller: &str, operator: &str, plan: &Seller, wanted: &mut Wanted) -> Result<()> {
        let mut store = plan.store.clone();
        store["idempotencyKey"] = json!("demo");
        self.ask(seller, OPEN_STORE, store).await?;
        for listing in &plan.listings {
            self.list(seller, operator, listing, wanted).await.with_context(|| listing.slug.clone())?;
        }
        Ok(())
    }

    async fn list(&self, seller: &str, operator: &str, plan: &Listing, wanted: &mut Wanted) -> Result<()> {
        let key = format!("demo {}", plan.slug);
        let draft = json!({"slug": plan.slug, "content": plan.content, "idempotencyKey": key});
        let listing = text(&self.ask(seller, DRAFT, draft).await?, "/listing/id")?;
        if plan.content.pointer("/details/model").is_some() {
            self.ask(seller, PROBE, json!({"listingId": listing, "idempotencyKey": key})).await?;
        }
        self.ask(seller, SUBMIT, json!({"listingId": listing, "idempotencyKey": key})).await?;
        self.ask(operator, PUBLISH, json!({"listingId": listing, "idempotencyKey": key})).await?;
        for (index, offer) in plan.offers.iter().enumerate() {
            let input = json!({
                "listingId": listing, "name": offer.name, "terms": offer.terms,
                "idempotencyKey": format!("{key} {index}"),
            });
            let id = text(&self.ask(seller, OFFER, input).await?, "/offer/id")?;
            wanted.buyer.extend(offer.accept.then(|| id.clone()));
            wanted.operator.extend(offer.sandbox.then_some(id));
        }
        Ok(())
    }

    async fn key(&self, session: &str, scopes: &[&str]) -> Result<String> {
        let answer = self.ask(session, CREATE_KEY, json!({"label": "tour", "scopes": scopes})).await?;
        text(&answer, "/secret")
    }

    async fn ask(&self, session: &str, document: &str, input: Value) -> Result<Value> {
        self.post(Some(session), document, input).await
    }

    /// Sends one mutation and answers its payload; whatever is wrong with it is an error.
    async fn post(&self, session: Option<&str>, document: &str, input: Value) -> Result<Value> {
        let body = serde_json::to_vec(&json!({"query": document, "variables": {"input": input}}))?;
        let mut request = self.client.post(&self.endpoint).header("content-type", "application/json").body(body);
        if let Some(session) = session {
            request = request.bearer_auth(session);
        }
        let response = request.send().await.context("the platform does not answer")?.bytes().await?;
        let mut response: Value = serde_json::from_slice(&response).context("the platform's answer is no JSON")?;
        if let Some(errors) = response.get("errors") {
            bail!("{errors}");
        }
        let payload = response.pointer_mut("/data/answer").map(Value::take).unwrap_or_default();
        let refused = payload.get("errors").and_then(Value::as_array).is_some_and(|errors| !errors.is_empty());
        ensure!(!refused, "{}", payload["errors"]);
        Ok(payload)
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned).with_context(|| format!("the answer lacks {pointer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The datasets of the demo market, and the files that the pages bring along.
    const FILES: &[(&str, &str)] = &[
        (
            "/datasets/national-ai-strategies-2017-2020.csv",
            include_str!("../../../web/public/datasets/national-ai-strategies-2017-2020.csv"),
        ),
        ("/datasets/capability-catalog.csv", include_str!("../../../web/public/datasets/capability-catalog.csv")),
    ];

    #[test]
    fn the_demos_datasets_are_what_their_listings_say() {
        let market: Market = serde_json::from_str(MARKET).unwrap();
        let listings = market.sellers.iter().flat_map(|seller| &seller.listings);
        let datasets: Vec<&Value> =
            listings.filter_map(|listing| listing.content.pointer("/details/dataset")).collect();
        assert_eq!(datasets.len(), FILES.len());
        for dataset in datasets {
            let (url, file) = FILES.iter().find(|(url, _)| dataset["downloadUrl"] == *url).unwrap();
            assert_eq!(dataset["sha256"], kernel::merkle::hex(&Sha256::digest(file)), "{url}");
            assert_eq!(dataset["bytes"], file.len().to_string(), "{url}");
            assert_eq!(dataset["rows"], (file.lines().count() - 1).to_string(), "{url}");
        }
    }
}
