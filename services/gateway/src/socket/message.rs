//! The words of `graphql-transport-ws`, as the protocol of the `graphql-ws` library has them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The name by which client and server agree on the protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The first word, with credentials if there are any.
    ConnectionInit {
        /// As the `Authorization` header over HTTP.
        authorization: Option<String>,
    },
    /// Are you there?
    Ping,
    /// I am here.
    Pong,
    /// Execute this.
    Subscribe {
        /// Chosen by the client.
        id: String,
        /// As the body of a request over HTTP.
        payload: Value,
    },
    /// No more of this.
    Complete {
        /// The subscription.
        id: String,
    },
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing<'a, T> {
    /// You may subscribe.
    ConnectionAck,
    /// I am here.
    Pong,
    /// A result.
    Next {
        /// The subscription.
        id: &'a str,
        /// A GraphQL response.
        payload: T,
    },
    /// Nothing comes of it.
    Error {
        /// The subscription.
        id: &'a str,
        /// GraphQL errors.
        payload: T,
    },
    /// No more comes of it.
    Complete {
        /// The subscription.
        id: &'a str,
    },
}

/// Why the server hangs up, by the protocol's codes and those of RFC 6455 §7.4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hangup {
    /// The server stops.
    GoingAway,
    /// Nobody is there, or nobody reads.
    Silent,
    /// More bytes than a message may have.
    MessageTooBig,
    /// Not a message of the protocol.
    InvalidMessage,
    /// `subscribe` before the connection was acknowledged.
    Unauthorized,
    /// Credentials that are not valid, or not any more.
    Forbidden,
    /// Another protocol than ours.
    ProtocolNotAcceptable,
    /// No `connection_init` in time.
    InitTimeout,
    /// A subscription of this id is under way.
    SubscriberExists,
    /// `connection_init` twice.
    TooManyInits,
}

impl Hangup {
    /// The close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Silent => 1008,
            Self::MessageTooBig => 1009,
            Self::InvalidMessage => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::ProtocolNotAcceptable => 4406,
            Self::InitTimeout => 4408,
            Self::SubscriberExists => 4409,
            Self::TooManyInits => 4429,
        }
    }

    /// What is said with it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "The server stops",
            Self::Silent => "Nothing was heard or read for too long",
            Self::MessageTooBig => "Message too big",
            Self::InvalidMessage => "Invalid message",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::ProtocolNotAcceptable => "Subprotocol not acceptable",
            Self::InitTimeout => "Connection initialisation timeout",
            Self::SubscriberExists => "Subscriber for this id already exists",
            Self::TooManyInits => "Too many initialisation requests",
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    r#type: Kind,
    id: Option<String>,
    payload: Option<Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    Complete,
}

/// Reads a message; `None` where it is none of the protocol's.
pub fn read(text: &str, id_characters_max: usize) -> Option<Incoming> {
    let Envelope { r#type, id, payload } = serde_json::from_str(text).ok()?;
    let id = id.filter(|id| !id.is_empty() && id.chars().count() <= id_characters_max);
    match r#type {
        Kind::ConnectionInit => connection_init(payload),
        Kind::Ping => Some(Incoming::Ping),
        Kind::Pong => Some(Incoming::Pong),
        Kind::Subscribe => Some(Incoming::Subscribe { id: id?, payload: payload.filter(Value::is_object)? }),
        Kind::Complete => Some(Incoming::Complete { id: id? }),
    }
}

/// It carries nothing, or an object that may have `authorization`.
fn connection_init(payload: Option<Value>) -> Option<Incoming> {
    let members = match payload {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(members)) => members,
        Some(_) => return None,
    };
    let authorization = match members.get("authorization") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return None,
    };
    Some(Incoming::ConnectionInit { authorization })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn heard(message: &Value) -> Option<Incoming> {
        read(&message.to_string(), 8)
    }

    #[test]
    fn the_words_of_a_client_are_understood() {
        let anonymous = Some(Incoming::ConnectionInit { authorization: None });
        assert_eq!(heard(&json!({"type": "connection_init"})), anonymous);
        assert_eq!(heard(&json!({"type": "connection_init", "payload": {"other": 1}})), anonymous);
        let known = Some(Incoming::ConnectionInit { authorization: Some("Bearer x".to_owned()) });
        assert_eq!(heard(&json!({"type": "connection_init", "payload": {"authorization": "Bearer x"}})), known);
        assert_eq!(heard(&json!({"type": "ping", "payload": {}})), Some(Incoming::Ping));
        assert_eq!(heard(&json!({"type": "pong"})), Some(Incoming::Pong));
        let subscribe = Incoming::Subscribe { id: "1".to_owned(), payload: json!({"query": "{ a }"}) };
        assert_eq!(heard(&json!({"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}})), Some(subscribe));
        assert_eq!(heard(&json!({"type": "complete", "id": "1"})), Some(Incoming::Complete { id: "1".to_owned() }));
    }

    #[test]
    fn anything_else_is_not() {
        for other in [
            json!([]),
            json!({}),
            json!({"type": "start", "id": "1"}),
            json!({"type": "next", "id": "1", "payload": {}}),
            json!({"type": "connection_init", "payload": "x"}),
            json!({"type": "connection_init", "payload": {"authorization": 7}}),
            json!({"type": "subscribe", "payload": {"query": "{ a }"}}),
            json!({"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}),
            json!({"type": "subscribe", "id": 7, "payload": {"query": "{ a }"}}),
            json!({"type": "subscribe", "id": "123456789", "payload": {"query": "{ a }"}}),
            json!({"type": "subscribe", "id": "1"}),
            json!({"type": "subscribe", "id": "1", "payload": []}),
            json!({"type": "complete"}),
        ] {
            assert_eq!(heard(&other), None, "{other}");
        }
        assert_eq!(read("{\"type\":\"ping\"", 8), None);
    }

    #[test]
    fn the_servers_words_have_the_protocols_form() {
        let said = |message: Outgoing<'_, Value>| serde_json::to_value(message).unwrap();
        assert_eq!(said(Outgoing::ConnectionAck), json!({"type": "connection_ack"}));
        let next = Outgoing::Next { id: "1", payload: json!({"data": 7}) };
        assert_eq!(said(next), json!({"type": "next", "id": "1", "payload": {"data": 7}}));
        assert_eq!(said(Outgoing::Complete { id: "1" }), json!({"type": "complete", "id": "1"}));
    }
}
