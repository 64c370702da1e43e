//! Facts of a capability: a standard function, whoever performs it. Stream: `capability-<slug>`.

use kernel::localized::Localized;
use kernel::meter::Meter;
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the catalog says of a capability, contract or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its slug.
    pub slug: Slug,
    /// One of the catalog's twelve categories.
    pub category: Slug,
    /// A finer grouping.
    pub subcategory: String,
    /// Its name in both languages.
    pub name: Localized,
    /// Kinds of input, e.g. `text`, `image`.
    pub inputs: Vec<String>,
    /// Kinds of output.
    pub outputs: Vec<String>,
    /// What is counted unless an offer says otherwise.
    pub meter: Meter,
    /// How many units a price is usually quoted for, e.g. 1000 characters.
    pub quoted_per: u32,
    /// Whether the basic form is usually free.
    pub usually_free: bool,
    /// Whether demand is specialised rather than general.
    pub specialised: bool,
    /// Industries that ask for it.
    pub industries: Vec<String>,
}

/// How the gateway counts a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What is counted.
    pub meter: Meter,
    /// How it is counted.
    pub count: Count,
}

/// The counting rule of a contract. Pointers are JSON pointers (RFC 6901) into the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// One per call.
    One,
    /// Unicode scalar values of the strings, or of the arrays of strings, at these pointers.
    Characters(Vec<String>),
    /// Elements of the array at this pointer.
    Items(String),
}

/// What a call looks like: anyone may implement it, the gateway enforces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// From 1, rising.
    pub version: u32,
    /// What the call does.
    pub summary: Localized,
    /// How it is counted.
    pub measure: Measure,
    /// JSON Schema 2020-12 of the input.
    pub input_schema: Value,
    /// JSON Schema 2020-12 of the output.
    pub output_schema: Value,
    /// At least one.
    pub examples: Vec<Example>,
}

/// A file of `schema/capabilities/`: a contract and the capability that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractFile {
    /// The capability.
    pub slug: Slug,
    /// Everything else in the file.
    #[serde(flatten)]
    pub contract: Contract,
}

/// A call and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Valid by the input schema.
    pub input: Value,
    /// Valid by the output schema.
    pub output: Value,
}

/// What happened to a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It entered the catalog.
    Defined(Defined),
    /// Its contract was set, or a newer version of it.
    ContractDefined(ContractDefined),
}

/// It entered the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defined {
    /// What the catalog says of it.
    pub definition: Definition,
}

/// Its contract was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractDefined {
    /// The capability.
    pub slug: Slug,
    /// The contract.
    pub contract: Contract,
}
