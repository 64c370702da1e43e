//! Accounts: who takes part, who acts for whom, and what each may do.
//!
//! Streams: `organization-<id>`, `member-<id>`, `apikey-<id>`.
//! Words: organization, operator, member, role, API key, scope, actor. Pure: seals, hashes and ids come in commands.
#![deny(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

pub mod api_key;
pub mod member;
pub mod organization;
pub mod published;
pub mod wire;
