//! The market that calls are made in: founded, listed, offered and accepted by commands, like any other.

use accounts::organization::{Command as OrganizationCommand, Organization};
use accounts::published::organization::Profile;
use agreements::agreement::{Accept, Agreement, Command as AgreementCommand};
use agreements::market::{Command as MarketCommand, Market as MarketDecider};
use agreements::offer::{Command as OfferCommand, Offer, Publish};
use agreements::published::market::{MarketTerms, PlatformTerms};
use agreements::published::terms::{MeterTerms, Price, Terms, Tier};
use catalog::capability::{Capability, Command as CapabilityCommand};
use catalog::listing::{Command as ListingCommand, Listing};
use catalog::provider::{Command as ProviderCommand, Provider};
use catalog::published::capability::{Contract, Count, Definition, Example, Measure};
use catalog::published::listing::{Content, Details, Drafted, ModelDetails, Placement, ProbeCheck, ProbeOutcome};
use catalog::published::provider::{Opened, PublisherKind, Store};
use eventlog::execute::{Cause, execute};
use eventlog::model::ModelLog;
use jiff::Timestamp;
use kernel::decider::Decider;
use kernel::event::{StreamKey, StreamName};
use kernel::exact::Decimal;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId, ProviderId, derived};
use kernel::localized::Localized;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::BillingPeriod;
use kernel::slug::Slug;
use kernel::wire::Wire;
use serde_json::json;
use uuid::Uuid;

/// Buyers and sellers, each so many.
pub const PARTIES: u128 = 2;
const ZONES: [&str; 2] = ["Asia/Shanghai", "America/New_York"];

/// Commands to a log without trouble, at an instant.
#[derive(Clone, Copy)]
pub struct Market<'a> {
    /// Where it is recorded.
    pub log: &'a ModelLog,
    /// When.
    pub now: Timestamp,
}

/// The capability that is called.
pub fn capability() -> Slug {
    "echo-text".parse().expect("a slug")
}

/// The n-th buyer.
pub fn buyer(number: u128) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(0x100 + number))
}

fn seller(number: u128) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(0x200 + number))
}

fn provider(number: u128) -> ProviderId {
    ProviderId::new(Uuid::from_u128(0x300 + number))
}

/// The listing of the n-th seller.
pub fn listing(number: u128) -> ListingId {
    ListingId::new(Uuid::from_u128(0x400 + number))
}

fn english(text: &str) -> Localized {
    Localized { en: Some(text.to_owned()), zh: Some(text.to_owned()) }
}

/// The cause of a command, told apart by a name.
pub fn cause(name: &str, now: Timestamp) -> Cause {
    let id = derived(&["sim", name]);
    Cause { id, correlation: id, actor: "platform:sim".to_owned(), now }
}

impl Market<'_> {
    async fn command<D>(&self, key: &impl StreamKey, command: D::Command, name: &str)
    where
        D: Decider,
        D::Event: Wire,
        D::Command: Clone,
    {
        let stream = StreamName::of(key);
        let executed = execute::<D>(self.log, &stream, command, &cause(name, self.now)).await;
        assert!(executed.is_ok(), "{name}: {:?}", executed.err().map(|error| error.to_string()));
    }

    /// Founds everybody, and puts each seller's listing on the market.
    pub async fn found(&self) {
        let definition = CapabilityCommand::Define(definition());
        self.command::<Capability>(&capability(), definition, "define").await;
        let contract = CapabilityCommand::DefineContract(contract());
        self.command::<Capability>(&capability(), contract, "contract").await;
        for number in 0..PARTIES {
            self.register(buyer(number), number).await;
            self.register(seller(number), number).await;
            self.list(number).await;
        }
    }

    async fn register(&self, organization: OrganizationId, number: u128) {
        let zone = ZONES.get(usize::try_from(number).unwrap_or_default()).unwrap_or(&"UTC");
        let profile = Profile {
            name: organization.to_string(),
            country: "CN".to_owned(),
            zone: zone.parse().expect("a zone"),
            currency: Currency::Cny,
        };
        let command = OrganizationCommand::Register { organization, profile };
        self.command::<Organization>(&organization, command, &format!("register {organization}")).await;
    }

    /// The first seller's calls may be repeated, the others' not.
    async fn list(&self, number: u128) {
        let store = Store {
            name: english("Store"),
            description: english("Sells."),
            kind: PublisherKind::Enterprise,
            website: None,
        };
        let slug: Slug = format!("store-{number}").parse().expect("a slug");
        let opened = Opened { provider: provider(number), organization: seller(number), slug: slug.clone(), store };
        let open = ProviderCommand::Open { opened, accent: None };
        self.command::<Provider>(&provider(number), open, &format!("open {number}")).await;
        let content = content(number);
        let (provider, organization) = (provider(number), seller(number));
        let drafted = Drafted { listing: listing(number), provider, organization, slug, content: content.clone() };
        let probe = ListingCommand::RecordProbe { content_sha256: content.sha256(), checks: vec![passed()] };
        let steps = [ListingCommand::Draft(drafted), probe, ListingCommand::Submit, ListingCommand::Approve];
        for (step, command) in steps.into_iter().enumerate() {
            self.command::<Listing>(&listing(number), command, &format!("list {number} {step}")).await;
        }
    }

    /// Sets commission and tax of agreements to come.
    pub async fn set_terms(&self, terms: MarketTerms, name: &str) {
        self.command::<MarketDecider>(&PlatformTerms, MarketCommand::Set { terms }, name).await;
    }

    /// Has a seller offer terms and a buyer accept them.
    pub async fn agree(&self, rng: &mut fastrand::Rng, number: u128) -> AgreementId {
        let (sells, buys) = (rng.u128(0..PARTIES), rng.u128(0..PARTIES));
        let offer = OfferId::new(Uuid::from_u128(0x1_0000 + number));
        let publish = Publish {
            offer,
            listing: listing(sells),
            seller: seller(sells),
            name: english("Offer"),
            terms: terms(rng),
        };
        self.command::<Offer>(&offer, OfferCommand::Publish(publish), &format!("offer {number}")).await;
        let (state, _) = eventlog::execute::load::<Offer>(self.log, &StreamName::of(&offer)).await.expect("an offer");
        let market = eventlog::execute::load::<MarketDecider>(self.log, &StreamName::of(&PlatformTerms)).await;
        let agreement = AgreementId::new(Uuid::from_u128(0x2_0000 + number));
        let zone = ZONES.get(usize::try_from(buys).unwrap_or_default()).unwrap_or(&"UTC");
        let accept = Accept {
            agreement,
            offer: state.open().expect("an open offer").clone(),
            listing_version: 1,
            capabilities: vec![capability()],
            licence: None,
            provider: provider(sells),
            buyer: buyer(buys),
            market: market.expect("market terms").0.terms,
            zone: zone.parse().expect("a zone"),
        };
        let command = AgreementCommand::Accept(Box::new(accept));
        self.command::<Agreement>(&agreement, command, &format!("accept {number}")).await;
        agreement
    }

    /// Ends an agreement.
    pub async fn cancel(&self, agreement: AgreementId) {
        self.command::<Agreement>(&agreement, AgreementCommand::Cancel, &format!("cancel {agreement}")).await;
    }

    /// Stops a buyer, or lets it act again.
    pub async fn suspend(&self, number: u128, is_stopped: bool, name: &str) {
        let reason = "Owes.".to_owned();
        let command = if is_stopped { OrganizationCommand::Suspend { reason } } else { OrganizationCommand::Reinstate };
        self.command::<Organization>(&buyer(number), command, name).await;
    }
}

fn definition() -> Definition {
    Definition {
        slug: capability(),
        category: "nlp".parse().expect("a slug"),
        subcategory: "echo".to_owned(),
        name: english("Echo"),
        inputs: vec!["text".to_owned()],
        outputs: vec!["text".to_owned()],
        meter: Meter::Character,
        quoted_per: 1_000,
        usually_free: true,
        specialised: false,
        industries: vec!["education".to_owned()],
    }
}

fn contract() -> Contract {
    let schema = json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]});
    Contract {
        version: 1,
        summary: english("Says it again"),
        measure: Measure { meter: Meter::Character, count: Count::Characters(vec!["/text".to_owned()]) },
        input_schema: schema.clone(),
        output_schema: schema,
        examples: vec![Example { input: json!({"text": "算市"}), output: json!({"text": "算市"}) }],
    }
}

fn content(number: u128) -> Content {
    Content {
        name: english("Echo"),
        summary: english("Says it again"),
        capabilities: vec![capability()],
        licence: None,
        details: Details::Model(ModelDetails {
            endpoint: format!("https://provider-{number}.example/{{capability}}"),
            framework: None,
            placement: Placement::Cloud,
            repeatable: number == 0,
        }),
    }
}

fn passed() -> ProbeCheck {
    ProbeCheck {
        capability: capability(),
        contract_version: Some(1),
        example: 0,
        outcome: ProbeOutcome::Passed,
        detail: None,
        latency_milliseconds: Some(1),
    }
}

/// Small allowances, so that most runs pass them, and every kind of price.
fn terms(rng: &mut fastrand::Rng) -> Terms {
    let period = match rng.u8(0..4) {
        0 | 1 => BillingPeriod::Day,
        2 => BillingPeriod::Month,
        _ => BillingPeriod::Year,
    };
    let characters = |rng: &mut fastrand::Rng| meter_terms(Meter::Character, rng.u64(0..150), rng);
    let requests = |rng: &mut fastrand::Rng| meter_terms(Meter::Request, rng.u64(0..12), rng);
    let meters = match rng.u8(0..3) {
        0 => vec![characters(rng)],
        1 => vec![requests(rng)],
        _ => vec![requests(rng), characters(rng)],
    };
    let flat_fee = (rng.u8(0..3) == 0).then(|| "9.99".parse().expect("a decimal"));
    Terms { currency: Currency::Cny, period, flat_fee, meters }
}

fn meter_terms(meter: Meter, included: u64, rng: &mut fastrand::Rng) -> MeterTerms {
    let decimal = |text: String| -> Decimal { text.parse().expect("a decimal") };
    let unit = |rng: &mut fastrand::Rng| decimal(format!("0.{:05}", rng.u32(0..100_000)));
    let tiers = |rng: &mut fastrand::Rng| {
        vec![
            Tier { up_to: Some(decimal("40".to_owned())), unit: unit(rng), flat: decimal("0".to_owned()) },
            Tier { up_to: None, unit: unit(rng), flat: unit(rng) },
        ]
    };
    let price = match rng.u8(0..5) {
        0 => return MeterTerms { meter, included: Quantity(included.max(1)), price: None },
        1 => Price::Package { size: Quantity(rng.u64(1..30)), price: unit(rng) },
        2 => Price::Graduated { tiers: tiers(rng) },
        3 => Price::Volume { tiers: tiers(rng) },
        _ => Price::PerUnit { unit: unit(rng) },
    };
    MeterTerms { meter, included: Quantity(included), price: Some(price) }
}
