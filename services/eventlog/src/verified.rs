//! What verifying a log comes to, whatever it is stored in.

use std::collections::HashMap;
use std::error::Error;

use kernel::event::Position;

/// A log without a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events read.
    pub events: u64,
    /// Streams they stand in.
    pub streams: u64,
    /// Bytes of JSON and bodies.
    pub bytes: u64,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The event is not what was written.
    #[error("the checksum of the event is wrong")]
    Checksum,
    /// Events of its stream before it are missing, or stand twice.
    #[error("the event's revision does not follow its stream")]
    Revision,
    /// Events of the log are missing here.
    #[error("there is no event here")]
    Missing,
    /// The store cannot read on here.
    #[error("the store cannot be read here")]
    Unreadable,
    /// A transaction in the write-ahead log that had been synced is not what was written. SQLite would drop it, and
    /// every later one.
    #[error(
        "the write-ahead log is not what was written, {} (byte {offset} of log.db-wal): to go on would lose what is \
         behind it. Nothing was changed; restore a backup",
        if *frame == 0 { "in its header".to_owned() } else { format!("in frame {frame}") }
    )]
    WriteAhead {
        /// The frame, from 1; 0 is the header.
        frame: u64,
        /// Where it begins in the file, in bytes.
        offset: u64,
    },
    /// The store's own check found a fault in its structure.
    #[error("the structure of the store is wrong: {0}")]
    Structure(String),
}

/// Why a log in a database is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The first fault found.
    #[error("{damage}{}", position.map(|position| format!(" (position {position})")).unwrap_or_default())]
    Damaged {
        /// The event at fault, where it is known.
        position: Option<Position>,
        /// What is wrong.
        damage: Damage,
    },
    /// There is no log that could be verified.
    #[error(transparent)]
    Open(Box<dyn Error + Send + Sync>),
    /// The log could not be read.
    #[error("the log could not be read")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl Verified {
    /// Counts one more event.
    pub(crate) fn count(&mut self, data: usize, body: usize) {
        self.events = self.events.saturating_add(1);
        let bytes = u64::try_from(data.saturating_add(body)).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// The revision due next in each stream.
pub(crate) struct Ends {
    /// Whether the log is read from its beginning, so that every stream begins with its first event.
    whole: bool,
    next: HashMap<i64, i64>,
}

impl Ends {
    /// Nothing read yet.
    pub(crate) fn new(whole: bool) -> Self {
        Self { whole, next: HashMap::new() }
    }

    /// How many streams there are.
    pub(crate) fn streams(&self) -> u64 {
        u64::try_from(self.next.len()).unwrap_or(u64::MAX)
    }

    /// Whether the event comes next in its stream.
    pub(crate) fn follows(&mut self, stream_id: i64, revision: i64) -> bool {
        let known = self.next.insert(stream_id, revision.saturating_add(1));
        match known {
            Some(due) => due == revision,
            None => revision == 0 || !self.whole,
        }
    }
}
