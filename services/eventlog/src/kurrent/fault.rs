//! What the client's errors say about an append and about a read.
//!
//! Only what certainly was not written is called so. The client keeps no more of a failed call than its text, so the
//! few texts that are certain are known here; every other failure after sending is ambiguous.

use kurrentdb::{CurrentRevision, Error};
use tonic_code::{ABORTED, INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED};

/// What came of a call that gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The stream ends elsewhere.
    Conflict(Option<u64>),
    /// There is no such stream.
    Missing,
    /// The stream was deleted for good.
    Deleted,
    /// More bytes than the server takes at once.
    TooLarge,
    /// The arguments are wrong; of a read of the log that is its position.
    Invalid,
    /// The server does not allow it, or does not know it.
    Refused,
    /// Nothing was done: the node does not lead, or cannot answer yet. Another moment may do.
    NotNow,
    /// Nothing was sent.
    NotSent,
    /// The server gave up waiting for its cluster: it may have been done.
    GaveUp,
    /// It may have been done.
    Ambiguous,
}

/// Status messages of a server that did nothing, from its own sources.
const NOT_NOW: [&str; 3] = ["Server Is Not Ready", "Server Is Too Busy", "No leader info available"];
/// What the client's HTTP library says when there was no connection to send anything on.
const NO_CONNECTION: &str = "client error (Connect)";
/// The server's words for an append that is too large.
const TOO_LARGE: [&str; 2] = ["Maximum Append Size", "Maximum Append Event Size"];

/// gRPC status codes by their numbers: the client's error holds a `tonic::Code`, and that number is all we need of it.
mod tonic_code {
    pub(super) const INVALID_ARGUMENT: i32 = 3;
    pub(super) const RESOURCE_EXHAUSTED: i32 = 8;
    pub(super) const ABORTED: i32 = 10;
    pub(super) const OUT_OF_RANGE: i32 = 11;
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::WrongExpectedVersion { current: CurrentRevision::Current(revision), .. } => {
                Self::Conflict(Some(*revision))
            }
            Error::WrongExpectedVersion { current: CurrentRevision::NoStream, .. } => Self::Conflict(None),
            Error::ResourceNotFound => Self::Missing,
            Error::ResourceDeleted => Self::Deleted,
            Error::AccessDenied | Error::UnsupportedFeature | Error::InitializationError(_) => Self::Refused,
            Error::NotLeaderException(_) => Self::NotNow,
            Error::ConnectionClosed | Error::GrpcConnectionError(_) => Self::NotSent,
            Error::ServerError(text) if text.contains(NO_CONNECTION) => Self::NotSent,
            Error::ServerError(text) if NOT_NOW.iter().any(|words| text.contains(words)) => Self::NotNow,
            Error::Grpc { code, message } => of_status(i32::from(*code), message),
            Error::ServerError(_)
            | Error::DeadlineExceeded
            | Error::InternalParsingError(_)
            | Error::ResourceAlreadyExists
            | Error::InternalClientError
            | Error::IllegalStateError(_) => Self::Ambiguous,
        }
    }
}

fn of_status(code: i32, message: &str) -> Failure {
    match code {
        INVALID_ARGUMENT if TOO_LARGE.iter().any(|words| message.contains(words)) => Failure::TooLarge,
        RESOURCE_EXHAUSTED | OUT_OF_RANGE => Failure::TooLarge,
        INVALID_ARGUMENT => Failure::Invalid,
        ABORTED => Failure::GaveUp,
        _ => Failure::Ambiguous,
    }
}

impl Failure {
    /// Whether the connection is to be given up: the client keeps using a node that is gone.
    pub(super) fn ends_session(self) -> bool {
        match self {
            Self::NotSent | Self::Ambiguous => true,
            Self::Conflict(_)
            | Self::Missing
            | Self::Deleted
            | Self::TooLarge
            | Self::Invalid
            | Self::Refused
            | Self::NotNow
            | Self::GaveUp => false,
        }
    }
}
