//! Chinese names of people and places in Latin letters.
//! Sources: GB/T 28039-2011 for people (ü as YU, given name in one word, apostrophe before a vowel)
//! and GB/T 16159-2012 for writing words together. Other directions are refused.

use serde::{Deserialize, Serialize};

use super::pinyin::{readings, without_tones};
use super::words::is_han;
use crate::{Code, Refusal};

/// Surnames of two characters, and their reading where a character has several.
const COMPOUND_SURNAMES: [(&str, &str); 24] = [
    ("欧阳", "ouyang"),
    ("司马", "sima"),
    ("上官", "shangguan"),
    ("诸葛", "zhuge"),
    ("东方", "dongfang"),
    ("皇甫", "huangfu"),
    ("尉迟", "yuchi"),
    ("公孙", "gongsun"),
    ("慕容", "murong"),
    ("长孙", "zhangsun"),
    ("宇文", "yuwen"),
    ("司徒", "situ"),
    ("夏侯", "xiahou"),
    ("令狐", "linghu"),
    ("独孤", "dugu"),
    ("端木", "duanmu"),
    ("南宫", "nangong"),
    ("万俟", "moqi"),
    ("澹台", "tantai"),
    ("申屠", "shentu"),
    ("百里", "baili"),
    ("呼延", "huyan"),
    ("司空", "sikong"),
    ("闻人", "wenren"),
];
/// Surnames read otherwise than the same character elsewhere.
const SURNAMES: [(char, &str); 20] = [
    ('单', "shan"),
    ('解', "xie"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('查', "zha"),
    ('任', "ren"),
    ('区', "ou"),
    ('翟', "zhai"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('尉', "wei"),
    ('缪', "miao"),
    ('折', "she"),
    ('繁', "po"),
    ('员', "yun"),
    ('乐', "yue"),
    ('覃', "qin"),
    ('种', "chong"),
    ('秘', "bi"),
    ('召', "shao"),
];

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Person,
    Place,
}

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    name: &'a str,
    kind: Kind,
}

#[derive(Serialize)]
pub(crate) struct Output {
    text: String,
    /// The parts of the name, in order: surname and given name, or the one word of a place.
    parts: Vec<String>,
    standard: &'static str,
}

/// Writes a Chinese name in pinyin without tones, as passports and maps do.
pub(crate) fn transliterate(input: Input<'_>) -> Result<Output, Refusal> {
    if !input.name.chars().all(is_han) {
        let message = "Only names wholly in Chinese characters are transliterated.";
        return Err(Refusal::new(Code::UnsupportedLanguage, message).at("/name"));
    }
    let (parts, standard) = match input.kind {
        Kind::Person => (person(input.name)?, "GB/T 28039-2011"),
        Kind::Place => (vec![word(&syllables(input.name, false)?)], "GB/T 16159-2012"),
    };
    Ok(Output { text: parts.join(" "), parts, standard })
}

fn person(name: &str) -> Result<Vec<String>, Refusal> {
    let compound = COMPOUND_SURNAMES.iter().find_map(|(surname, reading)| {
        let given = name.strip_prefix(surname).filter(|given| !given.is_empty())?;
        Some(((*reading).to_owned(), given))
    });
    let (surname, given) = match compound {
        Some(found) => found,
        None => single_surname(name)?,
    };
    let mut parts = vec![capitalised(&surname)];
    if !given.is_empty() {
        parts.push(word(&syllables(given, true)?));
    }
    Ok(parts)
}

fn single_surname(name: &str) -> Result<(String, &str), Refusal> {
    let mut characters = name.chars();
    let first = characters.next().ok_or_else(unreadable)?;
    let special = SURNAMES.iter().find(|(surname, _)| *surname == first);
    let surname = match special {
        Some((_, reading)) => (*reading).to_owned(),
        None => syllables(&first.to_string(), true)?.concat(),
    };
    Ok((surname, characters.as_str()))
}

/// Syllables without tones; ü is `yu` in people's names and `ü` (as maps print it) in places.
fn syllables(text: &str, of_person: bool) -> Result<Vec<String>, Refusal> {
    let plain = |reading: &str| {
        let plain = without_tones(reading);
        if of_person { plain.replace('ü', "yu") } else { plain }
    };
    let read = readings(text).into_iter();
    read.map(|read| read.reading.map(plain).ok_or_else(unreadable)).collect()
}

/// One capitalised word; an apostrophe sets off a later syllable that starts with a, o or e.
fn word(syllables: &[String]) -> String {
    let mut word = String::new();
    for syllable in syllables {
        if !word.is_empty() && syllable.starts_with(['a', 'o', 'e']) {
            word.push('\'');
        }
        word.push_str(syllable);
    }
    capitalised(&word)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn unreadable() -> Refusal {
    Refusal::new(Code::UnsupportedLanguage, "A character of the name has no known reading.").at("/name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person_name(name: &str) -> String {
        transliterate(Input { name, kind: Kind::Person }).unwrap().text
    }

    fn place_name(name: &str) -> String {
        transliterate(Input { name, kind: Kind::Place }).unwrap().text
    }

    #[test]
    fn people_are_written_as_in_passports() {
        assert_eq!(person_name("李华"), "Li Hua");
        assert_eq!(person_name("欧阳文"), "Ouyang Wen");
        assert_eq!(person_name("吕布"), "Lyu Bu");
        assert_eq!(person_name("单田芳"), "Shan Tianfang");
        assert_eq!(person_name("诸葛亮"), "Zhuge Liang");
    }

    #[test]
    fn places_are_written_as_on_maps() {
        assert_eq!(place_name("西安"), "Xi'an");
        assert_eq!(place_name("重庆"), "Chongqing");
        assert_eq!(place_name("厦门"), "Xiamen");
        assert_eq!(place_name("六安"), "Lu'an");
    }

    #[test]
    fn a_latin_name_is_refused() {
        assert!(transliterate(Input { name: "Turing", kind: Kind::Person }).is_err());
    }
}
