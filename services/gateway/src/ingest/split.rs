//! Splits a JSON array into its elements while it arrives, without parsing them.
//!
//! What is wrong within an element is that element's matter; what is wrong between them is the whole array's.

use std::ops::Range;

use kernel::error::{ErrorCode, Rejection};

/// Brackets and braces open at once within an element.
pub const NESTING_MAX: usize = 16;
/// Bytes of one element; those of all attributes at their limits fit.
pub const ELEMENT_BYTES_MAX: usize = 64 * 1024;

/// Why a text is no array of elements. Nothing after that point can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoArray {
    /// Something else than `[`, an object, `,` or `]` stands there.
    #[error("the body is not a JSON array of objects: it breaks at byte {offset}")]
    Malformed {
        /// From 0.
        offset: usize,
    },
    /// The text ends before the array does.
    #[error("the body ends before its JSON array does")]
    Incomplete,
    /// Brackets nest too deep.
    #[error("JSON nests at most {NESTING_MAX} deep within an event")]
    NestedTooDeeply,
    /// One element has too many bytes.
    #[error("an event has at most {ELEMENT_BYTES_MAX} bytes")]
    ElementTooLarge,
}

impl Rejection for NoArray {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::Malformed { .. } | Self::Incomplete => "BATCH_MALFORMED",
            Self::NestedTooDeeply => "EVENT_NESTED_TOO_DEEPLY",
            Self::ElementTooLarge => "EVENT_TOO_LARGE",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before `[`.
    Start,
    /// After `[`: an element or the end.
    First,
    /// After a comma: an element.
    Next,
    /// Within an element, so many brackets deep.
    Element(usize),
    /// Within a string of an element.
    Text(usize),
    /// After a backslash in a string.
    Escape(usize),
    /// After an element: a comma or the end.
    Between,
    /// After `]`.
    End,
}

/// Where the reading of an array is.
#[derive(Debug)]
pub struct Splitter {
    at: At,
    /// Bytes read.
    offset: usize,
    /// Where the element began.
    start: usize,
}

impl Default for Splitter {
    /// Nothing has been read.
    fn default() -> Self {
        Self { at: At::Start, offset: 0, start: 0 }
    }
}

impl Splitter {
    /// Reads on; the elements that end within `bytes` are handed to `found`, as ranges counted from the first byte ever
    /// read.
    pub fn read(&mut self, bytes: &[u8], mut found: impl FnMut(Range<usize>)) -> Result<(), NoArray> {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            self.at = self.step(*byte)?;
            self.offset = self.offset.saturating_add(1);
            if self.at == At::Between && matches!(byte, b'}') {
                found(self.start..self.offset);
            }
            rest = self.past_text(after);
        }
        Ok(())
    }

    /// What follows the plain part of a string; most bytes of an event are in one.
    fn past_text<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !matches!(self.at, At::Text(_)) {
            return bytes;
        }
        let room = ELEMENT_BYTES_MAX.saturating_sub(self.offset.saturating_sub(self.start));
        let within = bytes.get(..room).unwrap_or(bytes);
        let plain = memchr::memchr2(b'"', b'\\', within).unwrap_or(within.len());
        self.offset = self.offset.saturating_add(plain);
        bytes.get(plain..).unwrap_or_default()
    }

    /// Where the element that is being read began; everything before may be forgotten.
    pub const fn needed(&self) -> usize {
        match self.at {
            At::Element(_) | At::Text(_) | At::Escape(_) => self.start,
            At::Start | At::First | At::Next | At::Between | At::End => self.offset,
        }
    }

    /// The text ends here.
    pub fn end(&self) -> Result<(), NoArray> {
        if self.at == At::End { Ok(()) } else { Err(NoArray::Incomplete) }
    }

    fn step(&mut self, byte: u8) -> Result<At, NoArray> {
        match (self.at, byte) {
            (At::Element(depth), _) => self.within(depth, byte),
            (At::Text(depth), b'"') => Ok(At::Element(depth)),
            (At::Text(depth), b'\\') => Ok(At::Escape(depth)),
            (At::Text(depth) | At::Escape(depth), _) => self.bounded(At::Text(depth)),
            (at, b' ' | b'\t' | b'\r' | b'\n') => Ok(at),
            (At::Start, b'[') => Ok(At::First),
            (At::First | At::Next, b'{') => {
                self.start = self.offset;
                Ok(At::Element(1))
            }
            (At::First | At::Between, b']') => Ok(At::End),
            (At::Between, b',') => Ok(At::Next),
            (At::Start | At::First | At::Next | At::Between | At::End, _) => {
                Err(NoArray::Malformed { offset: self.offset })
            }
        }
    }

    fn within(&self, depth: usize, byte: u8) -> Result<At, NoArray> {
        match byte {
            b'"' => Ok(At::Text(depth)),
            b'{' | b'[' if depth >= NESTING_MAX => Err(NoArray::NestedTooDeeply),
            b'{' | b'[' => Ok(At::Element(depth.saturating_add(1))),
            b'}' if depth == 1 => Ok(At::Between),
            b']' if depth == 1 => Err(NoArray::Malformed { offset: self.offset }),
            b'}' | b']' => Ok(At::Element(depth.saturating_sub(1))),
            _ => self.bounded(At::Element(depth)),
        }
    }

    const fn bounded(&self, at: At) -> Result<At, NoArray> {
        let long = self.offset.saturating_sub(self.start) >= ELEMENT_BYTES_MAX;
        if long { Err(NoArray::ElementTooLarge) } else { Ok(at) }
    }
}

/// Whether an object nests no deeper than allowed.
pub fn check_nesting(object: &[u8]) -> Result<(), NoArray> {
    let mut splitter = Splitter { at: At::Next, offset: 0, start: 0 };
    match splitter.read(object, |_| ()) {
        // What else is wrong with it, its parser says.
        Ok(()) | Err(NoArray::Malformed { .. } | NoArray::Incomplete | NoArray::ElementTooLarge) => Ok(()),
        Err(deep @ NoArray::NestedTooDeeply) => Err(deep),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The elements, whatever the pieces in which the text arrives.
    fn split(text: &str, piece: usize) -> Result<Vec<String>, NoArray> {
        let (mut splitter, mut found) = (Splitter::default(), Vec::new());
        for bytes in text.as_bytes().chunks(piece) {
            splitter.read(bytes, |range| found.push(text[range].to_owned()))?;
        }
        splitter.end().map(|()| found)
    }

    #[test]
    fn an_array_is_split_whatever_its_texts_hold() {
        let text = r#" [ {"a":"]}\"\\"} , {"b":[{},"["]} ] "#;
        let expected = [r#"{"a":"]}\"\\"}"#, r#"{"b":[{},"["]}"#].map(str::to_owned);
        assert_eq!(split(text, 1), Ok(expected.to_vec()));
        assert_eq!(split("[]", 1), Ok(vec![]));
    }

    #[test]
    fn an_element_with_an_error_of_its_own_leaves_its_neighbours() {
        let found = split(r#"[{"a":nonsense},{"b":1}]"#, 100).unwrap();
        assert_eq!(found, [r#"{"a":nonsense}"#, r#"{"b":1}"#]);
    }

    #[test]
    fn what_is_no_array_of_objects_is_told_where_it_breaks() {
        for (text, offset) in [("{}", 0), ("[1]", 1), ("[{},]", 4), ("[{}{}]", 3), ("[]x", 2), ("[{]}]", 2), ("x", 0)] {
            assert_eq!(split(text, 100), Err(NoArray::Malformed { offset }), "{text}");
        }
        for text in ["", "[", "[{}", "[{\"a\":\"", "[{},"] {
            assert_eq!(split(text, 100), Err(NoArray::Incomplete), "{text}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = |depth: usize| format!("[{}1{}]", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(split(&deep(NESTING_MAX), 7).is_ok());
        assert_eq!(split(&deep(NESTING_MAX + 1), 7), Err(NoArray::NestedTooDeeply));
        assert_eq!(
            check_nesting(deep(NESTING_MAX + 1).trim_matches(['[', ']']).as_bytes()),
            Err(NoArray::NestedTooDeeply)
        );
        let long = format!("[{{\"a\":\"{}\"}}]", "x".repeat(ELEMENT_BYTES_MAX));
        assert_eq!(split(&long, 4096), Err(NoArray::ElementTooLarge));
    }

    proptest! {
        #[test]
        fn every_array_of_objects_is_split_as_a_parser_does(texts in prop::collection::vec(".{0,12}", 0..6), piece in 1_usize..40) {
            let elements: Vec<Value> = texts.iter().map(|text| json!({ text: [text, {"x": text}] })).collect();
            let text = serde_json::to_string(&elements).unwrap();
            let found = split(&text, piece).unwrap();
            let found: Vec<Value> = found.iter().map(|element| serde_json::from_str(element).unwrap()).collect();
            prop_assert_eq!(found, elements);
        }

        #[test]
        fn hostile_bytes_do_no_harm(bytes: Vec<u8>) {
            _ = Splitter::default().read(&bytes, |_| ());
            _ = check_nesting(&bytes);
        }
    }
}
