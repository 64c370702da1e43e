//! Calls upstreams: JSON over HTTP with a deadline, a size limit and a circuit breaker.
//!
//! Addresses come from providers and are hostile: what a name leads to is checked when the connection is made, and
//! redirects are not followed. Deliberately absent: retries, which only `invocation` can decide.

mod answer;
pub mod breaker;
mod breakers;
pub mod error;
pub mod fetch;
pub mod reach;
mod resolver;
pub mod upstreams;
