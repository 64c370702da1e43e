//! Appends inside one transaction: the expectation, the repeat, the rows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use kernel::event::{Position, Revision, StreamName};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::fact::Fact;
use crate::heads::{Head, Heads};
use crate::port::{AppendError, Appended, Expected, NewEvent, StorageFault};
use crate::repeat::{Stored, repeat};
use crate::sqlite::Options;
use crate::sqlite::schema::{SCHEMA_VERSION, open_writer};

/// Pages in the write-ahead log from which it is copied back when nothing waits (16 MiB) …
const CHECKPOINT_IDLE_PAGES: i32 = 4_000;
/// … and from which it is copied back even so (64 MiB).
const CHECKPOINT_BUSY_PAGES: i32 = 16_000;

/// The writable connection and what is known about the log's end.
pub(super) struct Store {
    connection: Connection,
    heads: Heads,
    /// The last position, with what the open transaction has added.
    last: i64,
    /// Pages in the write-ahead log, kept by a hook on each commit.
    log_pages: Arc<AtomicI32>,
    /// What `log_pages` was at the last copying back.
    copied_pages: i32,
    /// Whether what is found in the write-ahead log has to be made durable.
    is_distrustful: bool,
}

/// Why an append has no place in the transaction.
pub(super) enum Refusal {
    /// It alone is refused.
    Answer(AppendError),
    /// The transaction cannot go on.
    Broken(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error)
    }
}

impl Store {
    /// Opens the writable connection and reads where the log ends.
    pub(super) fn open(path: &Path, options: &Options) -> rusqlite::Result<Self> {
        let connection = open_writer(path, options)?;
        Ok(Self {
            connection,
            heads: Heads::default(),
            last: 0,
            log_pages: Arc::default(),
            copied_pages: 0,
            is_distrustful: options.medium.distrusts_the_log(),
        })
    }

    /// Makes everything that can be read durable, then takes note of the log's end; the tables exist.
    ///
    /// What is found in the write-ahead log may be there without having reached the disk: written by a process that
    /// died before its fsync, or lost by an fsync that failed, after which the system takes the pages for clean. To
    /// believe it would be to answer a repeated append with what a power cut takes away. So it is copied into the file,
    /// which writes and syncs it anew; and the write-ahead log is begun anew, since what is left of it on the disk would
    /// otherwise be laid over the file.
    pub(super) fn start(&mut self) -> rusqlite::Result<()> {
        if self.is_distrustful {
            self.copy_back_all()?;
        }
        self.read_end()?;
        let pages = Arc::clone(&self.log_pages);
        self.connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            pages.store(count, Ordering::Relaxed);
            Ok(())
        }))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The position of the last event.
    pub(super) fn last(&self) -> Option<Position> {
        u64::try_from(self.last).ok().filter(|last| *last > 0).map(Position)
    }

    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    pub(super) fn commit(&self) -> rusqlite::Result<()> {
        self.run("COMMIT")
    }

    /// Undoes the transaction, unless SQLite has done so by itself.
    pub(super) fn rollback(&mut self) -> rusqlite::Result<()> {
        if !self.connection.is_autocommit() {
            self.run("ROLLBACK")?;
        }
        self.heads.clear();
        self.read_end()
    }

    fn read_end(&mut self) -> rusqlite::Result<()> {
        self.last = self.connection.query_row("SELECT coalesce(max(position), 0) FROM event", [], |row| row.get(0))?;
        Ok(())
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Copies the write-ahead log back into the file, when it has grown long enough. A failure is only logged: the
    /// next one does the work.
    pub(super) fn checkpoint(&mut self, idle: bool) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.copied_pages {
            self.copied_pages = 0;
        }
        let grown = pages.saturating_sub(self.copied_pages);
        if grown >= CHECKPOINT_BUSY_PAGES || (idle && grown >= CHECKPOINT_IDLE_PAGES) {
            self.copied_pages = pages;
            self.copy_back("PASSIVE");
        }
    }

    /// Copies all of the write-ahead log back and empties it, then closes.
    pub(super) fn finish(self) {
        self.copy_back("TRUNCATE");
    }

    /// Copies all of the write-ahead log back, syncs the file, and begins the log anew, or fails.
    fn copy_back_all(&self) -> rusqlite::Result<()> {
        let copied = |row: &rusqlite::Row<'_>| Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?));
        let (is_busy, pages) = self.connection.query_row("PRAGMA wal_checkpoint(FULL)", [], copied)?;
        if !is_busy && pages == 0 {
            return Ok(());
        }
        if !is_busy {
            // Any change does: all has been copied, so it is written at the beginning, under a new header.
            return self.connection.pragma_update(None, "user_version", SCHEMA_VERSION);
        }
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        Err(rusqlite::Error::SqliteFailure(busy, Some("the write-ahead log could not be copied back".to_owned())))
    }

    fn copy_back(&self, mode: &str) {
        let copied = self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
        if let Err(error) = copied {
            tracing::warn!(%error, "the write-ahead log was not copied back");
        }
    }

    /// Makes every further commit fail.
    #[cfg(test)]
    pub(super) fn fail_commits(&mut self) {
        self.connection.commit_hook(Some(|| true)).unwrap();
    }

    /// Appends inside of the open transaction. All that can refuse it is decided before its first row is written; a
    /// failure after that breaks the transaction.
    pub(super) fn append(
        &mut self,
        stream: &StreamName,
        expected: Expected,
        events: &[NewEvent],
    ) -> Result<Appended, Refusal> {
        let head = self.head(stream)?;
        let actual = head.map(|head| revision(head.last));
        if actual == expected.last() {
            let head = self.insert(stream, head, events)?;
            return Ok(self.note(stream, head, events.len()));
        }
        let conflict = AppendError::Conflict { actual };
        let Some(head) = head else { return Err(Refusal::Answer(conflict)) };
        let stored = self.stored(head.stream_id, expected.first_new(), events.len())?;
        repeat(&stored, expected.first_new(), events, conflict).map_err(Refusal::Answer)
    }

    fn head(&mut self, stream: &StreamName) -> Result<Option<Head>, Refusal> {
        if let Some(head) = self.heads.get(stream) {
            return Ok(Some(head));
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT id, (SELECT max(revision) FROM event WHERE stream_id = stream.id) FROM stream WHERE name = ?1",
        )?;
        let found = statement.query_row([stream.as_str()], |row| Ok((row.get(0)?, row.get(1)?)));
        match found.optional()? {
            None => Ok(None),
            Some((stream_id, Some(last))) => {
                let head = Head { stream_id, last };
                self.heads.insert(stream, head);
                Ok(Some(head))
            }
            Some((_, None)) => {
                tracing::error!(stream = stream.as_str(), "the log is damaged: a stream has no events");
                Err(Refusal::Answer(AppendError::Unavailable(StorageFault::Refused)))
            }
        }
    }

    /// Writes the rows; gives the stream's new head.
    fn insert(&self, stream: &StreamName, head: Option<Head>, events: &[NewEvent]) -> rusqlite::Result<Head> {
        let (stream_id, last) = match head {
            Some(head) => (head.stream_id, head.last),
            None => (self.stream_id(stream)?, -1),
        };
        let first = last.saturating_add(1);
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")?;
        let mut position = self.last;
        let mut revision = last;
        for event in events {
            position = position.saturating_add(1);
            revision = revision.saturating_add(1);
            let fact = Fact::new(event, stream.as_str(), position, revision, first);
            statement.execute(rusqlite::params![
                fact.position,
                stream_id,
                fact.revision,
                fact.first,
                fact.id,
                fact.kind,
                fact.version,
                fact.occurred_at,
                fact.correlation,
                fact.cause,
                fact.actor,
                fact.checksum(),
                fact.data,
                fact.body,
            ])?;
        }
        Ok(Head { stream_id, last: revision })
    }

    /// The row of the stream's name, made where there is none.
    fn stream_id(&self, stream: &StreamName) -> rusqlite::Result<i64> {
        let mut statement = self.connection.prepare_cached("INSERT INTO stream (name) VALUES (?1)")?;
        statement.insert([stream.as_str()])
    }

    fn note(&mut self, stream: &StreamName, head: Head, count: usize) -> Appended {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.heads.insert(stream, head);
        self.last = self.last.saturating_add(count);
        Appended {
            first: revision(head.last.saturating_sub(count).saturating_add(1)),
            last: revision(head.last),
            position: Position(self.last.unsigned_abs()),
            repeated: false,
        }
    }

    /// The events from revision `first` on: as many as asked and one more.
    fn stored(&self, stream_id: i64, first: Revision, count: usize) -> rusqlite::Result<Vec<Stored>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, first, position FROM event WHERE stream_id = ?1 AND revision >= ?2 ORDER BY revision LIMIT ?3",
        )?;
        let limit = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
        let first = i64::try_from(first.0).unwrap_or(i64::MAX);
        let rows = statement.query_map((stream_id, first, limit), |row| {
            Ok(Stored { id: Uuid::from_bytes(row.get(0)?), first: row.get(1)?, position: row.get(2)? })
        })?;
        rows.collect()
    }
}

fn revision(value: i64) -> Revision {
    Revision(value.unsigned_abs())
}
