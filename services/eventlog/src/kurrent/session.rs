//! Connections to the server, each given up at the first doubt and made anew.
//!
//! The client (1.2) remembers the node it chose: after that node is gone it keeps asking it, and once a search for a
//! node has failed it is closed for good. Its background task and its connections live on the runtime it was made on,
//! so each session has a small one of its own, which ends with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kurrentdb::{Client, ClientSettings};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};

use crate::port::StorageFault;

/// How long finding a node may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// After a search in vain nobody searches again for this long, doubled each time …
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// … up to this.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A client with a node.
pub(super) struct Session {
    client: Client,
    _background: Background,
}

impl Session {
    /// The client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

/// Where the client's background work runs; ends without waiting for it.
struct Background(Option<Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The session in use, if any.
pub(super) struct Sessions {
    settings: ClientSettings,
    current: Mutex<Option<Arc<Session>>>,
    /// Held by the one who searches.
    search: tokio::sync::Mutex<Search>,
}

/// When to search again, after searches in vain.
struct Search {
    not_before: Option<Instant>,
    pause: Duration,
}

impl Sessions {
    pub(super) fn new(settings: ClientSettings) -> Self {
        let search = tokio::sync::Mutex::new(Search { not_before: None, pause: PAUSE_MIN });
        Self { settings, current: Mutex::default(), search }
    }

    /// The session in use, or a new one. Takes at most twice [`CONNECT_TIME_MAX`], with those who search before.
    pub(super) async fn get(&self) -> Result<Arc<Session>, StorageFault> {
        if let Some(session) = self.current().clone() {
            return Ok(session);
        }
        let mut search = timeout(CONNECT_TIME_MAX, self.search.lock()).await.map_err(|_| StorageFault::Unreachable)?;
        if let Some(session) = self.current().clone() {
            return Ok(session);
        }
        if search.not_before.is_some_and(|instant| Instant::now() < instant) {
            return Err(StorageFault::Unreachable);
        }
        let opened = open(self.settings.clone()).await;
        search.note(opened.is_ok());
        let session = Arc::new(opened?);
        *self.current() = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Gives a session up: whoever comes next gets another.
    pub(super) fn retire(&self, session: &Arc<Session>) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, session)) {
            *current = None;
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Session>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Search {
    fn note(&mut self, found: bool) {
        if found {
            *self = Self { not_before: None, pause: PAUSE_MIN };
            return;
        }
        self.not_before = Some(Instant::now() + self.pause);
        self.pause = self.pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

/// Makes a client and waits until it has found a node.
async fn open(settings: ClientSettings) -> Result<Session, StorageFault> {
    let made = tokio::task::spawn_blocking(move || make(settings)).await;
    let session = made.map_err(|_| StorageFault::Refused)??;
    match timeout(CONNECT_TIME_MAX, session.client.server_info()).await {
        Ok(Ok(info)) => {
            tracing::info!(version = %info.version(), "connected to KurrentDB");
            Ok(session)
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "no node of KurrentDB was found");
            Err(StorageFault::Unreachable)
        }
        Err(_) => {
            tracing::warn!("no node of KurrentDB was found in time");
            Err(StorageFault::Unreachable)
        }
    }
}

/// Reads certificates from disk: blocks.
fn make(settings: ClientSettings) -> Result<Session, StorageFault> {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("kurrentdb").enable_all().build();
    let runtime = runtime.map_err(|error| {
        tracing::error!(%error, "a thread for KurrentDB cannot be started");
        StorageFault::Refused
    })?;
    let client = Client::with_runtime_handle(runtime.handle().clone(), settings);
    let background = Background(Some(runtime));
    let client = client.map_err(|error| {
        tracing::error!(%error, "the client of KurrentDB cannot be made");
        StorageFault::Refused
    })?;
    Ok(Session { client, _background: background })
}
