//! The small files beside the log, each in SQLite: how one is opened or made, and which version its tables have.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// For another process to finish writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one of the files is.
pub(crate) struct Format {
    /// Its name within the data directory.
    pub(crate) name: &'static str,
    /// Of its tables, from 1; kept as its `user_version`. Files of before there were versions have 0, and these tables.
    pub(crate) version: i32,
    /// What a connection is set to.
    pub(crate) settings: &'static str,
    /// The statements that make the tables where they are missing.
    pub(crate) tables: &'static [&'static str],
    /// Whether an answer from it must outlive a power cut. What is found in a write-ahead log may never have reached the
    /// disk: written by a process that died before its fsync, or lost by one that failed. So it is copied into the file,
    /// and the log begun anew, before anybody is answered.
    pub(crate) distrusts_the_log: bool,
}

/// The file was written by a newer version of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} has format {found}, this program knows formats up to {known}: use a newer one")]
pub struct Newer {
    name: &'static str,
    found: i32,
    known: i32,
}

impl Format {
    /// Opens the file in the data directory, or makes it. One of another version is left as it is.
    pub(crate) fn open<E: From<rusqlite::Error> + From<Newer>>(&self, directory: &Path) -> Result<Connection, E> {
        let connection = Connection::open(directory.join(self.name))?;
        let found = self.found::<E>(&connection)?;
        connection.execute_batch(self.settings)?;
        if self.distrusts_the_log {
            connection.execute_batch("PRAGMA wal_checkpoint(FULL);")?;
        }
        if found != self.version || self.distrusts_the_log {
            let Self { version, tables, .. } = self;
            let tables = tables.concat();
            connection.execute_batch(&format!("BEGIN IMMEDIATE; {tables} PRAGMA user_version = {version}; COMMIT;"))?;
        }
        Ok(connection)
    }

    /// Opens the file for reading, in a data directory that may be in use; `None` where there is none. Makes and changes
    /// nothing: a file at rest is read even where its directory cannot be written to.
    pub(crate) fn read<E: From<rusqlite::Error> + From<Newer>>(
        &self,
        directory: &Path,
    ) -> Result<Option<Connection>, E> {
        let path = directory.join(self.name);
        if !path.is_file() {
            return Ok(None);
        }
        let mut connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(PATIENCE)?;
        // To read beside a writer, SQLite has to make a file next to it.
        let is_read = connection.pragma_query_value(None, "user_version", |_| Ok(()));
        if is_read.is_err_and(|error| is_refused(&error)) && !path.with_file_name(format!("{}-wal", self.name)).exists()
        {
            connection = open_at_rest(&path)?;
        }
        self.found::<E>(&connection)?;
        Ok(Some(connection))
    }

    /// The version of a file that this program knows.
    pub(crate) fn found<E: From<rusqlite::Error> + From<Newer>>(&self, connection: &Connection) -> Result<i32, E> {
        let found: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if (0..=self.version).contains(&found) {
            return Ok(found);
        }
        Err(Newer { name: self.name, found, known: self.version }.into())
    }
}

fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Opens a file that nobody writes to (<https://sqlite.org/uri.html#uriimmutable>).
fn open_at_rest(path: &Path) -> rusqlite::Result<Connection> {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn version(path: &Path) -> i32 {
        let connection = Connection::open(path).unwrap();
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    fn set_version(path: &Path, version: i32) {
        Connection::open(path).unwrap().pragma_update(None, "user_version", version).unwrap();
    }

    /// Opens a file of each version: a new one and one of before there were versions are marked; one of a newer program
    /// is refused, and stays as it is to the byte.
    pub(crate) fn check_versions<T, E: std::error::Error>(name: &str, open: impl Fn(&Path) -> Result<T, E>) {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join(name);
        let open = || open(directory.path()).map(drop);
        open().unwrap();
        assert_eq!(version(&path), 1, "a new file is marked");
        set_version(&path, 0);
        open().unwrap();
        assert_eq!(version(&path), 1, "an old file is marked");
        for newer in [2, 99, -1] {
            set_version(&path, newer);
            let before = std::fs::read(&path).unwrap();
            let refused = open().unwrap_err().to_string();
            let expected = format!("{name} has format {newer}, this program knows formats up to 1: use a newer one");
            assert_eq!(refused, expected);
            assert_eq!(std::fs::read(&path).unwrap(), before, "{newer}: the file was written to");
        }
    }

    const FILE: Format = Format {
        name: "a%20file?#.db",
        version: 1,
        settings: "PRAGMA journal_mode = WAL;",
        tables: &["CREATE TABLE IF NOT EXISTS row (text TEXT) STRICT;"],
        distrusts_the_log: false,
    };

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error(transparent)]
        Sqlite(#[from] rusqlite::Error),
        #[error(transparent)]
        Newer(#[from] Newer),
    }

    fn texts(directory: &Path) -> Vec<String> {
        let connection = FILE.read::<Failed>(directory).unwrap().unwrap();
        let mut statement = connection.prepare("SELECT text FROM row").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// As an auditor has it who was given a copy.
    #[test]
    fn a_file_is_read_beside_its_writer_and_as_a_copy_that_nobody_may_write_to() {
        let directory = tempfile::TempDir::new().unwrap();
        assert!(FILE.read::<Failed>(directory.path()).unwrap().is_none());
        let writer = FILE.open::<Failed>(directory.path()).unwrap();
        writer.execute("INSERT INTO row VALUES ('one')", []).unwrap();
        assert_eq!(texts(directory.path()), ["one"]);
        drop(writer);
        let before = std::fs::read(directory.path().join(FILE.name)).unwrap();
        let at_rest = open_at_rest(&directory.path().join(FILE.name)).unwrap();
        assert_eq!(at_rest.query_one("SELECT text FROM row", [], |row| row.get::<_, String>(0)).unwrap(), "one");
        assert_eq!(std::fs::read(directory.path().join(FILE.name)).unwrap(), before);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is made beside it");
    }
}
