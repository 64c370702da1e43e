//! Looks at the write-ahead log before SQLite does: at opening SQLite takes its frames up to the first whose checksum is
//! wrong, and drops that one and all after it without a word. A torn write that nobody was told of ends so, but so does
//! a flipped bit, and then what was acknowledged is gone.
//!
//! What tells them apart: a frame's checksum runs on from the frame before it. SQLite writes the first frame of a
//! transaction only after the one before is committed, which is after its fsync; and what is found in a write-ahead log
//! at opening is synced before anything is written behind it. So **where a frame runs on from one that ends a
//! transaction, everything up to there had been synced**, and a frame before it that is wrong is damage, whatever
//! happened. Nothing weaker would do: frames of the same cycle may be left behind the end by transactions that were
//! rolled back, failed or torn, with marks that say they end one, but nothing of theirs runs on from such an end.
//!
//! A header that is wrong is as SQLite leaves it when the power goes while it begins the log anew; then all that is
//! behind it has been copied into the database and synced. So it is damage where a page of what had been synced, by the
//! rule above, is not in the database.
//!
//! **What nobody can tell:** nothing runs on from the last transaction in the log. Damage in it reads as a torn write,
//! and it is dropped whole; so is it where the header alone is wrong and no other transaction is there. The start and
//! `verify` hold against it what else is known of the log's end: checkpoints, the views' cursors.

#[cfg(test)]
mod flip_tests;
mod frame;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use self::frame::{Cycle, End, Frame, Frames, HEADER_BYTES, Order, Sum, page_size};

/// Where a write-ahead log is not what had been synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The first frame that is wrong, from 1; 0 is the header.
    pub frame: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
}

/// The file that SQLite keeps beside a database.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    name.into()
}

/// The damage in the write-ahead log of a database, if any can be told. Reads all of it once; changes nothing.
///
/// The database may be in use. A frame that is being written may read as wrong; what a later transaction runs on from
/// is written no more, so a second look sees it right.
pub(super) fn damage(database: &Path) -> io::Result<Option<Place>> {
    let Some(first) = look(database)? else { return Ok(None) };
    let second = look(database)?;
    Ok(second.filter(|second| *second == first).map(|(place, _)| place))
}

type Header = [u8; HEADER_BYTES];

/// The damage, and the header of the cycle that it is in. A log that was begun anew or removed meanwhile had been
/// copied back.
fn look(database: &Path) -> io::Result<Option<(Place, Header)>> {
    match found(database) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found,
    }
}

fn found(database: &Path) -> io::Result<Option<(Place, Header)>> {
    let path = path(database);
    let Some(header) = header(&path)? else { return Ok(None) };
    let found = match Cycle::of(&header) {
        Some(cycle) => break_before_an_end(&path, &cycle)?.map(|frame| Place { frame, offset: cycle.offset(frame) }),
        None => lost_behind_a_header(database)?.then_some(Place { frame: 0, offset: 0 }),
    };
    let is_same = self::header(&path)? == Some(header);
    Ok(found.filter(|_| is_same).map(|place| (place, header)))
}

fn header(path: &Path) -> io::Result<Option<Header>> {
    let mut header = [0; HEADER_BYTES];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Ok(()) => Ok(Some(header)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => Ok(None),
        Err(error) => Err(error),
    }
}

fn frames(path: &Path) -> io::Result<Frames> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(32))?;
    Ok(Frames::new(file))
}

/// How many transactions are in the write-ahead log of a database.
#[cfg(test)]
pub(crate) fn commits(database: &Path) -> io::Result<usize> {
    let path = path(database);
    let Some(cycle) = header(&path)?.as_ref().and_then(Cycle::of) else { return Ok(0) };
    let (mut frames, mut before, mut commits) = (frames(&path)?, cycle.sum, 0);
    while let Some(frame) = frames.next(&cycle, Vec::new())?.filter(|frame| frame.follows(&cycle, before)) {
        (before, commits) = (frame.stored(), commits + usize::from(frame.commits()));
    }
    Ok(commits)
}

/// What the next frame may run on from.
#[derive(Clone, Copy)]
struct Link {
    sum: Sum,
    end: End,
    page_number: u32,
}

impl Link {
    fn of(frame: &Frame, sum: Sum, is_end: bool) -> Self {
        let end = if is_end { End::Certain } else { End::No };
        Self { sum, end, page_number: frame.page_number() }
    }

    /// Whether a transaction ended here, given the frame that runs on from it. Within one, pages ascend, as long as it
    /// fits into the cache.
    fn ends_before(&self, next: &Frame) -> bool {
        match self.end {
            End::Certain => true,
            End::Possible => next.page_number() <= self.page_number,
            End::No => false,
        }
    }
}

/// The first frame that is wrong, where what it belongs to had been synced.
fn break_before_an_end(path: &Path, cycle: &Cycle) -> io::Result<Option<u64>> {
    let mut frames = frames(path)?;
    let begin = Link { sum: cycle.sum, end: End::No, page_number: 0 };
    let (mut before, mut broken, mut number, mut room) = ([begin; 2], None, 0_u64, Vec::new());
    while let Some(frame) = frames.next(cycle, room)? {
        number = number.saturating_add(1);
        let is_next = |link: &&Link| frame.follows(cycle, link.sum);
        let has_followed = before.iter().any(|link| is_next(&link));
        if broken.is_some() && before.iter().filter(is_next).any(|link| link.ends_before(&frame)) {
            return Ok(broken);
        }
        if broken.is_none() && !has_followed {
            broken = Some(number);
            before = past_the_break(&frame, cycle, before[0].sum);
        } else {
            before = [Link::of(&frame, frame.stored(), has_followed && frame.commits()); 2];
        }
        Frame(room) = frame;
    }
    Ok(None)
}

/// What may run on from the first frame that is wrong. What does so from the checksum that it ought to have proves
/// everything that the checksum covers; what does so from the one that stands in it proves only that one.
fn past_the_break(frame: &Frame, cycle: &Cycle, before: Sum) -> [Link; 2] {
    let due = Link::of(frame, frame.due(cycle.order, before), frame.commits());
    let end = frame.end_but_for_a_bit(cycle.order, before);
    [due, Link { sum: frame.stored(), end, page_number: frame.page_number() }]
}

/// Whether the frames behind a header that is wrong hold what had been synced and is not in the database.
fn lost_behind_a_header(database: &Path) -> io::Result<bool> {
    let Some(page_bytes) = page_bytes(database)? else { return Ok(false) };
    for order in [Order::Little, Order::Big] {
        if lost(database, page_bytes, order)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The size of a database's pages (<https://sqlite.org/fileformat2.html#page_size>); `None` in a file without a header.
fn page_bytes(database: &Path) -> io::Result<Option<usize>> {
    let mut start = [0; 18];
    match File::open(database).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [.., high, low] = start;
    Ok(page_size(match u32::from(u16::from_be_bytes([high, low])) {
        1 => 65_536,
        bytes => bytes,
    }))
}

/// Pages by the numbers of the frames that hold them.
#[derive(Default)]
struct Pages {
    /// The last one of each page up to the last end that something runs on from.
    synced: HashMap<u32, u64>,
    /// Those after it, which may have been synced.
    later: Vec<(u32, u64)>,
}

/// Walks the frames from the first one, whatever it follows.
fn lost(database: &Path, page_bytes: usize, order: Order) -> io::Result<bool> {
    let path = path(database);
    let mut frames = frames(&path)?;
    let mut cycle = Cycle { order, page_bytes, salts: [0; 8], sum: Sum::default() };
    let Some(first) = frames.next(&cycle, Vec::new())? else { return Ok(false) };
    cycle.salts = first.salts().try_into().unwrap_or_default();
    let (mut pages, mut number, mut before) = (Pages::default(), 1, first);
    loop {
        pages.later.push((before.page_number(), number));
        let Some(frame) = frames.next(&cycle, Vec::new())? else { break };
        if !frame.follows(&cycle, before.stored()) {
            break;
        }
        if before.commits() {
            pages.synced.extend(pages.later.drain(..));
        }
        (number, before) = (number.saturating_add(1), frame);
    }
    any_missing(&pages, &cycle, &path, database)
}

/// Whether a page that had been synced is neither in the database as it was nor as a later frame has it.
fn any_missing(pages: &Pages, cycle: &Cycle, log: &Path, database: &Path) -> io::Result<bool> {
    let (mut log, mut database) = (File::open(log)?, File::open(database)?);
    let bytes = u64::try_from(cycle.page_bytes).unwrap_or_default();
    for (page, frame) in &pages.synced {
        let stored = read_at(&mut database, u64::from(*page).saturating_sub(1).saturating_mul(bytes), bytes)?;
        let later = pages.later.iter().filter(|(other, _)| other == page).map(|(_, frame)| *frame);
        let mut is_missing = true;
        for frame in std::iter::once(*frame).chain(later) {
            is_missing &= read_at(&mut log, cycle.page_offset(frame), bytes)? != stored;
        }
        if is_missing {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_at(file: &mut File, offset: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(bytes).read_to_end(&mut read)?;
    Ok(read)
}
