//! Which keys the usage records have: an index of its own, projected from the usage streams.
//!
//! Keys are hashes, so they arrive in no order and are asked for in none; a B-tree of them costs a page for each. Here
//! they are kept in memory until there are many, then written as one sorted *run*; runs of a size are merged into one
//! of the next. A question passes a small filter per run and reads at most one bucket of it. Memory is bounded, however
//! many keys there are. Disposable: without its directory it is filled again from the log.

mod filter;
mod manifest;
mod merge;
mod run;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use eventlog::codec;
use eventlog::incarnation::Incarnation;
use eventlog::port::{Filter, StoredEvent};
use eventlog::project::{ProjectError, Projection};
use kernel::event::Position;
use kernel::wire::DecodeError;
use metering::published::usage::Event;
use metering::wire::keys;

use self::manifest::Manifest;
use self::run::Run;

const DIRECTORY: &str = "seen";
/// Keys in memory, before they are written.
const MEMORY_KEYS_MAX: usize = 64 * 1024;
/// So many runs of a level are merged into one of the next.
const FANOUT: usize = 4;

/// The half of a key's hash that the index holds: on its own too long to collide by chance.
pub type Key = [u8; 16];

/// Where the record of a key is, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The batch.
    pub position: Position,
    /// The record's index in it, from 0.
    pub ordinal: u32,
    /// The first bytes of the hash of what it says.
    pub payload: [u8; 8],
}

/// Half of a key's hash.
pub fn short(key_hash: &[u8; 32]) -> Key {
    key_hash.first_chunk().copied().unwrap_or_default()
}

#[derive(Debug, Default)]
struct State {
    memory: HashMap<Key, Seen>,
    /// The oldest and largest first.
    runs: Vec<Arc<Run>>,
    cursor: Option<Position>,
}

impl State {
    /// The first record of a key: another one of it, which only a defect could have written, does not count.
    fn seen(&self, key: &Key) -> io::Result<Option<Seen>> {
        let mut first = self.memory.get(key).copied();
        for run in &self.runs {
            if let Some(seen) = run.get(key)? {
                first = Some(first.map_or(seen, |first| first.min(seen)));
            }
        }
        Ok(first)
    }
}

/// A handle for reading; clones share the state.
#[derive(Clone, Debug)]
pub struct SeenKeys(Arc<RwLock<State>>);

impl SeenKeys {
    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers cover the log up to here.
    pub fn cursor(&self) -> Option<Position> {
        self.state().cursor
    }

    /// Where the record of a key is.
    pub fn seen(&self, key_hash: &[u8; 32]) -> io::Result<Option<Seen>> {
        self.state().seen(&short(key_hash))
    }

    /// The batches with records whose key's hash begins so, oldest first.
    pub fn beginning(&self, prefix: &[u8; 9]) -> io::Result<Vec<Position>> {
        let state = self.state();
        let mut found: Vec<Position> = Vec::new();
        for run in &state.runs {
            found.extend(run.beginning(prefix)?.iter().map(|seen| seen.position));
        }
        let recent = state.memory.iter().filter(|(key, _)| key.starts_with(prefix));
        found.extend(recent.map(|(_, seen)| seen.position));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// How many keys there are.
    pub fn len(&self) -> u64 {
        let state = self.state();
        let memory = u64::try_from(state.memory.len()).unwrap_or(u64::MAX);
        state.runs.iter().map(|run| run.count()).fold(memory, u64::saturating_add)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Opens the index of a history in its data directory, or makes it. Returns the readers' handle and the one writer.
pub fn open(directory: &Path, incarnation: Incarnation) -> io::Result<(SeenKeys, SeenProjection)> {
    let directory = directory.join(DIRECTORY);
    fs::create_dir_all(&directory)?;
    let (manifest, runs) = match load(&directory, incarnation) {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::info!(%error, "the index of keys is built anew from the log");
            fs::remove_dir_all(&directory)?;
            fs::create_dir_all(&directory)?;
            (Manifest::new(incarnation), Vec::new())
        }
    };
    manifest.remove_others(&directory)?;
    let state = State { memory: HashMap::new(), runs, cursor: manifest.cursor() };
    let keys = SeenKeys(Arc::new(RwLock::new(state)));
    Ok((keys.clone(), SeenProjection { directory, keys, manifest, memory_max: MEMORY_KEYS_MAX }))
}

fn load(directory: &Path, incarnation: Incarnation) -> io::Result<(Manifest, Vec<Arc<Run>>)> {
    let manifest = Manifest::read(directory, incarnation)?;
    let runs =
        manifest.runs.iter().map(|name| Run::open(&directory.join(name)).map(Arc::new)).collect::<Result<_, _>>()?;
    Ok((manifest, runs))
}

/// Writes the index; run by [`eventlog::project::run_projection`].
#[derive(Debug)]
pub struct SeenProjection {
    directory: PathBuf,
    keys: SeenKeys,
    manifest: Manifest,
    memory_max: usize,
}

impl Projection for SeenProjection {
    fn filter(&self) -> Filter {
        Filter::categories(&["usage"])
    }

    fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        Ok(self.manifest.cursor())
    }

    fn apply(&mut self, batch: &[StoredEvent], cursor: Position) -> Result<(), ProjectError> {
        for stored in batch {
            self.take(stored).map_err(|error| poison(stored.position, error))?;
        }
        self.state().cursor = Some(cursor);
        if self.keys.state().memory.len() >= self.memory_max { self.write_down().map_err(storage) } else { Ok(()) }
    }
}

fn poison(position: Position, error: DecodeError) -> ProjectError {
    ProjectError::Poison { position, source: Box::new(error) }
}

fn storage(error: io::Error) -> ProjectError {
    ProjectError::Storage(Box::new(error))
}

impl SeenProjection {
    fn state(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.keys.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of a batch. Taking them again changes nothing.
    fn take(&self, stored: &StoredEvent) -> Result<(), DecodeError> {
        let Some(found) = keys(&stored.kind, stored.version, &stored.data, &stored.body) else {
            // Whatever else a usage stream may come to hold.
            return codec::decode::<Event>(stored).map_or(Ok(()), |decoded| decoded.map(|_| ()));
        };
        let mut state = self.state();
        for (ordinal, key) in (0..).zip(found?) {
            let seen = Seen { position: stored.position, ordinal, payload: key.payload };
            state.memory.entry(short(&key.key_hash)).or_insert(seen);
        }
        Ok(())
    }

    /// Writes what is in memory as a run, and merges runs where there are enough of a level.
    fn write_down(&mut self) -> io::Result<()> {
        let mut entries: Vec<(Key, Seen)> = self.keys.state().memory.iter().map(|(key, seen)| (*key, *seen)).collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let cursor = self.keys.cursor();
        let count = entries.len();
        let name = self.manifest.next_name(0);
        let run = Run::write(&self.directory.join(&name), count, entries.into_iter().map(Ok))?;
        let mut runs = self.keys.state().runs.clone();
        runs.push(Arc::new(run));
        self.manifest.runs.push(name);
        self.manifest.advance(cursor);
        let merged = self.merge(&mut runs)?;
        self.manifest.write(&self.directory)?;
        {
            let mut state = self.state();
            state.runs = runs;
            state.memory.clear();
        }
        merged.iter().try_for_each(|name| fs::remove_file(self.directory.join(name)))
    }

    /// Merges the last runs while there are enough of their level; the names of those that are merged.
    fn merge(&mut self, runs: &mut Vec<Arc<Run>>) -> io::Result<Vec<String>> {
        let mut merged = Vec::new();
        while let Some((first, level)) = self.manifest.full_level(FANOUT) {
            let parts = runs.split_off(first);
            merged.extend(self.manifest.runs.split_off(first));
            let name = self.manifest.next_name(level.saturating_add(1));
            let count = parts.iter().map(|run| run.count()).fold(0, u64::saturating_add);
            let count = usize::try_from(count).map_err(io::Error::other)?;
            let path = self.directory.join(&name);
            runs.push(Arc::new(Run::write(&path, count, merge::all(&parts)?)?));
            self.manifest.runs.push(name);
        }
        Ok(merged)
    }
}

#[cfg(test)]
mod tests;
