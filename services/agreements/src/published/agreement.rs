//! Facts of an agreement: a buyer's acceptance of one offer, terms frozen. Stream: `agreement-<id>`.

use jiff::Timestamp;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::period::{Calendar, InvalidCalendar, Period};
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};

use super::market::MarketTerms;
use super::terms::Terms;

/// What happened to an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly every event is an acceptance; boxing would save nothing")]
pub enum Event {
    /// A buyer accepted an offer.
    Accepted(Accepted),
    /// The buyer or the operator ended it.
    Cancelled(Cancelled),
}

/// A buyer accepted an offer. Nothing in it changes afterwards, whatever becomes of offer, listing or market terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The agreement.
    pub agreement: AgreementId,
    /// The offer.
    pub offer: OfferId,
    /// The price version of the offer.
    pub price_version: u32,
    /// What was bought.
    pub listing: ListingId,
    /// Its version when bought.
    pub listing_version: u32,
    /// The capabilities that may be called under it.
    pub capabilities: Vec<Slug>,
    /// The licence of the listing when bought.
    pub licence: Option<String>,
    /// The provider that delivers.
    pub provider: ProviderId,
    /// The organization that sells.
    pub seller: OrganizationId,
    /// The organization that buys.
    pub buyer: OrganizationId,
    /// What is free and what is charged.
    pub terms: Terms,
    /// Commission and tax.
    pub market: MarketTerms,
    /// When periods begin.
    pub calendar: Calendar,
    /// The first instant in force.
    pub starts_at: Timestamp,
}

/// The buyer or the operator ended it: calls stop at once, the running period is billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// The agreement.
    pub agreement: AgreementId,
    /// The first instant no longer in force.
    pub ends_at: Timestamp,
}

/// The agreement's period that holds an instant: the calendar's, clipped to begin at `opened_at`, which is the end of
/// the last closed period or else `starts_at`. An instant before `opened_at` counts as `opened_at`.
pub fn period_at(accepted: &Accepted, opened_at: Timestamp, instant: Timestamp) -> Result<Period, InvalidCalendar> {
    let whole = accepted.calendar.period_at(instant.max(opened_at))?;
    Ok(Period { start: whole.start.max(opened_at), end: whole.end })
}
