//! Receipts of real calls: verified offline by the command line, whatever happens to files, processes and keys.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eventlog::checkpoints::Checkpoints;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::ingest::Outlet;
use crate::liar;
use crate::market::{Deal, LANGUAGE, Market, PINYIN, REFERENCE, per_call, sentence};
use crate::platform::{Home, Platform, eventually, text};
use crate::upkeep::restored;
use crate::upstream::{MANDARIN, Upstream};

const RECEIPT: &str = "query($id: ID!) { receipt(id: $id) { id file checkpoint { origin size key note } } }";
const CONNECTIONS: usize = 32;

async fn trade(meter: Value, capability: &str) -> (Platform, Market, Deal) {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, capability, REFERENCE, meter).await;
    (platform, market, deal)
}

pub async fn receipt(platform: &Platform, key: &str, call: &str) -> Value {
    platform.read(key, RECEIPT, json!({"id": call})).await["receipt"].take()
}

/// The key in use, as the public API tells it to anybody.
pub async fn key(platform: &Platform) -> String {
    let data = platform.read("", "{ checkpointKeys { key retiredAt } }", json!({})).await;
    let keys = data["checkpointKeys"].as_array().unwrap();
    text(keys.iter().find(|key| key["retiredAt"].is_null()).unwrap(), "/key")
}

pub fn keep(directory: &Path, name: &str, file: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, file).unwrap();
    path
}

/// Runs the binary without a data directory: a verifier has none.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tallystick")).args(arguments).output().unwrap()
}

pub fn verify(path: &Path, key: &str) -> (bool, String) {
    let output = run(&["receipt", "verify", path.to_str().unwrap(), "--key", key]);
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn a_receipt_verifies_offline_and_what_was_changed_is_named() {
    let (platform, market, deal) = trade(per_call("1", "0.5"), LANGUAGE).await;
    let call = text(&deal.call(&platform, &sentence(), "1").await, "/id");
    let charged = text(&deal.call(&platform, &sentence(), "2").await, "/id");
    let key = key(&platform).await;
    let found = receipt(&platform, &deal.key, &charged).await;
    assert_eq!((text(&found, "/id"), text(&found, "/checkpoint/key")), (charged.clone(), key.clone()));
    let other = receipt(&platform, &market.seller, &call).await;
    receipt(&platform, &market.operator, &call).await;
    let home = platform.terminate().await;

    let file = text(&found, "/file");
    let path = keep(home.path(), "receipt.json", &file);
    let (good, told) = verify(&path, &key);
    assert!(good, "{told}");
    for part in [charged.as_str(), &deal.agreement, "REQUEST", "0 free, 1 value-added", "ok      origin"] {
        assert!(told.to_uppercase().contains(&part.to_uppercase()), "{part} in {told}");
    }
    let forged = |pointer: &str, value: Value| {
        let mut receipt: Value = serde_json::from_str(&file).unwrap();
        *receipt.pointer_mut(pointer).unwrap() = value;
        verify(&keep(home.path(), "changed.json", &receipt.to_string()), &key)
    };
    let other: Value = serde_json::from_str(&text(&other, "/file")).unwrap();
    for (pointer, value, code) in [
        ("/record", other["record"].clone(), "RECEIPT_RECORD_NOT_IN_BATCH"),
        ("/salt", other["salt"].clone(), "RECEIPT_RECORD_NOT_IN_BATCH"),
        ("/event/revision", json!("77"), "RECEIPT_EVENT_NOT_IN_LOG"),
        ("/event/header", other["event"]["header"].clone(), "RECEIPT_RECORD_NOT_IN_BATCH"),
        ("/log/index", json!("0"), "RECEIPT_EVENT_NOT_IN_LOG"),
        ("/checkpoint", json!("tallystick/other\n1\nAAAA\n"), "RECEIPT_CHECKPOINT_MALFORMED"),
        ("/format", json!("tallystick-receipt/9"), "RECEIPT_FORMAT_UNKNOWN"),
    ] {
        let (good, told) = forged(pointer, value);
        assert!(!good && told.contains("FAILED") && told.contains(code), "{pointer}: {told}");
    }
    let (good, told) = verify(&keep(home.path(), "short.json", &file[..file.len() / 2]), &key);
    assert!(!good && told.contains("RECEIPT_MALFORMED"), "{told}");
    let foreign = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let (good, told) = verify(&path, foreign);
    assert!(!good && told.contains("RECEIPT_KEY_UNKNOWN") && told.contains("ok      event"), "{told}");
}

#[tokio::test]
async fn old_receipts_verify_after_a_restart_and_after_the_key_was_renewed() {
    let (platform, market, deal) = trade(per_call("10", "0.5"), LANGUAGE).await;
    let call = text(&deal.call(&platform, &sentence(), "1").await, "/id");
    let first_key = key(&platform).await;
    let first = receipt(&platform, &deal.key, &call).await;
    let platform = platform.restart(&[]).await;
    assert_eq!(key(&platform).await, first_key);
    let again = receipt(&platform, &deal.key, &call).await;

    let home = platform.terminate().await;
    let data = home.data();
    let renewed = run(&["receipt", "renew-key", "--data", data.to_str().unwrap()]);
    assert!(renewed.status.success(), "{}", String::from_utf8_lossy(&renewed.stderr));
    let platform = home.start(&[]).await;
    let second_key = key(&platform).await;
    assert_eq!(String::from_utf8(renewed.stdout).unwrap().trim(), second_key);
    assert_ne!(second_key, first_key);
    let listed = platform.read("", "{ checkpointKeys { key } }", json!({})).await;
    assert_eq!(listed["checkpointKeys"], json!([{"key": first_key}, {"key": second_key}]));
    let renewed = receipt(&platform, &deal.key, &call).await;
    let query = "query($from: Count!, $to: Count!) { consistency(from: $from, to: $to) { proof } }";
    let sizes = json!({"from": first["checkpoint"]["size"], "to": renewed["checkpoint"]["size"]});
    assert!(!platform.read("", query, sizes).await["consistency"]["proof"].as_array().unwrap().is_empty());
    let list = platform.read(&market.operator, "{ checkpoints { nodes { size key } } }", json!({})).await;
    let keys: Vec<_> = list["checkpoints"]["nodes"].as_array().unwrap().iter().map(|one| text(one, "/key")).collect();
    assert!(keys.contains(&first_key) && keys.contains(&second_key), "{keys:?}");

    let home = platform.terminate().await;
    for (receipt, own, other) in
        [(&first, &first_key, &second_key), (&again, &first_key, &second_key), (&renewed, &second_key, &first_key)]
    {
        let path = keep(home.path(), "receipt.json", &text(receipt, "/file"));
        assert!(verify(&path, own).0);
        assert!(verify(&path, other).1.contains("RECEIPT_KEY_UNKNOWN"));
    }
}

/// The restored log is another history, and begins with all that the checkpoint covers.
#[tokio::test]
async fn what_was_signed_before_a_backup_stands_after_its_restoration() {
    let (platform, _, deal) = trade(per_call("10", "0.5"), LANGUAGE).await;
    let call = text(&deal.call(&platform, &sentence(), "1").await, "/id");
    let first = receipt(&platform, &deal.key, &call).await;
    let backup = platform.home().path().join("kept");
    platform.home().succeed("backup", &["--to", backup.to_str().unwrap()]);
    let home = platform.terminate().await;

    let platform = restored(&home, &backup).start(&[]).await;
    let again = receipt(&platform, &deal.key, &call).await;
    let [old, new] = [&first, &again].map(|receipt| &receipt["checkpoint"]);
    assert_ne!(old["origin"], new["origin"]);
    let query = "query($from: Count!, $to: Count!) { consistency(from: $from, to: $to) { proof } }";
    let grown = platform.read("", query, json!({"from": old["size"], "to": new["size"]})).await;
    assert!(!grown["consistency"]["proof"].as_array().unwrap().is_empty());
    let listed = platform.read("", "{ checkpointKeys { origin } }", json!({})).await;
    assert_eq!(listed["checkpointKeys"], json!([{"origin": old["origin"]}, {"origin": new["origin"]}]));

    let home = platform.terminate().await;
    let kept = Checkpoints::open(&home.data()).unwrap();
    let kept = kept.of_size(&text(old, "/origin"), text(old, "/size").parse().unwrap()).unwrap();
    assert_eq!(kept.map(|published| published.note), Some(text(old, "/note")));
    for receipt in [&first, &again] {
        let path = keep(home.path(), "receipt.json", &text(receipt, "/file"));
        assert!(verify(&path, &text(receipt, "/checkpoint/key")).0);
    }
}

#[tokio::test]
async fn a_key_is_not_renewed_under_a_running_platform() {
    let platform = Platform::start().await;
    let data = platform.home().data();
    let refused = run(&["receipt", "renew-key", "--data", data.to_str().unwrap()]);
    assert!(!refused.status.success());
    let keys = run(&["receipt", "keys", "--data", data.to_str().unwrap()]);
    assert!(String::from_utf8(keys.stdout).unwrap().contains(&key(&platform).await));
}

#[tokio::test]
async fn a_stranger_gets_no_receipt_and_anybody_a_checkpoint() {
    let (platform, _, deal) = trade(per_call("10", "0.5"), LANGUAGE).await;
    let call = text(&deal.call(&platform, &sentence(), "1").await, "/id");
    let stranger = platform.join("Stranger").await;
    for id in [call.as_str(), "ivk_00000000000000000000000001"] {
        let foreign = platform.ask(&stranger, RECEIPT, json!({"id": id})).await;
        assert_eq!(foreign["errors"][0]["extensions"]["code"], "NOT_FOUND", "{foreign}");
    }
    let nobody = platform.ask("", RECEIPT, json!({"id": call})).await;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let latest = platform.read("", "{ checkpoint { origin size note } }", json!({})).await["checkpoint"].take();
    assert!(text(&latest, "/note").starts_with(&format!("{}\n{}\n", text(&latest, "/origin"), text(&latest, "/size"))));
    let query = "query($size: Count) { checkpoint(size: $size) { note } }";
    let same = platform.read("", query, json!({"size": latest["size"]})).await;
    assert_eq!(same["checkpoint"]["note"], latest["note"]);
    assert!(platform.read("", query, json!({"size": "999999"})).await["checkpoint"].is_null());
    let query = "query($to: Count!) { consistency(from: \"1\", to: $to) { proof } }";
    let beyond = platform.ask("", query, json!({"to": "999999"})).await;
    assert_eq!(beyond["errors"][0]["extensions"]["code"], "BEYOND_THE_LOG");
}

async fn close(platform: &Platform, market: &Market, deal: &Deal) -> String {
    platform.close(&market.operator, &deal.agreement, &deal.period(platform).await).await
}

pub fn audit(platform: &Platform, invoice: &str, api_key: &str, key: &str) -> (bool, String) {
    audit_at(&platform.url, invoice, api_key, key)
}

fn audit_at(url: &str, invoice: &str, api_key: &str, key: &str) -> (bool, String) {
    let output = run(&["receipt", "audit", "--invoice", invoice, "--url", url, "--api-key", api_key, "--key", key]);
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), format!("{}{said}", String::from_utf8(output.stdout).unwrap()))
}

async fn at_once(calls: impl Iterator<Item = impl Future<Output = Value>>) {
    stream::iter(calls).buffer_unordered(CONNECTIONS).collect::<Vec<_>>().await;
}

/// 1,024 calls of 7 characters over two starts of the platform: 500 are free, the others are charged by the tier.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_a_thousand_calls_follows_from_its_receipts() {
    let tiers = json!([{"upTo": "5000", "unit": "0.002", "flat": "1"}, {"unit": "0.0015"}]);
    let meter = json!({"meter": "CHARACTER", "included": "500", "price": {"graduated": tiers}});
    let (platform, market, deal) = trade(meter, PINYIN).await;
    let payload = json!({"text": "算市按次计费吗"});
    let keys: Vec<String> = (0..1_024).map(|n| format!("call {n}")).collect();
    let (before, after) = keys.split_at(700);
    at_once(before.iter().map(|key| deal.call(&platform, &payload, key))).await;
    let platform = platform.restart(&[]).await;
    at_once(after.iter().map(|key| deal.call(&platform, &payload, key))).await;
    let invoice = close(&platform, &market, &deal).await;
    deal.call(&platform, &payload, "of the next period").await;

    let trusted = key(&platform).await;
    let (good, told) = audit(&platform, &invoice, &deal.key, &trusted);
    assert!(good, "{told}");
    for part in [
        "1024 receipts verify",
        "count: 1024 receipts for 1024 calls",
        "coverage: every sequence number of 2 ranges",
        "CHARACTER, 500 free, 6668 value-added, 13.502 charged",
        "rounded 13.50 CNY",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let foreign = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let (good, told) = audit(&platform, &invoice, &deal.key, foreign);
    assert!(!good && told.contains("RECEIPT_KEY_UNKNOWN") && told.contains("0 receipts verify"), "{told}");
    let (good, told) = audit(&platform, "inv_00000000000000000000000001", &deal.key, &trusted);
    assert!(!good && told.contains("NOT_FOUND"), "{told}");
}

/// The answer to what an audit asks, part by part.
fn part<'a>(answer: &'a mut Value, pointer: &str) -> Option<&'a mut Value> {
    answer.pointer_mut(&format!("/data/invoice{pointer}"))
}

/// Three calls, of which one is free; what the platform says of them is not what their receipts say.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_lies_about_an_invoice_is_found_out() {
    let (platform, market, deal) = trade(per_call("1", "0.5"), LANGUAGE).await;
    for call in ["1", "2", "3"] {
        deal.call(&platform, &sentence(), call).await;
    }
    let invoice = close(&platform, &market, &deal).await;
    let trusted = key(&platform).await;
    let lies: [(liar::Lie, &str); 8] = [
        (|answer| set(answer, "/calls", "2"), "FAILED  count: 3 receipts for 2 calls"),
        (|answer| set(answer, "/ranges/0/last", "4"), "FAILED  coverage"),
        (
            |answer| set(answer, "/lines/0/valueAdded", "3"),
            "the invoice says 1 free, 3 value-added, 1 charged, rounded 1.00 CNY",
        ),
        (|answer| set(answer, "/lines/0/exact", "1.5"), "FAILED  line 0: REQUEST, 1 free, 2 value-added, 1 charged"),
        (|answer| set(answer, "/total/amount", "1.07"), "FAILED  sum: 1 lines, 1.00 before tax"),
        (|answer| set(answer, "/agreement/terms/prices/0/unit", "0.4"), "2 value-added, 0.8 charged"),
        (hide_a_call, "FAILED  coverage"),
        (show_one_call_as_another, "FAILED  2 receipts verify"),
    ];
    for (lie, found) in lies {
        let (good, told) = audit_at(&liar::before(&platform.url, lie).await, &invoice, &deal.key, &trusted);
        assert!(!good && told.contains(found), "{found} in {told}");
    }
    let (good, told) = audit_at(&liar::before(&platform.url, |_| ()).await, &invoice, &deal.key, &trusted);
    assert!(good, "{told}");
}

fn set(answer: &mut Value, pointer: &str, value: &str) {
    if let Some(place) = part(answer, pointer) {
        *place = json!(value);
    }
}

fn hide_a_call(answer: &mut Value) {
    set(answer, "/calls", "2");
    set(answer, "/lines/0/valueAdded", "1");
    if let Some(Value::Array(nodes)) = part(answer, "/invocations/nodes") {
        nodes.remove(0);
    }
}

fn show_one_call_as_another(answer: &mut Value) {
    if let Some(Value::Array(nodes)) = part(answer, "/invocations/nodes") {
        nodes[0]["receipt"] = nodes[1]["receipt"].clone();
    }
}

/// 12 characters in time, of which 10 are free; later 8 and 3 more of the same period, beside 4 of the next one.
#[tokio::test]
async fn invoices_with_late_reports_follow_from_their_receipts() {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    outlet.report(&platform, &outlet.event("in time", "12")).await;
    let (start, first) = outlet.close(&platform).await;
    outlet.report(&platform, &outlet.event_at("late", "8", &start)).await;
    outlet.report(&platform, &outlet.event("of the next", "4")).await;
    let (_, second) = outlet.close(&platform).await;
    outlet.report(&platform, &outlet.event_at("latest", "3", &start)).await;
    let (_, third) = outlet.close(&platform).await;
    let trusted = key(&platform).await;
    for (invoice, parts) in [
        (first, ["count: 1 receipts for 1 calls", "CHARACTER, 10 free, 2 value-added, 1 charged"]),
        (
            second,
            [
                "CHARACTER, 4 free, 0 value-added, 0 charged",
                "corrections: character, 0 free, 8 value-added after 2 on earlier invoices, 4 charged",
            ],
        ),
        (
            third,
            [
                "count: 1 receipts for 1 calls",
                "corrections: character, 0 free, 3 value-added after 10 on earlier invoices, 1.5 charged",
            ],
        ),
    ] {
        let (good, told) = audit(&platform, &text(&invoice, "/id"), &outlet.deal.key, &trusted);
        assert!(good, "{told}");
        for part in parts {
            assert!(told.to_lowercase().contains(&part.to_lowercase()), "{part} in {told}");
        }
    }
}

/// A call is under way when its period is closed; a report of that period that comes meanwhile is recorded before it, on
/// the next invoice, and was used neither before that period nor after it. It is charged after the call, which is on the
/// earlier invoice.
#[tokio::test]
async fn a_range_may_hold_a_report_of_the_next_invoice_whenever_it_was_used() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let upstream = Upstream::waiting("200 OK", MANDARIN).await;
    let tiers = json!([{"upTo": "1", "unit": "0.5"}, {"unit": "0.125"}]);
    let meter = json!({"meter": "REQUEST", "included": "1", "price": {"graduated": tiers}});
    let deal = market.deal(&platform, LANGUAGE, &upstream.endpoint(), meter).await;
    let outlet = Outlet::of(&platform, &market, deal.clone()).await;
    let report = async |id: &str, time: &str| {
        let mut event = outlet.event_at(id, "1", time);
        event["data"]["usage"][0]["meter"] = json!("REQUEST");
        assert_eq!(outlet.report(&platform, &event).await.json["status"], "ACCEPTED");
    };
    let start = outlet.deal.period(&platform).await;
    report("in time", &start).await;
    let late = async {
        eventually("the call is under way", async || upstream.calls() == 1).await;
        eventually("the period is closed", async || outlet.deal.period(&platform).await != start).await;
        report("late", &start).await;
        upstream.answer();
    };
    let closing = async {
        eventually("the call is under way", async || upstream.calls() == 1).await;
        outlet.close(&platform).await.1
    };
    let payload = sentence();
    let (call, first, ()) = tokio::join!(deal.call(&platform, &payload, "under way"), closing, late);
    assert_eq!((&call["sequence"], &first["calls"]), (&json!("3"), &json!("2")));
    deal.call(&platform, &payload, "of the next").await;
    let (_, second) = outlet.close(&platform).await;
    let trusted = key(&platform).await;
    let late = "corrections: request, 0 free, 1 value-added after 1 on earlier invoices, 0.125 charged";
    for (invoice, charged) in [(first, "REQUEST, 1 free, 1 value-added, 0.5 charged"), (second, late)] {
        for party in [&deal.key, &market.seller] {
            let (good, told) = audit(&platform, &text(&invoice, "/id"), party, &trusted);
            assert!(good && told.contains("coverage: every sequence number of 1 ranges\n"), "{told}");
            assert!(told.contains("count: 2 receipts for 2 calls") && told.contains(charged), "{told}");
        }
    }
}

/// The tree is in the views: without them the same root comes from the log.
#[tokio::test]
async fn views_that_are_built_anew_give_the_same_receipts() {
    let (platform, _, deal) = trade(per_call("10", "0.5"), LANGUAGE).await;
    let call = text(&deal.call(&platform, &sentence(), "1").await, "/id");
    let before = receipt(&platform, &deal.key, &call).await;
    let home: Home = platform.terminate().await;
    let entries = std::fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().path());
    let views: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().contains("/views")).collect();
    assert!(!views.is_empty());
    for path in views {
        std::fs::remove_file(path).unwrap();
    }
    let platform = home.start(&[]).await;
    let query = "query($size: Count!) { checkpoint(size: $size) { note } }";
    let size = before["checkpoint"]["size"].clone();
    let kept = platform.read("", query, json!({"size": size})).await;
    assert_eq!(kept["checkpoint"]["note"], before["checkpoint"]["note"]);
    let after = receipt(&platform, &deal.key, &call).await;
    assert_ne!(after["checkpoint"]["size"], before["checkpoint"]["size"], "it grew on the old tree");
    platform.terminate().await.succeed("replay", &["--verify"]);
}
