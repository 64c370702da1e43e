//! The part of billing that other contexts may import: facts of invoices.

pub mod invoice;
