//! What the door stands before: log, vault, views, the invocation service – and how a command goes through them.
//!
//! A mutation answers once the local views and the hot state have reached its append, so a client reads what it wrote.

use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::Actor;
use eventlog::clock::Clock;
use eventlog::execute::{Cause, ExecuteError, Executed, execute};
use eventlog::port::EventLog;
use eventlog::progress::Progress;
use eventlog::sessions::Sessions;
use eventlog::vault::Vault;
use eventlog::vitals::Vitals;
use invocation::service::{Service, fresh_uuid};
use jiff::Timestamp;
use kernel::decider::Decider;
use kernel::event::{Position, StreamName};
use kernel::id::{MemberId, derived};
use kernel::wire::Wire;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use views::seen::SeenKeys;
use views::store::Views;

use crate::auth::authenticator::Directory;
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::blobs::Blobs;
use crate::feed::Feed;
use crate::graphql::errors::{Fault, Refused};
use crate::preview::Previews;
use crate::sandbox::Sandbox;
use crate::signer::Signer;
use crate::upkeep::Upkeep;

/// How long a mutation waits for the views to reach its append.
const READ_YOUR_WRITE: Duration = Duration::from_secs(1);

/// Everything that queries and mutations work with.
pub struct Platform {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// How the log's writer fares.
    pub vitals: Vitals,
    /// When the process started.
    pub started_at: Timestamp,
    /// Keys of persons and of the platform.
    pub vault: Arc<Vault>,
    /// Signs the log's checkpoints.
    pub signer: Arc<Signer>,
    /// The read models.
    pub views: Views,
    /// The index of keys.
    pub seen: SeenKeys,
    /// How far each follower of the log is that any query may read from, by its name.
    pub followers: Vec<(&'static str, Progress)>,
    /// How far the index of keys is, by which a report is found.
    pub indexed: Progress,
    /// How far the settlement of invoices is: ledger and statements.
    pub settlement: Progress,
    /// Usage as it is recorded.
    pub feed: Arc<Feed>,
    /// Calls.
    pub service: Arc<Service>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// What visitors have tried today.
    pub sandbox: Sandbox,
    /// Access tokens.
    pub tokens: Arc<Tokens>,
    /// Password hashing.
    pub passwords: Passwords,
    /// Kept files: logos.
    pub blobs: Blobs,
    /// First looks into datasets.
    pub previews: Previews,
    /// Views built anew, and backups.
    pub upkeep: Upkeep,
    /// Logos made at once.
    pub logos: Semaphore,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// SHA-256 of the token with which the first organization becomes the operator; without it nobody can.
    pub operator_token_sha256: Option<[u8; 32]>,
}

impl Platform {
    /// Runs a query of the views off the asynchronous threads.
    pub async fn read<T, E>(
        self: &Arc<Self>,
        query: impl FnOnce(&Views) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Refused>
    where
        T: Send + 'static,
        E: Into<Refused> + Send + 'static,
    {
        let views = self.views.clone();
        let answer = spawn_blocking(move || query(&views)).await.map_err(|error| Fault::internal(&error))?;
        answer.map_err(Into::into)
    }

    /// Runs what waits for the vault's disk off the asynchronous threads.
    pub async fn with_vault<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Vault) -> Result<T, eventlog::vault::VaultError> + Send + 'static,
    ) -> Result<T, Refused> {
        let vault = Arc::clone(&self.vault);
        let answer = spawn_blocking(move || work(&vault)).await.map_err(|error| Fault::internal(&error))?;
        answer.map_err(|error| Fault::internal(&error).into())
    }

    /// Carries out a command and waits until its events can be read.
    pub async fn run<D>(
        &self,
        stream: &StreamName,
        command: D::Command,
        cause: &Cause,
    ) -> Result<Executed<D::Event, D::State>, ExecuteError<D::Rejection>>
    where
        D: Decider,
        D::Command: Clone,
        D::Event: Wire,
    {
        let executed = execute::<D>(self.log.as_ref(), stream, command, cause).await?;
        if let Some(position) = executed.position {
            self.readable(position).await;
        }
        Ok(executed)
    }

    /// Waits, at most a second, until what clients read from has reached a position. What was appended stands either
    /// way, so there is nothing to tell when they have not.
    pub async fn readable(&self, position: Position) {
        let reached = self.followers.iter().map(|(_, follower)| follower.reached(position, READ_YOUR_WRITE));
        futures::future::join_all(reached).await;
    }

    /// Waits, at most a second, until everything that was answered before this moment can be read.
    pub async fn caught_up(&self) -> Result<(), Refused> {
        if let Some(head) = self.log.head().await? {
            self.readable(head).await;
        }
        Ok(())
    }

    /// As [`Self::caught_up`], and until every such report can be found.
    pub async fn reports_caught_up(&self) -> Result<(), Refused> {
        if let Some(head) = self.log.head().await? {
            tokio::join!(self.readable(head), self.indexed.reached(head, READ_YOUR_WRITE));
        }
        Ok(())
    }

    /// How far everything is that follows the log, by its name.
    pub fn progress(&self) -> impl Iterator<Item = (&'static str, &Progress)> {
        let followers = self.followers.iter().map(|(name, progress)| (*name, progress));
        followers.chain([("keys", &self.indexed), ("settlement", &self.settlement)])
    }

    /// Waits until the ledger and the statements have followed everything now in the log, and can be read.
    pub async fn settled(&self) -> Result<(), Refused> {
        let Some(invoiced) = self.log.head().await? else { return Ok(()) };
        self.settlement.reached(invoiced, READ_YOUR_WRITE).await;
        if let Some(booked) = self.log.head().await? {
            self.readable(booked).await;
        }
        Ok(())
    }

    /// The cause of a request: derived from its idempotency key, so that a repeat is recognised, or fresh.
    pub fn cause(&self, asked: &Asked<'_>) -> Result<Cause, Refused> {
        let now = self.clock.now();
        let fresh = self.fresh_id()?;
        let id = asked.key.map_or(fresh, |key| derived(&["mutation", asked.mutation, &asked.scope, key]));
        Ok(Cause { id, correlation: fresh, actor: asked.actor.clone(), now })
    }

    /// A fresh time-ordered UUID.
    pub fn fresh_id(&self) -> Result<Uuid, Refused> {
        fresh_uuid(self.clock.now()).ok_or_else(|| Fault::internal(&NoRandomness).into())
    }

    /// Whether a token makes its bearer the operator. Compared by hash, so that time tells nothing.
    pub fn is_operator_token(&self, token: &str) -> bool {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.operator_token_sha256 == Some(hash)
    }
}

/// The operating system gives no randomness.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no randomness to be had")]
struct NoRandomness;

/// A mutation as it was asked for.
pub struct Asked<'a> {
    /// The mutation's name.
    pub mutation: &'a str,
    /// Within which the idempotency key is unique: the organization, or what stands for it at sign-up.
    pub scope: String,
    /// The idempotency key, if one was given.
    pub key: Option<&'a str>,
    /// Who asks: `mem_…`, `key_…` or `anonymous`.
    pub actor: String,
}

/// Keys and members from the service's hot state.
impl Directory for Platform {
    fn api_key(&self, sha256: &[u8; 32]) -> Option<Actor> {
        self.service.market().key_actor(sha256)
    }

    fn member(&self, member: MemberId) -> Option<Actor> {
        self.service.market().member_actor(member)
    }

    fn session_has_ended(&self, session: Uuid) -> bool {
        self.sessions.has_ended(session)
    }
}
