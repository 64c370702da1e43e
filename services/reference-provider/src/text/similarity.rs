//! Likeness of two short texts by their letters. It knows spelling, not meaning, and says so.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::numbers::round6;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    a: &'a str,
    b: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    /// The mean of the three measures, from 0 to 1.
    score: f64,
    levenshtein: f64,
    jaro_winkler: f64,
    bigram_dice: f64,
    /// What the score is about.
    basis: &'static str,
}

/// Compares two texts after folding case and space.
pub(crate) fn compare(input: Input<'_>) -> Result<Output, Refusal> {
    let (a, b) = (fold(input.a), fold(input.b));
    let levenshtein = strsim::normalized_levenshtein(&a, &b);
    let jaro_winkler = strsim::jaro_winkler(&a, &b);
    let bigram_dice = bigram_dice(&a, &b);
    Ok(Output {
        score: round6((levenshtein + jaro_winkler + bigram_dice) / 3.0),
        levenshtein: round6(levenshtein),
        jaro_winkler: round6(jaro_winkler),
        bigram_dice: round6(bigram_dice),
        basis: "spelling",
    })
}

/// Lower case, with runs of white space as one space.
pub(crate) fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The Sørensen–Dice coefficient over character pairs; single characters are compared as such.
pub(crate) fn bigram_dice(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (bigrams(a), bigrams(b));
    let total: u32 = a.values().sum::<u32>() + b.values().sum::<u32>();
    let shared: u32 = a.iter().map(|(pair, count)| b.get(pair).unwrap_or(&0).min(count)).sum();
    if total == 0 { 0.0 } else { f64::from(2 * shared) / f64::from(total) }
}

fn bigrams(text: &str) -> HashMap<(char, char), u32> {
    let mut pairs = HashMap::new();
    for (first, second) in text.chars().zip(text.chars().skip(1)) {
        *pairs.entry((first, second)).or_insert(0) += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_pairs_have_their_textbook_measures() {
        let output = compare(Input { a: "kitten", b: "sitting" }).unwrap();
        assert_eq!(output.levenshtein, round6(1.0 - 3.0 / 7.0));
        let output = compare(Input { a: "MARTHA", b: "MARHTA" }).unwrap();
        assert_eq!(output.jaro_winkler, 0.961_111);
        let output = compare(Input { a: "night", b: "nacht" }).unwrap();
        assert_eq!(output.bigram_dice, 0.25);
    }

    #[test]
    fn case_and_space_do_not_count() {
        assert_eq!(compare(Input { a: "Hello  World", b: "hello world" }).unwrap().score, 1.0);
    }
}
