use proptest::prelude::*;
use prost::Message as _;

use super::*;

pub(crate) fn record() -> impl Strategy<Value = UsageRecord> {
    let line = (0..Meter::ALL.len(), any::<u64>(), any::<u64>(), 1_u32..=3).prop_map(|(meter, free, paid, basis)| {
        let split = Split { free: Quantity(free), value_added: Quantity(paid) };
        UsageLine { meter: Meter::ALL[meter], split, basis: basis_from(basis).unwrap(), before: Quantity(paid / 2) }
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
            principal: principal.into(),
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

/// The messages of `schema/usage.proto` as prost derives them: what is written in place has to be the same.
mod derived {
    use prost::Message;

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Batch {
        #[prost(bytes = "vec", tag = "1")]
        pub(super) salt_seed: Vec<u8>,
        #[prost(bytes = "vec", repeated, tag = "2")]
        pub(super) records: Vec<Vec<u8>>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(super) struct Record {
        #[prost(bytes = "vec", tag = "1")]
        pub(super) invocation: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        pub(super) agreement: Vec<u8>,
        #[prost(uint64, tag = "3")]
        pub(super) sequence: u64,
        #[prost(bytes = "vec", tag = "4")]
        pub(super) buyer: Vec<u8>,
        #[prost(bytes = "vec", tag = "5")]
        pub(super) seller: Vec<u8>,
        #[prost(string, tag = "6")]
        pub(super) capability: String,
        #[prost(bytes = "vec", tag = "7")]
        pub(super) listing: Vec<u8>,
        #[prost(string, tag = "8")]
        pub(super) principal: String,
        #[prost(message, repeated, tag = "9")]
        pub(super) lines: Vec<Line>,
        #[prost(uint32, tag = "10")]
        pub(super) price_version: u32,
        #[prost(sint64, tag = "11")]
        pub(super) admitted_at_us: i64,
        #[prost(sint64, tag = "12")]
        pub(super) settled_at_us: i64,
        #[prost(sint64, tag = "13")]
        pub(super) period_start_us: i64,
        #[prost(bytes = "vec", tag = "14")]
        pub(super) key_hash: Vec<u8>,
        #[prost(bytes = "vec", tag = "15")]
        pub(super) payload_hash: Vec<u8>,
        #[prost(uint32, tag = "16")]
        pub(super) kind: u32,
        #[prost(sint64, optional, tag = "17")]
        pub(super) billed_start_us: Option<i64>,
    }

    #[derive(Clone, Copy, PartialEq, Message)]
    pub(super) struct Line {
        #[prost(uint32, tag = "1")]
        pub(super) meter: u32,
        #[prost(uint64, tag = "2")]
        pub(super) free: u64,
        #[prost(uint64, tag = "3")]
        pub(super) value_added: u64,
        #[prost(uint32, tag = "4")]
        pub(super) basis: u32,
        #[prost(uint64, tag = "5")]
        pub(super) before: u64,
    }
}

fn derived(record: &UsageRecord) -> derived::Record {
    let line = |line: &UsageLine| derived::Line {
        meter: line.meter.number(),
        free: line.split.free.0,
        value_added: line.split.value_added.0,
        basis: basis_number(line.basis),
        before: line.before.0,
    };
    let billed = (record.billed_start != record.period_start).then(|| record.billed_start.as_microsecond());
    derived::Record {
        invocation: record.invocation.uuid().as_bytes().to_vec(),
        agreement: record.agreement.uuid().as_bytes().to_vec(),
        sequence: record.sequence,
        buyer: record.buyer.uuid().as_bytes().to_vec(),
        seller: record.seller.uuid().as_bytes().to_vec(),
        capability: record.capability.as_ref().map_or("", Slug::as_str).to_owned(),
        listing: record.listing.uuid().as_bytes().to_vec(),
        principal: record.principal.to_string(),
        lines: record.lines.iter().map(line).collect(),
        price_version: record.price_version,
        admitted_at_us: record.admitted_at.as_microsecond(),
        settled_at_us: record.settled_at.as_microsecond(),
        period_start_us: record.period_start.as_microsecond(),
        key_hash: record.key_hash.to_vec(),
        payload_hash: record.payload_hash.to_vec(),
        kind: kind_number(record.kind),
        billed_start_us: billed,
    }
}

proptest! {
    #[test]
    fn a_batch_is_written_as_its_schema_says(salt_seed: [u8; 32], records in prop::collection::vec(record(), 0..6)) {
        let stored = records.iter().map(|record| derived(record).encode_to_vec()).collect();
        let message = derived::Batch { salt_seed: salt_seed.to_vec(), records: stored };
        prop_assert_eq!(encode(&Batch { salt_seed, records }).bytes, message.encode_to_vec());
    }

    #[test]
    fn a_record_with_fields_of_later_programs_is_read(record in record(), number: u64, text: Vec<u8>) {
        let mut bytes = derived(&record).encode_to_vec();
        let mut message = protobuf::Message(&mut bytes);
        message.unsigned(100, number);
        message.element(101, &text);
        // 64 and 32 bits, fields 102 and 103.
        bytes.extend_from_slice(&[0xb1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xbd, 0x06, 1, 2, 3, 4]);
        prop_assert_eq!(super::record(&bytes), Some(record));
    }

    #[test]
    fn part_of_a_record_is_not_that_record(record in record(), cut: prop::sample::Index) {
        let bytes = derived(&record).encode_to_vec();
        let cut = cut.index(bytes.len());
        // What is left may be the whole record but for fields that are empty without it.
        if let Some(read) = super::record(&bytes[..cut]) {
            prop_assert_ne!(read, record);
        }
    }

    #[test]
    fn a_batch_comes_back_as_it_was(salt_seed: [u8; 32], records in prop::collection::vec(record(), 0..6)) {
        let batch = Batch { salt_seed, records };
        prop_assert_eq!(decode(&encode(&batch).bytes), Some(batch));
    }

    #[test]
    fn a_record_taken_out_of_its_batch_is_the_one_that_went_in(
        salt_seed: [u8; 32], records in prop::collection::vec(record(), 1..6), pick: prop::sample::Index,
    ) {
        let body = encode(&Batch { salt_seed, records: records.clone() });
        let chosen = pick.index(records.len());
        let sealed = unseal(&body.bytes, u32::try_from(chosen).unwrap()).unwrap();
        prop_assert_eq!(super::record(&sealed.record), Some(records[chosen].clone()));
        prop_assert_eq!(merkle::leaf(&[&sealed.salt, &sealed.record]), sealed.leaves[chosen]);
        prop_assert_eq!(merkle::root(&sealed.leaves), body.root);
        prop_assert_eq!(unseal(&body.bytes, u32::try_from(records.len()).unwrap()), None);
    }

    #[test]
    fn hostile_bytes_are_no_batch_and_do_no_harm(bytes: Vec<u8>) {
        if let Some(batch) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&batch).bytes), Some(batch));
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
