//! A log for tests that fails on demand: the model with a script of what goes wrong.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};

use crate::model::ModelLog;
use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
};

/// What befalls an append.
pub(crate) enum Fate {
    /// Another writer comes first, with this event.
    Overtaken(NewEvent),
    /// It is written, and the answer is lost.
    WrittenUnanswered,
    /// It is not written, and nobody knows.
    LostUnanswered,
    /// The store is full.
    Full,
}

/// The model with fates for its next appends.
#[derive(Default)]
pub(crate) struct FaultyLog {
    pub(crate) model: ModelLog,
    /// How often a stream was read.
    pub(crate) reads: AtomicUsize,
    fates: Mutex<VecDeque<Fate>>,
}

impl FaultyLog {
    pub(crate) fn with(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { fates: Mutex::new(fates.into_iter().collect()), ..Self::default() }
    }
}

#[async_trait]
impl EventLog for FaultyLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let fate = self.fates.lock().unwrap().pop_front();
        match fate {
            None => self.model.append(stream, expected, events).await,
            Some(Fate::Overtaken(event)) => {
                self.model.append(stream, expected, vec![event]).await.unwrap();
                self.model.append(stream, expected, events).await
            }
            Some(Fate::WrittenUnanswered) => {
                self.model.append(stream, expected, events).await.unwrap();
                Err(AppendError::Unknown)
            }
            Some(Fate::LostUnanswered) => Err(AppendError::Unknown),
            Some(Fate::Full) => Err(AppendError::Unavailable(StorageFault::Full)),
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.model.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.model.read_log(after, filter, max).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.model.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        self.model.subscribe(after, filter)
    }
}
