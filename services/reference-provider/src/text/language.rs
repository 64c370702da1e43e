//! Which language a text is in: the capability itself, and the gate before every capability that
//! covers only Chinese or only English.

use serde::{Deserialize, Serialize};
use whatlang::{Lang, Script};

use super::words::{self, is_han};
use crate::numbers::round6;
use crate::{Code, Refusal};

/// The share of English function words that makes a short text English.
const FUNCTION_WORD_SHARE_MIN: f64 = 0.2;

/// The languages that text capabilities work in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Language {
    #[serde(rename = "zh")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// ISO 639-3.
    language: &'static str,
    name: &'static str,
    script: String,
    confidence: f64,
    reliable: bool,
}

/// Identifies the language by letter trigrams.
pub(crate) fn identify(input: Input<'_>) -> Result<Output, Refusal> {
    let info = whatlang::detect(input.text).ok_or_else(undetermined)?;
    Ok(Output {
        language: info.lang().code(),
        name: info.lang().eng_name(),
        script: script_name(info.script()),
        confidence: round6(info.confidence()),
        reliable: info.is_reliable(),
    })
}

/// The model calls the script of Chinese by the language's name.
fn script_name(script: Script) -> String {
    match script {
        Script::Mandarin => "Han".to_owned(),
        _ => script.name().to_owned(),
    }
}

/// Tells Chinese from English and refuses the rest. A caller's own statement settles what the
/// script leaves open, never against the script.
pub(crate) fn chinese_or_english(text: &str, stated: Option<Language>) -> Result<Language, Refusal> {
    let letters = Letters::count(text);
    if letters.are_chinese() && stated != Some(Language::English) {
        return Ok(Language::Chinese);
    }
    if stated == Some(Language::Chinese) {
        return Err(unsupported("The text is not Chinese."));
    }
    english(text, &letters, stated).map(|()| Language::English)
}

/// Refuses text that is not English.
pub(crate) fn require_english(text: &str, stated: Option<Language>) -> Result<(), Refusal> {
    english(text, &Letters::count(text), stated)
}

/// Refuses text without Chinese characters, and Japanese and Korean text.
pub(crate) fn require_chinese(text: &str) -> Result<(), Refusal> {
    let letters = Letters::count(text);
    if letters.han == 0 || letters.kana + letters.hangul > letters.han / 10 {
        return Err(unsupported("Only Chinese text is answered."));
    }
    Ok(())
}

fn english(text: &str, letters: &Letters, stated: Option<Language>) -> Result<(), Refusal> {
    if letters.total() == 0 {
        return Err(undetermined());
    }
    if letters.latin * 5 < letters.total() * 4 {
        return Err(unsupported("The text is not English."));
    }
    if stated == Some(Language::English) || function_word_share(text) >= FUNCTION_WORD_SHARE_MIN {
        return Ok(());
    }
    match whatlang::detect(text) {
        Some(info) if info.lang() == Lang::Eng => Ok(()),
        Some(info) if info.is_reliable() => Err(unsupported("The text is not English.")),
        _ => Err(undetermined()),
    }
}

fn function_word_share(text: &str) -> f64 {
    let (mut all, mut function) = (0_u32, 0_u32);
    for word in words::english_words(text) {
        all += 1;
        function += u32::from(words::is_english_stop_word(&word.to_lowercase()));
    }
    if all == 0 { 0.0 } else { f64::from(function) / f64::from(all) }
}

fn unsupported(message: &str) -> Refusal {
    Refusal::new(Code::UnsupportedLanguage, message).at("/text")
}

fn undetermined() -> Refusal {
    let message = "The language cannot be told from this text; a longer text, or `language` where \
                   the contract has it, helps.";
    Refusal::new(Code::LanguageUndetermined, message).at("/text")
}

#[derive(Default)]
struct Letters {
    han: usize,
    kana: usize,
    hangul: usize,
    latin: usize,
    other: usize,
}

impl Letters {
    fn count(text: &str) -> Self {
        let mut letters = Self::default();
        for character in text.chars().filter(|character| character.is_alphabetic()) {
            *letters.of_script(character) += 1;
        }
        letters
    }

    fn of_script(&mut self, character: char) -> &mut usize {
        match character {
            _ if is_han(character) => &mut self.han,
            '\u{3040}'..='\u{30FF}' => &mut self.kana,
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => &mut self.hangul,
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' => &mut self.latin,
            _ => &mut self.other,
        }
    }

    const fn total(&self) -> usize {
        self.han + self.kana + self.hangul + self.latin + self.other
    }

    /// A Chinese text may name things in Latin letters; one Chinese character says as much as
    /// about three letters.
    const fn are_chinese(&self) -> bool {
        self.han > 0 && self.kana + self.hangul <= self.han / 10 && self.han * 3 >= self.latin + self.other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language_of(text: &str) -> Result<Language, Code> {
        chinese_or_english(text, None).map_err(|refusal| refusal.code)
    }

    #[test]
    fn chinese_and_english_are_told_apart() {
        assert_eq!(language_of("人工智能基础设施"), Ok(Language::Chinese));
        assert_eq!(language_of("使用TensorFlow和PyTorch训练模型"), Ok(Language::Chinese));
        assert_eq!(language_of("I love this!"), Ok(Language::English));
    }

    #[test]
    fn other_languages_are_refused() {
        let german = "Der schnelle braune Fuchs springt über den faulen Hund und läuft davon.";
        assert_eq!(language_of(german), Err(Code::UnsupportedLanguage));
        assert_eq!(language_of("これは日本語の文章です"), Err(Code::UnsupportedLanguage));
        assert_eq!(language_of("Это русский текст"), Err(Code::UnsupportedLanguage));
        assert_eq!(language_of("12345 !!"), Err(Code::LanguageUndetermined));
    }

    #[test]
    fn a_stated_language_does_not_overrule_the_script() {
        assert!(chinese_or_english("人工智能", Some(Language::English)).is_err());
        assert!(chinese_or_english("artificial", Some(Language::Chinese)).is_err());
    }
}
