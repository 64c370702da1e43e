//! The port: what every backend promises, and nothing more.
//!
//! Atomic append to one stream with an expected revision, reading a stream, reading the whole log after a position,
//! subscribing. Deliberately absent: appends to several streams, appends without expectation, deletion.

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use uuid::Uuid;

/// The most events in one append.
pub const APPEND_EVENTS_MAX: usize = 10_000;
/// The most bytes of JSON in one event.
pub const DATA_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of binary body in one event.
pub const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;
/// The most bytes of JSON and bodies in one append: KurrentDB takes 16 MB at once, with all that belongs to an event.
pub const APPEND_BYTES_MAX: usize = 12 * 1024 * 1024;
/// The most bytes in the name of an event's kind.
pub const KIND_BYTES_MAX: usize = 100;
/// The most bytes in the name of an actor.
pub const ACTOR_BYTES_MAX: usize = 200;
/// The most events in one page; a page also ends once it holds [`PAGE_BYTES_MAX`].
pub const PAGE_EVENTS_MAX: usize = 4096;
/// A page ends with the event that reaches this many bytes of JSON and bodies.
pub const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where the writer believes the stream to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no events.
    NoStream,
    /// The stream's last event has this revision.
    At(Revision),
}

impl Expected {
    /// The expectation of a writer who has read up to `last`.
    pub fn after(last: Option<Revision>) -> Self {
        last.map_or(Self::NoStream, Self::At)
    }

    /// The last revision this expects.
    pub fn last(self) -> Option<Revision> {
        match self {
            Self::NoStream => None,
            Self::At(revision) => Some(revision),
        }
    }

    /// The revision the first appended event gets.
    pub fn first_new(self) -> Revision {
        self.last().map_or(Revision(0), |last| Revision(last.0.saturating_add(1)))
    }
}

/// An event to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Derived from the cause and the ordinal, so that a retry is recognised.
    pub id: Uuid,
    /// The name of the fact, `snake_case`; at most [`KIND_BYTES_MAX`].
    pub kind: String,
    /// The version of the serialised form, from 1.
    pub version: u16,
    /// The instant of the decision, UTC, kept to the nanosecond; from 1678 to 2262.
    pub occurred_at: Timestamp,
    /// Who and what led to it.
    pub provenance: Provenance,
    /// JSON; at most [`DATA_BYTES_MAX`].
    pub data: Vec<u8>,
    /// Binary body, empty but for usage; at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// An event as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// As appended.
    pub id: Uuid,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Its index in the stream.
    pub revision: Revision,
    /// Its place in the log.
    pub position: Position,
    /// As appended.
    pub kind: String,
    /// As appended.
    pub version: u16,
    /// As appended.
    pub occurred_at: Timestamp,
    /// As appended.
    pub provenance: Provenance,
    /// As appended.
    pub data: Vec<u8>,
    /// As appended.
    pub body: Vec<u8>,
}

/// Where an append went. It is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The revision of its first event.
    pub first: Revision,
    /// The revision of its last event.
    pub last: Revision,
    /// The position of its last event.
    pub position: Position,
    /// Whether an earlier append had already written it; then this is that append's result.
    pub repeated: bool,
}

/// Why an append was refused before the store was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppend {
    /// No events.
    #[error("an append holds at least one event")]
    Empty,
    /// More than [`APPEND_EVENTS_MAX`] events.
    #[error("an append holds at most {APPEND_EVENTS_MAX} events")]
    TooManyEvents,
    /// More than [`DATA_BYTES_MAX`] of JSON in one event.
    #[error("the JSON of an event holds at most {DATA_BYTES_MAX} bytes")]
    DataTooLarge,
    /// More than [`BODY_BYTES_MAX`] of body in one event.
    #[error("the body of an event holds at most {BODY_BYTES_MAX} bytes")]
    BodyTooLarge,
    /// More than [`APPEND_BYTES_MAX`] in all.
    #[error("an append holds at most {APPEND_BYTES_MAX} bytes")]
    AppendTooLarge,
    /// An empty kind, one that is too long or holds a zero byte, or version 0.
    #[error("an event has a kind of 1 to {KIND_BYTES_MAX} bytes without zeros and a version from 1")]
    Kind,
    /// An actor longer than [`ACTOR_BYTES_MAX`], or with a zero byte.
    #[error("an actor is at most {ACTOR_BYTES_MAX} bytes long, without zeros")]
    Actor,
    /// An instant outside of the years 1678 to 2262.
    #[error("an event happens between the years 1678 and 2262")]
    Instant,
    /// The same id twice in one append.
    #[error("the same event id stands twice in one append")]
    DuplicateId,
}

/// What is wrong with the store. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageFault {
    /// No space is left; writing works again as soon as there is some.
    #[error("the disk is full, or the log has reached its limit")]
    Full,
    /// Reading or writing failed.
    #[error("the disk cannot be read or written")]
    Io,
    /// The store is not there: it is down, or the way to it is cut.
    #[error("the store cannot be reached")]
    Unreachable,
    /// The log has been closed.
    #[error("the log is closed")]
    Closed,
    /// The store refused for another reason; the program's log has it.
    #[error("the store refused")]
    Refused,
}

/// Why an append gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream ends elsewhere. Nothing was written.
    #[error("the stream does not end where the writer expected")]
    Conflict {
        /// The stream's last revision; `None` without events.
        actual: Option<Revision>,
    },
    /// Some of the events are recorded already, but not as exactly this append. Nothing was written.
    #[error("some of the events are recorded already, but not as this append")]
    IdempotencyMismatch,
    /// Outside of the limits. Nothing was written.
    #[error("{0}")]
    Invalid(InvalidAppend),
    /// The store could not write. Nothing was written.
    #[error("nothing was written: {0}")]
    Unavailable(StorageFault),
    /// It may have been written: repeat the same append until the answer is definite.
    #[error("the append may or may not have been written")]
    Unknown,
}

/// Why a read gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What is stored is not what was written.
    #[error("the log is damaged{}", at(position.as_ref()))]
    Corrupt {
        /// The damaged event, where the damage names one.
        position: Option<Position>,
    },
    /// The cursor lies beyond the end: it belongs to another log.
    #[error("the cursor lies beyond the end of this log")]
    ForeignCursor,
    /// The store could not be read.
    #[error("the log could not be read: {0}")]
    Unavailable(StorageFault),
}

fn at(position: Option<&Position>) -> String {
    position.map(|position| format!(" at position {position}")).unwrap_or_default()
}

/// Events in order, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<C = Position> {
    /// What was found.
    pub events: Vec<StoredEvent>,
    /// Pass it on to read further. In the log: the position looked at last, as `after`; it may lie past the last
    /// event found. In a stream: the next revision, as `from`; `None` before the first.
    pub next: Option<C>,
    /// Whether there was nothing further when this was read.
    pub end: bool,
}

/// Which way a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// By rising revisions.
    Forward,
    /// By falling revisions.
    Backward,
}

/// Which events of the log are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every one.
    All,
    /// Those in streams of these categories.
    Categories(Vec<String>),
    /// Those in one stream.
    Stream(StreamName),
    /// Those of these kinds.
    Kinds(Vec<String>),
}

impl Filter {
    /// Those in streams of these categories.
    pub fn categories(names: &[&str]) -> Self {
        Self::Categories(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Those of these kinds.
    pub fn kinds(names: &[&str]) -> Self {
        Self::Kinds(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether an event of `kind` in `stream` is wanted.
    pub fn matches(&self, stream: &str, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Categories(names) => {
                let category = stream.split_once('-').map_or(stream, |(category, _)| category);
                names.iter().any(|name| name == category)
            }
            Self::Stream(name) => name.as_str() == stream,
            Self::Kinds(names) => names.iter().any(|name| name == kind),
        }
    }
}

/// What a subscription tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The next event that matches.
    Event(Box<StoredEvent>),
    /// Everything at or before has been looked at; nothing more in there matched.
    Progress(Position),
    /// The end of the log has been reached; what follows is new.
    CaughtUp,
    /// More was written than one page since the end was reached; [`Delivery::CaughtUp`] follows again.
    FellBehind,
}

/// An append-only log of events in streams.
///
/// *Durable*: an answered append is on disk, and nothing else is ever shown. *Prefix consistent*: once a reader has
/// seen a position, nothing at or before it appears later. *Gapless*: revisions count from 0. *Idempotent*: the same
/// ids with the same expectation give the first result.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends the events to one stream, all or none.
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError>;

    /// Reads at most `max` events (and at most a page) of a stream, starting with revision `from`.
    /// A stream without events reads as an empty page.
    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError>;

    /// The last event of a stream; `None` where it has none.
    async fn last_of(&self, stream: &StreamName) -> Result<Option<StoredEvent>, ReadError> {
        let page = self.read_stream(stream, Revision(u64::MAX), Direction::Backward, 1).await?;
        Ok(page.events.into_iter().next())
    }

    /// Reads at most `max` matching events (and at most a page) of the whole log, past `after`.
    /// A page may be empty before the end, when nothing in a long stretch matched.
    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError>;

    /// The event at a position; `None` where there is none.
    ///
    /// Written here for positions that count up by one; where they leave gaps, no reading begins within a gap.
    async fn event_at(&self, position: Position) -> Result<Option<StoredEvent>, ReadError> {
        let before = position.0.checked_sub(1).filter(|before| *before > 0).map(Position);
        match self.read_log(before, &Filter::All, 1).await {
            Ok(page) => Ok(page.events.into_iter().find(|event| event.position == position)),
            Err(ReadError::ForeignCursor) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The position of the last event; `None` in an empty log.
    async fn head(&self) -> Result<Option<Position>, ReadError>;

    /// Delivers everything past `after`, then what is appended. Ends with the first error; reconnecting is the
    /// subscriber's business.
    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>>;
}

/// Checks an append against the limits.
pub fn check(events: &[NewEvent]) -> Result<(), InvalidAppend> {
    if events.is_empty() {
        return Err(InvalidAppend::Empty);
    }
    if events.len() > APPEND_EVENTS_MAX {
        return Err(InvalidAppend::TooManyEvents);
    }
    events.iter().try_for_each(check_event)?;
    let bytes: usize = events.iter().map(|event| event.data.len().saturating_add(event.body.len())).sum();
    if bytes > APPEND_BYTES_MAX {
        return Err(InvalidAppend::AppendTooLarge);
    }
    check_ids(events)
}

fn check_event(event: &NewEvent) -> Result<(), InvalidAppend> {
    if event.data.len() > DATA_BYTES_MAX {
        return Err(InvalidAppend::DataTooLarge);
    }
    if event.body.len() > BODY_BYTES_MAX {
        return Err(InvalidAppend::BodyTooLarge);
    }
    if event.kind.is_empty() || event.version == 0 || !is_text(&event.kind, KIND_BYTES_MAX) {
        return Err(InvalidAppend::Kind);
    }
    if !is_text(&event.provenance.actor, ACTOR_BYTES_MAX) {
        return Err(InvalidAppend::Actor);
    }
    i64::try_from(event.occurred_at.as_nanosecond()).map(|_| ()).map_err(|_| InvalidAppend::Instant)
}

/// PostgreSQL keeps no text with a zero byte.
fn is_text(text: &str, bytes_max: usize) -> bool {
    text.len() <= bytes_max && !text.contains('\0')
}

fn check_ids(events: &[NewEvent]) -> Result<(), InvalidAppend> {
    if events.len() == 1 {
        return Ok(());
    }
    let mut ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).any(|pair| pair.first() == pair.last());
    if twice { Err(InvalidAppend::DuplicateId) } else { Ok(()) }
}
