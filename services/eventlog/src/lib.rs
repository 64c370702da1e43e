//! The event log: its port, its backends, and what is written once for all of them.
//!
//! The port is the intersection of what the backends can promise. `execute`, `project` and `react` are the only ways
//! in which the rest of the platform writes, derives from, and answers to events.

pub mod backup;
pub mod beside;
pub mod checkpoints;
pub mod claim;
pub mod clock;
pub mod codec;
pub mod cursor;
pub mod execute;
mod fact;
mod follow;
mod group;
mod heads;
pub mod incarnation;
#[cfg(feature = "kurrentdb")]
pub mod kurrent;
pub mod lock;
#[cfg(any(test, feature = "suite"))]
pub mod model;
pub mod port;
pub mod postgres;
pub mod progress;
pub mod project;
pub mod react;
mod repeat;
pub mod sessions;
pub mod sqlite;
mod subscription;
#[cfg(any(test, feature = "suite"))]
#[expect(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "tests, for other crates as well")]
pub mod suite;
mod tail;
pub mod vault;
pub mod verified;
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
