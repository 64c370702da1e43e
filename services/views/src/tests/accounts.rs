use accounts::published::actor::{Role, Scope};
use accounts::published::member::{Event as MemberEvent, Removed, RoleChanged};
use accounts::published::{api_key, organization};
use kernel::event::StreamName;
use kernel::id::{ApiKeyId, ListingId, MemberId, ProviderId};
use uuid::Uuid;

use super::market::{BUYER, KEY, OPERATOR, PROVIDER, SEGMENTER, SELLER, content, draft, join, market, open_store};
use super::{Fixture, first, rows};
use crate::accounts::{ApiKeyFilter, ApiKeyOrder, MemberFilter, MemberOrder, OrganizationFilter};
use crate::store::Views;

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
    assert_eq!(views.member_count(BUYER).unwrap(), 2);
    assert_eq!(members(views, None, MemberOrder::Joined), [ANNA, BAO]);
}

fn members(views: &Views, role: Option<Role>, order: MemberOrder) -> Vec<MemberId> {
    let filter = MemberFilter { organization: BUYER, role };
    rows(views.members(&filter, order, &first(10)).unwrap()).iter().map(|member| member.id).collect()
}

#[test]
fn members_are_listed_by_role_and_by_when_they_joined() {
    let mut log = market();
    join(&mut log, BAO, "bao", Role::Viewer);
    join(&mut log, ANNA, "anna", Role::Owner);
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(members(views, None, MemberOrder::Joined), [BAO, ANNA]);
    assert_eq!(members(views, None, MemberOrder::Newest), [ANNA, BAO]);
    assert_eq!(members(views, None, MemberOrder::Role), [ANNA, BAO]);
    assert_eq!(members(views, Some(Role::Viewer), MemberOrder::Role), [BAO]);
    assert_eq!(members(views, Some(Role::Admin), MemberOrder::Role), []);
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
    let listed = fixture.views.api_keys(&keys_of_buyer(), ApiKeyOrder::Newest, &first(10)).unwrap();
    assert!(rows(listed)[0].revoked_at.is_some());
}

const fn keys_of_buyer() -> ApiKeyFilter {
    ApiKeyFilter { organization: BUYER, search: None, revoked: None, scope: None }
}

#[test]
fn keys_are_searched_filtered_and_ordered() {
    let mut log = market();
    let [second, third] = [ApiKeyId::new(Uuid::from_u128(110)), ApiKeyId::new(Uuid::from_u128(111))];
    for (key, label, scope) in [(second, "Über batch", Scope::UsageRead), (third, "A reader", Scope::BillingRead)] {
        let created = api_key::Created {
            api_key: key,
            organization: BUYER,
            label: label.to_owned(),
            prefix: format!("pre_{}", label.len()),
            secret_sha256: label.to_owned(),
            scopes: vec![scope].into(),
        };
        log.add(&StreamName::of(&key), &api_key::Event::Created(created));
    }
    let revoked = api_key::Revoked { api_key: third, organization: BUYER };
    log.add(&StreamName::of(&third), &api_key::Event::Revoked(revoked));
    let fixture = Fixture::of(&log);
    let found = |filter: ApiKeyFilter, order| {
        let page = fixture.views.api_keys(&filter, order, &first(10)).unwrap();
        rows(page).iter().map(|key| key.id).collect::<Vec<_>>()
    };
    let search = |text: &str| ApiKeyFilter { search: Some(text.to_owned()), ..keys_of_buyer() };
    assert_eq!(found(keys_of_buyer(), ApiKeyOrder::Newest), [third, second, KEY]);
    assert_eq!(found(keys_of_buyer(), ApiKeyOrder::Oldest), [KEY, second, third]);
    assert_eq!(found(keys_of_buyer(), ApiKeyOrder::Label).first(), Some(&third));
    assert_eq!(found(search(" über"), ApiKeyOrder::Newest), [second]);
    assert_eq!(found(search("pre_8"), ApiKeyOrder::Newest), [third]);
    assert_eq!(found(search("re_8"), ApiKeyOrder::Newest), [], "a secret is found by its beginning only");
    assert_eq!(found(ApiKeyFilter { revoked: Some(true), ..keys_of_buyer() }, ApiKeyOrder::Newest), [third]);
    let reading = ApiKeyFilter { scope: Some(Scope::UsageRead), ..keys_of_buyer() };
    assert_eq!(found(reading, ApiKeyOrder::Newest), [second, KEY]);
}

/// Claims keep names apart. Where they fail all the same, what is recorded is applied, and the first one is found.
#[test]
fn a_name_that_two_have_got_stops_nothing() {
    let mut log = market();
    let (first, second) = (MemberId::new(Uuid::from_u128(801)), MemberId::new(Uuid::from_u128(802)));
    join(&mut log, first, "same", Role::Owner);
    join(&mut log, second, "same", Role::Developer);
    let (store, listing) = (ProviderId::new(Uuid::from_u128(803)), ListingId::new(Uuid::from_u128(804)));
    open_store(&mut log, store, BUYER, "segmenters");
    draft(&mut log, listing, "fast-segmenter", content("Second segmenter", "分词器"));
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(views.member_by_email_index("same").unwrap().unwrap().id, first);
    assert!(views.member(second).unwrap().is_some());
    let found = views.provider_by_slug(&"segmenters".parse().unwrap()).unwrap().unwrap();
    assert_eq!((found.id, views.provider(store).unwrap().is_some()), (PROVIDER, true));
    let found = views.listing_by_slug(&"fast-segmenter".parse().unwrap()).unwrap().unwrap();
    assert_eq!((found.id, views.listing(listing).unwrap().is_some()), (SEGMENTER, true));
}
