//! Offers and what they cost, agreements, and the market's terms.

use agreements::published::agreement::{Accepted, Event as AgreementEvent, period_at};
use agreements::published::market::{Event as MarketEvent, MarketTerms};
use agreements::published::offer::{Event as OfferEvent, Published};
use agreements::published::terms::{MeterTerms, Price, Terms};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId};
use kernel::localized::Localized;
use kernel::period::Period;
use metering::published::usage::PeriodUsage;
use rusqlite::{Connection, Row};

use crate::facets;
use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::price;
use crate::projection::{ApplyError, found};
use crate::sql::{self, Amount, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};
use crate::usage::{is_used_since, period_usage};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE offer (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        listing TEXT NOT NULL,
        seller TEXT NOT NULL,
        name TEXT NOT NULL,
        price_version INTEGER NOT NULL,
        terms TEXT NOT NULL,
        withdrawn INTEGER NOT NULL,
        published_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX offer_listing ON offer (listing, position);
    CREATE INDEX offer_seller ON offer (seller, position);
    CREATE TABLE agreement (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        accepted TEXT NOT NULL,
        listing TEXT NOT NULL,
        seller TEXT NOT NULL,
        buyer TEXT NOT NULL,
        starts_at INTEGER NOT NULL,
        ends_at INTEGER,
        closed_until INTEGER,
        closed_at INTEGER,
        open_until INTEGER
    ) STRICT;
    CREATE INDEX agreement_buyer ON agreement (buyer, position);
    CREATE INDEX agreement_seller ON agreement (seller, position);
    CREATE INDEX agreement_open ON agreement (open_until, position) WHERE open_until IS NOT NULL;
    CREATE INDEX agreement_in_force ON agreement (ends_at) WHERE ends_at IS NULL;
    CREATE TABLE agreement_meter (
        agreement TEXT NOT NULL,
        meter TEXT NOT NULL,
        currency TEXT NOT NULL,
        unit TEXT,
        PRIMARY KEY (agreement, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE market_terms (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        terms TEXT NOT NULL
    ) STRICT;
";

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// What it is on.
    pub listing: ListingId,
    /// Who sells.
    pub seller: OrganizationId,
    /// What buyers see it called.
    pub name: Localized,
    /// The price version now.
    pub price_version: u32,
    /// The terms now.
    pub terms: Terms,
    /// Whether it takes no more acceptances.
    pub withdrawn: bool,
    /// When it was made.
    pub published_at: Timestamp,
}

/// Which offers; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferFilter {
    /// On this listing.
    pub listing: Option<ListingId>,
    /// Of this seller.
    pub seller: Option<OrganizationId>,
    /// Only those that can be accepted, or only those withdrawn.
    pub withdrawn: Option<bool>,
}

/// An agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What was agreed.
    pub accepted: Accepted,
    /// The first instant no longer in force, once cancelled.
    pub ends_at: Option<Timestamp>,
    /// The end of the last closed period, once one is closed; to the microsecond.
    pub closed_until: Option<Timestamp>,
}

/// A side of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who buys.
    Buyer(OrganizationId),
    /// Who sells.
    Seller(OrganizationId),
}

const OFFER: &str = "id, listing, seller, name, price_version, terms, withdrawn, published_at";
const AGREEMENT: &str = "accepted, ends_at, closed_until";

fn read_offer(row: &Row<'_>) -> rusqlite::Result<Offer> {
    Ok(Offer {
        id: sql::text(row, "id")?,
        listing: sql::text(row, "listing")?,
        seller: sql::text(row, "seller")?,
        name: sql::json(row, "name")?,
        price_version: row.get("price_version")?,
        terms: sql::json(row, "terms")?,
        withdrawn: row.get("withdrawn")?,
        published_at: sql::instant(row, "published_at")?,
    })
}

fn read_agreement(row: &Row<'_>) -> rusqlite::Result<Agreement> {
    Ok(Agreement {
        accepted: sql::json(row, "accepted")?,
        ends_at: sql::optional_instant(row, "ends_at")?,
        closed_until: sql::optional_instant(row, "closed_until")?,
    })
}

/// Which agreements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementFilter {
    /// Of this side.
    pub side: Side,
    /// Only those in force, or only those cancelled.
    pub in_force: Option<bool>,
    /// On this listing.
    pub listing: Option<ListingId>,
}

impl AgreementFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let of_side = match self.side {
            Side::Buyer(id) => Conditions::default().and_if("buyer = ?", Some(Text(id))),
            Side::Seller(id) => Conditions::default().and_if("seller = ?", Some(Text(id))),
        };
        of_side?.and_if("(ends_at IS NULL) = ?", self.in_force)?.and_if("listing = ?", self.listing.map(Text))
    }
}

/// A period of an agreement that is not closed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The agreement.
    pub agreement: Agreement,
    /// The period. It ends with its calendar or with the agreement.
    pub period: Period,
    /// What was used in it.
    pub usage: PeriodUsage,
}

impl Views {
    /// An offer by its id, withdrawn or not.
    pub fn offer(&self, id: OfferId) -> Result<Option<Offer>, Fault> {
        self.one(&format!("SELECT {OFFER} FROM offer WHERE id = ?1"), [Text(id)], read_offer)
    }

    /// Offers in the order they were made.
    pub fn offers(&self, filter: &OfferFilter, page: &PageRequest) -> Result<Page<Offer>, PageError> {
        let conditions = Conditions::default()
            .and_if("listing = ?", filter.listing.map(Text))?
            .and_if("seller = ?", filter.seller.map(Text))?
            .and_if("withdrawn = ?", filter.withdrawn)?;
        let list = List {
            name: "offers",
            columns: OFFER,
            from: "offer",
            term: None,
            key: &["position"],
            descending: false,
            conditions,
            read: read_offer,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// An agreement by its id.
    pub fn agreement(&self, id: AgreementId) -> Result<Option<Agreement>, Fault> {
        self.one(&format!("SELECT {AGREEMENT} FROM agreement WHERE id = ?1"), [Text(id)], read_agreement)
    }

    /// Periods that are not closed yet, the one that ends first comes first; only those over at `ended`, if given.
    pub fn open_agreements(&self, ended: Option<Timestamp>, page: &PageRequest) -> Result<Page<Open>, PageError> {
        let list = List {
            name: "open_agreements",
            columns: "accepted, ends_at, closed_until, starts_at, open_until",
            from: "agreement",
            term: None,
            key: &["open_until", "position"],
            descending: false,
            conditions: Conditions::default()
                .and("open_until IS NOT NULL")
                .and_if("open_until <= ?", ended.map(Instant))?,
            read: read_open,
        };
        self.read(|connection| {
            let mut page = list.page(connection, page)?;
            for (_, open) in &mut page.nodes {
                open.usage = period_usage(connection, open.agreement.accepted.agreement, open.period.start)?;
            }
            Ok(page)
        })
    }

    /// The agreements of one side, newest first.
    pub fn agreements(&self, filter: &AgreementFilter, page: &PageRequest) -> Result<Page<Agreement>, PageError> {
        let list = List {
            name: "agreements",
            columns: AGREEMENT,
            from: "agreement",
            term: None,
            key: &["position"],
            descending: true,
            conditions: filter.conditions()?,
            read: read_agreement,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// The market's terms for agreements to come.
    pub fn market_terms(&self) -> Result<MarketTerms, Fault> {
        let terms = self.one("SELECT terms FROM market_terms", [], |row| sql::json(row, "terms"))?;
        Ok(terms.unwrap_or(MarketTerms::DEFAULT))
    }
}

/// Without its usage.
fn read_open(row: &Row<'_>) -> rusqlite::Result<Open> {
    let agreement = read_agreement(row)?;
    let start = agreement.closed_until.unwrap_or(sql::instant(row, "starts_at")?);
    let period = Period { start, end: sql::instant(row, "open_until")? };
    Ok(Open { agreement, period, usage: PeriodUsage::default() })
}

pub(crate) fn offer(to: &Connection, recorded: &Recorded<OfferEvent>) -> Result<(), ApplyError> {
    match &recorded.event {
        OfferEvent::Published(fact) => published(to, recorded, fact),
        OfferEvent::Repriced(fact) => {
            let text = "UPDATE offer SET price_version = ?2, terms = ?3 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.offer), fact.price_version, Json(&fact.terms)))?)?;
            let listing = listing_of(to, fact.offer)?;
            price::set(to, fact.offer, listing, &fact.terms)?;
            Ok(facets::refresh(to, listing)?)
        }
        OfferEvent::Withdrawn(fact) => {
            found(sql::run(to, "UPDATE offer SET withdrawn = 1 WHERE id = ?1", [Text(fact.offer)])?)?;
            price::clear(to, fact.offer)?;
            Ok(facets::refresh(to, listing_of(to, fact.offer)?)?)
        }
    }
}

fn published(to: &Connection, recorded: &Recorded<OfferEvent>, fact: &Published) -> Result<(), ApplyError> {
    let text = "INSERT INTO offer
        (position, id, listing, seller, name, price_version, terms, withdrawn, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, 0, ?7)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.offer),
        Text(fact.listing),
        Text(fact.seller),
        Json(&fact.name),
        Json(&fact.terms),
        Instant(recorded.occurred_at),
    );
    sql::run(to, text, row)?;
    price::set(to, fact.offer, fact.listing, &fact.terms)?;
    Ok(facets::refresh(to, fact.listing)?)
}

fn listing_of(to: &Connection, offer: OfferId) -> Result<ListingId, ApplyError> {
    let listing =
        sql::one(to, "SELECT listing FROM offer WHERE id = ?1", [Text(offer)], |row| sql::text(row, "listing"))?;
    listing.ok_or(ApplyError::Missing)
}

pub(crate) fn agreement(to: &Connection, recorded: &Recorded<AgreementEvent>) -> Result<(), ApplyError> {
    match &recorded.event {
        AgreementEvent::Accepted(fact) => accepted(to, recorded, fact),
        AgreementEvent::Cancelled(fact) => {
            let text = "UPDATE agreement SET ends_at = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.agreement), Instant(fact.ends_at)))?)?;
            open_period(to, fact.agreement)
        }
    }
}

fn accepted(to: &Connection, recorded: &Recorded<AgreementEvent>, fact: &Accepted) -> Result<(), ApplyError> {
    let text = "INSERT INTO agreement (position, id, accepted, listing, seller, buyer, starts_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.agreement),
        Json(fact),
        Text(fact.listing),
        Text(fact.seller),
        Text(fact.buyer),
        Instant(fact.starts_at),
    );
    sql::run(to, text, row)?;
    fact.terms.meters.iter().try_for_each(|meter| metered(to, fact, meter))?;
    open_period(to, fact.agreement)
}

/// Writes down where the open period ends. Once an agreement's last one is closed there is none, until something is
/// reported late: that waits until the calendar period of the last closing is over.
fn open_period(to: &Connection, id: AgreementId) -> Result<(), ApplyError> {
    let text = format!("SELECT {AGREEMENT}, closed_at FROM agreement WHERE id = ?1");
    let read = |row: &Row<'_>| Ok((read_agreement(row)?, sql::optional_instant(row, "closed_at")?));
    let (Agreement { accepted, ends_at, closed_until }, closed_at) =
        sql::one(to, &text, [Text(id)], read)?.ok_or(ApplyError::Missing)?;
    let opened_at = closed_until.unwrap_or(accepted.starts_at);
    let calendar_end = |instant: Timestamp| Ok::<_, ApplyError>(period_at(&accepted, opened_at, instant)?.end);
    let end = match ends_at {
        None => Some(calendar_end(opened_at)?),
        Some(ends_at) if opened_at < ends_at => Some(calendar_end(opened_at)?.min(ends_at)),
        Some(_) if is_used_since(to, id, opened_at)? => {
            Some(calendar_end(closed_at.map_or(opened_at, |at| at.max(opened_at)))?)
        }
        Some(_) => None,
    };
    sql::run(to, "UPDATE agreement SET open_until = ?2 WHERE id = ?1", (Text(id), end.map(Instant)))?;
    Ok(())
}

/// Something was recorded that is billed to the agreement's open period: an ended one may have had none.
pub(crate) fn open_if_used(to: &Connection, agreement: AgreementId) -> Result<(), ApplyError> {
    let text = "SELECT 1 FROM agreement WHERE id = ?1 AND open_until IS NULL";
    if sql::one(to, text, [Text(agreement)], |_| Ok(()))?.is_some() { open_period(to, agreement) } else { Ok(()) }
}

/// What sums of usage are charged by: the currency, and the price of a unit where each costs the same.
fn metered(to: &Connection, fact: &Accepted, terms: &MeterTerms) -> Result<(), ApplyError> {
    let unit = match &terms.price {
        Some(Price::PerUnit { unit }) => Some(unit.to_exact()),
        Some(Price::Package { .. } | Price::Graduated { .. } | Price::Volume { .. }) | None => None,
    };
    let text = "INSERT INTO agreement_meter (agreement, meter, currency, unit) VALUES (?1, ?2, ?3, ?4)";
    let row = (Text(fact.agreement), Text(terms.meter), Text(fact.terms.currency), unit.map(Amount));
    sql::run(to, text, row)?;
    Ok(())
}

/// A period of the agreement was closed, `at` an instant: the next one begins at `end`.
pub(crate) fn close_period(
    to: &Connection,
    agreement: AgreementId,
    end: Timestamp,
    at: Timestamp,
) -> Result<(), ApplyError> {
    let text = "UPDATE agreement SET closed_until = MAX(COALESCE(closed_until, ?2), ?2),
        closed_at = MAX(COALESCE(closed_at, ?3), ?3) WHERE id = ?1";
    found(sql::run(to, text, (Text(agreement), Instant(end), Instant(at)))?)?;
    open_period(to, agreement)
}

pub(crate) fn market(to: &Connection, recorded: &Recorded<MarketEvent>) -> Result<(), ApplyError> {
    let MarketEvent::Set(fact) = &recorded.event;
    let text = "INSERT INTO market_terms (one, terms) VALUES (1, ?1)
        ON CONFLICT (one) DO UPDATE SET terms = excluded.terms";
    sql::run(to, text, [Json(&fact.terms)])?;
    Ok(())
}
