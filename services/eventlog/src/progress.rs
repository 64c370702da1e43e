//! How far a projection or a reaction has come, who waits for it, and how it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use kernel::event::Position;
use tokio::sync::watch;

/// The error of a view's or a handler's own making.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why something stopped for good. A person has to look at it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parked before position {position:?}: {reason}")]
pub struct Parked {
    /// The event it stopped before; `None` when no event is to blame.
    pub position: Option<Position>,
    /// What the failed step said. For operators: it is never shown to a caller.
    pub reason: String,
}

impl Parked {
    pub(crate) fn at(position: Option<Position>, error: &(dyn std::error::Error + 'static)) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let reason = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        Self { position, reason }
    }
}

/// Where something stands in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Everything at or before is done.
    pub position: Option<Position>,
    /// Whether the end of the log had been reached when this was reported.
    pub caught_up: bool,
    /// Set once it has stopped for good.
    pub parked: Option<Parked>,
}

/// Makes the two ends of a report: one for the runner, one for those who wait.
pub fn channel() -> (Reporter, Progress) {
    let (sender, receiver) = watch::channel(Standing::default());
    (Reporter(Arc::new(sender)), Progress(receiver))
}

/// The runner's end.
#[derive(Clone, Debug)]
pub struct Reporter(Arc<watch::Sender<Standing>>);

impl Reporter {
    pub(crate) fn reached(&self, position: Option<Position>, caught_up: bool) {
        self.0.send_if_modified(|standing| {
            let moved = standing.position < position || standing.caught_up != caught_up;
            standing.position = standing.position.max(position);
            standing.caught_up = caught_up;
            moved
        });
    }

    /// Further along within a batch.
    pub(crate) fn advance(&self, position: Position) {
        self.0.send_modify(|standing| standing.position = standing.position.max(Some(position)));
    }

    pub(crate) fn park(&self, parked: Parked) {
        tracing::error!(position = ?parked.position, reason = %parked.reason, "parked");
        self.0.send_modify(|standing| standing.parked = Some(parked));
    }
}

/// The end of those who wait.
#[derive(Clone, Debug)]
pub struct Progress(watch::Receiver<Standing>);

impl Progress {
    /// Where it stands now.
    pub fn standing(&self) -> Standing {
        self.0.borrow().clone()
    }

    /// Waits until everything at or before `position` is done: how a writer reads what it wrote.
    /// `false` when that took longer than `timeout`, or will not happen.
    pub async fn reached(&self, position: Position, timeout: Duration) -> bool {
        self.settled(timeout, |standing| standing.position >= Some(position)).await
    }

    /// Waits until the end of the log was reached once. `false` as for [`Progress::reached`].
    pub async fn caught_up(&self, timeout: Duration) -> bool {
        self.settled(timeout, |standing| standing.caught_up).await
    }

    async fn settled(&self, timeout: Duration, done: impl Fn(&Standing) -> bool) -> bool {
        let mut standings = self.0.clone();
        let wait = standings.wait_for(|standing| done(standing) || standing.parked.is_some());
        match tokio::time::timeout(timeout, wait).await {
            Ok(Ok(standing)) => done(&standing),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

/// Asks runners to stop; dropping it asks too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Heard by a runner between two batches.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Makes a way to stop any number of runners.
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// The future's output, or `None` when asked to stop first.
    pub async fn or<F: Future>(&mut self, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            _ = self.0.wait_for(|stop| *stop) => None,
            output = future => Some(output),
        }
    }
}

/// Pauses that double from 50 ms up to 5 s.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

impl Default for Backoff {
    fn default() -> Self {
        Self(PAUSE_MIN)
    }
}

impl Backoff {
    /// Waits, longer each time. `None` when asked to stop meanwhile.
    pub(crate) async fn pause(&mut self, stop: &mut Stop) -> Option<()> {
        let pause = self.0;
        self.0 = pause.saturating_mul(2).min(PAUSE_MAX);
        stop.or(tokio::time::sleep(pause)).await
    }
}
