//! Forecast: what a span will have cost at its end, if the days to come are like those just past.
//!
//! The run rate is the mean charge of the last complete days, [`DAYS_MAX`] at most, counted from the first that has a
//! charge. `forecast = spent + mean × days left`, the band likewise with the lowest and the highest of those days.
//! Where no day is complete, the time gone by stands in for the mean and the highest day, and nothing for the lowest.

use kernel::exact::{self, Exact};

/// The most complete days that the run rate is made of.
pub const DAYS_MAX: usize = 7;
const SECONDS_PER_DAY: i64 = 86_400;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// Charged in the span so far, in major units.
    pub spent: &'a Exact,
    /// Charges of the last complete days, oldest first, within the span or before it.
    pub days: &'a [Exact],
    /// Seconds of the span that are gone, not negative.
    pub seconds_gone: i64,
    /// Seconds of the span that are left, not negative.
    pub seconds_left: i64,
}

/// A forecast with its band, in major units, exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// At the mean of the days.
    pub expected: Exact,
    /// At the lowest.
    pub low: Exact,
    /// At the highest.
    pub high: Exact,
    /// How many complete days it is made of.
    pub basis_days: usize,
}

/// Forecasts the charge of the whole span.
pub fn forecast(known: &Known<'_>) -> Forecast {
    let days = basis(known.days);
    let left = days_of(known.seconds_left);
    let at = |rate: &Exact| exact::add(known.spent, &exact::multiply(rate, &left));
    let zero = exact::from_i64(0);
    let (Some(low), Some(high)) = (days.iter().min(), days.iter().max()) else {
        let gone = exact::divide(known.spent, &days_of(known.seconds_gone)).unwrap_or_else(|| zero.clone());
        return Forecast { expected: at(&gone), low: at(&zero), high: at(&gone), basis_days: 0 };
    };
    Forecast { expected: at(&mean(days)), low: at(low), high: at(high), basis_days: days.len() }
}

/// The last days, from the first with a charge.
fn basis(days: &[Exact]) -> &[Exact] {
    let recent = days.get(days.len().saturating_sub(DAYS_MAX)..).unwrap_or_default();
    let first = recent.iter().position(|day| *day != exact::from_i64(0)).unwrap_or(recent.len());
    recent.get(first..).unwrap_or_default()
}

fn mean(days: &[Exact]) -> Exact {
    let sum = days.iter().fold(exact::from_i64(0), |sum, day| exact::add(&sum, day));
    let count = i64::try_from(days.len()).unwrap_or(i64::MAX);
    exact::divide(&sum, &exact::from_i64(count)).unwrap_or(sum)
}

fn days_of(seconds: i64) -> Exact {
    exact::divide(&exact::from_i64(seconds.max(0)), &exact::from_i64(SECONDS_PER_DAY)).unwrap_or(exact::from_i64(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exacts(values: &[i64]) -> Vec<Exact> {
        values.iter().copied().map(exact::from_i64).collect()
    }

    fn forecast_of(spent: i64, days: &[i64], days_gone: i64, days_left: i64) -> Forecast {
        let (seconds_gone, seconds_left) = (days_gone * SECONDS_PER_DAY, days_left * SECONDS_PER_DAY);
        forecast(&Known { spent: &exact::from_i64(spent), days: &exacts(days), seconds_gone, seconds_left })
    }

    fn whole(forecast: &Forecast) -> [Exact; 3] {
        [forecast.low.clone(), forecast.expected.clone(), forecast.high.clone()]
    }

    #[test]
    fn the_days_to_come_are_like_those_just_past() {
        let forecast = forecast_of(60, &[10, 20, 30], 3, 2);
        assert_eq!((whole(&forecast), forecast.basis_days), (exacts(&[80, 100, 120]).try_into().unwrap(), 3));
    }

    #[test]
    fn only_the_last_days_count_and_only_from_the_first_charge() {
        let forecast = forecast_of(0, &[1_000, 0, 0, 0, 0, 0, 3, 5], 8, 1);
        assert_eq!((whole(&forecast), forecast.basis_days), (exacts(&[3, 4, 5]).try_into().unwrap(), 2));
    }

    #[test]
    fn a_day_without_a_charge_in_between_is_a_day() {
        let forecast = forecast_of(6, &[6, 0], 2, 1);
        assert_eq!(whole(&forecast), <[Exact; 3]>::try_from(exacts(&[6, 9, 12])).unwrap());
    }

    #[test]
    fn without_a_complete_day_the_time_gone_by_is_the_rate() {
        let known = Known { spent: &exact::from_i64(3), days: &[], seconds_gone: 21_600, seconds_left: 64_800 };
        let forecast = forecast(&known);
        assert_eq!((whole(&forecast), forecast.basis_days), (exacts(&[3, 12, 12]).try_into().unwrap(), 0));
    }

    #[test]
    fn nothing_spent_in_no_time_is_nothing() {
        let forecast = forecast_of(0, &[], 0, 30);
        assert_eq!(whole(&forecast), <[Exact; 3]>::try_from(exacts(&[0, 0, 0])).unwrap());
    }

    #[test]
    fn at_the_end_the_forecast_is_what_was_spent() {
        let forecast = forecast_of(42, &[1, 9], 30, 0);
        assert_eq!(whole(&forecast), <[Exact; 3]>::try_from(exacts(&[42, 42, 42])).unwrap());
    }

    proptest! {
        #[test]
        fn the_forecast_lies_in_its_band_and_never_below_what_was_spent(
            spent in 0_i64..1_000_000, days in prop::collection::vec(0_i64..1_000_000, 0..12),
            gone in 0_i64..3_000_000, left in 0_i64..3_000_000,
        ) {
            let spent = exact::from_i64(spent);
            let known = Known { spent: &spent, days: &exacts(&days), seconds_gone: gone, seconds_left: left };
            let forecast = forecast(&known);
            prop_assert!(spent <= forecast.low && forecast.low <= forecast.expected && forecast.expected <= forecast.high);
        }
    }
}
