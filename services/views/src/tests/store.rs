use std::fs;
use std::path::{Path, PathBuf};

use accounts::published::organization::{Event, Reinstated};
use eventlog::incarnation::Incarnation;
use eventlog::project::{ProjectError, Projection};
use kernel::event::StreamName;
use kernel::id::OrganizationId;
use rusqlite::Connection;
use uuid::Uuid;

use super::market::{BUYER, market, register};
use super::{Fixture, HISTORY, Log};
use crate::log::{LogFilter, LogOrder};
use crate::page::{InvalidPage, PageError, PageRequest};
use crate::store::{Fault, Finished, Rebuild, TABLES, Tables, Views, open, open_tables};

#[test]
fn views_are_there_again_after_a_restart() {
    let log = market();
    let fixture = Fixture::of(&log);
    let Fixture { views, projection, directory } = fixture;
    drop((views, projection));
    let (views, projection) = open(directory.path(), HISTORY).unwrap();
    assert_eq!(projection.cursor().unwrap(), Some(log.head()));
    assert!(views.organization(BUYER).unwrap().is_some());
}

#[test]
fn a_file_of_another_schema_or_a_damaged_one_is_begun_anew() {
    for spoil in [
        (|path| Connection::open(path).unwrap().pragma_update(None, "user_version", 7).unwrap()) as fn(&Path),
        |path| fs::write(path, b"this is no database, and long enough to be looked at as one").unwrap(),
    ] {
        let fixture = Fixture::of(&market());
        let Fixture { views, projection, directory } = fixture;
        drop((views, projection));
        spoil(&in_use(directory.path()));
        let (views, projection) = open(directory.path(), HISTORY).unwrap();
        assert_eq!(projection.cursor().unwrap(), None);
        assert_eq!(views.organization(BUYER).unwrap(), None);
    }
}

#[test]
fn one_file_is_built_at_a_time() {
    let fixture = Fixture::of(&market());
    let first = Rebuild::begin(fixture.directory.path(), HISTORY).unwrap();
    assert!(matches!(Rebuild::begin(fixture.directory.path(), HISTORY), Err(Fault::Building)));
    first.abandon().unwrap();
    Rebuild::begin(fixture.directory.path(), HISTORY).unwrap().abandon().unwrap();
}

/// The one file of the views.
fn in_use(directory: &Path) -> PathBuf {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "db")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

#[test]
fn views_of_another_history_are_begun_anew() {
    let Fixture { views, projection, directory } = Fixture::of(&market());
    drop((views, projection));
    let (views, projection) = open(directory.path(), Incarnation(Uuid::from_u128(7))).unwrap();
    assert_eq!(projection.cursor().unwrap(), None);
    assert_eq!(views.organization(BUYER).unwrap(), None);
}

#[test]
fn a_cursor_of_a_list_is_refused_by_another_history() {
    let log = market();
    let fixture = Fixture::of(&log);
    let listed = |views: &Views, after| {
        views.log_positions(&LogFilter::default(), LogOrder::Oldest, &PageRequest::new(1, after).unwrap())
    };
    let cursor = listed(&fixture.views, None).unwrap().nodes[0].0.clone();
    assert!(listed(&fixture.views, Some(cursor.clone())).is_ok());
    let directory = tempfile::tempdir().unwrap();
    let (views, mut projection) = open(directory.path(), Incarnation(Uuid::from_u128(7))).unwrap();
    projection.apply(&log.events, log.head()).unwrap();
    assert!(matches!(listed(&views, Some(cursor)), Err(PageError::Invalid(InvalidPage::Cursor))));
}

/// Views that are built anew up to an event, beside those in use.
fn built(directory: &Path, log: &Log, events: usize) -> Rebuild {
    let mut rebuild = Rebuild::begin(directory, HISTORY).unwrap();
    let events = &log.events[..events];
    rebuild.apply(events, events.last().unwrap().position).unwrap();
    rebuild
}

#[test]
fn views_built_anew_take_the_place_of_those_in_use_while_they_are_read() {
    let mut log = market();
    let mut fixture = Fixture::of(&log);
    let directory = fixture.directory.path().to_owned();
    let before = in_use(&directory);
    let rebuild = built(&directory, &log, log.events.len());
    let swapped = fixture.views.read(|reading| {
        let swapped = rebuild.swap(&fixture.views)?;
        // Who reads while the views are swapped goes on with what was there.
        let organizations: i64 = reading.query_row("SELECT COUNT(*) FROM organization", [], |row| row.get(0))?;
        assert!(organizations > 0);
        Ok::<_, crate::store::Fault>(swapped)
    });
    assert!(matches!(swapped.unwrap(), Finished::Swapped));
    assert_ne!(in_use(&directory), before);
    let late = OrganizationId::new(Uuid::from_u128(90));
    register(&mut log, late, "Late");
    fixture.apply(&log).unwrap();
    assert!(fixture.views.organization(late).unwrap().is_some());
    assert_eq!(fixture.views.first_difference(&Fixture::of(&log).views).unwrap(), None);
    let Fixture { views, projection, directory } = fixture;
    drop((views, projection));
    let (views, _) = open(directory.path(), HISTORY).unwrap();
    assert_eq!(views.cursor().unwrap(), Some(log.head()));
}

#[test]
fn views_that_know_less_do_not_take_the_place_of_those_in_use() {
    let log = market();
    let fixture = Fixture::of(&log);
    let rebuild = built(fixture.directory.path(), &log, 1);
    let Finished::Behind(mut rebuild) = rebuild.swap(&fixture.views).unwrap() else { panic!("swapped") };
    assert_eq!(fixture.views.cursor().unwrap(), Some(log.head()));
    rebuild.apply(&log.events[1..], log.head()).unwrap();
    assert!(matches!(rebuild.swap(&fixture.views).unwrap(), Finished::Swapped));
}

#[test]
fn views_ahead_of_those_in_use_do_not_count_an_event_twice() {
    let log = market();
    let mut fixture = Fixture::empty();
    fixture.projection.apply(&log.events[..2], log.events[1].position).unwrap();
    let rebuild = built(fixture.directory.path(), &log, log.events.len());
    assert!(matches!(rebuild.swap(&fixture.views).unwrap(), Finished::Swapped));
    fixture.projection.apply(&log.events[2..], log.head()).unwrap();
    assert_eq!(fixture.views.first_difference(&Fixture::of(&log).views).unwrap(), None);
}

#[test]
fn prepared_views_are_taken_at_the_next_start_and_an_unfinished_build_is_not() {
    let log = market();
    let Fixture { views, projection, directory } = Fixture::empty();
    built(directory.path(), &log, log.events.len()).keep().unwrap();
    drop(built(directory.path(), &log, 1));
    drop((views, projection));
    let (views, projection) = open(directory.path(), HISTORY).unwrap();
    assert_eq!(views.cursor().unwrap(), Some(log.head()));
    drop((views, projection));
    in_use(directory.path());
}

/// The tables of the program that comes after this one: it has one more, and fills the others in another way.
fn next_version() -> Tables {
    let schemas = [TABLES.schemas, &["CREATE TABLE of_the_next_version (one INTEGER PRIMARY KEY) STRICT;"]].concat();
    Tables { schemas: schemas.leak(), projection: "next" }
}

#[test]
fn the_next_version_fills_its_views_beside_those_in_use_and_takes_them_at_its_start() {
    let (log, next) = (market(), next_version());
    let Fixture { views, mut projection, directory } = Fixture::empty();
    let mut building = Rebuild::begin_tables(&next, directory.path(), HISTORY).unwrap();
    let half = log.events.len() / 2;
    for (number, event) in log.events[..half].iter().enumerate() {
        projection.apply(std::slice::from_ref(event), event.position).unwrap();
        assert_eq!(views.cursor().unwrap(), Some(event.position), "those in use follow and are read");
        if number % 2 == 0 {
            building.apply(&log.events[..=number], event.position).unwrap();
        }
    }
    let kept_at = building.cursor().unwrap();
    assert!(matches!(Rebuild::begin(directory.path(), HISTORY), Err(Fault::Building)));
    building.keep().unwrap();
    // The version in use is built anew and swapped itself: what waits for the next one stays.
    let anew = built(directory.path(), &log, half);
    assert!(matches!(anew.swap(&views).unwrap(), Finished::Swapped));
    projection.apply(&log.events, log.head()).unwrap();
    assert_eq!(views.first_difference(&Fixture::of(&log).views).unwrap(), None);
    drop((views, projection));

    let (views, mut projection) = open_tables(&next, directory.path(), HISTORY).unwrap();
    assert!(kept_at.is_some() && projection.cursor().unwrap() == kept_at, "nothing is read twice");
    in_use(directory.path());
    projection.apply(&log.events, log.head()).unwrap();
    let fresh = tempfile::tempdir().unwrap();
    let (expected, mut projecting) = open_tables(&next, fresh.path(), HISTORY).unwrap();
    projecting.apply(&log.events, log.head()).unwrap();
    assert_eq!(views.first_difference(&expected).unwrap(), None);
    assert!(views.counts().unwrap().iter().any(|(table, _)| table == "of_the_next_version"));
    drop((views, projection));
    // Whoever goes back to the version before begins anew, rather than reading tables that are not its own.
    let (_, projection) = open(directory.path(), HISTORY).unwrap();
    assert_eq!(projection.cursor().unwrap(), None);
    in_use(directory.path());
}

#[test]
fn what_another_version_prepared_is_left_alone() {
    let Fixture { views, projection, directory } = Fixture::of(&market());
    drop((views, projection));
    let (old, other) = (directory.path().join("views-00000001-4.db"), directory.path().join("views-00000001.next.db"));
    fs::write(&old, "old").unwrap();
    fs::write(&other, "prepared").unwrap();
    drop(open(directory.path(), HISTORY).unwrap());
    assert!(other.exists() && !old.exists());
}

#[test]
fn an_event_that_cannot_be_read_is_poison_and_nothing_of_its_batch_stays() {
    let mut log = Log::default();
    register(&mut log, BUYER, "Buyer");
    let mut fixture = Fixture::of(&log);
    register(&mut log, OrganizationId::new(Uuid::from_u128(90)), "Late");
    register(&mut log, OrganizationId::new(Uuid::from_u128(91)), "Damaged");
    log.events.last_mut().unwrap().data = b"{".to_vec();
    let error = fixture.apply(&log).unwrap_err();
    assert!(matches!(error, ProjectError::Poison { position, .. } if position == log.head()));
    assert_eq!(fixture.views.counts().unwrap().iter().find(|(name, _)| name == "organization").unwrap().1, 1);
}

#[test]
fn a_kind_from_a_newer_program_is_poison() {
    let mut log = Log::default();
    register(&mut log, BUYER, "Buyer");
    log.events[0].kind = "organization_moved_to_the_moon".to_owned();
    assert!(matches!(Fixture::empty().apply(&log), Err(ProjectError::Poison { .. })));
}

#[test]
fn a_fact_about_what_never_was_is_poison() {
    let mut log = Log::default();
    log.add(&StreamName::of(&BUYER), &Event::Reinstated(Reinstated { organization: BUYER }));
    assert!(matches!(Fixture::empty().apply(&log), Err(ProjectError::Poison { .. })));
}

#[test]
fn readers_cannot_write() {
    let fixture = Fixture::empty();
    let written =
        fixture.views.read(|connection| Ok::<_, crate::store::Fault>(connection.execute("DELETE FROM listing", [])?));
    assert!(written.is_err());
}
