//! Capabilities about rows of numbers and of mixed cells.

pub(crate) mod clustering;
pub(crate) mod components;
pub(crate) mod de_identification;
pub(crate) mod entity;
pub(crate) mod forest;
pub(crate) mod outlier;
pub(crate) mod profile;

use serde::{Deserialize, Serialize};

use crate::numbers::{mean, variance};
use crate::{Code, Refusal};

/// A cell of a table, as JSON has it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
enum Cell {
    Missing(()),
    Boolean(bool),
    Number(serde_json::Number),
    Text(String),
}

impl Cell {
    /// The cell as text; empty for a missing one.
    fn text(&self) -> String {
        match self {
            Self::Missing(()) => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => value.clone(),
        }
    }
}

/// Refuses rows that are not all as long as they should be; returns that length.
fn width_of<Row>(rows: &[Vec<Row>], pointer: &str) -> Result<usize, Refusal> {
    let width = rows.first().map_or(0, Vec::len);
    check_width(rows, width, pointer)?;
    Ok(width)
}

fn check_width<Row>(rows: &[Vec<Row>], width: usize, pointer: &str) -> Result<(), Refusal> {
    match rows.iter().position(|row| row.len() != width) {
        Some(at) => {
            let message = format!("The row must have {width} cells.");
            Err(Refusal::new(Code::Inconsistent, message).at(format!("{pointer}/{at}")))
        }
        None => Ok(()),
    }
}

/// One column of rows of equal width.
fn column(rows: &[Vec<f64>], at: usize) -> Vec<f64> {
    rows.iter().filter_map(|row| row.get(at).copied()).collect()
}

/// The rows with each column less its mean, over its standard deviation; a constant column is 0.
fn standardised(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    let scales: Vec<(f64, f64)> = (0..width)
        .map(|at| {
            let column = column(rows, at);
            (mean(&column), variance(&column).sqrt())
        })
        .collect();
    let unit = |(value, (centre, scale)): (&f64, &(f64, f64))| {
        if *scale > 0.0 { (value - centre) / scale } else { 0.0 }
    };
    rows.iter().map(|row| row.iter().zip(&scales).map(unit).collect()).collect()
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// Iris flowers (Fisher 1936), ten of each kind: setosa, versicolor, virginica; for tests.
#[cfg(test)]
const IRIS: [[f64; 4]; 30] = [
    [5.1, 3.5, 1.4, 0.2],
    [4.9, 3.0, 1.4, 0.2],
    [4.7, 3.2, 1.3, 0.2],
    [4.6, 3.1, 1.5, 0.2],
    [5.0, 3.6, 1.4, 0.2],
    [5.4, 3.9, 1.7, 0.4],
    [4.6, 3.4, 1.4, 0.3],
    [5.0, 3.4, 1.5, 0.2],
    [4.4, 2.9, 1.4, 0.2],
    [4.9, 3.1, 1.5, 0.1],
    [7.0, 3.2, 4.7, 1.4],
    [6.4, 3.2, 4.5, 1.5],
    [6.9, 3.1, 4.9, 1.5],
    [5.5, 2.3, 4.0, 1.3],
    [6.5, 2.8, 4.6, 1.5],
    [5.7, 2.8, 4.5, 1.3],
    [6.3, 3.3, 4.7, 1.6],
    [4.9, 2.4, 3.3, 1.0],
    [6.6, 2.9, 4.6, 1.3],
    [5.2, 2.7, 3.9, 1.4],
    [6.3, 3.3, 6.0, 2.5],
    [5.8, 2.7, 5.1, 1.9],
    [7.1, 3.0, 5.9, 2.1],
    [6.3, 2.9, 5.6, 1.8],
    [6.5, 3.0, 5.8, 2.2],
    [7.6, 3.0, 6.6, 2.1],
    [4.9, 2.5, 4.5, 1.7],
    [7.3, 2.9, 6.3, 1.8],
    [6.7, 2.5, 5.8, 1.8],
    [7.2, 3.6, 6.1, 2.5],
];
