//! The usage history as the path of a call asks for it, answered by the views.

use invocation::fingerprint::Fingerprint;
use invocation::usage::{ClosedPeriod, History, HistoryUnavailable, Locator, OpenPeriod, Seen};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::PeriodUsage;
use views::seen::SeenKeys;
use views::store::Views;

/// The views and the index of keys, asked for usage.
pub struct ViewsHistory {
    /// What was used.
    pub views: Views,
    /// By which key.
    pub seen: SeenKeys,
}

impl History for ViewsHistory {
    fn cursor(&self) -> Option<Position> {
        self.views.cursor().ok().flatten()
    }

    fn keys_cursor(&self) -> Option<Position> {
        self.seen.cursor()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        let periods = self.views.open_periods().map_err(|fault| unavailable(&fault))?;
        Ok(periods.into_iter().map(open_period).collect())
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        self.views.period_usage(agreement, start).map_err(|fault| unavailable(&fault))
    }

    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let closed = self.views.closed_period(agreement, at).map_err(|fault| unavailable(&fault))?;
        Ok(closed.map(|closed| ClosedPeriod { period: closed.period, usage: closed.usage }))
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        let seen = self.seen.seen(key).map_err(|error| unavailable(&error))?;
        Ok(seen.map(|seen| {
            let locator = Locator { position: seen.position, index: seen.ordinal };
            Seen { locator, payload: seen.payload }
        }))
    }
}

fn open_period(period: views::usage::OpenPeriod) -> OpenPeriod {
    let views::usage::OpenPeriod { agreement, period_start, latest, usage } = period;
    OpenPeriod { agreement, start: period_start, latest, usage }
}

fn unavailable(fault: &(dyn std::error::Error + 'static)) -> HistoryUnavailable {
    tracing::error!(error = fault, "the usage history could not be read");
    HistoryUnavailable
}
