//! What a backup holds, as JSON beside its files.

use std::fs;
use std::path::{Component, Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::BackupError;
use super::files::failed;
use crate::incarnation::Incarnation;

/// The version of the manifest and of what lies beside it.
pub(super) const FORMAT: u32 = 1;
/// The manifest's name in the backup.
pub(super) const FILE_NAME: &str = "backup.json";
/// A manifest may list some hundred thousand files.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of this form.
    pub format: u32,
    /// When the snapshot was taken, UTC.
    pub taken_at: Timestamp,
    /// The history that its log tells.
    pub incarnation: Incarnation,
    /// Events in its log.
    pub events: u64,
    /// Every file but this one.
    pub files: Vec<Entry>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path within the backup, with `/`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of what it holds, hexadecimal.
    pub sha256: String,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    /// Reads the manifest of a backup and checks that it names plain files within it.
    pub fn read(backup: &Path) -> Result<Self, BackupError> {
        let refused = |reason: String| BackupError::NotABackup { path: backup.to_owned(), reason };
        let path = backup.join(FILE_NAME);
        let size = fs::metadata(&path).map_err(|error| refused(format!("{FILE_NAME}: {error}")))?.len();
        if size > BYTES_MAX {
            return Err(refused(format!("{FILE_NAME} is larger than {BYTES_MAX} bytes")));
        }
        let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
        let unreadable = |error: serde_json::Error| refused(format!("{FILE_NAME}: {error}"));
        let Format { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if format > FORMAT {
            return Err(BackupError::Newer { found: format });
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(unreadable)?;
        match manifest.files.iter().find(|entry| !is_plain(&entry.name)) {
            Some(entry) => Err(refused(format!("{:?} is not a name of a file in a backup", entry.name))),
            None => Ok(manifest),
        }
    }

    pub(super) fn write(&self, backup: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| BackupError::NotABackup { path: backup.to_owned(), reason: error.to_string() })?;
        let path = backup.join(FILE_NAME);
        super::files::write(&path, &text).map_err(|error| failed(&path, error))
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, entry| sum.saturating_add(entry.bytes))
    }
}

/// A relative path of plain names: nothing that could lead out of the directory.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}
