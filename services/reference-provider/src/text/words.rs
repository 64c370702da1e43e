//! Words, sentences and stop words, shared by the text capabilities.
//! The Chinese dictionary takes about 30 MiB, so it is loaded at its first use and only once.

use std::collections::HashSet;
use std::sync::LazyLock;

use jieba_rs::{Jieba, Token};

static CHINESE: LazyLock<Jieba> = LazyLock::new(Jieba::new);
static ENGLISH_STOP_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("stop_words_en.txt").split_whitespace().collect());
static CHINESE_STOP_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("stop_words_zh.txt").split_whitespace().collect());

/// Abbreviations whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 20] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "no", "fig", "inc", "ltd", "co", "corp", "e.g", "i.e",
    "etc", "cf", "al",
];

/// The Chinese dictionary.
pub(crate) fn chinese_dictionary() -> &'static Jieba {
    &CHINESE
}

/// Whether this is a Chinese character (unified ideographs and their extensions).
pub(crate) const fn is_han(character: char) -> bool {
    matches!(character,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}' | '〇')
}

/// Runs of Latin letters with inner apostrophes and hyphens.
pub(crate) fn english_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !is_english_word_part(character))
        .map(|word| word.trim_matches(['\'', '’', '-']))
        .filter(|word| !word.is_empty())
}

const fn is_english_word_part(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' | '\'' | '’' | '-')
}

/// Whether a lower-case English word carries grammar rather than meaning.
pub(crate) fn is_english_stop_word(word: &str) -> bool {
    ENGLISH_STOP_WORDS.contains(word)
}

/// Words that carry meaning, in lower case: Chinese cut by the dictionary, the rest at what is
/// neither letter nor digit.
pub(crate) fn content_words(text: &str) -> Vec<String> {
    meaningful(text, |text| CHINESE.cut(text, true))
}

/// Like [`content_words`], with the words inside long words too, so that both find each other.
pub(crate) fn search_words(text: &str) -> Vec<String> {
    meaningful(text, |text| CHINESE.cut_for_search(text, true))
}

/// The dictionary is not touched for text without Chinese characters.
fn meaningful<'a>(text: &'a str, cut: fn(&'a str) -> Vec<Token<'a>>) -> Vec<String> {
    let words: Vec<String> = if text.chars().any(is_han) {
        cut(text).iter().flat_map(|token| plain_words(token.word)).collect()
    } else {
        plain_words(text).collect()
    };
    words.into_iter().filter(|word| !is_stop_word(word)).collect()
}

fn plain_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Whether a lower-case word carries grammar rather than meaning, in either language.
pub(crate) fn is_stop_word(word: &str) -> bool {
    CHINESE_STOP_WORDS.contains(word) || is_english_stop_word(word)
}

/// Sentences with their end marks and closing quotes, without surrounding space.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let sentence = text.get(start..at).unwrap_or_default();
        let next = characters.peek().map(|&(_, next)| next);
        if !ends_sentence(character, sentence, next) {
            continue;
        }
        while characters.next_if(|&(_, next)| closes(next)).is_some() {}
        let end = characters.peek().map_or(text.len(), |&(end, _)| end);
        push_trimmed(&mut sentences, text.get(start..end));
        start = end;
    }
    push_trimmed(&mut sentences, text.get(start..));
    sentences
}

fn push_trimmed<'a>(sentences: &mut Vec<&'a str>, sentence: Option<&'a str>) {
    let sentence = sentence.unwrap_or_default().trim();
    if sentence.chars().any(char::is_alphanumeric) {
        sentences.push(sentence);
    }
}

fn ends_sentence(character: char, before: &str, next: Option<char>) -> bool {
    match character {
        '。' | '！' | '？' | '；' | '\n' => true,
        '!' | '?' => next.is_none_or(|next| next.is_whitespace() || closes(next)),
        '.' => next.is_none_or(|next| next.is_whitespace() || closes(next)) && !abbreviates(before),
        _ => false,
    }
}

const fn closes(character: char) -> bool {
    matches!(character, '”' | '’' | '」' | '』' | '）' | ')' | '"' | '\'' | '。' | '！' | '？' | '!' | '?')
}

fn abbreviates(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|character: char| !character.is_alphanumeric());
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    is_initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_decimals_do_not_end_a_sentence() {
        let text = "Dr. Smith paid 3.5 dollars. He left! \"Why?\" she asked.";
        assert_eq!(sentences(text), ["Dr. Smith paid 3.5 dollars.", "He left!", "\"Why?\"", "she asked."]);
    }

    #[test]
    fn chinese_sentences_keep_their_marks_and_closing_quotes() {
        let text = "他说：“好。”我们走吧！去哪里？";
        assert_eq!(sentences(text), ["他说：“好。”", "我们走吧！", "去哪里？"]);
    }

    #[test]
    fn content_words_drop_stop_words_and_punctuation() {
        assert_eq!(content_words("The cat, and the Dog."), ["cat", "dog"]);
        assert_eq!(content_words("我们的平台和模型。"), ["平台", "模型"]);
    }
}
