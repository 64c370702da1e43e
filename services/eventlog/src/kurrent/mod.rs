//! The log on a KurrentDB cluster, through its official client.
//!
//! A log is the streams of one *namespace* of the server, `<namespace>.<category>-<key>`; several logs may share a
//! server. Everything goes to the leader, with a deadline. A position is the server's commit position.

mod append;
#[cfg(feature = "kurrentdb-double")]
#[expect(clippy::unwrap_used, reason = "for tests, of other crates as well")]
pub mod double;
mod encoding;
mod fault;
mod read;
#[cfg(test)]
#[cfg(feature = "kurrentdb-server")]
mod server_tests;
mod session;
mod settings;
mod tail;
#[cfg(test)]
#[cfg(feature = "kurrentdb-double")]
mod tests;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::watch;
use tokio::time::Instant;

use self::encoding::server_stream;
use self::session::Sessions;
use self::settings::Address;
pub use self::settings::{AddressError, NAMESPACE_DEFAULT};
use self::tail::Tail;
pub use self::verify::verify;
use crate::clock::{Clock, SystemClock};
use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
    StoredEvent, check,
};
use crate::vitals::Vitals;

/// Why a log was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No node answers, or not as a log does.
    #[error("no leader of KurrentDB answers: {0}")]
    Unavailable(#[source] ReadError),
}

/// How long calls may take.
#[derive(Clone, Copy)]
struct Times {
    /// An append, until its answer is definite; then it is unknown.
    append: Duration,
    /// Appending while the cluster has no leader; then it is refused.
    leader: Duration,
    /// A page of a stream, or the end of the log.
    page: Duration,
    /// A page of the log with a filter, until events are fetched and looked at here.
    filter: Duration,
}

const TIMES: Times = Times {
    append: Duration::from_secs(15),
    leader: Duration::from_secs(5),
    page: Duration::from_secs(20),
    filter: Duration::from_secs(15),
};

/// Between two attempts while the cluster has no leader.
const PAUSE: Duration = Duration::from_millis(100);

/// The log on KurrentDB. Clones are the same log.
#[derive(Clone)]
pub struct KurrentLog {
    inner: Arc<Inner>,
    tail: Arc<Tail>,
    vitals: Vitals,
}

/// What all calls share.
struct Inner {
    namespace: String,
    sessions: Sessions,
    times: Times,
    /// The furthest position seen; the log ends there or later.
    known: watch::Sender<Option<Position>>,
    closed: watch::Sender<bool>,
}

impl KurrentLog {
    /// Connects to the cluster of a connection string, `kurrentdb://host:port[,host:port…][?tls=false&namespace=…]`,
    /// and reads where the log ends. The streams of the namespace are this log; without one in the address it is
    /// [`NAMESPACE_DEFAULT`].
    pub async fn open(address: &str) -> Result<Self, OpenError> {
        Self::open_with(address, TIMES).await
    }

    async fn open_with(address: &str, times: Times) -> Result<Self, OpenError> {
        let address = Address::parse(address)?;
        let inner = Arc::new(Inner {
            namespace: address.namespace,
            sessions: Sessions::new(address.settings),
            times,
            known: watch::Sender::new(None),
            closed: watch::Sender::new(false),
        });
        inner.head().await.map_err(OpenError::Unavailable)?;
        Ok(Self { tail: Arc::new(Tail::new(&inner)), inner, vitals: Vitals::told() })
    }

    /// How appends fare, and how far the server's log reaches: all of it, in bytes, up to the last event of this log.
    pub fn vitals(&self) -> Vitals {
        self.vitals.clone()
    }

    /// Closes: later appends and reads, and subscriptions, find the log closed. What was sent goes on.
    pub fn close(&self) {
        self.inner.closed.send_replace(true);
    }
}

impl Inner {
    /// The name of a stream of the log on the server.
    fn server_stream(&self, stream: &StreamName) -> String {
        server_stream(&self.namespace, stream.as_str())
    }

    fn known(&self) -> Option<Position> {
        *self.known.borrow()
    }

    /// Takes note of a position that exists.
    fn note(&self, position: Option<Position>) {
        self.known.send_if_modified(|known| {
            let further = position > *known;
            *known = position.max(*known);
            further
        });
    }

    fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    fn check_open(&self) -> Result<(), StorageFault> {
        if self.is_closed() { Err(StorageFault::Closed) } else { Ok(()) }
    }
}

#[async_trait]
impl EventLog for KurrentLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check(&events).map_err(AppendError::Invalid)?;
        self.inner.check_open().map_err(AppendError::Unavailable)?;
        let started = Instant::now();
        let appended = append::append(&self.inner, stream, expected, &events).await?;
        self.inner.note(Some(appended.position));
        self.vitals.flushed(SystemClock.now(), started.elapsed());
        self.vitals.sized(appended.position.0);
        Ok(appended)
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.inner.check_open().map_err(ReadError::Unavailable)?;
        self.inner.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.inner.check_open().map_err(ReadError::Unavailable)?;
        self.inner.read_log(after, filter, max).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<StoredEvent>, ReadError> {
        self.inner.check_open().map_err(ReadError::Unavailable)?;
        self.inner.event_at(position).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.inner.check_open().map_err(ReadError::Unavailable)?;
        self.inner.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        self.tail.subscribe(&self.inner, after, filter)
    }
}
