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
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::allow_attributes,
        reason = "tests compute freely and may stop on a surprise"
    )
)]

mod address;
pub mod capability;
pub mod content;
pub mod listing;
pub mod provider;
pub mod published;
pub mod wire;
