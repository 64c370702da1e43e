//! Passwords: argon2id, off the asynchronous threads, only a few at a time.
//!
//! An unknown e-mail takes the time of a known one: its password is checked against a hash that nobody's matches.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Characters of a password at least (NIST SP 800-63B §5.1.1.2 asks for 8).
pub const LENGTH_MIN: usize = 10;
/// Bytes of a password at most, so that hashing has a bound.
pub const BYTES_MAX: usize = 256;
/// How many may wait for their turn; more are told to come back.
const WAITING_MAX: usize = 64;

/// Why a password was not hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than [`LENGTH_MIN`] characters or longer than [`BYTES_MAX`] bytes.
    #[error("a password has at least {LENGTH_MIN} characters and at most {BYTES_MAX} bytes")]
    Length,
    /// Too many at once.
    #[error("too many sign-ins at this moment")]
    Busy,
    /// Hashing itself failed.
    #[error("the password could not be hashed")]
    Hashing,
}

/// Hashes and checks passwords, each taking 19 MiB and tens of milliseconds.
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    nobodys: String,
}

impl Passwords {
    /// With so many at the same time, at least one.
    pub fn new(concurrent: usize) -> Result<Self, PasswordError> {
        Ok(Self {
            turns: Arc::new(Semaphore::new(concurrent.max(1))),
            queue: Arc::new(Semaphore::new(WAITING_MAX)),
            nobodys: hash_now("nobody has this password")?,
        })
    }

    /// The argon2id hash of a new password, in PHC format with a fresh salt.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        if password.chars().count() < LENGTH_MIN || password.len() > BYTES_MAX {
            return Err(PasswordError::Length);
        }
        self.in_turn(move || hash_now(&password)).await?
    }

    /// Whether the password belongs to the hash; `None` where there is no such member: then never, in the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        if password.len() > BYTES_MAX {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys.clone());
        let matches = self.in_turn(move || verify_now(&password, &hash)).await?;
        Ok(matches && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let _place = self.queue.clone().try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let work = spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        work.await.map_err(|_| PasswordError::Hashing)
    }
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Hashing)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordError::Hashing)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Hashing)
}

fn verify_now(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_taken() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert_eq!(passwords.verify("correct horse".to_owned(), Some(hash.clone())).await, Ok(true));
        assert_eq!(passwords.verify("wrong horse".to_owned(), Some(hash)).await, Ok(false));
    }

    #[tokio::test]
    async fn nobodys_password_lets_nobody_in() {
        let passwords = Passwords::new(1).unwrap();
        assert!(verify_now("nobody has this password", &passwords.nobodys));
        assert_eq!(passwords.verify("nobody has this password".to_owned(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn lengths_are_bounded() {
        let passwords = Passwords::new(1).unwrap();
        assert_eq!(passwords.hash("short".to_owned()).await, Err(PasswordError::Length));
        assert_eq!(passwords.hash("x".repeat(257)).await, Err(PasswordError::Length));
        assert_eq!(passwords.verify("x".repeat(257), None).await, Ok(false));
    }

    #[tokio::test]
    async fn more_than_may_wait_are_told_so() {
        let passwords = Passwords::new(1).unwrap();
        let _all = passwords.queue.clone().acquire_many_owned(u32::try_from(WAITING_MAX).unwrap()).await.unwrap();
        assert_eq!(passwords.verify("any".to_owned(), None).await, Err(PasswordError::Busy));
    }

    #[test]
    fn a_damaged_hash_matches_nothing() {
        assert!(!verify_now("any", "not a hash"));
    }
}
