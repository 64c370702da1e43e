//! Slugs: names fit for addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::StreamKey;

/// A name of 2 to 64 characters, `[a-z0-9]` and single inner dashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug is 2 to 64 characters of a-z, 0-9 and single dashes between them")]
pub struct InvalidSlug;

impl Slug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;
    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let dashes = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
        let length = (2..=64).contains(&text.len());
        if letters && dashes && length { Ok(Self(text.to_owned())) } else { Err(InvalidSlug) }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;
    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A capability's slug names its stream.
impl StreamKey for Slug {
    const CATEGORY: &'static str = "capability";
    fn key(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_slugs() {
        for text in ["ok", "a1-b2", "chinese-word-segmentation"] {
            assert!(text.parse::<Slug>().is_ok(), "{text}");
        }
        for text in ["", "a", "-ab", "ab-", "a--b", "A-b", "中文", "a b", &"x".repeat(65)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
