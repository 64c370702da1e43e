//! Text for and from the full-text index, in Chinese and English.
//!
//! English goes through SQLite's `porter unicode61` tokenizer. Han text has no spaces, so it is cut here: into single
//! characters and overlapping pairs when indexed, into pairs when asked for, as Lucene's CJK analyzer does, and
//! traditional characters are folded to simplified ones. What a caller types becomes quoted terms only, so none of it
//! can be an operator of the query language.

use std::collections::HashMap;
use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// Characters of a query that are looked at; the rest is ignored.
const QUERY_CHARACTERS_MAX: usize = 200;
/// Terms of a query; the rest is ignored.
const TERMS_MAX: usize = 16;
/// Characters a word needs to stand for all words that begin with it.
const PREFIX_CHARACTERS_MIN: usize = 3;
/// A private-use character, which no indexed text holds: what a search without letters or digits finds.
const NOTHING: &str = "\u{e000}";

#[derive(Debug, PartialEq, Eq)]
enum Run {
    Han(Vec<char>),
    Word(String),
}

/// Prepares a text for the index.
pub(crate) fn indexed(text: &str) -> String {
    let terms = runs(text.chars()).into_iter().flat_map(|run| match run {
        Run::Word(word) => vec![word],
        Run::Han(characters) => singles_and_pairs(&characters),
    });
    terms.collect::<Vec<_>>().join(" ")
}

/// The `MATCH` expression for a search; `None` without a search or for a blank one, which finds everything.
pub(crate) fn term(sought: Option<&str>) -> Option<String> {
    let text = sought.filter(|text| !text.trim().is_empty())?;
    Some(expression(text).unwrap_or_else(|| quoted(NOTHING)))
}

/// The `MATCH` expression for the index of names, which is not stemmed: every word may be unfinished, whatever its
/// length. `None` where nothing in the text can be searched for.
pub(crate) fn typed(text: &str) -> Option<String> {
    let runs = runs(text.chars().take(QUERY_CHARACTERS_MAX));
    let terms = runs.iter().flat_map(|run| match run {
        Run::Word(word) => vec![format!("{}*", quoted(word))],
        Run::Han(characters) => pairs(characters).iter().map(|pair| quoted(pair)).collect(),
    });
    let terms: Vec<String> = terms.take(TERMS_MAX).collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

/// The expression for what a caller typed: every term must occur; the last word may be unfinished.
/// `None` where nothing in it can be searched for.
fn expression(query: &str) -> Option<String> {
    let runs = runs(query.chars().take(QUERY_CHARACTERS_MAX));
    let last = runs.len().saturating_sub(1);
    let terms = runs.iter().enumerate().flat_map(|(index, run)| match run {
        Run::Word(word) => vec![word_term(word, index == last)],
        Run::Han(characters) => pairs(characters).iter().map(|pair| quoted(pair)).collect(),
    });
    let terms: Vec<String> = terms.take(TERMS_MAX).collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

fn word_term(word: &str, last: bool) -> String {
    let prefix = last && word.chars().count() >= PREFIX_CHARACTERS_MIN;
    if prefix { format!("{}*", quoted(word)) } else { quoted(word) }
}

/// Words hold letters and digits only, so there is no quote to escape.
fn quoted(term: &str) -> String {
    format!("\"{term}\"")
}

fn runs(characters: impl Iterator<Item = char>) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut open = false;
    for character in characters.map(half_width).map(simplified) {
        let continued = open && extend(&mut runs, character);
        if !continued {
            open = start(&mut runs, character);
        }
    }
    runs
}

/// Adds to the last run; `false` where the character is of another sort.
fn extend(runs: &mut [Run], character: char) -> bool {
    match runs.last_mut() {
        Some(Run::Han(han)) if is_han(character) => han.push(character),
        Some(Run::Word(word)) if is_word(character) => word.push(character),
        Some(Run::Han(_) | Run::Word(_)) | None => return false,
    }
    true
}

/// Starts a run; `false` where the character belongs to none.
fn start(runs: &mut Vec<Run>, character: char) -> bool {
    if is_han(character) {
        runs.push(Run::Han(vec![character]));
    } else if is_word(character) {
        runs.push(Run::Word(character.to_string()));
    } else {
        return false;
    }
    true
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() && !is_han(character)
}

/// Han and kana: the scripts written without spaces (Unicode blocks).
fn is_han(character: char) -> bool {
    matches!(character,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Folds the full-width forms of ASCII, U+FF01 to U+FF5E.
fn half_width(character: char) -> char {
    match u32::from(character) {
        code @ 0xff01..=0xff5e => code.checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(character),
        _ => character,
    }
}

/// Folds a traditional character to its simplified form, character by character: a phrase would fold differently in an
/// index than in the middle of a query.
fn simplified(character: char) -> char {
    static FOLDED: OnceLock<HashMap<char, char>> = OnceLock::new();
    if !is_han(character) {
        return character;
    }
    FOLDED.get_or_init(folded).get(&character).copied().unwrap_or(character)
}

/// The characters that `OpenCC` simplifies, of the blocks that people type.
fn folded() -> HashMap<char, char> {
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else {
        tracing::warn!("no tables to fold traditional Chinese: it is found as it is written only");
        return HashMap::new();
    };
    let han = ('\u{3400}'..='\u{4dbf}').chain('\u{4e00}'..='\u{9fff}');
    let fold = |character: char| {
        let simple = converter.convert(character.encode_utf8(&mut [0; 4]));
        simple.chars().next().filter(|simple| *simple != character).map(|simple| (character, simple))
    };
    han.filter_map(fold).collect()
}

fn singles_and_pairs(characters: &[char]) -> Vec<String> {
    let singles = characters.iter().map(char::to_string);
    singles.chain(characters.windows(2).map(String::from_iter)).collect()
}

fn pairs(characters: &[char]) -> Vec<String> {
    if characters.len() == 1 {
        return vec![String::from_iter(characters)];
    }
    characters.windows(2).map(String::from_iter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_text_is_cut_into_characters_and_pairs() {
        assert_eq!(indexed("自然语言, NLP！"), "自 然 语 言 自然 然语 语言 NLP");
    }

    #[test]
    fn a_query_asks_for_pairs_and_an_open_last_word() {
        assert_eq!(expression("中文分词 segm").as_deref(), Some("\"中文\" \"文分\" \"分词\" \"segm\"*"));
        assert_eq!(expression("词").as_deref(), Some("\"词\""));
        assert_eq!(expression("ＯＣＲ").as_deref(), Some("\"OCR\"*"));
    }

    #[test]
    fn traditional_characters_are_folded() {
        assert_eq!(indexed("發票識別"), indexed("发票识别"));
        assert_eq!(expression("發票"), expression("发票"));
        assert_eq!(indexed("分词"), "分 词 分词");
    }

    #[test]
    fn every_word_typed_may_be_unfinished() {
        assert_eq!(typed("chin s").as_deref(), Some("\"chin\"* \"s\"*"));
        assert_eq!(typed("中文分").as_deref(), Some("\"中文\" \"文分\""));
        assert_eq!(typed("\"*("), None);
    }

    #[test]
    fn operators_and_quotes_are_text_or_nothing() {
        assert_eq!(expression("\" OR * NEAR(").as_deref(), Some("\"OR\" \"NEAR\"*"));
        assert_eq!(expression("(((***\"\"\"---"), None);
        assert_eq!(expression(" \0 "), None);
    }

    #[test]
    fn a_long_query_is_cut() {
        let expression = expression(&"字".repeat(10_000)).unwrap();
        assert_eq!(expression.split(' ').count(), TERMS_MAX);
    }
}
