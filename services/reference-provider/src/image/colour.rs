//! Dominant colours by k-means over the image's colour histogram, from fixed starting points.
//! Source: Lloyd, *Least Squares Quantization in PCM*, 1982; starts by weighted farthest point.

use std::collections::BTreeMap;

use image::imageops::FilterType;
use serde::{Deserialize, Serialize};

use super::decode;
use crate::Refusal;
use crate::numbers::round6;

const SIDE_COUNTED_MAX: u32 = 128;
const ROUNDS: usize = 20;
/// Pixels less opaque than this say nothing about colour.
const ALPHA_MIN: u8 = 128;
/// Colours nearer than this (in each of 0 to 255) are one to the eye.
const DISTANCE_MIN: f64 = 12.0;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
    count: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// The largest share first; fewer than asked for where the image has fewer.
    colours: Vec<Colour>,
}

#[derive(Serialize)]
struct Colour {
    hex: String,
    share: f64,
}

/// A colour and how many pixels have it.
#[derive(Clone, Copy)]
struct Weighted {
    colour: [f64; 3],
    weight: f64,
}

/// Finds the colours that stand for most of the image.
pub(crate) fn extract(input: Input<'_>) -> Result<Output, Refusal> {
    let image = decode(input.image)?;
    let small = if image.width().max(image.height()) > SIDE_COUNTED_MAX {
        image.resize(SIDE_COUNTED_MAX, SIDE_COUNTED_MAX, FilterType::Nearest)
    } else {
        image
    };
    let histogram = histogram(small.into_rgba8().pixels().map(|pixel| pixel.0));
    let mut clusters = starts(&histogram, input.count.unwrap_or(5));
    for _ in 0..ROUNDS {
        clusters = moved(&histogram, &clusters);
    }
    Ok(Output { colours: describe(clusters) })
}

/// Colours counted in bins of 8 × 8 × 8, each with the mean of its pixels.
fn histogram(pixels: impl Iterator<Item = [u8; 4]>) -> Vec<Weighted> {
    let mut bins: BTreeMap<[u8; 3], Weighted> = BTreeMap::new();
    for [red, green, blue, _] in pixels.filter(|[.., alpha]| *alpha >= ALPHA_MIN) {
        let empty = Weighted { colour: [0.0; 3], weight: 0.0 };
        let bin = bins.entry([red / 8, green / 8, blue / 8]).or_insert(empty);
        *bin = merged(*bin, Weighted { colour: [red, green, blue].map(f64::from), weight: 1.0 });
    }
    bins.into_values().collect()
}

/// The weighted mean of two colours.
fn merged(a: Weighted, b: Weighted) -> Weighted {
    let weight = a.weight + b.weight;
    let mut colour = a.colour;
    for (mean, other) in colour.iter_mut().zip(b.colour) {
        *mean += (other - *mean) * b.weight / weight;
    }
    Weighted { colour, weight }
}

fn distance(a: &Weighted, b: &Weighted) -> f64 {
    a.colour.iter().zip(b.colour).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// The most frequent colour, then again and again the one farthest from all chosen, by weight.
fn starts(histogram: &[Weighted], count: usize) -> Vec<Weighted> {
    let mut chosen: Vec<Weighted> = Vec::new();
    while chosen.len() < count {
        let gain = |bin: &Weighted| {
            let nearest = chosen.iter().map(|start| distance(bin, start)).fold(f64::INFINITY, f64::min);
            if chosen.is_empty() { bin.weight } else { bin.weight * nearest }
        };
        let best = histogram.iter().max_by(|a, b| gain(a).total_cmp(&gain(b)));
        match best.filter(|best| gain(best) > 0.0) {
            Some(best) => chosen.push(*best),
            None => break,
        }
    }
    chosen
}

/// One round of Lloyd's algorithm; centres without pixels are dropped.
fn moved(histogram: &[Weighted], centres: &[Weighted]) -> Vec<Weighted> {
    let empty = Weighted { colour: [0.0; 3], weight: 0.0 };
    let mut moved = vec![empty; centres.len()];
    for bin in histogram {
        let nearest = centres.iter().zip(moved.iter_mut());
        let nearest = nearest.min_by(|(a, _), (b, _)| distance(bin, a).total_cmp(&distance(bin, b)));
        if let Some((_, centre)) = nearest {
            *centre = merged(*centre, *bin);
        }
    }
    moved.retain(|centre| centre.weight > 0.0);
    moved
}

fn describe(mut clusters: Vec<Weighted>) -> Vec<Colour> {
    clusters.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let total: f64 = clusters.iter().map(|cluster| cluster.weight).sum();
    let mut distinct: Vec<Weighted> = Vec::new();
    for cluster in clusters {
        match distinct.iter_mut().find(|known| distance(known, &cluster) < DISTANCE_MIN) {
            Some(known) => *known = merged(*known, cluster),
            None => distinct.push(cluster),
        }
    }
    distinct.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let colour = |cluster: &Weighted| {
        let [red, green, blue] = cluster.colour.map(|channel| channel.round() as u8);
        Colour { hex: format!("#{red:02x}{green:02x}{blue:02x}"), share: round6(cluster.weight / total) }
    };
    distinct.iter().map(colour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_a_flag_come_with_their_shares() {
        let red = std::iter::repeat_n([222, 41, 16, 255], 90);
        let yellow = std::iter::repeat_n([255, 222, 0, 255], 10);
        let unseen = std::iter::repeat_n([0, 0, 255, 0], 50);
        let histogram = histogram(red.chain(yellow).chain(unseen));
        let found = describe(moved(&histogram, &starts(&histogram, 5)));
        let found: Vec<_> = found.iter().map(|colour| (colour.hex.as_str(), colour.share)).collect();
        assert_eq!(found, [("#de2910", 0.9), ("#ffde00", 0.1)]);
    }
}
