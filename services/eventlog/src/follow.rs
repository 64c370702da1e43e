//! Following the log from a cursor: what projections and reactions share.
//!
//! A subscription ends with its first error; whoever follows begins a new one from its own cursor.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use kernel::event::Position;
use tokio::time::{Instant, sleep};

use crate::port::{Delivery, EventLog, Filter, ReadError, StorageFault, StoredEvent};
use crate::progress::{Backoff, Parked, Reporter, Stop};

/// The most events handed on at once.
pub(crate) const BATCH_EVENTS_MAX: usize = 500;

/// How often a follower that is kept busy looks at the log: what a loaded log brings meanwhile is taken up together.
const PACE: Duration = Duration::from_millis(10);

/// Whether to go on.
pub(crate) enum Next {
    GoOn,
    Stop,
}

/// Does something with the events.
#[async_trait]
pub(crate) trait Consumer: Send {
    fn filter(&self) -> Filter;

    /// Deals with the events and remembers the cursor; retries by itself what can be retried.
    async fn consume(&mut self, batch: Vec<StoredEvent>, cursor: Position, stop: &mut Stop) -> Result<Next, Parked>;
}

/// Follows the log until it is closed or `stop` asks; the error says why there was no going on.
pub(crate) async fn follow(
    log: &dyn EventLog,
    mut cursor: Option<Position>,
    consumer: &mut dyn Consumer,
    report: &Reporter,
    stop: &mut Stop,
) -> Result<(), Parked> {
    let mut backoff = Backoff::default();
    let mut pace = Pace::default();
    report.reached(cursor, false);
    loop {
        let mut deliveries = log.subscribe(cursor, consumer.filter()).ready_chunks(BATCH_EVENTS_MAX);
        let mut caught_up = false;
        while let Some(chunk) = stop.or(deliveries.next()).await {
            let Some(chunk) = chunk else { break };
            let batch = Batch::gather(chunk, caught_up);
            caught_up = batch.caught_up;
            if let Some(reached) = batch.cursor {
                match consumer.consume(batch.events, reached, stop).await? {
                    Next::GoOn => cursor = Some(reached),
                    Next::Stop => return Ok(()),
                }
                backoff = Backoff::default();
            }
            report.reached(cursor, caught_up);
            if caught_up && stop.or(pace.keep()).await.is_none() {
                return Ok(());
            }
            match batch.failure {
                None => {}
                Some(ReadError::Unavailable(StorageFault::Closed)) => return Ok(()),
                Some(ReadError::Unavailable(_)) => break,
                Some(error @ ReadError::Corrupt { position }) => return Err(Parked::at(position, &error)),
                Some(error @ ReadError::ForeignCursor) => return Err(Parked::at(cursor, &error)),
            }
        }
        if backoff.pause(stop).await.is_none() {
            return Ok(());
        }
    }
}

/// When a follower last had something to do.
#[derive(Default)]
struct Pace(Option<Instant>);

impl Pace {
    /// Waits a moment where there was something to do only just before: a lone event is never held up.
    async fn keep(&mut self) {
        if self.0.is_some_and(|last| last.elapsed() < PACE) {
            sleep(PACE).await;
        }
        self.0 = Some(Instant::now());
    }
}

/// What a chunk of deliveries comes to.
struct Batch {
    events: Vec<StoredEvent>,
    cursor: Option<Position>,
    caught_up: bool,
    failure: Option<ReadError>,
}

impl Batch {
    fn gather(chunk: Vec<Result<Delivery, ReadError>>, caught_up: bool) -> Self {
        let mut batch = Self { events: Vec::new(), cursor: None, caught_up, failure: None };
        for delivery in chunk {
            match delivery {
                Ok(Delivery::Event(event)) => {
                    batch.cursor = Some(event.position);
                    batch.events.push(*event);
                }
                Ok(Delivery::Progress(position)) => batch.cursor = Some(position),
                Ok(Delivery::CaughtUp) => batch.caught_up = true,
                Ok(Delivery::FellBehind) => batch.caught_up = false,
                Err(error) => batch.failure = Some(error),
            }
        }
        batch
    }
}
