//! What only one kind of listing has, as GraphQL shows and takes it.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, OneofObject, SimpleObject};
use catalog::published::listing::{self, Content, Details};
use kernel::id::ListingId;

use super::errors::{Refused, invalid};
use super::scalars::{Count, LocalizedInput, Placement, Purpose};
use super::work::platform;
use crate::preview::{Preview, Unavailable};

/// A dataset.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DatasetDetails {
    /// Media type of the distribution.
    pub media_type: String,
    /// Where it is downloaded.
    pub download_url: String,
    /// SHA-256 of the distribution, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: Count,
    /// Records in it.
    pub rows: Count,
    /// Where the data comes from, in English.
    pub provenance_en: Option<String>,
    /// Where the data comes from, in Chinese.
    pub provenance_zh: Option<String>,
    #[graphql(skip)]
    told: listing::DatasetDetails,
}

#[ComplexObject]
impl DatasetDetails {
    /// A first look inside; null where there is none, and `previewUnavailable` says why.
    async fn preview(&self, context: &Context<'_>) -> Result<Option<DatasetPreview>, Refused> {
        let preview = platform(context)?.previews.of(&self.told).await;
        Ok(preview.ok().map(|preview| DatasetPreview::from(&*preview)))
    }

    /// Why there is no preview; null where there is one.
    async fn preview_unavailable(&self, context: &Context<'_>) -> Result<Option<PreviewUnavailable>, Refused> {
        Ok(platform(context)?.previews.of(&self.told).await.err().map(PreviewUnavailable::from))
    }
}

/// A first look into a dataset.
#[derive(SimpleObject)]
pub struct DatasetPreview {
    /// The columns' names, at most 64.
    pub columns: Vec<String>,
    /// At most 20, each as long as `columns`; a cell has at most 200 characters.
    pub rows: Vec<Vec<String>>,
    /// Whether there is more than this.
    pub is_truncated: bool,
}

impl From<&Preview> for DatasetPreview {
    fn from(preview: &Preview) -> Self {
        Self { columns: preview.columns.clone(), rows: preview.rows.clone(), is_truncated: preview.is_truncated }
    }
}

/// Why there is no preview.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Unavailable")]
pub enum PreviewUnavailable {
    /// Only CSV, TSV and JSON can be previewed.
    NotTabular,
    /// The file cannot be read at its address.
    Unreachable,
    /// The file is not the one that the listing describes, by length or SHA-256.
    Altered,
    /// The file is not what its media type says.
    Malformed,
}

/// A model, callable through the gateway.
#[derive(SimpleObject)]
pub struct ModelDetails {
    /// Where the gateway calls it; for its provider and the operator.
    pub endpoint: Option<String>,
    /// The framework it was built with.
    pub framework: Option<String>,
    /// Where it runs.
    pub placement: Placement,
    /// Whether the same call may be sent again without harm or charge.
    pub is_repeatable: bool,
}

impl ModelDetails {
    /// As the market sees it.
    pub fn without_endpoint(self) -> Self {
        Self { endpoint: None, ..self }
    }
}

/// A compute tier.
#[derive(SimpleObject)]
pub struct ComputeTierDetails {
    /// The chip.
    pub chip: String,
    /// How many of them.
    pub chip_count: u32,
    /// Memory in GiB.
    pub memory_gib: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub placement: Placement,
}

/// A solution.
#[derive(SimpleObject)]
pub struct SolutionDetails {
    /// What is delivered, in English.
    pub deliverables_en: Option<String>,
    /// What is delivered, in Chinese.
    pub deliverables_zh: Option<String>,
    /// Listings it is built from.
    pub component_ids: Vec<ID>,
}

/// The details of a content, of which exactly one is present.
#[derive(Default)]
pub struct OfKind {
    /// Of a dataset.
    pub dataset: Option<DatasetDetails>,
    /// Of a model.
    pub model: Option<ModelDetails>,
    /// Of a compute tier.
    pub compute_tier: Option<ComputeTierDetails>,
    /// Of a solution.
    pub solution: Option<SolutionDetails>,
}

/// Takes the details of a content apart.
pub fn of_kind(content: &Content) -> OfKind {
    let none = OfKind::default();
    match &content.details {
        Details::Dataset(details) => OfKind { dataset: Some(dataset(details)), ..none },
        Details::Model(details) => OfKind { model: Some(model(details)), ..none },
        Details::ComputeTier(details) => OfKind { compute_tier: Some(compute_tier(details)), ..none },
        Details::Solution(details) => OfKind { solution: Some(solution(details)), ..none },
    }
}

fn dataset(details: &listing::DatasetDetails) -> DatasetDetails {
    DatasetDetails {
        media_type: details.media_type.clone(),
        download_url: details.download_url.clone(),
        sha256: details.sha256.clone(),
        bytes: Count(details.bytes),
        rows: Count(details.rows),
        provenance_en: details.provenance.en.clone(),
        provenance_zh: details.provenance.zh.clone(),
        told: details.clone(),
    }
}

fn model(details: &listing::ModelDetails) -> ModelDetails {
    ModelDetails {
        endpoint: Some(details.endpoint.clone()),
        framework: details.framework.clone(),
        placement: details.placement.into(),
        is_repeatable: details.repeatable,
    }
}

fn compute_tier(details: &listing::ComputeTierDetails) -> ComputeTierDetails {
    ComputeTierDetails {
        chip: details.chip.clone(),
        chip_count: details.chip_count,
        memory_gib: details.memory_gib,
        purpose: details.purpose.into(),
        placement: details.placement.into(),
    }
}

fn solution(details: &listing::SolutionDetails) -> SolutionDetails {
    SolutionDetails {
        deliverables_en: details.deliverables.en.clone(),
        deliverables_zh: details.deliverables.zh.clone(),
        component_ids: details.components.iter().map(|id| id.to_string().into()).collect(),
    }
}

/// Exactly one: it decides the listing's kind.
#[derive(OneofObject)]
pub enum DetailsInput {
    /// A dataset.
    Dataset(DatasetInput),
    /// A model.
    Model(ModelInput),
    /// A compute tier.
    ComputeTier(ComputeTierInput),
    /// A solution.
    Solution(SolutionInput),
}

/// A dataset.
#[derive(InputObject)]
pub struct DatasetInput {
    /// Media type of the distribution, e.g. `text/csv`.
    pub media_type: String,
    /// Where it is downloaded: an absolute URL or a path on this platform.
    pub download_url: String,
    /// SHA-256 of the distribution, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: Count,
    /// Records in it.
    pub rows: Count,
    /// Where the data comes from and how it was made.
    pub provenance: LocalizedInput,
}

/// A model, callable over HTTP.
#[derive(InputObject)]
pub struct ModelInput {
    /// `http(s)` URL called with POST; `{capability}` stands for the capability's slug.
    pub endpoint: String,
    /// The framework it was built with.
    pub framework: Option<String>,
    /// Where it runs.
    pub placement: Placement,
    /// Whether the same call may be sent again without harm or charge.
    #[graphql(default)]
    pub is_repeatable: bool,
}

/// A compute tier.
#[derive(InputObject)]
pub struct ComputeTierInput {
    /// The chip.
    pub chip: String,
    /// How many of them.
    pub chip_count: u32,
    /// Memory in GiB.
    pub memory_gib: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub placement: Placement,
}

/// A solution.
#[derive(InputObject)]
pub struct SolutionInput {
    /// What is delivered.
    pub deliverables: LocalizedInput,
    /// Listings it is built from.
    #[graphql(default)]
    pub component_ids: Vec<ID>,
}

impl TryFrom<DetailsInput> for Details {
    type Error = Refused;

    fn try_from(input: DetailsInput) -> Result<Self, Refused> {
        Ok(match input {
            DetailsInput::Dataset(input) => Self::Dataset(listing::DatasetDetails {
                media_type: input.media_type,
                download_url: input.download_url,
                sha256: input.sha256,
                bytes: input.bytes.0,
                rows: input.rows.0,
                provenance: input.provenance.into(),
            }),
            DetailsInput::Model(input) => Self::Model(listing::ModelDetails {
                endpoint: input.endpoint,
                framework: input.framework,
                placement: input.placement.into(),
                repeatable: input.is_repeatable,
            }),
            DetailsInput::ComputeTier(input) => Self::ComputeTier(listing::ComputeTierDetails {
                chip: input.chip,
                chip_count: input.chip_count,
                memory_gib: input.memory_gib,
                purpose: input.purpose.into(),
                placement: input.placement.into(),
            }),
            DetailsInput::Solution(input) => Self::Solution(listing::SolutionDetails {
                deliverables: input.deliverables.into(),
                components: components(&input.component_ids)?,
            }),
        })
    }
}

fn components(ids: &[ID]) -> Result<Vec<ListingId>, Refused> {
    ids.iter().map(|id| id.parse().map_err(|error| invalid("details", error))).collect()
}
