//! How the platform itself stands, for its operator.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{ComplexObject, Context, Object, SimpleObject, Subscription};
use eventlog::progress::Progress;
use futures::stream::{Stream, unfold};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::errors::Refused;
use super::health::{self, Upstream};
use super::scalars::{Count, DateTime};
use super::work::platform;
use crate::platform::Platform;

/// How often a status is looked at for who watches it.
const INTERVAL: Duration = Duration::from_secs(1);

/// Where log and views stand.
#[derive(SimpleObject, Clone, PartialEq)]
#[graphql(complex)]
pub struct PlatformStatus {
    /// The program's version.
    pub version: &'static str,
    /// When this process started.
    pub started_at: DateTime,
    /// The log and its writer.
    pub log: LogStatus,
    /// What follows the log: the views, the hot state that calls are admitted by, the index of keys, the settlement
    /// of invoices.
    pub views: Vec<ViewStatus>,
    /// The position of the last event in the log.
    pub log_head: Option<Count>,
    /// Everything at or before this position is in the views.
    pub views_position: Option<Count>,
    /// Positions that the views have yet to look at.
    pub views_lag: Count,
    /// Why a view has stopped, if one has.
    pub parked: Vec<String>,
}

/// How the log stands. Flush times are of the last 1,024 flushes: each makes a group of appends durable.
#[derive(SimpleObject, Clone, PartialEq)]
pub struct LogStatus {
    /// The position of its last event; 0 before the first.
    pub head: Count,
    /// Its bytes on disk.
    pub bytes: Count,
    /// When something was last made durable, since the start.
    pub last_flush_at: Option<DateTime>,
    /// The median, in microseconds.
    pub flush_p50_microseconds: Option<u32>,
    /// 99 of 100 took at most this long, in microseconds.
    pub flush_p99_microseconds: Option<u32>,
}

/// How far something has followed the log.
#[derive(SimpleObject, Clone, PartialEq)]
pub struct ViewStatus {
    /// Which.
    pub name: &'static str,
    /// Everything at or before this position is in it; 0 at the very beginning.
    pub position: Count,
    /// Positions that it has yet to look at.
    pub lag: Count,
    /// Why it has stopped, if it has.
    pub parked: Option<String>,
}

#[ComplexObject]
impl PlatformStatus {
    /// The listings that have been called since the platform started: those in trouble first, at most 100.
    async fn upstreams(&self, context: &Context<'_>) -> Result<Vec<Upstream>, Refused> {
        health::upstreams(context).await
    }
}

/// The part of `Query` that is about the platform.
#[derive(Default)]
pub struct StatusQuery;

#[Object]
impl StatusQuery {
    /// How the platform itself stands.
    async fn platform(&self, context: &Context<'_>) -> Result<PlatformStatus, Refused> {
        read(platform(context)?).await
    }
}

/// How the platform stands at this moment.
pub async fn read(platform: &Arc<Platform>) -> Result<PlatformStatus, Refused> {
    let head = platform.log.head().await?.map_or(0, |position| position.0);
    let seen = platform.read(views::store::Views::cursor).await?.map_or(0, |position| position.0);
    let views = follower_statuses(platform, head);
    Ok(PlatformStatus {
        version: env!("CARGO_PKG_VERSION"),
        started_at: DateTime(platform.started_at),
        log: log_status(platform, head),
        parked: views.iter().filter_map(|view| view.parked.clone()).collect(),
        views,
        log_head: (head > 0).then_some(Count(head)),
        views_position: (seen > 0).then_some(Count(seen)),
        views_lag: Count(head.saturating_sub(seen)),
    })
}

/// The part of `Subscription` that is about the platform.
#[derive(Default)]
pub struct StatusSubscription;

#[Subscription]
impl StatusSubscription {
    /// How the platform itself stands: now, and at most once a second when it has changed.
    async fn platform_status(
        &self,
        context: &Context<'_>,
    ) -> Result<impl Stream<Item = Result<PlatformStatus, Refused>> + use<>, Refused> {
        let mut looks = interval(INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(unfold(StatusWatch { platform: Arc::clone(platform(context)?), looks, told: None }, StatusWatch::next))
    }
}

struct StatusWatch {
    platform: Arc<Platform>,
    looks: Interval,
    told: Option<PlatformStatus>,
}

impl StatusWatch {
    async fn next(mut self) -> Option<(Result<PlatformStatus, Refused>, Self)> {
        loop {
            self.looks.tick().await;
            match read(&self.platform).await {
                Ok(status) if self.told.as_ref() == Some(&status) => {}
                Ok(status) => {
                    self.told = Some(status.clone());
                    return Some((Ok(status), self));
                }
                Err(refused) => return Some((Err(refused), self)),
            }
        }
    }
}

fn log_status(platform: &Platform, head: u64) -> LogStatus {
    let vital = platform.vitals.now();
    LogStatus {
        head: Count(head),
        bytes: Count(vital.bytes),
        last_flush_at: vital.last_flush_at.map(DateTime),
        flush_p50_microseconds: vital.flush_p50_us,
        flush_p99_microseconds: vital.flush_p99_us,
    }
}

fn follower_statuses(platform: &Platform, head: u64) -> Vec<ViewStatus> {
    platform.progress().map(|(name, progress)| follower_status(name, progress, head)).collect()
}

fn follower_status(name: &'static str, progress: &Progress, head: u64) -> ViewStatus {
    let standing = progress.standing();
    let position = standing.position.map_or(0, |position| position.0);
    let parked = standing.parked.map(|parked| parked.reason);
    ViewStatus { name, position: Count(position), lag: Count(head.saturating_sub(position)), parked }
}
