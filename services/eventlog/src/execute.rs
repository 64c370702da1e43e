//! Load, decide, append, retry on conflict: how every command reaches its stream.
//!
//! Event ids are derived from the cause, so that repeating a command whose outcome was lost finds its first result
//! and never writes twice.

use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::event::{Position, Provenance, Recorded, Revision, StreamName};
use kernel::id::derived;
use kernel::wire::{DecodeError, Wire};
use uuid::Uuid;

use crate::codec::{decode_own, to_new};
use crate::port::{
    AppendError, Appended, Direction, EventLog, Expected, InvalidAppend, NewEvent, PAGE_EVENTS_MAX, ReadError,
    StorageFault,
};

/// How often a command is decided anew when others write to its stream at the same time.
pub const ATTEMPTS_MAX: usize = 6;

/// What led to a command. One cause writes to a stream at most once; further commands take a [`Cause::step`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The id of the request (its idempotency key) or of the event that led here.
    pub id: Uuid,
    /// Shared by everything that follows from one request.
    pub correlation: Uuid,
    /// The acting member or API key, or `platform`.
    pub actor: String,
    /// When the command arrived.
    pub now: Timestamp,
}

impl Cause {
    /// The cause of one of several steps that follow from this cause; the same name gives the same cause.
    #[must_use]
    pub fn step(&self, name: &str) -> Self {
        Self { id: derived(&[&self.id.to_string(), "step", name]), ..self.clone() }
    }

    /// The cause of what a reaction to a recorded event does.
    pub fn event<E>(recorded: &Recorded<E>, actor: &str, now: Timestamp) -> Self {
        Self { id: recorded.id, correlation: recorded.provenance.correlation, actor: actor.to_owned(), now }
    }

    /// The id of the `ordinal`-th event that this cause appends to `stream`.
    pub fn event_id(&self, stream: &StreamName, ordinal: usize) -> Uuid {
        derived(&[&self.id.to_string(), stream.as_str(), &ordinal.to_string()])
    }

    /// The provenance of the events that this cause appends.
    pub fn provenance(&self) -> Provenance {
        Provenance { correlation: self.correlation, cause: self.id, actor: self.actor.clone() }
    }
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed<E, S> {
    /// The events appended, now or when the same cause came first.
    pub events: Vec<E>,
    /// The stream's state.
    pub state: S,
    /// The position of the last of the events; `None` when what was asked held already.
    pub position: Option<Position>,
}

/// Why a command led to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R> {
    /// A rule said no: an answer, not a failure.
    #[error("{0}")]
    Rejected(R),
    /// Others kept writing to the stream. Nothing was written.
    #[error("others kept writing to the stream")]
    Conflict,
    /// The decider made more than an append holds. Nothing was written.
    #[error("{0}")]
    Invalid(InvalidAppend),
    /// The store could not write. Nothing was written.
    #[error("nothing was written: {0}")]
    Unavailable(StorageFault),
    /// It may have been written: repeat the command with the same cause.
    #[error("the command may or may not have taken effect")]
    Unknown,
    /// The stream could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The stream holds what this program cannot read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An event could not be serialised. Nothing was written.
    #[error("an event cannot be serialised: {0}")]
    Encode(serde_json::Error),
}

/// Reads a whole stream and folds it; the revision is its last, `None` without events.
pub async fn load<D>(
    log: &dyn EventLog,
    stream: &StreamName,
) -> Result<(D::State, Option<Revision>), ExecuteError<D::Rejection>>
where
    D: Decider,
    D::Event: Wire,
{
    let mut past = Past::<D>::default();
    read(log, stream, |recorded| past.take(recorded, None)).await?;
    Ok((past.state, past.last))
}

/// A stream, folded as it is read: it may be longer than memory should hold.
struct Past<D: Decider> {
    state: D::State,
    last: Option<Revision>,
    /// What one cause has written to it.
    own: Vec<Recorded<D::Event>>,
}

impl<D: Decider> Default for Past<D> {
    fn default() -> Self {
        Self { state: D::initial(), last: None, own: Vec::new() }
    }
}

impl<D: Decider> Past<D> {
    fn take(&mut self, recorded: Recorded<D::Event>, cause: Option<&Cause>) {
        let state = std::mem::replace(&mut self.state, D::initial());
        self.state = D::evolve(state, &recorded.event);
        self.last = Some(recorded.revision);
        if cause.is_some_and(|cause| cause.id == recorded.provenance.cause) {
            self.own.push(recorded);
        }
    }
}

/// Reads the events of a short stream in which only events of `E` may stand.
pub async fn read_all<E: Wire>(log: &dyn EventLog, stream: &StreamName) -> Result<Vec<Recorded<E>>, LoadError> {
    let mut events = Vec::new();
    read(log, stream, |recorded| events.push(recorded)).await?;
    Ok(events)
}

/// Hands over the events of a stream in which only events of `E` may stand, in their order.
async fn read<E: Wire>(
    log: &dyn EventLog,
    stream: &StreamName,
    mut take: impl FnMut(Recorded<E>),
) -> Result<(), LoadError> {
    let mut from = Some(Revision(0));
    while let Some(start) = from {
        let page = log.read_stream(stream, start, Direction::Forward, PAGE_EVENTS_MAX).await?;
        for stored in &page.events {
            take(decode_own(stored)?);
        }
        from = page.next.filter(|_| !page.end);
    }
    Ok(())
}

/// Why a stream could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The stream could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The stream holds what this program cannot read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

impl<R> From<LoadError> for ExecuteError<R> {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Read(error) => Self::Read(error),
            LoadError::Decode(error) => Self::Decode(error),
        }
    }
}

/// Carries out a command on a stream: load, decide, append; decides anew when others wrote meanwhile.
///
/// Repeating a cause that has written to the stream gives its first events and decides nothing.
pub async fn execute<D>(
    log: &dyn EventLog,
    stream: &StreamName,
    command: D::Command,
    cause: &Cause,
) -> Result<Executed<D::Event, D::State>, ExecuteError<D::Rejection>>
where
    D: Decider,
    D::Event: Wire,
    D::Command: Clone,
{
    let mut unsettled = ExecuteError::Conflict;
    for _ in 0..ATTEMPTS_MAX {
        match attempt::<D>(log, stream, command.clone(), cause).await? {
            Attempt::Done(executed) => return Ok(executed),
            Attempt::Conflict => unsettled = ExecuteError::Conflict,
            Attempt::Unknown => unsettled = ExecuteError::Unknown,
        }
    }
    Err(unsettled)
}

/// A stream that grows long and that mostly one process writes: it is read once, and again where somebody else has
/// written to it.
///
/// Repeating a command writes nothing because its decider recognises what it has decided; causes are not looked for.
pub struct Kept<D: Decider>(Option<(D::State, Option<Revision>)>);

impl<D: Decider> Default for Kept<D> {
    /// Nothing has been read.
    fn default() -> Self {
        Self(None)
    }
}

impl<D> Kept<D>
where
    D: Decider,
    D::Event: Wire,
    D::Command: Clone,
{
    /// Carries out a command on the stream, always the same, as [`execute`] does.
    pub async fn execute(
        &mut self,
        log: &dyn EventLog,
        stream: &StreamName,
        command: D::Command,
        cause: &Cause,
    ) -> Result<(), ExecuteError<D::Rejection>> {
        let mut unsettled = ExecuteError::Conflict;
        for _ in 0..ATTEMPTS_MAX {
            let (state, last) = match self.0.take() {
                Some(kept) => kept,
                None => load::<D>(log, stream).await?,
            };
            let events = match D::decide(&state, command.clone(), &Context { now: cause.now }) {
                Ok(events) if !events.is_empty() => events,
                decided => {
                    self.0 = Some((state, last));
                    return decided.map(drop).map_err(ExecuteError::Rejected);
                }
            };
            match append(log, stream, last, &events, cause).await? {
                Attempt::Done(appended) => {
                    self.0 = Some((events.iter().fold(state, D::evolve), Some(appended.last)));
                    return Ok(());
                }
                Attempt::Conflict => unsettled = ExecuteError::Conflict,
                Attempt::Unknown => unsettled = ExecuteError::Unknown,
            }
        }
        Err(unsettled)
    }
}

enum Attempt<T> {
    Done(T),
    Conflict,
    Unknown,
}

async fn attempt<D>(
    log: &dyn EventLog,
    stream: &StreamName,
    command: D::Command,
    cause: &Cause,
) -> Result<Attempt<Executed<D::Event, D::State>>, ExecuteError<D::Rejection>>
where
    D: Decider,
    D::Event: Wire,
{
    let mut past = Past::<D>::default();
    read(log, stream, |recorded| past.take(recorded, Some(cause))).await?;
    let Past { state, last, own } = past;
    if let Some(position) = own.last().map(|recorded| recorded.position) {
        let events = own.into_iter().map(|recorded| recorded.event).collect();
        return Ok(Attempt::Done(Executed { events, state, position: Some(position) }));
    }
    let events = D::decide(&state, command, &Context { now: cause.now }).map_err(ExecuteError::Rejected)?;
    if events.is_empty() {
        return Ok(Attempt::Done(Executed { events, state, position: None }));
    }
    Ok(match append(log, stream, last, &events, cause).await? {
        Attempt::Done(appended) => {
            let state = events.iter().fold(state, D::evolve);
            Attempt::Done(Executed { events, state, position: Some(appended.position) })
        }
        Attempt::Conflict => Attempt::Conflict,
        Attempt::Unknown => Attempt::Unknown,
    })
}

/// Appends what was decided after a stream's last event.
async fn append<E: Wire, R>(
    log: &dyn EventLog,
    stream: &StreamName,
    last: Option<Revision>,
    events: &[E],
    cause: &Cause,
) -> Result<Attempt<Appended>, ExecuteError<R>> {
    match log.append(stream, Expected::after(last), encode(events, stream, cause)?).await {
        // The same cause came first meanwhile: what it decided stands, and is to be read back.
        Ok(appended) if appended.repeated => Ok(Attempt::Conflict),
        Ok(appended) => Ok(Attempt::Done(appended)),
        Err(AppendError::Conflict { .. } | AppendError::IdempotencyMismatch) => Ok(Attempt::Conflict),
        Err(AppendError::Unknown) => Ok(Attempt::Unknown),
        Err(AppendError::Invalid(reason)) => Err(ExecuteError::Invalid(reason)),
        Err(AppendError::Unavailable(fault)) => Err(ExecuteError::Unavailable(fault)),
    }
}

fn encode<E: Wire, R>(events: &[E], stream: &StreamName, cause: &Cause) -> Result<Vec<NewEvent>, ExecuteError<R>> {
    events
        .iter()
        .enumerate()
        .map(|(ordinal, event)| to_new(event, cause.event_id(stream, ordinal), cause.now, cause.provenance()))
        .collect::<Result<_, _>>()
        .map_err(ExecuteError::Encode)
}
