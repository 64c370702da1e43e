//! Clusters of similar rows: k-means from fixed starts; the number of clusters, where it is not
//! given, is the one with the best silhouette.
//! Sources: Lloyd 1982; Hruschka et al. 2004 (silhouette by centres).

use serde::{Deserialize, Serialize};

use super::{squared_distance, standardised, width_of};
use crate::numbers::round6;
use crate::{Code, Refusal};

const ROUNDS_MAX: usize = 50;
/// The most clusters that are tried where their number is not given.
const CLUSTERS_TRIED_MAX: usize = 8;

#[derive(Deserialize)]
pub(crate) struct Input {
    rows: Vec<Vec<f64>>,
    clusters: Option<usize>,
    /// Whether columns count alike; true unless stated.
    standardise: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    clusters: usize,
    /// The cluster of each row, from 0.
    labels: Vec<usize>,
    sizes: Vec<usize>,
    /// The mean of each cluster's rows, in the input's units.
    centres: Vec<Vec<f64>>,
    /// From −1 to 1: how much nearer rows are to their own centre than to the next.
    silhouette: f64,
}

/// Groups the rows; labels are numbered by the first row of each cluster.
pub(crate) fn cluster(input: Input) -> Result<Output, Refusal> {
    width_of(&input.rows, "/rows")?;
    let points = if input.standardise.unwrap_or(true) { standardised(&input.rows) } else { input.rows.clone() };
    let distinct = starts(&points, input.clusters.unwrap_or(CLUSTERS_TRIED_MAX)).len();
    if distinct < input.clusters.unwrap_or(2) {
        let message = format!("The rows have only {distinct} distinct positions.");
        return Err(Refusal::new(Code::NotEnoughData, message).at("/rows"));
    }
    let tried = input.clusters.map_or(2..=distinct, |clusters| clusters..=clusters);
    let best = tried.map(|count| grouped(&points, count)).max_by(|a, b| a.1.total_cmp(&b.1));
    let (labels, silhouette) = best.unwrap_or_default();
    Ok(describe(&input.rows, &labels, silhouette))
}

fn describe(rows: &[Vec<f64>], labels: &[usize], silhouette: f64) -> Output {
    let labels = renumbered(labels);
    let clusters = labels.iter().max().map_or(0, |last| last + 1);
    let members = |cluster: usize| -> Vec<&Vec<f64>> {
        rows.iter().zip(&labels).filter(|(_, label)| **label == cluster).map(|(row, _)| row).collect()
    };
    let groups: Vec<Vec<&Vec<f64>>> = (0..clusters).map(members).collect();
    Output {
        clusters,
        sizes: groups.iter().map(Vec::len).collect(),
        centres: groups.iter().map(|group| centre(group).into_iter().map(round6).collect()).collect(),
        silhouette: round6(silhouette),
        labels,
    }
}

/// The first row's label becomes 0, the next new one 1, and so on.
fn renumbered(labels: &[usize]) -> Vec<usize> {
    let mut seen: Vec<usize> = Vec::new();
    let mut number = |label: &usize| {
        seen.iter().position(|known| known == label).unwrap_or_else(|| {
            seen.push(*label);
            seen.len() - 1
        })
    };
    labels.iter().map(&mut number).collect()
}

fn centre(rows: &[&Vec<f64>]) -> Vec<f64> {
    let width = rows.first().map_or(0, |row| row.len());
    let sum = |at: usize| rows.iter().filter_map(|row| row.get(at)).sum::<f64>();
    (0..width).map(|at| sum(at) / rows.len() as f64).collect()
}

/// Labels and silhouette for a number of clusters.
fn grouped(points: &[Vec<f64>], count: usize) -> (Vec<usize>, f64) {
    let mut centres = starts(points, count);
    let mut labels = nearest(points, &centres);
    for _ in 0..ROUNDS_MAX {
        centres = (0..centres.len()).map(|cluster| moved(points, &labels, cluster, &centres)).collect();
        let next = nearest(points, &centres);
        if next == labels {
            break;
        }
        labels = next;
    }
    let silhouette = silhouette(points, &centres, &labels);
    (labels, silhouette)
}

/// The point nearest to the mean, then again and again the one farthest from all chosen.
fn starts(points: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let middle = centre(&points.iter().collect::<Vec<_>>());
    let first = points.iter().min_by(|a, b| squared_distance(a, &middle).total_cmp(&squared_distance(b, &middle)));
    let mut starts: Vec<Vec<f64>> = first.cloned().into_iter().collect();
    let mut distances = vec![f64::INFINITY; points.len()];
    while let Some(last) = starts.last().filter(|_| starts.len() < count) {
        for (distance, point) in distances.iter_mut().zip(points) {
            *distance = distance.min(squared_distance(point, last));
        }
        let farthest = points.iter().zip(&distances).max_by(|a, b| a.1.total_cmp(b.1));
        match farthest.filter(|(_, distance)| **distance > 0.0) {
            Some((point, _)) => starts.push(point.clone()),
            None => break,
        }
    }
    starts
}

fn nearest(points: &[Vec<f64>], centres: &[Vec<f64>]) -> Vec<usize> {
    let label = |point: &Vec<f64>| {
        let distances = centres.iter().map(|centre| squared_distance(point, centre)).enumerate();
        distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(label, _)| label)
    };
    points.iter().map(label).collect()
}

/// The mean of a cluster's points; an empty cluster stays where it was.
fn moved(points: &[Vec<f64>], labels: &[usize], cluster: usize, centres: &[Vec<f64>]) -> Vec<f64> {
    let members: Vec<&Vec<f64>> =
        points.iter().zip(labels).filter(|(_, label)| **label == cluster).map(|(point, _)| point).collect();
    if members.is_empty() { centres.get(cluster).cloned().unwrap_or_default() } else { centre(&members) }
}

/// The mean over points of (b − a) / max(a, b): a to the own centre, b to the next nearest. A
/// point alone in its cluster scores 0, so that clusters of one win nothing.
fn silhouette(points: &[Vec<f64>], centres: &[Vec<f64>], labels: &[usize]) -> f64 {
    let is_alone = |label: usize| labels.iter().filter(|other| **other == label).take(2).count() < 2;
    let alone: Vec<bool> = (0..centres.len()).map(is_alone).collect();
    let of = |(point, label): (&Vec<f64>, &usize)| {
        let mut distances: Vec<f64> = centres.iter().map(|centre| squared_distance(point, centre).sqrt()).collect();
        distances.sort_by(f64::total_cmp);
        match distances.as_slice() {
            [own, next, ..] if *next > 0.0 && alone.get(*label) == Some(&false) => (next - own) / next,
            _ => 0.0,
        }
    };
    points.iter().zip(labels).map(of).sum::<f64>() / points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clouds_are_told_apart_without_being_counted() {
        let rows = vec![vec![1.0, 1.0], vec![1.2, 0.9], vec![9.0, 9.1], vec![0.9, 1.1], vec![9.2, 8.8], vec![8.9, 9.0]];
        let output = cluster(Input { rows, clusters: None, standardise: None }).unwrap();
        assert_eq!(output.labels, [0, 0, 1, 0, 1, 1]);
        assert_eq!(output.sizes, [3, 3]);
        assert_eq!(output.centres[0], [1.033_333, 1.0]);
    }

    #[test]
    fn iris_setosa_stands_apart() {
        let rows = super::super::IRIS.iter().map(|row| row.to_vec()).collect();
        let output = cluster(Input { rows, clusters: Some(2), standardise: Some(false) }).unwrap();
        assert!(output.labels[..10].iter().all(|label| *label == 0));
        assert!(output.labels[10..].iter().filter(|label| **label == 1).count() >= 19);
    }

    #[test]
    fn equal_rows_cannot_be_grouped() {
        let input = Input { rows: vec![vec![1.0]; 5], clusters: Some(2), standardise: None };
        assert_eq!(cluster(input).map(|_| ()).unwrap_err().code, Code::NotEnoughData);
    }
}
