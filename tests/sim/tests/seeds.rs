//! The simulator over many seeds. `SEED=n` runs one of them again; `TALLYSTICK_CRASH_ROUNDS` says how many there are:
//! six for each round.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot get fails it")]

use std::ops::Range;
use std::process::Command;
use std::thread;

use sim::run::ON_DISK;
use sim::twin::{self, Twin};

/// Seeds run at once.
const AT_ONCE: u64 = 2;

#[expect(clippy::disallowed_methods, reason = "the settings of a test, which has no command line of its own")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// Runs a seed in a process of its own: what it did, or what did not hold.
fn run(seed: u64, twin: Option<Twin>) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    command.arg(seed.to_string()).args(twin.map(|twin| format!("{twin:?}")));
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => Ok(said),
        Some(1) => Err(said),
        _ => panic!("seed {seed} broke: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// What is counted of every run.
const COUNTED: [&str; 10] =
    ["successors", "disks", "setbacks", "calls", "reports", "late", "repeats", "listed", "mismatches", "invoices"];

/// The first seed that fails, if one does, and how much there was of what is counted.
fn run_all(seeds: Range<u64>) -> [u64; COUNTED.len()] {
    let part = |first: u64| {
        let seeds = (seeds.start + first..seeds.end).step_by(usize::try_from(AT_ONCE).unwrap());
        let said = seeds.map(|seed| run(seed, None).unwrap_or_else(|failure| panic!("{failure}")));
        said.fold(Default::default(), |sums, said| plus(sums, COUNTED.map(|word| number(&said, word))))
    };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..AT_ONCE).map(|first| scope.spawn(move || part(first))).collect();
        let sums = parts.into_iter().map(|part| part.join().unwrap());
        sums.fold(Default::default(), plus)
    })
}

fn plus<const N: usize>(left: [u64; N], right: [u64; N]) -> [u64; N] {
    std::array::from_fn(|index| left[index] + right[index])
}

/// The number before a word.
fn number(said: &str, word: &str) -> u64 {
    let mut words = said.split_whitespace();
    let mut before = "";
    words
        .find(|found| {
            found.trim_end_matches(',') == word || {
                before = found;
                false
            }
        })
        .unwrap();
    before.parse().unwrap()
}

#[test]
fn everything_holds_whatever_happens() {
    let seeds = match setting("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("TALLYSTICK_CRASH_ROUNDS").unwrap_or(50) * 6,
    };
    let runs = seeds.end - seeds.start;
    let happened = run_all(seeds);
    println!("{runs} runs: {COUNTED:?} {happened:?}");
    let [successors, disks, setbacks, calls, reports, late, repeats, listed, mismatches, invoices] = happened;
    let reported = reports > 10 * runs && late > runs && repeats > runs && listed > runs && mismatches > runs;
    let on_disk = 2 * disks > runs && 6 * setbacks > runs;
    let enough = successors > runs && on_disk && calls > 10 * runs && reported && invoices > runs;
    assert!(runs == 1 || enough, "too little happened: {COUNTED:?} {happened:?}");
}

#[test]
fn a_seed_is_a_run() {
    for seed in 0..20 {
        assert_eq!(run(seed, None), run(seed, None), "seed {seed}");
    }
}

/// Seeds on which a twin is tried: those with a history on disks, and those with one in memory.
fn tried(on_disk: bool) -> impl Iterator<Item = u64> {
    (0..100).filter(move |seed: &u64| seed.is_multiple_of(ON_DISK) == on_disk)
}

#[test]
fn every_twin_is_caught_and_its_seed_shows_it_again() {
    let tries = twin::ALL.into_iter().flat_map(|twin| [(twin, true), (twin, false)]);
    for (twin, on_disk) in tries.filter(|tried| *tried != (Twin::IndexAhead, false)) {
        let caught = tried(on_disk).find_map(|seed| run(seed, Some(twin)).err().map(|failure| (seed, failure)));
        let (seed, failure) = caught.unwrap_or_else(|| panic!("{twin:?} passes, on disks: {on_disk}"));
        println!("{twin:?}: {}", failure.lines().next().unwrap_or_default());
        assert_eq!(run(seed, Some(twin)), Err(failure));
    }
}
