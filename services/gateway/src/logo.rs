//! Makes a store's logo of what somebody uploaded: decoded within bounds, made small, and written anew as PNG, so that
//! nothing of the upload but its pixels is kept.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

/// The largest upload, in bytes.
pub const UPLOAD_BYTES_MAX: usize = 512 * 1024;
/// The longest side of an upload, in pixels.
pub const UPLOAD_SIDE_MAX: u32 = 2_048;
/// The longest side of a logo, in pixels.
pub const SIDE_MAX: u32 = 512;
/// What decoding may allocate, in bytes: the largest image at 16 bits by four channels, twice.
const DECODE_BYTES_MAX: u64 = 64 * 1024 * 1024;
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

/// A logo, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// A PNG file.
    pub png: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Why an upload makes no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitLogo {
    /// More bytes or pixels than are taken.
    #[error("a logo has at most 512 KiB and 2048 × 2048 pixels")]
    TooLarge,
    /// Not an image of a format that is taken.
    #[error("a logo is a PNG, JPEG or WebP image")]
    Unreadable,
}

impl UnfitLogo {
    /// The stable code of the rule.
    pub const fn code(self) -> kernel::error::ErrorCode {
        kernel::error::ErrorCode(match self {
            Self::TooLarge => "LOGO_TOO_LARGE",
            Self::Unreadable => "LOGO_UNREADABLE",
        })
    }
}

/// Makes a logo. Takes the processor for a while: run it where that is allowed.
pub fn made(upload: &[u8]) -> Result<Logo, UnfitLogo> {
    if upload.len() > UPLOAD_BYTES_MAX {
        return Err(UnfitLogo::TooLarge);
    }
    let image = decoded(upload)?;
    let image = if image.width() > SIDE_MAX || image.height() > SIDE_MAX {
        image.resize(SIDE_MAX, SIDE_MAX, FilterType::CatmullRom)
    } else {
        image
    };
    let image = DynamicImage::ImageRgba8(image.into_rgba8());
    let mut png = Vec::new();
    image.write_with_encoder(PngEncoder::new(&mut png)).map_err(|_| UnfitLogo::Unreadable)?;
    Ok(Logo { png, width: image.width(), height: image.height() })
}

/// The size is read from the header and checked before anything is decoded: a small file may claim gigapixels.
fn decoded(upload: &[u8]) -> Result<DynamicImage, UnfitLogo> {
    let reader = ImageReader::new(Cursor::new(upload)).with_guessed_format().map_err(|_| UnfitLogo::Unreadable)?;
    if !reader.format().is_some_and(|format| FORMATS.contains(&format)) {
        return Err(UnfitLogo::Unreadable);
    }
    let mut decoder = reader.into_decoder().map_err(|error| unfit(&error))?;
    let (width, height) = decoder.dimensions();
    if width > UPLOAD_SIDE_MAX || height > UPLOAD_SIDE_MAX {
        return Err(UnfitLogo::TooLarge);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(UPLOAD_SIDE_MAX);
    limits.max_image_height = Some(UPLOAD_SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    decoder.set_limits(limits).map_err(|error| unfit(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| unfit(&error))?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn unfit(error: &ImageError) -> UnfitLogo {
    if matches!(error, ImageError::Limits(_)) { UnfitLogo::TooLarge } else { UnfitLogo::Unreadable }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    /// A picture of one colour in a format.
    pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let pixels = DynamicImage::ImageRgba8(RgbaImage::from_pixel(width, height, Rgba([20, 120, 90, 255])));
        let pixels = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(pixels.into_rgb8()) } else { pixels };
        let mut bytes = Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A PNG header that claims a size, with no pixels behind it.
    fn claimed(width: u32, height: u32) -> Vec<u8> {
        let mut png = picture(1, 1, ImageFormat::Png);
        png.truncate(33);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&checksum.to_be_bytes());
        png.extend([0, 0, 0, 0]);
        png.extend(b"IDAT");
        png.extend(crc32(b"IDAT").to_be_bytes());
        png
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
    }

    #[test]
    fn each_format_becomes_a_small_png() {
        for format in FORMATS {
            let logo = made(&picture(1_000, 250, format)).unwrap();
            assert_eq!((logo.width, logo.height), (512, 128), "{format:?}");
            assert_eq!(image::guess_format(&logo.png).unwrap(), ImageFormat::Png);
        }
        let small = made(&picture(30, 40, ImageFormat::Png)).unwrap();
        assert_eq!((small.width, small.height), (30, 40));
    }

    #[test]
    fn nothing_but_pixels_is_kept() {
        let mut upload = picture(8, 8, ImageFormat::Png);
        upload.extend_from_slice(b"<script>alert(1)</script>");
        let logo = made(&upload).unwrap();
        assert!(!logo.png.windows(8).any(|window| window == b"<script>"));
        assert_eq!(made(&upload), made(&logo.png));
    }

    #[test]
    fn a_header_that_claims_too_much_is_refused_before_decoding() {
        assert_eq!(made(&claimed(60_000, 60_000)), Err(UnfitLogo::TooLarge));
        assert_eq!(made(&claimed(2_049, 1)), Err(UnfitLogo::TooLarge));
        assert_eq!(made(&claimed(100, 100)), Err(UnfitLogo::Unreadable));
        assert_eq!(made(&vec![0; UPLOAD_BYTES_MAX + 1]), Err(UnfitLogo::TooLarge));
    }

    #[test]
    fn other_files_are_refused() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        for upload in [svg.as_slice(), b"", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", b"just text"] {
            assert_eq!(made(upload), Err(UnfitLogo::Unreadable));
        }
    }
}
