//! The reference model: the port's promises in memory, as plainly as can be. Backends are compared with it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::watch;
use uuid::Uuid;

use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StoredEvent,
    check,
};
use crate::subscription::subscribe;

/// A log in memory. Clones are the same log.
#[derive(Clone)]
pub struct ModelLog {
    state: Arc<Mutex<State>>,
    published: Arc<watch::Sender<Option<Position>>>,
}

#[derive(Default)]
struct State {
    log: Vec<StoredEvent>,
    streams: HashMap<StreamName, Stream>,
}

#[derive(Default)]
struct Stream {
    events: Vec<StoredEvent>,
    /// Every append, in order, with what it was answered.
    appends: Vec<(Vec<Uuid>, Appended)>,
}

impl Default for ModelLog {
    fn default() -> Self {
        Self { state: Arc::default(), published: Arc::new(watch::Sender::new(None)) }
    }
}

impl ModelLog {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        let state = self.state();
        let from = index(after.map_or(0, |after| after.0));
        if from > state.log.len() {
            return Err(ReadError::ForeignCursor);
        }
        let rest = state.log.iter().skip(from);
        let mut wanted = rest.filter(|event| filter.matches(event.stream.as_str(), &event.kind));
        let events: Vec<StoredEvent> = wanted.by_ref().take(max).cloned().collect();
        let end = wanted.next().is_none();
        let last = events.last().map(|event| event.position);
        let next = if end { state.log.last().map(|event| event.position) } else { last };
        Ok(Page { events, next, end })
    }
}

impl State {
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
        let mut state = self.state();
        let appended = state.append(stream, expected, events)?;
        self.published.send_replace(state.log.last().map(|event| event.position));
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
        let state = self.state();
        let events = state.streams.get(stream).map(|known| known.events.as_slice()).unwrap_or_default();
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
        Ok(*self.published.borrow())
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let log = self.clone();
        let published = self.published.subscribe();
        let read = move |after| -> futures::future::BoxFuture<'static, _> {
            let (log, filter) = (log.clone(), filter.clone());
            Box::pin(async move { log.page(after, &filter, 500) })
        };
        subscribe(Box::new(read), published, after)
    }
}
