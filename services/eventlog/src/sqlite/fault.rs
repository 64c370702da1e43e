//! What SQLite's errors mean for the port.

use rusqlite::ErrorCode;

use crate::port::{ReadError, StorageFault};

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
