//! Random schedules: whatever is done in whatever order, SQLite answers as the reference model does.

use kernel::event::{Position, Revision};
use proptest::prelude::*;

use crate::contract_tests::{model, sqlite};
use crate::port::{Direction, EventLog, Expected, Filter, NewEvent, ReadError, StoredEvent};
use crate::suite::{Backend, event, stream};

#[derive(Clone, Debug)]
enum Step {
    Append { stream: u8, expected: Expected, ids: Vec<u8> },
    ReadStream { stream: u8, from: u64, backward: bool, max: usize },
    ReadLog { after: u64, filter: Filter, max: usize },
    Restart,
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
        1 => Just(Step::Restart),
    ]
}

fn name(number: u8) -> kernel::event::StreamName {
    stream(&number.to_string())
}

/// Ids are a stream's own, as they are when they are derived from a cause and a stream.
fn appended(stream: u8, ids: &[u8]) -> Vec<NewEvent> {
    ids.iter().map(|id| event(&format!("{stream}-{id}"))).collect()
}

/// What a step is answered, as text that can be compared.
async fn answer(log: &dyn EventLog, step: &Step) -> String {
    match step {
        Step::Append { stream, expected, ids } => {
            format!("{:?}", log.append(&name(*stream), *expected, appended(*stream, ids)).await)
        }
        Step::ReadStream { stream, from, backward, max } => {
            let direction = if *backward { Direction::Backward } else { Direction::Forward };
            format!("{:?}", log.read_stream(&name(*stream), Revision(*from), direction, *max).await)
        }
        Step::ReadLog { after, filter, max } => {
            let after = Some(*after).filter(|after| *after > 0).map(Position);
            format!("{:?}", read_to_end(log, after, filter, *max).await)
        }
        Step::Restart => format!("{:?}", log.head().await),
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

async fn compare(steps: Vec<Step>) {
    let (mut tested, mut reference) = (sqlite().await, model().await);
    for step in &steps {
        if matches!(step, Step::Restart) {
            tested.restart().await;
            reference.restart().await;
        }
        assert_eq!(answer(&*tested.log(), step).await, answer(&*reference.log(), step).await, "{step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sqlite_answers_any_schedule_as_the_model_does(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(steps));
    }
}
