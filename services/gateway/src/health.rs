//! `/health/live`: the process answers. `/health/ready`: it can do its work.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use async_trait::async_trait;
use serde::Serialize;

/// What the work needs, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// The event log answers, and this node owns its meter.
    pub log_answers: bool,
    /// Positions of the log, as it was when asked, that the views did not reach within a second; absent where a view has
    /// stopped. What a position counts, events or bytes, is the log's affair: any that are missing are too many.
    pub views_lag: Option<u64>,
    /// The built-in reference provider answers, or is not configured.
    pub reference_provider: bool,
}

impl Readiness {
    /// Whether requests should be sent here.
    pub fn is_ready(&self) -> bool {
        self.log_answers && self.reference_provider && self.views_lag == Some(0)
    }
}

/// Finds out how things stand.
#[async_trait]
pub trait Probe: Send + Sync + 'static {
    /// As things are now; within seconds, for it is asked every few.
    async fn readiness(&self) -> Readiness;
}

/// Serves both resources.
pub fn routes(config: &mut ServiceConfig, probe: Data<Arc<dyn Probe>>) {
    config.service(web::resource("/health/live").route(web::get().to(live)));
    config.service(web::resource("/health/ready").app_data(probe).route(web::get().to(ready)));
}

async fn live() -> impl Responder {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({"live": true}))
}

#[derive(Serialize)]
struct Report {
    ready: bool,
    #[serde(flatten)]
    parts: Readiness,
}

async fn ready(probe: Data<Arc<dyn Probe>>) -> impl Responder {
    let parts = probe.readiness().await;
    let report = Report { ready: parts.is_ready(), parts };
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .json(report)
}
