//! A profile of a table: what each column holds, how complete it is, and what looks wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cell, check_width};
use crate::Refusal;
use crate::numbers::{mean, median, modified_z_scores, round6, variance};

const TOP_VALUES_MAX: usize = 5;
const TOP_VALUE_LENGTH_MAX: usize = 100;
/// The share of missing cells from which a column is called sparse.
const SPARSE_MIN: f64 = 0.2;

#[derive(Deserialize)]
pub(crate) struct Input {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    rows: usize,
    duplicate_rows: usize,
    /// The share of cells that are not missing.
    completeness: f64,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    kind: Kind,
    missing: usize,
    distinct: usize,
    top_values: Vec<Counted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numbers: Option<Numbers>,
    issues: Vec<Issue>,
}

#[derive(Serialize)]
struct Counted {
    value: String,
    count: usize,
}

#[derive(Serialize)]
struct Numbers {
    min: f64,
    max: f64,
    mean: f64,
    median: f64,
    standard_deviation: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Boolean,
    Date,
    Empty,
    Mixed,
    Number,
    Text,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Issue {
    Empty,
    Sparse,
    Constant,
    MixedKinds,
    Outliers,
    SurroundingSpace,
    DifferentCaseOnly,
}

/// Profiles every column.
pub(crate) fn profile(input: Input) -> Result<Output, Refusal> {
    check_width(&input.rows, input.columns.len(), "/rows")?;
    let column = |(at, name): (usize, &String)| {
        let cells: Vec<&Cell> = input.rows.iter().filter_map(|row| row.get(at)).collect();
        describe(name, &cells)
    };
    let columns: Vec<Column> = input.columns.iter().enumerate().map(column).collect();
    let missing: usize = columns.iter().map(|column| column.missing).sum();
    let cells = input.rows.len() * columns.len();
    Ok(Output {
        rows: input.rows.len(),
        duplicate_rows: duplicates(&input.rows),
        completeness: round6(1.0 - missing as f64 / cells.max(1) as f64),
        columns,
    })
}

/// Rows that repeat an earlier one.
fn duplicates(rows: &[Vec<Cell>]) -> usize {
    let mut keys: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    keys.sort_unstable();
    keys.dedup();
    rows.len() - keys.len()
}

fn describe(name: &str, cells: &[&Cell]) -> Column {
    let present: Vec<String> = cells.iter().map(|cell| cell.text()).filter(|text| !text.trim().is_empty()).collect();
    let kind = kind_of(&present);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in &present {
        *counts.entry(value).or_default() += 1;
    }
    let values: Vec<f64> = present.iter().filter_map(|value| number(value)).collect();
    let numbers = (kind == Kind::Number).then(|| summary(&values));
    let missing = cells.len() - present.len();
    Column {
        name: name.to_owned(),
        kind,
        missing,
        distinct: counts.len(),
        issues: issues(kind, missing as f64 / cells.len().max(1) as f64, &counts, &values),
        top_values: top(&counts),
        numbers,
    }
}

fn kind_of(values: &[String]) -> Kind {
    let mut kinds = values.iter().map(|value| kind_of_value(value));
    let Some(first) = kinds.next() else { return Kind::Empty };
    if kinds.all(|kind| kind == first) { first } else { Kind::Mixed }
}

fn kind_of_value(value: &str) -> Kind {
    if number(value).is_some() {
        Kind::Number
    } else if matches!(value.trim().to_lowercase().as_str(), "true" | "false") {
        Kind::Boolean
    } else if is_date(value.trim()) {
        Kind::Date
    } else {
        Kind::Text
    }
}

fn number(value: &str) -> Option<f64> {
    let starts = |first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.');
    let value = value.trim();
    value.starts_with(starts).then(|| value.parse::<f64>().ok().filter(|number| number.is_finite()))?
}

/// A calendar date as ISO 8601 (or with slashes) writes it, with or without a time after it.
fn is_date(value: &str) -> bool {
    let date = value.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let within = |part: &str, length: std::ops::RangeInclusive<usize>, range: std::ops::RangeInclusive<u32>| {
        length.contains(&part.len()) && part.parse().is_ok_and(|value| range.contains(&value))
    };
    within(year, 4..=4, 1..=9999) && within(month, 1..=2, 1..=12) && within(day, 1..=2, 1..=31)
}

fn summary(values: &[f64]) -> Numbers {
    Numbers {
        min: round6(values.iter().copied().fold(f64::INFINITY, f64::min)),
        max: round6(values.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        mean: round6(mean(values)),
        median: round6(median(values)),
        standard_deviation: round6(variance(values).sqrt()),
    }
}

fn top(counts: &BTreeMap<&str, usize>) -> Vec<Counted> {
    let mut sorted: Vec<(&&str, &usize)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let counted = |(value, count): (&&str, &usize)| Counted {
        value: value.chars().take(TOP_VALUE_LENGTH_MAX).collect(),
        count: *count,
    };
    sorted.into_iter().take(TOP_VALUES_MAX).map(counted).collect()
}

fn issues(kind: Kind, missing: f64, counts: &BTreeMap<&str, usize>, values: &[f64]) -> Vec<Issue> {
    let total: usize = counts.values().sum();
    let mut folded: Vec<String> = counts.keys().map(|value| value.trim().to_lowercase()).collect();
    folded.sort_unstable();
    folded.dedup();
    let spaced = counts.keys().any(|value| value.trim() != *value);
    let has_outliers = || modified_z_scores(values).iter().any(|score| score.abs() >= 3.5);
    let found = [
        (kind == Kind::Empty, Issue::Empty),
        (kind != Kind::Empty && missing >= SPARSE_MIN, Issue::Sparse),
        (counts.len() == 1 && total > 1, Issue::Constant),
        (kind == Kind::Mixed, Issue::MixedKinds),
        (kind == Kind::Number && has_outliers(), Issue::Outliers),
        (spaced, Issue::SurroundingSpace),
        (!spaced && folded.len() < counts.len(), Issue::DifferentCaseOnly),
    ];
    found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, issue)| issue).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiled(rows: &str) -> Output {
        let rows = serde_json::from_str(rows).unwrap();
        profile(Input { columns: vec!["a".into(), "b".into()], rows }).unwrap()
    }

    #[test]
    fn kinds_missing_cells_and_numbers_are_told() {
        let output = profiled(r#"[[1, "2024-03-05"], [2, "2024-03-06"], ["3.5", null], [null, ""]]"#);
        assert_eq!((output.columns[0].kind, output.columns[1].kind), (Kind::Number, Kind::Date));
        assert_eq!((output.columns[0].missing, output.columns[1].missing), (1, 2));
        assert_eq!(output.completeness, 0.625);
        assert_eq!(output.columns[0].numbers.as_ref().unwrap().median, 2.0);
    }

    #[test]
    fn what_looks_wrong_is_named() {
        let output = profiled(r#"[["x", "Yes"], [1, "yes"], [1, "yes"]]"#);
        assert_eq!(output.columns[0].issues, [Issue::MixedKinds]);
        assert_eq!(output.columns[1].issues, [Issue::DifferentCaseOnly]);
        assert_eq!(output.duplicate_rows, 1);
    }

    #[test]
    fn impossible_dates_are_text() {
        assert!(is_date("2024-12-31T10:00:00Z") && is_date("2024/1/2"));
        assert!(!is_date("2024-13-01") && !is_date("24-1-1"));
    }
}
