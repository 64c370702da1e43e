//! Values that stand out from their neighbourhood and their season.
//! What is expected: the trend, the season's medians and a running median; a value is an anomaly where the
//! modified z-score of the rest reaches the threshold (3.5, Iglewicz and Hoaglin 1993).

use serde::{Deserialize, Serialize};

use super::{check_season, detrended, pattern, running_median, season_of};
use crate::Refusal;
use crate::numbers::{median, modified_z_scores, quantile, round6};

/// Values whose median says what is usual around one of them.
const NEIGHBOURS: usize = 11;

#[derive(Deserialize)]
pub(crate) struct Input {
    values: Vec<f64>,
    season: Option<usize>,
    threshold: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    season: Option<usize>,
    threshold: f64,
    anomalies: Vec<Anomaly>,
}

#[derive(Serialize)]
struct Anomaly {
    index: usize,
    value: f64,
    expected: f64,
    /// How many robust standard deviations above (or below) what is expected.
    score: f64,
}

/// Finds anomalies, in the order of the series.
pub(crate) fn detect(input: Input) -> Result<Output, Refusal> {
    check_season(input.season, input.values.len())?;
    let season = season_of(&input.values, input.season);
    let threshold = input.threshold.unwrap_or(3.5);
    let expected = expected(&input.values, season);
    let rest = rest(&input.values, &expected);
    let scores = modified_z_scores(&rest);
    let values = input.values.iter().zip(expected).zip(scores).enumerate();
    let anomalies =
        values.filter(|(_, (_, score))| score.abs() >= threshold).map(|(index, ((value, expected), score))| Anomaly {
            index,
            value: *value,
            expected: round6(expected),
            score: round6(score),
        });
    Ok(Output { season, threshold, anomalies: anomalies.collect() })
}

/// The line, the season's medians off it, and the running median of what is left.
fn expected(values: &[f64], season: Option<usize>) -> Vec<f64> {
    let flat = detrended(values);
    let places = season.map_or_else(|| vec![0.0], |period| pattern(&flat, period, median));
    let calm: Vec<f64> = flat.iter().zip(places.iter().cycle()).map(|(value, place)| value - place).collect();
    let level = running_median(&calm, NEIGHBOURS);
    let unexpected = calm.iter().zip(level).map(|(value, level)| value - level);
    values.iter().zip(unexpected).map(|(value, unexpected)| value - unexpected).collect()
}

/// What is left of each value; less than a billionth of the range is rounding, not a difference.
fn rest(values: &[f64], expected: &[f64]) -> Vec<f64> {
    let range = quantile(values, 1.0) - quantile(values, 0.0);
    let difference = |(value, expected): (&f64, &f64)| {
        let difference = value - expected;
        if difference.abs() > range * 1e-9 { difference } else { 0.0 }
    };
    values.iter().zip(expected).map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: Vec<f64>) -> Vec<usize> {
        let output = detect(Input { values, season: None, threshold: None }).unwrap();
        output.anomalies.iter().map(|anomaly| anomaly.index).collect()
    }

    #[test]
    fn a_spike_in_a_season_is_found_where_it_was_put() {
        let wave =
            |at: u32| (f64::from(at % 8) * std::f64::consts::FRAC_PI_4).sin() * 10.0 + f64::from(at * 7 % 5) * 0.1;
        let mut values: Vec<f64> = (0..80).map(wave).collect();
        values[37] += 9.0;
        assert_eq!(found(values), [37]);
    }

    #[test]
    fn a_smooth_series_has_no_anomalies() {
        assert!(found((0..100).map(|at| f64::from(at) * 0.5).collect()).is_empty());
        assert!(found(vec![3.0; 30]).is_empty());
    }
}
