//! The usage batcher: one append in flight; what arrives meanwhile forms the next batch.
//!
//! Classification happens here, in batch order. A caller is answered only when its batch is durable.

use std::sync::{Arc, Mutex, PoisonError};

use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::port::{AppendError, Appended, EventLog, Expected, NewEvent};
use jiff::Timestamp;
use kernel::event::{Position, Provenance, StreamName};
use kernel::id::{InvocationId, ListingId, OrganizationId, derived};
use kernel::merkle;
use kernel::slug::Slug;
use metering::meters::{HoldId, Meters, SettleError, Settlement};
use metering::published::usage::{Batch, Event, UsageRecord};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::append::append;
use crate::fingerprint::Fingerprint;

/// The most records in one batch.
const BATCH_RECORDS_MAX: usize = 4096;
/// Submissions that may wait; more have to wait outside.
const QUEUE_LENGTH: usize = 16_384;

/// What the caller knows of a call; the rest is decided at settlement.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The call.
    pub invocation: InvocationId,
    /// Who bought.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// What was called.
    pub capability: Slug,
    /// What answered.
    pub listing: ListingId,
    /// Who called.
    pub principal: String,
    /// The price version of the agreement.
    pub price_version: u32,
    /// Of the idempotency key.
    pub key_hash: Fingerprint,
    /// Of target and payload.
    pub payload_hash: Fingerprint,
}

/// A record in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The record.
    pub record: UsageRecord,
    /// Its batch.
    pub position: Position,
    /// Its index in the batch.
    pub index: u32,
}

/// Why a call is not in the log. Definite: its hold has been given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSettled {
    /// Its hold had expired.
    #[error("the hold had expired")]
    HoldExpired,
    /// A counter would leave its range.
    #[error("a counter is out of range")]
    OutOfRange,
    /// The log took no batch.
    #[error("the log took no usage")]
    NotRecorded,
}

/// The answer to a submission.
pub type Answer = Result<Written, NotSettled>;

struct Submission {
    hold: HoldId,
    draft: Draft,
    reply: oneshot::Sender<Answer>,
}

/// Submits calls to the batcher.
#[derive(Clone, Debug)]
pub struct Submitter(mpsc::Sender<Submission>);

impl Submitter {
    /// Hands a call over; the answer comes when its batch is durable, or definitely not.
    pub async fn submit(&self, hold: HoldId, draft: Draft) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        let submission = Submission { hold, draft, reply };
        if let Err(closed) = self.0.send(submission).await {
            // The receiver sees the answer; that it may have gone away is its own business.
            _ = closed.0.reply.send(Err(NotSettled::NotRecorded));
        }
        answer
    }
}

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
    node: String,
    standing: watch::Sender<Standing>,
}

/// A call on its way into a batch.
struct Pending {
    settlement: Settlement,
    reply: oneshot::Sender<Answer>,
}

impl Batcher {
    /// Starts on this node's own, new stream. Ends when every submitter is gone.
    pub fn start(
        log: Arc<dyn EventLog>,
        meters: Arc<Mutex<Meters>>,
        clock: Arc<dyn Clock>,
        stream: StreamName,
        node: String,
    ) -> (Submitter, watch::Receiver<Standing>) {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let (standing, standings) = watch::channel(Standing::default());
        let batcher = Self { log, meters, clock, stream, expected: Expected::NoStream, node, standing };
        tokio::spawn(batcher.run(receiver));
        (Submitter(sender), standings)
    }

    async fn run(mut self, mut submissions: mpsc::Receiver<Submission>) {
        let mut waiting = Vec::with_capacity(BATCH_RECORDS_MAX);
        while submissions.recv_many(&mut waiting, BATCH_RECORDS_MAX).await > 0 {
            self.settle(waiting.drain(..)).await;
        }
    }

    async fn settle(&mut self, submissions: impl ExactSizeIterator<Item = Submission>) {
        let (records, pending) = self.classify(submissions);
        if records.is_empty() {
            return self.decided();
        }
        if let Some((records, position)) = self.record(records).await {
            self.meters().confirm(pending.iter().map(|pending| &pending.settlement));
            answer_all(pending, records, position);
        } else {
            self.meters().unsettle(pending.iter().map(|pending| &pending.settlement));
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

    /// Decides `FREE` and `VALUE_ADDED` for each call, in order.
    fn classify(&self, submissions: impl ExactSizeIterator<Item = Submission>) -> (Vec<UsageRecord>, Vec<Pending>) {
        let settled_at = self.clock.now();
        let mut records = Vec::with_capacity(submissions.len());
        let mut pending = Vec::with_capacity(submissions.len());
        let mut meters = self.meters();
        for Submission { hold, draft, reply } in submissions {
            match meters.settle(hold, self.stream.as_str()) {
                Ok(settlement) => {
                    records.push(record(draft, &settlement, settled_at));
                    pending.push(Pending { settlement, reply });
                }
                Err(error) => _ = reply.send(Err(error.into())),
            }
        }
        (records, pending)
    }

    /// Appends a batch and stays with it until the outcome is definite.
    async fn record(&mut self, records: Vec<UsageRecord>) -> Option<(Vec<UsageRecord>, Position)> {
        if self.standing.borrow().fenced {
            return None;
        }
        let event = Event::Recorded(Batch { salt_seed: random()?, records });
        let new = self.new_event(&event)?;
        let appended = self.append(new).await?;
        self.expected = Expected::At(appended.last);
        let Event::Recorded(batch) = event;
        Some((batch.records, appended.position))
    }

    fn new_event(&self, event: &Event) -> Option<NewEvent> {
        let id = self.event_id(event);
        let provenance = Provenance { correlation: id, cause: id, actor: format!("platform:{}", self.node) };
        codec::to_new(event, id, self.clock.now(), provenance)
            .inspect_err(|error| tracing::error!(%error, "a usage batch could not be serialised"))
            .ok()
    }

    /// Of this batch alone: another one at the same revision must never pass for a repeat of it.
    fn event_id(&self, event: &Event) -> Uuid {
        let Event::Recorded(batch) = event;
        let seed = merkle::hex(&batch.salt_seed);
        derived(&[self.stream.as_str(), &self.expected.first_new().to_string(), &seed])
    }

    async fn append(&self, event: NewEvent) -> Option<Appended> {
        match append(self.log.as_ref(), &self.stream, self.expected, event).await {
            Ok(appended) => Some(appended),
            Err(AppendError::Conflict { .. } | AppendError::IdempotencyMismatch) => {
                tracing::error!(stream = %self.stream, "another node writes this node's usage: stopping");
                self.standing.send_modify(|standing| standing.fenced = true);
                None
            }
            Err(error @ (AppendError::Invalid(_) | AppendError::Unavailable(_) | AppendError::Unknown)) => {
                tracing::error!(%error, "a usage batch was not recorded");
                None
            }
        }
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
        key_hash: draft.key_hash,
        payload_hash: draft.payload_hash,
    }
}

fn refuse_all(pending: Vec<Pending>) {
    for pending in pending {
        _ = pending.reply.send(Err(NotSettled::NotRecorded));
    }
}

fn answer_all(pending: Vec<Pending>, records: Vec<UsageRecord>, position: Position) {
    for ((index, record), pending) in (0..).zip(records).zip(pending) {
        _ = pending.reply.send(Ok(Written { record, position, index }));
    }
}
