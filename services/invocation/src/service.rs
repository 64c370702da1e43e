//! The service: runs calls from arrival to durable record.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use accounts::published::actor::Actor;
use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::port::{EventLog, ReadError};
use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use kernel::id::AgreementId;
use kernel::period::Period;
use metering::account::{AllowanceStatus, Refusal};
use metering::meters::{HoldId, Meters};
use metering::published::owner::Taken;
use metering::published::usage::{Event as UsageEvent, UsageRecord};
use providers::upstreams::Upstreams;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

use crate::batcher::{Batcher, Standing, Submitter};
use crate::call::{Call, IDEMPOTENCY_KEY_BYTES_MAX, Invocation, InvokeError, Quote};
use crate::fingerprint;
use crate::health::Measurements;
use crate::market::Market;
use crate::ownership::is_newest;
use crate::path::{Task, demands};
use crate::probe::Probing;
use crate::replies::{Lookup, Outcome, Replies, Running};
use crate::report::ROOM;
use crate::routing::Candidate;
use crate::usage::{History, Locator};

/// Calls under way at most; more wait.
const CALLS_MAX: u32 = 4096;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From dispatch to the provider's last byte.
    pub deadline: Duration,
    /// From the provider's answer to the durable record; past it the caller is told that the outcome is pending.
    pub settlement: Duration,
}

impl Limits {
    /// After this a hold lapses, whatever became of its call.
    pub const fn longest_hold(&self) -> Duration {
        self.deadline.saturating_add(self.settlement).saturating_mul(2)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(30), settlement: Duration::from_secs(10) }
    }
}

/// What the service works with.
pub struct Parts {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How providers are called.
    pub upstreams: Upstreams,
    /// What was used before.
    pub history: Arc<dyn History>,
    /// The market, loaded.
    pub market: Arc<RwLock<Market>>,
    /// The meters, loaded.
    pub meters: Arc<Mutex<Meters>>,
    /// This node's usage stream for this epoch.
    pub stream: StreamName,
    /// This node's stream of measurements for this epoch.
    pub health_stream: StreamName,
    /// This node and its epoch.
    pub owner: Taken,
    /// How long things may take.
    pub limits: Limits,
}

/// Runs calls.
pub struct Service {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    pub(crate) upstreams: Upstreams,
    pub(crate) history: Arc<dyn History>,
    market: Arc<RwLock<Market>>,
    meters: Arc<Mutex<Meters>>,
    pub(crate) limits: Limits,
    epoch: u64,
    pub(crate) submitter: Submitter,
    standing: watch::Receiver<Standing>,
    pub(crate) replies: Replies,
    pub(crate) measurements: Measurements,
    pub(crate) probing: Probing,
    /// Rises when admission to an agreement begins again.
    pub(crate) reopened: watch::Sender<u64>,
    /// Rises when a hold is given back.
    pub(crate) released: watch::Sender<u64>,
    slots: Arc<Semaphore>,
    /// For reports that wait or are being recorded.
    pub(crate) room: Arc<Semaphore>,
    /// Up to where the history reaches, as far as is known.
    pub(crate) reached: watch::Sender<Option<Position>>,
}

impl Service {
    /// Starts the usage batcher and is ready for calls.
    pub fn start(parts: Parts) -> Arc<Self> {
        let Parts { log, clock, upstreams, history, market, meters, stream, health_stream, owner, limits } = parts;
        let epoch = owner.epoch;
        let reached = watch::Sender::new(None);
        let batcher = (Arc::clone(&log), Arc::clone(&meters), Arc::clone(&clock));
        let (submitter, standing) = Batcher::start(batcher.0, batcher.1, batcher.2, stream, owner, reached.subscribe());
        let slots = Arc::new(Semaphore::new(CALLS_MAX as usize));
        let service = Arc::new(Self {
            log,
            clock,
            upstreams,
            history,
            market,
            meters,
            limits,
            epoch,
            submitter,
            standing,
            replies: Replies::default(),
            measurements: Measurements::new(health_stream),
            probing: Probing::default(),
            reopened: watch::Sender::new(0),
            released: watch::Sender::new(0),
            slots,
            room: Arc::new(Semaphore::new(ROOM)),
            reached,
        });
        tokio::spawn(keep_tidy(Arc::downgrade(&service)));
        service
    }

    /// The market in memory.
    pub fn market(&self) -> RwLockReadGuard<'_, Market> {
        self.market.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The meters in memory.
    pub(crate) fn meters(&self) -> MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The log.
    pub(crate) fn log(&self) -> &dyn EventLog {
        self.log.as_ref()
    }

    /// Whether this node may admit, and how many batches it has decided.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Whether another node has taken over, so that nothing can be recorded here any more.
    pub(crate) fn is_fenced(&self) -> bool {
        self.standing.borrow().fenced
    }

    /// Whether this node still owns the meter, as the log has it now.
    pub(crate) async fn owns_the_meter(&self) -> Result<bool, ReadError> {
        Ok(!self.is_fenced() && is_newest(self.log(), self.epoch).await?)
    }

    /// Gives back what a call held.
    pub(crate) fn release(&self, hold: HoldId) {
        self.meters().release(hold);
        self.released.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// How providers are called, and how they have answered.
    pub const fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }

    /// Takes no new calls and waits until those under way have their outcome; `false` when that took too long.
    pub async fn drain(&self, patience: Duration) -> bool {
        let all = self.slots.acquire_many(CALLS_MAX);
        let drained = tokio::time::timeout(patience, all).await;
        self.slots.close();
        self.room.close();
        drained.is_ok()
    }

    /// Calls a capability for the actor's organization. Goes on to the end whatever becomes of the caller.
    pub async fn invoke(self: &Arc<Self>, actor: &Actor, call: Call) -> Outcome {
        if !(1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&call.idempotency_key.len()) {
            return Err(InvokeError::InvalidIdempotencyKey);
        }
        let key = fingerprint::of_key(actor.organization, &call.idempotency_key);
        let payload = fingerprint::of_call(&call.target.canonical(), &call.payload);
        match self.replies.begin(key, payload) {
            Lookup::Conflict => Err(InvokeError::IdempotencyConflict),
            Lookup::Answered(invocation) => Ok(repeated(&invocation)),
            Lookup::UnderWay(outcome) => wait(outcome).await.map(|invocation| repeated(&invocation)),
            Lookup::First(running) => self.run_first(Task { actor: actor.clone(), call, key, payload }, running).await,
        }
    }

    /// Runs a call in a task of its own. Its turn is waited for here: a caller that goes away before takes it along.
    async fn run_first(self: &Arc<Self>, task: Task, running: Running) -> Outcome {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| InvokeError::NotRecorded)?;
        let outcome = running.listen();
        tokio::spawn(Arc::clone(self).run(task, running, slot));
        wait(outcome).await
    }

    async fn run(self: Arc<Self>, task: Task, running: Running, _slot: OwnedSemaphorePermit) {
        let outcome = self.perform(&task, &running).await;
        running.finish(outcome, self.now());
    }

    /// Reads a usage record from its batch.
    pub async fn recorded(&self, locator: Locator) -> Result<UsageRecord, InvokeError> {
        let stored = self.log.event_at(locator.position).await.map_err(|_| InvokeError::NotRecorded)?;
        let event = stored.as_ref().and_then(codec::decode::<UsageEvent>).ok_or(InvokeError::NotFound)?;
        let records = event.map_err(|_| InvokeError::NotRecorded)?.event.into_records();
        let index = usize::try_from(locator.index).map_err(|_| InvokeError::NotFound)?;
        records.into_iter().nth(index).ok_or(InvokeError::NotFound)
    }

    /// What a call would cost on each agreement that covers it, the one that would answer first.
    pub fn quote(&self, actor: &Actor, call: Call) -> Result<Vec<Quote>, InvokeError> {
        let contract = self.contract(&call)?;
        let demands = demands(&contract, &call.payload)?;
        let task = Task { actor: actor.clone(), call, key: [0; 32], payload: [0; 32] };
        let candidates = self.candidates(&task, &demands)?;
        if candidates.is_empty() {
            return Err(InvokeError::NoAgreement);
        }
        Ok(candidates.into_iter().map(quote).collect())
    }

    /// How an agreement's allowances stand, and the period they belong to.
    pub fn allowances(&self, agreement: AgreementId) -> Result<(Period, Vec<AllowanceStatus>), Refusal> {
        self.meters().allowances(agreement, self.now())
    }
}

/// Gives back expired holds and forgets old answers, once a second, until the service is gone.
async fn keep_tidy(service: std::sync::Weak<Service>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        let Some(service) = service.upgrade() else { return };
        let now = service.now();
        let expired = service.meters().expire(now);
        if expired > 0 {
            tracing::warn!(expired, "holds expired by the clock");
            service.released.send_modify(|count| *count = count.wrapping_add(1));
        }
        let history = service.history.keys_cursor();
        service.replies.trim(now, history);
        service.reached.send_modify(|reached| *reached = history.max(*reached));
    }
}

async fn wait(mut outcome: watch::Receiver<Option<Outcome>>) -> Outcome {
    match outcome.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(Err(InvokeError::NotRecorded)),
        // Torn down before it had an outcome: nothing was delivered.
        Err(_) => Err(InvokeError::NotRecorded),
    }
}

fn repeated(invocation: &Arc<Invocation>) -> Arc<Invocation> {
    Arc::new(Invocation { repeated: true, ..Invocation::clone(invocation) })
}

fn quote(candidate: Candidate) -> Quote {
    Quote {
        agreement: candidate.accepted.agreement,
        listing: candidate.accepted.listing,
        seller: candidate.accepted.seller,
        lines: candidate.lines,
        estimates: candidate.estimates,
        worst_case: candidate.worst_case,
        currency: candidate.accepted.terms.currency,
        latency: candidate.latency,
        available: candidate.available,
    }
}

/// A fresh time-ordered UUID (version 7, RFC 9562) at an instant; `None` where the system gives no randomness.
pub fn fresh_uuid(now: Timestamp) -> Option<Uuid> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).ok()?;
    let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Some(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
