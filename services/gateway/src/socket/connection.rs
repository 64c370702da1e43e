//! One client's conversation: a single task that hears, executes and says, so that nothing piles up between them.
//!
//! Results are asked for only when the one before has been handed on. Who does not read slows its own subscriptions
//! down and nobody else's.

use std::collections::HashMap;
use std::time::Instant;

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, ProtocolError, Session};
use async_graphql::{Executor, Response};
use eventlog::progress::Stop;
use futures::StreamExt;
use futures::stream::{AbortHandle, BoxStream, SelectAll, abortable, once};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Interval, interval, sleep_until, timeout};

use super::SocketLimits;
use super::message::{self, Hangup, Incoming, Outgoing};
use super::places::Place;
use crate::auth::authenticator::{Caller, Identity};
use crate::auth::visit::Visit;
use crate::transport::address::ClientAddress;
use crate::transport::answer::Body;
use crate::transport::handler::Door;
use crate::transport::refusal::Refusal;
use crate::transport::request;

/// What a subscription gives: a response, or its end.
type Step = (String, Option<Response>);

/// A word that carries no payload.
type Plain<'a> = Outgoing<'a, ()>;

/// Why a conversation ends.
enum End {
    /// The server hangs up.
    Hangup(Hangup),
    /// The client is gone.
    Gone,
}

impl From<Hangup> for End {
    fn from(hangup: Hangup) -> Self {
        Self::Hangup(hangup)
    }
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

/// Where the conversation stands.
enum Phase {
    /// `connection_init` is awaited.
    Waiting,
    /// The client may subscribe, as whoever it is.
    Ready(Option<Identity>),
}

/// A connection that was just made.
pub struct Connection<E> {
    /// What executes, within which bounds.
    pub door: Data<Door<E>>,
    /// Says.
    pub session: Session,
    /// Where the client is.
    pub address: ClientAddress,
    /// Held as long as it lasts.
    pub place: Place,
    /// Whether the client speaks our protocol.
    pub agreed: bool,
}

/// Talks until one side hangs up.
pub async fn talk<E: Executor>(connection: Connection<E>, mut heard: AggregatedMessageStream, mut stop: Stop) {
    let Connection { door, session, address, place, agreed } = connection;
    let limits = door.settings.socket_limits;
    let mut conversation = Conversation {
        session: session.clone(),
        address,
        phase: Phase::Waiting,
        handles: HashMap::new(),
        active: SelectAll::new(),
        heard_at: Instant::now(),
        door,
    };
    let end = if agreed {
        stop.or(conversation.run(&mut heard)).await.unwrap_or(End::Hangup(Hangup::GoingAway))
    } else {
        End::Hangup(Hangup::ProtocolNotAcceptable)
    };
    if let End::Hangup(hangup) = end {
        let reason = CloseReason::from((CloseCode::from(hangup.code()), hangup.reason()));
        // A client that does not read is not waited for: dropping the session ends the connection.
        drop(timeout(limits.send_time_max, session.close(Some(reason))).await);
    }
    drop(place);
}

struct Conversation<E> {
    door: Data<Door<E>>,
    session: Session,
    address: ClientAddress,
    phase: Phase,
    /// By id: how to stop it.
    handles: HashMap<String, AbortHandle>,
    active: SelectAll<BoxStream<'static, Step>>,
    heard_at: Instant,
}

impl<E: Executor> Conversation<E> {
    fn limits(&self) -> SocketLimits {
        self.door.settings.socket_limits
    }

    async fn run(&mut self, heard: &mut AggregatedMessageStream) -> End {
        let init_until = tokio::time::Instant::now() + self.limits().init_time_max;
        let mut beats = interval(self.limits().beat);
        loop {
            if let Err(end) = self.turn(heard, init_until, &mut beats).await {
                return end;
            }
        }
    }

    async fn turn(
        &mut self,
        heard: &mut AggregatedMessageStream,
        init_until: tokio::time::Instant,
        beats: &mut Interval,
    ) -> Result<(), End> {
        let waiting = matches!(self.phase, Phase::Waiting);
        tokio::select! {
            message = heard.recv() => self.hear(message.ok_or(End::Gone)?).await,
            Some((id, response)) = self.active.next(), if !self.active.is_empty() => self.pass_on(&id, response).await,
            () = sleep_until(init_until), if waiting => Err(Hangup::InitTimeout.into()),
            _ = beats.tick() => self.look_after().await,
        }
    }

    async fn hear(&mut self, message: Result<AggregatedMessage, ProtocolError>) -> Result<(), End> {
        self.heard_at = Instant::now();
        match message {
            Ok(AggregatedMessage::Text(text)) => self.understand(&text).await,
            Ok(AggregatedMessage::Ping(bytes)) => in_time(self.limits(), self.session.pong(&bytes)).await,
            Ok(AggregatedMessage::Pong(_)) => Ok(()),
            Ok(AggregatedMessage::Binary(_)) => Err(Hangup::InvalidMessage.into()),
            // Continuations that are too long arrive as an error of their own making.
            Err(ProtocolError::Overflow) => Err(Hangup::MessageTooBig.into()),
            Err(ProtocolError::Io(error)) if error.kind() == std::io::ErrorKind::Other => {
                Err(Hangup::MessageTooBig.into())
            }
            Ok(AggregatedMessage::Close(_)) | Err(_) => Err(End::Gone),
        }
    }

    async fn understand(&mut self, text: &str) -> Result<(), End> {
        let incoming = message::read(text, self.limits().id_characters_max).ok_or(Hangup::InvalidMessage)?;
        match incoming {
            Incoming::ConnectionInit { authorization } => self.init(authorization.as_deref()).await,
            Incoming::Ping => self.say(&Plain::Pong).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { id, payload } => self.subscribe(id, payload).await,
            Incoming::Complete { id } => {
                if let Some(handle) = self.handles.remove(&id) {
                    handle.abort();
                }
                Ok(())
            }
        }
    }

    async fn init(&mut self, authorization: Option<&str>) -> Result<(), End> {
        if !matches!(self.phase, Phase::Waiting) {
            return Err(Hangup::TooManyInits.into());
        }
        let identity = authorization.map(|authorization| self.door.authenticator.authenticate(authorization));
        self.phase = Phase::Ready(identity.transpose().map_err(|_| Hangup::Forbidden)?);
        self.say(&Plain::ConnectionAck).await
    }

    async fn subscribe(&mut self, id: String, payload: Value) -> Result<(), End> {
        let Phase::Ready(identity) = &self.phase else { return Err(Hangup::Unauthorized.into()) };
        if self.handles.contains_key(&id) {
            return Err(Hangup::SubscriberExists.into());
        }
        match self.admit(identity.as_ref(), payload) {
            Ok(request) => self.start(id, request),
            Err(refusal) => return self.say_error(&id, &[refusal.error()]).await,
        }
        Ok(())
    }

    /// The same guard as over HTTP, but that no cookie is read or set.
    fn admit(&self, identity: Option<&Identity>, payload: Value) -> Result<async_graphql::Request, Refusal> {
        let subscriptions_max = self.limits().subscriptions_max;
        if self.handles.len() >= subscriptions_max {
            return Err(Refusal::TooManySubscriptions { subscriptions_max });
        }
        self.door.count(identity, self.address)?;
        let admitted = request::admit_value(payload, &self.door.rules(identity))?;
        self.door.count_fields(&admitted, identity, self.address);
        let session = identity.and_then(Identity::session);
        let visit = Visit { address: self.address, refresh: None, is_secure: true, session };
        Ok(admitted.request.data(Caller(identity.map(|identity| identity.actor.clone()))).data(visit))
    }

    fn start(&mut self, id: String, request: async_graphql::Request) {
        let (own, last) = (id.clone(), id.clone());
        let responses =
            self.door.executor.execute_stream(request, None).map(move |response| (own.clone(), Some(response)));
        let (steps, handle) = abortable(responses.chain(once(async move { (last, None) })));
        self.active.push(steps.boxed());
        self.handles.insert(id, handle);
    }

    async fn pass_on(&mut self, id: &str, response: Option<Response>) -> Result<(), End> {
        let Some(response) = response else {
            self.handles.remove(id);
            return self.say(&Plain::Complete { id }).await;
        };
        let body = Body::of(response);
        if body.has_data() {
            return self.say(&Outgoing::Next { id, payload: body }).await;
        }
        if let Some(handle) = self.handles.remove(id) {
            handle.abort();
        }
        self.say_error(id, &body.errors).await
    }

    async fn say_error<T: Serialize + Sync>(&mut self, id: &str, errors: &[T]) -> Result<(), End> {
        self.say(&Outgoing::Error { id, payload: errors }).await
    }

    async fn say<T: Serialize>(&mut self, message: &Outgoing<'_, T>) -> Result<(), End> {
        let Ok(text) = serde_json::to_string(message) else { return Err(End::Gone) };
        in_time(self.limits(), self.session.text(text)).await
    }

    /// Credentials that were revoked or expired end the conversation; so does long silence.
    async fn look_after(&mut self) -> Result<(), End> {
        if let Phase::Ready(Some(identity)) = &self.phase
            && !self.door.authenticator.holds(identity)
        {
            return Err(Hangup::Forbidden.into());
        }
        let silence = self.heard_at.elapsed();
        if silence > self.limits().silence_max {
            return Err(Hangup::Silent.into());
        }
        if silence > self.limits().silence_before_ping {
            in_time(self.limits(), self.session.ping(b"")).await?;
        }
        Ok(())
    }
}

/// Who does not read for long is given up.
async fn in_time(limits: SocketLimits, said: impl Future<Output = Result<(), Closed>>) -> Result<(), End> {
    match timeout(limits.send_time_max, said).await {
        Ok(said) => Ok(said?),
        Err(_) => Err(Hangup::Silent.into()),
    }
}
