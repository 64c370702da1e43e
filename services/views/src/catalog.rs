//! Capabilities, and providers with their stores.

use catalog::published::capability::{Contract, Definition, Event as CapabilityEvent};
use catalog::published::provider::{Event as ProviderEvent, Logo, Opened, Store};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{OrganizationId, ProviderId};
use kernel::localized::Localized;
use kernel::meter::Meter;
use kernel::slug::Slug;
use rusqlite::{Connection, Row};

use crate::facets;
use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::projection::{ApplyError, found};
use crate::search;
use crate::sql::{self, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE capability (
        position INTEGER PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        category TEXT NOT NULL,
        meter TEXT NOT NULL,
        definition TEXT NOT NULL,
        contract_version INTEGER,
        contract TEXT
    ) STRICT;
    CREATE VIEW callable_capability AS
        SELECT c.*, (c.contract IS NOT NULL AND EXISTS (
            SELECT 1 FROM listing_capability o JOIN listing l ON l.id = o.listing
            WHERE o.capability = c.slug AND l.phase = 'published')) AS answered
        FROM capability c;
    CREATE TABLE capability_industry (
        capability TEXT NOT NULL,
        industry TEXT NOT NULL,
        PRIMARY KEY (capability, industry)
    ) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE capability_search USING fts5 (
        name, body, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
    );
    CREATE VIRTUAL TABLE capability_typed_search USING fts5 (
        name, content = '', contentless_delete = 1, tokenize = 'unicode61', prefix = '1 2 3'
    );
    CREATE TABLE provider (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization TEXT NOT NULL,
        slug TEXT NOT NULL,
        store TEXT NOT NULL,
        accent TEXT,
        logo TEXT,
        opened_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX provider_organization ON provider (organization, position);
    CREATE INDEX provider_slug ON provider (slug);
    CREATE VIRTUAL TABLE provider_search USING fts5 (
        name, body, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
    );
    CREATE VIRTUAL TABLE provider_typed_search USING fts5 (
        name, content = '', contentless_delete = 1, tokenize = 'unicode61', prefix = '1 2 3'
    );
";

/// A capability; its contract is read apart, by [`Views::contract`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What the catalog says of it.
    pub definition: Definition,
    /// The newest version of its contract, once one is defined.
    pub contract_version: Option<u32>,
    /// Whether it can be called: it has a contract, and a listing on the market implements it.
    pub answered: bool,
}

/// Which capabilities; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapabilityFilter {
    /// Of this category.
    pub category: Option<Slug>,
    /// Only those that can be called, or only those that cannot.
    pub answered: Option<bool>,
    /// Counted on this meter by default.
    pub meter: Option<Meter>,
    /// Asked for by this industry.
    pub industry: Option<String>,
}

/// A category of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its slug.
    pub slug: Slug,
    /// Capabilities in it.
    pub capability_count: u64,
    /// Those of them that can be called.
    pub answered_count: u64,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The provider.
    pub id: ProviderId,
    /// The organization that sells.
    pub organization: OrganizationId,
    /// The store's address.
    pub slug: Slug,
    /// What the store's page says.
    pub store: Store,
    /// The store's colour, `#rrggbb`.
    pub accent: Option<String>,
    /// The store's logo.
    pub logo: Option<Logo>,
    /// When it opened.
    pub opened_at: Timestamp,
}

pub(crate) const CAPABILITY: &str = "definition, contract_version, answered";
const FOUND: &str = "callable_capability c JOIN (
    SELECT rowid AS hit, CAST(bm25(capability_search, 8.0, 1.0) * 1000000 AS INTEGER) AS score
    FROM capability_search WHERE capability_search MATCH ?) ON hit = c.position";
pub(crate) const PROVIDER: &str = "p.id, p.organization, p.slug, p.store, p.accent, p.logo, p.opened_at";
const PROVIDER_FOUND: &str = "(
    SELECT rowid AS hit, CAST(bm25(provider_search, 8.0, 1.0) * 1000000 AS INTEGER) AS score
    FROM provider_search WHERE provider_search MATCH ?) JOIN provider p ON hit = p.position";

pub(crate) fn read_capability(row: &Row<'_>) -> rusqlite::Result<Capability> {
    Ok(Capability {
        definition: sql::json(row, "definition")?,
        contract_version: row.get("contract_version")?,
        answered: row.get("answered")?,
    })
}

pub(crate) fn read_provider(row: &Row<'_>) -> rusqlite::Result<Provider> {
    Ok(Provider {
        id: sql::text(row, "id")?,
        organization: sql::text(row, "organization")?,
        slug: sql::text(row, "slug")?,
        store: sql::json(row, "store")?,
        accent: row.get("accent")?,
        logo: sql::optional_json(row, "logo")?,
        opened_at: sql::instant(row, "opened_at")?,
    })
}

impl CapabilityFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        Conditions::default()
            .and_if("c.category = ?", self.category.as_ref().map(Text))?
            .and_if("c.meter = ?", self.meter.map(Text))?
            .and_if(
                "c.slug IN (SELECT capability FROM capability_industry WHERE industry = ?)",
                self.industry.as_ref(),
            )?
            .and_if("answered = ?", self.answered)
    }
}

impl Views {
    /// The SHA-256 of every store's logo, hexadecimal.
    pub fn logos(&self) -> Result<Vec<String>, Fault> {
        let text = "SELECT DISTINCT logo ->> '$.sha256' AS logo FROM provider WHERE logo IS NOT NULL";
        self.all(text, [], |row| row.get("logo"))
    }

    /// A capability by its slug.
    pub fn capability(&self, slug: &Slug) -> Result<Option<Capability>, Fault> {
        let text = format!("SELECT {CAPABILITY} FROM callable_capability WHERE slug = ?1");
        self.one(&text, [Text(slug)], read_capability)
    }

    /// The newest contract of a capability, once one is defined.
    pub fn contract(&self, slug: &Slug) -> Result<Option<Contract>, Fault> {
        let text = "SELECT contract FROM capability WHERE slug = ?1 AND contract IS NOT NULL";
        self.one(text, [Text(slug)], |row| sql::json(row, "contract"))
    }

    /// The newest contract of every capability that has one.
    pub fn contracts(&self) -> Result<Vec<(Slug, Contract)>, Fault> {
        let text = "SELECT slug, contract FROM capability WHERE contract IS NOT NULL ORDER BY position";
        self.all(text, [], |row| Ok((sql::text(row, "slug")?, sql::json(row, "contract")?)))
    }

    /// Capabilities in the catalog's order; those that a search finds, best first.
    /// A blank search finds all, one without a letter or digit nothing.
    pub fn capabilities(
        &self,
        filter: &CapabilityFilter,
        sought: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Capability>, PageError> {
        let list = List {
            name: "capabilities",
            columns: CAPABILITY,
            from: "callable_capability c",
            term: search::term(sought),
            key: &["c.position"],
            descending: false,
            conditions: filter.conditions()?,
            read: read_capability,
        };
        let list = if list.term.is_some() {
            List { name: "capabilities_found", from: FOUND, key: &["score", "c.position"], ..list }
        } else {
            list
        };
        self.read(|connection| list.page(connection, page))
    }

    /// The categories in the catalog's order.
    pub fn categories(&self) -> Result<Vec<Category>, Fault> {
        let text = "SELECT category, COUNT(*) AS capabilities, SUM(answered) AS answered
            FROM callable_capability GROUP BY category ORDER BY MIN(position)";
        self.all(text, [], |row| {
            Ok(Category {
                slug: sql::text(row, "category")?,
                capability_count: sql::whole(row, "capabilities")?,
                answered_count: sql::whole(row, "answered")?,
            })
        })
    }

    /// The slugs of all capabilities, in the catalog's order.
    pub fn capability_slugs(&self) -> Result<Vec<Slug>, Fault> {
        self.all("SELECT slug FROM capability ORDER BY position", [], |row| sql::text(row, "slug"))
    }

    /// The addresses of all stores, in the order they opened.
    pub fn store_slugs(&self) -> Result<Vec<Slug>, Fault> {
        self.all("SELECT slug FROM provider ORDER BY position", [], |row| sql::text(row, "slug"))
    }

    /// A provider by its id.
    pub fn provider(&self, id: ProviderId) -> Result<Option<Provider>, Fault> {
        self.one(&format!("SELECT {PROVIDER} FROM provider p WHERE p.id = ?1"), [Text(id)], read_provider)
    }

    /// A provider by its store's address.
    pub fn provider_by_slug(&self, slug: &Slug) -> Result<Option<Provider>, Fault> {
        self.one(
            &format!("SELECT {PROVIDER} FROM provider p WHERE p.slug = ?1 ORDER BY p.position LIMIT 1"),
            [Text(slug)],
            read_provider,
        )
    }

    /// The provider that an organization is, if it sells.
    pub fn provider_by_organization(&self, organization: OrganizationId) -> Result<Option<Provider>, Fault> {
        let text = format!("SELECT {PROVIDER} FROM provider p WHERE p.organization = ?1 ORDER BY p.position LIMIT 1");
        self.one(&text, [Text(organization)], read_provider)
    }

    /// Providers in the order they opened; those that a search finds, best first.
    pub fn providers(&self, sought: Option<&str>, page: &PageRequest) -> Result<Page<Provider>, PageError> {
        let list = List {
            name: "providers",
            columns: PROVIDER,
            from: "provider p",
            term: search::term(sought),
            key: &["p.position"],
            descending: false,
            conditions: Conditions::default(),
            read: read_provider,
        };
        let list = if list.term.is_some() {
            List { name: "providers_found", from: PROVIDER_FOUND, key: &["score", "p.position"], ..list }
        } else {
            list
        };
        self.read(|connection| list.page(connection, page))
    }

    /// How many listings a provider has on the market.
    pub fn listing_count(&self, provider: ProviderId) -> Result<u64, Fault> {
        let text = "SELECT COUNT(*) AS listings FROM listing WHERE provider = ?1 AND phase = 'published'";
        Ok(self.one(text, [Text(provider)], |row| sql::whole(row, "listings"))?.unwrap_or_default())
    }
}

pub(crate) fn capability(to: &Connection, recorded: &Recorded<CapabilityEvent>) -> Result<(), ApplyError> {
    match &recorded.event {
        CapabilityEvent::Defined(fact) => defined(to, recorded.position.0, &fact.definition),
        CapabilityEvent::ContractDefined(fact) => {
            let text = "UPDATE capability SET contract_version = ?2, contract = ?3 WHERE slug = ?1";
            let row = (Text(&fact.slug), fact.contract.version, Json(&fact.contract));
            found(sql::run(to, text, row)?)?;
            index_capability(to, &fact.slug)
        }
    }
}

fn defined(to: &Connection, position: u64, definition: &Definition) -> Result<(), ApplyError> {
    let text = "INSERT INTO capability (position, slug, category, meter, definition) VALUES (?1, ?2, ?3, ?4, ?5)";
    let slug = Text(&definition.slug);
    sql::run(to, text, (Whole(position), slug, Text(&definition.category), Text(definition.meter), Json(definition)))?;
    for industry in &definition.industries {
        let text = "INSERT OR IGNORE INTO capability_industry (capability, industry) VALUES (?1, ?2)";
        sql::run(to, text, (Text(&definition.slug), industry))?;
    }
    index_capability(to, &definition.slug)
}

fn index_capability(to: &Connection, slug: &Slug) -> Result<(), ApplyError> {
    let read = |row: &Row<'_>| {
        let contract: Option<Contract> = sql::optional_json(row, "contract")?;
        Ok((sql::whole(row, "position")?, sql::json::<Definition>(row, "definition")?, contract))
    };
    let text = "SELECT position, definition, contract FROM capability WHERE slug = ?1";
    let (position, definition, contract) = sql::one(to, text, [Text(slug)], read)?.ok_or(ApplyError::Missing)?;
    let summary = contract.map(|contract| both(&contract.summary)).unwrap_or_default();
    let body = [slug.as_str(), definition.category.as_str(), &definition.subcategory, &summary].join(" ");
    let text = "INSERT OR REPLACE INTO capability_search (rowid, name, body) VALUES (?1, ?2, ?3)";
    let name = search::indexed(&both(&definition.name));
    sql::run(to, text, (Whole(position), &name, search::indexed(&body)))?;
    let text = "INSERT OR REPLACE INTO capability_typed_search (rowid, name) VALUES (?1, ?2)";
    sql::run(to, text, (Whole(position), format!("{name} {}", search::indexed(slug.as_str()))))?;
    Ok(())
}

/// Both languages of a text, for the index.
pub(crate) fn both(text: &Localized) -> String {
    [text.en.as_deref(), text.zh.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(crate) fn provider(to: &Connection, recorded: &Recorded<ProviderEvent>) -> Result<(), ApplyError> {
    match &recorded.event {
        ProviderEvent::Opened(fact) => opened(to, recorded, fact),
        ProviderEvent::StoreChanged(fact) => {
            let text = "UPDATE provider SET store = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.provider), Json(&fact.store)))?)?;
            index_provider(to, fact.provider)?;
            Ok(facets::refresh_provider(to, fact.provider)?)
        }
        ProviderEvent::AccentChosen(fact) => {
            let text = "UPDATE provider SET accent = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.provider), &fact.accent))?)
        }
        ProviderEvent::LogoSet(fact) => {
            let text = "UPDATE provider SET logo = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.provider), Json(&fact.logo)))?)
        }
        ProviderEvent::LogoRemoved(fact) => {
            found(sql::run(to, "UPDATE provider SET logo = NULL WHERE id = ?1", [Text(fact.provider)])?)
        }
    }
}

fn opened(to: &Connection, recorded: &Recorded<ProviderEvent>, fact: &Opened) -> Result<(), ApplyError> {
    let text = "INSERT INTO provider (position, id, organization, slug, store, opened_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.provider),
        Text(fact.organization),
        Text(&fact.slug),
        Json(&fact.store),
        Instant(recorded.occurred_at),
    );
    sql::run(to, text, row)?;
    index_provider(to, fact.provider)
}

fn index_provider(to: &Connection, id: ProviderId) -> Result<(), ApplyError> {
    let text = format!("SELECT {PROVIDER}, p.position FROM provider p WHERE p.id = ?1");
    let read = |row: &Row<'_>| Ok((sql::whole(row, "position")?, read_provider(row)?));
    let (position, provider) = sql::one(to, &text, [Text(id)], read)?.ok_or(ApplyError::Missing)?;
    let name = format!("{} {}", both(&provider.store.name), provider.slug);
    let name = search::indexed(&name);
    let text = "INSERT OR REPLACE INTO provider_search (rowid, name, body) VALUES (?1, ?2, ?3)";
    sql::run(to, text, (Whole(position), &name, search::indexed(&both(&provider.store.description))))?;
    let text = "INSERT OR REPLACE INTO provider_typed_search (rowid, name) VALUES (?1, ?2)";
    sql::run(to, text, (Whole(position), name))?;
    Ok(())
}
