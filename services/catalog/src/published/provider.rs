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

/// A picture that stands for a store: a PNG file that the platform keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// SHA-256 of the file, hexadecimal: its name among the platform's blobs.
    pub sha256: String,
    /// In pixels, 1 to 512.
    pub width: u32,
    /// In pixels, 1 to 512.
    pub height: u32,
}

/// What happened to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An organization became a provider and opened its store.
    Opened(Opened),
    /// The store's page was changed.
    StoreChanged(StoreChanged),
    /// The store's colour was chosen, or given up.
    AccentChosen(AccentChosen),
    /// The store has a logo, in place of any before.
    LogoSet(LogoSet),
    /// The store has no logo any more.
    LogoRemoved(LogoRemoved),
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

/// The store's colour was chosen, or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccentChosen {
    /// The provider.
    pub provider: ProviderId,
    /// `#rrggbb`, lower case; the platform's own where absent.
    pub accent: Option<String>,
}

/// The store has a logo, in place of any before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoSet {
    /// The provider.
    pub provider: ProviderId,
    /// The logo.
    pub logo: Logo,
}

/// The store has no logo any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoRemoved {
    /// The provider.
    pub provider: ProviderId,
}
