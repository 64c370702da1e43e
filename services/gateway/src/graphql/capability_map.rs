//! The map of the catalog: all capabilities with their coverage and price, in one answer.

use std::collections::HashMap;

use async_graphql::{Context, Description, Object};
use kernel::slug::Slug;
use views::catalog::Category;
use views::coverage::Tile;
use views::store::{Fault, Views};

use super::capabilities::{CapabilityCategory, PriceRange};
use super::errors::Refused;
use super::scalars::{Count, Language, Meter, text};
use super::work::platform;

/// A capability on the map of the catalog.
#[derive(Description)]
pub struct CapabilityTile {
    tile: Tile,
    category: Category,
}

#[Object(use_type_description)]
impl CapabilityTile {
    /// Its slug.
    async fn slug(&self) -> &str {
        self.tile.slug.as_str()
    }
    /// Its name.
    async fn name(&self, language: Option<Language>) -> String {
        text(&self.tile.name, language)
    }
    /// Its category.
    async fn category(&self) -> CapabilityCategory {
        CapabilityCategory(self.category.clone())
    }
    /// What is counted unless an offer says otherwise.
    async fn meter(&self) -> Meter {
        self.tile.meter.into()
    }
    /// Whether it can be called.
    async fn is_answered(&self) -> bool {
        self.tile.answered
    }
    /// Listings on the market that implement it.
    async fn listing_count(&self) -> Count {
        Count(self.tile.coverage.listing_count)
    }
    /// Their providers.
    async fn provider_count(&self) -> Count {
        Count(self.tile.coverage.provider_count)
    }
    /// What its first charged unit costs, on its own meter where an offer has a price there; null where nothing is
    /// charged.
    async fn lowest(&self) -> Option<PriceRange> {
        self.tile.lowest.clone().map(PriceRange::from)
    }
    /// Whether an offer that can be accepted has free units and no fee.
    async fn has_free(&self) -> bool {
        self.tile.free
    }
}

/// The part of `Query` that is the map of the catalog.
#[derive(Default)]
pub struct CapabilityMapQuery;

#[Object]
impl CapabilityMapQuery {
    /// All capabilities in the catalog's order, with coverage and price.
    async fn capability_map(&self, context: &Context<'_>) -> Result<Vec<CapabilityTile>, Refused> {
        platform(context)?.read(tiles).await
    }
}

fn tiles(views: &Views) -> Result<Vec<CapabilityTile>, Fault> {
    let categories = views.categories()?.into_iter().map(|category| (category.slug.clone(), category));
    let categories: HashMap<Slug, Category> = categories.collect();
    let tile = |tile: Tile| {
        let unknown = || Category { slug: tile.category.clone(), capability_count: 0, answered_count: 0 };
        let category = categories.get(&tile.category).cloned().unwrap_or_else(unknown);
        CapabilityTile { tile, category }
    };
    Ok(views.capability_map()?.into_iter().map(tile).collect())
}
