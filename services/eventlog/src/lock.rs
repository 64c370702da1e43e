//! One process per data directory: a lock file that the operating system releases when its holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Held for as long as the log is open.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

/// Why the directory was not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process (its number, if it could be read) holds it.
    #[error("the data directory is in use{}", by(.0.as_ref()))]
    Held(Option<u32>),
    /// The lock file could not be opened or locked.
    #[error("the data directory cannot be locked")]
    Io(#[source] std::io::Error),
}

/// Names the process that holds a directory, if it could be told.
pub(crate) fn by(process: Option<&u32>) -> String {
    process.map(|process| format!(" by process {process}")).unwrap_or_default()
}

impl DirectoryLock {
    /// Locks `log.lock` in the directory and writes this process's number into it.
    pub fn acquire(directory: &Path) -> Result<Self, LockError> {
        let path = directory.join("log.lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {
                sign(&mut file).map_err(LockError::Io)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(LockError::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(LockError::Io(error)),
        }
    }
}

/// A full disk does not matter: the number is only for the message.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    match write!(file, "{}", std::process::id()) {
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(()),
        other => other,
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
