//! Tabular classification and regression by random forests with a fixed seed; each answer says how
//! well the forest did on rows it had not seen.
//! Source: Breiman, *Random Forests*, 2001 (out-of-bag estimates).

use serde::{Deserialize, Serialize};
use smartcore::ensemble::random_forest_classifier::{RandomForestClassifier, RandomForestClassifierParameters};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::error::Failed;
use smartcore::linalg::basic::matrix::DenseMatrix;

use super::check_width;
use crate::numbers::{mean, round6, variance};
use crate::{Code, Refusal};

const TREES: u16 = 40;
const DEPTH_MAX: u16 = 12;
const SEED: u64 = 20_201_201;
/// Cells of the training table; what bounds the work.
const TRAINING_CELLS_MAX: usize = 10_000;

/// Labels told apart; the work grows with their number.
const CLASSES_MAX: usize = 50;

#[derive(Deserialize)]
pub(crate) struct ClassifyInput {
    training: Vec<Labelled>,
    rows: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Labelled {
    features: Vec<f64>,
    label: String,
}

#[derive(Serialize)]
pub(crate) struct Classified {
    labels: Vec<String>,
    classes: Vec<String>,
    /// The share of training rows that trees which had not seen them labelled rightly.
    out_of_bag_accuracy: f64,
}

/// Learns from labelled rows and labels the others.
pub(crate) fn classify(input: ClassifyInput) -> Result<Classified, Refusal> {
    let features: Vec<Vec<f64>> = input.training.iter().map(|row| row.features.clone()).collect();
    let (train, rows) = matrices(&features, &input.rows)?;
    let mut classes: Vec<String> = input.training.iter().map(|row| row.label.clone()).collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        return Err(Refusal::new(Code::NotEnoughData, "Training rows need at least two labels.").at("/training"));
    }
    if classes.len() > CLASSES_MAX {
        let message = format!("Training rows may have at most {CLASSES_MAX} labels.");
        return Err(Refusal::new(Code::TooMuchWork, message).at("/training"));
    }
    let place = |row: &Labelled| classes.iter().position(|class| *class == row.label).unwrap_or(0) as u32;
    let known: Vec<u32> = input.training.iter().map(place).collect();
    let forest = RandomForestClassifier::fit(&train, &known, classifier()).map_err(|error| failed(&error))?;
    let unseen: Vec<u32> = forest.predict_oob(&train).map_err(|error| failed(&error))?;
    let labels: Vec<u32> = forest.predict(&rows).map_err(|error| failed(&error))?;
    let right = unseen.iter().zip(&known).filter(|(unseen, known)| unseen == known).count();
    let name = |label: &u32| classes.get(*label as usize).cloned();
    Ok(Classified {
        labels: labels.iter().filter_map(name).collect(),
        out_of_bag_accuracy: round6(right as f64 / known.len() as f64),
        classes,
    })
}

#[derive(Deserialize)]
pub(crate) struct RegressInput {
    training: Vec<Valued>,
    rows: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Valued {
    features: Vec<f64>,
    value: f64,
}

#[derive(Serialize)]
pub(crate) struct Regressed {
    values: Vec<f64>,
    /// The share of the variance explained for training rows by trees which had not seen them.
    out_of_bag_r_squared: f64,
}

/// Learns from rows with values and estimates the others'.
pub(crate) fn regress(input: RegressInput) -> Result<Regressed, Refusal> {
    let features: Vec<Vec<f64>> = input.training.iter().map(|row| row.features.clone()).collect();
    let (train, rows) = matrices(&features, &input.rows)?;
    let known: Vec<f64> = input.training.iter().map(|row| row.value).collect();
    let forest = RandomForestRegressor::fit(&train, &known, regressor()).map_err(|error| failed(&error))?;
    let unseen: Vec<f64> = forest.predict_oob(&train).map_err(|error| failed(&error))?;
    let values: Vec<f64> = forest.predict(&rows).map_err(|error| failed(&error))?;
    let errors: Vec<f64> = unseen.iter().zip(&known).map(|(unseen, known)| (unseen - known).powi(2)).collect();
    let total = variance(&known);
    let explained = if total > 0.0 { 1.0 - mean(&errors) / total } else { 0.0 };
    Ok(Regressed { values: values.into_iter().map(round6).collect(), out_of_bag_r_squared: round6(explained) })
}

fn classifier() -> RandomForestClassifierParameters {
    RandomForestClassifierParameters::default()
        .with_n_trees(TREES)
        .with_max_depth(DEPTH_MAX)
        .with_keep_samples(true)
        .with_seed(SEED)
}

fn regressor() -> RandomForestRegressorParameters {
    RandomForestRegressorParameters::default()
        .with_n_trees(usize::from(TREES))
        .with_max_depth(DEPTH_MAX)
        .with_keep_samples(true)
        .with_seed(SEED)
}

type Matrix = DenseMatrix<f64>;

fn matrices(training: &Vec<Vec<f64>>, rows: &Vec<Vec<f64>>) -> Result<(Matrix, Matrix), Refusal> {
    let width = training.first().map_or(0, Vec::len);
    check_width(training, width, "/training")?;
    check_width(rows, width, "/rows")?;
    if width * training.len() > TRAINING_CELLS_MAX {
        let message = format!("Training takes at most {TRAINING_CELLS_MAX} cells.");
        return Err(Refusal::new(Code::TooMuchWork, message).at("/training"));
    }
    let matrix = |rows: &Vec<Vec<f64>>| DenseMatrix::from_2d_vec(rows).map_err(|error| failed(&error));
    Ok((matrix(training)?, matrix(rows)?))
}

fn failed(error: &Failed) -> Refusal {
    tracing::warn!(%error, "a forest could not be grown");
    Refusal::new(Code::Internal, "The forest could not be grown from these rows.")
}

#[cfg(test)]
mod tests {
    use super::super::IRIS;
    use super::*;

    #[test]
    fn iris_flowers_are_told_apart() {
        let name = |at: usize| ["setosa", "versicolor", "virginica"][at / 10].to_owned();
        let is_held = |at: usize| at.is_multiple_of(5);
        let training =
            (0..30).filter(|at| !is_held(*at)).map(|at| Labelled { features: IRIS[at].to_vec(), label: name(at) });
        let held: Vec<usize> = (0..30).filter(|at| is_held(*at)).collect();
        let rows = held.iter().map(|at| IRIS[*at].to_vec()).collect();
        let output = classify(ClassifyInput { training: training.collect(), rows }).unwrap();
        let expected: Vec<String> = held.iter().map(|at| name(*at)).collect();
        let right = output.labels.iter().zip(&expected).filter(|(found, expected)| found == expected).count();
        assert!(right >= 5, "{:?}", output.labels);
        assert!(output.out_of_bag_accuracy > 0.8);
    }

    #[test]
    fn a_step_is_learned() {
        let training =
            (0..60).map(|at| Valued { features: vec![f64::from(at)], value: if at < 30 { 1.0 } else { 9.0 } });
        let output = regress(RegressInput { training: training.collect(), rows: vec![vec![5.0], vec![55.0]] }).unwrap();
        assert_eq!(output.values, [1.0, 9.0]);
        assert!(output.out_of_bag_r_squared > 0.9);
    }

    #[test]
    fn one_label_teaches_nothing() {
        let training = (0..10).map(|at| Labelled { features: vec![f64::from(at)], label: "a".into() }).collect();
        let refusal = classify(ClassifyInput { training, rows: vec![vec![1.0]] }).map(|_| ()).unwrap_err();
        assert_eq!(refusal.code, Code::NotEnoughData);
    }
}
