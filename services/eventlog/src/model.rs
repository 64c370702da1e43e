//! The reference model: the port's promises in memory, as plainly as can be. Backends are compared with it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::watch;
use uuid::Uuid;

use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
    StoredEvent, check,
};
use crate::subscription::subscribe;

/// A log in memory. Clones are the same log.
#[derive(Clone, Default)]
pub struct ModelLog {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    facts: Facts,
    published: watch::Sender<Option<Position>>,
    stopped: bool,
}

#[derive(Clone, Default)]
struct Facts {
    log: Vec<StoredEvent>,
    streams: HashMap<StreamName, Stream>,
}

/// What a log held at some moment.
pub struct Backup(Facts);

#[derive(Clone, Default)]
struct Stream {
    events: Vec<StoredEvent>,
    /// Every append, in order, with what it was answered.
    appends: Vec<(Vec<Uuid>, Appended)>,
}

impl ModelLog {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the store: whoever follows it hears of it, and nothing is answered until [`Self::resume`].
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        // Who has subscribed sees the old one end.
        state.published = watch::Sender::new(state.facts.head());
    }

    /// Goes on after [`Self::stop`].
    pub fn resume(&self) {
        self.state().stopped = false;
    }

    /// Copies what the log holds.
    pub fn back_up(&self) -> Backup {
        Backup(self.state().facts.clone())
    }

    /// A new log that holds what was copied.
    pub fn restored(backup: &Backup) -> Self {
        let facts = backup.0.clone();
        let published = watch::Sender::new(facts.head());
        Self { state: Arc::new(Mutex::new(State { facts, published, stopped: false })) }
    }

    /// The state of a store that has not been stopped.
    fn running(&self) -> Result<MutexGuard<'_, State>, StorageFault> {
        let state = self.state();
        if state.stopped { Err(StorageFault::Closed) } else { Ok(state) }
    }

    fn page(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        let state = self.running().map_err(ReadError::Unavailable)?;
        let log = &state.facts.log;
        let from = index(after.map_or(0, |after| after.0));
        if from > log.len() {
            return Err(ReadError::ForeignCursor);
        }
        let rest = log.iter().skip(from);
        let mut wanted = rest.filter(|event| filter.matches(event.stream.as_str(), &event.kind));
        let events: Vec<StoredEvent> = wanted.by_ref().take(max).cloned().collect();
        let end = wanted.next().is_none();
        let last = events.last().map(|event| event.position);
        let next = if end { state.facts.head() } else { last };
        Ok(Page { events, next, end })
    }
}

impl Facts {
    fn head(&self) -> Option<Position> {
        self.log.last().map(|event| event.position)
    }

    fn append(
        &mut self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let known = self.streams.get(stream);
        let actual = known.and_then(|known| known.events.last()).map(|event| event.revision);
        if actual != expected.last() {
            let known = known.ok_or(AppendError::Conflict { actual })?;
            return known.repeat(expected.first_new(), &ids).unwrap_or(Err(AppendError::Conflict { actual }));
        }
        Ok(self.write(stream, expected.first_new(), ids, events))
    }

    fn write(&mut self, stream: &StreamName, first: Revision, ids: Vec<Uuid>, events: Vec<NewEvent>) -> Appended {
        let known = self.streams.entry(stream.clone()).or_default();
        for (revision, event) in (first.0..).zip(events) {
            let position = Position(number(self.log.len()).saturating_add(1));
            let stored = place(event, stream, Revision(revision), position);
            self.log.push(stored.clone());
            known.events.push(stored);
        }
        let last = Revision(number(known.events.len()).saturating_sub(1));
        let appended = Appended { first, last, position: Position(number(self.log.len())), repeated: false };
        known.appends.push((ids, appended));
        appended
    }
}

impl Stream {
    /// The first result, if exactly this append was made at `first`; a mismatch, if part of it was; otherwise `None`.
    fn repeat(&self, first: Revision, ids: &[Uuid]) -> Option<Result<Appended, AppendError>> {
        let same = self.appends.iter().find(|(known, appended)| known == ids && appended.first == first);
        if let Some((_, appended)) = same {
            return Some(Ok(Appended { repeated: true, ..*appended }));
        }
        let wanted: HashSet<&Uuid> = ids.iter().collect();
        let place = self.events.iter().skip(index(first.0)).take(ids.len().saturating_add(1));
        let overlap = place.into_iter().any(|event| wanted.contains(&event.id));
        overlap.then_some(Err(AppendError::IdempotencyMismatch))
    }
}

fn place(event: NewEvent, stream: &StreamName, revision: Revision, position: Position) -> StoredEvent {
    StoredEvent {
        id: event.id,
        stream: stream.clone(),
        revision,
        position,
        kind: event.kind,
        version: event.version,
        occurred_at: event.occurred_at,
        provenance: event.provenance,
        data: event.data,
        body: event.body,
    }
}

fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[async_trait]
impl EventLog for ModelLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        check(&events).map_err(AppendError::Invalid)?;
        let mut state = self.running().map_err(AppendError::Unavailable)?;
        let appended = state.facts.append(stream, expected, events)?;
        let head = state.facts.head();
        state.published.send_replace(head);
        Ok(appended)
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        let max = max.max(1);
        let state = self.running().map_err(ReadError::Unavailable)?;
        let events = state.facts.streams.get(stream).map(|known| known.events.as_slice()).unwrap_or_default();
        let from_index = index(from.0);
        let (found, end): (Vec<StoredEvent>, bool) = match direction {
            Direction::Forward => {
                let rest = events.get(from_index.min(events.len())..).unwrap_or_default();
                (rest.iter().take(max).cloned().collect(), rest.len() <= max)
            }
            Direction::Backward => {
                let rest = events.get(..from_index.saturating_add(1).min(events.len())).unwrap_or_default();
                (rest.iter().rev().take(max).cloned().collect(), rest.len() <= max)
            }
        };
        let next = match (direction, found.last()) {
            (_, None) => Some(from),
            (Direction::Forward, Some(last)) => Some(Revision(last.revision.0.saturating_add(1))),
            (Direction::Backward, Some(last)) => last.revision.0.checked_sub(1).map(Revision),
        };
        Ok(Page { events: found, next, end })
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.page(after, filter, max)
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        let state = self.running().map_err(ReadError::Unavailable)?;
        Ok(state.facts.head())
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let log = self.clone();
        let published = self.state().published.subscribe();
        let read = move |after| -> futures::future::BoxFuture<'static, _> {
            let (log, filter) = (log.clone(), filter.clone());
            Box::pin(async move { log.page(after, &filter, 500) })
        };
        subscribe(Box::new(read), published, after)
    }
}
