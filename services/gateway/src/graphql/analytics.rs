//! How sales go, for a seller; how the market goes, for its operator.

use async_graphql::{Context, Description, Object, SimpleObject};
use catalog::published::health::Measurement;
use jiff::{SignedDuration, Timestamp};
use kernel::exact;
use kernel::id::{AgreementId, ListingId, OrganizationId};
use kernel::period;
use views::health::HealthOf;
use views::overview::MarketCounts;
use views::usage_series::{GroupKey, Grouping, SeriesError, Totals, UsageFilter, UsageOf};

use super::access;
use super::agreements::{Agreement, find_agreement};
use super::errors::{Refused, not_found};
use super::listings::{Listing, listing};
use super::scalars::{Count, DateTime, Decimal, ExactCharge, ListingState, Period};
use super::usage::{MeterUsage, UsageGroup, UsageGrouping, UsageTotals, span};
use super::work::platform;

/// The most rows of a ranking.
const TOP_MAX: usize = 10;
const OVERVIEW_HOURS: i64 = 30 * 24;

/// What an organization sold over a period, and to whom.
#[derive(Clone, Description)]
pub struct SellerAnalytics {
    period: period::Period,
    totals: Totals,
    days: Vec<(GroupKey, Totals)>,
    agreements: Vec<(GroupKey, Totals)>,
    listings: Vec<(GroupKey, Totals)>,
    health: Measurement,
}

#[Object(use_type_description)]
impl SellerAnalytics {
    /// What it covers; every hour that it touches counts whole.
    async fn period(&self) -> Period {
        self.period.into()
    }
    /// How many calls were answered and metered, and your reports with them; failures and latencies are of calls only.
    async fn calls(&self) -> Count {
        Count(self.totals.calls)
    }
    /// Calls without a `VALUE_ADDED` unit.
    async fn free_calls(&self) -> Count {
        Count(self.totals.calls.saturating_sub(self.totals.value_added_calls))
    }
    /// Calls with a `VALUE_ADDED` unit.
    async fn value_added_calls(&self) -> Count {
        Count(self.totals.value_added_calls)
    }
    /// Units by meter, FREE and `VALUE_ADDED`.
    async fn meters(&self) -> Vec<MeterUsage> {
        self.totals.meters.iter().copied().map(MeterUsage::from).collect()
    }
    /// Agreements under which anything was used.
    async fn agreements(&self) -> Count {
        Count(u64::try_from(self.agreements.len()).unwrap_or(u64::MAX))
    }
    /// Those of them with a `VALUE_ADDED` unit.
    async fn value_added_agreements(&self) -> Count {
        Count(converted(&self.agreements))
    }
    /// Which part of the agreements with any use has a `VALUE_ADDED` unit, 0 to 1; null without use.
    async fn conversion(&self) -> Option<Decimal> {
        let all = i64::try_from(self.agreements.len()).ok()?;
        let part = i64::try_from(converted(&self.agreements)).ok()?;
        exact::divide(&exact::from_i64(part), &exact::from_i64(all)).as_ref().map(Decimal::estimate)
    }
    /// What the `VALUE_ADDED` units are charged by the frozen prices, per currency: not rounded, before flat fees, tax
    /// and commission. Statements say what is owed.
    async fn revenue(&self) -> Vec<ExactCharge> {
        self.totals.charges.iter().map(|(currency, amount)| ExactCharge::of(*currency, amount)).collect()
    }
    /// Calls that were sent to your listings and brought no usable answer, as far as the platform has written down what
    /// it measures. Nothing is billed for them.
    async fn failures(&self) -> Count {
        Count(self.health.failures)
    }
    /// Half of the answers took at most this long; null without any.
    async fn latency_p50_milliseconds(&self) -> Option<u32> {
        self.latency(500)
    }
    /// 95 of 100 answers took at most this long; null without any.
    async fn latency_p95_milliseconds(&self) -> Option<u32> {
        self.latency(950)
    }
    /// 99 of 100 answers took at most this long; null without any.
    async fn latency_p99_milliseconds(&self) -> Option<u32> {
        self.latency(990)
    }
    /// By `DAY` of your organization's time zone; days without use are left out.
    async fn days(&self) -> Vec<UsageGroup> {
        self.days.iter().cloned().map(UsageGroup::from).collect()
    }
    /// The agreements with the most calls, 10 at most.
    async fn top_agreements(&self) -> Vec<AgreementUsage> {
        let of = |(key, totals)| {
            let GroupKey::Agreement(id) = key else { return None };
            Some(AgreementUsage { id, totals })
        };
        top(&self.agreements).filter_map(of).collect()
    }
    /// The listings with the most calls, 10 at most.
    async fn top_listings(&self) -> Vec<ListingUsage> {
        let of = |(key, totals)| {
            let GroupKey::Listing(id) = key else { return None };
            Some(ListingUsage { id, totals })
        };
        top(&self.listings).filter_map(of).collect()
    }
}

impl SellerAnalytics {
    /// What so many of a thousand answers took at most, in started milliseconds.
    fn latency(&self, of_a_thousand: u16) -> Option<u32> {
        let microseconds = self.health.latencies.percentile(of_a_thousand)?;
        Some(u32::try_from(microseconds.div_ceil(1_000)).unwrap_or(u32::MAX))
    }
}

/// How many have a `VALUE_ADDED` unit.
fn converted(groups: &[(GroupKey, Totals)]) -> u64 {
    let converted = groups.iter().filter(|(_, totals)| totals.value_added_calls > 0).count();
    u64::try_from(converted).unwrap_or(u64::MAX)
}

fn top(groups: &[(GroupKey, Totals)]) -> impl Iterator<Item = (GroupKey, Totals)> {
    let mut ranked = groups.to_vec();
    ranked.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.calls));
    ranked.into_iter().take(TOP_MAX)
}

/// What was used under one agreement.
#[derive(Clone, Description)]
pub struct AgreementUsage {
    id: AgreementId,
    totals: Totals,
}

#[Object(use_type_description)]
impl AgreementUsage {
    /// The agreement.
    async fn agreement(&self, context: &Context<'_>) -> Result<Agreement, Refused> {
        find_agreement(context, self.id).await?.ok_or_else(|| not_found(""))
    }
    /// What was used.
    async fn totals(&self) -> UsageTotals {
        self.totals.clone().into()
    }
}

/// What was used of one listing.
#[derive(Clone, Description)]
pub struct ListingUsage {
    id: ListingId,
    totals: Totals,
}

#[Object(use_type_description)]
impl ListingUsage {
    /// The listing.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.id).await
    }
    /// What was used.
    async fn totals(&self) -> UsageTotals {
        self.totals.clone().into()
    }
}

/// The market at a glance.
#[derive(SimpleObject)]
pub struct MarketOverview {
    /// Organizations that have joined.
    pub organizations: Count,
    /// Those of them that are suspended.
    pub suspended_organizations: Count,
    /// Listings by where they stand; states without any are left out.
    pub listings: Vec<ListingCount>,
    /// Submissions that wait for review, new versions of published listings among them.
    pub review_queue: Count,
    /// Agreements in force.
    pub agreements_in_force: Count,
    /// The last 30 days; every hour that it touches counts whole.
    pub period: Period,
    /// What was used in it.
    pub totals: UsageTotals,
    /// By `DAY` of your organization's time zone; days without use are left out.
    pub days: Vec<UsageGroup>,
}

/// How many listings stand somewhere.
#[derive(SimpleObject)]
pub struct ListingCount {
    /// Where.
    pub state: ListingState,
    /// How many.
    pub count: Count,
}

/// The part of `Query` that sums up.
#[derive(Default)]
pub struct AnalyticsQuery;

#[Object]
impl AnalyticsQuery {
    /// How your organization's sales went; the last 30 days unless given.
    async fn seller_analytics(
        &self,
        context: &Context<'_>,
        from: Option<DateTime>,
        until: Option<DateTime>,
    ) -> Result<SellerAnalytics, Refused> {
        let own = access::authenticated(context)?.organization;
        let period = span(platform(context)?.clock.now(), UsageGrouping::Day, from, until)?;
        sold(context, own, period).await
    }

    /// The market at a glance: what is in it, and the last 30 days.
    async fn market_overview(&self, context: &Context<'_>) -> Result<MarketOverview, Refused> {
        let now = platform(context)?.clock.now();
        let start = now.checked_sub(SignedDuration::from_hours(OVERVIEW_HOURS)).unwrap_or(Timestamp::MIN);
        overview(context, period::Period { start, end: now }).await
    }
}

async fn sold(context: &Context<'_>, own: OrganizationId, period: period::Period) -> Result<SellerAnalytics, Refused> {
    let days = super::usage::grouping(context, UsageGrouping::Day).await?;
    let platform = platform(context)?;
    platform.caught_up().await?;
    let read = move |views: &views::store::Views| {
        let (of, all) = (UsageOf::Seller(own), UsageFilter::default());
        let by = |by: &Grouping| views.usage_series(of, &all, period, by);
        Ok::<_, SeriesError>(SellerAnalytics {
            period,
            totals: views.usage_totals(of, &all, period)?,
            days: by(&days)?,
            agreements: by(&Grouping::Agreement)?,
            listings: by(&Grouping::Listing)?,
            health: views.health(HealthOf::Seller(own), period)?.measurement,
        })
    };
    platform.read(read).await
}

async fn overview(context: &Context<'_>, period: period::Period) -> Result<MarketOverview, Refused> {
    let by = super::usage::grouping(context, UsageGrouping::Day).await?;
    let platform = platform(context)?;
    platform.caught_up().await?;
    let read = move |views: &views::store::Views| {
        let all = UsageFilter::default();
        let totals = views.usage_totals(UsageOf::Platform, &all, period)?;
        let days = views.usage_series(UsageOf::Platform, &all, period, &by)?;
        Ok::<_, SeriesError>((views.market_counts()?, totals, days))
    };
    let (counts, totals, days) = platform.read(read).await?;
    Ok(shown(&counts, period, totals, days))
}

fn shown(
    counts: &MarketCounts,
    period: period::Period,
    totals: Totals,
    days: Vec<(GroupKey, Totals)>,
) -> MarketOverview {
    let listing = |(phase, count): &(_, u64)| ListingCount { state: ListingState::from(*phase), count: Count(*count) };
    MarketOverview {
        organizations: Count(counts.organizations),
        suspended_organizations: Count(counts.suspended),
        listings: counts.listings.iter().map(listing).collect(),
        review_queue: Count(counts.review_queue),
        agreements_in_force: Count(counts.agreements_in_force),
        period: period.into(),
        totals: totals.into(),
        days: days.into_iter().map(UsageGroup::from).collect(),
    }
}
