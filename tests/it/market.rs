//! A market of one seller and one buyer, built through the public API in a few lines.

use serde_json::{Value, json};

use crate::platform::{Platform, document, text};

/// How a listing names the built-in reference provider.
pub const REFERENCE: &str = "http://reference.localhost/v1/{capability}";
/// A capability that counts calls.
pub const LANGUAGE: &str = "language-identification";
/// A capability that counts characters.
pub const PINYIN: &str = "pinyin-annotation";
/// Of everybody who signs up here.
pub const PASSWORD: &str = "correct horse battery staple";
/// What the tests want to know of a call.
pub const CALL: &str = "invocation { id state output isRepeated sequence estimatedCharge currencyCode
    usage { meter class quantity estimatedCharge basis } }";

/// The session tokens of three parties; the seller has a store.
pub struct Market {
    /// Takes 10 % and adds 6 % tax.
    pub operator: String,
    /// Sells.
    pub seller: String,
    /// Buys.
    pub buyer: String,
}

impl Market {
    /// Signs the parties up.
    pub async fn open(platform: &Platform) -> Self {
        let operator = platform.join_as_operator().await;
        let terms = json!({"commissionBasisPoints": 1000, "taxBasisPoints": 600});
        platform.done(&operator, "setMarketTerms", "marketTerms { taxBasisPoints }", terms).await;
        let seller = platform.join("Seller").await;
        platform.open_store(&seller, "seller-store").await;
        Self { operator, seller, buyer: platform.join("Buyer").await }
    }

    /// Lists a capability at an address, offers it at a price and has the buyer accept.
    pub async fn deal(&self, platform: &Platform, capability: &str, endpoint: &str, meter: Value) -> Deal {
        let listing = platform.list(&self.seller, &self.operator, &[capability], endpoint).await;
        self.sell(platform, &listing, capability, meter).await
    }

    /// Offers a listing at a price and has the buyer accept.
    pub async fn sell(&self, platform: &Platform, listing: &str, capability: &str, meter: Value) -> Deal {
        let offer = platform.offer(&self.seller, listing, &[meter]).await;
        let agreement = platform.accept(&self.buyer, &offer).await;
        let key = platform.key(&self.buyer, &["INVOKE", "USAGE_READ", "BILLING_READ", "AGREEMENTS_WRITE"]).await;
        Deal::of(&agreement, &key, capability)
    }
}

/// An agreement, and a key of its buyer.
#[derive(Clone)]
pub struct Deal {
    /// The agreement.
    pub agreement: String,
    /// Calls, and reads usage and invoices.
    pub key: String,
    capability: String,
}

impl Deal {
    /// A capability of an agreement, called by a key.
    pub fn of(agreement: &str, key: &str, capability: &str) -> Self {
        Self { agreement: agreement.to_owned(), key: key.to_owned(), capability: capability.to_owned() }
    }

    /// The input of a call under it.
    pub fn input(&self, payload: &Value, idempotency_key: &str) -> Value {
        let target = json!({"agreement": {"id": self.agreement, "capability": self.capability}});
        json!({"target": target, "payload": payload, "idempotencyKey": idempotency_key})
    }

    /// Calls; answers the call, which must succeed.
    pub async fn call(&self, platform: &Platform, payload: &Value, idempotency_key: &str) -> Value {
        let mut answered = self.attempt(platform, payload, idempotency_key).await;
        assert_eq!(answered["errors"], json!([]));
        answered["invocation"].take()
    }

    /// Calls; answers the payload.
    pub async fn attempt(&self, platform: &Platform, payload: &Value, idempotency_key: &str) -> Value {
        platform.attempt(&self.key, "invoke", CALL, self.input(payload, idempotency_key)).await
    }

    /// Calls a platform that may be gone before it answers; the call, if it was delivered.
    pub async fn delivered(&self, platform: &Platform, payload: &Value, idempotency_key: &str) -> Option<Value> {
        let variables = json!({"input": self.input(payload, idempotency_key)});
        let response = platform.request(&self.key, &document("invoke", CALL), &variables).send().await.ok()?;
        let mut answer: Value = serde_json::from_str(&response.text().await.ok()?).ok()?;
        let call = answer.pointer_mut("/data/payload/invocation")?.take();
        call.is_object().then_some(call)
    }

    /// Calls, which is refused; answers the error.
    pub async fn refused(&self, platform: &Platform, payload: &Value, idempotency_key: &str) -> Value {
        platform.refused(&self.key, "invoke", self.input(payload, idempotency_key)).await
    }

    /// How the allowance of the agreement's one meter stands.
    pub async fn allowance(&self, platform: &Platform) -> Value {
        const ALLOWANCE: &str =
            "query($id: ID!) { agreement(id: $id) { allowance { included used held remaining valueAdded resetsAt } } }";
        let mut data = platform.read(&self.key, ALLOWANCE, json!({"id": self.agreement})).await;
        data["agreement"]["allowance"][0].take()
    }

    /// The start of its open period.
    pub async fn period(&self, platform: &Platform) -> String {
        let query = "query($id: ID!) { agreement(id: $id) { currentPeriod { start } } }";
        let data = platform.read(&self.key, query, json!({"id": self.agreement})).await;
        text(&data, "/agreement/currentPeriod/start")
    }

    /// How many calls are recorded under it.
    pub async fn recorded(&self, platform: &Platform) -> String {
        let document = "query($id: ID!) { invocations(filter: { agreementId: $id }, first: 1) { totalCount } }";
        let data = platform.read(&self.key, document, json!({"id": self.agreement})).await;
        text(&data, "/invocations/totalCount")
    }
}

/// The payload of a call of [`LANGUAGE`].
pub fn sentence() -> Value {
    json!({"text": "人工智能正在成为新型基础设施。"})
}

/// Terms by the call: so many are free, then each has a price.
pub fn per_call(included: &str, price: &str) -> Value {
    json!({"meter": "REQUEST", "included": included, "price": {"perUnit": price}})
}

/// Units of one class and all meters, of one call.
pub fn units(call: &Value, class: &str) -> u64 {
    let lines = call["usage"].as_array().unwrap().iter().filter(|line| line["class"] == class);
    lines.map(|line| text(line, "/quantity").parse::<u64>().unwrap()).sum()
}

impl Platform {
    /// Founds an organization; answers its owner's session token.
    pub async fn join(&self, name: &str) -> String {
        self.sign_up(name, None).await
    }

    /// Founds the organization that operates the platform, by the token in the data directory.
    pub async fn join_as_operator(&self) -> String {
        let token = std::fs::read_to_string(self.home().data().join("operator-token")).unwrap();
        self.sign_up("Operator", Some(token.trim())).await
    }

    async fn sign_up(&self, name: &str, operator_token: Option<&str>) -> String {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let input = json!({"organizationName": name, "country": "CN", "timeZone": "Asia/Shanghai", "currency": "CNY",
            "email": email, "name": name, "password": PASSWORD, "operatorToken": operator_token});
        self.done("", "signUp", "organization { id }", input).await;
        let credentials = json!({"email": email, "password": PASSWORD});
        text(&self.done("", "signIn", "session { token }", credentials).await, "/session/token")
    }

    /// Opens a party's store.
    pub async fn open_store(&self, seller: &str, slug: &str) {
        let page = json!({"name": {"en": slug}, "description": {"en": "Sells calls."}, "kind": "ENTERPRISE"});
        self.done(seller, "openStore", "provider { id }", json!({"slug": slug, "page": page})).await;
    }

    /// Puts capabilities on the market; answers the listing's id.
    pub async fn list(&self, seller: &str, operator: &str, capabilities: &[&str], endpoint: &str) -> String {
        let listing = self.draft(seller, content(capabilities, endpoint)).await;
        self.probe(seller, &listing).await;
        self.publish(seller, operator, &listing).await;
        listing
    }

    /// Drafts a listing; answers its id.
    pub async fn draft(&self, seller: &str, content: Value) -> String {
        let slug = format!("listing-{}", uuid::Uuid::now_v7().simple());
        let draft = json!({"slug": slug, "content": content});
        text(&self.done(seller, "draftListing", "listing { id }", draft).await, "/listing/id")
    }

    /// Puts a draft on the market.
    pub async fn publish(&self, seller: &str, operator: &str, listing: &str) {
        self.done(seller, "submitListing", "listing { id }", json!({"listingId": listing})).await;
        self.done(operator, "publishListing", "listing { id }", json!({"listingId": listing})).await;
    }

    /// Probes a listing, which passes.
    pub async fn probe(&self, seller: &str, listing: &str) {
        let selection = "probe { hasPassed checks { outcome detail } }";
        let probed = self.done(seller, "probeListing", selection, json!({"listingId": listing})).await;
        assert_eq!(probed["probe"]["hasPassed"], true, "{probed}");
    }

    /// Offers a listing by the month, in CNY; answers the offer's id.
    pub async fn offer(&self, seller: &str, listing: &str, meters: &[Value]) -> String {
        let terms = json!({"currency": "CNY", "period": "MONTH", "meters": meters});
        let offer = json!({"listingId": listing, "name": {"en": "Basic"}, "terms": terms});
        text(&self.done(seller, "publishOffer", "offer { id }", offer).await, "/offer/id")
    }

    /// Accepts an offer; answers the agreement's id.
    pub async fn accept(&self, buyer: &str, offer: &str) -> String {
        let accepted = self.done(buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
        text(&accepted, "/agreement/id")
    }

    /// Closes the period of an agreement that starts then; answers the invoice's id.
    pub async fn close(&self, operator: &str, agreement: &str, start: &str) -> String {
        let close = json!({"agreementId": agreement, "periodStart": start});
        text(&self.done(operator, "closePeriod", "invoice { id }", close).await, "/invoice/id")
    }

    /// Makes an API key; answers its secret.
    pub async fn key(&self, session: &str, scopes: &[&str]) -> String {
        let made = self.done(session, "createApiKey", "secret", json!({"label": "test", "scopes": scopes})).await;
        text(&made, "/secret")
    }
}

/// What a model listing says.
pub fn content(capabilities: &[&str], endpoint: &str) -> Value {
    let model = json!({"endpoint": endpoint, "placement": "CLOUD", "isRepeatable": true});
    json!({"name": {"en": "Calls", "zh": "调用"}, "summary": {"en": "Calls for tests.", "zh": "测试用。"},
        "capabilities": capabilities, "licence": "Apache-2.0", "details": {"model": model}})
}
