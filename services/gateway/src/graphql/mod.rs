//! The GraphQL schema, one file per part of a context, and the guard before it.
//!
//! `matrix` says who may ask for what, `access` enforces it, `work` is what mutations share, `errors` what clients see.

#![expect(clippy::unused_async, reason = "a resolver is an async function, whether it waits or not")]

mod acceptance;
pub mod access;
pub mod accounts;
pub mod agreements;
pub mod analytics;
pub mod billing;
pub mod capabilities;
pub mod capability_map;
pub mod capability_mutation;
pub mod connection;
pub mod details;
pub mod errors;
pub mod estimate;
pub mod facets;
pub mod forecast;
pub mod health;
pub mod invocation;
pub mod listing_mutation;
pub mod listings;
pub mod live;
pub mod log;
pub mod market_search;
pub mod matrix;
pub mod node;
pub mod offers;
pub mod probes;
pub mod receipts;
pub mod sandbox;
pub mod scalars;
pub mod schema;
pub mod settlement;
pub mod status;
pub mod stores;
pub mod terms;
pub mod upkeep;
pub mod usage;
pub mod work;

/// The schema in GraphQL's own language. Needs no store.
pub fn sdl() -> String {
    schema::builder().finish().sdl()
}
