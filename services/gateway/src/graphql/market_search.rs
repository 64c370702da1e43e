//! Search as one types, over capabilities, listings and stores at once.

use async_graphql::{Context, Object, SimpleObject};
use views::market_search::Found;
use views::store::Views;

use super::capabilities::Capability;
use super::connection::page_request;
use super::errors::Refused;
use super::listings::Listing;
use super::stores::Store;
use super::work::platform;

/// What a search finds, best first.
#[derive(SimpleObject)]
pub struct MarketSearch {
    /// Capabilities, those that can be called first.
    pub capabilities: Vec<Capability>,
    /// Listings on the market.
    pub listings: Vec<Listing>,
    /// Stores.
    pub stores: Vec<Store>,
}

impl From<Found> for MarketSearch {
    fn from(found: Found) -> Self {
        Self {
            capabilities: found.capabilities.into_iter().map(Capability).collect(),
            listings: found.listings.into_iter().map(Listing).collect(),
            stores: found.stores.into_iter().map(Store).collect(),
        }
    }
}

/// The part of `Query` that searches the whole market.
#[derive(Default)]
pub struct MarketSearchQuery;

#[Object]
impl MarketSearchQuery {
    /// The first hits of each sort for what was typed so far, in Chinese, simplified or traditional, or English. Every
    /// word may be unfinished. Nothing for a blank text.
    async fn market_search(
        &self,
        context: &Context<'_>,
        query: String,
        #[graphql(default = 8)] first: i32,
    ) -> Result<MarketSearch, Refused> {
        let page = page_request(first, None)?;
        let read = move |views: &Views| views.market_search(&query, &page);
        Ok(platform(context)?.read(read).await?.into())
    }
}
