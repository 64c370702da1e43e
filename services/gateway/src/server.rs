//! Binds the door, health, metrics and pages to a socket.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use async_graphql::Executor;
use eventlog::progress::Stopper;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::blobs::{self, Blobs};
use crate::graphql::schema::Schema;
use crate::health::{self, Probe};
use crate::ingest::{self, Recorder};
use crate::pages::{self, Pages};
use crate::telemetry;
use crate::transport::handler::{self, Door};

/// Everything that is served.
pub struct Site<E> {
    /// GraphQL.
    pub door: Door<E>,
    /// Health.
    pub probe: Arc<dyn Probe>,
    /// Metrics.
    pub metrics: PrometheusHandle,
    /// The pages.
    pub pages: Arc<Pages>,
    /// Kept files.
    pub blobs: Blobs,
    /// Records what sellers report.
    pub recorder: Arc<dyn Recorder>,
}

impl<E> Clone for Site<E>
where
    E: Clone,
{
    fn clone(&self) -> Self {
        Self {
            door: self.door.clone(),
            probe: self.probe.clone(),
            metrics: self.metrics.clone(),
            pages: self.pages.clone(),
            blobs: self.blobs.clone(),
            recorder: Arc::clone(&self.recorder),
        }
    }
}

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Threads that serve, at least one.
    pub workers: usize,
    /// How long requests in flight may take after a graceful stop was asked for, in seconds.
    pub drain_seconds: u64,
}

/// Serves on a bound socket. The future runs until its handle stops it; `Server::handle().stop(true)` lets requests in
/// flight finish first. Signals are the caller's business.
fn serve<E: Executor>(listener: TcpListener, site: Site<E>, settings: Settings) -> io::Result<Server> {
    let shared = Shared::new(site);
    let server = HttpServer::new(move || {
        App::new().wrap(secure_headers()).wrap(from_fn(telemetry::count)).configure(shared.clone().routes())
    });
    let server = server.workers(settings.workers.max(1)).shutdown_timeout(settings.drain_seconds).disable_signals();
    Ok(server.listen(listener)?.run())
}

/// A server that runs until it is stopped.
pub struct Serving {
    handle: ServerHandle,
    sockets: Arc<Stopper>,
}

impl Serving {
    /// Serves on a bound socket, in a task of its own.
    ///
    /// Not generic, so that the whole API is compiled once, here, and not again in the binary.
    pub fn start(listener: TcpListener, site: Site<Schema>, settings: Settings) -> io::Result<Self> {
        let sockets = site.door.stopper();
        let server = serve(listener, site, settings)?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { handle, sockets })
    }

    /// Hangs up on the connections that stay; requests are taken as before.
    pub fn hang_up(&self) {
        self.sockets.stop();
    }

    /// Takes no new connections and lets requests in flight finish.
    pub async fn stop(self) {
        self.hang_up();
        self.handle.stop(true).await;
    }
}

/// What all worker threads share.
pub struct Shared<E> {
    door: Data<Door<E>>,
    probe: Data<Arc<dyn Probe>>,
    metrics: Data<PrometheusHandle>,
    pages: Data<Pages>,
    blobs: Data<Blobs>,
    recorder: Data<Arc<dyn Recorder>>,
}

impl<E> Clone for Shared<E> {
    fn clone(&self) -> Self {
        Self {
            door: self.door.clone(),
            probe: self.probe.clone(),
            metrics: self.metrics.clone(),
            pages: self.pages.clone(),
            blobs: self.blobs.clone(),
            recorder: self.recorder.clone(),
        }
    }
}

impl<E: Executor> Shared<E> {
    /// Shares a site.
    pub fn new(site: Site<E>) -> Self {
        Self {
            door: Data::new(site.door),
            probe: Data::new(site.probe),
            metrics: Data::new(site.metrics),
            pages: Data::from(site.pages),
            blobs: Data::new(site.blobs),
            recorder: Data::new(site.recorder),
        }
    }

    /// All resources, for `App::configure`.
    pub fn routes(self) -> impl FnOnce(&mut ServiceConfig) {
        move |config| {
            ingest::route(config, self.door.clone(), self.recorder);
            handler::route(config, self.door);
            health::routes(config, self.probe);
            telemetry::routes(config, self.metrics);
            blobs::routes(config, self.blobs);
            pages::routes(config, self.pages);
        }
    }
}

/// Set on every answer.
pub fn secure_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", pages::CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
}
