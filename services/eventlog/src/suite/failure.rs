//! What holds when the store dies under the log, and when it comes back from a backup.

use std::sync::Arc;

use kernel::event::Revision;
use tokio::task::JoinSet;

use super::{Backend, PATIENCE, append, event, events, labels, log_past, next, numbered, stream};
use crate::port::{AppendError, Direction, EventLog, Expected, Filter, PAGE_EVENTS_MAX, ReadError};
use futures::StreamExt;

/// The subscription ends with an error, appends are answered, and all that was acknowledged is there afterwards.
pub async fn a_store_that_dies_ends_subscriptions_and_loses_nothing_acknowledged(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let mut deliveries = log.subscribe(Some(first.position), Filter::All);
    next(&mut deliveries).await;
    if !backend.kill().await {
        return;
    }
    let last = tokio::time::timeout(PATIENCE, deliveries.next()).await.expect("an end in time");
    assert!(matches!(last, Some(Err(ReadError::Unavailable(_)))), "{last:?}");
    assert_eq!(deliveries.next().await, None);
    let name = stream("a");
    let late = log.append(&name, Expected::At(first.last), events(&["3"]));
    let late = tokio::time::timeout(PATIENCE, late).await.expect("an answer in time");
    assert!(matches!(late, Err(AppendError::Unavailable(_) | AppendError::Unknown)), "{late:?}");
    backend.restart().await;
    let log = backend.log();
    assert_eq!(labels(&log_past(&*log, None, &Filter::All).await), ["1", "2"]);
    let again = append(&*log, &stream("a"), Expected::At(first.last), events(&["3"])).await;
    assert_eq!((again.first, again.repeated), (Revision(2), false));
}

const WRITERS: usize = 8;

/// What was acknowledged is there; what was refused is not; what is unknown is whole or absent, and is repeated safely.
pub async fn a_store_that_dies_under_writers_leaves_each_append_whole_or_absent(backend: &mut impl Backend) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write_until_it_dies(backend.log(), writer));
    }
    while backend.log().head().await.ok().flatten().is_none_or(|head| head.0 < 60) {
        tokio::task::yield_now().await;
    }
    if !backend.kill().await {
        return;
    }
    let ends = tokio::time::timeout(PATIENCE, writers.join_all()).await.expect("answers in time");
    backend.restart().await;
    for end in ends {
        end.check(&*backend.log()).await;
    }
}

/// How far a writer came.
struct End {
    writer: usize,
    acknowledged: usize,
    error: AppendError,
}

fn threesome(writer: usize, number: usize) -> Vec<crate::port::NewEvent> {
    numbered(&format!("{writer}-{number}"), 3)
}

fn after_threesomes(count: usize) -> Expected {
    let events = u64::try_from(count * 3).expect("a small number");
    Expected::after(events.checked_sub(1).map(Revision))
}

async fn write_until_it_dies(log: Arc<dyn EventLog>, writer: usize) -> End {
    let own = stream(&writer.to_string());
    let mut acknowledged = 0;
    loop {
        match log.append(&own, after_threesomes(acknowledged), threesome(writer, acknowledged)).await {
            Ok(_) => acknowledged += 1,
            Err(error) => return End { writer, acknowledged, error },
        }
    }
}

impl End {
    async fn check(&self, log: &dyn EventLog) {
        let own = stream(&self.writer.to_string());
        let page = log.read_stream(&own, Revision(0), Direction::Forward, PAGE_EVENTS_MAX).await.expect("a page");
        let written = page.events.len();
        match self.error {
            AppendError::Unavailable(_) => assert_eq!(written, self.acknowledged * 3),
            AppendError::Unknown => assert!([self.acknowledged * 3, self.acknowledged * 3 + 3].contains(&written)),
            other => panic!("{other}"),
        }
        let new = threesome(self.writer, self.acknowledged);
        let again = append(log, &own, after_threesomes(self.acknowledged), new).await;
        assert_eq!(again.repeated, written > self.acknowledged * 3);
    }
}

/// What came after the backup is gone, positions go on from it, and a backup can be taken again.
pub async fn a_restored_log_goes_on_from_its_backup(backend: &mut impl Backend) {
    append(&*backend.log(), &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    append(&*backend.log(), &stream("b"), Expected::NoStream, events(&["3"])).await;
    let before = log_past(&*backend.log(), None, &Filter::All).await;
    if !backend.back_up().await {
        return;
    }
    append(&*backend.log(), &stream("a"), Expected::At(Revision(1)), events(&["lost"])).await;
    backend.restore().await;
    assert_eq!(log_past(&*backend.log(), None, &Filter::All).await, before);
    let head = backend.log().head().await.expect("a head");
    assert_eq!(head, before.last().map(|stored| stored.position));
    let more = append(&*backend.log(), &stream("a"), Expected::At(Revision(1)), vec![event("4")]).await;
    assert!((more.first, Some(more.position) > head) == (Revision(2), true));
    backend.back_up().await;
    backend.restore().await;
    assert_eq!(labels(&log_past(&*backend.log(), None, &Filter::All).await), ["1", "2", "3", "4"]);
}
