//! The data directory under stress: used twice, damaged, full.

use eventlog::checkpoints::Checkpoints;
use eventlog::clock::{Clock, SystemClock};
use eventlog::port::{EventLog, Expected, NewEvent};
use eventlog::sqlite::{Options, SqliteLog};
use jiff::SignedDuration;
use kernel::event::{Provenance, StreamName};
use serde_json::json;
use uuid::Uuid;

use crate::market::{Deal, LANGUAGE, Market, REFERENCE, content, per_call, sentence};
use crate::platform::{Home, Platform, document, eventually};

async fn deal(platform: &Platform) -> (Market, Deal) {
    let market = Market::open(platform).await;
    let deal = market.deal(platform, LANGUAGE, REFERENCE, per_call("2", "0.01")).await;
    (market, deal)
}

#[tokio::test]
async fn a_second_process_on_the_same_directory_refuses_and_says_why() {
    let platform = Platform::start().await;
    let (status, said) = platform.home().refuse_to_start(&[]).await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("is in use by process"), "{said}");
    let replay = platform.home().run("replay", &["--verify"]);
    assert!(!replay.status.success() && String::from_utf8_lossy(&replay.stderr).contains("is in use"));
    platform.read("", "{ categories { slug } }", json!({})).await;
    platform.home().succeed("verify", &[]);
    assert!(!platform.home().log(&["--kind", "ownership_taken"]).is_empty(), "reading beside a running one is fine");
}

/// An event of the next hour at the log's end, as if the clock had been ahead.
async fn date_ahead(home: &Home) {
    let log = SqliteLog::open(&home.data(), &Options::default()).unwrap();
    let occurred_at = SystemClock.now() + SignedDuration::from_hours(1);
    let provenance = Provenance { correlation: Uuid::nil(), cause: Uuid::nil(), actor: "test".to_owned() };
    let event = NewEvent {
        id: Uuid::from_u128(1),
        kind: "dated_ahead".to_owned(),
        version: 1,
        occurred_at,
        provenance,
        data: b"{}".to_vec(),
        body: Vec::new(),
    };
    log.append(&StreamName::new("test", "ahead").unwrap(), Expected::NoStream, vec![event]).await.unwrap();
    log.close().await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_told_and_calls_are_recorded_all_the_same() {
    let platform = Platform::start().await;
    let (_, deal) = deal(&platform).await;
    assert!(!platform.said().contains("the clock is behind the log"));
    let home = platform.terminate().await;
    date_ahead(&home).await;
    let platform = home.start(&[]).await;
    assert!(platform.said().contains("the clock is behind the log: it was set back"), "{}", platform.said());
    deal.call(&platform, &sentence(), "1").await;
    assert_eq!(deal.recorded(&platform).await, "1");
    platform.terminate().await.succeed("replay", &["--verify"]);
}

/// A directory whose log is lost, or gone to another: a platform that began anew would say nothing of it.
#[tokio::test]
async fn a_log_that_was_not_signed_in_its_directory_is_refused() {
    let homes = [Platform::start().await, Platform::start().await].map(async |platform| {
        let signed = async || !Checkpoints::of_others_only(&platform.data(), &[]).unwrap().is_empty();
        eventually("a checkpoint is signed", signed).await;
        platform.terminate().await
    });
    let [own, other] = homes;
    let (own, other) = (own.await, other.await);
    let (log, kept) = (own.data().join("log.db"), own.path().join("log.db"));
    std::fs::rename(&log, &kept).unwrap();
    let is_refused = async || {
        let (status, said) = own.refuse_to_start(&[]).await;
        assert_eq!(status.code(), Some(1));
        assert!(said.contains("the log is not the one that was signed in this data directory"), "{said}");
        let verified = own.run("verify", &[]);
        assert!(!verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        said
    };
    assert!(is_refused().await.contains("log.db is missing"));
    assert!(!log.exists(), "no log begins in the place of the lost one");
    std::fs::copy(other.data().join("log.db"), &log).unwrap();
    is_refused().await;
    std::fs::rename(&kept, &log).unwrap();
    own.start(&[]).await.terminate().await.succeed("verify", &[]);
}

/// With other keys nobody could sign in, and receipts of the same log would be signed by somebody unknown.
#[tokio::test]
async fn a_log_without_its_keys_is_refused_and_a_lost_one_is_begun_anew_only_when_told() {
    let (own, other) = (Platform::start().await, Platform::start().await);
    let member = own.join("Somebody").await;
    let (own, other) = (own.terminate().await, other.terminate().await);
    let (keys, kept) = (own.data().join("keys.db"), own.path().join("keys.db"));
    std::fs::rename(&keys, &kept).unwrap();
    let is_refused = async |why: &str| {
        let (status, said) = own.refuse_to_start(&[]).await;
        assert!(status.code() == Some(1) && said.contains(why), "{said}");
    };
    is_refused("keys.db is missing").await;
    let joined = own.log(&["--category", "member"])[0]["stream"].as_str().unwrap().to_owned();
    let erased = own.run("erase", &[joined.trim_start_matches("member-")]);
    assert!(String::from_utf8_lossy(&erased.stderr).contains("keys.db is missing"), "{erased:?}");
    assert!(!keys.exists(), "no keys are made in the place of the lost ones");
    std::fs::copy(other.data().join("keys.db"), &keys).unwrap();
    is_refused("keys.db is not of this log").await;
    std::fs::rename(&kept, &keys).unwrap();
    let platform = own.start(&[]).await;
    platform.read(&member, "{ viewer { organization { id } } }", json!({})).await;
    let home = platform.terminate().await;
    std::fs::write(&keys, "").unwrap();
    home.start(&[]).await.terminate().await.succeed("verify", &[]);
}

/// Where a text stands in the log file, which must hold it once.
fn find(log: &[u8], text: &str) -> usize {
    let mut found = log.windows(text.len()).enumerate().filter(|(_, bytes)| *bytes == text.as_bytes());
    let (offset, _) = found.next().unwrap();
    assert!(found.next().is_none(), "{text} stands in the log more than once");
    offset
}

fn flip(home: &Home, text: &str) {
    let path = home.data().join("log.db");
    let mut log = std::fs::read(&path).unwrap();
    let offset = find(&log, text);
    log[offset] ^= 1;
    std::fs::write(path, log).unwrap();
}

#[tokio::test]
async fn a_flipped_bit_stops_the_start_and_the_place_is_named() {
    let platform = Platform::start().await;
    let (market, _) = deal(&platform).await;
    let draft = json!({"slug": "some-draft", "content": content(&[LANGUAGE], REFERENCE)});
    let listing = platform.done(&market.seller, "draftListing", "listing { id }", draft).await["listing"]["id"].clone();
    platform.probe(&market.seller, listing.as_str().unwrap()).await;
    platform.done(&market.seller, "submitListing", "listing { id }", json!({"listingId": listing})).await;
    let note = json!({"listingId": listing, "note": "Nobody else wrote this note."});
    platform.done(&market.operator, "requestListingChanges", "listing { id }", note).await;
    platform.join("Somebody after it").await;
    let home = platform.terminate().await;
    let position = home.log(&["--kind", "listing_changes_requested"])[0]["position"].to_string();
    let damaged = home.copy();
    flip(&damaged, "Nobody else wrote this note.");
    let (status, said) = damaged.refuse_to_start(&[]).await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("the log is damaged") && said.contains(&format!("(position {position})")), "{said}");
    for subcommand in ["verify", "replay", "log"] {
        let output = damaged.run(subcommand, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&format!("position {position}")), "{subcommand}: {said}");
    }
    let platform = home.start(&[]).await;
    platform.read("", "{ categories { slug } }", json!({})).await;
}

/// Where frames stand in the write-ahead log's file (<https://sqlite.org/fileformat2.html#walformat>).
const FRAME_BYTES: usize = 24 + 4_096;
const FRAMES_FROM: usize = 32;

/// A killed platform's directory, with a bit flipped in the page of a frame of the write-ahead log.
fn flip_frame(home: &Home, which: impl FnOnce(Vec<usize>) -> usize) -> Home {
    let damaged = home.copy();
    let path = damaged.data().join("log.db-wal");
    let mut log = std::fs::read(&path).unwrap();
    let starts = (FRAMES_FROM..log.len()).step_by(FRAME_BYTES);
    let start = which(starts.filter(|start| log[start + 8..start + 16] == log[16..24]).collect());
    log[start + 24 + 3_000] ^= 4;
    std::fs::write(path, log).unwrap();
    damaged
}

#[tokio::test]
async fn a_flipped_bit_in_the_write_ahead_log_loses_nothing_in_silence() {
    let platform = Platform::start().await;
    for name in ["One", "Two", "Three"] {
        platform.join(name).await;
    }
    let signed = platform.read("", "{ checkpoint { size } }", json!({})).await["checkpoint"]["size"].take();
    let home = platform.kill().await;

    let damaged = flip_frame(&home, |starts| starts[1]);
    let before = std::fs::read(damaged.data().join("log.db-wal")).unwrap();
    let (status, said) = damaged.refuse_to_start(&[]).await;
    assert_eq!(status.code(), Some(1));
    let place = format!("in frame 2 (byte {} of log.db-wal)", FRAMES_FROM + FRAME_BYTES);
    assert!(said.contains(&place) && said.contains("restore a backup"), "{said}");
    for subcommand in ["verify", "replay", "log"] {
        let output = damaged.run(subcommand, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&place), "{subcommand}: {said}");
    }
    assert!(std::fs::read(damaged.data().join("log.db-wal")).unwrap() == before, "it was written to");

    let cut = flip_frame(&home, |starts| *starts.last().unwrap());
    let said = String::from_utf8_lossy(&cut.run("verify", &[]).stderr).into_owned();
    assert!(said.contains(&format!("a checkpoint was signed over {}", signed.as_str().unwrap())), "{said}");
    let (status, said) = cut.refuse_to_start(&[]).await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("what was acknowledged is missing at its end"), "{said}");

    home.succeed("verify", &[]);
    let platform = home.start(&[]).await;
    platform.read("", "{ categories { slug } }", json!({})).await;
}

#[tokio::test]
async fn a_file_that_is_no_log_is_left_alone() {
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    let letter = "Dear diary, this is not a database.".repeat(100);
    std::fs::write(home.data().join("log.db"), &letter).unwrap();
    let (status, said) = home.refuse_to_start(&[]).await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("the log is damaged"), "{said}");
    assert_eq!(std::fs::read_to_string(home.data().join("log.db")).unwrap(), letter);
}

/// Where SQLite keeps the version of a file's tables, big-endian (its file format, §1.3).
const VERSION_BYTES: std::ops::Range<usize> = 60..64;

#[tokio::test]
async fn files_of_a_newer_program_stop_the_start_and_stay_as_they_are() {
    let platform = Platform::start().await;
    deal(&platform).await;
    let home = platform.terminate().await;
    for (file, name) in [
        ("log.db", "the log"),
        ("keys.db", "keys.db"),
        ("sessions.db", "sessions.db"),
        ("checkpoints.db", "checkpoints.db"),
        ("cursors.db", "cursors.db"),
    ] {
        let newer = home.copy();
        let path = newer.data().join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let known = u32::from_be_bytes(bytes[VERSION_BYTES].try_into().unwrap());
        bytes[VERSION_BYTES].copy_from_slice(&(known + 1).to_be_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let (status, said) = newer.refuse_to_start(&[]).await;
        let expected =
            format!("{name} has format {}, this program knows formats up to {known}: use a newer one", known + 1);
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains(&expected), "{said}");
        assert!(std::fs::read(&path).unwrap() == bytes, "{file} was written to");
    }
    let platform = home.start(&[]).await;
    platform.read("", "{ categories { slug } }", json!({})).await;
}

/// Calls until the platform takes no more; how many it took, and the key of the call it did not take.
async fn fill(platform: &Platform, deal: &Deal) -> (usize, String) {
    for count in 0..20_000 {
        let key = format!("call {count}");
        let variables = json!({"input": deal.input(&sentence(), &key)});
        let mutation = document("invoke", "invocation { id }");
        let response = platform.ask(&deal.key, &mutation, variables).await;
        if let Some(errors) = response.get("errors") {
            assert_eq!(errors[0]["extensions"]["code"], "NOT_RECORDED", "{response}");
            return (count, key);
        }
        assert_eq!(response["data"]["payload"]["errors"], json!([]));
    }
    panic!("the log never filled up");
}

#[tokio::test]
async fn a_full_log_takes_nothing_answers_reads_and_recovers_with_more_room() {
    let platform = Platform::start().await;
    let (market, deal) = deal(&platform).await;
    let home = platform.terminate().await;
    let bytes = std::fs::metadata(home.data().join("log.db")).unwrap().len() + 32 * 1024;
    let platform = home.start(&["--log-bytes-max", &bytes.to_string()]).await;
    let (taken, refused) = fill(&platform, &deal).await;
    assert!(taken > 0);
    assert_eq!(deal.recorded(&platform).await, taken.to_string(), "what was not recorded was not delivered");
    let allowance = deal.allowance(&platform).await;
    assert_eq!((&allowance["held"], &allowance["remaining"]), (&json!("0"), &json!("0")));
    let page = json!({"name": {"en": "n".repeat(120)}, "description": {"en": "d".repeat(2_000)}, "kind": "ENTERPRISE"});
    let mutation = document("updateStore", "provider { id }");
    let full = platform.ask(&market.seller, &mutation, json!({"input": {"page": page}})).await;
    assert_eq!(full["errors"][0]["extensions"]["code"], "STORAGE_FULL", "{full}");
    platform.read(&market.buyer, "{ agreements { totalCount } }", json!({})).await;
    let platform = platform.restart(&[]).await;
    assert_eq!(deal.call(&platform, &sentence(), &refused).await["isRepeated"], false);
    assert_eq!(deal.recorded(&platform).await, (taken + 1).to_string());
    let home = platform.terminate().await;
    home.succeed("replay", &["--verify"]);
}
