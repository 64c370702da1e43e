//! Usage as GraphQL shows it: allowances as they stand, and sums over time.

use accounts::published::actor::Actor;
use async_graphql::{Context, Enum, Object, SimpleObject};
use jiff::{SignedDuration, Timestamp};
use kernel::period;
use metering::published::usage::MeterUsage as MeterRow;
use views::usage_series::{GroupKey, Grouping, Totals, UsageOf};

use super::access;
use super::errors::{Refused, invalid, not_found};
use super::scalars::{Count, DateTime, Meter, Period};
use super::work::platform;

/// How an allowance stands at this moment.
#[derive(SimpleObject, Clone)]
pub struct AllowanceStatus {
    /// What is counted.
    pub meter: Meter,
    /// Units free per period.
    pub included: Count,
    /// Free units used.
    pub used: Count,
    /// Units reserved by calls under way.
    pub held: Count,
    /// Free units left when every hold settles in full.
    pub remaining: Count,
    /// Charged units.
    pub value_added: Count,
    /// When the allowance starts anew.
    pub resets_at: DateTime,
}

impl From<metering::account::AllowanceStatus> for AllowanceStatus {
    fn from(status: metering::account::AllowanceStatus) -> Self {
        Self {
            meter: status.meter.into(),
            included: status.included.into(),
            used: status.used.into(),
            held: status.held.into(),
            remaining: status.remaining.into(),
            value_added: status.value_added.into(),
            resets_at: DateTime(status.resets_at),
        }
    }
}

/// What was used on one meter, by class.
#[derive(SimpleObject, Clone)]
pub struct MeterUsage {
    /// What was counted.
    pub meter: Meter,
    /// Units covered by an allowance.
    pub free: Count,
    /// Units charged.
    pub value_added: Count,
}

impl From<MeterRow> for MeterUsage {
    fn from(usage: MeterRow) -> Self {
        Self { meter: usage.meter.into(), free: usage.split.free.into(), value_added: usage.split.value_added.into() }
    }
}

/// Sums of usage.
#[derive(SimpleObject, Clone)]
pub struct UsageTotals {
    /// By meter.
    pub meters: Vec<MeterUsage>,
    /// How many calls.
    pub calls: Count,
}

impl From<Totals> for UsageTotals {
    fn from(totals: Totals) -> Self {
        Self { meters: totals.meters.into_iter().map(MeterUsage::from).collect(), calls: Count(totals.calls) }
    }
}

/// Usage over a period, in all and by group.
#[derive(SimpleObject)]
pub struct UsageSeries {
    /// What it covers; every hour that it touches counts whole.
    pub period: Period,
    /// In all.
    pub total: UsageTotals,
    /// In order.
    pub groups: Vec<UsageGroup>,
}

/// The usage of one group.
#[derive(SimpleObject)]
pub struct UsageGroup {
    /// The instant, slug or id that the group is of.
    pub key: String,
    /// When the hour or day begins.
    pub start: Option<DateTime>,
    /// What was used.
    pub totals: UsageTotals,
}

/// What usage is summed by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UsageGrouping {
    /// By hour, UTC.
    Hour,
    /// By day in your organization's time zone.
    Day,
    /// By capability.
    Capability,
    /// By agreement.
    Agreement,
    /// By listing.
    Listing,
    /// By API key or member that called; for buyers.
    Principal,
}

/// On which side of the trade you look.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Perspective {
    /// What your organization bought.
    Buyer,
    /// What your organization sold.
    Seller,
    /// All of the platform; for the operator.
    Platform,
}

impl Perspective {
    /// Whose usage an actor asks for.
    pub fn usage_of(self, actor: &Actor) -> Result<UsageOf, Refused> {
        match self {
            Self::Buyer => Ok(UsageOf::Buyer(actor.organization)),
            Self::Seller => Ok(UsageOf::Seller(actor.organization)),
            Self::Platform => Ok(actor.require_operator().map(|()| UsageOf::Platform)?),
        }
    }
}

/// What a series covers unless it says so, in hours.
const HOURS_DEFAULT: i64 = 30 * 24;
/// The most hours of a series by hour.
const HOURS_MAX: i64 = 62 * 24;
/// The most hours of any other series.
const SPAN_HOURS_MAX: i64 = 3 * 366 * 24;

/// The part of `Query` that is about usage.
#[derive(Default)]
pub struct UsageQuery;

#[Object]
impl UsageQuery {
    /// What your organization bought or sold, by group; the last 30 days unless given.
    async fn usage(
        &self,
        context: &Context<'_>,
        by: UsageGrouping,
        #[graphql(default_with = "Perspective::Buyer")] perspective: Perspective,
        from: Option<DateTime>,
        until: Option<DateTime>,
    ) -> Result<UsageSeries, Refused> {
        let of = perspective.usage_of(access::authenticated(context)?)?;
        if by == UsageGrouping::Principal && perspective != Perspective::Buyer {
            return Err(invalid("by", "only a buyer sees who called"));
        }
        series(context, of, by, from, until).await
    }
}

/// Sums usage by group.
pub async fn series(
    context: &Context<'_>,
    of: UsageOf,
    by: UsageGrouping,
    from: Option<DateTime>,
    until: Option<DateTime>,
) -> Result<UsageSeries, Refused> {
    let platform = platform(context)?;
    let period = span(platform.clock.now(), by, from, until)?;
    let grouping = grouping(context, by).await?;
    platform.caught_up().await?;
    let read = move |views: &views::store::Views| {
        Ok::<_, views::usage_series::SeriesError>((
            views.usage_totals(of, period)?,
            views.usage_series(of, period, &grouping)?,
        ))
    };
    let (total, groups) = platform.read(read).await?;
    let groups = groups.into_iter().map(|(key, totals)| group(&key, totals)).collect();
    Ok(UsageSeries { period: period.into(), total: total.into(), groups })
}

fn span(
    now: Timestamp,
    by: UsageGrouping,
    from: Option<DateTime>,
    until: Option<DateTime>,
) -> Result<period::Period, Refused> {
    let end = until.map_or(now, |until| until.0);
    let default = end.checked_sub(SignedDuration::from_hours(HOURS_DEFAULT)).unwrap_or(Timestamp::MIN);
    let start = from.map_or(default, |from| from.0);
    let hours_max = if by == UsageGrouping::Hour { HOURS_MAX } else { SPAN_HOURS_MAX };
    let hours = end.duration_since(start).as_hours();
    if start >= end || hours > hours_max {
        return Err(invalid("from", format!("a series begins before it ends and covers at most {hours_max} hours")));
    }
    Ok(period::Period { start, end })
}

async fn grouping(context: &Context<'_>, by: UsageGrouping) -> Result<Grouping, Refused> {
    Ok(match by {
        UsageGrouping::Hour => Grouping::Hour,
        UsageGrouping::Day => {
            let id = access::authenticated(context)?.organization;
            let own = platform(context)?.read(move |views| views.organization(id)).await?;
            Grouping::Day(own.ok_or_else(|| not_found(""))?.profile.zone)
        }
        UsageGrouping::Capability => Grouping::Capability,
        UsageGrouping::Agreement => Grouping::Agreement,
        UsageGrouping::Listing => Grouping::Listing,
        UsageGrouping::Principal => Grouping::Principal,
    })
}

fn group(key: &GroupKey, totals: Totals) -> UsageGroup {
    let (key, start) = match key {
        GroupKey::Start(instant) => (instant.to_string(), Some(DateTime(*instant))),
        GroupKey::Capability(slug) => (slug.to_string(), None),
        GroupKey::Agreement(id) => (id.to_string(), None),
        GroupKey::Listing(id) => (id.to_string(), None),
        GroupKey::Principal(name) => (name.clone(), None),
    };
    UsageGroup { key, start, totals: totals.into() }
}
