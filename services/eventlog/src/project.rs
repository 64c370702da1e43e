//! The projector: carries the log into a view, batch by batch, written once for every view.
//!
//! The view stores its cursor with its rows, in one transaction; so every event counts once, whatever is killed when.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kernel::event::Position;
use tokio::task::spawn_blocking;

use crate::follow::{Consumer, Next, follow};
use crate::port::{EventLog, Filter, StoredEvent};
use crate::progress::{Backoff, BoxError, Parked, Reporter, Stop};

/// A view, or several that share a store and a cursor.
pub trait Projection: Send + 'static {
    /// Which events it wants; every one unless it says otherwise.
    fn filter(&self) -> Filter {
        Filter::All
    }

    /// Where it stopped; `None` at the very beginning.
    fn cursor(&self) -> Result<Option<Position>, ProjectError>;

    /// Applies the events (500 at most) and stores the cursor, in one transaction. The batch may be empty: then only
    /// the cursor moves. Runs off the asynchronous threads and may block.
    fn apply(&mut self, batch: &[StoredEvent], cursor: Position) -> Result<(), ProjectError>;
}

/// Why a batch could not be applied. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// This event can never be applied: the projection stops before it.
    #[error("the event at position {position} cannot be applied")]
    Poison {
        /// The event.
        position: Position,
        /// Why.
        source: BoxError,
    },
    /// The view's store failed; the same batch is tried again.
    #[error("the view could not be stored")]
    Storage(#[source] BoxError),
}

/// Runs a projection from its own cursor until it is stopped, parked by a poison event, or the log is closed.
pub async fn run_projection<P: Projection>(log: Arc<dyn EventLog>, projection: P, report: Reporter, mut stop: Stop) {
    let cursor = match projection.cursor() {
        Ok(cursor) => cursor,
        Err(error) => return report.park(Parked::at(None, &error)),
    };
    let mut projector = Projector { filter: projection.filter(), projection: Arc::new(Mutex::new(projection)) };
    if let Err(parked) = follow(log.as_ref(), cursor, &mut projector, &report, &mut stop).await {
        report.park(parked);
    }
}

struct Projector<P> {
    filter: Filter,
    projection: Arc<Mutex<P>>,
}

#[async_trait]
impl<P: Projection> Consumer for Projector<P> {
    fn filter(&self) -> Filter {
        self.filter.clone()
    }

    async fn consume(&mut self, batch: Vec<StoredEvent>, cursor: Position, stop: &mut Stop) -> Result<Next, Parked> {
        let batch = Arc::new(batch);
        let mut backoff = Backoff::default();
        loop {
            match self.apply(Arc::clone(&batch), batch.len(), cursor).await? {
                Ok(()) => return Ok(Next::GoOn),
                Err(error @ ProjectError::Poison { position, .. }) => {
                    self.apply_before(batch, position).await?;
                    return Err(Parked::at(Some(position), &error));
                }
                Err(error @ ProjectError::Storage(_)) => tracing::warn!(%error, %cursor, "a view is tried again"),
            }
            if backoff.pause(stop).await.is_none() {
                return Ok(Next::Stop);
            }
        }
    }
}

impl<P: Projection> Projector<P> {
    /// Applies the first `count` events off the asynchronous threads. The outer error: `apply` panicked.
    async fn apply(
        &self,
        batch: Arc<Vec<StoredEvent>>,
        count: usize,
        cursor: Position,
    ) -> Result<Result<(), ProjectError>, Parked> {
        let projection = Arc::clone(&self.projection);
        let applied = spawn_blocking(move || {
            let mut projection = projection.lock().unwrap_or_else(PoisonError::into_inner);
            projection.apply(batch.get(..count).unwrap_or_default(), cursor)
        });
        applied.await.map_err(|panicked| Parked::at(Some(cursor), &panicked))
    }

    /// Carries the view up to a poison event, so that it stands right before it.
    async fn apply_before(&self, batch: Arc<Vec<StoredEvent>>, poison: Position) -> Result<(), Parked> {
        let count = batch.iter().take_while(|event| event.position < poison).count();
        let last = batch.get(..count).and_then(<[_]>::last).map(|event| event.position);
        let Some(last) = last else { return Ok(()) };
        self.apply(batch, count, last).await?.map_err(|error| Parked::at(Some(poison), &error))
    }
}
