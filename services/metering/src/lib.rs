//! Metering: what a call used, what of it is free, and in which period it counts.
//!
//! Streams: `usage-<node>.<epoch>` (batches of usage records), `platform-owner` (which node may admit usage),
//! `platform-sandbox` (what visitors may try). Words: hold, allowance, settle, usage record, batch, epoch, sandbox.
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

pub mod account;
pub mod body;
mod counters;
pub mod meters;
#[cfg(test)]
mod meters_tests;
pub mod owner;
pub mod published;
#[cfg(test)]
mod report_tests;
pub mod sandbox;
pub mod wire;
