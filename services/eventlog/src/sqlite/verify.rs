//! Is the log what was written? Checksums, gapless revisions and positions, and SQLite's own check of the file.

use std::collections::HashMap;
use std::path::Path;

use kernel::event::Position;
use rusqlite::Connection;

use crate::sqlite::FILE_NAME;
use crate::sqlite::row::{COLUMNS, Raw};
use crate::sqlite::schema::open_reader;

/// A log without a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events read.
    pub events: u64,
    /// Streams they stand in.
    pub streams: u64,
    /// Bytes of JSON and bodies.
    pub bytes: u64,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The event is not what was written.
    #[error("the checksum of the event is wrong")]
    Checksum,
    /// Events of its stream before it are missing, or stand twice.
    #[error("the event's revision does not follow its stream")]
    Revision,
    /// Events of the log are missing here.
    #[error("there is no event here")]
    Missing,
    /// SQLite cannot read on here.
    #[error("the file cannot be read here")]
    Unreadable,
    /// SQLite's integrity check found a fault in the file's structure.
    #[error("the file's structure is wrong: {0}")]
    Structure(String),
}

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
}

impl VerifyError {
    fn damaged(position: i64, damage: Damage) -> Self {
        Self::Damaged { position: u64::try_from(position).ok().map(Position), damage }
    }
}

/// Verifies the whole log in a data directory, which may be in use. Reads everything once; blocks.
pub fn verify(directory: &Path) -> Result<Verified, VerifyError> {
    let connection = open_reader(&directory.join(FILE_NAME)).map_err(VerifyError::Unavailable)?;
    whole(&connection)
}

/// Verifies everything.
pub(super) fn whole(connection: &Connection) -> Result<Verified, VerifyError> {
    let verified = rows(connection, 0)?;
    structure(connection)?;
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
        "SELECT {COLUMNS}, e.stream_id FROM event e CROSS JOIN stream s ON s.id = e.stream_id \
         WHERE e.position > ?1 ORDER BY e.position"
    );
    let unreadable = |error| failed(error, after.saturating_add(1));
    let mut statement = connection.prepare(&sql).map_err(unreadable)?;
    let mut rows = statement.query([after]).map_err(unreadable)?;
    let mut verified = Verified::default();
    let mut ends = Ends { whole: after == 0, next: HashMap::new() };
    let mut due = after.saturating_add(1);
    while let Some(row) = rows.next().map_err(|error| failed(error, due))? {
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
    verified.streams = u64::try_from(ends.next.len()).unwrap_or(u64::MAX);
    Ok(verified)
}

impl Verified {
    fn count(&mut self, data: usize, body: usize) {
        self.events = self.events.saturating_add(1);
        let bytes = u64::try_from(data.saturating_add(body)).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// The revision due next in each stream.
struct Ends {
    whole: bool,
    next: HashMap<i64, i64>,
}

impl Ends {
    fn follows(&mut self, stream_id: i64, revision: i64) -> bool {
        let known = self.next.insert(stream_id, revision.saturating_add(1));
        match known {
            Some(due) => due == revision,
            None => revision == 0 || !self.whole,
        }
    }
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
