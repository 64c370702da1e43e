//! Why a call was not delivered, as clients see it.

use agreements::published::rating::print_exact;
use async_graphql::Enum;
use invocation::call::{InvokeError, Unavailable};
use invocation::contract::Violation;
use kernel::exact::Exact;

use crate::graphql::errors::{
    AllowanceExhausted, ChargeLimitExceeded, Fault, IdempotencyConflict, InvalidInput, InvalidPayload, OutcomePending,
    OutputNotRetained, ProviderRefused, ProviderUnavailable, Refused, RuleViolated, UserError, not_found,
};
use crate::graphql::scalars::Decimal;

/// Why a provider gave no usable answer.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Unavailable")]
pub enum UnavailableReason {
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

/// The typed error of a call that was not delivered. Usage that cannot be recorded is a fault of the platform.
pub fn refused(error: InvokeError) -> Refused {
    let (code, message) = (error.code().to_string(), error.to_string());
    let path = path(&error);
    let error = match error {
        InvokeError::NotFound => return not_found("target"),
        InvokeError::NotRecorded => return Fault::again("NOT_RECORDED", message).into(),
        InvokeError::NoContract
        | InvokeError::NoAgreement
        | InvokeError::Suspended
        | InvokeError::NotCovered
        | InvokeError::OutOfRange => UserError::RuleViolated(RuleViolated { code, message, path }),
        InvokeError::InvalidIdempotencyKey => UserError::InvalidInput(InvalidInput { code, message, path }),
        InvokeError::InvalidPayload(Violation { pointer, .. }) => {
            UserError::InvalidPayload(InvalidPayload { code, message, path, pointer })
        }
        InvokeError::AllowanceExhausted(status) => {
            UserError::AllowanceExhausted(AllowanceExhausted { code, message, path, status: status.into() })
        }
        InvokeError::ChargeLimitExceeded { worst_case, currency } => {
            let (quoted, currency_code) = (unrounded(&worst_case), currency.code().to_owned());
            UserError::ChargeLimitExceeded(ChargeLimitExceeded { code, message, path, quoted, currency_code })
        }
        InvokeError::IdempotencyConflict => UserError::IdempotencyConflict(IdempotencyConflict { code, message, path }),
        InvokeError::ProviderRefused { code: provider_code, .. } => {
            UserError::ProviderRefused(ProviderRefused { code, message, path, provider_code })
        }
        InvokeError::ProviderUnavailable(reason) => {
            UserError::ProviderUnavailable(ProviderUnavailable { code, message, path, reason: reason.into() })
        }
        InvokeError::OutcomePending(id) => {
            UserError::OutcomePending(OutcomePending { code, message, path, invocation_id: id.to_string().into() })
        }
        InvokeError::OutputNotRetained(id) => UserError::OutputNotRetained(OutputNotRetained {
            code,
            message,
            path,
            invocation_id: id.to_string().into(),
        }),
    };
    error.into()
}

/// To the input field that an error is about.
fn path(error: &InvokeError) -> Vec<String> {
    let field = match error {
        InvokeError::InvalidPayload(_) => "payload",
        InvokeError::InvalidIdempotencyKey | InvokeError::IdempotencyConflict => "idempotencyKey",
        InvokeError::NotFound | InvokeError::NoContract | InvokeError::NoAgreement => "target",
        InvokeError::ChargeLimitExceeded { .. } => "maxCharge",
        InvokeError::Suspended
        | InvokeError::NotCovered
        | InvokeError::AllowanceExhausted(_)
        | InvokeError::ProviderRefused { .. }
        | InvokeError::ProviderUnavailable(_)
        | InvokeError::OutputNotRetained(_)
        | InvokeError::OutcomePending(_)
        | InvokeError::NotRecorded
        | InvokeError::OutOfRange => return Vec::new(),
    };
    ["input", field].map(str::to_owned).to_vec()
}

/// The most a call can cost, so that the same number as a limit admits the call.
pub fn unrounded(worst_case: &Exact) -> Decimal {
    Decimal::written(print_exact(worst_case))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::exact;
    use kernel::money::Currency;

    #[test]
    fn a_charge_limit_is_refused_with_the_number_that_would_do() {
        let worst_case = "0.0000000000000007".parse::<exact::Decimal>().unwrap().to_exact();
        let error = InvokeError::ChargeLimitExceeded { worst_case, currency: Currency::Cny };
        let Refused::User(error) = refused(error) else { panic!("a rule is an answer") };
        let UserError::ChargeLimitExceeded(error) = *error else { panic!("the error is typed") };
        assert_eq!(error.quoted.number("quoted").ok(), "0.0000000000000007".parse().ok());
        assert_eq!(
            (error.code.as_str(), error.path),
            ("CHARGE_LIMIT_EXCEEDED", vec!["input".into(), "maxCharge".into()])
        );
    }

    #[test]
    fn an_invalid_payload_points_at_the_place() {
        let violation = Violation { pointer: "/text".to_owned(), message: "too long".to_owned() };
        let Refused::User(error) = refused(InvokeError::InvalidPayload(violation)) else { panic!("it is an answer") };
        let UserError::InvalidPayload(error) = *error else { panic!("the error is typed") };
        assert_eq!(error.pointer, "/text");
    }

    #[test]
    fn usage_that_cannot_be_recorded_is_a_fault() {
        assert!(matches!(refused(InvokeError::NotRecorded), Refused::Fault(_)));
    }
}
