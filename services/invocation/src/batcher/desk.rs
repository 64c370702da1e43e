//! The batcher's step without its surroundings: what is decided under the lock of the meters, and what is concluded once
//! it is known whether the log took the batch.
//!
//! Pure: instants and outcomes are arguments, and so is how the meters are locked. One desk decides for a stream, and
//! concludes a batch before it decides the next.

use std::ops::DerefMut;
use std::sync::Arc;

use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use metering::meters::{Meters, Settlement};
use metering::published::usage::{RecordKind, UsageRecord};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::submission::{
    Answer, Draft, NotSettled, ReportAnswer, ReportAnswers, ReportDraft, Reports, Stale, Submission, Submitted,
    Written, records,
};
use crate::recents::Recents;

/// Where the batches of a stream are decided, one after the other.
pub struct Desk {
    stream: StreamName,
    recents: Recents,
}

/// A batch that is decided, while its records are on their way to the log. It has to be concluded.
#[must_use]
pub struct Unrecorded {
    settlements: Vec<Settlement>,
    waiting: Vec<Waiting>,
}

/// Who waits for a batch.
enum Waiting {
    /// For its next record of a call.
    Call(oneshot::Sender<Answer>),
    /// For all of it.
    Reports(Vec<ReportAnswer>, Arc<OwnedSemaphorePermit>, oneshot::Sender<ReportAnswers>),
}

impl Desk {
    /// Nothing of the stream is decided yet.
    pub fn new(stream: StreamName) -> Self {
        Self { stream, recents: Recents::default() }
    }

    /// Decides `FREE` and `VALUE_ADDED` for each call and report, in order, and tells repeated reports from new ones.
    /// By now the history of keys reaches up to `history`. There may be nothing to record; the batch has to be concluded
    /// all the same. What was submitted is taken out.
    pub fn decide<M: DerefMut<Target = Meters>>(
        &mut self,
        submitted: &mut Vec<Submitted>,
        history: Option<Position>,
        settled_at: Timestamp,
        lock: impl FnOnce() -> M,
    ) -> (Vec<UsageRecord>, Unrecorded) {
        self.recents.trim(history, settled_at);
        let mut meters = lock();
        let most = records(submitted);
        let (records, settlements) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let mut batch = Batch { desk: self, meters: &mut meters, settled_at, records, settlements };
        let waiting = submitted.drain(..).filter_map(|submitted| batch.decide(submitted)).collect();
        let Batch { records, settlements, .. } = batch;
        (records, Unrecorded { settlements, waiting })
    }

    /// Concludes a batch: `written` are its records and its place in the log; `None` where it is definitely not there.
    /// Everybody who waits for it is answered.
    pub fn conclude<M: DerefMut<Target = Meters>>(
        &mut self,
        Unrecorded { settlements, waiting }: Unrecorded,
        written: Option<(Vec<UsageRecord>, Position)>,
        lock: impl FnOnce() -> M,
    ) {
        if let Some((records, position)) = written {
            lock().confirm(settlements.iter(), position);
            self.recents.recorded(position);
            answer_all(waiting, records, position);
        } else if settlements.is_empty() {
            answer_all(waiting, vec![], Position(0));
        } else {
            lock().unsettle(settlements.iter());
            self.recents.lost();
            refuse_all(waiting);
        }
    }
}

/// A batch that is being decided: settlements go with the records.
struct Batch<'a> {
    desk: &'a mut Desk,
    meters: &'a mut Meters,
    settled_at: Timestamp,
    records: Vec<UsageRecord>,
    settlements: Vec<Settlement>,
}

impl Batch<'_> {
    fn decide(&mut self, submitted: Submitted) -> Option<Waiting> {
        match submitted {
            Submitted::Call(submission) => self.call(*submission),
            Submitted::Reports(submission) => self.reports(submission),
        }
    }

    fn call(&mut self, submission: Submission) -> Option<Waiting> {
        let Submission { hold, draft, reply } = submission;
        match self.meters.settle(hold, self.desk.stream.as_str()) {
            Ok(settlement) => {
                self.take(draft, settlement);
                Some(Waiting::Call(reply))
            }
            Err(error) => {
                _ = reply.send(Err(error.into()));
                None
            }
        }
    }

    fn reports(&mut self, submission: Reports) -> Option<Waiting> {
        let Reports { drafts, checked, place, reply } = submission;
        if !self.desk.recents.complements(checked) {
            _ = reply.send(Err(Stale));
            return None;
        }
        let answers = drafts.into_iter().map(|report| self.report(report)).collect();
        Some(Waiting::Reports(answers, place, reply))
    }

    fn report(&mut self, report: ReportDraft) -> ReportAnswer {
        let ReportDraft { draft, agreement, demands, used_at } = report;
        let (key, payload, invocation) = (draft.key_hash, draft.payload_hash, draft.invocation);
        if let Some(recent) = self.desk.recents.get(&key) {
            return ReportAnswer::Known { invocation: recent.invocation, same: recent.payload == payload };
        }
        match self.meters.report(agreement, demands, used_at, self.desk.stream.as_str()) {
            Ok(settlement) => {
                self.desk.recents.add(key, payload, invocation);
                self.take(draft, settlement);
                ReportAnswer::Recorded(invocation)
            }
            Err(refusal) => ReportAnswer::Refused(refusal),
        }
    }

    fn take(&mut self, draft: Draft, settlement: Settlement) {
        self.records.push(record(draft, &settlement, self.settled_at));
        self.settlements.push(settlement);
    }
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
fn refuse_all(waiting: Vec<Waiting>) {
    for waiting in waiting {
        match waiting {
            Waiting::Call(reply) => _ = reply.send(Err(NotSettled::NotRecorded)),
            Waiting::Reports(mut answers, place, reply) => {
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

fn answer_all(waiting: Vec<Waiting>, records: Vec<UsageRecord>, position: Position) {
    let mut records = (0..).zip(records).filter(|(_, record)| record.kind == RecordKind::Call);
    for waiting in waiting {
        match waiting {
            Waiting::Call(reply) => {
                let written = records.next().map(|(index, record)| Written { record, position, index });
                _ = reply.send(written.ok_or(NotSettled::NotRecorded));
            }
            Waiting::Reports(answers, place, reply) => {
                drop(place);
                _ = reply.send(Ok(answers));
            }
        }
    }
}
