//! Closing a period: admission stops for the moment in which its end is recorded, its calls are waited for, and
//! what they used is rated into an invoice.

use std::sync::Arc;
use std::time::Duration;

use agreements::published::agreement::{Accepted, Event as AgreementEvent};
use billing::invoice::{Command, Invoice, Rejection as InvoiceRejection, State};
use billing::published::invoice::invoice_id;
use eventlog::codec;
use eventlog::execute::{Cause, ExecuteError, execute, load, read_all};
use eventlog::port::{AppendError, EventLog, Expected};
use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::StreamName;
use kernel::id::{AgreementId, InvoiceId};
use kernel::period::Period;
use metering::account::Refusal;
use metering::published::usage::PeriodUsage;

use crate::append::append;
use crate::service::Service;

/// Why a period is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotClosed {
    /// The agreement is unknown or all its periods are closed.
    #[error("the agreement has no open period")]
    NoOpenPeriod,
    /// The named period is not the agreement's open one.
    #[error("the agreement's open period starts at {open}")]
    NotTheOpenPeriod {
        /// Where the open one starts.
        open: Timestamp,
    },
    /// Somebody else closes it this moment, or will: the node that has taken the meter.
    #[error("the period is being closed already")]
    UnderWay,
    /// Calls of the period are still under way.
    #[error("calls of the period are still under way")]
    Busy,
    /// The usage left what a period can hold, or the calendar its range.
    #[error("the usage is more than a period can hold and be charged for, or the calendar is out of range")]
    OutOfRange,
}

impl Rejection for NotClosed {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::NoOpenPeriod => "NO_OPEN_PERIOD",
            Self::NotTheOpenPeriod { .. } => "NOT_THE_OPEN_PERIOD",
            Self::UnderWay => "CLOSING_UNDER_WAY",
            Self::Busy => "PERIOD_BUSY",
            Self::OutOfRange => "OUT_OF_RANGE",
        })
    }
}

impl From<Refusal> for NotClosed {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Closing => Self::UnderWay,
            Refusal::NotInForce
            | Refusal::NotCovered
            | Refusal::AllowanceExhausted(_)
            | Refusal::NotAtHand
            | Refusal::TooManyCorrections => Self::NoOpenPeriod,
            Refusal::OutOfRange => Self::OutOfRange,
        }
    }
}

/// Why closing did not come to its end. Asking again with the same period goes on from where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The period cannot be closed, or not yet.
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    /// The invoice could not be recorded.
    #[error(transparent)]
    Invoice(#[from] ExecuteError<InvoiceRejection>),
}

/// How long closing waits for calls under way; those that take longer are waited for when it is asked again.
const PATIENCE: Duration = Duration::from_secs(90);

/// A period about to be closed. Nothing is admitted to its agreement until this is dropped.
struct Closing {
    service: Arc<Service>,
    accepted: Arc<Accepted>,
    period: Period,
}

impl Closing {
    /// Records the end of the period. What is admitted from then on belongs to the next one. On an error the period
    /// is open as before.
    async fn record(self, cause: Cause) -> Result<(), CloseError> {
        let agreement = self.accepted.agreement;
        // The end lies just after the latest admission, which the clock may not have reached.
        let cause = Cause { now: cause.now.max(self.period.end), ..cause.step("draft") };
        // Who has taken the meter admits to the open period, so only it may end that. It may be taken while the draft is
        // on its way: then what the new owner admits until it hears of the end is billed within the period.
        self.service.require_the_meter().await?;
        let end = draft(self.service.log(), &self.accepted, self.period, &cause).await?;
        self.service.meters().closed(agreement, end, cause.now);
        Ok(())
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.service.meters().end_close(self.accepted.agreement);
        self.service.reopened.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// When the agreement ends, as the log has it now: the meter may not have heard of it.
async fn ends_at(
    log: &dyn EventLog,
    agreement: AgreementId,
) -> Result<Option<Timestamp>, ExecuteError<InvoiceRejection>> {
    let facts = read_all::<AgreementEvent>(log, &StreamName::of(&agreement)).await?;
    Ok(facts.into_iter().find_map(|fact| match fact.event {
        AgreementEvent::Accepted(_) => None,
        AgreementEvent::Cancelled(cancelled) => Some(cancelled.ends_at),
    }))
}

/// Drafts the period's invoice unless that has been done; where the period then ends. Unlike [`execute`] it never comes
/// back without knowing: an error says that there is no draft.
async fn draft(
    log: &dyn EventLog,
    accepted: &Accepted,
    period: Period,
    cause: &Cause,
) -> Result<Timestamp, ExecuteError<InvoiceRejection>> {
    let stream = StreamName::of(&invoice_id(accepted.agreement, period.start));
    let ends_at = ends_at(log, accepted.agreement).await?;
    loop {
        let (state, last) = load::<Invoice>(log, &stream).await?;
        if let Some(drafted) = state.drafted() {
            return Ok(drafted.period.end);
        }
        let command = Command::Draft { accepted: Box::new(accepted.clone()), period, ends_at };
        let events = Invoice::decide(&state, command, &Context { now: cause.now }).map_err(ExecuteError::Rejected)?;
        let Some(event) = events.first() else { return Ok(period.end) };
        let id = cause.event_id(&stream, 0);
        let new = codec::to_new(event, id, cause.now, cause.provenance()).map_err(ExecuteError::Encode)?;
        match append(log, &stream, Expected::after(last), new).await {
            Ok(_) => return Ok(period.end),
            // Somebody else drafted it: look again.
            Err(AppendError::Conflict { .. } | AppendError::IdempotencyMismatch) => {}
            Err(AppendError::Invalid(reason)) => return Err(ExecuteError::Invalid(reason)),
            Err(AppendError::Unavailable(fault)) => return Err(ExecuteError::Unavailable(fault)),
            Err(AppendError::Unknown) => return Err(ExecuteError::Unknown),
        }
    }
}

impl Service {
    /// Closes the agreement's period that starts at `start`: records its end, waits for its calls, issues its invoice.
    /// Closing it again changes nothing and names the same invoice. Whoever asked may go away: the end is recorded,
    /// or not, all the same.
    pub async fn close_period(
        self: &Arc<Self>,
        agreement: AgreementId,
        start: Timestamp,
        cause: &Cause,
    ) -> Result<InvoiceId, CloseError> {
        if self.is_fenced() {
            return Err(NotClosed::UnderWay.into());
        }
        let begun = tokio::time::timeout(PATIENCE, self.begin_close_in_turn(agreement, start)).await;
        match begun.unwrap_or(Err(NotClosed::UnderWay)) {
            Ok(closing) => record_end(closing, cause.clone()).await?,
            Err(error @ (NotClosed::NotTheOpenPeriod { .. } | NotClosed::NoOpenPeriod)) => {
                self.require_draft(agreement, start, error).await?;
            }
            Err(error) => return Err(error.into()),
        }
        self.issue(agreement, start, cause).await
    }

    /// Passes where the period has been closed before.
    async fn require_draft(
        &self,
        agreement: AgreementId,
        start: Timestamp,
        otherwise: NotClosed,
    ) -> Result<(), CloseError> {
        let stream = StreamName::of(&invoice_id(agreement, start));
        let (state, _) = load::<Invoice>(self.log(), &stream).await?;
        if state.drafted().is_some() { Ok(()) } else { Err(otherwise.into()) }
    }

    /// Issues the invoice of a closed period once its calls are over; does nothing where it has been issued.
    pub async fn issue(
        &self,
        agreement: AgreementId,
        start: Timestamp,
        cause: &Cause,
    ) -> Result<InvoiceId, CloseError> {
        let invoice = invoice_id(agreement, start);
        let stream = StreamName::of(&invoice);
        let State::Draft(drafted) = load::<Invoice>(self.log(), &stream).await?.0 else {
            return Ok(invoice);
        };
        // Who takes the meter from now on knows of the draft; who took it before has counted what is not known here.
        self.require_the_meter().await?;
        // The log says so; the meter may not have heard of it.
        self.meters().closed(agreement, drafted.period.end, cause.now);
        let usage = self.drained(agreement, start, PATIENCE).await?;
        let accepted = self.market().agreement(agreement).ok_or(NotClosed::NoOpenPeriod)?;
        let command = Command::Issue { accepted: Box::new(Accepted::clone(&accepted)), usage };
        execute::<Invoice>(self.log(), &stream, command, &cause.step("issue")).await?;
        Ok(invoice)
    }

    /// Passes where no other node has taken the meter, as the log has it now.
    async fn require_the_meter(&self) -> Result<(), CloseError> {
        let owned = self.owns_the_meter().await.map_err(ExecuteError::Read)?;
        if owned { Ok(()) } else { Err(NotClosed::UnderWay.into()) }
    }

    /// Begins to close; waits where somebody else does so already.
    async fn begin_close_in_turn(
        self: &Arc<Self>,
        agreement: AgreementId,
        start: Timestamp,
    ) -> Result<Closing, NotClosed> {
        let mut reopened = self.reopened.subscribe();
        loop {
            match self.begin_close(agreement, start) {
                // The sender lives as long as the service.
                Err(NotClosed::UnderWay) => _ = reopened.changed().await,
                begun => return begun,
            }
        }
    }

    /// Begins to close the agreement's open period, now or at the calendar's end where that has passed.
    fn begin_close(self: &Arc<Self>, agreement: AgreementId, start: Timestamp) -> Result<Closing, NotClosed> {
        let accepted = self.market().agreement(agreement).ok_or(NotClosed::NoOpenPeriod)?;
        let mut meters = self.meters();
        let period = meters.closable(agreement, self.now())?;
        if period.start != start {
            return Err(NotClosed::NotTheOpenPeriod { open: period.start });
        }
        meters.begin_close(agreement)?;
        drop(meters);
        Ok(Closing { service: Arc::clone(self), accepted, period })
    }

    /// Waits until every call of the closed period has its outcome; says what was used.
    async fn drained(
        &self,
        agreement: AgreementId,
        start: Timestamp,
        patience: Duration,
    ) -> Result<PeriodUsage, NotClosed> {
        let idle = tokio::time::timeout(patience, self.idle(agreement, start));
        idle.await.unwrap_or(Err(NotClosed::Busy))?;
        let meters = self.meters();
        meters.account(agreement).map(|account| account.usage(start)).ok_or(NotClosed::NoOpenPeriod)
    }

    async fn idle(&self, agreement: AgreementId, start: Timestamp) -> Result<(), NotClosed> {
        let mut batches = self.standing();
        let mut released = self.released.subscribe();
        while self.is_busy(agreement, start) {
            tokio::select! {
                biased;
                // Without its batcher no call comes to an end.
                decided = batches.changed() => decided.map_err(|_| NotClosed::Busy)?,
                // The sender lives as long as the service.
                _ = released.changed() => {}
            }
        }
        Ok(())
    }

    fn is_busy(&self, agreement: AgreementId, start: Timestamp) -> bool {
        self.meters().account(agreement).is_some_and(|account| account.is_busy(start))
    }

    /// Agreements whose open period was to be closed by `instant`, with its start; see
    /// [`metering::account::Account::is_due`].
    pub fn due(&self, instant: Timestamp) -> Vec<(AgreementId, Timestamp)> {
        let meters = self.meters();
        let accounts = meters.accounts().filter_map(|account| {
            account.is_due(instant).ok()?.then_some((account.accepted().agreement, account.opened_at()))
        });
        accounts.collect()
    }
}

/// Records the end of a period in a task of its own, for half a closing would leave open to which period a call
/// belongs.
async fn record_end(closing: Closing, cause: Cause) -> Result<(), CloseError> {
    let recording = tokio::spawn(closing.record(cause));
    match tokio::time::timeout(PATIENCE, recording).await {
        Ok(Ok(recorded)) => recorded,
        // It goes on, or the program is being torn down.
        Ok(Err(_)) | Err(_) => Err(ExecuteError::Unknown.into()),
    }
}
