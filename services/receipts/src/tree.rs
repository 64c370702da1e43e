//! The RFC 6962 tree as it grows: which hashes are kept, and which of them make up a root or a proof.
//!
//! Only complete subtrees are kept: they never change. They are numbered in the order in which a growing tree
//! completes them, so that a store only ever appends.

use kernel::merkle::{self, Hash};

/// A complete subtree: the 2^`level` leaves from `number` × 2^`level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u32,
    /// From 0, left to right.
    pub number: u64,
}

impl Node {
    /// Where it stands among all nodes, in the order in which a growing tree completes them, from 0.
    ///
    /// It is complete with its last leaf, `m`; a tree of `m` leaves has ⌊m/1⌋ + ⌊m/2⌋ + ⌊m/4⌋ + … = 2m − popcount(m)
    /// complete nodes, and the leaf completes one node per level.
    pub fn place(self) -> u64 {
        let last = self.number.saturating_add(1).checked_shl(self.level).unwrap_or(u64::MAX).saturating_sub(1);
        complete_nodes(last).saturating_add(u64::from(self.level))
    }
}

/// How many complete nodes a tree of `size` leaves has; meaningful below 2^63 leaves.
pub fn complete_nodes(size: u64) -> u64 {
    size.saturating_mul(2).saturating_sub(u64::from(size.count_ones()))
}

/// Leaves `start` to `end`, half-open, that are a subtree in the sense of RFC 6962.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: u64,
    end: u64,
}

impl Span {
    /// The whole tree.
    const fn whole(size: u64) -> Self {
        Self { start: 0, end: size }
    }

    const fn length(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Both sides of the tree: the largest power of two smaller than its length to the left. `None` for a leaf.
    fn split(self) -> Option<(Self, Self)> {
        let below = self.length().checked_sub(1).filter(|below| *below > 0)?;
        let middle = self.start.saturating_add(1_u64.checked_shl(below.ilog2())?);
        Some((Self { end: middle, ..self }, Self { start: middle, ..self }))
    }

    /// The complete subtrees that it is made of, from the left: one per bit of its length.
    fn peaks(self) -> impl DoubleEndedIterator<Item = Node> {
        let length = self.length();
        let is_set = move |level: &u32| (length >> level) & 1 == 1;
        (0..u64::BITS).rev().filter(is_set).map(move |level| {
            // Whole multiples of twice the node's size lie before it.
            let before = length.checked_shr(level.saturating_add(1)).unwrap_or(0);
            let skipped = before.checked_shl(level.saturating_add(1)).unwrap_or(0);
            Node { level, number: self.start.saturating_add(skipped) >> level }
        })
    }

    /// Its hash, from the nodes it is made of.
    fn hash<E>(self, read: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
        let mut hash = None;
        for node in self.peaks().rev() {
            let left = read(node)?;
            hash = Some(hash.map_or(left, |right| merkle::node(&left, &right)));
        }
        Ok(hash.unwrap_or_else(|| merkle::root(&[])))
    }
}

/// The root over the first `size` leaves. Reads at most 64 nodes.
pub fn root<E>(size: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    Span::whole(size).hash(&mut read)
}

/// The inclusion proof of the leaf at `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), from the leaf up;
/// `None` where there is no such leaf. Reads at most `2 log₂ size` nodes.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut span, mut siblings) = (Span::whole(size), Vec::new());
    while let Some((left, right)) = span.split() {
        let (own, sibling) = if index < right.start { (left, right) } else { (right, left) };
        siblings.push(sibling);
        span = own;
    }
    siblings.into_iter().rev().map(|sibling| sibling.hash(&mut read)).collect::<Result<_, E>>().map(Some)
}

/// The proof that the tree of `from` leaves is a prefix of that of `to` leaves (RFC 6962, section 2.1.2); empty from
/// nothing and from itself, `None` where `from` is the larger one. Reads at most `2 log₂ to` nodes.
pub fn consistency<E>(
    from: u64,
    to: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if from > to {
        return Ok(None);
    }
    if from == 0 || from == to {
        return Ok(Some(Vec::new()));
    }
    let (mut span, mut parts) = (Span::whole(to), Vec::new());
    while span.end != from {
        let Some((left, right)) = span.split() else { break };
        let (next, other) = if from <= right.start { (left, right) } else { (right, left) };
        parts.push(other);
        span = next;
    }
    // Whoever has the old root has this subtree's hash where it is the whole old tree.
    if span.start > 0 {
        parts.push(span);
    }
    parts.into_iter().rev().map(|part| part.hash(&mut read)).collect::<Result<_, E>>().map(Some)
}

/// The right edge of a growing tree: all that appending needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The right edge of a stored tree.
    pub fn read<E>(size: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Self, E> {
        let peaks = Span::whole(size).peaks().map(&mut read).collect::<Result<_, E>>()?;
        Ok(Self { size, peaks })
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; `completed` is given the nodes it completes, the leaf first, in the order of their places.
    pub fn push(&mut self, leaf: Hash, completed: &mut Vec<Hash>) {
        let mut hash = leaf;
        completed.push(hash);
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = merkle::node(&left, &hash);
            completed.push(hash);
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut hashes = self.peaks.iter().rev().copied();
        let Some(last) = hashes.next() else { return merkle::root(&[]) };
        hashes.fold(last, |right, left| merkle::node(&left, &right))
    }
}

/// A whole tree in memory, as of one batch.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    frontier: Frontier,
    nodes: Vec<Hash>,
}

/// A node that the tree does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Absent;

impl Tree {
    /// The tree over these leaves.
    pub fn of(leaves: &[Hash]) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            tree.frontier.push(*leaf, &mut tree.nodes);
        }
        tree
    }

    /// The inclusion proof of a leaf; `None` where there is no such leaf.
    pub fn inclusion(&self, index: u64) -> Option<Vec<Hash>> {
        inclusion(index, self.frontier.size, |node| self.node(node)).ok().flatten()
    }

    /// The proof that its first `from` leaves are a prefix of its first `to`; `None` where they are not.
    pub fn consistency(&self, from: u64, to: u64) -> Option<Vec<Hash>> {
        consistency(from, to, |node| self.node(node)).ok().flatten()
    }

    /// The root over its first `size` leaves; `None` where it has fewer.
    pub fn root(&self, size: u64) -> Option<Hash> {
        root(size, |node| self.node(node)).ok()
    }

    fn node(&self, node: Node) -> Result<Hash, Absent> {
        usize::try_from(node.place()).ok().and_then(|place| self.nodes.get(place)).copied().ok_or(Absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| merkle::leaf(&[&number.to_be_bytes()])).collect()
    }

    #[test]
    fn roots_of_every_size_are_those_of_the_plain_definition() {
        let (all, mut frontier, mut nodes) = (leaves(300), Frontier::default(), Vec::new());
        for size in 0..=300_u64 {
            let expected = merkle::root(&all[..usize::try_from(size).unwrap()]);
            assert_eq!(frontier.root(), expected, "{size}");
            assert_eq!(complete_nodes(size), u64::try_from(nodes.len()).unwrap(), "{size}");
            let read = |node: Node| nodes.get(usize::try_from(node.place()).unwrap()).copied().ok_or(node);
            assert_eq!(root(size, read), Ok(expected), "{size}");
            assert_eq!(Frontier::read(size, read), Ok(frontier.clone()), "{size}");
            if let Some(leaf) = all.get(usize::try_from(size).unwrap()) {
                frontier.push(*leaf, &mut nodes);
            }
        }
    }

    #[test]
    fn every_node_has_a_place_of_its_own_and_the_order_is_that_of_completion() {
        let mut expected = 0;
        for leaf in 0..1_000_u64 {
            for level in 0..=leaf.trailing_ones() {
                assert_eq!(Node { level, number: leaf >> level }.place(), expected);
                expected += 1;
            }
        }
    }

    #[test]
    fn nothing_is_proved_of_what_is_not_there() {
        let tree = Tree::of(&leaves(5));
        assert_eq!(tree.inclusion(5), None);
        assert_eq!(tree.inclusion(u64::MAX), None);
        assert_eq!(tree.consistency(5, 4), None);
        assert_eq!(tree.consistency(4, 6), None);
        assert_eq!(tree.root(6), None);
        assert_eq!(tree.root(u64::MAX), None);
        assert_eq!(Tree::of(&[]).inclusion(0), None);
    }

    #[test]
    fn a_proof_reads_few_nodes() {
        let size = (1 << 40) - 1;
        let mut read = 0;
        let mut count = |_: Node| {
            read += 1;
            Ok::<_, ()>([0; 32])
        };
        assert_eq!(inclusion(12_345, size, &mut count).unwrap().unwrap().len(), 40);
        assert!(consistency(987_654_321, size, &mut count).unwrap().is_some());
        assert!(read < 2 * 80, "{read}");
    }
}
