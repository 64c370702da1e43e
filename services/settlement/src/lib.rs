//! Settlement: who is owed what. Double entry for the platform, statements for providers.
//!
//! Owns the streams `ledger-<year>-<month>` and `statement-<id>`. Words: an *entry* is a set of postings that sum to
//! zero; a *statement* is what the platform owes a provider for a month, line by line; the *share* is what is left to
//! the provider after the *commission*.
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

pub mod commission;
pub mod ledger;
pub mod policy;
pub mod published;
#[cfg(test)]
mod sample;
pub mod statement;
pub mod wire;
