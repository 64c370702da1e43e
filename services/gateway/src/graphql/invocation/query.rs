//! Questions about calls: what one would cost, and what was called.

use accounts::published::actor::Scope;
use async_graphql::{Context, ID, Object, SimpleObject};
use kernel::id::InvocationId;
use metering::published::usage::UsageRecord;
use views::page::Page;
use views::usage::BatchesOf;

use super::history::{self, Place};
use super::mutation::InvokeInput;
use super::refusal::refused;
use super::{Invocation, InvocationConnection, Quote};
use crate::graphql::access;
use crate::graphql::agreements::find_agreement;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Fault, Refused, UserError, not_found};
use crate::graphql::work::{Payload, payload, platform};
use crate::platform::Platform;

/// What a call would cost.
#[derive(SimpleObject)]
pub struct QuotePayload {
    /// One per agreement that covers the call, the one that would answer first.
    pub candidates: Vec<Quote>,
    /// Why there is none.
    pub errors: Vec<UserError>,
}

impl Payload for QuotePayload {
    type Entity = Vec<Quote>;
    fn new(entity: Option<Self::Entity>, errors: Vec<UserError>) -> Self {
        Self { candidates: entity.unwrap_or_default(), errors }
    }
}

/// The part of `Query` that is about calls.
#[derive(Default)]
pub struct InvocationQuery;

#[Object]
impl InvocationQuery {
    /// Prices a call before it is made: the same estimator that the hold uses. Nothing is called.
    async fn quote(&self, context: &Context<'_>, input: InvokeInput) -> async_graphql::Result<QuotePayload> {
        payload(quote(context, input))
    }

    /// One call that your organization bought or sold.
    async fn invocation(&self, context: &Context<'_>, id: ID) -> Result<Invocation, Refused> {
        let id = id.parse().map_err(|_| not_found("id"))?;
        find_invocation(context, id).await?.ok_or_else(|| not_found("id"))
    }

    /// Calls under an agreement of which you are buyer or seller, or all that your organization made, newest first.
    async fn invocations(
        &self,
        context: &Context<'_>,
        agreement_id: Option<ID>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<InvocationConnection, Refused> {
        let of = whose(context, agreement_id).await?;
        page_request(first, None)?;
        let after = after.as_deref().map(Place::parse).transpose()?;
        let platform = platform(context)?;
        platform.caught_up().await?;
        let page = history::page(platform, of, usize::try_from(first).unwrap_or_default(), after).await?;
        Ok(InvocationConnection::of(with_terms(platform, page)?, |invocation| invocation))
    }
}

fn quote(context: &Context<'_>, input: InvokeInput) -> Result<Vec<Quote>, Refused> {
    let actor = access::authenticated(context)?;
    let quotes = platform(context)?.service.quote(actor, input.try_into()?).map_err(refused)?;
    Ok(quotes.into_iter().map(Quote).collect())
}

/// A call, if there is one that the caller bought or sold and may read.
pub async fn find_invocation(context: &Context<'_>, id: InvocationId) -> Result<Option<Invocation>, Refused> {
    access::scoped(context, Scope::UsageRead)?;
    let platform = platform(context)?;
    platform.caught_up().await?;
    let record = history::find(platform, id).await?;
    let found = record.map(|record| recorded(platform, record)).transpose()?;
    Ok(found.filter(|invocation| invocation.is_visible(context)))
}

/// The batches with the calls that are asked for; an agreement is one of which the caller is a party.
async fn whose(context: &Context<'_>, agreement_id: Option<ID>) -> Result<BatchesOf, Refused> {
    let Some(id) = agreement_id else {
        return Ok(BatchesOf::Buyer(access::authenticated(context)?.organization));
    };
    let id = id.parse().map_err(|_| not_found("agreementId"))?;
    find_agreement(context, id).await?.ok_or_else(|| not_found("agreementId"))?;
    Ok(BatchesOf::Agreement(id))
}

fn with_terms(platform: &Platform, page: Page<UsageRecord>) -> Result<Page<Invocation>, Refused> {
    let nodes = page.nodes.into_iter().map(|(cursor, record)| Ok((cursor, recorded(platform, record)?)));
    Ok(Page { nodes: nodes.collect::<Result<_, Refused>>()?, has_next: page.has_next, total: page.total })
}

/// Estimates need the terms, which the hot state keeps for every agreement there ever was.
fn recorded(platform: &Platform, record: UsageRecord) -> Result<Invocation, Refused> {
    let accepted = platform.service.market().agreement(record.agreement).ok_or_else(Fault::incomplete)?;
    Ok(Invocation::recorded(record, &accepted))
}
