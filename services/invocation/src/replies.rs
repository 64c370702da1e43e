//! Idempotency: one key, one call. Remembers calls under way and, within bounds, what was answered.
//!
//! What is forgotten here is found again through the usage history, which keeps the key's fingerprint for ever.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use serde_json::Value;
use tokio::sync::watch;

use crate::call::{Invocation, InvokeError};
use crate::fingerprint::Fingerprint;
use crate::usage::Locator;

/// How a call came out.
pub type Outcome = Result<Arc<Invocation>, InvokeError>;

/// The most memory for held outputs, in bytes.
const OUTPUT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long an output is held.
const RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// What an entry costs besides its output, in bytes.
const ENTRY_BYTES: usize = 640;

/// What the memory says of a key.
pub enum Lookup {
    /// Nobody has used it as far as memory goes: the caller must run the call and finish it.
    First(Running),
    /// The same call is under way.
    UnderWay(watch::Receiver<Option<Outcome>>),
    /// The same call was answered.
    Answered(Arc<Invocation>),
    /// Another call has this key.
    Conflict,
}

enum Entry {
    UnderWay { payload: Fingerprint, outcome: watch::Receiver<Option<Outcome>> },
    Answered { invocation: Arc<Invocation>, bytes: usize, at: Timestamp },
}

#[derive(Default)]
struct Memory {
    entries: HashMap<Fingerprint, Entry>,
    /// Answered keys, oldest first.
    order: VecDeque<Fingerprint>,
    bytes: usize,
    /// Up to where the history reaches, as far as is known.
    history: Option<Position>,
    /// Where forgotten calls are recorded, until the history has them.
    ahead: HashMap<Fingerprint, Locator>,
}

/// The memory of keys.
#[derive(Clone, Default)]
pub struct Replies(Arc<Mutex<Memory>>);

/// The right and duty to run a call.
pub struct Running {
    replies: Replies,
    key: Fingerprint,
    outcome: watch::Sender<Option<Outcome>>,
    /// Whether the call has been handed to the batcher, so that it may be billed whatever becomes of its task.
    submitted: AtomicBool,
    finished: bool,
}

impl Replies {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks a key up, and takes it where it is free.
    pub fn begin(&self, key: Fingerprint, payload: Fingerprint) -> Lookup {
        let mut memory = self.memory();
        match memory.entries.get(&key) {
            Some(Entry::UnderWay { payload: first, outcome }) if *first == payload => Lookup::UnderWay(outcome.clone()),
            Some(Entry::Answered { invocation, .. }) if invocation.record.payload_hash == payload => {
                Lookup::Answered(Arc::clone(invocation))
            }
            Some(Entry::UnderWay { .. } | Entry::Answered { .. }) => Lookup::Conflict,
            None => {
                let (sender, receiver) = watch::channel(None);
                memory.entries.insert(key, Entry::UnderWay { payload, outcome: receiver });
                drop(memory);
                let submitted = AtomicBool::new(false);
                Lookup::First(Running { replies: self.clone(), key, outcome: sender, submitted, finished: false })
            }
        }
    }

    /// Where an answered call is recorded that is no longer held here and that the history may not have yet.
    pub fn recorded(&self, key: &Fingerprint) -> Option<Locator> {
        self.memory().ahead.get(key).copied()
    }

    /// Forgets old answers, and what the history has: it reaches up to `history`.
    pub fn trim(&self, now: Timestamp, history: Option<Position>) {
        let mut memory = self.memory();
        memory.history = history;
        memory.ahead.retain(|_, locator| Some(locator.position) > history);
        while memory.oldest_is_past(now) {
            memory.forget_oldest();
        }
    }
}

impl Memory {
    fn oldest_is_past(&self, now: Timestamp) -> bool {
        let oldest = self.order.front().and_then(|key| self.entries.get(key));
        match oldest {
            Some(Entry::Answered { at, .. }) => now.duration_since(*at) > RETENTION,
            Some(Entry::UnderWay { .. }) | None => false,
        }
    }

    fn forget_oldest(&mut self) {
        let Some(key) = self.order.pop_front() else { return };
        if let Some(Entry::Answered { invocation, bytes, .. }) = self.entries.remove(&key) {
            self.bytes = self.bytes.saturating_sub(bytes);
            if Some(invocation.position) > self.history {
                self.ahead.insert(key, Locator { position: invocation.position, index: invocation.index });
            }
        }
    }

    fn remember(&mut self, key: Fingerprint, invocation: Arc<Invocation>, now: Timestamp) {
        let bytes = weight(&invocation.output).saturating_add(ENTRY_BYTES);
        self.bytes = self.bytes.saturating_add(bytes);
        self.order.push_back(key);
        self.entries.insert(key, Entry::Answered { invocation, bytes, at: now });
        while self.bytes > OUTPUT_BYTES_MAX && !self.order.is_empty() {
            self.forget_oldest();
        }
    }
}

impl Running {
    /// Who waits hears this already; the call itself goes on.
    pub fn announce(&self, outcome: Outcome) {
        self.outcome.send_replace(Some(outcome));
    }

    /// Hears the outcome.
    pub fn listen(&self) -> watch::Receiver<Option<Outcome>> {
        self.outcome.subscribe()
    }

    /// From here on the key may be billed: it stays taken unless the call is finished.
    pub fn submitted(&self) {
        self.submitted.store(true, Ordering::Relaxed);
    }

    /// Ends the call. An answer is remembered; after a failure the key is free again, for nothing was billed.
    pub fn finish(mut self, outcome: Outcome, now: Timestamp) {
        self.finished = true;
        match &outcome {
            Ok(invocation) => self.replies.memory().remember(self.key, Arc::clone(invocation), now),
            Err(_) => self.forget(),
        }
        self.outcome.send_replace(Some(outcome));
    }

    fn forget(&self) {
        self.replies.memory().entries.remove(&self.key);
    }
}

/// A call that was torn down before its end delivers nothing.
impl Drop for Running {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if !self.submitted.load(Ordering::Relaxed) {
            self.forget();
        }
        self.outcome.send_replace(Some(Err(InvokeError::NotRecorded)));
    }
}

/// Roughly what a value takes in memory, in bytes.
fn weight(value: &Value) -> usize {
    const NODE_BYTES: usize = 48;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => NODE_BYTES,
        Value::String(text) => NODE_BYTES.saturating_add(text.len()),
        Value::Array(items) => items.iter().map(weight).fold(NODE_BYTES, usize::saturating_add),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| weight(value).saturating_add(name.len()))
            .fold(NODE_BYTES, usize::saturating_add),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
    use metering::published::usage::{RecordKind, UsageRecord};
    use uuid::Uuid;

    const PAYLOAD: Fingerprint = [0; 32];

    fn at(position: u64, output_bytes: usize) -> Arc<Invocation> {
        let id = Uuid::from_u128(1);
        let record = UsageRecord {
            invocation: InvocationId::new(id),
            kind: RecordKind::Call,
            agreement: AgreementId::new(id),
            sequence: 1,
            buyer: OrganizationId::new(id),
            seller: OrganizationId::new(id),
            capability: Some("echo-text".parse().unwrap()),
            listing: ListingId::new(id),
            principal: "".into(),
            lines: vec![],
            price_version: 1,
            admitted_at: Timestamp::UNIX_EPOCH,
            settled_at: Timestamp::UNIX_EPOCH,
            period_start: Timestamp::UNIX_EPOCH,
            billed_start: Timestamp::UNIX_EPOCH,
            key_hash: [0; 32],
            payload_hash: PAYLOAD,
        };
        Arc::new(Invocation {
            record,
            currency: kernel::money::Currency::Cny,
            estimates: vec![],
            output: Arc::new(Value::String("x".repeat(output_bytes))),
            position: Position(position),
            index: 7,
            repeated: false,
        })
    }

    fn first(replies: &Replies, key: u8) -> Running {
        match replies.begin([key; 32], PAYLOAD) {
            Lookup::First(running) => running,
            Lookup::UnderWay(_) | Lookup::Answered(_) | Lookup::Conflict => panic!("the key is taken"),
        }
    }

    fn answer(replies: &Replies, key: u8, position: u64, output_bytes: usize) {
        first(replies, key).finish(Ok(at(position, output_bytes)), Timestamp::UNIX_EPOCH);
    }

    fn is_held(replies: &Replies, key: u8) -> bool {
        matches!(replies.begin([key; 32], PAYLOAD), Lookup::Answered(_))
    }

    #[test]
    fn outputs_past_the_bound_are_forgotten_oldest_first_and_found_in_the_log() {
        let replies = Replies::default();
        replies.trim(Timestamp::UNIX_EPOCH, Some(Position(1)));
        for key in [1, 2, 3] {
            answer(&replies, key, key.into(), OUTPUT_BYTES_MAX / 2 - ENTRY_BYTES - 100);
        }
        assert_eq!([1, 2, 3].map(|key| is_held(&replies, key)), [false, true, true]);
        assert_eq!(replies.recorded(&[1; 32]), None, "the history has it");
        answer(&replies, 4, 4, 1_000);
        assert_eq!(replies.recorded(&[2; 32]), Some(Locator { position: Position(2), index: 7 }));
        replies.trim(Timestamp::UNIX_EPOCH, Some(Position(2)));
        assert_eq!(replies.recorded(&[2; 32]), None);
    }

    #[test]
    fn an_output_larger_than_the_bound_is_not_held() {
        let replies = Replies::default();
        answer(&replies, 1, 1, OUTPUT_BYTES_MAX);
        assert!(!is_held(&replies, 1));
        assert!(replies.recorded(&[1; 32]).is_some());
    }

    #[test]
    fn answers_are_held_for_a_day() {
        let replies = Replies::default();
        answer(&replies, 1, 1, 0);
        replies.trim(Timestamp::UNIX_EPOCH + 24.hours(), None);
        assert!(is_held(&replies, 1));
        replies.trim(Timestamp::UNIX_EPOCH + 25.hours(), None);
        assert!(!is_held(&replies, 1));
    }

    #[test]
    fn a_call_torn_down_frees_its_key_unless_it_may_be_billed() {
        let replies = Replies::default();
        drop(first(&replies, 1));
        let running = first(&replies, 1);
        running.submitted();
        drop(running);
        let Lookup::UnderWay(outcome) = replies.begin([1; 32], PAYLOAD) else { panic!("the key is free") };
        assert!(matches!(*outcome.borrow(), Some(Err(InvokeError::NotRecorded))));
    }

    #[test]
    fn a_failed_call_frees_its_key() {
        let replies = Replies::default();
        let running = first(&replies, 1);
        running.submitted();
        running.finish(Err(InvokeError::NotRecorded), Timestamp::UNIX_EPOCH);
        drop(first(&replies, 1));
    }
}
