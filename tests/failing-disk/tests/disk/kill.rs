//! `kill -9` between two appends, in the middle of one, in the middle of a commit.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use eventlog::sqlite::{Options, verify};
use failing_disk::load;
use tempfile::TempDir;

use crate::{block_on, rounds};

/// Rounds on one log; then a new one, so that checking it stays quick.
const ROUNDS_PER_LOG: u64 = 10;

/// Appends answered so far, by stream.
type Answered = HashMap<u32, u64>;

/// Lets a process append for a while, and kills it.
fn append_and_kill(directory: &Path, mode: &str, answered: &mut Answered, rng: &mut fastrand::Rng) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_appender"));
    let mut child = command.arg(directory).arg(mode).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let heard = rng.usize(1..150);
    note(answered, lines.by_ref().take(heard).map(Result::unwrap));
    std::thread::sleep(Duration::from_micros(rng.u64(0..3_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    note(answered, lines.map_while(Result::ok));
}

fn note(answered: &mut Answered, lines: impl Iterator<Item = String>) {
    for line in lines {
        let (stream, append) = line.split_once(' ').unwrap();
        let count = answered.entry(stream.parse().unwrap()).or_default();
        *count = (*count).max(append.parse::<u64>().unwrap() + 1);
    }
}

/// Everything answered is there, and no append by half.
async fn check(directory: &Path, answered: &Answered) -> Result<(), String> {
    let log = load::open(directory, &Options::default()).unwrap();
    for (stream, answered) in answered {
        let found = load::found(&log, *stream).await.unwrap()?;
        if found < *answered {
            return Err(format!("stream {stream}: {answered} answered, {found} found"));
        }
    }
    log.close().await;
    verify(directory).map(|_| ()).map_err(|error| error.to_string())
}

/// So many rounds, or until something is lost.
fn kill_often(mode: &str, rounds: u64) -> Result<(), String> {
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut directory, mut answered) = (TempDir::new().unwrap(), Answered::new());
    for round in 0..rounds {
        if round % ROUNDS_PER_LOG == 0 {
            (directory, answered) = (TempDir::new().unwrap(), Answered::new());
        }
        append_and_kill(directory.path(), mode, &mut answered, &mut rng);
        assert!(!answered.is_empty(), "something was appended");
        block_on(check(directory.path(), &answered))?;
    }
    Ok(())
}

#[test]
fn every_answered_append_outlives_its_process() {
    assert_eq!(kill_often("durable", rounds()), Ok(()));
}

#[test]
fn a_log_that_answers_before_its_commit_is_caught() {
    assert!(kill_often("hasty", 50).is_err(), "nothing was lost");
}
