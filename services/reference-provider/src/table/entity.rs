//! Rows that are about the same thing, in spite of spelling: blocking, then comparing pairs.
//! Source: Christen, *Data Matching*, 2012: ch. 4 (blocking), ch. 5 (comparison).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Cell, check_width};
use crate::numbers::round6;
use crate::text::near_duplicate::groups;
use crate::text::similarity::fold;
use crate::{Code, Refusal};

/// Blocks larger than this say too little to be worth comparing all their pairs.
const BLOCK_ROWS_MAX: usize = 60;
const CANDIDATES_MAX: usize = 20_000;

#[derive(Deserialize)]
pub(crate) struct Input {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// How much each column counts; 1 unless stated. Columns of weight 0 are not compared.
    #[serde(default)]
    weights: BTreeMap<String, f64>,
    threshold: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    threshold: f64,
    /// Pairs of rows that reach the threshold, the likest first.
    pairs: Vec<Pair>,
    /// Rows about the same thing, directly or through others.
    groups: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct Pair {
    a: usize,
    b: usize,
    score: f64,
}

/// Finds groups of rows whose weighted mean likeness reaches the threshold (0.85 unless stated).
pub(crate) fn resolve(input: Input) -> Result<Output, Refusal> {
    check_width(&input.rows, input.columns.len(), "/rows")?;
    let weights = weights(&input.columns, &input.weights)?;
    let rows: Vec<Vec<String>> =
        input.rows.iter().map(|row| row.iter().map(|cell| fold(&cell.text())).collect()).collect();
    let threshold = input.threshold.unwrap_or(0.85);
    let mut pairs = Vec::new();
    for (a, b) in candidates(&rows, &weights)? {
        let (Some(first), Some(second)) = (rows.get(a), rows.get(b)) else { continue };
        let score = round6(likeness(first, second, &weights));
        if score >= threshold {
            pairs.push(Pair { a, b, score });
        }
    }
    pairs.sort_by(|x, y| y.score.total_cmp(&x.score).then((x.a, x.b).cmp(&(y.a, y.b))));
    let links: Vec<(usize, usize)> = pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    Ok(Output { threshold, groups: groups(rows.len(), &links), pairs })
}

fn weights(columns: &[String], stated: &BTreeMap<String, f64>) -> Result<Vec<f64>, Refusal> {
    if stated.keys().any(|name| !columns.contains(name)) {
        return Err(Refusal::new(Code::Inconsistent, "A weight names no column.").at("/weights"));
    }
    let weights: Vec<f64> = columns.iter().map(|name| stated.get(name).copied().unwrap_or(1.0)).collect();
    if weights.iter().sum::<f64>() <= 0.0 {
        return Err(Refusal::new(Code::Inconsistent, "All weights are 0.").at("/weights"));
    }
    Ok(weights)
}

/// Pairs that share a pair of characters, or a whole value, in a compared column.
fn candidates(rows: &[Vec<String>], weights: &[f64]) -> Result<BTreeSet<(usize, usize)>, Refusal> {
    let mut blocks: BTreeMap<(usize, String), BTreeSet<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let compared = row.iter().zip(weights).enumerate().filter(|(_, (_, weight))| **weight > 0.0);
        for (column, (value, _)) in compared {
            for key in keys(value) {
                blocks.entry((column, key)).or_default().insert(at);
            }
        }
    }
    let mut pairs = BTreeSet::new();
    for block in blocks.values().filter(|block| block.len() <= BLOCK_ROWS_MAX) {
        for b in block {
            pairs.extend(block.range(..b).map(|a| (*a, *b)));
        }
        if pairs.len() > CANDIDATES_MAX {
            let message =
                format!("More than {CANDIDATES_MAX} pairs of rows are alike enough to compare; send fewer rows.");
            return Err(Refusal::new(Code::TooMuchWork, message).at("/rows"));
        }
    }
    Ok(pairs)
}

fn keys(value: &str) -> impl Iterator<Item = String> {
    let pairs = value.chars().zip(value.chars().skip(1)).map(|(first, second)| format!("{first}{second}"));
    pairs.chain((!value.is_empty()).then(|| format!("={value}")))
}

/// The weighted mean over columns that both rows fill in; 0 where there is none.
fn likeness(a: &[String], b: &[String], weights: &[f64]) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((a, b), weight) in a.iter().zip(b).zip(weights) {
        if !a.is_empty() && !b.is_empty() {
            sum += weight * strsim::jaro_winkler(a, b);
            total += weight;
        }
    }
    if total > 0.0 { sum / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(rows: &str, weights: &[(&str, f64)]) -> Vec<Vec<usize>> {
        let weights = weights.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        let input = Input {
            columns: vec!["name".into(), "city".into()],
            rows: serde_json::from_str(rows).unwrap(),
            weights,
            threshold: None,
        };
        resolve(input).unwrap().groups
    }

    #[test]
    fn spellings_of_one_company_are_grouped() {
        let rows = r#"[["Dwayne Motors", "Boston"], ["DUANE MOTORS", "boston"], ["Acme", "Chicago"],
                       ["北京算市科技有限公司", "北京"], ["北京市算市科技有限公司", "北京"]]"#;
        assert_eq!(resolved(rows, &[]), vec![vec![0, 1], vec![3, 4]]);
    }

    #[test]
    fn a_column_of_weight_nothing_is_not_compared() {
        let rows = r#"[["Acme", "Boston"], ["Acme", "Chicago"]]"#;
        assert_eq!(resolved(rows, &[("city", 0.0)]), vec![vec![0, 1]]);
    }

    #[test]
    fn an_unknown_column_is_refused() {
        let weights = BTreeMap::from([("nobody".to_owned(), 1.0)]);
        let input = Input { columns: vec!["a".into()], rows: vec![], weights, threshold: None };
        assert_eq!(resolve(input).map(|_| ()).unwrap_err().code, Code::Inconsistent);
    }
}
