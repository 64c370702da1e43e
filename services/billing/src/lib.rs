//! Billing: one invoice per agreement and period, rated from the usage that metering recorded.
//!
//! Owns the streams `invoice-<id>`. Words: *drafting* closes the period; *issuing* rates its usage, rounds each line
//! once, adds tax, and makes the total owed; a *void* invoice is not owed, and its usage stays recorded.
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

#[cfg(test)]
mod cases;
pub mod estimate;
pub mod forecast;
pub mod invoice;
pub mod lines;
pub mod proration;
pub mod published;
#[cfg(test)]
mod sample;
pub mod tax;
pub mod verify;
pub mod wire;
