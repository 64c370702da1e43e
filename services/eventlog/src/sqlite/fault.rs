//! What SQLite's errors mean for the port.

use rusqlite::ErrorCode;

use crate::port::{ReadError, StorageFault};
use crate::sqlite::OpenError;

/// The fault behind an error of SQLite.
pub(super) fn fault(error: &rusqlite::Error) -> StorageFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StorageFault::Full,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => StorageFault::Io,
        _ => StorageFault::Refused,
    }
}

/// The read error behind an error of SQLite.
pub(super) fn read_error(error: &rusqlite::Error) -> ReadError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => ReadError::Corrupt { position: None },
        _ => ReadError::Unavailable(fault(error)),
    }
}

/// The fault behind a log that does not open.
pub(super) fn open_fault(error: &OpenError) -> StorageFault {
    match error {
        OpenError::Sqlite(error) => fault(error),
        OpenError::Directory(_) => StorageFault::Io,
        OpenError::InUse { .. }
        | OpenError::Newer { .. }
        | OpenError::Foreign
        | OpenError::Damaged(_)
        | OpenError::SqliteTooOld { .. } => StorageFault::Refused,
    }
}
