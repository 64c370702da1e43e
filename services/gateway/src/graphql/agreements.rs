//! Agreements: one offer accepted, terms frozen.

use agreements::agreement::{Accept, Agreement as Decider, Command};
use agreements::offer::{Offer as OfferDecider, Open};
use agreements::published::market::MarketTerms as MarketRow;
use agreements::published::rating;
use agreements::published::terms::Terms as TermsRow;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object};
use catalog::published::listing::Phase;
use eventlog::execute::load;
use kernel::error::{ErrorCode, Rejection};
use kernel::event::StreamName;
use kernel::exact::{self, Exact};
use kernel::id::{AgreementId, OfferId, OrganizationId};
use views::agreements::{Agreement as Row, AgreementFilter as ViewFilter, Side as ViewSide};
use views::listings::Listing as ListingRow;
use views::store::Views;
use views::usage_series::{UsageFilter, UsageOf};

use accounts::published::actor::{Actor, Scope};

use super::acceptance;
use super::access;
use super::accounts::{Organization, organization};
use super::capabilities::Capability;
use super::connection::{connection, page_request};
use super::errors::{Refused, invalid, not_found, rule};
use super::listings::{Listing, capability, listing};
use super::offers::{MarketTerms, Offer, find_offer};
use super::scalars::{DateTime, Decimal, Period};
use super::stores::{Store, provider};
use super::terms::Terms;
use super::usage::{AllowanceStatus, UsageGrouping, UsageSeries, series};
use super::work::{self, Work, payload, payloads, platform};

/// What a buyer holds: one offer accepted, terms frozen.
#[derive(Clone, Description)]
pub struct Agreement(pub Row);

/// Where an agreement stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AgreementState {
    /// Calls are taken.
    InForce,
    /// No more calls.
    Cancelled,
}

#[Object(use_type_description)]
impl Agreement {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.accepted.agreement.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> AgreementState {
        if self.0.ends_at.is_some() { AgreementState::Cancelled } else { AgreementState::InForce }
    }
    /// The offer as it is now; `terms` are those that were accepted.
    async fn offer(&self, context: &Context<'_>) -> Result<Offer, Refused> {
        let id = self.0.accepted.offer;
        let found = platform(context)?.read(move |views| views.offer(id)).await?;
        found.map(Offer).ok_or_else(|| not_found(""))
    }
    /// The price version that was accepted.
    async fn price_version(&self) -> u32 {
        self.0.accepted.price_version
    }
    /// What was bought.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.0.accepted.listing).await
    }
    /// The version of the listing that was bought.
    async fn listing_version(&self) -> u32 {
        self.0.accepted.listing_version
    }
    /// The licence of the listing when bought.
    async fn licence(&self) -> Option<&str> {
        self.0.accepted.licence.as_deref()
    }
    /// What may be called under it.
    async fn capabilities(&self, context: &Context<'_>) -> Result<Vec<Capability>, Refused> {
        let mut capabilities = Vec::new();
        for slug in &self.0.accepted.capabilities {
            capabilities.push(capability(context, slug).await?);
        }
        Ok(capabilities)
    }
    /// Who delivers.
    async fn provider(&self, context: &Context<'_>) -> Result<Store, Refused> {
        provider(context, self.0.accepted.provider).await
    }
    /// Who sells.
    async fn seller(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.accepted.seller).await
    }
    /// Who bought.
    async fn buyer(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.accepted.buyer).await
    }
    /// What is free and what is charged, as accepted.
    async fn terms(&self) -> Terms {
        Terms::from(&self.0.accepted.terms)
    }
    /// Commission and tax, as accepted; for the seller and the operator.
    async fn market_terms(&self, context: &Context<'_>) -> Option<MarketTerms> {
        access::sees(access::caller(context), self.0.accepted.seller).then(|| self.0.accepted.market.into())
    }
    /// Where the buyer's days began when it was accepted (IANA): periods begin at midnight there.
    async fn time_zone(&self) -> &str {
        self.0.accepted.calendar.zone.as_str()
    }
    /// The first instant in force.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.accepted.starts_at)
    }
    /// The first instant no longer in force.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.ends_at.map(DateTime)
    }
    /// The period that calls are metered in now; absent once it has ended.
    async fn current_period(&self, context: &Context<'_>) -> Result<Option<Period>, Refused> {
        Ok(self.standing(context)?.map(|(period, _)| period.into()))
    }
    /// How its allowances stand at this moment, per meter; empty once it has ended.
    async fn allowance(&self, context: &Context<'_>) -> Result<Vec<AllowanceStatus>, Refused> {
        access::scoped(context, Scope::UsageRead)?;
        let standing = self.standing(context)?;
        Ok(standing.into_iter().flat_map(|(_, all)| all).map(AllowanceStatus::from).collect())
    }
    /// What `VALUE_ADDED` units of the current period cost so far by the frozen prices, in major units: unrounded,
    /// before flat fee and tax. Null once it has ended; the invoice line is what is owed.
    async fn estimated_charge(&self, context: &Context<'_>) -> Result<Option<Decimal>, Refused> {
        access::scoped(context, Scope::UsageRead)?;
        let standing = self.standing(context)?;
        Ok(standing.map(|(_, all)| Decimal::estimate(&charge(&self.0.accepted.terms, &all))))
    }
    /// What was used under it, by group; the last 30 days unless given.
    async fn usage(
        &self,
        context: &Context<'_>,
        by: UsageGrouping,
        from: Option<DateTime>,
        until: Option<DateTime>,
    ) -> Result<UsageSeries, Refused> {
        let actor = access::scoped(context, Scope::UsageRead)?;
        if by == UsageGrouping::Principal && !access::sees(Some(actor), self.0.accepted.buyer) {
            return Err(invalid("by", "only a buyer sees who called"));
        }
        let of = UsageOf::Agreement(self.0.accepted.agreement);
        series(context, of, UsageFilter::default(), by, from, until).await
    }
}

impl Agreement {
    /// The running period and how its allowances stand; nothing once it was cancelled.
    fn standing(&self, context: &Context<'_>) -> Result<Option<Standing>, Refused> {
        if self.0.ends_at.is_some() {
            return Ok(None);
        }
        Ok(platform(context)?.service.allowances(self.0.accepted.agreement).ok())
    }

    /// Whether the caller is buyer, seller or operator.
    pub fn is_visible(&self, context: &Context<'_>) -> bool {
        access::is_party(access::caller(context), self.0.accepted.buyer, self.0.accepted.seller)
    }
}

/// A period, and how the allowances stand in it.
type Standing = (kernel::period::Period, Vec<metering::account::AllowanceStatus>);

/// What the charged units cost so far.
fn charge(terms: &TermsRow, allowances: &[metering::account::AllowanceStatus]) -> Exact {
    let of = |status: &metering::account::AllowanceStatus| {
        let price = terms.meter(status.meter)?.price.as_ref()?;
        Some(rating::amount(price, &exact::from_quantity(status.value_added)))
    };
    allowances.iter().filter_map(of).fold(exact::from_i64(0), |sum, amount| exact::add(&sum, &amount))
}

connection!(AgreementConnection, AgreementEdge, Agreement);

/// A side of an agreement.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Your organization buys.
    Buyer,
    /// Your organization sells.
    Seller,
}

impl Side {
    /// The side of an organization.
    pub const fn of(self, organization: OrganizationId) -> ViewSide {
        match self {
            Self::Buyer => ViewSide::Buyer(organization),
            Self::Seller => ViewSide::Seller(organization),
        }
    }
}

/// Which agreements; all where nothing is set.
#[derive(InputObject, Default)]
pub struct AgreementFilter {
    /// In this state.
    pub state: Option<AgreementState>,
    /// On this listing.
    pub listing_id: Option<ID>,
    /// Of this organization rather than yours; for the operator.
    pub organization_id: Option<ID>,
}

impl AgreementFilter {
    fn of_view(self, actor: &Actor, side: Side) -> Result<ViewFilter, Refused> {
        let unknown = || not_found("filter");
        let named = self.organization_id.map(|id| id.parse().map_err(|_| unknown())).transpose()?;
        let organization = named.unwrap_or(actor.organization);
        if !access::sees(Some(actor), organization) {
            return Err(unknown());
        }
        let listing = self.listing_id.map(|id| id.parse().map_err(|_| not_found("filter"))).transpose()?;
        let in_force = self.state.map(|state| state == AgreementState::InForce);
        Ok(ViewFilter { side: side.of(organization), in_force, listing })
    }
}

/// The part of `Query` that is about agreements.
#[derive(Default)]
pub struct AgreementsQuery;

#[Object]
impl AgreementsQuery {
    /// Your organization's agreements, newest first.
    async fn agreements(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "Side::Buyer")] side: Side,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<AgreementFilter>,
    ) -> Result<AgreementConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default().of_view(access::authenticated(context)?, side)?;
        let page = platform(context)?.read(move |views| views.agreements(&filter, &page)).await?;
        Ok(AgreementConnection::of(page, Agreement))
    }

    /// One agreement, of which you are buyer or seller.
    async fn agreement(&self, context: &Context<'_>, id: ID) -> Result<Agreement, Refused> {
        find(context, &id).await
    }
}

/// An agreement of which the caller is a party.
pub async fn find(context: &Context<'_>, id: &ID) -> Result<Agreement, Refused> {
    let id: AgreementId = id.parse().map_err(|_| not_found("id"))?;
    find_agreement(context, id).await?.ok_or_else(|| not_found("id"))
}

/// An agreement, if there is one of which the caller is a party.
pub async fn find_agreement(context: &Context<'_>, id: AgreementId) -> Result<Option<Agreement>, Refused> {
    let found = platform(context)?.read(move |views| views.agreement(id)).await?;
    Ok(found.map(Agreement).filter(|agreement| agreement.is_visible(context)))
}

/// Accept an offer, in force at once.
#[derive(InputObject)]
pub struct AcceptOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// Refuse where the offer's terms have changed since this version was read.
    pub price_version: Option<u32>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// End an agreement at once; the running period is billed.
#[derive(InputObject)]
pub struct CancelAgreementInput {
    /// The agreement.
    pub agreement_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The agreement.
    AcceptOfferPayload { agreement: Agreement }
    /// The agreement.
    CancelAgreementPayload { agreement: Agreement }
}

/// The part of `Mutation` that is about agreements.
#[derive(Default)]
pub struct AgreementsMutation;

#[Object]
impl AgreementsMutation {
    /// Accepts an offer, in force at once. Its terms, commission, tax and licence are frozen.
    async fn accept_offer(
        &self,
        context: &Context<'_>,
        input: AcceptOfferInput,
    ) -> async_graphql::Result<AcceptOfferPayload> {
        payload(accept(context, input).await)
    }

    /// Ends an agreement at once; the running period is billed.
    async fn cancel_agreement(
        &self,
        context: &Context<'_>,
        input: CancelAgreementInput,
    ) -> async_graphql::Result<CancelAgreementPayload> {
        payload(cancel(context, input).await)
    }
}

async fn accept(context: &Context<'_>, input: AcceptOfferInput) -> Result<Agreement, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let agreement = AgreementId::new(work.id("agreement")?);
    // A repeated key gives the first answer, whatever has become of the offer since.
    if let Some(first) = find_agreement(context, agreement).await? {
        return Ok(first);
    }
    let offer = open_offer(context, &work, &input.offer_id).await?;
    if input.price_version.is_some_and(|version| version != offer.price_version) {
        return Err(rule(ErrorCode("PRICE_VERSION_CHANGED"), "the offer's terms have changed: read them again"));
    }
    if offer.seller == work.actor.organization {
        return Err(rule(ErrorCode("BUYER_IS_SELLER"), "nobody buys from themselves"));
    }
    let market = on_market(&work, &offer).await?;
    let version = market.listing.published.ok_or_else(not_on_market)?;
    let accept = Accept {
        agreement,
        offer,
        listing_version: version.version,
        capabilities: version.content.capabilities,
        licence: version.content.licence,
        provider: market.listing.provider,
        buyer: work.actor.organization,
        market: market.terms,
        zone: market.zone,
    };
    acceptance::reserve(&work, accept.offer.offer, agreement).await?;
    run(&work, agreement, Command::Accept(Box::new(accept))).await
}

/// The offer as the log has it at this moment, so that nobody accepts what was just repriced.
async fn open_offer(context: &Context<'_>, work: &Work<'_>, id: &ID) -> Result<Open, Refused> {
    let id: OfferId = id.parse().map_err(|_| not_found("offerId"))?;
    find_offer(context, id).await?.ok_or_else(|| not_found("offerId"))?;
    let (state, _) = load::<OfferDecider>(work.platform.log.as_ref(), &StreamName::of(&id)).await?;
    state.open().cloned().map_err(|rejection| rule(rejection.code(), rejection))
}

/// What the market adds to an offer.
struct OnMarket {
    listing: ListingRow,
    terms: MarketRow,
    zone: kernel::period::Zone,
}

async fn on_market(work: &Work<'_>, offer: &Open) -> Result<OnMarket, Refused> {
    let (listing, buyer) = (offer.listing, work.actor.organization);
    let read = move |views: &Views| {
        Ok::<_, views::store::Fault>((views.listing(listing)?, views.market_terms()?, views.organization(buyer)?))
    };
    let (listing, terms, organization) = work.platform.read(read).await?;
    let listing = listing.filter(|listing| listing.phase == Phase::Published).ok_or_else(not_on_market)?;
    if work.platform.service.market().is_suspended(listing.organization) {
        return Err(not_on_market());
    }
    let zone = organization.ok_or_else(|| not_found(""))?.profile.zone;
    Ok(OnMarket { listing, terms, zone })
}

fn not_on_market() -> Refused {
    rule(ErrorCode("LISTING_NOT_ON_MARKET"), "the listing takes no new buyers")
}

async fn cancel(context: &Context<'_>, input: CancelAgreementInput) -> Result<Agreement, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = bought(&work, &input.agreement_id).await?;
    run(&work, id, Command::Cancel).await
}

/// An agreement that the actor's organization bought, or any for the operator.
pub async fn bought(work: &Work<'_>, id: &ID) -> Result<AgreementId, Refused> {
    let id: AgreementId = id.parse().map_err(|_| not_found("agreementId"))?;
    let found = work.platform.read(move |views| views.agreement(id)).await?;
    let own = found.filter(|agreement| access::sees(Some(work.actor), agreement.accepted.buyer));
    own.map(|_| id).ok_or_else(|| not_found("agreementId"))
}

async fn run(work: &Work<'_>, id: AgreementId, command: Command) -> Result<Agreement, Refused> {
    work.run::<Decider>(&StreamName::of(&id), command).await?;
    let found = work.platform.read(move |views| views.agreement(id)).await?;
    found.map(Agreement).ok_or_else(|| not_found("agreementId"))
}
