//! The service against a real log's port and a real upstream on loopback: what is delivered, recorded and billed.
#![cfg(not(feature = "unmetered"))]

mod admission;
mod batching;
mod closing;
mod health;
mod idempotency;
mod logs;
mod ownership;
mod probe;
mod provision;
mod recording;
mod report;
mod restart;
mod upstream;
mod world;
