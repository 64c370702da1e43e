//! One file on the disk: what is durable, what is only written, and what of that outlives a power cut.

/// What a disk writes as a whole, mostly.
const SECTOR_BYTES: usize = 512;

/// A file without its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inode {
    /// Its number on the machine, once it is known.
    pub number: Option<u64>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

/// A change that no sync has made durable yet.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// How much of what was only written reaches the disk.
#[derive(Clone, Copy)]
enum Luck {
    Nothing,
    Everything,
    /// The first so many changes.
    Prefix(usize),
    /// Each sector by itself: dropped, kept (and so reordered), or torn.
    BySector,
}

impl Inode {
    /// A file whose bytes are all durable.
    pub(crate) const fn durable(number: Option<u64>, bytes: Vec<u8>) -> Self {
        Self { number, durable: bytes, pending: Vec::new() }
    }

    /// What outlives any power cut.
    pub(crate) fn durable_bytes(&self) -> &[u8] {
        &self.durable
    }

    /// As programs see it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        self.pending.iter().for_each(|change| apply(&mut bytes, change));
        bytes
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.pending.push(change);
    }

    /// Makes everything written so far durable.
    pub(crate) fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &change);
        }
    }

    /// A sync that failed: some of it may have become durable, and the rest is forgotten, as by Linux, which takes the
    /// pages for clean. No later sync writes it.
    pub(crate) fn fail_to_sync(&mut self, rng: &mut fastrand::Rng) {
        self.durable = self.survivor(rng);
        self.pending.clear();
    }

    /// What a power cut leaves of the file.
    pub(crate) fn survivor(&self, rng: &mut fastrand::Rng) -> Vec<u8> {
        let luck = match rng.u8(0..8) {
            0 => Luck::Nothing,
            1 => Luck::Everything,
            2 | 3 => Luck::Prefix(rng.usize(0..=self.pending.len())),
            _ => Luck::BySector,
        };
        let mut bytes = self.durable.clone();
        for (index, change) in self.pending.iter().enumerate() {
            match luck {
                Luck::Everything => apply(&mut bytes, change),
                Luck::Prefix(count) if index < count => apply(&mut bytes, change),
                Luck::Nothing | Luck::Prefix(_) => {}
                Luck::BySector => sectors(change).into_iter().for_each(|sector| draw(&mut bytes, &sector, rng)),
            }
        }
        bytes
    }
}

/// The change, sector by sector.
fn sectors(change: &Change) -> Vec<Change> {
    let Change::Write { offset, bytes } = change else { return vec![change.clone()] };
    let (mut pieces, mut done) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        let start = offset.saturating_add(done);
        let length = (SECTOR_BYTES - start % SECTOR_BYTES).min(rest.len());
        let piece = rest.get(..length).unwrap_or_default().to_vec();
        pieces.push(Change::Write { offset: start, bytes: piece });
        done = done.saturating_add(length);
    }
    pieces
}

fn draw(file: &mut Vec<u8>, sector: &Change, rng: &mut fastrand::Rng) {
    match (sector, rng.u8(0..16)) {
        (_, 0..=6) => {}
        (Change::Write { offset, bytes }, 7 | 8) => {
            let torn = bytes.get(..rng.usize(0..=bytes.len())).unwrap_or_default().to_vec();
            apply(file, &Change::Write { offset: *offset, bytes: torn });
        }
        (kept, _) => apply(file, kept),
    }
}

fn apply(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(length) => file.resize(*length, 0),
        Change::Write { bytes, .. } if bytes.is_empty() => {}
        Change::Write { offset, bytes } => {
            let end = offset.saturating_add(bytes.len());
            if file.len() < end {
                file.resize(end, 0);
            }
            if let Some(place) = file.get_mut(*offset..end) {
                place.copy_from_slice(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: usize, bytes: &[u8]) -> Change {
        Change::Write { offset, bytes: bytes.to_vec() }
    }

    fn survivors(inode: &Inode) -> std::collections::HashSet<Vec<u8>> {
        (0..2_000).map(|seed| inode.survivor(&mut fastrand::Rng::with_seed(seed))).collect()
    }

    #[test]
    fn what_was_synced_survives_and_the_rest_may_not() {
        let mut inode = Inode::default();
        inode.change(write(0, b"synced"));
        inode.sync();
        assert_eq!(survivors(&inode), [b"synced".to_vec()].into());
        inode.change(write(0, b"SYNCED"));
        let left = survivors(&inode);
        assert!(left.contains(&b"synced"[..]) && left.contains(&b"SYNCED"[..]) && left.contains(&b"SYnced"[..]));
    }

    #[test]
    fn sectors_are_dropped_and_reordered() {
        let mut inode = Inode::default();
        inode.change(write(0, &[1; 1_024]));
        inode.change(Change::Truncate(512));
        inode.change(write(512, &[2; 512]));
        let left = survivors(&inode);
        assert!(left.contains(&[vec![0; 512], vec![2; 512]].concat()), "the first is dropped, the last is kept");
        assert!(left.contains(&[vec![1; 512], vec![2; 512]].concat()));
        assert!(left.contains(&vec![1; 1_024]), "the last is dropped, and so is the truncation");
    }

    #[test]
    fn what_a_failed_sync_lost_no_later_sync_writes() {
        let lost = (0..100).filter(|seed| {
            let mut inode = Inode::default();
            inode.change(write(0, b"once"));
            inode.fail_to_sync(&mut fastrand::Rng::with_seed(*seed));
            inode.sync();
            inode.survivor(&mut fastrand::Rng::with_seed(*seed)) != b"once"
        });
        assert!(lost.count() > 10);
    }
}
