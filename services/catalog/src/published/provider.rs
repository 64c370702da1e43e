//! Facts of a provider and its store. Stream: `provider-<id>`.

use kernel::id::{OrganizationId, ProviderId};
use kernel::localized::Localized;
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};

/// What kind of party publishes; the white paper's four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublisherKind {
    /// A government body.
    Government,
    /// A university or institute.
    University,
    /// A company.
    Enterprise,
    /// An open-source or other community.
    Community,
}

/// What the store's page says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// The provider's name, 1 to 120 characters in each language.
    pub name: Localized,
    /// What it offers and stands for, up to 2,000 characters in each language.
    pub description: Localized,
    /// What kind of party it is.
    pub kind: PublisherKind,
    /// Its site, `https`, up to 300 characters.
    pub website: Option<String>,
}

/// What happened to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An organization became a provider and opened its store.
    Opened(Opened),
    /// The store's page was changed.
    StoreChanged(StoreChanged),
}

/// An organization became a provider and opened its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The provider.
    pub provider: ProviderId,
    /// The organization that sells.
    pub organization: OrganizationId,
    /// The store's address.
    pub slug: Slug,
    /// What the page says.
    pub store: Store,
}

/// The store's page was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreChanged {
    /// The provider.
    pub provider: ProviderId,
    /// What the page says now.
    pub store: Store,
}
