//! The keys that sign checkpoints: one in use per log, and the public halves of all that ever were.
//!
//! What a key's public half looks like is the signer's business; here it is a text.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use zeroize::Zeroizing;

use super::{FORMAT, Secret, Vault, VaultError};

pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS signing_key (
        number INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        public TEXT NOT NULL UNIQUE,
        seed BLOB,
        created_at INTEGER NOT NULL,
        retired_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS signing_key_in_use ON signing_key (origin) WHERE retired_at IS NULL;
";

/// The public half of a key that signs, or has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The log it signs for.
    pub origin: String,
    /// Its public half, as verifiers take it.
    pub public: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When another took its place; it signs nothing more, and what it signed stays good.
    pub retired_at: Option<Timestamp>,
}

impl Vault {
    /// The secret of the key in use for a log; `None` before the first.
    pub fn signing_seed(&self, origin: &str) -> Result<Option<Secret>, VaultError> {
        let text = "SELECT seed FROM signing_key WHERE origin = ?1 AND retired_at IS NULL";
        let connection = self.connection();
        let seed = connection.query_row(text, [origin], |row| row.get::<_, [u8; 32]>("seed")).optional()?;
        Ok(seed.map(Zeroizing::new))
    }

    /// Puts a key to use; the one before retires, and its secret is erased.
    pub fn use_signing_key(&self, origin: &str, public: &str, seed: &Secret, now: Timestamp) -> Result<(), VaultError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let text = "UPDATE signing_key SET retired_at = ?2, seed = NULL WHERE origin = ?1 AND retired_at IS NULL";
        transaction.execute(text, (origin, now.as_microsecond()))?;
        let text = "INSERT INTO signing_key (origin, public, seed, created_at) VALUES (?1, ?2, ?3, ?4)";
        transaction.execute(text, (origin, public, seed.as_slice(), now.as_microsecond()))?;
        Ok(transaction.commit()?)
    }

    /// As [`Self::signing_keys`], of a data directory that may be in use; `None` where it has no `keys.db`, which is not
    /// made.
    pub fn signing_keys_in(directory: &Path) -> Result<Option<Vec<SigningKey>>, VaultError> {
        let Some(connection) = FORMAT.read::<VaultError>(directory)? else { return Ok(None) };
        let is_new = !connection.table_exists(None, "signing_key")?;
        if is_new { Ok(Some(Vec::new())) } else { Ok(Some(signing_keys(&connection)?)) }
    }

    /// Every key there ever was, the oldest first.
    pub fn signing_keys(&self) -> Result<Vec<SigningKey>, VaultError> {
        Ok(signing_keys(&self.connection())?)
    }
}

fn signing_keys(connection: &Connection) -> rusqlite::Result<Vec<SigningKey>> {
    let text = "SELECT origin, public, created_at, retired_at FROM signing_key ORDER BY number";
    let mut statement = connection.prepare(text)?;
    statement.query_map([], read)?.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<SigningKey> {
    Ok(SigningKey {
        origin: row.get("origin")?,
        public: row.get("public")?,
        created_at: instant(row.get("created_at")?),
        retired_at: row.get::<_, Option<i64>>("retired_at")?.map(instant),
    })
}

fn instant(microsecond: i64) -> Timestamp {
    Timestamp::from_microsecond(microsecond).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn secret(byte: u8) -> Secret {
        Zeroizing::new([byte; 32])
    }

    #[test]
    fn a_key_is_there_again_after_a_restart_and_for_its_log_only() {
        let directory = TempDir::new().unwrap();
        let vault = Vault::open(directory.path()).unwrap();
        assert!(vault.signing_seed("log/1").unwrap().is_none());
        vault.use_signing_key("log/1", "public 1", &secret(1), at(10)).unwrap();
        drop(vault);
        let vault = Vault::open(directory.path()).unwrap();
        assert_eq!(*vault.signing_seed("log/1").unwrap().unwrap(), [1; 32]);
        assert!(vault.signing_seed("log/2").unwrap().is_none());
    }

    #[test]
    fn a_key_that_retires_stays_listed_without_its_secret() {
        let directory = TempDir::new().unwrap();
        let vault = Vault::open(directory.path()).unwrap();
        vault.use_signing_key("log/1", "public 1", &secret(0xa7), at(10)).unwrap();
        vault.use_signing_key("log/1", "public 2", &secret(2), at(20)).unwrap();
        vault.use_signing_key("log/2", "public 3", &secret(3), at(30)).unwrap();
        assert_eq!(*vault.signing_seed("log/1").unwrap().unwrap(), [2; 32]);
        let keys = vault.signing_keys().unwrap();
        let shown: Vec<_> = keys.iter().map(|key| (key.public.as_str(), key.retired_at)).collect();
        assert_eq!(shown, [("public 1", Some(at(20))), ("public 2", None), ("public 3", None)]);
        let bytes = std::fs::read(directory.path().join(super::super::FILE_NAME)).unwrap();
        assert!(!bytes.windows(32).any(|window| window == [0xa7; 32]));
        assert!(bytes.windows(32).any(|window| window == [2; 32]));
    }
}
