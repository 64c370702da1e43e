//! A node: what the binary starts beside its door. It dies with its runtime.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog::published::health;
use eventlog::clock::Clock;
use eventlog::cursor::{CursorError, CursorStore};
use eventlog::port::{EventLog, Filter, StoredEvent};
use eventlog::progress::{self, Progress, Stopper, stopper};
use eventlog::project::Projection;
use eventlog::react::{ReactError, Reaction, run_reaction};
use invocation::follower::Follower;
use invocation::ownership;
use invocation::service::{Limits, Parts, Service};
use kernel::event::Position;
use metering::meters::Meters;
use providers::upstreams::Upstreams;

use crate::clock::SimClock;
use crate::history::SimHistory;
use crate::log::SimLog;
use crate::market::cause;
use crate::policies::Settlement;
use crate::twin::Twin;

/// What outlives a node.
#[derive(Clone)]
pub struct Surroundings {
    /// The log.
    pub log: SimLog,
    /// Where policies stand, as far as they have stored it.
    pub cursors: Cursors,
    /// What is broken, if anything.
    pub twin: Option<Twin>,
}

/// A node that runs.
pub struct Node {
    /// Runs calls.
    pub service: Arc<Service>,
    /// The meters of the service.
    pub meters: Arc<Mutex<Meters>>,
    /// How far market and meters have followed the log.
    pub followed: Progress,
    /// How far the settlement has followed the log.
    pub settled: Progress,
    _stopper: Stopper,
}

impl Node {
    /// Starts one in place of the last; `None` where the log could not be read.
    pub async fn start(around: &Surroundings, clock: &Arc<SimClock>, upstreams: Upstreams, epoch: u64) -> Option<Self> {
        let log: Arc<dyn EventLog> = Arc::new(around.log.clone());
        let history = Arc::new(SimHistory::new(around.twin));
        history.catch_up(around.log.truth()).await;
        let cause = cause(&format!("take {epoch}"), clock.now());
        let taken = ownership::take(log.as_ref(), "n1".to_owned(), &cause).await.ok()?;
        let follower = Follower::load(log.as_ref(), history.as_ref()).await.ok()?;
        let meters = follower.meters();
        let parts = Parts {
            log: Arc::clone(&log),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            upstreams,
            history: Arc::clone(&history) as Arc<_>,
            market: follower.market(),
            meters: Arc::clone(&meters),
            stream: taken.usage_stream().ok()?,
            health_stream: health::stream(&taken.node, taken.epoch).ok()?,
            owner: taken,
            limits: Limits::default(),
        };
        let (stopper, stop) = stopper();
        let (reporter, at) = progress::channel();
        let cursors = Cursors::default();
        if let Some(cursor) = follower.cursor().ok()? {
            cursors.set(Following::NAME, cursor).ok()?;
        }
        let following = Arc::new(Following(Mutex::new(follower)));
        tokio::spawn(run_reaction(Arc::clone(&log), following, Arc::new(cursors), reporter, stop.clone()));
        let settlement = Settlement { log: Arc::clone(&log), clock: Arc::clone(clock) as Arc<dyn Clock> };
        let reaction = Arc::new(Booking { settlement, twin: around.twin });
        let (report, settled) = progress::channel();
        tokio::spawn(run_reaction(Arc::clone(&log), reaction, Arc::new(around.cursors.clone()), report, stop));
        tokio::spawn(lag_behind(history, around.log.clone()));
        Some(Self { service: Service::start(parts), meters, followed: at, settled, _stopper: stopper })
    }

    /// Market and meters in one place, to be compared.
    pub fn meters(&self) -> MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Views follow the log at their own pace.
async fn lag_behind(history: Arc<SimHistory>, log: SimLog) {
    loop {
        tokio::time::sleep(Duration::from_millis(1_700)).await;
        history.catch_up(log.truth()).await;
    }
}

/// Market and meters follow the log on the simulator's one thread, where a projection would leave it.
struct Following(Mutex<Follower>);

impl Following {
    const NAME: &str = "market and meters";
}

#[async_trait]
impl Reaction for Following {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn filter(&self) -> Filter {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).filter()
    }

    async fn handle(&self, event: &StoredEvent) -> Result<(), ReactError> {
        let mut follower = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let applied = follower.apply(std::slice::from_ref(event), event.position);
        applied.map_err(|error| ReactError::Permanent(Box::new(error)))
    }
}

/// The settlement policy; its twin does not book what was voided.
struct Booking {
    settlement: Settlement,
    twin: Option<Twin>,
}

#[async_trait]
impl Reaction for Booking {
    fn name(&self) -> &str {
        self.settlement.name()
    }

    fn filter(&self) -> Filter {
        self.settlement.filter()
    }

    async fn handle(&self, event: &StoredEvent) -> Result<(), ReactError> {
        if self.twin == Some(Twin::VoidNotBooked) && event.kind == "invoice_voided" {
            return Ok(());
        }
        self.settlement.handle(event).await
    }
}

/// Cursors of policies, which a crash may set back.
#[derive(Clone, Default)]
pub struct Cursors(Arc<Mutex<HashMap<String, Position>>>);

impl Cursors {
    fn map(&self) -> MutexGuard<'_, HashMap<String, Position>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets every cursor back to the beginning.
    pub fn lose(&self) {
        self.map().clear();
    }
}

impl CursorStore for Cursors {
    fn get(&self, name: &str) -> Result<Option<Position>, CursorError> {
        Ok(self.map().get(name).copied())
    }

    fn set(&self, name: &str, cursor: Position) -> Result<(), CursorError> {
        self.map().insert(name.to_owned(), cursor);
        Ok(())
    }
}
