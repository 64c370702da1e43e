//! Questions about accounts.

use accounts::published::actor::{Role, Scope};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use kernel::id::OrganizationId;
use views::accounts::{
    ApiKeyFilter as ViewApiKeyFilter, ApiKeyOrder as ViewApiKeyOrder, MemberFilter as ViewMemberFilter,
    MemberOrder as ViewMemberOrder, OrganizationFilter as ViewFilter,
};

use super::{ApiKey, ApiKeyConnection, Member, MemberConnection, Organization, OrganizationConnection, Viewer};
use crate::graphql::access;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Refused, not_found};
use crate::graphql::scalars::{MemberRole, ScopeName};
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

/// Which members; all where nothing is set.
#[derive(InputObject, Default)]
pub struct MemberFilter {
    /// With this role.
    pub role: Option<MemberRole>,
}

/// In which order members come.
#[derive(Enum, Clone, Copy, Default, PartialEq, Eq)]
#[graphql(remote = "ViewMemberOrder")]
pub enum MemberOrder {
    /// Who joined first comes first.
    #[default]
    Joined,
    /// Who joined last comes first.
    Newest,
    /// Who may do most comes first.
    Role,
}

/// Which API keys; all where nothing is set.
#[derive(InputObject, Default)]
pub struct ApiKeyFilter {
    /// With this text in the label, upper and lower case alike, or a secret that begins with it.
    pub search: Option<String>,
    /// Whether it was revoked.
    pub is_revoked: Option<bool>,
    /// That may do this.
    pub scope: Option<ScopeName>,
}

/// In which order API keys come.
#[derive(Enum, Clone, Copy, Default, PartialEq, Eq)]
#[graphql(remote = "ViewApiKeyOrder")]
pub enum ApiKeyOrder {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By label.
    Label,
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

    /// The members of your organization.
    async fn members(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<MemberFilter>,
        #[graphql(default)] order_by: MemberOrder,
    ) -> Result<MemberConnection, Refused> {
        let page = page_request(first, after)?;
        let role = filter.and_then(|filter| filter.role).map(Role::from);
        let filter = ViewMemberFilter { organization: own(context)?, role };
        let page = platform(context)?.read(move |views| views.members(&filter, order_by.into(), &page)).await?;
        Ok(MemberConnection::of(page, Member))
    }

    /// The API keys of your organization, working and revoked.
    async fn api_keys(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<ApiKeyFilter>,
        #[graphql(default)] order_by: ApiKeyOrder,
    ) -> Result<ApiKeyConnection, Refused> {
        let page = page_request(first, after)?;
        let ApiKeyFilter { search, is_revoked, scope } = filter.unwrap_or_default();
        let scope = scope.map(Scope::from);
        let filter = ViewApiKeyFilter { organization: own(context)?, search, revoked: is_revoked, scope };
        let page = platform(context)?.read(move |views| views.api_keys(&filter, order_by.into(), &page)).await?;
        Ok(ApiKeyConnection::of(page, ApiKey))
    }
}

fn own(context: &Context<'_>) -> Result<OrganizationId, Refused> {
    access::authenticated(context).map(|actor| actor.organization)
}
