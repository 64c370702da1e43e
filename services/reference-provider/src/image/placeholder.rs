//! A short string that draws a blurred stand-in while an image loads: `BlurHash`.
//! Source: Algorithm.md of woltapp/blurhash. Our own, because the crate `blurhash` 0.2 rounds the
//! mean colour twice and so differs from every other implementation.

use std::f64::consts::PI;

use image::RgbImage;
use image::imageops::FilterType;
use serde::{Deserialize, Serialize};

use super::decode;
use crate::Refusal;

/// The longest side that is hashed; more pixels would not change a blurred image.
const SIDE_HASHED_MAX: u32 = 64;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
    components_x: Option<u32>,
    components_y: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    hash: String,
    width: u32,
    height: u32,
}

/// Makes the placeholder; `width` and `height` are the image's own.
pub(crate) fn encode(input: Input<'_>) -> Result<Output, Refusal> {
    let image = decode(input.image)?;
    let (width, height) = (image.width(), image.height());
    let small = if width.max(height) > SIDE_HASHED_MAX {
        image.resize(SIDE_HASHED_MAX, SIDE_HASHED_MAX, FilterType::Triangle)
    } else {
        image
    };
    let components = (input.components_x.unwrap_or(4), input.components_y.unwrap_or(3));
    Ok(Output { hash: blur_hash(&small.into_rgb8(), components), width, height })
}

/// The hash of an image for 1 to 9 components in each direction.
fn blur_hash(image: &RgbImage, (across, down): (u32, u32)) -> String {
    let waves = (0..down).flat_map(|y| (0..across).map(move |x| (x, y)));
    let factors: Vec<[f64; 3]> = waves.map(|wave| factor(image, wave)).collect();
    let (mean, details) = factors.split_first().map_or(([0.0; 3], [].as_slice()), |(mean, rest)| (*mean, rest));
    let largest = details.iter().flatten().fold(0.0_f64, |largest, part| largest.max(part.abs()));
    let scale = if details.is_empty() { 0.0 } else { (largest * 166.0 - 0.5).floor().clamp(0.0, 82.0) };
    let [red, green, blue] = mean.map(|part| u32::from(srgb(part)));
    let mut hash = base83(across - 1 + (down - 1) * 9, 1);
    hash.push_str(&base83(scale as u32, 1));
    hash.push_str(&base83(red << 16 | green << 8 | blue, 4));
    for detail in details {
        let [red, green, blue] = detail.map(|part| quantised(part, (scale + 1.0) / 166.0));
        hash.push_str(&base83(red * 19 * 19 + green * 19 + blue, 2));
    }
    hash
}

/// How much of one cosine wave is in each channel of the image, in linear light.
fn factor(image: &RgbImage, (across, down): (u32, u32)) -> [f64; 3] {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    let mut sum = [0.0; 3];
    for (x, y, pixel) in image.enumerate_pixels() {
        let wave = (PI * f64::from(across * x) / width).cos() * (PI * f64::from(down * y) / height).cos();
        for (sum, channel) in sum.iter_mut().zip(pixel.0) {
            *sum += wave * linear(channel);
        }
    }
    let weight = if (across, down) == (0, 0) { 1.0 } else { 2.0 };
    sum.map(|sum| sum * weight / (width * height))
}

/// One of 19 steps for a part of a wave, finer near 0.
fn quantised(part: f64, largest: f64) -> u32 {
    let relative = part / largest;
    let root = relative.abs().sqrt().copysign(relative);
    (root * 9.0 + 9.5).floor().clamp(0.0, 18.0) as u32
}

/// IEC 61966-2-1: sRGB to linear light from 0 to 1.
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// IEC 61966-2-1: linear light to sRGB.
fn srgb(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0 + 0.5) as u8
}

fn base83(mut value: u32, length: usize) -> String {
    const DIGITS: &[u8; 83] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    let mut digits: Vec<char> = Vec::new();
    for _ in 0..length {
        digits.extend(DIGITS.get(value as usize % DIGITS.len()).copied().map(char::from));
        value /= 83;
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use image::{ImageFormat, Rgb};

    use super::*;

    fn solid(colour: [u8; 3]) -> String {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_pixel(8, 8, Rgb(colour)).write_to(&mut bytes, ImageFormat::Png).unwrap();
        STANDARD.encode(bytes.into_inner())
    }

    fn hash_of(colour: [u8; 3]) -> String {
        encode(Input { image: &solid(colour), components_x: Some(1), components_y: Some(1) }).unwrap().hash
    }

    #[test]
    fn one_component_is_the_colour_in_base_83() {
        // By the description: size flag 0, maximum 0, then 0xFFFFFF and 0x000000 in four digits.
        assert_eq!(hash_of([255, 255, 255]), "00TSUA");
        assert_eq!(hash_of([0, 0, 0]), "000000");
    }

    #[test]
    fn a_gradient_has_the_hash_that_another_implementation_gives() {
        let gradient = STANDARD.encode(include_bytes!("../../tests/fixtures/gradient.png"));
        let input = Input { image: &gradient, components_x: Some(4), components_y: Some(3) };
        assert_eq!(encode(input).unwrap().hash, "LqG91|2mwtX3l[WTjuf9gFfkfTfm");
    }
}
