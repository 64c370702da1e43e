//! Billing periods: half-open spans of instants, cut by a calendar that remembers its anchor day.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A span `[start, end)` of instants, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
}

impl Period {
    /// Whether the instant lies inside.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// The length in whole seconds, not negative.
    pub fn seconds(&self) -> i64 {
        self.end.as_second().saturating_sub(self.start.as_second()).max(0)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}, {})", self.start, self.end)
    }
}

/// How often terms repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingPeriod {
    /// Every calendar day.
    Day,
    /// Every month, on the anchor day or the month's last.
    Month,
    /// Every year, on the anchor day or the month's last.
    Year,
}

impl BillingPeriod {
    /// The name in events and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl FromStr for BillingPeriod {
    type Err = InvalidCalendar;
    fn from_str(text: &str) -> Result<Self, InvalidCalendar> {
        match text {
            "day" => Ok(Self::Day),
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(InvalidCalendar),
        }
    }
}

/// The zone is unknown, or the calendar leaves the years that can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time zone is unknown or the date is out of range")]
pub struct InvalidCalendar;

/// An IANA time zone by name, e.g. `Asia/Shanghai`; checked when parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(String);

impl Zone {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn time_zone(&self) -> Result<TimeZone, InvalidCalendar> {
        TimeZone::get(&self.0).map_err(|_| InvalidCalendar)
    }

    /// The civil date of an instant in this zone.
    pub fn date(&self, instant: Timestamp) -> Result<Date, InvalidCalendar> {
        Ok(instant.to_zoned(self.time_zone()?).date())
    }

    /// The first instant of a civil date in this zone.
    pub fn start_of(&self, date: Date) -> Result<Timestamp, InvalidCalendar> {
        let zoned = date.to_zoned(self.time_zone()?).map_err(|_| InvalidCalendar)?;
        Ok(zoned.timestamp())
    }
}

impl FromStr for Zone {
    type Err = InvalidCalendar;
    fn from_str(text: &str) -> Result<Self, InvalidCalendar> {
        TimeZone::get(text).map(|_| Self(text.to_owned())).map_err(|_| InvalidCalendar)
    }
}

impl TryFrom<String> for Zone {
    type Error = InvalidCalendar;
    fn try_from(text: String) -> Result<Self, InvalidCalendar> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0
    }
}

/// The calendar of an agreement: boundaries at midnight in the buyer's zone, counted from an anchor date.
///
/// The anchor day is remembered: from 31 January the months end 29 February, 31 March, 30 April.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Calendar {
    /// Where days begin.
    pub zone: Zone,
    /// The date the count starts at.
    pub anchor: Date,
    /// The length of one period.
    pub every: BillingPeriod,
}

impl Calendar {
    /// The calendar whose first period begins on the date of `start` in `zone`.
    pub fn starting(start: Timestamp, zone: Zone, every: BillingPeriod) -> Result<Self, InvalidCalendar> {
        let anchor = zone.date(start)?;
        Ok(Self { zone, anchor, every })
    }

    /// The `n`-th boundary date, counted from the anchor; 0 is the anchor itself.
    pub fn boundary(&self, n: i64) -> Result<Date, InvalidCalendar> {
        let span = self.span(n)?;
        self.anchor.checked_add(span).map_err(|_| InvalidCalendar)
    }

    fn span(&self, n: i64) -> Result<Span, InvalidCalendar> {
        const BOUND: i64 = 100_000;
        if !(-BOUND..=BOUND).contains(&n) {
            return Err(InvalidCalendar);
        }
        Ok(match self.every {
            BillingPeriod::Day => n.days(),
            BillingPeriod::Month => n.months(),
            BillingPeriod::Year => n.checked_years()?,
        })
    }

    /// The whole period that holds an instant.
    pub fn period_at(&self, instant: Timestamp) -> Result<Period, InvalidCalendar> {
        let date = self.zone.date(instant)?;
        let mut n = self.estimate(date);
        while self.boundary(n)? > date {
            n = n.saturating_sub(1);
        }
        while self.boundary(n.saturating_add(1))? <= date {
            n = n.saturating_add(1);
        }
        self.nth(n)
    }

    fn nth(&self, n: i64) -> Result<Period, InvalidCalendar> {
        let start = self.zone.start_of(self.boundary(n)?)?;
        let end = self.zone.start_of(self.boundary(n.saturating_add(1))?)?;
        Ok(Period { start, end })
    }

    /// Close to the index of the period holding `date`: at most one off.
    fn estimate(&self, date: Date) -> i64 {
        let years = i64::from(date.year()).saturating_sub(i64::from(self.anchor.year()));
        let months = i64::from(date.month()).saturating_sub(i64::from(self.anchor.month()));
        match self.every {
            BillingPeriod::Day => (date.duration_since(self.anchor).as_hours()).div_euclid(24),
            BillingPeriod::Month => years.saturating_mul(12).saturating_add(months),
            BillingPeriod::Year => years,
        }
    }
}

/// Years within what a span can hold.
trait CheckedYears {
    fn checked_years(self) -> Result<Span, InvalidCalendar>;
}

impl CheckedYears for i64 {
    fn checked_years(self) -> Result<Span, InvalidCalendar> {
        Span::new().try_years(self).map_err(|_| InvalidCalendar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn calendar(zone: &str, anchor: Date, every: BillingPeriod) -> Calendar {
        Calendar { zone: zone.parse().unwrap(), anchor, every }
    }

    #[test]
    fn the_anchor_day_is_remembered_through_short_months() {
        let months = calendar("UTC", date(2024, 1, 31), BillingPeriod::Month);
        let dates: Vec<Date> = (0..4).map(|n| months.boundary(n).unwrap()).collect();
        assert_eq!(dates, [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]);
    }

    #[test]
    fn days_begin_at_midnight_of_the_buyers_zone() {
        let days = calendar("Asia/Shanghai", date(2026, 1, 1), BillingPeriod::Day);
        let period = days.period_at("2026-03-01T20:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(period.start, "2026-03-01T16:00:00Z".parse().unwrap());
        assert_eq!(period.end, "2026-03-02T16:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_day_is_23_hours_when_clocks_go_forward() {
        let days = calendar("America/New_York", date(2025, 3, 1), BillingPeriod::Day);
        let period = days.period_at("2025-03-09T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(period.seconds(), 23 * 3600);
    }

    #[test]
    fn unknown_zones_are_refused() {
        assert_eq!("Mars/Olympus".parse::<Zone>(), Err(InvalidCalendar));
    }

    proptest! {
        #[test]
        fn periods_tile_time(
            second in 1_500_000_000_i64..2_500_000_000,
            day in 1_i8..=31,
            every in prop::sample::select(vec![BillingPeriod::Day, BillingPeriod::Month, BillingPeriod::Year]),
            zone in prop::sample::select(vec!["UTC", "Asia/Shanghai", "America/New_York"]),
        ) {
            let calendar = calendar(zone, date(2024, 1, day), every);
            let instant = Timestamp::from_second(second).unwrap();
            let period = calendar.period_at(instant).unwrap();
            prop_assert!(period.contains(instant));
            prop_assert_eq!(calendar.period_at(period.end).unwrap().start, period.end);
        }
    }
}
