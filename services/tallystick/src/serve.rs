//! `tallystick serve`: the runtime behind the door, until a signal.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use eventlog::progress::Standing;
use gateway::auth::authenticator::Authenticator;
use gateway::graphql::schema::{Mode, Schema};
use gateway::health::{Probe, Readiness};
use gateway::pages::Pages;
use gateway::platform::Platform;
use gateway::server::{Serving, Settings as DoorSettings, Site};
use gateway::socket::SocketLimits;
use gateway::transport::address::TrustedProxies;
use gateway::transport::documents::Documents;
use gateway::transport::handler::{Door, Settings as Kept};
use gateway::transport::limiter::{Rate, Rates};
use gateway::transport::limits::Limits;
use kernel::event::Position;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;
use views::seen::SeenKeys;

use crate::cli::{Market, Serve};
use crate::paths::DataDirectory;
use crate::runtime::{Runtime, Settings};
use crate::seed;

/// How long a health check waits for the log, for the views and for the reference provider.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a runtime ended that nothing was wrong with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It was told to stop.
    Told,
    /// The index of keys is damaged: the next runtime fills it anew from the log.
    IndexDamaged,
}

/// Runs the platform until it is told to stop, or another node takes the meter.
pub async fn run(options: Serve) -> Result<()> {
    // Listened for from the start: a stop asked for while starting is carried out once that is over.
    let mut stops = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let listener = bind(&options)?;
    let data = DataDirectory::prepare(&options.data.data)?;
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics cannot be recorded")?;
    tokio::spawn(keep_metrics_small(metrics.clone()));
    let begin = async || {
        let runtime = Runtime::start(&data, &settings(&options)).await?;
        let door = open_door(listener.try_clone()?, &runtime, metrics.clone(), &options)?;
        anyhow::Ok((runtime, door))
    };
    let (mut runtime, mut door) = begin().await?;
    let url = format!("http://{}", listener.local_addr()?);
    let is_empty = runtime.platform.operator_token_sha256.is_some();
    match options.seed {
        Some(Market::Demo) if is_empty || seed::is_begun(&data) => {
            seed::demo(&data, &url).await.context("the demo market")?;
        }
        Some(Market::Demo) => tracing::warn!("the platform is not empty: the demo market is not made on it"),
        None => {}
    }
    println!(r#"{{"ready":true,"url":"{url}","graphql":"{url}/graphql"}}"#);
    while live(runtime, door, &mut stops, &options).await? == Ended::IndexDamaged {
        tracing::warn!("starting anew; meanwhile whoever connects has to wait");
        (runtime, door) = begin().await?;
    }
    Ok(())
}

/// Lets a platform run, and stops all of it.
async fn live(runtime: Runtime, door: Serving, stops: &mut [Signal; 2], options: &Serve) -> Result<Ended> {
    let ended = until_stopped(&runtime, stops).await;
    tracing::info!("stopping: calls in flight are finished first");
    door.hang_up();
    runtime.stop(options.drain).await;
    door.stop().await;
    ended
}

/// Another node has taken the meter, so this one stopped.
#[derive(Debug)]
pub struct Overtaken;

impl std::fmt::Display for Overtaken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("another node has taken the meter of this log, so this one has stopped")
    }
}

impl std::error::Error for Overtaken {}

fn bind(options: &Serve) -> Result<TcpListener> {
    let listener = TcpListener::bind(options.listen);
    listener.with_context(|| format!("{} cannot be listened on", options.listen))
}

fn settings(options: &Serve) -> Settings {
    Settings {
        backups: options.backups.clone(),
        reference_provider: !options.without_reference_provider,
        allow_private_networks: options.allow_private_networks,
        call_deadline: options.call_deadline,
        log: options.data.log.clone(),
        log_bytes_max: options.log_bytes_max,
        probe_interval: options.probe_interval,
    }
}

fn open_door(listener: TcpListener, runtime: &Runtime, metrics: PrometheusHandle, options: &Serve) -> Result<Serving> {
    let platform = &runtime.platform;
    let mode = if options.production { Mode::Production } else { Mode::Open };
    let authenticator =
        Authenticator::new(Arc::<Platform>::clone(platform), Arc::clone(&platform.tokens), Arc::clone(&platform.clock));
    let limits = Limits::default();
    let kept = Kept {
        limits,
        rates: rates(options),
        socket_limits: SocketLimits {
            connections_per_address_max: options.connections_per_address,
            ..SocketLimits::default()
        },
        trusted_only: options.trusted_only,
        proxies: TrustedProxies(options.trusted_proxy.clone()),
    };
    let documents = Documents::built_in(&limits).context("the documents of the pages")?;
    let door = Door::open(Schema::new(Arc::clone(platform), mode), authenticator, documents, kept);
    let probe = Arc::new(PlatformProbe { platform: Arc::clone(platform), reference: runtime.reference_address() });
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings =
        DoorSettings { workers: options.workers.map_or(cores, usize::from), drain_seconds: options.drain.as_secs() };
    let pages = Arc::new(Pages::new(Arc::clone(platform), options.public_url.clone()));
    let recorder = Arc::<Platform>::clone(platform);
    let site = Site { door, probe, metrics, pages, blobs: platform.blobs.clone(), recorder };
    Serving::start(listener, site, settings).context("the door cannot be opened")
}

fn rates(options: &Serve) -> Rates {
    Rates {
        address: Rate::of(options.requests_per_address),
        member: Rate::of(options.requests_per_member),
        api_key: Rate::of(options.requests_per_key),
    }
}

/// Waits for a signal, or for what makes it impossible to go on.
async fn until_stopped(runtime: &Runtime, [terminate, interrupt]: &mut [Signal; 2]) -> Result<Ended> {
    let mut standing = runtime.platform.service.standing();
    tokio::select! {
        _ = terminate.recv() => Ok(Ended::Told),
        _ = interrupt.recv() => Ok(Ended::Told),
        Ok(_) = standing.wait_for(|standing| standing.fenced) => Err(Overtaken.into()),
        () = damage(&runtime.platform.seen) => Ok(Ended::IndexDamaged),
    }
}

/// Waits until the index of keys is found damaged.
async fn damage(seen: &SeenKeys) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    while !seen.is_damaged() {
        seconds.tick().await;
    }
}

/// Histograms keep samples until they are rendered or tidied.
async fn keep_metrics_small(metrics: PrometheusHandle) {
    let mut intervals = tokio::time::interval(Duration::from_secs(5));
    loop {
        intervals.tick().await;
        metrics.run_upkeep();
    }
}

/// Looks at log, views and reference provider.
struct PlatformProbe {
    platform: Arc<Platform>,
    reference: Option<SocketAddr>,
}

#[async_trait]
impl Probe for PlatformProbe {
    async fn readiness(&self) -> Readiness {
        let head = tokio::time::timeout(PROBE_TIMEOUT, self.platform.log.head()).await.ok().and_then(Result::ok);
        let views_lag = match head {
            Some(Some(head)) => self.lag(head).await,
            Some(None) => Some(0),
            None => None,
        };
        let standing = *self.platform.service.standing().borrow();
        let log_answers = head.is_some() && !standing.fenced;
        Readiness { log_answers, views_lag, reference_provider: self.reference_answers().await }
    }
}

impl PlatformProbe {
    /// Whether the built-in reference provider takes connections; nothing is missing where it was not started.
    async fn reference_answers(&self) -> bool {
        let Some(address) = self.reference else { return true };
        let connected = tokio::time::timeout(PROBE_TIMEOUT, TcpStream::connect(address)).await;
        matches!(connected, Ok(Ok(_)))
    }

    /// How far the slowest follower stays behind a position that the log has; none where one has stopped.
    async fn lag(&self, head: Position) -> Option<u64> {
        let Platform { followers, indexed, .. } = self.platform.as_ref();
        let deadline = Instant::now() + PROBE_TIMEOUT;
        let mut slowest = 0;
        for progress in followers.iter().map(|(_, progress)| progress).chain([indexed]) {
            progress.reached(head, deadline.saturating_duration_since(Instant::now())).await;
            let Standing { position, parked, .. } = progress.standing();
            if parked.is_some() {
                return None;
            }
            slowest = head.0.saturating_sub(position.map_or(0, |position| position.0)).max(slowest);
        }
        Some(slowest)
    }
}
