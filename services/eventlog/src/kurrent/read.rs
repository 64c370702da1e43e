//! Reading: a stream, the log past a position, and where it ends. Always on the leader, always with a deadline.

use std::sync::Arc;

use futures::future::BoxFuture;
use kernel::event::{Position, Revision, StreamName};
use kurrentdb::{ReadAllOptions, ReadStream, ReadStreamOptions, RecordedEvent, StreamPosition, SubscriptionFilter};
use tokio::time::{Instant, sleep, timeout};

use crate::kurrent::encoding::{Fact, decode, name, recorded_position};
use crate::kurrent::fault::Failure;
use crate::kurrent::session::Session;
use crate::kurrent::{Inner, PAUSE};
use crate::port::{Direction, Filter, PAGE_BYTES_MAX, PAGE_EVENTS_MAX, Page, ReadError, StorageFault, StoredEvent};

/// Why reading stopped short.
enum Stopped {
    /// The time was over.
    Late,
    Failed(Failure),
    Damaged(ReadError),
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Self::Damaged(error)
    }
}

impl From<Stopped> for ReadError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Damaged(error) => error,
            Stopped::Failed(Failure::Refused) => Self::Unavailable(StorageFault::Refused),
            Stopped::Failed(Failure::Deleted) => Self::Corrupt { position: None },
            Stopped::Failed(Failure::Invalid) => Self::ForeignCursor,
            Stopped::Late | Stopped::Failed(_) => Self::Unavailable(StorageFault::Unreachable),
        }
    }
}

/// A page of the log as it grows.
struct Collected {
    events: Vec<StoredEvent>,
    bytes: usize,
    /// Everything at or before has been looked at.
    looked: Option<Position>,
    max: usize,
}

impl Collected {
    fn is_full(&self) -> bool {
        self.events.len() >= self.max || self.bytes >= PAGE_BYTES_MAX
    }

    fn push(&mut self, event: StoredEvent) {
        self.bytes = self.bytes.saturating_add(event.data.len()).saturating_add(event.body.len());
        self.events.push(event);
    }
}

impl Inner {
    /// As [`EventLog::read_stream`](crate::port::EventLog::read_stream).
    pub(super) async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        let max = max.clamp(1, PAGE_EVENTS_MAX);
        let mut facts = self.read_facts(stream, from, direction, max.saturating_add(1)).await?;
        let mut bytes = 0_usize;
        let whole = facts.iter().take(max).take_while(|fact| {
            let room = bytes < PAGE_BYTES_MAX;
            bytes = bytes.saturating_add(fact.event.data.len()).saturating_add(fact.event.body.len());
            room
        });
        let count = whole.count();
        let end = count == facts.len();
        facts.truncate(count);
        let events: Vec<StoredEvent> = facts.into_iter().map(|fact| fact.event).collect();
        let next = match (direction, events.last()) {
            (_, None) => Some(from),
            (Direction::Forward, Some(last)) => Some(Revision(last.revision.0.saturating_add(1))),
            (Direction::Backward, Some(last)) => last.revision.0.checked_sub(1).map(Revision),
        };
        Ok(Page { events, next, end })
    }

    /// At most `max` events of a stream, gapless; none of a missing stream. Ends early with the event that makes it
    /// more than a page of bytes.
    pub(super) async fn read_facts(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Fact>, ReadError> {
        let beyond = i64::try_from(from.0).is_err();
        let options = ReadStreamOptions::default().requires_leader(true).deadline(self.times.page).max_count(max);
        let options = match (direction, beyond) {
            (Direction::Forward, true) => return Ok(Vec::new()),
            (Direction::Forward, false) => options.forwards().position(StreamPosition::Position(from.0)),
            (Direction::Backward, true) => options.position(StreamPosition::End).backwards(),
            (Direction::Backward, false) => options.backwards().position(StreamPosition::Position(from.0)),
        };
        let name = self.server_stream(stream);
        let (name, options) = (name.as_str(), &options);
        let read = |session: Arc<Session>| -> BoxFuture<'_, _> {
            Box::pin(async move { self.facts(&session, name, options, (from, direction)).await })
        };
        match self.patiently(read).await {
            Ok(facts) => Ok(facts),
            Err(Stopped::Failed(Failure::Missing)) => Ok(Vec::new()),
            Err(stopped) => Err(stopped.into()),
        }
    }

    async fn facts(
        &self,
        session: &Session,
        name: &str,
        options: &ReadStreamOptions,
        (from, direction): (Revision, Direction),
    ) -> Result<Vec<Fact>, Stopped> {
        let mut reading = session.client().read_stream(name, options).await.map_err(|error| failed(&error))?;
        let mut facts: Vec<Fact> = Vec::new();
        let mut bytes = 0_usize;
        let mut due = (direction == Direction::Forward).then_some(from.0);
        while let Some(recorded) = next(&mut reading).await? {
            let position = recorded_position(&recorded);
            let damaged = ReadError::Corrupt { position };
            let fact = decode(&recorded, &self.namespace).unwrap_or(Err(damaged))?;
            if due.is_some_and(|due| due != fact.event.revision.0) {
                return Err(damaged.into());
            }
            due = match direction {
                Direction::Forward => fact.event.revision.0.checked_add(1),
                Direction::Backward => fact.event.revision.0.checked_sub(1),
            };
            let full = bytes >= PAGE_BYTES_MAX;
            bytes = bytes.saturating_add(fact.event.data.len()).saturating_add(fact.event.body.len());
            facts.push(fact);
            if full {
                break;
            }
        }
        Ok(facts)
    }

    /// As [`EventLog::read_log`](crate::port::EventLog::read_log).
    pub(super) async fn read_log(
        &self,
        after: Option<Position>,
        filter: &Filter,
        max: usize,
    ) -> Result<Page, ReadError> {
        let known = self.known_past(after).await?;
        let Some(wanted) = self.server_filter(filter) else {
            return Ok(Page { events: Vec::new(), next: known, end: true });
        };
        let max = max.clamp(1, PAGE_EVENTS_MAX);
        let asked = max.saturating_add(2);
        match self.page(after, filter, wanted, (asked, max), known).await {
            Err(Stopped::Late) if *filter != Filter::All => {
                let all = (PAGE_EVENTS_MAX, max);
                Ok(self.page(after, filter, self.whole_log(), all, known).await?)
            }
            page => Ok(page?),
        }
    }

    /// Where the log is known to end, which is not before `after`: otherwise `after` belongs to another log. Whatever
    /// is read from now on reaches at least as far.
    async fn known_past(&self, after: Option<Position>) -> Result<Option<Position>, ReadError> {
        let known = self.known();
        if known.is_some() && known >= after {
            return Ok(known);
        }
        let head = self.head().await?;
        if head < after { Err(ReadError::ForeignCursor) } else { Ok(head) }
    }

    /// A page of what passes both filters, `wanted` on the server. Late, when that brought no cursor of this log any
    /// further: what was looked at must be the position of an event of this log, as others are nobody's to keep.
    async fn page(
        &self,
        after: Option<Position>,
        filter: &Filter,
        wanted: SubscriptionFilter,
        (asked, max): (usize, usize),
        known: Option<Position>,
    ) -> Result<Page, Stopped> {
        let from = after.map_or(StreamPosition::Start, |Position(place)| {
            StreamPosition::Position(kurrentdb::Position { commit: place, prepare: place })
        });
        let options = ReadAllOptions::default().position(from).filter(wanted).max_count(asked);
        let options = options.requires_leader(true).deadline(self.times.filter);
        let options = &options;
        let read = |session: Arc<Session>| -> BoxFuture<'_, _> {
            Box::pin(async move {
                let mut page = Collected { events: Vec::new(), bytes: 0, looked: after, max };
                let collecting = self.collect(&session, options, filter, (after, asked), &mut page);
                let end = match timeout(self.times.filter, collecting).await {
                    Ok(Ok(end)) => end,
                    Err(_) | Ok(Err(Stopped::Late)) => false,
                    Ok(Err(stopped)) => return Err(stopped),
                };
                Ok((page, end))
            })
        };
        let (page, end) = self.patiently(read).await?;
        if !end && page.looked <= after {
            return Err(Stopped::Late);
        }
        let next = if end { page.looked.max(known) } else { page.looked };
        self.note(next);
        Ok(Page { events: page.events, next, end })
    }

    /// Fills the page; tells whether the server had nothing further.
    async fn collect(
        &self,
        session: &Session,
        options: &ReadAllOptions,
        filter: &Filter,
        (after, asked): (Option<Position>, usize),
        page: &mut Collected,
    ) -> Result<bool, Stopped> {
        let mut reading = session.client().read_all(options).await.map_err(|error| failed(&error))?;
        let mut received = 0_usize;
        while let Some(recorded) = next(&mut reading).await? {
            received = received.saturating_add(1);
            let position = recorded_position(&recorded);
            if position.is_some() && position <= after {
                continue;
            }
            let Some(name) = name(&recorded, &self.namespace) else { continue };
            let wanted = filter.matches(name, &recorded.event_type);
            if wanted && page.is_full() {
                return Ok(false);
            }
            if wanted && let Some(fact) = decode(&recorded, &self.namespace) {
                page.push(fact?.event);
            }
            page.looked = position.max(page.looked);
        }
        Ok(received < asked)
    }

    /// As [`EventLog::event_at`](crate::port::EventLog::event_at): read from the position itself, as the server refuses
    /// to begin where no record does.
    pub(super) async fn event_at(&self, position: Position) -> Result<Option<StoredEvent>, ReadError> {
        if self.known() < Some(position) && self.head().await? < Some(position) {
            return Ok(None);
        }
        let place = kurrentdb::Position { commit: position.0, prepare: position.0 };
        let options = ReadAllOptions::default().position(StreamPosition::Position(place)).max_count(1);
        let options = options.requires_leader(true).deadline(self.times.page);
        let options = &options;
        let read = |session: Arc<Session>| -> BoxFuture<'_, _> {
            Box::pin(async move {
                let mut reading = session.client().read_all(options).await.map_err(|error| failed(&error))?;
                let Some(recorded) = next(&mut reading).await? else { return Ok(None) };
                match recorded_position(&recorded) {
                    None => Err(ReadError::Corrupt { position: Some(position) }.into()),
                    Some(found) if found != position => Ok(None),
                    Some(_) => Ok(decode(&recorded, &self.namespace).transpose()?.map(|fact| fact.event)),
                }
            })
        };
        match self.patiently(read).await {
            Err(Stopped::Failed(Failure::Invalid)) => Ok(None),
            found => Ok(found?),
        }
    }

    /// As [`EventLog::head`](crate::port::EventLog::head).
    pub(super) async fn head(&self) -> Result<Option<Position>, ReadError> {
        let options = ReadAllOptions::default().position(StreamPosition::End).backwards().filter(self.whole_log());
        let options = options.max_count(1).requires_leader(true).deadline(self.times.page);
        let options = &options;
        let read = |session: Arc<Session>| -> BoxFuture<'_, _> {
            Box::pin(async move {
                let mut reading = session.client().read_all(options).await.map_err(|error| failed(&error))?;
                let Some(recorded) = next(&mut reading).await? else { return Ok(None) };
                let position = recorded_position(&recorded);
                if position.is_none() { Err(ReadError::Corrupt { position }.into()) } else { Ok(position) }
            })
        };
        let head = self.patiently(read).await?;
        self.note(head);
        Ok(head)
    }

    /// Reads, once more over a new connection where the first one fails, and again for a while where the cluster has
    /// no leader: reading twice does no harm.
    async fn patiently<'a, T>(
        &self,
        read: impl Fn(Arc<Session>) -> BoxFuture<'a, Result<T, Stopped>> + Send + Sync,
    ) -> Result<T, Stopped> {
        let started = Instant::now();
        let mut broken = false;
        loop {
            let session = self.sessions.get().await.map_err(ReadError::Unavailable)?;
            let failure = match timeout(self.times.page, read(Arc::clone(&session))).await {
                Ok(Err(Stopped::Failed(failure))) => failure,
                Ok(result) => return result,
                Err(_) => {
                    self.sessions.retire(&session);
                    return Err(Stopped::Late);
                }
            };
            match failure {
                Failure::NotNow if started.elapsed() < self.times.leader => sleep(PAUSE).await,
                _ if failure.ends_session() && !broken => {
                    broken = true;
                    self.sessions.retire(&session);
                }
                _ => return Err(Stopped::Failed(failure)),
            }
        }
    }

    /// What the server is to leave out; it may let through more than is wanted. `None`: nothing is wanted.
    fn server_filter(&self, filter: &Filter) -> Option<SubscriptionFilter> {
        let on_stream = SubscriptionFilter::on_stream_name;
        let beginning = |start: SubscriptionFilter, prefixes: Vec<String>| {
            let filter = prefixes.iter().fold(start, SubscriptionFilter::add_prefix);
            (!prefixes.is_empty()).then_some(filter)
        };
        match filter {
            Filter::All => Some(self.whole_log()),
            Filter::Categories(names) => {
                let prefixes = names.iter().map(|name| format!("{}.{name}-", self.namespace));
                beginning(on_stream(), prefixes.collect())
            }
            Filter::Stream(stream) => beginning(on_stream(), vec![self.server_stream(stream)]),
            Filter::Kinds(kinds) => beginning(SubscriptionFilter::on_event_type(), kinds.clone()),
        }
    }

    /// Every stream of the log; the server's own streams begin with `$`, and other logs with other names.
    fn whole_log(&self) -> SubscriptionFilter {
        SubscriptionFilter::on_stream_name().add_prefix(format!("{}.", self.namespace))
    }
}

fn failed(error: &kurrentdb::Error) -> Stopped {
    let failure = Failure::from(error);
    if matches!(error, kurrentdb::Error::DeadlineExceeded) {
        return Stopped::Late;
    }
    if failure != Failure::Missing {
        tracing::warn!(%error, ?failure, "a read of KurrentDB failed");
    }
    Stopped::Failed(failure)
}

/// The next event. Links, which the server makes in its own streams, are not followed, so there always is one.
async fn next(reading: &mut ReadStream) -> Result<Option<RecordedEvent>, Stopped> {
    let Some(resolved) = reading.next().await.map_err(|error| failed(&error))? else { return Ok(None) };
    resolved.event.map(Some).ok_or(Stopped::Damaged(ReadError::Corrupt { position: None }))
}
