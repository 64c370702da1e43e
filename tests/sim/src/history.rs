//! The usage history that a node asks: as the log has it, but for what a twin forgets.

use invocation::fingerprint::Fingerprint;
use invocation::memory::LogHistory;
use invocation::usage::{ClosedPeriod, History, HistoryUnavailable, OpenPeriod, Seen};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::PeriodUsage;

use crate::twin::Twin;

/// A usage history in memory.
pub struct SimHistory {
    /// As the log has it.
    pub whole: LogHistory,
    twin: Option<Twin>,
}

impl SimHistory {
    /// One that knows nothing yet.
    pub fn new(twin: Option<Twin>) -> Self {
        Self { whole: LogHistory::default(), twin }
    }
}

impl History for SimHistory {
    fn is_in_memory(&self) -> bool {
        self.whole.is_in_memory()
    }

    fn cursor(&self) -> Option<Position> {
        self.whole.cursor()
    }

    fn keys_cursor(&self) -> Option<Position> {
        self.whole.keys_cursor()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        if self.twin == Some(Twin::UsageForgotten) {
            return Ok(Vec::new());
        }
        self.whole.open_periods()
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        self.whole.period_usage(agreement, start)
    }

    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let mut closed = self.whole.closed_period(agreement, at)?;
        if let Some(closed) = closed.as_mut().filter(|_| self.twin == Some(Twin::LateForgotten)) {
            closed.usage.late.clear();
        }
        Ok(closed)
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        if self.twin == Some(Twin::KeysForgotten) {
            return Ok(None);
        }
        self.whole.seen(key)
    }
}
