//! The part of settlement that other contexts may import: facts of the ledger and of statements.

pub mod ledger;
pub mod statement;
