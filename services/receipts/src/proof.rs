//! Checks proofs against roots, as RFC 9162 writes the algorithms down for the tree of RFC 6962.

use kernel::merkle::{self, Hash};

/// Hashes in a proof; a tree of 2^63 leaves needs no more.
pub const HASHES_MAX: usize = 64;

/// The way from a leaf to the root, as two numbers that are halved at each step.
struct Way {
    index: u64,
    last: u64,
}

impl Way {
    const fn up(&mut self) {
        self.index >>= 1;
        self.last >>= 1;
    }

    const fn is_right(&self) -> bool {
        self.index & 1 == 1
    }

    /// Whether the next hash of the proof stands to the left of what has been computed.
    const fn has_left_neighbour(&self) -> bool {
        self.is_right() || self.index == self.last
    }

    /// Skips the levels on which a node at the right edge has no neighbour.
    const fn skip(&mut self) {
        while !self.is_right() && self.index != 0 {
            self.up();
        }
    }
}

/// Whether `proof` leads from `leaf` at `index` to the root of a tree of `size` leaves (RFC 9162, section 2.1.3.2).
pub fn includes(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    let Some(last) = size.checked_sub(1).filter(|last| index <= *last) else { return false };
    let (mut way, mut hash) = (Way { index, last }, *leaf);
    for neighbour in proof {
        if way.last == 0 {
            return false;
        }
        if way.has_left_neighbour() {
            hash = merkle::node(neighbour, &hash);
            way.skip();
        } else {
            hash = merkle::node(&hash, neighbour);
        }
        way.up();
    }
    way.last == 0 && hash == *root
}

/// A tree's size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Whether `proof` shows that the tree `new` begins with the whole tree `old` (RFC 9162, section 2.1.4.2). The empty
/// tree is the beginning of every tree.
pub fn is_prefix(old: &Head, new: &Head, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size == new.size {
        let expected = if old.size == 0 { merkle::root(&[]) } else { new.root };
        return proof.is_empty() && old.root == expected && (new.size > 0 || new.root == merkle::root(&[]));
    }
    if old.size > new.size {
        return false;
    }
    let mut way = Way { index: old.size.saturating_sub(1), last: new.size.saturating_sub(1) };
    while way.is_right() {
        way.up();
    }
    let own = old.size.is_power_of_two().then_some(&old.root);
    let mut hashes = own.into_iter().chain(proof);
    let Some(first) = hashes.next() else { return false };
    climb(way, *first, hashes, (&old.root, &new.root))
}

fn climb<'a>(mut way: Way, first: Hash, hashes: impl Iterator<Item = &'a Hash>, (old, new): (&Hash, &Hash)) -> bool {
    let (mut old_hash, mut new_hash) = (first, first);
    for neighbour in hashes {
        if way.last == 0 {
            return false;
        }
        if way.has_left_neighbour() {
            old_hash = merkle::node(neighbour, &old_hash);
            new_hash = merkle::node(neighbour, &new_hash);
            way.skip();
        } else {
            new_hash = merkle::node(&new_hash, neighbour);
        }
        way.up();
    }
    way.last == 0 && old_hash == *old && new_hash == *new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;
    use proptest::prelude::*;

    const SIZE_MAX: u64 = 130;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| merkle::leaf(&[b"leaf", &number.to_be_bytes()])).collect()
    }

    fn at(leaves: &[Hash], index: u64) -> Hash {
        leaves[usize::try_from(index).unwrap()]
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_in_no_other_place() {
        let all = leaves(SIZE_MAX);
        for size in 1..=SIZE_MAX {
            let tree = Tree::of(&all[..usize::try_from(size).unwrap()]);
            let root = tree.root(size).unwrap();
            for index in 0..size {
                let proof = tree.inclusion(index).unwrap();
                assert!(includes(&at(&all, index), index, size, &proof, &root), "{index} of {size}");
                assert!(!includes(&at(&all, index), index ^ 1, size, &proof, &root) || size == 1, "{index} of {size}");
                assert!(!includes(&at(&all, (index + 1) % SIZE_MAX), index, size, &proof, &root));
                assert!(!includes(&at(&all, index), size, size, &proof, &root));
            }
        }
    }

    #[test]
    fn every_tree_is_a_prefix_of_every_larger_one() {
        let all = leaves(SIZE_MAX);
        let tree = Tree::of(&all);
        let head = |size| Head { size, root: tree.root(size).unwrap() };
        for new in 0..=SIZE_MAX {
            for old in 0..=new {
                let proof = tree.consistency(old, new).unwrap();
                assert!(is_prefix(&head(old), &head(new), &proof), "{old} of {new}");
                let forked = Head { root: [7; 32], ..head(old) };
                assert!(!is_prefix(&forked, &head(new), &proof), "{old} of {new}");
                let forked = Head { root: [7; 32], ..head(new) };
                assert!(!is_prefix(&head(old), &forked, &proof) || old == 0 && new > 0, "{old} of {new}");
            }
        }
    }

    #[test]
    fn a_larger_tree_is_a_prefix_of_none() {
        let tree = Tree::of(&leaves(9));
        let head = |size| Head { size, root: tree.root(size).unwrap() };
        assert!(!is_prefix(&head(9), &head(8), &tree.consistency(8, 9).unwrap()));
        assert!(!is_prefix(&head(9), &head(8), &[]));
    }

    proptest! {
        #[test]
        fn a_changed_proof_proves_nothing(
            size in 2..SIZE_MAX, pick: prop::sample::Index, place: prop::sample::Index, bit in 0..256_usize,
        ) {
            let all = leaves(size);
            let tree = Tree::of(&all);
            let root = tree.root(size).unwrap();
            let index = u64::try_from(pick.index(all.len())).unwrap();
            let proof = tree.inclusion(index).unwrap();
            let mut changed = proof.clone();
            let chosen = place.index(proof.len());
            changed[chosen][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!includes(&at(&all, index), index, size, &changed, &root));
            prop_assert!(!includes(&at(&all, index), index, size, &proof[1..], &root));
            prop_assert!(!includes(&at(&all, index), index, size, &[&proof[..], &[root]].concat(), &root));
        }

        #[test]
        fn a_changed_consistency_proof_proves_nothing(
            new in 2..SIZE_MAX, pick: prop::sample::Index, place: prop::sample::Index, bit in 0..256_usize,
        ) {
            let tree = Tree::of(&leaves(new));
            let head = |size| Head { size, root: tree.root(size).unwrap() };
            let old = 1 + u64::try_from(pick.index(usize::try_from(new - 1).unwrap())).unwrap();
            let proof = tree.consistency(old, new).unwrap();
            let mut changed = proof.clone();
            let chosen = place.index(proof.len());
            changed[chosen][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!is_prefix(&head(old), &head(new), &changed));
            prop_assert!(!is_prefix(&head(old), &head(new), &proof[1..]));
            prop_assert!(!is_prefix(&head(old), &head(new), &[&proof[..], &[[0; 32]]].concat()));
        }

        #[test]
        fn hostile_numbers_do_no_harm(leaf: Hash, index: u64, size: u64, proof in prop::collection::vec(any::<Hash>(), 0..70)) {
            prop_assert!(!includes(&leaf, index, size, &proof, &[0; 32]));
            let (old, new) = (Head { size: index, root: leaf }, Head { size, root: [0; 32] });
            prop_assert!(!is_prefix(&old, &new, &proof));
        }
    }

    /// The eight leaves, roots and proofs of the reference tests of Certificate Transparency (`merkle_tree_test.cc`,
    /// also in `transparency-dev/merkle`).
    mod reference {
        use super::*;

        const INPUTS: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];

        const ROOTS: [&str; 8] = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];

        /// Leaf number (from 1), tree size, proof.
        const INCLUSION: [(u64, u64, &[&str]); 5] = [
            (1, 1, &[]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (3, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
            (
                2,
                5,
                &[
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ];

        /// Old size, new size, proof.
        const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
            (1, 1, &[]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (
                2,
                5,
                &[
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ];

        fn hash(text: &str) -> Hash {
            let bytes = (0..32).map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).unwrap());
            bytes.collect::<Vec<_>>().try_into().unwrap()
        }

        fn hashes(texts: &[&str]) -> Vec<Hash> {
            texts.iter().map(|text| hash(text)).collect()
        }

        fn head(size: u64) -> Head {
            Head { size, root: hash(ROOTS[usize::try_from(size - 1).unwrap()]) }
        }

        fn tree() -> Tree {
            Tree::of(&INPUTS.map(|input| merkle::leaf(&[input])))
        }

        #[test]
        fn roots() {
            for size in 1..=8 {
                assert_eq!(tree().root(size), Some(head(size).root), "{size}");
            }
        }

        #[test]
        fn inclusion_proofs() {
            for (leaf, size, expected) in INCLUSION {
                let (index, input) = (leaf - 1, INPUTS[usize::try_from(leaf - 1).unwrap()]);
                let part = Tree::of(&INPUTS.map(|input| merkle::leaf(&[input]))[..usize::try_from(size).unwrap()]);
                assert_eq!(part.inclusion(index), Some(hashes(expected)), "{leaf} of {size}");
                let root = head(size).root;
                assert!(includes(&merkle::leaf(&[input]), index, size, &hashes(expected), &root), "{leaf} of {size}");
            }
        }

        #[test]
        fn consistency_proofs() {
            for (old, new, expected) in CONSISTENCY {
                assert_eq!(tree().consistency(old, new), Some(hashes(expected)), "{old} to {new}");
                assert!(is_prefix(&head(old), &head(new), &hashes(expected)), "{old} to {new}");
            }
        }
    }
}
