//! Full-text search over the caller's documents, ranked by BM25.
//! Source: Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009 (k1 1.2, b 0.75).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::words::search_words;
use crate::Refusal;
use crate::numbers::round6;

const K1: f64 = 1.2;
const B: f64 = 0.75;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    query: &'a str,
    #[serde(borrow)]
    documents: Vec<Document<'a>>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Document<'a> {
    id: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    results: Vec<Found<'a>>,
    /// The words that were searched for.
    terms: Vec<String>,
}

#[derive(Serialize)]
struct Found<'a> {
    id: &'a str,
    score: f64,
}

/// The documents that hold at least one of the query's words, best first.
pub(crate) fn search(input: Input<'_>) -> Result<Output<'_>, Refusal> {
    let mut terms = search_words(input.query);
    terms.sort_unstable();
    terms.dedup();
    let texts: Vec<Counted> = input.documents.iter().map(|document| Counted::of(document.text)).collect();
    let scores = scores(&terms, &texts);
    let ids = input.documents.iter().map(|document| document.id);
    let mut results: Vec<Found<'_>> = ids
        .zip(scores)
        .filter(|(_, score)| *score > 0.0)
        .map(|(id, score)| Found { id, score: round6(score) })
        .collect();
    results.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(b.id)));
    results.truncate(input.limit.unwrap_or(10));
    Ok(Output { results, terms })
}

struct Counted {
    length: f64,
    counts: HashMap<String, f64>,
}

impl Counted {
    fn of(text: &str) -> Self {
        let words = search_words(text);
        let length = words.len() as f64;
        let mut counts = HashMap::new();
        for word in words {
            *counts.entry(word).or_insert(0.0) += 1.0;
        }
        Self { length, counts }
    }
}

fn scores(terms: &[String], texts: &[Counted]) -> Vec<f64> {
    let count = texts.len() as f64;
    let mean_length = texts.iter().map(|text| text.length).sum::<f64>() / count.max(1.0);
    let rarity = |term: &String| {
        let holding = texts.iter().filter(|text| text.counts.contains_key(term)).count() as f64;
        (1.0 + (count - holding + 0.5) / (holding + 0.5)).ln()
    };
    let rarities: Vec<f64> = terms.iter().map(rarity).collect();
    let score = |text: &Counted| -> f64 {
        let length = K1 * (1.0 - B + B * text.length / mean_length.max(1.0));
        let weight = |term: &String| text.counts.get(term).map_or(0.0, |count| count * (K1 + 1.0) / (count + length));
        terms.iter().zip(&rarities).map(|(term, rarity)| rarity * weight(term)).sum()
    };
    texts.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_formula_s() {
        let documents = vec![
            Document { id: "a", text: "hello there good man" },
            Document { id: "b", text: "it is quite windy in london" },
            Document { id: "c", text: "how is weather" },
        ];
        let output = search(Input { query: "windy London", documents, limit: None }).unwrap();
        assert_eq!(output.results.len(), 1);
        // Words kept: 3, 2, 1 of them; two terms, each in one text of three, once:
        // 2 · ln(1 + 2.5 / 1.5) · 2.2 / (1 + 1.2).
        let expected = 2.0 * (1.0_f64 + 2.5 / 1.5).ln();
        assert_eq!(output.results[0].score, round6(expected));
    }

    #[test]
    fn chinese_is_searched_by_words() {
        let documents =
            vec![Document { id: "1", text: "人工智能平台开放数据" }, Document { id: "2", text: "天气预报说今天有雨" }];
        let output = search(Input { query: "开放平台", documents, limit: None }).unwrap();
        assert_eq!(output.results[0].id, "1");
        assert_eq!(output.results.len(), 1);
    }
}
