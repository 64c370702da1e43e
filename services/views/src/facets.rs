//! Facets: by which values the listings on the market can be told apart, and how many have each value.
//!
//! A facet's own choice does not narrow its own counts, so that a shopper sees what another choice would find.

use catalog::published::listing::{Kind, Phase, Placement};
use catalog::published::provider::PublisherKind;
use kernel::exact::Exact;
use kernel::id::{ListingId, OrganizationId, ProviderId};
use kernel::meter::Meter;
use kernel::money::Currency;
use kernel::slug::Slug;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::page::{Conditions, owned};
use crate::price::{self, ANY, sortable};
use crate::search;
use crate::sql::{self, Text};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE listing_facet (
        facet TEXT NOT NULL,
        value TEXT NOT NULL,
        listing TEXT NOT NULL,
        PRIMARY KEY (facet, value, listing)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX listing_facet_listing ON listing_facet (listing, facet);
";

/// The most values of one facet that are counted.
const VALUES_MAX: u32 = 50;

/// What listings are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// What kind of good it is.
    Kind,
    /// Categories of the capabilities it implements.
    Category,
    /// What its live offers count.
    Meter,
    /// What kind of party sells it.
    ProviderKind,
    /// Where it runs.
    Placement,
    /// Its licence.
    Licence,
    /// Whether a live offer has free units.
    FreeAllowance,
    /// Whether the last probe of its endpoint passed; what has no endpoint has neither value.
    Answering,
}

impl Facet {
    /// Every facet.
    pub const ALL: &'static [Self] = &[
        Self::Kind,
        Self::Category,
        Self::Meter,
        Self::ProviderKind,
        Self::Placement,
        Self::Licence,
        Self::FreeAllowance,
        Self::Answering,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Category => "category",
            Self::Meter => "meter",
            Self::ProviderKind => "provider_kind",
            Self::Placement => "placement",
            Self::Licence => "licence",
            Self::FreeAllowance => "free_allowance",
            Self::Answering => "answering",
        }
    }
}

/// Which listings; all where nothing is set. What asks for a facet or a price finds only what is on the market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingFilter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// In this phase.
    pub phase: Option<Phase>,
    /// Of this provider.
    pub provider: Option<ProviderId>,
    /// Of this organization.
    pub organization: Option<OrganizationId>,
    /// Whose published version implements this capability.
    pub capability: Option<Slug>,
    /// That implements a capability of this category.
    pub category: Option<Slug>,
    /// With a live offer that counts this.
    pub meter: Option<Meter>,
    /// Sold by this kind of party.
    pub provider_kind: Option<PublisherKind>,
    /// That runs here.
    pub placement: Option<Placement>,
    /// Under this licence.
    pub licence: Option<String>,
    /// With free units, or without.
    pub free_allowance: Option<bool>,
    /// Whose last probe passed, or whose last probe failed.
    pub answering: Option<bool>,
    /// With a live offer in this currency; prices are compared in it.
    pub currency: Option<Currency>,
    /// With a live offer whose first charged unit costs at most this, on `meter` and in `currency` where they are set.
    pub price_max: Option<Exact>,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCount {
    /// The value as it is recorded: `snake_case`, a slug, or the text of a licence; `true` for what is free, `true` or
    /// `false` for what answers or does not.
    pub value: String,
    /// Listings on the market that have it and meet the rest of the filter.
    pub count: u64,
}

const HAS_VALUE: &str = "l.id IN (SELECT listing FROM listing_facet WHERE facet = ? AND value = ?)";
const LACKS_VALUE: &str = "l.id NOT IN (SELECT listing FROM listing_facet WHERE facet = ? AND value = ?)";
const COSTS_AT_MOST: &str =
    "l.id IN (SELECT listing FROM listing_price WHERE meter = ? AND currency = ? AND price <= ?)";
const SOLD_IN: &str = "l.id IN (SELECT listing FROM listing_price WHERE meter = ? AND currency = ?)";

impl ListingFilter {
    pub(crate) fn conditions(&self) -> rusqlite::Result<Conditions> {
        self.conditions_but(None)
    }

    /// The conditions without those of one facet.
    fn conditions_but(&self, facet: Option<Facet>) -> rusqlite::Result<Conditions> {
        let kind = self.kind.filter(|_| facet != Some(Facet::Kind));
        let conditions = Conditions::default()
            .and_if("l.kind = ?", kind.map(Text))?
            .and_if("l.phase = ?", self.phase.map(Text))?
            .and_if("l.provider = ?", self.provider.map(Text))?
            .and_if("l.organization = ?", self.organization.map(Text))?
            .and_if(
                "l.id IN (SELECT listing FROM listing_capability WHERE capability = ?)",
                self.capability.as_ref().map(Text),
            )?;
        let chosen = self.chosen()?.into_iter().filter(|(of, _, _)| Some(*of) != facet);
        let conditions = chosen.fold(conditions, |conditions, (of, text, value)| {
            conditions.and_values(text, vec![Value::from(of.name().to_owned()), value])
        });
        self.and_price(conditions)
    }

    /// What is asked of each facet but the kind, which every listing has.
    fn chosen(&self) -> rusqlite::Result<Vec<(Facet, &'static str, Value)>> {
        let values = [
            (Facet::Category, self.category.as_ref().map(|slug| owned(&Text(slug))).transpose()?),
            (Facet::Meter, self.meter.map(|meter| owned(&Text(meter))).transpose()?),
            (Facet::ProviderKind, self.provider_kind.map(|kind| owned(&Text(kind))).transpose()?),
            (Facet::Placement, self.placement.map(|placement| owned(&Text(placement))).transpose()?),
            (Facet::Licence, self.licence.clone().map(Value::from)),
            (Facet::Answering, self.answering.map(|answering| Value::from(answering.to_string()))),
        ];
        let mut chosen: Vec<_> =
            values.into_iter().filter_map(|(facet, value)| value.map(|value| (facet, HAS_VALUE, value))).collect();
        if let Some(free) = self.free_allowance {
            let text = if free { HAS_VALUE } else { LACKS_VALUE };
            chosen.push((Facet::FreeAllowance, text, Value::from("true".to_owned())));
        }
        Ok(chosen)
    }

    fn and_price(&self, conditions: Conditions) -> rusqlite::Result<Conditions> {
        let (meter, currency) = self.priced_by()?;
        Ok(match &self.price_max {
            Some(max) => conditions.and_values(COSTS_AT_MOST, vec![meter, currency, Value::from(sortable(max))]),
            None if self.currency.is_some() => conditions.and_values(SOLD_IN, vec![meter, currency]),
            None => conditions,
        })
    }

    /// The meter and the currency in which prices are compared.
    pub(crate) fn priced_by(&self) -> rusqlite::Result<(Value, Value)> {
        let any = || Ok(Value::from(ANY.to_owned()));
        let meter = self.meter.map_or_else(any, |meter| owned(&Text(meter)))?;
        let currency = self.currency.map_or_else(any, |currency| owned(&Text(currency)))?;
        Ok((meter, currency))
    }
}

impl Views {
    /// How many listings on the market have each value of each facet, the most frequent first; at most 50 values each.
    pub fn listing_facets(
        &self,
        filter: &ListingFilter,
        sought: Option<&str>,
    ) -> Result<Vec<(Facet, Vec<FacetCount>)>, Fault> {
        let term = search::term(sought);
        self.read(|connection| {
            let count = |facet: &Facet| Ok((*facet, counts(connection, filter, term.as_deref(), *facet)?));
            Facet::ALL.iter().map(count).collect()
        })
    }
}

fn counts(
    connection: &Connection,
    filter: &ListingFilter,
    term: Option<&str>,
    facet: Facet,
) -> Result<Vec<FacetCount>, Fault> {
    let mut conditions = filter.conditions_but(Some(facet))?;
    if let Some(term) = term {
        let found = "l.position IN (SELECT rowid FROM listing_search WHERE listing_search MATCH ?)";
        conditions = conditions.and_values(found, vec![Value::from(term.to_owned())]);
    }
    let text = format!(
        "SELECT f.value, COUNT(*) AS listings FROM listing_facet f JOIN listing l ON l.id = f.listing
         WHERE f.facet = '{}' AND {} GROUP BY f.value ORDER BY listings DESC, f.value LIMIT {VALUES_MAX}",
        facet.name(),
        conditions.sql()
    );
    let read =
        |row: &rusqlite::Row<'_>| Ok(FacetCount { value: row.get("value")?, count: sql::whole(row, "listings")? });
    Ok(sql::all(connection, &text, params_from_iter(conditions.values()), read)?)
}

/// Reads a listing's facets and lowest prices anew from the tables they follow from.
pub(crate) fn refresh(to: &Connection, listing: ListingId) -> rusqlite::Result<()> {
    price::sum_up(to, listing)?;
    sql::run(to, "DELETE FROM listing_facet WHERE listing = ?1", [Text(listing)])?;
    let text = "WITH l AS (
            SELECT l.id, l.kind, l.provider, v.content FROM listing l
            JOIN listing_version v ON v.listing = l.id AND v.version = l.version
            WHERE l.id = ?1 AND l.phase = 'published')
        INSERT INTO listing_facet (listing, facet, value)
        SELECT id, 'kind', kind FROM l
        UNION SELECT l.id, 'category', c.category FROM l
            JOIN listing_capability o ON o.listing = l.id JOIN capability c ON c.slug = o.capability
        UNION SELECT l.id, 'meter', p.meter FROM l JOIN offer_price p ON p.listing = l.id
        UNION SELECT l.id, 'provider_kind', p.store ->> '$.kind' FROM l JOIN provider p ON p.id = l.provider
        UNION SELECT id, 'placement', placement FROM (
            SELECT id, COALESCE(content ->> '$.details.model.placement', content ->> '$.details.compute_tier.placement')
            AS placement FROM l) WHERE placement IS NOT NULL
        UNION SELECT id, 'licence', content ->> '$.licence' FROM l WHERE content ->> '$.licence' IS NOT NULL
        UNION SELECT l.id, 'free_allowance', 'true' FROM l JOIN offer_price p ON p.listing = l.id WHERE p.free = 1
        UNION SELECT l.id, 'answering', iif(p.passed, 'true', 'false') FROM l
            JOIN listing_on_market m ON m.listing = l.id
            JOIN listing_probe p ON p.listing = m.listing AND p.content_sha256 = m.content_sha256";
    sql::run(to, text, [Text(listing)]).map(|_| ())
}

/// Reads the facets of all listings of a provider anew: its store's page has changed.
pub(crate) fn refresh_provider(to: &Connection, provider: ProviderId) -> rusqlite::Result<()> {
    let text = "SELECT id FROM listing WHERE provider = ?1 ORDER BY position";
    let listings: Vec<ListingId> = sql::all(to, text, [Text(provider)], |row| sql::text(row, "id"))?;
    listings.into_iter().try_for_each(|listing| refresh(to, listing))
}
