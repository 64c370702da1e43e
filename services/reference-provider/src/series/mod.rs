//! Capabilities about evenly spaced series of numbers, and what they share: seasons.

pub(crate) mod anomaly;
pub(crate) mod change_point;
pub(crate) mod forecast;
pub(crate) mod seasonality;

use crate::numbers::{mean, median, variance};
use crate::{Code, Refusal};

/// How strong a season must be (from 0 to 1) to be called one.
const SEASON_STRENGTH_MIN: f64 = 0.3;
/// The share of a multiple's strength at which the shorter period explains as much.
const NEARLY: f64 = 0.9;
/// Periods that are looked for.
const PERIOD_MAX: usize = 366;

/// Refuses a stated season that the series does not hold twice.
fn check_season(season: Option<usize>, length: usize) -> Result<(), Refusal> {
    match season {
        Some(season) if season * 2 > length => {
            let message = "The series must hold the season at least twice.";
            Err(Refusal::new(Code::NotEnoughData, message).at("/season"))
        }
        _ => Ok(()),
    }
}

/// The values less their least-squares line.
fn detrended(values: &[f64]) -> Vec<f64> {
    let (intercept, slope) = line(values);
    values.iter().enumerate().map(|(at, value)| value - intercept - slope * at as f64).collect()
}

/// Intercept and slope of the least-squares line over positions 0, 1, 2, …
fn line(values: &[f64]) -> (f64, f64) {
    let centre = (values.len() as f64 - 1.0) / 2.0;
    let average = mean(values);
    let (mut above, mut below) = (0.0, 0.0);
    for (at, value) in values.iter().enumerate() {
        let distance = at as f64 - centre;
        above += distance * (value - average);
        below += distance * distance;
    }
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (average - slope * centre, slope)
}

/// The share of the variance that a repeating pattern of this period explains, corrected for the
/// pattern's own freedom, so that long periods do not win by chance. Slower movements are taken
/// out first, by the mean over one period around each value (classical decomposition).
fn season_strength(values: &[f64], period: usize) -> f64 {
    if period < 2 || period >= values.len() {
        return 0.0;
    }
    let flat = without_slow(values, period);
    let total = variance(&flat);
    let freedom = flat.len() as f64 - period as f64;
    if total <= 1e-12 * variance(values) || total <= 0.0 || freedom <= 0.0 {
        return 0.0;
    }
    let pattern = pattern(&flat, period, mean);
    let rest: Vec<f64> = flat.iter().zip(pattern.iter().cycle()).map(|(value, season)| value - season).collect();
    let unexplained = variance(&rest) / total * (flat.len() as f64 - 1.0) / freedom;
    (1.0 - unexplained).clamp(0.0, 1.0)
}

/// The values less the mean over one period around each, where there is a whole period around.
fn without_slow(values: &[f64], period: usize) -> Vec<f64> {
    let width = period + 1;
    // Both ends count half. Over an odd period the window's middle is half a step off, which shifts
    // all values alike and leaves the pattern as it is.
    let centred = |around: &[f64]| {
        let inner = around.get(1..period).unwrap_or_default().iter().sum::<f64>();
        let ends = around.first().unwrap_or(&0.0) + around.last().unwrap_or(&0.0);
        around.get(period / 2).unwrap_or(&0.0) - (inner + ends / 2.0) / period as f64
    };
    values.windows(width).map(centred).collect()
}

/// The centre of the values at each place of the season.
fn pattern(values: &[f64], period: usize, centre: fn(&[f64]) -> f64) -> Vec<f64> {
    let place = |start: usize| values.iter().skip(start).step_by(period.max(1)).copied().collect::<Vec<_>>();
    (0..period).map(|start| centre(&place(start))).collect()
}

/// Periods by strength, the strongest first. Of a period and its multiples, which all explain the
/// same repetition, the shortest that does nearly as well stands for them.
fn seasons(values: &[f64]) -> Vec<(usize, f64)> {
    let longest = (values.len() / 3).min(PERIOD_MAX);
    let strengths: Vec<f64> = (0..=longest + 1).map(|period| season_strength(values, period)).collect();
    let mut peaks: Vec<(usize, f64)> = strengths.windows(3).enumerate().filter_map(peak).collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut distinct: Vec<(usize, f64)> = Vec::new();
    for (period, strength) in &peaks {
        let does_as_well = |other: &&(usize, f64)| period % other.0 == 0 && other.1 >= strength * NEARLY;
        let shortest = peaks.iter().filter(does_as_well).min_by_key(|other| other.0);
        let shortest = shortest.copied().unwrap_or((*period, *strength));
        if distinct.iter().all(|(known, _)| shortest.0 % known != 0 && known % shortest.0 != 0) {
            distinct.push(shortest);
        }
    }
    distinct
}

/// The middle of three neighbouring periods, where it is strong and stronger than both others; a
/// period close to a strong one repeats a little too.
fn peak((before, strengths): (usize, &[f64])) -> Option<(usize, f64)> {
    let [shorter, strength, longer] = *strengths else { return None };
    let is_peak = strength >= SEASON_STRENGTH_MIN && strength > shorter && strength >= longer;
    is_peak.then_some((before + 1, strength))
}

/// The stated season, or the strongest one found.
fn season_of(values: &[f64], stated: Option<usize>) -> Option<usize> {
    stated.or_else(|| seasons(values).first().map(|(period, _)| *period))
}

/// The median of up to `width` values around each position.
fn running_median(values: &[f64], width: usize) -> Vec<f64> {
    let half = width / 2;
    let around = |at: usize| {
        let end = (at + half + 1).min(values.len());
        median(values.get(at.saturating_sub(half)..end).unwrap_or_default())
    };
    (0..values.len()).map(around).collect()
}

/// Monthly airline passengers in thousands, 1949 to 1960 (Box and Jenkins 1976), for tests.
#[cfg(test)]
const AIR_PASSENGERS: [f64; 144] = [
    112., 118., 132., 129., 121., 135., 148., 148., 136., 119., 104., 118., 115., 126., 141., 135., 125., 149., 170.,
    170., 158., 133., 114., 140., 145., 150., 178., 163., 172., 178., 199., 199., 184., 162., 146., 166., 171., 180.,
    193., 181., 183., 218., 230., 242., 209., 191., 172., 194., 196., 196., 236., 235., 229., 243., 264., 272., 237.,
    211., 180., 201., 204., 188., 235., 227., 234., 264., 302., 293., 259., 229., 203., 229., 242., 233., 267., 269.,
    270., 315., 364., 347., 312., 274., 237., 278., 284., 277., 317., 313., 318., 374., 413., 405., 355., 306., 271.,
    306., 315., 301., 356., 348., 355., 422., 465., 467., 404., 347., 305., 336., 340., 318., 362., 348., 363., 435.,
    491., 505., 404., 359., 310., 337., 360., 342., 406., 396., 420., 472., 548., 559., 463., 407., 362., 405., 417.,
    391., 419., 461., 472., 535., 622., 606., 508., 461., 390., 432.,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_exactly() {
        assert_eq!(line(&[3.0, 5.0, 7.0, 9.0]), (3.0, 2.0));
        assert!(detrended(&[3.0, 5.0, 7.0]).iter().all(|rest| rest.abs() < 1e-12));
    }

    #[test]
    fn a_running_median_ignores_a_spike() {
        assert_eq!(running_median(&[1.0, 1.0, 50.0, 1.0, 1.0], 3), [1.0, 1.0, 1.0, 1.0, 1.0]);
    }
}
