//! The binary body of a usage event: protobuf, as `schema/usage.proto` describes it, and the salted leaves over it.

mod protobuf;

use jiff::Timestamp;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::merkle::{self, Hash};
use kernel::meter::{Meter, Quantity};
use kernel::slug::{InvalidSlug, Slug};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use self::protobuf::{Message, fields};
use crate::published::usage::{Basis, Batch, RecordKind, Split, UsageLine, UsageRecord};

/// About what a record takes, in bytes.
const RECORD_BYTES: usize = 320;

/// A batch as bytes, and the root of the tree over its salted records.
pub struct Body {
    /// The protobuf message.
    pub bytes: Vec<u8>,
    /// The RFC 6962 root over the records' leaves.
    pub root: Hash,
}

/// Serialises a batch.
pub fn encode(batch: &Batch) -> Body {
    let mut bytes = Vec::with_capacity(batch.records.len().saturating_add(1).saturating_mul(RECORD_BYTES));
    let mut message = Message(&mut bytes);
    message.bytes(1, &batch.salt_seed);
    let (mut written, mut line) = (Vec::with_capacity(RECORD_BYTES), Vec::new());
    let leaf = |(index, record)| {
        written.clear();
        write(record, &mut written, &mut line);
        // A leaf is over exactly what was written.
        message.element(2, &written);
        leaf(&batch.salt_seed, index, &written)
    };
    let leaves: Vec<Hash> = (0..).zip(&batch.records).map(leaf).collect();
    Body { bytes, root: merkle::root(&leaves) }
}

/// Reads a batch back; `None` where the bytes are no batch.
pub fn decode(bytes: &[u8]) -> Option<Batch> {
    let StoredBatch { salt_seed, records } = StoredBatch::of(bytes)?;
    Some(Batch { salt_seed, records: records.into_iter().map(record).collect::<Option<_>>()? })
}

/// Reads a batch record by record, each in the place of the one before it, so that millions of them need no memory of
/// their own; how many there were. `None` where the bytes are no batch: `take` has seen those before the damage.
pub fn each<E>(bytes: &[u8], mut take: impl FnMut(&UsageRecord) -> Result<(), E>) -> Option<Result<usize, E>> {
    let StoredBatch { records, .. } = StoredBatch::of(bytes)?;
    let mut before = None;
    for bytes in &records {
        let record = record_instead(before, bytes)?;
        if let Err(error) = take(&record) {
            return Some(Err(error));
        }
        before = Some(record);
    }
    Some(Ok(records.len()))
}

/// A batch as stored, its records as bytes.
struct StoredBatch<'a> {
    salt_seed: [u8; 32],
    records: Vec<&'a [u8]>,
}

impl<'a> StoredBatch<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut salt_seed: &[u8] = &[];
        let mut records = Vec::with_capacity(bytes.len() / RECORD_BYTES);
        fields(bytes, |number, value| {
            match number {
                1 => salt_seed = value.bytes()?,
                2 => records.push(value.bytes()?),
                _ => {}
            }
            Some(())
        })?;
        Some(Self { salt_seed: array(salt_seed)?, records })
    }
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
pub fn unseal(bytes: &[u8], index: u32) -> Option<Sealed> {
    let StoredBatch { salt_seed, records } = StoredBatch::of(bytes)?;
    let leaves = (0..).zip(&records).map(|(index, record)| leaf(&salt_seed, index, record)).collect();
    let record = records.get(usize::try_from(index).ok()?)?.to_vec();
    Some(Sealed { record, salt: salt(&salt_seed, index.into()), leaves })
}

/// By what a record is told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordKey {
    /// Of its idempotency key, or of the event's source and id.
    pub key_hash: [u8; 32],
    /// The first bytes of the hash of what it says.
    pub payload: [u8; 8],
}

/// Reads the keys of a batch's records and nothing else of them.
pub fn keys(bytes: &[u8]) -> Option<Vec<RecordKey>> {
    StoredBatch::of(bytes)?.records.into_iter().map(key).collect()
}

fn key(record: &[u8]) -> Option<RecordKey> {
    let (mut key_hash, mut payload_hash): (&[u8], &[u8]) = (&[], &[]);
    fields(record, |number, value| {
        match number {
            14 => key_hash = value.bytes()?,
            15 => payload_hash = value.bytes()?,
            _ => {}
        }
        Some(())
    })?;
    Some(RecordKey { key_hash: array(key_hash)?, payload: payload_hash.first_chunk().copied()? })
}

/// The leaf of a record: `SHA-256(0x00 ‖ salt ‖ record)`, so that a leaf says nothing about its record to who lacks
/// the salt.
fn leaf(seed: &[u8; 32], index: u64, record: &[u8]) -> Hash {
    merkle::leaf(&[&salt(seed, index), record])
}

/// The salt of the record at `index`: `SHA-256("tallystick usage salt" ‖ seed ‖ index as 8 bytes, big-endian)`.
pub fn salt(seed: &[u8; 32], index: u64) -> Hash {
    let mut hasher = Sha256::new_with_prefix(b"tallystick usage salt");
    hasher.update(seed);
    hasher.update(index.to_be_bytes());
    hasher.finalize().into()
}

/// Writes a `Record` of `schema/usage.proto`, each line of it in a place of its own first.
fn write(record: &UsageRecord, to: &mut Vec<u8>, written: &mut Vec<u8>) {
    let mut message = Message(to);
    message.bytes(1, record.invocation.uuid().as_bytes());
    message.bytes(2, record.agreement.uuid().as_bytes());
    message.unsigned(3, record.sequence);
    message.bytes(4, record.buyer.uuid().as_bytes());
    message.bytes(5, record.seller.uuid().as_bytes());
    message.bytes(6, record.capability.as_ref().map_or("", Slug::as_str).as_bytes());
    message.bytes(7, record.listing.uuid().as_bytes());
    message.bytes(8, record.principal.as_bytes());
    for line in &record.lines {
        written.clear();
        write_line(line, written);
        message.element(9, written);
    }
    message.unsigned(10, record.price_version.into());
    message.signed(11, record.admitted_at.as_microsecond());
    message.signed(12, record.settled_at.as_microsecond());
    message.signed(13, record.period_start.as_microsecond());
    message.bytes(14, &record.key_hash);
    message.bytes(15, &record.payload_hash);
    message.unsigned(16, kind_number(record.kind).into());
    let is_late = record.billed_start != record.period_start;
    message.optional_signed(17, is_late.then(|| record.billed_start.as_microsecond()));
}

fn write_line(line: &UsageLine, to: &mut Vec<u8>) {
    let mut message = Message(to);
    message.unsigned(1, line.meter.number().into());
    message.unsigned(2, line.split.free.0);
    message.unsigned(3, line.split.value_added.0);
    message.unsigned(4, basis_number(line.basis).into());
    message.unsigned(5, line.before.0);
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

/// A record as stored, its parts where they stand.
#[derive(Default)]
struct StoredRecord<'a> {
    invocation: &'a [u8],
    agreement: &'a [u8],
    sequence: u64,
    buyer: &'a [u8],
    seller: &'a [u8],
    capability: &'a str,
    listing: &'a [u8],
    principal: &'a str,
    lines: Vec<UsageLine>,
    price_version: u32,
    admitted_at_us: i64,
    settled_at_us: i64,
    period_start_us: i64,
    key_hash: &'a [u8],
    payload_hash: &'a [u8],
    kind: u32,
    billed_start_us: Option<i64>,
}

impl<'a> StoredRecord<'a> {
    /// Lays its lines where others lay before.
    fn of(bytes: &'a [u8], mut lines: Vec<UsageLine>) -> Option<Self> {
        lines.clear();
        let mut stored = Self { lines, ..Self::default() };
        fields(bytes, |number, value| {
            match number {
                1 => stored.invocation = value.bytes()?,
                2 => stored.agreement = value.bytes()?,
                3 => stored.sequence = value.unsigned()?,
                4 => stored.buyer = value.bytes()?,
                5 => stored.seller = value.bytes()?,
                6 => stored.capability = value.text()?,
                7 => stored.listing = value.bytes()?,
                8 => stored.principal = value.text()?,
                9 => stored.lines.push(line(value.bytes()?)?),
                10 => stored.price_version = value.small()?,
                11 => stored.admitted_at_us = value.signed()?,
                12 => stored.settled_at_us = value.signed()?,
                13 => stored.period_start_us = value.signed()?,
                14 => stored.key_hash = value.bytes()?,
                15 => stored.payload_hash = value.bytes()?,
                16 => stored.kind = value.small()?,
                17 => stored.billed_start_us = Some(value.signed()?),
                _ => {}
            }
            Some(())
        })?;
        Some(stored)
    }
}

/// Reads one record back; `None` where the bytes are no record.
pub fn record(bytes: &[u8]) -> Option<UsageRecord> {
    record_instead(None, bytes)
}

/// Reads a record; one that is not needed any more gives it its memory.
fn record_instead(before: Option<UsageRecord>, bytes: &[u8]) -> Option<UsageRecord> {
    let (lines, capability, principal) =
        before.map(|before| (before.lines, before.capability, before.principal)).unwrap_or_default();
    let stored = StoredRecord::of(bytes, lines)?;
    Some(UsageRecord {
        invocation: InvocationId::new(uuid(stored.invocation)?),
        kind: kind_from(stored.kind)?,
        agreement: AgreementId::new(uuid(stored.agreement)?),
        sequence: stored.sequence,
        buyer: OrganizationId::new(uuid(stored.buyer)?),
        seller: OrganizationId::new(uuid(stored.seller)?),
        capability: renamed(capability, stored.capability).ok()?,
        listing: ListingId::new(uuid(stored.listing)?),
        principal: if *principal == *stored.principal { principal } else { stored.principal.into() },
        lines: stored.lines,
        price_version: stored.price_version,
        admitted_at: instant(stored.admitted_at_us)?,
        settled_at: instant(stored.settled_at_us)?,
        period_start: instant(stored.period_start_us)?,
        billed_start: instant(stored.billed_start_us.unwrap_or(stored.period_start_us))?,
        key_hash: array(stored.key_hash)?,
        payload_hash: array(stored.payload_hash)?,
    })
}

/// The capability of a name, which is often the one before.
fn renamed(before: Option<Slug>, name: &str) -> Result<Option<Slug>, InvalidSlug> {
    if before.as_ref().map_or("", Slug::as_str) == name { Ok(before) } else { named(name) }
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

fn line(bytes: &[u8]) -> Option<UsageLine> {
    let (mut meter, mut basis) = (0, 0);
    let mut split = Split::default();
    let mut before = Quantity::ZERO;
    fields(bytes, |number, value| {
        match number {
            1 => meter = value.small()?,
            2 => split.free = Quantity(value.unsigned()?),
            3 => split.value_added = Quantity(value.unsigned()?),
            4 => basis = value.small()?,
            5 => before = Quantity(value.unsigned()?),
            _ => {}
        }
        Some(())
    })?;
    Some(UsageLine { meter: Meter::from_number(meter)?, split, basis: basis_from(basis)?, before })
}

#[cfg(test)]
pub(crate) mod tests;
