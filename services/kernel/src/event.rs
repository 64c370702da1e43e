//! Streams, revisions, positions, and an event as it stands in the log.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of a stream: `<category>-<key>`.
///
/// Bounds: category `[a-z]+`, key 1 to 120 characters of `[A-Za-z0-9_.:-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamName(String);

/// Why a text is not a stream name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stream name is `<category>-<key>`, category [a-z]+, key 1 to 120 of [A-Za-z0-9_.:-]")]
pub struct InvalidStreamName;

const KEY_LENGTH_MAX: usize = 120;

impl StreamName {
    /// Names the stream `key` of `category`.
    pub fn new(category: &str, key: &str) -> Result<Self, InvalidStreamName> {
        let category_ok = !category.is_empty() && category.bytes().all(|b| b.is_ascii_lowercase());
        let key_ok = (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(is_key_byte);
        if category_ok && key_ok { Ok(Self(format!("{category}-{key}"))) } else { Err(InvalidStreamName) }
    }

    /// Names the stream of an entity; ids and slugs are always valid keys.
    pub fn of<K: StreamKey>(key: &K) -> Self {
        Self(format!("{}-{}", K::CATEGORY, key.key()))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first `-`.
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or(self.0.as_str(), |(category, _)| category)
    }

    /// The part after the first `-`.
    pub fn key(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, key)| key)
    }
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-')
}

impl fmt::Display for StreamName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for StreamName {
    type Error = InvalidStreamName;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (category, key) = text.split_once('-').ok_or(InvalidStreamName)?;
        Self::new(category, key)
    }
}

impl From<StreamName> for String {
    fn from(name: StreamName) -> Self {
        name.0
    }
}

/// Something that names a stream of its own.
pub trait StreamKey {
    /// The stream's category, `[a-z]+`.
    const CATEGORY: &'static str;
    /// The key within the category.
    fn key(&self) -> String;
}

/// The index of an event in its stream: 0-based, gapless, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision(pub u64);

/// The place of an event in the whole log: increasing, not necessarily gapless. Belongs to one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Who and what led to an event. Ids only: nothing personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Shared by everything that follows from one request.
    pub correlation: Uuid,
    /// The id of the request or of the event that caused this one.
    pub cause: Uuid,
    /// The acting member or API key (`mem_…`, `key_…`), or `platform`.
    pub actor: String,
}

/// A decoded event with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<E> {
    /// Derived from the cause and the ordinal, so that a retry is recognised.
    pub id: Uuid,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Its index in the stream.
    pub revision: Revision,
    /// Its place in the log.
    pub position: Position,
    /// The instant of the decision (the context's `now`), UTC.
    pub occurred_at: Timestamp,
    /// Who and what led to it.
    pub provenance: Provenance,
    /// The fact.
    pub event: E,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_splits_at_its_first_dash() {
        let name = StreamName::new("usage", "node-1-7").unwrap();
        assert_eq!((name.category(), name.key()), ("usage", "node-1-7"));
    }

    #[test]
    fn hostile_names_are_refused() {
        for (category, key) in [("", "a"), ("Usage", "a"), ("usage", ""), ("usage", "a b"), ("usage", "é")] {
            assert_eq!(StreamName::new(category, key), Err(InvalidStreamName), "{category}-{key}");
        }
        assert!(StreamName::new("usage", &"k".repeat(121)).is_err());
    }
}
