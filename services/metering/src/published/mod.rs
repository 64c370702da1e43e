//! The part of metering that other contexts may import: usage records, the totals of a period, ownership.

pub mod owner;
pub mod report;
pub mod sandbox;
pub mod usage;
