//! Reading: a few read-only connections on blocking threads, so that no reader ever waits for the writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::event::{Position, Revision, StreamName};
use rusqlite::{CachedStatement, Connection, OptionalExtension};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::fact::{check_end, corrupt};
use crate::port::{Direction, Filter, PAGE_BYTES_MAX, PAGE_EVENTS_MAX, Page, ReadError, StorageFault, StoredEvent};
use crate::sqlite::fault::read_error;
use crate::sqlite::medium::Medium;
use crate::sqlite::row::{COLUMNS, Raw, failed_at, has_event};
use crate::sqlite::schema::{check, open_reader};
use crate::sqlite::{FILE_NAME, OpenError, write_ahead};

/// Connections at most.
const CONNECTIONS_MAX: usize = 4;
/// Events looked at for one page of the log at most, wanted or not.
const SCAN_MAX: i64 = 20_000;

/// Reads the log; cheap to clone. It does not keep the log open.
#[derive(Clone)]
pub(super) struct Reader {
    pool: Arc<Pool>,
}

/// Reads a log that another process may have open.
pub struct LogReader(Reader);

impl LogReader {
    /// Opens the log in a data directory for reading, unless its write-ahead log is damaged. Blocks.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let path = directory.join(FILE_NAME);
        let medium = Medium::default();
        write_ahead(&path)?;
        let connection = open_reader(&path, &medium)?;
        check(&connection)?;
        let reader = Reader::new(path, medium);
        reader.pool.give(connection);
        Ok(Self(reader))
    }

    /// As [`EventLog::read_log`](crate::port::EventLog::read_log).
    pub async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.0.log(after, filter.clone(), max).await
    }
}

impl LogReader {
    /// The position of the last event; `None` in an empty log. Blocks.
    pub fn head(&self) -> Result<Option<Position>, ReadError> {
        let connection = self.0.pool.take()?;
        let last = connection.query_row("SELECT max(position) FROM event", [], |row| row.get::<_, Option<i64>>(0));
        let last = last.map_err(|error| read_error(&error))?;
        self.0.pool.give(connection);
        Ok(last.and_then(|last| u64::try_from(last).ok()).map(Position))
    }

    /// The last event of a stream. Blocks.
    pub fn last_of(&self, stream: &StreamName) -> Result<Option<StoredEvent>, ReadError> {
        let connection = self.0.pool.take()?;
        let page = read_stream(&connection, stream, Revision(u64::MAX), Direction::Backward, 1)?;
        self.0.pool.give(connection);
        Ok(page.events.into_iter().next())
    }
}

struct Pool {
    path: PathBuf,
    medium: Medium,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Reader {
    pub(super) fn new(path: PathBuf, medium: Medium) -> Self {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { pool: Arc::new(Pool { path, medium, permits, idle: Mutex::default() }) }
    }

    pub(super) async fn stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        let stream = stream.clone();
        self.on_connection(move |connection| read_stream(connection, &stream, from, direction, max)).await
    }

    pub(super) async fn log(&self, after: Option<Position>, filter: Filter, max: usize) -> Result<Page, ReadError> {
        self.on_connection(move |connection| read_log(connection, after, &filter, max)).await
    }

    async fn on_connection<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let permits = Arc::clone(&self.pool.permits);
        let permit = permits.acquire_owned().await.map_err(|_| ReadError::Unavailable(StorageFault::Closed))?;
        let pool = Arc::clone(&self.pool);
        let reading = spawn_blocking(move || {
            let _permit = permit;
            let connection = pool.take()?;
            let result = read(&connection);
            if result.is_ok() {
                pool.give(connection);
            }
            result
        });
        reading.await.map_err(|_| ReadError::Unavailable(StorageFault::Refused))?
    }
}

impl Pool {
    fn take(&self) -> Result<Connection, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_reader(&self.path, &self.medium), Ok).map_err(|error| read_error(&error))
    }

    fn give(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// Collects a page until it is full.
#[derive(Default)]
struct Collected {
    events: Vec<StoredEvent>,
    bytes: usize,
}

impl Collected {
    fn push(&mut self, event: StoredEvent) {
        self.bytes = self.bytes.saturating_add(event.data.len()).saturating_add(event.body.len());
        self.events.push(event);
    }

    fn is_full(&self, max: usize) -> bool {
        self.events.len() >= max || self.bytes >= PAGE_BYTES_MAX
    }
}

fn read_stream(
    connection: &Connection,
    stream: &StreamName,
    from: Revision,
    direction: Direction,
    max: usize,
) -> Result<Page<Revision>, ReadError> {
    let max = max.clamp(1, PAGE_EVENTS_MAX);
    let mut statement = stream_statement(connection, direction).map_err(|error| read_error(&error))?;
    let from_row = i64::try_from(from.0).unwrap_or(i64::MAX);
    let limit = i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query((stream.as_str(), from_row, limit)).map_err(|error| read_error(&error))?;
    let mut page = Collected::default();
    let mut due = (direction == Direction::Forward).then_some(from_row);
    let mut end = true;
    while let Some(row) = rows.next().map_err(|error| read_error(&error))? {
        if page.is_full(max) {
            end = false;
            break;
        }
        if !has_event(row) {
            check_end(from, direction)?;
            break;
        }
        let raw = Raw::of(row)?;
        if due.is_some_and(|due| due != raw.revision) {
            return Err(corrupt(raw.position));
        }
        page.push(raw.event()?);
        due = Some(step(raw.revision, direction));
    }
    let next = if page.events.is_empty() { Some(from) } else { due.and_then(revision) };
    Ok(Page { events: page.events, next, end })
}

fn step(revision: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Forward => revision.saturating_add(1),
        Direction::Backward => revision.saturating_sub(1),
    }
}

fn revision(row: i64) -> Option<Revision> {
    u64::try_from(row).ok().map(Revision)
}

fn stream_statement(connection: &Connection, direction: Direction) -> rusqlite::Result<CachedStatement<'_>> {
    let (bound, order) = match direction {
        Direction::Forward => (">=", "ASC"),
        Direction::Backward => ("<=", "DESC"),
    };
    connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM stream s LEFT JOIN event e ON e.stream_id = s.id AND e.revision {bound} ?2 \
         WHERE s.name = ?1 ORDER BY e.revision {order} LIMIT ?3"
    ))
}

fn read_log(connection: &Connection, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
    let max = max.clamp(1, PAGE_EVENTS_MAX);
    let mut statement = log_statement(connection).map_err(|error| read_error(&error))?;
    let mut last = after.map_or(0, |position| i64::try_from(position.0).unwrap_or(i64::MAX));
    let mut rows = statement.query((last, SCAN_MAX)).map_err(|error| read_error(&error))?;
    let mut page = Collected::default();
    let mut end = true;
    let mut scanned = 0_i64;
    loop {
        let due = last.saturating_add(1);
        let Some(row) = rows.next().map_err(|error| failed_at(&error, due))? else { break };
        if page.is_full(max) {
            end = false;
            break;
        }
        let raw = Raw::of(row)?;
        if raw.position != due {
            return Err(corrupt(due));
        }
        if filter.matches(raw.stream, raw.kind) {
            page.push(raw.event()?);
        }
        last = raw.position;
        scanned = scanned.saturating_add(1);
    }
    if scanned == 0 {
        check_cursor(connection, last)?;
    }
    let next = u64::try_from(last).ok().filter(|last| *last > 0).map(Position);
    Ok(Page { events: page.events, next, end: end && scanned < SCAN_MAX })
}

/// An event whose stream is not found is damaged, not absent: at the end of the log nothing else would tell.
fn log_statement(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event e LEFT JOIN stream s ON s.id = e.stream_id \
         WHERE e.position > ?1 ORDER BY e.position LIMIT ?2"
    ))
}

/// A cursor with nothing after it stands on the last event, or belongs to another log.
fn check_cursor(connection: &Connection, cursor: i64) -> Result<(), ReadError> {
    if cursor == 0 {
        return Ok(());
    }
    let exists = || {
        let mut statement = connection.prepare_cached("SELECT 1 FROM event WHERE position = ?1")?;
        statement.query_row([cursor], |_| Ok(())).optional()
    };
    match exists() {
        Ok(Some(())) => Ok(()),
        Ok(None) => Err(ReadError::ForeignCursor),
        Err(error) => Err(read_error(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Expected;
    use crate::sqlite::{Options, SqliteLog};
    use crate::suite::{append, numbered, stream};
    use rusqlite::StatementStatus;

    #[tokio::test]
    async fn a_read_from_elsewhere_needs_no_new_plan() {
        let directory = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
        append(&log, &stream("a"), Expected::NoStream, numbered("n", 9)).await;
        let connection = open_reader(&directory.path().join(FILE_NAME), &Medium::default()).unwrap();
        for after in 0..9 {
            let page = read_log(&connection, Some(Position(after)), &Filter::All, 5).unwrap();
            assert_eq!(page.events[0].position, Position(after + 1));
        }
        let statement = log_statement(&connection).unwrap();
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
