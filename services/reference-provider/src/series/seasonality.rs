//! Which periods a series repeats at, and how strongly.
//! Strength: the variance that the repeating pattern explains after the trend is taken out, after
//! Wang, Smith and Hyndman, *Characteristic-Based Clustering for Time Series Data*, 2006.

use serde::{Deserialize, Serialize};

use super::{detrended, pattern, seasons};
use crate::Refusal;
use crate::numbers::{mean, round6};

const SEASONS_MAX: usize = 5;

#[derive(Deserialize)]
pub(crate) struct Input {
    values: Vec<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    seasonal: bool,
    /// The strongest first; empty where nothing repeats.
    seasons: Vec<Season>,
}

#[derive(Serialize)]
struct Season {
    period: usize,
    strength: f64,
    /// The mean above or below the trend at each place of the period, from the first value on.
    pattern: Vec<f64>,
}

/// Finds repeating periods from 2 up to half the series.
pub(crate) fn detect(input: Input) -> Result<Output, Refusal> {
    let flat = detrended(&input.values);
    let season = |(period, strength): (usize, f64)| Season {
        period,
        strength: round6(strength),
        pattern: pattern(&flat, period, mean).into_iter().map(round6).collect(),
    };
    let found: Vec<Season> = seasons(&input.values).into_iter().take(SEASONS_MAX).map(season).collect();
    Ok(Output { seasonal: !found.is_empty(), seasons: found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn airline_passengers_repeat_every_twelve_months() {
        let output = detect(Input { values: super::super::AIR_PASSENGERS.to_vec() }).unwrap();
        assert_eq!(output.seasons[0].period, 12);
        assert_eq!(output.seasons.len(), 1);
    }

    #[test]
    fn a_trend_alone_and_a_constant_are_not_seasonal() {
        assert!(!detect(Input { values: (0..60).map(f64::from).collect() }).unwrap().seasonal);
        assert!(!detect(Input { values: vec![4.0; 60] }).unwrap().seasonal);
    }
}
