//! What an image file says about itself: format, size, and its Exif fields.
//! Source: CIPA DC-008 (Exif 2.32).

use std::io::Cursor;

use exif::{Exif, Field, In, Rational, Tag, Value};
use serde::{Deserialize, Serialize};

use super::Upload;
use crate::Refusal;
use crate::numbers::round6;

const FIELDS_MAX: usize = 200;
const VALUE_LENGTH_MAX: usize = 500;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    image: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    format: String,
    width: u32,
    height: u32,
    bytes: usize,
    /// Exif fields in the file's order; empty where it has none.
    fields: Vec<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

#[derive(Serialize)]
struct Named {
    tag: String,
    value: String,
}

#[derive(Serialize)]
struct Location {
    latitude: f64,
    longitude: f64,
}

/// Reads the header and the Exif block; pixels are not decoded.
pub(crate) fn extract(input: Input<'_>) -> Result<Output, Refusal> {
    let upload = Upload::read(input.image)?;
    let exif = read_exif(&upload.bytes);
    let fields = exif.iter().flat_map(Exif::fields);
    let shown = fields.filter(|field| field.ifd_num == In::PRIMARY).take(FIELDS_MAX);
    Ok(Output {
        format: format!("{:?}", upload.format).to_lowercase(),
        width: upload.width,
        height: upload.height,
        bytes: upload.bytes.len(),
        fields: shown.map(named).collect(),
        location: exif.as_ref().and_then(location),
    })
}

/// The fields that can be read; many files break the format somewhere.
fn read_exif(bytes: &[u8]) -> Option<Exif> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_from_container(&mut Cursor::new(bytes));
    read.or_else(|error| error.distill_partial_result(|_| {})).ok()
}

fn named(field: &Field) -> Named {
    let value = match &field.value {
        Value::Ascii(lines) => lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join("; "),
        _ => field.display_value().to_string(),
    };
    Named { tag: field.tag.to_string(), value: value.chars().take(VALUE_LENGTH_MAX).collect() }
}

fn location(exif: &Exif) -> Option<Location> {
    let latitude = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S')?;
    let longitude = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W')?;
    let is_on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    is_on_earth.then(|| Location { latitude: round6(latitude), longitude: round6(longitude) })
}

/// Degrees, minutes and seconds as one number; negative where the reference says so.
fn degrees(exif: &Exif, tag: Tag, reference: Tag, negative: u8) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let [degrees, minutes, seconds] = parts.as_slice() else { return None };
    if [degrees, minutes, seconds].iter().any(|part| part.denom == 0) {
        return None;
    }
    let value = degrees.to_f64() + minutes.to_f64() / 60.0 + Rational::to_f64(seconds) / 3600.0;
    let Value::Ascii(lines) = &exif.get_field(reference, In::PRIMARY)?.value else { return None };
    let side = lines.first()?.first()?;
    Some(if *side == negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn extracted(bytes: &[u8]) -> Output {
        extract(Input { image: &STANDARD.encode(bytes) }).unwrap()
    }

    #[test]
    fn exif_written_by_another_library_is_read() {
        let output = extracted(include_bytes!("../../tests/fixtures/exif.jpg"));
        let value = |tag: &str| output.fields.iter().find(|field| field.tag == tag).unwrap().value.clone();
        assert_eq!((output.format.as_str(), output.width, output.height), ("jpeg", 48, 32));
        assert_eq!(value("Make"), "Tallystick");
        assert_eq!(value("Model"), "Reference 1");
        assert_eq!(value("DateTimeOriginal"), "2024:03:05 10:20:30");
        let location = output.location.unwrap();
        assert_eq!((location.latitude, location.longitude), (39.904_2, 116.407_4));
    }

    #[test]
    fn an_image_without_exif_has_no_fields_and_no_location() {
        let output = extracted(include_bytes!("../../tests/fixtures/ean13.png"));
        assert!(output.fields.is_empty() && output.location.is_none());
        assert_eq!(output.format, "png");
    }
}
