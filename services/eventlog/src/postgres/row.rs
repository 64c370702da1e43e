//! One event as a row of PostgreSQL: its columns, read back with distrust.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use crate::fact::{Fact, corrupt};
use crate::port::{ReadError, StoredEvent};

/// The columns that [`fact`] takes, in its order, from tables `e` and `s`.
pub(super) const COLUMNS: &str = "e.position, e.revision, e.first, s.name, e.kind, e.version, e.id, e.occurred_at, \
     e.correlation, e.cause, e.actor, e.checksum, e.data, e.body";
/// How many they are.
pub(super) const COLUMN_COUNT: usize = 14;

/// The bytes of a UUID or a bytea, as they came.
struct Bytes<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::UUID | Type::BYTEA)
    }
}

/// The position in a row of [`COLUMNS`].
pub(super) fn position(row: &Row) -> Result<i64, ReadError> {
    row.try_get(0).map_err(|_| ReadError::Corrupt { position: None })
}

/// The columns, if their checksum is right; `None` is damage.
pub(super) fn verified(row: &Row) -> Option<Fact<'_>> {
    let version: i32 = row.try_get(5).ok()?;
    let fact = Fact {
        position: row.try_get(0).ok()?,
        revision: row.try_get(1).ok()?,
        first: row.try_get(2).ok()?,
        stream: row.try_get(3).ok()?,
        kind: row.try_get(4).ok()?,
        version: version.into(),
        id: row.try_get::<_, Bytes<'_>>(6).ok()?.0,
        occurred_at: row.try_get(7).ok()?,
        correlation: row.try_get::<_, Bytes<'_>>(8).ok()?.0,
        cause: row.try_get::<_, Bytes<'_>>(9).ok()?.0,
        actor: row.try_get(10).ok()?,
        data: row.try_get::<_, Bytes<'_>>(12).ok()?.0,
        body: row.try_get::<_, Bytes<'_>>(13).ok()?.0,
    };
    let checksum: i64 = row.try_get(11).ok()?;
    (checksum == fact.checksum()).then_some(fact)
}

/// The event, if its checksum is right.
pub(super) fn event(row: &Row) -> Result<StoredEvent, ReadError> {
    let position = position(row)?;
    verified(row).and_then(|fact| fact.stored()).ok_or(corrupt(position))
}
