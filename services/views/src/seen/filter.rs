//! A blocked Bloom filter: of most keys that a run does not have it says so, by one look into memory.
//!
//! Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters (2007). A key's bits all lie in one block of
//! a cache line; keys are hashes already, and are used as such. Keys that come in their order fill block after block.

use super::Key;

/// A cache line.
const BLOCK_BYTES: usize = 64;
/// Bits of a block, as a power of two.
const BLOCK_BITS_LOG: u32 = 9;
const BITS_PER_KEY: usize = 10;
/// Bits set for a key.
const PROBES: u32 = 6;

/// The filter of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFilter(Vec<u8>);

impl KeyFilter {
    /// An empty one for so many keys.
    pub fn of(keys: usize) -> Self {
        let blocks = keys.saturating_mul(BITS_PER_KEY).div_ceil(BLOCK_BYTES * 8).max(1);
        Self(vec![0; blocks.saturating_mul(BLOCK_BYTES)])
    }

    /// From what [`Self::bytes`] gave; `None` where that is of no whole blocks.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty() && bytes.len().is_multiple_of(BLOCK_BYTES)).then_some(Self(bytes))
    }

    /// As it is kept.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a key.
    pub fn add(&mut self, key: &Key) {
        let index = self.block(key);
        let Some(block) = self.0.as_chunks_mut::<BLOCK_BYTES>().0.get_mut(index) else { return };
        for (byte, bit) in bits(key) {
            if let Some(byte) = block.get_mut(byte) {
                *byte |= bit;
            }
        }
    }

    /// Whether the run may have the key; of every key that was added it says so.
    pub fn may_have(&self, key: &Key) -> bool {
        let block = self.0.as_chunks::<BLOCK_BYTES>().0.get(self.block(key));
        block.is_some_and(|block| bits(key).all(|(byte, bit)| block.get(byte).is_some_and(|byte| byte & bit != 0)))
    }

    /// The block of a key: the first half of the key chooses it.
    fn block(&self, key: &Key) -> usize {
        let blocks = u128::try_from(self.0.len() / BLOCK_BYTES).unwrap_or(1);
        usize::try_from((u128::from(halves(key).0) * blocks) >> 64).unwrap_or(0)
    }
}

/// The bits of a key within its block, byte and bit: the second half of the key chooses them.
fn bits(key: &Key) -> impl Iterator<Item = (usize, u8)> + use<> {
    let second = halves(key).1;
    (0..PROBES).map(move |probe| {
        let bit = (second >> (probe * BLOCK_BITS_LOG)) & ((1 << BLOCK_BITS_LOG) - 1);
        let within = usize::try_from(bit).unwrap_or(0);
        (within / 8, 1 << (within % 8))
    })
}

fn halves(key: &Key) -> (u64, u64) {
    let half = |bytes: Option<&[u8; 8]>| bytes.copied().map(u64::from_be_bytes).unwrap_or_default();
    (half(key.first_chunk()), half(key.last_chunk()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn key(number: u32) -> Key {
        super::super::short(&Sha256::digest(number.to_be_bytes()).into())
    }

    #[test]
    fn every_key_is_found_and_few_others() {
        let mut filter = KeyFilter::of(20_000);
        (0..20_000).for_each(|number| filter.add(&key(number)));
        assert!((0..20_000).all(|number| filter.may_have(&key(number))));
        let wrong = (20_000..120_000).filter(|number| filter.may_have(&key(*number))).count();
        assert!(wrong < 2_500, "{wrong} of 100,000");
        assert_eq!(KeyFilter::from_bytes(filter.bytes().to_vec()), Some(filter));
    }
}
