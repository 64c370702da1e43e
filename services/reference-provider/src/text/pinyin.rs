//! Pinyin for Chinese text. A reading is settled by the word where a list knows the word;
//! otherwise it is the character's most usual one, and the others are named beside it.

use pinyin::{ToPinyin, ToPinyinMulti};
use serde::{Deserialize, Serialize};

use super::words::is_han;
use super::{language, polyphones};
use crate::Refusal;

/// Vowels with their tones, after the plain letter they belong to.
const TONES: [(char, [char; 4]); 6] = [
    ('a', ['ā', 'á', 'ǎ', 'à']),
    ('e', ['ē', 'é', 'ě', 'è']),
    ('i', ['ī', 'í', 'ǐ', 'ì']),
    ('o', ['ō', 'ó', 'ǒ', 'ò']),
    ('u', ['ū', 'ú', 'ǔ', 'ù']),
    ('ü', ['ǖ', 'ǘ', 'ǚ', 'ǜ']),
];

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Style {
    #[default]
    ToneMarks,
    ToneNumbers,
    Plain,
}

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    #[serde(default)]
    style: Style,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// The text with each Chinese character replaced by its reading.
    text: String,
    syllables: Vec<Syllable>,
}

#[derive(Serialize)]
struct Syllable {
    character: char,
    position: usize,
    pinyin: String,
    /// Other readings; empty where the word or the character leaves no doubt.
    alternatives: Vec<String>,
}

/// Annotates each Chinese character with its reading.
pub(crate) fn annotate(input: Input<'_>) -> Result<Output, Refusal> {
    language::require_chinese(input.text)?;
    let mut text = Spaced::default();
    let mut syllables = Vec::new();
    for (position, read) in readings(input.text).into_iter().enumerate() {
        let Some(reading) = read.reading else {
            text.push_other(read.character);
            continue;
        };
        let pinyin = input.style.write(reading);
        text.push_syllable(&pinyin);
        let alternatives = read.alternatives.iter().map(|other| input.style.write(other)).collect();
        syllables.push(Syllable { character: read.character, position, pinyin, alternatives });
    }
    Ok(Output { text: text.text, syllables })
}

/// One character and how it is read, with tone marks; `None` for what has no reading.
pub(crate) struct Read {
    pub character: char,
    pub reading: Option<&'static str>,
    alternatives: Vec<&'static str>,
}

/// Reads each character of a text.
pub(crate) fn readings(text: &str) -> Vec<Read> {
    let mut read = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let known = polyphones::readings_at(rest).unwrap_or_default();
        let length = known.len().max(1);
        let word: Vec<char> = rest.chars().take(length).collect();
        rest = rest.get(word.iter().map(|c| c.len_utf8()).sum()..).unwrap_or_default();
        if known.is_empty() {
            read.push(read_alone(character));
        } else {
            read.extend(word.into_iter().zip(known).map(|(character, reading)| Read {
                character,
                reading: Some(reading),
                alternatives: Vec::new(),
            }));
        }
    }
    read
}

fn read_alone(character: char) -> Read {
    let reading = character.to_pinyin().filter(|_| is_han(character)).map(pinyin::Pinyin::with_tone);
    let all = character.to_pinyin_multi().into_iter().flatten().map(pinyin::Pinyin::with_tone);
    let alternatives = all.filter(|other| reading.is_some_and(|reading| *other != reading)).collect();
    Read { character, reading, alternatives }
}

impl Style {
    fn write(self, reading: &str) -> String {
        match self {
            Self::ToneMarks => reading.to_owned(),
            Self::ToneNumbers => format!("{}{}", without_tones(reading), tone(reading)),
            Self::Plain => without_tones(reading),
        }
    }
}

/// The reading in plain letters, ü kept.
pub(crate) fn without_tones(reading: &str) -> String {
    reading.chars().map(|marked| plain(marked).map_or(marked, |(plain, _)| plain)).collect()
}

/// The tone, 1 to 4; 5 for the neutral tone.
fn tone(reading: &str) -> usize {
    reading.chars().find_map(plain).map_or(5, |(_, tone)| tone)
}

fn plain(marked: char) -> Option<(char, usize)> {
    TONES.iter().find_map(|(plain, tones)| {
        let tone = tones.iter().position(|toned| *toned == marked)?;
        Some((*plain, tone + 1))
    })
}

/// Text in which syllables are set apart from each other and from letters by single spaces.
#[derive(Default)]
struct Spaced {
    text: String,
    after_syllable: bool,
}

impl Spaced {
    fn push_syllable(&mut self, syllable: &str) {
        if self.text.chars().next_back().is_some_and(char::is_alphanumeric) {
            self.text.push(' ');
        }
        self.text.push_str(syllable);
        self.after_syllable = true;
    }

    fn push_other(&mut self, character: char) {
        if self.after_syllable && character.is_alphanumeric() {
            self.text.push(' ');
        }
        self.text.push(character);
        self.after_syllable = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(text: &str, style: Style) -> String {
        annotate(Input { text, style }).unwrap().text
    }

    #[test]
    fn words_settle_readings() {
        assert_eq!(annotated("银行行长在重庆", Style::ToneMarks), "yín háng háng zhǎng zài chóng qìng");
        assert_eq!(annotated("音乐快乐", Style::ToneMarks), "yīn yuè kuài lè");
    }

    #[test]
    fn styles_write_tones_as_marks_numbers_or_not_at_all() {
        assert_eq!(annotated("绿色中国", Style::ToneMarks), "lǜ sè zhōng guó");
        assert_eq!(annotated("绿色中国", Style::ToneNumbers), "lü4 se4 zhong1 guo2");
        assert_eq!(annotated("绿色中国", Style::Plain), "lü se zhong guo");
    }

    #[test]
    fn what_is_not_chinese_stays_as_it_is() {
        assert_eq!(annotated("我有3个GPU。", Style::Plain), "wo you 3 ge GPU。");
    }

    #[test]
    fn a_doubtful_reading_names_its_alternatives() {
        let output = annotate(Input { text: "行", style: Style::Plain }).unwrap();
        assert!(output.syllables[0].alternatives.contains(&"hang".to_owned()));
        let output = annotate(Input { text: "银行", style: Style::Plain }).unwrap();
        assert!(output.syllables[1].alternatives.is_empty());
    }
}
