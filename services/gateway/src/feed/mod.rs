//! One tail of the usage streams for everybody who watches: each batch is read once, and only while somebody does.
//!
//! Every watcher has its own small sum of what concerns it, which it empties at its own pace.

pub mod noted;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use eventlog::codec::decode_own;
use eventlog::port::{Delivery, EventLog, Filter, StoredEvent};
use eventlog::progress::Stop;
use futures::StreamExt;
use kernel::event::Position;
use metering::published::usage::{Event, UsageRecord};
use tokio::sync::{Notify, watch};
use views::usage_series::UsageOf;

use self::noted::Noted;

/// The streams of usage.
const CATEGORY: &str = "usage";
/// After the log could not be read.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether a call concerns whoever watches this.
pub fn concerns(of: UsageOf, record: &UsageRecord) -> bool {
    interests(record).contains(&of)
}

fn interests(record: &UsageRecord) -> [UsageOf; 4] {
    [
        UsageOf::Agreement(record.agreement),
        UsageOf::Buyer(record.buyer),
        UsageOf::Seller(record.seller),
        UsageOf::Platform,
    ]
}

/// The events of usage in the log.
pub fn filter() -> Filter {
    Filter::categories(&[CATEGORY])
}

/// The shared tail.
pub struct Feed {
    log: Arc<dyn EventLog>,
    watchers: Mutex<HashMap<UsageOf, Vec<Arc<Watcher>>>>,
    count: watch::Sender<usize>,
    /// While it runs: everything at or before has been handed out. Changes under the lock of the watchers.
    running: watch::Sender<Option<Tail>>,
}

/// Where the tail stands; nothing before the first event of a log.
type Tail = Option<Position>;

/// One who watches.
#[derive(Default)]
struct Watcher {
    /// Everything past it is handed to this watcher.
    since: OnceLock<Tail>,
    pending: Mutex<Noted>,
    wake: Notify,
}

/// Watches until it is dropped.
pub struct Watching {
    feed: Arc<Feed>,
    of: UsageOf,
    watcher: Arc<Watcher>,
}

impl Feed {
    /// Starts it in a task of its own; it reads nothing until somebody watches.
    pub fn start(log: Arc<dyn EventLog>, mut stop: Stop) -> Arc<Self> {
        let feed = Arc::new(Self {
            log,
            watchers: Mutex::default(),
            count: watch::Sender::new(0),
            running: watch::Sender::new(None),
        });
        let own = Arc::clone(&feed);
        tokio::spawn(async move { stop.or(own.run()).await });
        feed
    }

    /// Watches from now on.
    pub async fn watch(self: &Arc<Self>, of: UsageOf) -> Watching {
        let watcher = Arc::new(Watcher::default());
        {
            let mut watchers = self.watchers();
            if let Some(tail) = *self.running.borrow() {
                watcher.since.get_or_init(|| tail);
            }
            watchers.entry(of).or_default().push(Arc::clone(&watcher));
        }
        let watching = Watching { feed: Arc::clone(self), of, watcher };
        self.count.send_modify(|count| *count = count.saturating_add(1));
        // Ends at once where it runs; the sender lives as long as `self`.
        drop(self.running.subscribe().wait_for(Option::is_some).await);
        watching
    }

    async fn run(&self) {
        loop {
            drop(self.count.subscribe().wait_for(|count| *count > 0).await);
            match self.log.head().await {
                Ok(head) => {
                    self.begin(head);
                    self.follow(head).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the feed of usage cannot read the log");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Follows the log until nobody watches any more.
    async fn follow(&self, mut tail: Tail) {
        let mut counts = self.count.subscribe();
        loop {
            let mut deliveries = self.log.subscribe(tail, filter());
            loop {
                let delivery = tokio::select! {
                    delivery = deliveries.next() => delivery,
                    _ = counts.wait_for(|count| *count == 0) => {
                        if self.end() { return }
                        continue;
                    }
                };
                match delivery {
                    Some(Ok(Delivery::Event(stored))) => {
                        self.hand_out(&stored);
                        tail = Some(stored.position);
                    }
                    Some(Ok(Delivery::Progress(position))) => tail = Some(position),
                    Some(Ok(Delivery::CaughtUp | Delivery::FellBehind)) => {}
                    Some(Err(error)) => {
                        tracing::error!(%error, "the feed of usage cannot read the log");
                        break;
                    }
                    None => break,
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn begin(&self, tail: Tail) {
        let watchers = self.watchers();
        for watcher in watchers.values().flatten() {
            watcher.since.get_or_init(|| tail);
        }
        self.running.send_replace(Some(tail));
    }

    /// Stops, unless somebody has come meanwhile.
    fn end(&self) -> bool {
        let watchers = self.watchers();
        let idle = watchers.is_empty();
        if idle {
            self.running.send_replace(None);
        }
        idle
    }

    fn hand_out(&self, stored: &StoredEvent) {
        let records = match decode_own::<Event>(stored).map(|recorded| recorded.event) {
            Ok(event) => event.into_records(),
            Err(error) => {
                tracing::error!(position = %stored.position, %error, "a usage batch cannot be read");
                Vec::new()
            }
        };
        let watchers = self.watchers();
        for record in &records {
            for watcher in interests(record).iter().filter_map(|of| watchers.get(of)).flatten() {
                watcher.note(record, stored.position);
            }
        }
        self.running.send_replace(Some(Some(stored.position)));
    }

    fn watchers(&self) -> MutexGuard<'_, HashMap<UsageOf, Vec<Arc<Watcher>>>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher {
    fn note(&self, record: &UsageRecord, position: Position) {
        let mut pending = self.pending();
        pending.add(record);
        pending.position = Some(position);
        drop(pending);
        self.wake.notify_one();
    }

    fn pending(&self) -> MutexGuard<'_, Noted> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Everything past this position is noted; what is before has to be read otherwise.
    pub fn since(&self) -> Option<Position> {
        self.watcher.since.get().copied().flatten()
    }

    /// Waits until something is noted.
    pub async fn ready(&self) {
        while self.watcher.pending().is_empty() {
            self.watcher.wake.notified().await;
        }
    }

    /// Takes what is noted.
    pub fn take(&self) -> Noted {
        std::mem::take(&mut *self.watcher.pending())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watchers = self.feed.watchers();
        if let Some(own) = watchers.get_mut(&self.of) {
            own.retain(|watcher| !Arc::ptr_eq(watcher, &self.watcher));
            if own.is_empty() {
                watchers.remove(&self.of);
            }
        }
        drop(watchers);
        self.feed.count.send_modify(|count| *count = count.saturating_sub(1));
    }
}
