//! A node: what the binary starts beside its door. It dies with its runtime, and so do those that run beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use catalog::published::health;
use eventlog::clock::Clock;
use eventlog::cursor::{CursorError, CursorStore};
use eventlog::execute::{Cause, execute};
use eventlog::model::ModelLog;
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
use crate::disk::Disks;
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
    /// Where the real views and the real index of keys lie; nodes without them have a history in memory.
    pub disks: Option<Arc<Mutex<Disks>>>,
    /// What is broken, if anything.
    pub twin: Option<Twin>,
}

impl Surroundings {
    /// What a node that starts knows of usage, before it reads the log.
    fn history(&self) -> Result<SimHistory, String> {
        match self.disks() {
            Some(mut disks) => {
                let directory = disks.start().map_err(|error| error.to_string())?;
                SimHistory::on_disk(&directory, self.twin)
            }
            None => Ok(SimHistory::in_memory(self.twin)),
        }
    }

    /// The disks, where there are any.
    pub fn disks(&self) -> Option<MutexGuard<'_, Disks>> {
        self.disks.as_ref().map(|disks| disks.lock().unwrap_or_else(PoisonError::into_inner))
    }
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
    /// What it knows of usage before its own.
    pub history: Arc<SimHistory>,
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
        rng: fastrand::Rng,
    ) -> Result<Self, String> {
        for _ in 0..200 {
            if let Some(node) = Self::try_start(&around, &clock, upstreams.clone(), number).await? {
                tokio::spawn(lag_behind(Arc::clone(&node.history), around.log.truth().clone(), rng));
                return Ok(node);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(format!("node {number} did not start"))
    }

    /// `None` where the log could not be asked.
    async fn try_start(
        around: &Surroundings,
        clock: &Arc<SimClock>,
        upstreams: Upstreams,
        number: u64,
    ) -> Result<Option<Self>, String> {
        let log: Arc<dyn EventLog> = Arc::new(around.log.clone());
        let cause = cause(&format!("take {number}"), clock.now());
        let Some(taken) = take(log.as_ref(), format!("n{}", number % 2), &cause, around.twin).await else {
            return Ok(None);
        };
        let history = Arc::new(around.history()?);
        // The counters are those of everything that was recorded before the seals.
        history.catch_up(around.log.truth()).await?;
        Ok(Self::begin(around, clock, upstreams, taken, history).await)
    }

    /// `None` where the log could not be read.
    async fn begin(
        around: &Surroundings,
        clock: &Arc<SimClock>,
        upstreams: Upstreams,
        taken: Taken,
        history: Arc<SimHistory>,
    ) -> Option<Self> {
        let log: Arc<dyn EventLog> = Arc::new(around.log.clone());
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
        let settlement = Settlement::new(Arc::clone(&log), Arc::clone(clock) as Arc<dyn Clock>);
        let reaction = Arc::new(Booking { settlement, twin: around.twin });
        let (report, settled) = progress::channel();
        tokio::spawn(run_reaction(Arc::clone(&log), reaction, Arc::new(around.cursors.clone()), report, stop));
        Some(Self {
            epoch: taken.epoch,
            service: Service::start(parts),
            meters,
            history,
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

/// The index of keys and the views follow the log, each at its own pace, until one of them cannot: whoever looks at them
/// next will say so.
async fn lag_behind(history: Arc<SimHistory>, log: ModelLog, mut rng: fastrand::Rng) {
    let (mut of_keys, mut of_sums) = (rng.fork(), rng.fork());
    let keys = async {
        pause(&mut of_keys).await;
        while history.follow_keys(&log, of_keys.usize(1..40)).await.is_ok() {
            pause(&mut of_keys).await;
        }
    };
    let sums = async {
        pause(&mut of_sums).await;
        while history.follow_sums(&log, of_sums.usize(1..200)).await.is_ok() {
            pause(&mut of_sums).await;
        }
    };
    tokio::join!(keys, sums);
}

/// As long as a follower of the log may lag behind.
async fn pause(rng: &mut fastrand::Rng) {
    tokio::time::sleep(Duration::from_millis(rng.u64(200..4_000))).await;
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
