//! A node: what the binary starts beside its door. It dies with its runtime, and so do those that run beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog::published::health;
use eventlog::clock::Clock;
use eventlog::cursor::{CursorError, CursorStore};
use eventlog::execute::{Cause, execute};
use eventlog::port::{EventLog, Filter, StoredEvent};
use eventlog::progress::{self, Progress, Stopper, stopper};
use eventlog::project::Projection;
use eventlog::react::{ReactError, Reaction, run_reaction};
use invocation::follower::Follower;
use invocation::ownership;
use invocation::service::{Limits, Parts, Service};
use kernel::event::{Position, StreamName};
use metering::meters::Meters;
use metering::owner::{Command, Owner};
use metering::published::owner::{Event, PlatformOwner, Taken};
use providers::upstreams::Upstreams;
use tokio::task::JoinHandle;

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

/// The nodes of one runtime, the newest last. It has taken the meter; its predecessors go on until they notice.
pub struct Nodes {
    running: Vec<Node>,
    /// The next one, which takes the meter from those that run.
    starting: Option<JoinHandle<Result<Node, String>>>,
}

impl Nodes {
    /// One, and nobody beside it.
    pub fn new(first: Node) -> Self {
        Self { running: vec![first], starting: None }
    }

    /// The one that owns the meter, as far as is known.
    pub fn newest(&self) -> &Node {
        self.running.last().expect("a node")
    }

    /// Mostly the newest, sometimes another.
    pub fn some(&self, rng: &mut fastrand::Rng) -> &Node {
        if rng.u8(0..4) > 0 { self.newest() } else { rng.choice(&self.running).expect("a node") }
    }

    /// Whether a successor may start.
    pub fn is_settled(&self) -> bool {
        self.starting.is_none()
    }

    /// Lets a successor start beside those that run.
    pub fn succeed(&mut self, successor: impl Future<Output = Result<Node, String>> + Send + 'static) {
        self.starting = Some(tokio::spawn(successor));
    }

    /// Takes in a successor that has started.
    pub async fn collect(&mut self) -> Result<(), String> {
        match self.starting.take_if(|starting| starting.is_finished()) {
            Some(started) => self.join(started).await,
            None => Ok(()),
        }
    }

    /// Waits for a successor that starts.
    pub async fn end(&mut self) -> Result<(), String> {
        match self.starting.take() {
            Some(starting) => self.join(starting).await,
            None => Ok(()),
        }
    }

    async fn join(&mut self, started: JoinHandle<Result<Node, String>>) -> Result<(), String> {
        self.running.push(started.await.map_err(|error| format!("a start broke: {error}"))??);
        Ok(())
    }
}

/// A node that runs.
pub struct Node {
    /// Since which epoch.
    pub epoch: u64,
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
    /// Starts the n-th one in place of the last; a log in trouble may refuse it several times.
    pub async fn start(
        around: Surroundings,
        clock: Arc<SimClock>,
        upstreams: Upstreams,
        number: u64,
    ) -> Result<Self, String> {
        for _ in 0..200 {
            if let Some(node) = Self::try_start(&around, &clock, upstreams.clone(), number).await {
                return Ok(node);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(format!("node {number} did not start"))
    }

    /// `None` where the log could not be read.
    async fn try_start(
        around: &Surroundings,
        clock: &Arc<SimClock>,
        upstreams: Upstreams,
        number: u64,
    ) -> Option<Self> {
        let log: Arc<dyn EventLog> = Arc::new(around.log.clone());
        let cause = cause(&format!("take {number}"), clock.now());
        let taken = take(log.as_ref(), format!("n{}", number % 2), &cause, around.twin).await?;
        let history = Arc::new(SimHistory::new(around.twin));
        // The counters are those of everything that was recorded before the seals.
        history.whole.catch_up(around.log.truth()).await;
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
            owner: taken.clone(),
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
        Some(Self {
            epoch: taken.epoch,
            service: Service::start(parts),
            meters,
            followed: at,
            settled,
            _stopper: stopper,
        })
    }

    /// A cause that names this node.
    pub fn cause(&self, mut cause: Cause) -> Cause {
        cause.actor = format!("platform:{}", self.epoch);
        cause
    }

    /// Market and meters in one place, to be compared.
    pub fn meters(&self) -> MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the meter; a twin does not end the epochs before.
async fn take(log: &dyn EventLog, node: String, cause: &Cause, twin: Option<Twin>) -> Option<Taken> {
    if twin != Some(Twin::PredecessorNotSealed) {
        return ownership::take(log, node, cause).await.ok();
    }
    let executed = execute::<Owner>(log, &StreamName::of(&PlatformOwner), Command::Take { node }, cause).await.ok()?;
    executed.events.into_iter().next().map(|Event::Taken(taken)| taken)
}

/// The index of keys and the views follow the log, each at its own pace.
async fn lag_behind(history: Arc<SimHistory>, log: SimLog) {
    let keys = async {
        loop {
            tokio::time::sleep(Duration::from_millis(2_300)).await;
            history.whole.catch_up_keys(log.truth()).await;
        }
    };
    let sums = async {
        loop {
            tokio::time::sleep(Duration::from_millis(1_700)).await;
            history.whole.catch_up_sums(log.truth()).await;
        }
    };
    tokio::join!(keys, sums);
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
