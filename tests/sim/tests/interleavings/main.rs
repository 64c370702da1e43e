//! Every order of threads that shuttle finds: the batcher's step around the meters, and the memory of calls' keys.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot get fails it")]

mod batches;
mod keys;

use jiff::Timestamp;

/// Orders tried by each check.
const ORDERS: usize = 3_000;

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}
