//! What goes wrong, as clients see it: typed errors in payloads, or GraphQL errors with a code.
//!
//! A rule that says no is an answer and comes back in the payload. A fault is logged here with a correlation id, and
//! the caller sees that id only.

use std::error::Error as StdError;

use accounts::published::actor::{Forbidden, Scope};
use async_graphql::{Error, ErrorExtensions, ID, Interface, SimpleObject};
use eventlog::claim::ClaimError;
use eventlog::execute::{ExecuteError, LoadError};
use eventlog::port::{ReadError, StorageFault};
use kernel::error::{ErrorCode, Rejection};
use uuid::Uuid;
use views::page::PageError;
use views::usage_series::SeriesError;

use super::invocation::refusal::UnavailableReason;
use super::scalars::{Decimal, ScopeName};
use super::usage::AllowanceStatus;
use crate::auth::password::PasswordError;

/// An expected failure. `code` is stable; `path` leads to the input field it is about, where there is one.
#[derive(Interface, Clone)]
#[expect(clippy::duplicated_attributes, reason = "each field states its own type")]
#[graphql(
    field(name = "code", ty = "&String", desc = "Stable, SCREAMING_SNAKE_CASE."),
    field(name = "message", ty = "&String", desc = "For people, in English."),
    field(name = "path", ty = "&Vec<String>", desc = "To the input field it is about; empty where there is none.")
)]
pub enum UserError {
    /// See [`RuleViolated`].
    RuleViolated(RuleViolated),
    /// See [`NotFound`].
    NotFound(NotFound),
    /// See [`InvalidInput`].
    InvalidInput(InvalidInput),
    /// See [`AlreadyTaken`].
    AlreadyTaken(AlreadyTaken),
    /// See [`MissingAuthority`].
    MissingAuthority(MissingAuthority),
    /// See [`InvalidPayload`].
    InvalidPayload(InvalidPayload),
    /// See [`AllowanceExhausted`].
    AllowanceExhausted(AllowanceExhausted),
    /// See [`ChargeLimitExceeded`].
    ChargeLimitExceeded(ChargeLimitExceeded),
    /// See [`IdempotencyConflict`].
    IdempotencyConflict(IdempotencyConflict),
    /// See [`ProviderRefused`].
    ProviderRefused(ProviderRefused),
    /// See [`ProviderUnavailable`].
    ProviderUnavailable(ProviderUnavailable),
    /// See [`OutcomePending`].
    OutcomePending(OutcomePending),
    /// See [`OutputNotRetained`].
    OutputNotRetained(OutputNotRetained),
}

macro_rules! user_errors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject, Clone)]
            pub struct $name {
                /// The stable code.
                pub code: String,
                /// For people.
                pub message: String,
                /// To the input field.
                pub path: Vec<String>,
                $($(#[$field_doc])* pub $field: $type,)*
            }
        )+
    };
}

user_errors! {
    /// A rule of the platform said no.
    RuleViolated {}
    /// There is no such thing, or it is not yours: the two are not told apart.
    NotFound {}
    /// An input field is not what it should be.
    InvalidInput {}
    /// Somebody else has this name, address or e-mail.
    AlreadyTaken {}
    /// Your role or key does not allow this.
    MissingAuthority {
        /// The scope that is missing; absent where only the operator may do this.
        scope: Option<ScopeName>,
    }
    /// The payload breaks the capability's contract.
    InvalidPayload {
        /// JSON pointer (RFC 6901) into the payload.
        pointer: String,
    }
    /// The free allowance is used up and the terms have no price beyond it.
    AllowanceExhausted {
        /// How the allowance stands, and when it starts anew.
        status: AllowanceStatus,
    }
    /// The call could cost more than `maxCharge`.
    ChargeLimitExceeded {
        /// The most it could cost, in major units, unrounded: as `maxCharge` it would do.
        quoted: Decimal,
        /// ISO 4217.
        currency_code: String,
    }
    /// The idempotency key was used for another call.
    IdempotencyConflict {}
    /// The provider looked at the payload and declined. Nothing is billed.
    ProviderRefused {
        /// The provider's own code.
        provider_code: String,
    }
    /// The provider is down, slow, or answers what its contract does not allow. Nothing is billed.
    ProviderUnavailable {
        /// What exactly.
        reason: UnavailableReason,
    }
    /// The provider answered, and it is not known yet whether the usage is recorded. Ask again with the same key.
    OutcomePending {
        /// The call, once it is recorded.
        invocation_id: ID,
    }
    /// The call was answered and billed once before; its output is gone, and the provider does not repeat calls.
    OutputNotRetained {
        /// The call.
        invocation_id: ID,
    }
}

/// Why a resolver has nothing to give.
#[derive(Clone)]
pub enum Refused {
    /// An answer for the caller.
    User(Box<UserError>),
    /// A failure of the platform, already logged.
    Fault(Fault),
}

/// A failure of the platform as callers see it.
#[derive(Clone, Debug)]
pub struct Fault {
    code: &'static str,
    message: String,
}

impl Fault {
    /// Logs what failed and keeps a correlation id of it.
    pub fn internal(error: &(dyn StdError + 'static)) -> Self {
        let correlation = Uuid::now_v7();
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        let reason = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        tracing::error!(%correlation, reason, "a request failed");
        Self { code: "INTERNAL", message: format!("something failed on our side; quote {correlation} when you ask") }
    }

    /// The store takes no writes, or cannot be read, at this moment.
    pub fn storage(fault: StorageFault) -> Self {
        tracing::error!(%fault, "the log is unavailable");
        let code = match fault {
            StorageFault::Full => "STORAGE_FULL",
            StorageFault::Io | StorageFault::Unreachable | StorageFault::Closed | StorageFault::Refused => {
                "STORAGE_UNAVAILABLE"
            }
        };
        Self { code, message: format!("the platform cannot store anything at this moment: {fault}") }
    }

    /// Something that cannot be missing is.
    pub fn incomplete() -> Self {
        Self::again("INTERNAL", "something failed on our side".to_owned())
    }

    /// Nothing failed, but the caller should try again.
    pub const fn again(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let (code, message) = match refused {
            Refused::User(error) => (error.stable_code().to_owned(), error.text().to_owned()),
            Refused::Fault(fault) => (fault.code.to_owned(), fault.message),
        };
        coded(code, message)
    }
}

/// A GraphQL error with `extensions.code`.
pub fn coded(code: String, message: String) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

impl UserError {
    fn stable_code(&self) -> &str {
        match self {
            Self::RuleViolated(error) => &error.code,
            Self::NotFound(error) => &error.code,
            Self::InvalidInput(error) => &error.code,
            Self::AlreadyTaken(error) => &error.code,
            Self::MissingAuthority(error) => &error.code,
            Self::InvalidPayload(error) => &error.code,
            Self::AllowanceExhausted(error) => &error.code,
            Self::ChargeLimitExceeded(error) => &error.code,
            Self::IdempotencyConflict(error) => &error.code,
            Self::ProviderRefused(error) => &error.code,
            Self::ProviderUnavailable(error) => &error.code,
            Self::OutcomePending(error) => &error.code,
            Self::OutputNotRetained(error) => &error.code,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::RuleViolated(error) => &error.message,
            Self::NotFound(error) => &error.message,
            Self::InvalidInput(error) => &error.message,
            Self::AlreadyTaken(error) => &error.message,
            Self::MissingAuthority(error) => &error.message,
            Self::InvalidPayload(error) => &error.message,
            Self::AllowanceExhausted(error) => &error.message,
            Self::ChargeLimitExceeded(error) => &error.message,
            Self::IdempotencyConflict(error) => &error.message,
            Self::ProviderRefused(error) => &error.message,
            Self::ProviderUnavailable(error) => &error.message,
            Self::OutcomePending(error) => &error.message,
            Self::OutputNotRetained(error) => &error.message,
        }
    }
}

impl From<UserError> for Refused {
    fn from(error: UserError) -> Self {
        Self::User(Box::new(error))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refused {
    /// Names the rule behind a claim that was taken.
    pub fn instead_of_taken(self, rejection: impl Rejection) -> Self {
        match self {
            Self::User(error) if matches!(*error, UserError::AlreadyTaken(_)) => rule(rejection.code(), rejection),
            other => other,
        }
    }
}

/// There is no such thing, or it is not the caller's.
pub fn not_found(path: &str) -> Refused {
    let message = "there is no such thing, or it is not yours".to_owned();
    UserError::NotFound(NotFound { code: "NOT_FOUND".to_owned(), message, path: input(path) }).into()
}

/// An input field is not what it should be.
#[expect(clippy::needless_pass_by_value, reason = "callers hand over errors and literals alike")]
pub fn invalid(path: &str, message: impl ToString) -> Refused {
    let code = "INVALID_INPUT".to_owned();
    UserError::InvalidInput(InvalidInput { code, message: message.to_string(), path: input(path) }).into()
}

/// A rule of the edge, which no decider could know, said no.
#[expect(clippy::needless_pass_by_value, reason = "callers hand over errors and literals alike")]
pub fn rule(code: ErrorCode, message: impl ToString) -> Refused {
    let code = code.to_string();
    UserError::RuleViolated(RuleViolated { code, message: message.to_string(), path: Vec::new() }).into()
}

/// Somebody else has this.
pub fn taken(path: &str) -> Refused {
    let message = "this is taken".to_owned();
    UserError::AlreadyTaken(AlreadyTaken { code: "TAKEN".to_owned(), message, path: input(path) }).into()
}

fn input(path: &str) -> Vec<String> {
    if path.is_empty() { Vec::new() } else { ["input", path].map(str::to_owned).to_vec() }
}

/// Somebody else has this; other failures as they are.
pub fn claimed<T>(result: Result<T, ClaimError>, path: &str) -> Result<T, Refused> {
    result.map_err(|error| match error {
        ClaimError::Execute(ExecuteError::Rejected(_)) => taken(path),
        ClaimError::Execute(error) => error.into(),
        ClaimError::Name(error) => Fault::internal(&error).into(),
    })
}

impl From<Forbidden> for Refused {
    fn from(forbidden: Forbidden) -> Self {
        let scope = match forbidden {
            Forbidden::MissingScope(scope) => Some(scope),
            Forbidden::NotOperator => None,
        };
        let scope = scope.filter(|scope| *scope != Scope::Operate).map(ScopeName::from);
        let (code, message) = (forbidden.code().to_string(), forbidden.to_string());
        UserError::MissingAuthority(MissingAuthority { code, message, path: Vec::new(), scope }).into()
    }
}

impl<R: Rejection> From<ExecuteError<R>> for Refused {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => rule(rejection.code(), rejection),
            ExecuteError::Unavailable(fault) => Fault::storage(fault).into(),
            ExecuteError::Conflict => Fault::again("CONFLICT", error.to_string()).into(),
            ExecuteError::Unknown => Fault::again("OUTCOME_UNKNOWN", error.to_string()).into(),
            ExecuteError::Invalid(_) => invalid("", error),
            ExecuteError::Read(error) => error.into(),
            ExecuteError::Decode(_) | ExecuteError::Encode(_) => Fault::internal(&error).into(),
        }
    }
}

impl From<ReadError> for Refused {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(fault) => Fault::storage(fault).into(),
            ReadError::Corrupt { .. } | ReadError::ForeignCursor => Fault::internal(&error).into(),
        }
    }
}

impl From<LoadError> for Refused {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Read(error) => error.into(),
            LoadError::Decode(_) => Fault::internal(&error).into(),
        }
    }
}

impl From<views::store::Fault> for Refused {
    fn from(fault: views::store::Fault) -> Self {
        Fault::internal(&fault).into()
    }
}

impl From<PageError> for Refused {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Invalid(invalid) => rule(invalid.code(), invalid),
            PageError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SeriesError> for Refused {
    fn from(error: SeriesError) -> Self {
        match error {
            SeriesError::Fault(fault) => fault.into(),
            SeriesError::Calendar(_) => invalid("", error),
            SeriesError::Overflow => Fault::internal(&error).into(),
        }
    }
}

impl From<PasswordError> for Refused {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Length => invalid("password", error),
            PasswordError::Busy => Fault::again("BUSY", error.to_string()).into(),
            PasswordError::Hashing => Fault::internal(&error).into(),
        }
    }
}
