//! Reading QR codes and bar codes. An image without a code is answered with an empty list.

use std::collections::HashSet;

use image::GrayImage;
use image::imageops::FilterType;
use rxing::{BarcodeFormat, DecodeHints, RXingResult};
use serde::{Deserialize, Serialize};

use super::decode;
use crate::Refusal;

/// The longest side that is searched; larger images are scaled down to it.
const SIDE_SEARCHED_MAX: u32 = 1_600;
const QR_FORMATS: [BarcodeFormat; 2] = [BarcodeFormat::QR_CODE, BarcodeFormat::MICRO_QR_CODE];
const BAR_FORMATS: [BarcodeFormat; 8] = [
    BarcodeFormat::EAN_13,
    BarcodeFormat::EAN_8,
    BarcodeFormat::UPC_A,
    BarcodeFormat::UPC_E,
    BarcodeFormat::CODE_128,
    BarcodeFormat::CODE_39,
    BarcodeFormat::CODE_93,
    BarcodeFormat::ITF,
];

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    codes: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    text: String,
    format: &'static str,
    /// Points of the code in the image's pixels: finder patterns, or the ends of a bar code's line.
    points: Vec<[i64; 2]>,
}

/// Reads every QR code in the image.
pub(crate) fn read_qr_codes(input: Input<'_>) -> Result<Output, Refusal> {
    read(input.image, &QR_FORMATS)
}

/// Reads every one-dimensional bar code in the image; each has passed its own check digit.
pub(crate) fn read_barcodes(input: Input<'_>) -> Result<Output, Refusal> {
    read(input.image, &BAR_FORMATS)
}

fn read(base64: &str, formats: &[BarcodeFormat]) -> Result<Output, Refusal> {
    let image = decode(base64)?.into_luma8();
    let (image, scale) = scaled(image);
    let formats: HashSet<BarcodeFormat> = formats.iter().copied().collect();
    let mut hints = DecodeHints { PossibleFormats: Some(formats), ..DecodeHints::default() };
    let (width, height) = image.dimensions();
    let found = rxing::helpers::detect_multiple_in_luma_with_hints(image.into_raw(), width, height, &mut hints);
    let mut codes: Vec<Found> = found.unwrap_or_default().iter().map(|result| describe(result, scale)).collect();
    codes.sort_by(|a, b| (&a.points, &a.text).cmp(&(&b.points, &b.text)));
    codes.dedup_by(|a, b| a.text == b.text && a.format == b.format && a.points == b.points);
    Ok(Output { codes })
}

fn scaled(image: GrayImage) -> (GrayImage, f64) {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    if longest <= SIDE_SEARCHED_MAX {
        return (image, 1.0);
    }
    let scale = f64::from(longest) / f64::from(SIDE_SEARCHED_MAX);
    let side = |length: u32| ((f64::from(length) / scale).round() as u32).max(1);
    let smaller = image::imageops::resize(&image, side(width), side(height), FilterType::Triangle);
    (smaller, scale)
}

fn describe(result: &RXingResult, scale: f64) -> Found {
    let pixel = |at: f32| (f64::from(at) * scale).round() as i64;
    let points = result.getPoints().iter().map(|point| [pixel(point.x), pixel(point.y)]).collect();
    Found { text: result.getText().to_owned(), format: name(*result.getBarcodeFormat()), points }
}

fn name(format: BarcodeFormat) -> &'static str {
    match format {
        BarcodeFormat::QR_CODE => "QR_CODE",
        BarcodeFormat::MICRO_QR_CODE => "MICRO_QR_CODE",
        BarcodeFormat::EAN_13 => "EAN_13",
        BarcodeFormat::EAN_8 => "EAN_8",
        BarcodeFormat::UPC_A => "UPC_A",
        BarcodeFormat::UPC_E => "UPC_E",
        BarcodeFormat::CODE_128 => "CODE_128",
        BarcodeFormat::CODE_39 => "CODE_39",
        BarcodeFormat::CODE_93 => "CODE_93",
        BarcodeFormat::ITF => "ITF",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn texts(bytes: &[u8], read: fn(Input<'_>) -> Result<Output, Refusal>) -> Vec<(String, &'static str)> {
        let output = read(Input { image: &STANDARD.encode(bytes) }).unwrap();
        output.codes.into_iter().map(|code| (code.text, code.format)).collect()
    }

    #[test]
    fn a_qr_code_made_by_another_library_is_read() {
        let qr = include_bytes!("../../tests/fixtures/qr_chinese.png");
        assert_eq!(texts(qr, read_qr_codes), [("算市 Tallystick".to_owned(), "QR_CODE")]);
        assert!(texts(qr, read_barcodes).is_empty());
    }

    #[test]
    fn bar_codes_made_by_another_library_are_read() {
        let ean = include_bytes!("../../tests/fixtures/ean13.png");
        assert_eq!(texts(ean, read_barcodes), [("6901234567892".to_owned(), "EAN_13")]);
        let code128 = include_bytes!("../../tests/fixtures/code128.png");
        assert_eq!(texts(code128, read_barcodes), [("TALLY-2024".to_owned(), "CODE_128")]);
        assert!(texts(ean, read_qr_codes).is_empty());
    }

    #[test]
    fn an_image_without_a_code_has_none() {
        let plain = include_bytes!("../../tests/fixtures/exif.jpg");
        assert!(texts(plain, read_qr_codes).is_empty());
    }
}
