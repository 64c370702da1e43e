//! How the log's writer fares: how long its flushes take, and how large its file is. Kept in memory only.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// The flushes that percentiles are taken over: the last ones.
const FLUSHES_MAX: usize = 1_024;

/// A handle for reading; clones show the same log.
#[derive(Clone, Debug)]
pub struct Vitals(Arc<State>);

#[derive(Debug)]
struct State {
    size: Size,
    flushes: Mutex<Flushes>,
}

/// Where the size of the log is known from.
#[derive(Debug)]
enum Size {
    /// Its file.
    File(PathBuf),
    /// Its store said so last.
    Told(AtomicU64),
}

#[derive(Debug, Default)]
struct Flushes {
    last_at: Option<Timestamp>,
    microseconds: VecDeque<u32>,
}

/// How the log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vital {
    /// Bytes of the log on disk, what is not checkpointed yet included.
    pub bytes: u64,
    /// When the last group of appends was made durable, since the start.
    pub last_flush_at: Option<Timestamp>,
    /// The median of the last 1,024 flushes, in microseconds.
    pub flush_p50_us: Option<u32>,
    /// 99 of 100 of them took at most this long, in microseconds.
    pub flush_p99_us: Option<u32>,
}

impl Vitals {
    /// Of a log in a file.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(Arc::new(State { size: Size::File(path), flushes: Mutex::default() }))
    }

    /// Of a log in a store that tells its size by [`Self::sized`].
    pub(crate) fn told() -> Self {
        Self(Arc::new(State { size: Size::Told(AtomicU64::new(0)), flushes: Mutex::default() }))
    }

    /// Takes note of the log's size, in bytes, where it is told.
    pub(crate) fn sized(&self, bytes: u64) {
        match &self.0.size {
            Size::File(_) => {}
            Size::Told(told) => told.store(bytes, Ordering::Relaxed),
        }
    }

    /// Takes note of a flush.
    pub(crate) fn flushed(&self, at: Timestamp, took: Duration) {
        let mut flushes = self.0.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        if flushes.microseconds.len() >= FLUSHES_MAX {
            flushes.microseconds.pop_front();
        }
        flushes.microseconds.push_back(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        flushes.last_at = Some(at);
    }

    /// How the log stands now. Reads the sizes of its files.
    pub fn now(&self) -> Vital {
        let (last_flush_at, mut sorted) = {
            let flushes = self.0.flushes.lock().unwrap_or_else(PoisonError::into_inner);
            (flushes.last_at, flushes.microseconds.iter().copied().collect::<Vec<_>>())
        };
        sorted.sort_unstable();
        Vital {
            bytes: self.bytes(),
            last_flush_at,
            flush_p50_us: percentile(&sorted, 50),
            flush_p99_us: percentile(&sorted, 99),
        }
    }

    fn bytes(&self) -> u64 {
        match &self.0.size {
            Size::File(path) => file_bytes(path),
            Size::Told(told) => told.load(Ordering::Relaxed),
        }
    }
}

/// Of the file and of what is written ahead of it.
fn file_bytes(path: &Path) -> u64 {
    let mut ahead = path.as_os_str().to_owned();
    ahead.push("-wal");
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    size(path).saturating_add(size(ahead.as_ref()))
}

/// The smallest of sorted values that `percent` of 100 do not exceed.
fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_values_themselves() {
        let sorted: Vec<u32> = (1..=200).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 99)), (Some(100), Some(198)));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99), percentile(&[], 50)), (Some(7), Some(7), None));
    }

    #[test]
    fn only_the_last_flushes_count() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.db");
        std::fs::write(&path, [0; 10]).unwrap();
        let vitals = Vitals::new(path);
        assert_eq!(vitals.now(), Vital { bytes: 10, ..Vital::default() });
        let at = |second| Timestamp::from_second(second).unwrap();
        vitals.flushed(at(1), Duration::from_millis(9));
        for _ in 0..FLUSHES_MAX {
            vitals.flushed(at(2), Duration::from_micros(300));
        }
        let vital = vitals.now();
        assert_eq!((vital.last_flush_at, vital.flush_p50_us, vital.flush_p99_us), (Some(at(2)), Some(300), Some(300)));
    }
}
