//! The format of a write-ahead log (<https://sqlite.org/fileformat2.html#the_write_ahead_log>): a header, then frames of
//! one page each. A checksum runs on through the header and all frames, so each frame follows one other.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};

pub(super) const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The lowest bit says in which order of bytes the checksum takes words.
const MAGIC: u32 = 0x377f_0682;
const BUFFER_BYTES: usize = 1024 * 1024;

/// A checksum so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum(pub u32, pub u32);

/// The order of bytes in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    fn word(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// Carries a checksum on over bytes, eight at a time.
    fn sum(self, Sum(mut one, mut two): Sum, bytes: &[u8]) -> Sum {
        for [first, second] in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
            one = one.wrapping_add(self.word(*first)).wrapping_add(two);
            two = two.wrapping_add(self.word(*second)).wrapping_add(one);
        }
        Sum(one, two)
    }
}

/// What the frames of the current cycle have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cycle {
    pub order: Order,
    pub page_bytes: usize,
    pub salts: [u8; 8],
    /// What the first frame follows.
    pub sum: Sum,
}

impl Cycle {
    /// The cycle that a header begins; `None` where SQLite would not believe it.
    pub(super) fn of(header: &[u8; HEADER_BYTES]) -> Option<Self> {
        let [magic, _, page_bytes, _, salts @ .., one, two] = header.as_chunks::<4>().0 else { return None };
        let order = match u32::from_be_bytes(*magic) ^ MAGIC {
            0 => Order::Little,
            1 => Order::Big,
            _ => return None,
        };
        let sum = Sum(u32::from_be_bytes(*one), u32::from_be_bytes(*two));
        let page_bytes = page_size(u32::from_be_bytes(*page_bytes))?;
        let salts = salts.as_flattened().try_into().ok()?;
        let found = order.sum(Sum::default(), header.get(..HEADER_BYTES - 8).unwrap_or_default());
        (found == sum).then_some(Self { order, page_bytes, salts, sum })
    }

    /// Where a frame begins in the file, in bytes. The first frame has number 1.
    pub(super) fn offset(&self, number: u64) -> u64 {
        let bytes = u64::try_from(self.page_bytes.saturating_add(FRAME_HEADER_BYTES)).unwrap_or(u64::MAX);
        number.saturating_sub(1).saturating_mul(bytes).saturating_add(32)
    }

    /// Where its page begins.
    pub(super) fn page_offset(&self, number: u64) -> u64 {
        self.offset(number).saturating_add(24)
    }
}

/// A size that pages can have.
pub(super) fn page_size(bytes: u32) -> Option<usize> {
    let known = bytes.is_power_of_two() && (512..=65_536).contains(&bytes);
    known.then(|| usize::try_from(bytes).ok()).flatten()
}

/// Whether a transaction ends with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    No,
    /// What is wrong with the frame may be its mark.
    Possible,
    Certain,
}

/// One frame.
pub(super) struct Frame(pub Vec<u8>);

impl Frame {
    fn part(&self, from: usize, to: usize) -> &[u8] {
        self.0.get(from..to).unwrap_or_default()
    }

    fn word(&self, at: usize) -> u32 {
        self.part(at, at.saturating_add(4)).try_into().map_or(0, u32::from_be_bytes)
    }

    /// Which page it holds.
    pub(super) fn page_number(&self) -> u32 {
        self.word(0)
    }

    /// Whether it says that it ends a transaction.
    pub(super) fn commits(&self) -> bool {
        self.word(4) != 0
    }

    pub(super) fn salts(&self) -> &[u8] {
        self.part(8, 16)
    }

    /// The checksum as it stands in the frame.
    pub(super) fn stored(&self) -> Sum {
        Sum(self.word(16), self.word(20))
    }

    pub(super) fn page(&self) -> &[u8] {
        self.part(FRAME_HEADER_BYTES, self.0.len())
    }

    /// The checksum that it ought to have after a frame that has `before`.
    pub(super) fn due(&self, order: Order, before: Sum) -> Sum {
        order.sum(order.sum(before, self.part(0, 8)), self.page())
    }

    /// Whether SQLite would take it for the next one.
    pub(super) fn follows(&self, cycle: &Cycle, before: Sum) -> bool {
        self.salts() == cycle.salts && self.page_number() != 0 && self.due(cycle.order, before) == self.stored()
    }

    /// Whether it was written as the end of a transaction, where a single bit is all that is wrong with it: one with
    /// which it has the checksum that stands in it.
    ///
    /// The checksum is linear: what a change of a word comes to in the end hangs on its place alone. So one pass from
    /// the last pair of words to the first tries every bit. High bits of several words may come to the same.
    pub(super) fn end_but_for_a_bit(&self, order: Order, before: Sum) -> End {
        let (Sum(due_one, due_two), Sum(one, two)) = (self.due(order, before), self.stored());
        let missing = (one.wrapping_sub(due_one), two.wrapping_sub(due_two));
        let words = self.part(0, 8).as_chunks::<4>().0.iter().chain(self.page().as_chunks::<4>().0);
        let words: Vec<u32> = words.map(|word| order.word(*word)).collect();
        let (mut of_first, mut of_second) = ((1_u32, 1_u32), (0_u32, 1_u32));
        let (mut is_end, mut is_none) = (false, false);
        for (pair, [first, second]) in words.as_chunks::<2>().0.iter().enumerate().rev() {
            for mask in (0..32).map(|bit| 1_u32 << bit) {
                let in_first = change(*first, mask, of_first) == missing;
                let in_second = change(*second, mask, of_second) == missing;
                let in_mark = pair == 0 && in_second;
                let commits = if in_mark { second ^ mask != 0 } else { self.commits() };
                is_end |= (in_first || in_second) && commits;
                is_none |= (in_first || in_second) && !commits;
            }
            (of_first, of_second) = (earlier(of_first), earlier(of_second));
        }
        match (is_end, is_none) {
            (true, false) => End::Certain,
            (true, true) => End::Possible,
            (false, _) => End::No,
        }
    }
}

/// What flipping a bit of a word changes in the checksum.
fn change(value: u32, mask: u32, (one, two): (u32, u32)) -> (u32, u32) {
    let difference = if value & mask == 0 { mask } else { mask.wrapping_neg() };
    (difference.wrapping_mul(one), difference.wrapping_mul(two))
}

/// What a word weighs one pair earlier.
fn earlier((one, two): (u32, u32)) -> (u32, u32) {
    let sum = one.wrapping_add(two);
    (sum, sum.wrapping_add(two))
}

/// Reads frames one after the other.
pub(super) struct Frames(BufReader<File>);

impl Frames {
    /// Of a file that is read past its header.
    pub(super) fn new(file: File) -> Self {
        Self(BufReader::with_capacity(BUFFER_BYTES, file))
    }

    /// The next one, in the room of an old one; `None` where the file ends before its end.
    pub(super) fn next(&mut self, cycle: &Cycle, room: Vec<u8>) -> io::Result<Option<Frame>> {
        let mut bytes = room;
        bytes.resize(cycle.page_bytes.saturating_add(FRAME_HEADER_BYTES), 0);
        match self.0.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(Frame(bytes))),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}
