//! Facts of usage. Stream: `usage-<node>.<epoch>`; a sealed one has ended.

use std::sync::Arc;

use jiff::Timestamp;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;
use kernel::slug::Slug;
use serde::{Deserialize, Serialize};

use crate::published::owner::Taken;

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

/// How usage came to be recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// A call went through the gateway.
    #[default]
    Call,
    /// The seller reported it: it happened outside of the gateway.
    Report,
}

/// What one invocation, or one reported event, used. Written once, billed as told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRecord {
    /// The call, or the report.
    pub invocation: InvocationId,
    /// Which of the two.
    pub kind: RecordKind,
    /// The agreement it is billed under.
    pub agreement: AgreementId,
    /// Gapless from 1 per agreement and usage stream, so that omission shows.
    pub sequence: u64,
    /// Who bought.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// What was called; a report may name none, as there is none to a dataset's bytes or a compute tier's seconds.
    pub capability: Option<Slug>,
    /// What answered, or delivered.
    pub listing: ListingId,
    /// Who called, or reported: `key_…` or `mem_…`.
    pub principal: Arc<str>,
    /// At most one per meter.
    pub lines: Vec<UsageLine>,
    /// The price version of the agreement.
    pub price_version: u32,
    /// The instant that decides the period: of a call its admission, of a report when it was used.
    pub admitted_at: Timestamp,
    /// When the answer was in hand, or the report recorded.
    pub settled_at: Timestamp,
    /// The start of the period it belongs to: whose allowance and tiers it uses up.
    pub period_start: Timestamp,
    /// The start of the period on whose invoice it is: that of `period_start`, unless that one was closed before the
    /// usage was reported.
    pub billed_start: Timestamp,
    /// SHA-256 over the buyer's id and its idempotency key, or over the reporter's id, source and event id.
    pub key_hash: [u8; 32],
    /// SHA-256 of the call's target and payload, or of what the event says; canonical.
    pub payload_hash: [u8; 32],
}

/// What happened on a usage stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A batch of calls was metered.
    Recorded(Batch),
    /// Another node took the meter: nothing follows in this stream.
    Sealed(Sealed),
}

impl Event {
    /// The records of a batch; none where the stream was sealed.
    pub fn into_records(self) -> Vec<UsageRecord> {
        match self {
            Self::Recorded(batch) => batch.records,
            Self::Sealed(_) => Vec::new(),
        }
    }
}

/// Another node took the meter: nothing follows in this stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Who took it, and with that ended the epoch of this stream.
    pub by: Taken,
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

/// Everything that is on the invoice of one period: what was used within it, and what was reported late of periods
/// before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodUsage {
    /// Used within the period: by meter, each at most once, in the meters' order.
    pub meters: Vec<MeterUsage>,
    /// Reported late: by period, each at most once, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Used within the period and reported after its close: on later invoices, not on this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<MeterUsage>,
    /// Where the records are, by stream name.
    pub ranges: Vec<SequenceRange>,
    /// How many calls and reports.
    pub calls: u64,
}

/// Usage of a closed period that was reported late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The closed period, in which it was used.
    pub service: Period,
    /// By meter, each at most once, in the meters' order.
    pub meters: Vec<CorrectedUsage>,
}

/// Late usage of one meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedUsage {
    /// What was counted.
    pub meter: Meter,
    /// How much, by class.
    #[serde(flatten)]
    pub split: Split,
    /// `VALUE_ADDED` units of the closed period that earlier invoices have.
    pub before: Quantity,
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
