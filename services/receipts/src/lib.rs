//! Receipts: proof, for anyone and offline, that a usage record is in the log that the platform signed.
//!
//! A record's salted leaf is in its batch's tree, the batch's root is in its event, the event is a leaf of the log's
//! RFC 6962 tree, and the tree's head is signed as a C2SP checkpoint. Words: leaf, node, root, proof, note, checkpoint.
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

pub mod checkpoint;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod receipt;
#[cfg(test)]
mod receipt_tests;
pub mod tree;
