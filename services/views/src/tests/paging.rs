use kernel::error::Rejection;
use kernel::id::OrganizationId;
use uuid::Uuid;

use super::market::{market, register};
use super::{Fixture, Log, after, first, rows};
use crate::accounts::OrganizationFilter;
use crate::facets::ListingFilter;
use crate::listings::ListingOrder;
use crate::page::{Cursor, InvalidPage, PageError, PageRequest};

fn many() -> Log {
    let mut log = Log::default();
    for number in 0..25 {
        register(&mut log, OrganizationId::new(Uuid::from_u128(1000 + number)), "Organization");
    }
    log
}

#[test]
fn pages_walk_the_whole_list_once() {
    let fixture = Fixture::of(&many());
    let views = &fixture.views;
    let mut page = views.organizations(&OrganizationFilter::default(), &first(10)).unwrap();
    let mut seen = Vec::new();
    loop {
        assert_eq!(page.total, 25);
        let last = page.nodes.last().map(|(cursor, _)| cursor.clone()).unwrap();
        let more = page.has_next;
        seen.extend(rows(page).into_iter().map(|row| row.id.uuid().as_u128()));
        if !more {
            break;
        }
        page = views.organizations(&OrganizationFilter::default(), &after(10, &last)).unwrap();
    }
    assert_eq!(seen, (1000..1025).rev().collect::<Vec<_>>());
}

#[test]
fn rows_that_come_do_not_shift_the_next_page() {
    let mut log = many();
    let mut fixture = Fixture::of(&log);
    let page = fixture.views.organizations(&OrganizationFilter::default(), &first(10)).unwrap();
    let last = page.nodes.last().map(|(cursor, _)| cursor.clone()).unwrap();
    register(&mut log, OrganizationId::new(Uuid::from_u128(5000)), "Newcomer");
    fixture.apply(&log).unwrap();
    let next = rows(fixture.views.organizations(&OrganizationFilter::default(), &after(1, &last)).unwrap());
    assert_eq!(next[0].id.uuid().as_u128(), 1014);
}

#[test]
fn a_page_may_be_empty() {
    let fixture = Fixture::of(&many());
    let views = &fixture.views;
    let page = views.organizations(&OrganizationFilter::default(), &first(0)).unwrap();
    assert_eq!((page.nodes.len(), page.has_next, page.total), (0, true, 25));
}

#[test]
fn a_page_has_a_largest_size() {
    assert_eq!(PageRequest::new(101, None), Err(InvalidPage::TooManyRows));
}

#[test]
fn foreign_and_garbled_cursors_are_refused() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let filter = ListingFilter::default();
    let page = views.listings(&filter, None, Some(ListingOrder::Name), &first(1)).unwrap();
    let foreign = page.nodes[0].0.clone();
    assert!(views.listings(&filter, None, Some(ListingOrder::Name), &after(1, &foreign)).is_ok());
    let long = "A".repeat(5000);
    let cursors = [foreign.as_str(), "", "%%%", "bnVsbA", "WzFd", &long];
    for text in cursors {
        let refused = views.organizations(&OrganizationFilter::default(), &after(1, &Cursor::new(text.to_owned())));
        assert!(matches!(refused, Err(PageError::Invalid(InvalidPage::Cursor))), "{text}");
    }
    assert_eq!(InvalidPage::Cursor.code().0, "INVALID_CURSOR");
}
