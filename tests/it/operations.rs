//! What an operator does and sees: starting, stopping, health, metrics, the command line.

use std::path::Path;

use serde_json::{Value, json};

use crate::market::{LANGUAGE, Market, REFERENCE, per_call, sentence};
use crate::platform::{Home, Platform, eventually};
use crate::upstream::{MANDARIN, Upstream};

#[tokio::test]
async fn a_call_in_flight_is_finished_before_the_platform_stops() {
    let platform = Platform::start_with(&["--allow-private-networks"]).await;
    let market = Market::open(&platform).await;
    let upstream = Upstream::waiting("200 OK", MANDARIN).await;
    let deal = market.deal(&platform, LANGUAGE, &upstream.endpoint(), per_call("10", "0.01")).await;
    let (called, payload) = (deal.clone(), sentence());
    let stop = async {
        eventually("the call has arrived", async || upstream.calls() == 1).await;
        platform.ask_to_stop();
        eventually("the platform stops", async || platform.said().contains("calls in flight are finished")).await;
        upstream.answer();
    };
    let (call, ()) = tokio::join!(called.call(&platform, &payload, "in flight"), stop);
    let (home, status) = platform.ended().await;
    assert_eq!(status.code(), Some(0));
    let records = home.log(&["--kind", "usage_recorded"]);
    assert_eq!(records[0]["records"][0]["invocation"], call["id"]);
    let platform = home.start(&["--allow-private-networks"]).await;
    assert_eq!(deal.call(&platform, &payload, "in flight").await["isRepeated"], true);
}

/// Whoever reads the ready line may stop the platform in the same instant.
#[tokio::test]
async fn a_platform_that_is_ready_stops_cleanly_at_once() {
    let mut home = Home::new();
    for _ in 0..8 {
        home = home.start(&[]).await.terminate().await;
    }
    home.succeed("verify", &[]);
}

#[tokio::test]
async fn health_says_alive_and_ready() {
    let platform = Platform::start().await;
    let live = platform.get("/health/live").await;
    assert_eq!((live.status, &live.json["live"]), (200, &json!(true)));
    let ready = platform.get("/health/ready").await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    let parts = json!({"ready": true, "logAnswers": true, "viewsLag": 0, "referenceProvider": true});
    assert_eq!(ready.json, parts);
}

#[tokio::test]
async fn metrics_count_requests_and_name_no_tenant() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await.call(&platform, &sentence(), "1").await;
    let metrics = platform.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    let counted = "http_requests_total{resource=\"/graphql\",status=\"200\"}";
    assert!(metrics.body.lines().any(|line| line.starts_with(counted)), "{}", metrics.body);
    for secret in ["org_", "key_", "agr_", "Buyer", "buyer@"] {
        assert!(!metrics.body.contains(secret), "{secret}: {}", metrics.body);
    }
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn data_lies_in_the_data_directory_and_nowhere_else() {
    let platform = Platform::start_seeded().await;
    let elsewhere = platform.home().path().join("elsewhere");
    assert_eq!(entries(&elsewhere), [""; 0], "home, temporary and working directory");
    let home = platform.terminate().await;
    assert_eq!(entries(&elsewhere_of(&home)), [""; 0]);
    for file in ["log.db", "keys.db", "demo.json"] {
        assert!(home.data().join(file).is_file(), "{file}");
    }
}

fn elsewhere_of(home: &Home) -> std::path::PathBuf {
    home.path().join("elsewhere")
}

/// Everything but the log and the keys is disposable.
#[tokio::test]
async fn views_that_are_deleted_come_back_from_the_log() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("10", "0.01")).await;
    deal.call(&platform, &sentence(), "1").await;
    let before = deal.allowance(&platform).await;
    let home = platform.terminate().await;
    for file in entries(&home.data()).iter().filter(|file| !["log.db", "keys.db", "node"].contains(&file.as_str())) {
        let path = home.data().join(file);
        if path.is_file() { std::fs::remove_file(path).unwrap() } else { std::fs::remove_dir_all(path).unwrap() }
    }
    let platform = home.start(&[]).await;
    assert_eq!(deal.allowance(&platform).await, before);
    assert_eq!(deal.recorded(&platform).await, "1");
    platform.terminate().await.succeed("replay", &["--verify"]);
}

#[tokio::test]
async fn production_mode_hides_the_schema() {
    let introspection = "{ __schema { queryType { name } } }";
    let open = Platform::start().await;
    assert_eq!(open.read("", introspection, json!({})).await["__schema"]["queryType"]["name"], "Query");
    let closed = open.restart(&["--production"]).await;
    let answer = closed.ask("", introspection, json!({})).await;
    assert!(answer["data"]["__schema"].is_null(), "{answer}");
    assert!(closed.ask("", "{ categorie { slug } }", json!({})).await["errors"].is_array());
}

#[tokio::test]
async fn the_log_is_read_through_filters() {
    let platform = Platform::start().await;
    Market::open(&platform).await;
    let home = platform.terminate().await;
    let all = home.log(&[]);
    let positions: Vec<u64> = all.iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=all.len() as u64).collect::<Vec<_>>(), "gapless");
    let provider = &home.log(&["--kind", "provider_opened"])[0];
    let stream = home.log(&["--stream", provider["stream"].as_str().unwrap()]);
    assert_eq!((stream.len(), &stream[0]), (1, provider));
    assert_eq!(home.log(&["--category", "capability"]).len(), all.iter().filter(|event| is_capability(event)).count());
    assert_eq!(home.log(&["--after", &(all.len() - 2).to_string()]), all[all.len() - 2..]);
    assert_eq!(home.log(&["--since", "2999-01-01T00:00:00Z"]), Vec::<Value>::new());
    assert!(
        home.run("log", &["--stream", "a", "--kind", "b"]).status.code() == Some(2),
        "filters that exclude each other"
    );
}

fn is_capability(event: &Value) -> bool {
    event["stream"].as_str().unwrap().starts_with("capability-")
}

#[test]
fn the_schema_is_printed_without_a_store_and_is_the_one_on_file() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tallystick")).arg("schema").output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let on_file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/api.graphql");
    assert_eq!(printed, std::fs::read_to_string(on_file).unwrap());
}

#[test]
fn commands_on_a_directory_without_a_log_say_what_to_do() {
    let home = Home::new();
    for subcommand in ["log", "verify", "replay", "seed"] {
        let output = home.run(subcommand, &[]);
        assert_eq!(output.status.code(), Some(1), "{subcommand}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("holds no event log"), "{subcommand}");
    }
    assert!(!home.data().exists(), "looking leaves nothing behind");
}

#[test]
fn options_that_are_wrong_are_told_and_nothing_is_begun() {
    let home = Home::new();
    for (option, value) in [("--workers", "513"), ("--workers", "0"), ("--messages", "a=b=c")] {
        let output = home.run("serve", &[option, value]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(option) && !said.contains("panicked"), "{said}");
    }
    assert!(!home.data().exists());
}

#[test]
fn a_command_whose_reader_has_gone_ends_without_a_word() {
    let mut schema = std::process::Command::new(env!("CARGO_BIN_EXE_tallystick"));
    let schema = schema.arg("schema").stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut schema = schema.spawn().unwrap();
    drop(schema.stdout.take());
    let output = schema.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(141), ""));
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let platform = Platform::start().await;
    let address = platform.url.strip_prefix("http://").unwrap().to_owned();
    let other = Home::new();
    let output = other.run("serve", &["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("{address} cannot be listened on")));
}
