//! Listings as GraphQL shows them: what providers offer to the market.
//!
//! The working version is for its provider and the operator only; the market sees what was published.

use async_graphql::{Context, Description, Enum, ID, Object};
use catalog::published::listing::{Content, Phase};
use kernel::id::ListingId;
use kernel::slug::Slug;
use views::agreements::OfferFilter;
use views::facets::ListingFilter as ViewFilter;
use views::listings::{ListingOrder as ViewOrder, ListingVersion as VersionRow};
use views::store::Views;

use super::access;
use super::capabilities::{self, Capability};
use super::connection::{connection, page_request};
use super::details::{ComputeTierDetails, DatasetDetails, ModelDetails, SolutionDetails, of_kind};
use super::errors::{Refused, not_found};
use super::facets::{self, ListingFacets, ListingFilter};
use super::health::{self, Health};
use super::offers::{Offer, OfferConnection};
use super::probes::{self, Probe};
use super::scalars::{DateTime, Language, ListingKind, ListingState, text};
use super::stores::{self, Store};
use super::work::platform;

/// What a provider sells.
#[derive(Clone, Description)]
pub struct Listing(pub views::listings::Listing);

#[Object(use_type_description)]
impl Listing {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its address within the market.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }
    /// What kind of good it is.
    async fn kind(&self) -> ListingKind {
        self.0.kind.into()
    }
    /// Where it stands.
    async fn state(&self) -> ListingState {
        self.0.phase.into()
    }
    /// Its name.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.shown().name, language)
    }
    /// What it does.
    async fn summary(&self, language: Option<Language>) -> String {
        text(&self.shown().summary, language)
    }
    /// Whose it is.
    async fn provider(&self, context: &Context<'_>) -> Result<Store, Refused> {
        stores::provider(context, self.0.provider).await
    }
    /// The capabilities it implements.
    async fn capabilities(&self, context: &Context<'_>) -> Result<Vec<Capability>, Refused> {
        read_capabilities(context, self.shown()).await
    }
    /// SPDX expression or the name of the licence.
    async fn licence(&self) -> Option<&str> {
        self.shown().licence.as_deref()
    }
    /// The version on the market, or the last that was.
    async fn version(&self) -> Option<ListingVersion> {
        self.0.published.clone().map(ListingVersion)
    }
    /// The versions that were published, newest first.
    async fn versions(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<ListingVersionConnection, Refused> {
        let (id, page) = (self.0.id, page_request(first, after)?);
        let page = platform(context)?.read(move |views| views.listing_versions(id, &page)).await?;
        Ok(ListingVersionConnection::of(page, ListingVersion))
    }
    /// Terms that can be accepted.
    async fn offers(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<OfferConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = OfferFilter { listing: Some(self.0.id), withdrawn: Some(false), ..OfferFilter::default() };
        let page = platform(context)?.read(move |views| views.offers(&filter, &page)).await?;
        Ok(OfferConnection::of(page, Offer))
    }
    /// What only a dataset has.
    async fn dataset(&self) -> Option<DatasetDetails> {
        of_kind(self.shown()).dataset
    }
    /// What only a model has.
    async fn model(&self, context: &Context<'_>) -> Option<ModelDetails> {
        of_kind(self.shown()).model.map(|model| if self.is_mine(context) { model } else { model.without_endpoint() })
    }
    /// What only a compute tier has.
    async fn compute_tier(&self) -> Option<ComputeTierDetails> {
        of_kind(self.shown()).compute_tier
    }
    /// What only a solution has.
    async fn solution(&self) -> Option<SolutionDetails> {
        of_kind(self.shown()).solution
    }
    /// Whether it waits for review; null where it is neither yours nor are you the operator.
    async fn is_in_review(&self, context: &Context<'_>) -> Option<bool> {
        self.is_mine(context).then_some(self.0.in_review)
    }
    /// What the operator asked to change at the last review; for its provider and the operator.
    async fn review_note(&self, context: &Context<'_>) -> Option<&str> {
        self.0.note.as_deref().filter(|_| self.is_mine(context))
    }
    /// What the next version says; for its provider and the operator.
    async fn working_version(&self, context: &Context<'_>) -> Option<ListingContent> {
        self.is_mine(context).then(|| ListingContent(self.0.working.clone()))
    }
    /// How it has answered lately, measured by the platform; null where it was not called.
    async fn health(&self, context: &Context<'_>) -> Result<Option<Health>, Refused> {
        health::health(context, self.0.id).await
    }
    /// How its endpoint answered the examples of its contracts, the last time. Its provider and the operator see the
    /// probe of the next version too; null where there was none.
    async fn probe(&self, context: &Context<'_>) -> Result<Option<Probe>, Refused> {
        probes::last(context, self.0.id, self.is_mine(context)).await
    }
    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Listing {
    /// What is or was on the market; the working version of what never was.
    fn shown(&self) -> &Content {
        self.0.published.as_ref().map_or(&self.0.working, |version| &version.content)
    }

    fn is_mine(&self, context: &Context<'_>) -> bool {
        access::sees(access::caller(context), self.0.organization)
    }

    /// Whether the caller may see it at all: it is on the market, or the caller's own.
    pub fn is_visible(&self, context: &Context<'_>) -> bool {
        matches!(self.0.phase, Phase::Published | Phase::Deprecated) || self.is_mine(context)
    }
}

async fn read_capabilities(context: &Context<'_>, wording: &Content) -> Result<Vec<Capability>, Refused> {
    let slugs = wording.capabilities.clone();
    let read = move |views: &Views| {
        slugs.iter().filter_map(|slug| views.capability(slug).transpose()).collect::<Result<Vec<_>, _>>()
    };
    Ok(platform(context)?.read(read).await?.into_iter().map(Capability).collect())
}

/// A published version of a listing.
#[derive(Clone, Description)]
pub struct ListingVersion(pub VersionRow);

#[Object(use_type_description)]
impl ListingVersion {
    /// From 1, rising.
    async fn number(&self) -> u32 {
        self.0.version
    }
    /// When it was published.
    async fn published_at(&self) -> DateTime {
        DateTime(self.0.published_at)
    }
    /// Its name then.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.0.content.name, language)
    }
    /// What it did then.
    async fn summary(&self, language: Option<Language>) -> String {
        text(&self.0.content.summary, language)
    }
    /// Its licence then.
    async fn licence(&self) -> Option<&str> {
        self.0.content.licence.as_deref()
    }
}

/// What a version says.
#[derive(Description)]
pub struct ListingContent(pub Content);

#[Object(use_type_description)]
impl ListingContent {
    /// Its name.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.0.name, language)
    }
    /// What it does.
    async fn summary(&self, language: Option<Language>) -> String {
        text(&self.0.summary, language)
    }
    /// The capabilities it implements.
    async fn capabilities(&self, context: &Context<'_>) -> Result<Vec<Capability>, Refused> {
        read_capabilities(context, &self.0).await
    }
    /// SPDX expression or the name of the licence.
    async fn licence(&self) -> Option<&str> {
        self.0.licence.as_deref()
    }
    /// What only a dataset has.
    async fn dataset(&self) -> Option<DatasetDetails> {
        of_kind(&self.0).dataset
    }
    /// What only a model has.
    async fn model(&self) -> Option<ModelDetails> {
        of_kind(&self.0).model
    }
    /// What only a compute tier has.
    async fn compute_tier(&self) -> Option<ComputeTierDetails> {
        of_kind(&self.0).compute_tier
    }
    /// What only a solution has.
    async fn solution(&self) -> Option<SolutionDetails> {
        of_kind(&self.0).solution
    }
}

/// How listings are ordered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ViewOrder")]
pub enum ListingOrder {
    /// The newest first.
    Newest,
    /// By name.
    Name,
    /// By the lowest price of a first charged unit, on the filter's meter and in its currency. Flat fees are left out.
    Price,
}

connection!(ListingConnection, ListingEdge, Listing);
connection!(ListingVersionConnection, ListingVersionEdge, ListingVersion);

/// The part of `Query` that is about listings.
#[derive(Default)]
pub struct ListingsQuery;

#[Object]
impl ListingsQuery {
    /// What is on the market. Without an order: what a search finds, best first, or else the newest first.
    async fn listings(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<ListingFilter>,
        search: Option<String>,
        order_by: Option<ListingOrder>,
    ) -> Result<ListingConnection, Refused> {
        let page = page_request(first, after)?;
        let order = order_by.map(ViewOrder::from);
        let filter = facets::market_filter(context, filter.unwrap_or_default()).await?;
        let read = move |views: &Views| views.listings(&filter, search.as_deref(), order, &page);
        Ok(ListingConnection::of(platform(context)?.read(read).await?, Listing))
    }

    /// How many listings on the market have each value of each facet. What the filter asks of a facet does not narrow
    /// that facet's own counts.
    async fn listing_facets(
        &self,
        context: &Context<'_>,
        filter: Option<ListingFilter>,
        search: Option<String>,
        language: Option<Language>,
    ) -> Result<ListingFacets, Refused> {
        let filter = facets::market_filter(context, filter.unwrap_or_default()).await?;
        let read = move |views: &Views| views.listing_facets(&filter, search.as_deref());
        Ok(ListingFacets::new(platform(context)?.read(read).await?, language.unwrap_or(Language::En)))
    }

    /// One listing, by its address.
    async fn listing(&self, context: &Context<'_>, slug: String) -> Result<Option<Listing>, Refused> {
        let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
        let found = platform(context)?.read(move |views| views.listing_by_slug(&slug)).await?;
        Ok(found.map(Listing).filter(|listing| listing.is_visible(context)))
    }

    /// What your organization offers or prepares, newest first.
    async fn my_listings(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        state: Option<ListingState>,
    ) -> Result<ListingConnection, Refused> {
        let page = page_request(first, after)?;
        let organization = Some(access::authenticated(context)?.organization);
        let filter = ViewFilter { organization, phase: state.map(Phase::from), ..ViewFilter::default() };
        let read = move |views: &Views| views.listings(&filter, None, None, &page);
        Ok(ListingConnection::of(platform(context)?.read(read).await?, Listing))
    }

    /// What waits for review, the longest waiting first.
    async fn review_queue(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<ListingConnection, Refused> {
        let page = page_request(first, after)?;
        let page = platform(context)?.read(move |views| views.review_queue(&page)).await?;
        Ok(ListingConnection::of(page, Listing))
    }
}

/// Reads a listing that is known to exist, whether or not it is on the market: for those who hold an agreement on it.
pub async fn listing(context: &Context<'_>, id: ListingId) -> Result<Listing, Refused> {
    let found = platform(context)?.read(move |views| views.listing(id)).await?;
    found.map(Listing).ok_or_else(|| not_found(""))
}

/// A capability of a listing or agreement, which the catalog has.
pub async fn capability(context: &Context<'_>, slug: &Slug) -> Result<Capability, Refused> {
    capabilities::find(context, slug.as_str()).await?.ok_or_else(|| not_found(""))
}
