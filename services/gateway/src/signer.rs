//! Signs the head of the log's tree as a checkpoint, whenever it has moved, and keeps what was published.
//!
//! What was once signed is held against the tree before anything more is: a log that is no longer the one that was
//! signed gets no further checkpoint.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventlog::checkpoints::{Checkpoints, CheckpointsError, Published};
use eventlog::clock::Clock;
use eventlog::progress::Stop;
use eventlog::vault::signing::SigningKey;
use eventlog::vault::{Secret, Vault, VaultError};
use receipts::checkpoint::Checkpoint;
use receipts::note::{InvalidKey, SignerKey};
use receipts::proof::Head;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};
use views::store::{Fault, Views};

/// How often the head is looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// Checkpoints signed between two rounds of dropping old ones.
const THINNED_AFTER: u32 = 3_600;

/// Why there is no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum SignerFault {
    /// The key file failed.
    #[error("the signing key cannot be had")]
    Vault(#[from] VaultError),
    /// The log's origin does not name keys.
    #[error("the log's origin is no name of a key")]
    Origin(#[from] InvalidKey),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[from] getrandom::Error),
    /// The file of the checkpoints failed.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointsError),
    /// The views failed.
    #[error(transparent)]
    Views(#[from] Fault),
    /// The log is not the one of which a checkpoint was published.
    #[error(
        "the first {size} events are not those of the checkpoint that was signed over them: nothing more is signed; \
         where the log's database was restored, `tallystick restore --log` lets it go on"
    )]
    Diverged {
        /// The size of that checkpoint.
        size: u64,
    },
}

/// Signs for one log.
pub struct Signer {
    origin: String,
    key: SignerKey,
    keys: Vec<SigningKey>,
    checkpoints: Checkpoints,
    views: Views,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    latest: Option<Published>,
    /// Whether the latest one is signed by the key in use.
    own: bool,
    /// How many were signed since the start.
    signed: u32,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Signer({})", self.origin)
    }
}

/// Makes a fresh key the one that signs for a log.
pub fn renew_key(vault: &Vault, origin: &str, clock: &dyn Clock) -> Result<SignerKey, SignerFault> {
    let mut seed = Secret::new([0; 32]);
    getrandom::fill(seed.as_mut_slice())?;
    let key = SignerKey::new(origin, &seed)?;
    vault.use_signing_key(origin, &key.verifier().to_string(), &seed, clock.now())?;
    Ok(key)
}

impl Signer {
    /// Signs for the log `origin` with its key in `keys.db`, made at the first start. Blocks.
    pub fn open(
        vault: &Vault,
        checkpoints: Checkpoints,
        views: Views,
        clock: Arc<dyn Clock>,
        origin: String,
    ) -> Result<Self, SignerFault> {
        let key = match vault.signing_seed(&origin)? {
            Some(seed) => SignerKey::new(&origin, &seed)?,
            None => renew_key(vault, &origin, clock.as_ref())?,
        };
        let keys = vault.signing_keys()?;
        let latest = checkpoints.latest(&origin)?;
        let own = latest.as_ref().is_some_and(|latest| note(&key, &origin, head(latest)) == latest.note);
        let state = Mutex::new(State { latest, own, signed: 0 });
        Ok(Self { origin, key, keys, checkpoints, views, clock, state })
    }

    /// The log that is signed for.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every key there ever was, the oldest first.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// What was published.
    pub fn published(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// A checkpoint of everything that the views have: the latest one, or one signed now. Blocks.
    pub fn current(&self) -> Result<Published, SignerFault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.views.tree_head()?;
        if let Some(latest) = state.latest.as_ref().filter(|latest| state.own && head(latest) == now) {
            return Ok(latest.clone());
        }
        self.check(state.latest.as_ref(), &now)?;
        let published = self.sign(now);
        self.checkpoints.keep(&published)?;
        state.own = true;
        state.signed = state.signed.wrapping_add(1);
        if state.signed.is_multiple_of(THINNED_AFTER) {
            self.checkpoints.thin(published.signed_at)?;
        }
        state.latest = Some(published.clone());
        Ok(published)
    }

    /// What was signed last has to be the beginning of what is signed next.
    fn check(&self, latest: Option<&Published>, now: &Head) -> Result<(), SignerFault> {
        let Some(latest) = latest else { return Ok(()) };
        let known = latest.size <= now.size && self.views.tree_root(latest.size)? == Some(latest.root);
        if known { Ok(()) } else { Err(SignerFault::Diverged { size: latest.size }) }
    }

    fn sign(&self, head: Head) -> Published {
        let note = note(&self.key, &self.origin, head);
        Published { origin: self.origin.clone(), size: head.size, root: head.root, signed_at: self.clock.now(), note }
    }

    /// Signs every second in which the log has moved, until it is stopped.
    pub async fn run(self: Arc<Self>, mut stop: Stop) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        while stop.or(ticks.tick()).await.is_some() {
            let signer = Arc::clone(&self);
            let outcome = spawn_blocking(move || signer.current().map(drop)).await;
            let failed = !matches!(outcome, Ok(Ok(())));
            if let (Ok(Err(error)), false) = (&outcome, told) {
                tracing::error!(%error, "no checkpoint is signed");
            }
            told = failed;
        }
    }
}

const fn head(published: &Published) -> Head {
    Head { size: published.size, root: published.root }
}

/// Ed25519 signs without randomness: the same head and key give the same note.
fn note(key: &SignerKey, origin: &str, head: Head) -> String {
    Checkpoint { origin: origin.to_owned(), head }.sign(key)
}
