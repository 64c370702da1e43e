//! Who calls: API keys, access tokens, sessions, passwords. Authority leaves here as an `Actor` value.

pub mod api_key;
pub mod authenticator;
pub mod password;
pub mod refresh;
pub mod token;
pub mod visit;
