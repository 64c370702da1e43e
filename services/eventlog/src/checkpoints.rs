//! Checkpoints that have been published, in a file beside the log: what was once said of the log is held against it.
//!
//! Without `checkpoints.db` old checkpoints still verify, and consistency with them can still be proved: only the list
//! is gone, and with it the notice of a log that is no longer the one that was signed.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use kernel::merkle::Hash;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::beside::{Format, Newer};

/// Their file within the data directory.
pub const FILE_NAME: &str = "checkpoints.db";
const FORMAT: Format = Format {
    name: FILE_NAME,
    version: 1,
    // FULL, because a checkpoint that others have and a power cut takes away is held against nothing any more.
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
    tables: &["
        CREATE TABLE IF NOT EXISTS checkpoint (
            origin TEXT NOT NULL,
            size INTEGER NOT NULL,
            root BLOB NOT NULL,
            signed_at INTEGER NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (origin, size)
        ) STRICT, WITHOUT ROWID;
    "],
    distrusts_the_log: true,
};
/// How long every one is kept; of older ones the last of each hour.
const ALL_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
const MICROSECONDS_PER_HOUR: i64 = 3_600_000_000;

/// A published checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The log it is of.
    pub origin: String,
    /// How many events it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// Why the file gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointsError {
    /// It could not be read or written.
    #[error("the file of the checkpoints failed")]
    Storage(#[from] rusqlite::Error),
    /// Written by a newer version of this program.
    #[error(transparent)]
    Newer(#[from] Newer),
}

/// All published checkpoints. Its calls wait for the disk.
pub struct Checkpoints(Mutex<Connection>);

impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Checkpoints")
    }
}

impl Checkpoints {
    /// Opens `checkpoints.db` in the data directory, or makes it.
    pub fn open(directory: &Path) -> Result<Self, CheckpointsError> {
        let connection = FORMAT.open::<CheckpointsError>(directory)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Keeps a checkpoint; one of the same log and size is replaced: it was signed again, by another key.
    pub fn keep(&self, published: &Published) -> Result<(), CheckpointsError> {
        let text =
            "INSERT OR REPLACE INTO checkpoint (origin, size, root, signed_at, note) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Published { origin, size, root, signed_at, note } = published;
        let connection = self.connection();
        connection.prepare_cached(text)?.execute((origin, signed(*size), root, signed_at.as_microsecond(), note))?;
        Ok(())
    }

    /// The largest one of a log.
    pub fn latest(&self, origin: &str) -> Result<Option<Published>, CheckpointsError> {
        Ok(self.before(origin, None, 1)?.pop())
    }

    /// The one of a log with this size.
    pub fn of_size(&self, origin: &str, size: u64) -> Result<Option<Published>, CheckpointsError> {
        let text = "SELECT * FROM checkpoint WHERE origin = ?1 AND size = ?2";
        let connection = self.connection();
        let found = connection.prepare_cached(text)?.query_row((origin, signed(size)), read).optional()?;
        Ok(found)
    }

    /// Those of a log below a size, the largest first.
    pub fn before(&self, origin: &str, size: Option<u64>, max: u32) -> Result<Vec<Published>, CheckpointsError> {
        let text = "SELECT * FROM checkpoint WHERE origin = ?1 AND size < ?2 ORDER BY size DESC LIMIT ?3";
        let connection = self.connection();
        let below = size.map_or(i64::MAX, signed);
        let found =
            connection.prepare_cached(text)?.query_map((origin, below, max), read)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// How many of a log there are.
    pub fn count(&self, origin: &str) -> Result<u64, CheckpointsError> {
        let text = "SELECT COUNT(*) FROM checkpoint WHERE origin = ?1";
        let count: i64 = self.connection().query_row(text, [origin], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Drops old ones, but the last of each hour.
    pub fn thin(&self, now: Timestamp) -> Result<usize, CheckpointsError> {
        let text = "DELETE FROM checkpoint WHERE signed_at < ?1 AND (origin, size) NOT IN (
            SELECT origin, MAX(size) FROM checkpoint WHERE signed_at < ?1 GROUP BY origin, signed_at / ?2)";
        let bound = now.checked_sub(ALL_KEPT).unwrap_or(now).as_microsecond();
        Ok(self.connection().execute(text, (bound, MICROSECONDS_PER_HOUR))?)
    }

    /// How many events the largest one of a log covers, in a data directory that may be in use; 0 where nothing is known
    /// of any. Makes and changes nothing.
    pub fn covered(directory: &Path, origin: &str) -> Result<u64, CheckpointsError> {
        let Some(connection) = found(directory)? else { return Ok(0) };
        let text = "SELECT coalesce(max(size), 0) FROM checkpoint WHERE origin = ?1";
        let size: i64 = connection.query_row(text, [origin], |row| row.get(0))?;
        Ok(u64::try_from(size).unwrap_or_default())
    }

    /// Of which logs there are any, in a data directory that may be in use, where there are none of these logs. Makes and
    /// changes nothing.
    pub fn of_others_only(directory: &Path, origins: &[String]) -> Result<Vec<String>, CheckpointsError> {
        let Some(connection) = found(directory)? else { return Ok(Vec::new()) };
        let mut known = connection.prepare("SELECT EXISTS (SELECT 1 FROM checkpoint WHERE origin = ?1)")?;
        for origin in origins {
            if known.query_row([origin], |row| row.get(0))? {
                return Ok(Vec::new());
            }
        }
        let mut others = connection.prepare("SELECT DISTINCT origin FROM checkpoint")?;
        let others = others.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(others)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the file for reading; none where it does not exist, or holds nothing yet.
fn found(directory: &Path) -> Result<Option<Connection>, CheckpointsError> {
    let Some(connection) = FORMAT.read::<CheckpointsError>(directory)? else { return Ok(None) };
    Ok(connection.table_exists(None, "checkpoint")?.then_some(connection))
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Published> {
    Ok(Published {
        origin: row.get("origin")?,
        size: u64::try_from(row.get::<_, i64>("size")?).unwrap_or_default(),
        root: row.get("root")?,
        signed_at: Timestamp::from_microsecond(row.get("signed_at")?).unwrap_or(Timestamp::UNIX_EPOCH),
        note: row.get("note")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const START: i64 = 1_777_600_800;

    fn published(origin: &str, size: u64, minute: i64) -> Published {
        let signed_at = Timestamp::from_second(START + 60 * minute).unwrap();
        Published { origin: origin.to_owned(), size, root: [7; 32], signed_at, note: format!("note {size}") }
    }

    fn sizes(found: &[Published]) -> Vec<u64> {
        found.iter().map(|published| published.size).collect()
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        crate::beside::tests::check_versions(FILE_NAME, Checkpoints::open);
    }

    #[test]
    fn what_was_published_is_there_again_after_a_restart() {
        let directory = TempDir::new().unwrap();
        let checkpoints = Checkpoints::open(directory.path()).unwrap();
        assert_eq!(checkpoints.latest("log").unwrap(), None);
        for size in [3, 5, 9] {
            checkpoints.keep(&published("log", size, 0)).unwrap();
        }
        checkpoints.keep(&published("other", 100, 0)).unwrap();
        drop(checkpoints);
        let checkpoints = Checkpoints::open(directory.path()).unwrap();
        assert_eq!(checkpoints.latest("log").unwrap(), Some(published("log", 9, 0)));
        assert_eq!(checkpoints.of_size("log", 5).unwrap(), Some(published("log", 5, 0)));
        assert_eq!(checkpoints.of_size("log", 4).unwrap(), None);
        assert_eq!(sizes(&checkpoints.before("log", None, 2).unwrap()), [9, 5]);
        assert_eq!(sizes(&checkpoints.before("log", Some(9), 9).unwrap()), [5, 3]);
        assert_eq!(checkpoints.count("log").unwrap(), 3);
        assert_eq!(Checkpoints::covered(directory.path(), "log").unwrap(), 9);
        assert_eq!(Checkpoints::covered(directory.path(), "none").unwrap(), 0);
        let others = |origins: &[&str]| {
            let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
            Checkpoints::of_others_only(directory.path(), &origins).unwrap()
        };
        assert_eq!((others(&[]), others(&["none"])), (vec!["log".to_owned(), "other".to_owned()], others(&[])));
        assert!(others(&["none", "other"]).is_empty());
        let empty = TempDir::new().unwrap();
        assert_eq!(Checkpoints::covered(empty.path(), "log").unwrap(), 0);
        assert!(Checkpoints::of_others_only(empty.path(), &[]).unwrap().is_empty());
    }

    #[test]
    fn of_old_ones_the_last_of_each_hour_stays() {
        let directory = TempDir::new().unwrap();
        let checkpoints = Checkpoints::open(directory.path()).unwrap();
        let hours = [0, 1, 59, 60, 130, 131];
        for (size, minute) in (1..).zip(hours) {
            checkpoints.keep(&published("log", size, minute)).unwrap();
        }
        let now = Timestamp::from_second(START + 60 * 131 + ALL_KEPT.as_secs()).unwrap();
        assert_eq!(checkpoints.thin(now).unwrap(), 2);
        assert_eq!(sizes(&checkpoints.before("log", None, 9).unwrap()), [6, 5, 4, 3]);
        assert_eq!(checkpoints.thin(now).unwrap(), 0);
    }
}
