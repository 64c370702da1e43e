//! The `/graphql` resource: method, media types, credentials, body, guard, execution, answer – in this order.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Executor;

use super::address::{ClientAddress, TrustedProxies};
use super::limits::Limits;
use super::negotiate::{self, Media};
use super::refusal::Refusal;
use super::{answer, body, request};
use crate::auth::authenticator::{Authenticator, Caller, Identity, Proof};
use crate::auth::refresh::{self, Token};
use crate::auth::visit::Visit;

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
    /// Whose word on where a request comes from is believed.
    pub proxies: TrustedProxies,
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
    let identity = identify(request, &door.authenticator)?;
    let visit = visit(request, identity.as_ref(), &door.proxies)?;
    let caller = Caller(identity.map(|identity| identity.actor));
    let body = body::collect(request, payload, &door.limits).await?;
    Ok(request::admit(&body, &door.limits)?.data(caller).data(visit))
}

fn has_plain_json(request: &HttpRequest) -> bool {
    let plain = header_text(request, &header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    plain && header_text(request, &header::CONTENT_TYPE).is_some_and(negotiate::is_json)
}

/// Without an `Authorization` header the caller is anonymous; with one it must be good.
fn identify(request: &HttpRequest, authenticator: &Authenticator) -> Result<Option<Identity>, Refusal> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    let single = values.next().is_none();
    let text = value.to_str().ok().filter(|_| single).ok_or(Refusal::InvalidCredentials)?;
    authenticator.authenticate(text).map(Some).map_err(|_| Refusal::InvalidCredentials)
}

/// How the request came. One that carries the cookie comes from our own pages.
fn visit(request: &HttpRequest, identity: Option<&Identity>, proxies: &TrustedProxies) -> Result<Visit, Refusal> {
    let refresh = Token::presented(request.headers());
    if refresh.is_some() && refresh::is_cross_site(request.headers()) {
        return Err(Refusal::CrossSite);
    }
    let session = identity.and_then(|identity| match identity.proof {
        Proof::Session(session, _) => Some(session.id),
        Proof::ApiKey(_) => None,
    });
    let address = ClientAddress::of(request, proxies);
    Ok(Visit { address, refresh, is_secure: refresh::is_secure(header_text(request, &header::HOST)), session })
}

fn header_text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
