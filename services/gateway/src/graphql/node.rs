//! `node(id)`: whatever has an id, if the caller may see it. The id's prefix says what it names.

use accounts::published::actor::{Actor, Scope};
use async_graphql::{Context, ID, Interface, Object};
use kernel::id::{ApiKeyId, InvocationId, ListingId, MemberId, OfferId, OrganizationId, ProviderId};

use super::access;
use super::accounts::{ApiKey, Member, Organization};
use super::agreements::{Agreement, find_agreement};
use super::billing::{self, Invoice};
use super::capabilities::{self, CAPABILITY_PREFIX, Capability};
use super::errors::Refused;
use super::invocation::Invocation;
use super::invocation::query::find_invocation;
use super::listings::Listing;
use super::offers::{Offer, find_offer};
use super::settlement::{self, Statement};
use super::stores::Store;
use super::work::platform;

/// Whatever has an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Unique over the whole platform; its prefix says what it names."))]
pub enum Node {
    /// An organization.
    Organization(Organization),
    /// A member.
    Member(Member),
    /// An API key.
    ApiKey(ApiKey),
    /// A capability.
    Capability(Capability),
    /// A provider.
    Store(Store),
    /// A listing.
    Listing(Box<Listing>),
    /// An offer.
    Offer(Offer),
    /// An agreement.
    Agreement(Box<Agreement>),
    /// A call.
    Invocation(Box<Invocation>),
    /// An invoice.
    Invoice(Box<Invoice>),
    /// A statement.
    Statement(Statement),
}

/// The part of `Query` that finds anything by its id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this id, if you may see it; null otherwise.
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>, Refused> {
        let prefix = id.split_once('_').map(|(prefix, _)| prefix);
        match prefix {
            Some(OrganizationId::PREFIX) => organization(context, &id).await,
            Some(MemberId::PREFIX) => member(context, &id).await,
            Some(ApiKeyId::PREFIX) => api_key(context, &id).await,
            Some(ProviderId::PREFIX) => store(context, &id).await,
            Some(ListingId::PREFIX) => listing(context, &id).await,
            Some(OfferId::PREFIX) => offer(context, &id).await,
            Some("cap") => capability(context, &id).await,
            Some("agr") => {
                let Ok(id) = id.parse() else { return Ok(None) };
                Ok(find_agreement(context, id).await?.map(Box::new).map(Node::Agreement))
            }
            Some("ivk") if holds(context, Scope::UsageRead) => invocation(context, &id).await,
            Some("inv") if holds(context, Scope::BillingRead) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                Ok(billing::find(context, id).await?.map(Box::new).map(Node::Invoice))
            }
            Some("stm") if holds(context, Scope::BillingRead) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                Ok(settlement::find(context, id).await?.map(Node::Statement))
            }
            _ => Ok(None),
        }
    }
}

fn holds(context: &Context<'_>, scope: Scope) -> bool {
    access::caller(context).is_some_and(|actor: &Actor| actor.require(scope).is_ok())
}

async fn organization(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<OrganizationId>() else { return Ok(None) };
    let found = platform(context)?.read(move |views| views.organization(id)).await?;
    Ok(found.filter(|_| access::sees(access::caller(context), id)).map(Organization).map(Node::Organization))
}

async fn member(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<MemberId>() else { return Ok(None) };
    let found = platform(context)?.read(move |views| views.member(id)).await?;
    let administers = holds(context, Scope::OrganizationWrite);
    let own = found.filter(|member| administers && is_own(context, member.organization));
    Ok(own.map(Member).map(Node::Member))
}

async fn api_key(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<ApiKeyId>() else { return Ok(None) };
    let found = platform(context)?.read(move |views| views.api_key(id)).await?;
    let administers = holds(context, Scope::OrganizationWrite);
    let own = found.filter(|key| administers && is_own(context, key.organization));
    Ok(own.map(ApiKey).map(Node::ApiKey))
}

fn is_own(context: &Context<'_>, organization: OrganizationId) -> bool {
    access::caller(context).is_some_and(|actor| actor.organization == organization)
}

async fn store(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<ProviderId>() else { return Ok(None) };
    Ok(platform(context)?.read(move |views| views.provider(id)).await?.map(Store).map(Node::Store))
}

async fn listing(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<ListingId>() else { return Ok(None) };
    let found = platform(context)?.read(move |views| views.listing(id)).await?.map(Listing);
    Ok(found.filter(|listing| listing.is_visible(context)).map(Box::new).map(Node::Listing))
}

async fn invocation(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<InvocationId>() else { return Ok(None) };
    Ok(find_invocation(context, id).await?.map(Box::new).map(Node::Invocation))
}

async fn offer(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let Ok(id) = id.parse::<OfferId>() else { return Ok(None) };
    Ok(find_offer(context, id).await?.map(Node::Offer))
}

async fn capability(context: &Context<'_>, id: &ID) -> Result<Option<Node>, Refused> {
    let slug = id.strip_prefix(CAPABILITY_PREFIX).unwrap_or_default();
    Ok(capabilities::find(context, slug).await?.map(Node::Capability))
}
