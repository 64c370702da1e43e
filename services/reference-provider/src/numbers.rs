//! Small statistics shared by the table and series capabilities.
//! Answers are rounded to six decimals, so that they are equal on every machine.

/// Rounds to six decimals and turns −0 into 0.
pub(crate) fn round6(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// The arithmetic mean; 0 for no values.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The population variance; 0 for no values.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|value| (value - centre).powi(2)).collect::<Vec<_>>())
}

/// The median; 0 for no values.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The quantile by linear interpolation between order statistics (Hyndman and Fan's type 7).
pub(crate) fn quantile(values: &[f64], probability: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let rank = probability.clamp(0.0, 1.0) * last as f64;
    let low = sorted.get(rank.floor() as usize).copied().unwrap_or(0.0);
    let high = sorted.get(rank.ceil() as usize).copied().unwrap_or(low);
    low + (high - low) * rank.fract()
}

/// Modified z-scores: 0.6745 (x − median) / MAD.
///
/// Where more than half the values are equal the MAD is 0; then the mean absolute deviation times
/// 1.253314 takes its place, and where that is 0 too every score is 0.
/// Source: Iglewicz and Hoaglin, *How to Detect and Handle Outliers*, 1993.
pub(crate) fn modified_z_scores(values: &[f64]) -> Vec<f64> {
    let centre = median(values);
    let deviations: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let median_deviation = median(&deviations);
    let scale = if median_deviation > 0.0 { median_deviation / 0.6745 } else { mean(&deviations) * 1.253_314 };
    let score = |value: &f64| if scale > 0.0 { (value - centre) / scale } else { 0.0 };
    values.iter().map(score).collect()
}

/// A small generator for reproducible choices (`SplitMix64`, Steele et al. 2014); not for secrets.
pub(crate) fn mix64(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_interpolates_like_the_default_of_r() {
        // R: quantile(c(1, 2, 3, 4), 0.25) = 1.75
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.25), 1.75);
    }

    #[test]
    fn a_modified_z_score_matches_the_published_definition() {
        // median 3, MAD 1: (100 - 3) * 0.6745
        let scores = modified_z_scores(&[1.0, 2.0, 3.0, 4.0, 100.0]);
        assert!((scores[4] - 65.4265).abs() < 1e-9);
    }

    #[test]
    fn equal_values_score_nothing() {
        assert_eq!(modified_z_scores(&[7.0; 5]), vec![0.0; 5]);
    }

    #[test]
    fn the_mixer_gives_the_reference_sequence() {
        // First output of SplitMix64 seeded with 1234567.
        assert_eq!(mix64(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn rounding_leaves_no_negative_zero() {
        assert!(round6(-1e-9).is_sign_positive());
    }
}
