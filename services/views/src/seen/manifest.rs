//! Which runs make up the index, and up to where in the log they reach. Replaced as a whole, so that the index is
//! always one that was complete.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use eventlog::incarnation::Incarnation;
use kernel::event::Position;
use serde::{Deserialize, Serialize};

const FILE: &str = "manifest.json";
/// Raised whenever runs are written otherwise, or hold something else of the same records.
const VERSION: u32 = 2;

/// The list of runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    incarnation: Incarnation,
    position: Option<u64>,
    next: u64,
    /// File names, `<level>-<number>.run`, the oldest and largest first.
    pub runs: Vec<String>,
}

impl Manifest {
    /// Without runs.
    pub const fn new(incarnation: Incarnation) -> Self {
        Self { version: VERSION, incarnation, position: None, next: 0, runs: Vec::new() }
    }

    /// Reads it; a directory without one has no runs.
    pub fn read(directory: &Path, incarnation: Incarnation) -> io::Result<Self> {
        let text = match fs::read(directory.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::new(incarnation));
            }
            text => text?,
        };
        let manifest: Self = serde_json::from_slice(&text)?;
        let same = (manifest.version, manifest.incarnation) == (VERSION, incarnation);
        let sound = same && manifest.runs.iter().all(|name| level(name).is_some());
        if sound {
            Ok(manifest)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "another version, or of another history"))
        }
    }

    /// Replaces it, durably.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        let fresh = directory.join(format!("{FILE}.new"));
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&fresh, directory.join(FILE))?;
        File::open(directory)?.sync_all()
    }

    /// Takes it away: the next start builds the index anew.
    pub fn remove(directory: &Path) -> io::Result<()> {
        fs::remove_file(directory.join(FILE))?;
        File::open(directory)?.sync_all()
    }

    /// Removes what a crash left behind.
    pub fn remove_others(&self, directory: &Path) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let name = entry?.file_name();
            let known = name.to_str().is_some_and(|name| name == FILE || self.runs.iter().any(|run| run == name));
            if !known {
                fs::remove_file(directory.join(name))?;
            }
        }
        Ok(())
    }

    /// The log up to here is in the runs.
    pub fn cursor(&self) -> Option<Position> {
        self.position.map(Position)
    }

    /// Further.
    pub fn advance(&mut self, cursor: Option<Position>) {
        self.position = cursor.map(|position| position.0).or(self.position);
    }

    /// A name for a new run.
    pub fn next_name(&mut self, level: u32) -> String {
        let number = self.next;
        self.next = number.wrapping_add(1);
        format!("{level}-{number}.run")
    }

    /// The last runs, from an index on, where there are `fanout` of one level; and that level.
    pub fn full_level(&self, fanout: usize) -> Option<(usize, u32)> {
        let level_of_last = level(self.runs.last()?)?;
        let alike = self.runs.iter().rev().take_while(|name| level(name) == Some(level_of_last)).count();
        (alike >= fanout).then(|| (self.runs.len().saturating_sub(alike), level_of_last))
    }
}

fn level(name: &str) -> Option<u32> {
    let (level, number) = name.strip_suffix(".run")?.split_once('-')?;
    number.parse::<u64>().ok()?;
    level.parse().ok()
}
