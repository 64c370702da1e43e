//! The file of the views: it goes on from its cursor or is built anew, and its rows are those of the events up to the
//! cursor, no more and no fewer.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use eventlog::incarnation::Incarnation;
use eventlog::port::StoredEvent;
use eventlog::project::Projection;
use failing_disk::load;
use jiff::Timestamp;
use kernel::event::{Position, Revision};
use kernel::id::derived;
use tempfile::TempDir;
use views::digest::DigestRow;
use views::store::{Finished, Rebuild, Views, open};

use super::{Keeper, crash_often, fail_everywhere};

/// Events applied in one transaction.
const BATCH: u64 = 3;

fn history() -> Incarnation {
    Incarnation(derived(&["history"]))
}

/// The events at the positions from 1 to `last`.
fn events(last: u64) -> Vec<StoredEvent> {
    let all = (0..).flat_map(|append| load::events(0, append));
    let numbered = (1..=last).zip(all);
    let stored = numbered.map(|(position, event)| StoredEvent {
        id: event.id,
        stream: load::stream(0),
        revision: Revision(position - 1),
        position: Position(position),
        kind: event.kind,
        version: event.version,
        occurred_at: Timestamp::UNIX_EPOCH,
        provenance: event.provenance,
        data: event.data,
        body: event.body,
    });
    stored.collect()
}

/// The rows of the first `count` events; made once.
fn rows_of(count: u64) -> Vec<DigestRow> {
    static KNOWN: Mutex<Vec<Vec<DigestRow>>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    while known.len() <= usize::try_from(count).unwrap() {
        let directory = TempDir::new().unwrap();
        let (views, mut projection) = open(directory.path(), history()).unwrap();
        let last = u64::try_from(known.len()).unwrap();
        if last > 0 {
            projection.apply(&events(last), Position(last)).unwrap();
        }
        known.push(rows(&views));
    }
    known[usize::try_from(count).unwrap()].clone()
}

fn rows(views: &Views) -> Vec<DigestRow> {
    let mut rows = Vec::new();
    views.digest_rows(|row| rows.push(row)).unwrap();
    rows
}

#[derive(Default)]
struct Reader {
    tried: u64,
    rounds: u64,
}

impl Reader {
    fn follow(&mut self, directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let (views, mut projection) = open(directory, history())?;
        for _ in 0..3 {
            let done = views.cursor()?.map_or(0, |position| position.0);
            self.tried = self.tried.max(done + BATCH);
            projection.apply(&events(done + BATCH)[usize::try_from(done)?..], Position(done + BATCH))?;
        }
        self.rounds += 1;
        if self.rounds.is_multiple_of(2) { build_anew(directory, &views) } else { Ok(()) }
    }
}

/// As the platform does it while it runs.
fn build_anew(directory: &Path, views: &Views) -> Result<(), Box<dyn std::error::Error>> {
    let mut rebuild = Rebuild::begin(directory, history())?;
    let last = views.cursor()?.map_or(0, |position| position.0);
    rebuild.apply(&events(last), Position(last))?;
    match rebuild.swap(views)? {
        Finished::Swapped => Ok(()),
        Finished::Behind(_) => Err("nothing was applied meanwhile".into()),
    }
}

impl Keeper for Reader {
    fn work(&mut self, directory: &Path) -> Result<(), String> {
        self.follow(directory).map_err(|error| format!("{error:?}"))
    }

    fn check(&mut self, directory: &Path) {
        let (views, _projection) = open(directory, history()).unwrap();
        let cursor = views.cursor().unwrap().map_or(0, |position| position.0);
        assert!(cursor <= self.tried, "{cursor} of {}", self.tried);
        assert_eq!(views.tree_head().unwrap().size, cursor);
        assert!(rows(&views) == rows_of(cursor), "the rows are not those of the first {cursor} events");
    }
}

#[test]
fn views_go_on_or_are_built_anew_whatever_operation_fails() {
    fail_everywhere::<Reader>(61);
}

#[test]
fn views_go_on_or_are_built_anew_after_power_cuts() {
    crash_often::<Reader>();
}
