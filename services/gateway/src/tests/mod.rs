//! The schema over a real log, real views and the real service, in one process and without sockets.

mod accounts;
mod branding;
pub mod harness;
mod invocation;
pub mod market;
mod matrix;
mod operations;
mod probes;
mod provider;
mod receipts;
mod sandbox;
mod tenancy;
mod upkeep;
