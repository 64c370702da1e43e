//! Which keys the usage records have: an index of its own, projected from the usage streams.
//!
//! Keys are hashes, so they arrive in no order and are asked for in none; a B-tree of them costs a page for each. Here
//! they are kept in memory until there are many, then written as one sorted *run*; runs of a size are merged into one
//! of the next. A question passes a small filter per run and reads at most one bucket of it. Memory is bounded, however
//! many keys there are. Disposable: without its directory it is filled again from the log.
//!
//! What a damaged run says is never taken for an answer: from the first damage found no question is answered, and the
//! next start fills the index anew.

mod filter;
mod manifest;
mod merge;
mod run;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
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
const FANOUT: usize = 8;

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
    /// By a hash that is quick, and seeded: who chooses keys cannot tell which of them meet.
    memory: HashMap<Key, Seen, foldhash::fast::RandomState>,
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

    fn beginning(&self, prefix: &[u8; 9]) -> io::Result<Vec<Position>> {
        let mut found: Vec<Position> = Vec::new();
        for run in &self.runs {
            found.extend(run.beginning(prefix)?.iter().map(|seen| seen.position));
        }
        let recent = self.memory.iter().filter(|(key, _)| key.starts_with(prefix));
        found.extend(recent.map(|(_, seen)| seen.position));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// A run is not what was written: the index has to be filled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index of keys is damaged: at the next start it is built anew from the log")]
struct Damaged;

/// A handle for reading; clones share the state.
#[derive(Clone, Debug)]
pub struct SeenKeys(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    directory: PathBuf,
    state: RwLock<State>,
    is_damaged: AtomicBool,
}

impl SeenKeys {
    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers cover the log up to here.
    pub fn cursor(&self) -> Option<Position> {
        self.state().cursor
    }

    /// Whether damage was found, so that there are no answers any more.
    pub fn is_damaged(&self) -> bool {
        self.0.is_damaged.load(Ordering::Relaxed)
    }

    /// Where the record of a key is.
    pub fn seen(&self, key_hash: &[u8; 32]) -> io::Result<Option<Seen>> {
        self.sound(|| self.state().seen(&short(key_hash)))
    }

    /// The batches with records whose key's hash begins so, oldest first.
    pub fn beginning(&self, prefix: &[u8; 9]) -> io::Result<Vec<Position>> {
        self.sound(|| self.state().beginning(prefix))
    }

    /// What `read` gives; from the first damage on nothing is read any more.
    fn sound<T>(&self, read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if self.is_damaged() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, Damaged));
        }
        read().inspect_err(|error| {
            if is_damage(error) {
                self.condemn();
            }
        })
    }

    fn condemn(&self) {
        if !self.0.is_damaged.swap(true, Ordering::Relaxed) {
            let removed = Manifest::remove(&self.0.directory);
            tracing::error!(?removed, "{Damaged}");
        }
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
    let state = State { memory: HashMap::default(), runs, cursor: manifest.cursor() };
    let keys = SeenKeys(Arc::new(Shared { directory, state: RwLock::new(state), is_damaged: AtomicBool::new(false) }));
    Ok((keys.clone(), SeenProjection { keys, manifest, memory_max: MEMORY_KEYS_MAX }))
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
        if self.keys.state().memory.len() < self.memory_max {
            return Ok(());
        }
        let keys = self.keys.clone();
        keys.sound(|| self.write_down()).map_err(|error| {
            if is_damage(&error) { poison(cursor, Damaged) } else { ProjectError::Storage(Box::new(error)) }
        })
    }
}

/// Whether a run is not what was written, or is shorter: trying again does not help.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn poison(position: Position, error: impl std::error::Error + Send + Sync + 'static) -> ProjectError {
    ProjectError::Poison { position, source: Box::new(error) }
}

impl SeenProjection {
    /// Writes a run whenever so many keys are in memory.
    pub fn with_memory(mut self, keys_max: usize) -> Self {
        self.memory_max = keys_max;
        self
    }

    fn state(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.keys.0.state.write().unwrap_or_else(PoisonError::into_inner)
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

    /// Writes what is in memory as a run, and merges runs where there are enough of a level. All or nothing: until the
    /// new manifest is written the old one holds, here as on disk.
    fn write_down(&mut self) -> io::Result<()> {
        let directory = &self.keys.0.directory;
        let mut manifest = self.manifest.clone();
        let mut entries: Vec<(Key, Seen)> = self.keys.state().memory.iter().map(|(key, seen)| (*key, *seen)).collect();
        entries.sort_unstable_by_key(|(key, _)| u128::from_be_bytes(*key));
        let count = entries.len();
        let name = manifest.next_name(0);
        let run = Run::write(&directory.join(&name), count, entries.into_iter().map(Ok))?;
        let mut runs = self.keys.state().runs.clone();
        runs.push(Arc::new(run));
        manifest.runs.push(name);
        manifest.advance(self.keys.cursor());
        let merged = merge_full_levels(directory, &mut manifest, &mut runs)?;
        manifest.write(directory)?;
        self.manifest = manifest;
        {
            let mut state = self.state();
            state.runs = runs;
            state.memory.clear();
        }
        for name in merged {
            // The next start removes what stays behind.
            if let Err(error) = fs::remove_file(directory.join(&name)) {
                tracing::warn!(%error, name, "a merged run was not removed");
            }
        }
        Ok(())
    }
}

/// Merges the last runs while there are enough of their level; the names of those that are merged.
fn merge_full_levels(directory: &Path, manifest: &mut Manifest, runs: &mut Vec<Arc<Run>>) -> io::Result<Vec<String>> {
    let mut merged = Vec::new();
    while let Some((first, level)) = manifest.full_level(FANOUT) {
        let parts = runs.split_off(first);
        merged.extend(manifest.runs.split_off(first));
        let name = manifest.next_name(level.saturating_add(1));
        let count = parts.iter().map(|run| run.count()).fold(0, u64::saturating_add);
        let count = usize::try_from(count).map_err(io::Error::other)?;
        runs.push(Arc::new(Run::write(&directory.join(&name), count, merge::all(&parts)?)?));
        manifest.runs.push(name);
    }
    Ok(merged)
}

#[cfg(test)]
mod tests;
