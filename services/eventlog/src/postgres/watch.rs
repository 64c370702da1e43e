//! Follows the end of the log for everybody who follows it: told by the writer, by other processes, and by the clock.
//!
//! Each connection carries one generation of followers. When it is lost their subscriptions end with an error, and a
//! new generation begins with a new connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::event::Position;
use tokio::sync::Notify;
use tokio_postgres::Statement;

use crate::port::{ReadError, StorageFault};
use crate::postgres::CHANNEL;
use crate::postgres::fault::{Fault, in_time};
use crate::postgres::session::{Connector, Session};
use crate::tail::{self, Tail, TailWriter};
use crate::vitals::Vitals;

/// Looks at the end of the log at least this often, should a notification have been lost.
const INTERVAL: Duration = Duration::from_millis(500);
/// Between two tries to connect.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);
/// How often the size of the store is asked for, in intervals.
const SIZE_EVERY: u32 = 20;

/// Wakes the watch.
#[derive(Clone, Default)]
pub(super) struct Waker(Arc<Notify>);

impl Waker {
    pub(super) fn wake(&self) {
        self.0.notify_one();
    }
}

/// The end of the log as this process has seen it last.
#[derive(Clone)]
pub(super) struct Watched {
    tail: Arc<Mutex<Tail>>,
    closed: Arc<AtomicBool>,
}

impl Watched {
    /// The present generation's end.
    pub(super) fn tail(&self) -> Tail {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A generation that ended of itself is a store that was lost, not a log that was closed.
    pub(super) fn told(&self, error: ReadError) -> ReadError {
        match error {
            ReadError::Unavailable(StorageFault::Closed) if !self.closed.load(Ordering::SeqCst) => {
                ReadError::Unavailable(StorageFault::Unreachable)
            }
            other => other,
        }
    }

    /// Says that the log is closed, before the generation ends.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

/// The task's state.
pub(super) struct Watch {
    pub connector: Connector,
    pub waker: Waker,
    pub vitals: Vitals,
    watched: Watched,
}

/// A connection and those who follow it.
struct Generation {
    session: Session,
    statement: Statement,
    writer: TailWriter,
    seen: Option<Position>,
}

/// What was written past a position: last positions by category and kind. Looked up as a page of the log is.
const NEWS: &str = "WITH log AS (SELECT position FROM tallystick.log WHERE singleton), news AS (
        SELECT split_part(s.name, '-', 1) AS category, e.kind, max(e.position) AS last
        FROM tallystick.event e
        CROSS JOIN LATERAL (SELECT name FROM tallystick.stream WHERE id = e.stream_id OFFSET 0) s
        WHERE e.position > $1 AND e.position <= (SELECT position FROM log) GROUP BY 1, 2)
    SELECT log.position, news.category, news.kind, news.last FROM log LEFT JOIN news ON true";

impl Watch {
    /// Connects, and looks at the end of the log for the first time; then gives what shows it.
    pub(super) async fn start(connector: Connector, waker: Waker, vitals: Vitals) -> Result<Watched, Fault> {
        let (generation, tail) = Generation::begin(&connector, &waker).await?;
        let watched = Watched { tail: Arc::new(Mutex::new(tail)), closed: Arc::default() };
        let watch = Self { connector, waker, vitals, watched: watched.clone() };
        tokio::spawn(watch.run(generation));
        Ok(watched)
    }

    async fn run(self, first: Generation) {
        let mut generation = first;
        loop {
            if let Err(fault) = self.follow(&mut generation).await {
                tracing::warn!(error = &fault as &dyn std::error::Error, "the log cannot be followed");
            }
            drop(generation);
            let Some(next) = self.again().await else { return };
            generation = next;
        }
    }

    /// Publishes what is new until the connection is lost, or the log closed.
    async fn follow(&self, generation: &mut Generation) -> Result<(), Fault> {
        for round in 0_u32.. {
            if self.is_closed() {
                break;
            }
            generation.look().await?;
            if round.is_multiple_of(SIZE_EVERY) {
                self.vitals.sized(generation.size().await?);
            }
            // Either way it is time to look.
            _ = tokio::time::timeout(INTERVAL, self.waker.0.notified()).await;
        }
        Ok(())
    }

    /// The next generation; none once the log is closed.
    async fn again(&self) -> Option<Generation> {
        while !self.is_closed() {
            match Generation::begin(&self.connector, &self.waker).await {
                Ok((generation, tail)) => {
                    *self.watched.locked() = tail;
                    return Some(generation);
                }
                Err(fault) => tracing::debug!(error = &fault as &dyn std::error::Error, "not connected yet"),
            }
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
        None
    }

    /// Closed by hand, or because nobody has the log any more.
    fn is_closed(&self) -> bool {
        self.watched.closed.load(Ordering::SeqCst)
    }
}

impl Generation {
    async fn begin(connector: &Connector, waker: &Waker) -> Result<(Self, Tail), Fault> {
        let heard = waker.clone();
        let session = connector.listening(move || heard.wake()).await?;
        in_time(session.client.batch_execute(&format!("LISTEN {CHANNEL}"))).await?;
        let statement = in_time(session.client.prepare(NEWS)).await?;
        let row = in_time(session.client.query_one("SELECT position FROM tallystick.log WHERE singleton", &[])).await?;
        let seen = positive(row.try_get(0)?);
        let (writer, tail) = tail::channel(seen);
        Ok((Self { session, statement, writer, seen }, tail))
    }

    /// Notes and publishes what is new.
    async fn look(&mut self) -> Result<(), Fault> {
        let seen = self.seen.map_or(0, |seen| i64::try_from(seen.0).unwrap_or(i64::MAX));
        let rows = in_time(self.session.client.query(&self.statement, &[&seen])).await?;
        let mut head = self.seen;
        for row in &rows {
            head = positive(row.try_get(0)?);
            if let Some(category) = row.try_get::<_, Option<&str>>(1)? {
                let last = positive(row.try_get(3)?).unwrap_or(Position(0));
                self.writer.note_kind(category, row.try_get(2)?, last);
            }
        }
        if head != self.seen {
            self.seen = head;
            self.writer.publish(head);
        }
        Ok(())
    }

    /// Bytes of the log's tables and indexes.
    async fn size(&self) -> Result<u64, Fault> {
        let asked = "SELECT (pg_total_relation_size('tallystick.event') + \
             pg_total_relation_size('tallystick.stream'))::bigint";
        let row = in_time(self.session.client.query_one(asked, &[])).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }
}

fn positive(position: i64) -> Option<Position> {
    u64::try_from(position).ok().filter(|position| *position > 0).map(Position)
}
