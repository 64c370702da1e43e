//! What the writers know: how many appends of each stream were answered, and which one may or may not be there.

use eventlog::port::{AppendError, EventLog, ReadError};
use failing_disk::load::{self, End};
use futures::future::join_all;

/// Streams, each with one writer.
const STREAMS: u32 = 4;

#[derive(Clone, Copy, Default)]
struct Entry {
    answered: u64,
    is_doubtful: bool,
}

#[derive(Default)]
pub struct Book {
    streams: [Entry; STREAMS as usize],
}

impl Book {
    /// Every answered append is there, what is doubtful is there whole or not at all, and nothing else is. What a
    /// reader has seen counts as answered from then on.
    pub async fn check(&mut self, log: &dyn EventLog) -> Result<Result<(), String>, ReadError> {
        for (number, entry) in (0..).zip(&mut self.streams) {
            let found = match load::found(log, number).await? {
                Ok(found) => found,
                Err(wrong) => return Ok(Err(wrong)),
            };
            let most = entry.answered + u64::from(entry.is_doubtful);
            if !(entry.answered..=most).contains(&found) {
                return Ok(Err(format!("stream {number} has {found} appends of {} to {most}", entry.answered)));
            }
            *entry = Entry { answered: found, is_doubtful: entry.is_doubtful && found < most };
        }
        Ok(Ok(()))
    }

    /// Writes to all streams at once, up to `appends` more to each, until the log refuses.
    pub async fn write(&mut self, log: &dyn EventLog, appends: u64) {
        let writers = (0..).zip(&mut self.streams).map(async |(number, entry)| {
            let from = entry.answered;
            let end = load::write(log, number, from, from + appends, |append| {
                *entry = Entry { answered: append + 1, is_doubtful: false };
            });
            let end = end.await;
            match end {
                End::Doubtful => entry.is_doubtful = true,
                // What is doubtful since before stays so: not written this time does not mean never.
                End::Done | End::Refused => {}
            }
        });
        join_all(writers).await;
    }

    /// Repeats the next append of a stream until the log answers; says how often it did not.
    pub async fn insist(&mut self, log: &dyn EventLog, number: u32) -> usize {
        let entry = &mut self.streams[number as usize];
        let (name, append) = (load::stream(number), entry.answered);
        for failures in 0.. {
            match log.append(&name, load::expected(number, append), load::events(number, append)).await {
                Ok(appended) => {
                    assert!(!appended.repeated || entry.is_doubtful, "told that nothing was written, which was");
                    *entry = Entry { answered: append + 1, is_doubtful: false };
                    return failures;
                }
                Err(AppendError::Unknown) => entry.is_doubtful = true,
                Err(AppendError::Unavailable(_)) => assert!(failures < 1_000, "the fault is over by now"),
                Err(error) => panic!("{error}"),
            }
        }
        unreachable!("it fails for ever")
    }
}
