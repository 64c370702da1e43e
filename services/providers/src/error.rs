//! Why a call brought no answer, and whether the upstream may have worked on it.

/// Why a call brought no answer. Every text is safe to show; what the network said is logged, not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The provider answered that it will not answer: status 4xx with `{"error":{"code":…,"message":…}}`.
    #[error("the provider refused the call: {code}")]
    Refused {
        /// The provider's code, 1 to 64 characters of `[A-Za-z0-9_.-]`.
        code: String,
        /// The provider's reason, up to 300 characters without control or direction characters; may be empty.
        message: String,
    },
    /// No connection could be made.
    #[error("the provider could not be reached")]
    Unreachable,
    /// The address leads where providers may not send calls, or is no `http(s)` address.
    #[error("the provider's address may not be called")]
    Blocked,
    /// The deadline passed before the whole answer had arrived.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// The connection broke before the whole answer had arrived.
    #[error("the connection to the provider broke before its answer")]
    Disconnected,
    /// The answer is longer than allowed.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The answer is no JSON, or its status is neither 200 nor a refusal.
    #[error("the provider's answer makes no sense")]
    Nonsense,
    /// The provider failed repeatedly a moment ago and is given time to recover.
    #[error("the provider has failed repeatedly and is not called for the moment")]
    BreakerOpen,
}

impl CallError {
    /// Whether the payload may have reached the upstream. False only where it certainly has not.
    pub const fn delivered(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::TimedOut | Self::Disconnected | Self::TooLarge | Self::Nonsense => true,
            Self::Unreachable | Self::Blocked | Self::BreakerOpen => false,
        }
    }

    /// Whether the call may be sent to another provider: nothing has been delivered, and the call is not to blame.
    pub const fn retryable_elsewhere(&self) -> bool {
        !self.delivered()
    }

    /// Whether the provider works: a refusal is a sound answer.
    pub(crate) const fn is_sound(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// Why the client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The HTTP client did not accept its settings.
    #[error("the HTTP client for providers could not be built")]
    Client(#[source] reqwest::Error),
}
