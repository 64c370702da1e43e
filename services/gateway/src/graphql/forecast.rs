//! What this month's usage will have cost at its end.

use async_graphql::{Context, Object, SimpleObject};
use billing::forecast::{DAYS_MAX, Forecast, Known, forecast};
use jiff::{Timestamp, ToSpan};
use kernel::exact::{self, Exact};
use kernel::money::Currency;
use kernel::period::{self, InvalidCalendar, Zone};
use views::usage_series::{GroupKey, Grouping, SeriesError, Totals, UsageFilter, UsageOf};

use super::access;
use super::errors::{Refused, not_found};
use super::scalars::{Decimal, Period};
use super::work::platform;

/// What your organization's usage costs this month, so far and at its end: `VALUE_ADDED` units by the frozen prices,
/// not rounded, before flat fees and tax.
#[derive(SimpleObject)]
pub struct SpendForecast {
    /// What the amounts are in (ISO 4217).
    pub currency_code: String,
    /// The calendar month in your organization's time zone; what is charged is summed by `DAY`.
    pub period: Period,
    /// Charged so far.
    pub spent: Decimal,
    /// At the end, if the days to come are like the mean of the last complete ones.
    pub forecast: Decimal,
    /// If they are like the lowest of those.
    pub low: Decimal,
    /// If they are like the highest.
    pub high: Decimal,
    /// Complete days that the forecast is made of, 7 at most; with none, the month so far stands in for them.
    pub basis_days: u32,
}

/// The part of `Query` that forecasts.
#[derive(Default)]
pub struct ForecastQuery;

#[Object]
impl ForecastQuery {
    /// What your organization will have spent by the end of the month, one per currency; none where nothing was used.
    async fn spend_forecast(&self, context: &Context<'_>) -> Result<Vec<SpendForecast>, Refused> {
        let own = access::authenticated(context)?.organization;
        let platform = platform(context)?;
        let organization = platform.read(move |views| views.organization(own)).await?.ok_or_else(|| not_found(""))?;
        let calendar = Calendar::at(platform.clock.now(), &organization.profile.zone).map_err(SeriesError::from)?;
        platform.caught_up().await?;
        let (within, by) = (calendar.watched(), Grouping::Day(organization.profile.zone));
        let read = move |views: &views::store::Views| {
            views.usage_series(UsageOf::Buyer(own), &UsageFilter::default(), within, &by)
        };
        Ok(calendar.forecasts(&platform.read(read).await?))
    }
}

/// The month, and the complete days before now.
struct Calendar {
    now: Timestamp,
    month: period::Period,
    /// Where the last complete days begin, oldest first.
    days: Vec<Timestamp>,
}

impl Calendar {
    fn at(now: Timestamp, zone: &Zone) -> Result<Self, InvalidCalendar> {
        let today = zone.date(now)?;
        let next = today.last_of_month().tomorrow().map_err(|_| InvalidCalendar)?;
        let month = period::Period { start: zone.start_of(today.first_of_month())?, end: zone.start_of(next)? };
        let back = (1..=i64::try_from(DAYS_MAX).unwrap_or(i64::MAX)).rev();
        let day = |back: i64| zone.start_of(today.checked_sub(back.days()).map_err(|_| InvalidCalendar)?);
        Ok(Self { now, month, days: back.map(day).collect::<Result<_, _>>()? })
    }

    /// What has to be known: the month so far, and the days.
    fn watched(&self) -> period::Period {
        let first = self.days.first().copied().unwrap_or(self.month.start);
        period::Period { start: first.min(self.month.start), end: self.now }
    }

    fn forecasts(&self, groups: &[(GroupKey, Totals)]) -> Vec<SpendForecast> {
        let mut currencies: Vec<Currency> =
            groups.iter().flat_map(|(_, totals)| totals.charges.keys().copied()).collect();
        currencies.sort_unstable();
        currencies.dedup();
        currencies.into_iter().map(|currency| self.forecast(currency, groups)).collect()
    }

    fn forecast(&self, currency: Currency, groups: &[(GroupKey, Totals)]) -> SpendForecast {
        let charges: Vec<(Timestamp, &Exact)> = groups.iter().filter_map(|group| charge(group, currency)).collect();
        let in_month = charges.iter().filter(|(start, _)| *start >= self.month.start);
        let spent = in_month.fold(exact::from_i64(0), |sum, (_, charge)| exact::add(&sum, charge));
        let of_day = |day: &Timestamp| charges.iter().find(|(start, _)| start == day);
        let days: Vec<Exact> = self
            .days
            .iter()
            .map(|day| of_day(day).map_or_else(|| exact::from_i64(0), |(_, charge)| (*charge).clone()))
            .collect();
        let seconds_gone = period::Period { end: self.now, ..self.month }.seconds();
        let seconds_left = period::Period { start: self.now, ..self.month }.seconds();
        let Forecast { expected, low, high, basis_days } =
            forecast(&Known { spent: &spent, days: &days, seconds_gone, seconds_left });
        SpendForecast {
            currency_code: currency.code().to_owned(),
            period: self.month.into(),
            spent: Decimal::exact(&spent),
            forecast: Decimal::estimate(&expected),
            low: Decimal::estimate(&low),
            high: Decimal::estimate(&high),
            basis_days: u32::try_from(basis_days).unwrap_or(u32::MAX),
        }
    }
}

fn charge((key, totals): &(GroupKey, Totals), currency: Currency) -> Option<(Timestamp, &Exact)> {
    let GroupKey::Start(start) = key else { return None };
    Some((*start, totals.charges.get(&currency)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(start: &str, charge: i64) -> (GroupKey, Totals) {
        let charges = [(Currency::Cny, exact::from_i64(charge))].into();
        (GroupKey::Start(at(start)), Totals { charges, ..Totals::default() })
    }

    fn calendar(now: &str) -> Calendar {
        Calendar::at(at(now), &"Asia/Shanghai".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_month_and_its_days_begin_at_midnight_in_the_zone() {
        let calendar = calendar("2026-05-03T04:00:00Z");
        assert_eq!(calendar.month.start, at("2026-04-30T16:00:00Z"));
        assert_eq!(calendar.month.end, at("2026-05-31T16:00:00Z"));
        assert_eq!(calendar.days.first(), Some(&at("2026-04-25T16:00:00Z")));
        assert_eq!(calendar.days.last(), Some(&at("2026-05-01T16:00:00Z")));
        assert_eq!(calendar.watched().start, at("2026-04-25T16:00:00Z"));
    }

    #[test]
    fn days_before_the_month_tell_the_rate_and_are_not_spent() {
        // Noon of 3 May: 28.5 days are left. 30 April cost 2, 1 May 4, 2 May nothing, today 6 so far.
        let calendar = calendar("2026-05-03T04:00:00Z");
        let groups = [day("2026-04-29T16:00:00Z", 2), day("2026-04-30T16:00:00Z", 4), day("2026-05-02T16:00:00Z", 6)];
        let forecasts = calendar.forecasts(&groups);
        let [forecast] = forecasts.as_slice() else { panic!("one currency") };
        let decimal = |text: &str| Decimal::written(text.to_owned());
        assert_eq!((&forecast.spent, forecast.basis_days), (&decimal("10"), 3));
        assert_eq!((&forecast.low, &forecast.forecast), (&decimal("10"), &decimal("67")));
        assert_eq!(forecast.high, decimal("124"));
    }

    #[test]
    fn without_usage_there_is_nothing_to_forecast() {
        assert!(calendar("2026-05-03T04:00:00Z").forecasts(&[]).is_empty());
    }
}
