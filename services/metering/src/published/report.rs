//! Reports: how the id of one follows from its key, and leads back to it.

use jiff::Timestamp;
use kernel::id::InvocationId;
use uuid::Uuid;

/// Bits of 128 that an id leaves out of the key's hash: it holds 74.
const LEFT_OUT: u32 = 54;
/// Bits below the variant.
const LOW_BITS: u32 = 62;
const LOW: u128 = (1 << LOW_BITS) - 1;

/// The id of a report: a UUID of version 8 (RFC 9562) over the milliseconds of when it was used and 74 bits of its
/// key's hash, so that a repeat names the same one.
pub fn invocation_id(used_at: Timestamp, key_hash: &[u8; 32]) -> InvocationId {
    let millis = u128::try_from(used_at.as_millisecond()).unwrap_or_default() & 0xffff_ffff_ffff;
    let key = head(key_hash) >> LEFT_OUT;
    let (high, low) = (key >> LOW_BITS, key & LOW);
    InvocationId::new(Uuid::from_u128((millis << 80) | (8 << 76) | (high << 64) | (0b10 << LOW_BITS) | low))
}

/// The first 9 bytes of the key's hash of a report; `None` for the id of a call.
pub fn key_prefix(id: InvocationId) -> Option<[u8; 9]> {
    let bits = id.uuid().as_u128();
    let (version, high) = ((bits >> 76) & 0xf, (bits >> 64) & 0xfff);
    let key = (high << LOW_BITS) | (bits & LOW);
    let bytes = (key << LEFT_OUT).to_be_bytes();
    (version == 8).then(|| bytes.first_chunk().copied()).flatten()
}

fn head(key_hash: &[u8; 32]) -> u128 {
    key_hash.first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_leads_back_to_its_key(key: [u8; 32], millis in 0_i64..4_000_000_000_000) {
            let used_at = Timestamp::from_millisecond(millis).unwrap();
            let id = invocation_id(used_at, &key);
            prop_assert_eq!(key_prefix(id).map(|prefix| prefix.to_vec()), Some(key[..9].to_vec()));
            prop_assert_eq!((id.uuid().get_version_num(), id.uuid().get_variant()), (8, uuid::Variant::RFC4122));
        }
    }

    #[test]
    fn the_id_of_a_call_has_no_key() {
        assert_eq!(key_prefix(InvocationId::new(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001))), None);
    }
}
