//! Agreements: what is promised at which price, and what a buyer accepted.
//!
//! Owns the streams `offer-<id>`, `agreement-<id>` and `platform-terms`. Words: an *offer* is terms on a listing; an
//! *agreement* is a buyer's acceptance of one, with terms, commission and tax frozen; *rating* makes charges of
//! quantities.
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

pub mod agreement;
#[cfg(test)]
mod cases;
pub mod market;
pub mod offer;
pub mod published;
#[cfg(test)]
mod sample;
pub mod terms;
pub mod wire;
