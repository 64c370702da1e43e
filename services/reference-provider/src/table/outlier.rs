//! Rows with a value far from the rest of its column, by a measure that outliers do not sway.
//! Source: Iglewicz and Hoaglin, *How to Detect and Handle Outliers*, 1993.

use serde::{Deserialize, Serialize};

use super::{column, width_of};
use crate::Refusal;
use crate::numbers::{median, modified_z_scores, round6};

#[derive(Deserialize)]
pub(crate) struct Input {
    rows: Vec<Vec<f64>>,
    /// 3.5, as the source recommends, unless stated.
    threshold: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    threshold: f64,
    /// The farthest first.
    outliers: Vec<Outlier>,
    /// For each row, the largest score of its values.
    scores: Vec<f64>,
}

#[derive(Serialize)]
struct Outlier {
    row: usize,
    column: usize,
    value: f64,
    median: f64,
    score: f64,
}

/// Scores each value by modified z-score and lists those at or beyond the threshold.
pub(crate) fn detect(input: Input) -> Result<Output, Refusal> {
    let width = width_of(&input.rows, "/rows")?;
    let threshold = input.threshold.unwrap_or(3.5);
    let mut scores = vec![0.0_f64; input.rows.len()];
    let mut outliers = Vec::new();
    for at in 0..width {
        let values = column(&input.rows, at);
        let centre = median(&values);
        for (row, (value, score)) in values.iter().zip(modified_z_scores(&values)).enumerate() {
            scores.get_mut(row).into_iter().for_each(|worst| *worst = worst.max(score.abs()));
            if score.abs() >= threshold {
                outliers.push(Outlier { row, column: at, value: *value, median: round6(centre), score: round6(score) });
            }
        }
    }
    outliers.sort_by(|a, b| b.score.abs().total_cmp(&a.score.abs()).then((a.row, a.column).cmp(&(b.row, b.column))));
    Ok(Output { threshold, outliers, scores: scores.into_iter().map(round6).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_source_s_handbook_is_flagged() {
        let rows = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3].map(|value| vec![value]).to_vec();
        let output = detect(Input { rows, threshold: None }).unwrap();
        let rows: Vec<usize> = output.outliers.iter().map(|outlier| outlier.row).collect();
        assert_eq!(rows, [9, 8]);
    }

    #[test]
    fn rows_of_different_width_are_refused_with_their_place() {
        let refusal = detect(Input { rows: vec![vec![1.0, 2.0], vec![1.0]], threshold: None }).map(|_| ()).unwrap_err();
        assert_eq!(refusal.pointer.as_deref(), Some("/rows/1"));
    }
}
