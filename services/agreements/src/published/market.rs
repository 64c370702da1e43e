//! Market terms: what the operator takes and which tax applies. Stream: `platform-terms`.

use kernel::event::StreamKey;
use serde::{Deserialize, Serialize};

/// Names the one stream of the platform's terms: `platform-terms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformTerms;

impl StreamKey for PlatformTerms {
    const CATEGORY: &'static str = "platform";
    fn key(&self) -> String {
        "terms".to_owned()
    }
}

/// Hundredths of a percent, 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct BasisPoints(u32);

/// More than 10,000 basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is 0 to 10000 basis points")]
pub struct InvalidShare;

impl BasisPoints {
    /// None.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const WHOLE: u32 = 10_000;

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for BasisPoints {
    type Error = InvalidShare;
    fn try_from(value: u32) -> Result<Self, InvalidShare> {
        if value <= Self::WHOLE { Ok(Self(value)) } else { Err(InvalidShare) }
    }
}

impl From<BasisPoints> for u32 {
    fn from(share: BasisPoints) -> Self {
        share.0
    }
}

/// What the operator takes and which tax applies; frozen into each agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketTerms {
    /// The platform's share of what is charged before tax.
    pub commission: BasisPoints,
    /// Tax added to what is charged.
    pub tax: BasisPoints,
}

impl MarketTerms {
    /// What holds until the operator sets terms: 10 % commission, and no tax, because which tax applies depends on
    /// where the operator is.
    pub const DEFAULT: Self = Self { commission: BasisPoints(1_000), tax: BasisPoints::ZERO };
}

/// What happened to the market's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The operator set them for agreements to come.
    Set(Set),
}

/// The operator set them for agreements to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The terms now.
    pub terms: MarketTerms,
}
