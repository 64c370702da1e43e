//! Backups of a data directory, taken while the platform runs, and a data directory made of one.
//!
//! What must survive is copied: the checkpoints, the log as one snapshot, then the keys, then the blobs. A checkpoint is
//! signed after the events that it covers, so the log's copy holds all of them. A key or a blob is on disk before the
//! event that needs it, so a copy taken later holds all that the log's copy speaks of. A manifest names every file with
//! its SHA-256; the copied log is verified before the backup gets its name, and again before it is restored.

mod files;
mod manifest;
mod restore;
mod take;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

pub use self::manifest::{Entry, Manifest};
pub use self::restore::restore;
#[cfg(test)]
pub(crate) use self::take::copy_database;
pub use self::take::take;
use crate::checkpoints::CheckpointsError;
use crate::sqlite::{OpenError, VerifyError};

/// What is being done. Each part begins at 0 of its total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Copying the log, in bytes.
    Log,
    /// Reading the copied log and checking it, in bytes of its file.
    Check,
    /// Copying everything else, in bytes.
    Files,
}

/// How far a backup or a restoration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The part at hand.
    pub part: Part,
    /// Done of it.
    pub done: u64,
    /// All of it.
    pub total: u64,
}

/// Why there is no backup, or nothing was restored. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The place is taken.
    #[error("{} exists and is not an empty directory", .0.display())]
    Exists(PathBuf),
    /// No log to back up.
    #[error("{} holds no event log", .0.display())]
    NoLog(PathBuf),
    /// The log has no name yet: the platform never ran on it.
    #[error("the log has not begun")]
    NotBegun,
    /// No manifest, or one that does not read.
    #[error("{} is not a backup: {reason}", path.display())]
    NotABackup {
        /// The directory.
        path: PathBuf,
        /// What is wrong with its manifest.
        reason: String,
    },
    /// Made by a newer version of this program.
    #[error("the backup has format {found}, this program knows formats up to {}: use a newer one", manifest::FORMAT)]
    Newer {
        /// Its format.
        found: u32,
    },
    /// A file that the manifest names is not there.
    #[error("the backup is incomplete: {0} is missing")]
    Missing(String),
    /// A file is shorter or longer than the manifest says.
    #[error("the backup is damaged: {name} has {found} bytes instead of {expected}")]
    Size {
        /// The file.
        name: String,
        /// Its size.
        found: u64,
        /// Its size when the backup was made.
        expected: u64,
    },
    /// A file does not hold what the manifest says.
    #[error("the backup is damaged: {0} is not what was backed up")]
    Altered(String),
    /// The manifest tells of another log than the one that is there.
    #[error("the backup is damaged: backup.json tells of {expected}, and the log is {found}")]
    Another {
        /// What is there.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// Events at the end of the log are missing.
    #[error("the backup is damaged: its log ends after {found} events, and a checkpoint was signed over {signed}")]
    Shortened {
        /// How many there are.
        found: u64,
        /// How many were there when it was signed.
        signed: u64,
    },
    /// Checkpoints could not be read.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointsError),
    /// The log in the backup is not what was written.
    #[error("the log of the backup is damaged")]
    Damaged(#[source] VerifyError),
    /// The log could not be opened.
    #[error("the log could not be opened")]
    Log(#[from] OpenError),
    /// The log could not be read, or named anew.
    #[error("the log could not be named: {0}")]
    Naming(String),
    /// A database could not be copied.
    #[error("a database could not be copied")]
    Sqlite(#[from] rusqlite::Error),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
