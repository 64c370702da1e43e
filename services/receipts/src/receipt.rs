//! A receipt: everything that proves one usage record to whoever trusts a log's key, as a JSON file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::error::{ErrorCode, Rejection};
use kernel::merkle::{Hash, hex};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::leaf::{self, Entry};
use crate::note::{NotSigned, Note, VerifierKey};
use crate::proof::{self, HASHES_MAX};

/// The format of the files that this program writes and reads.
pub const FORMAT: &str = "tallystick-receipt/1";
/// The most bytes in a receipt's file.
pub const FILE_BYTES_MAX: usize = 512 * 1024;

const USAGE_RECORDED: (&str, u16) = ("usage_recorded", 1);

/// A usage record with the way from it to a signed checkpoint. Whole numbers are decimal strings, bytes are base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`FORMAT`].
    pub format: String,
    /// The record as it was written: a `Record` of `schema/usage.proto`.
    #[serde(with = "bytes")]
    pub record: Vec<u8>,
    /// The record's salt.
    #[serde(with = "hash")]
    pub salt: Hash,
    /// Where it is among the records of its batch.
    pub batch: Place,
    /// The batch's event, without the records.
    pub event: Event,
    /// Where the event is in the log.
    pub log: Place,
    /// The signed checkpoint, a note.
    pub checkpoint: String,
}

/// A leaf's place in a tree, and its inclusion proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// From 0.
    #[serde(with = "decimal")]
    pub index: u64,
    /// From the leaf up; at most [`HASHES_MAX`].
    #[serde(with = "hashes")]
    pub proof: Vec<Hash>,
}

/// An event as its leaf covers it, but for its body, whose hash stands in the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The usage stream.
    pub stream: String,
    /// Its index in the stream.
    #[serde(with = "decimal")]
    pub revision: u64,
    /// Its id.
    pub id: Uuid,
    /// `usage_recorded`.
    pub kind: String,
    /// 1.
    pub version: u16,
    /// When it was recorded, in nanoseconds since 1970, UTC.
    #[serde(with = "decimal")]
    pub occurred_at_ns: i64,
    /// As recorded.
    pub correlation: Uuid,
    /// As recorded.
    pub cause: Uuid,
    /// The recording node.
    pub actor: String,
    /// The JSON of the event, byte for byte: how many records, their root, and the hash of the body.
    pub header: String,
}

#[derive(Deserialize)]
struct Header {
    records: u64,
    root: String,
    body_sha256: String,
}

/// What is checked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The file is a receipt.
    File,
    /// The record is in its batch.
    Record,
    /// The batch's event is in the log that the checkpoint speaks of.
    Event,
    /// The checkpoint is signed by a trusted key.
    Signature,
    /// The checkpoint is of the log that the key signs for.
    Origin,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::File, Self::Record, Self::Event, Self::Signature, Self::Origin];
}

/// Why a receipt proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not JSON, cut off, or not of a receipt's shape.
    #[error("the file is no receipt: it is cut off, or not of its shape")]
    Malformed,
    /// Larger than [`FILE_BYTES_MAX`].
    #[error("a receipt holds at most {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// Of a format that this program does not know.
    #[error("the receipt is of a format that this program does not know")]
    UnknownFormat,
    /// The event is no batch of usage, or its header says nothing.
    #[error("the event in the receipt is no batch of usage records")]
    NotABatch,
    /// The checkpoint is no signed note, or its text no checkpoint.
    #[error("the checkpoint in the receipt is no signed note of a log's size and root")]
    CheckpointMalformed,
    /// The record does not lead to the batch's root.
    #[error("the record is not in the batch: record, salt, proof or root was changed")]
    RecordNotInBatch,
    /// The event does not lead to the checkpoint's root.
    #[error("the batch is not in the log of this checkpoint: event, proof, size or root was changed")]
    EventNotInLog,
    /// None of the trusted keys has signed the checkpoint.
    #[error("none of the trusted keys has signed the checkpoint")]
    KeyUnknown,
    /// A trusted key is named, but did not sign this.
    #[error("the checkpoint's signature is not by the key that it names")]
    SignatureWrong,
    /// The key signs for another log.
    #[error("the checkpoint is of another log than the key signs for")]
    OriginForeign,
}

impl Failure {
    /// The step that failed.
    pub const fn step(self) -> Step {
        match self {
            Self::Malformed | Self::TooLarge | Self::UnknownFormat | Self::NotABatch | Self::CheckpointMalformed => {
                Step::File
            }
            Self::RecordNotInBatch => Step::Record,
            Self::EventNotInLog => Step::Event,
            Self::KeyUnknown | Self::SignatureWrong => Step::Signature,
            Self::OriginForeign => Step::Origin,
        }
    }
}

impl Rejection for Failure {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::Malformed => "RECEIPT_MALFORMED",
            Self::TooLarge => "RECEIPT_TOO_LARGE",
            Self::UnknownFormat => "RECEIPT_FORMAT_UNKNOWN",
            Self::NotABatch => "RECEIPT_EVENT_NOT_A_BATCH",
            Self::CheckpointMalformed => "RECEIPT_CHECKPOINT_MALFORMED",
            Self::RecordNotInBatch => "RECEIPT_RECORD_NOT_IN_BATCH",
            Self::EventNotInLog => "RECEIPT_EVENT_NOT_IN_LOG",
            Self::KeyUnknown => "RECEIPT_KEY_UNKNOWN",
            Self::SignatureWrong => "RECEIPT_SIGNATURE_WRONG",
            Self::OriginForeign => "RECEIPT_ORIGIN_FOREIGN",
        })
    }
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    /// The log's head in which the record is.
    pub checkpoint: Checkpoint,
    /// Who signed it.
    pub key: &'a VerifierKey,
}

impl Receipt {
    /// Reads a file.
    pub fn parse(file: &[u8]) -> Result<Self, Failure> {
        if file.len() > FILE_BYTES_MAX {
            return Err(Failure::TooLarge);
        }
        let claimed: Claimed = serde_json::from_slice(file).map_err(|_| Failure::Malformed)?;
        if claimed.format != FORMAT {
            return Err(Failure::UnknownFormat);
        }
        serde_json::from_slice(file).map_err(|_| Failure::Malformed)
    }

    /// Writes the file.
    pub fn to_file(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Follows the way from the record to the signature of a trusted key. Needs no network and no clock.
    pub fn verify<'k>(&self, trusted: &'k [VerifierKey]) -> Result<Verified<'k>, Failure> {
        let header = self.header()?;
        let note = Note::parse(&self.checkpoint).map_err(|_| Failure::CheckpointMalformed)?;
        let checkpoint: Checkpoint = note.text().parse().map_err(|_| Failure::CheckpointMalformed)?;
        self.check_record(&header)?;
        self.check_event(&header, &checkpoint)?;
        let key = note.signed_by(trusted).map_err(|error| match error {
            NotSigned::UnknownKey => Failure::KeyUnknown,
            NotSigned::WrongSignature => Failure::SignatureWrong,
        })?;
        if key.name() == checkpoint.origin { Ok(Verified { checkpoint, key }) } else { Err(Failure::OriginForeign) }
    }

    fn header(&self) -> Result<Header, Failure> {
        let own = (self.event.kind.as_str(), self.event.version);
        let known = self.format == FORMAT && own == USAGE_RECORDED;
        let header = serde_json::from_str(&self.event.header).ok().filter(|_| known);
        header.ok_or(Failure::NotABatch)
    }

    fn check_record(&self, header: &Header) -> Result<(), Failure> {
        let root = unhex(&header.root).ok_or(Failure::NotABatch)?;
        let own = leaf::of_record(&self.salt, &self.record);
        let included = proof::includes(&own, self.batch.index, header.records, &self.batch.proof, &root);
        if included { Ok(()) } else { Err(Failure::RecordNotInBatch) }
    }

    fn check_event(&self, header: &Header, checkpoint: &Checkpoint) -> Result<(), Failure> {
        let body_sha256 = unhex(&header.body_sha256).ok_or(Failure::NotABatch)?;
        let own = self.event.leaf(body_sha256);
        let (Place { index, proof }, head) = (&self.log, &checkpoint.head);
        let included = proof::includes(&own, *index, head.size, proof, &head.root);
        if included { Ok(()) } else { Err(Failure::EventNotInLog) }
    }
}

#[derive(Deserialize)]
struct Claimed {
    format: String,
}

impl Event {
    fn leaf(&self, body_sha256: Hash) -> Hash {
        let entry = Entry {
            stream: &self.stream,
            revision: self.revision,
            id: self.id,
            kind: &self.kind,
            version: self.version,
            occurred_at_ns: self.occurred_at_ns,
            correlation: self.correlation,
            cause: self.cause,
            actor: &self.actor,
            data: self.header.as_bytes(),
            body_sha256,
        };
        entry.hash()
    }
}

/// 64 hexadecimal digits, lower case.
fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes().chunks_exact(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let bytes: Hash = digits.collect::<Option<Vec<u8>>>()?.try_into().ok()?;
    (hex(&bytes) == text).then_some(bytes)
}

fn decoded<'d, D: Deserializer<'d>>(text: &str) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}

fn hash_of<'d, D: Deserializer<'d>>(text: &str) -> Result<Hash, D::Error> {
    decoded::<D>(text)?.try_into().map_err(|_| serde::de::Error::custom("a hash has 32 bytes"))
}

mod bytes {
    use super::{Deserialize, Deserializer, Engine, STANDARD, Serializer, decoded};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        decoded::<D>(&String::deserialize(deserializer)?)
    }
}

mod hash {
    use super::{Deserialize, Deserializer, Engine, Hash, STANDARD, Serializer, hash_of};

    pub fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(hash))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Hash, D::Error> {
        hash_of::<D>(&String::deserialize(deserializer)?)
    }
}

mod hashes {
    use super::{Deserialize, Deserializer, Engine, HASHES_MAX, Hash, STANDARD, Serializer, hash_of};

    pub fn serialize<S: Serializer>(hashes: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hashes.iter().map(|hash| STANDARD.encode(hash)))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        if texts.len() > HASHES_MAX {
            return Err(serde::de::Error::custom("the proof is too long"));
        }
        texts.iter().map(|text| hash_of::<D>(text)).collect()
    }
}

mod decimal {
    use std::fmt::Display;
    use std::str::FromStr;

    use super::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: Display, S: Serializer>(number: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'d, T: FromStr + Display, D: Deserializer<'d>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.parse().ok().filter(|number: &T| number.to_string() == text);
        number.ok_or_else(|| serde::de::Error::custom("not a whole number in decimal"))
    }
}
