//! The backend for a log that several machines reach: a PostgreSQL database, which may be in use by other processes.
//!
//! One task writes for this process; the lock of one row orders the processes among each other.

mod address;
mod append;
#[cfg(test)]
mod cut_tests;
mod fault;
mod read;
mod row;
mod schema;
mod session;
#[cfg(test)]
pub(crate) mod tests;
mod verify;
mod watch;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::{mpsc, oneshot};

pub use self::address::{Address, InvalidAddress, TlsError};
pub use self::fault::Fault;
pub use self::read::LogReader;
pub use self::verify::verify;
use crate::group::{Message, Request};
use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
    check,
};
use crate::postgres::append::Store;
use crate::postgres::read::Reader;
use crate::postgres::schema::SCHEMA_VERSION;
use crate::postgres::session::Connector;
use crate::postgres::watch::{Waker, Watch, Watched};
use crate::postgres::writer::Writer;
use crate::subscription::subscribe;
use crate::vitals::Vitals;

/// Where commits are told.
const CHANNEL: &str = "tallystick_log";
/// Appends that may wait for the writer; further callers wait for a place.
const QUEUE_LENGTH: usize = 1_024;
/// A page of a subscription.
const SUBSCRIPTION_PAGE: usize = 500;

/// Why a log was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database holds no log.
    #[error("the database holds no event log")]
    Missing,
    /// Written by a newer version of this program.
    #[error("the log has format {found}, this program knows formats up to {SCHEMA_VERSION}: use a newer one")]
    Newer {
        /// The log's format.
        found: i32,
    },
    /// A format that no version of this program has written.
    #[error("the database has a table tallystick.log that is not ours")]
    Foreign,
    /// The server is older than what this program was made for.
    #[error("PostgreSQL {} is too old: 13 or newer is needed", found / 10_000)]
    ServerTooOld {
        /// Its version, as the server numbers it.
        found: i32,
    },
    /// The server is set so that a log would not be kept as it was written.
    #[error("PostgreSQL's {setting} is {found}: a log needs {needed}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// As it is.
        found: String,
        /// As it has to be.
        needed: &'static str,
    },
    /// Connections cannot be encrypted.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The database could not be reached, or refused.
    #[error("the database cannot be used")]
    Postgres(#[from] Fault),
}

/// A log in PostgreSQL. Clones are the same log; it closes when the last one goes, or by [`PostgresLog::close`].
#[derive(Clone)]
pub struct PostgresLog {
    reader: Reader,
    watched: Watched,
    vitals: Vitals,
    handle: Arc<Handle>,
}

/// Ends the tasks.
struct Handle {
    queue: mpsc::Sender<Message>,
    watched: Watched,
    waker: Waker,
}

impl Handle {
    fn end_watch(&self) {
        self.watched.close();
        self.waker.wake();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end_watch();
    }
}

impl PostgresLog {
    /// Opens the log in a database, making its tables where they are missing. Within a Tokio runtime.
    ///
    /// Refuses a database of a newer format, and a server that is not set to keep what it acknowledges.
    pub async fn open(address: &Address) -> Result<Self, OpenError> {
        let connector = Connector::new(address.clone(), address.tls()?);
        let session = connector.session().await?;
        schema::prepare(&session.client).await?;
        drop(session);
        Ok(Self::start(connector).await?)
    }

    async fn start(connector: Connector) -> Result<Self, Fault> {
        let (waker, vitals) = (Waker::default(), Vitals::told());
        let watched = Watch::start(connector.clone(), waker.clone(), vitals.clone()).await?;
        let (queue, requests) = mpsc::channel(QUEUE_LENGTH);
        let writer = Writer {
            store: Some(Store::open(&connector).await?),
            connector: connector.clone(),
            queue: requests,
            waker: waker.clone(),
            vitals: vitals.clone(),
        };
        tokio::spawn(writer.run());
        let handle = Arc::new(Handle { queue, watched: watched.clone(), waker });
        Ok(Self { reader: Reader::new(connector), watched, vitals, handle })
    }

    /// How the writer fares.
    pub fn vitals(&self) -> Vitals {
        self.vitals.clone()
    }

    /// Writes what is queued, then closes: later appends and subscriptions find the log closed. Reads still work.
    pub async fn close(&self) {
        _ = self.handle.queue.send(Message::Close).await;
        self.handle.queue.closed().await;
        let mut published = self.watched.tail().published();
        self.handle.end_watch();
        while published.changed().await.is_ok() {}
    }
}

#[async_trait]
impl EventLog for PostgresLog {
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
        self.handle.queue.send(Message::Append(request)).await.map_err(|_| closed)?;
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
        self.reader.log(after, filter, max).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.reader.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let (reader, tail, watched) = (self.reader.clone(), self.watched.tail(), self.watched.clone());
        let published = tail.published();
        // What was acknowledged before may not have been seen yet: the store is asked first.
        let is_first = AtomicBool::new(true);
        let read = move |after| -> BoxFuture<'static, _> {
            let quiet = if is_first.swap(false, Ordering::Relaxed) { None } else { tail.quiet(after, &filter) };
            let (reader, filter) = (reader.clone(), filter.clone());
            Box::pin(async move {
                match quiet {
                    Some(page) => Ok(page),
                    None => reader.log(after, &filter, SUBSCRIPTION_PAGE).await,
                }
            })
        };
        let deliveries = subscribe(Box::new(read), published, after);
        deliveries.map(move |delivery| delivery.map_err(|error| watched.told(error))).boxed()
    }
}
