//! Facts of usage. Stream: `usage-<node>.<epoch>`.

use jiff::Timestamp;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};

/// How a quantity came to be known. The discriminants are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The provider said so.
    ProviderReported,
    /// The gateway counted it.
    GatewayCounted,
    /// Estimated because neither could.
    Estimated,
}

/// One quantity, divided into what the allowance covered and what is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Covered by the allowance.
    pub free: Quantity,
    /// Charged.
    pub value_added: Quantity,
}

/// What one invocation used on one meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageLine {
    /// What was counted.
    pub meter: Meter,
    /// How much, by class.
    pub split: Split,
    /// How it is known.
    pub basis: Basis,
    /// `VALUE_ADDED` units of the period before this call: with the frozen price, they make the record's charge
    /// computable from the record alone.
    pub before: Quantity,
}

/// What one invocation used. Written once, billed as told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRecord {
    /// The call.
    pub invocation: InvocationId,
    /// The agreement it is billed under.
    pub agreement: AgreementId,
    /// Gapless from 1 per agreement and usage stream, so that omission shows.
    pub sequence: u64,
    /// Who bought.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// What was called.
    pub capability: Slug,
    /// What answered.
    pub listing: ListingId,
    /// Who called: `key_…` or `mem_…`.
    pub principal: String,
    /// At most one per meter.
    pub lines: Vec<UsageLine>,
    /// The price version of the agreement.
    pub price_version: u32,
    /// The instant that decides the period.
    pub admitted_at: Timestamp,
    /// When the answer was in hand.
    pub settled_at: Timestamp,
    /// The start of the period it belongs to.
    pub period_start: Timestamp,
    /// SHA-256 over the buyer's id and its idempotency key.
    pub key_hash: [u8; 32],
    /// SHA-256 of the call's target and payload, canonical.
    pub payload_hash: [u8; 32],
}

/// What happened on a usage stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A batch of calls was metered.
    Recorded(Batch),
}

/// A batch of usage records: one append, one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// From which each record's salt is derived; random, never reused.
    pub salt_seed: [u8; 32],
    /// In settlement order.
    pub records: Vec<UsageRecord>,
}

/// Records `first` to `last` of one agreement in one usage stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceRange {
    /// The usage stream.
    pub stream: String,
    /// The first sequence number.
    pub first: u64,
    /// The last sequence number.
    pub last: u64,
}

/// Everything an agreement used within one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodUsage {
    /// By meter, each at most once, in the meters' order.
    pub meters: Vec<MeterUsage>,
    /// Where the records are, by stream name.
    pub ranges: Vec<SequenceRange>,
    /// How many calls.
    pub calls: u64,
}

/// What was used on one meter within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterUsage {
    /// What was counted.
    pub meter: Meter,
    /// How much, by class.
    #[serde(flatten)]
    pub split: Split,
}
