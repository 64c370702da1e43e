//! What a row of an SQL backend says of an event, its checksum, and reading it back with distrust.

use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use uuid::Uuid;

use crate::port::{Direction, NewEvent, ReadError, StoredEvent};

/// What the checksum covers: every column that means something.
pub(crate) struct Fact<'a> {
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
    pub(crate) fn new(event: &'a NewEvent, stream: &'a str, position: i64, revision: i64, first: i64) -> Self {
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
    pub(crate) fn checksum(&self) -> i64 {
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

    /// The event; `None` where a column is out of its range.
    pub(crate) fn stored(&self) -> Option<StoredEvent> {
        Some(StoredEvent {
            id: Uuid::from_slice(self.id).ok()?,
            stream: StreamName::try_from(self.stream.to_owned()).ok()?,
            revision: Revision(u64::try_from(self.revision).ok()?),
            position: Position(u64::try_from(self.position).ok()?),
            kind: self.kind.to_owned(),
            version: u16::try_from(self.version).ok()?,
            occurred_at: Timestamp::from_nanosecond(self.occurred_at.into()).ok()?,
            provenance: Provenance {
                correlation: Uuid::from_slice(self.correlation).ok()?,
                cause: Uuid::from_slice(self.cause).ok()?,
                actor: self.actor.to_owned(),
            },
            data: self.data.to_vec(),
            body: self.body.to_vec(),
        })
    }
}

/// The damage of the row at `position`.
pub(crate) fn corrupt(position: i64) -> ReadError {
    ReadError::Corrupt { position: u64::try_from(position).ok().map(Position) }
}

/// Nothing was found of a stream that is there. It has a first event, so that is damage unless only later ones were
/// asked for.
pub(crate) fn check_end(from: Revision, direction: Direction) -> Result<(), ReadError> {
    let is_past_the_first = direction == Direction::Forward && from > Revision(0);
    if is_past_the_first { Ok(()) } else { Err(ReadError::Corrupt { position: None }) }
}
