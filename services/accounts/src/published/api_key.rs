//! Facts of an API key. Stream: `apikey-<id>`.

use kernel::id::{ApiKeyId, OrganizationId};
use serde::{Deserialize, Serialize};

use super::actor::Scopes;

/// What happened to an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was made; its secret was shown once.
    Created(Created),
    /// It stopped working, for good.
    Revoked(Revoked),
}

/// It was made. The secret itself is never recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The key's id.
    pub api_key: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What its owner calls it, 1 to 80 characters.
    pub label: String,
    /// The first characters of the secret, by which its owner recognises it.
    pub prefix: String,
    /// SHA-256 of the whole secret, hexadecimal. The secret has 256 random bits, so a plain hash is enough.
    pub secret_sha256: String,
    /// What it may do.
    pub scopes: Scopes,
}

/// It stopped working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The key's id.
    pub api_key: ApiKeyId,
    /// Whose it was.
    pub organization: OrganizationId,
}
