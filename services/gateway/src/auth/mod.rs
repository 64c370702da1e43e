//! Who calls: API keys, session tokens, passwords. Authority leaves here as an `Actor` value.

pub mod api_key;
pub mod authenticator;
pub mod password;
pub mod token;
