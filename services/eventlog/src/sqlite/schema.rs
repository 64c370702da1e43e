//! The file: its tables, its version, and how connections to it are set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::sqlite::Options;
use crate::sqlite::medium::Medium;

/// The oldest SQLite accepted: earlier ones can corrupt a write-ahead log when two connections write.
pub(super) const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// The version of the tables below.
pub(super) const SCHEMA_VERSION: i32 = 1;
/// Marks the file as an event log: "TLYL".
const APPLICATION_ID: i32 = 0x544c_594c;

/// There is no index over ids, which are random: it would halve the rate of appends. An id is looked for only where its
/// append expects to stand. `first` is the revision of the first event of the same append: it tells repeats from parts.
/// The wide columns come last, so that reading past unwanted events skips their pages.
const TABLES: &str = "
    CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE event (
        position INTEGER PRIMARY KEY,
        stream_id INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        first INTEGER NOT NULL,
        id BLOB NOT NULL,
        kind TEXT NOT NULL,
        version INTEGER NOT NULL,
        occurred_at INTEGER NOT NULL,
        correlation BLOB NOT NULL,
        cause BLOB NOT NULL,
        actor TEXT NOT NULL,
        checksum INTEGER NOT NULL,
        data BLOB NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (stream_id, revision)
    ) STRICT;";

/// Why the tables cannot be used.
#[derive(Debug)]
pub(super) enum SchemaError {
    Foreign,
    Newer(i32),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Opens the one connection that writes.
pub(super) fn open_writer(path: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let connection = options.medium.connect(path, OpenFlags::default())?;
    configure(&connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", options.medium.synchronous())?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    if let Some(bytes) = options.size_max {
        let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0))?.into();
        let pages = i64::try_from(bytes.checked_div(page).unwrap_or_default().max(1)).unwrap_or(i64::MAX);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path, medium: &Medium) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = medium.connect(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(32);
    // A plan may not hang on the values bound to it: or else statements are prepared anew for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "mmap_size", 0)
}

/// Makes the tables in a new file; checks them in an old one.
pub(super) fn prepare(connection: &Connection) -> Result<(), SchemaError> {
    if marks(connection)? == (0, 0) && is_empty(connection)? {
        create(connection)?;
    }
    check(connection)
}

/// Checks that the file is an event log of a format that this program knows.
pub(super) fn check(connection: &Connection) -> Result<(), SchemaError> {
    match marks(connection)? {
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(()),
        (APPLICATION_ID, newer) if newer > SCHEMA_VERSION => Err(SchemaError::Newer(newer)),
        _ => Err(SchemaError::Foreign),
    }
}

/// The file's application and the version of its tables.
fn marks(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

/// Whether the file's tables are, letter by letter, those that [`prepare`] makes, and its marks those of a log.
pub(super) fn has_its_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rootpage")?;
    let found: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let made = TABLES.split(';').map(str::trim).filter(|text| !text.is_empty());
    Ok(made.eq(found.iter().map(String::as_str)) && marks(connection)? == (APPLICATION_ID, SCHEMA_VERSION))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; \
         COMMIT;"
    ))
}
