//! Appends: sending, and telling from what stands in the stream what came of it.
//!
//! The server compares ids and answers success for an append whose events stand where they would go, also when they
//! are a part of an append, or two. So its success is never taken for the answer: the last event is read back, and says
//! whether this call wrote it, an earlier one did, or neither as a whole.

use std::collections::HashSet;

use kernel::event::{Revision, StreamName};
use kurrentdb::{AppendToStreamOptions, EventData, StreamState};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::kurrent::encoding::{Append, Fact, encode};
use crate::kurrent::fault::Failure;
use crate::kurrent::{Inner, PAUSE};
use crate::port::{AppendError, Appended, Direction, Expected, InvalidAppend, NewEvent, StorageFault};

/// The server's largest limit for one append, in its own count (`MaxAppendSize`, at most 16 MB; 1 MB unless set).
const SERVER_BYTES_MAX: usize = 16_000_000;

/// An append on its way.
struct Call<'a> {
    log: &'a Inner,
    stream: &'a StreamName,
    expected: Expected,
    ids: Vec<Uuid>,
    append: Append,
    encoded: Vec<EventData>,
    deadline: Instant,
}

/// What the server said.
enum Said {
    /// The events stand in the stream, the last of them here.
    Written(u64),
    /// The stream ends elsewhere.
    Elsewhere(Option<u64>),
}

/// Appends `events`, which are within the port's limits.
pub(super) async fn append(
    log: &Inner,
    stream: &StreamName,
    expected: Expected,
    events: &[NewEvent],
) -> Result<Appended, AppendError> {
    let deadline = Instant::now() + log.times.append;
    let append = Append { first: expected.first_new().0, count: number(events.len()), attempt: attempt()? };
    if i64::try_from(append.first.saturating_add(append.count)).is_err() {
        return Err(AppendError::Conflict { actual: last_revision(log, stream).await? });
    }
    let encoded = encode_all(stream, events, append)?;
    let ids = events.iter().map(|event| event.id).collect();
    let call = Call { log, stream, expected, ids, append, encoded, deadline };
    match call.send().await? {
        Said::Written(last) => call.written(last).await,
        Said::Elsewhere(actual) => call.elsewhere(actual).await,
    }
}

/// Drawn by chance: no two calls share it.
fn attempt() -> Result<Uuid, AppendError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| AppendError::Unavailable(StorageFault::Refused))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

fn encode_all(stream: &StreamName, events: &[NewEvent], append: Append) -> Result<Vec<EventData>, AppendError> {
    let mut bytes = 0_usize;
    let mut encoded = Vec::with_capacity(events.len());
    for (event, revision) in events.iter().zip(append.first..) {
        let one = encode(event, stream, revision, append).ok_or(AppendError::Invalid(InvalidAppend::Kind))?;
        bytes = bytes.saturating_add(one.bytes);
        encoded.push(one.data);
    }
    if bytes > SERVER_BYTES_MAX { Err(AppendError::Invalid(InvalidAppend::AppendTooLarge)) } else { Ok(encoded) }
}

impl Call<'_> {
    /// Sends until the server has said something definite. An append that was certainly not written is sent again for
    /// a while, and so is one the server gave up on: the same ids cannot be written twice.
    async fn send(&self) -> Result<Said, AppendError> {
        let started = Instant::now();
        let mut ambiguous = false;
        let mut unsent = 0_u32;
        loop {
            let failure = match self.attempt().await {
                Ok(last) => return Ok(Said::Written(last)),
                Err(Failure::Conflict(actual)) => return Ok(Said::Elsewhere(actual)),
                Err(failure) => failure,
            };
            tracing::warn!(stream = %self.stream, ?failure, "an append gave no result");
            match failure {
                Failure::NotNow if started.elapsed() < self.log.times.leader => sleep(PAUSE).await,
                Failure::NotSent if unsent == 0 => unsent = 1,
                Failure::GaveUp if Instant::now() < self.deadline => {
                    ambiguous = true;
                    sleep(PAUSE).await;
                }
                Failure::Ambiguous | Failure::GaveUp => return Err(AppendError::Unknown),
                _ if ambiguous => return Err(AppendError::Unknown),
                definite => return Err(refusal(definite)),
            }
        }
    }

    /// One attempt; gives the revision of the last event.
    async fn attempt(&self) -> Result<u64, Failure> {
        let session = self.log.sessions.get().await.map_err(|_| Failure::NotSent)?;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let state = self.expected.last().map_or(StreamState::NoStream, |last| StreamState::StreamRevision(last.0));
        let options = AppendToStreamOptions::default().stream_state(state).requires_leader(true).deadline(left);
        let name = self.log.server_stream(self.stream);
        let sending = session.client().append_to_stream(name, &options, self.encoded.clone());
        let failure = match timeout_at(self.deadline, sending).await {
            Ok(Ok(written)) => return Ok(written.next_expected_version),
            Ok(Err(error)) => Failure::from(&error),
            Err(_) => Failure::Ambiguous,
        };
        if failure.ends_session() {
            self.log.sessions.retire(&session);
        }
        Err(failure)
    }

    /// What stands at the end of a successful append tells whose it is.
    async fn written(&self, last: u64) -> Result<Appended, AppendError> {
        let due = self.append.first.saturating_add(self.append.count).saturating_sub(1);
        if last != due {
            tracing::error!(stream = %self.stream, due, last, "appended elsewhere: was the stream deleted by hand?");
            return Err(AppendError::Unknown);
        }
        let stored = self.stored(last, 1).await?;
        self.whole(stored.first()).ok_or(AppendError::IdempotencyMismatch)
    }

    /// What stands where the events would go tells a repeat, a part of one, and others' events apart.
    async fn elsewhere(&self, actual: Option<u64>) -> Result<Appended, AppendError> {
        let conflict = AppendError::Conflict { actual: actual.map(Revision) };
        if actual.is_none_or(|actual| actual < self.append.first) {
            return Err(conflict);
        }
        let stored = self.stored(self.append.first, self.ids.len().saturating_add(1)).await?;
        let same = stored.iter().zip(&self.ids).all(|(fact, id)| fact.event.id == *id);
        let last = stored.get(self.ids.len().saturating_sub(1));
        if let Some(appended) = self.whole(last).filter(|_| same) {
            return Ok(appended);
        }
        let ids: HashSet<Uuid> = stored.iter().map(|fact| fact.event.id).collect();
        let overlap = self.ids.iter().any(|id| ids.contains(id));
        Err(if overlap { AppendError::IdempotencyMismatch } else { conflict })
    }

    /// The result, if `last` is the last event of exactly this append.
    fn whole(&self, last: Option<&Fact>) -> Option<Appended> {
        let last = last?;
        let same = (last.append.first, last.append.count) == (self.append.first, self.append.count);
        let same = same && self.ids.last() == Some(&last.event.id);
        same.then_some(Appended {
            first: Revision(self.append.first),
            last: last.event.revision,
            position: last.event.position,
            repeated: last.append.attempt != self.append.attempt,
        })
    }

    /// Events of the stream; without them nothing is known.
    async fn stored(&self, from: u64, max: usize) -> Result<Vec<Fact>, AppendError> {
        let reading = self.log.read_facts(self.stream, Revision(from), Direction::Forward, max);
        match timeout_at(self.deadline, reading).await {
            Ok(Ok(facts)) => Ok(facts),
            Ok(Err(error)) => {
                tracing::warn!(stream = %self.stream, %error, "what was appended could not be read back");
                Err(AppendError::Unknown)
            }
            Err(_) => Err(AppendError::Unknown),
        }
    }
}

/// A failure after which certainly nothing was written.
fn refusal(failure: Failure) -> AppendError {
    match failure {
        Failure::TooLarge => AppendError::Invalid(InvalidAppend::AppendTooLarge),
        Failure::NotSent | Failure::NotNow => AppendError::Unavailable(StorageFault::Unreachable),
        Failure::Missing | Failure::Ambiguous | Failure::GaveUp => AppendError::Unknown,
        Failure::Conflict(actual) => AppendError::Conflict { actual: actual.map(Revision) },
        Failure::Deleted | Failure::Invalid | Failure::Refused => AppendError::Unavailable(StorageFault::Refused),
    }
}

async fn last_revision(log: &Inner, stream: &StreamName) -> Result<Option<Revision>, AppendError> {
    let last = log.read_facts(stream, Revision(u64::MAX), Direction::Backward, 1).await;
    let facts = last.map_err(|_| AppendError::Unavailable(StorageFault::Unreachable))?;
    Ok(facts.first().map(|fact| fact.event.revision))
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
