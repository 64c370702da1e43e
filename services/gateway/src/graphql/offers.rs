//! Offers, and the market's terms.

use agreements::market::{Command as MarketCommand, Market};
use agreements::offer::{Command, Offer as Decider, Publish};
use agreements::published::market::{BasisPoints, MarketTerms as MarketRow, PlatformTerms};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};
use catalog::published::listing::Phase;
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::{ListingId, OfferId};
use views::agreements::OfferFilter;

use super::access;
use super::accounts::{Organization, organization};
use super::connection::{connection, page_request};
use super::errors::{Refused, invalid, not_found, rule};
use super::listing_mutation::mine;
use super::listings::{Listing, listing};
use super::scalars::{DateTime, Language, LocalizedInput, text};
use super::terms::{Terms, TermsInput};
use super::work::{self, Work, payload, payloads, platform};

/// Terms on a listing. Agreements keep the price version they accepted.
#[derive(Clone, Description)]
pub struct Offer(pub views::agreements::Offer);

#[Object(use_type_description)]
impl Offer {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What it is on.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.0.listing).await
    }
    /// Who sells.
    async fn seller(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.seller).await
    }
    /// What it is called.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.0.name, language)
    }
    /// From 1, rising with each change of its terms.
    async fn price_version(&self) -> u32 {
        self.0.price_version
    }
    /// The terms now.
    async fn terms(&self) -> Terms {
        Terms::from(&self.0.terms)
    }
    /// Whether it takes no more acceptances.
    async fn is_withdrawn(&self) -> bool {
        self.0.withdrawn
    }
    /// When it was made.
    async fn published_at(&self) -> DateTime {
        DateTime(self.0.published_at)
    }
}

impl Offer {
    /// Whether the caller may see it: its listing is on the market, or the caller's own.
    pub async fn is_visible(&self, context: &Context<'_>) -> Result<bool, Refused> {
        Ok(listing(context, self.0.listing).await?.is_visible(context))
    }
}

/// An offer, withdrawn or not, if there is one that the caller may see.
pub async fn find_offer(context: &Context<'_>, id: OfferId) -> Result<Option<Offer>, Refused> {
    let found = platform(context)?.read(move |views| views.offer(id)).await?;
    let Some(offer) = found.map(Offer) else { return Ok(None) };
    Ok(offer.is_visible(context).await?.then_some(offer))
}

connection!(OfferConnection, OfferEdge, Offer);

/// What the operator takes and which tax applies, for agreements to come.
#[derive(SimpleObject)]
pub struct MarketTerms {
    /// The platform's share of what is charged before tax, in hundredths of a percent.
    pub commission_basis_points: u32,
    /// Tax added to what is charged, in hundredths of a percent.
    pub tax_basis_points: u32,
}

impl From<MarketRow> for MarketTerms {
    fn from(terms: MarketRow) -> Self {
        Self { commission_basis_points: terms.commission.get(), tax_basis_points: terms.tax.get() }
    }
}

/// The part of `Query` that is about offers.
#[derive(Default)]
pub struct OffersQuery;

#[Object]
impl OffersQuery {
    /// One offer, withdrawn or not.
    async fn offer(&self, context: &Context<'_>, id: ID) -> Result<Option<Offer>, Refused> {
        let Ok(id) = id.parse() else { return Ok(None) };
        find_offer(context, id).await
    }

    /// The offers on a listing that can be accepted; on your own listing those withdrawn as well.
    async fn offers(
        &self,
        context: &Context<'_>,
        listing_id: ID,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<OfferConnection, Refused> {
        let page = page_request(first, after)?;
        let id: ListingId = listing_id.parse().map_err(|_| not_found("listingId"))?;
        let listing = listing(context, id).await?;
        if !listing.is_visible(context) {
            return Err(not_found("listingId"));
        }
        let own = access::sees(access::caller(context), listing.0.organization);
        let withdrawn = (!own).then_some(false);
        let filter = OfferFilter { listing: Some(id), withdrawn, ..OfferFilter::default() };
        let page = platform(context)?.read(move |views| views.offers(&filter, &page)).await?;
        Ok(OfferConnection::of(page, Offer))
    }

    /// What the operator takes and which tax applies, for agreements to come.
    async fn market_terms(&self, context: &Context<'_>) -> Result<MarketTerms, Refused> {
        Ok(platform(context)?.read(views::store::Views::market_terms).await?.into())
    }
}

/// Make an offer on your listing.
#[derive(InputObject)]
pub struct PublishOfferInput {
    /// What it is on.
    pub listing_id: ID,
    /// What buyers see it called, up to 80 characters in each language.
    pub name: LocalizedInput,
    /// What is free and what is charged.
    pub terms: TermsInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Change an offer's terms, for agreements to come.
#[derive(InputObject)]
pub struct RepriceOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The terms from now on.
    pub terms: TermsInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Take no more acceptances.
#[derive(InputObject)]
pub struct WithdrawOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Set what the operator takes and which tax applies, for agreements to come.
#[derive(InputObject)]
pub struct SetMarketTermsInput {
    /// 0 to 10,000 hundredths of a percent.
    pub commission_basis_points: u32,
    /// 0 to 10,000 hundredths of a percent.
    pub tax_basis_points: u32,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The offer.
    PublishOfferPayload { offer: Offer }
    /// The offer.
    RepriceOfferPayload { offer: Offer }
    /// The offer.
    WithdrawOfferPayload { offer: Offer }
    /// The terms now.
    SetMarketTermsPayload { market_terms: MarketTerms }
}

/// The part of `Mutation` that is about offers.
#[derive(Default)]
pub struct OffersMutation;

#[Object]
impl OffersMutation {
    /// Makes an offer on your listing.
    async fn publish_offer(
        &self,
        context: &Context<'_>,
        input: PublishOfferInput,
    ) -> async_graphql::Result<PublishOfferPayload> {
        payload(publish(context, input).await)
    }

    /// Changes an offer's terms, for agreements to come.
    async fn reprice_offer(
        &self,
        context: &Context<'_>,
        input: RepriceOfferInput,
    ) -> async_graphql::Result<RepriceOfferPayload> {
        payload(reprice(context, input).await)
    }

    /// Takes no more acceptances.
    async fn withdraw_offer(
        &self,
        context: &Context<'_>,
        input: WithdrawOfferInput,
    ) -> async_graphql::Result<WithdrawOfferPayload> {
        payload(withdraw(context, input).await)
    }

    /// Sets what the operator takes and which tax applies, for agreements to come.
    async fn set_market_terms(
        &self,
        context: &Context<'_>,
        input: SetMarketTermsInput,
    ) -> async_graphql::Result<SetMarketTermsPayload> {
        payload(set_market_terms(context, input).await)
    }
}

async fn publish(context: &Context<'_>, input: PublishOfferInput) -> Result<Offer, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let listing = mine(&work, &input.listing_id).await?;
    if self::listing(context, listing).await?.0.phase == Phase::Retired {
        return Err(rule(ErrorCode("LISTING_GONE"), "the listing has left the market"));
    }
    let offer = OfferId::new(work.id("offer")?);
    let seller = work.actor.organization;
    let publish = Publish { offer, listing, seller, name: input.name.into(), terms: input.terms.try_into()? };
    run(&work, offer, Command::Publish(publish)).await
}

async fn reprice(context: &Context<'_>, input: RepriceOfferInput) -> Result<Offer, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let offer = my_offer(&work, &input.offer_id).await?;
    run(&work, offer, Command::Reprice { terms: input.terms.try_into()? }).await
}

async fn withdraw(context: &Context<'_>, input: WithdrawOfferInput) -> Result<Offer, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let offer = my_offer(&work, &input.offer_id).await?;
    run(&work, offer, Command::Withdraw).await
}

async fn run(work: &Work<'_>, offer: OfferId, command: Command) -> Result<Offer, Refused> {
    work.run::<Decider>(&StreamName::of(&offer), command).await?;
    let found = work.platform.read(move |views| views.offer(offer)).await?;
    found.map(Offer).ok_or_else(|| not_found("offerId"))
}

async fn my_offer(work: &Work<'_>, id: &ID) -> Result<OfferId, Refused> {
    let id: OfferId = id.parse().map_err(|_| not_found("offerId"))?;
    let found = work.platform.read(move |views| views.offer(id)).await?;
    let own = found.filter(|offer| offer.seller == work.actor.organization);
    own.map(|offer| offer.id).ok_or_else(|| not_found("offerId"))
}

async fn set_market_terms(context: &Context<'_>, input: SetMarketTermsInput) -> Result<MarketTerms, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let share = |value: u32, path| BasisPoints::try_from(value).map_err(|error| invalid(path, error));
    let terms = MarketRow {
        commission: share(input.commission_basis_points, "commissionBasisPoints")?,
        tax: share(input.tax_basis_points, "taxBasisPoints")?,
    };
    work.run::<Market>(&StreamName::of(&PlatformTerms), MarketCommand::Set { terms }).await?;
    Ok(work.platform.read(views::store::Views::market_terms).await?.into())
}
