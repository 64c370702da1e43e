//! GraphQL over HTTP, our own: guard first, then parse, then hand a parsed request to the executor.
//!
//! Follows the GraphQL-over-HTTP specification: POST, and GET for trusted queries. A document of any shape gets an
//! answer; what is refused is refused before anything recursive sees it.

pub mod address;
pub mod answer;
pub mod body;
pub mod cost;
pub mod documents;
pub mod handler;
pub mod limiter;
pub mod limits;
pub mod negotiate;
pub mod refusal;
pub mod request;
pub mod scan;
