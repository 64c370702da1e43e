//! The platform, wired: from a data directory to a `Platform` that answers, and back to a clean stop.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use catalog::published::health;
use eventlog::checkpoints::Checkpoints;
use eventlog::clock::{Clock, SystemClock};
use eventlog::cursor::SqliteCursors;
use eventlog::execute::Cause;
use eventlog::incarnation::{self, Incarnation};
use eventlog::port::EventLog;
use eventlog::progress::{self, Progress, Stop, Stopper, stopper};
use eventlog::project::{Projection, run_projection};
use eventlog::react::run_reaction;
use eventlog::sessions::Sessions;
use eventlog::vault::Vault;
use gateway::auth::password::Passwords;
use gateway::auth::token::Tokens;
use gateway::blobs::Blobs;
use gateway::feed::Feed;
use gateway::platform::Platform;
use gateway::preview::Previews;
use gateway::sandbox::Sandbox;
use gateway::signer::Signer;
use gateway::upkeep::Upkeep;
use invocation::follower::Follower;
use invocation::ownership;
use invocation::service::{Limits, Parts, Service, fresh_uuid};
use jiff::Timestamp;
use kernel::event::Position;
use metering::published::owner::Taken;
use providers::upstreams::{Options as UpstreamOptions, Upstreams};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use views::store::Views;

use crate::bootstrap::define_catalog;
use crate::closer::Closer;
use crate::history::ViewsHistory;
use crate::log::{LogUrl, OpenLog, is_here};
use crate::paths::{DataDirectory, kept, random_hex};
use crate::policies::Settlement;
use crate::prober::Prober;
use crate::recorder;
use crate::sweeper::Sweeper;

/// The host by which listings name the built-in reference provider, whatever port it got.
pub const REFERENCE_HOST: &str = "reference.localhost";
/// How long the views may take to reach the end of a long log before the platform is ready.
const CATCH_UP: Duration = Duration::from_mins(10);
/// Passwords hashed at once: each takes 19 MiB.
const PASSWORDS_AT_ONCE: usize = 2;
/// Logos made at once: each takes up to 64 MiB.
const LOGOS_AT_ONCE: usize = 2;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two looks for sessions that ended elsewhere.
const HEEDED_EVERY: Duration = Duration::from_secs(1);
const RESPONSE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What an operator decides at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where backups are made; in the data directory unless given.
    pub backups: Option<PathBuf>,
    /// Whether to start the built-in reference provider.
    pub reference_provider: bool,
    /// Whether listings may be called on loopback and private addresses.
    pub allow_private_networks: bool,
    /// How long a provider may take.
    pub call_deadline: Duration,
    /// Where the log is, unless it is in the data directory.
    pub log: Option<LogUrl>,
    /// The most bytes the log may grow to.
    pub log_bytes_max: Option<u64>,
    /// After this the probe of a listing on the market is repeated.
    pub probe_interval: Duration,
}

/// A platform that runs.
pub struct Runtime {
    /// What the door stands before.
    pub platform: Arc<Platform>,
    /// The log, to be closed last.
    log: OpenLog,
    reference: Option<reference_provider::Running>,
    stopper: Stopper,
    /// What writes the views and the index of keys.
    projections: JoinSet<()>,
}

impl Runtime {
    /// Opens the log, brings views and hot state up to it, takes the meter, and starts what runs beside the door.
    pub async fn start(data: &DataDirectory, settings: &Settings) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let started_at = clock.now();
        let log = OpenLog::open(data.path(), settings.log.as_ref(), settings.log_bytes_max).await;
        let log = log.context("the platform cannot start")?;
        let shared = Arc::clone(&log.shared);
        let vault = Arc::new(Vault::open(data.path()).context("keys.db cannot be opened")?);
        let (stopper, stop) = stopper();
        compare_clocks(shared.as_ref(), started_at).await?;
        let incarnation = begin_log(shared.as_ref(), clock.as_ref()).await?;
        let mut projections = JoinSet::new();
        let (views, projection) = views::store::open(data.path(), incarnation).context("the views cannot be opened")?;
        let viewed = start_projection(&mut projections, &shared, projection, &stop);
        let (seen, projection) =
            views::seen::open(data.path(), incarnation).context("the index of keys cannot be opened")?;
        let indexed = start_projection(&mut projections, &shared, projection, &stop);
        let covered = covered(data.path(), settings, incarnation)?;
        reaches(&shared, [views.cursor()?, seen.cursor(), covered]).await?;
        caught_up(&viewed, "the views").await?;
        caught_up(&indexed, "the index of keys").await?;
        let defined = define_catalog(shared.as_ref(), &views, clock.as_ref()).await.context("the catalog")?;
        tracing::info!(defined, "catalog is complete");
        reach_head(&shared, &viewed, "the views").await?;
        let reference = start_reference(settings).await?;
        let upstreams = upstreams(settings, reference.as_ref())?;
        let previews = Previews::new(upstreams.clone());
        let history = Arc::new(ViewsHistory { views: views.clone(), seen: seen.clone() });
        let (service, followed) =
            start_service(data, settings, &shared, &clock, (&history, &viewed), upstreams, stop.clone()).await?;
        // Reports are told from those known only once all that are known are in the index.
        reach_head(&shared, &indexed, "the index of keys").await?;
        let settlement = start_settlement(data.path(), incarnation, &shared, &clock, &stop)?;
        caught_up(&settlement, "the settlement policy").await?;
        start_closer(&service, &views, &shared, &clock, settings, stop.clone());
        start_prober(&service, &views, &shared, &clock, settings, stop.clone());
        tokio::spawn(recorder::run(Arc::clone(&service), stop.clone()));
        let sessions = Arc::new(Sessions::open(data.path()).context("sessions.db cannot be opened")?);
        tokio::spawn(heed_others(Arc::clone(&sessions), stop.clone()));
        let blobs = Blobs::new(data.path());
        start_sweeper(&blobs, &views, &shared, &clock, stop.clone());
        let signer = start_signer(data.path(), &vault, &views, &clock, stop.clone())?;
        let signing = vault.secret("session-signing").context("the signing seed")?;
        let visitors = vault.secret("visitors").context("the secret of the sandbox")?;
        let platform = Platform {
            operator_token_sha256: operator_token(data, &views)?,
            tokens: Arc::new(Tokens::new(&signing).context("the signing key")?),
            sandbox: Sandbox::new(*visitors),
            passwords: Passwords::new(PASSWORDS_AT_ONCE).context("password hashing")?,
            followers: vec![("views", viewed), ("hot_state", followed)],
            indexed,
            feed: Feed::start(Arc::clone(&shared), stop.clone()),
            sessions,
            vitals: log.vitals.clone(),
            started_at,
            blobs,
            previews,
            logos: Semaphore::new(LOGOS_AT_ONCE),
            upkeep: upkeep(data, settings, &shared, &views, &clock),
            log: shared,
            vault,
            signer,
            views,
            seen,
            settlement,
            service,
            clock,
        };
        Ok(Self { platform: Arc::new(platform), log, reference, stopper, projections })
    }

    /// Where the built-in reference provider listens, if it was started.
    pub fn reference_address(&self) -> Option<SocketAddr> {
        self.reference.as_ref().map(|running| running.address)
    }

    /// Lets calls in flight finish, then stops everything beside the door and closes the log.
    pub async fn stop(mut self, patience: Duration) {
        if !self.platform.service.drain(patience).await {
            tracing::warn!("calls were still under way when their time was over");
        }
        recorder::record(&self.platform.service).await;
        self.stopper.stop();
        // Another runtime may write to their files as soon as this one is gone.
        while self.projections.join_next().await.is_some() {}
        if let Some(reference) = self.reference {
            reference.stop().await;
        }
        self.log.close().await;
    }
}

fn upkeep(
    data: &DataDirectory,
    settings: &Settings,
    log: &Arc<dyn EventLog>,
    views: &Views,
    clock: &Arc<dyn Clock>,
) -> Upkeep {
    let backups = settings.backups.clone().unwrap_or_else(|| data.backups());
    let backups = is_here(settings.log.as_ref()).then_some(backups.as_path());
    Upkeep::new(data.path(), backups, Arc::clone(log), views.clone(), Arc::clone(clock))
}

/// The limits of the path of a call.
fn limits(settings: &Settings) -> Limits {
    Limits { deadline: settings.call_deadline, ..Limits::default() }
}

/// Says so where the log has events of the future. Nothing is lost by it and no period is opened again, but until the
/// clock has caught up, what happens is dated before what came before.
async fn compare_clocks(log: &dyn EventLog, now: Timestamp) -> Result<()> {
    let Some(head) = log.head().await.context("the end of the log")? else { return Ok(()) };
    let last = log.event_at(head).await.context("the last event of the log")?;
    if let Some(event) = last.filter(|event| event.occurred_at > now) {
        tracing::warn!(last_event = %event.occurred_at, %now, "the clock is behind the log: it was set back");
    }
    Ok(())
}

/// The log's name; a new log gets one.
async fn begin_log(log: &dyn EventLog, clock: &dyn Clock) -> Result<Incarnation> {
    let cause = platform_cause("platform", clock)?;
    incarnation::begun(log, &cause).await.context("the log cannot be named")
}

/// The cause of what the platform does of its own accord.
pub fn platform_cause(actor: &str, clock: &dyn Clock) -> Result<Cause> {
    let now = clock.now();
    let id = fresh_uuid(now).context("the system gives no randomness")?;
    Ok(Cause { id, correlation: id, actor: actor.to_owned(), now })
}

fn start_projection(
    running: &mut JoinSet<()>,
    log: &Arc<dyn EventLog>,
    projection: impl Projection,
    stop: &Stop,
) -> Progress {
    let (report, progress) = progress::channel();
    running.spawn(run_projection(Arc::clone(log), projection, report, stop.clone()));
    progress
}

/// The last event that a checkpoint covers, where an event's place in the tree is its position.
fn covered(directory: &Path, settings: &Settings, incarnation: Incarnation) -> Result<Option<Position>> {
    if !is_here(settings.log.as_ref()) {
        return Ok(None);
    }
    let covered = Checkpoints::covered(directory, &incarnation.origin()).context("checkpoints.db cannot be read")?;
    Ok((covered > 0).then_some(Position(covered)))
}

/// Refuses a log that ends before what is known of it here: a database that was restored still has the old name, and
/// damage in the last transaction of a write-ahead log reads as a torn write.
async fn reaches(log: &Arc<dyn EventLog>, known: [Option<Position>; 3]) -> Result<()> {
    let head = log.head().await?;
    let known = known.into_iter().max().flatten();
    ensure!(
        known <= head,
        "the log ends at {}, and {} of it are known here: what was acknowledged is missing at its end. Restore a backup; \
         where it was restored by programs of its database, `tallystick restore --log` lets it go on",
        head.map_or(0, |position| position.0),
        known.map_or(0, |position| position.0),
    );
    Ok(())
}

async fn caught_up(progress: &Progress, what: &str) -> Result<()> {
    if progress.caught_up(CATCH_UP).await {
        return Ok(());
    }
    let standing = progress.standing();
    anyhow::bail!("{what} did not reach the end of the log: {standing:?}")
}

/// Waits until a follower has everything that is in the log now.
async fn reach_head(log: &Arc<dyn EventLog>, progress: &Progress, what: &str) -> Result<()> {
    if let Some(head) = log.head().await? {
        ensure!(progress.reached(head, CATCH_UP).await, "{what} did not reach the end of the log");
    }
    Ok(())
}

async fn start_reference(settings: &Settings) -> Result<Option<reference_provider::Running>> {
    if !settings.reference_provider {
        return Ok(None);
    }
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Some(reference_provider::start(loopback).await.context("the reference provider cannot start")?))
}

fn upstreams(settings: &Settings, reference: Option<&reference_provider::Running>) -> Result<Upstreams> {
    let hosts: HashMap<String, SocketAddr> =
        reference.map(|running| (REFERENCE_HOST.to_owned(), running.address)).into_iter().collect();
    let options = UpstreamOptions {
        connect_timeout: CONNECT_TIMEOUT,
        response_bytes_max: RESPONSE_BYTES_MAX,
        allow_private_networks: settings.allow_private_networks,
        hosts,
    };
    Upstreams::new(options).context("the HTTP client cannot be made")
}

async fn start_service(
    data: &DataDirectory,
    settings: &Settings,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
    (history, viewed): (&Arc<ViewsHistory>, &Progress),
    upstreams: Upstreams,
    stop: Stop,
) -> Result<(Arc<Service>, Progress)> {
    let taken = take_meter(log.as_ref(), clock.as_ref(), data.node()?).await?;
    // The counters are those of everything that was recorded before the seals.
    reach_head(log, viewed, "the views").await?;
    let follower = Follower::load(log.as_ref(), history.as_ref()).await.context("the hot state cannot be loaded")?;
    let parts = Parts {
        log: Arc::clone(log),
        clock: Arc::clone(clock),
        upstreams,
        history: Arc::<ViewsHistory>::clone(history),
        market: follower.market(),
        meters: follower.meters(),
        stream: taken.usage_stream()?,
        health_stream: health::stream(&taken.node, taken.epoch)?,
        owner: taken,
        limits: limits(settings),
    };
    let (report, progress) = progress::channel();
    tokio::spawn(run_projection(Arc::clone(log), follower, report, stop));
    Ok((Service::start(parts), progress))
}

/// Takes the next epoch and seals those before it: from here on only this node may admit usage.
async fn take_meter(log: &dyn EventLog, clock: &dyn Clock, node: String) -> Result<Taken> {
    let cause = platform_cause(&format!("platform:{node}"), clock)?;
    let taken = ownership::take(log, node, &cause).await.context("the meter cannot be taken")?;
    tracing::info!(node = taken.node, epoch = taken.epoch, "this node owns the meter");
    Ok(taken)
}

fn start_settlement(
    directory: &Path,
    incarnation: Incarnation,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<Progress> {
    let cursors = Arc::new(SqliteCursors::open(directory, incarnation).context("cursors.db cannot be opened")?);
    let reaction = Arc::new(Settlement::new(Arc::clone(log), Arc::clone(clock)));
    let (report, progress) = progress::channel();
    tokio::spawn(run_reaction(Arc::clone(log), reaction, cursors, report, stop.clone()));
    Ok(progress)
}

/// Signs for this history of the log; its key is made at the first start.
fn start_signer(
    directory: &Path,
    vault: &Vault,
    views: &Views,
    clock: &Arc<dyn Clock>,
    stop: Stop,
) -> Result<Arc<Signer>> {
    let checkpoints = Checkpoints::open(directory).context("checkpoints.db cannot be opened")?;
    let origin = views.incarnation().origin();
    let signer = Signer::open(vault, checkpoints, views.clone(), Arc::clone(clock), origin);
    let signer = Arc::new(signer.context("the signer of checkpoints")?);
    tokio::spawn(Arc::clone(&signer).run(stop));
    Ok(signer)
}

fn start_closer(
    service: &Arc<Service>,
    views: &Views,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
    settings: &Settings,
    stop: Stop,
) {
    let closer = Closer {
        service: Arc::clone(service),
        views: views.clone(),
        log: Arc::clone(log),
        clock: Arc::clone(clock),
        limits: limits(settings),
    };
    tokio::spawn(closer.run(stop));
}

fn start_prober(
    service: &Arc<Service>,
    views: &Views,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
    settings: &Settings,
    stop: Stop,
) {
    let prober = Prober {
        service: Arc::clone(service),
        views: views.clone(),
        log: Arc::clone(log),
        clock: Arc::clone(clock),
        interval: settings.probe_interval,
    };
    tokio::spawn(prober.run(stop));
}

fn start_sweeper(blobs: &Blobs, views: &Views, log: &Arc<dyn EventLog>, clock: &Arc<dyn Clock>, stop: Stop) {
    let (blobs, views, log, clock) = (blobs.clone(), views.clone(), Arc::clone(log), Arc::clone(clock));
    tokio::spawn(Sweeper { blobs, views, log, clock }.run(stop));
}

/// Looks for sessions that an erasure beside this process has ended, until asked to stop.
async fn heed_others(sessions: Arc<Sessions>, mut stop: Stop) {
    while stop.or(tokio::time::sleep(HEEDED_EVERY)).await.is_some() {
        let sessions = Arc::clone(&sessions);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || sessions.heed_others()).await {
            tracing::warn!(%error, "sessions that ended elsewhere are not known");
        }
    }
}

/// While nobody operates the platform, whoever holds the token may: made once, kept in the data directory.
fn operator_token(data: &DataDirectory, views: &Views) -> Result<Option<[u8; 32]>> {
    if views.operator()?.is_some() {
        return Ok(None);
    }
    let path = data.operator_token();
    let token = kept(&path, || Ok(format!("tso_{}", random_hex(32)?)))?;
    tracing::info!(path = %path.display(), "nobody operates this platform yet: sign up with the token in this file");
    Ok(Some(Sha256::digest(token.as_bytes()).into()))
}
