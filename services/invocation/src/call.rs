//! What is asked of the gateway, and what it answers.

use std::sync::Arc;
use std::time::Duration;

use agreements::published::terms::Terms;
use kernel::error::ErrorCode;
use kernel::event::Position;
use kernel::exact::Exact;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::money::Currency;
use kernel::slug::Slug;
use metering::account::AllowanceStatus;
use metering::published::usage::{UsageLine, UsageRecord};
use serde_json::Value;

use crate::contract::Violation;

/// The longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 200;

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Whichever of the buyer's agreements covers the capability best.
    Capability(Slug),
    /// One agreement, for one of its capabilities.
    Agreement(AgreementId, Slug),
}

impl Target {
    /// The capability to call.
    pub const fn capability(&self) -> &Slug {
        match self {
            Self::Capability(slug) | Self::Agreement(_, slug) => slug,
        }
    }

    /// A text that differs for different targets.
    pub fn canonical(&self) -> String {
        match self {
            Self::Capability(slug) => format!("capability {slug}"),
            Self::Agreement(agreement, slug) => format!("agreement {agreement} {slug}"),
        }
    }
}

/// By what to choose among agreements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// The lowest estimated charge; the faster one where they tie.
    #[default]
    Cheapest,
    /// The lowest latency lately; the cheaper one where they tie.
    Fastest,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whom to call.
    pub target: Target,
    /// The input.
    pub payload: Value,
    /// 1 to [`IDEMPOTENCY_KEY_BYTES_MAX`] bytes; a key is billed at most once.
    pub idempotency_key: String,
    /// Refuse rather than cost more; major units of the agreement's currency.
    pub max_charge: Option<Exact>,
    /// How to choose.
    pub preference: Preference,
}

/// A delivered call.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// What was used, as the log has it.
    pub record: UsageRecord,
    /// The currency of the estimates.
    pub currency: Currency,
    /// What each line adds to the period's charge: exact major units, in the record's order.
    pub estimates: Vec<Exact>,
    /// The answer.
    pub output: Arc<Value>,
    /// The batch in the log.
    pub position: Position,
    /// The record's index in the batch.
    pub index: u32,
    /// Whether this answers a repeated key.
    pub repeated: bool,
}

impl Invocation {
    /// The call's id.
    pub const fn id(&self) -> InvocationId {
        self.record.invocation
    }

    /// The sum of the estimates.
    pub fn estimate(&self) -> Exact {
        total(&self.estimates)
    }
}

/// The sum of exact amounts.
pub fn total(amounts: &[Exact]) -> Exact {
    amounts.iter().fold(kernel::exact::from_i64(0), |sum, amount| kernel::exact::add(&sum, amount))
}

/// What each line of a record adds to its period's charge, by the frozen terms.
pub fn estimates(lines: &[UsageLine], terms: &Terms) -> Vec<Exact> {
    lines.iter().map(|line| estimate(line, terms)).collect()
}

fn estimate(line: &UsageLine, terms: &Terms) -> Exact {
    let price = terms.meter(line.meter).and_then(|meter| meter.price.as_ref());
    price.map_or_else(
        || kernel::exact::from_i64(0),
        |price| agreements::published::rating::marginal(price, line.before, line.split.value_added),
    )
}

/// What a call would cost on one agreement.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The agreement.
    pub agreement: AgreementId,
    /// What would answer.
    pub listing: ListingId,
    /// The seller.
    pub seller: OrganizationId,
    /// What would be used, split as things stand now.
    pub lines: Vec<UsageLine>,
    /// What each line would add: exact major units.
    pub estimates: Vec<Exact>,
    /// The most the call can cost: as if no unit were free. What `max_charge` is held against.
    pub worst_case: Exact,
    /// The currency.
    pub currency: Currency,
    /// How the provider has answered lately.
    pub latency: Option<Duration>,
    /// Whether the provider is reachable as far as is known.
    pub available: bool,
}

/// Why a provider gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// No connection could be made.
    Unreachable,
    /// The connection broke before the whole answer had arrived.
    Disconnected,
    /// No answer within the deadline.
    TimedOut,
    /// The answer is not what the contract promises.
    InvalidOutput,
    /// The answer is too large.
    OutputTooLarge,
    /// It failed often lately and is given a rest.
    Resting,
    /// Its address may not be called.
    AddressBlocked,
    /// It has no endpoint that can be called.
    NoEndpoint,
}

/// Why a call was not delivered. Nothing is billed, except where it says otherwise.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvokeError {
    /// The payload breaks the contract.
    #[error("the payload breaks the capability's contract at `{}`: {}", .0.pointer, .0.message)]
    InvalidPayload(Violation),
    /// The key is empty or too long.
    #[error("an idempotency key has 1 to {IDEMPOTENCY_KEY_BYTES_MAX} bytes")]
    InvalidIdempotencyKey,
    /// The capability or agreement is unknown, or not the caller's.
    #[error("there is no such capability or agreement")]
    NotFound,
    /// The capability has no contract yet, so it cannot be called.
    #[error("the capability has no contract yet")]
    NoContract,
    /// None of the buyer's agreements covers the capability.
    #[error("none of your agreements covers this capability: accept an offer first")]
    NoAgreement,
    /// The organization is suspended.
    #[error("the organization is suspended")]
    Suspended,
    /// The terms cover no meter that the call uses.
    #[error("the agreement's terms cover no meter of this call")]
    NotCovered,
    /// The allowance is used up and there is no price beyond it.
    #[error("the free allowance is used up until {} and the terms have no price beyond it", .0.resets_at)]
    AllowanceExhausted(AllowanceStatus),
    /// The call could cost more than the caller allows.
    #[error("the call could cost more than allowed")]
    ChargeLimitExceeded {
        /// The most it can cost, major units.
        worst_case: Exact,
        /// In what.
        currency: Currency,
    },
    /// The key was used with another target or payload.
    #[error("this idempotency key was used for another call")]
    IdempotencyConflict,
    /// The provider looked at the input and declined.
    #[error("the provider declined: {message}")]
    ProviderRefused {
        /// The provider's own code.
        code: String,
        /// The provider's reason, cleaned and bounded.
        message: String,
    },
    /// No provider gave a usable answer.
    #[error("the provider gave no usable answer")]
    ProviderUnavailable(Unavailable),
    /// Answered and billed once before; the output is no longer held, and the provider does not repeat calls.
    #[error("the call was answered before and its output is no longer held")]
    OutputNotRetained(InvocationId),
    /// The provider answered, the log has not said yet whether the usage is recorded. Ask again by the same key.
    #[error("the outcome is not known yet: ask again with the same key")]
    OutcomePending(InvocationId),
    /// The log takes no usage at this moment, so nothing may be delivered.
    #[error("usage cannot be recorded at this moment, so nothing is delivered")]
    NotRecorded,
    /// The usage would leave what a period can hold and be charged for, or the calendar its range.
    #[error("the usage is more than a period can hold and be charged for, or the calendar is out of range")]
    OutOfRange,
}

impl InvokeError {
    /// The stable code.
    pub const fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::InvalidPayload(_) => "INVALID_PAYLOAD",
            Self::InvalidIdempotencyKey => "INVALID_IDEMPOTENCY_KEY",
            Self::NotFound => "NOT_FOUND",
            Self::NoContract => "NO_CONTRACT",
            Self::NoAgreement => "NO_AGREEMENT",
            Self::Suspended => "ORGANIZATION_SUSPENDED",
            Self::NotCovered => "METER_NOT_COVERED",
            Self::AllowanceExhausted(_) => "ALLOWANCE_EXHAUSTED",
            Self::ChargeLimitExceeded { .. } => "CHARGE_LIMIT_EXCEEDED",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::ProviderRefused { .. } => "PROVIDER_REFUSED",
            Self::ProviderUnavailable(_) => "PROVIDER_UNAVAILABLE",
            Self::OutputNotRetained(_) => "OUTPUT_NOT_RETAINED",
            Self::OutcomePending(_) => "OUTCOME_PENDING",
            Self::NotRecorded => "NOT_RECORDED",
            Self::OutOfRange => "OUT_OF_RANGE",
        })
    }
}
