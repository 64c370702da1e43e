//! What is handed to the batcher, and what it answers.

use std::sync::Arc;

use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::slug::Slug;
use metering::account::{Demand, Refusal};
use metering::meters::{HoldId, SettleError};
use metering::published::usage::{RecordKind, UsageRecord};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::fingerprint::Fingerprint;

/// What is known of a call or a report beforehand; the rest is decided at settlement.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which of the two.
    pub kind: RecordKind,
    /// The call, or the report.
    pub invocation: InvocationId,
    /// Who bought.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// What was called.
    pub capability: Option<Slug>,
    /// What answered, or delivered.
    pub listing: ListingId,
    /// Who called, or reported.
    pub principal: Arc<str>,
    /// The price version of the agreement.
    pub price_version: u32,
    /// Of the idempotency key, or of the event's source and id.
    pub key_hash: Fingerprint,
    /// Of target and payload, or of what the event says.
    pub payload_hash: Fingerprint,
}

/// A report to be metered.
#[derive(Clone, Debug)]
pub struct ReportDraft {
    /// What is known of it.
    pub draft: Draft,
    /// Under which agreement.
    pub agreement: AgreementId,
    /// What was used.
    pub demands: Vec<Demand>,
    /// When.
    pub used_at: Timestamp,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportAnswer {
    /// It is in the log.
    Recorded(InvocationId),
    /// An earlier report with its key is.
    Known {
        /// The earlier one.
        invocation: InvocationId,
        /// Whether it said the same.
        same: bool,
    },
    /// It cannot be metered, or not yet.
    Refused(Refusal),
    /// The log took no batch.
    NotRecorded,
}

/// Keys that were looked up no longer tell the new from the known: look them up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

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

impl From<SettleError> for NotSettled {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::HoldExpired => Self::HoldExpired,
            SettleError::OutOfRange => Self::OutOfRange,
        }
    }
}

/// The answer to a call.
pub type Answer = Result<Written, NotSettled>;

/// The answers to reports, in their order.
pub type ReportAnswers = Result<Vec<ReportAnswer>, Stale>;

/// A call to be settled.
pub struct Submission {
    /// What it holds.
    pub hold: HoldId,
    /// What is known of it.
    pub draft: Draft,
    /// Who waits.
    pub reply: oneshot::Sender<Answer>,
}

/// Reports whose keys the history had not seen.
pub struct Reports {
    /// The reports.
    pub drafts: Vec<ReportDraft>,
    /// Up to where the history reached when it was asked.
    pub checked: Option<Position>,
    /// The place in the queue.
    pub place: Arc<OwnedSemaphorePermit>,
    /// Who waits.
    pub reply: oneshot::Sender<ReportAnswers>,
}

/// What is submitted at once.
pub enum Submitted {
    /// A call.
    Call(Box<Submission>),
    /// Reports.
    Reports(Reports),
}

impl Submitted {
    pub(super) fn records(&self) -> usize {
        match self {
            Self::Call(_) => 1,
            Self::Reports(submission) => submission.drafts.len(),
        }
    }
}

/// How many records of it there are at the most.
pub(super) fn records(submitted: &[Submitted]) -> usize {
    submitted.iter().map(Submitted::records).fold(0, usize::saturating_add)
}

/// Submits calls and reports to the batcher.
#[derive(Clone, Debug)]
pub struct Submitter(pub(super) mpsc::Sender<Submitted>);

impl Submitter {
    /// Hands a call over; the answer comes when its batch is durable, or definitely not.
    pub async fn submit(&self, hold: HoldId, draft: Draft) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        let submission = Submitted::Call(Box::new(Submission { hold, draft, reply }));
        if let Err(closed) = self.0.send(submission).await
            && let Submitted::Call(submission) = closed.0
        {
            // The receiver sees the answer; that it may have gone away is its own business.
            _ = submission.reply.send(Err(NotSettled::NotRecorded));
        }
        answer
    }

    /// Hands reports over whose keys the history, as far as `checked`, has not seen; an answer for each comes in their
    /// order. Nothing comes where the batcher has ended.
    pub async fn report(
        &self,
        reports: Vec<ReportDraft>,
        checked: Option<Position>,
        place: Arc<OwnedSemaphorePermit>,
    ) -> oneshot::Receiver<ReportAnswers> {
        let (reply, answer) = oneshot::channel();
        // Dropped unsent, the reply tells the receiver that there will be none.
        _ = self.0.send(Submitted::Reports(Reports { drafts: reports, checked, place, reply })).await;
        answer
    }
}
