//! Subscriptions: pages past the subscriber's own cursor, and something that says when there is more.
//!
//! The client's subscriptions are not used. They connect again by themselves, tell no position where nothing matched,
//! and one that the server ends without an error makes the client (1.2) turn in circles. Appends of this process wake
//! subscribers at once; those of others are found by asking where the log ends, for all subscribers together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use kernel::event::Position;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::kurrent::Inner;
use crate::port::{Delivery, Filter, ReadError, StorageFault};
use crate::subscription::subscribe;

/// A page of a subscription.
const SUBSCRIPTION_PAGE: usize = 500;
/// How soon after a change the end is asked for again …
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// … and how seldom while nothing changes.
const PAUSE_MAX: Duration = Duration::from_millis(200);

/// Wakes the subscribers of one log.
pub(super) struct Tail {
    inner: Weak<Inner>,
    /// What the subscribers wait on, while somebody asks; closed otherwise.
    asked: Mutex<watch::Receiver<Option<Position>>>,
}

impl Tail {
    pub(super) fn new(inner: &Arc<Inner>) -> Self {
        Self { inner: Arc::downgrade(inner), asked: Mutex::new(watch::channel(None).1) }
    }

    /// As [`EventLog::subscribe`](crate::port::EventLog::subscribe).
    pub(super) fn subscribe(
        self: &Arc<Self>,
        inner: &Arc<Inner>,
        after: Option<Position>,
        filter: Filter,
    ) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let (reader, closed) = (Arc::clone(inner), inner.closed.subscribe());
        let read = move |after| -> BoxFuture<'static, _> {
            let (inner, filter) = (Arc::clone(&reader), filter.clone());
            Box::pin(async move {
                inner.check_open().map_err(ReadError::Unavailable)?;
                inner.read_log(after, &filter, SUBSCRIPTION_PAGE).await
            })
        };
        let deliveries = subscribe(Box::new(read), self.follow(), after);
        deliveries.map(move |delivery| delivery.map_err(|error| told(error, *closed.borrow()))).boxed()
    }

    /// The end of the log as it moves; somebody asks for it from now on.
    fn follow(self: &Arc<Self>) -> watch::Receiver<Option<Position>> {
        let mut asked = self.asked();
        if asked.has_changed().is_err() {
            let (sender, receiver) = watch::channel(None);
            *asked = receiver;
            tokio::spawn(Arc::clone(self).ask(sender));
        }
        asked.clone()
    }

    /// Asks where the log ends until nobody wants to know, the log is closed, or there is no answer: then every
    /// subscription ends, and its owner begins a new one.
    async fn ask(self: Arc<Self>, sender: watch::Sender<Option<Position>>) {
        let mut pause = PAUSE_MIN;
        while let Some(inner) = self.inner.upgrade() {
            let mut known = inner.known.subscribe();
            let mut closed = inner.closed.subscribe();
            let moved = publish(&sender, *known.borrow_and_update());
            pause = if moved { PAUSE_MIN } else { pause.saturating_mul(2).min(PAUSE_MAX) };
            let alive = tokio::select! {
                _ = closed.wait_for(|closed| *closed) => false,
                _ = known.changed() => true,
                answered = asked_after(pause, &inner) => answered,
            };
            if !alive || self.is_unwanted(&sender) {
                return;
            }
        }
    }

    /// Whether nobody but the tail itself listens. Told under the lock by which listeners are added.
    fn is_unwanted(&self, sender: &watch::Sender<Option<Position>>) -> bool {
        let mut asked = self.asked();
        let unwanted = sender.receiver_count() <= 1;
        if unwanted {
            *asked = watch::channel(None).1;
        }
        unwanted
    }

    fn asked(&self) -> MutexGuard<'_, watch::Receiver<Option<Position>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the store tells, some time from now, where the log ends.
async fn asked_after(pause: Duration, inner: &Inner) -> bool {
    sleep(pause).await;
    inner.head().await.is_ok()
}

fn publish(sender: &watch::Sender<Option<Position>>, known: Option<Position>) -> bool {
    sender.send_if_modified(|published| {
        let moved = known > *published;
        *published = known.max(*published);
        moved
    })
}

/// A tail that ended of itself is a store that does not answer, not a log that was closed.
fn told(error: ReadError, closed: bool) -> ReadError {
    match error {
        ReadError::Unavailable(StorageFault::Closed) if !closed => ReadError::Unavailable(StorageFault::Unreachable),
        other => other,
    }
}
