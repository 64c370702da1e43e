//! From a store to an agreement, through the schema alone.

use accounts::published::actor::Actor;
use serde_json::{Value, json};

use super::harness::Bench;
use super::provider;

const LANDING: &str = "query Landing {
  capabilities(first: 0) { totalCount }
  categories { id name(language: EN) nameZh: name(language: ZH) capabilityCount answeredCount }
  listings(first: 6) { totalCount nodes { slug kind name(language: EN) nameZh: name(language: ZH) provider { name } } }
}";

/// Defines one callable capability.
pub async fn define(bench: &Bench, operator: &Actor) {
    let definition = json!({"slug": "pinyin", "category": "nlp", "subcategory": "text",
        "name": {"en": "Pinyin", "zh": "拼音"}, "inputs": ["text"], "outputs": ["text"], "meter": "CHARACTER",
        "quotedPer": 1000});
    bench.done(operator, "defineCapability", "capability { id isAnswered }", definition).await;
    let contract = json!({"capability": "pinyin", "version": 1, "summary": {"en": "To pinyin", "zh": "转拼音"},
        "meter": "CHARACTER", "countCharactersAt": ["/text"],
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        "outputSchema": {"type": "object"}, "examples": [{"input": {"text": "好"}, "output": {"text": "hao"}}]});
    bench.done(operator, "defineContract", "capability { contract { version } }", contract).await;
}

/// Opens a store with one draft; answers the listing's id.
pub async fn draft(bench: &Bench, seller: &Actor, slug: &str) -> Value {
    let page = json!({"name": {"en": slug}, "description": {"en": "Texts"}, "kind": "ENTERPRISE"});
    bench.done(seller, "openStore", "provider { id }", json!({"slug": slug, "page": page})).await;
    let content = json!({"name": {"en": "Pinyin", "zh": "拼音"}, "summary": {"en": "To pinyin"},
        "capabilities": ["pinyin"],
        "details": {"model": {"endpoint": provider::endpoint(), "placement": "CLOUD"}}});
    let drafted = bench.done(seller, "draftListing", "listing { id }", json!({"slug": slug, "content": content})).await;
    drafted["listing"]["id"].clone()
}

/// Puts a listing on the market with an offer of 100 free characters; answers the offer's id.
pub async fn publish(bench: &Bench, seller: &Actor, operator: &Actor, listing: &Value) -> Value {
    bench.done(seller, "probeListing", "probe { hasPassed }", json!({"listingId": listing})).await;
    bench.done(seller, "submitListing", "listing { id }", json!({"listingId": listing})).await;
    bench.done(operator, "publishListing", "listing { state }", json!({"listingId": listing})).await;
    offer(bench, seller, listing, json!({"meter": "CHARACTER", "included": "100", "price": {"perUnit": "0.002"}})).await
}

/// A market with one capability, its operator, and a seller with one listing of it.
pub struct Shop {
    pub bench: Bench,
    pub operator: Actor,
    pub seller: Actor,
    /// The listing's id.
    pub listing: Value,
    /// The offer's id; null while the listing is a draft.
    pub offer: Value,
}

impl Shop {
    /// The listing is a draft at `pinyin-shop`.
    pub async fn drafted() -> Self {
        let bench = Bench::start().await;
        let operator = bench.join("operator", true).await;
        let seller = bench.join("seller", false).await;
        define(&bench, &operator).await;
        let listing = draft(&bench, &seller, "pinyin-shop").await;
        Self { bench, operator, seller, listing, offer: Value::Null }
    }

    /// The listing is on the market, with an offer of 100 free characters.
    pub async fn open() -> Self {
        let shop = Self::drafted().await;
        let offer = publish(&shop.bench, &shop.seller, &shop.operator, &shop.listing).await;
        Self { offer, ..shop }
    }
}

/// Offers a listing by the month, by one meter; answers the offer's id.
pub async fn offer(bench: &Bench, seller: &Actor, listing: &Value, meter: Value) -> Value {
    let terms = json!({"currency": "CNY", "period": "MONTH", "meters": [meter]});
    let offer = json!({"listingId": listing, "name": {"en": "Basic"}, "terms": terms});
    bench.done(seller, "publishOffer", "offer { id }", offer).await["offer"]["id"].clone()
}

#[tokio::test]
async fn a_listing_goes_from_draft_to_agreement() {
    let Shop { bench, listing, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    let accepted = bench
        .done(
            &buyer,
            "acceptOffer",
            "agreement { id state terms { allowances { included onExhaustion } prices { model unit } }
        allowance { meter remaining } currentPeriod { start } provider { name } buyer { name country } }",
            json!({"offerId": offer, "priceVersion": 1}),
        )
        .await;
    assert_eq!(accepted["agreement"]["allowance"], json!([{"meter": "CHARACTER", "remaining": "100"}]));
    assert_eq!(accepted["agreement"]["terms"]["prices"], json!([{"model": "PER_UNIT", "unit": "0.002"}]));
    let landing = bench.ask(None, LANDING, json!({})).await;
    assert_eq!(landing["data"]["listings"]["nodes"][0]["provider"]["name"], "pinyin-shop");
    assert_eq!(
        landing["data"]["categories"][0],
        json!({"id": "cat_nlp", "name": "Natural Language Processing",
        "nameZh": "自然语言处理", "capabilityCount": "1", "answeredCount": "1"})
    );
    let node = bench
        .ask(None, "query($id: ID!) { node(id: $id) { id ... on Listing { slug } } }", json!({"id": listing}))
        .await;
    assert_eq!(node["data"]["node"]["slug"], "pinyin-shop");
}

#[tokio::test]
async fn a_repeated_key_repeats_the_first_answer() {
    let Shop { bench, operator, seller, offer, .. } = Shop::open().await;
    let input = json!({"offerId": offer, "idempotencyKey": "once"});
    let first = bench.done(&operator, "acceptOffer", "agreement { id }", input.clone()).await;
    let second = bench.done(&operator, "acceptOffer", "agreement { id }", input.clone()).await;
    assert_eq!(first, second);
    let agreements = bench.ask(Some(&operator), "{ agreements { totalCount } }", json!({})).await;
    assert_eq!(agreements["data"]["agreements"]["totalCount"], "1");
    let payload = bench.tried(Some(&seller), "acceptOffer", "agreement { id }", input).await;
    assert_eq!(payload["errors"][0]["code"], "BUYER_IS_SELLER");
}

#[tokio::test]
async fn what_is_not_on_the_market_cannot_be_bought() {
    let Shop { bench, operator, seller, listing, offer } = Shop::open().await;
    let stale = json!({"offerId": offer, "priceVersion": 7});
    let payload = bench.tried(Some(&operator), "acceptOffer", "agreement { id }", stale).await;
    assert_eq!(payload["errors"][0]["code"], "PRICE_VERSION_CHANGED");
    bench.done(&seller, "deprecateListing", "listing { state }", json!({"listingId": listing})).await;
    let payload = bench.tried(Some(&operator), "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
    assert_eq!(payload["errors"][0]["code"], "LISTING_NOT_ON_MARKET");
}

#[tokio::test]
async fn an_organization_has_one_store_and_lists_known_capabilities_only() {
    let bench = Bench::start().await;
    let seller = bench.join("seller", false).await;
    let page = json!({"name": {"en": "Shop"}, "description": {"en": "Texts"}, "kind": "ENTERPRISE"});
    bench.done(&seller, "openStore", "provider { id }", json!({"slug": "first-shop", "page": page})).await;
    let again = json!({"slug": "second-shop", "page": page});
    let payload = bench.tried(Some(&seller), "openStore", "provider { id }", again).await;
    assert_eq!(payload["errors"][0]["code"], "STORE_ALREADY_OPEN");
    let content = json!({"name": {"en": "X"}, "summary": {"en": "Y"}, "capabilities": ["no-such-thing"],
        "details": {"model": {"endpoint": "https://example.org/x", "placement": "CLOUD"}}});
    let input = json!({"slug": "my-model", "content": content});
    let payload = bench.tried(Some(&seller), "draftListing", "listing { id }", input).await;
    assert_eq!(payload["errors"][0]["code"], "CAPABILITY_UNKNOWN");
}

#[tokio::test]
async fn the_catalog_is_read_back_as_it_was_defined() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    define(&bench, &operator).await;
    let query = "{ capability(slug: \"pinyin\") { isUsuallyFree contract { meter countCharactersAt countItemsAt } } }";
    let read = bench.ask(None, query, json!({})).await;
    let contract = json!({"meter": "CHARACTER", "countCharactersAt": ["/text"], "countItemsAt": null});
    assert_eq!(read["data"]["capability"], json!({"isUsuallyFree": false, "contract": contract}));
}

#[tokio::test]
async fn only_the_operator_reads_the_agreements_and_members_of_another_organization() {
    let Shop { bench, operator, seller, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    bench.done(&buyer, "acceptOffer", "agreement { id }", json!({"offerId": offer})).await;
    let query = "query($id: ID!, $side: Side!) {
        agreements(side: $side, filter: {organizationId: $id}) { nodes { buyer { name memberCount } } } }";
    let bought = json!([{"buyer": {"name": "buyer", "memberCount": "1"}}]);
    for (caller, side, seen) in
        [(&operator, "BUYER", bought.clone()), (&operator, "SELLER", json!([])), (&buyer, "BUYER", bought)]
    {
        let variables = json!({"id": buyer.organization.to_string(), "side": side});
        let read = bench.ask(Some(caller), query, variables).await;
        assert_eq!(read["data"]["agreements"]["nodes"], seen, "{read}");
    }
    let variables = json!({"id": buyer.organization.to_string(), "side": "BUYER"});
    let refused = bench.ask(Some(&seller), query, variables).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND", "{refused}");
    let own =
        bench.ask(Some(&seller), "{ agreements(side: SELLER) { nodes { buyer { memberCount } } } }", json!({})).await;
    assert_eq!(own["data"]["agreements"]["nodes"], json!([{"buyer": {"memberCount": null}}]));
}

#[tokio::test]
async fn a_refused_store_or_listing_holds_no_name() {
    let bench = Bench::start().await;
    let first = bench.join("first", false).await;
    let second = bench.join("second", false).await;
    let page = |name: &str| json!({"name": {"en": name}, "description": {"en": "Texts"}, "kind": "ENTERPRISE"});
    let open = |slug: &str, name: &str| json!({"slug": slug, "page": page(name)});
    bench.done(&first, "openStore", "provider { id }", open("corner", "Corner")).await;
    for (input, code) in [
        (open("corner", "Other"), "TAKEN"),
        (open("market-square", ""), "STORE_NAME_INVALID"),
        (open("corner", "Other"), "TAKEN"),
    ] {
        let refused = bench.tried(Some(&second), "openStore", "provider { id }", input).await;
        assert_eq!(refused["errors"][0]["code"], code, "{refused}");
    }
    let again = bench.tried(Some(&first), "openStore", "provider { id }", open("market-square", "More")).await;
    assert_eq!(again["errors"][0]["code"], "STORE_ALREADY_OPEN");
    bench.done(&second, "openStore", "provider { id }", open("market-square", "Square")).await;
    let draft = |chips: i32| {
        let tier = json!({"chip": "X", "chipCount": chips, "memoryGib": 1, "purpose": "TRAIN", "placement": "CLOUD"});
        json!({"slug": "a-tier", "content": {"name": {"en": "Tier"}, "summary": {"en": "Chips"},
            "details": {"computeTier": tier}}})
    };
    let refused = bench.tried(Some(&second), "draftListing", "listing { id }", draft(0)).await;
    assert_eq!(refused["errors"][0]["code"], "COMPUTE_TIER_SIZE_INVALID", "{refused}");
    bench.done(&first, "draftListing", "listing { id }", draft(8)).await;
}

#[tokio::test]
async fn accepting_an_offer_again_does_not_multiply_its_allowance() {
    let Shop { bench, offer, .. } = Shop::open().await;
    let buyer = bench.join("buyer", false).await;
    let input = json!({"offerId": offer});
    let first = bench.done(&buyer, "acceptOffer", "agreement { id }", input.clone()).await;
    let again = bench.tried(Some(&buyer), "acceptOffer", "agreement { id }", input.clone()).await;
    assert_eq!(again["errors"][0]["code"], "ALREADY_AGREED", "{again}");
    let cancel = json!({"agreementId": first["agreement"]["id"]});
    bench.done(&buyer, "cancelAgreement", "agreement { state }", cancel).await;
    let again = bench.tried(Some(&buyer), "acceptOffer", "agreement { id }", input).await;
    assert_eq!(again["errors"][0]["code"], "OFFER_USED_THIS_PERIOD", "{again}");
}

#[tokio::test]
async fn shoppers_filter_count_and_search_what_is_on_the_market() {
    let Shop { bench, .. } = Shop::open().await;
    let document = "query($filter: ListingFilter) {
        listings(filter: $filter, orderBy: PRICE) { totalCount }
        listingFacets(filter: $filter, language: ZH) {
            categories { value label count } meters { value label count } freeAllowance { value count }
            answering { value label count } }
        capabilityMap { slug isAnswered hasFree listingCount category { slug } lowest { min currencyCode } }
        marketSearch(query: \"拼\") { capabilities { slug } listings { slug } stores { slug } }
        stores(search: \"pinyin\") { nodes { slug listingCount } } }";
    let filter = json!({"filter": {"category": "nlp", "meter": "CHARACTER", "providerKind": "ENTERPRISE",
        "placement": "CLOUD", "hasFreeAllowance": true, "isAnswering": true, "priceMax": "0.002", "currencyCode": "CNY"}});
    let found = bench.ask(None, document, filter).await;
    let data = &found["data"];
    assert_eq!(data["listings"]["totalCount"], "1", "{found}");
    assert_eq!(
        data["listingFacets"],
        json!({"categories": [{"value": "nlp", "label": "自然语言处理", "count": "1"}],
            "meters": [{"value": "CHARACTER", "label": "字符", "count": "1"}],
            "freeAllowance": [{"value": "true", "count": "1"}],
            "answering": [{"value": "true", "label": "应答正常", "count": "1"}]})
    );
    assert_eq!(
        data["capabilityMap"],
        json!([{"slug": "pinyin", "isAnswered": true, "hasFree": true, "listingCount": "1",
            "category": {"slug": "nlp"}, "lowest": {"min": "0.002", "currencyCode": "CNY"}}])
    );
    assert_eq!(
        data["marketSearch"],
        json!({"capabilities": [{"slug": "pinyin"}], "listings": [{"slug": "pinyin-shop"}], "stores": []})
    );
    assert_eq!(data["stores"]["nodes"], json!([{"slug": "pinyin-shop", "listingCount": "1"}]));
    let dear = json!({"filter": {"priceMax": "0.001", "currencyCode": "CNY"}});
    assert_eq!(bench.ask(None, document, dear).await["data"]["listings"]["totalCount"], "0");
    let silent = bench.ask(None, document, json!({"filter": {"isAnswering": false}})).await;
    assert_eq!(silent["data"]["listings"]["totalCount"], "0");
    let nowhere = bench.ask(None, document, json!({"filter": {"priceMax": "1"}})).await;
    assert_eq!(nowhere["errors"][0]["extensions"]["code"], "INVALID_INPUT");
}
