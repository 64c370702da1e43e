//! The Merkle tree hash of RFC 6962, section 2.1: one root over an ordered list of leaves.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 ‖ parts…)`.
pub fn leaf(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new_with_prefix([0_u8]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 1 + 32 + 32];
    let [_, hashes @ ..] = &mut bytes;
    let (first, second) = hashes.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// The root over leaf hashes; `SHA-256("")` over none.
///
/// Pairs neighbours level by level and lifts an odd last one, which gives the RFC's tree of the largest power of
/// two to the left.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level.chunks(2).filter_map(pair).collect();
    }
    level.first().copied().unwrap_or_else(|| Sha256::digest([]).into())
}

fn pair(chunk: &[Hash]) -> Option<Hash> {
    match chunk {
        [left, right] => Some(node(left, right)),
        [single] => Some(*single),
        _ => None,
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        for digit in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The eight leaves of the Certificate Transparency reference tests and the roots over their prefixes.
    #[test]
    fn roots_are_those_of_the_reference_vectors() {
        let inputs: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let leaves: Vec<Hash> = inputs.iter().map(|input| leaf(&[input])).collect();
        let expected = [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ];
        for (size, text) in expected {
            assert_eq!(hex(&root(&leaves[..size])), text, "{size} leaves");
        }
    }
}
