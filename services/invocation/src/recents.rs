//! Keys of reports that are recorded and that the usage history may not have yet.
//!
//! A report is looked up in the history before it comes here; what the history had not seen by then is here.

use std::collections::{HashMap, VecDeque};

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

/// The keys, and since when.
#[derive(Debug, Default)]
pub struct Recents {
    /// By a hash that is quick, and seeded: who chooses keys cannot tell which of them meet.
    known: HashMap<Fingerprint, Recent, foldhash::fast::RandomState>,
    /// Keys of the batch that is being decided.
    fresh: Vec<Fingerprint>,
    /// Keys by batch, the oldest first.
    batches: VecDeque<(Position, Vec<Fingerprint>)>,
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
        self.known.get(key).copied()
    }

    /// A report is about to be recorded.
    pub fn add(&mut self, key: Fingerprint, payload: Fingerprint, invocation: InvocationId) {
        self.known.insert(key, Recent { payload, invocation });
        self.fresh.push(key);
    }

    /// The batch is in the log.
    pub fn recorded(&mut self, position: Position) {
        if !self.fresh.is_empty() {
            self.batches.push_back((position, std::mem::take(&mut self.fresh)));
        }
    }

    /// The batch is definitely not in the log.
    pub fn lost(&mut self) {
        for key in self.fresh.drain(..) {
            self.known.remove(&key);
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
        while let Some((position, keys)) = self.batches.pop_front_if(|(position, _)| Some(*position) <= reached) {
            self.forgotten = self.forgotten.max(Some(position));
            for key in keys {
                self.known.remove(&key);
            }
        }
    }
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
    fn a_lost_batch_leaves_no_key() {
        let mut recents = Recents::default();
        recents.add(KEYS[0], [0; 32], InvocationId::new(Uuid::nil()));
        recents.lost();
        recorded(&mut recents, KEYS[1], 1);
        assert_eq!((recents.get(&KEYS[0]), recents.known.len()), (None, 1));
    }
}
