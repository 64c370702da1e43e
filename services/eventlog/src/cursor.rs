//! Where policies stand, on disk.
//!
//! Policies answer at least once, so a cursor that a power cut sets back costs only repetition: no fsync per event.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::event::Position;
use rusqlite::{Connection, OptionalExtension};

use crate::beside::{Format, Newer};
use crate::incarnation::Incarnation;

const FORMAT: Format = Format {
    name: "cursors.db",
    version: 1,
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
    tables: &["
        CREATE TABLE IF NOT EXISTS history (one INTEGER PRIMARY KEY CHECK (one = 1), incarnation BLOB NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS cursor (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
    "],
    distrusts_the_log: false,
};

/// Keeps the cursors of policies.
pub trait CursorStore: Send + Sync + 'static {
    /// The stored cursor of the policy `name`, `None` at the very beginning.
    fn get(&self, name: &str) -> Result<Option<Position>, CursorError>;

    /// Stores the cursor of the policy `name`. Called for every batch, from an asynchronous thread: quick.
    fn set(&self, name: &str, cursor: Position) -> Result<(), CursorError>;
}

/// A cursor could not be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// The file could not be read or written.
    #[error("the cursor file failed")]
    Storage(#[from] rusqlite::Error),
    /// Written by a newer version of this program.
    #[error(transparent)]
    Newer(#[from] Newer),
}

/// Cursors in a small SQLite file.
pub struct SqliteCursors(Mutex<Connection>);

impl SqliteCursors {
    /// Opens `cursors.db` in the data directory, or makes it. Cursors of another history are forgotten.
    pub fn open(directory: &Path, incarnation: Incarnation) -> Result<Self, CursorError> {
        let connection = FORMAT.open::<CursorError>(directory)?;
        forget_others(&connection, incarnation)?;
        Ok(Self(Mutex::new(connection)))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_others(connection: &Connection, incarnation: Incarnation) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let id = incarnation.0.as_bytes();
    transaction.execute("DELETE FROM cursor WHERE NOT EXISTS (SELECT 1 FROM history WHERE incarnation = ?1)", [id])?;
    transaction.execute("INSERT OR REPLACE INTO history (one, incarnation) VALUES (1, ?1)", [id])?;
    transaction.commit()
}

impl CursorStore for SqliteCursors {
    fn get(&self, name: &str) -> Result<Option<Position>, CursorError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT position FROM cursor WHERE name = ?1")?;
        let position: Option<i64> = statement.query_row([name], |row| row.get(0)).optional()?;
        Ok(position.and_then(|position| u64::try_from(position).ok()).map(Position))
    }

    fn set(&self, name: &str, cursor: Position) -> Result<(), CursorError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("INSERT OR REPLACE INTO cursor (name, position) VALUES (?1, ?2)")?;
        statement.execute((name, i64::try_from(cursor.0).unwrap_or(i64::MAX)))?;
        Ok(())
    }
}
