//! Copying files with their hash, durable when done, readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use kernel::merkle::hex;
use sha2::{Digest, Sha256};

use super::BackupError;

const CHUNK_BYTES: usize = 256 * 1024;

pub(super) fn failed(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}

/// Makes a directory that only its owner may look into.
pub(super) fn make_directory(path: &Path) -> Result<(), BackupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| failed(path, error))
}

/// Whether nothing, or only an empty directory, is there.
pub(super) fn is_free(path: &Path) -> Result<bool, BackupError> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(failed(path, error)),
    }
}

/// Makes a new file that only its owner may read.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a new file.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Copies a file; its size and the SHA-256 of what was copied, hexadecimal; `None` where there is no such file.
pub(super) fn copy(from: &Path, to: &Path, advance: &mut dyn FnMut(u64)) -> Result<Option<(u64, String)>, BackupError> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(from, error)),
    };
    let mut target = create(to).map_err(|error| failed(to, error))?;
    let copied = pass(&mut source, advance, |chunk| target.write_all(chunk)).map_err(|error| failed(from, error))?;
    target.sync_all().map_err(|error| failed(to, error))?;
    Ok(Some(copied))
}

/// The size and the SHA-256 of a file, hexadecimal.
pub(super) fn hash(path: &Path, advance: &mut dyn FnMut(u64)) -> Result<(u64, String), BackupError> {
    let mut file = File::open(path).map_err(|error| failed(path, error))?;
    pass(&mut file, advance, |_| Ok(())).map_err(|error| failed(path, error))
}

fn pass(
    source: &mut File,
    advance: &mut dyn FnMut(u64),
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(u64, String)> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let (mut digest, mut bytes) = (Sha256::new(), 0_u64);
    loop {
        let count = source.read(&mut buffer)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
        digest.update(chunk);
        each(chunk)?;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        bytes = bytes.saturating_add(count);
        advance(count);
    }
    Ok((bytes, hex(&digest.finalize())))
}

/// Makes names in a directory durable.
pub(super) fn sync_directory(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| failed(path, error))
}

/// Gives a finished directory its name, durably.
pub(super) fn publish(partial: &Path, path: &Path) -> Result<(), BackupError> {
    sync_directory(partial)?;
    fs::rename(partial, path).map_err(|error| failed(path, error))?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync_directory(parent),
        None => Ok(()),
    }
}

/// Removes what a failed attempt left.
pub(super) fn remove_directory(path: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
