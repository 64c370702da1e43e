//! Where the level of a series changes: the split with the least cost, found exactly.
//! Source: Jackson et al., *An Algorithm for Optimal Partitioning of Data on an Interval*, 2005.
//! Cost: squared distance to each segment's mean, and a penalty for each change.

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::numbers::{mean, median, round6, variance};

#[derive(Deserialize)]
pub(crate) struct Input {
    values: Vec<f64>,
    /// What a change must save, in units of the noise variance times ln n; 2 unless stated.
    penalty: Option<f64>,
    min_segment: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    change_points: Vec<ChangePoint>,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
struct ChangePoint {
    /// The first position of the new level.
    index: usize,
    before: f64,
    after: f64,
}

#[derive(Serialize)]
struct Segment {
    start: usize,
    end: usize,
    mean: f64,
}

/// Splits the series into segments of one level each.
pub(crate) fn detect(input: Input) -> Result<Output, Refusal> {
    let values = &input.values;
    let noise = noise_variance(values);
    let penalty = input.penalty.unwrap_or(2.0) * noise * (values.len() as f64).ln();
    let bounds = optimal_bounds(&Sums::of(values), penalty, input.min_segment.unwrap_or(2));
    let segment = |pair: &[usize]| {
        let [start, end] = *pair else { return None };
        Some(Segment { start, end, mean: round6(mean(values.get(start..end)?)) })
    };
    let segments: Vec<Segment> = bounds.windows(2).filter_map(segment).collect();
    let change = |pair: &[Segment]| {
        let [before, after] = pair else { return None };
        Some(ChangePoint { index: after.start, before: before.mean, after: after.mean })
    };
    Ok(Output { change_points: segments.windows(2).filter_map(change).collect(), segments })
}

/// The variance of the noise, from first differences, so that changes of level do not count:
/// (median absolute difference / (0.6745 √2))². A series of steps has none; then a ten-thousandth
/// of the variance stands in.
fn noise_variance(values: &[f64]) -> f64 {
    let differences: Vec<f64> =
        values.windows(2).map(|pair| pair.iter().rev().copied().reduce(|b, a| b - a).unwrap_or(0.0)).collect();
    let centre = median(&differences);
    let deviations: Vec<f64> = differences.iter().map(|difference| (difference - centre).abs()).collect();
    let deviation = median(&deviations) / (0.6745 * std::f64::consts::SQRT_2);
    (deviation * deviation).max(variance(values) * 1e-4)
}

/// Running sums, so that the cost of any segment takes two look-ups.
struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let centre = mean(values);
        let running = |term: fn(f64) -> f64| {
            let mut sum = 0.0;
            let mut sums = vec![0.0];
            sums.extend(values.iter().map(|value| {
                sum += term(value - centre);
                sum
            }));
            sums
        };
        Self { values: running(|value| value), squares: running(|value| value * value) }
    }

    fn len(&self) -> usize {
        self.values.len() - 1
    }

    /// The squared distance of the segment's values to their mean.
    fn cost(&self, start: usize, end: usize) -> f64 {
        let between = |sums: &[f64]| sums.get(end).unwrap_or(&0.0) - sums.get(start).unwrap_or(&0.0);
        let (sum, squares) = (between(&self.values), between(&self.squares));
        (squares - sum * sum / end.saturating_sub(start).max(1) as f64).max(0.0)
    }
}

/// The best way to split the first `end` values: its cost, and where its last segment starts.
#[derive(Clone, Copy)]
struct Best {
    cost: f64,
    start: usize,
}

/// The bounds of the cheapest split, from 0 to the series' length.
fn optimal_bounds(sums: &Sums, penalty: f64, min_segment: usize) -> Vec<usize> {
    let mut best = vec![Best { cost: -penalty, start: 0 }];
    for end in 1..=sums.len() {
        let starts = best.iter().enumerate().take((end + 1).saturating_sub(min_segment));
        let costs = starts.map(|(start, before)| Best { cost: before.cost + sums.cost(start, end) + penalty, start });
        let cheapest = costs.min_by(|a, b| a.cost.total_cmp(&b.cost));
        best.push(cheapest.unwrap_or(Best { cost: f64::INFINITY, start: 0 }));
    }
    bounds(&best)
}

fn bounds(best: &[Best]) -> Vec<usize> {
    let mut at = best.len() - 1;
    let mut bounds = vec![at];
    while let Some(last) = best.get(at).filter(|_| at > 0) {
        at = last.start;
        bounds.push(at);
    }
    bounds.reverse();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Annual flow of the Nile at Aswan, 1871 to 1970 (Cobb 1978).
    const NILE: [f64; 100] = [
        1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935., 1110., 994., 1020., 960.,
        1180., 799., 958., 1140., 1100., 1210., 1150., 1250., 1260., 1220., 1030., 1100., 774., 840., 874., 694., 940.,
        833., 701., 916., 692., 1020., 1050., 969., 831., 726., 456., 824., 702., 1120., 1100., 832., 764., 821., 768.,
        845., 864., 862., 698., 845., 744., 796., 1040., 759., 781., 865., 845., 944., 984., 897., 822., 1010., 771.,
        676., 649., 846., 812., 742., 801., 1040., 860., 874., 848., 890., 744., 749., 838., 1050., 918., 986., 797.,
        923., 975., 815., 1020., 906., 901., 1170., 912., 746., 919., 718., 714., 740.,
    ];

    fn found(values: Vec<f64>) -> Vec<usize> {
        let output = detect(Input { values, penalty: None, min_segment: None }).unwrap();
        output.change_points.iter().map(|change| change.index).collect()
    }

    #[test]
    fn the_nile_changes_after_1898() {
        // The published change point: the first 28 years, then the rest.
        assert_eq!(found(NILE.to_vec()), [28]);
    }

    #[test]
    fn steps_are_found_exactly() {
        let values = [vec![1.0; 10], vec![5.0; 7], vec![2.0; 12]].concat();
        assert_eq!(found(values), [10, 17]);
    }

    #[test]
    fn a_constant_does_not_change() {
        assert!(found(vec![4.0; 50]).is_empty());
    }
}
