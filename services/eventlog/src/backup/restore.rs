//! Making a data directory of a backup.

use std::path::Path;

use super::files;
use super::manifest::{Entry, Manifest};
use super::take::{BLOBS, name, partial};
use super::{BackupError, Part, Progress};
use crate::checkpoints::Checkpoints;
use crate::execute::Cause;
use crate::incarnation::{self, Incarnation};
use crate::sqlite::{FILE_NAME as LOG, Options, SqliteLog, verify};
use crate::vault::FILE_NAME as KEYS;

/// Makes a new data directory of a backup, checked file by file and event by event. The log goes on as another history,
/// named by the cause: cursors of the one that the backup was made of are refused.
pub async fn restore(
    backup: &Path,
    data: &Path,
    cause: &Cause,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Manifest, Incarnation), BackupError> {
    let manifest = Manifest::read(backup)?;
    if !files::is_free(data)? {
        return Err(BackupError::Exists(data.to_owned()));
    }
    let partial = partial(data);
    files::remove_directory(&partial)?;
    let filled = match fill(backup, &partial, &manifest, report) {
        Ok(()) => renamed(&partial, cause).await,
        Err(error) => Err(error),
    };
    let restored = filled.and_then(|incarnation| {
        files::publish(&partial, data)?;
        Ok((manifest, incarnation))
    });
    if restored.is_err() {
        files::remove_directory(&partial)?;
    }
    restored
}

fn fill(
    backup: &Path,
    partial: &Path,
    manifest: &Manifest,
    report: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    for needed in [LOG, KEYS] {
        if !manifest.files.iter().any(|entry| entry.name == needed) {
            return Err(BackupError::Missing(needed.to_owned()));
        }
    }
    manifest.files.iter().try_for_each(|entry| check_size(backup, entry))?;
    files::make_directory(partial)?;
    if manifest.files.iter().any(|entry| entry.name.starts_with(BLOBS)) {
        files::make_directory(&partial.join(BLOBS))?;
    }
    let (mut done, total) = (0_u64, manifest.bytes());
    let mut advance = |count: u64| {
        done = done.saturating_add(count);
        report(Progress { part: Part::Files, done, total });
    };
    for entry in &manifest.files {
        let copied = files::copy(&backup.join(&entry.name), &partial.join(&entry.name), &mut advance)?;
        let (_, sha256) = copied.ok_or_else(|| BackupError::Missing(entry.name.clone()))?;
        if sha256 != entry.sha256 {
            return Err(BackupError::Altered(entry.name.clone()));
        }
    }
    let size = manifest.files.iter().find(|entry| entry.name == LOG).map_or(0, |entry| entry.bytes);
    report(Progress { part: Part::Check, done: 0, total: size });
    let verified = verify(partial).map_err(BackupError::Damaged)?;
    report(Progress { part: Part::Check, done: size, total: size });
    is_told_of(partial, verified.events, manifest)
}

/// Refuses a log that is sound in itself, and not the one that the manifest tells of, or that was signed.
fn is_told_of(partial: &Path, events: u64, manifest: &Manifest) -> Result<(), BackupError> {
    let tell = |events: u64, name: Incarnation| format!("{events} events of {name}");
    let (found, expected) = (tell(events, name(partial)?), tell(manifest.events, manifest.incarnation));
    if found != expected {
        return Err(BackupError::Another { found, expected });
    }
    let signed = Checkpoints::covered(partial, &manifest.incarnation.origin())?;
    if signed > events { Err(BackupError::Shortened { found: events, signed }) } else { Ok(()) }
}

/// Sizes first: a backup that was cut short is refused before anything is copied.
fn check_size(backup: &Path, entry: &Entry) -> Result<(), BackupError> {
    let Ok(metadata) = std::fs::metadata(backup.join(&entry.name)) else {
        return Err(BackupError::Missing(entry.name.clone()));
    };
    match metadata.len() {
        found if found != entry.bytes => {
            Err(BackupError::Size { name: entry.name.clone(), found, expected: entry.bytes })
        }
        _ => Ok(()),
    }
}

async fn renamed(partial: &Path, cause: &Cause) -> Result<Incarnation, BackupError> {
    let log = SqliteLog::open(partial, &Options::default())?;
    let named = incarnation::restored(&log, cause).await;
    log.close().await;
    let lock = partial.join("log.lock");
    std::fs::remove_file(&lock).map_err(|error| files::failed(&lock, error))?;
    named.map_err(|error| BackupError::Naming(error.to_string()))
}
