//! One event as a row of SQLite: its columns, read back with distrust.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::fact::{Fact, corrupt};
use crate::port::{ReadError, StoredEvent};
use crate::sqlite::fault::read_error;

/// The columns that [`Raw::of`] takes, in its order.
pub(super) const COLUMNS: &str = "e.position, e.revision, e.first, s.name, e.kind, e.version, e.id, e.occurred_at, \
     e.correlation, e.cause, e.actor, e.checksum, e.data, e.body";

/// A row whose first columns are read; the rest is read only for an event that is wanted.
pub(super) struct Raw<'a> {
    row: &'a Row<'a>,
    pub position: i64,
    pub revision: i64,
    pub stream: &'a str,
    pub kind: &'a str,
}

impl<'a> Raw<'a> {
    pub(super) fn of(row: &'a Row<'a>) -> Result<Self, ReadError> {
        let position = integer(row, 0).ok_or(ReadError::Corrupt { position: None })?;
        let columns =
            || Some(Self { row, position, revision: integer(row, 1)?, stream: text(row, 3)?, kind: text(row, 4)? });
        columns().ok_or(corrupt(position))
    }

    /// The columns, as far as they have the right types; `None` is damage.
    pub(super) fn fact(&self) -> Option<Fact<'a>> {
        let row = self.row;
        Some(Fact {
            position: self.position,
            stream: self.stream,
            revision: self.revision,
            first: integer(row, 2)?,
            kind: self.kind,
            version: integer(row, 5)?,
            id: blob(row, 6)?,
            occurred_at: integer(row, 7)?,
            correlation: blob(row, 8)?,
            cause: blob(row, 9)?,
            actor: text(row, 10)?,
            data: blob(row, 12)?,
            body: blob(row, 13)?,
        })
    }

    /// The event, if its checksum is right.
    pub(super) fn event(&self) -> Result<StoredEvent, ReadError> {
        self.verified().and_then(|fact| fact.stored()).ok_or(corrupt(self.position))
    }

    /// The columns, if their checksum is right.
    pub(super) fn verified(&self) -> Option<Fact<'a>> {
        let fact = self.fact()?;
        (integer(self.row, 11)? == fact.checksum()).then_some(fact)
    }
}

/// Whether the row's event has a stream.
pub(super) fn has_stream(row: &Row<'_>) -> bool {
    text(row, 3).is_some()
}

/// Whether the row's stream has an event.
pub(super) fn has_event(row: &Row<'_>) -> bool {
    integer(row, 0).is_some()
}

/// The failure of a step that was about to read the row at `position`.
pub(super) fn failed_at(error: &rusqlite::Error, position: i64) -> ReadError {
    match read_error(error) {
        ReadError::Corrupt { .. } => corrupt(position),
        other @ (ReadError::ForeignCursor | ReadError::Unavailable(_)) => other,
    }
}

fn integer(row: &Row<'_>, index: usize) -> Option<i64> {
    match row.get_ref(index) {
        Ok(ValueRef::Integer(value)) => Some(value),
        _ => None,
    }
}

fn text<'a>(row: &'a Row<'a>, index: usize) -> Option<&'a str> {
    row.get_ref(index).ok()?.as_str().ok()
}

fn blob<'a>(row: &'a Row<'a>, index: usize) -> Option<&'a [u8]> {
    row.get_ref(index).ok()?.as_blob().ok()
}
