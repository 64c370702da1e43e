//! Claims: how a text (an e-mail's blind index, a slug) belongs to one holder at most.
//!
//! A claim is a stream named after the hash of the text, appended to before the holder's own stream. A holder that
//! never came to be (a crash in between) loses its claim after [`ORPHAN_AFTER_SECONDS`].

use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::{InvalidStreamName, Position, Revision, StreamName};
use kernel::json_wire;
use kernel::merkle::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::execute::{Cause, ExecuteError, Executed, execute, load};
use crate::port::{Direction, EventLog, ReadError};

/// How long a claim stands without its holder's stream, in seconds.
pub const ORPHAN_AFTER_SECONDS: i64 = 15 * 60;
/// From when on whoever holds a claim and has not come to be yet takes it anew, in seconds: nobody can take it over then
/// while the holder comes to be.
const RENEWED_AFTER_SECONDS: i64 = ORPHAN_AFTER_SECONDS / 3;
/// How often one claim is asked for: it can have been taken over and taken back, each time a quarter of an hour later.
const TURNS_MAX: usize = 8;

/// Commands on a claim.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take the text for `holder`.
    Claim {
        /// The stream of the entity that the text is to name.
        holder: StreamName,
        /// Whose stream was found to be missing: that of the present holder, which may be `holder` itself.
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
    pub at: Timestamp,
}

impl Claimed {
    /// Whether whoever began with this claim has been done with it for long, or been stopped.
    pub fn has_had_its_time(&self, now: Timestamp) -> bool {
        age(self, now) > ORPHAN_AFTER_SECONDS
    }
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
                Some(held) if held.holder == holder && !(missing.is_some() && is_old(held, context.now)) => {
                    Ok(Vec::new())
                }
                Some(held) if held.holder == holder => Ok(vec![Event::Claimed(Claimed { holder, at: context.now })]),
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
    missing == Some(&held.holder) && held.has_had_its_time(context.now)
}

fn is_old(held: &Claimed, now: Timestamp) -> bool {
    age(held, now) > RENEWED_AFTER_SECONDS
}

fn age(held: &Claimed, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(held.at.as_second())
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

/// Takes a text for `holder`, who may hold it already. [`Taken`] when it is another's: even where the same cause had
/// taken it before, and lost it since. From then on the holder has at least ten minutes to come to be.
/// The text is compared as given: normalise it first.
pub async fn claim(
    log: &dyn EventLog,
    kind: &str,
    text: &str,
    holder: &StreamName,
    cause: &Cause,
) -> Result<Option<Position>, ClaimError> {
    let stream = stream(kind, text)?;
    let mut lost = None;
    for turn in 0..TURNS_MAX {
        let command = Command::Claim { holder: holder.clone(), missing: lost.clone() };
        match execute::<Claim>(log, &stream, command, &cause.step(&format!("claim {turn}"))).await {
            Ok(Executed { state: Some(held), position, .. }) if held.holder == *holder => {
                let is_safe = !is_old(&held, cause.now);
                lost = if is_safe { None } else { missing(log, held.holder).await.map_err(ExecuteError::Read)? };
                if lost.is_none() {
                    return Ok(position);
                }
            }
            // What this very cause took before is somebody else's by now: it asks anew.
            Ok(_) => lost = None,
            Err(ExecuteError::Rejected(taken)) if lost.as_ref() != Some(&taken.holder) => {
                lost = missing(log, taken.holder.clone()).await.map_err(ExecuteError::Read)?;
                if lost.is_none() {
                    return Err(ExecuteError::Rejected(taken).into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(ExecuteError::Conflict.into())
}

/// Who holds a text, if anybody does.
pub async fn held(log: &dyn EventLog, kind: &str, text: &str) -> Result<Option<Claimed>, ClaimError> {
    Ok(load::<Claim>(log, &stream(kind, text)?).await?.0)
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
    let held = held(log, kind, text).await?;
    let decide = |missing| {
        let command = Command::Claim { holder: holder.clone(), missing };
        Claim::decide(&held, command, &Context { now: cause.now })
    };
    let Err(taken) = decide(None) else { return Ok(()) };
    let missing = missing(log, taken.holder).await.map_err(ExecuteError::Read)?;
    decide(missing).map(drop).map_err(|taken| ExecuteError::Rejected(taken).into())
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
