//! The usage batcher: one append in flight; what arrives meanwhile forms the next batch.
//!
//! The desk classifies, in batch order, and tells repeated reports from new ones; the batcher around it has the clock, the
//! randomness and the log. A caller is answered only when its batch is durable.

mod desk;
mod submission;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::port::{AppendError, Appended, EventLog, Expected, NewEvent};
use kernel::event::{Position, Provenance, StreamName};
use kernel::id::derived;
use kernel::merkle;
use metering::meters::Meters;
use metering::published::owner::Taken;
use metering::published::usage::{Batch, Event, UsageRecord};
use tokio::sync::{mpsc, watch};
use tokio::task::yield_now;
use tokio::time::sleep;
use uuid::Uuid;

pub use self::desk::{Desk, Unrecorded};
use self::submission::records;
pub use self::submission::{
    Answer, Draft, NotSettled, ReportAnswer, ReportAnswers, ReportDraft, Reports, Stale, Submission, Submitted,
    Submitter, Written,
};
use crate::append::append;
use crate::ownership::overtaken;

/// The most records in one batch.
const BATCH_RECORDS_MAX: usize = 4096;
/// A batch of fewer records lingers while [`SIBLINGS`] calls are under way: a commit costs the same for one record as
/// for many, and where calls compete for the processor all are answered sooner with fewer commits.
const LINGER_BELOW: usize = 16;
/// So many other calls promise company. A caller alone is never kept waiting.
const SIBLINGS: usize = 8;
/// How long a batch lingers.
const LINGER: Duration = Duration::from_millis(1);
/// Submissions that may wait; more have to wait outside.
const QUEUE_LENGTH: usize = 16_384;

/// Whether this node may still admit usage, and how many batches have been decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Rises with every decided batch, so that who waits for counters can look again.
    pub batches: u64,
    /// Another node has taken over: this one must stop.
    pub fenced: bool,
}

/// Where the batcher works.
pub struct Batcher {
    log: Arc<dyn EventLog>,
    meters: Arc<Mutex<Meters>>,
    clock: Arc<dyn Clock>,
    stream: StreamName,
    expected: Expected,
    owner: Taken,
    standing: watch::Sender<Standing>,
    desk: Desk,
    /// Up to where the history reaches.
    history: watch::Receiver<Option<Position>>,
}

impl Batcher {
    /// Starts on this node's own, new stream. Ends when every submitter is gone.
    pub fn start(
        log: Arc<dyn EventLog>,
        meters: Arc<Mutex<Meters>>,
        clock: Arc<dyn Clock>,
        stream: StreamName,
        owner: Taken,
        history: watch::Receiver<Option<Position>>,
    ) -> (Submitter, watch::Receiver<Standing>) {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let (standing, standings) = watch::channel(Standing::default());
        let (expected, desk) = (Expected::NoStream, Desk::new(stream.clone()));
        let batcher = Self { log, meters, clock, stream, expected, owner, standing, desk, history };
        tokio::spawn(batcher.run(receiver));
        (Submitter(sender), standings)
    }

    async fn run(mut self, mut submissions: mpsc::Receiver<Submitted>) {
        let mut waiting = Vec::with_capacity(BATCH_RECORDS_MAX);
        let mut batch = Vec::with_capacity(BATCH_RECORDS_MAX);
        let log = Arc::clone(&self.log);
        let mut overtaken = pin!(overtaken(log.as_ref(), self.owner.epoch));
        loop {
            tokio::select! {
                biased;
                () = &mut overtaken, if !self.is_fenced() => self.fence(),
                count = submissions.recv_many(&mut waiting, BATCH_RECORDS_MAX) => {
                    if count == 0 {
                        return;
                    }
                    self.gather(&mut submissions, &mut waiting).await;
                    self.settle_all(&mut waiting, &mut batch).await;
                }
            }
        }
    }

    /// Takes in what others are about to submit, for as long as more come: those that the last batch has answered have
    /// all been woken at once, and whoever misses this batch waits for two.
    async fn gather(&self, submissions: &mut mpsc::Receiver<Submitted>, waiting: &mut Vec<Submitted>) {
        let mut before = 0;
        while waiting.len() > before {
            before = waiting.len();
            yield_now().await;
            take_in(submissions, waiting);
        }
        if records(waiting) < LINGER_BELOW && self.siblings(waiting) >= SIBLINGS {
            sleep(LINGER).await;
            take_in(submissions, waiting);
        }
    }

    /// Calls that are under way and have not been submitted.
    fn siblings(&self, waiting: &[Submitted]) -> usize {
        let submitted = waiting.iter().filter(|submitted| matches!(submitted, Submitted::Call(_))).count();
        lock(&self.meters).open_holds().saturating_sub(submitted)
    }

    /// Settles what was submitted, in batches that are not too large.
    async fn settle_all(&mut self, waiting: &mut Vec<Submitted>, batch: &mut Vec<Submitted>) {
        let mut records = 0_usize;
        for submitted in waiting.drain(..) {
            records = records.saturating_add(submitted.records());
            if records > BATCH_RECORDS_MAX {
                records = submitted.records();
                self.settle(batch).await;
            }
            batch.push(submitted);
        }
        self.settle(batch).await;
    }

    fn is_fenced(&self) -> bool {
        self.standing.borrow().fenced
    }

    /// Records nothing any more: whoever has taken the meter may have counted already.
    fn fence(&self) {
        tracing::error!(stream = %self.stream, "another node has taken the meter: stopping");
        self.standing.send_modify(|standing| standing.fenced = true);
    }

    async fn settle(&mut self, submitted: &mut Vec<Submitted>) {
        let (history, settled_at) = (*self.history.borrow(), self.clock.now());
        let (records, batch) = self.desk.decide(submitted, history, settled_at, || lock(&self.meters));
        let written = if records.is_empty() { None } else { self.record(records).await };
        self.desk.conclude(batch, written, || lock(&self.meters));
        self.decided();
    }

    fn decided(&self) {
        self.standing.send_modify(|standing| standing.batches = standing.batches.wrapping_add(1));
    }

    /// Appends a batch and stays with it until the outcome is definite.
    async fn record(&mut self, records: Vec<UsageRecord>) -> Option<(Vec<UsageRecord>, Position)> {
        if self.is_fenced() {
            return None;
        }
        let salt_seed = random()?;
        let event = Event::Recorded(Batch { salt_seed, records });
        let new = self.new_event(&event, &salt_seed)?;
        let appended = self.append(new).await?;
        self.expected = Expected::At(appended.last);
        Some((event.into_records(), appended.position))
    }

    fn new_event(&self, event: &Event, salt_seed: &[u8; 32]) -> Option<NewEvent> {
        let id = self.event_id(salt_seed);
        let provenance = Provenance { correlation: id, cause: id, actor: format!("platform:{}", self.owner.node) };
        codec::to_new(event, id, self.clock.now(), provenance)
            .inspect_err(|error| tracing::error!(%error, "a usage batch could not be serialised"))
            .ok()
    }

    /// Of this batch alone: another one at the same revision must never pass for a repeat of it.
    fn event_id(&self, salt_seed: &[u8; 32]) -> Uuid {
        let seed = merkle::hex(salt_seed);
        derived(&[self.stream.as_str(), &self.expected.first_new().to_string(), &seed])
    }

    async fn append(&self, event: NewEvent) -> Option<Appended> {
        match append(self.log.as_ref(), &self.stream, self.expected, event).await {
            Ok(appended) => Some(appended),
            Err(AppendError::Conflict { .. } | AppendError::IdempotencyMismatch) => {
                self.fence();
                None
            }
            Err(error @ (AppendError::Invalid(_) | AppendError::Unavailable(_) | AppendError::Unknown)) => {
                tracing::error!(%error, "a usage batch was not recorded");
                None
            }
        }
    }
}

fn lock(meters: &Mutex<Meters>) -> MutexGuard<'_, Meters> {
    meters.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_in(submissions: &mut mpsc::Receiver<Submitted>, waiting: &mut Vec<Submitted>) {
    while waiting.len() < BATCH_RECORDS_MAX
        && let Ok(submitted) = submissions.try_recv()
    {
        waiting.push(submitted);
    }
}

fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .inspect_err(|error| tracing::error!(%error, "the system gives no randomness"))
        .ok()
        .map(|()| bytes)
}
