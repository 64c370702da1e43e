//! Personal text as the log holds it: sealed with its subject's key, so that erasing the key erases the person.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A sealed text. The vault at the edge seals and opens it; rules only carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose key opens it.
    pub subject: Uuid,
    /// Nonce and ciphertext, base64.
    pub ciphertext: String,
}
