//! Commands on listings: providers write them, the operator reviews them.

use async_graphql::{Context, ID, InputObject, Object};
use catalog::listing::{Command, Listing as Decider};
use catalog::published::listing::{Content, Drafted};
use eventlog::claim;
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::ListingId;
use kernel::slug::Slug;
use views::store::Views;

use super::details::DetailsInput;
use super::errors::{Refused, claimed, invalid, not_found, rule};
use super::listings::{Listing, listing};
use super::scalars::LocalizedInput;
use super::stores::own_store;
use super::work::{self, Work, payload, payloads};

/// What a listing says.
#[derive(InputObject)]
pub struct ListingContentInput {
    /// Its name, up to 120 characters in each language.
    pub name: LocalizedInput,
    /// What it does, up to 2,000 characters in each language.
    pub summary: LocalizedInput,
    /// Slugs of the capabilities it implements; a model has at least one.
    #[graphql(default)]
    pub capabilities: Vec<String>,
    /// SPDX expression or the name of the licence.
    pub licence: Option<String>,
    /// What only its kind has.
    pub details: DetailsInput,
}

impl TryFrom<ListingContentInput> for Content {
    type Error = Refused;

    fn try_from(input: ListingContentInput) -> Result<Self, Refused> {
        let slug = |text: String| text.parse::<Slug>().map_err(|error| invalid("capabilities", error));
        Ok(Self {
            name: input.name.into(),
            summary: input.summary.into(),
            capabilities: input.capabilities.into_iter().map(slug).collect::<Result<_, _>>()?,
            licence: input.licence,
            details: input.details.try_into()?,
        })
    }
}

/// Begin a listing in your store.
#[derive(InputObject)]
pub struct DraftListingInput {
    /// Its address within the market: 2 to 64 of a-z, 0-9 and single dashes.
    pub slug: String,
    /// What it says.
    pub content: ListingContentInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Change what the next version says.
#[derive(InputObject)]
pub struct ReviseListingInput {
    /// The listing.
    pub listing_id: ID,
    /// What it says now.
    pub content: ListingContentInput,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// A listing to act on.
#[derive(InputObject)]
pub struct ListingInput {
    /// The listing.
    pub listing_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Ask a provider for changes.
#[derive(InputObject)]
pub struct RequestListingChangesInput {
    /// The listing.
    pub listing_id: ID,
    /// What to change.
    pub note: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The listing.
    DraftListingPayload { listing: Listing }
    /// The listing.
    ReviseListingPayload { listing: Listing }
    /// The listing.
    SubmitListingPayload { listing: Listing }
    /// The listing.
    RequestListingChangesPayload { listing: Listing }
    /// The listing.
    PublishListingPayload { listing: Listing }
    /// The listing.
    DeprecateListingPayload { listing: Listing }
    /// The listing.
    RetireListingPayload { listing: Listing }
}

/// The part of `Mutation` that is about listings.
#[derive(Default)]
pub struct ListingsMutation;

#[Object]
impl ListingsMutation {
    /// Begins a listing in your store.
    async fn draft_listing(
        &self,
        context: &Context<'_>,
        input: DraftListingInput,
    ) -> async_graphql::Result<DraftListingPayload> {
        payload(draft(context, input).await)
    }

    /// Changes what the next version says.
    async fn revise_listing(
        &self,
        context: &Context<'_>,
        input: ReviseListingInput,
    ) -> async_graphql::Result<ReviseListingPayload> {
        payload(revise(context, input).await)
    }

    /// Asks the operator for review.
    async fn submit_listing(
        &self,
        context: &Context<'_>,
        input: ListingInput,
    ) -> async_graphql::Result<SubmitListingPayload> {
        payload(act(context, input, Command::Submit).await)
    }

    /// Stops offering it to new buyers.
    async fn deprecate_listing(
        &self,
        context: &Context<'_>,
        input: ListingInput,
    ) -> async_graphql::Result<DeprecateListingPayload> {
        payload(act(context, input, Command::Deprecate).await)
    }

    /// Takes it off the market.
    async fn retire_listing(
        &self,
        context: &Context<'_>,
        input: ListingInput,
    ) -> async_graphql::Result<RetireListingPayload> {
        payload(act(context, input, Command::Retire).await)
    }

    /// The operator asks its provider for changes.
    async fn request_listing_changes(
        &self,
        context: &Context<'_>,
        input: RequestListingChangesInput,
    ) -> async_graphql::Result<RequestListingChangesPayload> {
        let RequestListingChangesInput { listing_id, note, idempotency_key } = input;
        let input = ListingInput { listing_id, idempotency_key };
        payload(review(context, input, Command::RequestChanges { note }).await)
    }

    /// The operator approves what is in review: it goes to the market.
    async fn publish_listing(
        &self,
        context: &Context<'_>,
        input: ListingInput,
    ) -> async_graphql::Result<PublishListingPayload> {
        payload(review(context, input, Command::Approve).await)
    }
}

async fn draft(context: &Context<'_>, input: DraftListingInput) -> Result<Listing, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let provider = own_store(&work).await?.0.id;
    let slug: Slug = input.slug.parse().map_err(|error| invalid("slug", error))?;
    let wording = checked(&work, input.content).await?;
    let id = ListingId::new(work.id("listing")?);
    let (stream, organization) = (StreamName::of(&id), work.actor.organization);
    let draft = Command::Draft(Drafted { listing: id, provider, organization, slug: slug.clone(), content: wording });
    work.may_begin::<Decider>(draft.clone())?;
    let log = work.platform.log.as_ref();
    claimed(claim::claim(log, "listing_slug", slug.as_str(), &stream, &work.cause).await, "slug")?;
    work.run::<Decider>(&stream, draft).await?;
    listing(context, id).await
}

async fn revise(context: &Context<'_>, input: ReviseListingInput) -> Result<Listing, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = mine(&work, &input.listing_id).await?;
    let wording = checked(&work, input.content).await?;
    work.run::<Decider>(&StreamName::of(&id), Command::Revise(wording)).await?;
    listing(context, id).await
}

async fn act(context: &Context<'_>, input: ListingInput, command: Command) -> Result<Listing, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = mine(&work, &input.listing_id).await?;
    work.run::<Decider>(&StreamName::of(&id), command).await?;
    listing(context, id).await
}

/// Listings implement capabilities that the catalog has: no decider can know which those are.
async fn checked(work: &Work<'_>, content: ListingContentInput) -> Result<Content, Refused> {
    let content = Content::try_from(content)?;
    let slugs = content.capabilities.clone();
    let read = move |views: &Views| -> Result<bool, views::store::Fault> {
        for slug in &slugs {
            if views.capability(slug)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if work.platform.read(read).await? {
        Ok(content)
    } else {
        Err(rule(ErrorCode("CAPABILITY_UNKNOWN"), "the listing names a capability that is not in the catalog"))
    }
}

/// The operator answers a submission, whoever's it is.
async fn review(context: &Context<'_>, input: ListingInput, command: Command) -> Result<Listing, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = find(&work, &input.listing_id).await?.id;
    work.run::<Decider>(&StreamName::of(&id), command).await?;
    listing(context, id).await
}

/// A listing of the actor's own.
pub async fn mine(work: &Work<'_>, id: &ID) -> Result<ListingId, Refused> {
    let found = find(work, id).await?;
    if found.organization == work.actor.organization { Ok(found.id) } else { Err(not_found("listingId")) }
}

/// A listing, whoever's it is.
pub async fn find(work: &Work<'_>, id: &ID) -> Result<views::listings::Listing, Refused> {
    let id: ListingId = id.parse().map_err(|_| not_found("listingId"))?;
    work.platform.read(move |views| views.listing(id)).await?.ok_or_else(|| not_found("listingId"))
}
