//! The small market of the tests: an operator, a buyer, a seller with listings and offers.

use accounts::published::actor::{Role, Scope, Scopes};
use accounts::published::{api_key, member, organization};
use agreements::published::agreement::{Accepted, Event as AgreementEvent};
use agreements::published::market::{BasisPoints, MarketTerms};
use agreements::published::offer::{Event as OfferEvent, Published as OfferPublished};
use agreements::published::terms::{MeterTerms, Price, Terms};
use catalog::published::capability::{self, Contract, Count, Definition, Measure};
use catalog::published::listing::{self, Content, Details, ModelDetails, Placement};
use catalog::published::provider::{Event as ProviderEvent, Opened, PublisherKind, Store};
use jiff::Timestamp;
use kernel::event::StreamName;
use kernel::id::{
    AgreementId, ApiKeyId, InvocationId, ListingId, MemberId, OfferId, OrganizationId, ProviderId, derived,
};
use kernel::localized::Localized;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar, Period};
use kernel::sealed::Sealed;
use kernel::slug::Slug;
use metering::published::usage::{Basis, Batch, Event as UsageEvent, RecordKind, Split, UsageLine, UsageRecord};
use uuid::Uuid;

use super::{Log, at};

pub(crate) const OPERATOR: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
pub(crate) const BUYER: OrganizationId = OrganizationId::new(Uuid::from_u128(2));
pub(crate) const SELLER: OrganizationId = OrganizationId::new(Uuid::from_u128(3));
pub(crate) const PROVIDER: ProviderId = ProviderId::new(Uuid::from_u128(4));
pub(crate) const SEGMENTER: ListingId = ListingId::new(Uuid::from_u128(5));
pub(crate) const OFFER: OfferId = OfferId::new(Uuid::from_u128(6));
pub(crate) const AGREEMENT: AgreementId = AgreementId::new(Uuid::from_u128(7));
pub(crate) const KEY: ApiKeyId = ApiKeyId::new(Uuid::from_u128(8));

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn both(en: &str, zh: &str) -> Localized {
    Localized { en: Some(en.to_owned()), zh: Some(zh.to_owned()) }
}

pub(crate) fn may() -> Period {
    Period { start: "2026-05-01T00:00:00Z".parse().unwrap(), end: "2026-06-01T00:00:00Z".parse().unwrap() }
}

/// An operator, a buyer with a key, a seller whose segmenter is on the market, and an agreement on it.
pub(crate) fn market() -> Log {
    let mut log = Log::default();
    for (id, name) in [(OPERATOR, "Operator"), (BUYER, "Buyer"), (SELLER, "Seller")] {
        register(&mut log, id, name);
    }
    let appointed = organization::OperatorAppointed { organization: OPERATOR };
    log.add(&StreamName::of(&OPERATOR), &organization::Event::OperatorAppointed(appointed));
    create_key(&mut log, KEY, BUYER);
    define(&mut log, "chinese-word-segmentation", "nlp", "Chinese Word Segmentation", "中文分词");
    contract(&mut log, "chinese-word-segmentation");
    define(&mut log, "invoice-recognition", "ocr", "Invoice Recognition", "发票识别");
    open_store(&mut log, PROVIDER, SELLER, "segmenters");
    draft(&mut log, SEGMENTER, "fast-segmenter", content("Fast segmenter", "快速分词器"));
    publish(&mut log, SEGMENTER, 1, content("Fast segmenter", "快速分词器"));
    offer(&mut log, OFFER, SEGMENTER, terms("0.0002"));
    accept(&mut log, AGREEMENT);
    log
}

pub(crate) fn register(log: &mut Log, id: OrganizationId, name: &str) {
    let profile = organization::Profile {
        name: name.to_owned(),
        country: "CN".to_owned(),
        zone: "Asia/Shanghai".parse().unwrap(),
        currency: Currency::Cny,
    };
    let registered = organization::Registered { organization: id, profile };
    log.add(&StreamName::of(&id), &organization::Event::Registered(registered));
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed { subject: Uuid::from_u128(9), ciphertext: text.to_owned() }
}

pub(crate) fn join(log: &mut Log, id: MemberId, email_index: &str, role: Role) {
    let joined = member::Joined {
        member: id,
        organization: BUYER,
        email: sealed("email"),
        email_index: email_index.to_owned(),
        name: sealed("name"),
        password: sealed("password"),
        role,
    };
    log.add(&StreamName::of(&id), &member::Event::Joined(joined));
}

pub(crate) fn create_key(log: &mut Log, id: ApiKeyId, organization: OrganizationId) {
    let created = api_key::Created {
        api_key: id,
        organization,
        label: "server".to_owned(),
        prefix: "ts_live_".to_owned(),
        secret_sha256: id.to_string(),
        scopes: Scopes::from(vec![Scope::Invoke, Scope::UsageRead]),
    };
    log.add(&StreamName::of(&id), &api_key::Event::Created(created));
}

pub(crate) fn define(log: &mut Log, name: &str, category: &str, en: &str, zh: &str) {
    let definition = Definition {
        slug: slug(name),
        category: slug(category),
        subcategory: "basic".to_owned(),
        name: both(en, zh),
        inputs: vec!["text".to_owned()],
        outputs: vec!["text".to_owned()],
        meter: if category == "nlp" { Meter::Character } else { Meter::Image },
        quoted_per: 1000,
        usually_free: false,
        specialised: false,
        industries: vec![if category == "nlp" { "media" } else { "finance" }.to_owned()],
    };
    let event = capability::Event::Defined(capability::Defined { definition });
    log.add(&StreamName::of(&slug(name)), &event);
}

pub(crate) fn contract(log: &mut Log, name: &str) {
    let contract = Contract {
        version: 1,
        summary: both("Cuts sentences into words.", "把句子切成词。"),
        measure: Measure { meter: Meter::Character, count: Count::Characters(vec!["/text".to_owned()]) },
        input_schema: serde_json::json!({"type": "object"}),
        output_schema: serde_json::json!({"type": "object"}),
        examples: vec![],
    };
    let event = capability::Event::ContractDefined(capability::ContractDefined { slug: slug(name), contract });
    log.add(&StreamName::of(&slug(name)), &event);
}

pub(crate) fn open_store(log: &mut Log, provider: ProviderId, organization: OrganizationId, name: &str) {
    let store = Store {
        name: both("Segmenters", "分词商店"),
        description: both("We cut.", "我们切词。"),
        kind: PublisherKind::Enterprise,
        website: None,
    };
    let opened = Opened { provider, organization, slug: slug(name), store };
    log.add(&StreamName::of(&provider), &ProviderEvent::Opened(opened));
}

pub(crate) fn content(en: &str, zh: &str) -> Content {
    Content {
        name: both(en, zh),
        summary: both("Reads running text at high speed.", "高速处理自然语言文本。"),
        capabilities: vec![slug("chinese-word-segmentation")],
        licence: None,
        details: Details::Model(ModelDetails {
            endpoint: "http://127.0.0.1:9/{capability}".to_owned(),
            framework: None,
            placement: Placement::Cloud,
            repeatable: true,
        }),
    }
}

pub(crate) fn draft(log: &mut Log, id: ListingId, name: &str, content: Content) {
    let drafted = listing::Drafted { listing: id, provider: PROVIDER, organization: SELLER, slug: slug(name), content };
    log.add(&StreamName::of(&id), &listing::Event::Drafted(drafted));
}

pub(crate) fn publish(log: &mut Log, id: ListingId, version: u32, content: Content) {
    let published = listing::Published { listing: id, version, content };
    log.add(&StreamName::of(&id), &listing::Event::Published(published));
}

pub(crate) fn terms(unit: &str) -> Terms {
    Terms {
        currency: Currency::Cny,
        period: BillingPeriod::Month,
        flat_fee: None,
        meters: vec![MeterTerms {
            meter: Meter::Character,
            included: Quantity(1000),
            price: Some(Price::PerUnit { unit: unit.parse().unwrap() }),
        }],
    }
}

pub(crate) fn offer(log: &mut Log, id: OfferId, listing: ListingId, terms: Terms) {
    let published = OfferPublished { offer: id, listing, seller: SELLER, name: both("Basic", "基础版"), terms };
    log.add(&StreamName::of(&id), &OfferEvent::Published(published));
}

pub(crate) fn accepted(id: AgreementId) -> Accepted {
    Accepted {
        agreement: id,
        offer: OFFER,
        price_version: 1,
        listing: SEGMENTER,
        listing_version: 1,
        capabilities: vec![slug("chinese-word-segmentation")],
        licence: None,
        provider: PROVIDER,
        seller: SELLER,
        buyer: BUYER,
        terms: terms("0.0002"),
        market: MarketTerms {
            commission: BasisPoints::try_from(1000).unwrap(),
            tax: BasisPoints::try_from(600).unwrap(),
        },
        calendar: Calendar::starting(may().start, "UTC".parse().unwrap(), BillingPeriod::Month).unwrap(),
        starts_at: may().start,
    }
}

pub(crate) fn accept(log: &mut Log, id: AgreementId) {
    log.add(&StreamName::of(&id), &AgreementEvent::Accepted(accepted(id)));
}

/// A call of `quantity` characters, the first half free, at a minute of the test's morning.
pub(crate) fn call(sequence: u64, minute: i64, quantity: u64) -> UsageRecord {
    let admitted_at: Timestamp = at(minute);
    let milliseconds = u128::try_from(admitted_at.as_millisecond()).unwrap();
    let name = sequence.to_string();
    UsageRecord {
        invocation: InvocationId::new(Uuid::from_u128((milliseconds << 80) | u128::from(sequence))),
        kind: RecordKind::Call,
        agreement: AGREEMENT,
        sequence,
        buyer: BUYER,
        seller: SELLER,
        capability: Some(slug("chinese-word-segmentation")),
        listing: SEGMENTER,
        principal: KEY.to_string().into(),
        lines: vec![UsageLine {
            meter: Meter::Character,
            split: Split { free: Quantity(quantity / 2), value_added: Quantity(quantity - quantity / 2) },
            basis: Basis::GatewayCounted,
            before: Quantity::ZERO,
        }],
        price_version: 1,
        admitted_at,
        settled_at: admitted_at,
        period_start: may().start,
        billed_start: may().start,
        key_hash: key_hash(&name),
        payload_hash: [7; 32],
    }
}

pub(crate) fn key_hash(name: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(derived(&[name]).as_bytes());
    hash
}

pub(crate) fn stream() -> StreamName {
    StreamName::new("usage", "node.1").unwrap()
}

pub(crate) fn batch(records: Vec<UsageRecord>) -> UsageEvent {
    UsageEvent::Recorded(Batch { salt_seed: [1; 32], records })
}
