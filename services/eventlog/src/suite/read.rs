//! What reading promises: any place, both ways, pages, filters.

use kernel::event::{Position, Revision};

use super::{Backend, append, event, events, labels, log_past, numbered, stream};
use crate::port::{Direction, EventLog, Expected, Filter, NewEvent, PAGE_EVENTS_MAX, Page, ReadError};

/// No events, no error.
pub async fn a_missing_stream_reads_as_empty(backend: &mut impl Backend) {
    let log = backend.log();
    append(&*log, &stream("other"), Expected::NoStream, events(&["1"])).await;
    for direction in [Direction::Forward, Direction::Backward] {
        let page = log.read_stream(&stream("a"), Revision(0), direction, 10).await.expect("a page");
        assert!(page.events.is_empty() && page.end);
    }
    assert_eq!(log.last_of(&stream("a")).await, Ok(None));
}

async fn five(backend: &mut impl Backend) {
    append(&*backend.log(), &stream("a"), Expected::NoStream, events(&["0", "1", "2"])).await;
    append(&*backend.log(), &stream("b"), Expected::NoStream, numbered("other", 3)).await;
    append(&*backend.log(), &stream("a"), Expected::At(Revision(2)), events(&["3", "4"])).await;
}

async fn read(log: &dyn EventLog, from: u64, direction: Direction, max: usize) -> (Vec<String>, Option<u64>, bool) {
    let Page { events, next, end } =
        log.read_stream(&stream("a"), Revision(from), direction, max).await.expect("a page");
    (labels(&events), next.map(|next| next.0), end)
}

fn texts(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// From the first, the middle, the last, past the end.
pub async fn a_stream_reads_forward_from_anywhere(backend: &mut impl Backend) {
    five(backend).await;
    let log = backend.log();
    let forward = Direction::Forward;
    assert_eq!(read(&*log, 0, forward, 9).await, (texts(&["0", "1", "2", "3", "4"]), Some(5), true));
    assert_eq!(read(&*log, 2, forward, 9).await, (texts(&["2", "3", "4"]), Some(5), true));
    assert_eq!(read(&*log, 4, forward, 1).await, (texts(&["4"]), Some(5), true));
    assert_eq!(read(&*log, 1, forward, 2).await, (texts(&["1", "2"]), Some(3), false));
    for past in [5, 6, u64::MAX] {
        assert_eq!(read(&*log, past, forward, 9).await, (Vec::new(), Some(past), true));
    }
}

/// From the first, the middle, the last, past the end.
pub async fn a_stream_reads_backward_from_anywhere(backend: &mut impl Backend) {
    five(backend).await;
    let log = backend.log();
    let backward = Direction::Backward;
    assert_eq!(read(&*log, 0, backward, 9).await, (texts(&["0"]), None, true));
    assert_eq!(read(&*log, 2, backward, 9).await, (texts(&["2", "1", "0"]), None, true));
    assert_eq!(read(&*log, 4, backward, 2).await, (texts(&["4", "3"]), Some(2), false));
    for past in [5, u64::MAX] {
        assert_eq!(read(&*log, past, backward, 9).await, (texts(&["4", "3", "2", "1", "0"]), None, true));
    }
    let last = log.last_of(&stream("a")).await.expect("an answer");
    assert_eq!(labels(last.as_slice()), ["4"]);
}

/// Page after page gives the stream, whatever the size of a page.
pub async fn a_stream_reads_in_pages_both_ways(backend: &mut impl Backend) {
    let log = backend.log();
    let count = PAGE_EVENTS_MAX + 10;
    append(&*log, &stream("a"), Expected::NoStream, numbered("n", count)).await;
    for max in [0, 1_000, PAGE_EVENTS_MAX, usize::MAX] {
        let (mut from, mut read) = (Some(Revision(0)), 0);
        while let Some(revision) = from {
            let page = log.read_stream(&stream("a"), revision, Direction::Forward, max).await.expect("a page");
            read += page.events.len();
            from = page.next.filter(|_| !page.end);
            if max == 0 {
                break;
            }
        }
        assert_eq!(read, if max == 0 { 1 } else { count }, "pages of {max}");
    }
    let (mut from, mut read) = (Some(Revision(u64::MAX)), 0);
    while let Some(revision) = from {
        let page = log.read_stream(&stream("a"), revision, Direction::Backward, 999).await.expect("a page");
        read += page.events.len();
        from = page.next;
    }
    assert_eq!(read, count);
}

/// What follows a position, never the event at it.
pub async fn the_log_reads_from_any_position(backend: &mut impl Backend) {
    five(backend).await;
    let log = backend.log();
    let all = log_past(&*log, None, &Filter::All).await;
    assert_eq!(all.len(), 8);
    for (index, stored) in all.iter().enumerate() {
        assert_eq!(log_past(&*log, Some(stored.position), &Filter::All).await, all[index + 1..]);
        let page = log.read_log(Some(stored.position), &Filter::All, 2).await.expect("a page");
        assert_eq!(page.events, all[index + 1..(index + 3).min(all.len())]);
        assert_eq!(page.end, index + 3 >= all.len());
    }
}

/// Where no event is, none is found: at the beginning, between two, past the end.
pub async fn an_event_is_found_by_its_position(backend: &mut impl Backend) {
    let log = backend.log();
    assert_eq!(log.event_at(Position(0)).await, Ok(None));
    assert_eq!(log.event_at(Position(1)).await, Ok(None));
    five(backend).await;
    let all = log_past(&*log, None, &Filter::All).await;
    for stored in &all {
        assert_eq!(log.event_at(stored.position).await, Ok(Some(stored.clone())));
    }
    let taken: Vec<u64> = all.iter().map(|stored| stored.position.0).collect();
    let beside = taken.iter().flat_map(|position| [position - 1, position + 1]).chain([0, u64::MAX]);
    for position in beside.filter(|position| !taken.contains(position)) {
        assert_eq!(log.event_at(Position(position)).await, Ok(None), "{position} of {taken:?}");
    }
}

/// Each filter by itself.
pub async fn filters_choose_by_category_stream_and_kind(backend: &mut impl Backend) {
    let log = backend.log();
    let other = kernel::event::StreamName::new("other", "a").expect("a name");
    append(&*log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    append(&*log, &other, Expected::NoStream, events(&["2"])).await;
    let kind = |label, kind: &str| NewEvent { kind: kind.to_owned(), ..event(label) };
    append(&*log, &stream("b"), Expected::NoStream, vec![kind("3", "moved"), kind("4", "noted"), kind("5", "lost")])
        .await;
    let cases = [
        (Filter::All, vec!["1", "2", "3", "4", "5"]),
        (Filter::categories(&["test"]), vec!["1", "3", "4", "5"]),
        (Filter::categories(&["other", "absent"]), vec!["2"]),
        (Filter::categories(&["tes", "test-a"]), vec![]),
        (Filter::Stream(stream("b")), vec!["3", "4", "5"]),
        (Filter::kinds(&["moved", "lost"]), vec!["3", "5"]),
        (Filter::kinds(&[]), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(labels(&log_past(&*log, None, &filter).await), expected, "{filter:?}");
    }
}

/// The cursor of an empty page is the end of what was looked at.
pub async fn a_page_without_a_match_still_moves_on(backend: &mut impl Backend) {
    let log = backend.log();
    let appended = append(&*log, &stream("a"), Expected::NoStream, numbered("n", 50)).await;
    let page = log.read_log(None, &Filter::kinds(&["absent"]), 10).await.expect("a page");
    assert_eq!((page.events.len(), page.next, page.end), (0, Some(appended.position), true));
}

/// A cursor of a longer log cannot be this log's.
pub async fn a_cursor_beyond_the_end_is_foreign(backend: &mut impl Backend) {
    let log = backend.log();
    assert_eq!(log.read_log(Some(Position(7)), &Filter::All, 10).await, Err(ReadError::ForeignCursor));
    let head = append(&*log, &stream("a"), Expected::NoStream, events(&["1"])).await.position;
    let beyond = Some(Position(head.0 + 1));
    assert_eq!(log.read_log(beyond, &Filter::All, 10).await, Err(ReadError::ForeignCursor));
    let page = log.read_log(Some(head), &Filter::All, 10).await.expect("a page");
    assert_eq!((page.events.len(), page.next, page.end), (0, Some(head), true));
}

/// Events, order, positions.
pub async fn everything_is_there_after_a_restart(backend: &mut impl Backend) {
    five(backend).await;
    let before = log_past(&*backend.log(), None, &Filter::All).await;
    let head = backend.log().head().await;
    backend.restart().await;
    assert_eq!(log_past(&*backend.log(), None, &Filter::All).await, before);
    assert_eq!(backend.log().head().await, head);
    let more = append(&*backend.log(), &stream("a"), Expected::At(Revision(4)), events(&["5"])).await;
    assert!(head.expect("a head") < Some(more.position));
}
