//! The event log: its port, its backends, and what is written once for all of them.
//!
//! The port is the intersection of what the backends can promise. `execute`, `project` and `react` are the only ways
//! in which the rest of the platform writes, derives from, and answers to events.

pub mod backup;
pub mod checkpoints;
pub mod claim;
pub mod clock;
pub mod codec;
pub mod cursor;
pub mod execute;
mod follow;
pub mod incarnation;
#[cfg(feature = "kurrentdb")]
pub mod kurrent;
#[cfg(any(test, feature = "suite"))]
pub mod model;
pub mod port;
pub mod progress;
pub mod project;
pub mod react;
pub mod sessions;
pub mod sqlite;
mod subscription;
#[cfg(any(test, feature = "suite"))]
#[expect(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "tests, for other crates as well")]
pub mod suite;
pub mod vault;
pub mod vitals;

#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod execute_tests;
#[cfg(test)]
mod faulty;
#[cfg(test)]
mod follow_tests;
#[cfg(test)]
mod schedule_tests;
