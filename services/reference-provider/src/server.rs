//! The HTTP door: `GET /v1` lists the capabilities, `POST /v1/<slug>` answers one call.
//! Work runs off the network threads, a bounded number at a time, and each call has a deadline.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BodyLimitExceeded, BoxBody};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, error::Elapsed, timeout, timeout_at};

use crate::registry;
use crate::{Code, Refusal};

/// The largest request body, in bytes: an image of 4 MiB in base64 with room for its fields.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;
/// The time one call may take from its last byte to its answer.
const CALL_TIME_MAX: Duration = Duration::from_secs(20);
/// The time a client may take to send its body.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Network threads; also how many calls are worked on at once.
const WORKERS: usize = 2;
/// Open connections per network thread.
const CONNECTIONS_PER_WORKER_MAX: usize = 512;

/// The service could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address could not be bound.
    #[error("could not bind the reference provider's address")]
    Bind(#[source] io::Error),
    /// The server bound no address.
    #[error("the reference provider has no address")]
    NoAddress,
}

/// A running service; dropping it leaves the service running, [`Running::stop`] ends it.
#[derive(Debug)]
pub struct Running {
    /// Where it listens, with the port that was really bound.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Stops accepting, lets calls in flight finish, and waits for the end.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the reference provider ended with an error"),
            Err(error) => tracing::warn!(%error, "the reference provider's task failed"),
        }
    }
}

/// How much work is taken on, and for how long.
#[derive(Debug, Clone)]
struct Limits {
    slots: Arc<Semaphore>,
    call_time_max: Duration,
}

impl Limits {
    fn new(slots: usize, call_time_max: Duration) -> Self {
        Self { slots: Arc::new(Semaphore::new(slots)), call_time_max }
    }
}

/// Binds `address` (port 0 picks a free one) and serves until [`Running::stop`].
///
/// Must be called within a tokio or actix runtime. Installs no signal handlers.
///
/// # Errors
/// When the address cannot be bound.
pub async fn start(address: SocketAddr) -> Result<Running, StartError> {
    serve(address, Limits::new(WORKERS, CALL_TIME_MAX))
}

fn serve(address: SocketAddr, limits: Limits) -> Result<Running, StartError> {
    let state = web::Data::new(limits);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route("/v1", web::get().to(list))
            .route("/v1/{slug}", web::post().to(call))
            .default_service(web::to(nothing_here))
    })
    .workers(WORKERS)
    .worker_max_blocking_threads(WORKERS)
    .max_connections(CONNECTIONS_PER_WORKER_MAX)
    .disable_signals()
    .bind(address)
    .map_err(StartError::Bind)?;
    let address = server.addrs().first().copied().ok_or(StartError::NoAddress)?;
    let server = server.run();
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server) })
}

async fn list() -> HttpResponse {
    let slugs: Vec<&str> = registry::contracts().map(|contract| contract.slug).collect();
    HttpResponse::Ok().json(json!({ "capabilities": slugs }))
}

async fn nothing_here() -> HttpResponse {
    refused(&Refusal::new(Code::UnknownCapability, "Calls are POST /v1/<capability>; GET /v1 lists them."))
}

async fn call(slug: web::Path<String>, payload: web::Payload, limits: web::Data<Limits>) -> HttpResponse {
    match answer_within(slug.into_inner(), payload, &limits).await {
        Ok(output) => HttpResponse::Ok().json(output),
        Err(refusal) => refused(&refusal),
    }
}

async fn answer_within(slug: String, payload: web::Payload, limits: &Limits) -> Result<Value, Refusal> {
    let input = read(payload).await?;
    let deadline = Instant::now() + limits.call_time_max;
    let slot = timeout_at(deadline, limits.slots.clone().acquire_owned()).await;
    let slot = slot.map_err(late)?.map_err(closed)?;
    timeout_at(deadline, work(slug, input, slot)).await.map_err(late)?
}

/// Runs the call on a blocking thread. The slot goes with it, so that work which outlives its
/// deadline still counts against the limit until it is done.
async fn work(slug: String, input: Value, slot: OwnedSemaphorePermit) -> Result<Value, Refusal> {
    let answered = web::block(move || {
        let answered = registry::answer(&slug, &input);
        drop(slot);
        answered
    });
    answered.await.unwrap_or_else(|_| {
        tracing::error!("a capability stopped without an answer");
        Err(Refusal::new(Code::Internal, "The service failed on this input."))
    })
}

async fn read(payload: web::Payload) -> Result<Value, Refusal> {
    let body = timeout(UPLOAD_TIME_MAX, payload.to_bytes_limited(BODY_BYTES_MAX)).await;
    let body = body.map_err(late)?.map_err(|BodyLimitExceeded { .. }| too_large())?;
    let body = body.map_err(|_| invalid("The body could not be read."))?;
    serde_json::from_slice(&body).map_err(|error| invalid(&format!("The body is not JSON: {error}.")))
}

fn late(_: Elapsed) -> Refusal {
    Refusal::new(Code::DeadlineExceeded, "The call was not answered within its time limit.")
}

fn closed(_: AcquireError) -> Refusal {
    Refusal::new(Code::Internal, "The service is stopping.")
}

fn too_large() -> Refusal {
    Refusal::new(Code::TooLarge, format!("The body is larger than {BODY_BYTES_MAX} bytes."))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(Code::InvalidInput, message).at("")
}

fn refused(refusal: &Refusal) -> HttpResponse<BoxBody> {
    let mut error = json!({ "code": refusal.code.as_str(), "message": refusal.message });
    if let (Some(pointer), Some(fields)) = (&refusal.pointer, error.as_object_mut()) {
        fields.insert("pointer".to_owned(), json!(pointer));
    }
    HttpResponse::build(status(refusal.code)).json(json!({ "error": error }))
}

const fn status(code: Code) -> StatusCode {
    match code {
        Code::UnknownCapability => StatusCode::NOT_FOUND,
        Code::InvalidInput => StatusCode::BAD_REQUEST,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::UnsupportedLanguage
        | Code::LanguageUndetermined
        | Code::UnreadableImage
        | Code::ImageTooLarge
        | Code::NotEnoughData
        | Code::TooMuchWork
        | Code::Inconsistent
        | Code::Infeasible => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
