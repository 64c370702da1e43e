//! Read models: what the log says, in tables that answer queries.
//!
//! One SQLite file, one source file per context with its tables, how events change them, and what can be asked.
//! Everything here is disposable: delete the file, replay the log, get the same rows. Queries are plain blocking
//! functions on [`store::Views`]; only [`projection::ViewsProjection`] writes. Beside it, [`seen`] is an index of keys.

pub mod accounts;
pub mod agreements;
pub mod billing;
pub mod calls;
pub mod catalog;
pub mod coverage;
pub mod digest;
pub mod facets;
pub mod health;
pub mod listings;
pub mod log;
pub mod market_search;
pub mod overview;
pub mod page;
pub mod price;
pub mod probes;
pub mod projection;
mod search;
pub mod seen;
pub mod settlement;
mod sql;
pub mod store;
pub mod tree;
pub mod usage;
pub mod usage_feed;
pub mod usage_series;
mod usage_sums;

#[cfg(test)]
mod tests;
