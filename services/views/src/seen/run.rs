//! A run: keys in their order, written once, with a directory of its buckets and a filter.
//!
//! `entries ‖ directory ‖ filter ‖ footer`. Keys are hashes and so lie evenly: the first bits of a key tell its bucket.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use kernel::event::Position;
use sha2::{Digest, Sha256};

use super::filter::KeyFilter;
use super::{Key, Seen};

/// Key, position, ordinal, payload; numbers are big-endian.
pub const ENTRY_BYTES: usize = 36;
/// Entries of a bucket, about.
const BUCKET_ENTRIES: usize = 64;
/// Of a larger run one bucket is read for each question: so the filters' memory is bounded.
const FILTER_KEYS_MAX: usize = 20_000_000;
const MAGIC: &[u8; 8] = b"tlykeys1";
/// Magic, count, buckets, bytes of the filter, and SHA-256 of directory, filter and these.
const FOOTER_BYTES: usize = 64;
const HASH_BYTES: usize = 32;

/// One run.
#[derive(Debug)]
pub struct Run {
    file: File,
    count: u64,
    /// Where each bucket begins, and the last ends: by index of entry.
    directory: Vec<u32>,
    filter: Option<KeyFilter>,
}

impl Run {
    /// Writes at most `count` entries, which come in the order of their keys, each key once.
    pub fn write(
        path: &Path,
        count: usize,
        entries: impl Iterator<Item = io::Result<(Key, Seen)>>,
    ) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(
            1 << 20,
            File::options().write(true).read(true).create(true).truncate(true).open(path)?,
        );
        let buckets = (count / BUCKET_ENTRIES).max(1);
        let mut directory = Vec::with_capacity(buckets.saturating_add(1));
        let mut filter = (count <= FILTER_KEYS_MAX).then(|| KeyFilter::of(count));
        let mut written: u32 = 0;
        for entry in entries {
            let (key, seen) = entry?;
            let bucket = bucket(&key, buckets);
            while directory.len() <= bucket {
                directory.push(written);
            }
            if let Some(filter) = &mut filter {
                filter.add(&key);
            }
            out.write_all(&encode(&key, &seen))?;
            written = written.checked_add(1).ok_or_else(damaged)?;
        }
        directory.resize(buckets.saturating_add(1), written);
        write_tail(&mut out, written, &directory, filter.as_ref())?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        Ok(Self { file, count: u64::from(written), directory, filter })
    }

    /// Opens one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let footer_at = length.checked_sub(FOOTER_BYTES as u64).ok_or_else(damaged)?;
        let mut footer = [0; FOOTER_BYTES];
        file.read_exact_at(&mut footer, footer_at)?;
        let (head, hash) = footer.split_at(FOOTER_BYTES - HASH_BYTES);
        let number = |at: usize| head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let (Some(count), Some(buckets), Some(filter)) = (number(8), number(16), number(24)) else {
            return Err(damaged());
        };
        let directory_bytes = buckets.checked_add(1).and_then(|entries| entries.checked_mul(4)).ok_or_else(damaged)?;
        let entries = count.checked_mul(ENTRY_BYTES as u64).ok_or_else(damaged)?;
        let total = entries.checked_add(directory_bytes).and_then(|sum| sum.checked_add(filter));
        if !head.starts_with(MAGIC) || total != Some(footer_at) {
            return Err(damaged());
        }
        file.seek(SeekFrom::Start(entries))?;
        let mut tail = vec![0; usize::try_from(directory_bytes + filter).map_err(io::Error::other)?];
        file.read_exact(&mut tail)?;
        if Sha256::new().chain_update(&tail).chain_update(head).finalize().as_slice() != hash {
            return Err(damaged());
        }
        let filter = tail.split_off(usize::try_from(directory_bytes).map_err(io::Error::other)?);
        let words = tail.chunks_exact(4).filter_map(|bytes| bytes.try_into().ok());
        Ok(Self {
            file,
            count,
            directory: words.map(u32::from_be_bytes).collect(),
            filter: KeyFilter::from_bytes(filter),
        })
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
        let bucket = self.bucket(key)?;
        let entries = bucket.as_chunks::<ENTRY_BYTES>().0;
        let found = entries.binary_search_by(|entry| entry.get(..key.len()).cmp(&Some(key.as_slice())));
        Ok(found.ok().and_then(|index| entries.get(index)).map(|entry| decode(entry).1))
    }

    /// The records whose keys begin so.
    pub fn beginning(&self, prefix: &[u8]) -> io::Result<Vec<Seen>> {
        let mut first = Key::default();
        first.iter_mut().zip(prefix).for_each(|(to, from)| *to = *from);
        let bucket = self.bucket(&first)?;
        let entries = bucket.as_chunks::<ENTRY_BYTES>().0.iter();
        Ok(entries.filter(|entry| entry.starts_with(prefix)).map(|entry| decode(entry).1).collect())
    }

    /// The bucket of a key. Its first 8 bytes choose it.
    fn bucket(&self, key: &Key) -> io::Result<Vec<u8>> {
        let bucket = bucket(key, self.directory.len().saturating_sub(1).max(1));
        let bound = |index: usize| self.directory.get(index).copied().ok_or_else(damaged);
        let (start, end) = (bound(bucket)?, bound(bucket.saturating_add(1))?);
        let length = usize::try_from(end.saturating_sub(start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length.saturating_mul(ENTRY_BYTES)];
        self.file.read_exact_at(&mut bytes, u64::from(start).saturating_mul(ENTRY_BYTES as u64))?;
        Ok(bytes)
    }

    /// All entries in their order.
    pub fn entries(&self) -> io::Result<Entries> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Entries { reader: BufReader::with_capacity(1 << 18, file), left: self.count })
    }
}

/// Reads a run from its beginning. One at a time: handles of a file share where they are.
#[derive(Debug)]
pub struct Entries {
    reader: BufReader<File>,
    left: u64,
}

impl Iterator for Entries {
    type Item = io::Result<(Key, Seen)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let mut entry = [0; ENTRY_BYTES];
        Some(self.reader.read_exact(&mut entry).map(|()| decode(&entry)))
    }
}

fn write_tail(out: &mut impl Write, count: u32, directory: &[u32], filter: Option<&KeyFilter>) -> io::Result<()> {
    let directory: Vec<u8> = directory.iter().flat_map(|start| start.to_be_bytes()).collect();
    let buckets = (directory.len() / 4).saturating_sub(1);
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
    let position = seen.position.0.to_be_bytes();
    let ordinal = seen.ordinal.to_be_bytes();
    let parts = key.iter().chain(&position).chain(&ordinal).chain(&seen.payload);
    entry.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
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
