use accounts::published::actor::{Role, Scope};
use accounts::published::member::{Event as MemberEvent, Removed, RoleChanged};
use accounts::published::{api_key, organization};
use kernel::event::StreamName;
use kernel::id::MemberId;
use uuid::Uuid;

use super::market::{BUYER, KEY, OPERATOR, SELLER, join, market};
use super::{Fixture, first, rows};
use crate::accounts::OrganizationFilter;

const ANNA: MemberId = MemberId::new(Uuid::from_u128(100));
const BAO: MemberId = MemberId::new(Uuid::from_u128(101));

#[test]
fn organizations_are_found_and_listed_newest_first() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    assert_eq!(views.operator().unwrap().unwrap().id, OPERATOR);
    assert_eq!(views.organization(BUYER).unwrap().unwrap().profile.name, "Buyer");
    let page = views.organizations(&OrganizationFilter::default(), &first(2)).unwrap();
    assert_eq!((page.total, page.has_next), (3, true));
    assert_eq!(rows(page).iter().map(|row| row.id).collect::<Vec<_>>(), [SELLER, BUYER]);
}

#[test]
fn organizations_are_searched_by_name_and_id_and_filtered_by_standing() {
    let mut log = market();
    let suspended = organization::Suspended { organization: BUYER, reason: "unpaid".to_owned() };
    log.add(&StreamName::of(&BUYER), &organization::Event::Suspended(suspended));
    let fixture = Fixture::of(&log);
    let found = |filter: OrganizationFilter| {
        let page = fixture.views.organizations(&filter, &first(5)).unwrap();
        rows(page).iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let search = |text: &str| OrganizationFilter { search: Some(text.to_owned()), ..OrganizationFilter::default() };
    assert_eq!(found(search(" ELLE")), [SELLER]);
    assert_eq!(found(search(&BUYER.to_string())), [BUYER]);
    assert_eq!(found(search("%")), []);
    assert_eq!(found(OrganizationFilter { operator: Some(true), ..OrganizationFilter::default() }), [OPERATOR]);
    assert_eq!(found(OrganizationFilter { suspended: Some(true), ..OrganizationFilter::default() }), [BUYER]);
    assert_eq!(found(OrganizationFilter { suspended: Some(false), ..search("er") }), [SELLER, OPERATOR]);
}

#[test]
fn a_suspended_organization_shows_its_reason_until_reinstated() {
    let mut log = market();
    let reason = "unpaid".to_owned();
    let suspended = organization::Suspended { organization: BUYER, reason };
    log.add(&StreamName::of(&BUYER), &organization::Event::Suspended(suspended));
    let mut fixture = Fixture::of(&log);
    assert_eq!(fixture.views.suspended().unwrap(), [BUYER]);
    assert_eq!(fixture.views.organization(BUYER).unwrap().unwrap().suspended.as_deref(), Some("unpaid"));
    let reinstated = organization::Reinstated { organization: BUYER };
    log.add(&StreamName::of(&BUYER), &organization::Event::Reinstated(reinstated));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.suspended().unwrap(), []);
}

#[test]
fn members_are_found_by_their_index_and_counted_by_role() {
    let mut log = market();
    join(&mut log, ANNA, "anna", Role::Owner);
    join(&mut log, BAO, "bao", Role::Viewer);
    let changed = RoleChanged { member: BAO, organization: BUYER, role: Role::Owner };
    log.add(&StreamName::of(&BAO), &MemberEvent::RoleChanged(changed));
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(views.member_by_email_index("bao").unwrap().unwrap().id, BAO);
    assert_eq!(views.owner_count(BUYER).unwrap(), 2);
    let members = rows(views.members(BUYER, &first(10)).unwrap());
    assert_eq!(members.iter().map(|member| member.id).collect::<Vec<_>>(), [ANNA, BAO]);
}

#[test]
fn a_removed_members_address_is_free_again() {
    let mut log = market();
    join(&mut log, ANNA, "anna", Role::Owner);
    let removed = Removed { member: ANNA, organization: BUYER, email_index: "anna".to_owned() };
    log.add(&StreamName::of(&ANNA), &MemberEvent::Removed(removed));
    join(&mut log, BAO, "anna", Role::Owner);
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(views.member(ANNA).unwrap(), None);
    assert_eq!(views.member_by_email_index("anna").unwrap().unwrap().id, BAO);
}

#[test]
fn a_revoked_key_is_listed_and_not_live() {
    let mut log = market();
    let mut fixture = Fixture::of(&log);
    let live = fixture.views.live_api_keys().unwrap();
    assert_eq!(live.iter().map(|key| key.id).collect::<Vec<_>>(), [KEY]);
    assert!(live[0].scopes.contains(Scope::Invoke) && !live[0].scopes.contains(Scope::Operate));
    let revoked = api_key::Revoked { api_key: KEY, organization: BUYER };
    log.add(&StreamName::of(&KEY), &api_key::Event::Revoked(revoked));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.live_api_keys().unwrap(), []);
    assert!(rows(fixture.views.api_keys(BUYER, &first(10)).unwrap())[0].revoked_at.is_some());
}
