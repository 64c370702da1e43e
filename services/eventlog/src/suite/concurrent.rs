//! What holds when many write and read at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{join, join_all};
use kernel::event::{Position, Revision};
use tokio::task::JoinSet;

use super::{Backend, PATIENCE, append, event, events, label, labels, log_past, next_event, not_run, stream};
use crate::port::{AppendError, Direction, EventLog, Expected, Filter, InvalidAppend, NewEvent, StoredEvent};

const RACERS: usize = 50;
const APPENDS_EACH: usize = 4;

/// Each conflict is followed by another attempt; every event gets its place once.
pub async fn fifty_writers_race_on_one_stream_and_none_is_lost(backend: &mut impl Backend) {
    let logs = several(backend).await;
    let mut racers = JoinSet::new();
    for (racer, log) in (0..RACERS).zip(logs.iter().cycle()) {
        racers.spawn(race(Arc::clone(log), racer));
    }
    while let Some(raced) = racers.join_next().await {
        raced.expect("a racer");
    }
    let all = log_past(&*backend.log(), None, &Filter::All).await;
    let different: HashSet<String> = labels(&all).into_iter().collect();
    assert_eq!((all.len(), different.len()), (RACERS * APPENDS_EACH, RACERS * APPENDS_EACH));
    for (revision, stored) in (0..).zip(&all) {
        assert_eq!(stored.revision, Revision(revision));
    }
}

/// The log as several processes have it open, where more than one may.
async fn several(backend: &impl Backend) -> [Arc<dyn EventLog>; 4] {
    [backend.log(), backend.other().await, backend.other().await, backend.other().await]
}

async fn race(log: Arc<dyn EventLog>, racer: usize) {
    let mut expected = Expected::NoStream;
    for number in 0..APPENDS_EACH {
        let new = vec![event(&format!("{racer}-{number}"))];
        loop {
            match log.append(&stream("a"), expected, new.clone()).await {
                Ok(appended) => {
                    assert!(!appended.repeated);
                    expected = Expected::At(appended.last);
                    break;
                }
                Err(AppendError::Conflict { actual }) => expected = Expected::after(actual),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// The writer may have taken up some of what is submitted together before the rest was there.
const GROUPS_TRIED: usize = 20;

/// Successes, conflicts, repeats, mismatches and refusals, submitted together while the writer is held up. The first and
/// the last one write: if there is one commit more than before, all that lies between them was judged within it.
pub async fn outcomes_in_one_commit_are_each_their_own(backend: &mut impl Backend) {
    for attempt in 0..GROUPS_TRIED {
        let old = stream(&format!("old-{attempt}"));
        append(&*backend.log(), &old, Expected::NoStream, mixed(attempt, &["1", "2"])).await;
        let before = backend.commits().await;
        mixed_outcomes(backend, attempt).await;
        let Some(commits) = backend.commits().await.zip(before).map(|(after, before)| after - before) else {
            not_run("no two appends share a commit here: the outcomes are of several");
            return;
        };
        if commits == 1 {
            return;
        }
    }
    panic!("appends that wait together never shared a commit");
}

/// Events of one attempt.
fn mixed(attempt: usize, labels: &[&str]) -> Vec<NewEvent> {
    labels.iter().map(|label| event(&format!("{attempt}-{label}"))).collect()
}

async fn mixed_outcomes(backend: &impl Backend, attempt: usize) {
    let log = backend.log();
    let [old, fresh, missing] = ["old", "fresh", "missing"].map(|key| stream(&format!("{key}-{attempt}")));
    let events = |labels: &[&str]| mixed(attempt, labels);
    let held_up = backend.hold_up().await;
    let submitted = join_all([
        log.append(&missing, Expected::At(Revision(0)), events(&["0"])),
        log.append(&fresh, Expected::NoStream, events(&["3", "4"])),
        log.append(&old, Expected::NoStream, events(&["5"])),
        log.append(&old, Expected::NoStream, events(&["1", "2"])),
        log.append(&old, Expected::NoStream, events(&["1"])),
        log.append(&missing, Expected::At(Revision(0)), events(&["6"])),
        log.append(&missing, Expected::NoStream, Vec::new()),
        log.append(&old, Expected::At(Revision(1)), events(&["7"])),
    ]);
    // The second is polled when all of the first have been.
    let (outcomes, ()) = join(submitted, async { drop(held_up) }).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.map(|done| (done.last, done.repeated))).collect();
    let conflict_or_later = &outcomes[2];
    assert!(matches!(conflict_or_later, Err(AppendError::Conflict { actual: Some(Revision(1 | 2)) })));
    let expected = [
        Err(AppendError::Conflict { actual: None }),
        Ok((Revision(1), false)),
        *conflict_or_later,
        Ok((Revision(1), true)),
        Err(AppendError::IdempotencyMismatch),
        Err(AppendError::Conflict { actual: None }),
        Err(AppendError::Invalid(InvalidAppend::Empty)),
        Ok((Revision(2), false)),
    ];
    assert_eq!(outcomes, expected);
    for (name, written) in [(old, ["1", "2", "7"].as_slice()), (fresh, &["3", "4"]), (missing, &[])] {
        let there = log_past(&*log, None, &Filter::Stream(name)).await.into_iter().map(|stored| stored.id);
        assert!(there.eq(events(written).into_iter().map(|event| event.id)), "{written:?} are there");
    }
}

/// One write, and the same place for everyone.
pub async fn the_same_append_at_once_is_written_once(backend: &mut impl Backend) {
    let log = backend.log();
    let name = stream("a");
    let same = (0..20).map(|_| log.append(&name, Expected::NoStream, events(&["1", "2"])));
    let outcomes: Vec<_> = join_all(same).await.into_iter().map(|outcome| outcome.expect("a result")).collect();
    assert_eq!(outcomes.iter().filter(|appended| !appended.repeated).count(), 1);
    assert!(outcomes.iter().all(|appended| appended.position == outcomes[0].position));
    assert_eq!(labels(&log_past(&*log, None, &Filter::All).await), ["1", "2"]);
}

const WRITERS: usize = 16;
const EVENTS_EACH: usize = 60;

/// *Prefix consistency*: what a reader has seen up to a position never changes afterwards. Writers of several
/// processes race, are delayed and lose conflicts, others roll back, and a session idles within a transaction; the
/// reader reads without pause.
pub async fn a_reader_sees_a_growing_prefix(backend: &mut impl Backend) {
    let idle = backend.idle_in_transaction().await;
    let logs = several(backend).await;
    let reader = tokio::spawn(read_until(backend.log(), WRITERS * EVENTS_EACH));
    let mut writers = JoinSet::new();
    for (writer, log) in (0..WRITERS).zip(logs.iter().cycle()) {
        writers.spawn(write_with_conflicts(Arc::clone(log), writer));
    }
    while !writers.is_empty() {
        backend.roll_back().await;
        while let Some(written) = writers.try_join_next() {
            written.expect("a writer");
        }
        tokio::task::yield_now().await;
    }
    let seen = tokio::time::timeout(PATIENCE, reader).await.expect("all in time").expect("a reader");
    drop(idle);
    for log in logs {
        assert_eq!(seen, log_past(&*log, None, &Filter::All).await);
    }
}

/// Each writer has a delay of its own before an append, from none to 3 ms.
async fn write_with_conflicts(log: Arc<dyn EventLog>, writer: usize) {
    let own = stream(&writer.to_string());
    let delay = Duration::from_micros(u64::try_from(writer).expect("a small number") * 200);
    let mut expected = Expected::NoStream;
    for number in 0..EVENTS_EACH {
        if number % (writer + 2) == 0 {
            tokio::time::sleep(delay).await;
            let wrong = Expected::At(Revision(9_999));
            let lost = log.append(&own, wrong, vec![event(&format!("lost-{writer}-{number}"))]).await;
            assert!(matches!(lost, Err(AppendError::Conflict { .. })), "{lost:?}");
        }
        let written = append(&*log, &own, expected, vec![event(&format!("{writer}-{number}"))]).await;
        let page = log.read_stream(&own, written.last, Direction::Forward, 1).await.expect("a page");
        assert_eq!(page.events.len(), 1, "an answered append is there to be read");
        expected = Expected::At(written.last);
    }
}

async fn read_until(log: Arc<dyn EventLog>, count: usize) -> Vec<StoredEvent> {
    let mut seen: Vec<StoredEvent> = Vec::new();
    let mut after: Option<Position> = None;
    while seen.len() < count {
        let page = log.read_log(after, &Filter::All, 7).await.expect("a page");
        after = page.next;
        seen.extend(page.events);
        tokio::task::yield_now().await;
    }
    seen
}

/// Appends, reads and subscriptions go on beside it.
pub async fn nothing_waits_for_a_session_that_is_idle_in_a_transaction(backend: &mut impl Backend) {
    let log = backend.log();
    let idle = backend.idle_in_transaction().await;
    let mut deliveries = log.subscribe(None, Filter::All);
    let mut expected = Expected::NoStream;
    for number in 0..20 {
        let text = number.to_string();
        expected = Expected::At(append(&*log, &stream("a"), expected, vec![event(&text)]).await.last);
        assert_eq!(label(&next_event(&mut deliveries).await), text);
    }
    drop(idle);
    assert_eq!(log_past(&*log, None, &Filter::All).await.len(), 20);
}
