//! Accounts as GraphQL shows them: organizations, members, API keys, and who is asking.

pub mod mutation;
pub mod query;
pub mod session;
pub mod sign;

use accounts::published::actor::{Actor, Principal, Scope, Scopes};
use async_graphql::{Context, Description, ID, Object};
use eventlog::vault::Vault;
use kernel::id::OrganizationId;
use kernel::sealed::Sealed;

use super::access;
use super::connection::connection;
use super::errors::{Refused, not_found};
use super::scalars::{Count, DateTime, MemberRole, ScopeName};
use super::stores::Store;
use super::work::platform;

/// A party: it can buy, sell, or operate the platform. All but its name is for its own eyes and the operator's.
#[derive(Clone, Description)]
pub struct Organization(pub views::accounts::Organization);

#[Object(use_type_description)]
impl Organization {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its name.
    async fn name(&self) -> &str {
        &self.0.profile.name
    }
    /// ISO 3166-1 alpha-2.
    async fn country(&self, context: &Context<'_>) -> Option<&str> {
        self.own(context).map(|own| own.profile.country.as_str())
    }
    /// Where its billing days begin (IANA).
    async fn time_zone(&self, context: &Context<'_>) -> Option<&str> {
        self.own(context).map(|own| own.profile.zone.as_str())
    }
    /// What it prefers to be billed in (ISO 4217).
    async fn currency_code(&self, context: &Context<'_>) -> Option<&str> {
        self.own(context).map(|own| own.profile.currency.code())
    }
    /// Whether it operates the platform.
    async fn is_operator(&self) -> bool {
        self.0.operator
    }
    /// Why the operator stopped it, if it did.
    async fn suspended_because(&self, context: &Context<'_>) -> Option<&str> {
        self.own(context).and_then(|own| own.suspended.as_deref())
    }
    /// When it joined.
    async fn registered_at(&self, context: &Context<'_>) -> Option<DateTime> {
        self.own(context).map(|own| DateTime(own.registered_at))
    }
    /// How many people belong to it.
    async fn member_count(&self, context: &Context<'_>) -> Result<Option<Count>, Refused> {
        let Some(id) = self.own(context).map(|own| own.id) else { return Ok(None) };
        Ok(Some(Count(platform(context)?.read(move |views| views.member_count(id)).await?)))
    }
    /// Its store, if it sells.
    async fn store(&self, context: &Context<'_>) -> Result<Option<Store>, Refused> {
        let id = self.0.id;
        let store = platform(context)?.read(move |views| views.provider_by_organization(id)).await?;
        Ok(store.map(Store))
    }
}

impl Organization {
    fn own(&self, context: &Context<'_>) -> Option<&views::accounts::Organization> {
        access::sees(access::caller(context), self.0.id).then_some(&self.0)
    }
}

/// Reads an organization that is known to exist.
pub async fn organization(context: &Context<'_>, id: OrganizationId) -> Result<Organization, Refused> {
    let found = platform(context)?.read(move |views| views.organization(id)).await?;
    found.map(Organization).ok_or_else(|| not_found(""))
}

/// A person within an organization.
#[derive(Clone, Description)]
pub struct Member(pub views::accounts::Member);

#[Object(use_type_description)]
impl Member {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// The person's name; absent once the person has been erased.
    async fn name(&self, context: &Context<'_>) -> Result<Option<String>, Refused> {
        unsealed(context, &self.0.name).await
    }
    /// The e-mail address; absent once the person has been erased.
    async fn email(&self, context: &Context<'_>) -> Result<Option<String>, Refused> {
        unsealed(context, &self.0.email).await
    }
    /// What the person may do.
    async fn role(&self) -> MemberRole {
        self.0.role.into()
    }
    /// When the person joined.
    async fn joined_at(&self) -> DateTime {
        DateTime(self.0.joined_at)
    }
    /// Where the person belongs.
    async fn organization(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.organization).await
    }
}

async fn unsealed(context: &Context<'_>, sealed: &Sealed) -> Result<Option<String>, Refused> {
    let sealed = sealed.clone();
    platform(context)?.with_vault(move |vault: &Vault| vault.unseal(&sealed)).await
}

/// A key by which a program calls the platform. Its secret is shown once, when it is made.
#[derive(Clone, Description)]
pub struct ApiKey(pub views::accounts::ApiKey);

#[Object(use_type_description)]
impl ApiKey {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// What its owner calls it.
    async fn label(&self) -> &str {
        &self.0.label
    }
    /// The first characters of its secret.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }
    /// What it may do.
    async fn scopes(&self) -> Vec<ScopeName> {
        scope_names(&self.0.scopes)
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it stopped working, if it did.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}

/// Who is asking.
#[derive(Clone, Description)]
pub struct Viewer(pub Actor);

#[Object(use_type_description)]
impl Viewer {
    /// For whom it acts.
    async fn organization(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.organization).await
    }
    /// The person, where a person is signed in.
    async fn member(&self, context: &Context<'_>) -> Result<Option<Member>, Refused> {
        let Principal::Member(id) = self.0.principal else { return Ok(None) };
        Ok(platform(context)?.read(move |views| views.member(id)).await?.map(Member))
    }
    /// The key, where a program asks.
    async fn api_key(&self, context: &Context<'_>) -> Result<Option<ApiKey>, Refused> {
        let Principal::ApiKey(id) = self.0.principal else { return Ok(None) };
        Ok(platform(context)?.read(move |views| views.api_key(id)).await?.map(ApiKey))
    }
    /// What it may do.
    async fn scopes(&self) -> Vec<ScopeName> {
        scope_names(&self.0.scopes)
    }
    /// Whether it may operate the platform.
    async fn is_operator(&self) -> bool {
        access::operates(&self.0)
    }
}

fn scope_names(scopes: &Scopes) -> Vec<ScopeName> {
    scopes.as_slice().iter().copied().map(ScopeName::from).collect()
}

/// The scopes of an input.
pub fn scopes(names: Vec<ScopeName>) -> Scopes {
    Scopes::from(names.into_iter().map(Scope::from).collect::<Vec<Scope>>())
}

connection!(OrganizationConnection, OrganizationEdge, Organization);
connection!(MemberConnection, MemberEdge, Member);
connection!(ApiKeyConnection, ApiKeyEdge, ApiKey);
