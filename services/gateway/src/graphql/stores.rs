//! Providers and their stores.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catalog::provider::{Command, Provider as Decider, Rejection};
use catalog::published::provider::{Logo, Opened, Store as StorePage};
use eventlog::claim;
use eventlog::execute::ExecuteError;
use kernel::event::StreamName;
use kernel::id::ProviderId;
use kernel::slug::Slug;
use tokio::task::spawn_blocking;
use views::facets::ListingFilter;
use views::store::Views;

use super::connection::{connection, page_request};
use super::errors::{Fault, Refused, claimed, invalid, not_found, rule};
use super::listings::{Listing, ListingConnection};
use super::scalars::{Count, DateTime, Language, LocalizedInput, PublisherKind, text};
use super::work::{self, Work, payload, payloads, platform};
use crate::blobs;
use crate::logo::{self, UPLOAD_BYTES_MAX, UnfitLogo};
use crate::platform::Platform;

/// The longest upload in base64: four letters for three bytes, and some space around them.
const UPLOAD_LENGTH_MAX: usize = UPLOAD_BYTES_MAX / 3 * 4 + 64;

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
    /// The store's logo.
    async fn logo(&self) -> Option<Image> {
        self.0.logo.as_ref().map(Image::from)
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

/// A picture that the platform serves.
#[derive(SimpleObject)]
pub struct Image {
    /// A path on this platform; what it leads to never changes.
    pub url: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl From<&Logo> for Image {
    fn from(logo: &Logo) -> Self {
        Self { url: blobs::url(&logo.sha256), width: logo.width, height: logo.height }
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

/// Give your store a logo, in place of any before.
#[derive(InputObject)]
pub struct SetStoreLogoInput {
    /// A PNG, JPEG or WebP image in base64, at most 512 KiB and 2048 × 2048 pixels; send it as a variable. It is kept
    /// as PNG, at most 512 pixels on its longer side, and nothing but its pixels.
    pub image: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Take your store's logo away.
#[derive(InputObject)]
pub struct RemoveStoreLogoInput {
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The store.
    OpenStorePayload { provider: Store }
    /// The store.
    UpdateStorePayload { provider: Store }
    /// The store.
    SetStoreLogoPayload { provider: Store }
    /// The store.
    RemoveStoreLogoPayload { provider: Store }
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

    /// Gives your store a logo.
    async fn set_store_logo(
        &self,
        context: &Context<'_>,
        input: SetStoreLogoInput,
    ) -> async_graphql::Result<SetStoreLogoPayload> {
        payload(set_store_logo(context, input).await)
    }

    /// Takes your store's logo away.
    async fn remove_store_logo(
        &self,
        context: &Context<'_>,
        input: RemoveStoreLogoInput,
    ) -> async_graphql::Result<RemoveStoreLogoPayload> {
        payload(remove_store_logo(context, input).await)
    }
}

async fn open_store(context: &Context<'_>, input: OpenStoreInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let slug: Slug = input.slug.parse().map_err(|error| invalid("slug", error))?;
    let id = ProviderId::new(work.id("provider")?);
    let accent = input.page.accent.clone();
    let opened = Opened { provider: id, organization: work.actor.organization, slug, store: input.page.into() };
    let open = Command::Open { opened: opened.clone(), accent };
    work.may_begin::<Decider>(open.clone())?;
    claim_store(&work, &opened).await?;
    work.run::<Decider>(&StreamName::of(&id), open).await?;
    provider(context, id).await
}

/// Claims the address, then the organization: whoever finds the address taken has claimed nothing, and may choose
/// another at once. Whoever has a store already claims no address, but for two who race.
async fn claim_store(work: &Work<'_>, opened: &Opened) -> Result<(), Refused> {
    let Opened { provider, organization, slug, .. } = opened;
    let (own, log, holder) = (*organization, work.platform.log.as_ref(), StreamName::of(provider));
    let open = work.platform.read(move |views| views.provider_by_organization(own)).await?;
    if open.is_some_and(|store| store.id != *provider) {
        return Err(ExecuteError::Rejected(Rejection::AlreadyOpen).into());
    }
    claimed(claim::claim(log, "store_slug", slug.as_str(), &holder, &work.cause).await, "slug")?;
    let one = claim::claim(log, "store", &own.to_string(), &holder, &work.cause.step("one")).await;
    claimed(one, "").map_err(|refused| refused.instead_of_taken(Rejection::AlreadyOpen)).map(drop)
}

async fn update_store(context: &Context<'_>, input: UpdateStoreInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = own_store(&work).await?.0.id;
    let accent = input.page.accent.clone();
    let command = Command::ChangeStore { store: input.page.into(), accent };
    work.run::<Decider>(&StreamName::of(&id), command).await?;
    provider(context, id).await
}

async fn set_store_logo(context: &Context<'_>, input: SetStoreLogoInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = own_store(&work).await?.0.id;
    let logo = kept_logo(work.platform, input.image).await?;
    work.run::<Decider>(&StreamName::of(&id), Command::SetLogo(logo)).await?;
    provider(context, id).await
}

/// Makes a logo of an upload and keeps it: before the event that names it, so that no event names what is not there.
async fn kept_logo(platform: &Platform, upload: String) -> Result<Logo, Refused> {
    if upload.len() > UPLOAD_LENGTH_MAX {
        return Err(unfit(UnfitLogo::TooLarge));
    }
    let _turn = platform.logos.acquire().await.map_err(|error| Fault::internal(&error))?;
    let blobs = platform.blobs.clone();
    let made = spawn_blocking(move || -> Result<Logo, Refused> {
        let bytes = STANDARD.decode(upload.trim()).map_err(|_| invalid("image", "the image is not base64"))?;
        let made = logo::made(&bytes).map_err(unfit)?;
        let sha256 = blobs.keep(&made.png).map_err(|error| Fault::internal(&error))?;
        Ok(Logo { sha256, width: made.width, height: made.height })
    });
    made.await.map_err(|error| Fault::internal(&error))?
}

fn unfit(error: UnfitLogo) -> Refused {
    rule(error.code(), error)
}

async fn remove_store_logo(context: &Context<'_>, input: RemoveStoreLogoInput) -> Result<Store, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = own_store(&work).await?.0.id;
    work.run::<Decider>(&StreamName::of(&id), Command::RemoveLogo).await?;
    provider(context, id).await
}

/// The store of the actor's organization.
pub async fn own_store(work: &Work<'_>) -> Result<Store, Refused> {
    let own = work.actor.organization;
    let store = work.platform.read(move |views| views.provider_by_organization(own)).await?;
    store.map(Store).ok_or_else(|| Refused::from(ExecuteError::Rejected(Rejection::NotOpen)))
}
