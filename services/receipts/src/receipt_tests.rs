use kernel::error::Rejection;
use kernel::merkle::{Hash, hex};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::leaf;
use crate::note::{SignerKey, VerifierKey};
use crate::proof::Head;
use crate::receipt::{Event, FILE_BYTES_MAX, FORMAT, Failure, Place, Receipt, Step};
use crate::tree::Tree;

const ORIGIN: &str = "tallystick/01jz";

fn key() -> SignerKey {
    SignerKey::new(ORIGIN, &[5; 32]).unwrap()
}

fn trusted() -> Vec<VerifierKey> {
    vec![key().verifier()]
}

/// The receipt of the record at `index` in a batch of `records`, whose event is at `log_index` of a log of `size`.
fn receipt(index: u64, records: u64, log_index: u64, size: u64) -> Receipt {
    let record = |index: u64| format!("record {index}").into_bytes();
    let salt = |index: u64| -> Hash { [u8::try_from(index % 251).unwrap(); 32] };
    let leaves: Vec<Hash> = (0..records).map(|index| leaf::of_record(&salt(index), &record(index))).collect();
    let batch = Tree::of(&leaves);
    let root = hex(&batch.root(records).unwrap());
    let header = json!({"records": records, "root": root, "body_sha256": hex(&[3; 32])}).to_string();
    let event = Event {
        stream: "usage-n1.1".to_owned(),
        revision: 7,
        id: Uuid::from_u128(1),
        kind: "usage_recorded".to_owned(),
        version: 1,
        occurred_at_ns: 1_777_600_800_123_456_789,
        correlation: Uuid::from_u128(1),
        cause: Uuid::from_u128(1),
        actor: "platform:n1".to_owned(),
        header,
    };
    let own = event_leaf(&event);
    let leaves: Vec<Hash> = (0..size)
        .map(|number| if number == log_index { own } else { leaf::of_record(&[0; 32], &number.to_be_bytes()) })
        .collect();
    let log = Tree::of(&leaves);
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), head: Head { size, root: log.root(size).unwrap() } };
    Receipt {
        format: FORMAT.to_owned(),
        record: record(index),
        salt: salt(index),
        batch: Place { index, proof: batch.inclusion(index).unwrap() },
        event,
        log: Place { index: log_index, proof: log.inclusion(log_index).unwrap() },
        checkpoint: checkpoint.sign(&key()),
    }
}

fn event_leaf(event: &Event) -> Hash {
    let entry = leaf::Entry {
        stream: &event.stream,
        revision: event.revision,
        id: event.id,
        kind: &event.kind,
        version: event.version,
        occurred_at_ns: event.occurred_at_ns,
        correlation: event.correlation,
        cause: event.cause,
        actor: &event.actor,
        data: event.header.as_bytes(),
        body_sha256: [3; 32],
    };
    entry.hash()
}

fn file(receipt: &Receipt) -> Value {
    serde_json::from_str(&receipt.to_file().unwrap()).unwrap()
}

fn outcome(file: &Value) -> Result<(), Failure> {
    Receipt::parse(file.to_string().as_bytes())?.verify(&trusted()).map(|_| ())
}

#[test]
fn a_receipt_proves_its_record_whatever_the_sizes() {
    for records in [1, 2, 3, 7, 64, 100] {
        for (log_index, size) in [(0, 1), (0, 2), (5, 9), (63, 64), (64, 65), (77, 130)] {
            for index in [0, records / 2, records - 1] {
                let receipt = receipt(index, records, log_index, size);
                let back = Receipt::parse(receipt.to_file().unwrap().as_bytes()).unwrap();
                assert_eq!(back, receipt);
                let trusted = trusted();
                let verified = back.verify(&trusted).unwrap();
                assert_eq!((verified.checkpoint.head.size, verified.key.name()), (size, ORIGIN));
            }
        }
    }
}

#[test]
fn what_was_changed_is_named() {
    let whole = file(&receipt(3, 6, 5, 9));
    let other = file(&receipt(2, 6, 4, 9));
    let changed = |pointer: &str, value: Value| {
        let mut file = whole.clone();
        *file.pointer_mut(pointer).unwrap() = value;
        outcome(&file)
    };
    let taken = |pointer: &str| changed(pointer, other.pointer(pointer).unwrap().clone());
    let header: Value = serde_json::from_str(whole["event"]["header"].as_str().unwrap()).unwrap();
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        changed("/event/header", header.to_string().into())
    };
    assert_eq!(outcome(&whole), Ok(()));
    for (name, outcome, expected) in [
        ("record", taken("/record"), Failure::RecordNotInBatch),
        ("salt", taken("/salt"), Failure::RecordNotInBatch),
        ("batch index", changed("/batch/index", "2".into()), Failure::RecordNotInBatch),
        ("batch proof", taken("/batch/proof"), Failure::RecordNotInBatch),
        ("root", with("root", hex(&[0; 32]).into()), Failure::RecordNotInBatch),
        ("records", with("records", 3.into()), Failure::RecordNotInBatch),
        ("body", with("body_sha256", hex(&[4; 32]).into()), Failure::EventNotInLog),
        ("more in the header", with("more", 1.into()), Failure::EventNotInLog),
        ("stream", changed("/event/stream", "usage-n1.2".into()), Failure::EventNotInLog),
        ("revision", changed("/event/revision", "8".into()), Failure::EventNotInLog),
        ("id", changed("/event/id", Uuid::from_u128(2).to_string().into()), Failure::EventNotInLog),
        ("time", changed("/event/occurred_at_ns", "1".into()), Failure::EventNotInLog),
        ("correlation", changed("/event/correlation", Uuid::from_u128(2).to_string().into()), Failure::EventNotInLog),
        ("cause", changed("/event/cause", Uuid::from_u128(2).to_string().into()), Failure::EventNotInLog),
        ("actor", changed("/event/actor", "platform:n2".into()), Failure::EventNotInLog),
        ("log index", changed("/log/index", "4".into()), Failure::EventNotInLog),
        ("log proof", taken("/log/proof"), Failure::EventNotInLog),
        ("checkpoint", taken("/checkpoint"), Failure::EventNotInLog),
        ("kind", changed("/event/kind", "invoice_issued".into()), Failure::NotABatch),
        ("version", changed("/event/version", 2.into()), Failure::NotABatch),
        ("no header", changed("/event/header", "{}".into()), Failure::NotABatch),
        ("no root", with("root", "AB".into()), Failure::NotABatch),
        ("no note", changed("/checkpoint", "".into()), Failure::CheckpointMalformed),
        ("format", changed("/format", "tallystick-receipt/2".into()), Failure::UnknownFormat),
        ("no base64", changed("/record", "é".into()), Failure::Malformed),
        ("no hash", changed("/salt", "AAAA".into()), Failure::Malformed),
        ("no number", changed("/log/index", "05".into()), Failure::Malformed),
        ("a number", changed("/log/index", 5.into()), Failure::Malformed),
        ("a proof without end", changed("/log/proof", vec![json!(whole["salt"]); 65].into()), Failure::Malformed),
    ] {
        assert_eq!(outcome, Err(expected), "{name}");
        assert!(expected.code().0.starts_with("RECEIPT_"));
    }
}

#[test]
fn a_signature_that_is_not_ours_is_named() {
    let own = receipt(0, 1, 0, 1);
    let head = || Head { size: 1, root: event_leaf(&own.event) };
    let signed = |origin: &str, key: &SignerKey| {
        let checkpoint = Checkpoint { origin: origin.to_owned(), head: head() }.sign(key);
        Receipt { checkpoint, ..own.clone() }.verify(&trusted()).map(|_| ())
    };
    assert_eq!(signed(ORIGIN, &key()), Ok(()));
    let forger = SignerKey::new(ORIGIN, &[6; 32]).unwrap();
    assert_eq!(signed(ORIGIN, &forger), Err(Failure::KeyUnknown));
    let elsewhere = SignerKey::new("tallystick/other", &[5; 32]).unwrap();
    assert_eq!(signed("tallystick/other", &elsewhere), Err(Failure::KeyUnknown));
    assert_eq!(signed("tallystick/other", &key()), Err(Failure::OriginForeign));
    let size = own.checkpoint.replacen("\n1\n", "\n2\n", 1);
    let grown = Receipt { checkpoint: size, ..own.clone() };
    assert!(grown.verify(&trusted()).is_err());
    let resigned =
        own.checkpoint.replacen("\u{2014}", "extension\n\u{2014}", 1).replacen("\n\nextension", "\nextension\n", 1);
    let extended = Receipt { checkpoint: resigned, ..own.clone() };
    assert_eq!(extended.verify(&trusted()), Err(Failure::SignatureWrong));
    assert_eq!(own.verify(&[]), Err(Failure::KeyUnknown));
}

#[test]
fn a_file_that_is_cut_off_or_too_large_is_no_receipt() {
    let file = receipt(3, 6, 5, 9).to_file().unwrap();
    for end in 0..file.len() {
        assert_eq!(Receipt::parse(&file.as_bytes()[..end]), Err(Failure::Malformed), "{end}");
    }
    assert_eq!(Receipt::parse(&vec![b' '; FILE_BYTES_MAX + 1]), Err(Failure::TooLarge));
    let mut more: Value = serde_json::from_str(&file).unwrap();
    more["comment"] = "not proved".into();
    assert_eq!(outcome(&more), Err(Failure::Malformed));
}

#[test]
fn every_failure_has_its_step() {
    for (failure, step) in [
        (Failure::Malformed, Step::File),
        (Failure::RecordNotInBatch, Step::Record),
        (Failure::EventNotInLog, Step::Event),
        (Failure::SignatureWrong, Step::Signature),
        (Failure::OriginForeign, Step::Origin),
    ] {
        assert_eq!(failure.step(), step);
        assert!(Step::ALL.contains(&step));
    }
}

proptest! {
    #[test]
    fn no_letter_of_a_file_can_be_changed(place: prop::sample::Index, letter in b' '..b'~') {
        let receipt = receipt(3, 6, 5, 9);
        let file = receipt.to_file().unwrap();
        let mut bytes = file.clone().into_bytes();
        let chosen = place.index(bytes.len());
        bytes[chosen] = letter;
        let read = Receipt::parse(&bytes).and_then(|read| read.verify(&trusted()).map(|_| read.clone()));
        // Blanks between the parts, or `Ä` for an A: what it says is the same.
        prop_assert!(read.is_err() || read == Ok(receipt));
    }

    #[test]
    fn hostile_files_do_no_harm(file: Vec<u8>) {
        prop_assert!(Receipt::parse(&file).is_err());
    }
}

/// A sample for verifiers in other languages; the gateway's tests say how it comes to be.
#[test]
fn the_golden_receipt_verifies() {
    let receipt = Receipt::parse(include_bytes!("../../../schema/receipt.v1.json")).unwrap();
    let trusted: [VerifierKey; 1] = [include_str!("../../../schema/receipt.v1.key").parse().unwrap()];
    let verified = receipt.verify(&trusted).unwrap();
    assert_eq!((verified.checkpoint.origin.as_str(), verified.checkpoint.head.size), ("tallystick/sample", 5));
}
