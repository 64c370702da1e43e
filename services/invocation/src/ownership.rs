//! Who admits: a node that starts takes the next epoch, then seals the usage streams of every epoch before it.
//!
//! Streams are sealed in the order of their epochs and before anything is admitted, so where one is sealed all earlier
//! ones are. A sealed stream ends with the seal: whoever wrote it conflicts, and stops.

use std::time::Duration;

use eventlog::codec;
use eventlog::execute::{Cause, ExecuteError, LoadError, execute, read_all};
use eventlog::port::{AppendError, Delivery, EventLog, Expected, Filter, ReadError, StoredEvent};
use futures::StreamExt;
use kernel::event::{InvalidStreamName, Position, StreamName};
use kernel::id::derived;
use kernel::wire::{DecodeError, Wire};
use metering::owner::{Command, Owner, Refused};
use metering::published::owner::{Event, PlatformOwner, Taken};
use metering::published::usage::{Event as UsageEvent, Sealed};

use crate::append::append;

/// Between two tries to follow who owns the meter.
const FOLLOW_PAUSE: Duration = Duration::from_millis(200);

/// Why the meter was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The epoch was not taken.
    #[error("the next epoch was not taken")]
    Take(#[from] ExecuteError<Refused>),
    /// Earlier epochs could not be read.
    #[error("earlier epochs could not be read")]
    Load(#[from] LoadError),
    /// A usage stream could not be read.
    #[error("a usage stream could not be read")]
    Read(#[from] ReadError),
    /// A usage stream could not be sealed.
    #[error("a usage stream could not be sealed")]
    Seal(#[from] AppendError),
    /// The seal could not be serialised.
    #[error("the seal could not be serialised")]
    Encode(#[source] serde_json::Error),
    /// A recorded owner names no stream.
    #[error("an earlier owner is recorded under a name that no stream can have")]
    Name(#[from] InvalidStreamName),
    /// The decider gave no event.
    #[error("the log does not say who owns the meter")]
    NoOwner,
}

/// Takes the next epoch for `node` and ends all before it. From here on only this node may admit usage; whatever others
/// have recorded is in the log.
pub async fn take(log: &dyn EventLog, node: String, cause: &Cause) -> Result<Taken, TakeError> {
    let stream = StreamName::of(&PlatformOwner);
    let executed = execute::<Owner>(log, &stream, Command::Take { node }, cause).await?;
    let Some(Event::Taken(taken)) = executed.events.into_iter().next() else { return Err(TakeError::NoOwner) };
    let owners = read_all::<Event>(log, &stream).await?.into_iter().map(|recorded| recorded.event);
    let earlier: Vec<Taken> =
        owners.map(|Event::Taken(owner)| owner).filter(|owner| owner.epoch < taken.epoch).collect();
    for predecessor in unsealed(log, &earlier).await? {
        seal(log, &predecessor.usage_stream()?, &taken, cause).await?;
        tracing::info!(node = predecessor.node, epoch = predecessor.epoch, "the usage of an earlier epoch is sealed");
    }
    Ok(taken)
}

/// Those after the last one that is sealed.
async fn unsealed<'a>(log: &dyn EventLog, earlier: &'a [Taken]) -> Result<&'a [Taken], TakeError> {
    let mut from = earlier.len();
    while let Some(previous) = from.checked_sub(1) {
        let Some(owner) = earlier.get(previous) else { break };
        if log.last_of(&owner.usage_stream()?).await?.is_some_and(|last| is_seal(&last)) {
            break;
        }
        from = previous;
    }
    Ok(earlier.get(from..).unwrap_or_default())
}

fn is_seal(stored: &StoredEvent) -> bool {
    let event = UsageEvent::decode(&stored.kind, stored.version, &stored.data, &stored.body);
    matches!(event, Some(Ok(UsageEvent::Sealed(_))))
}

/// Appends the seal behind whatever is there, until it is known to be there.
async fn seal(log: &dyn EventLog, stream: &StreamName, by: &Taken, cause: &Cause) -> Result<(), TakeError> {
    loop {
        let last = log.last_of(stream).await?;
        if last.as_ref().is_some_and(is_seal) {
            return Ok(());
        }
        let expected = Expected::after(last.map(|last| last.revision));
        let place = expected.first_new().to_string();
        let id = derived(&["seal", stream.as_str(), &place, &by.node, &by.epoch.to_string()]);
        let event = UsageEvent::Sealed(Sealed { by: by.clone() });
        let new = codec::to_new(&event, id, cause.now, cause.provenance()).map_err(TakeError::Encode)?;
        match append(log, stream, expected, new).await {
            Ok(_) => return Ok(()),
            // Its owner, or another successor, has written meanwhile: look again.
            Err(AppendError::Conflict { .. } | AppendError::IdempotencyMismatch) => {}
            Err(error @ (AppendError::Invalid(_) | AppendError::Unavailable(_) | AppendError::Unknown)) => {
                return Err(error.into());
            }
        }
    }
}

/// Whether nobody has taken the meter after `epoch`, as the log has it now.
pub(crate) async fn is_newest(log: &dyn EventLog, epoch: u64) -> Result<bool, ReadError> {
    let newest = log.last_of(&StreamName::of(&PlatformOwner)).await?;
    Ok(newest.is_none_or(|stored| !is_later(&stored, epoch)))
}

/// Waits until another node has taken the meter after `epoch`.
pub(crate) async fn overtaken(log: &dyn EventLog, epoch: u64) {
    let mut after: Option<Position> = None;
    loop {
        let mut deliveries = log.subscribe(after, Filter::Stream(StreamName::of(&PlatformOwner)));
        while let Some(Ok(delivery)) = deliveries.next().await {
            match delivery {
                Delivery::Event(stored) if is_later(&stored, epoch) => return,
                Delivery::Event(stored) => after = Some(stored.position),
                Delivery::Progress(position) => after = Some(position),
                Delivery::CaughtUp | Delivery::FellBehind => {}
            }
        }
        tokio::time::sleep(FOLLOW_PAUSE).await;
    }
}

/// What cannot be read counts as another's: it was not written by this program.
fn is_later(stored: &StoredEvent, epoch: u64) -> bool {
    let event: Option<Result<Event, DecodeError>> = Event::decode(&stored.kind, stored.version, &stored.data, b"");
    match event {
        Some(Ok(Event::Taken(taken))) => taken.epoch > epoch,
        Some(Err(_)) | None => true,
    }
}
