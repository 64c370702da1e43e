//! Claims: how a text (an e-mail's blind index, a slug) belongs to one holder at most.
//!
//! A claim is a stream named after the hash of the text, appended to before the holder's own stream. A holder that
//! never came to be (a crash in between) loses its claim after [`ORPHAN_AFTER_SECONDS`].

use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::{InvalidStreamName, Position, Revision, StreamName};
use kernel::json_wire;
use kernel::merkle::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::execute::{Cause, ExecuteError, execute, load};
use crate::port::{Direction, EventLog, ReadError};

/// How long a claim stands without its holder's stream, in seconds.
pub const ORPHAN_AFTER_SECONDS: i64 = 15 * 60;

/// Commands on a claim.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take the text for `holder`.
    Claim {
        /// The stream of the entity that the text is to name.
        holder: StreamName,
        /// The present holder whose stream was found to be missing, if any.
        missing: Option<StreamName>,
    },
    /// Give the text back.
    Release {
        /// The stream of the entity that the text named.
        holder: StreamName,
    },
}

/// Facts about a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The text was taken.
    Claimed(Claimed),
    /// The text was given back.
    Released(Released),
}

/// The text was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The stream of the entity that the text names.
    pub holder: StreamName,
    /// When.
    pub at: jiff::Timestamp,
}

/// The text was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// The stream of the entity that the text named.
    pub holder: StreamName,
}

json_wire!(Event { Claimed => "claimed", Released => "released" });

/// The text belongs to someone else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is taken")]
pub struct Taken {
    /// The stream of the entity that the text names.
    pub holder: StreamName,
}

impl Rejection for Taken {
    fn code(&self) -> ErrorCode {
        ErrorCode("TAKEN")
    }
}

/// Decides who holds a text.
pub struct Claim;

impl Decider for Claim {
    type Command = Command;
    type Event = Event;
    type State = Option<Claimed>;
    type Rejection = Taken;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, command: Command, context: &Context) -> Result<Vec<Event>, Taken> {
        match command {
            Command::Claim { holder, missing } => match state {
                Some(held) if held.holder == holder => Ok(Vec::new()),
                Some(held) if !lapsed(held, missing.as_ref(), context) => Err(Taken { holder: held.holder.clone() }),
                Some(_) | None => Ok(vec![Event::Claimed(Claimed { holder, at: context.now })]),
            },
            Command::Release { holder } => {
                let holds = state.as_ref().is_some_and(|held| held.holder == holder);
                Ok(if holds { vec![Event::Released(Released { holder })] } else { Vec::new() })
            }
        }
    }

    fn evolve(_: Self::State, event: &Event) -> Self::State {
        match event {
            Event::Claimed(claimed) => Some(claimed.clone()),
            Event::Released(_) => None,
        }
    }
}

fn lapsed(held: &Claimed, missing: Option<&StreamName>, context: &Context) -> bool {
    let age = context.now.as_second().saturating_sub(held.at.as_second());
    missing == Some(&held.holder) && age > ORPHAN_AFTER_SECONDS
}

/// Why a text could not be claimed or released.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The kind is not `[A-Za-z0-9_]` and short.
    #[error(transparent)]
    Name(#[from] InvalidStreamName),
    /// Taken, or the log failed.
    #[error(transparent)]
    Execute(#[from] ExecuteError<Taken>),
}

/// The stream of a claim: `claim-<kind>.<SHA-256 of the text, hex>`.
pub fn stream(kind: &str, text: &str) -> Result<StreamName, InvalidStreamName> {
    StreamName::new("claim", &format!("{kind}.{}", hex(&Sha256::digest(text.as_bytes()))))
}

/// Takes a text for `holder`, who may hold it already. [`Taken`] when it is another's.
/// The text is compared as given: normalise it first.
pub async fn claim(
    log: &dyn EventLog,
    kind: &str,
    text: &str,
    holder: &StreamName,
    cause: &Cause,
) -> Result<Option<Position>, ClaimError> {
    let stream = stream(kind, text)?;
    let cause = cause.step("claim");
    let first = take(log, &stream, holder, None, &cause).await;
    let Err(ExecuteError::Rejected(taken)) = first else { return Ok(first?) };
    let missing = missing(log, taken.holder).await.map_err(ExecuteError::Read)?;
    Ok(take(log, &stream, holder, missing, &cause).await?)
}

/// Passes where [`claim`] would, and takes nothing: for a text that is claimed only after others. Where two ask at once
/// for the same, both may pass.
pub async fn check(
    log: &dyn EventLog,
    kind: &str,
    text: &str,
    holder: &StreamName,
    cause: &Cause,
) -> Result<(), ClaimError> {
    let (held, _) = load::<Claim>(log, &stream(kind, text)?).await?;
    let decide = |missing| {
        let command = Command::Claim { holder: holder.clone(), missing };
        Claim::decide(&held, command, &Context { now: cause.now })
    };
    let Err(taken) = decide(None) else { return Ok(()) };
    let missing = missing(log, taken.holder).await.map_err(ExecuteError::Read)?;
    decide(missing).map(drop).map_err(|taken| ExecuteError::Rejected(taken).into())
}

async fn take(
    log: &dyn EventLog,
    stream: &StreamName,
    holder: &StreamName,
    missing: Option<StreamName>,
    cause: &Cause,
) -> Result<Option<Position>, ExecuteError<Taken>> {
    let command = Command::Claim { holder: holder.clone(), missing };
    execute::<Claim>(log, stream, command, cause).await.map(|executed| executed.position)
}

/// The holder, if its stream has no events.
async fn missing(log: &dyn EventLog, holder: StreamName) -> Result<Option<StreamName>, ReadError> {
    let page = log.read_stream(&holder, Revision(0), Direction::Forward, 1).await?;
    Ok(page.events.is_empty().then_some(holder))
}

/// Gives a text back; nothing happens unless `holder` holds it.
pub async fn release(
    log: &dyn EventLog,
    kind: &str,
    text: &str,
    holder: &StreamName,
    cause: &Cause,
) -> Result<Option<Position>, ClaimError> {
    let stream = stream(kind, text)?;
    let command = Command::Release { holder: holder.clone() };
    let executed = execute::<Claim>(log, &stream, command, &cause.step("release")).await;
    Ok(executed.map(|executed| executed.position)?)
}
