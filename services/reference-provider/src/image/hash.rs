//! Perceptual hashes: like images have hashes that differ in few bits.
//! Sources: Krawetz, *Looks Like It* (pHash) and *Kind of Like That* (dHash), 2011 to 2013.

use std::f64::consts::PI;

use image::DynamicImage;
use image::imageops::FilterType;
use serde::{Deserialize, Serialize};

use super::decode;
use crate::numbers::median;
use crate::{Code, Refusal};

/// The side of the image whose cosine transform is taken, and of the corner that is kept.
const TRANSFORMED_SIDE: u32 = 32;
const KEPT_SIDE: usize = 8;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
    /// An earlier perceptual hash to compare with.
    compare_with: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// 64 bits over brightness steps, as 16 hexadecimal digits.
    difference_hash: String,
    /// 64 bits over low frequencies, as 16 hexadecimal digits.
    perceptual_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<u32>,
}

/// Hashes the image, and counts the differing bits where a hash to compare with is given.
pub(crate) fn hash(input: Input<'_>) -> Result<Output, Refusal> {
    let earlier = input.compare_with.map(parse).transpose()?;
    let image = decode(input.image)?;
    let perceptual = perceptual_hash(&image);
    Ok(Output {
        difference_hash: format!("{:016x}", difference_hash(&image)),
        perceptual_hash: format!("{perceptual:016x}"),
        distance: earlier.map(|earlier| (earlier ^ perceptual).count_ones()),
    })
}

fn parse(hash: &str) -> Result<u64, Refusal> {
    u64::from_str_radix(hash, 16)
        .map_err(|_| Refusal::new(Code::InvalidInput, "The hash is not hexadecimal.").at("/compare_with"))
}

/// One bit for each of 8 × 8 steps to the right: set where it gets brighter.
fn difference_hash(image: &DynamicImage) -> u64 {
    let small = grey(image, 9, 8);
    let rows = small.chunks_exact(9);
    let steps = rows.flat_map(|row| row.windows(2).map(|pair| matches!(pair, [left, right] if right > left)));
    bits(steps)
}

/// One bit for each of the 8 × 8 lowest frequencies: set where it is above their median.
fn perceptual_hash(image: &DynamicImage) -> u64 {
    let side = TRANSFORMED_SIDE as usize;
    let small = grey(image, TRANSFORMED_SIDE, TRANSFORMED_SIDE);
    let rows: Vec<Vec<f64>> = small.chunks_exact(side).map(low_frequencies).collect();
    let column = |at: usize| rows.iter().filter_map(|row| row.get(at).copied()).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..KEPT_SIDE).map(|at| low_frequencies(&column(at))).collect();
    let kept: Vec<f64> =
        (0..KEPT_SIDE).flat_map(|row| columns.iter().filter_map(move |column| column.get(row).copied())).collect();
    let middle = median(&kept);
    bits(kept.iter().map(|frequency| *frequency > middle))
}

/// The first terms of the discrete cosine transform (type II), unscaled.
fn low_frequencies(samples: &[f64]) -> Vec<f64> {
    let term = |frequency: usize| {
        let angle = PI * frequency as f64 / samples.len() as f64;
        let wave = |(at, sample): (usize, &f64)| sample * (angle * (at as f64 + 0.5)).cos();
        samples.iter().enumerate().map(wave).sum()
    };
    (0..KEPT_SIDE).map(term).collect()
}

fn grey(image: &DynamicImage, width: u32, height: u32) -> Vec<f64> {
    let small = image::imageops::resize(&image.to_luma8(), width, height, FilterType::Triangle);
    small.into_raw().into_iter().map(f64::from).collect()
}

fn bits(bits: impl Iterator<Item = bool>) -> u64 {
    bits.fold(0, |word, bit| word << 1 | u64::from(bit))
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    fn ramp(step: impl Fn(u32, u32) -> u8) -> DynamicImage {
        GrayImage::from_fn(90, 80, |x, y| Luma([step(x, y)])).into()
    }

    #[test]
    fn a_ramp_to_the_right_sets_every_bit_and_a_ramp_to_the_left_none() {
        assert_eq!(difference_hash(&ramp(|x, _| x as u8 * 2)), u64::MAX);
        assert_eq!(difference_hash(&ramp(|x, _| 200 - x as u8 * 2)), 0);
    }

    #[test]
    fn a_darker_smaller_copy_stays_close_and_another_image_does_not() {
        let pattern = |x: u32, y: u32| ((x * x / 37 + y * 3 + x * y / 11) % 256) as u8;
        let image = ramp(pattern);
        let copy = image.resize_exact(60, 60, FilterType::Triangle).brighten(-10);
        let other = ramp(|x, y| ((x / 10 + y / 10) % 2 * 255) as u8);
        let distance = |a: &DynamicImage, b: &DynamicImage| (perceptual_hash(a) ^ perceptual_hash(b)).count_ones();
        assert!(distance(&image, &copy) <= 6, "{}", distance(&image, &copy));
        assert!(distance(&image, &other) >= 16, "{}", distance(&image, &other));
    }

    #[test]
    fn the_cosine_transform_of_a_constant_is_its_sum_alone() {
        let terms = low_frequencies(&[3.0; 32]);
        assert!((terms[0] - 96.0).abs() < 1e-9);
        assert!(terms[1..].iter().all(|term| term.abs() < 1e-9));
    }
}
