//! A subscription over any log that can be read past a position and tells when it has grown.

use std::collections::VecDeque;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt, unfold};
use kernel::event::Position;
use tokio::sync::watch;

use crate::port::{Delivery, Page, ReadError, StorageFault};

/// Reads the matching events past a position.
pub(crate) type ReadPast = Box<dyn Fn(Option<Position>) -> BoxFuture<'static, Result<Page, ReadError>> + Send>;

/// Delivers everything past `after`, then waits on `published`. Reads only when its consumer asks for more.
pub(crate) fn subscribe(
    read: ReadPast,
    published: watch::Receiver<Option<Position>>,
    after: Option<Position>,
) -> BoxStream<'static, Result<Delivery, ReadError>> {
    let subscription =
        Subscription { read, published, cursor: after, ready: VecDeque::new(), at_end: None, failed: false };
    unfold(subscription, |mut subscription| async move {
        let delivery = subscription.next().await?;
        Some((delivery, subscription))
    })
    .boxed()
}

struct Subscription {
    read: ReadPast,
    published: watch::Receiver<Option<Position>>,
    cursor: Option<Position>,
    ready: VecDeque<Delivery>,
    /// Whether the last page reached the end; `None` before the first page.
    at_end: Option<bool>,
    failed: bool,
}

impl Subscription {
    async fn next(&mut self) -> Option<Result<Delivery, ReadError>> {
        loop {
            if let Some(delivery) = self.ready.pop_front() {
                return Some(Ok(delivery));
            }
            if self.failed {
                return None;
            }
            if let Err(error) = self.advance().await {
                self.failed = true;
                return Some(Err(error));
            }
        }
    }

    async fn advance(&mut self) -> Result<(), ReadError> {
        if self.at_end == Some(true) {
            let cursor = self.cursor;
            let grown = self.published.wait_for(|head| *head > cursor).await;
            grown.map_err(|_| ReadError::Unavailable(StorageFault::Closed))?;
        }
        let page = (self.read)(self.cursor).await?;
        self.take(page);
        Ok(())
    }

    fn take(&mut self, page: Page) {
        if self.at_end == Some(true) && !page.end {
            self.ready.push_back(Delivery::FellBehind);
        }
        let last = page.events.last().map_or(self.cursor, |event| Some(event.position));
        self.ready.extend(page.events.into_iter().map(|event| Delivery::Event(Box::new(event))));
        self.cursor = page.next.max(self.cursor);
        if let Some(position) = self.cursor.filter(|cursor| Some(*cursor) > last) {
            self.ready.push_back(Delivery::Progress(position));
        }
        if self.at_end != Some(true) && page.end {
            self.ready.push_back(Delivery::CaughtUp);
        }
        self.at_end = Some(page.end);
    }
}
