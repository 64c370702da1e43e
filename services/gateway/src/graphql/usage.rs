//! Usage as GraphQL shows it: allowances as they stand, and sums over time.

use accounts::published::actor::Actor;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};
use jiff::{SignedDuration, Timestamp};
use kernel::id::{ApiKeyId, MemberId};
use kernel::localized::Localized;
use kernel::period;
use metering::published::usage::MeterUsage as MeterRow;
use views::listings::Listing as ListingRow;
use views::store::Views;
use views::usage_series::{GroupKey, Grouping, Totals, UsageFilter as ViewFilter, UsageOf};

use super::access;
use super::errors::{Refused, invalid, not_found};
use super::scalars::{Count, DateTime, ExactCharge, Language, Meter, Period, text};
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
    /// How many calls; with a filter or group by meter, those that used it.
    pub calls: Count,
    /// Calls without a `VALUE_ADDED` unit.
    pub free_calls: Count,
    /// Calls with a `VALUE_ADDED` unit.
    pub value_added_calls: Count,
    /// What the `VALUE_ADDED` units cost by the frozen prices, one amount per currency: not rounded, before flat fees
    /// and tax, and without what a first tier asks at zero usage.
    pub estimated_charges: Vec<ExactCharge>,
}

impl From<Totals> for UsageTotals {
    fn from(totals: Totals) -> Self {
        let charges = totals.charges.iter().map(|(currency, amount)| ExactCharge::of(*currency, amount));
        Self {
            meters: totals.meters.into_iter().map(MeterUsage::from).collect(),
            calls: Count(totals.calls),
            free_calls: Count(totals.calls.saturating_sub(totals.value_added_calls)),
            value_added_calls: Count(totals.value_added_calls),
            estimated_charges: charges.collect(),
        }
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
#[derive(Clone, Description)]
pub struct UsageGroup {
    key: GroupKey,
    totals: Totals,
}

impl From<(GroupKey, Totals)> for UsageGroup {
    fn from((key, totals): (GroupKey, Totals)) -> Self {
        Self { key, totals }
    }
}

#[Object(use_type_description)]
impl UsageGroup {
    /// The instant, slug, id or meter that the group is of.
    async fn key(&self) -> String {
        match &self.key {
            GroupKey::Start(instant) => instant.to_string(),
            GroupKey::Capability(slug) => slug.to_string(),
            GroupKey::Agreement(id) => id.to_string(),
            GroupKey::Listing(id) => id.to_string(),
            GroupKey::Meter(meter) => meter.name().to_ascii_uppercase(),
            GroupKey::Principal(name) => name.clone(),
        }
    }
    /// When the hour or day begins.
    async fn start(&self) -> Option<DateTime> {
        let GroupKey::Start(instant) = self.key else { return None };
        Some(DateTime(instant))
    }
    /// What people call it: the name of the capability, of the listing (also for an agreement), of the API key or the
    /// member. Null for hours, days and meters, and where the name is gone or another organization's.
    async fn label(&self, context: &Context<'_>, language: Option<Language>) -> Result<Option<String>, Refused> {
        label(context, &self.key, language).await
    }
    /// What was used.
    async fn totals(&self) -> UsageTotals {
        self.totals.clone().into()
    }
}

async fn label(context: &Context<'_>, key: &GroupKey, language: Option<Language>) -> Result<Option<String>, Refused> {
    let platform = platform(context)?;
    let named = |name: Option<Localized>| name.map(|name| text(&name, language));
    match key.clone() {
        GroupKey::Start(_) | GroupKey::Meter(_) => Ok(None),
        GroupKey::Capability(slug) => {
            let found = platform.read(move |views| views.capability(&slug)).await?;
            Ok(named(found.map(|capability| capability.definition.name)))
        }
        GroupKey::Agreement(id) => {
            let read = move |views: &Views| {
                let agreement = views.agreement(id)?;
                let listing = agreement.map(|agreement| views.listing(agreement.accepted.listing));
                Ok::<_, views::store::Fault>(listing.transpose()?.flatten())
            };
            Ok(named(platform.read(read).await?.and_then(market_name)))
        }
        GroupKey::Listing(id) => {
            let found = platform.read(move |views| views.listing(id)).await?;
            Ok(named(found.and_then(market_name)))
        }
        GroupKey::Principal(name) => principal_label(context, &name).await,
    }
}

/// The name of a listing as it is, or was last, on the market.
fn market_name(listing: ListingRow) -> Option<Localized> {
    listing.published.map(|version| version.content.name)
}

/// What the caller's own organization calls a key or a member.
async fn principal_label(context: &Context<'_>, name: &str) -> Result<Option<String>, Refused> {
    let (platform, own) = (platform(context)?, access::authenticated(context)?.organization);
    if let Ok(id) = name.parse::<ApiKeyId>() {
        let found = platform.read(move |views| views.api_key(id)).await?;
        return Ok(found.filter(|key| key.organization == own).map(|key| key.label));
    }
    let Ok(id) = name.parse::<MemberId>() else { return Ok(None) };
    let found = platform.read(move |views| views.member(id)).await?;
    let Some(member) = found.filter(|member| member.organization == own) else { return Ok(None) };
    platform.with_vault(move |vault| vault.unseal(&member.name)).await
}

/// What usage is summed by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UsageGrouping {
    /// By hour, UTC.
    Hour,
    /// By day in your organization's time zone. Usage is summed by whole hours UTC, and an hour counts to the day it
    /// ends in: where days begin within an hour, as at half past in India, they are counted from the start of that
    /// hour. Invoices and allowances know no hours and are exact.
    Day,
    /// By capability.
    Capability,
    /// By agreement.
    Agreement,
    /// By listing.
    Listing,
    /// By meter; a call that uses several counts to each.
    Meter,
    /// By API key or member that called; for buyers.
    Principal,
}

/// Which usage; all where nothing is set.
#[derive(InputObject, Default)]
pub struct UsageFilter {
    /// Under this agreement.
    pub agreement_id: Option<ID>,
    /// Of this capability, by slug.
    pub capability: Option<String>,
    /// Answered by this listing.
    pub listing_id: Option<ID>,
    /// Called by this API key or member (`key_…`, `mem_…`); for buyers.
    pub principal: Option<String>,
    /// On this meter; calls are then those that used it.
    pub meter: Option<Meter>,
}

impl TryFrom<UsageFilter> for ViewFilter {
    type Error = Refused;

    fn try_from(filter: UsageFilter) -> Result<Self, Refused> {
        let agreement = filter.agreement_id.map(|id| id.parse().map_err(|_| not_found("filter"))).transpose()?;
        let listing = filter.listing_id.map(|id| id.parse().map_err(|_| not_found("filter"))).transpose()?;
        let capability = filter.capability.map(|slug| slug.parse().map_err(|_| not_found("filter"))).transpose()?;
        Ok(Self { agreement, capability, listing, principal: filter.principal, meter: filter.meter.map(Into::into) })
    }
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
        filter: Option<UsageFilter>,
    ) -> Result<UsageSeries, Refused> {
        let of = perspective.usage_of(access::authenticated(context)?)?;
        let filter = ViewFilter::try_from(filter.unwrap_or_default())?;
        if by == UsageGrouping::Principal && perspective != Perspective::Buyer {
            return Err(invalid("by", "only a buyer sees who called"));
        }
        if filter.principal.is_some() && perspective != Perspective::Buyer {
            return Err(invalid("filter", "only a buyer sees who called"));
        }
        series(context, of, filter, by, from, until).await
    }
}

/// Sums usage by group.
pub async fn series(
    context: &Context<'_>,
    of: UsageOf,
    filter: ViewFilter,
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
            views.usage_totals(of, &filter, period)?,
            views.usage_series(of, &filter, period, &grouping)?,
        ))
    };
    let (total, groups) = platform.read(read).await?;
    let groups = groups.into_iter().map(UsageGroup::from).collect();
    Ok(UsageSeries { period: period.into(), total: total.into(), groups })
}

/// The period that a series covers: checked, and the last 30 days unless given.
pub fn span(
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

/// What a series is summed by.
pub async fn grouping(context: &Context<'_>, by: UsageGrouping) -> Result<Grouping, Refused> {
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
        UsageGrouping::Meter => Grouping::Meter,
        UsageGrouping::Principal => Grouping::Principal,
    })
}
