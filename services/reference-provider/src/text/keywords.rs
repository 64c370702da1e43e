//! Keyword extraction: `TextRank` for Chinese, RAKE for English.
//! Sources: Mihalcea and Tarau, *`TextRank`*, 2004; Rose et al., *Automatic Keyword Extraction from
//! Individual Documents*, 2010.

use std::collections::{BTreeMap, HashMap};

use jieba_rs::Tag;
use serde::{Deserialize, Serialize};

use super::language::{self, Language};
use super::rank::rank;
use super::words;
use crate::Refusal;
use crate::numbers::round6;

/// Parts of speech that name things and deeds.
const CHINESE_PARTS_OF_SPEECH: [&str; 11] = ["n", "nr", "ns", "nt", "nz", "nrt", "vn", "v", "l", "j", "eng"];
/// Words that count as near each other: this many in a row.
const SPAN: usize = 5;
/// Words in one English phrase; longer runs are lists or noise.
const PHRASE_WORDS_MAX: usize = 4;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    limit: Option<usize>,
    language: Option<Language>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    language: Language,
    keywords: Vec<Keyword>,
}

#[derive(Serialize)]
struct Keyword {
    text: String,
    score: f64,
}

/// Extracts the most telling words (Chinese) or phrases (English), best first.
pub(crate) fn extract(input: Input<'_>) -> Result<Output, Refusal> {
    let language = language::chinese_or_english(input.text, input.language)?;
    let limit = input.limit.unwrap_or(10);
    let mut keywords = match language {
        Language::Chinese => chinese(input.text),
        Language::English => english(input.text),
    };
    keywords.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
    keywords.truncate(limit);
    Ok(Output { language, keywords })
}

/// `TextRank` over words that follow each other closely; scores are relative to the best word's.
fn chinese(text: &str) -> Vec<Keyword> {
    let tags = words::chinese_dictionary().tag(text, true);
    let kept: Vec<&str> = tags.iter().filter(|tag| is_telling(tag)).map(|tag| tag.word).collect();
    let mut distinct = kept.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let position = |word: &str| distinct.binary_search(&word).unwrap_or_default();
    let mut weights: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for near in (0..kept.len()).filter_map(|at| kept.get(at..(at + SPAN).min(kept.len()))) {
        let first = near.first().map(|word| position(word)).unwrap_or_default();
        for other in near.iter().skip(1).map(|word| position(word)).filter(|other| *other != first) {
            *weights.entry((first, other)).or_default() += 1.0;
            *weights.entry((other, first)).or_default() += 1.0;
        }
    }
    let mut neighbours = vec![Vec::new(); distinct.len()];
    for ((from, to), weight) in weights {
        neighbours.get_mut(from).into_iter().for_each(|links| links.push((to, weight)));
    }
    let scores = rank(&neighbours);
    let best = scores.iter().copied().fold(0.0, f64::max);
    let keyword = |(word, score): (&str, f64)| Keyword { text: word.to_owned(), score: round6(score / best) };
    distinct.into_iter().zip(scores).map(keyword).collect()
}

/// Words of two characters or more that name things and deeds and are not stop words.
fn is_telling(tag: &Tag<'_>) -> bool {
    CHINESE_PARTS_OF_SPEECH.contains(&tag.tag)
        && tag.word.chars().count() >= 2
        && !words::is_stop_word(&tag.word.to_lowercase())
}

/// RAKE: phrases between stop words and punctuation; a word scores degree / frequency, a phrase
/// the sum of its words.
fn english(text: &str) -> Vec<Keyword> {
    let phrases = phrases(text);
    let mut counts: HashMap<&str, (f64, f64)> = HashMap::new();
    for phrase in &phrases {
        for word in phrase {
            let (frequency, degree) = counts.entry(word).or_default();
            *frequency += 1.0;
            *degree += phrase.len() as f64;
        }
    }
    let score = |word: &String| counts.get(word.as_str()).map_or(0.0, |(frequency, degree)| degree / frequency);
    let scores: HashMap<String, f64> =
        phrases.iter().map(|phrase| (phrase.join(" "), phrase.iter().map(score).sum())).collect();
    let keyword = |(text, score): (String, f64)| Keyword { text, score: round6(score) };
    scores.into_iter().map(keyword).collect()
}

fn phrases(text: &str) -> Vec<Vec<String>> {
    let text = text.to_lowercase();
    let fragments = text.split(|character: char| {
        !(character.is_alphanumeric() || character.is_whitespace() || matches!(character, '\'' | '’' | '-'))
    });
    fragments.flat_map(fragment_phrases).collect()
}

fn fragment_phrases(fragment: &str) -> Vec<Vec<String>> {
    let tokens: Vec<&str> = fragment
        .split_whitespace()
        .map(|word| word.trim_matches(['\'', '’', '-']))
        .filter(|word| !word.is_empty())
        .collect();
    tokens
        .split(|word| words::is_english_stop_word(word) || !word.chars().any(char::is_alphabetic))
        .filter(|run| (1..=PHRASE_WORDS_MAX).contains(&run.len()))
        .map(|run| run.iter().map(|&word| word.to_owned()).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_abstract_of_the_rake_paper_scores_as_published() {
        let text = "Compatibility of systems of linear constraints over the set of natural numbers. \
            Criteria of compatibility of a system of linear Diophantine equations, strict \
            inequations, and nonstrict inequations are considered. Upper bounds for components of \
            a minimal set of solutions and algorithms of construction of minimal generating sets \
            of solutions for all types of systems are given. These criteria and the corresponding \
            algorithms for constructing a minimal supporting set of solutions can be used in \
            solving all the considered types of systems and systems of mixed types.";
        let found = extract(Input { text, limit: Some(5), language: None }).unwrap();
        let found: Vec<_> = found.keywords.iter().map(|k| (k.text.as_str(), k.score)).collect();
        assert_eq!(found[0], ("minimal generating sets", 8.666_667));
        assert_eq!(found[1], ("linear diophantine equations", 8.5));
        assert_eq!(found[2], ("minimal supporting set", 7.666_667));
        assert_eq!(found[3], ("minimal set", 4.666_667));
        assert_eq!(found[4], ("linear constraints", 4.5));
    }

    #[test]
    fn the_word_that_links_the_others_comes_first() {
        let text = "平台开放数据，平台开放算力，企业使用平台，平台结算账单，开发者相信平台。";
        let found = extract(Input { text, limit: Some(1), language: None }).unwrap();
        assert_eq!((found.keywords[0].text.as_str(), found.keywords[0].score), ("平台", 1.0));
    }
}
