//! The catalog: what can be asked for (capabilities), who sells (providers), what they offer (listings), and how that
//! answers (health).
//!
//! Streams: `capability-<slug>`, `provider-<id>`, `listing-<id>`, `health-<node>.<epoch>`.
//! Words: capability, contract, measure, provider, store, listing, content, review. Pure: ids come in commands.
#![deny(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod address;
pub mod capability;
pub mod content;
pub mod listing;
pub mod provider;
pub mod published;
pub mod wire;
