//! `tallystick export usage`: the records of an interval and no others, told as it goes, and whole or not at all.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command as Run, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::ingest::{Outlet, now};
use crate::market::{LANGUAGE, Market, REFERENCE, per_call, sentence};
use crate::platform::{Home, Platform, text};

const BINARY: &str = env!("CARGO_BIN_EXE_tallystick");
/// One batch each: more than an export reads at once, and far more than a pipe holds.
const REPORTS: usize = 520;
/// Longer than work goes on in silence.
const SILENCE: Duration = Duration::from_millis(1_200);

/// What was reported, one after another: when it was used, and what it was recorded as.
struct Reported {
    at: String,
    id: String,
}

/// A platform at rest whose log holds so many reports.
async fn filled(count: usize) -> (Home, Vec<Reported>) {
    let platform = Platform::start().await;
    let outlet = Outlet::open(&platform).await;
    let mut reported = Vec::new();
    for number in 0..count {
        let at = now();
        let answer = outlet.report(&platform, &outlet.event_at(&number.to_string(), "1", &at)).await;
        reported.push(Reported { at, id: text(&answer.json, "/invocationId") });
    }
    (platform.terminate().await, reported)
}

/// The calls of exported lines, in their order.
fn calls(format: &str, exported: &str) -> Vec<String> {
    match format {
        "csv" => exported.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect(),
        _ => exported.lines().map(|line| text(&serde_json::from_str(line).unwrap(), "/invocation")).collect(),
    }
}

#[tokio::test]
async fn usage_is_exported_as_it_is_in_the_log() {
    let platform = Platform::start().await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("2", "0.01")).await;
    for number in 0..3 {
        deal.call(&platform, &sentence(), &number.to_string()).await;
    }
    let home = platform.home();
    let csv = home.succeed("export", &["usage"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(lines[0].starts_with("invocation,agreement,sequence,buyer,seller,capability"), "{csv}");
    assert!(lines[1].contains(&deal.agreement) && lines[3].ends_with("request,0,1,gateway_counted"), "{csv}");
    let jsonl = home.succeed("export", &["usage", "--format", "jsonl"]);
    let records: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 3);
    let second = text(&records[1], "/admittedAt");
    let third = text(&records[2], "/admittedAt");
    let between = home.succeed("export", &["usage", "--format", "jsonl", "--from", &second, "--to", &third]);
    assert_eq!(between.lines().count(), 1, "{between}");
    let seller = text(&records[0], "/seller");
    assert_eq!(home.succeed("export", &["usage", "--organization", &seller]), csv);
    let nobody = "org_00000000000000000000000000";
    let none = home.succeed("export", &["usage", "--organization", nobody]);
    assert_eq!(none.trim_end(), lines[0], "a table without rows has its header all the same");
    assert_eq!(lines[0].split(',').count(), lines[1].split(',').count());
    let file = home.path().join("usage.csv");
    home.succeed("export", &["usage", "--out", file.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&file).unwrap(), csv);
    let again = home.run("export", &["usage", "--out", file.to_str().unwrap()]);
    assert!(!again.status.success(), "a file is not overwritten");
    let backwards = home.run("export", &["usage", "--from", &third, "--to", &second]);
    assert!(!backwards.status.success());
}

#[tokio::test]
async fn an_export_of_many_records_has_those_of_its_interval_and_tells_how_far_it_is() {
    let (home, reported) = filled(REPORTS).await;
    let ids = |reported: &[Reported]| reported.iter().map(|report| report.id.clone()).collect::<Vec<_>>();
    for format in ["csv", "jsonl"] {
        let interval = ["usage", "--format", format, "--from", &reported[100].at, "--to", &reported[400].at];
        assert_eq!(calls(format, &home.succeed("export", &interval)), ids(&reported[100..400]), "{format}");
    }
    let mut command = Command::new(BINARY);
    command.args(["export", "usage", "--format", "jsonl", "--data"]).arg(home.data());
    let mut export = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    assert!(timeout(SILENCE, export.wait()).await.is_err(), "it waits for whoever reads, and keeps nothing for them");
    let output = export.wait_with_output().await.unwrap();
    let (told, exported) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
    let told: Vec<&str> = told.lines().filter(|line| line.contains("reading the log")).collect();
    let percent = |line: &&str| line.split_once("reading the log: ")?.1.split(' ').next()?.parse::<u8>().ok();
    let part = told.first().and_then(percent).unwrap_or_else(|| panic!("{told:?}"));
    assert!((1..100).contains(&part), "{told:?}");
    assert!(output.status.success());
    assert_eq!(calls("jsonl", &exported), ids(&reported), "nothing but records is on stdout");
}

/// Exports into a file under a limit of bytes for files, past which the system kills whoever writes.
fn killed_midway(home: &Home, file: &Path) {
    let limited = "ulimit -c 0; ulimit -f 128; exec \"$@\"";
    let mut shell = Run::new("sh");
    shell.args(["-c", limited, "sh", BINARY, "export", "usage", "--format", "jsonl", "--data"]).arg(home.data());
    let output = shell.arg("--out").arg(file).output().unwrap();
    assert_eq!(output.status.code(), None, "killed: {} {}", output.status, String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn an_export_that_is_cut_short_does_not_pass_for_a_whole_one() {
    let (home, _) = filled(REPORTS).await;
    let into = |format: &str, stdout: Stdio| {
        let mut command = Run::new(BINARY);
        command.args(["export", "usage", "--format", format, "--data"]).arg(home.data());
        command.stdout(stdout).stderr(Stdio::null()).spawn().unwrap()
    };
    for format in ["csv", "jsonl"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert!(!into(format, full.into()).wait().unwrap().success(), "{format}: the disk is full");
        let mut left = into(format, Stdio::piped());
        let mut first = String::new();
        BufReader::new(left.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty() && !left.wait().unwrap().success(), "{format}: the reader has gone");
    }

    let file = home.path().join("usage.jsonl");
    killed_midway(&home, &file);
    let names = || {
        let names = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("usage.jsonl")).collect::<Vec<_>>()
    };
    let left = names();
    assert!(left.len() == 1 && left[0].ends_with(".partial"), "{left:?}");
    let whole = home.succeed("export", &["usage", "--format", "jsonl"]);
    assert!(fs::metadata(home.path().join(&left[0])).unwrap().len() < u64::try_from(whole.len()).unwrap());

    let write = |format| {
        let written = home.run("export", &["usage", "--format", format, "--out", file.to_str().unwrap()]);
        written.status.success().then_some(format)
    };
    let written: Vec<_> = std::thread::scope(|scope| {
        let writing = ["csv", "jsonl", "csv", "jsonl"].map(|format| scope.spawn(move || write(format)));
        writing.into_iter().filter_map(|one| one.join().unwrap()).collect()
    });
    let [format] = written[..] else { panic!("the first to end has the name: {written:?}") };
    let whole = home.succeed("export", &["usage", "--format", format]);
    assert!(fs::read_to_string(&file).unwrap() == whole, "{format}: nothing of the others is in it");
    assert_eq!(names().len(), 2, "the others leave nothing");
}
