//! A capability's contract, compiled: checks inputs and outputs, counts inputs.

use std::sync::OnceLock;

use catalog::published::capability::Contract;
use jsonschema::Validator;
use serde_json::Value;

/// Where and why a value breaks a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the value.
    pub pointer: String,
    /// What the schema wants there, at most 300 characters; holds none of the value's long texts.
    pub message: String,
}

/// The longest message of a violation, in characters.
const MESSAGE_LENGTH_MAX: usize = 300;

/// A contract whose schemas are compiled when first used.
#[derive(Debug)]
pub struct Compiled {
    contract: Contract,
    input: OnceLock<Option<Validator>>,
    output: OnceLock<Option<Validator>>,
}

impl Compiled {
    /// Wraps a contract; nothing is compiled yet.
    pub const fn new(contract: Contract) -> Self {
        Self { contract, input: OnceLock::new(), output: OnceLock::new() }
    }

    /// The contract.
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Checks a call's payload.
    pub fn check_input(&self, payload: &Value) -> Result<(), Violation> {
        check(self.input.get_or_init(|| compile(&self.contract.input_schema)).as_ref(), payload)
    }

    /// Checks a provider's answer.
    pub fn check_output(&self, output: &Value) -> Result<(), Violation> {
        check(self.output.get_or_init(|| compile(&self.contract.output_schema)).as_ref(), output)
    }
}

/// `None` where the schema is no schema: then nothing passes.
fn compile(schema: &Value) -> Option<Validator> {
    jsonschema::draft202012::options().build(schema).ok()
}

/// Whether a value is a JSON Schema that the gateway can enforce.
pub fn is_schema(schema: &Value) -> bool {
    compile(schema).is_some()
}

fn check(validator: Option<&Validator>, value: &Value) -> Result<(), Violation> {
    let Some(validator) = validator else {
        return Err(Violation { pointer: String::new(), message: "the contract's schema is not usable".to_owned() });
    };
    if validator.is_valid(value) {
        return Ok(());
    }
    let first = validator.iter_errors(value).next();
    Err(first.map_or_else(
        || Violation { pointer: String::new(), message: "not valid".to_owned() },
        |error| Violation {
            pointer: error.instance_path().to_string(),
            message: error.masked().to_string().chars().take(MESSAGE_LENGTH_MAX).collect(),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::published::capability::{Count, Measure};
    use kernel::localized::Localized;
    use kernel::meter::Meter;
    use serde_json::json;

    fn compiled(input_schema: Value) -> Compiled {
        Compiled::new(Contract {
            version: 1,
            summary: Localized { en: Some("s".into()), zh: None },
            measure: Measure { meter: Meter::Request, count: Count::One },
            input_schema,
            output_schema: json!({"type": "object"}),
            examples: vec![],
        })
    }

    #[test]
    fn a_violation_names_the_place_and_not_the_text() {
        let contract = compiled(json!({"type": "object", "properties": {"text": {"type": "string", "maxLength": 3}}}));
        let violation = contract.check_input(&json!({"text": "secret words"})).unwrap_err();
        assert_eq!(violation.pointer, "/text");
        assert!(!violation.message.contains("secret"), "{}", violation.message);
    }

    #[test]
    fn nothing_passes_an_unusable_schema() {
        assert!(compiled(json!({"type": "no such type"})).check_input(&json!({})).is_err());
        assert!(!is_schema(&json!({"type": "no such type"})));
    }
}
