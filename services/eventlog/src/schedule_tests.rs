//! Random schedules: whatever is done in whatever order, a backend answers as the reference model does.
//!
//! Positions are a store's own, and need not be gapless: they are compared by how many events they lie behind.

use kernel::event::{Position, Revision, StreamName};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::contract_tests::model;
use crate::port::{Appended, Direction, EventLog, Expected, Filter, NewEvent, ReadError, StoredEvent};
use crate::suite::{Backend, event, log_past, stream};

#[derive(Clone, Debug)]
enum Step {
    Append { stream: u8, expected: Expected, ids: Vec<u8> },
    ReadStream { stream: u8, from: u64, backward: bool, max: usize },
    ReadLog { after: u64, filter: Filter, max: usize },
    Restart,
    BackUp,
    Restore,
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![Just(Expected::NoStream), (0..8_u64).prop_map(|revision| Expected::At(Revision(revision)))]
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::All),
        (0..3_u8).prop_map(|number| Filter::Stream(name(number))),
        Just(Filter::categories(&["test"])),
        Just(Filter::kinds(&["noted"])),
        Just(Filter::kinds(&["absent"])),
    ]
}

/// Few streams, revisions and ids, so that repeats, parts of repeats and conflicts are common.
fn step() -> impl Strategy<Value = Step> {
    let ids = prop_oneof![
        8 => (0..6_u8, 0..4_u8).prop_map(|(first, count)| (first..first + count).collect()),
        1 => prop::collection::vec(0..10_u8, 0..4),
    ];
    prop_oneof![
        8 => (0..3_u8, expected(), ids).prop_map(|(stream, expected, ids)| Step::Append { stream, expected, ids }),
        2 => (0..4_u8, 0..9_u64, any::<bool>(), 1..4_usize)
            .prop_map(|(stream, from, backward, max)| Step::ReadStream { stream, from, backward, max }),
        2 => (0..12_u64, filter(), 1..6_usize).prop_map(|(after, filter, max)| Step::ReadLog { after, filter, max }),
        1 => prop_oneof![Just(Step::Restart), Just(Step::BackUp), Just(Step::Restore)],
    ]
}

fn name(number: u8) -> StreamName {
    stream(&number.to_string())
}

/// Ids are a stream's own, as they are when they are derived from a cause and a stream.
fn appended(stream: u8, ids: &[u8]) -> Vec<NewEvent> {
    ids.iter().map(|id| event(&format!("{stream}-{id}"))).collect()
}

/// The places of a log's events, in order.
struct Places(Vec<Position>);

impl Places {
    async fn of(log: &dyn EventLog) -> Self {
        Self(log_past(log, None, &Filter::All).await.iter().map(|stored| stored.position).collect())
    }

    /// The cursor after so many events, or beyond the end.
    fn cursor(&self, events: u64) -> Option<Position> {
        let before = usize::try_from(events).unwrap().checked_sub(1)?;
        let beyond = || Position(self.0.last().map_or(0, |last| last.0) + events);
        Some(self.0.get(before).copied().unwrap_or_else(beyond))
    }

    /// How many events lie at or before a position.
    fn count(&self, position: Position) -> Position {
        let events = self.0.iter().filter(|known| **known <= position).count();
        Position(u64::try_from(events).unwrap())
    }

    fn counted(&self, events: Vec<StoredEvent>) -> Vec<StoredEvent> {
        let counted = |event: StoredEvent| StoredEvent { position: self.count(event.position), ..event };
        events.into_iter().map(counted).collect()
    }
}

/// What a step is answered, as text that can be compared.
async fn answer(log: &dyn EventLog, step: &Step) -> String {
    match step {
        Step::Append { stream, expected, ids } => {
            let appended = log.append(&name(*stream), *expected, appended(*stream, ids)).await;
            let places = Places::of(log).await;
            format!("{:?}", appended.map(|done| Appended { position: places.count(done.position), ..done }))
        }
        Step::ReadStream { stream, from, backward, max } => {
            let direction = if *backward { Direction::Backward } else { Direction::Forward };
            let page = log.read_stream(&name(*stream), Revision(*from), direction, *max).await.unwrap();
            let places = Places::of(log).await;
            format!("{:?} {:?} {}", places.counted(page.events), page.next, page.end)
        }
        Step::ReadLog { after, filter, max } => {
            let places = Places::of(log).await;
            let read = read_to_end(log, places.cursor(*after), filter, *max).await;
            format!("{:?}", read.map(|events| places.counted(events)))
        }
        Step::Restart | Step::BackUp | Step::Restore => {
            format!("{:?}", log.head().await.map(|head| head.is_some()))
        }
    }
}

/// Every wanted event after a cursor, page by page: a full page may end before or after unwanted events that follow.
async fn read_to_end(
    log: &dyn EventLog,
    mut after: Option<Position>,
    filter: &Filter,
    max: usize,
) -> Result<Vec<StoredEvent>, ReadError> {
    let mut events = Vec::new();
    loop {
        let page = log.read_log(after, filter, max).await?;
        events.extend(page.events);
        if page.end {
            return Ok(events);
        }
        after = page.next.or(after);
    }
}

async fn prepare(backend: &mut impl Backend, step: &Step) {
    match step {
        Step::Restart => backend.restart().await,
        Step::BackUp => assert!(backend.back_up().await),
        Step::Restore => backend.restore().await,
        Step::Append { .. } | Step::ReadStream { .. } | Step::ReadLog { .. } => {}
    }
}

async fn compare(mut tested: impl Backend, steps: Vec<Step>) {
    let mut reference = model().await;
    let steps = if tested.back_up().await { steps } else { without_backups(steps) };
    for step in &steps {
        prepare(&mut tested, step).await;
        prepare(&mut reference, step).await;
        assert_eq!(answer(&*tested.log(), step).await, answer(&*reference.log(), step).await, "{step:?}");
    }
}

fn without_backups(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().filter(|step| !matches!(step, Step::BackUp | Step::Restore)).collect()
}

/// Runs `cases` random schedules, each on a backend of its own.
pub(crate) fn answers_as_the_model<B: Backend, F: Future<Output = B>>(cases: u32, make: impl Fn() -> F) {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(cases));
    let outcome = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { compare(make().await, steps).await });
        Ok(())
    });
    outcome.unwrap();
}
