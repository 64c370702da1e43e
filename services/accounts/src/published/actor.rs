//! Who acts, and what they may do. Authority is a value: authentication returns an [`Actor`], later functions require it.

use kernel::error::{ErrorCode, Rejection};
use kernel::id::{ApiKeyId, MemberId, OrganizationId};
use serde::{Deserialize, Serialize};

/// One thing an actor may do for its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Call capabilities.
    #[serde(rename = "invoke")]
    Invoke,
    /// Read usage, as buyer and as seller.
    #[serde(rename = "usage:read")]
    UsageRead,
    /// Report usage of what the organization sells.
    #[serde(rename = "usage:report")]
    UsageReport,
    /// Read invoices, statements and the ledger of the organization.
    #[serde(rename = "billing:read")]
    BillingRead,
    /// Accept offers and cancel agreements.
    #[serde(rename = "agreements:write")]
    AgreementsWrite,
    /// Run the store: listings and offers.
    #[serde(rename = "store:write")]
    StoreWrite,
    /// Change the organization, its members and its API keys.
    #[serde(rename = "organization:write")]
    OrganizationWrite,
    /// Operate the platform; counts only for the operator's organization.
    #[serde(rename = "operate")]
    Operate,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(formatter)
    }
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[
        Self::Invoke,
        Self::UsageRead,
        Self::UsageReport,
        Self::BillingRead,
        Self::AgreementsWrite,
        Self::StoreWrite,
        Self::OrganizationWrite,
        Self::Operate,
    ];
}

/// A set of scopes, sorted and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Whether the scope is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.binary_search(&scope).is_ok()
    }

    /// Whether every scope of `other` is in this set.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.contains(*scope))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, sorted.
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(mut scopes: Vec<Scope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

/// What a member does in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything too, but cannot make or unmake owners.
    Admin,
    /// Calls, usage, reports of it and the store.
    Developer,
    /// Usage, invoices and agreements.
    Finance,
    /// Looks only.
    Viewer,
}

impl Role {
    /// What members of this role may do.
    pub fn scopes(self) -> Scopes {
        use Scope::{AgreementsWrite, BillingRead, Invoke, StoreWrite, UsageRead, UsageReport};
        match self {
            Self::Owner | Self::Admin => Scopes::from(Scope::ALL.to_vec()),
            Self::Developer => Scopes::from(vec![Invoke, UsageRead, UsageReport, StoreWrite]),
            Self::Finance => Scopes::from(vec![UsageRead, BillingRead, AgreementsWrite]),
            Self::Viewer => Scopes::from(vec![UsageRead, BillingRead]),
        }
    }
}

/// How the actor proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A signed-in person.
    Member(MemberId),
    /// A program with a key.
    ApiKey(ApiKeyId),
    /// Nobody known, who tries something within the operator's sandbox.
    Visitor,
}

/// How [`Principal::Visitor`] is written.
pub const VISITOR: &str = "visitor";

impl std::fmt::Display for Principal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Member(id) => id.fmt(formatter),
            Self::ApiKey(id) => id.fmt(formatter),
            Self::Visitor => formatter.write_str(VISITOR),
        }
    }
}

/// An authenticated party: made by authentication only, required by whatever acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// For whom it acts.
    pub organization: OrganizationId,
    /// Who it is.
    pub principal: Principal,
    /// What it may do.
    pub scopes: Scopes,
    /// Whether its organization operates the platform.
    pub operator: bool,
}

/// The actor lacks the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The key or role does not carry this scope.
    #[error("this needs the scope {0}")]
    MissingScope(Scope),
    /// Only the operator may do this.
    #[error("only the operator of the platform may do this")]
    NotOperator,
}

impl Rejection for Forbidden {
    fn code(&self) -> ErrorCode {
        match self {
            Self::MissingScope(_) => ErrorCode("MISSING_SCOPE"),
            Self::NotOperator => ErrorCode("NOT_OPERATOR"),
        }
    }
}

impl Actor {
    /// Passes where the actor holds the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Forbidden> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Forbidden::MissingScope(scope)) }
    }

    /// Passes where the actor may operate the platform.
    pub fn require_operator(&self) -> Result<(), Forbidden> {
        if self.operator { self.require(Scope::Operate) } else { Err(Forbidden::NotOperator) }
    }
}
