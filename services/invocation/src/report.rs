//! Reports: usage that happened outside of the gateway, told by the seller of the agreement.
//!
//! A report is checked, told apart from those that are known, and then metered and recorded together with calls.

use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::{Actor, Forbidden, Scope};
use jiff::{SignedDuration, Timestamp};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::Position;
use kernel::id::{AgreementId, InvocationId, ListingId};
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use metering::account::late::Missing;
use metering::account::{Demand, Refusal};
use metering::published::report::invocation_id;
use metering::published::usage::{Basis, RecordKind};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;

use crate::batcher::{Draft, ReportAnswer, ReportDraft};
use crate::fingerprint::Fingerprint;
use crate::service::Service;
use crate::usage::{History, HistoryUnavailable, Locator};

/// The most reports handed over at once.
pub const REPORTS_MAX: usize = 500;
/// Reports that wait or are being recorded, at most; more have to wait outside.
pub(crate) const ROOM: usize = 16_384;
/// How far a reporter's clock may be ahead; what is used until then counts as used now.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How long a place is waited for.
const PLACE_TIME_MAX: Duration = Duration::from_secs(1);
/// How long the history may take to show a closed period.
const HISTORY_TIME_MAX: Duration = Duration::from_secs(5);
const HISTORY_PAUSE: Duration = Duration::from_millis(10);
/// How often reports are decided anew because a period was being closed, or the history went on meanwhile.
const TRIES_MAX: usize = 8;

/// What a seller reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of reporter, source and event id: reported once, for ever.
    pub key: Fingerprint,
    /// Of what it says.
    pub payload: Fingerprint,
    /// Under which agreement.
    pub agreement: AgreementId,
    /// Which of the agreement's capabilities, if any.
    pub capability: Option<Slug>,
    /// The agreement's listing, where the reporter wants it checked.
    pub listing: Option<ListingId>,
    /// When it was used.
    pub used_at: Timestamp,
    /// How much, by meter.
    pub usage: Vec<(Meter, Quantity)>,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// It is recorded.
    Accepted(InvocationId),
    /// It was recorded before.
    Duplicate(InvocationId),
    /// Another one with its source and id was recorded before.
    Conflict(InvocationId),
    /// It is not recorded.
    Rejected(NotReported),
}

/// Why a report is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReported {
    /// The agreement is unknown, or not one that the reporter sells under.
    #[error("you sell under no such agreement")]
    AgreementNotFound,
    /// The listing is not the agreement's.
    #[error("the listing is not that of the agreement")]
    ListingMismatch,
    /// The capability is not among the agreement's.
    #[error("the agreement does not cover this capability")]
    CapabilityNotCovered,
    /// A meter that the terms do not have, or no meter at all.
    #[error("the agreement's terms do not cover a meter of this report")]
    NotCovered,
    /// The agreement was not in force then.
    #[error("the agreement was not in force when it was used")]
    NotInForce,
    /// The reporter's clock is ahead.
    #[error("the time lies in the future")]
    InFuture,
    /// The allowance cannot cover it, and there is no price beyond it.
    #[error("the free allowance is used up and the terms have no price beyond it")]
    AllowanceExhausted,
    /// The open invoice has no room for more corrections of closed periods.
    #[error("the open invoice corrects as many closed periods as it can hold: report it again once that one is closed")]
    TooManyCorrections,
    /// The usage would leave what a period can hold and be charged for, or the calendar its range.
    #[error("the usage is more than a period can hold and be charged for, or the calendar is out of range")]
    OutOfRange,
    /// The log takes no usage at this moment, or has not said yet whether it did: report it again.
    #[error("usage cannot be recorded at this moment: report it again")]
    NotRecorded,
}

impl Rejection for NotReported {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AgreementNotFound => "AGREEMENT_NOT_FOUND",
            Self::ListingMismatch => "LISTING_MISMATCH",
            Self::CapabilityNotCovered => "CAPABILITY_NOT_COVERED",
            Self::NotCovered => "REPORT_METER_NOT_COVERED",
            Self::NotInForce => "AGREEMENT_NOT_IN_FORCE",
            Self::InFuture => "TIME_IN_FUTURE",
            Self::AllowanceExhausted => "REPORT_ALLOWANCE_EXHAUSTED",
            Self::TooManyCorrections => "TOO_MANY_CORRECTIONS",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::NotRecorded => "REPORT_NOT_RECORDED",
        })
    }
}

impl From<Refusal> for NotReported {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotInForce => Self::NotInForce,
            Refusal::NotCovered => Self::NotCovered,
            Refusal::AllowanceExhausted(_) => Self::AllowanceExhausted,
            Refusal::Closing | Refusal::NotAtHand => Self::NotRecorded,
            Refusal::TooManyCorrections => Self::TooManyCorrections,
            Refusal::OutOfRange => Self::OutOfRange,
        }
    }
}

/// Why no report was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// The reporter lacks the authority.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Too many reports are waiting.
    #[error("too many reports are waiting: come again in a moment")]
    Busy,
}

impl Rejection for Turned {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::Busy => ErrorCode("TOO_MANY_REPORTS"),
        }
    }
}

/// Reports on their way: what became of each, and the drafts of those that are undecided, by their index.
struct Round {
    outcomes: Vec<Option<Reported>>,
    undecided: Vec<(usize, ReportDraft)>,
}

impl Round {
    fn decide(&mut self, index: usize, outcome: Reported) {
        if let Some(place) = self.outcomes.get_mut(index) {
            *place = Some(outcome);
        }
    }

    /// What is undecided by now will not be.
    fn finished(self) -> Vec<Reported> {
        let rest = Reported::Rejected(NotReported::NotRecorded);
        self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| rest.clone())).collect()
    }
}

impl Service {
    /// Records what a seller reports, at most [`REPORTS_MAX`] at once; says what became of each, in their order, once
    /// that is durable. Goes on to the end whatever becomes of the caller.
    pub async fn report(self: &Arc<Self>, actor: &Actor, reports: Vec<Report>) -> Result<Vec<Reported>, Turned> {
        actor.require(Scope::UsageReport)?;
        let round = self.drafted(actor, reports);
        if round.undecided.is_empty() {
            return Ok(round.finished());
        }
        let Some(place) = self.place(round.undecided.len()).await? else { return Ok(round.finished()) };
        let service = Arc::clone(self);
        let reporting = tokio::spawn(async move { service.decide_all(round, place).await });
        reporting.await.map_err(|_| Turned::Busy)
    }

    /// Room for so many; none once nothing more is recorded here.
    async fn place(&self, reports: usize) -> Result<Option<OwnedSemaphorePermit>, Turned> {
        let wanted = u32::try_from(reports.min(ROOM)).map_err(|_| Turned::Busy)?;
        let places = Arc::clone(&self.room).acquire_many_owned(wanted);
        let place = tokio::time::timeout(PLACE_TIME_MAX, places).await.map_err(|_| Turned::Busy)?;
        Ok(place.ok())
    }

    fn drafted(&self, actor: &Actor, reports: Vec<Report>) -> Round {
        let mut round = Round { outcomes: vec![None; reports.len()], undecided: Vec::with_capacity(reports.len()) };
        let (now, principal) = (self.now(), Arc::from(actor.principal.to_string()));
        for (index, report) in reports.into_iter().enumerate() {
            match self.draft_of(actor, &principal, report, now) {
                Ok(draft) => round.undecided.push((index, draft)),
                Err(rejection) => round.decide(index, Reported::Rejected(rejection)),
            }
        }
        round
    }

    fn draft_of(
        &self,
        actor: &Actor,
        principal: &Arc<str>,
        report: Report,
        now: Timestamp,
    ) -> Result<ReportDraft, NotReported> {
        let accepted = self.market().agreement(report.agreement);
        let accepted = accepted.filter(|accepted| accepted.seller == actor.organization);
        let accepted = accepted.ok_or(NotReported::AgreementNotFound)?;
        if report.listing.is_some_and(|listing| listing != accepted.listing) {
            return Err(NotReported::ListingMismatch);
        }
        if report.capability.as_ref().is_some_and(|capability| !accepted.capabilities.contains(capability)) {
            return Err(NotReported::CapabilityNotCovered);
        }
        if report.used_at.duration_since(now) > SKEW_MAX {
            return Err(NotReported::InFuture);
        }
        let demand = |(meter, quantity)| Demand { meter, quantity, basis: Basis::ProviderReported };
        let draft = Draft {
            kind: RecordKind::Report,
            invocation: invocation_id(report.used_at, &report.key),
            buyer: accepted.buyer,
            seller: accepted.seller,
            capability: report.capability,
            listing: accepted.listing,
            principal: Arc::clone(principal),
            price_version: accepted.price_version,
            key_hash: report.key,
            payload_hash: report.payload,
        };
        let demands = report.usage.into_iter().map(demand).collect();
        // Usage is recorded to the microsecond.
        let used_at = Timestamp::from_microsecond(report.used_at.as_microsecond()).unwrap_or(report.used_at);
        Ok(ReportDraft { draft, agreement: report.agreement, demands, used_at: used_at.min(now) })
    }

    async fn decide_all(self: Arc<Self>, mut round: Round, place: OwnedSemaphorePermit) -> Vec<Reported> {
        let place = Arc::new(place);
        for _ in 0..TRIES_MAX {
            if round.undecided.is_empty() || self.is_fenced() || self.decide(&mut round, &place).await.is_none() {
                break;
            }
        }
        round.finished()
    }

    /// Decides what can be decided now; `None` where trying again is of no use.
    async fn decide(&self, round: &mut Round, place: &Arc<OwnedSemaphorePermit>) -> Option<()> {
        let mut reopened = self.reopened.subscribe();
        let checked = self.tell_known(round).await.ok()?;
        self.restore_closed(round).await.ok()?;
        if round.undecided.is_empty() {
            return None;
        }
        let drafts = round.undecided.iter().map(|(_, draft)| draft.clone()).collect();
        let answers = self.submitter.report(drafts, checked, Arc::clone(place)).await;
        // Past its time the outcome is unknown; the same report will find out.
        let answers = tokio::time::timeout(self.limits.settlement, answers).await.ok()?.ok()?;
        if answers.is_ok_and(|answers| take_answers(round, answers)) {
            // The sender lives as long as the service.
            _ = tokio::time::timeout(self.limits.settlement, reopened.changed()).await;
        }
        Some(())
    }

    /// Tells reports that the history knows; up to where it reached before it was asked.
    async fn tell_known(&self, round: &mut Round) -> Result<Option<Position>, HistoryUnavailable> {
        let keys: Vec<Fingerprint> = round.undecided.iter().map(|(_, draft)| draft.draft.key_hash).collect();
        let look_up = move |history: &dyn History| {
            let checked = history.keys_cursor();
            let seen = keys.iter().map(|key| history.seen(key)).collect::<Result<Vec<_>, _>>();
            seen.map(|seen| (checked, seen))
        };
        let (checked, seen) = self.ask(look_up).await?;
        self.reached.send_if_modified(|reached| {
            let further = *reached < checked;
            *reached = checked.max(*reached);
            further
        });
        let mut undecided = Vec::with_capacity(round.undecided.len());
        for ((index, draft), seen) in std::mem::take(&mut round.undecided).into_iter().zip(seen) {
            match seen {
                None => undecided.push((index, draft)),
                Some(seen) if draft.draft.payload_hash.starts_with(&seen.payload) => {
                    // The id follows from what was said.
                    round.decide(index, Reported::Duplicate(draft.draft.invocation));
                }
                Some(seen) => round.decide(index, Reported::Conflict(self.first(seen.locator).await?)),
            }
        }
        round.undecided = undecided;
        Ok(checked)
    }

    /// Asks the history without keeping calls waiting.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn History) -> Result<T, HistoryUnavailable> + Send + 'static,
    ) -> Result<T, HistoryUnavailable> {
        if self.history.is_in_memory() {
            return question(self.history.as_ref());
        }
        let history = Arc::clone(&self.history);
        spawn_blocking(move || question(history.as_ref())).await.map_err(|_| HistoryUnavailable)?
    }

    async fn first(&self, locator: Locator) -> Result<InvocationId, HistoryUnavailable> {
        self.recorded(locator).await.map(|record| record.invocation).map_err(|_| HistoryUnavailable)
    }

    /// Takes the counters of closed periods back that reports are about.
    async fn restore_closed(&self, round: &Round) -> Result<(), HistoryUnavailable> {
        for (_, draft) in &round.undecided {
            let missing = self.meters().missing(draft.agreement, draft.used_at);
            if let Some(missing) = missing {
                self.restore(draft.agreement, draft.used_at, missing).await?;
            }
        }
        Ok(())
    }

    async fn restore(
        &self,
        agreement: AgreementId,
        used_at: Timestamp,
        missing: Missing,
    ) -> Result<(), HistoryUnavailable> {
        let deadline = tokio::time::Instant::now().checked_add(HISTORY_TIME_MAX);
        loop {
            let closed = move |history: &dyn History| {
                let reaches = history.cursor() >= missing.recorded;
                if reaches { history.closed_period(agreement, used_at) } else { Ok(None) }
            };
            if let Some(closed) = self.ask(closed).await? {
                let restored = self.meters().restore(agreement, missing, closed.period, closed.usage);
                return restored.map_err(|_| HistoryUnavailable);
            }
            if deadline.is_none_or(|deadline| tokio::time::Instant::now() >= deadline) {
                return Err(HistoryUnavailable);
            }
            tokio::time::sleep(HISTORY_PAUSE).await;
        }
    }
}

const fn told(invocation: InvocationId, same: bool) -> Reported {
    if same { Reported::Duplicate(invocation) } else { Reported::Conflict(invocation) }
}

/// Takes the answers over; whether some have to wait until a period is closed.
fn take_answers(round: &mut Round, answers: Vec<ReportAnswer>) -> bool {
    let mut closing = false;
    for ((index, draft), answer) in std::mem::take(&mut round.undecided).into_iter().zip(answers) {
        match answer {
            ReportAnswer::Recorded(invocation) => round.decide(index, Reported::Accepted(invocation)),
            ReportAnswer::Known { invocation, same } => round.decide(index, told(invocation, same)),
            ReportAnswer::Refused(Refusal::Closing) => {
                closing = true;
                round.undecided.push((index, draft));
            }
            ReportAnswer::Refused(Refusal::NotAtHand) => round.undecided.push((index, draft)),
            ReportAnswer::Refused(refusal) => round.decide(index, Reported::Rejected(refusal.into())),
            ReportAnswer::NotRecorded => round.decide(index, Reported::Rejected(NotReported::NotRecorded)),
        }
    }
    closing
}
