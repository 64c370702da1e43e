//! Medians and percentiles.

/// The value that a fraction of the ascending values does not exceed (nearest rank); zero where there are none.
pub fn percentile(ascending: &[u32], fraction: f64) -> u32 {
    let rank = (0..ascending.len()).find(|rank| share(*rank, ascending.len()) >= fraction);
    rank.or(ascending.len().checked_sub(1)).and_then(|rank| ascending.get(rank)).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn share(rank: usize, count: usize) -> f64 {
    (rank + 1) as f64 / count as f64
}

/// The middle value, or the mean of the two middle ones; zero where there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    if values.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<u32> = (1..=100).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|fraction| percentile(&values, fraction)), [50, 99, 100]);
        assert_eq!(percentile(&[7], 0.5), 7);
        assert_eq!(percentile(&[], 0.5), 0);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median([]).abs() < f64::EPSILON);
    }
}
