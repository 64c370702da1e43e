//! The README's tour, pasted into a shell as a newcomer would: it does what it says.

use std::process::Command;

use serde_json::{Value, json};

use crate::market::units;
use crate::platform::{Home, Platform};

const README: &str = include_str!("../../README.md");

/// The commands of the tour, block by block; the last is for a platform at rest.
fn blocks() -> Vec<&'static str> {
    let (_, tour) = README.split_once("## A tour").unwrap();
    let (tour, _) = tour.split_once("\n## ").unwrap();
    tour.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0).collect()
}

/// Runs commands beside the data directory; what they printed.
fn shell(home: &Home, commands: &str) -> String {
    let strict = format!("set -eu -o pipefail\n{commands}");
    let mut shell = Command::new("bash");
    let output = shell.args(["-c", &strict]).current_dir(home.path()).env("NO_PROXY", "*").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// An answer of the tour, in which nothing may be wrong.
fn answer(line: &str) -> Value {
    let mut answer: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    assert!(answer.get("errors").is_none(), "{line}");
    // What is not GraphQL has no data.
    if answer.get("data").is_some() { answer["data"].take() } else { answer }
}

fn classes(data: &Value) -> (u64, u64) {
    let call = &data["invoke"]["invocation"];
    (units(call, "FREE"), units(call, "VALUE_ADDED"))
}

#[tokio::test]
async fn the_readmes_tour_does_what_it_says() {
    let platform = Platform::start_seeded().await;
    let blocks = blocks();
    let (rest, tour) = blocks.split_last().unwrap();
    let printed = shell(platform.home(), &tour.concat().replace("http://127.0.0.1:8080", &platform.url));
    let answers: Vec<Value> = printed.lines().map(answer).collect();
    let [one, two, three, again, meter, reported, repeated, closed, invoices, statements, ledger] = answers.as_slice()
    else {
        panic!("{printed}")
    };
    assert_eq!([one, two, three].map(classes), [(49, 0), (49, 0), (2, 47)]);
    assert_eq!(three["invoke"]["invocation"], again["invoke"]["invocation"], "the same call");
    assert!(meter.to_string().contains(r#""remaining":"0""#), "{meter}");
    assert_eq!([reported, repeated].map(|report| report["status"].clone()), ["ACCEPTED", "DUPLICATE"]);
    assert_eq!(closed["closePeriod"]["invoice"]["state"], "ISSUED");
    let line = &invoices["invoices"]["nodes"][0]["lines"][0];
    assert_eq!((&line["free"], &line["valueAdded"], &line["exact"]), (&json!("100"), &json!("1047"), &json!("2.094")));
    assert_eq!(statements["statements"]["nodes"].as_array().map(Vec::len), Some(1));
    assert_eq!(ledger["ledgerEntries"]["nodes"][0]["reason"], "INVOICE_ISSUED");
    let home = platform.terminate().await;
    let proved = shell(&home, &rest.replace("target/release/tallystick", env!("CARGO_BIN_EXE_tallystick")));
    assert!(proved.contains("the views in use and the rebuilt ones are equal"), "{proved}");
}
