//! The disks of nodes that have the real views and the real index of keys: what a node leaves behind when it is killed,
//! and what the next one finds.
//!
//! A killed node ends nothing: its files are copied as they are at that moment, write-ahead log and all, and what it does
//! with them while it goes away touches nobody.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The index's place in a data directory; the views lie in the directory itself.
const INDEX: &str = "seen";

/// The data directories of all nodes.
pub struct Disks {
    root: TempDir,
    rng: fastrand::Rng,
    made: usize,
    /// Of nodes that run, the newest last.
    running: Vec<PathBuf>,
    /// Copies, the latest last.
    left: Vec<PathBuf>,
    /// How many nodes have started.
    pub starts: usize,
    /// How many of them found files that were older than the last ones, or none.
    pub setbacks: usize,
}

impl Disks {
    /// Empty ones.
    pub fn new(rng: fastrand::Rng) -> io::Result<Self> {
        let (running, left) = (Vec::new(), Vec::new());
        Ok(Self { root: TempDir::new()?, rng, made: 0, running, left, starts: 0, setbacks: 0 })
    }

    /// A directory for a node that starts: its views and its index are mostly as the last node left them, sometimes
    /// older, and sometimes gone.
    pub fn start(&mut self) -> io::Result<PathBuf> {
        let directory = self.make()?;
        let found = [self.found(), self.found()];
        let [views, index] = found.map(|found| found.map(|at| self.left.get(at)));
        if let Some(Some(from)) = views {
            copy(from, &directory)?;
        }
        if let Some(Some(from)) = index {
            copy(&from.join(INDEX), &directory.join(INDEX))?;
        }
        let last = self.left.len().checked_sub(1);
        self.setbacks += usize::from(last.is_some() && found != [last, last]);
        self.starts += 1;
        self.running.push(directory.clone());
        Ok(directory)
    }

    /// Which of the copies is found, if any.
    fn found(&mut self) -> Option<usize> {
        let last = self.left.len().checked_sub(1)?;
        match self.rng.u8(0..8) {
            0 => None,
            1 | 2 => Some(self.rng.usize(..=last)),
            _ => Some(last),
        }
    }

    /// Now and then a copy is put aside.
    pub fn pass(&mut self) -> io::Result<()> {
        let newest = self.running.last().filter(|_| self.rng.u8(0..40) == 0).cloned();
        newest.map_or(Ok(()), |newest| self.leave(&newest))
    }

    /// All nodes die.
    pub fn kill(&mut self) -> io::Result<()> {
        let running = std::mem::take(&mut self.running);
        running.iter().try_for_each(|directory| self.leave(directory))
    }

    fn leave(&mut self, directory: &Path) -> io::Result<()> {
        let left = self.make()?;
        copy(directory, &left)?;
        copy(&directory.join(INDEX), &left.join(INDEX))?;
        if self.rng.bool() {
            self.interrupt(&left)?;
        }
        self.left.push(left);
        Ok(())
    }

    /// The node was killed while it wrote: behind what the views have committed is a part of the next transaction, and
    /// the index has a part of a run and of a manifest, which nothing names.
    fn interrupt(&mut self, left: &Path) -> io::Result<()> {
        let part: Vec<u8> = (0..self.rng.usize(1..5_000)).map(|_| self.rng.u8(..)).collect();
        for entry in fs::read_dir(left)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "db-wal") {
                fs::File::options().append(true).open(path)?.write_all(&part)?;
            }
        }
        for name in ["0-4711.run", "manifest.json.new"] {
            fs::write(left.join(INDEX).join(name), &part)?;
        }
        Ok(())
    }

    fn make(&mut self) -> io::Result<PathBuf> {
        self.made += 1;
        let directory = self.root.path().join(self.made.to_string());
        fs::create_dir(&directory)?;
        Ok(directory)
    }
}

/// Copies the files of a directory, where there is one, but for what only a living process has use for.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    fs::create_dir_all(to)?;
    for entry in entries {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let is_wanted = entry.is_file() && !name.to_string_lossy().ends_with("-shm");
        if is_wanted {
            fs::copy(&entry, to.join(name))?;
        }
    }
    Ok(())
}
