//! Contrast enhancement of brightness; colours keep their hue.
//! Source: Gonzalez and Woods, *Digital Image Processing*, 4th ed., §3.3 (histogram equalisation).

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde::{Deserialize, Serialize};

use super::{Upload, too_large};
use crate::{Code, Refusal};

/// The answer holds a whole image, so this capability takes smaller ones than the others.
const PIXELS_ENHANCED_MAX: u64 = 1_000_000;
/// The share of pixels that stretching may clip at either end.
const STRETCH_CLIPPED: f64 = 0.01;

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    Equalise,
    Stretch,
}

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
    #[serde(default)]
    method: Method,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// PNG, base64.
    image: String,
    width: u32,
    height: u32,
}

/// Spreads the image's brightness over the whole range.
pub(crate) fn enhance(input: Input<'_>) -> Result<Output, Refusal> {
    let upload = Upload::read(input.image)?;
    if u64::from(upload.width) * u64::from(upload.height) > PIXELS_ENHANCED_MAX {
        return Err(too_large(PIXELS_ENHANCED_MAX));
    }
    let mut image = upload.decode()?.into_rgba8();
    let table = input.method.table(&histogram(&image));
    image.pixels_mut().for_each(|pixel| brighten(pixel, &table));
    let (width, height) = image.dimensions();
    Ok(Output { image: png(image)?, width, height })
}

fn png(image: RgbaImage) -> Result<String, Refusal> {
    let opaque = image.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let image = DynamicImage::from(image);
    let image = if opaque { image.into_rgb8().into() } else { image };
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|_| Refusal::new(Code::Internal, "The image could not be written."))?;
    Ok(STANDARD.encode(bytes.into_inner()))
}

/// How many pixels have each brightness.
fn histogram(image: &RgbaImage) -> [u32; 256] {
    let mut counts = [0; 256];
    for pixel in image.pixels() {
        if let Some(count) = counts.get_mut(usize::from(brightness(*pixel))) {
            *count += 1;
        }
    }
    counts
}

/// Luma as ITU-R BT.601 defines it.
fn brightness(pixel: Rgba<u8>) -> u8 {
    let [red, green, blue, _] = pixel.0.map(f64::from);
    (0.299 * red + 0.587 * green + 0.114 * blue).round() as u8
}

/// Moves all channels by as much as the table moves the brightness.
fn brighten(pixel: &mut Rgba<u8>, table: &[u8; 256]) {
    let old = brightness(*pixel);
    let new = table.get(usize::from(old)).copied().unwrap_or(old);
    let step = f64::from(new) - f64::from(old);
    for channel in pixel.0.iter_mut().take(3) {
        *channel = (f64::from(*channel) + step).clamp(0.0, 255.0) as u8;
    }
}

impl Method {
    /// The new brightness for each old one.
    fn table(self, histogram: &[u32; 256]) -> [u8; 256] {
        match self {
            Self::Equalise => equalised(histogram),
            Self::Stretch => stretched(histogram),
        }
    }
}

fn equalised(histogram: &[u32; 256]) -> [u8; 256] {
    let total: u32 = histogram.iter().sum();
    let lowest = histogram.iter().copied().find(|count| *count > 0).unwrap_or(0);
    let mut table = [0; 256];
    let mut below = 0;
    for ((old, entry), count) in (0_u8..=255).zip(&mut table).zip(histogram) {
        below += count;
        let share = f64::from(below.saturating_sub(lowest)) / f64::from(total - lowest);
        *entry = if total == lowest { old } else { (share * 255.0).round() as u8 };
    }
    table
}

fn stretched(histogram: &[u32; 256]) -> [u8; 256] {
    let clipped = f64::from(histogram.iter().sum::<u32>()) * STRETCH_CLIPPED;
    let levels = || (0_u8..=255).map(f64::from).zip(histogram);
    let low = first_beyond(levels(), clipped);
    let high = first_beyond(levels().rev(), clipped);
    let mut table = [0; 256];
    for (old, entry) in (0_u8..=255).map(f64::from).zip(&mut table) {
        let new = if high > low { (old - low) / (high - low) * 255.0 } else { old };
        *entry = new.clamp(0.0, 255.0).round() as u8;
    }
    table
}

/// The level at which more than `clipped` pixels are passed.
fn first_beyond<'a>(levels: impl Iterator<Item = (f64, &'a u32)>, clipped: f64) -> f64 {
    let mut passed = 0.0;
    for (level, count) in levels {
        passed += f64::from(*count);
        if passed > clipped {
            return level;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_s_equalisation_formula_holds() {
        // Levels 52 (1 pixel), 55 (3), 60 (4): round((cdf - 1) / (8 - 1) * 255).
        let mut histogram = [0; 256];
        (histogram[52], histogram[55], histogram[60]) = (1, 3, 4);
        let table = equalised(&histogram);
        assert_eq!((table[52], table[55], table[60]), (0, 109, 255));
    }

    #[test]
    fn stretching_maps_the_ends_to_black_and_white() {
        let mut histogram = [0; 256];
        (histogram[100], histogram[125], histogram[150]) = (50, 50, 50);
        let table = stretched(&histogram);
        assert_eq!((table[100], table[125], table[150]), (0, 128, 255));
    }

    #[test]
    fn an_image_of_one_brightness_stays() {
        let mut histogram = [0; 256];
        histogram[80] = 9;
        assert_eq!(equalised(&histogram)[80], 80);
        assert_eq!(stretched(&histogram)[80], 80);
    }
}
