//! Receipts and the checkpoints that they are proved against.

use std::sync::Arc;

use accounts::published::actor::Scope;
use async_graphql::{Context, Description, ID, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eventlog::checkpoints::Published;
use eventlog::port::StoredEvent;
use eventlog::vault::signing::SigningKey as Key;
use kernel::error::{ErrorCode, Rejection};
use kernel::id::InvocationId;
use kernel::merkle::Hash;
use metering::body;
use metering::wire::unfold;
use receipts::note::{Note, VerifierKey};
use receipts::receipt::{Event, FORMAT, Place, Receipt as Proof};
use receipts::tree::Tree;
use tokio::task::spawn_blocking;
use views::page::{Cursor, InvalidPage, Page};

use super::access;
use super::connection::{connection, page_request};
use super::errors::{Fault, Refused, not_found, rule};
use super::invocation::history::{self, Located};
use super::scalars::{Count, DateTime};
use super::work::platform;
use crate::platform::Platform;
use crate::signer::{Signer, SignerFault};

/// A call's usage record with everything that proves it, offline, to whoever trusts the log's key.
#[derive(Clone, Description)]
pub struct Receipt {
    invocation: InvocationId,
    file: String,
    checkpoint: Checkpoint,
}

#[Object(use_type_description)]
impl Receipt {
    /// The id of its call.
    async fn id(&self) -> ID {
        self.invocation.to_string().into()
    }
    /// The receipt's file, JSON: keep it as it is. `tallystick receipt verify` checks it, and so does the page
    /// `/receipts/verify`.
    async fn file(&self) -> &str {
        &self.file
    }
    /// The signed checkpoint that it is proved against.
    async fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// The log's size and root at a moment, signed: a C2SP tlog-checkpoint.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many events it covers.
    pub size: Count,
    /// The RFC 6962 root over them, in base64.
    pub root_hash: String,
    /// When it was signed.
    pub signed_at: DateTime,
    /// The public key that it is signed by, as a C2SP verifier key.
    pub key: String,
    /// The signed note.
    pub note: String,
}

connection!(CheckpointConnection, CheckpointEdge, Checkpoint);

/// A key that signs checkpoints, or has signed some: those stay good.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct CheckpointKey {
    /// The log it signs for.
    pub origin: String,
    /// Its public half, as a C2SP verifier key: `<name>+<id>+<base64>`.
    pub key: String,
    /// When it was made.
    pub created_at: DateTime,
    /// When another took its place; null for the one in use.
    pub retired_at: Option<DateTime>,
}

/// The proof that the log of one size is the beginning of that of another (RFC 6962, section 2.1.2).
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// The size of the older tree.
    pub from: Count,
    /// The size of the newer tree.
    pub to: Count,
    /// Hashes in base64.
    pub proof: Vec<String>,
}

/// The log is not as large as that, or the sizes are the wrong way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("consistency is proved from one size of the log to a larger one that it has reached")]
struct BeyondTheLog;

impl Rejection for BeyondTheLog {
    fn code(&self) -> ErrorCode {
        ErrorCode("BEYOND_THE_LOG")
    }
}

/// The part of `Query` that is about receipts.
#[derive(Default)]
pub struct ReceiptsQuery;

#[Object]
impl ReceiptsQuery {
    /// The receipt of a call that your organization bought or sold, by the call's id.
    async fn receipt(&self, context: &Context<'_>, id: ID) -> Result<Receipt, Refused> {
        let id = id.parse().map_err(|_| not_found("id"))?;
        of_invocation(context, id).await?.ok_or_else(|| not_found("id"))
    }

    /// The latest checkpoint, of everything up to now; or the published one of a size, null where there is none.
    async fn checkpoint(&self, context: &Context<'_>, size: Option<Count>) -> Result<Option<Checkpoint>, Refused> {
        let platform = platform(context)?;
        platform.caught_up().await?;
        let found = signed(platform, move |signer| match size {
            None => signer.current().map(Some),
            Some(size) => Ok(signer.published().of_size(signer.origin(), size.0)?),
        });
        Ok(found.await?.map(|published| checkpoint(platform, published)))
    }

    /// Published checkpoints, the latest first.
    async fn checkpoints(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<CheckpointConnection, Refused> {
        page_request(first, None)?;
        let below = after.map(|after| after.parse().map_err(|_| InvalidPage::Cursor)).transpose();
        let below: Option<u64> = below.map_err(|error| rule(error.code(), error))?;
        let first = u32::try_from(first).unwrap_or_default();
        let platform = platform(context)?;
        let page = signed(platform, move |signer| page(signer, below, first)).await?;
        Ok(CheckpointConnection::of(page, |published| checkpoint(platform, published)))
    }

    /// Every key that has signed checkpoints, the oldest first. Note them down: a key that only the platform tells you
    /// proves only what the platform tells you.
    async fn checkpoint_keys(&self, context: &Context<'_>) -> Result<Vec<CheckpointKey>, Refused> {
        Ok(platform(context)?.signer.keys().iter().map(CheckpointKey::from).collect())
    }

    /// Proves that the log of `from` events is the beginning of the log of `to` events: nothing was changed or dropped.
    async fn consistency(&self, context: &Context<'_>, from: Count, to: Count) -> Result<Consistency, Refused> {
        let platform = platform(context)?;
        platform.caught_up().await?;
        let proof = platform.read(move |views| views.tree_consistency(from.0, to.0)).await?;
        let proof = proof.ok_or_else(|| rule(BeyondTheLog.code(), BeyondTheLog))?;
        Ok(Consistency { from, to, proof: proof.iter().map(base64).collect() })
    }
}

fn page(signer: &Signer, below: Option<u64>, first: u32) -> Result<Page<Published>, SignerFault> {
    let published = signer.published();
    let mut found = published.before(signer.origin(), below, first.saturating_add(1))?;
    let wanted = usize::try_from(first).unwrap_or(usize::MAX);
    let has_next = found.len() > wanted;
    found.truncate(wanted);
    let total = published.count(signer.origin())?;
    let nodes = found.into_iter().map(|published| (Cursor::new(published.size.to_string()), published));
    Ok(Page { nodes: nodes.collect(), has_next, total })
}

fn base64(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

impl From<&Key> for CheckpointKey {
    fn from(key: &Key) -> Self {
        Self {
            origin: key.origin.clone(),
            key: key.public.clone(),
            created_at: DateTime(key.created_at),
            retired_at: key.retired_at.map(DateTime),
        }
    }
}

impl From<SignerFault> for Refused {
    fn from(fault: SignerFault) -> Self {
        match fault {
            SignerFault::Diverged { .. } => Fault::again("LOG_DIVERGED", fault.to_string()).into(),
            SignerFault::Vault(_)
            | SignerFault::Origin(_)
            | SignerFault::Random(_)
            | SignerFault::Checkpoints(_)
            | SignerFault::Views(_) => Fault::internal(&fault).into(),
        }
    }
}

/// Asks the signer off the asynchronous threads.
async fn signed<T: Send + 'static>(
    platform: &Platform,
    ask: impl FnOnce(&Signer) -> Result<T, SignerFault> + Send + 'static,
) -> Result<T, Refused> {
    let signer = Arc::clone(&platform.signer);
    let answer = spawn_blocking(move || ask(&signer)).await.map_err(|error| Fault::internal(&error))?;
    Ok(answer?)
}

fn checkpoint(platform: &Platform, published: Published) -> Checkpoint {
    let keys: Vec<VerifierKey> = platform.signer.keys().iter().filter_map(|key| key.public.parse().ok()).collect();
    let note = Note::parse(&published.note).ok();
    let key = note.and_then(|note| note.signed_by(&keys).ok()).map(ToString::to_string);
    Checkpoint {
        origin: published.origin,
        size: Count(published.size),
        root_hash: base64(&published.root),
        signed_at: DateTime(published.signed_at),
        key: key.unwrap_or_default(),
        note: published.note,
    }
}

/// The receipt of a call, if there is one that the caller bought or sold and may read.
pub async fn of_invocation(context: &Context<'_>, id: InvocationId) -> Result<Option<Receipt>, Refused> {
    let actor = access::scoped(context, Scope::UsageRead)?;
    let platform = platform(context)?;
    let located = history::locate(platform, id).await?;
    let visible = located.filter(|Located { record, .. }| access::is_party(Some(actor), record.buyer, record.seller));
    let Some(located) = visible else { return Ok(None) };
    let published = signed(platform, Signer::current).await?;
    let proof = prove(platform, located, &published).await?;
    let file = proof.to_file().map_err(|error| Fault::internal(&error))?;
    Ok(Some(Receipt { invocation: id, file, checkpoint: checkpoint(platform, published) }))
}

async fn prove(platform: &Arc<Platform>, located: Located, published: &Published) -> Result<Proof, Refused> {
    let Located { stored, index, .. } = located;
    let (position, size) = (stored.position, published.size);
    let inclusion = platform.read(move |views| views.tree_inclusion(position, size)).await?;
    let inclusion = inclusion.ok_or_else(Fault::incomplete)?;
    let log = Place { index: inclusion.index, proof: inclusion.proof };
    assemble(stored, index, log, published.note.clone())
}

/// The receipt of the record at `index` in a batch that is at `log` in the log of a checkpoint.
pub(crate) fn assemble(stored: StoredEvent, index: u32, log: Place, checkpoint: String) -> Result<Proof, Refused> {
    let message = unfold(&stored.body).map_err(|error| Fault::internal(&error))?;
    let sealed = body::unseal(&message, index).ok_or_else(Fault::incomplete)?;
    let index = u64::from(index);
    let proof = Tree::of(&sealed.leaves).inclusion(index).ok_or_else(Fault::incomplete)?;
    Ok(Proof {
        format: FORMAT.to_owned(),
        record: sealed.record,
        salt: sealed.salt,
        batch: Place { index, proof },
        event: shown(stored)?,
        log,
        checkpoint,
    })
}

fn shown(stored: StoredEvent) -> Result<Event, Refused> {
    Ok(Event {
        stream: stored.stream.to_string(),
        revision: stored.revision.0,
        id: stored.id,
        kind: stored.kind,
        version: stored.version,
        // The port takes no instant outside of the range.
        occurred_at_ns: i64::try_from(stored.occurred_at.as_nanosecond()).unwrap_or(i64::MAX),
        correlation: stored.provenance.correlation,
        cause: stored.provenance.cause,
        actor: stored.provenance.actor,
        header: String::from_utf8(stored.data).map_err(|error| Fault::internal(&error))?,
    })
}
