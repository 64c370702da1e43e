//! The embedded backend: one SQLite file in write-ahead mode, one thread that writes, a few connections that read.

mod append;
mod fault;
#[cfg(test)]
mod flip_tests;
mod header;
mod medium;
mod read;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod verify;
mod wal;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::{mpsc, oneshot};

pub use self::medium::Medium;
pub use self::read::LogReader;
pub(crate) use self::verify::write_ahead;
pub use self::verify::{VerifyError, verify};
#[cfg(test)]
pub(crate) use self::wal::commits;
use crate::group::{Message, Request};
use crate::lock::{DirectoryLock, LockError, by};
use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
    check,
};
use crate::sqlite::append::Store;
use crate::sqlite::read::Reader;
use crate::sqlite::schema::{SCHEMA_VERSION, SQLITE_VERSION_MIN, SchemaError};
use crate::sqlite::writer::Writer;
use crate::subscription::subscribe;
use crate::tail::{self, Tail};
use crate::verified::Damage;
use crate::vitals::Vitals;

/// The log's file within the data directory.
pub const FILE_NAME: &str = "log.db";

/// Appends that may wait for the writer; further callers wait for a place.
const QUEUE_LENGTH: usize = 1_024;
/// A page of a subscription.
const SUBSCRIPTION_PAGE: usize = 500;
/// A file up to this size is verified whole when opened; of a larger one only the tail is, to start at once.
const VERIFY_WHOLE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The tail verified when a large file is opened, in events.
const VERIFY_TAIL_EVENTS: i64 = 1_000;

/// How to open a log.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The most bytes the file may grow to; then appends are answered as on a full disk. No bound unless given.
    pub size_max: Option<u64>,
    /// What the file lies on.
    pub medium: Medium,
}

/// Why a log was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or this one, has the directory open.
    #[error("{} is in use{}", directory.display(), by(process.as_ref()))]
    InUse {
        /// The data directory.
        directory: PathBuf,
        /// The process that has it open, if it could be told.
        process: Option<u32>,
    },
    /// Written by a newer version of this program.
    #[error("the log has format {found}, this program knows formats up to {SCHEMA_VERSION}: use a newer one")]
    Newer {
        /// The file's format.
        found: i32,
    },
    /// The file is a database, but no event log.
    #[error("{FILE_NAME} is not an event log")]
    Foreign,
    /// What is stored is not what was written.
    #[error("the log is damaged: {0}")]
    Damaged(#[source] VerifyError),
    /// This program was built with an SQLite that can damage a log.
    #[error("SQLite {found} is too old: 3.51.3 or newer is needed")]
    SqliteTooOld {
        /// The version built in.
        found: &'static str,
    },
    /// The directory or the writing thread could not be made.
    #[error("the data directory cannot be used")]
    Directory(#[from] std::io::Error),
    /// The file could not be opened.
    #[error("the log cannot be opened")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => {
                Self::Damaged(VerifyError::Damaged { position: None, damage: Damage::Unreadable })
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<SchemaError> for OpenError {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Foreign => Self::Foreign,
            SchemaError::Newer(found) => Self::Newer { found },
            SchemaError::Sqlite(error) => error.into(),
        }
    }
}

impl From<VerifyError> for OpenError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Unavailable(error) => Self::Sqlite(error),
            VerifyError::WriteAhead(error) => Self::Directory(error),
            damaged @ VerifyError::Damaged { .. } => Self::Damaged(damaged),
        }
    }
}

/// The embedded log. Clones are the same log; it closes when the last one goes, or by [`SqliteLog::close`].
#[derive(Clone)]
pub struct SqliteLog {
    reader: Reader,
    tail: Tail,
    vitals: Vitals,
    handle: Arc<Handle>,
}

/// Ends the writing thread and waits for it.
struct Handle {
    queue: Option<mpsc::Sender<Message>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

impl SqliteLog {
    /// Opens the log in a data directory, making both where they are missing. Blocks.
    ///
    /// Refuses a directory in use, a file of a newer format, and a damaged file: all of a small one is verified, the
    /// last events of a large one ([`verify`] does the rest). A damaged write-ahead log stays as it is.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, OpenError> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(OpenError::SqliteTooOld { found: rusqlite::version() });
        }
        make(directory)?;
        let lock = DirectoryLock::acquire(directory).map_err(|error| match error {
            LockError::Held(process) => OpenError::InUse { directory: directory.to_owned(), process },
            LockError::Io(error) => OpenError::Directory(error),
        })?;
        let path = directory.join(FILE_NAME);
        let store = open_store(&path, options)?;
        Ok(Self::start(path, options, store, lock)?)
    }

    fn start(path: PathBuf, options: &Options, store: Store, lock: DirectoryLock) -> std::io::Result<Self> {
        let (tail_writer, tail) = tail::channel(store.last());
        let (queue, requests) = mpsc::channel(QUEUE_LENGTH);
        let reader = Reader::new(path.clone(), options.medium.clone());
        let commit_time = Duration::ZERO;
        let vitals = Vitals::new(path.clone());
        let writer = Writer {
            path,
            options: options.clone(),
            queue: requests,
            store: Some(store),
            lock,
            tail: tail_writer,
            vitals: vitals.clone(),
            commit_time,
        };
        let thread = std::thread::Builder::new().name("log-writer".to_owned()).spawn(move || writer.run())?;
        Ok(Self { reader, tail, vitals, handle: Arc::new(Handle { queue: Some(queue), thread: Some(thread) }) })
    }

    /// How the writer fares.
    pub fn vitals(&self) -> Vitals {
        self.vitals.clone()
    }

    /// Writes what is queued, then closes: later appends and subscriptions find the log closed, and the directory may
    /// be opened again. Reads still work.
    pub async fn close(&self) {
        if let Some(queue) = &self.handle.queue {
            _ = queue.send(Message::Close).await;
        }
        let mut published = self.tail.published();
        while published.changed().await.is_ok() {}
    }
}

/// Makes the directory where it is missing, and its name durable: a power cut must not take it away with the log in it.
fn make(directory: &Path) -> std::io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory)?;
    match directory.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => std::fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// What is known to be durable has to be found: a log that ends before it is damaged.
async fn read_past(
    reader: &Reader,
    tail: &Tail,
    after: Option<Position>,
    filter: &Filter,
    max: usize,
) -> Result<Page, ReadError> {
    if let Some(page) = tail.quiet(after, filter) {
        return Ok(page);
    }
    let head = tail.head();
    let page = match reader.log(after, filter.clone(), max).await {
        Err(ReadError::ForeignCursor) if after <= head => return Err(ReadError::Corrupt { position: after }),
        other => other?,
    };
    if page.end && page.next < head {
        let missing = page.next.map_or(1, |last| last.0.saturating_add(1));
        return Err(ReadError::Corrupt { position: Some(Position(missing)) });
    }
    Ok(page)
}

fn open_store(path: &Path, options: &Options) -> Result<Store, OpenError> {
    let mut store = open_writable(path, options)?;
    schema::prepare(store.connection())?;
    let bytes = std::fs::metadata(path)?.len();
    let verified = if bytes <= VERIFY_WHOLE_BYTES_MAX {
        verify::whole(store.connection())
    } else {
        verify::tail(store.connection(), VERIFY_TAIL_EVENTS)
    };
    verified?;
    store.start()?;
    Ok(store)
}

/// Opens the file for writing, once its write-ahead log is known to be sound; what can be read is not durable yet.
fn open_writable(path: &Path, options: &Options) -> Result<Store, OpenError> {
    write_ahead(path)?;
    Ok(Store::open(path, options)?)
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check(&events).map_err(AppendError::Invalid)?;
        let closed = AppendError::Unavailable(StorageFault::Closed);
        let (answer, answered) = oneshot::channel();
        let request = Request { stream: stream.clone(), expected, events, answer };
        let queue = self.handle.queue.as_ref().ok_or(closed)?;
        queue.send(Message::Append(request)).await.map_err(|_| closed)?;
        answered.await.unwrap_or(Err(AppendError::Unknown))
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.reader.stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        read_past(&self.reader, &self.tail, after, filter, max).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        Ok(self.tail.head())
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let (reader, tail, published) = (self.reader.clone(), self.tail.clone(), self.tail.published());
        let read = move |after| -> futures::future::BoxFuture<'static, _> {
            let (reader, tail, filter) = (reader.clone(), tail.clone(), filter.clone());
            Box::pin(async move { read_past(&reader, &tail, after, &filter, SUBSCRIPTION_PAGE).await })
        };
        subscribe(Box::new(read), published, after)
    }
}
