//! `/metrics` in Prometheus text, and the counting of every request.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::Next;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, HttpResponse, Responder};
use metrics::{counter, histogram};
use metrics_exporter_prometheus::PrometheusHandle;

/// Serves `/metrics`. Nothing in there names a tenant.
pub fn routes(config: &mut ServiceConfig, handle: Data<PrometheusHandle>) {
    config.service(web::resource("/metrics").app_data(handle).route(web::get().to(render)));
}

async fn render(handle: Data<PrometheusHandle>) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(handle.render())
}

/// Middleware: counts requests by resource and status, and how long they took.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let response = next.call(request).await?;
    let resource = response.request().match_pattern().unwrap_or_else(|| "page".to_owned());
    let status = response.status().as_u16().to_string();
    counter!("http_requests_total", "resource" => resource.clone(), "status" => status).increment(1);
    histogram!("http_request_seconds", "resource" => resource).record(started.elapsed().as_secs_f64());
    Ok(response)
}
