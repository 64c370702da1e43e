//! Facts of a listing: what a provider offers to the market. Stream: `listing-<id>`.

use kernel::id::{ListingId, OrganizationId, ProviderId};
use kernel::localized::Localized;
use kernel::merkle::hex;
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What kind of good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Data, described and delivered.
    Dataset,
    /// Something callable that implements capabilities.
    Model,
    /// Machines by the second.
    ComputeTier,
    /// Goods and work bundled for a purpose.
    Solution,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Only its provider sees it.
    Draft,
    /// The operator reviews it.
    InReview,
    /// On the market.
    Published,
    /// Still serves its buyers, takes no new ones.
    Deprecated,
    /// Gone from the market.
    Retired,
}

/// Where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// In a data centre.
    Cloud,
    /// Near the user.
    Edge,
    /// On the device itself.
    Device,
    /// At the buyer's site.
    OnPremise,
}

/// What compute is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Training.
    Train,
    /// Inference.
    Infer,
}

/// What only one kind of listing has. The variant decides the listing's [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Details {
    /// A dataset.
    Dataset(DatasetDetails),
    /// A model.
    Model(ModelDetails),
    /// A compute tier.
    ComputeTier(ComputeTierDetails),
    /// A solution.
    Solution(SolutionDetails),
}

impl Details {
    /// The kind of listing these details make.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Dataset(_) => Kind::Dataset,
            Self::Model(_) => Kind::Model,
            Self::ComputeTier(_) => Kind::ComputeTier,
            Self::Solution(_) => Kind::Solution,
        }
    }
}

/// A dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetDetails {
    /// Media type of the distribution, e.g. `text/csv`.
    pub media_type: String,
    /// Where it is downloaded, an absolute URL or a path on this platform.
    pub download_url: String,
    /// SHA-256 of the distribution, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Records in it.
    pub rows: u64,
    /// Where the data comes from and how it was made, up to 4,000 characters in each language.
    pub provenance: Localized,
}

/// A model, callable over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelDetails {
    /// `http(s)` URL called with POST; `{capability}` stands for the capability's slug.
    pub endpoint: String,
    /// The framework it was built with, if any, e.g. `PaddlePaddle`.
    pub framework: Option<String>,
    /// Where it runs.
    pub placement: Placement,
    /// Whether the same call may be sent again without harm or charge.
    pub repeatable: bool,
}

/// A compute tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputeTierDetails {
    /// The chip, e.g. `Ascend 910B`.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionDetails {
    /// What is delivered, up to 4,000 characters in each language.
    pub deliverables: Localized,
    /// Listings it is built from.
    pub components: Vec<ListingId>,
}

/// Everything that is reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its name, 1 to 120 characters in each language.
    pub name: Localized,
    /// What it does, 1 to 2,000 characters in each language.
    pub summary: Localized,
    /// The capabilities it implements; a model has at least one, at most 64.
    pub capabilities: Vec<Slug>,
    /// SPDX expression or the name of the licence, if there is one.
    pub licence: Option<String>,
    /// What only this kind has.
    pub details: Details,
}

impl Content {
    /// SHA-256 of its recorded form, hexadecimal: the same for exactly this content, and for no other.
    pub fn sha256(&self) -> String {
        // Texts, numbers and lists always serialise; were it otherwise, no probe would fit the content.
        serde_json::to_vec(self).map_or_else(|_| String::new(), |bytes| hex(&Sha256::digest(bytes)))
    }
}

/// How the probe of one example came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// It was answered as the contract promises.
    Passed,
    /// The capability has no contract yet, so there is nothing to call.
    NoContract,
    /// The provider declined its own capability's example.
    Refused,
    /// No connection could be made.
    Unreachable,
    /// The connection broke before the whole answer had arrived.
    Disconnected,
    /// No answer in time.
    TimedOut,
    /// The answer is too large.
    OutputTooLarge,
    /// The answer is not what the contract promises.
    InvalidOutput,
    /// Its address may not be called.
    AddressBlocked,
}

impl ProbeOutcome {
    /// Whether nothing speaks against the listing.
    pub const fn is_fine(self) -> bool {
        matches!(self, Self::Passed | Self::NoContract)
    }
}

/// One example of a contract, sent to a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeCheck {
    /// The capability.
    pub capability: Slug,
    /// The contract's version; absent where there is no contract.
    pub contract_version: Option<u32>,
    /// The example's index in the contract, from 0.
    pub example: u32,
    /// How it came out.
    pub outcome: ProbeOutcome,
    /// What exactly, up to 400 characters: the provider's code, or where the answer breaks the schema.
    pub detail: Option<String>,
    /// From the start of the call to the last byte of the answer; absent without an answer.
    pub latency_milliseconds: Option<u32>,
}

/// What happened to a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its provider began it.
    Drafted(Drafted),
    /// Its provider changed what the next version says.
    Revised(Revised),
    /// Its provider asked for review.
    Submitted(Submitted),
    /// The examples of its contracts were sent to it.
    Probed(Probed),
    /// The operator asked for changes.
    ChangesRequested(ChangesRequested),
    /// The operator approved it: a version is on the market.
    Published(Published),
    /// Its provider stopped offering it to new buyers.
    Deprecated(Deprecated),
    /// It left the market.
    Retired(Retired),
}

/// Its provider began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafted {
    /// The listing.
    pub listing: ListingId,
    /// Whose it is.
    pub provider: ProviderId,
    /// The provider's organization.
    pub organization: OrganizationId,
    /// Its address within the market.
    pub slug: Slug,
    /// What it says.
    pub content: Content,
}

/// Its provider changed what the next version says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// The listing.
    pub listing: ListingId,
    /// What it says now.
    pub content: Content,
}

/// Its provider asked for review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The listing.
    pub listing: ListingId,
}

/// The examples of its contracts were sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// The listing.
    pub listing: ListingId,
    /// [`Content::sha256`] of what was probed.
    pub content_sha256: String,
    /// Whether nothing speaks against it.
    pub passed: bool,
    /// Every example that was sent, in the order of capabilities and examples.
    pub checks: Vec<ProbeCheck>,
}

/// The operator asked for changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesRequested {
    /// The listing.
    pub listing: ListingId,
    /// What to change, 1 to 2,000 characters.
    pub note: String,
}

/// A version is on the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The listing.
    pub listing: ListingId,
    /// From 1, rising.
    pub version: u32,
    /// What this version says.
    pub content: Content,
}

/// Its provider stopped offering it to new buyers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprecated {
    /// The listing.
    pub listing: ListingId,
}

/// It left the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// The listing.
    pub listing: ListingId,
}
