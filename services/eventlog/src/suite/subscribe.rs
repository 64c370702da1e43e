//! What subscriptions promise: everything once, in order, and a word on where they stand.

use std::time::Duration;

use kernel::event::Position;

use super::{Backend, append, event, events, label, next, next_event, numbered, stream};
use crate::port::{Delivery, Expected, Filter, ReadError};
use futures::StreamExt;

/// Past events first, then `CaughtUp`.
pub async fn a_subscription_from_nothing_delivers_all_then_catches_up(backend: &mut impl Backend) {
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, numbered("n", 1_200)).await;
    let mut deliveries = log.subscribe(None, Filter::All);
    for number in 0..1_200 {
        let Delivery::Event(stored) = next(&mut deliveries).await else { panic!("event {number}") };
        assert_eq!(label(&stored), format!("n-{number}"));
    }
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
}

/// Nothing at or before the cursor.
pub async fn a_subscription_from_a_cursor_delivers_the_rest(backend: &mut impl Backend) {
    let log = backend.log();
    let first = append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    append(&*log, &stream("a"), Expected::At(first.last), events(&["3"])).await;
    let mut deliveries = log.subscribe(Some(first.position), Filter::All);
    let Delivery::Event(stored) = next(&mut deliveries).await else { panic!("an event") };
    assert_eq!(label(&stored), "3");
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
}

/// In an empty log as well.
pub async fn what_is_appended_later_is_delivered(backend: &mut impl Backend) {
    let log = backend.log();
    let mut deliveries = log.subscribe(None, Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    let mut expected = Expected::NoStream;
    for number in 0..20 {
        let text = number.to_string();
        expected = Expected::At(append(&*log, &stream("a"), expected, vec![event(&text)]).await.last);
        assert_eq!(label(&next_event(&mut deliveries).await), text);
    }
}

/// Old and new events that do not match still move the cursor.
pub async fn progress_is_told_when_nothing_matches(backend: &mut impl Backend) {
    let log = backend.log();
    let old = append(&*log, &stream("a"), Expected::NoStream, numbered("n", 30)).await;
    let mut deliveries = log.subscribe(None, Filter::categories(&["absent"]));
    assert_eq!(next(&mut deliveries).await, Delivery::Progress(old.position));
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    let new = append(&*log, &stream("a"), Expected::At(old.last), events(&["1"])).await;
    assert_eq!(next(&mut deliveries).await, Delivery::Progress(new.position));
}

/// A consumer that comes late gets `FellBehind`, every event, and `CaughtUp`.
pub async fn a_subscriber_that_falls_behind_is_told_and_loses_nothing(backend: &mut impl Backend) {
    let log = backend.log();
    let mut deliveries = log.subscribe(None, Filter::All);
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    append(&*log, &stream("a"), Expected::NoStream, numbered("n", 5_000)).await;
    assert_eq!(next(&mut deliveries).await, Delivery::FellBehind);
    for number in 0..5_000 {
        let Delivery::Event(stored) = next(&mut deliveries).await else { panic!("event {number}") };
        assert_eq!(label(&stored), format!("n-{number}"));
    }
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
}

/// An error is the last word.
pub async fn a_foreign_cursor_ends_the_subscription(backend: &mut impl Backend) {
    let mut deliveries = backend.log().subscribe(Some(Position(99)), Filter::All);
    assert_eq!(deliveries.next().await, Some(Err(ReadError::ForeignCursor)));
    assert_eq!(deliveries.next().await, None);
}

/// Each at its own pace.
pub async fn subscribers_do_not_disturb_each_other(backend: &mut impl Backend) {
    let log = backend.log();
    let mut quick = log.subscribe(None, Filter::All);
    let mut slow = log.subscribe(None, Filter::All);
    let mut expected = Expected::NoStream;
    for number in 0..50 {
        let text = number.to_string();
        expected = Expected::At(append(&*log, &stream("a"), expected, vec![event(&text)]).await.last);
        assert_eq!(label(&next_event(&mut quick).await), text);
    }
    drop(quick);
    for number in 0..50 {
        assert_eq!(label(&next_event(&mut slow).await), number.to_string());
    }
}

/// It takes its time over every event while a writer goes on.
pub async fn a_slow_consumer_gets_everything_and_holds_up_nobody(backend: &mut impl Backend) {
    const EVENTS: usize = 300;
    let log = backend.log();
    let mut slow = log.subscribe(None, Filter::All);
    let consumer = tokio::spawn(async move {
        for number in 0..EVENTS {
            assert_eq!(label(&next_event(&mut slow).await), format!("n-{number}"));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let mut quick = log.subscribe(None, Filter::All);
    let mut expected = Expected::NoStream;
    for new in numbered("n", EVENTS) {
        let id = new.id;
        expected = Expected::At(append(&*log, &stream("a"), expected, vec![new]).await.last);
        assert_eq!(next_event(&mut quick).await.id, id);
    }
    consumer.await.expect("everything, in order");
}
