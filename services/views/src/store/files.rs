//! What the files of the views are called, and which of them are of use.
//!
//! In use is the highest generation of this program's version. A next version is prepared under its own name by the
//! next program while this one runs, and taken by it when it starts.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// How the name of every file of the views ends.
const END: &str = ".db";
/// Locked by whoever fills a file, of whatever version and in whatever process. Never removed: who has it open would
/// hold the lock of another file.
const BUILDING: &str = "views-building.lock";
/// What SQLite keeps beside a file that is in use.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// The files of one version of the tables.
#[derive(Clone, Debug)]
pub(super) struct Files {
    directory: PathBuf,
    version: u32,
}

impl Files {
    pub(super) fn new(directory: &Path, version: u32) -> Self {
        Self { directory: directory.to_owned(), version }
    }

    /// A generation in use.
    pub(super) fn generation(&self, number: u64) -> PathBuf {
        self.directory.join(format!("views-{:08x}-{number}.db", self.version))
    }

    /// Complete, and waiting for this version to start.
    pub(super) fn prepared(&self) -> PathBuf {
        self.directory.join(format!("views-{:08x}.next.db", self.version))
    }

    /// Being filled.
    pub(super) fn building(&self) -> PathBuf {
        self.directory.join(format!("views-{:08x}.building.db", self.version))
    }

    /// The right to fill a file, for as long as it is held; `None` while somebody else has it.
    pub(super) fn builder(&self) -> io::Result<Option<File>> {
        let lock = File::options().write(true).create(true).truncate(false).open(self.directory.join(BUILDING))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The generation to open: a prepared file becomes the newest.
    pub(super) fn latest(&self) -> io::Result<u64> {
        let newest = self.names()?.iter().filter_map(|name| self.number(name)).max();
        if !self.prepared().exists() {
            return Ok(newest.unwrap_or(1));
        }
        let next = newest.unwrap_or(0).saturating_add(1);
        fs::rename(self.prepared(), self.generation(next))?;
        Ok(next)
    }

    /// Removes every file of the views but the generation in use, what is prepared for another version, and what is
    /// being filled.
    pub(super) fn tidy(&self, generation: u64) -> io::Result<()> {
        let kept = self.generation(generation);
        let builder = self.builder()?;
        for name in self.names()? {
            let path = self.directory.join(&name);
            let is_needed = name.ends_with(".next.db") || (builder.is_none() && name.ends_with(".building.db"));
            if path != kept && !is_needed {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn number(&self, name: &str) -> Option<u64> {
        name.strip_prefix(&format!("views-{:08x}-", self.version))?.strip_suffix(".db")?.parse().ok()
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.directory)?.collect::<io::Result<Vec<_>>>()?;
        let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
        Ok(names.filter(|name| name.starts_with("views") && name.ends_with(END)).collect())
    }
}

/// Removes a file and what SQLite keeps beside it, where they are.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let companions = COMPANIONS.iter().map(|suffix| path.with_file_name(format!("{name}{suffix}")));
    for path in companions.chain([path.to_owned()]) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn another_version_starts_and_swaps_without_harm_to_what_is_built_for_the_next() {
        let directory = TempDir::new().unwrap();
        let (running, next) = (Files::new(directory.path(), 1), Files::new(directory.path(), 2));
        let builder = next.builder().unwrap();
        assert!(builder.is_some() && running.builder().unwrap().is_none(), "one at a time");
        let (old, new) = (running.generation(1), running.generation(2));
        for path in [&old, &new, &next.building()] {
            File::create(path).unwrap();
        }
        running.tidy(2).unwrap();
        assert_eq!([&old, &new, &next.building()].map(|path| path.exists()), [false, true, true]);
        fs::rename(next.building(), next.prepared()).unwrap();
        drop(builder);
        File::create(next.building()).unwrap();
        running.tidy(2).unwrap();
        assert!(!next.building().exists(), "whoever filled it is gone");
        assert_eq!(next.latest().unwrap(), 1);
        assert!(next.generation(1).exists());
    }
}
