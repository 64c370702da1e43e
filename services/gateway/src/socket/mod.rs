//! GraphQL over WebSocket: the `graphql-transport-ws` protocol, with the same guard as over HTTP.
//!
//! `message` is the protocol's words, `connection` one client's conversation, `places` how many may talk at once.
//! Everything is bounded: bytes of a message, subscriptions of a connection, connections of an address, time of silence.

pub mod connection;
pub mod message;
pub mod places;

use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Executor;

use self::connection::{Connection, talk};
use self::message::PROTOCOL;
use crate::auth::refresh::{self, Token};
use crate::transport::handler::Door;
use crate::transport::refusal::Refusal;

/// The bounds of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimits {
    /// How long a client may take to send `connection_init`.
    pub init_time_max: Duration,
    /// Bytes of one message. Less than a body over HTTP may have: calls with images go there.
    pub message_bytes_max: usize,
    /// Characters of a subscription's id.
    pub id_characters_max: usize,
    /// Subscriptions of one connection at once.
    pub subscriptions_max: usize,
    /// Connections of one address at once.
    pub connections_per_address_max: usize,
    /// Connections in all.
    pub connections_max: usize,
    /// How often a connection is looked after: whether its credentials still hold, and whether anybody is there.
    pub beat: Duration,
    /// How long after hearing nothing the client is pinged.
    pub silence_before_ping: Duration,
    /// How long after hearing nothing, not even an answer to a ping, the client is given up.
    pub silence_max: Duration,
    /// How long a message may wait for a client that does not read.
    pub send_time_max: Duration,
}

impl SocketLimits {
    /// What is served with.
    pub const DEFAULT: Self = Self {
        init_time_max: Duration::from_secs(5),
        message_bytes_max: 256 * 1024,
        id_characters_max: 128,
        subscriptions_max: 32,
        connections_per_address_max: 100,
        connections_max: 10_000,
        beat: Duration::from_secs(1),
        silence_before_ping: Duration::from_secs(15),
        silence_max: Duration::from_secs(45),
        send_time_max: Duration::from_secs(30),
    };
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whether a request asks for a WebSocket.
pub fn is_asked_for(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
}

/// Answers the handshake and talks in a task of its own. The credentials come with the first message, so the cookie is
/// of no use here; a page of another site that sends it is refused all the same.
pub fn accept<E: Executor>(
    request: &HttpRequest,
    payload: Payload,
    door: Data<Door<E>>,
) -> Result<HttpResponse, Refusal> {
    if Token::presented(request.headers()).is_some() && refresh::is_cross_site(request.headers()) {
        return Err(Refusal::CrossSite);
    }
    let (address, limits) = (door.address(request), door.settings.socket_limits);
    door.count(None, address)?;
    let place = door.places.take(address, limits.connections_max, limits.connections_per_address_max);
    let place = place.ok_or(Refusal::TooManyConnections)?;
    match actix_ws::handle_with_protocols(request, payload, &[PROTOCOL]) {
        Ok((response, session, messages)) => {
            let agreed = response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL);
            let messages = messages.max_frame_size(limits.message_bytes_max).aggregate_continuations();
            let messages = messages.max_continuation_size(limits.message_bytes_max);
            let stop = door.stop.clone();
            let connection = Connection { door, session, address, place, agreed };
            actix_web::rt::spawn(talk(connection, messages, stop));
            Ok(response)
        }
        Err(error) => Ok(HttpResponse::from_error(error)),
    }
}
