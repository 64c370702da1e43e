//! Search as one types: capabilities, listings and stores at once, the last word unfinished.
//!
//! What begins with what was typed comes first, by names that are not stemmed, so that no further letter loses a hit;
//! then what the full search finds.

use catalog::published::listing::Phase;
use kernel::slug::Slug;
use rusqlite::Connection;

use crate::catalog::{CAPABILITY, Capability, CapabilityFilter, PROVIDER, Provider, read_capability, read_provider};
use crate::facets::ListingFilter;
use crate::listings::{LISTING, Listing, read_listing};
use crate::page::{Page, PageError, PageRequest};
use crate::search;
use crate::sql;
use crate::store::{Fault, Views};

/// What a search finds, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Capabilities, those that can be called first.
    pub capabilities: Vec<Capability>,
    /// Listings on the market.
    pub listings: Vec<Listing>,
    /// Stores.
    pub stores: Vec<Provider>,
}

impl Views {
    /// The first hits of each sort for what was typed so far; nothing for a blank text.
    pub fn market_search(&self, typed: &str, page: &PageRequest) -> Result<Found, PageError> {
        let Some(term) = search::typed(typed) else { return Ok(Found::default()) };
        let first = page.first();
        let begun = self.read(|connection| begun(connection, &term, first))?;
        let published = ListingFilter { phase: Some(Phase::Published), ..ListingFilter::default() };
        let capabilities = self.capabilities(&CapabilityFilter::default(), Some(typed), page)?;
        let listings = self.listings(&published, Some(typed), None, page)?;
        let stores = self.providers(Some(typed), page)?;
        Ok(Found {
            capabilities: merged(begun.capabilities, capabilities, first, |row| row.definition.slug.clone()),
            listings: merged(begun.listings, listings, first, |row| row.slug.clone()),
            stores: merged(begun.stores, stores, first, |row| row.slug.clone()),
        })
    }
}

fn begun(connection: &Connection, term: &str, first: u32) -> Result<Found, Fault> {
    let hits =
        |table: &str| format!("(SELECT rowid AS hit, bm25({table}) AS score FROM {table} WHERE {table} MATCH ?1) JOIN");
    let capabilities = format!(
        "SELECT {CAPABILITY} FROM {} callable_capability c ON hit = c.position
         ORDER BY c.answered DESC, score, c.position LIMIT ?2",
        hits("capability_typed_search")
    );
    let listings = format!(
        "SELECT {LISTING} FROM {} listing l ON hit = l.position
         JOIN listing_version v ON v.listing = l.id AND v.version = l.version
         WHERE l.phase = 'published' ORDER BY score, l.position LIMIT ?2",
        hits("listing_typed_search")
    );
    let stores = format!(
        "SELECT {PROVIDER} FROM {} provider p ON hit = p.position ORDER BY score, p.position LIMIT ?2",
        hits("provider_typed_search")
    );
    Ok(Found {
        capabilities: sql::all(connection, &capabilities, (term, first), read_capability)?,
        listings: sql::all(connection, &listings, (term, first), read_listing)?,
        stores: sql::all(connection, &stores, (term, first), read_provider)?,
    })
}

fn merged<T>(begun: Vec<T>, found: Page<T>, first: u32, name: impl Fn(&T) -> Slug) -> Vec<T> {
    let mut merged = begun;
    for (_, row) in found.nodes {
        if !merged.iter().any(|other| name(other) == name(&row)) {
            merged.push(row);
        }
    }
    merged.truncate(usize::try_from(first).unwrap_or(usize::MAX));
    merged
}
