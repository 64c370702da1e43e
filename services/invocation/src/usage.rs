//! What the service must learn about usage recorded before it started, or no longer in memory.

use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::period::Period;
use metering::published::usage::PeriodUsage;

use crate::fingerprint::Fingerprint;

/// Where a usage record is: its batch, and its index in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The batch's position in the log.
    pub position: Position,
    /// The record's index in the batch.
    pub index: u32,
}

/// A record as its key leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where it is.
    pub locator: Locator,
    /// The first bytes of the fingerprint of what it says.
    pub payload: [u8; 8],
}

/// What an agreement used in a period that has not been closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// The agreement.
    pub agreement: AgreementId,
    /// Where the period starts.
    pub start: Timestamp,
    /// The latest admission in it.
    pub latest: Timestamp,
    /// What was used.
    pub usage: PeriodUsage,
}

/// A closed period, and what was used in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// The period.
    pub period: Period,
    /// What is on its invoice, and what was reported later.
    pub usage: PeriodUsage,
}

/// Why the history could not be asked. The caller's program log has the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the usage history could not be read")]
pub struct HistoryUnavailable;

/// Usage as the views have it. Every answer covers at least the log up to the cursor.
pub trait History: Send + Sync + 'static {
    /// Whether nothing is waited for when it is asked. Otherwise many questions at once go to a thread that may wait.
    fn is_in_memory(&self) -> bool {
        false
    }

    /// Up to where the answers reach, but for those of [`History::seen`].
    fn cursor(&self) -> Option<Position>;

    /// Up to where those of [`History::seen`] reach.
    fn keys_cursor(&self) -> Option<Position>;

    /// What was used in every period that has not been closed.
    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable>;

    /// What is on the invoice of an agreement's period that starts at `start`.
    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable>;

    /// The agreement's closed period that holds an instant, if there is one.
    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable>;

    /// Where the call or report with this key is recorded, if it is.
    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable>;
}
