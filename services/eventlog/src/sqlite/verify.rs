//! Is the log what was written? Checksums, gapless revisions and positions, and SQLite's own check of the file.

use std::io;
use std::path::Path;

use kernel::event::Position;
use rusqlite::Connection;

use crate::sqlite::FILE_NAME;
use crate::sqlite::header;
use crate::sqlite::medium::Medium;
use crate::sqlite::row::{COLUMNS, Raw, has_stream};
use crate::sqlite::schema::{has_its_tables, open_reader};
use crate::sqlite::wal;
use crate::verified::{Damage, Ends, Verified};

/// Why a log is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The first fault found.
    #[error("{damage}{}", position.map(|position| format!(" (position {position})")).unwrap_or_default())]
    Damaged {
        /// The event at fault, where it is one.
        position: Option<Position>,
        /// What is wrong.
        damage: Damage,
    },
    /// The file could not be opened or read.
    #[error("the log could not be read")]
    Unavailable(#[source] rusqlite::Error),
    /// The write-ahead log could not be read.
    #[error("the write-ahead log could not be read")]
    WriteAhead(#[source] io::Error),
}

impl VerifyError {
    fn structure(what: &str) -> Self {
        Self::Damaged { position: None, damage: Damage::Structure(what.to_owned()) }
    }

    fn damaged(position: i64, damage: Damage) -> Self {
        Self::Damaged { position: u64::try_from(position).ok().map(Position), damage }
    }
}

/// Verifies the whole log in a data directory, which may be in use. Reads everything once; blocks.
pub fn verify(directory: &Path) -> Result<Verified, VerifyError> {
    let path = directory.join(FILE_NAME);
    write_ahead(&path)?;
    let connection = open_reader(&path, &Medium::default()).map_err(VerifyError::Unavailable)?;
    let verified = whole(&connection)?;
    header_at_rest(&path)?;
    Ok(verified)
}

/// Verifies the write-ahead log of a file: to be called before SQLite opens it, which drops what does not read.
pub(crate) fn write_ahead(path: &Path) -> Result<(), VerifyError> {
    match wal::damage(path).map_err(VerifyError::WriteAhead)? {
        None => Ok(()),
        Some(wal::Place { frame, offset }) => {
            Err(VerifyError::Damaged { position: None, damage: Damage::WriteAhead { frame, offset } })
        }
    }
}

/// Verifies everything.
pub(super) fn whole(connection: &Connection) -> Result<Verified, VerifyError> {
    let verified = rows(connection, 0)?;
    structure(connection)?;
    tables(connection)?;
    Ok(verified)
}

/// Verifies the last `count` events.
pub(super) fn tail(connection: &Connection, count: i64) -> Result<Verified, VerifyError> {
    let last: i64 = connection
        .query_row("SELECT coalesce(max(position), 0) FROM event", [], |row| row.get(0))
        .map_err(|error| failed(error, 1))?;
    rows(connection, last.saturating_sub(count).max(0))
}

/// Verifies the events past `after`.
fn rows(connection: &Connection, after: i64) -> Result<Verified, VerifyError> {
    let sql = format!(
        "SELECT {COLUMNS}, e.stream_id FROM event e LEFT JOIN stream s ON s.id = e.stream_id \
         WHERE e.position > ?1 ORDER BY e.position"
    );
    let unreadable = |error| failed(error, after.saturating_add(1));
    let mut statement = connection.prepare(&sql).map_err(unreadable)?;
    let mut rows = statement.query([after]).map_err(unreadable)?;
    let mut verified = Verified::default();
    let mut ends = Ends::new(after == 0);
    let mut due = after.saturating_add(1);
    while let Some(row) = rows.next().map_err(|error| failed(error, due))? {
        if !has_stream(row) {
            return Err(VerifyError::damaged(due, Damage::Missing));
        }
        let raw = Raw::of(row).map_err(|_| VerifyError::damaged(due, Damage::Checksum))?;
        if raw.position != due {
            return Err(VerifyError::damaged(due, Damage::Missing));
        }
        let Some(fact) = raw.verified() else { return Err(VerifyError::damaged(due, Damage::Checksum)) };
        let stream_id: i64 = row.get(14).map_err(|error| failed(error, due))?;
        if !ends.follows(stream_id, raw.revision) {
            return Err(VerifyError::damaged(due, Damage::Revision));
        }
        verified.count(fact.data.len(), fact.body.len());
        due = due.saturating_add(1);
    }
    verified.streams = ends.streams();
    Ok(verified)
}

/// SQLite's own check: pages, and every index against its table.
fn structure(connection: &Connection) -> Result<(), VerifyError> {
    let report: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| failed_anywhere(error, None))?;
    if report == "ok" {
        return Ok(());
    }
    Err(VerifyError::Damaged { position: named_row(&report), damage: Damage::Structure(report) })
}

/// The texts of the tables, which no row's checksum covers.
fn tables(connection: &Connection) -> Result<(), VerifyError> {
    let known = has_its_tables(connection).map_err(|error| failed_anywhere(error, None))?;
    if known { Ok(()) } else { Err(VerifyError::structure("the tables are not those of a log")) }
}

/// The header of a file that is at rest: while there is a write-ahead log, its first page may stand there.
fn header_at_rest(path: &Path) -> Result<(), VerifyError> {
    if std::fs::metadata(wal::path(path)).is_ok_and(|metadata| metadata.len() > 0) {
        return Ok(());
    }
    match header::fault(path) {
        Ok(fault) => fault.map_or(Ok(()), |what| Err(VerifyError::structure(what))),
        Err(_) => Err(VerifyError::structure("the header cannot be read")),
    }
}

/// The row that a report such as `row 17 missing from index sqlite_autoindex_event_1` names.
fn named_row(report: &str) -> Option<Position> {
    let (_, after) = report.split_once("row ")?;
    let digits = after.split(|letter: char| !letter.is_ascii_digit()).next()?;
    report.contains("_event_").then(|| digits.parse().ok().map(Position)).flatten()
}

fn failed(error: rusqlite::Error, due: i64) -> VerifyError {
    failed_anywhere(error, u64::try_from(due).ok().map(Position))
}

fn failed_anywhere(error: rusqlite::Error, position: Option<Position>) -> VerifyError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => VerifyError::Damaged { position, damage: Damage::Unreadable },
        _ => VerifyError::Unavailable(error),
    }
}
