//! Extractive summary: sentences ranked by `TextRank` over shared words, returned as written.

use serde::{Deserialize, Serialize};

use super::language::{self, Language};
use super::rank::rank;
use super::words;
use crate::numbers::round6;
use crate::{Code, Refusal};

const SENTENCES_MAX: usize = 400;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    sentences: Option<usize>,
    language: Option<Language>,
}

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    language: Language,
    summary: String,
    sentences: Vec<Sentence<'a>>,
}

#[derive(Serialize)]
struct Sentence<'a> {
    text: &'a str,
    /// Position among the text's sentences, from 0.
    index: usize,
    score: f64,
}

/// Chooses the sentences that share most with the rest, in the order of the text.
pub(crate) fn summarise(input: Input<'_>) -> Result<Output<'_>, Refusal> {
    let language = language::chinese_or_english(input.text, input.language)?;
    let texts = words::sentences(input.text);
    let wanted = input.sentences.unwrap_or(3);
    check_count(texts.len(), wanted)?;
    let scores = rank(&similarities(&texts));
    let mut sentences: Vec<Sentence<'_>> = texts
        .into_iter()
        .zip(scores)
        .enumerate()
        .map(|(index, (text, score))| Sentence { text, index, score: round6(score) })
        .collect();
    sentences.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    sentences.truncate(wanted);
    sentences.sort_by_key(|sentence| sentence.index);
    Ok(Output { language, summary: join(&sentences, language), sentences })
}

fn check_count(found: usize, wanted: usize) -> Result<(), Refusal> {
    if found <= wanted {
        let message = format!("The text has {found} sentences; a summary of {wanted} would leave nothing out.");
        return Err(Refusal::new(Code::NotEnoughData, message).at("/text"));
    }
    if found > SENTENCES_MAX {
        let message = format!("The text has {found} sentences; at most {SENTENCES_MAX} are ranked.");
        return Err(Refusal::new(Code::TooMuchWork, message).at("/text"));
    }
    Ok(())
}

fn join(sentences: &[Sentence<'_>], language: Language) -> String {
    let between = match language {
        Language::Chinese => "",
        Language::English => " ",
    };
    sentences.iter().map(|sentence| sentence.text).collect::<Vec<_>>().join(between)
}

/// For each sentence, the others that share words with it: shared words over the logarithms of
/// both lengths.
fn similarities(sentences: &[&str]) -> Vec<Vec<(usize, f64)>> {
    let bags: Vec<Vec<String>> = sentences.iter().map(|sentence| bag(sentence)).collect();
    let others = |(at, own): (usize, &Vec<String>)| {
        let others = bags.iter().enumerate().filter(|(other, _)| *other != at);
        let weighted = others.map(|(other, bag)| (other, similarity(own, bag)));
        weighted.filter(|(_, weight)| *weight > 0.0).collect()
    };
    bags.iter().enumerate().map(others).collect()
}

/// Distinct content words, sorted.
fn bag(sentence: &str) -> Vec<String> {
    let mut words = words::content_words(sentence);
    words.sort_unstable();
    words.dedup();
    words
}

fn similarity(a: &[String], b: &[String]) -> f64 {
    let shared = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    let scale = (1.0 + a.len() as f64).ln() + (1.0 + b.len() as f64).ln();
    if shared == 0 { 0.0 } else { shared as f64 / scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_that_shares_most_words_is_chosen() {
        let text = "Cats chase mice in the barn. Mice eat grain. Cats sleep in the barn. \
                    The weather turned cold yesterday.";
        let output = summarise(Input { text, sentences: Some(1), language: None }).unwrap();
        assert_eq!(output.summary, "Cats chase mice in the barn.");
    }

    #[test]
    fn a_text_no_longer_than_its_summary_is_refused() {
        let input = Input { text: "只有一句话。", sentences: Some(1), language: None };
        assert_eq!(summarise(input).map(|_| ()).unwrap_err().code, Code::NotEnoughData);
    }

    #[test]
    fn too_many_sentences_are_refused() {
        let text = "我们走吧。".repeat(500);
        let input = Input { text: &text, sentences: None, language: None };
        assert_eq!(summarise(input).map(|_| ()).unwrap_err().code, Code::TooMuchWork);
    }
}
