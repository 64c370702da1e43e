//! Capabilities about images, and the one place where an upload becomes pixels.
//! Size is read from the header and checked before anything is decoded: a small file may claim
//! gigapixels.

pub(crate) mod code;
pub(crate) mod colour;
pub(crate) mod contrast;
pub(crate) mod hash;
pub(crate) mod metadata;
pub(crate) mod placeholder;
pub(crate) mod quality;

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use crate::{Code, Refusal};

/// The most pixels an image may have: a 12-megapixel photograph.
const PIXELS_MAX: u64 = 12_500_000;
/// The longest side, in pixels.
const SIDE_MAX: u32 = 8_192;
/// What decoding may allocate, in bytes: the pixels at 16 bits by four channels, and a margin.
const DECODE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// An upload whose format and size are known and within bounds; not yet decoded.
struct Upload {
    bytes: Vec<u8>,
    format: ImageFormat,
    width: u32,
    height: u32,
}

impl Upload {
    /// Reads the header of a base64 upload.
    fn read(base64: &str) -> Result<Self, Refusal> {
        let bytes = STANDARD
            .decode(base64)
            .map_err(|_| Refusal::new(Code::InvalidInput, "The image is not base64.").at("/image"))?;
        let reader = reader(&bytes)?;
        let format = reader.format().ok_or_else(unreadable)?;
        let (width, height) = reader.into_dimensions().map_err(|error| undecodable(&error))?;
        if width > SIDE_MAX || height > SIDE_MAX || u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(too_large(PIXELS_MAX));
        }
        if width == 0 || height == 0 {
            return Err(unreadable());
        }
        Ok(Self { bytes, format, width, height })
    }

    fn decode(&self) -> Result<DynamicImage, Refusal> {
        reader(&self.bytes)?.decode().map_err(|error| undecodable(&error))
    }
}

/// Decodes a base64 upload.
fn decode(base64: &str) -> Result<DynamicImage, Refusal> {
    Upload::read(base64)?.decode()
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, Refusal> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| unreadable())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    Ok(reader)
}

fn undecodable(error: &ImageError) -> Refusal {
    if matches!(error, ImageError::Limits(_)) { too_large(PIXELS_MAX) } else { unreadable() }
}

fn unreadable() -> Refusal {
    let message = "The bytes are not a readable PNG, JPEG, GIF, BMP or WebP image.";
    Refusal::new(Code::UnreadableImage, message).at("/image")
}

fn too_large(pixels_max: u64) -> Refusal {
    let message = format!("The image has more than {pixels_max} pixels or a side over {SIDE_MAX}.");
    Refusal::new(Code::ImageTooLarge, message).at("/image")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG header that claims a size, with no pixels behind it.
    fn claimed_png(width: u32, height: u32) -> String {
        let mut chunk = b"IHDR".to_vec();
        chunk.extend(width.to_be_bytes());
        chunk.extend(height.to_be_bytes());
        chunk.extend([8, 2, 0, 0, 0]);
        let mut png = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13];
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
        png.extend([0, 0, 0, 0]);
        png.extend(b"IDAT");
        png.extend(crc32(b"IDAT").to_be_bytes());
        STANDARD.encode(png)
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
        !bytes.iter().fold(u32::MAX, byte)
    }

    fn refused(base64: &str) -> Code {
        decode(base64).map(|_| ()).unwrap_err().code
    }

    #[test]
    fn a_header_that_claims_gigapixels_is_refused_before_decoding() {
        assert_eq!(refused(&claimed_png(60_000, 60_000)), Code::ImageTooLarge);
        assert_eq!(refused(&claimed_png(8_000, 8_000)), Code::ImageTooLarge);
        assert_eq!(refused(&claimed_png(100, 100)), Code::UnreadableImage);
    }

    #[test]
    fn bytes_that_are_no_image_are_refused() {
        assert_eq!(refused(&STANDARD.encode("just text")), Code::UnreadableImage);
        assert_eq!(refused(""), Code::UnreadableImage);
        assert_eq!(refused("!not base64!"), Code::InvalidInput);
    }
}
