//! Who offers the capabilities, and at what price: of one, and of the whole catalog at once.

use std::collections::BTreeMap;

use kernel::exact::Exact;
use kernel::localized::Localized;
use kernel::meter::Meter;
use kernel::money::Currency;
use kernel::slug::Slug;
use rusqlite::{Connection, Row};

use crate::price;
use crate::sql::{self, Text};
use crate::store::{Fault, Views};

/// Who offers a capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Listings on the market.
    pub listing_count: u64,
    /// Their providers.
    pub provider_count: u64,
}

/// What the first `VALUE_ADDED` unit of a meter costs on the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRange {
    /// What is counted.
    pub meter: Meter,
    /// What the prices are in.
    pub currency: Currency,
    /// The lowest, in major units per unit. A package's price counts by the unit of a full package.
    pub min: Exact,
    /// The highest.
    pub max: Exact,
}

/// A capability on the map of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: Localized,
    /// Its category.
    pub category: Slug,
    /// What is counted unless an offer says otherwise.
    pub meter: Meter,
    /// Whether it can be called.
    pub answered: bool,
    /// Who offers it.
    pub coverage: Coverage,
    /// What it costs on its own meter, or else on the first that is charged; in the first currency by code.
    pub lowest: Option<PriceRange>,
    /// Whether a live offer on it has free units.
    pub free: bool,
}

const RANGES: &str = "SELECT o.capability, p.meter, p.currency, MIN(p.price) AS lowest, MAX(p.price) AS highest
    FROM listing_capability o JOIN listing l ON l.id = o.listing
    JOIN offer_price p ON p.listing = l.id AND p.charged = 1
    WHERE l.phase = 'published'";

impl Views {
    /// How many listings and providers on the market implement a capability.
    pub fn coverage(&self, slug: &Slug) -> Result<Coverage, Fault> {
        let text = "SELECT COUNT(*) AS listings, COUNT(DISTINCT l.provider) AS providers
            FROM listing_capability o JOIN listing l ON l.id = o.listing
            WHERE o.capability = ?1 AND l.phase = 'published'";
        Ok(self.one(text, [Text(slug)], read_coverage)?.unwrap_or_default())
    }

    /// What a capability costs, by meter and currency, over the live offers of listings on the market.
    /// Offers without a price, which stop at their allowance, do not count.
    pub fn price_ranges(&self, capability: &Slug) -> Result<Vec<PriceRange>, Fault> {
        let text = format!("{RANGES} AND o.capability = ?1 GROUP BY p.meter, p.currency");
        let mut ranges = self.all(&text, [Text(capability)], read_range)?;
        ranges.sort_by_key(|range| (range.meter, range.currency));
        Ok(ranges)
    }

    /// The whole catalog in its order, with coverage and prices.
    pub fn capability_map(&self) -> Result<Vec<Tile>, Fault> {
        self.read(|connection| {
            let mut ranges = ranges_of_all(connection)?;
            let text = "SELECT c.slug, c.category, c.meter, c.definition -> '$.name' AS name, c.answered,
                    COUNT(l.id) AS listings, COUNT(DISTINCT l.provider) AS providers,
                    MAX(EXISTS (SELECT 1 FROM offer_price p WHERE p.listing = l.id AND p.free = 1)) AS free
                FROM callable_capability c
                LEFT JOIN listing_capability o ON o.capability = c.slug
                LEFT JOIN listing l ON l.id = o.listing AND l.phase = 'published'
                GROUP BY c.position ORDER BY c.position";
            let mut tiles = sql::all(connection, text, [], read_tile)?;
            for tile in &mut tiles {
                tile.lowest = ranges.remove(tile.slug.as_str()).and_then(|ranges| on_meter(ranges, tile.meter));
            }
            Ok(tiles)
        })
    }
}

fn ranges_of_all(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<PriceRange>>> {
    let text = format!("{RANGES} GROUP BY o.capability, p.meter, p.currency ORDER BY p.currency");
    let rows = sql::all(connection, &text, [], |row| Ok((row.get("capability")?, read_range(row)?)))?;
    let mut ranges: BTreeMap<String, Vec<PriceRange>> = BTreeMap::new();
    for (capability, range) in rows {
        ranges.entry(capability).or_default().push(range);
    }
    Ok(ranges)
}

fn on_meter(ranges: Vec<PriceRange>, meter: Meter) -> Option<PriceRange> {
    ranges.into_iter().min_by_key(|range| (range.meter != meter, range.meter))
}

fn read_coverage(row: &Row<'_>) -> rusqlite::Result<Coverage> {
    Ok(Coverage { listing_count: sql::whole(row, "listings")?, provider_count: sql::whole(row, "providers")? })
}

fn read_range(row: &Row<'_>) -> rusqlite::Result<PriceRange> {
    let amount = |column| {
        let text: String = row.get(column)?;
        price::amount(&text).ok_or(rusqlite::Error::InvalidQuery)
    };
    Ok(PriceRange {
        meter: sql::text(row, "meter")?,
        currency: sql::text(row, "currency")?,
        min: amount("lowest")?,
        max: amount("highest")?,
    })
}

fn read_tile(row: &Row<'_>) -> rusqlite::Result<Tile> {
    Ok(Tile {
        slug: sql::text(row, "slug")?,
        name: sql::json(row, "name")?,
        category: sql::text(row, "category")?,
        meter: sql::text(row, "meter")?,
        answered: row.get("answered")?,
        coverage: read_coverage(row)?,
        lowest: None,
        free: row.get("free")?,
    })
}
