//! Signing up and in, members and keys.

use accounts::member::{Command, Member};
use accounts::published::actor::Role;
use eventlog::claim;
use eventlog::clock::{Clock, SystemClock};
use eventlog::execute::Cause;
use eventlog::port::{Delivery, Filter};
use futures::StreamExt;
use jiff::SignedDuration;
use kernel::event::StreamName;
use kernel::id::{MemberId, derived};
use serde_json::json;

use super::harness::Bench;
use crate::auth::api_key::presented;

#[tokio::test]
async fn whoever_signs_up_can_sign_in_and_nobody_else() {
    let bench = Bench::start().await;
    bench.join("acme", false).await;
    let session = "session { token member { email role organization { name } } }";
    let right = json!({"email": "ACME@example.org ", "password": "correct horse battery"});
    let payload = bench.tried(None, "signIn", session, right).await;
    assert_eq!(payload["session"]["member"]["email"], "acme@example.org");
    assert_eq!(payload["session"]["member"]["role"], "OWNER");
    for (email, password) in
        [("acme@example.org", "wrong horse battery"), ("nobody@example.org", "correct horse battery")]
    {
        let payload = bench.tried(None, "signIn", session, json!({"email": email, "password": password})).await;
        assert_eq!(payload["errors"], json!([{"code": "SIGN_IN_FAILED", "path": []}]));
    }
}

#[tokio::test]
async fn an_address_and_a_name_belong_to_one() {
    let bench = Bench::start().await;
    bench.join("acme", false).await;
    let input = |name: &str, email: &str| {
        json!({"organizationName": name, "country": "CN", "timeZone": "UTC", "currency": "CNY", "email": email,
            "name": "A", "password": "correct horse battery"})
    };
    let payload = bench.tried(None, "signUp", "member { id }", input("other", "Acme@Example.org")).await;
    assert_eq!(payload["errors"], json!([{"code": "TAKEN", "path": ["input", "email"]}]));
    let payload = bench.tried(None, "signUp", "member { id }", input(" ACME", "new@example.org")).await;
    assert_eq!(payload["errors"], json!([{"code": "TAKEN", "path": ["input", "organizationName"]}]));
}

#[tokio::test]
async fn a_refused_sign_up_or_member_holds_neither_address_nor_name() {
    let bench = Bench::start().await;
    let owner = bench.join("operator", true).await;
    let input = |name: &str, email: &str, token: Option<&str>| {
        json!({"organizationName": name, "country": "CN", "timeZone": "UTC", "currency": "CNY", "email": email,
            "name": "A", "password": "correct horse battery", "operatorToken": token})
    };
    for (refused, code) in [
        (input("operator", "new@example.org", None), "TAKEN"),
        (input("acme", "operator@example.org", None), "TAKEN"),
        (input("", "new@example.org", None), "ORGANIZATION_NAME_INVALID"),
        (input("acme", "new@example.org", Some(super::harness::OPERATOR_TOKEN)), "TAKEN"),
    ] {
        let payload = bench.tried(None, "signUp", "member { id }", refused).await;
        assert_eq!(payload["errors"][0]["code"], code, "{payload}");
    }
    let admin =
        json!({"email": "admin@example.org", "name": "B", "password": "correct horse battery", "role": "ADMIN"});
    let admin = bench.done(&owner, "addMember", "member { id }", admin).await;
    let admin = admin["member"]["id"].as_str().unwrap().parse().unwrap();
    let admin = bench.platform.service.market().member_actor(admin).unwrap();
    let other = json!({"email": "new@example.org", "name": "C", "password": "correct horse battery", "role": "OWNER"});
    let payload = bench.tried(Some(&admin), "addMember", "member { id }", other).await;
    assert_ne!(payload["errors"], json!([]), "an admin adds no owner");
    let payload = bench.tried(None, "signUp", "member { id }", input("acme", "new@example.org", None)).await;
    assert_eq!(payload["errors"], json!([]));
}

#[tokio::test]
async fn the_platform_has_one_operator() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    assert!(operator.operator);
    let input = json!({"organizationName": "usurper", "country": "CN", "timeZone": "UTC", "currency": "CNY",
        "email": "usurper@example.org", "name": "A", "password": "correct horse battery",
        "operatorToken": super::harness::OPERATOR_TOKEN});
    let payload = bench.tried(None, "signUp", "member { id }", input).await;
    assert_eq!(payload["errors"][0]["code"], "TAKEN");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_a_revoked_key_is_dead_at_once() {
    let bench = Bench::start().await;
    let owner = bench.join("acme", false).await;
    let input = json!({"label": "ci", "scopes": ["INVOKE"], "idempotencyKey": "k1"});
    let made = bench.done(&owner, "createApiKey", "secret apiKey { id prefix scopes }", input.clone()).await;
    let hash = presented(made["secret"].as_str().unwrap()).unwrap();
    assert!(bench.platform.service.market().key_actor(&hash).is_some());
    let again = bench.done(&owner, "createApiKey", "secret apiKey { id }", input).await;
    assert_eq!((&again["secret"], &again["apiKey"]["id"]), (&json!(null), &made["apiKey"]["id"]));
    bench.done(&owner, "revokeApiKey", "apiKey { revokedAt }", json!({"apiKeyId": made["apiKey"]["id"]})).await;
    assert!(bench.platform.service.market().key_actor(&hash).is_none());
}

#[tokio::test]
async fn keys_and_members_are_filtered_and_ordered() {
    let bench = Bench::start().await;
    let owner = bench.join("acme", false).await;
    for (label, scope) in [("nightly", "INVOKE"), ("Books", "BILLING_READ")] {
        bench.done(&owner, "createApiKey", "apiKey { id }", json!({"label": label, "scopes": [scope]})).await;
    }
    let person = json!({"email": "bao@example.org", "name": "Bao", "password": "a long password", "role": "VIEWER"});
    bench.done(&owner, "addMember", "member { id }", person).await;
    let query = "{
        byLabel: apiKeys(orderBy: LABEL) { nodes { label } }
        found: apiKeys(filter: {search: \"NIGHT\", isRevoked: false, scope: INVOKE}) { nodes { label } }
        byRole: members(orderBy: ROLE) { nodes { role } }
        newest: members(orderBy: NEWEST) { nodes { role } }
        viewers: members(filter: {role: VIEWER}) { totalCount } }";
    let read = bench.ask(Some(&owner), query, json!({})).await;
    let (nightly, books) = (json!({"label": "nightly"}), json!({"label": "Books"}));
    let (first, second) = (json!({"role": "OWNER"}), json!({"role": "VIEWER"}));
    let expected = json!({"byLabel": {"nodes": [books, nightly]}, "found": {"nodes": [nightly]},
        "byRole": {"nodes": [first, second]}, "newest": {"nodes": [second, first]}, "viewers": {"totalCount": "1"}});
    assert_eq!(read["data"], expected, "{read}");
}

#[tokio::test]
async fn an_organization_keeps_an_owner_and_an_erased_member_leaves_no_name() {
    let bench = Bench::start().await;
    let owner = bench.join("acme", false).await;
    let own = json!({"memberId": owner.principal.to_string()});
    let payload = bench.tried(Some(&owner), "removeMember", "removedMemberId", own).await;
    assert_eq!(payload["errors"][0]["code"], "MEMBER_LAST_OWNER");
    let person =
        json!({"email": "dev@example.org", "name": "Dev", "password": "correct horse battery", "role": "DEVELOPER"});
    let added = bench.done(&owner, "addMember", "member { id name role }", person.clone()).await;
    assert_eq!(added["member"]["name"], "Dev");
    let gone = json!({"memberId": added["member"]["id"]});
    bench.done(&owner, "removeMember", "removedMemberId", gone).await;
    let members = bench.ask(Some(&owner), "{ members { totalCount } }", json!({})).await;
    assert_eq!(members["data"]["members"]["totalCount"], "1");
    bench.done(&owner, "addMember", "member { id }", person).await;
}

/// Half of it is recorded, as by a process that was killed; asking again does the rest.
#[tokio::test]
async fn a_removal_that_was_stopped_half_way_is_brought_to_its_end() {
    let bench = Bench::start().await;
    let owner = bench.join("acme", false).await;
    let person =
        json!({"email": "dev@example.org", "name": "Dev", "password": "correct horse battery", "role": "DEVELOPER"});
    let added = bench.done(&owner, "addMember", "member { id }", person.clone()).await;
    let id: MemberId = added["member"]["id"].as_str().unwrap().parse().unwrap();
    let remove = Command::Remove { by: Role::Owner };
    bench.platform.run::<Member>(&StreamName::of(&id), remove, &cause("half")).await.unwrap();
    let payload = bench.tried(Some(&owner), "addMember", "member { id }", person.clone()).await;
    assert_eq!(payload["errors"][0]["code"], "TAKEN");
    let stranger = bench.join("stranger", false).await;
    let gone = json!({"memberId": id.to_string()});
    let payload = bench.tried(Some(&stranger), "removeMember", "removedMemberId", gone.clone()).await;
    assert_eq!(payload["errors"][0]["code"], "NOT_FOUND");
    bench.done(&owner, "removeMember", "removedMemberId", gone).await;
    bench.done(&owner, "addMember", "member { id }", person).await;
}

#[tokio::test]
async fn a_sign_up_goes_to_its_end_though_whoever_asked_goes_away() {
    let bench = Bench::start().await;
    let document = "mutation($input: SignUpInput!) { signUp(input: $input) { member { id } } }";
    let input = json!({"organizationName": "acme", "country": "CN", "timeZone": "UTC", "currency": "CNY",
        "email": "a@example.org", "name": "A", "password": "correct horse battery"});
    {
        let asking = bench.ask(None, document, json!({ "input": input }));
        futures::pin_mut!(asking);
        assert!(futures::poll!(asking).is_pending());
    }
    let mut joined = bench.platform.log.subscribe(None, Filter::kinds(&["member_joined"]));
    let joined = async {
        while let Some(delivery) = joined.next().await {
            if let Delivery::Event(stored) = delivery.unwrap() {
                return stored.position;
            }
        }
        panic!("the log was closed");
    };
    let joined = tokio::time::timeout(std::time::Duration::from_mins(1), joined).await.unwrap();
    bench.platform.readable(joined).await;
    let sign_in = json!({"email": "a@example.org", "password": "correct horse battery"});
    let payload = bench.tried(None, "signIn", "session { token }", sign_in).await;
    assert_eq!(payload["errors"], json!([]));
}

/// Whoever had the token was stopped before the organization was appointed; a quarter of an hour later it is good again.
#[tokio::test]
async fn the_operators_token_survives_a_sign_up_that_was_stopped_half_way() {
    let bench = Bench::start().await;
    let stopped = bench.join("stopped", false).await;
    let holder = StreamName::of(&stopped.organization);
    let log = bench.platform.log.as_ref();
    let long_ago =
        |minutes: i64| Cause { now: SystemClock.now() - SignedDuration::from_mins(minutes), ..cause("stopped") };
    claim::claim(log, "operator", "platform", &holder, &long_ago(14)).await.unwrap();
    let input = json!({"organizationName": "second", "country": "CN", "timeZone": "UTC", "currency": "CNY",
        "email": "second@example.org", "name": "A", "password": "correct horse battery",
        "operatorToken": super::harness::OPERATOR_TOKEN});
    let payload = bench.tried(None, "signUp", "member { id }", input).await;
    assert_eq!(payload["errors"][0]["code"], "TAKEN", "the first may be under way still");
    claim::release(log, "operator", "platform", &holder, &cause("again")).await.unwrap();
    claim::claim(log, "operator", "platform", &holder, &Cause { id: derived(&["2"]), ..long_ago(16) }).await.unwrap();
    assert!(bench.join("operator", true).await.operator);
}

fn cause(label: &str) -> Cause {
    let id = derived(&[label]);
    Cause { id, correlation: id, actor: "platform".to_owned(), now: SystemClock.now() }
}

#[tokio::test]
async fn a_suspended_organization_is_nobody() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let acme = bench.join("acme", false).await;
    let input = json!({"organizationId": acme.organization.to_string(), "reason": "abuse"});
    bench.done(&operator, "suspendOrganization", "organization { suspendedBecause }", input).await;
    let credentials = json!({"email": "acme@example.org", "password": "correct horse battery"});
    let payload = bench.tried(None, "signIn", "session { token }", credentials).await;
    assert_eq!(payload["errors"][0]["code"], "ORGANIZATION_SUSPENDED");
    let input = json!({"organizationId": acme.organization.to_string()});
    bench.done(&operator, "reinstateOrganization", "organization { name }", input).await;
}
