use std::fs;

use accounts::published::organization::{Event, Reinstated};
use eventlog::project::{ProjectError, Projection};
use kernel::event::StreamName;
use kernel::id::OrganizationId;
use rusqlite::Connection;
use uuid::Uuid;

use super::market::{BUYER, market, register};
use super::{Fixture, Log};
use crate::store::open;

#[test]
fn views_are_there_again_after_a_restart() {
    let log = market();
    let fixture = Fixture::of(&log);
    let Fixture { views, projection, directory } = fixture;
    drop((views, projection));
    let (views, projection) = open(directory.path()).unwrap();
    assert_eq!(projection.cursor().unwrap(), Some(log.head()));
    assert!(views.organization(BUYER).unwrap().is_some());
}

#[test]
fn a_file_of_another_schema_or_a_damaged_one_is_begun_anew() {
    for spoil in [
        (|path| Connection::open(path).unwrap().pragma_update(None, "user_version", 7).unwrap())
            as fn(&std::path::Path),
        |path| fs::write(path, b"this is no database, and long enough to be looked at as one").unwrap(),
    ] {
        let fixture = Fixture::of(&market());
        let Fixture { views, projection, directory } = fixture;
        drop((views, projection));
        spoil(&directory.path().join("views.db"));
        let (views, projection) = open(directory.path()).unwrap();
        assert_eq!(projection.cursor().unwrap(), None);
        assert_eq!(views.organization(BUYER).unwrap(), None);
    }
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
