//! Splits a JSON array into its elements while it arrives, without parsing them.
//!
//! What is wrong with an element is that element's matter: it is read past, not kept, and its neighbours go on. What is
//! wrong between them is the whole array's.

use std::ops::Range;

use kernel::error::{ErrorCode, Rejection};

use super::event::NoReport;

/// Brackets and braces open at once within an element.
pub const NESTING_MAX: usize = 16;
/// Bytes of one element; those of all attributes at their limits fit.
pub const ELEMENT_BYTES_MAX: usize = 64 * 1024;

/// Why a text is no array of elements. Nothing after that point can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoArray {
    /// Something else than `[`, an element, `,` or `]` stands there.
    #[error("the body is not a JSON array of objects: it breaks at byte {offset}")]
    Malformed {
        /// From 0.
        offset: usize,
    },
    /// The text ends before the array does.
    #[error("the body ends before its JSON array does")]
    Incomplete,
}

impl Rejection for NoArray {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::Malformed { .. } | Self::Incomplete => "BATCH_MALFORMED",
        })
    }
}

/// An element's range, counted from the first byte ever read; or why it is no report, whatever it says.
pub type Element = Result<Range<usize>, NoReport>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before `[`.
    Start,
    /// After `[`: an element or the end.
    First,
    /// After a comma: an element.
    Next,
    /// Within an object or array, so many brackets deep.
    Within(usize),
    /// Within a string, so deep; an element that is one is 0 deep.
    Text(usize),
    /// After a backslash in a string.
    Escape(usize),
    /// Within a number or a word that is an element.
    Word,
    /// After an element: a comma or the end.
    Between,
    /// After `]`.
    End,
}

impl At {
    const fn is_element(self) -> bool {
        match self {
            Self::Within(_) | Self::Text(_) | Self::Escape(_) | Self::Word => true,
            Self::Start | Self::First | Self::Next | Self::Between | Self::End => false,
        }
    }
}

/// Where the reading of an array is.
#[derive(Debug)]
pub struct Splitter {
    at: At,
    /// Bytes read.
    offset: usize,
    /// Where the element began.
    start: usize,
    /// The bracket that ends it.
    close: u8,
    /// What is wrong with the element, so that nothing of it is needed.
    wrong: Option<NoReport>,
    bytes_max: usize,
}

impl Default for Splitter {
    /// Nothing has been read.
    fn default() -> Self {
        Self { at: At::Start, offset: 0, start: 0, close: b'}', wrong: None, bytes_max: ELEMENT_BYTES_MAX }
    }
}

impl Splitter {
    /// Reads on; the elements that end within `bytes` are handed to `found`, in their order.
    pub fn read(&mut self, bytes: &[u8], mut found: impl FnMut(Element)) -> Result<(), NoArray> {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            let was = self.at;
            self.at = self.step(*byte)?;
            self.offset = self.offset.saturating_add(1);
            rest = self.past_text(after);
            if was.is_element() {
                self.measure();
                if !self.at.is_element() {
                    found(self.wrong.map_or(Ok(self.start..self.offset), Err));
                }
            }
        }
        Ok(())
    }

    /// What follows the plain part of a string; most bytes of an event are in one.
    fn past_text<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !matches!(self.at, At::Text(_)) {
            return bytes;
        }
        let plain = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        self.offset = self.offset.saturating_add(plain);
        bytes.get(plain..).unwrap_or_default()
    }

    fn measure(&mut self) {
        if self.wrong.is_none() && self.offset.saturating_sub(self.start) > self.bytes_max {
            self.wrong = Some(NoReport::TooLarge);
        }
    }

    /// Where the element that is being read began, if anything of it is needed still; everything before may be
    /// forgotten.
    pub const fn needed(&self) -> usize {
        if self.at.is_element() && self.wrong.is_none() { self.start } else { self.offset }
    }

    /// The text ends here.
    pub fn end(&self) -> Result<(), NoArray> {
        if self.at == At::End { Ok(()) } else { Err(NoArray::Incomplete) }
    }

    fn step(&mut self, byte: u8) -> Result<At, NoArray> {
        match (self.at, byte) {
            (At::Within(depth), _) => self.within(depth, byte),
            (At::Text(0), b'"') | (At::Word, b' ' | b'\t' | b'\r' | b'\n') => Ok(At::Between),
            (At::Text(depth), b'"') => Ok(At::Within(depth)),
            (At::Text(depth), b'\\') => Ok(At::Escape(depth)),
            (At::Text(depth) | At::Escape(depth), _) => Ok(At::Text(depth)),
            (At::Word, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') => Ok(At::Word),
            (at, b' ' | b'\t' | b'\r' | b'\n') => Ok(at),
            (At::Start, b'[') => Ok(At::First),
            (At::First | At::Between | At::Word, b']') => Ok(At::End),
            (At::Between | At::Word, b',') => Ok(At::Next),
            (At::First | At::Next, _) => self.begin(byte),
            (At::Start | At::Between | At::Word | At::End, _) => Err(self.malformed()),
        }
    }

    /// The first byte of an element. One that is no object is read past.
    fn begin(&mut self, byte: u8) -> Result<At, NoArray> {
        self.start = self.offset;
        self.close = if byte == b'[' { b']' } else { b'}' };
        self.wrong = (byte != b'{').then_some(NoReport::Malformed);
        match byte {
            b'{' | b'[' => Ok(At::Within(1)),
            b'"' => Ok(At::Text(0)),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Ok(At::Word),
            _ => Err(self.malformed()),
        }
    }

    fn within(&mut self, depth: usize, byte: u8) -> Result<At, NoArray> {
        match byte {
            b'"' => Ok(At::Text(depth)),
            b'{' | b'[' => {
                if depth >= NESTING_MAX && self.wrong.is_none() {
                    self.wrong = Some(NoReport::NestedTooDeeply);
                }
                Ok(At::Within(depth.saturating_add(1)))
            }
            b'}' | b']' if depth == 1 && byte != self.close => Err(self.malformed()),
            b'}' | b']' if depth == 1 => Ok(At::Between),
            b'}' | b']' => Ok(At::Within(depth.saturating_sub(1))),
            _ => Ok(At::Within(depth)),
        }
    }

    const fn malformed(&self) -> NoArray {
        NoArray::Malformed { offset: self.offset }
    }
}

/// Whether one object nests no deeper than allowed; what else is wrong with it, its parser says.
pub fn check_nesting(object: &[u8]) -> Result<(), NoReport> {
    let mut splitter = Splitter { at: At::Next, bytes_max: usize::MAX, ..Splitter::default() };
    let mut wrong = None;
    // One that is cut off counts as far as it goes.
    _ = splitter.read(object, |element| wrong = wrong.or(element.err()));
    let is_deep = [wrong, splitter.wrong].contains(&Some(NoReport::NestedTooDeeply));
    if is_deep { Err(NoReport::NestedTooDeeply) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    type Found = Vec<Result<String, NoReport>>;

    /// The elements and how the reading ended, whatever the pieces in which the text arrives; only what is needed is
    /// kept of it.
    fn split(text: &str, pieces: &[usize]) -> (Found, Result<(), NoArray>) {
        let (mut splitter, mut found, mut kept, mut dropped) = (Splitter::default(), Vec::new(), Vec::new(), 0);
        let (mut rest, mut sizes) = (text.as_bytes(), pieces.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            kept.extend_from_slice(piece);
            let read = splitter.read(piece, |element| {
                let text = |range: Range<usize>| kept[range.start - dropped..range.end - dropped].to_vec();
                found.push(element.map(|range| String::from_utf8(text(range)).unwrap()));
            });
            if read.is_err() {
                return (found, read);
            }
            kept.drain(..splitter.needed() - dropped);
            dropped = splitter.needed();
            assert!(kept.len() <= ELEMENT_BYTES_MAX, "more is kept than an element may have");
            rest = after;
        }
        (found, splitter.end())
    }

    #[test]
    fn an_array_is_split_whatever_its_texts_hold() {
        let text = r#" [ {"a":"]}\"\\"} , {"b":[{},"["]} ] "#;
        let expected = vec![Ok(r#"{"a":"]}\"\\"}"#.to_owned()), Ok(r#"{"b":[{},"["]}"#.to_owned())];
        assert_eq!(split(text, &[1]), (expected, Ok(())));
        assert_eq!(split("[]", &[1]), (vec![], Ok(())));
    }

    #[test]
    fn an_element_with_an_error_of_its_own_leaves_its_neighbours() {
        let found = split(r#"[{"a":nonsense},{"b":1}]"#, &[100]);
        assert_eq!(found, (vec![Ok(r#"{"a":nonsense}"#.to_owned()), Ok(r#"{"b":1}"#.to_owned())], Ok(())));
    }

    #[test]
    fn what_is_no_object_is_told_in_its_place() {
        for other in ["1", "-1.5e+3", "true", "null", r#""},{""#, "[]", "[[{}],1]", "[\"]\"]", "\"\""] {
            let expected = vec![Ok("{}".to_owned()), Err(NoReport::Malformed), Ok("{}".to_owned())];
            for text in [format!("[{{}},{other},{{}}]"), format!(" [ {{}} , {other} , {{}} ] ")] {
                assert_eq!(split(&text, &[1]), (expected.clone(), Ok(())), "{text}");
                assert_eq!(split(&text, &[100]), (expected.clone(), Ok(())), "{text}");
            }
            assert_eq!(split(&format!("[{other}]"), &[1]), (vec![Err(NoReport::Malformed)], Ok(())));
        }
    }

    #[test]
    fn what_is_no_array_is_told_where_it_breaks_after_what_came_before() {
        for (text, before, offset) in [
            ("{}", 0, 0),
            ("x", 0, 0),
            ("[x]", 0, 1),
            ("[,]", 0, 1),
            ("[{},]", 1, 4),
            ("[{}{}]", 1, 3),
            ("[1 2]", 1, 3),
            ("[1\"a\"]", 0, 2),
            ("[]x", 0, 2),
            ("[{]}]", 0, 2),
            ("[[}]", 0, 2),
            ("[{},{},{\"a\":[]]", 2, 14),
        ] {
            let (found, ended) = split(text, &[100]);
            assert_eq!((found.len(), ended), (before, Err(NoArray::Malformed { offset })), "{text}");
        }
        for (text, before) in
            [("", 0), ("[", 0), ("[{}", 1), ("[{\"a\":\"", 0), ("[{},", 1), ("[{},1", 1), ("[{},[{}", 1)]
        {
            let (found, ended) = split(text, &[100]);
            assert_eq!((found.len(), ended), (before, Err(NoArray::Incomplete)), "{text}");
        }
    }

    fn deep(depth: usize) -> String {
        format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
    }

    fn long(bytes: usize) -> String {
        format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8))
    }

    #[test]
    fn depth_and_size_of_an_element_are_bounded_and_its_neighbours_are_read() {
        for piece in [1, 7, 4096, 1 << 20] {
            let (most, more) = (deep(NESTING_MAX), deep(NESTING_MAX + 1));
            let found = split(&format!("[{more},{most},{}]", deep(70_000)), &[piece]);
            let expected = vec![Err(NoReport::NestedTooDeeply), Ok(most.clone()), Err(NoReport::NestedTooDeeply)];
            assert_eq!(found, (expected, Ok(())));
            let (most, more) = (long(ELEMENT_BYTES_MAX), long(ELEMENT_BYTES_MAX + 1));
            let found = split(&format!("[{more},{most},{},{{}}]", long(300_000)), &[piece]);
            let expected =
                vec![Err(NoReport::TooLarge), Ok(most.clone()), Err(NoReport::TooLarge), Ok("{}".to_owned())];
            assert_eq!(found, (expected, Ok(())));
        }
    }

    #[test]
    fn one_object_is_checked_for_its_depth_alone() {
        assert_eq!(check_nesting(deep(NESTING_MAX).as_bytes()), Ok(()));
        assert_eq!(check_nesting(deep(NESTING_MAX + 1).as_bytes()), Err(NoReport::NestedTooDeeply));
        assert_eq!(check_nesting("{\"a\":".repeat(5_000).as_bytes()), Err(NoReport::NestedTooDeeply));
        assert_eq!(check_nesting(long(ELEMENT_BYTES_MAX + 1).as_bytes()), Ok(()));
        let both = format!("{{\"a\":\"{}\",\"b\":{}}}", "x".repeat(ELEMENT_BYTES_MAX), deep(NESTING_MAX));
        assert_eq!(check_nesting(both.as_bytes()), Err(NoReport::NestedTooDeeply));
    }

    /// An element as it is written, and what is to be found of it.
    fn element() -> impl Strategy<Value = (String, Result<(), NoReport>)> {
        let texts = prop::collection::vec(".{0,12}", 0..3);
        let object = texts.prop_map(|texts| (json!({"a": texts, "b": {"]": "}"}}).to_string(), Ok(())));
        let no_object = prop_oneof![
            "-?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,3})?".prop_map(|number| number),
            ".{0,12}".prop_map(|text| json!(text).to_string()),
            prop::collection::vec(".{0,8}", 0..4).prop_map(|texts| json!([texts, {"x": texts}]).to_string()),
            Just("true".to_owned()),
            Just("null".to_owned()),
        ];
        let broken = "[a-z0-9 :,]{0,20}".prop_map(|text| (format!("{{{text}}}"), Ok(())));
        prop_oneof![
            4 => object,
            2 => no_object.prop_map(|text| (text, Err(NoReport::Malformed))),
            1 => broken,
            1 => (NESTING_MAX + 1..60).prop_map(|depth| (deep(depth), Err(NoReport::NestedTooDeeply))),
            1 => (ELEMENT_BYTES_MAX + 1..2 * ELEMENT_BYTES_MAX).prop_map(|bytes| (long(bytes), Err(NoReport::TooLarge))),
        ]
    }

    proptest! {
        #[test]
        fn good_and_bad_elements_are_found_in_their_order_however_they_arrive(
            elements in prop::collection::vec(element(), 0..8),
            pieces in prop::collection::vec(prop_oneof![1_usize..40, 1_000..100_000_usize], 1..6),
            space in "[ \n\r\t]{0,2}",
        ) {
            let texts: Vec<&str> = elements.iter().map(|(text, _)| text.as_str()).collect();
            let text = format!("[{space}{}{space}]{space}", texts.join(&format!("{space},{space}")));
            let expected: Found =
                elements.iter().map(|(text, wrong)| wrong.map(|()| text.clone())).collect();
            prop_assert_eq!(split(&text, &pieces), (expected, Ok(())));
        }

        #[test]
        fn every_array_of_objects_is_split_as_a_parser_does(
            texts in prop::collection::vec(".{0,12}", 0..6),
            piece in 1_usize..40,
        ) {
            let elements: Vec<Value> = texts.iter().map(|text| json!({ text: [text, {"x": text}] })).collect();
            let text = serde_json::to_string(&elements).unwrap();
            let (found, ended) = split(&text, &[piece]);
            let found: Vec<Value> = found.into_iter().map(|element| serde_json::from_str(&element.unwrap()).unwrap()).collect();
            prop_assert_eq!((found, ended), (elements, Ok(())));
        }

        #[test]
        fn hostile_bytes_do_no_harm(bytes: Vec<u8>) {
            _ = Splitter::default().read(&bytes, |_| ());
            _ = check_nesting(&bytes);
        }
    }
}
