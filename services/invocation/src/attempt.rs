//! How an attempt on one agreement fails, and whether another agreement may still answer.

use agreements::published::agreement::Accepted;
use metering::account::Refusal;
use providers::error::CallError;
use tokio::sync::oneshot;

use crate::batcher::{Answer, NotSettled, Written};
use crate::call::{Call, InvokeError, Unavailable};
use crate::contract::Violation;
use crate::routing::Candidate;

/// How one candidate failed.
pub(crate) enum Attempt {
    /// Another candidate may still answer.
    Next(InvokeError),
    /// It is over.
    Final(InvokeError),
}

/// It has nothing to call.
pub(crate) const NO_ENDPOINT: Attempt = Attempt::Next(InvokeError::ProviderUnavailable(Unavailable::NoEndpoint));

impl Attempt {
    /// Why, wherever the call goes on.
    pub(crate) fn into_error(self) -> InvokeError {
        match self {
            Self::Next(error) | Self::Final(error) => error,
        }
    }
}

/// Refuses a candidate that could cost more than the caller allows.
pub(crate) fn check_limit(call: &Call, candidate: &Candidate) -> Result<(), Attempt> {
    let exceeded = call.max_charge.as_ref().is_some_and(|limit| candidate.worst_case > *limit);
    if !exceeded {
        return Ok(());
    }
    let worst_case = candidate.worst_case.clone();
    let currency = candidate.accepted.terms.currency;
    Err(Attempt::Next(InvokeError::ChargeLimitExceeded { worst_case, currency }))
}

/// What a refused admission means for the call.
pub(crate) fn refused(refusal: Refusal) -> Attempt {
    match refusal {
        Refusal::AllowanceExhausted(status) => Attempt::Next(InvokeError::AllowanceExhausted(status)),
        Refusal::NotCovered => Attempt::Next(InvokeError::NotCovered),
        Refusal::NotInForce => Attempt::Next(InvokeError::NotFound),
        Refusal::Closing | Refusal::NotAtHand | Refusal::TooManyCorrections | Refusal::OutOfRange => {
            Attempt::Final(InvokeError::OutOfRange)
        }
    }
}

/// What a failed exchange with a provider means for the call.
pub(crate) fn failed(error: CallError) -> Attempt {
    let elsewhere = error.retryable_elsewhere();
    let error = match error {
        CallError::Refused { code, message } => InvokeError::ProviderRefused { code, message },
        CallError::Unreachable => InvokeError::ProviderUnavailable(Unavailable::Unreachable),
        CallError::Disconnected => InvokeError::ProviderUnavailable(Unavailable::Disconnected),
        CallError::Blocked => InvokeError::ProviderUnavailable(Unavailable::AddressBlocked),
        CallError::TimedOut => InvokeError::ProviderUnavailable(Unavailable::TimedOut),
        CallError::TooLarge => InvokeError::ProviderUnavailable(Unavailable::OutputTooLarge),
        CallError::Nonsense => InvokeError::ProviderUnavailable(Unavailable::InvalidOutput),
        CallError::BreakerOpen => InvokeError::ProviderUnavailable(Unavailable::Resting),
    };
    if elsewhere { Attempt::Next(error) } else { Attempt::Final(error) }
}

/// An answer that breaks the contract: the provider has worked, so no other one is asked.
pub(crate) fn invalid_output(accepted: &Accepted, violation: &Violation) -> Attempt {
    let listing = accepted.listing;
    tracing::warn!(%listing, pointer = %violation.pointer, "a provider's output breaks the contract");
    Attempt::Final(InvokeError::ProviderUnavailable(Unavailable::InvalidOutput))
}

/// What the batcher's answer means for the call.
pub(crate) fn settled(answer: Result<Answer, oneshot::error::RecvError>) -> Result<Written, InvokeError> {
    match answer {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(NotSettled::OutOfRange)) => Err(InvokeError::OutOfRange),
        Ok(Err(NotSettled::HoldExpired)) => Err(InvokeError::ProviderUnavailable(Unavailable::TimedOut)),
        Ok(Err(NotSettled::NotRecorded)) | Err(_) => Err(InvokeError::NotRecorded),
    }
}
