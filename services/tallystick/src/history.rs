//! The usage history as the path of a call asks for it, answered by the views.

use invocation::fingerprint::Fingerprint;
use invocation::usage::{History, HistoryUnavailable, Locator, OpenPeriod};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::PeriodUsage;
use views::store::{Fault, Views};

/// The views, asked for usage.
pub struct ViewsHistory(pub Views);

impl History for ViewsHistory {
    fn cursor(&self) -> Option<Position> {
        self.0.cursor().ok().flatten()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        let periods = self.0.open_periods().map_err(|fault| unavailable(&fault))?;
        Ok(periods.into_iter().map(open_period).collect())
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        self.0.period_usage(agreement, start).map_err(|fault| unavailable(&fault))
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Locator>, HistoryUnavailable> {
        let seen = self.0.seen(key).map_err(|fault| unavailable(&fault))?;
        Ok(seen.map(|seen| Locator { position: seen.position, index: seen.ordinal }))
    }
}

fn open_period(period: views::usage::OpenPeriod) -> OpenPeriod {
    OpenPeriod { agreement: period.agreement, start: period.period_start, usage: period.usage }
}

fn unavailable(fault: &Fault) -> HistoryUnavailable {
    tracing::error!(error = fault as &dyn std::error::Error, "the usage history could not be read");
    HistoryUnavailable
}
