//! The first 100 bytes of the file (<https://sqlite.org/fileformat2.html#the_database_header>): what SQLite itself does
//! not look at when it reads.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::sqlite::schema::SQLITE_VERSION_MIN;

/// The parts of the header that are zero in a log: reserved, or of features that it does not use.
const ZEROS: [std::ops::Range<usize>; 5] = [20..21, 48..52, 52..56, 64..68, 72..92];
/// How often the file changed, and how often it had when the version after it was written: always the same.
const CHANGES: [std::ops::Range<usize>; 2] = [24..28, 92..96];
/// The version of the SQLite that wrote last.
const VERSION: std::ops::Range<usize> = 96..100;
const VERSION_END: i32 = 4_000_000;

/// What is wrong with a file's header, if anything is. A file that is still being made has none.
pub(super) fn fault(path: &Path) -> std::io::Result<Option<&'static str>> {
    let mut header = [0; 100];
    match File::open(path)?.read_exact(&mut header) {
        Ok(()) => Ok(fault_in(&header)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn fault_in(header: &[u8; 100]) -> Option<&'static str> {
    let part = |range: &std::ops::Range<usize>| header.get(range.clone()).unwrap_or_default();
    if ZEROS.iter().any(|zeros| part(zeros).iter().any(|byte| *byte != 0)) {
        return Some("a part of the header that is always zero is not");
    }
    let [changes, valid_for] = CHANGES.each_ref().map(part);
    if changes != valid_for {
        return Some("the counters in the header differ");
    }
    let version = part(&VERSION).iter().fold(0, |number: i32, byte| (number << 8) | i32::from(*byte));
    let known = (SQLITE_VERSION_MIN..VERSION_END).contains(&version);
    (!known).then_some("the header names no version of SQLite that writes logs")
}
