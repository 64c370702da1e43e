//! Recognising an append that was made before: by the rows that stand where it expects to write.

use std::collections::HashSet;

use kernel::event::{Position, Revision};
use uuid::Uuid;

use crate::port::{AppendError, Appended, NewEvent};

/// What must be known of a stored event to recognise a repeated append.
pub(crate) struct Stored {
    pub id: Uuid,
    pub first: i64,
    pub position: i64,
}

/// The first result, when `stored` is exactly what `events` would write at `first`; otherwise why not.
pub(crate) fn repeat(
    stored: &[Stored],
    first: Revision,
    events: &[NewEvent],
    conflict: AppendError,
) -> Result<Appended, AppendError> {
    let start = i64::try_from(first.0).unwrap_or(i64::MAX);
    let whole = stored.iter().take_while(|row| row.first == start).count() == events.len();
    let same = stored.iter().zip(events).all(|(row, event)| row.id == event.id);
    if let (true, true, Some(last)) = (whole, same, stored.get(events.len().saturating_sub(1))) {
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        return Ok(Appended {
            first,
            last: Revision(first.0.saturating_add(count).saturating_sub(1)),
            position: Position(last.position.unsigned_abs()),
            repeated: true,
        });
    }
    let ids: HashSet<Uuid> = stored.iter().map(|row| row.id).collect();
    let overlap = events.iter().any(|event| ids.contains(&event.id));
    Err(if overlap { AppendError::IdempotencyMismatch } else { conflict })
}
