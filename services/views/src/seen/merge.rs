//! Merges runs into the entries of one, in the order of their keys.

use std::io;
use std::sync::Arc;

use super::run::{Entries, Run};
use super::{Key, Seen};

/// The entries of all runs; of a key that several have, the first record.
pub fn all(runs: &[Arc<Run>]) -> io::Result<Merged> {
    let mut sources = Vec::with_capacity(runs.len());
    for run in runs {
        let mut entries = Arc::clone(run).entries();
        if let Some(head) = entries.next() {
            sources.push(Source { head: ordered(head?), entries });
        }
    }
    Ok(Merged { sources, last: None })
}

/// Entries of several runs.
#[derive(Debug)]
pub struct Merged {
    /// Those that have not ended: few, so that the least is found by looking at each.
    sources: Vec<Source>,
    last: Option<u128>,
}

/// What is left of a run.
#[derive(Debug)]
struct Source {
    /// Its next entry.
    head: (u128, Seen),
    entries: Entries,
}

/// Keys as numbers are in their own order, and quick to compare.
const fn ordered((key, seen): (Key, Seen)) -> (u128, Seen) {
    (u128::from_be_bytes(key), seen)
}

impl Merged {
    fn take(&mut self) -> Option<io::Result<(u128, Seen)>> {
        let (least, source) = self.sources.iter_mut().enumerate().min_by_key(|(_, source)| source.head)?;
        let head = source.head;
        match source.entries.next() {
            Some(Ok(next)) => source.head = ordered(next),
            Some(Err(error)) => return Some(Err(error)),
            None => _ = self.sources.swap_remove(least),
        }
        Some(Ok(head))
    }
}

impl Iterator for Merged {
    type Item = io::Result<(Key, Seen)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.take()? {
                Ok((key, _)) if self.last == Some(key) => {}
                Ok((key, seen)) => {
                    self.last = Some(key);
                    return Some(Ok((key.to_be_bytes(), seen)));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
