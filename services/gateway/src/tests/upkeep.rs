//! Upkeep: what the platform does on its own files, and what it leaves to others.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::harness::Bench;
use crate::upkeep::Upkeep;

const QUERY: &str = "{ upkeep { isBackedUpHere backup { state } backups { name } } }";

#[tokio::test]
async fn a_log_in_a_database_is_backed_up_elsewhere() {
    let elsewhere = Bench::start_with(|platform| {
        let (log, clock) = (Arc::clone(&platform.log), Arc::clone(&platform.clock));
        platform.upkeep = Upkeep::new(Path::new("unused"), None, log, platform.views.clone(), clock);
    });
    let bench = elsewhere.await;
    let operator = bench.join("operator", true).await;
    let payload = bench.tried(Some(&operator), "takeBackup", "upkeep { incarnation }", json!({})).await;
    assert_eq!(payload, json!({"upkeep": null, "errors": [{"code": "BACKED_UP_ELSEWHERE", "path": []}]}));
    let answer = bench.ask(Some(&operator), QUERY, json!({})).await;
    assert_eq!(answer["data"]["upkeep"], json!({"isBackedUpHere": false, "backup": {"state": "IDLE"}, "backups": []}));
}

#[tokio::test]
async fn a_log_in_the_data_directory_is_backed_up_here() {
    let bench = Bench::start().await;
    let operator = bench.join("operator", true).await;
    let answer = bench.ask(Some(&operator), QUERY, json!({})).await;
    assert_eq!(answer["data"]["upkeep"]["isBackedUpHere"], true);
    bench.done(&operator, "takeBackup", "upkeep { incarnation }", json!({})).await;
}
