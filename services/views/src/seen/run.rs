//! A run: keys in their order, written once, with a directory of its buckets and a filter.
//!
//! `entries ‖ directory ‖ filter ‖ footer`. Keys are hashes and so lie evenly: the first bits of a key tell its bucket.
//! What is damaged is never read as a key that is not there: each bucket has a checksum, and the rest a hash.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use kernel::event::Position;
use sha2::{Digest, Sha256};

use super::filter::KeyFilter;
use super::{Key, Seen};

/// Key, position, ordinal, payload; numbers are big-endian.
pub const ENTRY_BYTES: usize = 36;
/// Entries of a bucket, about.
const BUCKET_ENTRIES: usize = 64;
/// Buckets read at once when a run is read as a whole.
const BUCKETS_AHEAD: usize = 32;
/// Of a larger run one bucket is read for each question: so the filters' memory is bounded.
const FILTER_KEYS_MAX: usize = 20_000_000;
const MAGIC: &[u8; 8] = b"tlykeys2";
/// Magic, count, buckets, bytes of the filter, and SHA-256 of directory, filter and these.
const FOOTER_BYTES: usize = 64;
const HASH_BYTES: usize = 32;

/// One run.
#[derive(Debug)]
pub struct Run {
    file: File,
    count: u64,
    directory: Directory,
    filter: Option<KeyFilter>,
}

/// Where the buckets are.
#[derive(Debug, Default)]
struct Directory {
    /// The entry each bucket begins with, and the one after the last.
    starts: Vec<u32>,
    /// CRC-32 (IEEE 802.3) of each bucket's entries.
    checksums: Vec<u32>,
}

impl Directory {
    fn of(buckets: usize) -> Self {
        let starts = Vec::with_capacity(buckets.saturating_add(1));
        Self { starts, checksums: Vec::with_capacity(buckets) }
    }

    /// The bytes of one with so many buckets.
    fn size(buckets: u64) -> Option<u64> {
        buckets.checked_mul(2)?.checked_add(1)?.checked_mul(4)
    }

    fn buckets(&self) -> usize {
        self.checksums.len()
    }

    /// The byte a bucket begins at.
    fn start(&self, bucket: usize) -> io::Result<usize> {
        let entry = self.starts.get(bucket).ok_or_else(damaged)?;
        usize::try_from(*entry).ok().and_then(|entry| entry.checked_mul(ENTRY_BYTES)).ok_or_else(damaged)
    }

    fn bytes(&self) -> Vec<u8> {
        self.starts.iter().chain(&self.checksums).flat_map(|word| word.to_be_bytes()).collect()
    }

    /// From what [`Self::bytes`] gave.
    fn from_bytes(bytes: &[u8]) -> Self {
        let mut starts: Vec<u32> = bytes.as_chunks().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
        let checksums = starts.split_off(starts.len().div_ceil(2));
        Self { starts, checksums }
    }
}

/// A run as it is written: bucket by bucket, to the file and to the directory.
struct Growing<W> {
    out: W,
    directory: Directory,
    /// The entries of the bucket that is being filled.
    bucket: Vec<u8>,
    written: u32,
}

impl<W: Write> Growing<W> {
    fn new(out: W, buckets: usize) -> Self {
        let bucket = Vec::with_capacity(4 * BUCKET_ENTRIES * ENTRY_BYTES);
        Self { out, directory: Directory::of(buckets), bucket, written: 0 }
    }

    /// Takes the next entry; it is in `bucket`.
    fn push(&mut self, bucket: usize, entry: &[u8; ENTRY_BYTES]) -> io::Result<()> {
        self.open(bucket)?;
        self.bucket.extend_from_slice(entry);
        self.written = self.written.checked_add(1).ok_or_else(damaged)?;
        Ok(())
    }

    /// Closes the buckets before `bucket`.
    fn open(&mut self, bucket: usize) -> io::Result<()> {
        while self.directory.starts.len() <= bucket {
            if !self.directory.starts.is_empty() {
                self.directory.checksums.push(crc32fast::hash(&self.bucket));
                self.out.write_all(&self.bucket)?;
                self.bucket.clear();
            }
            self.directory.starts.push(self.written);
        }
        Ok(())
    }
}

impl Run {
    /// Writes at most `count` entries, which come in the order of their keys, each key once.
    pub fn write(
        path: &Path,
        count: usize,
        entries: impl Iterator<Item = io::Result<(Key, Seen)>>,
    ) -> io::Result<Self> {
        let file = File::options().write(true).read(true).create(true).truncate(true).open(path)?;
        let buckets = (count / BUCKET_ENTRIES).max(1);
        let mut growing = Growing::new(BufWriter::with_capacity(1 << 20, file), buckets);
        let mut filter = (count <= FILTER_KEYS_MAX).then(|| KeyFilter::of(count));
        for entry in entries {
            let (key, seen) = entry?;
            growing.push(bucket(&key, buckets), &encode(&key, &seen))?;
            if let Some(filter) = &mut filter {
                filter.add(&key);
            }
        }
        growing.open(buckets)?;
        let Growing { mut out, directory, written, .. } = growing;
        write_tail(&mut out, written, &directory, filter.as_ref())?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        Ok(Self { file, count: u64::from(written), directory, filter })
    }

    /// Opens one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let footer_at = length.checked_sub(FOOTER_BYTES as u64).ok_or_else(damaged)?;
        let mut footer = [0; FOOTER_BYTES];
        file.read_exact_at(&mut footer, footer_at)?;
        let (head, hash) = footer.split_at(FOOTER_BYTES - HASH_BYTES);
        let number = |at: usize| head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let (Some(count), Some(buckets), Some(filter)) = (number(8), number(16), number(24)) else {
            return Err(damaged());
        };
        let directory_bytes = Directory::size(buckets).ok_or_else(damaged)?;
        let entries = count.checked_mul(ENTRY_BYTES as u64).ok_or_else(damaged)?;
        let total = entries.checked_add(directory_bytes).and_then(|sum| sum.checked_add(filter));
        if !head.starts_with(MAGIC) || total != Some(footer_at) {
            return Err(damaged());
        }
        let mut tail = vec![0; usize::try_from(directory_bytes + filter).map_err(io::Error::other)?];
        file.read_exact_at(&mut tail, entries)?;
        if Sha256::new().chain_update(&tail).chain_update(head).finalize().as_slice() != hash {
            return Err(damaged());
        }
        let filter = tail.split_off(usize::try_from(directory_bytes).map_err(io::Error::other)?);
        let directory = Directory::from_bytes(&tail);
        Ok(Self { file, count, directory, filter: KeyFilter::from_bytes(filter) })
    }

    /// How many keys it has.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The record of a key, if the run has it.
    pub fn get(&self, key: &Key) -> io::Result<Option<Seen>> {
        if self.filter.as_ref().is_some_and(|filter| !filter.may_have(key)) {
            return Ok(None);
        }
        let bucket = self.bucket_of(key)?;
        let entries = bucket.as_chunks::<ENTRY_BYTES>().0;
        let found = entries.binary_search_by(|entry| entry.get(..key.len()).cmp(&Some(key.as_slice())));
        Ok(found.ok().and_then(|index| entries.get(index)).map(|entry| decode(entry).1))
    }

    /// The records whose keys begin so.
    pub fn beginning(&self, prefix: &[u8]) -> io::Result<Vec<Seen>> {
        let mut first = Key::default();
        first.iter_mut().zip(prefix).for_each(|(to, from)| *to = *from);
        let bucket = self.bucket_of(&first)?;
        let entries = bucket.as_chunks::<ENTRY_BYTES>().0.iter();
        Ok(entries.filter(|entry| entry.starts_with(prefix)).map(|entry| decode(entry).1).collect())
    }

    /// The bucket of a key. Its first 8 bytes choose it.
    fn bucket_of(&self, key: &Key) -> io::Result<Vec<u8>> {
        let index = bucket(key, self.directory.buckets().max(1));
        let mut bytes = Vec::new();
        self.read(index..index.saturating_add(1), &mut bytes)?;
        Ok(bytes)
    }

    /// Reads the entries of some buckets, which are those that were written.
    fn read(&self, buckets: Range<usize>, to: &mut Vec<u8>) -> io::Result<()> {
        let start = self.directory.start(buckets.start)?;
        to.resize(self.directory.start(buckets.end)?.saturating_sub(start), 0);
        self.file.read_exact_at(to, u64::try_from(start).map_err(io::Error::other)?)?;
        let mut rest = to.as_slice();
        for index in buckets {
            let length = self.directory.start(index.saturating_add(1))?.saturating_sub(self.directory.start(index)?);
            let bucket = rest.split_off(..length).ok_or_else(damaged)?;
            if self.directory.checksums.get(index) != Some(&crc32fast::hash(bucket)) {
                return Err(damaged());
            }
        }
        Ok(())
    }

    /// All entries in their order.
    pub const fn entries(self: Arc<Self>) -> Entries {
        Entries { run: self, read: Vec::new(), at: 0, next: 0 }
    }
}

/// Reads a run from its beginning, some buckets at a time.
#[derive(Debug)]
pub struct Entries {
    run: Arc<Run>,
    read: Vec<u8>,
    /// The next byte of what was read.
    at: usize,
    /// The next bucket.
    next: usize,
}

impl Entries {
    /// Reads on; whether there was anything left.
    fn fill(&mut self) -> io::Result<bool> {
        let end = self.run.directory.buckets().min(self.next.saturating_add(BUCKETS_AHEAD));
        if self.next >= end {
            return Ok(false);
        }
        self.run.read(self.next..end, &mut self.read)?;
        (self.at, self.next) = (0, end);
        Ok(true)
    }
}

impl Iterator for Entries {
    type Item = io::Result<(Key, Seen)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at >= self.read.len() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        let entry = self.read.get(self.at..)?.first_chunk()?;
        self.at = self.at.saturating_add(ENTRY_BYTES);
        Some(Ok(decode(entry)))
    }
}

fn write_tail(out: &mut impl Write, count: u32, directory: &Directory, filter: Option<&KeyFilter>) -> io::Result<()> {
    let buckets = directory.buckets();
    let directory = directory.bytes();
    let filter = filter.map(KeyFilter::bytes).unwrap_or_default();
    let mut head = MAGIC.to_vec();
    for number in [u64::from(count), buckets as u64, filter.len() as u64] {
        head.extend_from_slice(&number.to_be_bytes());
    }
    let hash = Sha256::new().chain_update(&directory).chain_update(filter).chain_update(&head).finalize();
    [directory.as_slice(), filter, &head, &hash].into_iter().try_for_each(|part| out.write_all(part))
}

fn bucket(key: &Key, buckets: usize) -> usize {
    let first = key.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
    let buckets = u128::try_from(buckets).unwrap_or(1);
    usize::try_from((u128::from(first) * buckets) >> 64).unwrap_or(0)
}

fn encode(key: &Key, seen: &Seen) -> [u8; ENTRY_BYTES] {
    let mut entry = [0; ENTRY_BYTES];
    let parts: [&[u8]; 4] = [key, &seen.position.0.to_be_bytes(), &seen.ordinal.to_be_bytes(), &seen.payload];
    let mut rest = entry.as_mut_slice();
    for part in parts {
        if let Some(place) = rest.split_off_mut(..part.len()) {
            place.copy_from_slice(part);
        }
    }
    entry
}

fn decode(entry: &[u8; ENTRY_BYTES]) -> (Key, Seen) {
    let (key, rest) = entry.split_first_chunk().map(|(key, rest)| (*key, rest)).unwrap_or_default();
    let (position, rest) = rest.split_first_chunk().map(|(position, rest)| (*position, rest)).unwrap_or_default();
    let (ordinal, rest) = rest.split_first_chunk().map(|(ordinal, rest)| (*ordinal, rest)).unwrap_or_default();
    let payload = rest.first_chunk().copied().unwrap_or_default();
    let position = Position(u64::from_be_bytes(position));
    (key, Seen { position, ordinal: u32::from_be_bytes(ordinal), payload })
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a run of the index of keys is damaged")
}
