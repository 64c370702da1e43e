//! Single bits flipped all over a write-ahead log that a crash left: told before SQLite drops what is behind them, and
//! nothing that a crash may leave is taken for it.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::backup::{BackupError, take};
use crate::port::{Expected, Filter, NewEvent};
use crate::sqlite::flip_tests::stride;
use crate::sqlite::{FILE_NAME, LogReader, OpenError, Options, SqliteLog, VerifyError, verify};
use crate::suite::{append, event, events, stream};
use crate::verified::Damage;

const FRAME_BYTES: usize = 4_120;
/// Appends in the write-ahead log, with a commit each, and their events.
const APPENDS: usize = 4;

/// What a crash left: a database, and a write-ahead log with several transactions that were acknowledged.
struct Crashed {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Crashed {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
        for number in 0..APPENDS {
            let body = vec![7; if number == 1 { 5_000 } else { 500 }];
            let new = NewEvent { body, ..event(&number.to_string()) };
            append(&log, &stream(&number.to_string()), Expected::NoStream, vec![new]).await;
        }
        let path = directory.path().join(FILE_NAME);
        Self { database: std::fs::read(&path).unwrap(), log: std::fs::read(super::path(&path)).unwrap() }
    }

    fn restore(&self, directory: &Path, log: &[u8]) {
        let path = directory.join(FILE_NAME);
        _ = std::fs::remove_file(directory.join("log.db-shm"));
        std::fs::write(super::path(&path), log).unwrap();
        std::fs::write(path, &self.database).unwrap();
    }

    fn flipped(&self, bit: usize) -> Vec<u8> {
        let mut log = self.log.clone();
        log[bit / 8] ^= 1 << (bit % 8);
        log
    }

    fn frames(&self) -> usize {
        (self.log.len() - HEADER_BYTES) / FRAME_BYTES
    }

    /// The frame that a byte is in, from 1; 0 is the header.
    fn frame(offset: usize) -> usize {
        offset.checked_sub(HEADER_BYTES).map_or(0, |within| within / FRAME_BYTES + 1)
    }

    fn commits(&self, frame: usize) -> bool {
        let start = HEADER_BYTES + (frame - 1) * FRAME_BYTES;
        self.log[start + 4..start + 8] != [0; 4]
    }

    /// The first frame of the last transaction.
    fn last_transaction(&self) -> usize {
        (1..self.frames()).rev().find(|frame| self.commits(*frame)).unwrap() + 1
    }
}

/// How many events SQLite finds if it is left to itself.
fn left_by_sqlite(directory: &Path) -> rusqlite::Result<usize> {
    let connection = Connection::open(directory.join(FILE_NAME))?;
    let count = connection.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0))?;
    Ok(usize::try_from(count).unwrap())
}

#[tokio::test]
async fn a_flipped_bit_is_told_unless_it_is_in_the_last_transaction() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    assert!((1..=crashed.frames()).filter(|frame| crashed.commits(*frame)).count() >= APPENDS);
    crashed.restore(directory.path(), &crashed.log);
    let database = directory.path().join(FILE_NAME);
    assert_eq!(damage(&database).unwrap(), None);
    for bit in (0..crashed.log.len() * 8).step_by(stride() * 11) {
        let frame = Crashed::frame(bit / 8);
        std::fs::write(path(&database), crashed.flipped(bit)).unwrap();
        let found = damage(&database).unwrap().map(|place| usize::try_from(place.frame).unwrap());
        let expected = (frame < crashed.last_transaction()).then_some(frame);
        assert_eq!(found, expected, "bit {bit}");
    }
}

/// Every bit of what is read first and of what ends transactions, where a flip is hardest to tell.
#[tokio::test]
async fn a_flipped_bit_in_any_header_is_told() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    crashed.restore(directory.path(), &crashed.log);
    let database = directory.path().join(FILE_NAME);
    let starts = (0..crashed.last_transaction() - 1).map(|frame| HEADER_BYTES + frame * FRAME_BYTES);
    let bytes = (0..HEADER_BYTES).chain(starts.flat_map(|start| start..start + 24));
    for bit in bytes.flat_map(|byte| byte * 8..byte * 8 + 8).step_by(stride().min(5)) {
        std::fs::write(path(&database), crashed.flipped(bit)).unwrap();
        let found = damage(&database).unwrap().unwrap_or_else(|| panic!("bit {bit} was not told"));
        assert_eq!(usize::try_from(found.frame).unwrap(), Crashed::frame(bit / 8), "bit {bit}");
    }
}

/// The size of the database after a transaction is what marks its end; as a power of two it is one bit.
#[tokio::test]
async fn a_flipped_bit_that_is_all_of_a_mark_is_told() {
    let (mut crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    let frame = crashed.last_transaction() - 1;
    let start = HEADER_BYTES + (frame - 1) * FRAME_BYTES;
    crashed.log[start + 4..start + 8].copy_from_slice(&16_u32.to_be_bytes());
    sign_anew(&mut crashed.log, frame);
    crashed.restore(directory.path(), &crashed.log);
    let database = directory.path().join(FILE_NAME);
    assert_eq!(damage(&database).unwrap(), None);
    assert_eq!(left_by_sqlite(directory.path()), Ok(APPENDS), "the checksums are those of SQLite");
    crashed.restore(directory.path(), &crashed.flipped((start + 7) * 8 + 4));
    assert_eq!(damage(&database).unwrap().map(|place| place.frame), Some(u64::try_from(frame).unwrap()));
}

/// Gives the frames from `first` on the checksums that they ought to have.
fn sign_anew(log: &mut [u8], first: usize) {
    let cycle = Cycle::of(log[..HEADER_BYTES].try_into().unwrap()).unwrap();
    for start in (0..(log.len() - HEADER_BYTES) / FRAME_BYTES).map(|frame| HEADER_BYTES + frame * FRAME_BYTES) {
        if start < HEADER_BYTES + (first - 1) * FRAME_BYTES {
            continue;
        }
        let stored = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
        let at = start - FRAME_BYTES + 16;
        let before = Sum(stored(at), stored(at + 4));
        let Sum(one, two) = Frame(log[start..start + FRAME_BYTES].to_vec()).due(cycle.order, before);
        log[start + 16..start + 20].copy_from_slice(&one.to_be_bytes());
        log[start + 20..start + 24].copy_from_slice(&two.to_be_bytes());
    }
}

#[tokio::test]
async fn a_damaged_log_is_opened_by_nobody_and_stays_as_it_is() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    let frame = crashed.last_transaction() - 1;
    let flipped = crashed.flipped((HEADER_BYTES + (frame - 1) * FRAME_BYTES + 2_000) * 8);
    crashed.restore(directory.path(), &flipped);
    let offset = HEADER_BYTES + (frame - 1) * FRAME_BYTES;
    let place = Damage::WriteAhead { frame: frame.try_into().unwrap(), offset: offset.try_into().unwrap() };
    let is_told = |error: VerifyError| assert!(matches!(error, VerifyError::Damaged { damage, .. } if damage == place));
    match SqliteLog::open(directory.path(), &Options::default()) {
        Err(OpenError::Damaged(error)) => is_told(error),
        other => panic!("{:?}", other.map(drop)),
    }
    match LogReader::open(directory.path()) {
        Err(OpenError::Damaged(error)) => is_told(error),
        other => panic!("{:?}", other.map(drop)),
    }
    is_told(verify(directory.path()).unwrap_err());
    let elsewhere = directory.path().join("backup");
    match take(directory.path(), &elsewhere, jiff::Timestamp::UNIX_EPOCH, &mut |_| ()) {
        Err(BackupError::Log(OpenError::Damaged(error))) => is_told(error),
        other => panic!("{other:?}"),
    }
    let database = directory.path().join(FILE_NAME);
    assert_eq!(std::fs::read(path(&database)).unwrap(), flipped);
    assert_eq!(std::fs::read(&database).unwrap(), crashed.database);
    assert_eq!(left_by_sqlite(directory.path()), Ok(APPENDS - 2), "what SQLite does by itself");
}

#[tokio::test]
async fn the_last_transaction_is_there_whole_or_not_at_all() {
    let crashed = Crashed::new().await;
    let start = (HEADER_BYTES + (crashed.last_transaction() - 1) * FRAME_BYTES) * 8;
    for bit in (start..crashed.log.len() * 8).step_by(stride() * 101) {
        let directory = TempDir::new().unwrap();
        crashed.restore(directory.path(), &crashed.flipped(bit));
        let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
        append(&log, &stream("next"), Expected::NoStream, events(&["next"])).await;
        assert_eq!(crate::suite::log_past(&log, None, &Filter::All).await.len(), APPENDS, "bit {bit}");
    }
}

/// A header as the power cut leaves it while SQLite begins the log anew: new up to some byte.
#[tokio::test]
async fn a_header_that_was_torn_when_the_log_began_anew_is_no_damage() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    crashed.restore(directory.path(), &crashed.log);
    let database = directory.path().join(FILE_NAME);
    let copied = Connection::open(&database).unwrap();
    copied.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
    copied.execute_batch("CREATE TABLE unrelated (one); DROP TABLE unrelated").unwrap();
    let begun = std::fs::read(path(&database)).unwrap();
    assert_ne!(begun[16..24], crashed.log[16..24], "it began anew");
    assert_eq!(damage(&database).unwrap(), None, "with old frames behind the new ones");
    for torn in 0..HEADER_BYTES {
        let mut log = crashed.log.clone();
        log[..torn].copy_from_slice(&begun[..torn]);
        std::fs::write(path(&database), log).unwrap();
        assert_eq!(damage(&database).unwrap(), None, "{torn}");
    }
}

/// Frames that stay behind the end from a transaction that failed: as many as it had, with its mark at the end.
#[tokio::test]
async fn what_a_failed_transaction_left_behind_a_torn_one_is_no_damage() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    let database = directory.path().join(FILE_NAME);
    let start = HEADER_BYTES + (crashed.last_transaction() - 1) * FRAME_BYTES;
    for torn in [start + 4, start + 100, start + FRAME_BYTES + 4] {
        let mut log = crashed.log.clone();
        let older = log[start..].to_vec();
        log.extend_from_slice(&older);
        log.extend_from_slice(&older);
        log[torn] ^= 0xff;
        log[torn + 1] ^= 0xff;
        crashed.restore(directory.path(), &log);
        assert_eq!(damage(&database).unwrap(), None);
    }
}

#[tokio::test]
async fn whatever_is_cut_off_or_written_over_with_zeros_at_the_end_is_no_damage() {
    let (crashed, directory) = (Crashed::new().await, TempDir::new().unwrap());
    crashed.restore(directory.path(), &crashed.log);
    let database = directory.path().join(FILE_NAME);
    for length in (0..crashed.log.len()).step_by(509) {
        let mut log = crashed.log[..length].to_vec();
        std::fs::write(path(&database), &log).unwrap();
        assert_eq!(damage(&database).unwrap(), None, "cut to {length}");
        log.resize(crashed.log.len(), 0);
        std::fs::write(path(&database), &log).unwrap();
        if length > HEADER_BYTES {
            assert_eq!(damage(&database).unwrap(), None, "zeros from {length} on");
        }
    }
}
