//! The contract suite against the double, and what this backend makes of each way in which a cluster fails.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use kernel::event::{Position, Revision};
use tokio::time::timeout;

use super::double::{Cluster, Fault, Store};
use super::{KurrentLog, OpenError, Times, verify};
use crate::port::{
    AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, InvalidAppend, NewEvent, ReadError,
    StorageFault,
};
use crate::suite::{Backend, append, event, events, labels, log_past, next, next_event, numbered, refused, stream};
use crate::verified::{Damage, VerifyError};

/// A test's own namespace on a cluster of one.
struct OnDouble {
    cluster: Cluster,
    log: KurrentLog,
    backup: Store,
}

async fn double() -> OnDouble {
    let cluster = Cluster::start(1).await;
    let log = KurrentLog::open(&cluster.address("suite")).await.unwrap();
    OnDouble { cluster, log, backup: Store::default() }
}

#[async_trait]
impl Backend for OnDouble {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn other(&self) -> Arc<dyn EventLog> {
        Arc::new(KurrentLog::open(&self.cluster.address("suite")).await.unwrap())
    }

    async fn restart(&mut self) {
        self.log.close();
        self.cluster.revive().await;
        self.log = KurrentLog::open(&self.cluster.address("suite")).await.unwrap();
    }

    async fn kill(&mut self) -> bool {
        self.cluster.kill();
        true
    }

    async fn back_up(&mut self) -> bool {
        self.backup = self.cluster.store().clone();
        true
    }

    async fn restore(&mut self) {
        self.log.close();
        *self.cluster.store() = self.backup.clone();
        self.log = KurrentLog::open(&self.cluster.address("suite")).await.unwrap();
    }
}

mod on_the_double {
    crate::contract!(super::double);

    #[test]
    fn any_schedule_is_answered_as_the_model_answers_it() {
        crate::schedule_tests::answers_as_the_model(12, super::double);
    }
}

/// Short enough for tests, long enough for what does not fail.
const IMPATIENT: Times = Times {
    append: Duration::from_secs(2),
    leader: Duration::from_millis(700),
    page: Duration::from_secs(2),
    filter: Duration::from_millis(500),
};

/// A cluster and a log on it that does not wait long.
async fn impatient(nodes: usize) -> (Cluster, KurrentLog) {
    let cluster = Cluster::start(nodes).await;
    let log = KurrentLog::open_with(&cluster.address("market"), IMPATIENT).await.unwrap();
    (cluster, log)
}

/// Appends `1 2` to a new stream.
async fn two(log: &KurrentLog) -> Result<Appended, AppendError> {
    log.append(&stream("a"), Expected::NoStream, events(&["1", "2"])).await
}

/// Appends `3` after them.
async fn third(log: &KurrentLog) -> Result<Appended, AppendError> {
    log.append(&stream("a"), Expected::At(Revision(1)), events(&["3"])).await
}

/// What is in the log.
async fn all(log: &KurrentLog) -> Vec<String> {
    labels(&log_past(log, None, &Filter::All).await)
}

#[tokio::test]
async fn an_append_that_was_written_but_not_answered_is_unknown_and_then_repeated() {
    for fault in [Fault::Silence { written: true }, Fault::Cut { written: true }] {
        let (cluster, log) = impatient(1).await;
        cluster.fail_next(fault);
        assert_eq!(two(&log).await, Err(AppendError::Unknown), "{fault:?}");
        let again = two(&log).await.unwrap();
        assert!(again.repeated, "{fault:?}");
        assert_eq!((again.first, again.last), (Revision(0), Revision(1)));
        assert_eq!(all(&log).await, ["1", "2"]);
    }
}

#[tokio::test]
async fn an_append_that_was_lost_is_unknown_and_then_written_once() {
    for fault in [Fault::Silence { written: false }, Fault::Cut { written: false }] {
        let (cluster, log) = impatient(1).await;
        cluster.fail_next(fault);
        assert_eq!(two(&log).await, Err(AppendError::Unknown), "{fault:?}");
        assert!(!two(&log).await.unwrap().repeated, "{fault:?}");
        assert_eq!(all(&log).await, ["1", "2"]);
    }
}

#[tokio::test]
async fn a_part_of_an_unanswered_append_is_a_mismatch() {
    let (cluster, log) = impatient(1).await;
    cluster.fail_next(Fault::Cut { written: true });
    assert_eq!(two(&log).await, Err(AppendError::Unknown));
    let error = refused(&log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    assert_eq!(error, AppendError::IdempotencyMismatch);
}

#[tokio::test]
async fn an_append_the_server_gave_up_on_is_sent_again_until_it_is_definite() {
    for written in [true, false] {
        let (cluster, log) = impatient(1).await;
        cluster.fail_next(Fault::GaveUp { written });
        assert!(!two(&log).await.unwrap().repeated, "the call that wrote knows its own write");
        assert_eq!(cluster.shared.appends.load(Ordering::SeqCst), 2);
        assert_eq!(all(&log).await, ["1", "2"]);
    }
}

#[tokio::test]
async fn an_append_that_was_given_up_on_and_then_refused_is_unknown() {
    let (cluster, log) = impatient(1).await;
    cluster.fail_next(Fault::GaveUp { written: true });
    cluster.fail_next(Fault::Status(7, "Access Denied"));
    assert_eq!(two(&log).await, Err(AppendError::Unknown));
    assert!(two(&log).await.unwrap().repeated);
}

#[tokio::test]
async fn a_refusal_of_the_server_is_definite() {
    let refused = AppendError::Unavailable(StorageFault::Refused);
    let cases = [
        (Fault::Status(7, "Access Denied"), refused),
        (Fault::Status(16, "no such login"), refused),
        (Fault::Status(3, "Required Metadata Property 'type' is missing"), refused),
        (Fault::Status(2, "Unexpected OperationResult: 7"), AppendError::Unknown),
        (Fault::Status(13, "an exception"), AppendError::Unknown),
        (Fault::Status(14, "anything"), AppendError::Unknown),
        (Fault::Status(4, "Deadline Exceeded"), AppendError::Unknown),
        (Fault::Status(1, "the call was cancelled"), AppendError::Unknown),
    ];
    for (fault, error) in cases {
        let (cluster, log) = impatient(1).await;
        cluster.fail_next(fault);
        assert_eq!(two(&log).await, Err(error), "{fault:?}");
        assert_eq!(all(&log).await, Vec::<String>::new());
        assert!(!two(&log).await.unwrap().repeated);
    }
}

#[tokio::test]
async fn what_the_server_will_not_take_at_once_is_too_large() {
    let (cluster, log) = impatient(1).await;
    cluster.shared.append_bytes_max.store(1024 * 1024, Ordering::SeqCst);
    let large = || vec![NewEvent { body: vec![7; 1024 * 1024], ..event("large") }];
    let error = refused(&log, &stream("a"), Expected::NoStream, large()).await;
    assert_eq!(error, AppendError::Invalid(InvalidAppend::AppendTooLarge));
    cluster.shared.append_bytes_max.store(2 * 1024 * 1024, Ordering::SeqCst);
    assert!(!append(&log, &stream("a"), Expected::NoStream, large()).await.repeated);
}

#[tokio::test]
async fn nothing_is_sent_to_a_cluster_that_is_gone() {
    let (mut cluster, log) = impatient(1).await;
    cluster.kill_first();
    let first = two(&log).await;
    assert!(matches!(first, Err(AppendError::Unknown | AppendError::Unavailable(_))), "the old connection is tried");
    assert_eq!(two(&log).await, Err(AppendError::Unavailable(StorageFault::Unreachable)));
    assert_eq!(log.head().await, Err(ReadError::Unavailable(StorageFault::Unreachable)));
    let opened = KurrentLog::open_with(&cluster.address("market"), IMPATIENT).await.err();
    assert_eq!(opened, Some(OpenError::Unavailable(ReadError::Unavailable(StorageFault::Unreachable))));
}

#[tokio::test]
async fn a_broken_connection_is_made_anew() {
    let (cluster, log) = impatient(1).await;
    two(&log).await.unwrap();
    cluster.cut();
    let first = third(&log).await;
    assert!(matches!(first, Ok(_) | Err(AppendError::Unknown | AppendError::Unavailable(_))), "{first:?}");
    assert_eq!(third(&log).await.unwrap().last, Revision(2));
    assert_eq!(all(&log).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_cluster_that_comes_back_has_what_was_acknowledged() {
    let (mut cluster, log) = impatient(3).await;
    two(&log).await.unwrap();
    cluster.kill();
    assert!(matches!(third(&log).await, Err(AppendError::Unknown | AppendError::Unavailable(_))));
    cluster.revive().await;
    let again = KurrentLog::open_with(&cluster.address("market"), IMPATIENT).await.unwrap();
    assert!(all(&again).await.starts_with(&["1".to_owned(), "2".to_owned()]));
    assert_eq!(third(&again).await.unwrap().last, Revision(2));
}

#[tokio::test]
async fn an_append_follows_a_new_leader() {
    let (cluster, log) = impatient(3).await;
    let mut expected = Expected::At(two(&log).await.unwrap().last);
    for (leader, label) in [(2, "3"), (1, "4"), (0, "5")] {
        cluster.elect(leader);
        assert!(!append(&log, &stream("a"), expected, events(&[label])).await.repeated);
        expected = Expected::At(Revision(expected.last().unwrap().0 + 1));
    }
    assert_eq!(all(&log).await, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_read_follows_a_new_leader() {
    let (cluster, log) = impatient(3).await;
    two(&log).await.unwrap();
    for leader in [2, 1, 0] {
        cluster.elect(leader);
        assert_eq!(all(&log).await, ["1", "2"]);
    }
}

#[tokio::test]
async fn an_append_survives_the_death_of_the_leader() {
    let (mut cluster, log) = impatient(3).await;
    two(&log).await.unwrap();
    cluster.kill_first();
    cluster.elect(1);
    let mut outcome = third(&log).await;
    for _ in 0..20 {
        if outcome.is_ok() {
            break;
        }
        assert!(matches!(outcome, Err(AppendError::Unknown | AppendError::Unavailable(_))), "{outcome:?}");
        outcome = third(&log).await;
    }
    assert_eq!(outcome.unwrap().last, Revision(2));
    assert_eq!(all(&log).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn an_append_waits_for_an_election_but_not_for_ever() {
    let (cluster, log) = impatient(2).await;
    two(&log).await.unwrap();
    cluster.elect(9);
    assert_eq!(third(&log).await, Err(AppendError::Unavailable(StorageFault::Unreachable)));
    let mut leaderless = cluster.shared.leaderless.subscribe();
    let election = async {
        leaderless.changed().await.unwrap();
        cluster.elect(1);
    };
    let (appended, ()) = tokio::join!(third(&log), election);
    assert!(!appended.unwrap().repeated);
}

#[tokio::test]
async fn every_call_has_a_deadline_and_insists_on_the_leader() {
    let (cluster, log) = impatient(1).await;
    two(&log).await.unwrap();
    two(&log).await.unwrap();
    refused(&log, &stream("a"), Expected::NoStream, events(&["3"])).await;
    for filter in [Filter::All, Filter::categories(&["test"]), Filter::kinds(&["noted"]), Filter::Stream(stream("a"))] {
        log_past(&log, None, &filter).await;
    }
    for direction in [Direction::Forward, Direction::Backward] {
        log.read_stream(&stream("a"), Revision(0), direction, 5).await.unwrap();
    }
    log.head().await.unwrap();
    let mut deliveries = log.subscribe(None, Filter::All);
    next_event(&mut deliveries).await;
    assert_eq!(cluster.shared.impolite.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_servers_pages_can_show_an_event() {
    let (cluster, log) = impatient(1).await;
    let body = NewEvent { body: vec![1, 2, 3], ..event("2") };
    let text = NewEvent { data: b" {} ".to_vec(), ..event("3") };
    append(&log, &stream("a"), Expected::NoStream, vec![event("1"), body, text.clone()]).await;
    let (id, kind, data, metadata) = cluster.store().kept("market.test-a", 0);
    assert_eq!((id, kind.as_str(), data), (event("1").id, "application/json", event("1").data));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["$correlationId"], event("1").provenance.correlation.to_string());
    assert_eq!((&metadata["version"], &metadata["occurredAt"]), (&1.into(), &"1970-01-01T00:00:00Z".into()));
    let (_, kind, data, _) = cluster.store().kept("market.test-a", 1);
    assert_eq!((kind.as_str(), data), ("application/octet-stream", [event("2").data, vec![1, 2, 3]].concat()));
    let read = log_past(&log, None, &Filter::All).await;
    assert_eq!(read[2].data, text.data, "what is not exactly JSON is kept byte for byte as well");
}

#[tokio::test]
async fn others_on_the_server_are_not_seen() {
    let (cluster, log) = impatient(1).await;
    let other = KurrentLog::open_with(&cluster.address("market2"), IMPATIENT).await.unwrap();
    two(&log).await.unwrap();
    two(&other).await.unwrap();
    append(&other, &stream("b"), Expected::NoStream, numbered("n", 30)).await;
    for foreign in ["$settings", "market", "marketing.test-a", "somebody-else"] {
        cluster.store().write_foreign(foreign, "noted");
    }
    let head = log.head().await.unwrap();
    for filter in [Filter::All, Filter::categories(&["test"]), Filter::kinds(&["noted"]), Filter::Stream(stream("a"))] {
        let page = log.read_log(None, &filter, 5).await.unwrap();
        assert_eq!((labels(&page.events), page.next), (vec!["1".into(), "2".into()], head), "{filter:?}");
        let rest = log.read_log(head, &filter, 5).await.unwrap();
        assert_eq!((rest.events.len(), rest.next, rest.end), (0, head, true), "{filter:?}");
    }
    assert_eq!(all(&other).await.len(), 32);
}

#[tokio::test]
async fn a_cursor_is_good_after_a_restart_whatever_the_server_wrote_meanwhile() {
    let (cluster, log) = impatient(1).await;
    append(&log, &stream("a"), Expected::NoStream, numbered("n", 3)).await;
    cluster.store().write_system();
    let page = log.read_log(None, &Filter::kinds(&["noted"]), 10).await.unwrap();
    let again = KurrentLog::open_with(&cluster.address("market"), IMPATIENT).await.unwrap();
    let rest = again.read_log(page.next, &Filter::kinds(&["noted"]), 10).await.unwrap();
    assert_eq!((page.events.len(), rest.events.len(), rest.next, rest.end), (3, 0, page.next, true));
}

#[tokio::test]
async fn a_place_between_two_events_is_no_cursor() {
    let (_cluster, log) = impatient(1).await;
    let appended = two(&log).await.unwrap();
    let between = Some(Position(appended.position.0 - 1));
    assert_eq!(log.read_log(between, &Filter::All, 10).await, Err(ReadError::ForeignCursor));
}

#[tokio::test]
async fn a_filter_too_slow_for_the_server_is_applied_here() {
    let (cluster, log) = impatient(1).await;
    two(&log).await.unwrap();
    let other = kernel::event::StreamName::new("other", "a").unwrap();
    let last = append(&log, &other, Expected::NoStream, numbered("n", 40)).await;
    cluster.shared.slow_filters.store(true, Ordering::SeqCst);
    let page = log.read_log(None, &Filter::categories(&["test"]), 10).await.unwrap();
    assert_eq!((labels(&page.events), page.next, page.end), (vec!["1".into(), "2".into()], Some(last.position), true));
}

#[tokio::test]
async fn a_filter_that_passes_many_events_of_others_still_moves_on() {
    let (cluster, log) = impatient(1).await;
    append(&log, &stream("a"), Expected::NoStream, numbered("n", 1)).await;
    for _ in 0..50 {
        cluster.store().write_foreign("somebody-else", "moved");
    }
    let moved = NewEvent { kind: "moved".to_owned(), ..event("moved") };
    append(&log, &stream("b"), Expected::NoStream, vec![moved]).await;
    let mut after = None;
    for _ in 0..5 {
        let page = log.read_log(after, &Filter::kinds(&["moved"]), 2).await.unwrap();
        after = page.next;
        if !page.events.is_empty() {
            assert_eq!(labels(&page.events), ["moved"]);
            return;
        }
    }
    panic!("the event behind those of others was not reached");
}

#[tokio::test]
async fn damage_is_found_with_its_position_and_never_returned() {
    let (cluster, log) = impatient(1).await;
    append(&log, &stream("a"), Expected::NoStream, numbered("n", 3)).await;
    let position = Some(Position(cluster.store().damage("market.test-a", 1)));
    let damaged = Err(ReadError::Corrupt { position });
    assert_eq!(log.read_log(None, &Filter::All, 10).await, damaged);
    let read = log.read_stream(&stream("a"), Revision(0), Direction::Forward, 10).await;
    assert_eq!(read.map(|_| ()), Err(ReadError::Corrupt { position }));
}

#[tokio::test]
async fn what_others_wrote_into_the_log_is_damage() {
    let (cluster, log) = impatient(1).await;
    two(&log).await.unwrap();
    cluster.store().write_foreign("market.test-a", "noted");
    assert!(matches!(log.read_log(None, &Filter::All, 10).await, Err(ReadError::Corrupt { position: Some(_) })));
}

#[tokio::test]
async fn a_subscription_hears_of_what_another_process_wrote() {
    let (cluster, log) = impatient(1).await;
    let other = KurrentLog::open_with(&cluster.address("market"), IMPATIENT).await.unwrap();
    let mut deliveries = log.subscribe(None, Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    two(&other).await.unwrap();
    assert_eq!(crate::suite::label(&next_event(&mut deliveries).await), "1");
}

#[tokio::test]
async fn a_subscription_ends_with_its_store_and_can_begin_again() {
    let (mut cluster, log) = impatient(2).await;
    let appended = two(&log).await.unwrap();
    let mut deliveries = log.subscribe(Some(appended.position), Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    cluster.elect(9);
    let ended = timeout(Duration::from_secs(20), deliveries.next()).await.unwrap();
    assert_eq!(ended, Some(Err(ReadError::Unavailable(StorageFault::Unreachable))));
    assert_eq!(deliveries.next().await, None);
    cluster.kill_first();
    cluster.elect(1);
    let mut expected = two(&log).await;
    while expected.is_err() {
        expected = two(&log).await;
    }
    third(&log).await.unwrap();
    let mut deliveries = log.subscribe(Some(appended.position), Filter::All);
    assert_eq!(crate::suite::label(&next_event(&mut deliveries).await), "3", "it goes on after its cursor");
}

#[tokio::test]
async fn a_closed_log_says_so() {
    let (_cluster, log) = impatient(1).await;
    two(&log).await.unwrap();
    let mut deliveries = log.subscribe(log.head().await.unwrap(), Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    log.close();
    let closed = StorageFault::Closed;
    assert_eq!(two(&log).await, Err(AppendError::Unavailable(closed)));
    assert_eq!(log.head().await, Err(ReadError::Unavailable(closed)));
    assert_eq!(log.event_at(Position(1)).await, Err(ReadError::Unavailable(closed)));
    let ended = timeout(Duration::from_secs(5), deliveries.next()).await.unwrap();
    assert_eq!(ended, Some(Err(ReadError::Unavailable(closed))));
}

/// Making it must not stumble over a second provider of cryptography in the same program: that would be `Refused`.
#[tokio::test]
async fn a_client_that_speaks_tls_can_be_made() {
    let opened = KurrentLog::open_with("kurrentdb://127.0.0.1:1?maxDiscoverAttempts=1", IMPATIENT).await.err();
    assert_eq!(opened, Some(OpenError::Unavailable(ReadError::Unavailable(StorageFault::Unreachable))));
}

#[tokio::test]
async fn verifying_counts_everything_and_names_the_damaged_event() {
    let (cluster, log) = impatient(1).await;
    append(&log, &stream("a"), Expected::NoStream, numbered("n", 3)).await;
    append(&log, &stream("b"), Expected::NoStream, numbered("m", 2)).await;
    let verified = verify(&cluster.address("market")).await.unwrap();
    assert_eq!((verified.events, verified.streams), (5, 2));
    let position = Some(Position(cluster.store().damage("market.test-b", 1)));
    let error = verify(&cluster.address("market")).await.unwrap_err();
    let VerifyError::Damaged { position: found, damage } = error else { panic!("{error}") };
    assert_eq!((found, damage), (position, Damage::Checksum));
}
