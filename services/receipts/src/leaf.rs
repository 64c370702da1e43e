//! The leaves: of an event in the log's tree, and of a record in its batch's.

use kernel::merkle::{self, Hash};
use uuid::Uuid;

/// Stands before everything else in the leaf of an event, so that it is the leaf of nothing else.
const DOMAIN: &str = "tallystick event v1";

/// All of an event that its leaf covers: everything that was appended, and where in its stream. Deliberately absent:
/// its position and whatever else a store adds, so that the tree is the same on every backend.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The stream's name.
    pub stream: &'a str,
    /// Its index in the stream.
    pub revision: u64,
    /// Its id.
    pub id: Uuid,
    /// The name of the fact.
    pub kind: &'a str,
    /// The version of its serialised form.
    pub version: u16,
    /// When it was decided, in nanoseconds since 1970, UTC.
    pub occurred_at_ns: i64,
    /// Shared by everything that follows from one request.
    pub correlation: Uuid,
    /// What it follows from.
    pub cause: Uuid,
    /// Who.
    pub actor: &'a str,
    /// The JSON, byte for byte.
    pub data: &'a [u8],
    /// SHA-256 of the binary body, so that the body can be withheld.
    pub body_sha256: Hash,
}

impl Entry<'_> {
    /// `SHA-256(0x00 ‖ domain ‖ stream ‖ revision ‖ id ‖ kind ‖ version ‖ occurred_at ‖ correlation ‖ cause ‖ actor ‖
    /// data ‖ SHA-256(body))`: numbers as 8 bytes, big-endian, ids as 16, and each text and the data behind its length
    /// in bytes, so that neighbours cannot trade bytes.
    pub fn hash(&self) -> Hash {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
        let texts = [DOMAIN, self.stream, self.kind, self.actor].map(str::as_bytes);
        let [domain, stream, kind, actor] = texts;
        merkle::leaf(&[
            &length(domain),
            domain,
            &length(stream),
            stream,
            &self.revision.to_be_bytes(),
            self.id.as_bytes(),
            &length(kind),
            kind,
            &u64::from(self.version).to_be_bytes(),
            &self.occurred_at_ns.to_be_bytes(),
            self.correlation.as_bytes(),
            self.cause.as_bytes(),
            &length(actor),
            actor,
            &length(self.data),
            self.data,
            &self.body_sha256,
        ])
    }
}

/// The leaf of a usage record in its batch: `SHA-256(0x00 ‖ salt ‖ record)`, as `schema/usage.proto` says.
pub fn of_record(salt: &Hash, record: &[u8]) -> Hash {
    merkle::leaf(&[salt, record])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Entry<'static> = Entry {
        stream: "usage-n1.1",
        revision: 7,
        id: Uuid::from_u128(1),
        kind: "usage_recorded",
        version: 1,
        occurred_at_ns: 1_777_600_800_123_456_789,
        correlation: Uuid::from_u128(2),
        cause: Uuid::from_u128(3),
        actor: "platform:n1",
        data: b"{}",
        body_sha256: [9; 32],
    };

    /// Fixed for ever: receipts that people hold lead here.
    #[test]
    fn the_leaf_of_an_event_is_what_it_has_always_been() {
        let mut bytes = vec![0];
        for part in [&b"tallystick event v1"[..], b"usage-n1.1"] {
            bytes.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
        bytes.extend(7_u64.to_be_bytes());
        bytes.extend(1_u128.to_be_bytes());
        bytes.extend(14_u64.to_be_bytes());
        bytes.extend(b"usage_recorded");
        bytes.extend(1_u64.to_be_bytes());
        bytes.extend(1_777_600_800_123_456_789_i64.to_be_bytes());
        bytes.extend(2_u128.to_be_bytes());
        bytes.extend(3_u128.to_be_bytes());
        bytes.extend(11_u64.to_be_bytes());
        bytes.extend(b"platform:n1");
        bytes.extend(2_u64.to_be_bytes());
        bytes.extend(b"{}");
        bytes.extend([9; 32]);
        let expected: Hash = sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(bytes)).into();
        assert_eq!(ENTRY.hash(), expected);
    }

    #[test]
    fn every_part_counts() {
        let one = Uuid::from_u128(99);
        let changed = [
            Entry { stream: "usage-n1.2", ..ENTRY },
            Entry { revision: 8, ..ENTRY },
            Entry { id: one, ..ENTRY },
            Entry { kind: "usage_record", ..ENTRY },
            Entry { version: 2, ..ENTRY },
            Entry { occurred_at_ns: ENTRY.occurred_at_ns + 1, ..ENTRY },
            Entry { correlation: one, ..ENTRY },
            Entry { cause: one, ..ENTRY },
            Entry { actor: "platform:n2", ..ENTRY },
            Entry { data: b"{ }", ..ENTRY },
            Entry { body_sha256: [8; 32], ..ENTRY },
            // The same bytes, cut elsewhere.
            Entry { actor: "platform:n1{", data: b"}", ..ENTRY },
        ];
        for entry in changed {
            assert_ne!(entry.hash(), ENTRY.hash(), "{entry:?}");
        }
    }
}
