//! What PostgreSQL's errors, and its silence, mean for the port.

use std::time::Duration;

use tokio_postgres::error::{Severity, SqlState};

use crate::port::{ReadError, StorageFault};

/// The server ends a statement after this long …
pub(super) const STATEMENT_TIME_MAX: Duration = Duration::from_secs(10);
/// … and we no longer wait for it after this long.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No answer came in time.
    #[error("PostgreSQL did not answer in time")]
    Late,
    /// The server said so, or the connection is gone.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
}

/// Waits for an answer, but not for ever.
pub(super) async fn in_time<T>(step: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Fault> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Fault::Late),
    }
}

impl Fault {
    /// Whether the server refused the statement and its session goes on: the transaction cannot be committed.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Late => false,
            Self::Postgres(error) => {
                error.as_db_error().is_some_and(|refused| refused.parsed_severity() == Some(Severity::Error))
            }
        }
    }

    /// What is wrong with the store.
    pub(super) fn storage(&self) -> StorageFault {
        let Self::Postgres(error) = self else { return StorageFault::Unreachable };
        let Some(code) = error.code() else { return StorageFault::Unreachable };
        match *code {
            SqlState::DISK_FULL => StorageFault::Full,
            SqlState::IO_ERROR => StorageFault::Io,
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::LOCK_NOT_AVAILABLE
            | SqlState::QUERY_CANCELED => StorageFault::Unreachable,
            _ => StorageFault::Refused,
        }
    }

    /// What a read says of it.
    pub(super) fn read(&self) -> ReadError {
        let damaged = matches!(self, Self::Postgres(error)
            if matches!(error.code(), Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED)));
        if damaged { ReadError::Corrupt { position: None } } else { ReadError::Unavailable(self.storage()) }
    }
}
