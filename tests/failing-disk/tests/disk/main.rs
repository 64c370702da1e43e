//! The embedded log, and what else the platform keeps in SQLite, on a disk that fails and under `kill -9`.
//!
//! `TALLYSTICK_CRASH_ROUNDS` (50 unless given) says how often; `SEED` names the one seed to run again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot get fails it")]

mod beside;
mod book;
mod faults;
mod kill;
mod power;

/// How often to crash.
#[expect(clippy::disallowed_methods, reason = "the one setting of a test, which has no command line of its own")]
fn rounds() -> u64 {
    std::env::var("TALLYSTICK_CRASH_ROUNDS").map_or(50, |rounds| rounds.parse().unwrap())
}

/// The seeds to run: the one that was asked for, or so many.
#[expect(clippy::disallowed_methods, reason = "as above")]
fn seeds(count: u64) -> std::ops::Range<u64> {
    let asked: Option<u64> = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    asked.map_or(0..count, |seed| seed..seed + 1)
}

/// Runs something asynchronous on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
