//! Merges runs into the entries of one, in the order of their keys.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::sync::Arc;

use super::run::{Entries, Run};
use super::{Key, Seen};

/// The entries of all runs; of a key that several have, the first record.
pub fn all(runs: &[Arc<Run>]) -> io::Result<Merged> {
    let mut sources: Vec<Entries> = runs.iter().map(|run| Arc::clone(run).entries()).collect();
    let mut heads = BinaryHeap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        if let Some(entry) = source.next() {
            let (key, seen) = entry?;
            heads.push(Reverse((key, seen, index)));
        }
    }
    Ok(Merged { sources, heads, last: None })
}

/// Entries of several runs.
pub struct Merged {
    sources: Vec<Entries>,
    heads: BinaryHeap<Reverse<(Key, Seen, usize)>>,
    last: Option<Key>,
}

impl Merged {
    fn take(&mut self) -> Option<io::Result<(Key, Seen)>> {
        let Reverse((key, seen, index)) = self.heads.pop()?;
        match self.sources.get_mut(index).and_then(Iterator::next) {
            Some(Ok((next, of_next))) => self.heads.push(Reverse((next, of_next, index))),
            Some(Err(error)) => return Some(Err(error)),
            None => {}
        }
        Some(Ok((key, seen)))
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
                    return Some(Ok((key, seen)));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
