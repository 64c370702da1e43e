//! The part of the catalog that other contexts may import: facts of capabilities, providers and listings, and how a
//! call is counted.

pub mod capability;
pub mod category;
pub mod health;
pub mod listing;
pub mod measure;
pub mod provider;
