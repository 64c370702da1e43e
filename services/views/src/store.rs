//! The files of the views: opened, checked against this program's schema, built anew, and read through a pool of
//! connections.
//!
//! A file's name holds the version of its tables and its generation. A file that is damaged or belongs to another
//! history is deleted: the projection fills the new one from the log. [`Rebuild`] fills a next generation beside the
//! one in use.

mod files;
mod rebuild;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eventlog::incarnation::Incarnation;
use kernel::event::Position;
use kernel::id::derived;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use self::rebuild::{Finished, Rebuild};
use crate::projection::{self, ViewsProjection, Writer};
use crate::store::files::Files;
use crate::{
    accounts, agreements, billing, catalog, facets, health, listings, log, price, probes, settlement, sql, tree, usage,
};

/// What the files of one version of this program are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    pub(crate) schemas: &'static [&'static str],
    /// Raised whenever the same events make other rows than before in unchanged tables.
    pub(crate) projection: &'static str,
}

/// Of this program.
pub(crate) const TABLES: Tables = Tables {
    schemas: &[
        projection::SCHEMA,
        log::SCHEMA,
        tree::SCHEMA,
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
    ],
    projection: "2",
};
const IDLE_CONNECTIONS_MAX: usize = 16;
const STATEMENTS_CACHED: usize = 128;

/// The views could not be opened or read. For operators: never shown to a caller.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite failed, or a row does not read as what it should be.
    #[error("the views could not be read")]
    Sql(#[from] rusqlite::Error),
    /// Others are being built.
    #[error("views are being built already, by this platform or by another process")]
    Building,
    /// The file could not be replaced.
    #[error("the file of the views could not be replaced")]
    File(#[from] io::Error),
}

/// A handle for reading; clones share the connections.
#[derive(Clone, Debug)]
pub struct Views(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    incarnation: Incarnation,
    pool: Mutex<Pool>,
    writer: Arc<Mutex<Writer>>,
}

/// The file in use and connections to it.
#[derive(Debug)]
struct Pool {
    files: Files,
    generation: u64,
    idle: Vec<Connection>,
}

/// Opens the views of a history in its data directory, or makes them. Returns the readers' handle and the one writer.
pub fn open(directory: &Path, incarnation: Incarnation) -> Result<(Views, ViewsProjection), Fault> {
    open_tables(&TABLES, directory, incarnation)
}

/// As [`open`] does in a program with these tables.
pub(crate) fn open_tables(
    tables: &Tables,
    directory: &Path,
    incarnation: Incarnation,
) -> Result<(Views, ViewsProjection), Fault> {
    let files = Files::new(directory, tables.version());
    let generation = files.latest()?;
    let path = files.generation(generation);
    let connection = match open_writer(&path) {
        Ok(connection) if tables.is_current(&connection, incarnation)? => connection,
        Ok(stale) => {
            drop(stale);
            tables.begin(&path, incarnation)?
        }
        Err(error) if is_damage(&error) => tables.begin(&path, incarnation)?,
        Err(error) => return Err(error.into()),
    };
    files.tidy(generation)?;
    let writer = Arc::new(Mutex::new(Writer::new(connection)));
    let pool = Mutex::new(Pool { files, generation, idle: Vec::new() });
    let views = Views(Arc::new(Shared { incarnation, pool, writer: Arc::clone(&writer) }));
    Ok((views, ViewsProjection::new(writer)))
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // A plan may not hang on the values bound to it: or else statements are prepared anew for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
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
    configure(&connection)?;
    Ok(connection)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

impl Tables {
    /// Derived from the schemas' text, so that no change of a table can be forgotten. Positive, 31 bits.
    fn version(&self) -> u32 {
        let parts: Vec<&str> = self.schemas.iter().copied().chain([self.projection]).collect();
        let bits = derived(&parts).as_u128() & 0x3fff_ffff;
        u32::try_from(bits).unwrap_or(u32::MAX >> 2).saturating_add(1)
    }

    /// Whether the file has these tables and tells of this history.
    fn is_current(&self, connection: &Connection, incarnation: Incarnation) -> Result<bool, Fault> {
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok(version == self.version() && projection::incarnation(connection)? == Some(incarnation))
    }

    /// Makes an empty file of these tables in the place of whatever is there.
    fn begin(&self, path: &Path, incarnation: Incarnation) -> Result<Connection, Fault> {
        tracing::info!(path = %path.display(), "the views are built from the log");
        files::remove(path)?;
        let mut connection = open_writer(path)?;
        let transaction = connection.transaction()?;
        for schema in self.schemas {
            transaction.execute_batch(schema)?;
        }
        projection::begin(&transaction, incarnation)?;
        transaction.pragma_update(None, "user_version", self.version())?;
        transaction.commit()?;
        Ok(connection)
    }
}

impl Views {
    /// The history that the views tell of.
    pub fn incarnation(&self) -> Incarnation {
        self.0.incarnation
    }

    /// Everything at or before this position is in the views; `None` at the very beginning.
    pub fn cursor(&self) -> Result<Option<Position>, Fault> {
        self.read(|connection| Ok(projection::cursor(connection)?))
    }

    /// Runs queries on one unchanging state of the views.
    pub(crate) fn read<T, E: From<Fault>>(&self, query: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let (connection, generation) = self.take().map_err(|error| E::from(error.into()))?;
        let answer = within_transaction(&connection, query);
        self.give_back(connection, generation);
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

    /// A connection, and the generation that it reads.
    fn take(&self) -> rusqlite::Result<(Connection, u64)> {
        let mut pool = self.pool();
        let generation = pool.generation;
        let connection = match pool.idle.pop() {
            Some(connection) => connection,
            None => open_reader(&pool.path())?,
        };
        Ok((connection, generation))
    }

    fn give_back(&self, connection: Connection, generation: u64) {
        let mut pool = self.pool();
        if pool.generation == generation && pool.idle.len() < IDLE_CONNECTIONS_MAX {
            pool.idle.push(connection);
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    fn path(&self) -> PathBuf {
        self.files.generation(self.generation)
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
    configure(&connection)?;
    Ok(connection)
}
