//! The end of the log, as every follower looks at it: the head, and where each category and kind was last written to.
//!
//! Most appends concern few followers. This tells the others so without a read of the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::event::{Position, StreamName};
use tokio::sync::watch;

use crate::port::{Filter, NewEvent, Page};

/// The writer's end.
pub(crate) struct TailWriter {
    published: watch::Sender<Option<Position>>,
    lasts: Arc<Mutex<Lasts>>,
}

/// The followers' end.
#[derive(Clone)]
pub(crate) struct Tail {
    published: watch::Receiver<Option<Position>>,
    lasts: Arc<Mutex<Lasts>>,
}

/// Last positions, known for what was appended past `since`.
#[derive(Default)]
struct Lasts {
    since: Option<Position>,
    categories: HashMap<String, Position>,
    kinds: HashMap<String, Position>,
}

/// The two ends, for a log that ends at `head`.
pub(crate) fn channel(head: Option<Position>) -> (TailWriter, Tail) {
    let (sender, receiver) = watch::channel(head);
    let lasts = Arc::new(Mutex::new(Lasts { since: head, ..Lasts::default() }));
    (TailWriter { published: sender, lasts: Arc::clone(&lasts) }, Tail { published: receiver, lasts })
}

fn locked(lasts: &Mutex<Lasts>) -> MutexGuard<'_, Lasts> {
    lasts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TailWriter {
    /// Takes note of a durable append. Before [`Self::publish`]: a follower that sees the head must see this.
    pub(crate) fn note(&self, stream: &StreamName, events: &[NewEvent], last: Position) {
        let mut lasts = locked(&self.lasts);
        note(&mut lasts.categories, stream.category(), last);
        for event in events {
            note(&mut lasts.kinds, &event.kind, last);
        }
    }

    /// Takes note that the last event of a kind in a category is at `last`. Before [`Self::publish`] as well.
    pub(crate) fn note_kind(&self, category: &str, kind: &str, last: Position) {
        let mut lasts = locked(&self.lasts);
        note(&mut lasts.categories, category, last);
        note(&mut lasts.kinds, kind, last);
    }

    /// Wakes the followers.
    pub(crate) fn publish(&self, head: Option<Position>) {
        self.published.send_replace(head);
    }

    /// Forgets what is known, when something may have been written that was not noted.
    pub(crate) fn restart(&self, head: Option<Position>) {
        *locked(&self.lasts) = Lasts { since: head, ..Lasts::default() };
        self.publish(head);
    }
}

fn note(lasts: &mut HashMap<String, Position>, name: &str, position: Position) {
    match lasts.get_mut(name) {
        Some(last) => *last = position.max(*last),
        None => _ = lasts.insert(name.to_owned(), position),
    }
}

impl Tail {
    /// The position of the last durable event.
    pub(crate) fn head(&self) -> Option<Position> {
        *self.published.borrow()
    }

    /// Follows the head.
    pub(crate) fn published(&self) -> watch::Receiver<Option<Position>> {
        self.published.clone()
    }

    /// The page past `after`, when nothing up to the head can match; `None` when that is not known.
    pub(crate) fn quiet(&self, after: Option<Position>, filter: &Filter) -> Option<Page> {
        let head = self.head();
        let lasts = locked(&self.lasts);
        let known = lasts.since <= after && after <= head;
        let nothing = match filter {
            Filter::All => after == head,
            Filter::Categories(names) => !names.iter().any(|name| lasts.categories.get(name).copied() > after),
            Filter::Stream(stream) => lasts.categories.get(stream.category()).copied() <= after,
            Filter::Kinds(names) => !names.iter().any(|name| lasts.kinds.get(name).copied() > after),
        };
        (known && nothing).then(|| Page { events: Vec::new(), next: head, end: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{event, stream};

    const TEN: Option<Position> = Some(Position(10));
    const TWELVE: Option<Position> = Some(Position(12));

    /// Where a quiet page leads.
    fn next(page: Option<Page>) -> Option<Position> {
        page.and_then(|page| page.next)
    }

    #[test]
    fn only_followers_that_an_append_concerns_have_to_read() {
        let (writer, tail) = channel(TEN);
        writer.note(&stream("a"), &[event("1"), event("2")], Position(12));
        writer.publish(TWELVE);
        for concerned in [Filter::All, Filter::categories(&["x", "test"]), Filter::kinds(&["noted"])] {
            assert_eq!(tail.quiet(TEN, &concerned), None, "{concerned:?}");
            assert_eq!(next(tail.quiet(TWELVE, &concerned)), TWELVE, "{concerned:?}");
        }
        for other in [Filter::categories(&["x"]), Filter::kinds(&["lost"]), Filter::categories(&[])] {
            assert_eq!(next(tail.quiet(TEN, &other)), TWELVE, "{other:?}");
        }
        assert_eq!(tail.quiet(TEN, &Filter::Stream(stream("b"))), None);
    }

    #[test]
    fn what_was_written_before_the_log_was_opened_is_not_known() {
        let (writer, tail) = channel(TEN);
        assert_eq!(tail.quiet(Some(Position(9)), &Filter::kinds(&["lost"])), None);
        assert_eq!(tail.quiet(None, &Filter::kinds(&["lost"])), None);
        assert_eq!(tail.quiet(Some(Position(11)), &Filter::kinds(&["lost"])), None);
        writer.restart(Some(Position(15)));
        assert_eq!(tail.quiet(TWELVE, &Filter::kinds(&["lost"])), None);
        assert_eq!(next(tail.quiet(Some(Position(15)), &Filter::All)), Some(Position(15)));
    }
}
