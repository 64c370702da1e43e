//! The rules of a capability: it is defined for everyone, and its contract grows by whole versions.
//!
//! Deliberately absent: whether the schemas are valid JSON Schema and accept the examples; the edge compiles them.

use std::collections::BTreeSet;

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::localized::{InvalidText, Localized, required};
use serde_json::Value;

use crate::published::capability::{Contract, ContractDefined, Count, Defined, Definition, Event, Example, Measure};
use crate::published::{category, measure};

/// The longest name, in characters of each language.
pub const NAME_LENGTH_MAX: usize = 120;
/// The longest subcategory, industry, or kind of input or output, in characters.
pub const WORD_LENGTH_MAX: usize = 60;
/// The most industries, and the most kinds of inputs or outputs.
pub const WORDS_MAX: usize = 30;
/// The longest summary of a contract, in characters of each language.
pub const SUMMARY_LENGTH_MAX: usize = 1_000;
/// The largest schema, in bytes of JSON.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1_024;
/// The most examples of a contract.
pub const EXAMPLES_MAX: usize = 20;
/// All examples together, in bytes of JSON.
pub const EXAMPLES_BYTES_MAX: usize = 512 * 1_024;
/// The most pointers of a counting rule.
pub const POINTERS_MAX: usize = 16;
/// The longest pointer, in bytes.
pub const POINTER_LENGTH_MAX: usize = 200;

/// What is asked of a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Enter it into the catalog, or say something else of it.
    Define(Definition),
    /// Set its contract, or the contract's next version.
    DefineContract(Contract),
}

/// What is known of a capability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it is not in the catalog.
    #[default]
    Absent,
    /// It is in the catalog.
    Defined {
        /// What the catalog says of it.
        definition: Box<Definition>,
        /// The newest version of its contract, if it has one.
        contract: Option<Box<Contract>>,
    },
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A contract belongs to a capability in the catalog.
    #[error("the capability is not in the catalog")]
    NotDefined,
    /// The slug names the stream.
    #[error("a capability keeps its slug")]
    SlugFixed,
    /// A capability has a name in both languages.
    #[error("a capability is named in English and in Chinese, at most 120 characters each")]
    Name,
    /// The category is none of the catalog's.
    #[error("the category is none of the catalog's")]
    Category,
    /// A subcategory, industry, input or output is unfit.
    #[error("subcategory, industries, inputs and outputs: {0}")]
    Word(InvalidText),
    /// Inputs or outputs are missing, or a list is too long.
    #[error("a capability has 1 to 30 kinds of input and of output, and at most 30 industries")]
    WordCount,
    /// A price is quoted for something.
    #[error("a price is quoted for at least one unit")]
    QuotedPer,
    /// Versions are counted without gaps.
    #[error("the next version of the contract is {expected}")]
    ContractVersion {
        /// The last version plus one.
        expected: u32,
    },
    /// The summary is unfit.
    #[error("the contract's summary: {0}")]
    ContractSummary(InvalidText),
    /// A schema is an object of bounded size; the schema `true` would check nothing.
    #[error("a schema is a JSON object of at most 65536 bytes")]
    ContractSchema,
    /// Examples are missing, too many or too large.
    #[error("a contract has 1 to 20 examples, together at most 524288 bytes")]
    ContractExamples,
    /// The counting rule's pointers are not JSON pointers (RFC 6901), repeat, or are too many.
    #[error("a counting rule has 1 to 16 different JSON pointers of at most 200 bytes")]
    ContractMeasure,
    /// The counting rule does not fit an example.
    #[error("an example's input cannot be counted by the contract's measure")]
    ContractExampleUncountable,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::NotDefined => "CAPABILITY_NOT_DEFINED",
            Self::SlugFixed => "CAPABILITY_SLUG_FIXED",
            Self::Name => "CAPABILITY_NAME_INVALID",
            Self::Category => "CAPABILITY_CATEGORY_UNKNOWN",
            Self::Word(_) => "CAPABILITY_WORD_INVALID",
            Self::WordCount => "CAPABILITY_WORD_COUNT",
            Self::QuotedPer => "CAPABILITY_QUOTED_PER_INVALID",
            Self::ContractVersion { .. } => "CONTRACT_VERSION_NOT_NEXT",
            Self::ContractSummary(_) => "CONTRACT_SUMMARY_INVALID",
            Self::ContractSchema => "CONTRACT_SCHEMA_INVALID",
            Self::ContractExamples => "CONTRACT_EXAMPLES_INVALID",
            Self::ContractMeasure => "CONTRACT_MEASURE_INVALID",
            Self::ContractExampleUncountable => "CONTRACT_EXAMPLE_UNCOUNTABLE",
        })
    }
}

/// Decides for the stream of one capability.
#[derive(Clone, Copy, Debug)]
pub struct Capability;

impl Decider for Capability {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Define(definition)) => define(None, definition),
            (State::Defined { definition: last, .. }, Command::Define(definition)) => define(Some(last), definition),
            (State::Absent, Command::DefineContract(_)) => Err(Rejection::NotDefined),
            (State::Defined { definition, contract: last }, Command::DefineContract(contract)) => {
                define_contract(definition, last.as_deref(), contract)
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Defined(fact)) => {
                State::Defined { definition: Box::new(fact.definition.clone()), contract: None }
            }
            (State::Defined { contract, .. }, Event::Defined(fact)) => {
                State::Defined { definition: Box::new(fact.definition.clone()), contract }
            }
            (State::Defined { definition, .. }, Event::ContractDefined(fact)) => {
                State::Defined { definition, contract: Some(Box::new(fact.contract.clone())) }
            }
            (State::Absent, Event::ContractDefined(_)) => State::Absent,
        }
    }
}

fn define(last: Option<&Definition>, definition: Definition) -> Result<Vec<Event>, Rejection> {
    if last.is_some_and(|last| last.slug != definition.slug) {
        return Err(Rejection::SlugFixed);
    }
    let definition = checked(definition)?;
    if last == Some(&definition) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Defined(Defined { definition })])
}

fn checked(definition: Definition) -> Result<Definition, Rejection> {
    let name = bilingual(&definition.name)?;
    if category::find(definition.category.as_str()).is_none() {
        return Err(Rejection::Category);
    }
    if definition.quoted_per == 0 {
        return Err(Rejection::QuotedPer);
    }
    if definition.inputs.is_empty() || definition.outputs.is_empty() {
        return Err(Rejection::WordCount);
    }
    Ok(Definition {
        name,
        subcategory: word(&definition.subcategory)?,
        inputs: words(&definition.inputs)?,
        outputs: words(&definition.outputs)?,
        industries: words(&definition.industries)?,
        ..definition
    })
}

fn bilingual(name: &Localized) -> Result<Localized, Rejection> {
    let name = Localized::new(name.en.as_deref(), name.zh.as_deref(), NAME_LENGTH_MAX).map_err(|_| Rejection::Name)?;
    if name.en.is_some() && name.zh.is_some() { Ok(name) } else { Err(Rejection::Name) }
}

fn word(text: &str) -> Result<String, Rejection> {
    required(text, WORD_LENGTH_MAX).map_err(Rejection::Word)
}

fn words(texts: &[String]) -> Result<Vec<String>, Rejection> {
    if texts.len() > WORDS_MAX {
        return Err(Rejection::WordCount);
    }
    texts.iter().map(|text| word(text)).collect()
}

fn define_contract(
    definition: &Definition,
    last: Option<&Contract>,
    contract: Contract,
) -> Result<Vec<Event>, Rejection> {
    let contract = checked_contract(contract)?;
    if last == Some(&contract) {
        return Ok(Vec::new());
    }
    let expected = last.map_or(1, |last| last.version.saturating_add(1));
    if contract.version != expected {
        return Err(Rejection::ContractVersion { expected });
    }
    Ok(vec![Event::ContractDefined(ContractDefined { slug: definition.slug.clone(), contract })])
}

fn checked_contract(contract: Contract) -> Result<Contract, Rejection> {
    let Localized { en, zh } = &contract.summary;
    let summary =
        Localized::new(en.as_deref(), zh.as_deref(), SUMMARY_LENGTH_MAX).map_err(Rejection::ContractSummary)?;
    for schema in [&contract.input_schema, &contract.output_schema] {
        if !schema.is_object() || json_bytes(schema) > SCHEMA_BYTES_MAX {
            return Err(Rejection::ContractSchema);
        }
    }
    check_measure(&contract.measure)?;
    check_examples(&contract.measure, &contract.examples)?;
    Ok(Contract { summary, ..contract })
}

fn check_measure(measure: &Measure) -> Result<(), Rejection> {
    let fits = match &measure.count {
        Count::One => true,
        Count::Items(pointer) => is_pointer(pointer),
        Count::Characters(pointers) => {
            let different = pointers.iter().collect::<BTreeSet<_>>().len() == pointers.len();
            (1..=POINTERS_MAX).contains(&pointers.len()) && different && pointers.iter().all(|text| is_pointer(text))
        }
    };
    if fits { Ok(()) } else { Err(Rejection::ContractMeasure) }
}

/// Whether the text is a JSON pointer (RFC 6901) of bounded length. Any other text would find nothing and so make
/// every call free.
fn is_pointer(text: &str) -> bool {
    let rooted = text.is_empty() || text.starts_with('/');
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    rooted && escapes && text.len() <= POINTER_LENGTH_MAX
}

fn check_examples(rule: &Measure, examples: &[Example]) -> Result<(), Rejection> {
    let bytes = examples
        .iter()
        .flat_map(|example| [&example.input, &example.output])
        .fold(0_usize, |total, value| total.saturating_add(json_bytes(value)));
    if !(1..=EXAMPLES_MAX).contains(&examples.len()) || bytes > EXAMPLES_BYTES_MAX {
        return Err(Rejection::ContractExamples);
    }
    let countable = examples.iter().all(|example| measure::count(rule, &example.input).is_ok());
    if countable { Ok(()) } else { Err(Rejection::ContractExampleUncountable) }
}

/// The length of a value as compact JSON.
fn json_bytes(value: &Value) -> usize {
    value.to_string().len()
}

#[cfg(test)]
#[path = "capability_tests.rs"]
mod tests;
