//! Listings: what is on the market, what its provider is working on, and what waits for review.

use catalog::published::listing::{Content, Drafted, Event, Kind, Phase, Published};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{ListingId, OrganizationId, ProviderId};
use kernel::localized::Language;
use kernel::slug::Slug;
use rusqlite::{Connection, Row};

use crate::catalog::both;
use crate::facets::{self, ListingFilter};
use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::probes;
use crate::projection::{ApplyError, found};
use crate::search;
use crate::sql::{self, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE listing (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        organization TEXT NOT NULL,
        slug TEXT NOT NULL,
        kind TEXT NOT NULL,
        phase TEXT NOT NULL,
        working TEXT NOT NULL,
        version INTEGER,
        submitted INTEGER,
        note TEXT,
        name_order TEXT NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX listing_slug ON listing (slug);
    CREATE INDEX listing_phase ON listing (phase, position);
    CREATE INDEX listing_organization ON listing (organization, position);
    CREATE INDEX listing_provider ON listing (provider, position);
    CREATE INDEX listing_submitted ON listing (submitted) WHERE submitted IS NOT NULL;
    CREATE TABLE listing_version (
        listing TEXT NOT NULL,
        version INTEGER NOT NULL,
        content TEXT NOT NULL,
        published_at INTEGER NOT NULL,
        PRIMARY KEY (listing, version)
    ) STRICT;
    CREATE TABLE listing_capability (
        capability TEXT NOT NULL,
        listing TEXT NOT NULL,
        PRIMARY KEY (capability, listing)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX listing_capability_listing ON listing_capability (listing);
    CREATE VIRTUAL TABLE listing_search USING fts5 (
        name, body, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
    );
    CREATE VIRTUAL TABLE listing_typed_search USING fts5 (
        name, content = '', contentless_delete = 1, tokenize = 'unicode61', prefix = '1 2 3'
    );
";

/// A listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The listing.
    pub id: ListingId,
    /// Whose it is.
    pub provider: ProviderId,
    /// The provider's organization.
    pub organization: OrganizationId,
    /// Its address within the market.
    pub slug: Slug,
    /// What kind of good it is.
    pub kind: Kind,
    /// Where it stands. A listing on the market stays `Published` while its next version is reviewed.
    pub phase: Phase,
    /// Whether it waits for review.
    pub in_review: bool,
    /// What the next version says: for its provider and the operator only.
    pub working: Content,
    /// What is on the market, or was last.
    pub published: Option<ListingVersion>,
    /// What the operator asked to change at the last review.
    pub note: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A published version of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingVersion {
    /// From 1, rising.
    pub version: u32,
    /// What it says.
    pub content: Content,
    /// When it was published.
    pub published_at: Timestamp,
}

/// How listings are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingOrder {
    /// The newest first.
    Newest,
    /// By English name, or Chinese where there is none.
    Name,
    /// By the lowest price of a first charged unit, on the filter's meter and in its currency; without one last.
    Price,
}

pub(crate) const LISTING: &str = "l.id, l.provider, l.organization, l.slug, l.kind, l.phase, l.working, l.version,
    l.submitted IS NOT NULL AS in_review, l.note, l.updated_at, v.content, v.published_at";
const LISTINGS: &str = "listing l LEFT JOIN listing_version v ON v.listing = l.id AND v.version = l.version";
const FOUND: &str = "(SELECT rowid AS hit, CAST(bm25(listing_search, 8.0, 1.0) * 1000000 AS INTEGER) AS score
    FROM listing_search WHERE listing_search MATCH ?) JOIN listing l ON hit = l.position
    LEFT JOIN listing_version v ON v.listing = l.id AND v.version = l.version";

/// Sorts after every price where there is none.
const LOWEST: &str = "COALESCE(p.price, '~')";
const PRICED: &str = "listing l LEFT JOIN listing_version v ON v.listing = l.id AND v.version = l.version
    LEFT JOIN listing_price p ON p.listing = l.id";
const FOUND_PRICED: &str = "(SELECT rowid AS hit FROM listing_search WHERE listing_search MATCH ?)
    JOIN listing l ON hit = l.position
    LEFT JOIN listing_version v ON v.listing = l.id AND v.version = l.version
    LEFT JOIN listing_price p ON p.listing = l.id";

pub(crate) fn read_listing(row: &Row<'_>) -> rusqlite::Result<Listing> {
    let version: Option<u32> = row.get("version")?;
    Ok(Listing {
        id: sql::text(row, "id")?,
        provider: sql::text(row, "provider")?,
        organization: sql::text(row, "organization")?,
        slug: sql::text(row, "slug")?,
        kind: sql::text(row, "kind")?,
        phase: sql::text(row, "phase")?,
        in_review: row.get("in_review")?,
        working: sql::json(row, "working")?,
        published: version.map(|_| read_version(row)).transpose()?,
        note: row.get("note")?,
        updated_at: sql::instant(row, "updated_at")?,
    })
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<ListingVersion> {
    Ok(ListingVersion {
        version: row.get("version")?,
        content: sql::json(row, "content")?,
        published_at: sql::instant(row, "published_at")?,
    })
}

/// The list that a filter cuts out, in an order; the best first where a search ranks it and no order is asked for.
fn list(filter: &ListingFilter, term: Option<String>, order: Option<ListingOrder>) -> rusqlite::Result<List<Listing>> {
    let ordered = order.unwrap_or(ListingOrder::Newest);
    let conditions = match ordered {
        ListingOrder::Newest | ListingOrder::Name => filter.conditions()?,
        ListingOrder::Price => {
            let (meter, currency) = filter.priced_by()?;
            let priced = "(p.listing IS NULL OR (p.meter = ? AND p.currency = ?))";
            filter.conditions()?.and_values(priced, vec![meter, currency])
        }
    };
    let (name, from, key, descending): (_, _, &'static [&'static str], _) = match (ordered, term.is_some()) {
        (_, true) if order.is_none() => ("listings_found", FOUND, &["score", "l.position"], false),
        (ListingOrder::Newest, false) => ("listings_newest", LISTINGS, &["l.position"], true),
        (ListingOrder::Newest, true) => ("listings_found_newest", FOUND, &["l.position"], true),
        (ListingOrder::Name, false) => ("listings_name", LISTINGS, &["l.name_order", "l.position"], false),
        (ListingOrder::Name, true) => ("listings_found_name", FOUND, &["l.name_order", "l.position"], false),
        (ListingOrder::Price, false) => ("listings_price", PRICED, &[LOWEST, "l.position"], false),
        (ListingOrder::Price, true) => ("listings_found_price", FOUND_PRICED, &[LOWEST, "l.position"], false),
    };
    Ok(List { name, columns: LISTING, from, term, key, descending, conditions, read: read_listing })
}

impl Views {
    /// A listing by its id, in any phase.
    pub fn listing(&self, id: ListingId) -> Result<Option<Listing>, Fault> {
        self.one(&format!("SELECT {LISTING} FROM {LISTINGS} WHERE l.id = ?1"), [Text(id)], read_listing)
    }

    /// A listing by its address, in any phase.
    pub fn listing_by_slug(&self, slug: &Slug) -> Result<Option<Listing>, Fault> {
        self.one(
            &format!("SELECT {LISTING} FROM {LISTINGS} WHERE l.slug = ?1 ORDER BY l.position LIMIT 1"),
            [Text(slug)],
            read_listing,
        )
    }

    /// Listings in an order; without one those that a search finds, best first, or else the newest first. The search
    /// looks at what is on the market, and at the working version only of what never was.
    pub fn listings(
        &self,
        filter: &ListingFilter,
        sought: Option<&str>,
        order: Option<ListingOrder>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, PageError> {
        let list = list(filter, search::term(sought), order)?;
        self.read(|connection| list.page(connection, page))
    }

    /// What waits for review, the longest waiting first.
    pub fn review_queue(&self, page: &PageRequest) -> Result<Page<Listing>, PageError> {
        let list = List {
            name: "review_queue",
            key: &["l.submitted"],
            descending: false,
            conditions: Conditions::default().and("l.submitted IS NOT NULL"),
            ..list(&ListingFilter::default(), None, None)?
        };
        self.read(|connection| list.page(connection, page))
    }

    /// The published versions of a listing, newest first.
    pub fn listing_versions(&self, id: ListingId, page: &PageRequest) -> Result<Page<ListingVersion>, PageError> {
        let list = List {
            name: "listing_versions",
            columns: "content, published_at",
            from: "listing_version",
            term: None,
            key: &["version"],
            descending: true,
            conditions: Conditions::default().and_if("listing = ?", Some(Text(id)))?,
            read: read_version,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// The addresses of all listings on the market.
    pub fn listing_slugs(&self) -> Result<Vec<(ListingId, Slug)>, Fault> {
        let text = "SELECT id, slug FROM listing WHERE phase = 'published' ORDER BY position";
        self.all(text, [], |row| Ok((sql::text(row, "id")?, sql::text(row, "slug")?)))
    }
}

pub(crate) fn listing(to: &Connection, recorded: &Recorded<Event>) -> Result<(), ApplyError> {
    let at = Instant(recorded.occurred_at);
    match &recorded.event {
        Event::Drafted(fact) => drafted(to, recorded, fact),
        Event::Revised(fact) => {
            let text = "UPDATE listing SET working = ?2, updated_at = ?3 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.listing), Json(&fact.content), at))?)?;
            index(to, fact.listing)
        }
        Event::Probed(fact) => {
            probes::probe(to, recorded, fact)?;
            Ok(facets::refresh(to, fact.listing)?)
        }
        Event::Submitted(fact) => {
            let text = "UPDATE listing SET submitted = ?2, updated_at = ?3,
                phase = iif(version IS NULL, 'in_review', phase) WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.listing), Whole(recorded.position.0), at))?)
        }
        Event::ChangesRequested(fact) => {
            let text = "UPDATE listing SET submitted = NULL, note = ?2, updated_at = ?3,
                phase = iif(version IS NULL, 'draft', phase) WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.listing), &fact.note, at))?)
        }
        Event::Published(fact) => published(to, recorded, fact),
        Event::Deprecated(fact) => leave(to, fact.listing, Phase::Deprecated, at),
        Event::Retired(fact) => leave(to, fact.listing, Phase::Retired, at),
    }
}

fn drafted(to: &Connection, recorded: &Recorded<Event>, fact: &Drafted) -> Result<(), ApplyError> {
    let text = "INSERT INTO listing
        (position, id, provider, organization, slug, kind, phase, working, name_order, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.listing),
        Text(fact.provider),
        Text(fact.organization),
        Text(&fact.slug),
        Text(fact.content.details.kind()),
        Text(Phase::Draft),
        Json(&fact.content),
        Instant(recorded.occurred_at),
    );
    sql::run(to, text, row)?;
    index(to, fact.listing)
}

fn published(to: &Connection, recorded: &Recorded<Event>, fact: &Published) -> Result<(), ApplyError> {
    let at = recorded.occurred_at;
    let text = "INSERT INTO listing_version (listing, version, content, published_at) VALUES (?1, ?2, ?3, ?4)";
    sql::run(to, text, (Text(fact.listing), fact.version, Json(&fact.content), Instant(at)))?;
    let text = "UPDATE listing SET phase = ?2, version = ?3, working = ?4, submitted = NULL, note = NULL,
        updated_at = ?5 WHERE id = ?1";
    let row = (Text(fact.listing), Text(Phase::Published), fact.version, Json(&fact.content), Instant(at));
    found(sql::run(to, text, row)?)?;
    sql::run(to, "DELETE FROM listing_capability WHERE listing = ?1", [Text(fact.listing)])?;
    for capability in &fact.content.capabilities {
        let text = "INSERT OR IGNORE INTO listing_capability (capability, listing) VALUES (?1, ?2)";
        sql::run(to, text, (Text(capability), Text(fact.listing)))?;
    }
    probes::published(to, fact)?;
    facets::refresh(to, fact.listing)?;
    index(to, fact.listing)
}

fn leave(to: &Connection, id: ListingId, phase: Phase, at: Instant) -> Result<(), ApplyError> {
    let text = "UPDATE listing SET phase = ?2, submitted = NULL, updated_at = ?3 WHERE id = ?1";
    found(sql::run(to, text, (Text(id), Text(phase), at))?)?;
    facets::refresh(to, id)?;
    Ok(())
}

/// Indexes what is on the market, or the working version of what never was.
fn index(to: &Connection, id: ListingId) -> Result<(), ApplyError> {
    let text = format!("SELECT {LISTING}, l.position FROM {LISTINGS} WHERE l.id = ?1");
    let read = |row: &Row<'_>| Ok((sql::whole(row, "position")?, read_listing(row)?));
    let (position, listing) = sql::one(to, &text, [Text(id)], read)?.ok_or(ApplyError::Missing)?;
    let content = listing.published.map_or(listing.working, |version| version.content);
    let order = content.name.get(Language::En).to_lowercase();
    let kind = Text(content.details.kind());
    sql::run(to, "UPDATE listing SET kind = ?2, name_order = ?3 WHERE id = ?1", (Text(id), kind, order))?;
    let text = "INSERT OR REPLACE INTO listing_search (rowid, name, body) VALUES (?1, ?2, ?3)";
    let body = body(to, &listing.slug, &content)?;
    let name = search::indexed(&both(&content.name));
    sql::run(to, text, (Whole(position), &name, search::indexed(&body)))?;
    let text = "INSERT OR REPLACE INTO listing_typed_search (rowid, name) VALUES (?1, ?2)";
    sql::run(to, text, (Whole(position), format!("{name} {}", search::indexed(listing.slug.as_str()))))?;
    Ok(())
}

fn body(to: &Connection, slug: &Slug, content: &Content) -> Result<String, ApplyError> {
    let mut parts = vec![slug.as_str().to_owned(), both(&content.summary)];
    for capability in &content.capabilities {
        let text = "SELECT definition FROM capability WHERE slug = ?1";
        let definition: Option<catalog::published::capability::Definition> =
            sql::one(to, text, [Text(capability)], |row| sql::json(row, "definition"))?;
        parts.push(capability.as_str().to_owned());
        parts.extend(definition.map(|definition| both(&definition.name)));
    }
    Ok(parts.join(" "))
}
