//! The path of one call: resolve, check, admit, dispatch, measure, settle durably, and only then answer.
//!
//! Holds the hot state (keys, terms, contracts, counters) in memory and appends usage in batches, one append in
//! flight. Knows nothing of HTTP serving, GraphQL or SQL. Words: call, route, batch, reply.

mod append;
mod attempt;
pub mod batcher;
pub mod call;
pub mod closing;
pub mod contract;
pub mod fingerprint;
pub mod follower;
pub mod health;
pub mod market;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod ownership;
mod path;
pub mod probe;
mod recents;
pub mod replies;
pub mod report;
pub mod routing;
pub mod service;
#[cfg(test)]
mod tests;
mod unmetered;
pub mod usage;
