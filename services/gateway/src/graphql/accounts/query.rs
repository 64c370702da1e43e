//! Questions about accounts.

use async_graphql::{Context, ID, InputObject, Object};
use kernel::id::OrganizationId;
use views::accounts::OrganizationFilter as ViewFilter;

use super::{ApiKey, ApiKeyConnection, Member, MemberConnection, Organization, OrganizationConnection, Viewer};
use crate::graphql::access;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Refused, not_found};
use crate::graphql::work::platform;

/// Which organizations; all where nothing is set.
#[derive(InputObject, Default)]
pub struct OrganizationFilter {
    /// With this id, or with this text in the name, upper and lower case alike.
    pub search: Option<String>,
    /// Whether it operates the platform.
    pub is_operator: Option<bool>,
    /// Whether it is suspended.
    pub is_suspended: Option<bool>,
}

impl From<OrganizationFilter> for ViewFilter {
    fn from(filter: OrganizationFilter) -> Self {
        Self { search: filter.search, operator: filter.is_operator, suspended: filter.is_suspended }
    }
}

/// The part of `Query` that is about accounts.
#[derive(Default)]
pub struct AccountsQuery;

#[Object]
impl AccountsQuery {
    /// Who is asking.
    async fn viewer(&self, context: &Context<'_>) -> Result<Viewer, Refused> {
        access::authenticated(context).cloned().map(Viewer)
    }

    /// Your organization; the operator names any.
    async fn organization(&self, context: &Context<'_>, id: Option<ID>) -> Result<Organization, Refused> {
        let actor = access::authenticated(context)?;
        let id = id.map_or(Ok(actor.organization), |id| id.parse().map_err(|_| not_found("id")))?;
        if access::sees(Some(actor), id) { super::organization(context, id).await } else { Err(not_found("id")) }
    }

    /// Organizations, newest first.
    async fn organizations(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<OrganizationFilter>,
    ) -> Result<OrganizationConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default().into();
        let page = platform(context)?.read(move |views| views.organizations(&filter, &page)).await?;
        Ok(OrganizationConnection::of(page, Organization))
    }

    /// The members of your organization, in the order they joined.
    async fn members(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<MemberConnection, Refused> {
        let (own, page) = (own(context)?, page_request(first, after)?);
        let page = platform(context)?.read(move |views| views.members(own, &page)).await?;
        Ok(MemberConnection::of(page, Member))
    }

    /// The API keys of your organization, working and revoked, newest first.
    async fn api_keys(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<ApiKeyConnection, Refused> {
        let (own, page) = (own(context)?, page_request(first, after)?);
        let page = platform(context)?.read(move |views| views.api_keys(own, &page)).await?;
        Ok(ApiKeyConnection::of(page, ApiKey))
    }
}

fn own(context: &Context<'_>) -> Result<OrganizationId, Refused> {
    access::authenticated(context).map(|actor| actor.organization)
}
