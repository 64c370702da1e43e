//! A log whose appends fail, hang or lose their answers as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventlog::model::ModelLog;
use eventlog::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
};
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use tokio::sync::watch;

/// What befalls an append.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// None.
    Fine,
    /// It is written, and the answer is lost.
    WrittenUnanswered,
    /// It is not written, and nobody knows.
    LostUnanswered,
    /// The disk is full.
    Full,
    /// Another node has written to the stream.
    Overtaken,
}

/// A log with fates for the next appends to streams of one category, and a gate before them.
#[derive(Clone)]
pub struct TestLog {
    inner: Arc<dyn EventLog>,
    fates: Arc<Mutex<VecDeque<(&'static str, Fate)>>>,
    /// The category whose appends have to wait.
    gate: Arc<watch::Sender<Option<&'static str>>>,
    /// How many appends have been tried, waiting ones included.
    tries: Arc<watch::Sender<Vec<String>>>,
}

impl Default for TestLog {
    fn default() -> Self {
        Self::over(Arc::new(ModelLog::default()))
    }
}

impl TestLog {
    pub fn over(inner: Arc<dyn EventLog>) -> Self {
        Self {
            inner,
            fates: Arc::default(),
            gate: Arc::new(watch::Sender::new(None)),
            tries: Arc::new(watch::Sender::new(Vec::new())),
        }
    }

    /// The next appends to streams of the category meet these fates.
    pub fn doom(&self, category: &'static str, fates: &[Fate]) {
        self.fates.lock().unwrap().extend(fates.iter().map(|fate| (category, *fate)));
    }

    /// Appends to streams of the category wait from now on.
    pub fn block(&self, category: &'static str) {
        self.gate.send_replace(Some(category));
    }

    /// Lets everything through.
    pub fn unblock(&self) {
        self.gate.send_replace(None);
    }

    /// Waits until so many appends to streams of the category have been tried.
    pub async fn tried(&self, category: &str, count: usize) {
        let tried = |tries: &Vec<String>| tries.iter().filter(|tried| *tried == category).count() >= count;
        self.tries.subscribe().wait_for(tried).await.unwrap();
    }

    fn fate(&self, category: &str) -> Option<Fate> {
        let mut fates = self.fates.lock().unwrap();
        let next = fates.iter().position(|(doomed, _)| *doomed == category)?;
        fates.remove(next).map(|(_, fate)| fate)
    }
}

#[async_trait]
impl EventLog for TestLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        self.tries.send_modify(|tries| tries.push(stream.category().to_owned()));
        self.gate.subscribe().wait_for(|gate| *gate != Some(stream.category())).await.unwrap();
        match self.fate(stream.category()) {
            None | Some(Fate::Fine) => self.inner.append(stream, expected, events).await,
            Some(Fate::WrittenUnanswered) => {
                self.inner.append(stream, expected, events).await.unwrap();
                Err(AppendError::Unknown)
            }
            Some(Fate::LostUnanswered) => Err(AppendError::Unknown),
            Some(Fate::Full) => Err(AppendError::Unavailable(StorageFault::Full)),
            Some(Fate::Overtaken) => Err(AppendError::Conflict { actual: Some(Revision(9)) }),
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.inner.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.inner.read_log(after, filter, max).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.inner.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        self.inner.subscribe(after, filter)
    }
}
