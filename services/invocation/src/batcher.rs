//! The usage batcher: one append in flight; what arrives meanwhile forms the next batch.
//!
//! Classification happens here, in batch order, and so does telling repeated reports from new ones. A caller is
//! answered only when its batch is durable.

mod submission;

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::port::{AppendError, Appended, EventLog, Expected, NewEvent};
use jiff::Timestamp;
use kernel::event::{Position, Provenance, StreamName};
use kernel::id::derived;
use kernel::merkle;
use metering::meters::{Meters, SettleError, Settlement};
use metering::published::owner::Taken;
use metering::published::usage::{Batch, Event, RecordKind, UsageRecord};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::task::yield_now;
use tokio::time::sleep;
use uuid::Uuid;

pub use self::submission::{Answer, Draft, NotSettled, ReportAnswer, ReportDraft, Stale, Submitter, Written};
use self::submission::{Reports, Submission, Submitted};
use crate::append::append;
use crate::ownership::overtaken;
use crate::recents::Recents;

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
    recents: Recents,
    /// Up to where the history reaches.
    history: watch::Receiver<Option<Position>>,
}

/// Who waits for a batch.
enum Pending {
    /// For its next record.
    Call(oneshot::Sender<Answer>),
    /// For all of it.
    Reports(Vec<ReportAnswer>, Arc<OwnedSemaphorePermit>, oneshot::Sender<Result<Vec<ReportAnswer>, Stale>>),
}

/// A batch before it is recorded: settlements go with the records.
#[derive(Default)]
struct Decided {
    records: Vec<UsageRecord>,
    settlements: Vec<Settlement>,
    pending: Vec<Pending>,
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
        let (expected, recents) = (Expected::NoStream, Recents::default());
        let batcher = Self { log, meters, clock, stream, expected, owner, standing, recents, history };
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

    /// Takes in what others are about to submit: those that the last batch has answered have all been woken at once, and
    /// more may be on their way.
    async fn gather(&self, submissions: &mut mpsc::Receiver<Submitted>, waiting: &mut Vec<Submitted>) {
        yield_now().await;
        take_in(submissions, waiting);
        if records(waiting) < LINGER_BELOW && self.siblings(waiting) >= SIBLINGS {
            sleep(LINGER).await;
            take_in(submissions, waiting);
        }
    }

    /// Calls that are under way and have not been submitted.
    fn siblings(&self, waiting: &[Submitted]) -> usize {
        let submitted = waiting.iter().filter(|submitted| matches!(submitted, Submitted::Call(_))).count();
        self.meters().open_holds().saturating_sub(submitted)
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
        let Decided { records, settlements, pending } = self.classify(submitted.drain(..));
        if records.is_empty() {
            answer_all(pending, Vec::new(), Position(0));
        } else if let Some((records, position)) = self.record(records).await {
            self.meters().confirm(settlements.iter(), position);
            self.recents.recorded(position);
            answer_all(pending, records, position);
        } else {
            self.meters().unsettle(settlements.iter());
            self.recents.lost();
            refuse_all(pending);
        }
        self.decided();
    }

    fn decided(&self) {
        self.standing.send_modify(|standing| standing.batches = standing.batches.wrapping_add(1));
    }

    fn meters(&self) -> std::sync::MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides `FREE` and `VALUE_ADDED` for each call and report, in order.
    fn classify(&mut self, submitted: impl ExactSizeIterator<Item = Submitted>) -> Decided {
        let settled_at = self.clock.now();
        self.recents.trim(*self.history.borrow(), settled_at);
        let mut decided = Decided::default();
        let Self { meters, recents, stream, .. } = self;
        let mut meters = meters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut desk = Desk { meters: &mut meters, recents, stream, settled_at, decided: &mut decided };
        for submitted in submitted {
            match submitted {
                Submitted::Call(submission) => desk.call(*submission),
                Submitted::Reports(submission) => desk.reports(submission),
            }
        }
        decided
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

/// Where a batch is decided.
struct Desk<'a> {
    meters: &'a mut Meters,
    recents: &'a mut Recents,
    stream: &'a StreamName,
    settled_at: Timestamp,
    decided: &'a mut Decided,
}

impl Desk<'_> {
    fn call(&mut self, submission: Submission) {
        let Submission { hold, draft, reply } = submission;
        match self.meters.settle(hold, self.stream.as_str()) {
            Ok(settlement) => {
                self.take(draft, settlement);
                self.decided.pending.push(Pending::Call(reply));
            }
            Err(error) => _ = reply.send(Err(error.into())),
        }
    }

    fn reports(&mut self, submission: Reports) {
        let Reports { drafts, checked, place, reply } = submission;
        if !self.recents.complements(checked) {
            _ = reply.send(Err(Stale));
            return;
        }
        let answers = drafts.into_iter().map(|report| self.report(report)).collect();
        self.decided.pending.push(Pending::Reports(answers, place, reply));
    }

    fn report(&mut self, report: ReportDraft) -> ReportAnswer {
        let ReportDraft { draft, agreement, demands, used_at } = report;
        let (key, payload, invocation) = (draft.key_hash, draft.payload_hash, draft.invocation);
        if let Some(recent) = self.recents.get(&key) {
            return ReportAnswer::Known { invocation: recent.invocation, same: recent.payload == payload };
        }
        match self.meters.report(agreement, &demands, used_at, self.stream.as_str()) {
            Ok(settlement) => {
                self.recents.add(key, payload, invocation);
                self.take(draft, settlement);
                ReportAnswer::Recorded(invocation)
            }
            Err(refusal) => ReportAnswer::Refused(refusal),
        }
    }

    fn take(&mut self, draft: Draft, settlement: Settlement) {
        self.decided.records.push(record(draft, &settlement, self.settled_at));
        self.decided.settlements.push(settlement);
    }
}

impl From<SettleError> for NotSettled {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::HoldExpired => Self::HoldExpired,
            SettleError::OutOfRange => Self::OutOfRange,
        }
    }
}

fn take_in(submissions: &mut mpsc::Receiver<Submitted>, waiting: &mut Vec<Submitted>) {
    while waiting.len() < BATCH_RECORDS_MAX
        && let Ok(submitted) = submissions.try_recv()
    {
        waiting.push(submitted);
    }
}

fn records(submitted: &[Submitted]) -> usize {
    submitted.iter().map(Submitted::records).fold(0, usize::saturating_add)
}

fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .inspect_err(|error| tracing::error!(%error, "the system gives no randomness"))
        .ok()
        .map(|()| bytes)
}

fn record(draft: Draft, settlement: &Settlement, settled_at: Timestamp) -> UsageRecord {
    UsageRecord {
        invocation: draft.invocation,
        kind: draft.kind,
        agreement: settlement.hold.agreement,
        sequence: settlement.settled.sequence,
        buyer: draft.buyer,
        seller: draft.seller,
        capability: draft.capability,
        listing: draft.listing,
        principal: draft.principal,
        lines: settlement.settled.lines.clone(),
        price_version: draft.price_version,
        admitted_at: settlement.hold.admitted_at,
        settled_at: settled_at.max(settlement.hold.admitted_at),
        period_start: settlement.hold.period_start,
        billed_start: settlement.hold.billed_start,
        key_hash: draft.key_hash,
        payload_hash: draft.payload_hash,
    }
}

/// A report that was known may have been so from this very batch: its repeat is to try again as well.
fn refuse_all(pending: Vec<Pending>) {
    for pending in pending {
        match pending {
            Pending::Call(reply) => _ = reply.send(Err(NotSettled::NotRecorded)),
            Pending::Reports(mut answers, place, reply) => {
                for answer in &mut answers {
                    if !matches!(answer, ReportAnswer::Refused(_)) {
                        *answer = ReportAnswer::NotRecorded;
                    }
                }
                drop(place);
                _ = reply.send(Ok(answers));
            }
        }
    }
}

fn answer_all(pending: Vec<Pending>, records: Vec<UsageRecord>, position: Position) {
    let mut records = (0..).zip(records).filter(|(_, record)| record.kind == RecordKind::Call);
    for pending in pending {
        match pending {
            Pending::Call(reply) => {
                let written = records.next().map(|(index, record)| Written { record, position, index });
                _ = reply.send(written.ok_or(NotSettled::NotRecorded));
            }
            Pending::Reports(answers, place, reply) => {
                drop(place);
                _ = reply.send(Ok(answers));
            }
        }
    }
}
