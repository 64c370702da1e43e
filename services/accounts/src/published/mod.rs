//! The part of accounts that other contexts may import: facts, roles, scopes and the actor.

pub mod actor;
pub mod api_key;
pub mod member;
pub mod organization;
