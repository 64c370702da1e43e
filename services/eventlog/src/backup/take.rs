//! Taking a backup.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use kernel::event::StreamName;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::files::{self, failed};
use super::manifest::{Entry, FORMAT, Manifest};
use super::{BackupError, Part, Progress};
use crate::checkpoints::FILE_NAME as CHECKPOINTS;
use crate::incarnation::{self, Incarnation, PlatformLog};
use crate::sqlite::{FILE_NAME as LOG, LogReader, OpenError, verify, write_ahead};
use crate::vault::FILE_NAME as KEYS;

/// Files that the log names, in the data directory.
pub(super) const BLOBS: &str = "blobs";
/// Pages copied between two reports: 4 MiB.
const PAGES: i32 = 1_024;

/// Backs up a data directory, whose platform may be running, into a new directory. Blocks.
///
/// The backup holds the keys: whoever reads it reads what is sealed, and a person erased later is still readable in it.
pub fn take(
    data: &Path,
    target: &Path,
    now: Timestamp,
    report: &mut dyn FnMut(Progress),
) -> Result<Manifest, BackupError> {
    if !data.join(LOG).is_file() {
        return Err(BackupError::NoLog(data.to_owned()));
    }
    if !files::is_free(target)? {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let partial = partial(target);
    files::remove_directory(&partial)?;
    let taken = fill(data, &partial, now, report).and_then(|manifest| {
        files::publish(&partial, target)?;
        Ok(manifest)
    });
    if taken.is_err() {
        files::remove_directory(&partial)?;
    }
    taken
}

/// Where it grows until it is whole.
pub(super) fn partial(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!("{name}.partial"))
}

fn fill(
    data: &Path,
    partial: &Path,
    now: Timestamp,
    report: &mut dyn FnMut(Progress),
) -> Result<Manifest, BackupError> {
    files::make_directory(partial)?;
    // Where nothing was signed yet, or the file was deleted, there are none.
    if data.join(CHECKPOINTS).is_file() {
        copy_database(&data.join(CHECKPOINTS), &partial.join(CHECKPOINTS), &mut |_| ())?;
    }
    write_ahead(&data.join(LOG)).map_err(OpenError::from)?;
    copy_database(&data.join(LOG), &partial.join(LOG), report)?;
    let size = fs::metadata(partial.join(LOG)).map_err(|error| failed(partial, error))?.len();
    report(Progress { part: Part::Check, done: 0, total: size });
    let verified = verify(partial).map_err(BackupError::Damaged)?;
    report(Progress { part: Part::Check, done: size, total: size });
    let incarnation = name(partial)?;
    copy_database(&data.join(KEYS), &partial.join(KEYS), &mut |_| ())?;
    let files = copy_files(data, partial, report)?;
    let manifest = Manifest { format: FORMAT, taken_at: now, incarnation, events: verified.events, files };
    manifest.write(partial)?;
    Ok(manifest)
}

/// Copies a database as it is at one moment: the source stays in one reading transaction, which keeps nobody from
/// writing.
pub(crate) fn copy_database(from: &Path, to: &Path, report: &mut dyn FnMut(Progress)) -> Result<(), BackupError> {
    files::create(to).map_err(|error| failed(to, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.busy_timeout(std::time::Duration::from_secs(5))?;
    let snapshot = source.unchecked_transaction()?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut target = Connection::open(to)?;
    let backup = Backup::new(&snapshot, &mut target)?;
    loop {
        let step = backup.step(PAGES)?;
        let pages = backup.progress();
        let bytes = |pages: i32| u64::try_from(pages).unwrap_or_default().saturating_mul(4096);
        let done = pages.pagecount.saturating_sub(pages.remaining);
        report(Progress { part: Part::Log, done: bytes(done), total: bytes(pages.pagecount) });
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            // Another process holds a lock for a moment.
            _ => std::thread::sleep(std::time::Duration::from_millis(5)),
        }
    }
    drop(backup);
    stand_alone(target)
}

/// One file that holds everything: no write-ahead log beside it.
fn stand_alone(database: Connection) -> Result<(), BackupError> {
    database.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    database.close().map_err(|(_, error)| BackupError::Sqlite(error))
}

/// What the copied log is called.
pub(super) fn name(backup: &Path) -> Result<Incarnation, BackupError> {
    let last = LogReader::open(backup)?.last_of(&StreamName::of(&PlatformLog));
    let last = last.map_err(|error| BackupError::Naming(error.to_string()))?.ok_or(BackupError::NotBegun)?;
    incarnation::after(&last).map_err(|error| BackupError::Naming(error.to_string()))
}

/// Copies the blobs, and lists every file of the backup.
fn copy_files(data: &Path, partial: &Path, report: &mut dyn FnMut(Progress)) -> Result<Vec<Entry>, BackupError> {
    let blobs = blobs(data)?;
    let sizes = blobs.iter().map(|name| size(&data.join(name)));
    let total = sizes.sum::<Result<u64, _>>()?;
    let mut done = 0_u64;
    let mut advance = |count: u64| {
        done = done.saturating_add(count);
        report(Progress { part: Part::Files, done, total: total.max(done) });
    };
    advance(0);
    let mut entries = Vec::with_capacity(blobs.len().saturating_add(3));
    for name in [LOG, KEYS, CHECKPOINTS].into_iter().filter(|name| partial.join(name).is_file()) {
        let (bytes, sha256) = files::hash(&partial.join(name), &mut |_| ())?;
        entries.push(Entry { name: name.to_owned(), bytes, sha256 });
    }
    if !blobs.is_empty() {
        files::make_directory(&partial.join(BLOBS))?;
    }
    for name in blobs {
        // What is gone was swept away since it was listed.
        if let Some((bytes, sha256)) = files::copy(&data.join(&name), &partial.join(&name), &mut advance)? {
            entries.push(Entry { name, bytes, sha256 });
        }
    }
    Ok(entries)
}

/// The size of a file; 0 where there is none.
fn size(path: &Path) -> Result<u64, BackupError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(failed(path, error)),
    }
}

/// The finished blobs, by name within the data directory.
fn blobs(data: &Path) -> Result<Vec<String>, BackupError> {
    let folder = data.join(BLOBS);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries.collect::<Result<Vec<_>, _>>().map_err(|error| failed(&folder, error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(&folder, error)),
    };
    let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| !name.ends_with(".partial")).map(|name| format!("{BLOBS}/{name}")).collect();
    names.sort();
    Ok(names)
}
