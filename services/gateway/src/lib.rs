//! The platform's door: HTTP, GraphQL, health, metrics and the pages. The only crate that knows HTTP serving or GraphQL.
//!
//! `transport` guards and parses, `auth` says who calls, `graphql` answers (one file per context), `ingest` takes what
//! sellers report, `server` binds it all.

pub mod auth;
pub mod blobs;
mod cookies;
pub mod feed;
pub mod graphql;
pub mod health;
pub mod ingest;
mod logo;
pub mod pages;
pub mod platform;
pub mod preview;
pub mod sandbox;
pub mod server;
pub mod signer;
pub mod socket;
pub mod telemetry;
pub mod transport;
pub mod upkeep;

#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;
