//! Facts of an offer: terms on a listing. Stream: `offer-<id>`.

use kernel::id::{ListingId, OfferId, OrganizationId};
use kernel::localized::Localized;
use serde::{Deserialize, Serialize};

use super::terms::Terms;

/// What happened to an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A seller made it.
    Published(Published),
    /// The seller changed its terms for agreements to come.
    Repriced(Repriced),
    /// The seller takes no more acceptances.
    Withdrawn(Withdrawn),
}

/// A seller made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The offer.
    pub offer: OfferId,
    /// What it is on.
    pub listing: ListingId,
    /// Who sells.
    pub seller: OrganizationId,
    /// What buyers see it called, 1 to 80 characters in each language.
    pub name: Localized,
    /// Price version 1.
    pub terms: Terms,
}

/// The seller changed its terms for agreements to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repriced {
    /// The offer.
    pub offer: OfferId,
    /// From 2, rising.
    pub price_version: u32,
    /// The terms now.
    pub terms: Terms,
}

/// The seller takes no more acceptances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The offer.
    pub offer: OfferId,
}
