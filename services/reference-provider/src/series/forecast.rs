//! Forecasts by exponential smoothing (level, trend, season), chosen by how well each variant
//! foretold the end of the series itself. Intervals come from the errors it made there.
//! Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., ch. 5 and 8.

use serde::{Deserialize, Serialize};

use super::{check_season, line, season_of};
use crate::Refusal;
use crate::numbers::{mean, round6};

/// Smoothing weights that are tried.
const WEIGHTS: [f64; 5] = [0.05, 0.2, 0.4, 0.6, 0.9];
/// Trends are damped by this much a step, so that they do not run away.
const DAMPING: f64 = 0.98;
/// Standard deviations to either side that hold 95 of 100 normal values.
const NORMAL_95: f64 = 1.96;

#[derive(Deserialize)]
pub(crate) struct Input {
    values: Vec<f64>,
    horizon: usize,
    season: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    method: Method,
    season: Option<usize>,
    forecast: Vec<Step>,
    /// Mean absolute error over the held-back end of the series.
    backtest_error: f64,
    /// The same error of a naive forecast: the last value, or the last season, repeated.
    naive_error: f64,
}

#[derive(Serialize)]
struct Step {
    value: f64,
    lower: f64,
    upper: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Naive,
    SeasonalNaive,
    DampedTrend,
    AdditiveHoltWinters,
    MultiplicativeHoltWinters,
}

/// Foretells the next `horizon` values with 95 % intervals.
pub(crate) fn forecast(input: Input) -> Result<Output, Refusal> {
    check_season(input.season, input.values.len())?;
    let values = &input.values;
    let held = (values.len() / 5).clamp(1, 2 * input.season.unwrap_or(12));
    let (train, test) = values.split_at(values.len() - held);
    let season = season_of(train, input.season).filter(|season| season * 2 <= train.len());
    let error = |method: Method| mean_error(&method.forecast(train, held, season), test);
    let naive = if season.is_some() { Method::SeasonalNaive } else { Method::Naive };
    let naive_error = error(naive);
    let mut best = (naive, naive_error);
    for method in candidates(values, season) {
        let found = error(method);
        if found < best.1 {
            best = (method, found);
        }
    }
    let (method, backtest_error) = best;
    let forecast = steps(&method.forecast(values, input.horizon, season), backtest_error);
    Ok(Output { method, season, forecast, backtest_error: round6(backtest_error), naive_error: round6(naive_error) })
}

fn candidates(values: &[f64], season: Option<usize>) -> Vec<Method> {
    match season {
        None => vec![Method::DampedTrend],
        Some(_) if values.iter().all(|value| *value > 0.0) => {
            vec![Method::AdditiveHoltWinters, Method::MultiplicativeHoltWinters]
        }
        Some(_) => vec![Method::AdditiveHoltWinters],
    }
}

fn mean_error(forecast: &[f64], actual: &[f64]) -> f64 {
    mean(&forecast.iter().zip(actual).map(|(forecast, actual)| (forecast - actual).abs()).collect::<Vec<_>>())
}

/// Intervals: a normal error's deviation is its mean absolute value times √(π/2); it grows with
/// the square root of the distance over the whole horizon.
fn steps(values: &[f64], error: f64) -> Vec<Step> {
    let deviation = error * (std::f64::consts::PI / 2.0).sqrt();
    let step = |(at, value): (usize, &f64)| {
        let width = NORMAL_95 * deviation * (1.0 + at as f64 / values.len() as f64).sqrt();
        Step { value: round6(*value), lower: round6(value - width), upper: round6(value + width) }
    };
    values.iter().enumerate().map(step).collect()
}

impl Method {
    fn forecast(self, values: &[f64], horizon: usize, season: Option<usize>) -> Vec<f64> {
        let period = season.unwrap_or(1);
        match self {
            Self::Naive => repeat_last(values, 1, horizon),
            Self::SeasonalNaive => repeat_last(values, period, horizon),
            Self::DampedTrend | Self::AdditiveHoltWinters => smoothed(values, period, horizon),
            Self::MultiplicativeHoltWinters => {
                let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
                smoothed(&logarithms, period, horizon).into_iter().map(f64::exp).collect()
            }
        }
    }
}

fn repeat_last(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let last = values.get(values.len().saturating_sub(period)..).unwrap_or_default();
    last.iter().copied().cycle().take(horizon).collect()
}

/// The forecast of the weights whose one-step errors are least.
fn smoothed(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let seasonal: &[f64] = if period > 1 { &WEIGHTS } else { &[0.0] };
    let mut best: Option<(f64, Smoothing)> = None;
    for level in WEIGHTS {
        for trend in WEIGHTS {
            for season in seasonal {
                let (error, state) = Smoothing::run(values, period, [level, trend, *season]);
                if best.as_ref().is_none_or(|(least, _)| error < *least) {
                    best = Some((error, state));
                }
            }
        }
    }
    best.map_or_else(Vec::new, |(_, state)| state.forecast(horizon))
}

/// Holt and Winters' recurrences with a damped trend and an additive season.
struct Smoothing {
    level: f64,
    trend: f64,
    /// Seasonal parts, the next one first.
    season: std::collections::VecDeque<f64>,
}

impl Smoothing {
    /// Starts from the line through the first two seasons and what they leave at each place.
    fn start(values: &[f64], period: usize) -> Self {
        let first = values.get(..(period * 2).max(4).min(values.len())).unwrap_or_default();
        let (intercept, slope) = line(first);
        let flat: Vec<f64> =
            first.iter().enumerate().map(|(at, value)| value - intercept - slope * at as f64).collect();
        let season = if period > 1 { super::pattern(&flat, period, mean) } else { vec![0.0] };
        Self { level: intercept - slope, trend: slope, season: season.into() }
    }

    /// The sum of squared one-step errors, and the state after the last value.
    fn run(values: &[f64], period: usize, weights: [f64; 3]) -> (f64, Self) {
        let mut state = Self::start(values, period);
        let errors: Vec<f64> = values.iter().map(|value| state.take(*value, weights)).collect();
        (errors.iter().map(|error| error * error).sum(), state)
    }

    fn take(&mut self, value: f64, [level_weight, trend_weight, season_weight]: [f64; 3]) -> f64 {
        let season = self.season.pop_front().unwrap_or(0.0);
        let expected = self.level + DAMPING * self.trend;
        let error = value - expected - season;
        let level = expected + level_weight * error;
        self.trend = DAMPING * self.trend + level_weight * trend_weight * error;
        self.level = level;
        self.season.push_back(season + season_weight * (1.0 - level_weight) * error);
        error
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        let (mut damping, mut trend) = (DAMPING, 0.0);
        let step = |season: &f64| {
            trend += damping * self.trend;
            damping *= DAMPING;
            self.level + trend + season
        };
        self.season.iter().cycle().take(horizon).map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::AIR_PASSENGERS;
    use super::*;

    #[test]
    fn a_year_of_airline_passengers_is_foretold_within_five_percent() {
        let (known, actual) = AIR_PASSENGERS.split_at(132);
        let output = forecast(Input { values: known.to_vec(), horizon: 12, season: None }).unwrap();
        let percent =
            output.forecast.iter().zip(actual).map(|(step, actual)| (step.value / actual - 1.0).abs() * 100.0);
        let error = mean(&percent.collect::<Vec<_>>());
        assert_eq!(output.season, Some(12));
        assert!(error < 5.0, "{error}");
        assert!(output.backtest_error < output.naive_error);
    }

    #[test]
    fn a_pure_season_is_repeated() {
        let values: Vec<f64> = [1.0, 5.0, 2.0, 8.0].into_iter().cycle().take(24).collect();
        let output = forecast(Input { values, horizon: 4, season: Some(4) }).unwrap();
        let foretold: Vec<f64> = output.forecast.iter().map(|step| step.value).collect();
        assert_eq!(foretold, [1.0, 5.0, 2.0, 8.0]);
    }

    #[test]
    fn a_constant_stays_and_its_interval_has_no_width() {
        let output = forecast(Input { values: vec![7.0; 20], horizon: 3, season: None }).unwrap();
        assert!(output.forecast.iter().all(|step| (step.lower, step.value, step.upper) == (7.0, 7.0, 7.0)));
    }

    #[test]
    fn a_season_the_series_does_not_hold_twice_is_refused() {
        assert!(forecast(Input { values: vec![1.0; 20], horizon: 3, season: Some(11) }).is_err());
    }
}
