//! Providers and their stores.

use async_graphql::{Context, Description, ID, InputObject, Object};
use catalog::provider::{Command, Provider as Decider, Rejection};
use catalog::published::provider::{Opened, Store as StorePage};
use eventlog::claim;
use eventlog::execute::ExecuteError;
use kernel::event::StreamName;
use kernel::id::ProviderId;
use kernel::slug::Slug;
use views::facets::ListingFilter;
use views::store::Views;

use super::connection::{connection, page_request};
use super::errors::{Refused, claimed, invalid, not_found};
use super::listings::{Listing, ListingConnection};
use super::scalars::{Count, DateTime, Language, LocalizedInput, PublisherKind, text};
use super::work::{self, Work, payload, payloads, platform};

/// An organization that sells, and its store's page.
#[derive(Clone, Description)]
pub struct Store(pub views::catalog::Provider);

#[Object(name = "Provider", use_type_description)]
impl Store {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The store's address.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }
    /// The provider's name.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.0.store.name, language)
    }
    /// What it offers and stands for.
    async fn description(&self, language: Option<Language>) -> String {
        text(&self.0.store.description, language)
    }
    /// What kind of party it is.
    async fn kind(&self) -> PublisherKind {
        self.0.store.kind.into()
    }
    /// Its site.
    async fn website(&self) -> Option<&str> {
        self.0.store.website.as_deref()
    }
    /// The store's colour, `#rrggbb`; absent where it has the platform's own.
    async fn accent(&self) -> Option<&str> {
        self.0.accent.as_deref()
    }
    /// When the store opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.0.opened_at)
    }
    /// How many listings it has on the market.
    async fn listing_count(&self, context: &Context<'_>) -> Result<Count, Refused> {
        let id = self.0.id;
        Ok(Count(platform(context)?.read(move |views| views.listing_count(id)).await?))
    }
    /// What it has on the market.
    async fn listings(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<ListingConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = ListingFilter {
            provider: Some(self.0.id),
            phase: Some(catalog::published::listing::Phase::Published),
            ..ListingFilter::default()
        };
        let read = move |views: &Views| views.listings(&filter, None, None, &page);
        Ok(ListingConnection::of(platform(context)?.read(read).await?, Listing))
    }
}

connection!(ProviderConnection, ProviderEdge, Store);

/// Reads a provider that is known to exist.
pub async fn provider(context: &Context<'_>, id: ProviderId) -> Result<Store, Refused> {
    let found = platform(context)?.read(move |views| views.provider(id)).await?;
    found.map(Store).ok_or_else(|| not_found(""))
}

/// The part of `Query` that is about stores.
#[derive(Default)]
pub struct StoresQuery;

#[Object]
impl StoresQuery {
    /// Stores in the order they opened; those that a search finds, best first.
    async fn stores(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        search: Option<String>,
    ) -> Result<ProviderConnection, Refused> {
        let page = page_request(first, after)?;
        let page = platform(context)?.read(move |views| views.providers(search.as_deref(), &page)).await?;
        Ok(ProviderConnection::of(page, Store))
    }

    /// One store, by its address.
    async fn store(&self, context: &Context<'_>, slug: String) -> Result<Option<Store>, Refused> {
        let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
        Ok(platform(context)?.read(move |views| views.provider_by_slug(&slug)).await?.map(Store))
    }
}

/// What a store's page says.
#[derive(InputObject)]
pub struct StorePageInput {
    /// The provider's name, up to 120 characters in each language.
    pub name: LocalizedInput,
    /// What it offers and stands for, up to 2,000 characters in each language.
    pub description: LocalizedInput,
    /// What kind of party it is.
    pub kind: PublisherKind,
    /// Its site, `https`.
    pub website: Option<String>,
    /// The store's colour, `#rrggbb`; absent for the platform's own.
    pub accent: Option<String>,
}

impl From<StorePageInput> for StorePage {
    fn from(input: StorePageInput) -> Self {
        Self {
            name: input.name.into(),
            description: input.description.into(),
            kind: input.kind.into(),
            website: input.website,
        }
    }
}

/// Become a provider: open your organization's store.
#[derive(InputObject)]
pub struct OpenStoreInput {
    /// The store's address: 2 to 64 of a-z, 0-9 and single dashes.
    pub slug: String,
    /// What the page says.
    pub page: StorePageInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Change what your store's page says.
#[derive(InputObject)]
pub struct UpdateStoreInput {
    /// What the page says now.
    pub page: StorePageInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The store.
    OpenStorePayload { provider: Store }
    /// The store.
    UpdateStorePayload { provider: Store }
}

/// The part of `Mutation` that is about stores.
#[derive(Default)]
pub struct StoresMutation;

#[Object]
impl StoresMutation {
    /// Opens your organization's store.
    async fn open_store(
        &self,
        context: &Context<'_>,
        input: OpenStoreInput,
    ) -> async_graphql::Result<OpenStorePayload> {
        payload(open_store(context, input).await)
    }

    /// Changes what your store's page says.
    async fn update_store(
        &self,
        context: &Context<'_>,
        input: UpdateStoreInput,
    ) -> async_graphql::Result<UpdateStorePayload> {
        payload(update_store(context, input).await)
    }
}

async fn open_store(context: &Context<'_>, input: OpenStoreInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let slug: Slug = input.slug.parse().map_err(|error| invalid("slug", error))?;
    let id = ProviderId::new(work.id("provider")?);
    let (stream, organization) = (StreamName::of(&id), work.actor.organization);
    let (log, owner) = (work.platform.log.as_ref(), organization.to_string());
    let one = claim::claim(log, "store", &owner, &stream, &work.cause.step("one")).await;
    claimed(one, "").map_err(|refused| refused.instead_of_taken(Rejection::AlreadyOpen))?;
    claimed(claim::claim(log, "store_slug", slug.as_str(), &stream, &work.cause).await, "slug")?;
    let accent = input.page.accent.clone();
    let opened = Opened { provider: id, organization, slug, store: input.page.into() };
    work.run::<Decider>(&stream, Command::Open { opened, accent }).await?;
    provider(context, id).await
}

async fn update_store(context: &Context<'_>, input: UpdateStoreInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = own_store(&work).await?.0.id;
    let accent = input.page.accent.clone();
    let command = Command::ChangeStore { store: input.page.into(), accent };
    work.run::<Decider>(&StreamName::of(&id), command).await?;
    provider(context, id).await
}

/// The store of the actor's organization.
pub async fn own_store(work: &Work<'_>) -> Result<Store, Refused> {
    let own = work.actor.organization;
    let store = work.platform.read(move |views| views.provider_by_organization(own)).await?;
    store.map(Store).ok_or_else(|| Refused::from(ExecuteError::Rejected(Rejection::NotOpen)))
}
