//! The file of the views: opened, checked against this program's schema, and read through a pool of connections.
//!
//! A file of another schema, or a damaged one, is deleted: the projection fills the new one from the log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::event::Position;
use kernel::id::derived;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::projection::{self, ViewsProjection};
use crate::{
    accounts, agreements, billing, catalog, facets, health, listings, log, price, probes, settlement, sql, usage,
};

/// Raised whenever the same events make other rows than before in unchanged tables.
const PROJECTION_VERSION: &str = "1";
const FILE: &str = "views.db";
const SCHEMAS: &[&str] = &[
    projection::SCHEMA,
    log::SCHEMA,
    accounts::SCHEMA,
    catalog::SCHEMA,
    listings::SCHEMA,
    price::SCHEMA,
    facets::SCHEMA,
    health::SCHEMA,
    probes::SCHEMA,
    agreements::SCHEMA,
    usage::SCHEMA,
    billing::SCHEMA,
    settlement::SCHEMA,
];
const IDLE_CONNECTIONS_MAX: usize = 16;
const STATEMENTS_CACHED: usize = 128;

/// The views could not be opened or read. For operators: never shown to a caller.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite failed, or a row does not read as what it should be.
    #[error("the views could not be read")]
    Sql(#[from] rusqlite::Error),
    /// The file could not be replaced.
    #[error("the file of the views could not be replaced")]
    File(#[from] io::Error),
}

/// A handle for reading; clones share the connections.
#[derive(Clone, Debug)]
pub struct Views(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// Opens `views.db` in the data directory, or makes it. Returns the readers' handle and the one writer.
pub fn open(directory: &Path) -> Result<(Views, ViewsProjection), Fault> {
    let path = directory.join(FILE);
    let connection = match open_writer(&path) {
        Ok(connection) if is_current(&connection)? => connection,
        Ok(stale) => {
            drop(stale);
            rebuild(&path)?
        }
        Err(error) if is_damage(&error) => rebuild(&path)?,
        Err(error) => return Err(error.into()),
    };
    let pool = Pool { path, idle: Mutex::new(Vec::new()) };
    Ok((Views(Arc::new(pool)), ViewsProjection::new(connection)))
}

fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA cache_size = -16384;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn is_current(connection: &Connection) -> Result<bool, Fault> {
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(version == schema_version())
}

/// Derived from the schemas' text, so that no change of a table can be forgotten. Positive.
fn schema_version() -> i32 {
    let parts: Vec<&str> = SCHEMAS.iter().copied().chain([PROJECTION_VERSION]).collect();
    let bits = derived(&parts).as_u128() & 0x3fff_ffff;
    i32::try_from(bits).unwrap_or(i32::MAX).saturating_add(1)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

fn rebuild(path: &Path) -> Result<Connection, Fault> {
    tracing::info!("the views are built anew from the log");
    for suffix in ["", "-wal", "-shm"] {
        remove(&path.with_file_name(format!("{FILE}{suffix}")))?;
    }
    let mut connection = open_writer(path)?;
    let transaction = connection.transaction()?;
    for schema in SCHEMAS {
        transaction.execute_batch(schema)?;
    }
    transaction.pragma_update(None, "user_version", schema_version())?;
    transaction.commit()?;
    Ok(connection)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

impl Views {
    /// Everything at or before this position is in the views; `None` at the very beginning.
    pub fn cursor(&self) -> Result<Option<Position>, Fault> {
        self.read(|connection| Ok(projection::cursor(connection)?))
    }

    /// Runs queries on one unchanging state of the views.
    pub(crate) fn read<T, E: From<Fault>>(&self, query: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let connection = self.take().map_err(|error| E::from(error.into()))?;
        let answer = within_transaction(&connection, query);
        self.give_back(connection);
        answer
    }

    /// Reads the first row, if there is one.
    pub(crate) fn one<T>(
        &self,
        text: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Fault> {
        self.read(|connection| Ok(sql::one(connection, text, params, read)?))
    }

    /// Reads all rows.
    pub(crate) fn all<T>(
        &self,
        text: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Fault> {
        self.read(|connection| Ok(sql::all(connection, text, params, read)?))
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_reader(&self.0.path), Ok)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(connection);
        }
    }
}

fn within_transaction<T, E: From<Fault>>(
    connection: &Connection,
    query: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = connection.unchecked_transaction().map_err(|error| E::from(error.into()))?;
    query(&transaction)
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(
        "PRAGMA query_only = ON;
         PRAGMA cache_size = -4096;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}
