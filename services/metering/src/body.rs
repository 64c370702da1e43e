//! The binary body of a usage event: protobuf, as `schema/usage.proto` describes it, and the salted leaves over it.

use bytes::Bytes;
use jiff::Timestamp;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::merkle::{self, Hash};
use kernel::meter::{Meter, Quantity};
use kernel::slug::{InvalidSlug, Slug};
use prost::Message;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::published::usage::{Basis, Batch, RecordKind, Split, UsageLine, UsageRecord};

/// A batch as stored. Records are kept as bytes, so that a leaf is over exactly what was written.
#[derive(Clone, PartialEq, Message)]
struct StoredBatch {
    #[prost(bytes = "vec", tag = "1")]
    salt_seed: Vec<u8>,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    records: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredRecord {
    #[prost(bytes = "bytes", tag = "1")]
    invocation: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    agreement: Bytes,
    #[prost(uint64, tag = "3")]
    sequence: u64,
    #[prost(bytes = "bytes", tag = "4")]
    buyer: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    seller: Bytes,
    #[prost(string, tag = "6")]
    capability: String,
    #[prost(bytes = "bytes", tag = "7")]
    listing: Bytes,
    #[prost(string, tag = "8")]
    principal: String,
    #[prost(message, repeated, tag = "9")]
    lines: Vec<StoredLine>,
    #[prost(uint32, tag = "10")]
    price_version: u32,
    #[prost(sint64, tag = "11")]
    admitted_at_us: i64,
    #[prost(sint64, tag = "12")]
    settled_at_us: i64,
    #[prost(sint64, tag = "13")]
    period_start_us: i64,
    #[prost(bytes = "bytes", tag = "14")]
    key_hash: Bytes,
    #[prost(bytes = "bytes", tag = "15")]
    payload_hash: Bytes,
    #[prost(uint32, tag = "16")]
    kind: u32,
    #[prost(sint64, optional, tag = "17")]
    billed_start_us: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct StoredLine {
    #[prost(uint32, tag = "1")]
    meter: u32,
    #[prost(uint64, tag = "2")]
    free: u64,
    #[prost(uint64, tag = "3")]
    value_added: u64,
    #[prost(uint32, tag = "4")]
    basis: u32,
    #[prost(uint64, tag = "5")]
    before: u64,
}

/// A batch as bytes, and the root of the tree over its salted records.
pub struct Body {
    /// The protobuf message.
    pub bytes: Vec<u8>,
    /// The RFC 6962 root over the records' leaves.
    pub root: Hash,
}

/// Serialises a batch.
pub fn encode(batch: &Batch) -> Body {
    let records: Vec<Bytes> = batch.records.iter().map(|record| stored(record).encode_to_vec().into()).collect();
    let root = merkle::root(&leaves(&batch.salt_seed, &records));
    let message = StoredBatch { salt_seed: batch.salt_seed.to_vec(), records };
    Body { bytes: message.encode_to_vec(), root }
}

/// Reads a batch back; `None` where the bytes are no batch.
pub fn decode(bytes: Bytes) -> Option<Batch> {
    let message = StoredBatch::decode(bytes).ok()?;
    let records = message.records.into_iter().map(restored).collect::<Option<_>>()?;
    Some(Batch { salt_seed: message.salt_seed.try_into().ok()?, records })
}

/// A record as it was written, and what its receipt needs of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The bytes of the record, a `Record` of `schema/usage.proto`.
    pub record: Vec<u8>,
    /// Its salt.
    pub salt: Hash,
    /// The leaves of the batch, in order; they say nothing about their records.
    pub leaves: Vec<Hash>,
}

/// Takes the record at `index` out of a batch, without the seed, which would unseal the others; `None` where the
/// bytes are no batch or have no such record.
pub fn unseal(bytes: Bytes, index: u32) -> Option<Sealed> {
    let message = StoredBatch::decode(bytes).ok()?;
    let seed: [u8; 32] = message.salt_seed.try_into().ok()?;
    let leaves = leaves(&seed, &message.records);
    let record = message.records.into_iter().nth(usize::try_from(index).ok()?)?;
    Some(Sealed { record: record.into(), salt: salt(&seed, u64::from(index)), leaves })
}

/// Reads one record back; `None` where the bytes are no record.
pub fn record(bytes: &[u8]) -> Option<UsageRecord> {
    restored(Bytes::copy_from_slice(bytes))
}

/// By what a record is told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordKey {
    /// Of its idempotency key, or of the event's source and id.
    pub key_hash: [u8; 32],
    /// The first bytes of the hash of what it says.
    pub payload: [u8; 8],
}

#[derive(Clone, PartialEq, Message)]
struct StoredKey {
    #[prost(bytes = "bytes", tag = "14")]
    key_hash: Bytes,
    #[prost(bytes = "bytes", tag = "15")]
    payload_hash: Bytes,
}

/// Reads the keys of a batch's records and nothing else of them.
pub fn keys(bytes: Bytes) -> Option<Vec<RecordKey>> {
    let message = StoredBatch::decode(bytes).ok()?;
    let key = |record: Bytes| {
        let stored = StoredKey::decode(record).ok()?;
        let payload = stored.payload_hash.first_chunk().copied()?;
        Some(RecordKey { key_hash: array(&stored.key_hash)?, payload })
    };
    message.records.into_iter().map(key).collect()
}

/// The leaf of each record: `SHA-256(0x00 ‖ salt ‖ record)`, so that a leaf says nothing about its record to who
/// lacks the salt.
fn leaves(seed: &[u8; 32], records: &[Bytes]) -> Vec<Hash> {
    (0_u64..).zip(records).map(|(index, record)| merkle::leaf(&[&salt(seed, index), record])).collect()
}

/// The salt of the record at `index`: `SHA-256("tallystick usage salt" ‖ seed ‖ index as 8 bytes, big-endian)`.
pub fn salt(seed: &[u8; 32], index: u64) -> Hash {
    let mut hasher = Sha256::new_with_prefix(b"tallystick usage salt");
    hasher.update(seed);
    hasher.update(index.to_be_bytes());
    hasher.finalize().into()
}

fn stored(record: &UsageRecord) -> StoredRecord {
    let [invocation, agreement, buyer, seller, listing, key_hash, payload_hash] = joined([
        record.invocation.uuid().as_bytes(),
        record.agreement.uuid().as_bytes(),
        record.buyer.uuid().as_bytes(),
        record.seller.uuid().as_bytes(),
        record.listing.uuid().as_bytes(),
        &record.key_hash,
        &record.payload_hash,
    ]);
    StoredRecord {
        invocation,
        agreement,
        sequence: record.sequence,
        buyer,
        seller,
        capability: record.capability.as_ref().map(|slug| slug.as_str().to_owned()).unwrap_or_default(),
        listing,
        principal: record.principal.clone(),
        lines: record.lines.iter().map(stored_line).collect(),
        price_version: record.price_version,
        admitted_at_us: record.admitted_at.as_microsecond(),
        settled_at_us: record.settled_at.as_microsecond(),
        period_start_us: record.period_start.as_microsecond(),
        key_hash,
        payload_hash,
        kind: kind_number(record.kind),
        billed_start_us: (record.billed_start != record.period_start).then(|| record.billed_start.as_microsecond()),
    }
}

/// The parts, in one piece of memory.
fn joined<const N: usize>(parts: [&[u8]; N]) -> [Bytes; N] {
    let whole = Bytes::from(parts.concat());
    let mut end = 0_usize;
    parts.map(|part| {
        let start = end;
        end = end.saturating_add(part.len());
        whole.slice(start..end)
    })
}

const fn kind_number(kind: RecordKind) -> u32 {
    match kind {
        RecordKind::Call => 0,
        RecordKind::Report => 1,
    }
}

const fn kind_from(number: u32) -> Option<RecordKind> {
    match number {
        0 => Some(RecordKind::Call),
        1 => Some(RecordKind::Report),
        _ => None,
    }
}

fn stored_line(line: &UsageLine) -> StoredLine {
    StoredLine {
        meter: line.meter.number(),
        free: line.split.free.0,
        value_added: line.split.value_added.0,
        basis: basis_number(line.basis),
        before: line.before.0,
    }
}

const fn basis_number(basis: Basis) -> u32 {
    match basis {
        Basis::ProviderReported => 1,
        Basis::GatewayCounted => 2,
        Basis::Estimated => 3,
    }
}

const fn basis_from(number: u32) -> Option<Basis> {
    match number {
        1 => Some(Basis::ProviderReported),
        2 => Some(Basis::GatewayCounted),
        3 => Some(Basis::Estimated),
        _ => None,
    }
}

fn restored(bytes: Bytes) -> Option<UsageRecord> {
    let record = StoredRecord::decode(bytes).ok()?;
    Some(UsageRecord {
        invocation: InvocationId::new(uuid(&record.invocation)?),
        kind: kind_from(record.kind)?,
        agreement: AgreementId::new(uuid(&record.agreement)?),
        sequence: record.sequence,
        buyer: OrganizationId::new(uuid(&record.buyer)?),
        seller: OrganizationId::new(uuid(&record.seller)?),
        capability: named(&record.capability).ok()?,
        listing: ListingId::new(uuid(&record.listing)?),
        principal: record.principal,
        lines: record.lines.iter().map(restored_line).collect::<Option<_>>()?,
        price_version: record.price_version,
        admitted_at: instant(record.admitted_at_us)?,
        settled_at: instant(record.settled_at_us)?,
        period_start: instant(record.period_start_us)?,
        billed_start: instant(record.billed_start_us.unwrap_or(record.period_start_us))?,
        key_hash: array(&record.key_hash)?,
        payload_hash: array(&record.payload_hash)?,
    })
}

/// An empty name is no capability; the error says that the name is damaged.
fn named(capability: &str) -> Result<Option<Slug>, InvalidSlug> {
    Some(capability).filter(|name| !name.is_empty()).map(str::parse).transpose()
}

fn array(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

fn uuid(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}

fn instant(microsecond: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(microsecond).ok()
}

fn restored_line(line: &StoredLine) -> Option<UsageLine> {
    let split = Split { free: Quantity(line.free), value_added: Quantity(line.value_added) };
    Some(UsageLine {
        meter: Meter::from_number(line.meter)?,
        split,
        basis: basis_from(line.basis)?,
        before: Quantity(line.before),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn record() -> impl Strategy<Value = UsageRecord> {
        let line =
            (0..Meter::ALL.len(), any::<u64>(), any::<u64>(), 1_u32..=3).prop_map(|(meter, free, paid, basis)| {
                let split = Split { free: Quantity(free), value_added: Quantity(paid) };
                UsageLine {
                    meter: Meter::ALL[meter],
                    split,
                    basis: basis_from(basis).unwrap(),
                    before: Quantity(paid / 2),
                }
            });
        let ids = (any::<u128>(), any::<u128>(), any::<u128>(), any::<u128>(), any::<u128>());
        let instants = prop::array::uniform4(0_i64..4_000_000_000_000_000);
        let hashes = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<bool>(), any::<bool>());
        (
            ids,
            any::<u64>(),
            prop::option::of("[a-z][a-z0-9]{1,20}"),
            "[a-z_0-9]{0,30}",
            prop::collection::vec(line, 0..4),
            instants,
            hashes,
        )
            .prop_map(|(ids, number, capability, principal, lines, instants, hashes)| UsageRecord {
                invocation: InvocationId::new(Uuid::from_u128(ids.0)),
                kind: if hashes.2 { RecordKind::Report } else { RecordKind::Call },
                agreement: AgreementId::new(Uuid::from_u128(ids.1)),
                sequence: number,
                buyer: OrganizationId::new(Uuid::from_u128(ids.2)),
                seller: OrganizationId::new(Uuid::from_u128(ids.3)),
                capability: capability.map(|slug| slug.parse().unwrap()),
                listing: ListingId::new(Uuid::from_u128(ids.4)),
                principal,
                lines,
                price_version: 1,
                admitted_at: instant(instants[0]).unwrap(),
                settled_at: instant(instants[1]).unwrap(),
                period_start: instant(instants[2]).unwrap(),
                billed_start: instant(instants[if hashes.3 { 2 } else { 3 }]).unwrap(),
                key_hash: hashes.0,
                payload_hash: hashes.1,
            })
    }

    proptest! {
        #[test]
        fn a_batch_comes_back_as_it_was(salt_seed: [u8; 32], records in prop::collection::vec(record(), 0..6)) {
            let batch = Batch { salt_seed, records };
            prop_assert_eq!(decode(encode(&batch).bytes.into()), Some(batch));
        }

        #[test]
        fn a_record_taken_out_of_its_batch_is_the_one_that_went_in(
            salt_seed: [u8; 32], records in prop::collection::vec(record(), 1..6), pick: prop::sample::Index,
        ) {
            let body = encode(&Batch { salt_seed, records: records.clone() });
            let chosen = pick.index(records.len());
            let sealed = unseal(body.bytes.clone().into(), u32::try_from(chosen).unwrap()).unwrap();
            prop_assert_eq!(super::record(&sealed.record), Some(records[chosen].clone()));
            prop_assert_eq!(merkle::leaf(&[&sealed.salt, &sealed.record]), sealed.leaves[chosen]);
            prop_assert_eq!(merkle::root(&sealed.leaves), body.root);
            prop_assert_eq!(unseal(body.bytes.into(), u32::try_from(records.len()).unwrap()), None);
        }

        #[test]
        fn hostile_bytes_are_no_batch_and_do_no_harm(bytes: Vec<u8>) {
            if let Some(batch) = decode(bytes.into()) {
                prop_assert_eq!(decode(encode(&batch).bytes.into()), Some(batch));
            }
        }

        #[test]
        fn the_root_changes_with_any_record(salt_seed: [u8; 32], records in prop::collection::vec(record(), 1..6), pick: prop::sample::Index) {
            let before = Batch { salt_seed, records };
            let mut after = before.clone();
            let chosen = pick.index(after.records.len());
            after.records[chosen].sequence ^= 1;
            prop_assert_ne!(encode(&before).root, encode(&after).root);
        }
    }
}
