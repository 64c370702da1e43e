//! One event as a row: its columns, its checksum, and reading it back with distrust.

use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::port::{NewEvent, ReadError, StoredEvent};
use crate::sqlite::fault::read_error;

/// The columns that [`Raw::of`] takes, in its order.
pub(super) const COLUMNS: &str = "e.position, e.revision, e.first, s.name, e.kind, e.version, e.id, e.occurred_at, \
     e.correlation, e.cause, e.actor, e.checksum, e.data, e.body";

/// What the checksum covers: every column that means something.
pub(super) struct Fact<'a> {
    pub position: i64,
    pub stream: &'a str,
    pub revision: i64,
    pub first: i64,
    pub id: &'a [u8],
    pub kind: &'a str,
    pub version: i64,
    pub occurred_at: i64,
    pub correlation: &'a [u8],
    pub cause: &'a [u8],
    pub actor: &'a str,
    pub data: &'a [u8],
    pub body: &'a [u8],
}

impl<'a> Fact<'a> {
    /// The row of a new event.
    pub(super) fn new(event: &'a NewEvent, stream: &'a str, position: i64, revision: i64, first: i64) -> Self {
        Self {
            position,
            stream,
            revision,
            first,
            id: event.id.as_bytes(),
            kind: &event.kind,
            version: event.version.into(),
            occurred_at: i64::try_from(event.occurred_at.as_nanosecond()).unwrap_or_default(),
            correlation: event.provenance.correlation.as_bytes(),
            cause: event.provenance.cause.as_bytes(),
            actor: &event.provenance.actor,
            data: &event.data,
            body: &event.body,
        }
    }

    /// CRC-32 (IEEE 802.3) over numbers as 8 bytes, little endian, and over texts and blobs each after its length.
    /// It finds every flipped byte; forgery is found by the log's Merkle tree, not here.
    pub(super) fn checksum(&self) -> i64 {
        let mut hasher = crc32fast::Hasher::new();
        for number in [self.position, self.revision, self.first, self.version, self.occurred_at] {
            hasher.update(&number.to_le_bytes());
        }
        let texts = [self.stream, self.kind, self.actor].map(str::as_bytes);
        for bytes in texts.into_iter().chain([self.id, self.correlation, self.cause, self.data, self.body]) {
            hasher.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(bytes);
        }
        hasher.finalize().into()
    }
}

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
        self.verified().and_then(|fact| stored(&fact)).ok_or(corrupt(self.position))
    }

    /// The columns, if their checksum is right.
    pub(super) fn verified(&self) -> Option<Fact<'a>> {
        let fact = self.fact()?;
        (integer(self.row, 11)? == fact.checksum()).then_some(fact)
    }
}

fn stored(fact: &Fact<'_>) -> Option<StoredEvent> {
    Some(StoredEvent {
        id: Uuid::from_slice(fact.id).ok()?,
        stream: StreamName::try_from(fact.stream.to_owned()).ok()?,
        revision: Revision(u64::try_from(fact.revision).ok()?),
        position: Position(u64::try_from(fact.position).ok()?),
        kind: fact.kind.to_owned(),
        version: u16::try_from(fact.version).ok()?,
        occurred_at: Timestamp::from_nanosecond(fact.occurred_at.into()).ok()?,
        provenance: Provenance {
            correlation: Uuid::from_slice(fact.correlation).ok()?,
            cause: Uuid::from_slice(fact.cause).ok()?,
            actor: fact.actor.to_owned(),
        },
        data: fact.data.to_vec(),
        body: fact.body.to_vec(),
    })
}

/// The damage of the row at `position`.
pub(super) fn corrupt(position: i64) -> ReadError {
    ReadError::Corrupt { position: u64::try_from(position).ok().map(Position) }
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
