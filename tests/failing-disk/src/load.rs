//! What writers append, and what must be there afterwards: the n-th append of a stream always has the same events.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use eventlog::port::{AppendError, Direction, EventLog, Expected, NewEvent, ReadError, StoredEvent};
use eventlog::sqlite::{OpenError, Options, SqliteLog};
use jiff::Timestamp;
use kernel::event::{Provenance, Revision, StreamName};
use kernel::id::derived;

/// How often a lock is waited for, and for how long each time.
const LOCK_TRIES_MAX: usize = 1_000;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Opens a log that nobody has open. A child that another test of this process starts holds its locks as well, until
/// it has become a program of its own: that is waited for.
pub fn open(directory: &Path, options: &Options) -> Result<SqliteLog, OpenError> {
    let mut opened = SqliteLog::open(directory, options);
    for _ in 0..LOCK_TRIES_MAX {
        if !matches!(opened, Err(OpenError::InUse { .. })) {
            break;
        }
        sleep(LOCK_PAUSE);
        opened = SqliteLog::open(directory, options);
    }
    opened
}

/// The name of a stream.
pub fn stream(number: u32) -> StreamName {
    StreamName::new("load", &number.to_string()).expect("a valid name")
}

/// The events of a stream's n-th append: one to three, mostly small, now and then of many pages.
pub fn events(number: u32, append: u64) -> Vec<NewEvent> {
    let mut rng = rng(number, append);
    (0..count(&mut rng)).map(|ordinal| event(number, append, ordinal, &mut rng)).collect()
}

fn rng(number: u32, append: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(append.wrapping_mul(31).wrapping_add(number.into()))
}

fn count(rng: &mut fastrand::Rng) -> usize {
    rng.usize(1..=3)
}

fn event(number: u32, append: u64, ordinal: usize, rng: &mut fastrand::Rng) -> NewEvent {
    let id = derived(&["load", &number.to_string(), &append.to_string(), &ordinal.to_string()]);
    let length = match rng.u8(0..12) {
        0 => rng.usize(10_000..60_000),
        1..=3 => rng.usize(600..6_000),
        _ => rng.usize(0..300),
    };
    NewEvent {
        id,
        kind: "loaded".to_owned(),
        version: 1,
        occurred_at: Timestamp::UNIX_EPOCH,
        provenance: Provenance { correlation: id, cause: id, actor: "load".to_owned() },
        data: format!("{{\"stream\":{number},\"append\":{append},\"ordinal\":{ordinal}}}").into_bytes(),
        body: random(length, rng),
    }
}

fn random(length: usize, rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill(&mut bytes);
    bytes
}

/// Where a stream ends after so many appends.
pub fn expected(number: u32, appends: u64) -> Expected {
    let count: usize = (0..appends).map(|append| count(&mut rng(number, append))).sum();
    Expected::after(u64::try_from(count).ok().and_then(|count| count.checked_sub(1)).map(Revision))
}

/// How writing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was appended.
    Done,
    /// The next append was not written, as the log told.
    Refused,
    /// Nobody knows about the next append.
    Doubtful,
}

/// Appends number `from` up to `to` to a stream; `acknowledge` hears of each that the log has answered.
pub async fn write(log: &dyn EventLog, number: u32, from: u64, to: u64, mut acknowledge: impl FnMut(u64)) -> End {
    for append in from..to {
        match log.append(&stream(number), expected(number, append), events(number, append)).await {
            Ok(_) => acknowledge(append),
            Err(AppendError::Unknown) => return End::Doubtful,
            Err(AppendError::Unavailable(_)) => return End::Refused,
            Err(error) => panic!("a writer alone on its stream was told: {error}"),
        }
    }
    End::Done
}

/// Counts the appends in a stream; an error says what in it is not what was appended.
pub async fn found(log: &dyn EventLog, number: u32) -> Result<Result<u64, String>, ReadError> {
    let stored = read_all(log, number).await?;
    let (mut rest, mut appends) = (stored.as_slice(), 0);
    while !rest.is_empty() {
        let wanted = events(number, appends);
        let Some((there, further)) = rest.split_at_checked(wanted.len()) else {
            return Ok(Err(format!("append {appends} of stream {number} is there by half")));
        };
        if !there.iter().zip(&wanted).all(|(stored, new)| is_same(stored, new)) {
            return Ok(Err(format!("stream {number} holds something else in place of append {appends}")));
        }
        (rest, appends) = (further, appends.saturating_add(1));
    }
    Ok(Ok(appends))
}

fn is_same(stored: &StoredEvent, new: &NewEvent) -> bool {
    stored.id == new.id && stored.data == new.data && stored.body == new.body && stored.kind == new.kind
}

async fn read_all(log: &dyn EventLog, number: u32) -> Result<Vec<StoredEvent>, ReadError> {
    let (mut all, mut from) = (Vec::new(), Some(Revision(0)));
    while let Some(start) = from {
        let page = log.read_stream(&stream(number), start, Direction::Forward, 1_000).await?;
        all.extend(page.events);
        from = page.next.filter(|_| !page.end);
    }
    Ok(all)
}
