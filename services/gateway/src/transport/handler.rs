//! The `/graphql` resource: method, media types, credentials, body, guard, execution, answer – in this order.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Executor;

use super::limits::Limits;
use super::negotiate::{self, Media};
use super::refusal::Refusal;
use super::{answer, body, request};
use crate::auth::authenticator::{Authenticator, Caller};

/// Where GraphQL is served.
pub const PATH: &str = "/graphql";

/// Everything the resource needs.
#[derive(Clone)]
pub struct Door<E> {
    /// What executes requests: the schema.
    pub executor: E,
    /// Who callers are.
    pub authenticator: Arc<Authenticator>,
    /// The bounds.
    pub limits: Limits,
}

/// Serves the door at [`PATH`].
pub fn route<E: Executor>(config: &mut ServiceConfig, door: Data<Door<E>>) {
    config.service(web::resource(PATH).app_data(door).default_service(web::route().to(serve::<E>)));
}

async fn serve<E: Executor>(request: HttpRequest, payload: Payload, door: Data<Door<E>>) -> HttpResponse {
    let Some(media) = negotiate::answer(header_text(&request, &header::ACCEPT)) else {
        return answer::of_refusal(Refusal::NotAcceptable, Media::Json);
    };
    match admit(&request, payload, &door).await {
        Ok(admitted) => answer::of_response(door.executor.execute(admitted).await, media),
        Err(refusal) => answer::of_refusal(refusal, media),
    }
}

async fn admit<E>(request: &HttpRequest, payload: Payload, door: &Door<E>) -> Result<async_graphql::Request, Refusal> {
    if request.method() != Method::POST {
        return Err(Refusal::MethodNotAllowed);
    }
    if !has_plain_json(request) {
        return Err(Refusal::UnsupportedMediaType);
    }
    let caller = identify(request, &door.authenticator)?;
    let body = body::collect(request, payload, &door.limits).await?;
    Ok(request::admit(&body, &door.limits)?.data(caller))
}

fn has_plain_json(request: &HttpRequest) -> bool {
    let plain = header_text(request, &header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    plain && header_text(request, &header::CONTENT_TYPE).is_some_and(negotiate::is_json)
}

/// Without an `Authorization` header the caller is anonymous; with one it must be good.
fn identify(request: &HttpRequest, authenticator: &Authenticator) -> Result<Caller, Refusal> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(Caller(None)) };
    let single = values.next().is_none();
    let text = value.to_str().ok().filter(|_| single).ok_or(Refusal::InvalidCredentials)?;
    let actor = authenticator.authenticate(text).map_err(|_| Refusal::InvalidCredentials)?;
    Ok(Caller(Some(actor)))
}

fn header_text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
