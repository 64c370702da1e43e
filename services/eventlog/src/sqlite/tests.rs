//! What only SQLite promises: one owner, damage found, a full disk survived, formats told apart.

use std::path::Path;

use kernel::event::{Position, Revision};
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{FILE_NAME, LogReader, OpenError, Options, SqliteLog, VerifyError, open_store, verify};
use crate::lock::DirectoryLock;
use crate::port::{
    AppendError, Delivery, Direction, EventLog, Expected, Filter, NewEvent, ReadError, StorageFault, StoredEvent,
};
use crate::suite::{append, event, events, log_past, next, next_event, numbered, refused, stream};
use crate::verified::Damage;

fn open(directory: &Path) -> SqliteLog {
    SqliteLog::open(directory, &Options::default()).unwrap()
}

/// A closed log with events in two streams.
async fn closed_log() -> TempDir {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path());
    append(&log, &stream("a"), Expected::NoStream, events(&["first-fact", "second-fact"])).await;
    append(&log, &stream("b"), Expected::NoStream, vec![NewEvent { body: vec![7; 9_000], ..event("third-fact") }])
        .await;
    append(&log, &stream("a"), Expected::At(Revision(1)), events(&["fourth-fact"])).await;
    log.close().await;
    directory
}

fn flip(directory: &Path, offset: usize, mask: u8) {
    let path = directory.join(FILE_NAME);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[offset] ^= mask;
    std::fs::write(path, bytes).unwrap();
}

fn offset_of(directory: &Path, text: &str) -> usize {
    let bytes = std::fs::read(directory.join(FILE_NAME)).unwrap();
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
}

fn change(directory: &Path, sql: &str) {
    Connection::open(directory.join(FILE_NAME)).unwrap().execute_batch(sql).unwrap();
}

fn damage(directory: &Path) -> (Option<u64>, Damage) {
    match verify(directory) {
        Err(VerifyError::Damaged { position, damage }) => (position.map(|position| position.0), damage),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_directory_in_use_is_refused_and_its_process_is_named() {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path());
    let Err(error) = SqliteLog::open(directory.path(), &Options::default()) else { panic!("opened twice") };
    let OpenError::InUse { process, .. } = &error else { panic!("{error}") };
    assert_eq!(*process, Some(std::process::id()));
    assert!(error.to_string().contains(&format!("in use by process {}", std::process::id())));
    append(&log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    drop(log);
    open(directory.path());
}

#[tokio::test]
async fn a_closed_log_writes_what_was_queued_and_then_refuses() {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path());
    let mut deliveries = log.subscribe(None, Filter::All);
    next(&mut deliveries).await;
    let names: Vec<_> = (0..100).map(|number| stream(&number.to_string())).collect();
    let queued = names.iter().map(|name| log.append(name, Expected::NoStream, events(&["1"])));
    let (outcomes, ()) = tokio::join!(futures::future::join_all(queued), log.close());
    let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let error = refused(&log, &stream("late"), Expected::NoStream, events(&["1"])).await;
    assert_eq!(error, AppendError::Unavailable(StorageFault::Closed));
    assert_eq!(log_past(&open(directory.path()), None, &Filter::All).await.len(), written);
    let mut last = None;
    while let Some(delivery) = futures::StreamExt::next(&mut deliveries).await {
        last = Some(delivery);
    }
    assert_eq!(last, Some(Err(ReadError::Unavailable(StorageFault::Closed))));
}

#[tokio::test]
async fn a_flipped_byte_of_an_event_is_named_by_verify_at_opening_and_by_reading() {
    for (text, position) in [("first-fact", 1), ("second-fact", 2), ("third-fact", 3), ("fourth-fact", 4)] {
        let directory = closed_log().await;
        let log = open(directory.path());
        flip(directory.path(), offset_of(directory.path(), text), 0x20);
        let corrupt = ReadError::Corrupt { position: Some(Position(position)) };
        let page = log.read_log(None, &Filter::All, 10).await;
        assert_eq!(page, Err(corrupt));
        let name = stream(if position == 3 { "b" } else { "a" });
        assert_eq!(log.read_stream(&name, Revision(0), Direction::Forward, 10).await, Err(corrupt));
        log.close().await;
        assert_eq!(damage(directory.path()), (Some(position), Damage::Checksum));
        let Err(error) = SqliteLog::open(directory.path(), &Options::default()) else { panic!("opened") };
        assert!(matches!(error, OpenError::Damaged(VerifyError::Damaged { position: Some(Position(found)), .. })
            if found == position));
    }
}

#[tokio::test]
async fn what_is_changed_by_hand_is_found() {
    let cases = [
        ("DELETE FROM event WHERE position = 2", Some(2), Damage::Missing),
        ("DELETE FROM stream WHERE name = 'test-b'", Some(3), Damage::Missing),
        ("UPDATE event SET occurred_at = 1 WHERE position = 4", Some(4), Damage::Checksum),
        ("UPDATE event SET cause = zeroblob(16) WHERE position = 1", Some(1), Damage::Checksum),
        ("UPDATE event SET stream_id = 1, revision = 9 WHERE position = 3", Some(3), Damage::Checksum),
        ("UPDATE stream SET name = 'test-c' WHERE name = 'test-b'", Some(3), Damage::Checksum),
    ];
    for (sql, position, expected) in cases {
        let directory = closed_log().await;
        change(directory.path(), sql);
        assert_eq!(damage(directory.path()), (position, expected), "{sql}");
    }
}

#[tokio::test]
async fn an_event_whose_stream_is_gone_is_not_taken_for_the_logs_end() {
    let directory = closed_log().await;
    change(directory.path(), "DELETE FROM stream WHERE name = 'test-a'");
    let reader = LogReader::open(directory.path()).unwrap();
    let corrupt = |position| Err(ReadError::Corrupt { position: Some(Position(position)) });
    assert_eq!(reader.read_log(None, &Filter::All, 10).await, corrupt(1));
    assert_eq!(reader.read_log(Some(Position(3)), &Filter::All, 10).await, corrupt(4));
}

/// Beside a running log, as a page does that says to hold less.
#[tokio::test]
async fn what_was_written_and_is_gone_is_not_taken_for_what_never_was() {
    let directory = closed_log().await;
    let log = open(directory.path());
    change(directory.path(), "DELETE FROM event WHERE position = 4");
    let corrupt = ReadError::Corrupt { position: Some(Position(4)) };
    for filter in [Filter::All, Filter::Stream(stream("a")), Filter::kinds(&["lost"])] {
        assert_eq!(log.read_log(None, &filter, 10).await, Err(corrupt), "{filter:?}");
        assert_eq!(log.read_log(Some(Position(3)), &filter, 10).await, Err(corrupt), "{filter:?}");
    }
    change(directory.path(), "DELETE FROM event WHERE position = 3");
    let behind = ReadError::Corrupt { position: Some(Position(3)) };
    assert_eq!(log.read_log(Some(Position(3)), &Filter::All, 10).await, Err(behind), "it does stand in this log");
    assert_eq!(log.read_log(Some(Position(5)), &Filter::All, 10).await, Err(ReadError::ForeignCursor));
    let mut deliveries = log.subscribe(Some(Position(2)), Filter::All);
    assert_eq!(futures::StreamExt::next(&mut deliveries).await, Some(Err(behind)));
}

#[tokio::test]
async fn a_stream_without_its_events_is_not_taken_for_a_new_one() {
    let directory = closed_log().await;
    let log = open(directory.path());
    change(directory.path(), "DELETE FROM event WHERE stream_id = (SELECT id FROM stream WHERE name = 'test-b')");
    let corrupt = Err(ReadError::Corrupt { position: None });
    assert_eq!(log.read_stream(&stream("b"), Revision(0), Direction::Forward, 10).await, corrupt);
    assert_eq!(log.read_stream(&stream("b"), Revision(0), Direction::Backward, 10).await, corrupt);
    let error = refused(&log, &stream("b"), Expected::NoStream, events(&["again"])).await;
    assert_eq!(error, AppendError::Unavailable(StorageFault::Refused));
    append(&log, &stream("c"), Expected::NoStream, events(&["of another stream"])).await;
}

#[tokio::test]
async fn a_sound_log_is_verified_and_counted_even_while_in_use() {
    let directory = closed_log().await;
    let log = open(directory.path());
    append(&log, &stream("c"), Expected::NoStream, numbered("n", 500)).await;
    let verified = verify(directory.path()).unwrap();
    assert_eq!((verified.events, verified.streams), (504, 3));
    let bytes: usize =
        log_past(&log, None, &Filter::All).await.iter().map(|stored| stored.data.len() + stored.body.len()).sum();
    assert_eq!(verified.bytes, u64::try_from(bytes).unwrap());
}

/// All that can be read, both ways, or the first error.
async fn everything(log: &SqliteLog) -> Result<(Vec<StoredEvent>, Vec<StoredEvent>), ReadError> {
    let all = log.read_log(None, &Filter::All, 100).await?.events;
    let stream = log.read_stream(&stream("a"), Revision(0), Direction::Forward, 100).await?.events;
    Ok((all, stream))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_byte_flipped_anywhere_is_refused_or_changes_nothing(place: prop::sample::Index, mask in 1..=255_u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = closed_log().await;
            let log = open(directory.path());
            let written = everything(&log).await.unwrap();
            log.close().await;
            drop(log);
            let length = std::fs::metadata(directory.path().join(FILE_NAME)).unwrap().len();
            flip(directory.path(), place.index(usize::try_from(length).unwrap()), mask);
            if let Ok(log) = SqliteLog::open(directory.path(), &Options::default()) {
                assert_eq!(everything(&log).await, Ok(written));
            }
        });
    }
}

#[tokio::test]
async fn files_of_a_newer_program_or_another_are_refused() {
    let directory = closed_log().await;
    change(directory.path(), "PRAGMA user_version = 99");
    let newer = SqliteLog::open(directory.path(), &Options::default());
    assert!(matches!(newer.err(), Some(OpenError::Newer { found: 99 })));

    let directory = TempDir::new().unwrap();
    change(directory.path(), "CREATE TABLE something (else_ TEXT)");
    let foreign = SqliteLog::open(directory.path(), &Options::default());
    assert!(matches!(foreign.err(), Some(OpenError::Foreign)));

    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join(FILE_NAME), "this is not a database file, whatever its name says".repeat(99))
        .unwrap();
    let text = SqliteLog::open(directory.path(), &Options::default());
    assert!(matches!(text.err(), Some(OpenError::Damaged(_))));
}

#[tokio::test]
async fn a_failed_commit_leaves_its_appends_unknown_and_the_writer_recovers() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(FILE_NAME);
    let lock = DirectoryLock::acquire(directory.path()).unwrap();
    let mut store = open_store(&path, &Options::default()).unwrap();
    store.fail_commits();
    let log = SqliteLog::start(path, &Options::default(), store, lock).unwrap();
    let mut deliveries = log.subscribe(None, Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    assert_eq!(refused(&log, &stream("a"), Expected::NoStream, events(&["1"])).await, AppendError::Unknown);
    assert_eq!((log.head().await, log_past(&log, None, &Filter::All).await.len()), (Ok(None), 0));
    let again = append(&log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    assert!(!again.repeated);
    assert_eq!(next_event(&mut deliveries).await.position, again.position);
    assert_eq!(verify(directory.path()).unwrap().events, 1);
}

#[tokio::test]
async fn a_log_in_use_can_be_read_by_another_process() {
    let directory = closed_log().await;
    let log = open(directory.path());
    let reader = LogReader::open(directory.path()).unwrap();
    append(&log, &stream("c"), Expected::NoStream, events(&["fifth-fact"])).await;
    let page = reader.read_log(None, &Filter::All, 10).await.unwrap();
    assert_eq!(page.events, log_past(&log, None, &Filter::All).await);
    let empty = TempDir::new().unwrap();
    assert!(matches!(LogReader::open(empty.path()).err(), Some(OpenError::Sqlite(_))));
}

#[tokio::test]
async fn a_full_store_refuses_appends_definitely_still_reads_and_recovers() {
    let directory = TempDir::new().unwrap();
    let options = Options { size_max: Some(300_000), ..Options::default() };
    let log = SqliteLog::open(directory.path(), &options).unwrap();
    let large = |label: String| vec![NewEvent { body: vec![7; 20_000], ..event(&label) }];
    let mut expected = Expected::NoStream;
    let mut written = 0;
    let fault = loop {
        match log.append(&stream("a"), expected, large(written.to_string())).await {
            Ok(appended) => expected = Expected::At(appended.last),
            Err(AppendError::Unavailable(fault)) => break fault,
            Err(error) => panic!("{error}"),
        }
        written += 1;
    };
    assert_eq!(fault, StorageFault::Full);
    assert!(written > 5);
    assert_eq!(log_past(&log, None, &Filter::All).await.len(), written);
    append(&log, &stream("small"), Expected::NoStream, events(&["still fits"])).await;
    log.close().await;
    drop(log);
    let log = open(directory.path());
    let appended = append(&log, &stream("a"), expected, large(written.to_string())).await;
    assert_eq!(Expected::At(appended.first), Expected::At(expected.first_new()));
    assert_eq!(verify(directory.path()).unwrap().events, u64::try_from(written + 2).unwrap());
}
