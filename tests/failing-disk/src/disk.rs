//! A directory on a disk that fails when told to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::inode::{Change, Inode};
use crate::vfs;

/// What goes wrong with an operation that changes the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It and everything after it fails: the power is gone, or the process is. Half of it may have happened.
    Stop,
    /// It tells an error. A write may have happened by half; what a sync did not write is lost.
    Io,
    /// As [`Fault::Io`], and the process ends of it.
    Fatal,
    /// It tells that no space is left, where it is a write.
    Full,
}

/// From which operation on what goes wrong, and for how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The first operation that fails, from 0, counted since the plan was made.
    pub at: u64,
    /// What goes wrong.
    pub fault: Fault,
    /// How many operations fail.
    pub lasts: u64,
}

/// A throw-away directory on such a disk. Clones are the same disk.
#[derive(Clone)]
pub struct Disk(Arc<Shared>);

pub(crate) struct Shared {
    directory: TempDir,
    /// The directory as SQLite names it.
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    rng: fastrand::Rng,
    inodes: Vec<Inode>,
    /// The directory as programs see it, and as it is durable.
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    operations: u64,
    plan: Option<Plan>,
    is_stopped: bool,
}

/// What an operation wants to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Write,
    Sync,
    Other,
}

impl Disk {
    /// An empty directory; what befalls it is drawn by the seed.
    pub fn new(seed: u64) -> std::io::Result<Self> {
        Self::holding(fastrand::Rng::with_seed(seed), &BTreeMap::new())
    }

    fn holding(rng: fastrand::Rng, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().canonicalize()?;
        let mut state = State {
            rng,
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            operations: 0,
            plan: None,
            is_stopped: false,
        };
        for (name, bytes) in files {
            std::fs::create_dir_all(path.join(name).parent().unwrap_or(&path))?;
            std::fs::write(path.join(name), bytes)?;
            state.names.insert(name.clone(), state.inodes.len());
            state.inodes.push(Inode::durable(number(&path.join(name)), bytes.clone()));
        }
        state.durable_names = state.names.clone();
        let shared = Arc::new(Shared { directory, path: path.clone(), state: Mutex::new(state) });
        vfs::mount(path, &shared);
        Ok(Self(shared))
    }

    /// The directory, in which files read as programs see them.
    pub fn directory(&self) -> &Path {
        self.0.directory.path()
    }

    /// What is to go wrong from now on; nothing any more where it is `None`. A stopped disk runs again.
    pub fn plan(&self, plan: Option<Plan>) {
        let mut state = self.0.state();
        state.plan = plan;
        state.operations = 0;
        state.is_stopped = false;
    }

    /// How many operations changed the disk, or tried to, since the last plan.
    pub fn operations(&self) -> u64 {
        self.0.state().operations
    }

    /// Whether the planned stop has come.
    pub fn is_stopped(&self) -> bool {
        self.0.state().is_stopped
    }

    /// What of a file would outlive any power cut; `None` where SQLite has not met it by this name.
    pub fn durable(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.0.state();
        let inode = state.names.get(name)?;
        Some(state.inodes.get(*inode)?.durable_bytes().to_vec())
    }

    /// Cuts the power now, if it is not gone, and starts again with what outlived it.
    pub fn restart(self) -> std::io::Result<Self> {
        let mut state = self.0.state();
        state.is_stopped = true;
        let path = &self.0.path;
        state.names.retain(|name, _| path.join(name).exists());
        let files = state.survivors();
        let rng = state.rng.fork();
        drop(state);
        Self::holding(rng, &files)
    }
}

impl State {
    /// The directory after a power cut. Each name is as it was synced last, or as it was meant to be.
    fn survivors(&mut self) -> BTreeMap<String, Vec<u8>> {
        let both: Vec<String> = self.names.keys().chain(self.durable_names.keys()).cloned().collect();
        let mut files = BTreeMap::new();
        for name in both {
            let names = if self.rng.bool() { &self.names } else { &self.durable_names };
            if let Some(inode) = names.get(&name).and_then(|index| self.inodes.get(*index)) {
                let bytes = inode.survivor(&mut self.rng);
                files.entry(name).or_insert(bytes);
            }
        }
        files
    }

    /// What programs did to a name without SQLite: made, removed or renamed its file. They have synced what they made.
    fn meet_programs(&mut self, name: &str, path: &Path) {
        let number = number(path);
        let known = self.names.get(name).and_then(|index| self.inodes.get(*index)).map(|inode| inode.number);
        // It is the same, or SQLite is about to make it.
        if known == Some(number) || known == Some(None) {
            return;
        }
        if number.is_none() {
            self.names.remove(name);
            return;
        }
        let bytes = std::fs::read(path).unwrap_or_default();
        let same = |inode: &Inode| inode.number == number && inode.bytes() == bytes;
        let index = self.inodes.iter().rposition(same).unwrap_or(self.inodes.len());
        if index == self.inodes.len() {
            self.inodes.push(Inode::durable(number, bytes));
        }
        self.names.insert(name.to_owned(), index);
    }

    /// Counts an operation, and says whether something is wrong with it.
    fn meet(&mut self, operation: Operation) -> Option<Fault> {
        if self.is_stopped {
            return Some(Fault::Stop);
        }
        let number = self.operations;
        self.operations = number.saturating_add(1);
        let plan = self.plan.filter(|plan| (plan.at..plan.at.saturating_add(plan.lasts)).contains(&number))?;
        match plan.fault {
            Fault::Stop | Fault::Fatal => self.is_stopped = true,
            Fault::Io => {}
            Fault::Full if operation == Operation::Write => {}
            Fault::Full => return None,
        }
        Some(plan.fault)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the disk is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing can be done any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// The file of a name, made where it is missing and wanted.
    pub(crate) fn open(&self, name: &str, create: bool) -> Result<Option<usize>, Fault> {
        let mut state = self.state();
        state.meet_programs(name, &self.path.join(name));
        if let Some(inode) = state.names.get(name) {
            return Ok(Some(*inode));
        }
        if !create {
            return Ok(None);
        }
        state.meet(Operation::Other).map_or(Ok(()), Err)?;
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.names.insert(name.to_owned(), inode);
        Ok(Some(inode))
    }

    /// Takes note of which file of the machine's a name stands for.
    pub(crate) fn note(&self, name: &str) {
        let mut state = self.state();
        let Some(index) = state.names.get(name).copied() else { return };
        if let Some(inode) = state.inodes.get_mut(index) {
            inode.number = number(&self.path.join(name));
        }
    }

    /// Writes by `real`, as far as nothing goes wrong.
    pub(crate) fn write(&self, inode: usize, offset: usize, bytes: &[u8], real: impl Fn(&[u8])) -> Result<(), Fault> {
        let mut state = self.state();
        let was_stopped = state.is_stopped;
        let fault = state.meet(Operation::Write);
        let written = match fault {
            None => bytes,
            Some(_) if was_stopped || state.rng.bool() => &[],
            Some(_) => bytes.get(..state.rng.usize(0..=bytes.len())).unwrap_or_default(),
        };
        if !written.is_empty() {
            real(written);
            if let Some(inode) = state.inodes.get_mut(inode) {
                inode.change(Change::Write { offset, bytes: written.to_vec() });
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// Truncates by `real`, unless something goes wrong.
    pub(crate) fn truncate(&self, inode: usize, length: usize, real: impl Fn()) -> Result<(), Fault> {
        let mut state = self.state();
        state.meet(Operation::Other).map_or(Ok(()), Err)?;
        real();
        if let Some(inode) = state.inodes.get_mut(inode) {
            inode.change(Change::Truncate(length));
        }
        Ok(())
    }

    /// Makes a file durable, and the directory's names where `with_names` says so, unless something goes wrong.
    pub(crate) fn sync(&self, inode: usize, with_names: bool) -> Result<(), Fault> {
        let mut state = self.state();
        let was_stopped = state.is_stopped;
        let fault = state.meet(Operation::Sync);
        let State { rng, inodes, names, durable_names, .. } = &mut *state;
        let Some(inode) = inodes.get_mut(inode) else { return Ok(()) };
        match fault {
            None => inode.sync(),
            Some(Fault::Io | Fault::Fatal) => inode.fail_to_sync(rng),
            // What is pending may survive or not when the power is cut, and stays as it is when only the process ends.
            Some(_) => {}
        }
        if with_names && fault.is_none() && !was_stopped {
            durable_names.clone_from(names);
        }
        fault.map_or(Ok(()), Err)
    }

    /// Removes a name by `real`, durably where `is_durable` says so, unless something goes wrong.
    pub(crate) fn remove(&self, name: &str, is_durable: bool, real: impl Fn()) -> Result<(), Fault> {
        let mut state = self.state();
        state.meet(Operation::Other).map_or(Ok(()), Err)?;
        real();
        state.names.remove(name);
        if is_durable {
            state.durable_names = state.names.clone();
        }
        Ok(())
    }
}

/// The machine's number of a file; `None` where there is none.
fn number(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|metadata| std::os::unix::fs::MetadataExt::ino(&metadata))
}

impl Drop for Shared {
    fn drop(&mut self) {
        vfs::unmount(&self.path);
    }
}
