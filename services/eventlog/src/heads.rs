//! Where streams end, remembered so that an append needs no look-up. Bounded; forgets what was not used lately.

use std::collections::HashMap;

use kernel::event::StreamName;

/// The most streams in one of the two generations; about 20 MB in all.
const GENERATION_MAX: usize = 50_000;

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The row of the stream's name.
    pub stream_id: i64,
    /// The stream's last revision.
    pub last: i64,
}

/// Two generations: when the young one is full it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    young: HashMap<StreamName, Head>,
    old: HashMap<StreamName, Head>,
}

impl Heads {
    pub(crate) fn get(&mut self, stream: &StreamName) -> Option<Head> {
        if let Some(head) = self.young.get(stream) {
            return Some(*head);
        }
        let head = self.old.remove(stream)?;
        self.insert(stream, head);
        Some(head)
    }

    pub(crate) fn insert(&mut self, stream: &StreamName, head: Head) {
        if let Some(known) = self.young.get_mut(stream) {
            *known = head;
            return;
        }
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(stream.clone(), head);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> StreamName {
        StreamName::new("test", &n.to_string()).unwrap()
    }

    fn head(last: i64) -> Head {
        Head { stream_id: 1, last }
    }

    #[test]
    fn what_was_used_lately_is_kept_and_the_rest_is_forgotten() {
        let mut heads = Heads::default();
        for n in 0..=GENERATION_MAX {
            heads.insert(&name(n), head(0));
        }
        assert!(heads.get(&name(7)).is_some());
        for n in 0..GENERATION_MAX {
            heads.insert(&name(1_000_000 + n), head(0));
        }
        assert!(heads.get(&name(7)).is_some());
        assert!(heads.get(&name(8)).is_none());
    }

    #[test]
    fn the_newest_end_counts() {
        let mut heads = Heads::default();
        heads.insert(&name(1), head(0));
        heads.insert(&name(1), head(5));
        assert_eq!(heads.get(&name(1)), Some(head(5)));
    }
}
