//! `POST /v1/events`: CloudEvents 1.0 over HTTP, for usage that happened outside of the gateway.
//!
//! Structured, binary and batched; every event has a result of its own, in its order. A large batch can be answered
//! while it is being sent, line by line. What is answered is durable; sending it again changes nothing.

pub mod answer;
pub mod event;
pub mod mode;
pub mod refusal;
pub mod split;
pub mod stream;

use std::sync::Arc;

use accounts::published::actor::{Actor, Scope};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_trait::async_trait;
use invocation::report::{REPORTS_MAX, Report, Reported, Turned};

use crate::platform::Platform;
use crate::transport::body;
use crate::transport::handler::{Door, identify};
use crate::transport::limits::Limits;

use self::answer::{Outcome, Verdict};
use self::event::NoReport;
use self::mode::Mode;
use self::refusal::Refusal;
use self::split::Splitter;

/// Where events are reported.
pub const PATH: &str = "/v1/events";
/// Bytes of a body that is answered at once.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Events of a body that is answered at once.
pub const EVENTS_MAX: usize = 5_000;

/// Records reports.
#[async_trait]
pub trait Recorder: Send + Sync + 'static {
    /// Says what became of each, in their order, once that is durable.
    async fn report(&self, actor: &Actor, reports: Vec<Report>) -> Result<Vec<Reported>, Turned>;
}

#[async_trait]
impl Recorder for Platform {
    async fn report(&self, actor: &Actor, reports: Vec<Report>) -> Result<Vec<Reported>, Turned> {
        self.service.report(actor, reports).await
    }
}

/// Serves [`PATH`].
pub fn route<E: 'static>(config: &mut ServiceConfig, door: Data<Door<E>>, recorder: Data<Arc<dyn Recorder>>) {
    let resource = web::resource(PATH).app_data(door).app_data(recorder);
    config.service(resource.default_service(web::route().to(serve::<E>)));
}

async fn serve<E: 'static>(
    request: HttpRequest,
    payload: Payload,
    door: Data<Door<E>>,
    recorder: Data<Arc<dyn Recorder>>,
) -> HttpResponse {
    let (actor, mode) = match admit(&request, &door) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.response(),
    };
    let recorder = Arc::clone(recorder.get_ref());
    if mode == Mode::Batch && mode::wants_lines(&request) {
        return stream::answer(payload, recorder, actor);
    }
    match at_once(&request, payload, &mode, recorder.as_ref(), &actor).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    }
}

fn admit<E>(request: &HttpRequest, door: &Door<E>) -> Result<(Actor, Mode), Refusal> {
    if request.method() != actix_web::http::Method::POST {
        return Err(Refusal::MethodNotAllowed);
    }
    let address = door.address(request);
    let identified = identify(request, &door.authenticator);
    door.count(identified.as_ref().ok().and_then(Option::as_ref), address)?;
    let actor = identified?.ok_or(Refusal::Unauthenticated)?.actor;
    actor.require(Scope::UsageReport)?;
    Ok((actor, mode::of(request)?))
}

/// Reads the whole body, and answers it as a whole.
async fn at_once(
    request: &HttpRequest,
    payload: Payload,
    mode: &Mode,
    recorder: &dyn Recorder,
    actor: &Actor,
) -> Result<HttpResponse, Refusal> {
    let limits = Limits { body_bytes_max: BODY_BYTES_MAX, ..Limits::DEFAULT };
    let body = body::collect(request, payload, &limits).await?;
    if *mode != Mode::Batch {
        let report = mode::single(request, mode, &body).and_then(|event| event.report(actor.organization));
        let verdicts = decide(recorder, actor, vec![report]).await?;
        return verdicts.first().map(answer::single).ok_or(Refusal::Busy);
    }
    let mut reports = Vec::new();
    let mut splitter = Splitter::default();
    splitter.read(&body, |element| {
        // One too many is enough to be refused.
        if reports.len() <= EVENTS_MAX {
            reports.push(element.and_then(|range| read(body.get(range).unwrap_or_default(), actor)));
        }
    })?;
    splitter.end()?;
    if reports.len() > EVENTS_MAX {
        return Err(Refusal::TooManyEvents);
    }
    Ok(answer::batch(&decide_all(recorder, actor, reports).await?))
}

/// Reads one event of a batch.
pub fn read(element: &[u8], actor: &Actor) -> Result<Report, NoReport> {
    event::parse(element)?.report(actor.organization)
}

/// Decides a batch in parts. Where there is no room for the first part nothing is decided; later it is for the rest to
/// be reported again.
async fn decide_all(
    recorder: &dyn Recorder,
    actor: &Actor,
    reports: Vec<Result<Report, NoReport>>,
) -> Result<Vec<Verdict>, Refusal> {
    let total = reports.len();
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(total);
    let mut reports = reports.into_iter();
    loop {
        let part: Vec<_> = reports.by_ref().take(REPORTS_MAX).collect();
        if part.is_empty() {
            return Ok(verdicts);
        }
        match decide(recorder, actor, part).await {
            Ok(decided) => verdicts.extend(decided),
            Err(refusal) if verdicts.is_empty() => return Err(refusal),
            Err(_) => {
                verdicts.resize(total, Verdict::NOT_RECORDED);
                return Ok(verdicts);
            }
        }
    }
}

/// Decides at most [`REPORTS_MAX`] events: one that is no report never drops its neighbours.
pub async fn decide(
    recorder: &dyn Recorder,
    actor: &Actor,
    events: Vec<Result<Report, NoReport>>,
) -> Result<Vec<Verdict>, Refusal> {
    let mut verdicts = Vec::with_capacity(events.len());
    let mut reports = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Ok(report) => {
                verdicts.push(None);
                reports.push(report);
            }
            Err(rejection) => verdicts.push(Some(Verdict::from(rejection))),
        }
    }
    let mut reported = if reports.is_empty() { Vec::new() } else { recorder.report(actor, reports).await? }.into_iter();
    let mut next = || reported.next().map_or(Verdict::NOT_RECORDED, |reported| Verdict(Outcome::Reported(reported)));
    Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(&mut next)).collect())
}
