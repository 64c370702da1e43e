//! Text in Chinese, English or both.

use serde::{Deserialize, Serialize};

/// The platform's two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Chinese, simplified.
    Zh,
}

/// A text with at least one language present.
///
/// Bounds are the caller's: see [`Localized::new`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Localized {
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
}

/// Why texts do not make a localized text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Both languages are missing or blank.
    #[error("the text is needed in at least one language")]
    Empty,
    /// More characters than allowed.
    #[error("the text is longer than {max} characters")]
    TooLong {
        /// The bound, in characters.
        max: usize,
    },
    /// Control or direction-override characters, which can make a text lie about itself.
    #[error("the text holds control or direction-override characters")]
    Control,
}

impl Localized {
    /// Trims and checks both texts: at least one present, at most `max` characters each, no control characters
    /// but line breaks and tabs, no direction overrides (Unicode TR #36).
    pub fn new(en: Option<&str>, zh: Option<&str>, max: usize) -> Result<Self, InvalidText> {
        let text = Self { en: clean(en, max)?, zh: clean(zh, max)? };
        if text.en.is_none() && text.zh.is_none() { Err(InvalidText::Empty) } else { Ok(text) }
    }

    /// The text in `language`, or in the other one where it is missing.
    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::En => (&self.en, &self.zh),
            Language::Zh => (&self.zh, &self.en),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }
}

/// Trims and checks one optional text; blank counts as absent.
fn clean(text: Option<&str>, max: usize) -> Result<Option<String>, InvalidText> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => bounded(text, max).map(Some),
    }
}

/// Checks one required text: 1 to `max` characters after trimming, no control or direction-override characters.
pub fn required(text: &str, max: usize) -> Result<String, InvalidText> {
    clean(Some(text), max)?.ok_or(InvalidText::Empty)
}

fn bounded(text: &str, max: usize) -> Result<String, InvalidText> {
    if text.chars().count() > max {
        return Err(InvalidText::TooLong { max });
    }
    if text.chars().any(misleads) {
        return Err(InvalidText::Control);
    }
    Ok(text.to_owned())
}

fn misleads(character: char) -> bool {
    let control = character.is_control() && !matches!(character, '\n' | '\t');
    control || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_falls_back_to_the_other() {
        let text = Localized::new(None, Some("分词"), 10).unwrap();
        assert_eq!(text.get(Language::En), "分词");
    }

    #[test]
    fn hostile_texts_are_refused() {
        assert_eq!(Localized::new(Some("  "), None, 10), Err(InvalidText::Empty));
        assert_eq!(Localized::new(Some("12345"), None, 4), Err(InvalidText::TooLong { max: 4 }));
        assert_eq!(Localized::new(Some("a\u{202e}b"), None, 10), Err(InvalidText::Control));
        assert_eq!(required("a\0b", 10), Err(InvalidText::Control));
    }
}
