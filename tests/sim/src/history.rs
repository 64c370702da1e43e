//! The usage history that a node asks, but for what a twin forgets: in memory, or the real views and the real index of
//! keys. It is fed on the simulator's one thread, where projections would leave it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use eventlog::incarnation::Incarnation;
use eventlog::model::ModelLog;
use eventlog::port::{EventLog, PAGE_EVENTS_MAX};
use eventlog::project::Projection;
use invocation::fingerprint::Fingerprint;
use invocation::memory::LogHistory;
use invocation::usage::{ClosedPeriod, History, HistoryUnavailable, OpenPeriod, Seen};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use metering::published::usage::{PeriodUsage, Split};
use uuid::Uuid;
use views::projection::ViewsProjection;
use views::seen::SeenProjection;

use crate::audit::{Audit, ensure};
use crate::twin::Twin;
use crate::views_history::ViewsHistory;

/// Keys that the index has in memory: few, so that it writes, merges and reads runs.
const MEMORY_KEYS_MAX: usize = 12;

/// A usage history.
pub struct SimHistory {
    source: Source,
    twin: Option<Twin>,
}

enum Source {
    Memory(LogHistory),
    Disk(Box<Disk>),
}

struct Disk {
    history: ViewsHistory,
    views: Mutex<Fed<ViewsProjection>>,
    keys: Mutex<Fed<SeenProjection>>,
}

/// A projection, and how far it has been fed.
struct Fed<P> {
    projection: P,
    after: Option<Position>,
}

impl SimHistory {
    /// One in memory that knows nothing yet.
    pub fn in_memory(twin: Option<Twin>) -> Self {
        Self { source: Source::Memory(LogHistory::default()), twin }
    }

    /// The real one, which knows what its files say.
    pub fn on_disk(directory: &Path, twin: Option<Twin>) -> Result<Self, String> {
        let incarnation = Incarnation(Uuid::from_u128(1));
        let (views, projection) = views::store::open(directory, incarnation).map_err(|error| error.to_string())?;
        let (seen, index) = views::seen::open(directory, incarnation).map_err(|error| error.to_string())?;
        let index = index.with_memory(MEMORY_KEYS_MAX);
        let (views_fed, mut keys_fed) = (Fed::new(projection)?, Fed::new(index)?);
        if twin == Some(Twin::IndexAhead) {
            keys_fed.after = keys_fed.after.max(views_fed.after);
        }
        let history = ViewsHistory { views, seen };
        let disk = Disk { history, views: Mutex::new(views_fed), keys: Mutex::new(keys_fed) };
        Ok(Self { source: Source::Disk(Box::new(disk)), twin })
    }

    fn source(&self) -> &dyn History {
        match &self.source {
            Source::Memory(history) => history,
            Source::Disk(disk) => &disk.history,
        }
    }

    /// Takes in all that the log has gained.
    pub async fn catch_up(&self, log: &ModelLog) -> Result<(), String> {
        while !self.follow_sums(log, PAGE_EVENTS_MAX).await? {}
        while !self.follow_keys(log, PAGE_EVENTS_MAX).await? {}
        Ok(())
    }

    /// Takes in usage that the log has gained, of so many events at the most where it is on a disk; says whether that
    /// was all.
    pub async fn follow_sums(&self, log: &ModelLog, max: usize) -> Result<bool, String> {
        match &self.source {
            Source::Memory(history) => history.catch_up_sums(log).await,
            Source::Disk(disk) => return follow(&disk.views, log, max).await,
        }
        Ok(true)
    }

    /// As [`Self::follow_sums`] does, keys.
    pub async fn follow_keys(&self, log: &ModelLog, max: usize) -> Result<bool, String> {
        match &self.source {
            Source::Memory(history) => history.catch_up_keys(log).await,
            Source::Disk(disk) => return follow(&disk.keys, log, max).await,
        }
        Ok(true)
    }

    /// Once it has caught up, it answers as a history in memory does.
    pub(crate) fn compare(&self, other: &LogHistory, audit: &Audit) -> Result<(), String> {
        let history = self.source();
        same(&open_periods(history), &open_periods(other))?;
        for agreement in audit.agreements.keys() {
            for start in audit.usage.billed(*agreement) {
                let told = |history: &dyn History| history.period_usage(*agreement, start).map(used);
                same(&told(history), &told(other))?;
            }
        }
        for drafted in audit.drafts.values() {
            let told = |history: &dyn History| {
                let closed = history.closed_period(drafted.agreement, drafted.period.start)?;
                Ok::<_, HistoryUnavailable>(closed.map(|closed| (closed.period, used(closed.usage))))
            };
            same(&told(history), &told(other))?;
        }
        audit.keys.keys().try_for_each(|key| same(&history.seen(key), &other.seen(key)))
    }
}

/// In the order of agreements, and of time.
fn open_periods(history: &dyn History) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
    let mut open = history.open_periods()?;
    open.sort_by_key(|period| (period.agreement, period.start));
    Ok(open.into_iter().map(|period| OpenPeriod { usage: used(period.usage), ..period }).collect())
}

/// Without the meters of which nothing was used: the views name them.
fn used(mut usage: PeriodUsage) -> PeriodUsage {
    usage.meters.retain(|of| of.split != Split::default());
    usage.late.retain(|of| of.split != Split::default());
    usage
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), String> {
    ensure(found == expected, || format!("the history says {found:?}, the log {expected:?}"))
}

impl<P: Projection> Fed<P> {
    fn new(projection: P) -> Result<Self, String> {
        let after = projection.cursor().map_err(|error| error.to_string())?;
        Ok(Self { projection, after })
    }
}

async fn follow<P: Projection>(fed: &Mutex<Fed<P>>, log: &ModelLog, max: usize) -> Result<bool, String> {
    let fed = || fed.lock().unwrap_or_else(PoisonError::into_inner);
    let (after, filter) = {
        let fed = fed();
        (fed.after, fed.projection.filter())
    };
    let page = log.read_log(after, &filter, max).await.map_err(|error| error.to_string())?;
    if let Some(next) = page.next {
        let mut fed = fed();
        fed.projection.apply(&page.events, next).map_err(|error| format!("{error:?}"))?;
        fed.after = Some(next);
    }
    Ok(page.end)
}

impl History for SimHistory {
    fn is_in_memory(&self) -> bool {
        true
    }

    fn cursor(&self) -> Option<Position> {
        self.source().cursor()
    }

    fn keys_cursor(&self) -> Option<Position> {
        self.source().keys_cursor()
    }

    fn open_periods(&self) -> Result<Vec<OpenPeriod>, HistoryUnavailable> {
        if self.twin == Some(Twin::UsageForgotten) {
            return Ok(Vec::new());
        }
        self.source().open_periods()
    }

    fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, HistoryUnavailable> {
        self.source().period_usage(agreement, start)
    }

    fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, HistoryUnavailable> {
        let mut closed = self.source().closed_period(agreement, at)?;
        if let Some(closed) = closed.as_mut().filter(|_| self.twin == Some(Twin::LateForgotten)) {
            closed.usage.late.clear();
        }
        Ok(closed)
    }

    fn seen(&self, key: &Fingerprint) -> Result<Option<Seen>, HistoryUnavailable> {
        if self.twin == Some(Twin::KeysForgotten) {
            return Ok(None);
        }
        self.source().seen(key)
    }
}
