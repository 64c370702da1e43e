//! Counts the units of a call's input by its contract's rule, the same way whoever performs the capability.

use kernel::meter::Quantity;
use serde_json::Value;

use super::capability::{Count, Measure};

/// Why an input cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// Characters are counted of strings and of arrays of strings only.
    #[error("`{pointer}` is neither a text nor a list of texts")]
    NotText {
        /// The contract's JSON pointer.
        pointer: String,
    },
    /// Items are counted of arrays only.
    #[error("`{pointer}` is not a list")]
    NotList {
        /// The contract's JSON pointer.
        pointer: String,
    },
    /// The count leaves 64 bits.
    #[error("there is more than can be counted")]
    TooMuch,
}

/// Counts the units of one call's input. What a pointer does not find counts as zero; a value of another type than
/// the rule expects is an error.
pub fn count(measure: &Measure, input: &Value) -> Result<Quantity, MeasureError> {
    match &measure.count {
        Count::One => Ok(Quantity(1)),
        Count::Characters(pointers) => sum(pointers.iter().map(|pointer| characters(input, pointer))),
        Count::Items(pointer) => items(input, pointer),
    }
}

fn sum(counts: impl Iterator<Item = Result<Quantity, MeasureError>>) -> Result<Quantity, MeasureError> {
    counts.into_iter().try_fold(Quantity::ZERO, |total, count| total.checked_add(count?).ok_or(MeasureError::TooMuch))
}

fn characters(input: &Value, pointer: &str) -> Result<Quantity, MeasureError> {
    match input.pointer(pointer) {
        None => Ok(Quantity::ZERO),
        Some(Value::Array(texts)) => sum(texts.iter().map(|text| scalars(text, pointer))),
        Some(text) => scalars(text, pointer),
    }
}

/// Unicode scalar values of one string.
fn scalars(text: &Value, pointer: &str) -> Result<Quantity, MeasureError> {
    let text = text.as_str().ok_or_else(|| MeasureError::NotText { pointer: pointer.to_owned() })?;
    quantity(text.chars().count())
}

fn items(input: &Value, pointer: &str) -> Result<Quantity, MeasureError> {
    match input.pointer(pointer) {
        None => Ok(Quantity::ZERO),
        Some(Value::Array(items)) => quantity(items.len()),
        Some(_) => Err(MeasureError::NotList { pointer: pointer.to_owned() }),
    }
}

fn quantity(count: usize) -> Result<Quantity, MeasureError> {
    u64::try_from(count).map(Quantity).map_err(|_| MeasureError::TooMuch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::meter::Meter;
    use serde_json::json;

    fn counted(count: Count, input: &Value) -> Result<u64, MeasureError> {
        super::count(&Measure { meter: Meter::Character, count }, input).map(|quantity| quantity.0)
    }

    fn texts(pointers: &[&str]) -> Count {
        Count::Characters(pointers.iter().map(|pointer| (*pointer).to_owned()).collect())
    }

    #[test]
    fn one_is_one_whatever_the_input() {
        assert_eq!(counted(Count::One, &Value::Null), Ok(1));
    }

    #[test]
    fn characters_are_unicode_scalar_values() {
        for (text, expected) in [("", 0), ("abc", 3), ("算市", 2), ("👩‍🔬", 3), ("e\u{301}", 2)] {
            assert_eq!(counted(texts(&["/text"]), &json!({ "text": text })), Ok(expected), "{text}");
        }
    }

    #[test]
    fn lists_and_several_pointers_are_summed() {
        let input = json!({ "query": "abc", "candidates": ["de", "算"], "deep": { "note": "f" } });
        assert_eq!(counted(texts(&["/query", "/candidates", "/deep/note"]), &input), Ok(7));
    }

    #[test]
    fn what_is_missing_counts_as_nothing() {
        assert_eq!(counted(texts(&["/text", "/title"]), &json!({ "title": "ab" })), Ok(2));
        assert_eq!(counted(Count::Items("/rows".to_owned()), &json!({})), Ok(0));
    }

    #[test]
    fn another_type_than_text_is_an_error() {
        let error = Err(MeasureError::NotText { pointer: "/text".to_owned() });
        for value in [json!(null), json!(7), json!({ "a": "b" }), json!(["a", 7]), json!([["a"]])] {
            assert_eq!(counted(texts(&["/text"]), &json!({ "text": value })), error);
        }
    }

    #[test]
    fn items_are_the_elements_of_a_list_and_of_nothing_else() {
        let rule = || Count::Items("/rows".to_owned());
        assert_eq!(counted(rule(), &json!({ "rows": [1, [2, 3], null] })), Ok(3));
        for value in [json!("abc"), json!({ "0": 1 }), json!(null)] {
            let error = Err(MeasureError::NotList { pointer: "/rows".to_owned() });
            assert_eq!(counted(rule(), &json!({ "rows": value })), error);
        }
    }
}
