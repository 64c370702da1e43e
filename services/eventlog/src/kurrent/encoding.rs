//! One event as the server keeps it, and reading it back with distrust.
//!
//! The event's id, kind and JSON are the server's own id, type and data, so that its pages show them. A body follows
//! the JSON in the same data, which then is no JSON any more; the metadata says where it begins. What the server does
//! not know, the version, the instant, who and why, is JSON in the event's metadata.

use bytes::Bytes;
use jiff::Timestamp;
use kernel::event::{Position, Provenance, Revision, StreamName};
use kurrentdb::{EventData, RecordedEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::port::{NewEvent, ReadError, StoredEvent};

/// What one append says of itself in each of its events: enough to tell a repeat from a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Append {
    /// The revision of its first event.
    pub first: u64,
    /// How many events it has.
    pub count: u64,
    /// Drawn anew for each call, so that the call which wrote knows its own write.
    pub attempt: Uuid,
}

/// An event of the log and the append it came with.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub event: StoredEvent,
    pub append: Append,
}

/// The metadata of an event. The two names with `$` are the server's own, by which it shows what belongs together.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    version: u16,
    occurred_at: Timestamp,
    #[serde(rename = "$correlationId")]
    correlation: Uuid,
    #[serde(rename = "$causationId")]
    cause: Uuid,
    actor: String,
    first: u64,
    count: u64,
    attempt: Uuid,
    /// Bytes of JSON before the body; absent where the data is JSON alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    json_bytes: Option<usize>,
    checksum: u32,
}

/// An event ready to be sent, and the bytes it takes of the server's limit.
pub(super) struct Encoded {
    pub data: EventData,
    pub bytes: usize,
}

/// The name of a log's stream on the server.
pub(super) fn server_stream(namespace: &str, stream: &str) -> String {
    format!("{namespace}.{stream}")
}

/// Encodes the event that gets `revision`. `None`: the server keeps kinds with `$` for itself.
pub(super) fn encode(event: &NewEvent, stream: &StreamName, revision: u64, append: Append) -> Option<Encoded> {
    if event.kind.starts_with('$') {
        return None;
    }
    let json = json(event);
    let metadata = Metadata {
        version: event.version,
        occurred_at: event.occurred_at,
        correlation: event.provenance.correlation,
        cause: event.provenance.cause,
        actor: event.provenance.actor.clone(),
        first: append.first,
        count: append.count,
        attempt: append.attempt,
        json_bytes: json.is_none().then_some(event.data.len()),
        checksum: checksum(event, stream.as_str(), revision, append),
    };
    let metadata = serde_json::to_vec(&metadata).ok()?;
    let bytes = size(event, metadata.len());
    let data = match json {
        Some(json) => EventData::json(&event.kind, &json).ok()?,
        None => EventData::binary(&event.kind, Bytes::from([event.data.as_slice(), &event.body].concat())),
    };
    Some(Encoded { data: data.id(event.id).metadata(Bytes::from(metadata)), bytes })
}

/// The data as JSON that is kept byte for byte; `None` where there is a body, or the data is not exactly JSON.
fn json(event: &NewEvent) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_slice(&event.data).ok()?;
    (event.body.is_empty() && raw.get().len() == event.data.len()).then_some(raw)
}

/// What the server counts: data, metadata, and the kind in UTF-16.
fn size(event: &NewEvent, metadata: usize) -> usize {
    let kind = event.kind.len().saturating_mul(2);
    event.data.len().saturating_add(event.body.len()).saturating_add(metadata).saturating_add(kind)
}

/// Reads an event of the log. `None`: it stands in a stream of the server or of another namespace.
pub(super) fn decode(recorded: &RecordedEvent, namespace: &str) -> Option<Result<Fact, ReadError>> {
    let name = name(recorded, namespace)?;
    let position = recorded_position(recorded);
    let fact = position.and_then(|position| fact(recorded, name, position));
    Some(fact.ok_or(ReadError::Corrupt { position }))
}

/// The stream's name within the log.
///
/// The client hands the server's bytes out as text without having looked at them, so they are checked here.
pub(super) fn name<'a>(recorded: &'a RecordedEvent, namespace: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(recorded.stream_id().as_bytes()).ok()?;
    text.strip_prefix(namespace)?.strip_prefix('.')
}

/// The place of an event. Commit and prepare position are the same but for transactions of old protocols, which a log
/// has none of; a server too old to tell the position of an event in its stream answers with the largest number.
pub(super) fn recorded_position(recorded: &RecordedEvent) -> Option<Position> {
    let position = recorded.position;
    let known = position.commit == position.prepare && i64::try_from(position.commit).is_ok();
    known.then_some(Position(position.commit))
}

fn fact(recorded: &RecordedEvent, name: &str, position: Position) -> Option<Fact> {
    let metadata: Metadata = serde_json::from_slice(&recorded.custom_metadata).ok()?;
    let kept: &[u8] = &recorded.data;
    let (data, body) = kept.split_at_checked(metadata.json_bytes.unwrap_or(kept.len()))?;
    let event = StoredEvent {
        id: recorded.id,
        stream: StreamName::try_from(name.to_owned()).ok()?,
        revision: Revision(recorded.revision),
        position,
        kind: recorded.event_type.clone(),
        version: metadata.version,
        occurred_at: metadata.occurred_at,
        provenance: Provenance { correlation: metadata.correlation, cause: metadata.cause, actor: metadata.actor },
        data: data.to_vec(),
        body: body.to_vec(),
    };
    let append = Append { first: metadata.first, count: metadata.count, attempt: metadata.attempt };
    (checksum_of(&event, append) == metadata.checksum).then_some(Fact { event, append })
}

fn checksum_of(event: &StoredEvent, append: Append) -> u32 {
    let numbers = Numbers::new(event.revision.0, append, event.version, event.occurred_at);
    let ids = [event.id, event.provenance.correlation, event.provenance.cause, append.attempt];
    let texts = [event.stream.as_str(), &event.kind, &event.provenance.actor];
    sum(&numbers, &ids, texts, &event.data, &event.body)
}

fn checksum(event: &NewEvent, stream: &str, revision: u64, append: Append) -> u32 {
    let numbers = Numbers::new(revision, append, event.version, event.occurred_at);
    let ids = [event.id, event.provenance.correlation, event.provenance.cause, append.attempt];
    sum(&numbers, &ids, [stream, &event.kind, &event.provenance.actor], &event.data, &event.body)
}

struct Numbers([u64; 4], i128);

impl Numbers {
    fn new(revision: u64, append: Append, version: u16, occurred_at: Timestamp) -> Self {
        Self([revision, append.first, append.count, version.into()], occurred_at.as_nanosecond())
    }
}

/// CRC-32 (IEEE 802.3) over numbers little endian, ids, and over texts and blobs each after its length.
fn sum(numbers: &Numbers, ids: &[Uuid], texts: [&str; 3], data: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for number in numbers.0 {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(&numbers.1.to_le_bytes());
    for id in ids {
        hasher.update(id.as_bytes());
    }
    for bytes in texts.map(str::as_bytes).into_iter().chain([data, body]) {
        hasher.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize()
}
