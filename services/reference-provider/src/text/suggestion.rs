//! Suggestions for a search query from the caller's own vocabulary: completion, spelling, pinyin.
//! Nothing is suggested that the vocabulary does not hold.

use serde::{Deserialize, Serialize};

use super::pinyin::{readings, without_tones};
use super::similarity::fold;
use crate::Refusal;
use crate::numbers::round6;

/// Likeness below which a word is not a misspelling but another word.
const SPELLING_MIN: f64 = 0.6;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    query: &'a str,
    #[serde(borrow)]
    vocabulary: Vec<Entry<'a>>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    text: &'a str,
    #[serde(default)]
    weight: f64,
}

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    suggestions: Vec<Suggestion<'a>>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    text: &'a str,
    score: f64,
    reason: Reason,
}

/// Why an entry is suggested, the stronger reason first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Completion,
    Pinyin,
    Spelling,
}

/// Suggests entries, by strength of the reason, then likeness, then the caller's weight.
pub(crate) fn suggest(input: Input<'_>) -> Result<Output<'_>, Refusal> {
    let query = fold(input.query);
    let query_pinyin = pinyin_of(&query);
    let mut found: Vec<(Suggestion<'_>, f64)> = Vec::new();
    for entry in input.vocabulary {
        if let Some((reason, likeness)) = reason(&query, &query_pinyin, &fold(entry.text)) {
            let suggestion = Suggestion { text: entry.text, score: round6(likeness), reason };
            found.push((suggestion, entry.weight));
        }
    }
    found.sort_by(|(a, a_weight), (b, b_weight)| {
        let by_reason = a.reason.cmp(&b.reason);
        by_reason.then(b_weight.total_cmp(a_weight)).then(b.score.total_cmp(&a.score)).then(a.text.cmp(b.text))
    });
    found.truncate(input.limit.unwrap_or(10));
    Ok(Output { suggestions: found.into_iter().map(|(suggestion, _)| suggestion).collect() })
}

fn reason(query: &str, query_pinyin: &str, entry: &str) -> Option<(Reason, f64)> {
    if query.is_empty() {
        return None;
    }
    let share = query.chars().count() as f64 / entry.chars().count().max(1) as f64;
    if entry.starts_with(query) {
        return Some((Reason::Completion, share.min(1.0)));
    }
    let entry_pinyin = pinyin_of(entry);
    if entry_pinyin != entry && entry_pinyin.starts_with(query_pinyin) {
        let share = query_pinyin.chars().count() as f64 / entry_pinyin.chars().count().max(1) as f64;
        return Some((Reason::Pinyin, share.min(1.0)));
    }
    let likeness = strsim::normalized_damerau_levenshtein(query, entry);
    (likeness >= SPELLING_MIN).then_some((Reason::Spelling, likeness))
}

/// The text with each Chinese character as its plain reading, without spaces.
fn pinyin_of(text: &str) -> String {
    let letters = |read: super::pinyin::Read| read.reading.map_or_else(|| read.character.to_string(), without_tones);
    readings(text).into_iter().map(letters).filter(|letters| letters != " ").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggested(query: &str) -> Vec<&'static str> {
        let entry = |text| Entry { text, weight: 1.0 };
        let vocabulary = ["重庆火锅", "重要文件", "machine learning", "machine translation"];
        let vocabulary = vocabulary.into_iter().map(entry).collect();
        let found: Vec<String> = suggest(Input { query, vocabulary, limit: None })
            .unwrap()
            .suggestions
            .into_iter()
            .map(|suggestion| suggestion.text.to_owned())
            .collect();
        ["重庆火锅", "重要文件", "machine learning", "machine translation"]
            .into_iter()
            .filter(|text| found.iter().any(|found| found == text))
            .collect()
    }

    #[test]
    fn a_beginning_is_completed() {
        assert_eq!(suggested("machine t"), ["machine translation"]);
    }

    #[test]
    fn pinyin_finds_chinese_by_the_word_s_own_reading() {
        assert_eq!(suggested("chongqing"), ["重庆火锅"]);
    }

    #[test]
    fn a_misspelling_is_corrected_and_another_word_is_not() {
        assert_eq!(suggested("machne lerning"), ["machine learning"]);
        assert!(suggested("gardening").is_empty());
    }
}
