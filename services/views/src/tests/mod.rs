//! A log in memory, a small market in it, and the views over both.

mod accounts;
mod agreements;
mod calls;
mod catalog;
mod health;
mod log;
pub(crate) mod market;
mod money;
mod paging;
mod plans;
mod probes;
mod replay;
mod store;
mod storefront;
mod tree;
mod usage;
mod usage_feed;

use eventlog::codec::to_new;
use eventlog::incarnation::Incarnation;
use eventlog::port::StoredEvent;
use eventlog::project::{ProjectError, Projection};
use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use kernel::id::derived;
use kernel::wire::Wire;
use tempfile::TempDir;
use uuid::Uuid;

use crate::page::{Cursor, Page, PageRequest};
use crate::projection::ViewsProjection;
use crate::store::{Views, open};

/// The history that the log in memory tells.
pub(crate) const HISTORY: Incarnation = Incarnation(Uuid::from_u128(0x0199_f2c4));

/// An instant on a morning in May 2026.
pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_777_600_800 + minute * 60).unwrap()
}

/// Events as a log would hold them, at positions 10, 20, 30, …
#[derive(Default)]
pub(crate) struct Log {
    pub events: Vec<StoredEvent>,
}

impl Log {
    pub(crate) fn add<E: Wire>(&mut self, stream: &StreamName, event: &E) -> Position {
        let ordinal = self.events.len();
        let occurred_at = at(i64::try_from(ordinal).unwrap());
        let new = to_new(event, derived(&[&ordinal.to_string()]), occurred_at, Provenance::default()).unwrap();
        let revision = self.events.iter().filter(|event| event.stream == *stream).count();
        let position = Position(10 * (u64::try_from(ordinal).unwrap() + 1));
        self.events.push(StoredEvent {
            id: new.id,
            stream: stream.clone(),
            revision: Revision(u64::try_from(revision).unwrap()),
            position,
            kind: new.kind,
            version: new.version,
            occurred_at,
            provenance: new.provenance,
            data: new.data,
            body: new.body,
        });
        position
    }

    pub(crate) fn head(&self) -> Position {
        self.events.last().map_or(Position(0), |event| event.position)
    }
}

/// Views in a directory that goes away with them.
pub(crate) struct Fixture {
    pub views: Views,
    pub projection: ViewsProjection,
    pub directory: TempDir,
}

impl Fixture {
    pub(crate) fn empty() -> Self {
        let directory = TempDir::new().unwrap();
        let (views, projection) = open(directory.path(), HISTORY).unwrap();
        Self { views, projection, directory }
    }

    pub(crate) fn of(log: &Log) -> Self {
        let mut fixture = Self::empty();
        fixture.apply(log).unwrap();
        fixture
    }

    /// Applies what is not applied yet.
    pub(crate) fn apply(&mut self, log: &Log) -> Result<(), ProjectError> {
        self.projection.apply(&log.events, log.head())
    }
}

/// The first `count` rows.
pub(crate) fn first(count: u32) -> PageRequest {
    PageRequest::new(count, None).unwrap()
}

/// The `count` rows past a cursor.
pub(crate) fn after(count: u32, cursor: &Cursor) -> PageRequest {
    PageRequest::new(count, Some(cursor.clone())).unwrap()
}

/// The rows of a page without their cursors.
pub(crate) fn rows<T>(page: Page<T>) -> Vec<T> {
    page.nodes.into_iter().map(|(_, row)| row).collect()
}
