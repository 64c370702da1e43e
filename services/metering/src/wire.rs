//! The serialised form of metering's events.
//!
//! `usage_recorded` v1: a JSON header that names nobody (`records`, `root`, `body_sha256`), and a zstd-compressed
//! protobuf body. A receipt can thus show the header, and with it the root, without showing other records.

use std::cell::RefCell;
use std::io;

use kernel::json_wire;
use kernel::merkle;
use kernel::wire::{DecodeError, Encoded, Wire, decode_json};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zstd::bulk::{Compressor, Decompressor};

use crate::body::{self, RecordKey};
use crate::published::owner::Event as OwnerEvent;
use crate::published::sandbox::Event as SandboxEvent;
use crate::published::usage;
use crate::published::usage::{Batch, Sealed, UsageRecord};

json_wire!(OwnerEvent { Taken => "ownership_taken" });

json_wire!(SandboxEvent { Set => "sandbox_set" });

const USAGE_RECORDED: &str = "usage_recorded";
const USAGE_SEALED: &str = "usage_sealed";
/// Two thirds of a record fold away, what it shares with its neighbours; the rest is hashes and ids, on which a
/// higher level spends twice the time for a thirtieth of the bytes.
const COMPRESSION_LEVEL: i32 = -3;
/// The most a body may unfold to; a batch of the largest records stays far below.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a receipt shows of a batch.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    records: u64,
    root: String,
    body_sha256: String,
}

impl Wire for usage::Event {
    fn encode(&self) -> Result<Encoded, serde_json::Error> {
        let batch = match self {
            Self::Recorded(batch) => batch,
            Self::Sealed(sealed) => return encode_sealed(sealed),
        };
        let body = body::encode(batch);
        let compressed = fold(&body.bytes).map_err(serde::ser::Error::custom)?;
        let header = Header {
            records: u64::try_from(batch.records.len()).unwrap_or(u64::MAX),
            root: merkle::hex(&body.root),
            body_sha256: merkle::hex(&Sha256::digest(&compressed)),
        };
        let data = serde_json::to_vec(&header)?;
        Ok(Encoded { kind: USAGE_RECORDED, version: 1, data, body: compressed })
    }

    fn decode(kind: &str, version: u16, data: &[u8], body: &[u8]) -> Option<Result<Self, DecodeError>> {
        match (kind, version) {
            (USAGE_RECORDED, 1) => Some(decode_batch(data, body).map(Self::Recorded)),
            (USAGE_SEALED, 1) => Some(decode_json(USAGE_SEALED, 1, data).map(Self::Sealed)),
            (USAGE_RECORDED | USAGE_SEALED, version) => {
                Some(Err(DecodeError::Unknown { kind: kind.to_owned(), version }))
            }
            _ => None,
        }
    }
}

fn encode_sealed(sealed: &Sealed) -> Result<Encoded, serde_json::Error> {
    Ok(Encoded { kind: USAGE_SEALED, version: 1, data: serde_json::to_vec(sealed)?, body: Vec::new() })
}

fn decode_batch(data: &[u8], compressed: &[u8]) -> Result<Batch, DecodeError> {
    let (header, bytes) = intact(data, compressed)?;
    let batch = body::decode(&bytes).ok_or_else(damaged)?;
    if u64::try_from(batch.records.len()) == Ok(header.records) { Ok(batch) } else { Err(damaged()) }
}

/// The keys of a batch's records, in their order, without the rest of them; none where the event is of another kind or
/// version.
pub fn keys(kind: &str, version: u16, data: &[u8], body: &[u8]) -> Option<Result<Vec<RecordKey>, DecodeError>> {
    is_batch(kind, version).then(|| {
        let (header, bytes) = intact(data, body)?;
        let keys = body::keys(&bytes).ok_or_else(damaged)?;
        if u64::try_from(keys.len()) == Ok(header.records) { Ok(keys) } else { Err(damaged()) }
    })
}

/// Hands the records of a batch over one by one, in their order; none where the event is of another kind or version.
/// On an error, damage among them, some have been handed over already.
pub fn each_record<E: From<DecodeError>>(
    kind: &str,
    version: u16,
    data: &[u8],
    body: &[u8],
    take: impl FnMut(&UsageRecord) -> Result<(), E>,
) -> Option<Result<(), E>> {
    is_batch(kind, version).then(|| {
        let (header, bytes) = intact(data, body)?;
        let count = body::each(&bytes, take).ok_or_else(damaged)??;
        if u64::try_from(count) == Ok(header.records) { Ok(()) } else { Err(damaged().into()) }
    })
}

fn is_batch(kind: &str, version: u16) -> bool {
    kind == USAGE_RECORDED && version == 1
}

fn damaged() -> DecodeError {
    DecodeError::Body { kind: USAGE_RECORDED.to_owned() }
}

/// The header of a batch, and its body unfolded, which is the one that the header tells of.
fn intact(data: &[u8], compressed: &[u8]) -> Result<(Header, Vec<u8>), DecodeError> {
    let header: Header = decode_json(USAGE_RECORDED, 1, data)?;
    if merkle::hex(&Sha256::digest(compressed)) != header.body_sha256 {
        return Err(damaged());
    }
    Ok((header, unfold(compressed)?))
}

// What zstd works with takes longer to make than a small batch to go through it: each thread keeps its own.
thread_local! {
    static FOLDER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNFOLDER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn fold(message: &[u8]) -> io::Result<Vec<u8>> {
    FOLDER.with_borrow_mut(|kept| {
        let folder = kept.take().map_or_else(|| Compressor::new(COMPRESSION_LEVEL), Ok)?;
        kept.insert(folder).compress(message)
    })
}

/// The protobuf message in the body of a `usage_recorded` event.
pub fn unfold(body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let unfolded = UNFOLDER.with_borrow_mut(|kept| {
        let unfolder = kept.take().map_or_else(Decompressor::new, Ok)?;
        kept.insert(unfolder).decompress(body, BODY_BYTES_MAX)
    });
    unfolded.map_err(|_| damaged())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::owner::Taken;
    use crate::published::sandbox::{Set, Settings};
    use crate::published::usage::{Basis, RecordKind, Split, UsageLine};
    use jiff::Timestamp;
    use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
    use kernel::meter::{Meter, Quantity};
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn events_come_back_as_they_were(salt_seed: [u8; 32], records in prop::collection::vec(body::tests::record(), 0..5)) {
            let event = usage::Event::Recorded(Batch { salt_seed, records: records.clone() });
            let encoded = event.encode().unwrap();
            let back = usage::Event::decode(encoded.kind, encoded.version, &encoded.data, &encoded.body);
            let read = keys(encoded.kind, encoded.version, &encoded.data, &encoded.body).unwrap().unwrap();
            prop_assert_eq!(read.len(), records.len());
            for (key, record) in read.iter().zip(&records) {
                prop_assert_eq!((key.key_hash, key.payload.as_slice()), (record.key_hash, &record.payload_hash[..8]));
            }
            let mut handed = Vec::new();
            let take = |record: &UsageRecord| {
                handed.push(record.clone());
                Ok::<_, DecodeError>(())
            };
            each_record(encoded.kind, encoded.version, &encoded.data, &encoded.body, take).unwrap().unwrap();
            prop_assert_eq!(handed, records);
            prop_assert_eq!(back.unwrap().unwrap(), event);
        }
    }

    #[test]
    fn a_changed_body_is_damage() {
        let encoded = usage::Event::Recorded(Batch { salt_seed: [7; 32], records: vec![] }).encode().unwrap();
        let mut body = encoded.body.clone();
        *body.last_mut().unwrap() ^= 1;
        let back = usage::Event::decode(encoded.kind, 1, &encoded.data, &body).unwrap();
        assert!(matches!(back, Err(DecodeError::Body { .. })));
    }

    #[test]
    fn a_newer_version_is_unknown_and_a_foreign_kind_is_not_ours() {
        assert!(matches!(
            usage::Event::decode("usage_recorded", 2, b"{}", b""),
            Some(Err(DecodeError::Unknown { .. }))
        ));
        assert!(usage::Event::decode("invoice_issued", 1, b"{}", b"").is_none());
    }

    const SAMPLE_DATA: &[u8] = include_bytes!("../../../schema/events/metering/usage_recorded.v1.json");
    const SAMPLE_BODY: &[u8] = include_bytes!("../../../schema/events/metering/usage_recorded.v1.body");

    /// What the golden sample of `usage_recorded` holds.
    fn sampled() -> Batch {
        let id = |number: u128| Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let line = |meter, free, value_added, basis, before| {
            let split = Split { free: Quantity(free), value_added: Quantity(value_added) };
            UsageLine { meter, split, basis, before: Quantity(before) }
        };
        let first = UsageRecord {
            invocation: InvocationId::new(id(1)),
            kind: RecordKind::Call,
            agreement: AgreementId::new(id(2)),
            sequence: 1,
            buyer: OrganizationId::new(id(3)),
            seller: OrganizationId::new(id(4)),
            capability: Some("text-segmentation".parse().unwrap()),
            listing: ListingId::new(id(5)),
            principal: "key_01jz".into(),
            lines: vec![
                line(Meter::Request, 1, 0, Basis::GatewayCounted, 0),
                line(Meter::Character, 10, 2, Basis::ProviderReported, 300),
            ],
            price_version: 2,
            admitted_at: at("2026-11-05T08:00:00.000001Z"),
            settled_at: at("2026-11-05T08:00:00.25Z"),
            period_start: at("2026-10-31T16:00:00Z"),
            billed_start: at("2026-10-31T16:00:00Z"),
            key_hash: [1; 32],
            payload_hash: [2; 32],
        };
        let lines = vec![line(Meter::Second, 0, u64::MAX, Basis::Estimated, 7)];
        let second = UsageRecord { invocation: InvocationId::new(id(6)), sequence: 2, lines, ..first.clone() };
        Batch { salt_seed: [7; 32], records: vec![first, second] }
    }

    #[test]
    fn usage_reads_as_its_golden_sample() {
        let read = usage::Event::decode(USAGE_RECORDED, 1, SAMPLE_DATA, SAMPLE_BODY);
        assert_eq!(read.unwrap().unwrap(), usage::Event::Recorded(sampled()));
    }

    #[test]
    fn usage_is_written_as_its_golden_sample_but_for_the_compression() {
        let body = body::encode(&sampled());
        assert_eq!(zstd::bulk::decompress(SAMPLE_BODY, BODY_BYTES_MAX).unwrap(), body.bytes);
        let header: Header = serde_json::from_slice(SAMPLE_DATA).unwrap();
        assert_eq!((header.records, header.root), (2, merkle::hex(&body.root)));
    }

    const REPORT_DATA: &[u8] = include_bytes!("../../../schema/events/metering/usage_recorded.v1.report.json");
    const REPORT_BODY: &[u8] = include_bytes!("../../../schema/events/metering/usage_recorded.v1.report.body");

    /// Late, of a compute tier, which has no capability.
    fn reported() -> Batch {
        let call = sampled().records.swap_remove(0);
        let split = Split { free: Quantity(0), value_added: Quantity(3_600) };
        let (meter, basis, before) = (Meter::LeaseSecond, Basis::ProviderReported, Quantity(7_200));
        let record = UsageRecord {
            invocation: InvocationId::new(Uuid::from_u128(0x0199_0000_0000_8000_8000_0000_0000_0007)),
            kind: RecordKind::Report,
            capability: None,
            lines: vec![UsageLine { meter, split, basis, before }],
            billed_start: "2026-11-30T16:00:00Z".parse().unwrap(),
            ..call
        };
        Batch { salt_seed: [9; 32], records: vec![record] }
    }

    #[test]
    fn a_report_reads_and_is_written_as_its_golden_sample() {
        let read = usage::Event::decode(USAGE_RECORDED, 1, REPORT_DATA, REPORT_BODY);
        assert_eq!(read.unwrap().unwrap(), usage::Event::Recorded(reported()));
        let body = body::encode(&reported());
        assert_eq!(zstd::bulk::decompress(REPORT_BODY, BODY_BYTES_MAX).unwrap(), body.bytes);
    }

    #[test]
    fn ownership_reads_as_its_golden_sample() {
        let sample = include_bytes!("../../../schema/events/metering/ownership_taken.v1.json");
        let expected = OwnerEvent::Taken(Taken { node: "n1".into(), epoch: 3 });
        assert_eq!(OwnerEvent::decode("ownership_taken", 1, sample, b"").unwrap().unwrap(), expected);
    }

    #[test]
    fn a_seal_reads_and_writes_as_its_golden_sample() {
        let sample = include_bytes!("../../../schema/events/metering/usage_sealed.v1.json");
        let event = usage::Event::Sealed(Sealed { by: Taken { node: "n2".into(), epoch: 4 } });
        assert_eq!(usage::Event::decode("usage_sealed", 1, sample, b"").unwrap().unwrap(), event);
        assert_eq!(event.encode().unwrap().data, sample.trim_ascii_end());
        let newer = usage::Event::decode("usage_sealed", 2, sample, b"");
        assert!(matches!(newer, Some(Err(DecodeError::Unknown { .. }))));
    }

    #[test]
    fn the_sandbox_reads_and_writes_as_its_golden_sample() {
        let sample = include_bytes!("../../../schema/events/metering/sandbox_set.v1.json");
        let settings = Settings {
            open: true,
            calls_per_address_per_day: 20,
            calls_per_day: 1_000,
            charge_max: "0.5".parse().unwrap(),
        };
        let event = SandboxEvent::Set(Set { settings });
        assert_eq!(SandboxEvent::decode("sandbox_set", 1, sample, b"").unwrap().unwrap(), event);
        let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        assert_eq!(value(&event.encode().unwrap().data), value(sample));
    }
}
