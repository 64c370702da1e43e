//! What an append promises: expectations, limits, gapless revisions, the events as they were.

use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use kernel::id::derived;

use super::{Backend, append, event, events, labels, log_past, numbered, refused, stream};
use crate::port::{
    ACTOR_BYTES_MAX, APPEND_EVENTS_MAX, AppendError, BODY_BYTES_MAX, DATA_BYTES_MAX, Direction, Expected, Filter,
    InvalidAppend, KIND_BYTES_MAX, NewEvent,
};

/// At least one event.
pub async fn an_empty_append_is_refused(backend: &mut impl Backend) {
    let error = refused(&*backend.log(), &stream("a"), Expected::NoStream, Vec::new()).await;
    assert_eq!(error, AppendError::Invalid(InvalidAppend::Empty));
    assert_eq!(backend.log().head().await, Ok(None));
}

/// `NoStream` holds before the first event only.
pub async fn a_stream_begins_with_no_stream_and_only_once(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    assert_eq!((first.first, first.last, first.repeated), (Revision(0), Revision(1), false));
    let error = refused(&*log, &stream("a"), Expected::NoStream, events(&["3"])).await;
    assert_eq!(error, AppendError::Conflict { actual: Some(Revision(1)) });
}

/// Exactly the last revision.
pub async fn an_expectation_one_below_or_one_above_conflicts(backend: &mut impl Backend) {
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2", "3"])).await;
    for revision in [1, 3, u64::MAX] {
        let error = refused(&*log, &stream("a"), Expected::At(Revision(revision)), events(&["4"])).await;
        assert_eq!(error, AppendError::Conflict { actual: Some(Revision(2)) }, "At({revision})");
    }
    let appended = append(&*log, &stream("a"), Expected::At(Revision(2)), events(&["4"])).await;
    assert_eq!(appended.first, Revision(3));
}

/// A missing stream has no revision.
pub async fn an_expectation_of_events_in_a_missing_stream_conflicts(backend: &mut impl Backend) {
    let error = refused(&*backend.log(), &stream("a"), Expected::At(Revision(0)), events(&["1"])).await;
    assert_eq!(error, AppendError::Conflict { actual: None });
}

/// Neither events nor a stream are left by it.
pub async fn a_conflict_writes_nothing(backend: &mut impl Backend) {
    let log = backend.log();
    let before = append(&*log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    refused(&*log, &stream("a"), Expected::NoStream, numbered("late", 10)).await;
    refused(&*log, &stream("b"), Expected::At(Revision(4)), numbered("late", 10)).await;
    assert_eq!(log.head().await, Ok(Some(before.position)));
    assert_eq!(labels(&log_past(&*log, None, &Filter::All).await), ["1"]);
    append(&*log, &stream("b"), Expected::NoStream, events(&["2"])).await;
}

/// Two appends of the largest number of events.
pub async fn revisions_are_gapless_over_the_largest_appends(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, numbered("one", APPEND_EVENTS_MAX)).await;
    append(&*log, &stream("a"), Expected::At(first.last), numbered("two", APPEND_EVENTS_MAX)).await;
    let error = refused(&*log, &stream("b"), Expected::NoStream, numbered("three", APPEND_EVENTS_MAX + 1)).await;
    assert_eq!(error, AppendError::Invalid(InvalidAppend::TooManyEvents));
    let all = log_past(&*log, None, &Filter::All).await;
    assert_eq!(all.len(), 2 * APPEND_EVENTS_MAX);
    for (expected, stored) in (0..).zip(&all) {
        assert_eq!(stored.revision, Revision(expected));
    }
}

/// JSON, body, kind and actor.
pub async fn sizes_are_accepted_at_the_limit_and_refused_one_over(backend: &mut impl Backend) {
    let log = backend.log();
    let at_limit = NewEvent {
        kind: "k".repeat(KIND_BYTES_MAX),
        data: vec![b'1'; DATA_BYTES_MAX],
        body: vec![0xff; BODY_BYTES_MAX],
        provenance: Provenance { actor: "a".repeat(ACTOR_BYTES_MAX), ..event("large").provenance },
        ..event("large")
    };
    append(&*log, &stream("a"), Expected::NoStream, vec![at_limit.clone()]).await;
    let page = log.read_stream(&stream("a"), Revision(0), Direction::Forward, 10).await.expect("a page");
    let stored = page.events.first().expect("the event");
    assert!(stored.kind == at_limit.kind && stored.data == at_limit.data && stored.body == at_limit.body);
    assert_eq!(stored.provenance, at_limit.provenance);

    let over = |change: fn(&mut NewEvent)| {
        let mut over = event("over");
        change(&mut over);
        vec![over]
    };
    let cases = [
        (over(|event| event.data = vec![b'1'; DATA_BYTES_MAX + 1]), InvalidAppend::DataTooLarge),
        (over(|event| event.body = vec![0; BODY_BYTES_MAX + 1]), InvalidAppend::BodyTooLarge),
        (over(|event| event.kind = "k".repeat(KIND_BYTES_MAX + 1)), InvalidAppend::Kind),
        (over(|event| event.provenance.actor = "a".repeat(ACTOR_BYTES_MAX + 1)), InvalidAppend::Actor),
    ];
    for (events, reason) in cases {
        let error = refused(&*log, &stream("b"), Expected::NoStream, events).await;
        assert_eq!(error, AppendError::Invalid(reason));
    }
}

/// The bytes of all events together.
pub async fn an_append_is_accepted_at_its_limit_and_refused_one_over(backend: &mut impl Backend) {
    let log = backend.log();
    let full = |label| NewEvent { data: Vec::new(), body: vec![0; BODY_BYTES_MAX], ..event(label) };
    let one_byte = NewEvent { data: b"1".to_vec(), ..event("over") };
    let over = vec![full("x"), full("y"), one_byte];
    let error = refused(&*log, &stream("a"), Expected::NoStream, over).await;
    assert_eq!(error, AppendError::Invalid(InvalidAppend::AppendTooLarge));
    let appended = append(&*log, &stream("a"), Expected::NoStream, vec![full("x"), full("y")]).await;
    assert_eq!(appended.last, Revision(1));
    let sizes: Vec<usize> = log_past(&*log, None, &Filter::All).await.iter().map(|stored| stored.body.len()).collect();
    assert_eq!(sizes, [BODY_BYTES_MAX, BODY_BYTES_MAX]);
}

fn actor(name: &str) -> Provenance {
    Provenance { actor: name.to_owned(), ..event("1").provenance }
}

/// No kind, no version, a zero byte in a text, an unstorable instant, one id twice.
pub async fn what_is_not_an_event_is_refused(backend: &mut impl Backend) {
    let log = backend.log();
    let cases = [
        (vec![NewEvent { kind: String::new(), ..event("1") }], InvalidAppend::Kind),
        (vec![NewEvent { version: 0, ..event("1") }], InvalidAppend::Kind),
        (vec![NewEvent { kind: "a\0b".to_owned(), ..event("1") }], InvalidAppend::Kind),
        (vec![NewEvent { provenance: actor("\0"), ..event("1") }], InvalidAppend::Actor),
        (vec![NewEvent { occurred_at: Timestamp::MAX, ..event("1") }], InvalidAppend::Instant),
        (events(&["1", "2", "1"]), InvalidAppend::DuplicateId),
    ];
    for (events, reason) in cases {
        let error = refused(&*log, &stream("a"), Expected::NoStream, events).await;
        assert_eq!(error, AppendError::Invalid(reason));
    }
    assert_eq!(log.head().await, Ok(None));
}

/// Every field, to the nanosecond and the last byte.
pub async fn an_event_reads_back_as_it_was_written(backend: &mut impl Backend) {
    let new = NewEvent {
        id: derived(&["unlike any other"]),
        kind: "usage_recorded".to_owned(),
        version: u16::MAX,
        occurred_at: "1969-07-20T20:17:40.123456789Z".parse().expect("an instant"),
        provenance: Provenance {
            correlation: derived(&["c"]), cause: derived(&["d"]), actor: "算市 key_x".to_owned()
        },
        data: "{\"名\":\"算市\"}".as_bytes().to_vec(),
        body: (0..=255).collect(),
    };
    let appended = append(&*backend.log(), &stream("a"), Expected::NoStream, vec![new.clone()]).await;
    backend.restart().await;
    let page = backend.log().read_log(None, &Filter::All, 1).await.expect("a page");
    let stored = page.events.into_iter().next().expect("the event");
    assert_eq!((stored.revision, stored.position, stored.stream), (Revision(0), appended.position, stream("a")));
    let read = NewEvent {
        id: stored.id,
        kind: stored.kind,
        version: stored.version,
        occurred_at: stored.occurred_at,
        provenance: stored.provenance,
        data: stored.data,
        body: stored.body,
    };
    assert_eq!(read, new);
}

/// Case, punctuation and length tell streams apart.
pub async fn names_that_look_alike_are_different_streams(backend: &mut impl Backend) {
    let log = backend.log();
    let keys = ["a", "A", "a-", "a.", "a_", "aa", "a:a", "a-a", &"a".repeat(120), &"a".repeat(119)];
    for (number, key) in keys.iter().enumerate() {
        append(&*log, &stream(key), Expected::NoStream, vec![event(&number.to_string())]).await;
    }
    let other = StreamName::new("tes", "t-a").expect("a name");
    append(&*log, &other, Expected::NoStream, events(&["other"])).await;
    for (number, key) in keys.iter().enumerate() {
        let page = log.read_stream(&stream(key), Revision(0), Direction::Forward, 10).await.expect("a page");
        assert_eq!(labels(&page.events), [number.to_string()]);
    }
}

/// Pairs of keys whose whole stream names have the same hash of 32 bits: stores find names by such hashes. With a
/// namespace before them, as on KurrentDB, only the first and those with "times" still have.
const COLLISIONS: &[(&str, &str, &str)] = &[
    ("CRC-32", "apdnpbv", "8u1o4ys"),
    ("FNV-1a", "ew3cs9e", "rhb50u7"),
    ("times 33", "lviutv4", "n4iw2v4"),
    ("times 31", "7w66rkn", "994trkn"),
    ("MurmurHash3", "ugdsagb", "oe5eb29"),
    ("MurmurHash3, KurrentDB's seed", "iarp68x", "ghw5t7h"),
    ("XXH32", "hg6wvf9", "3nagjor"),
    ("PostgreSQL's hashtext", "anqdt4m", "ydqhho9"),
];

/// A name is more than its hash.
pub async fn names_that_collide_in_a_hash_are_different_streams(backend: &mut impl Backend) {
    let log = backend.log();
    for (hash, one, two) in COLLISIONS {
        let first = append(&*log, &stream(one), Expected::NoStream, events(&[one])).await;
        let error = refused(&*log, &stream(two), Expected::At(first.last), events(&[two])).await;
        assert_eq!(error, AppendError::Conflict { actual: None }, "{hash}");
        let second = append(&*log, &stream(two), Expected::NoStream, events(&[two])).await;
        assert!((second.first, second.repeated) == (Revision(0), false), "{hash}");
        for key in [one, two] {
            let page = log.read_stream(&stream(key), Revision(0), Direction::Forward, 10).await.expect("a page");
            assert_eq!(labels(&page.events), [*key], "{hash}");
            assert_eq!(labels(&log_past(&*log, None, &Filter::Stream(stream(key))).await), [*key], "{hash}");
        }
    }
}

/// One order for everything.
pub async fn positions_rise_over_all_streams_and_the_head_is_the_last(backend: &mut impl Backend) {
    let log = backend.log();
    let mut last = None;
    for (number, key) in ["a", "b", "a", "c", "b"].iter().enumerate() {
        let expected = match number {
            2 | 4 => Expected::At(Revision(1)),
            _ => Expected::NoStream,
        };
        let appended = append(&*log, &stream(key), expected, numbered(&number.to_string(), 2)).await;
        assert!(Some(appended.position) > last);
        last = Some(appended.position);
        assert_eq!(log.head().await, Ok(last));
    }
    let positions: Vec<Position> =
        log_past(&*log, None, &Filter::All).await.iter().map(|stored| stored.position).collect();
    assert_eq!(positions.len(), 10);
    assert!(positions.is_sorted_by(|one, next| one < next));
}
