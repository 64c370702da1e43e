//! Single bits flipped all over a small file: found by `verify`, or without any meaning; never returned as a fact.

use std::path::Path;

use kernel::event::Revision;
use tempfile::TempDir;

use super::medium::Medium;
use super::read::Reader;
use super::{Damage, FILE_NAME, LogReader, Options, SqliteLog, VerifyError, verify};
use crate::port::{Direction, Expected, Filter, NewEvent, ReadError, StoredEvent};
use crate::suite::{append, event, events, log_past, stream};

const PAGE_BYTES: usize = 4_096;
const HEADER_BYTES: usize = 100;

/// Bits looked at: one of so many, another in each byte. All of them in the long run.
#[expect(clippy::disallowed_methods, reason = "the one setting of a test, which has no command line of its own")]
pub(super) fn stride() -> usize {
    if std::env::var("TALLYSTICK_CRASH_ROUNDS").is_ok() { 1 } else { 97 }
}

/// What a byte of the file is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Header,
    Schema,
    /// A row of a table: of an event, or of a stream's name.
    Record,
    Index,
    /// The rest of a large record.
    Overflow,
    /// Room that nothing uses.
    Free,
}

/// A closed log of a few pages, and everything in it.
async fn written() -> (TempDir, Vec<StoredEvent>) {
    let directory = TempDir::new().unwrap();
    let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
    append(&log, &stream("a"), Expected::NoStream, events(&["one", "two"])).await;
    append(&log, &stream("b"), Expected::NoStream, vec![NewEvent { body: vec![7; 6_000], ..event("three") }]).await;
    append(&log, &stream("a"), Expected::At(Revision(1)), events(&["four"])).await;
    let all = log_past(&log, None, &Filter::All).await;
    log.close().await;
    (directory, all)
}

/// By the page's first byte (<https://sqlite.org/fileformat2.html#b_tree_pages>): leaves of tables and of indexes; all
/// else is overflow here. Nothing has been deleted, so a leaf is used before its free middle and after.
fn class(file: &[u8], offset: usize) -> Class {
    if offset < HEADER_BYTES {
        return Class::Header;
    }
    let (page, within) = (&file[offset / PAGE_BYTES * PAGE_BYTES..], offset % PAGE_BYTES);
    let start = if offset < PAGE_BYTES { HEADER_BYTES } else { 0 };
    let number = |at: usize| usize::from(u16::from_be_bytes([page[start + at], page[start + at + 1]]));
    let (cells, content) = (start + 8 + 2 * number(3), number(5));
    match page[start] {
        13 | 10 if (cells..content).contains(&within) => Class::Free,
        13 if offset < PAGE_BYTES => Class::Schema,
        13 => Class::Record,
        10 => Class::Index,
        _ => Class::Overflow,
    }
}

/// What can be read, of everything and of each stream, whatever `verify` says.
async fn read(directory: &Path) -> [Result<Vec<StoredEvent>, ReadError>; 3] {
    let damaged = || Err(ReadError::Corrupt { position: None });
    let Ok(reader) = LogReader::open(directory) else { return [damaged(), damaged(), damaged()] };
    let all = reader.read_log(None, &Filter::All, 100).await.map(|page| page.events);
    let reader = Reader::new(directory.join(FILE_NAME), Medium::default());
    let one = async |name| {
        let read = reader.stream(&stream(name), Revision(0), Direction::Forward, 100).await;
        read.map(|page| page.events)
    };
    [all, one("a").await, one("b").await]
}

/// What `verify` says of a flip.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Damage,
    /// With the position of the event.
    Named,
}

fn found(directory: &Path) -> Found {
    match verify(directory) {
        Ok(_) => Found::Nothing,
        Err(VerifyError::Damaged { position: Some(_), .. }) => Found::Named,
        Err(_) => Found::Damage,
    }
}

#[tokio::test]
async fn a_flipped_bit_is_found_or_means_nothing_and_is_never_returned_as_a_fact() {
    let (directory, truth) = written().await;
    let of = |name| truth.iter().filter(|event| event.stream == stream(name)).cloned().collect();
    let truth = [truth.clone(), of("a"), of("b")];
    let file = std::fs::read(directory.path().join(FILE_NAME)).unwrap();
    let mut named = std::collections::HashMap::<Class, [usize; 3]>::new();
    for bit in (0..file.len() * 8).step_by(stride()) {
        let (offset, mut flipped) = (bit / 8, file.clone());
        flipped[offset] ^= 1 << (bit % 8);
        std::fs::write(directory.path().join(FILE_NAME), &flipped).unwrap();
        let (class, found) = (class(&file, offset), found(directory.path()));
        for (read, truth) in read(directory.path()).await.into_iter().zip(&truth) {
            let Ok(events) = read else { continue };
            // A page or an index that says to hold less reads as if less had been written: for `verify` to find.
            let is_shorter = found != Found::Nothing && truth.starts_with(&events);
            assert!(is_shorter || events == *truth, "bit {bit} ({class:?}) changes what is read");
        }
        let counts = named.entry(class).or_default();
        counts[found as usize] += 1;
        assert!(class != Class::Index || found != Found::Nothing, "bit {bit} of an index was not found");
    }
    let missed = |class: Class| {
        let counts = named[&class];
        counts[Found::Nothing as usize] * 100 / counts.iter().sum::<usize>()
    };
    assert_eq!(missed(Class::Free), 100, "{named:?}");
    assert!(missed(Class::Header) <= 40, "found in the header, but for what has no meaning: {named:?}");
    // In each row SQLite keeps a place for its number, which stands elsewhere and is read from there.
    assert!(missed(Class::Record) <= 5, "found in a record, but for what has no meaning: {named:?}");
    for class in [Class::Record, Class::Index, Class::Overflow] {
        assert!(named[&class][Found::Named as usize] > 0, "with the event's position: {named:?}");
    }
}

#[tokio::test]
async fn a_schema_that_was_changed_is_found() {
    let (directory, _) = written().await;
    let path = directory.path().join(FILE_NAME);
    let mut file = std::fs::read(&path).unwrap();
    let text = b"CREATE TABLE event";
    let place = file.windows(text.len()).position(|bytes| bytes == text).unwrap();
    file[place] ^= 0x20;
    std::fs::write(path, file).unwrap();
    let Err(VerifyError::Damaged { damage: Damage::Structure(what), .. }) = verify(directory.path()) else {
        panic!("not found")
    };
    assert_eq!(what, "the tables are not those of a log");
}
