//! Keys of reports that are recorded and that the usage history may not have yet.
//!
//! A report is looked up in the history before it comes here; what the history had not seen by then is here.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::id::InvocationId;

use crate::fingerprint::Fingerprint;

/// A key stays for at least this long after the history has it: whoever has asked the history before then need not ask
/// again, and most wait far shorter for their turn.
const KEPT: SignedDuration = SignedDuration::from_millis(200);

/// A report with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Of what it says.
    pub payload: Fingerprint,
    /// Its id.
    pub invocation: InvocationId,
}

/// The reports in their order, and where each is: all are asked for, few are there, so what is asked is kept small.
#[derive(Debug, Default)]
pub struct Recents {
    /// The oldest first.
    reports: VecDeque<(Fingerprint, Recent)>,
    /// Their numbers, which wrap around, at more than memory holds.
    span: Range<u32>,
    /// The numbers by their keys.
    numbers: HashTable<u32>,
    /// Quick, and seeded: who chooses keys cannot tell which of them meet.
    hasher: RandomState,
    /// How many are of the batch that is being decided.
    fresh: usize,
    /// How many are of each batch, the oldest first.
    batches: VecDeque<(Position, usize)>,
    /// What was recorded up to here is forgotten.
    forgotten: Option<Position>,
    /// How far the history had come at an instant: what it had then is forgotten next.
    reached: Option<(Timestamp, Option<Position>)>,
}

impl Recents {
    /// Whether a look into the history that reached up to `checked` covers everything that is forgotten here.
    pub fn complements(&self, checked: Option<Position>) -> bool {
        self.forgotten <= checked
    }

    /// The report with a key, if there is a recent one.
    pub fn get(&self, key: &Fingerprint) -> Option<Recent> {
        let report = |number: &u32| report(&self.reports, self.span.start, *number);
        let is_its = |number: &u32| report(number).is_some_and(|(known, _)| known == key);
        let number = self.numbers.find(self.hasher.hash_one(key), is_its)?;
        report(number).map(|(_, recent)| *recent)
    }

    /// A report is about to be recorded, whose key is not known yet.
    pub fn add(&mut self, key: Fingerprint, payload: Fingerprint, invocation: InvocationId) {
        let Self { reports, span, numbers, hasher, .. } = self;
        reports.push_back((key, Recent { payload, invocation }));
        let rehash = |number: &u32| report(reports, span.start, *number).map_or(0, |(key, _)| hasher.hash_one(key));
        numbers.insert_unique(hasher.hash_one(key), span.end, rehash);
        span.end = span.end.wrapping_add(1);
        self.fresh = self.fresh.saturating_add(1);
    }

    /// The batch is in the log.
    pub fn recorded(&mut self, position: Position) {
        if self.fresh > 0 {
            self.batches.push_back((position, std::mem::take(&mut self.fresh)));
        }
    }

    /// The batch is definitely not in the log.
    pub fn lost(&mut self) {
        for _ in 0..std::mem::take(&mut self.fresh) {
            if let Some((key, _)) = self.reports.pop_back() {
                self.span.end = self.span.end.wrapping_sub(1);
                self.remove(&key, self.span.end);
            }
        }
    }

    fn remove(&mut self, key: &Fingerprint, number: u32) {
        if let Ok(entry) = self.numbers.find_entry(self.hasher.hash_one(key), |known| *known == number) {
            entry.remove();
        }
    }

    /// Forgets what the history has had for a while; by now it reaches up to `history`.
    pub fn trim(&mut self, history: Option<Position>, now: Timestamp) {
        let Some((since, reached)) = self.reached else {
            self.reached = Some((now, history));
            return;
        };
        // A clock that was set back starts the while anew.
        if now < since {
            self.reached = Some((now, history));
        } else if now.duration_since(since) >= KEPT {
            self.forget(reached);
            self.reached = Some((now, history));
        }
    }

    fn forget(&mut self, reached: Option<Position>) {
        while let Some((position, count)) = self.batches.pop_front_if(|(position, _)| Some(*position) <= reached) {
            self.forgotten = self.forgotten.max(Some(position));
            for _ in 0..count {
                if let Some((key, _)) = self.reports.pop_front() {
                    self.remove(&key, self.span.start);
                    self.span.start = self.span.start.wrapping_add(1);
                }
            }
        }
    }
}

/// The report of a number, where the first has another one.
fn report(reports: &VecDeque<(Fingerprint, Recent)>, first: u32, number: u32) -> Option<&(Fingerprint, Recent)> {
    reports.get(usize::try_from(number.wrapping_sub(first)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KEYS: [Fingerprint; 2] = [[1; 32], [2; 32]];

    fn recorded(recents: &mut Recents, key: Fingerprint, position: u64) {
        recents.add(key, [0; 32], InvocationId::new(Uuid::nil()));
        recents.recorded(Position(position));
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(milliseconds)
    }

    #[test]
    fn a_key_is_known_until_the_history_has_had_it_for_a_while() {
        let mut recents = Recents::default();
        recorded(&mut recents, KEYS[0], 5);
        recorded(&mut recents, KEYS[1], 9);
        recents.trim(Some(Position(8)), at(1_000));
        recents.trim(Some(Position(9)), at(1_199));
        assert!(recents.get(&KEYS[0]).is_some() && recents.complements(None), "whoever asked before may still come");
        recents.trim(Some(Position(9)), at(500));
        recents.trim(Some(Position(9)), at(699));
        assert!(recents.get(&KEYS[0]).is_some(), "a clock that was set back makes nothing be forgotten early");
        recents.trim(Some(Position(9)), at(700));
        assert_eq!((recents.get(&KEYS[0]), recents.get(&KEYS[1])), (None, None));
    }

    #[test]
    fn only_what_the_history_had_then_is_forgotten() {
        let mut recents = Recents::default();
        recorded(&mut recents, KEYS[0], 5);
        recorded(&mut recents, KEYS[1], 9);
        recents.trim(Some(Position(8)), at(0));
        recents.trim(Some(Position(9)), at(200));
        assert_eq!((recents.get(&KEYS[0]), recents.get(&KEYS[1]).is_some()), (None, true));
        assert!(!recents.complements(Some(Position(4))), "such a look may have missed the first");
        assert!(!recents.complements(None));
        assert!(recents.complements(Some(Position(5))));
    }

    #[test]
    fn many_keys_come_and_go_while_numbers_wrap_around() {
        let mut recents = Recents { span: u32::MAX - 50..u32::MAX - 50, ..Recents::default() };
        let key = |number: u64| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_le_bytes());
            key
        };
        for number in 0..1_000 {
            recents.add(key(number), key(number + 1), InvocationId::new(Uuid::nil()));
            if number % 7 == 3 {
                recents.lost();
            } else {
                recents.recorded(Position(number));
            }
            let time = i64::try_from(number).unwrap() * 10;
            recents.trim(Some(Position(number)), at(time));
            let known = |other: &u64| recents.get(&key(*other)).is_some_and(|recent| recent.payload == key(other + 1));
            let all: Vec<u64> = (0..=number).filter(known).collect();
            let kept = |other: &u64| other % 7 != 3 && Some(Position(*other)) > recents.forgotten;
            assert_eq!(all, (0..=number).filter(kept).collect::<Vec<_>>(), "{number}");
            assert!(all.len() <= 60 && recents.numbers.len() == all.len());
        }
        assert!(recents.span.start < 1_000, "it has not wrapped around");
    }

    #[test]
    fn a_lost_batch_leaves_no_key() {
        let mut recents = Recents::default();
        recents.add(KEYS[0], [0; 32], InvocationId::new(Uuid::nil()));
        recents.lost();
        recorded(&mut recents, KEYS[1], 1);
        assert_eq!((recents.get(&KEYS[0]), recents.numbers.len(), recents.reports.len()), (None, 1, 1));
    }
}
