//! Principal components: the directions in which rows differ most.
//! Source: Jolliffe, *Principal Component Analysis*, 2nd ed.; eigenvectors by Jacobi rotations
//! (Golub and Van Loan, *Matrix Computations*, §8.5).

use serde::{Deserialize, Serialize};

use super::{column, standardised, width_of};
use crate::numbers::{mean, round6};
use crate::{Code, Refusal};

const SWEEPS_MAX: usize = 60;

#[derive(Deserialize)]
pub(crate) struct Input {
    rows: Vec<Vec<f64>>,
    components: usize,
    /// Whether columns count alike; true unless stated.
    standardise: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// Each row in the new coordinates.
    rows: Vec<Vec<f64>>,
    /// The new axes in the old coordinates; the largest part of each is positive.
    components: Vec<Vec<f64>>,
    /// The share of the variance along each axis.
    explained_variance_ratio: Vec<f64>,
}

/// Projects the rows onto their first principal components.
pub(crate) fn reduce(input: Input) -> Result<Output, Refusal> {
    let width = width_of(&input.rows, "/rows")?;
    if input.components > width {
        let message = format!("Rows of {width} columns have at most {width} components.");
        return Err(Refusal::new(Code::Inconsistent, message).at("/components"));
    }
    let points = if input.standardise.unwrap_or(true) { standardised(&input.rows) } else { centred(&input.rows) };
    let mut axes = eigen(covariance(&points));
    let total: f64 = axes.iter().map(|axis| axis.value).sum();
    if total <= 0.0 {
        return Err(Refusal::new(Code::NotEnoughData, "All rows are equal.").at("/rows"));
    }
    axes.sort_by(|a, b| b.value.total_cmp(&a.value));
    axes.truncate(input.components);
    let project = |point: &Vec<f64>| axes.iter().map(|axis| round6(dot(point, &axis.vector))).collect();
    Ok(Output {
        rows: points.iter().map(project).collect(),
        components: axes.iter().map(|axis| axis.vector.iter().copied().map(round6).collect()).collect(),
        explained_variance_ratio: axes.iter().map(|axis| round6((axis.value / total).max(0.0))).collect(),
    })
}

fn centred(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    let centre: Vec<f64> = (0..width).map(|at| mean(&column(rows, at))).collect();
    rows.iter().map(|row| row.iter().zip(&centre).map(|(value, centre)| value - centre).collect()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The mean products of centred columns.
fn covariance(points: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = points.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> = (0..width).map(|at| column(points, at)).collect();
    let product = |a: &Vec<f64>, b: &Vec<f64>| dot(a, b) / points.len() as f64;
    columns.iter().map(|a| columns.iter().map(|b| product(a, b)).collect()).collect()
}

struct Axis {
    value: f64,
    vector: Vec<f64>,
}

/// Eigenvalues and unit eigenvectors of a symmetric matrix.
fn eigen(mut matrix: Vec<Vec<f64>>) -> Vec<Axis> {
    let size = matrix.len();
    let unit = |row: usize| (0..size).map(|at| if at == row { 1.0 } else { 0.0 }).collect();
    // Row i of `vectors` is the i-th eigenvector in the making.
    let mut vectors: Vec<Vec<f64>> = (0..size).map(unit).collect();
    for _ in 0..SWEEPS_MAX {
        let mut is_diagonal = true;
        for second in 1..size {
            for first in 0..second {
                is_diagonal &= !rotate(&mut matrix, &mut vectors, first, second);
            }
        }
        if is_diagonal {
            break;
        }
    }
    let diagonal = matrix.iter().enumerate().map(|(at, row)| row.get(at).copied().unwrap_or(0.0));
    diagonal.zip(vectors).map(|(value, vector)| Axis { value, vector: oriented(vector) }).collect()
}

/// Makes the element at (first, second) zero; false where it already is.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], first: usize, second: usize) -> bool {
    let at = |row: usize, column: usize| matrix.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0);
    let (low, high, off) = (at(first, first), at(second, second), at(first, second));
    if off.abs() <= f64::EPSILON * (low.abs() + high.abs()) {
        return false;
    }
    let ratio = (high - low) / (2.0 * off);
    let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let turn = (cosine, tangent * cosine);
    rotate_rows(matrix, first, second, turn);
    for row in matrix.iter_mut() {
        if let (Some(&a), Some(&b)) = (row.get(first), row.get(second)) {
            let (a, b) = turned(a, b, turn);
            row.get_mut(first).into_iter().for_each(|cell| *cell = a);
            row.get_mut(second).into_iter().for_each(|cell| *cell = b);
        }
    }
    rotate_rows(vectors, first, second, turn);
    true
}

fn rotate_rows(rows: &mut [Vec<f64>], first: usize, second: usize, turn: (f64, f64)) {
    let Ok([first, second]) = rows.get_disjoint_mut([first, second]) else { return };
    for (a, b) in first.iter_mut().zip(second) {
        (*a, *b) = turned(*a, *b, turn);
    }
}

fn turned(a: f64, b: f64, (cosine, sine): (f64, f64)) -> (f64, f64) {
    (cosine * a - sine * b, sine * a + cosine * b)
}

/// An eigenvector's sign is free: the part that is largest becomes positive.
fn oriented(vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().copied().max_by(|a, b| a.abs().total_cmp(&(b.abs() + 1e-9)));
    let sign = largest.map_or(1.0, f64::signum);
    vector.into_iter().map(|part| part * sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_have_one_component() {
        let rows = (0..10).map(|at| vec![f64::from(at), 2.0 * f64::from(at)]).collect();
        let output = reduce(Input { rows, components: 2, standardise: Some(false) }).unwrap();
        assert_eq!(output.explained_variance_ratio, [1.0, 0.0]);
        assert_eq!(output.components[0], [0.447_214, 0.894_427]);
    }

    #[test]
    fn eigenvalues_of_a_known_matrix_are_found() {
        let mut axes = eigen(vec![vec![2.0, 1.0, 0.0], vec![1.0, 2.0, 1.0], vec![0.0, 1.0, 2.0]]);
        axes.sort_by(|a, b| a.value.total_cmp(&b.value));
        let root = std::f64::consts::SQRT_2;
        for (axis, expected) in axes.iter().zip([2.0 - root, 2.0, 2.0 + root]) {
            assert!((axis.value - expected).abs() < 1e-9);
        }
    }
}
