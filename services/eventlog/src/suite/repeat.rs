//! What a repeated append promises: the first result, or a definite error, and never a second write.

use std::sync::Arc;

use kernel::event::Revision;
use tokio::task::JoinSet;

use super::{Backend, append, event, events, labels, log_past, numbered, refused, stream};
use crate::port::{AppendError, Appended, EventLog, Expected, Filter};

/// The same ids with the same expectation, at the start of a stream and within.
pub async fn an_exact_repeat_gives_the_first_result(backend: &mut impl Backend) {
    let log = backend.log();
    let start = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let more = append(&*log, &stream("a"), Expected::At(start.last), events(&["3"])).await;
    let start_again = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let more_again = append(&*log, &stream("a"), Expected::At(start.last), events(&["3"])).await;
    assert_eq!(start_again, Appended { repeated: true, ..start });
    assert_eq!(more_again, Appended { repeated: true, ..more });
    assert_eq!(labels(&log_past(&*log, None, &Filter::All).await), ["1", "2", "3"]);
}

/// However much came after it.
pub async fn a_repeat_is_recognised_after_others_have_written(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    append(&*log, &stream("a"), Expected::At(first.last), numbered("later", 5_000)).await;
    append(&*log, &stream("b"), Expected::NoStream, numbered("other", 5_000)).await;
    let again = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    assert_eq!(again, Appended { repeated: true, ..first });
}

/// A million by `make test-slow`.
#[expect(clippy::disallowed_methods, reason = "the one setting of a test, which has no command line of its own")]
fn other_appends() -> u64 {
    std::env::var("TALLYSTICK_OTHER_APPENDS").map_or(10_000, |count| count.parse().expect("a number"))
}

const OTHERS: u64 = 64;

/// However many appends to however many streams.
pub async fn a_repeat_is_recognised_after_very_many_other_appends(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let more = append(&*log, &stream("a"), Expected::At(first.last), events(&["3"])).await;
    let mut others = JoinSet::new();
    for other in 0..OTHERS {
        others.spawn(write_alone(backend.log(), other, other_appends() / OTHERS));
    }
    others.join_all().await;
    let again = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    assert_eq!(again, Appended { repeated: true, ..first });
    let again = append(&*log, &stream("a"), Expected::At(first.last), events(&["3"])).await;
    assert_eq!(again, Appended { repeated: true, ..more });
    let error = refused(&*log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    assert_eq!(error, AppendError::IdempotencyMismatch);
}

async fn write_alone(log: Arc<dyn EventLog>, other: u64, count: u64) {
    let own = stream(&format!("other-{other}"));
    let mut expected = Expected::NoStream;
    for number in 0..count {
        let written = append(&*log, &own, expected, vec![event(&format!("{other}-{number}"))]).await;
        expected = Expected::At(written.last);
    }
}

/// It is in the log, not in memory.
pub async fn a_repeat_is_recognised_after_a_restart(backend: &mut impl Backend) {
    let first = append(&*backend.log(), &stream("a"), Expected::NoStream, numbered("n", 100)).await;
    backend.restart().await;
    let again = append(&*backend.log(), &stream("a"), Expected::NoStream, numbered("n", 100)).await;
    assert_eq!(again, Appended { repeated: true, ..first });
}

/// It is in the backup. What came later is not, so there it is new.
pub async fn a_repeat_is_recognised_after_backup_and_restore(backend: &mut impl Backend) {
    let first = append(&*backend.log(), &stream("a"), Expected::NoStream, numbered("n", 100)).await;
    if !backend.back_up().await {
        return;
    }
    let later = append(&*backend.log(), &stream("a"), Expected::At(first.last), events(&["1", "2"])).await;
    backend.restore().await;
    let log = backend.log();
    let again = append(&*log, &stream("a"), Expected::NoStream, numbered("n", 100)).await;
    assert_eq!(again, Appended { repeated: true, ..first });
    let error = refused(&*log, &stream("a"), Expected::NoStream, numbered("n", 99)).await;
    assert_eq!(error, AppendError::IdempotencyMismatch);
    let anew = append(&*log, &stream("a"), Expected::At(first.last), events(&["1", "2"])).await;
    assert_eq!((anew.first, anew.repeated), (later.first, false));
}

/// Stops the test unless appending `labels` with `expected`, after `1 2 3` were one append, is a mismatch.
async fn mismatches(backend: &mut impl Backend, expected: Expected, labels_again: &[&str]) {
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2", "3"])).await;
    for _ in 0..2 {
        let error = refused(&*log, &stream("a"), expected, events(labels_again)).await;
        assert_eq!(error, AppendError::IdempotencyMismatch, "{labels_again:?}");
        assert_eq!(labels(&log_past(&*log, None, &Filter::All).await), ["1", "2", "3"]);
    }
}

/// The beginning of an append is not that append.
pub async fn a_prefix_is_a_mismatch(backend: &mut impl Backend) {
    mismatches(backend, Expected::NoStream, &["1", "2"]).await;
}

/// The end of an append is not that append, wherever it claims to stand.
pub async fn a_suffix_is_a_mismatch(backend: &mut impl Backend) {
    mismatches(backend, Expected::At(Revision(0)), &["2", "3"]).await;
    let error = refused(&*backend.log(), &stream("a"), Expected::NoStream, events(&["2", "3"])).await;
    assert_eq!(error, AppendError::IdempotencyMismatch);
}

/// More than an append is not that append.
pub async fn a_superset_is_a_mismatch(backend: &mut impl Backend) {
    mismatches(backend, Expected::NoStream, &["1", "2", "3", "4"]).await;
}

/// Every id counts, not the first alone.
pub async fn the_same_first_event_with_another_second_is_a_mismatch(backend: &mut impl Backend) {
    mismatches(backend, Expected::NoStream, &["1", "other", "3"]).await;
}

/// Two appends are not one.
pub async fn two_appends_repeated_as_one_are_a_mismatch(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    append(&*log, &stream("a"), Expected::At(first.last), events(&["2"])).await;
    let error = refused(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    assert_eq!(error, AppendError::IdempotencyMismatch);
}

/// Another's events at a place that is taken: a conflict, not a repeat.
pub async fn foreign_events_at_an_old_revision_conflict(backend: &mut impl Backend) {
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2", "3"])).await;
    let error = refused(&*log, &stream("a"), Expected::At(Revision(0)), events(&["x", "y"])).await;
    assert_eq!(error, AppendError::Conflict { actual: Some(Revision(2)) });
}
