//! What every context shares: the decider, ids, money, quantities, periods, the shape of a recorded event.
//!
//! Pure: no clock, no randomness, no IO. A word that only one context uses does not belong here.
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

pub mod decider;
pub mod error;
pub mod event;
pub mod exact;
pub mod id;
pub mod localized;
pub mod merkle;
pub mod meter;
pub mod money;
pub mod period;
pub mod sealed;
pub mod slug;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wire;
