//! The one table of capabilities: slug → contract → function, and the pure entry to them.
//! Input is checked against its contract before a function sees it, so that functions only meet
//! values within the contract's bounds.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Code, Refusal, graph, image, ranking, routing, series, table, text};

/// A capability this service answers, and its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// The capability's name in the catalog.
    pub slug: &'static str,
    /// The contract file: summary, measure, JSON Schemas of input and output, examples.
    pub json: &'static str,
}

/// Every contract, in the order of the table.
pub fn contracts() -> impl Iterator<Item = Contract> {
    CAPABILITIES.iter().map(|capability| capability.contract)
}

/// Answers one call: checks `input` against the contract of `slug`, then computes.
///
/// Pure: the same input always gives the same output. Work is bounded by the contract's limits.
///
/// # Errors
/// A [`Refusal`] that says why there is no answer.
pub fn answer(slug: &str, input: &Value) -> Result<Value, Refusal> {
    let capability = CAPABILITIES
        .iter()
        .find(|capability| capability.contract.slug == slug)
        .ok_or_else(|| Refusal::new(Code::UnknownCapability, "No capability has this name here."))?;
    capability.check(input)?;
    (capability.run)(input)
}

struct Capability {
    contract: Contract,
    run: fn(&Value) -> Result<Value, Refusal>,
    input: OnceLock<Option<Validator>>,
}

impl Capability {
    fn check(&self, input: &Value) -> Result<(), Refusal> {
        let validator = self.input.get_or_init(|| compile(self.contract.json)).as_ref();
        let validator =
            validator.ok_or_else(|| Refusal::new(Code::Internal, "This capability's contract could not be read."))?;
        validator.validate(input).map_err(|error| {
            Refusal::new(Code::InvalidInput, error.masked().to_string()).at(error.instance_path().to_string())
        })
    }
}

/// The validator of a contract's input; `None` only for a contract that its tests would reject.
fn compile(contract: &str) -> Option<Validator> {
    let contract: Value = serde_json::from_str(contract).ok()?;
    jsonschema::validator_for(contract.get("input_schema")?).ok()
}

/// Runs a typed function on a checked value. A contract that lets through what the type does not
/// is answered as invalid input.
fn typed<'a, Input, Output>(input: &'a Value, function: fn(Input) -> Result<Output, Refusal>) -> Result<Value, Refusal>
where
    Input: Deserialize<'a>,
    Output: Serialize,
{
    let input =
        Input::deserialize(input).map_err(|error| Refusal::new(Code::InvalidInput, error.to_string()).at(""))?;
    serde_json::to_value(function(input)?).map_err(|error| Refusal::new(Code::Internal, error.to_string()))
}

macro_rules! capability {
    ($slug:literal, $function:path) => {
        Capability {
            contract: Contract {
                slug: $slug,
                json: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/capabilities/", $slug, ".json")),
            },
            run: |input| typed(input, $function),
            input: OnceLock::new(),
        }
    };
}

static CAPABILITIES: [Capability; 39] = [
    capability!("chinese-word-segmentation", text::segmentation::segment),
    capability!("part-of-speech-tagging", text::segmentation::tag),
    capability!("keyword-extraction", text::keywords::extract),
    capability!("extractive-summarisation", text::summary::summarise),
    capability!("language-identification", text::language::identify),
    capability!("sentiment-analysis", text::sentiment::analyse),
    capability!("chinese-script-conversion", text::script_conversion::convert),
    capability!("pinyin-annotation", text::pinyin::annotate),
    capability!("name-transliteration", text::transliteration::transliterate),
    capability!("short-text-similarity", text::similarity::compare),
    capability!("near-duplicate-text-detection", text::near_duplicate::detect),
    capability!("personal-information-detection", text::personal_information::detect),
    capability!("inverse-text-normalisation", text::inverse_normalisation::normalise),
    capability!("query-suggestion", text::suggestion::suggest),
    capability!("full-text-search", text::search::search),
    capability!("qr-code-recognition", image::code::read_qr_codes),
    capability!("barcode-recognition", image::code::read_barcodes),
    capability!("perceptual-image-hash", image::hash::hash),
    capability!("image-placeholder-hash", image::placeholder::encode),
    capability!("image-metadata-extraction", image::metadata::extract),
    capability!("dominant-colour-extraction", image::colour::extract),
    capability!("image-quality-assessment", image::quality::assess),
    capability!("image-contrast-enhancement", image::contrast::enhance),
    capability!("time-series-forecasting", series::forecast::forecast),
    capability!("time-series-anomaly-detection", series::anomaly::detect),
    capability!("change-point-detection", series::change_point::detect),
    capability!("seasonality-detection", series::seasonality::detect),
    capability!("clustering-analysis", table::clustering::cluster),
    capability!("dimensionality-reduction", table::components::reduce),
    capability!("tabular-classification", table::forest::classify),
    capability!("tabular-regression", table::forest::regress),
    capability!("outlier-record-detection", table::outlier::detect),
    capability!("data-quality-profiling", table::profile::profile),
    capability!("record-entity-resolution", table::entity::resolve),
    capability!("data-de-identification", table::de_identification::de_identify),
    capability!("graph-centrality-analysis", graph::analyse),
    capability!("trending-ranking", ranking::trending),
    capability!("item-to-item-recommendation", ranking::recommend),
    capability!("vehicle-routing-optimisation", routing::plan),
];
