//! A log in memory that is slow, full, or does not say whether it has written.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agreements::published::agreement::Event as AgreementEvent;
use async_trait::async_trait;
use eventlog::codec;
use eventlog::model::ModelLog;
use eventlog::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError, StorageFault,
    StoredEvent,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use kernel::meter::Quantity;

use crate::twin::Twin;

/// The log as the node sees it; [`SimLog::truth`] is what it really holds. Clones are the same log.
#[derive(Clone)]
pub struct SimLog {
    truth: ModelLog,
    rng: Arc<Mutex<fastrand::Rng>>,
    /// Of 100 operations so many meet trouble.
    trouble: Arc<AtomicU8>,
    twin: Option<Twin>,
}

/// What befalls an append.
enum Fate {
    Fine,
    WrittenUnanswered,
    LostUnanswered,
    Full,
}

impl SimLog {
    /// An empty log without trouble.
    pub fn new(rng: fastrand::Rng, twin: Option<Twin>) -> Self {
        Self { truth: ModelLog::default(), rng: Arc::new(Mutex::new(rng)), trouble: Arc::default(), twin }
    }

    /// What it really holds.
    pub const fn truth(&self) -> &ModelLog {
        &self.truth
    }

    /// Of 100 operations so many meet trouble from now on.
    pub fn set_trouble(&self, percent: u8) {
        self.trouble.store(percent, Ordering::Relaxed);
    }

    fn draw<T>(&self, of: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        of(&mut rng)
    }

    fn meets_trouble(&self) -> bool {
        let trouble = self.trouble.load(Ordering::Relaxed);
        self.draw(|rng| rng.u8(0..100)) < trouble
    }

    fn fate(&self) -> Fate {
        if !self.meets_trouble() {
            return Fate::Fine;
        }
        match self.draw(|rng| rng.u8(0..5)) {
            0 | 1 => Fate::WrittenUnanswered,
            2 | 3 => Fate::LostUnanswered,
            _ => Fate::Full,
        }
    }

    /// Mostly no time at all, sometimes milliseconds, rarely seconds.
    async fn pause(&self) {
        let milliseconds = self.draw(|rng| match rng.u8(0..20) {
            0..=11 => 0,
            12..=18 => rng.u64(1..20),
            _ => rng.u64(20..4_000),
        });
        if milliseconds > 0 {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
    }

    fn readable(&self) -> Result<(), ReadError> {
        let fails = self.meets_trouble() && self.draw(|rng| rng.u8(0..4)) == 0;
        if fails { Err(ReadError::Unavailable(StorageFault::Io)) } else { Ok(()) }
    }

    /// Answers at once and writes later.
    fn append_late(&self, stream: &StreamName, expected: Expected, events: Vec<NewEvent>) -> Appended {
        let (log, stream) = (self.clone(), stream.clone());
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let first = expected.first_new();
        tokio::spawn(async move {
            log.pause().await;
            _ = log.truth.append(&stream, expected, events).await;
        });
        let last = Revision(first.0.saturating_add(count).saturating_sub(1));
        Appended { first, last, position: Position(u64::MAX), repeated: false }
    }
}

#[async_trait]
impl EventLog for SimLog {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        if self.twin == Some(Twin::AnsweredEarly) && stream.category() == "usage" {
            return Ok(self.append_late(stream, expected, events));
        }
        self.pause().await;
        let outcome = match self.fate() {
            Fate::Fine => self.truth.append(stream, expected, events).await,
            Fate::WrittenUnanswered => self.truth.append(stream, expected, events).await.and(Err(AppendError::Unknown)),
            Fate::LostUnanswered => Err(AppendError::Unknown),
            Fate::Full => Err(AppendError::Unavailable(StorageFault::Full)),
        };
        self.pause().await;
        outcome
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.readable()?;
        self.truth.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.readable()?;
        let mut page = self.truth.read_log(after, filter, max).await?;
        page.events.iter_mut().for_each(|event| believe(self.twin, event));
        Ok(page)
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.truth.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        let twin = self.twin;
        let believed = move |mut delivery: Result<Delivery, ReadError>| {
            if let Ok(Delivery::Event(event)) = &mut delivery {
                believe(twin, event);
            }
            delivery
        };
        self.truth.subscribe(after, filter).map(believed).boxed()
    }
}

/// What a node with a broken rule makes of an event.
fn believe(twin: Option<Twin>, stored: &mut StoredEvent) {
    if twin != Some(Twin::AllowanceOffByOne) {
        return;
    }
    if let Some(Ok(recorded)) = codec::decode::<AgreementEvent>(stored)
        && let AgreementEvent::Accepted(mut accepted) = recorded.event
    {
        for meter in &mut accepted.terms.meters {
            meter.included = Quantity(meter.included.0.saturating_add(1));
        }
        let event = AgreementEvent::Accepted(accepted);
        let (id, at, provenance) = (stored.id, stored.occurred_at, stored.provenance.clone());
        if let Ok(new) = codec::to_new(&event, id, at, provenance) {
            stored.data = new.data;
        }
    }
}
