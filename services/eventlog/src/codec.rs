//! Between a context's events and the log's bytes.

use jiff::Timestamp;
use kernel::event::{Provenance, Recorded};
use kernel::wire::{DecodeError, Wire};
use uuid::Uuid;

use crate::port::{NewEvent, StoredEvent};

/// Serialises an event in its newest version.
pub fn to_new<E: Wire>(
    event: &E,
    id: Uuid,
    occurred_at: Timestamp,
    provenance: Provenance,
) -> Result<NewEvent, serde_json::Error> {
    let encoded = event.encode()?;
    Ok(NewEvent {
        id,
        kind: encoded.kind.to_owned(),
        version: encoded.version,
        occurred_at,
        provenance,
        data: encoded.data,
        body: encoded.body,
    })
}

/// Reads an event of any recorded version. `None`: its kind belongs to another context.
pub fn decode<E: Wire>(stored: &StoredEvent) -> Option<Result<Recorded<E>, DecodeError>> {
    let event = E::decode(&stored.kind, stored.version, &stored.data, &stored.body)?;
    Some(event.map(|event| Recorded {
        id: stored.id,
        stream: stored.stream.clone(),
        revision: stored.revision,
        position: stored.position,
        occurred_at: stored.occurred_at,
        provenance: stored.provenance.clone(),
        event,
    }))
}

/// Reads an event where only events of `E` may stand, as in the stream of a decider.
pub fn decode_own<E: Wire>(stored: &StoredEvent) -> Result<Recorded<E>, DecodeError> {
    decode(stored).unwrap_or_else(|| Err(DecodeError::Unknown { kind: stored.kind.clone(), version: stored.version }))
}
