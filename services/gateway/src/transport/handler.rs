//! The `/graphql` resource: method, media types, credentials, rate, body, guard, execution, answer – in this order.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{Method, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Executor;
use eventlog::progress::{Stop, Stopper, stopper};

use super::address::{ClientAddress, TrustedProxies};
use super::documents::Documents;
use super::limiter::{Asker, Limiter, Rates};
use super::limits::Limits;
use super::negotiate::{self, Media};
use super::refusal::Refusal;
use super::request::{self, Admitted, Rules};
use super::{answer, body};
use crate::auth::authenticator::{Authenticator, Caller, Identity, Proof};
use crate::auth::refresh::{self, Token};
use crate::auth::visit::Visit;
use crate::socket::{self, SocketLimits, places::Places};

/// Where GraphQL is served.
pub const PATH: &str = "/graphql";

/// How the door is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bounds of a request.
    pub limits: Limits,
    /// How often a caller may ask.
    pub rates: Rates,
    /// The bounds of connections that stay.
    pub socket_limits: SocketLimits,
    /// Whether callers without an API key may send trusted documents only.
    pub trusted_only: bool,
    /// Whose word on where a request comes from is believed.
    pub proxies: TrustedProxies,
}

/// Everything the resource needs.
#[derive(Clone)]
pub struct Door<E> {
    /// What executes requests: the schema.
    pub executor: E,
    /// Who callers are.
    pub authenticator: Arc<Authenticator>,
    /// The documents of our own pages.
    pub documents: Documents,
    /// How it is kept.
    pub settings: Settings,
    limiter: Arc<Limiter>,
    /// Of the connections that stay.
    pub places: Places,
    stopper: Arc<Stopper>,
    /// Heard by the connections that stay.
    pub stop: Stop,
}

impl<E> Door<E> {
    /// Opens it.
    pub fn open(executor: E, authenticator: Authenticator, documents: Documents, settings: Settings) -> Self {
        let (stopper, stop) = stopper();
        Self {
            executor,
            authenticator: Arc::new(authenticator),
            documents,
            limiter: Arc::new(Limiter::new(settings.rates)),
            settings,
            places: Places::default(),
            stopper: Arc::new(stopper),
            stop,
        }
    }

    /// What hangs up on the connections that stay.
    pub fn stopper(&self) -> Arc<Stopper> {
        Arc::clone(&self.stopper)
    }

    /// Counts a request against whoever asks.
    pub fn count(&self, identity: Option<&Identity>, address: ClientAddress) -> Result<(), Refusal> {
        Ok(self.limiter.admit(asker(identity, address), Instant::now())?)
    }

    /// Counts an admitted request by what it asks for: each field of a mutation as one.
    pub fn count_fields(&self, admitted: &Admitted, identity: Option<&Identity>, address: ClientAddress) {
        let more = u32::try_from(admitted.mutations).unwrap_or(u32::MAX).saturating_sub(1);
        if more > 0 {
            self.limiter.add(asker(identity, address), more, Instant::now());
        }
    }

    /// What a request of this caller is held against.
    pub fn rules(&self, identity: Option<&Identity>) -> Rules<'_> {
        let is_program = identity.is_some_and(|identity| matches!(identity.proof, Proof::ApiKey(_)));
        let trusted_only = self.settings.trusted_only && !is_program;
        Rules { limits: &self.settings.limits, documents: &self.documents, trusted_only }
    }

    /// Where a request came from.
    pub fn address(&self, request: &HttpRequest) -> ClientAddress {
        ClientAddress::of(request, &self.settings.proxies)
    }
}

fn asker(identity: Option<&Identity>, address: ClientAddress) -> Asker {
    identity.map_or(Asker::Address(address), |identity| Asker::Principal(identity.actor.principal))
}

/// Serves the door at [`PATH`].
pub fn route<E: Executor>(config: &mut ServiceConfig, door: Data<Door<E>>) {
    config.service(web::resource(PATH).app_data(door).default_service(web::route().to(serve::<E>)));
}

async fn serve<E: Executor>(request: HttpRequest, payload: Payload, door: Data<Door<E>>) -> HttpResponse {
    if socket::is_asked_for(&request) {
        let accepted = socket::accept(&request, payload, door);
        return accepted.unwrap_or_else(|refusal| answer::of_refusal(refusal, Media::Json));
    }
    let Some(media) = negotiate::answer(header_text(&request, &header::ACCEPT)) else {
        return answer::of_refusal(Refusal::NotAcceptable, Media::Json);
    };
    match admit(&request, payload, &door).await {
        Ok(admitted) => answer::of_response(door.executor.execute(admitted).await, media),
        Err(refusal) => answer::of_refusal(refusal, media),
    }
}

async fn admit<E>(request: &HttpRequest, payload: Payload, door: &Door<E>) -> Result<async_graphql::Request, Refusal> {
    let reads = request.method() == Method::GET;
    if !reads && request.method() != Method::POST {
        return Err(Refusal::MethodNotAllowed);
    }
    if !reads && !has_plain_json(request) {
        return Err(Refusal::UnsupportedMediaType);
    }
    let address = door.address(request);
    let identified = identify(request, &door.authenticator);
    door.count(identified.as_ref().ok().and_then(Option::as_ref), address)?;
    let identity = identified?;
    let visit = visit(request, address, identity.as_ref())?;
    let rules = door.rules(identity.as_ref());
    let admitted = if reads {
        request::admit_address(request.query_string(), &rules)?
    } else {
        request::admit(&body::collect(request, payload, rules.limits).await?, &rules)?
    };
    door.count_fields(&admitted, identity.as_ref(), address);
    Ok(admitted.request.data(Caller(identity.map(|identity| identity.actor))).data(visit))
}

fn has_plain_json(request: &HttpRequest) -> bool {
    let plain = header_text(request, &header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    plain && header_text(request, &header::CONTENT_TYPE).is_some_and(negotiate::is_json)
}

/// Without an `Authorization` header the caller is anonymous; with one it must be good.
pub fn identify(request: &HttpRequest, authenticator: &Authenticator) -> Result<Option<Identity>, Refusal> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    let single = values.next().is_none();
    let text = value.to_str().ok().filter(|_| single).ok_or(Refusal::InvalidCredentials)?;
    authenticator.authenticate(text).map(Some).map_err(|_| Refusal::InvalidCredentials)
}

/// How the request came. One that carries the cookie comes from our own pages.
fn visit(request: &HttpRequest, address: ClientAddress, identity: Option<&Identity>) -> Result<Visit, Refusal> {
    let refresh = Token::presented(request.headers());
    if refresh.is_some() && refresh::is_cross_site(request.headers()) {
        return Err(Refusal::CrossSite);
    }
    let is_secure = refresh::is_secure(header_text(request, &header::HOST));
    Ok(Visit { address, refresh, is_secure, session: identity.and_then(Identity::session) })
}

fn header_text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
