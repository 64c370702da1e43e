//! What the service must learn about usage recorded before it started, or no longer in memory.

use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
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

/// What an agreement used in a period that has not been closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// The agreement.
    pub agreement: AgreementId,
    /// Where the period starts.
    pub start: Timestamp,
    /// What was used.
    pub usage: PeriodUsage,
}

/// Why the history could not be asked. The caller's program log has the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the usage history could not be read")]
pub struct HistoryUnavailable;

/// Usage as the views have it. Every answer covers at least the log up to [`History::cursor`].
pub trait History: Send + Sync + 'static {
    /// Up to where the answers reach.
    fn cursor(&self) -> Option<Position>;

    /// What was used in every period that has not been closed.
    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable>;

    /// What an agreement used in the period that starts at `start`.
    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable>;

    /// Where the call with this key is recorded, if it is.
    fn seen(&self, key: &Fingerprint) -> Result<Option<Locator>, HistoryUnavailable>;
}
