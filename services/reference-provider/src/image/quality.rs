//! Technical quality of an image without a reference: sharpness, exposure, contrast, size.
//! It judges the file, not the picture. Source of the sharpness measure: Pech-Pacheco et al.,
//! *Diatom Autofocusing in Brightfield Microscopy*, 2000 (variance of the Laplacian).

use image::GrayImage;
use image::imageops::FilterType;
use serde::{Deserialize, Serialize};

use super::decode;
use crate::Refusal;
use crate::numbers::round6;

/// Sharpness depends on scale, so it is measured on images no longer than this.
const SIDE_MEASURED_MAX: u32 = 1_024;
/// Variance of the Laplacian from which an image counts as fully sharp.
const SHARPNESS_FULL: f64 = 500.0;
const SHARPNESS_MIN: f64 = 100.0;
/// Standard deviation of brightness (0 to 255) of an image with full contrast.
const CONTRAST_FULL: f64 = 60.0;
const CONTRAST_MIN: f64 = 20.0;
/// The share of clipped pixels an image may have.
const CLIPPED_MAX: f64 = 0.25;
const PIXELS_MIN: u64 = 100_000;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// From 0 to 100: the mean of sharpness, contrast and exposure, each from 0 to 1.
    score: f64,
    /// Variance of the Laplacian.
    sharpness: f64,
    /// Mean brightness, 0 to 255.
    brightness: f64,
    /// Standard deviation of brightness.
    contrast: f64,
    /// Shares of pixels that are nearly black and nearly white.
    shadows_clipped: f64,
    highlights_clipped: f64,
    width: u32,
    height: u32,
    issues: Vec<Issue>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Issue {
    Blurred,
    LowContrast,
    UnderExposed,
    OverExposed,
    LowResolution,
}

/// Measures the image and names what is wrong with it.
pub(crate) fn assess(input: Input<'_>) -> Result<Output, Refusal> {
    let image = decode(input.image)?;
    let (width, height) = (image.width(), image.height());
    let measured = if width.max(height) > SIDE_MEASURED_MAX {
        image.resize(SIDE_MEASURED_MAX, SIDE_MEASURED_MAX, FilterType::Triangle)
    } else {
        image
    };
    let mut output = measure(&measured.into_luma8());
    output.issues = issues(&output, u64::from(width) * u64::from(height));
    (output.width, output.height) = (width, height);
    Ok(output)
}

fn measure(image: &GrayImage) -> Output {
    let (brightness, variance) = moments(image.pixels().map(|pixel| f64::from(pixel.0[0])));
    let (_, sharpness) = moments(laplacian(image).into_iter());
    let contrast = variance.sqrt();
    let pixels = image.pixels().len() as f64;
    let share = |clipped: fn(u8) -> bool| image.pixels().filter(|pixel| clipped(pixel.0[0])).count() as f64 / pixels;
    let (shadows, highlights) = (share(|value| value <= 5), share(|value| value >= 250));
    let exposure = (1.0 - (shadows + highlights)) * (1.0 - (brightness - 127.5).abs() / 127.5).sqrt();
    let parts = (sharpness / SHARPNESS_FULL).min(1.0) + (contrast / CONTRAST_FULL).min(1.0) + exposure;
    Output {
        score: round6(parts / 3.0 * 100.0),
        sharpness: round6(sharpness),
        brightness: round6(brightness),
        contrast: round6(contrast),
        shadows_clipped: round6(shadows),
        highlights_clipped: round6(highlights),
        width: image.width(),
        height: image.height(),
        issues: Vec::new(),
    }
}

fn issues(output: &Output, pixels: u64) -> Vec<Issue> {
    let found = [
        (output.sharpness < SHARPNESS_MIN, Issue::Blurred),
        (output.contrast < CONTRAST_MIN, Issue::LowContrast),
        (output.shadows_clipped > CLIPPED_MAX, Issue::UnderExposed),
        (output.highlights_clipped > CLIPPED_MAX, Issue::OverExposed),
        (pixels < PIXELS_MIN, Issue::LowResolution),
    ];
    found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, issue)| issue).collect()
}

/// Mean and variance in one pass (Welford 1962).
fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        let distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
    }
    (mean, if count > 0.0 { squares / count } else { 0.0 })
}

/// The four-neighbour Laplacian at every inner pixel.
fn laplacian(image: &GrayImage) -> Vec<f64> {
    let width = image.width() as usize;
    let rows: Vec<&[u8]> = image.as_raw().chunks_exact(width).collect();
    let mut values = Vec::with_capacity(image.as_raw().len());
    for rows in rows.windows(3) {
        let [above, row, below] = rows else { continue };
        let beside = row.windows(3).zip(above.iter().zip(*below).skip(1));
        values.extend(beside.filter_map(|(row, (above, below))| {
            let [left, centre, right] = row else { return None };
            let around = [above, below, left, right].into_iter().map(|value| f64::from(*value)).sum::<f64>();
            Some(around - 4.0 * f64::from(*centre))
        }));
    }
    values
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn the_laplacian_of_a_single_bright_pixel_is_the_kernel() {
        let image = GrayImage::from_fn(3, 3, |x, y| Luma([if x == 1 && y == 1 { 10 } else { 0 }]));
        assert_eq!(laplacian(&image), [-40.0]);
    }

    #[test]
    fn a_checkerboard_is_sharp_and_a_flat_image_is_blurred() {
        let board = GrayImage::from_fn(400, 400, |x, y| Luma([if (x / 8 + y / 8) % 2 == 0 { 60 } else { 190 }]));
        let flat = GrayImage::from_pixel(400, 400, Luma([128]));
        assert!(issues(&measure(&board), 160_000).is_empty());
        assert_eq!(issues(&measure(&flat), 160_000), [Issue::Blurred, Issue::LowContrast]);
    }

    #[test]
    fn moments_match_a_textbook_example() {
        assert_eq!(moments([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter()), (5.0, 4.0));
    }
}
