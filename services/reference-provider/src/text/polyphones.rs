//! Words that settle the reading of a character with several readings: 行 in 银行 is háng.
//! The list is our own; its readings follow the standard of 现代汉语词典.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest word in the list, in characters.
const WORD_LENGTH_MAX: usize = 4;

static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> =
    LazyLock::new(|| include_str!("polyphones.txt").lines().filter_map(entry).collect());

fn entry(line: &'static str) -> Option<(&'static str, Vec<&'static str>)> {
    let (word, readings) = line.split_once(' ')?;
    Some((word, readings.split(' ').collect()))
}

/// The readings of the longest listed word that `text` starts with, one for each character.
pub(crate) fn readings_at(text: &str) -> Option<&'static [&'static str]> {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let mut ends: Vec<usize> = ends.take(WORD_LENGTH_MAX).collect();
    ends.reverse();
    let listed = |end: usize| WORDS.get(text.get(..end)?).map(Vec::as_slice);
    ends.into_iter().find_map(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_reading_for_each_character() {
        for (word, readings) in WORDS.iter() {
            assert_eq!(word.chars().count(), readings.len(), "{word}");
            assert!(word.chars().count() <= WORD_LENGTH_MAX, "{word}");
        }
    }

    #[test]
    fn every_reading_is_one_that_its_character_has() {
        use pinyin::ToPinyinMulti;
        for (word, readings) in WORDS.iter() {
            for (character, reading) in word.chars().zip(readings) {
                let known = character.to_pinyin_multi().unwrap();
                let plain = super::super::pinyin::without_tones;
                let matches = known.into_iter().any(|known| plain(known.with_tone()) == plain(reading));
                assert!(matches, "{word} {reading}");
            }
        }
    }
}
