//! Periods that are not closed yet, for whoever closes them.

use async_graphql::{Context, Description, InputObject, Object};
use metering::published::usage::Correction;
use views::agreements::Open;

use crate::graphql::agreements::Agreement;
use crate::graphql::connection::{connection, page_request};
use crate::graphql::errors::Refused;
use crate::graphql::scalars::{Count, Period};
use crate::graphql::usage::MeterUsage;
use crate::graphql::work::platform;

/// A period of an agreement that is not closed yet.
#[derive(Clone, Description)]
pub struct OpenPeriod {
    open: Open,
    has_ended: bool,
}

#[Object(use_type_description)]
impl OpenPeriod {
    /// The agreement.
    async fn agreement(&self) -> Agreement {
        Agreement(self.open.agreement.clone())
    }
    /// The period; it ends with its calendar or with the agreement. What is reported after an agreement's last period
    /// was closed waits until the calendar period of that closing is over.
    async fn period(&self) -> Period {
        self.open.period.into()
    }
    /// Whether its end has passed. The platform then closes it by itself, once no call of it can be under way.
    async fn has_ended(&self) -> bool {
        self.has_ended
    }
    /// How many calls and reports its invoice will have, those that came late of closed periods among them.
    async fn calls(&self) -> Count {
        Count(self.open.usage.calls)
    }
    /// What was used in it, by meter.
    async fn meters(&self) -> Vec<MeterUsage> {
        self.open.usage.meters.iter().copied().map(MeterUsage::from).collect()
    }
    /// What was used in closed periods and reported since: its invoice will correct theirs.
    async fn late(&self) -> Vec<LateUsage> {
        self.open.usage.corrections.iter().cloned().map(LateUsage).collect()
    }
}

/// What was used in a closed period and reported late.
#[derive(Clone, Description)]
pub struct LateUsage(Correction);

#[Object(use_type_description)]
impl LateUsage {
    /// The closed period.
    async fn period(&self) -> Period {
        self.0.service.into()
    }
    /// What came late of it, by meter.
    async fn meters(&self) -> Vec<MeterUsage> {
        let late = self
            .0
            .meters
            .iter()
            .map(|used| metering::published::usage::MeterUsage { meter: used.meter, split: used.split });
        late.map(MeterUsage::from).collect()
    }
}

connection!(OpenPeriodConnection, OpenPeriodEdge, OpenPeriod);

/// Which open periods; all where nothing is set.
#[derive(InputObject, Default)]
pub struct OpenPeriodFilter {
    /// Only those whose end has passed.
    pub ended_only: Option<bool>,
}

/// The part of `Query` that is about open periods.
#[derive(Default)]
pub struct OpenPeriodsQuery;

#[Object]
impl OpenPeriodsQuery {
    /// Periods that are not closed yet, the one that ends first comes first.
    async fn open_periods(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<OpenPeriodFilter>,
    ) -> Result<OpenPeriodConnection, Refused> {
        let page = page_request(first, after)?;
        let platform = platform(context)?;
        let now = platform.clock.now();
        let ended = filter.unwrap_or_default().ended_only.unwrap_or(false).then_some(now);
        platform.caught_up().await?;
        let page = platform.read(move |views| views.open_agreements(ended, &page)).await?;
        Ok(OpenPeriodConnection::of(page, |open| OpenPeriod { has_ended: open.period.end <= now, open }))
    }
}
