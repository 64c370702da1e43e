//! How the platform itself stands, for its operator.

use async_graphql::{Context, Object, SimpleObject};

use super::errors::Refused;
use super::scalars::Count;
use super::work::platform;

/// Where log and views stand.
#[derive(SimpleObject)]
pub struct PlatformStatus {
    /// The program's version.
    pub version: &'static str,
    /// The position of the last event in the log.
    pub log_head: Option<Count>,
    /// Everything at or before this position is in the views.
    pub views_position: Option<Count>,
    /// Positions that the views have yet to look at.
    pub views_lag: Count,
    /// Why a view has stopped, if one has.
    pub parked: Vec<String>,
}

/// The part of `Query` that is about the platform.
#[derive(Default)]
pub struct StatusQuery;

#[Object]
impl StatusQuery {
    /// How the platform itself stands.
    async fn platform(&self, context: &Context<'_>) -> Result<PlatformStatus, Refused> {
        let platform = platform(context)?;
        let head = platform.log.head().await?.map_or(0, |position| position.0);
        let seen = platform.read(views::store::Views::cursor).await?.map_or(0, |position| position.0);
        let standings = platform.followers.iter().chain([&platform.settlement]);
        let parked = standings.filter_map(|progress| progress.standing().parked.map(|parked| parked.reason));
        Ok(PlatformStatus {
            version: env!("CARGO_PKG_VERSION"),
            log_head: (head > 0).then_some(Count(head)),
            views_position: (seen > 0).then_some(Count(seen)),
            views_lag: Count(head.saturating_sub(seen)),
            parked: parked.collect(),
        })
    }
}
