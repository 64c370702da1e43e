//! Columns and rows from the beginning of a file. Bounded in every direction, and nothing in it is trusted.

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::GB18030;
use serde_json::{Map, Value};

use super::Preview;

const COLUMNS_MAX: usize = 64;
const ROWS_MAX: usize = 20;
/// The longest cell, in characters.
const CELL_LENGTH_MAX: usize = 200;

/// How a file holds its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Values between these, the columns' names in the first line (RFC 4180).
    Separated(u8),
    /// An object in each line.
    JsonLines,
    /// An array of objects.
    Json,
}

impl Format {
    /// The format of a media type; none where it holds no table.
    pub fn of(media_type: &str) -> Option<Self> {
        Some(match media_type.to_ascii_lowercase().as_str() {
            "text/csv" => Self::Separated(b','),
            "text/tab-separated-values" => Self::Separated(b'\t'),
            "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" => Self::JsonLines,
            "application/json" => Self::Json,
            _ => return None,
        })
    }
}

/// Reads a table from a file's beginning; none where there is none in it.
pub fn read(bytes: &[u8], is_whole: bool, format: Format) -> Option<Preview> {
    let text = decoded(bytes, is_whole)?;
    match format {
        Format::Separated(separator) => separated(&text, is_whole, separator),
        Format::JsonLines => {
            let lines: Vec<&str> = whole_lines(&text, is_whole).collect();
            objects(lines.iter().map(|line| serde_json::from_str(line).ok()), !is_whole)
        }
        Format::Json => {
            let values: Vec<Value> = serde_json::from_str(&text).ok()?;
            objects(
                values.into_iter().map(|value| if let Value::Object(object) = value { Some(object) } else { None }),
                false,
            )
        }
    }
}

/// UTF-8, or else GB 18030, in which many Chinese files are kept. A character cut in two at the end is left out.
fn decoded(bytes: &[u8], is_whole: bool) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if !is_whole && error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|sound| String::from_utf8(sound.to_vec()).ok())
        }
        Err(_) => {
            let sound = if is_whole { bytes } else { until_last_line(bytes) };
            GB18030.decode_without_bom_handling_and_without_replacement(sound).map(std::borrow::Cow::into_owned)
        }
    }
}

fn until_last_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    bytes.get(..end).unwrap_or_default()
}

/// The lines that are surely whole.
fn whole_lines(text: &str, is_whole: bool) -> impl Iterator<Item = &str> {
    let sound = if is_whole { text } else { text.rsplit_once('\n').map_or("", |(sound, _)| sound) };
    sound.lines().filter(|line| !line.trim().is_empty())
}

fn separated(text: &str, is_whole: bool, separator: u8) -> Option<Preview> {
    let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let names = reader.headers().ok()?.clone();
    let columns: Vec<String> = names.iter().take(COLUMNS_MAX).map(cell).collect();
    if columns.iter().all(String::is_empty) {
        return None;
    }
    // One more than is shown tells whether there is more; the last of a cut file may be cut.
    let mut records = reader.records().take(ROWS_MAX.saturating_add(1)).collect::<Result<Vec<_>, _>>().ok()?;
    if !is_whole && records.len() <= ROWS_MAX {
        records.pop();
    }
    let is_truncated = !is_whole || records.len() > ROWS_MAX || names.len() > columns.len();
    let rows = records.iter().take(ROWS_MAX).map(|record| row(record, columns.len())).collect();
    Some(Preview { columns, rows, is_truncated })
}

fn row(record: &StringRecord, width: usize) -> Vec<String> {
    (0..width).map(|column| cell(record.get(column).unwrap_or_default())).collect()
}

/// A table of objects: its columns are their members, in the order in which they first appear.
fn objects(objects: impl Iterator<Item = Option<Map<String, Value>>>, is_cut: bool) -> Option<Preview> {
    let objects = objects.take(ROWS_MAX.saturating_add(1)).collect::<Option<Vec<_>>>()?;
    let mut names: Vec<&String> = Vec::new();
    for name in objects.iter().take(ROWS_MAX).flat_map(Map::keys) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_truncated = is_cut || objects.len() > ROWS_MAX || names.len() > COLUMNS_MAX;
    names.truncate(COLUMNS_MAX);
    if names.is_empty() {
        return None;
    }
    let value = |object: &Map<String, Value>, name: &str| match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => cell(text),
        Some(other) => cell(&other.to_string()),
    };
    let row = |object| names.iter().map(|name| value(object, name)).collect();
    let rows = objects.iter().take(ROWS_MAX).map(row).collect();
    Some(Preview { columns: names.into_iter().map(|name| cell(name)).collect(), rows, is_truncated })
}

/// One line of text at most [`CELL_LENGTH_MAX`] characters long, without characters that make it lie about itself.
fn cell(text: &str) -> String {
    let misleads = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut letters = text.trim().chars().map(|letter| if misleads(letter) { ' ' } else { letter });
    let cell: String = letters.by_ref().take(CELL_LENGTH_MAX).collect();
    if letters.next().is_some() {
        cell.chars().take(CELL_LENGTH_MAX.saturating_sub(1)).chain(['…']).collect()
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Format = Format::Separated(b',');

    #[test]
    fn quotes_line_breaks_and_missing_cells_are_read() {
        let preview = read("\u{feff}a,b\n\"x, \"\"y\"\"\nz\",1\nshort\n".as_bytes(), true, CSV).unwrap();
        assert_eq!(preview.columns, ["a", "b"]);
        assert_eq!(preview.rows, [["x, \"y\" z", "1"], ["short", ""]]);
        assert!(!preview.is_truncated);
    }

    #[test]
    fn twenty_rows_are_shown_of_a_longer_file() {
        let text = format!("n\n{}", (0..21).map(|n| format!("{n}\n")).collect::<Vec<_>>().concat());
        let preview = read(text.as_bytes(), true, CSV).unwrap();
        assert_eq!((preview.rows.len(), preview.is_truncated), (20, true));
        assert!(!read(b"n\n1\n", true, CSV).unwrap().is_truncated);
    }

    #[test]
    fn what_is_cut_off_is_not_shown() {
        let preview = read("n\nwhole\ncut 算".as_bytes().split_last().unwrap().1, false, CSV).unwrap();
        assert_eq!(preview.rows, [["whole"]]);
        assert!(preview.is_truncated);
    }

    #[test]
    fn chinese_files_in_gb_18030_are_read() {
        let (bytes, _, _) = GB18030.encode("名称\n算市\n");
        assert_eq!(read(&bytes, true, CSV).unwrap().rows, [["算市"]]);
        assert_eq!(read(b"n\n\xff\xff\n", true, CSV), None);
    }

    #[test]
    fn objects_are_rows() {
        let lines = "{\"b\":1,\"a\":\"x\"}\n\n{\"c\":[1],\"a\":null}\n";
        let preview = read(lines.as_bytes(), true, Format::JsonLines).unwrap();
        assert_eq!(preview.columns.len(), 3);
        assert_eq!(preview.rows.len(), 2);
        assert_eq!(read(b"[{\"a\":true}]", true, Format::Json).unwrap().rows, [["true"]]);
        for text in ["[1]", "{}", "[]", "[[", "{\"a\":1}\nnot json"] {
            assert_eq!(read(text.as_bytes(), true, Format::JsonLines), None, "{text}");
        }
    }

    #[test]
    fn hostile_cells_stay_short_plain_text() {
        let long = format!("n\n\"{}\"\n\"a\u{202e}b\u{7}\"\n", "算".repeat(10_000));
        let preview = read(long.as_bytes(), true, CSV).unwrap();
        assert_eq!(preview.rows[0][0].chars().count(), CELL_LENGTH_MAX);
        assert_eq!(preview.rows[1][0], "a b ");
        let wide = format!("{}\n", "x,".repeat(1_000));
        assert_eq!(read(wide.as_bytes(), true, CSV).unwrap().columns.len(), COLUMNS_MAX);
    }
}
