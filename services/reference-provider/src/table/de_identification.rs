//! Makes a table say less about people: drops, masks, coarsens or replaces cells by column, and
//! counts the smallest group that stays indistinguishable.
//! Sources: ISO/IEC 20889:2018 (terms); Sweeney, *k-Anonymity*, 2002; RFC 2104 (HMAC).

use std::collections::{BTreeMap, HashMap};

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Cell, check_width};
use crate::text::personal_information::{mask, mask_text};
use crate::{Code, Refusal};

/// The length of a pseudonym: 96 bits keep chance collisions out of reach.
const PSEUDONYM_BYTES: usize = 12;

#[derive(Deserialize)]
pub(crate) struct Input {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    actions: BTreeMap<String, Action>,
    /// The caller's secret for pseudonyms.
    secret: Option<String>,
    #[serde(default)]
    quasi_identifiers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Action {
    Keep,
    /// The column is left out.
    Drop,
    /// Inner characters become `*`.
    Mask,
    /// The same value gets the same pseudonym under the same secret.
    Pseudonymise,
    /// A number becomes the interval of this width that holds it.
    Generalise {
        width: f64,
    },
    /// A date keeps its year, or its year and month.
    TruncateDate {
        to: DatePart,
    },
    /// Personal numbers inside free text are masked.
    RedactText,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum DatePart {
    Year,
    Month,
}

#[derive(Serialize)]
pub(crate) struct Output {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// Rows in the smallest group that is equal in all quasi-identifiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest_group: Option<usize>,
}

/// Applies each column's action. Every column needs one: silence must not let a column through.
pub(crate) fn de_identify(input: Input) -> Result<Output, Refusal> {
    check_width(&input.rows, input.columns.len(), "/rows")?;
    let actions = actions(&input)?;
    let secret = input.secret.as_deref().unwrap_or_default();
    let mut rows = Vec::with_capacity(input.rows.len());
    for (at, row) in input.rows.iter().enumerate() {
        let changed: Result<Vec<Option<Cell>>, Refusal> =
            row.iter().zip(&actions).map(|(cell, action)| action.apply(cell, secret)).collect();
        let changed = changed.map_err(|refusal| refusal.at(format!("/rows/{at}")))?;
        rows.push(changed.into_iter().flatten().collect::<Vec<Cell>>());
    }
    let kept = input.columns.iter().zip(&actions).filter(|(_, action)| !matches!(action, Action::Drop));
    let columns: Vec<String> = kept.map(|(name, _)| name.clone()).collect();
    let smallest_group = smallest_group(&columns, &rows, &input.quasi_identifiers)?;
    Ok(Output { columns, rows, smallest_group })
}

fn actions(input: &Input) -> Result<Vec<&Action>, Refusal> {
    if input.actions.keys().any(|name| !input.columns.contains(name)) {
        return Err(inconsistent("An action names no column.", "/actions"));
    }
    let needs_secret = input.actions.values().any(|action| matches!(action, Action::Pseudonymise));
    if needs_secret && input.secret.is_none() {
        return Err(inconsistent("Pseudonyms need a secret.", "/secret"));
    }
    let action = |name: &String| {
        input.actions.get(name).ok_or_else(|| inconsistent("Every column needs an action.", "/actions"))
    };
    input.columns.iter().map(action).collect()
}

fn inconsistent(message: &str, pointer: &str) -> Refusal {
    Refusal::new(Code::Inconsistent, message).at(pointer)
}

impl Action {
    /// The changed cell; `None` where it is left out. Missing cells stay missing.
    fn apply(&self, cell: &Cell, secret: &str) -> Result<Option<Cell>, Refusal> {
        if *cell == Cell::Missing(()) && !matches!(self, Self::Drop) {
            return Ok(Some(Cell::Missing(())));
        }
        let text = cell.text();
        Ok(match self {
            Self::Keep => Some(cell.clone()),
            Self::Drop => None,
            Self::Mask => Some(Cell::Text(mask(&text))),
            Self::Pseudonymise => Some(Cell::Text(pseudonym(&text, secret)?)),
            Self::Generalise { width } => Some(Cell::Text(interval(&text, *width)?)),
            Self::TruncateDate { to } => Some(Cell::Text(truncated(&text, *to)?)),
            Self::RedactText => Some(Cell::Text(mask_text(&text))),
        })
    }
}

/// The first 96 bits of HMAC-SHA-256 under the caller's secret, in hexadecimal.
fn pseudonym(text: &str, secret: &str) -> Result<String, Refusal> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|_| Refusal::new(Code::Internal, "The pseudonym could not be made."))?;
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let digits = bytes.iter().take(PSEUDONYM_BYTES).flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect())
}

/// `[30, 40)` for 37 and width 10.
fn interval(text: &str, width: f64) -> Result<String, Refusal> {
    let value: f64 = text
        .trim()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(|| Refusal::new(Code::Inconsistent, "A cell to be generalised is not a number."))?;
    let low = (value / width).floor() * width;
    Ok(format!("[{low}, {})", low + width))
}

/// The year, or year and month, of a date that starts as ISO 8601 has it.
fn truncated(text: &str, to: DatePart) -> Result<String, Refusal> {
    let mut parts = text.trim().split(['-', '/', 'T', ' ']);
    let (year, month) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_number = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(year, 4) || !is_number(month, 2) {
        return Err(Refusal::new(Code::Inconsistent, "A cell to be truncated is not a date (YYYY-MM-DD)."));
    }
    Ok(match to {
        DatePart::Year => year.to_owned(),
        DatePart::Month => format!("{year}-{month}"),
    })
}

fn smallest_group(columns: &[String], rows: &[Vec<Cell>], quasi: &[String]) -> Result<Option<usize>, Refusal> {
    if quasi.is_empty() {
        return Ok(None);
    }
    let place = |name: &String| columns.iter().position(|column| column == name);
    let places: Option<Vec<usize>> = quasi.iter().map(place).collect();
    let places =
        places.ok_or_else(|| inconsistent("A quasi-identifier names no column that is kept.", "/quasi_identifiers"))?;
    let mut groups: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let key: Vec<Option<&Cell>> = places.iter().map(|at| row.get(*at)).collect();
        *groups.entry(format!("{key:?}")).or_default() += 1;
    }
    Ok(groups.values().min().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_published_hmac() {
        // RFC 4231, test case 2.
        assert_eq!(pseudonym("what do ya want for nothing?", "Jefe").unwrap(), "5bdcc146bf60754e6a042426");
    }

    #[test]
    fn numbers_dates_and_text_are_coarsened() {
        assert_eq!(interval("37", 10.0).unwrap(), "[30, 40)");
        assert_eq!(truncated("2024-03-05", DatePart::Month).unwrap(), "2024-03");
        assert!(truncated("05.03.2024", DatePart::Year).is_err());
        assert_eq!(mask("13812345678"), "13*******78");
    }

    #[test]
    fn a_column_without_an_action_is_refused() {
        let input = Input {
            columns: vec!["name".into()],
            rows: vec![],
            actions: BTreeMap::new(),
            secret: None,
            quasi_identifiers: vec![],
        };
        assert_eq!(de_identify(input).map(|_| ()).unwrap_err().code, Code::Inconsistent);
    }

    #[test]
    fn the_smallest_group_is_counted_after_coarsening() {
        let input = Input {
            columns: vec!["name".into(), "age".into()],
            rows: serde_json::from_str(r#"[["a", 31], ["b", 38], ["c", 33], ["d", 52], ["e", 55]]"#).unwrap(),
            actions: BTreeMap::from([
                ("name".into(), Action::Drop),
                ("age".into(), Action::Generalise { width: 10.0 }),
            ]),
            secret: None,
            quasi_identifiers: vec!["age".into()],
        };
        let output = de_identify(input).unwrap();
        assert_eq!(output.columns, ["age"]);
        assert_eq!(output.smallest_group, Some(2));
    }
}
