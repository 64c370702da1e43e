//! The vault: the keys of persons and of the platform, in a file beside the log.
//!
//! Personal text stands in the log sealed with its subject's key; erasing the key erases the person, and the log stays
//! as it was. Without `keys.db` nothing sealed can be read again: back it up apart from the log.

pub mod signing;

use std::collections::HashMap;
use std::fmt;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use kernel::merkle::hex;
use kernel::sealed::Sealed;
use rusqlite::{Connection, OptionalExtension};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::beside::{Format, Newer};

/// 32 secret bytes, wiped when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// The keys' file within the data directory.
pub const FILE_NAME: &str = "keys.db";
const FORMAT: Format = Format {
    name: FILE_NAME,
    version: 1,
    // A rollback journal that is overwritten, not a write-ahead log: that would keep erased keys.
    settings: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;",
    tables: &[
        "CREATE TABLE IF NOT EXISTS subject (id BLOB PRIMARY KEY, key BLOB) STRICT;
         CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;",
        signing::TABLES,
    ],
    distrusts_the_log: false,
};
const NONCE_BYTES: usize = 24;
/// The secret behind [`Vault::blind_index`].
const PEPPER: &str = "blind_index";
/// Keys kept in memory; past this many all are forgotten and read again.
const CACHED_MAX: usize = 10_000;
/// The longest text that can be sealed, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Why the vault gave no answer. Holds no secrets.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file could not be made readable by its owner alone.
    #[error("the key file cannot be used")]
    File(#[from] std::io::Error),
    /// The file could not be read or written.
    #[error("the key file failed")]
    Storage(#[from] rusqlite::Error),
    /// Written by a newer version of this program.
    #[error(transparent)]
    Newer(#[from] Newer),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[from] getrandom::Error),
    /// The subject's key has been erased; nothing more is sealed for it.
    #[error("the subject has been erased")]
    Erased,
    /// Longer than [`TEXT_BYTES_MAX`].
    #[error("the text is too long to be sealed")]
    TooLong,
    /// The sealed text is not what was sealed.
    #[error("the sealed text is damaged")]
    Damaged,
}

/// Keys and what they are for. Its calls may wait for the disk: a subject's first, an erasure, a secret's first.
pub struct Vault {
    connection: Mutex<Connection>,
    cached: Mutex<HashMap<Uuid, Arc<Secret>>>,
    /// SQLite's count of other processes' changes, as last seen.
    file_version: AtomicI64,
    pepper: Secret,
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Vault(redacted)")
    }
}

impl Vault {
    /// Opens `keys.db` in the data directory, or makes it, readable by its owner alone. Blocks.
    pub fn open(directory: &Path) -> Result<Self, VaultError> {
        std::fs::create_dir_all(directory)?;
        make_private(&directory.join(FILE_NAME))?;
        let connection = FORMAT.open::<VaultError>(directory)?;
        let pepper = secret(&connection, PEPPER)?;
        let file_version = AtomicI64::default();
        Ok(Self { connection: Mutex::new(connection), cached: Mutex::default(), file_version, pepper })
    }

    /// Seals a text with its subject's key, made now if it is the first: XChaCha20-Poly1305, a random nonce, the
    /// subject as associated data.
    pub fn seal(&self, subject: Uuid, text: &str) -> Result<Sealed, VaultError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(VaultError::TooLong);
        }
        let key = self.key_or_new(subject)?;
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload { msg: text.as_bytes(), aad: subject.as_bytes() };
        let sealed = cipher(&key).encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| VaultError::Damaged)?;
        let ciphertext = STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(Sealed { subject, ciphertext })
    }

    /// Opens a sealed text; `None` when its subject has been erased.
    pub fn unseal(&self, sealed: &Sealed) -> Result<Option<String>, VaultError> {
        let Some(key) = self.key(sealed.subject)? else { return Ok(None) };
        let bytes = STANDARD_NO_PAD.decode(&sealed.ciphertext).map_err(|_| VaultError::Damaged)?;
        let (nonce, sealed_text) = bytes.split_at_checked(NONCE_BYTES).ok_or(VaultError::Damaged)?;
        let payload = Payload { msg: sealed_text, aad: sealed.subject.as_bytes() };
        let text = cipher(&key).decrypt(XNonce::from_slice(nonce), payload).map_err(|_| VaultError::Damaged)?;
        String::from_utf8(text).map(Some).map_err(|_| VaultError::Damaged)
    }

    /// Erases a subject's key for good, whether or not there was one.
    pub fn erase(&self, subject: Uuid) -> Result<(), VaultError> {
        let connection = self.connection();
        connection.execute("INSERT OR REPLACE INTO subject (id, key) VALUES (?1, NULL)", [subject.as_bytes()])?;
        self.cached().remove(&subject);
        Ok(())
    }

    /// A keyed hash by which equal texts are found without being readable: HMAC-SHA256 of the trimmed, lower-cased
    /// text, hex.
    pub fn blind_index(&self, text: &str) -> Result<String, VaultError> {
        let normal = Zeroizing::new(text.trim().to_lowercase());
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.pepper.as_slice()).map_err(|_| VaultError::Damaged)?;
        mac.update(normal.as_bytes());
        Ok(hex(&mac.finalize().into_bytes()))
    }

    /// A secret of the platform, made at its first use, the same ever after.
    pub fn secret(&self, name: &str) -> Result<Secret, VaultError> {
        secret(&self.connection(), name)
    }

    fn key(&self, subject: Uuid) -> Result<Option<Arc<Secret>>, VaultError> {
        // Held until the key is cached, so that no erasure comes in between.
        let connection = self.connection();
        self.forget_if_changed(&connection)?;
        if let Some(key) = self.cached().get(&subject) {
            return Ok(Some(Arc::clone(key)));
        }
        match stored_key(&connection, subject)? {
            Stored::Key(key) => Ok(Some(self.remember(subject, key))),
            Stored::Erased | Stored::None => Ok(None),
        }
    }

    fn key_or_new(&self, subject: Uuid) -> Result<Arc<Secret>, VaultError> {
        let connection = self.connection();
        self.forget_if_changed(&connection)?;
        if let Some(key) = self.cached().get(&subject) {
            return Ok(Arc::clone(key));
        }
        match stored_key(&connection, subject)? {
            Stored::Key(key) => Ok(self.remember(subject, key)),
            Stored::Erased => Err(VaultError::Erased),
            Stored::None => {
                let key = random()?;
                let row = (subject.as_bytes(), key.as_slice());
                connection.execute("INSERT INTO subject (id, key) VALUES (?1, ?2)", row)?;
                Ok(self.remember(subject, key))
            }
        }
    }

    /// Another process may have erased somebody: what is in memory counts only while the file is as it was.
    fn forget_if_changed(&self, connection: &Connection) -> Result<(), VaultError> {
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.file_version.swap(version, Ordering::Relaxed) != version {
            self.cached().clear();
        }
        Ok(())
    }

    fn remember(&self, subject: Uuid, key: Secret) -> Arc<Secret> {
        let key = Arc::new(key);
        let mut cached = self.cached();
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert(subject, Arc::clone(&key));
        key
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Secret>>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the file knows of a subject.
enum Stored {
    Key(Secret),
    Erased,
    None,
}

fn stored_key(connection: &Connection, subject: Uuid) -> Result<Stored, VaultError> {
    let mut statement = connection.prepare_cached("SELECT key FROM subject WHERE id = ?1")?;
    let key = statement.query_row([subject.as_bytes()], |row| row.get::<_, Option<[u8; 32]>>(0)).optional()?;
    Ok(match key {
        Some(Some(key)) => Stored::Key(Zeroizing::new(key)),
        Some(None) => Stored::Erased,
        None => Stored::None,
    })
}

fn secret(connection: &Connection, name: &str) -> Result<Secret, VaultError> {
    let fresh = random()?;
    connection.execute("INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)", (name, fresh.as_slice()))?;
    let value = connection.query_row("SELECT value FROM secret WHERE name = ?1", [name], |row| row.get(0))?;
    Ok(Zeroizing::new(value))
}

fn random() -> Result<Secret, VaultError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut_slice())?;
    Ok(key)
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.as_slice().into())
}

/// Makes the file before SQLite does, so that nobody else can read it at any time.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const SUBJECT: Uuid = Uuid::from_u128(7);

    fn vault() -> (TempDir, Vault) {
        let directory = TempDir::new().unwrap();
        let vault = Vault::open(directory.path()).unwrap();
        (directory, vault)
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        crate::beside::tests::check_versions(FILE_NAME, Vault::open);
    }

    #[test]
    fn a_sealed_text_opens_again_after_a_restart() {
        let (directory, vault) = vault();
        let sealed = vault.seal(SUBJECT, "李雷 <li@example.org>").unwrap();
        drop(vault);
        let vault = Vault::open(directory.path()).unwrap();
        assert_eq!(vault.unseal(&sealed).unwrap().as_deref(), Some("李雷 <li@example.org>"));
    }

    #[test]
    fn an_erased_subject_is_gone_and_stays_gone() {
        let (directory, vault) = vault();
        let sealed = vault.seal(SUBJECT, "Ada").unwrap();
        vault.erase(SUBJECT).unwrap();
        assert_eq!(vault.unseal(&sealed).unwrap(), None);
        assert!(matches!(vault.seal(SUBJECT, "Ada"), Err(VaultError::Erased)));
        drop(vault);
        let vault = Vault::open(directory.path()).unwrap();
        assert_eq!(vault.unseal(&sealed).unwrap(), None);
    }

    #[test]
    fn whom_another_process_erased_is_gone_at_once() {
        let (directory, vault) = vault();
        let sealed = vault.seal(SUBJECT, "Ada").unwrap();
        assert_eq!(vault.unseal(&sealed).unwrap().as_deref(), Some("Ada"));
        Vault::open(directory.path()).unwrap().erase(SUBJECT).unwrap();
        assert_eq!(vault.unseal(&sealed).unwrap(), None);
        assert!(matches!(vault.seal(SUBJECT, "Ada"), Err(VaultError::Erased)));
    }

    #[test]
    fn an_erased_key_is_no_longer_in_the_file() {
        let (directory, vault) = vault();
        vault.seal(SUBJECT, "Ada").unwrap();
        let key = vault.key(SUBJECT).unwrap().unwrap();
        let found = |needle: &[u8]| {
            let bytes = std::fs::read(directory.path().join(FILE_NAME)).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        };
        assert!(found(key.as_slice()));
        vault.erase(SUBJECT).unwrap();
        assert!(!found(key.as_slice()));
    }

    #[test]
    fn a_text_does_not_open_as_another_subjects_or_with_a_byte_changed() {
        let (_directory, vault) = vault();
        let sealed = vault.seal(SUBJECT, "Ada").unwrap();
        let other = vault.seal(Uuid::from_u128(8), "Bob").unwrap();
        let swapped = Sealed { subject: other.subject, ciphertext: sealed.ciphertext.clone() };
        assert!(matches!(vault.unseal(&swapped), Err(VaultError::Damaged)));
        let mut bytes = STANDARD_NO_PAD.decode(&sealed.ciphertext).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        let flipped = Sealed { subject: SUBJECT, ciphertext: STANDARD_NO_PAD.encode(bytes) };
        assert!(matches!(vault.unseal(&flipped), Err(VaultError::Damaged)));
        let short = Sealed { subject: SUBJECT, ciphertext: "AAAA".to_owned() };
        assert!(matches!(vault.unseal(&short), Err(VaultError::Damaged)));
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        let (_directory, vault) = vault();
        assert_ne!(vault.seal(SUBJECT, "Ada").unwrap(), vault.seal(SUBJECT, "Ada").unwrap());
    }

    #[test]
    fn the_blind_index_knows_an_address_however_it_is_typed_and_differs_between_vaults() {
        let (_one, first) = vault();
        let (_two, second) = vault();
        let index = first.blind_index("li@example.org").unwrap();
        assert_eq!(first.blind_index(" Li@Example.ORG ").unwrap(), index);
        assert_ne!(first.blind_index("le@example.org").unwrap(), index);
        assert_ne!(second.blind_index("li@example.org").unwrap(), index);
    }

    #[test]
    fn a_secret_is_made_once() {
        let (directory, vault) = vault();
        let seed = vault.secret("session").unwrap();
        assert_ne!(*vault.secret("other").unwrap(), *seed);
        drop(vault);
        assert_eq!(*Vault::open(directory.path()).unwrap().secret("session").unwrap(), *seed);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let (directory, _vault) = vault();
        let mode = std::fs::metadata(directory.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn printing_a_vault_shows_no_key() {
        let (_directory, vault) = vault();
        assert_eq!(format!("{vault:?}"), "Vault(redacted)");
    }
}
