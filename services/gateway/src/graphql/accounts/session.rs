//! Signing in and out: a session, its access tokens in answers, and its refresh token in a cookie.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use eventlog::sessions::{Session as Begun, Sessions, SessionsError};
use jiff::Timestamp;
use kernel::error::ErrorCode;
use kernel::sealed::Sealed;
use tokio::task::spawn_blocking;

use super::Member;
use super::sign::{email_index, read_member};
use crate::auth::refresh::{self, Token};
use crate::auth::visit::Visit;
use crate::graphql::errors::{Fault, Refused, rule};
use crate::graphql::scalars::DateTime;
use crate::graphql::work::{payload, payloads, platform};
use crate::platform::Platform;

/// Sign in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A signed-in person's access token: send it as `Authorization: Bearer …`.
#[derive(SimpleObject, Clone)]
pub struct Session {
    /// A JWT.
    pub token: String,
    /// From then on it is worth nothing; `refreshSession` gives another.
    pub expires_at: DateTime,
    /// Who is signed in.
    pub member: Member,
}

payloads! {
    /// A session.
    SignInPayload { session: Session }
    /// The session with a new token.
    RefreshSessionPayload { session: Session }
    /// Whether the browser is signed out now.
    SignOutPayload { is_signed_out: bool }
}

/// The part of `Mutation` that is about sessions.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Begins a session: a token for an hour in the answer, and a cookie with which `refreshSession` gives the next.
    async fn sign_in(&self, context: &Context<'_>, input: SignInInput) -> async_graphql::Result<SignInPayload> {
        payload(sign_in(context, input).await)
    }

    /// Gives the session in the cookie another token for an hour, and the cookie another secret.
    async fn refresh_session(&self, context: &Context<'_>) -> async_graphql::Result<RefreshSessionPayload> {
        payload(refresh(context).await)
    }

    /// Ends the session in the cookie, or that of the access token: all of its tokens are refused at once.
    async fn sign_out(&self, context: &Context<'_>) -> async_graphql::Result<SignOutPayload> {
        payload(sign_out(context).await)
    }
}

/// The same answer, after the same time, whether the address or the password is wrong.
async fn sign_in(context: &Context<'_>, input: SignInInput) -> Result<Session, Refused> {
    let platform = platform(context)?;
    let found = find_member(platform, &input.email).await?;
    let hash = match &found {
        Some(member) => open_hash(platform, &member.password).await?,
        None => None,
    };
    let matches = platform.passwords.verify(input.password, hash).await?;
    let member = found.filter(|_| matches).ok_or_else(sign_in_failed)?;
    if platform.service.market().member_actor(member.id).is_none() {
        return Err(rule(ErrorCode("ORGANIZATION_SUSPENDED"), "the organization is suspended"));
    }
    let begun = Begun { id: platform.fresh_id()?, member: member.id, organization: member.organization };
    let token = Token::generate().map_err(|error| Fault::internal(&error))?;
    let hash = token.sha256();
    with_sessions(platform, move |sessions, now| sessions.begin(begun, &hash, now)).await?;
    set_cookie(context, &token.cookie(is_secure(context)));
    issue(platform, begun, Member(member))
}

fn sign_in_failed() -> Refused {
    rule(ErrorCode("SIGN_IN_FAILED"), "e-mail address or password is wrong")
}

async fn find_member(platform: &Arc<Platform>, email: &str) -> Result<Option<views::accounts::Member>, Refused> {
    let Ok(index) = email_index(platform, email).await else { return Ok(None) };
    platform.read(move |views| views.member_by_email_index(&index)).await
}

/// The argon2id hash of a password; `None` once the person has been erased.
pub async fn open_hash(platform: &Arc<Platform>, sealed: &Sealed) -> Result<Option<String>, Refused> {
    let sealed = sealed.clone();
    platform.with_vault(move |vault| vault.unseal(&sealed)).await
}

/// A cookie that is good for nothing is taken from the browser.
async fn refresh(context: &Context<'_>) -> Result<Session, Refused> {
    let Some(presented) = presented(context) else { return Err(session_expired()) };
    let session = rotate(context, &presented).await?;
    if session.is_none() {
        set_cookie(context, &refresh::no_cookie(is_secure(context)));
    }
    session.ok_or_else(session_expired)
}

/// A member who was removed, or whose organization is suspended, has no session either.
async fn rotate(context: &Context<'_>, presented: &Token) -> Result<Option<Session>, Refused> {
    let platform = platform(context)?;
    let next = Token::generate().map_err(|error| Fault::internal(&error))?;
    let (old, new) = (presented.sha256(), next.sha256());
    let rotated = with_sessions(platform, move |sessions, now| sessions.rotate(&old, &new, now)).await?;
    let Some(begun) = rotated else { return Ok(None) };
    let actor = platform.service.market().member_actor(begun.member);
    if actor.is_none_or(|actor| actor.organization != begun.organization) {
        with_sessions(platform, move |sessions, now| sessions.end(begun.id, now)).await?;
        return Ok(None);
    }
    let member = read_member(platform, begun.member).await?;
    set_cookie(context, &next.cookie(is_secure(context)));
    issue(platform, begun, member).map(Some)
}

fn session_expired() -> Refused {
    rule(ErrorCode("SESSION_EXPIRED"), "there is no session to refresh: sign in")
}

async fn sign_out(context: &Context<'_>) -> Result<bool, Refused> {
    let platform = platform(context)?;
    let presented = presented(context).map(|token| token.sha256());
    let bearer = visit(context).and_then(|visit| visit.session);
    let end = move |sessions: &Sessions, now| {
        let cookies = presented.map(|hash| sessions.of_token(&hash, now)).transpose()?.flatten();
        let ids = bearer.into_iter().chain(cookies.map(|session| session.id));
        ids.into_iter().try_for_each(|id| sessions.end(id, now))
    };
    with_sessions(platform, end).await?;
    set_cookie(context, &refresh::no_cookie(is_secure(context)));
    Ok(true)
}

fn issue(platform: &Platform, begun: Begun, member: Member) -> Result<Session, Refused> {
    let issued = platform.tokens.issue(begun, platform.clock.now()).map_err(|error| Fault::internal(&error))?;
    Ok(Session { token: issued.token, expires_at: DateTime(issued.expires_at), member })
}

/// Runs what waits for the sessions' disk off the asynchronous threads.
pub async fn with_sessions<T: Send + 'static>(
    platform: &Arc<Platform>,
    work: impl FnOnce(&Sessions, Timestamp) -> Result<T, SessionsError> + Send + 'static,
) -> Result<T, Refused> {
    let (sessions, now) = (Arc::clone(&platform.sessions), platform.clock.now());
    let answer = spawn_blocking(move || work(&sessions, now)).await.map_err(|error| Fault::internal(&error))?;
    answer.map_err(|error| Fault::internal(&error).into())
}

/// The circumstances of the request, where it came through the door.
pub fn visit<'a>(context: &'a Context<'_>) -> Option<&'a Visit> {
    context.data_opt::<Visit>()
}

fn presented(context: &Context<'_>) -> Option<Token> {
    visit(context).and_then(|visit| visit.refresh.clone())
}

fn is_secure(context: &Context<'_>) -> bool {
    visit(context).is_none_or(|visit| visit.is_secure)
}

fn set_cookie(context: &Context<'_>, cookie: &str) {
    context.append_http_header("set-cookie", cookie);
}
