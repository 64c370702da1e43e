//! Executing commands: repeats, races, lost answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::future::join_all;
use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::{Provenance, Revision};
use kernel::id::derived;
use kernel::json_wire;
use kernel::wire::DecodeError;
use serde::{Deserialize, Serialize};

use crate::codec::{decode, to_new};
use crate::contract_tests::sqlite;
use crate::execute::{ATTEMPTS_MAX, Cause, ExecuteError, Executed, Kept, execute, load};
use crate::faulty::{Fate, FaultyLog};
use crate::port::{EventLog, Expected, Filter, NewEvent, StorageFault};
use crate::suite::{Backend, append, event, log_past, stream};

/// Seats: at most [`SEATS`] are taken.
struct Seats;

const SEATS: u32 = 3;

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Taken(Taken),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Taken {
    seats: u32,
}

json_wire!(Event { Taken => "seats_taken" });

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("all seats are taken")]
struct Full;

impl Rejection for Full {
    fn code(&self) -> ErrorCode {
        ErrorCode("FULL")
    }
}

impl Decider for Seats {
    type Command = u32;
    type Event = Event;
    type State = u32;
    type Rejection = Full;

    fn initial() -> u32 {
        0
    }

    /// One event per seat.
    fn decide(taken: &u32, seats: u32, _: &Context) -> Result<Vec<Event>, Full> {
        if taken + seats > SEATS {
            return Err(Full);
        }
        Ok((0..seats).map(|_| one()).collect())
    }

    fn evolve(taken: u32, Event::Taken(Taken { seats }): &Event) -> u32 {
        taken + seats
    }
}

fn one() -> Event {
    Event::Taken(Taken { seats: 1 })
}

fn cause(label: &str) -> Cause {
    Cause {
        id: derived(&["cause", label]),
        correlation: derived(&["correlation"]),
        actor: "mem_test".to_owned(),
        now: Timestamp::UNIX_EPOCH,
    }
}

fn other_seat(label: &str) -> NewEvent {
    to_new(&one(), derived(&[label]), Timestamp::UNIX_EPOCH, Provenance::default()).unwrap()
}

async fn take(log: &dyn EventLog, seats: u32, label: &str) -> Result<Executed<Event, u32>, ExecuteError<Full>> {
    execute::<Seats>(log, &stream("seats"), seats, &cause(label)).await
}

async fn count(log: &dyn EventLog) -> usize {
    log_past(log, None, &Filter::All).await.len()
}

#[tokio::test]
async fn a_command_appends_its_events_with_its_cause() {
    let log = FaultyLog::default();
    let executed = take(&log, 2, "x").await.unwrap();
    assert_eq!((executed.events.len(), executed.state), (2, 2));
    let stored = log_past(&log, None, &Filter::All).await;
    assert_eq!(executed.position, stored.last().map(|stored| stored.position));
    assert_eq!(stored[1].provenance, cause("x").provenance());
    assert_eq!(stored[1].id, cause("x").event_id(&stream("seats"), 1));
    assert_eq!(decode::<Event>(&stored[0]).unwrap().unwrap().event, one());
    assert_eq!(take(&log, 1, "y").await.unwrap().state, 3);
    assert_eq!(load::<Seats>(&log, &stream("seats")).await.unwrap(), (3, Some(Revision(2))));
}

#[tokio::test]
async fn what_holds_already_appends_nothing() {
    let log = FaultyLog::default();
    let executed = take(&log, 0, "x").await.unwrap();
    assert_eq!((executed.events.len(), executed.position), (0, None));
    assert_eq!(count(&log).await, 0);
}

#[tokio::test]
async fn a_rejection_is_the_answer_and_appends_nothing() {
    let log = FaultyLog::default();
    assert!(matches!(take(&log, 4, "x").await, Err(ExecuteError::Rejected(Full))));
    assert_eq!(count(&log).await, 0);
}

#[tokio::test]
async fn a_repeated_cause_gets_its_first_result_though_the_rule_would_now_refuse() {
    let log = FaultyLog::default();
    let first = take(&log, 2, "x").await.unwrap();
    take(&log, 1, "y").await.unwrap();
    let again = take(&log, 2, "x").await.unwrap();
    assert_eq!((again.events, again.position, again.state), (first.events, first.position, 3));
    assert_eq!(count(&log).await, 3);
}

#[tokio::test]
async fn another_writers_event_is_taken_into_account() {
    let log = FaultyLog::with([Fate::Overtaken(other_seat("o"))]);
    assert_eq!(take(&log, 2, "x").await.unwrap().state, 3);
    let log = FaultyLog::with([Fate::Overtaken(other_seat("o"))]);
    assert!(matches!(take(&log, 3, "x").await, Err(ExecuteError::Rejected(Full))));
}

#[tokio::test]
async fn endless_conflicts_are_given_up() {
    let empty = |n: usize| NewEvent { data: b"{\"seats\":0}".into(), ..other_seat(&n.to_string()) };
    let log = FaultyLog::with((0..ATTEMPTS_MAX).map(|n| Fate::Overtaken(empty(n))));
    assert!(matches!(take(&log, 1, "x").await, Err(ExecuteError::Conflict)));
    assert_eq!(count(&log).await, ATTEMPTS_MAX);
}

#[tokio::test]
async fn a_lost_answer_is_settled_and_written_once() {
    for fate in [Fate::WrittenUnanswered, Fate::LostUnanswered] {
        let log = FaultyLog::with([fate]);
        assert_eq!(take(&log, 2, "x").await.unwrap().state, 2);
        assert_eq!(count(&log).await, 2);
    }
}

#[tokio::test]
async fn an_unsettled_append_stays_unknown_and_a_full_store_is_definite() {
    let log = FaultyLog::with((0..ATTEMPTS_MAX).map(|_| Fate::LostUnanswered));
    assert!(matches!(take(&log, 1, "x").await, Err(ExecuteError::Unknown)));
    let log = FaultyLog::with([Fate::Full]);
    assert!(matches!(take(&log, 1, "x").await, Err(ExecuteError::Unavailable(StorageFault::Full))));
}

/// Seats that are taken once, however often they are asked for: which ones, a number says.
struct Numbered;

impl Decider for Numbered {
    type Command = u32;
    type Event = Event;
    type State = BTreeSet<u32>;
    type Rejection = Full;

    fn initial() -> BTreeSet<u32> {
        BTreeSet::new()
    }

    fn decide(taken: &BTreeSet<u32>, seat: u32, _: &Context) -> Result<Vec<Event>, Full> {
        match (taken.contains(&seat), seat > SEATS) {
            (true, _) => Ok(vec![]),
            (false, true) => Err(Full),
            (false, false) => Ok(vec![Event::Taken(Taken { seats: seat })]),
        }
    }

    fn evolve(mut taken: BTreeSet<u32>, Event::Taken(Taken { seats }): &Event) -> BTreeSet<u32> {
        taken.insert(*seats);
        taken
    }
}

async fn keep(kept: &mut Kept<Numbered>, log: &FaultyLog, seat: u32) -> Result<(), ExecuteError<Full>> {
    kept.execute(log, &stream("seats"), seat, &cause(&seat.to_string())).await
}

#[tokio::test]
async fn a_kept_stream_is_read_once_and_again_where_somebody_else_wrote() {
    let (log, mut kept) = (FaultyLog::default(), Kept::<Numbered>::default());
    for seat in [1, 2, 1, 2] {
        keep(&mut kept, &log, seat).await.unwrap();
    }
    assert!(matches!(keep(&mut kept, &log, SEATS + 1).await, Err(ExecuteError::Rejected(Full))));
    assert_eq!((count(&log).await, log.reads.load(Ordering::Relaxed)), (2, 1));
    let third = NewEvent { data: b"{\"seats\":3}".into(), ..other_seat("other") };
    append(&log, &stream("seats"), Expected::At(Revision(1)), vec![third]).await;
    keep(&mut kept, &log, 3).await.unwrap();
    assert_eq!((count(&log).await, log.reads.load(Ordering::Relaxed)), (3, 2), "the other one took it");
    keep(&mut kept, &log, 0).await.unwrap();
    assert_eq!((count(&log).await, log.reads.load(Ordering::Relaxed)), (4, 2));
}

#[tokio::test]
async fn a_lost_answer_on_a_kept_stream_is_settled_and_written_once() {
    for fate in [Fate::WrittenUnanswered, Fate::LostUnanswered, Fate::Overtaken(other_seat("o"))] {
        let (log, mut kept) = (FaultyLog::with([fate]), Kept::<Numbered>::default());
        keep(&mut kept, &log, 2).await.unwrap();
        keep(&mut kept, &log, 2).await.unwrap();
        keep(&mut kept, &log, 3).await.unwrap();
        let seats = load::<Numbered>(&log, &stream("seats")).await.unwrap().0;
        assert!(seats.contains(&2) && seats.contains(&3));
        assert_eq!(count(&log).await, seats.len());
    }
    let (log, mut kept) = (FaultyLog::with([Fate::Full]), Kept::<Numbered>::default());
    assert!(matches!(keep(&mut kept, &log, 1).await, Err(ExecuteError::Unavailable(StorageFault::Full))));
    keep(&mut kept, &log, 1).await.unwrap();
    assert_eq!(count(&log).await, 1);
}

#[tokio::test]
async fn a_foreign_event_in_the_stream_is_an_error_not_a_guess() {
    let log = FaultyLog::default();
    append(&log, &stream("seats"), Expected::NoStream, vec![event("foreign")]).await;
    assert!(matches!(take(&log, 1, "x").await, Err(ExecuteError::Decode(DecodeError::Unknown { .. }))));
}

#[tokio::test]
async fn steps_of_a_cause_are_told_apart_and_found_again() {
    let cause = cause("x");
    assert_ne!(cause.step("claim").id, cause.step("open").id);
    assert_eq!(cause.step("claim"), cause.step("claim"));
    assert_eq!(cause.step("claim").correlation, cause.correlation);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_commands_never_oversell_and_never_write_a_cause_twice() {
    let backend = sqlite().await;
    let log: Arc<dyn EventLog> = backend.log();
    let racers = (0..40).map(|n| {
        let log = Arc::clone(&log);
        async move { take(&*log, 1, &(n % 20).to_string()).await }
    });
    let outcomes = join_all(racers).await;
    let rejected = outcomes.iter().filter(|outcome| matches!(outcome, Err(ExecuteError::Rejected(Full)))).count();
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(rejected + done, 40, "{outcomes:?}");
    assert_eq!(count(&*log).await, 3);
}
