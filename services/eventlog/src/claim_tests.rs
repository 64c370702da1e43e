//! Claims: one holder per text, and orphans that lapse.

use jiff::{Timestamp, ToSpan};
use kernel::event::StreamName;
use kernel::id::derived;
use kernel::wire::Wire;

use crate::claim::{ClaimError, Claimed, Event, ORPHAN_AFTER_SECONDS, Released, Taken, check, claim, release, stream};
use crate::execute::{Cause, ExecuteError};
use crate::model::ModelLog;
use crate::port::{EventLog, Expected, Filter};
use crate::suite::{append, event, log_past};

fn holder(key: &str) -> StreamName {
    StreamName::new("organization", key).unwrap()
}

fn cause(label: &str, second: i64) -> Cause {
    let now = Timestamp::UNIX_EPOCH.checked_add(second.seconds()).unwrap();
    Cause { id: derived(&[label]), correlation: derived(&[label]), actor: "platform".to_owned(), now }
}

async fn take(log: &dyn EventLog, who: &str, label: &str, second: i64) -> Result<bool, Taken> {
    match claim(log, "slug", "acme", &holder(who), &cause(label, second)).await {
        Ok(position) => Ok(position.is_some()),
        Err(ClaimError::Execute(ExecuteError::Rejected(taken))) => Err(taken),
        Err(error) => panic!("{error}"),
    }
}

fn taken_by(who: &str) -> Result<bool, Taken> {
    Err(Taken { holder: holder(who) })
}

#[tokio::test]
async fn a_text_has_one_holder_who_may_ask_again() {
    let log = ModelLog::default();
    assert_eq!(take(&log, "a", "1", 0).await, Ok(true));
    assert_eq!(take(&log, "b", "2", 0).await, taken_by("a"));
    assert_eq!(take(&log, "a", "3", 0).await, Ok(false));
    assert!(claim(&log, "email", "acme", &holder("b"), &cause("4", 0)).await.is_ok());
}

#[tokio::test]
async fn a_released_text_is_free_and_only_its_holder_releases_it() {
    let log = ModelLog::default();
    take(&log, "a", "1", 0).await.unwrap();
    assert_eq!(release(&log, "slug", "acme", &holder("b"), &cause("2", 0)).await.unwrap(), None);
    assert_eq!(take(&log, "b", "3", 0).await, taken_by("a"));
    assert!(release(&log, "slug", "acme", &holder("a"), &cause("4", 0)).await.unwrap().is_some());
    assert_eq!(take(&log, "b", "5", 0).await, Ok(true));
}

#[tokio::test]
async fn an_orphan_lapses_after_its_time_and_not_before() {
    let log = ModelLog::default();
    take(&log, "a", "1", 0).await.unwrap();
    assert_eq!(take(&log, "b", "2", ORPHAN_AFTER_SECONDS).await, taken_by("a"));
    assert_eq!(take(&log, "b", "3", ORPHAN_AFTER_SECONDS + 1).await, Ok(true));
    assert_eq!(take(&log, "a", "4", ORPHAN_AFTER_SECONDS + 2).await, taken_by("b"));
}

#[tokio::test]
async fn who_lost_a_claim_does_not_get_it_back_by_asking_as_before() {
    let log = ModelLog::default();
    let later = ORPHAN_AFTER_SECONDS + 1;
    take(&log, "a", "1", 0).await.unwrap();
    assert_eq!(take(&log, "b", "2", later).await, Ok(true));
    assert_eq!(take(&log, "a", "1", later).await, taken_by("b"));
    append(&log, &holder("b"), Expected::NoStream, vec![event("registered")]).await;
    assert_eq!(take(&log, "a", "1", 3 * later).await, taken_by("b"));
}

#[tokio::test]
async fn a_claim_that_lapsed_and_lapsed_again_is_taken_back_by_the_first_cause() {
    let log = ModelLog::default();
    let later = ORPHAN_AFTER_SECONDS + 1;
    take(&log, "a", "1", 0).await.unwrap();
    take(&log, "b", "2", later).await.unwrap();
    assert_eq!(take(&log, "a", "1", 2 * later).await, Ok(true));
    assert_eq!(take(&log, "b", "2", 2 * later).await, taken_by("a"));
}

/// Otherwise somebody could take it over between this claim and the holder's first event.
#[tokio::test]
async fn a_claim_asked_for_late_stands_its_whole_time_anew() {
    let log = ModelLog::default();
    take(&log, "a", "1", 0).await.unwrap();
    assert_eq!(take(&log, "a", "1", ORPHAN_AFTER_SECONDS).await, Ok(true));
    assert_eq!(take(&log, "b", "2", ORPHAN_AFTER_SECONDS + 1).await, taken_by("a"));
    assert_eq!(take(&log, "b", "3", 2 * ORPHAN_AFTER_SECONDS + 1).await, Ok(true));
}

#[tokio::test]
async fn a_claim_whose_holder_exists_is_not_taken_anew() {
    let log = ModelLog::default();
    take(&log, "a", "1", 0).await.unwrap();
    append(&log, &holder("a"), Expected::NoStream, vec![event("registered")]).await;
    let before = log_past(&log, None, &Filter::All).await.len();
    take(&log, "a", "1", 9 * ORPHAN_AFTER_SECONDS).await.unwrap();
    assert_eq!(take(&log, "a", "2", 9 * ORPHAN_AFTER_SECONDS).await, Ok(false));
    assert_eq!(log_past(&log, None, &Filter::All).await.len(), before);
}

#[tokio::test]
async fn a_claim_whose_holder_exists_never_lapses() {
    let log = ModelLog::default();
    take(&log, "a", "1", 0).await.unwrap();
    append(&log, &holder("a"), Expected::NoStream, vec![event("registered")]).await;
    assert_eq!(take(&log, "b", "2", ORPHAN_AFTER_SECONDS * 1_000).await, taken_by("a"));
}

#[tokio::test]
async fn a_check_passes_where_a_claim_would_and_takes_nothing() {
    let log = ModelLog::default();
    let passes =
        async |who: &str, second: i64| check(&log, "slug", "acme", &holder(who), &cause("check", second)).await.is_ok();
    assert!(passes("b", 0).await && log_past(&log, None, &Filter::All).await.is_empty());
    take(&log, "a", "1", 0).await.unwrap();
    assert!(passes("a", 0).await && !passes("b", ORPHAN_AFTER_SECONDS).await);
    assert!(passes("b", ORPHAN_AFTER_SECONDS + 1).await, "an orphan");
    append(&log, &holder("a"), Expected::NoStream, vec![event("registered")]).await;
    assert!(!passes("b", ORPHAN_AFTER_SECONDS + 1).await);
}

#[tokio::test]
async fn the_log_does_not_hold_the_claimed_text() {
    let log = ModelLog::default();
    claim(&log, "email", "li@example.org", &holder("a"), &cause("1", 0)).await.unwrap();
    for stored in log_past(&log, None, &Filter::All).await {
        assert!(!String::from_utf8(stored.data).unwrap().contains("li@example.org"));
        assert_eq!(stored.stream, stream("email", "li@example.org").unwrap());
    }
}

#[test]
fn recorded_claims_keep_their_form() {
    let claimed = Event::Claimed(Claimed { holder: holder("a"), at: Timestamp::UNIX_EPOCH });
    let released = Event::Released(Released { holder: holder("a") });
    let cases = [
        (claimed, "claimed", r#"{"holder":"organization-a","at":"1970-01-01T00:00:00Z"}"#),
        (released, "released", r#"{"holder":"organization-a"}"#),
    ];
    for (event, kind, data) in cases {
        let encoded = event.encode().unwrap();
        assert_eq!((encoded.kind, encoded.version, encoded.data.as_slice()), (kind, 1, data.as_bytes()));
        assert_eq!(Event::decode(kind, 1, data.as_bytes(), &[]).unwrap().unwrap(), event);
    }
}
