//! The integration tests: the public API and the command line, against the real binary on real sockets.
//!
//! Every test starts a platform of its own on a throw-away directory and port 0; they run in any order and at once.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot get fails it")]
#![expect(clippy::print_stderr, reason = "a failing test shows what its platform said")]

mod access;
mod bad_input;
#[expect(dead_code, reason = "the event log's own tests use all of it")]
#[path = "../../services/eventlog/src/suite/cluster.rs"]
mod cluster;
mod crash;
mod disconnect;
mod exactness;
mod export;
mod faults;
mod goods;
mod hasty;
mod hostile;
mod ingest;
#[cfg(feature = "kurrentdb-double")]
mod kurrentdb;
mod late;
mod liar;
mod live;
mod market;
mod operations;
mod platform;
mod readme;
mod receipts;
mod sample;
mod seeded;
mod session;
mod socket;
mod storage;
mod storefront;
mod takeover;
mod tour;
mod upkeep;
mod upstream;
mod visitor;
