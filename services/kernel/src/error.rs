//! Stable error codes and what a rule's refusal must offer.

use std::fmt;

/// A stable, machine-readable code in `SCREAMING_SNAKE_CASE`. Listed in `schema/error-codes.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub &'static str);

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A business rule said no: an answer, not a failure. Its text is safe to show to the caller.
pub trait Rejection: std::error::Error + Send + Sync + 'static {
    /// The stable code of the rule.
    fn code(&self) -> ErrorCode;
}
