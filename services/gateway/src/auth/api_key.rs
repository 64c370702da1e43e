//! The secrets of API keys: 256 random bits, shown once, known afterwards by their SHA-256 only.

use kernel::merkle::hex;
use sha2::{Digest, Sha256};

/// Every secret starts with this, so that a leaked one is recognised by scanners.
pub const PREFIX: &str = "tsk_";
/// How many characters of a secret its owner may be shown afterwards.
const SHOWN_CHARACTERS: usize = 10;
const RANDOM_BYTES: usize = 32;
const SECRET_LENGTH: usize = PREFIX.len() + 2 * RANDOM_BYTES;

/// A secret that was just made. Prints nothing of itself.
pub struct Secret(String);

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no randomness to be had")]
pub struct NoRandomness;

impl Secret {
    /// Makes a secret from the operating system's randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(format!("{PREFIX}{}", hex(&bytes))))
    }

    /// The whole secret: to be shown once and then forgotten.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first characters, by which its owner recognises it.
    pub fn prefix(&self) -> String {
        self.0.chars().take(SHOWN_CHARACTERS).collect()
    }

    /// SHA-256 of the whole secret.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The SHA-256 of a presented secret; `None` where it cannot be one.
pub fn presented(token: &str) -> Option<[u8; 32]> {
    let shaped = token.starts_with(PREFIX) && token.len() == SECRET_LENGTH;
    shaped.then(|| Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_by_its_hash() {
        let secret = Secret::generate().unwrap();
        assert_eq!(presented(secret.reveal()), Some(secret.sha256()));
        assert_ne!(Secret::generate().unwrap().sha256(), secret.sha256());
        assert!(secret.reveal().starts_with(&secret.prefix()));
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::generate().unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn other_texts_are_not_hashed() {
        for text in ["", "tsk_", "tsk_short", &"x".repeat(68), &format!("tsk_{}", "x".repeat(1_000))] {
            assert_eq!(presented(text), None, "{text}");
        }
    }
}
