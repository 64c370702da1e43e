//! Questions about calls: what one would cost, and what was called.

use accounts::published::actor::Scope;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use kernel::id::InvocationId;
use metering::published::usage::UsageRecord;
use views::calls::{CallClass, CallFilter, CallsWithin};
use views::page::Page;
use views::usage_series::UsageOf;

use super::history::{self, Place};
use super::mutation::InvokeInput;
use super::refusal::refused;
use super::{Invocation, InvocationConnection, Quote};
use crate::graphql::access;
use crate::graphql::agreements::find_agreement;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Fault, Refused, UserError, invalid, not_found};
use crate::graphql::scalars::{DateTime, UsageClass};
use crate::graphql::usage::{Perspective, UsageFilter};
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

    /// Calls that your organization made or sold, newest first: by the hour they were admitted in, then as they were
    /// recorded. Of an agreement that the filter names, its buyer and its seller see all calls from either side.
    async fn invocations(
        &self,
        context: &Context<'_>,
        filter: Option<InvocationFilter>,
        #[graphql(default_with = "Perspective::Buyer")] perspective: Perspective,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<InvocationConnection, Refused> {
        let filter = filter.unwrap_or_default().of_view(context, perspective).await?;
        list(context, filter, first, after).await
    }
}

/// Which calls; all where nothing is set.
#[derive(InputObject, Default)]
pub struct InvocationFilter {
    /// Under this agreement.
    pub agreement_id: Option<ID>,
    /// Of this capability, by slug.
    pub capability: Option<String>,
    /// Answered by this listing.
    pub listing_id: Option<ID>,
    /// Made by this API key or member (`key_…`, `mem_…`); for the buyer and the operator.
    pub principal: Option<String>,
    /// `FREE`: those without a charged unit; `VALUE_ADDED`: those with one.
    pub class: Option<UsageClass>,
    /// Admitted at or after this instant.
    pub from: Option<DateTime>,
    /// Admitted before this instant.
    pub until: Option<DateTime>,
}

impl InvocationFilter {
    async fn of_view(self, context: &Context<'_>, perspective: Perspective) -> Result<CallFilter, Refused> {
        let actor = access::authenticated(context)?;
        let within = CallsWithin::Span { from: self.from.map(|at| at.0), until: self.until.map(|at| at.0) };
        let class = self.class.map(|class| match class {
            UsageClass::Free => CallClass::Free,
            UsageClass::ValueAdded => CallClass::ValueAdded,
        });
        let (of, names_callers) = match self.agreement_id {
            None => (perspective.usage_of(actor)?, perspective != Perspective::Seller),
            Some(id) => {
                let id = id.parse().map_err(|_| not_found("filter"))?;
                let agreement = find_agreement(context, id).await?.ok_or_else(|| not_found("filter"))?;
                (UsageOf::Agreement(id), access::sees(Some(actor), agreement.0.accepted.buyer))
            }
        };
        if self.principal.is_some() && !names_callers {
            return Err(invalid("filter", "only a buyer sees who called"));
        }
        let InvocationFilter { capability, listing_id, principal, .. } = self;
        let usage = UsageFilter { agreement_id: None, capability, listing_id, principal, meter: None };
        Ok(CallFilter { of, usage: usage.try_into()?, class, within })
    }
}

/// A page of calls.
pub async fn list(
    context: &Context<'_>,
    filter: CallFilter,
    first: i32,
    after: Option<String>,
) -> Result<InvocationConnection, Refused> {
    page_request(first, None)?;
    let platform = platform(context)?;
    let incarnation = platform.views.incarnation();
    let after = after.as_deref().map(|cursor| Place::parse(cursor, incarnation)).transpose()?;
    platform.caught_up().await?;
    let page = history::page(platform, filter, usize::try_from(first).unwrap_or_default(), after).await?;
    Ok(InvocationConnection::of(with_terms(platform, page)?, |invocation| invocation))
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
    let record = history::find(platform, id).await?;
    let found = record.map(|record| recorded(platform, record)).transpose()?;
    Ok(found.filter(|invocation| invocation.is_visible(context)))
}

fn with_terms(platform: &Platform, page: Page<UsageRecord>) -> Result<Page<Invocation>, Refused> {
    let nodes = page.nodes.into_iter().map(|(cursor, record)| Ok((cursor, recorded(platform, record)?)));
    Ok(Page { nodes: nodes.collect::<Result<_, Refused>>()?, has_next: page.has_next, total: page.total })
}

/// Estimates need the terms, which the hot state keeps for every agreement there ever was.
pub fn recorded(platform: &Platform, record: UsageRecord) -> Result<Invocation, Refused> {
    let accepted = platform.service.market().agreement(record.agreement).ok_or_else(Fault::incomplete)?;
    Ok(Invocation::recorded(record, &accepted))
}
