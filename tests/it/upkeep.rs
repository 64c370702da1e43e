//! What an operator does to keep a platform: backups, restoration, views built anew, erasure.

use std::fs;

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::market::{Deal, LANGUAGE, Market, PASSWORD, REFERENCE, per_call, sentence};
use crate::platform::{Home, Platform, eventually, text};
use crate::receipts;
use crate::socket::Socket;

/// Usage as it is recorded.
pub const USAGE: &str = "subscription($after: String) { usageRecorded(after: $after) { cursor calls } }";
const UPKEEP: &str = "{ upkeep { incarnation isBackedUpHere rebuild { state done total } backup { state done total }
    backups { name events bytes incarnation } } }";

async fn called(platform: &Platform, calls: usize) -> (Market, Deal) {
    let market = Market::open(platform).await;
    let deal = market.deal(platform, LANGUAGE, REFERENCE, per_call("2", "0.01")).await;
    for number in 0..calls {
        deal.call(platform, &sentence(), &number.to_string()).await;
    }
    (market, deal)
}

async fn upkeep(platform: &Platform, operator: &str) -> Value {
    platform.read(operator, UPKEEP, json!({})).await["upkeep"].take()
}

/// Restores what the command line backed up, into a new home.
pub fn restored(home: &Home, backup: &std::path::Path) -> Home {
    let next = Home::new();
    fs::remove_dir_all(next.data()).ok();
    let said = next.run("restore", &["--from", backup.to_str().unwrap()]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(home.data() != next.data());
    next
}

#[tokio::test]
async fn a_backup_of_a_running_platform_is_restored_and_old_cursors_are_refused() {
    let platform = Platform::start().await;
    let (market, deal) = called(&platform, 3).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": "0"})).await;
    let cursor = socket.expect("next", "1").await["data"]["usageRecorded"]["cursor"].clone();
    let page = "query($after: String) { invocations(first: 1, after: $after) { pageInfo { endCursor } } }";
    let read = platform.read(&market.buyer, page, json!({})).await;
    let place = read["invocations"]["pageInfo"]["endCursor"].clone();
    platform.read(&market.buyer, page, json!({"after": place})).await;
    let before = deal.allowance(&platform).await;
    let backup = platform.home().path().join("kept");
    let said = platform.home().succeed("backup", &["--to", backup.to_str().unwrap()]);
    assert!(said.contains("verified"), "{said}");
    deal.call(&platform, &sentence(), "after the backup").await;
    let home = platform.terminate().await;

    let platform = restored(&home, &backup).start(&["--seed", "demo"]).await;
    assert!(platform.said().contains("the platform is not empty"), "{}", platform.said());
    assert_eq!(deal.allowance(&platform).await, before);
    assert_eq!(deal.recorded(&platform).await, "3");
    let repeated = deal.call(&platform, &sentence(), "1").await;
    assert_eq!(repeated["isRepeated"], true, "what was billed before the backup is not billed again");
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": cursor})).await;
    assert_eq!(text(&socket.expect("error", "1").await, "/0/extensions/code"), "INVALID_CURSOR");
    let refused = platform.ask(&market.buyer, page, json!({"after": place})).await;
    assert_eq!(text(&refused, "/errors/0/extensions/code"), "INVALID_CURSOR");
    platform.terminate().await.succeed("replay", &["--verify"]);
}

#[tokio::test]
async fn a_database_restored_by_its_own_programs_is_another_history() {
    let cluster = Cluster::start();
    let (lived, restored) = (cluster.address("postgres"), cluster.address("restored"));
    let platform = Home::new().start(&["--log", lived.as_str()]).await;
    let (market, deal) = called(&platform, 3).await;
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": "0"})).await;
    let cursor = socket.expect("next", "1").await["data"]["usageRecorded"]["cursor"].clone();
    let before = deal.allowance(&platform).await;
    let dump = platform.home().path().join("dump");
    cluster.run("pg_dump", &["-Fc", "-f", dump.to_str().unwrap(), "postgres"]);
    for number in 0..3 {
        deal.call(&platform, &sentence(), &format!("lost {number}")).await;
    }
    let home = platform.terminate().await;
    cluster.run("createdb", &["restored"]);
    cluster.run("pg_restore", &["-d", "restored", dump.to_str().unwrap()]);

    // Views, index, policies and checkpoints of what was lost are still there.
    let log = ["--log", restored.as_str()];
    let (_, said) = home.refuse_to_start(&log).await;
    assert!(said.contains("`tallystick restore --log` lets it go on"), "{said}");
    let said = home.succeed("restore", &log);
    assert!(said.contains("verified; history"), "{said}");
    let platform = home.start(&log).await;
    assert_eq!(deal.allowance(&platform).await, before);
    let again = deal.call(&platform, &sentence(), "lost 0").await;
    assert_eq!(again["isRepeated"], false, "what was lost with the database is not known from elsewhere");
    assert_eq!(deal.recorded(&platform).await, "4");
    let mut socket = Socket::greet(&platform, &market.buyer).await;
    socket.subscribe("1", USAGE, json!({"after": cursor})).await;
    assert_eq!(text(&socket.expect("error", "1").await, "/0/extensions/code"), "INVALID_CURSOR");
    eventually("the new history is signed", async || {
        platform.read(&market.buyer, "{ checkpoint { size } }", json!({})).await["checkpoint"].is_object()
    })
    .await;
    platform.terminate().await.succeed("replay", &["--verify", log[0], log[1]]);
}

#[tokio::test]
async fn damaged_and_foreign_backups_are_refused_and_leave_nothing() {
    let platform = Platform::start().await;
    let home = platform.terminate().await;
    let backup = home.path().join("kept");
    home.succeed("backup", &["--to", backup.to_str().unwrap()]);
    let again = home.run("backup", &["--to", backup.to_str().unwrap()]);
    assert!(!again.status.success());
    let log = backup.join("log.db");
    let whole = fs::read(&log).unwrap();
    let next = Home::new();
    fs::remove_dir_all(next.data()).ok();
    let refused = |reason: &str| {
        let output = next.run("restore", &["--from", backup.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(reason), "{said}");
        assert!(!next.data().exists());
    };
    fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    refused("log.db has");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    fs::write(&log, flipped).unwrap();
    refused("log.db is not what was backed up");
    fs::write(&log, whole).unwrap();
    fs::remove_file(backup.join("keys.db")).unwrap();
    refused("keys.db is missing");
    fs::remove_file(backup.join("backup.json")).unwrap();
    refused("is not a backup");
}

#[tokio::test]
async fn views_are_built_anew_and_a_backup_is_taken_while_calls_go_on() {
    let platform = Platform::start().await;
    let (market, deal) = called(&platform, 2).await;
    let input = json!({});
    platform.done(&market.operator, "rebuildViews", "upkeep { rebuild { state } }", input.clone()).await;
    platform.done(&market.operator, "takeBackup", "upkeep { backup { state } }", input.clone()).await;
    for number in 0..20 {
        deal.call(&platform, &sentence(), &format!("meanwhile {number}")).await;
        assert_eq!(deal.recorded(&platform).await, (number + 3).to_string(), "what was written is read");
    }
    eventually("both are done", async || {
        let upkeep = upkeep(&platform, &market.operator).await;
        upkeep["rebuild"]["state"] == "DONE" && upkeep["backup"]["state"] == "DONE"
    })
    .await;
    let upkeep = upkeep(&platform, &market.operator).await;
    assert_eq!((&upkeep["isBackedUpHere"], upkeep["backups"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(upkeep["backups"][0]["incarnation"], upkeep["incarnation"]);
    deal.call(&platform, &sentence(), "after the swap").await;
    assert_eq!(deal.recorded(&platform).await, "23");
    platform.refused(&market.buyer, "takeBackup", input).await;
    let home = platform.terminate().await;
    home.succeed("replay", &["--verify"]);
    let kept = home.data().join("backups").join(text(&upkeep, "/backups/0/name"));
    restored(&home, &kept).succeed("replay", &["--verify"]);
}

#[tokio::test]
async fn views_prepared_while_the_platform_runs_are_taken_at_the_next_start() {
    let platform = Platform::start().await;
    let (_, deal) = called(&platform, 2).await;
    let said = platform.home().succeed("rebuild", &[]);
    assert!(said.contains("wait for the next start"), "{said}");
    deal.call(&platform, &sentence(), "later").await;
    let platform = platform.restart(&[]).await;
    assert!(!platform.said().contains("the views are built from the log"), "{}", platform.said());
    assert_eq!(deal.recorded(&platform).await, "3");
    platform.terminate().await.succeed("replay", &["--verify"]);
}

/// The name of a member who has called, as the usage of the agreement tells it; the member is among the callers.
async fn caller(platform: &Platform, deal: &Deal, member: &str) -> Value {
    let query = "query($id: ID!) { agreement(id: $id) { usage(by: PRINCIPAL) { groups { key label } } } }";
    let found = platform.read(&deal.key, query, json!({"id": deal.agreement})).await;
    let groups = found["agreement"]["usage"]["groups"].as_array().unwrap();
    groups.iter().find(|group| group["key"] == member).unwrap()["label"].clone()
}

#[tokio::test]
async fn an_erased_person_is_gone_at_once_and_the_log_stays_whole() {
    an_erased_person_is_gone(&[]).await;
}

#[tokio::test]
async fn a_person_is_erased_where_the_log_is_on_postgresql() {
    let cluster = Cluster::start();
    an_erased_person_is_gone(&["--log", &cluster.address("postgres")]).await;
}

/// Erases a caller from a platform with these options, first beside it, then at rest.
pub async fn an_erased_person_is_gone(log: &[&str]) {
    let platform = Home::new().start(log).await;
    let (market, deal) = called(&platform, 1).await;
    let viewer = "{ viewer { member { id name email } } }";
    let person = platform.read(&market.buyer, viewer, json!({})).await["viewer"]["member"].take();
    assert!(person["name"].is_string() && person["email"].is_string());
    let sign_in = json!({"email": person["email"], "password": PASSWORD});
    platform.done("", "signIn", "session { token }", sign_in.clone()).await;
    let member = text(&person, "/id");
    let by_person = Deal::of(&deal.agreement, &market.buyer, LANGUAGE);
    let call = text(&by_person.call(&platform, &sentence(), "by the person").await, "/id");
    assert_eq!(caller(&platform, &deal, &member).await, person["name"]);
    let (trusted, before) = (receipts::key(&platform).await, receipts::receipt(&platform, &deal.key, &call).await);
    let colleague = platform.key(&market.buyer, &["ORGANIZATION_WRITE"]).await;
    let said = platform.home().succeed("erase", &[&[member.as_str()], log].concat());
    assert!(said.contains("the key is gone") && said.contains("is running"), "{said}");
    // The log grows, so that the next receipt is against another checkpoint.
    deal.call(&platform, &sentence(), "after the erasure").await;
    let after = receipts::receipt(&platform, &deal.key, &call).await;
    assert_ne!(before["checkpoint"]["size"], after["checkpoint"]["size"]);
    let members = "{ members(first: 10) { nodes { id name email } } }";
    let seen = platform.read(&colleague, members, json!({})).await;
    let row = seen["members"]["nodes"].as_array().unwrap().iter().find(|row| row["id"] == person["id"]).unwrap();
    assert!(row["name"].is_null() && row["email"].is_null(), "{row}");
    assert_eq!(caller(&platform, &deal, &member).await, Value::Null, "the calls are whose they were, the name is gone");
    platform.refused("", "signIn", sign_in).await;
    eventually("the session is over", async || {
        let asked = platform.ask(&market.buyer, viewer, json!({})).await;
        asked.pointer("/errors/0/extensions/code") == Some(&json!("INVALID_CREDENTIALS"))
    })
    .await;
    let home = platform.terminate().await;
    for receipt in [before, after] {
        let path = receipts::keep(home.path(), "call.receipt.json", &text(&receipt, "/file"));
        let (good, told) = receipts::verify(&path, &trusted);
        assert!(good && told.contains(&call), "{told}");
    }
    let said = home.succeed("erase", &[&[member.as_str()], log].concat());
    assert!(said.contains("the person has left"), "{said}");
    assert!(!home.run("erase", &[&["mbr_00000000000000000000000000"], log].concat()).status.success());
    home.succeed("verify", log);
    home.succeed("replay", &[&["--verify"], log].concat());
    let platform = home.start(log).await;
    assert_eq!(deal.recorded(&platform).await, "3");
    let restarted = receipts::receipt(&platform, &deal.key, &call).await;
    let path = receipts::keep(platform.home().path(), "call.receipt.json", &text(&restarted, "/file"));
    assert!(receipts::verify(&path, &trusted).0, "the person has left");
}
