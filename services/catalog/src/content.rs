//! What a listing may say: every text bounded and trimmed, every address shaped, every kind complete.
//!
//! Deliberately absent: whether the capabilities and components exist, which needs other streams; the edge looks.

use std::collections::BTreeSet;

use kernel::error::ErrorCode;
use kernel::localized::{InvalidText, Localized, required};

use crate::address;
use crate::published::listing::{
    ComputeTierDetails, Content, DatasetDetails, Details, Kind, ModelDetails, SolutionDetails,
};

/// The longest name, in characters of each language.
pub const NAME_LENGTH_MAX: usize = 120;
/// The longest summary, in characters of each language.
pub const SUMMARY_LENGTH_MAX: usize = 2_000;
/// The longest provenance or list of deliverables, in characters of each language.
pub const LONG_TEXT_LENGTH_MAX: usize = 4_000;
/// The longest licence, in characters.
pub const LICENCE_LENGTH_MAX: usize = 200;
/// The longest name of a framework or chip, in characters.
pub const TECHNOLOGY_LENGTH_MAX: usize = 80;
/// The longest address, in characters.
pub const ADDRESS_LENGTH_MAX: usize = 500;
/// The most capabilities a listing implements.
pub const CAPABILITIES_MAX: usize = 64;
/// The most listings a solution is built from.
pub const COMPONENTS_MAX: usize = 64;

const MEDIA_TYPE_LENGTH_MAX: usize = 100;
const SHA256_HEX_LENGTH: usize = 64;
/// Stands for the capability's slug in a model's endpoint.
const CAPABILITY_PLACEHOLDER: &str = "{capability}";

/// Why a content cannot be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContent {
    /// The name is unfit.
    #[error("the name: {0}")]
    Name(InvalidText),
    /// The summary is unfit.
    #[error("the summary: {0}")]
    Summary(InvalidText),
    /// The licence is unfit.
    #[error("the licence: {0}")]
    Licence(InvalidText),
    /// Capabilities repeat, are too many, or a model has none.
    #[error("a listing has at most 64 different capabilities, and a model at least one")]
    Capabilities,
    /// The media type has another shape.
    #[error("a media type is `type/subtype` of at most 100 characters")]
    MediaType,
    /// The download's address is unfit.
    #[error("a download is an http(s) address without credentials or fragment, or a path on this platform")]
    Download,
    /// The hash has another shape.
    #[error("a SHA-256 is 64 hexadecimal digits, lower case")]
    Sha256,
    /// The provenance is unfit.
    #[error("the provenance: {0}")]
    Provenance(InvalidText),
    /// The endpoint is unfit.
    #[error("an endpoint is an http(s) address of at most 500 characters without credentials or fragment")]
    Endpoint,
    /// The framework is unfit.
    #[error("the framework: {0}")]
    Framework(InvalidText),
    /// The chip is unfit.
    #[error("the chip: {0}")]
    Chip(InvalidText),
    /// A tier without a chip or memory is no tier.
    #[error("a compute tier has at least one chip and one GiB of memory")]
    ComputeSize,
    /// The deliverables are unfit.
    #[error("the deliverables: {0}")]
    Deliverables(InvalidText),
    /// Components repeat or are too many.
    #[error("a solution has at most 64 different components")]
    Components,
}

impl InvalidContent {
    /// The stable code of the rule.
    pub const fn code(self) -> ErrorCode {
        ErrorCode(match self {
            Self::Name(_) => "LISTING_NAME_INVALID",
            Self::Summary(_) => "LISTING_SUMMARY_INVALID",
            Self::Licence(_) => "LISTING_LICENCE_INVALID",
            Self::Capabilities => "LISTING_CAPABILITIES_INVALID",
            Self::MediaType => "DATASET_MEDIA_TYPE_INVALID",
            Self::Download => "DATASET_DOWNLOAD_INVALID",
            Self::Sha256 => "DATASET_SHA256_INVALID",
            Self::Provenance(_) => "DATASET_PROVENANCE_INVALID",
            Self::Endpoint => "MODEL_ENDPOINT_INVALID",
            Self::Framework(_) => "MODEL_FRAMEWORK_INVALID",
            Self::Chip(_) => "COMPUTE_TIER_CHIP_INVALID",
            Self::ComputeSize => "COMPUTE_TIER_SIZE_INVALID",
            Self::Deliverables(_) => "SOLUTION_DELIVERABLES_INVALID",
            Self::Components => "SOLUTION_COMPONENTS_INVALID",
        })
    }
}

/// The content with its texts trimmed, or the rule it breaks.
pub fn checked(content: &Content) -> Result<Content, InvalidContent> {
    check_capabilities(content)?;
    Ok(Content {
        name: trimmed(&content.name, NAME_LENGTH_MAX).map_err(InvalidContent::Name)?,
        summary: trimmed(&content.summary, SUMMARY_LENGTH_MAX).map_err(InvalidContent::Summary)?,
        capabilities: content.capabilities.clone(),
        licence: optional(content.licence.as_deref(), LICENCE_LENGTH_MAX).map_err(InvalidContent::Licence)?,
        details: checked_details(&content.details)?,
    })
}

fn check_capabilities(content: &Content) -> Result<(), InvalidContent> {
    let model = content.details.kind() == Kind::Model;
    let bounds = usize::from(model)..=CAPABILITIES_MAX;
    let fits = bounds.contains(&content.capabilities.len()) && different(&content.capabilities);
    if fits { Ok(()) } else { Err(InvalidContent::Capabilities) }
}

fn checked_details(details: &Details) -> Result<Details, InvalidContent> {
    match details {
        Details::Dataset(dataset) => checked_dataset(dataset).map(Details::Dataset),
        Details::Model(model) => checked_model(model).map(Details::Model),
        Details::ComputeTier(tier) => checked_compute_tier(tier).map(Details::ComputeTier),
        Details::Solution(solution) => checked_solution(solution).map(Details::Solution),
    }
}

fn checked_dataset(dataset: &DatasetDetails) -> Result<DatasetDetails, InvalidContent> {
    if !is_media_type(&dataset.media_type) {
        return Err(InvalidContent::MediaType);
    }
    if !is_download(&dataset.download_url) {
        return Err(InvalidContent::Download);
    }
    if !is_sha256(dataset.sha256.as_bytes()) {
        return Err(InvalidContent::Sha256);
    }
    let provenance = trimmed(&dataset.provenance, LONG_TEXT_LENGTH_MAX).map_err(InvalidContent::Provenance)?;
    Ok(DatasetDetails { provenance, ..dataset.clone() })
}

fn checked_model(model: &ModelDetails) -> Result<ModelDetails, InvalidContent> {
    if !is_endpoint(&model.endpoint) {
        return Err(InvalidContent::Endpoint);
    }
    let framework = optional(model.framework.as_deref(), TECHNOLOGY_LENGTH_MAX).map_err(InvalidContent::Framework)?;
    Ok(ModelDetails { framework, ..model.clone() })
}

fn checked_compute_tier(tier: &ComputeTierDetails) -> Result<ComputeTierDetails, InvalidContent> {
    if tier.chip_count == 0 || tier.memory_gib == 0 {
        return Err(InvalidContent::ComputeSize);
    }
    let chip = required(&tier.chip, TECHNOLOGY_LENGTH_MAX).map_err(InvalidContent::Chip)?;
    Ok(ComputeTierDetails { chip, ..tier.clone() })
}

fn checked_solution(solution: &SolutionDetails) -> Result<SolutionDetails, InvalidContent> {
    if solution.components.len() > COMPONENTS_MAX || !different(&solution.components) {
        return Err(InvalidContent::Components);
    }
    let deliverables = trimmed(&solution.deliverables, LONG_TEXT_LENGTH_MAX).map_err(InvalidContent::Deliverables)?;
    Ok(SolutionDetails { deliverables, components: solution.components.clone() })
}

fn trimmed(text: &Localized, max: usize) -> Result<Localized, InvalidText> {
    Localized::new(text.en.as_deref(), text.zh.as_deref(), max)
}

fn optional(text: Option<&str>, max: usize) -> Result<Option<String>, InvalidText> {
    text.map(|text| required(text, max)).transpose()
}

fn different<T: Ord>(items: &[T]) -> bool {
    items.iter().collect::<BTreeSet<_>>().len() == items.len()
}

/// `type/subtype` of the letters that RFC 6838, 4.2 restricts names to.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let named = text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype));
    named && text.len() <= MEDIA_TYPE_LENGTH_MAX
}

/// An absolute address, or a plain path on this platform: rooted, and without steps upwards.
fn is_download(text: &str) -> bool {
    if !text.starts_with('/') {
        return address::check(text, true, ADDRESS_LENGTH_MAX).is_ok();
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    plain && text.len() <= ADDRESS_LENGTH_MAX && !text.starts_with("//") && !text.split('/').any(|step| step == "..")
}

fn is_sha256(text: &[u8]) -> bool {
    text.len() == SHA256_HEX_LENGTH && text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// An address whose host does not depend on the capability, and with no other placeholder.
fn is_endpoint(text: &str) -> bool {
    let braces = text.replace(CAPABILITY_PLACEHOLDER, "");
    let fixed_host = |url: url::Url| url.host_str().is_some_and(|host| !host.contains(['{', '}']));
    !braces.contains(['{', '}']) && address::check(text, true, ADDRESS_LENGTH_MAX).is_ok_and(fixed_host)
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
