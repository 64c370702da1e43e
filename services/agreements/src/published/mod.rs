//! The part of agreements that other contexts may import: terms, their rating, and facts of offers and agreements.

pub mod agreement;
pub mod market;
pub mod offer;
pub mod rating;
pub mod terms;
