//! Finds calls in the log: the views know which batch, the batch has the records.
//!
//! There is no row per call, so a list is read batch by batch, newest first, and a cursor is a place in a batch of one
//! history: after a restore others stand there.

use std::sync::Arc;

use eventlog::codec::decode_own;
use eventlog::incarnation::Incarnation;
use eventlog::port::StoredEvent;
use kernel::error::Rejection;
use kernel::event::Position;
use kernel::id::InvocationId;
use metering::published::report;
use metering::published::usage::{Event, UsageRecord};
use tokio::task::spawn_blocking;
use views::calls::{BATCHES_MAX, CallFilter, Slot};
use views::page::{Cursor, InvalidPage, Page};

use crate::graphql::errors::{Fault, Refused, rule};
use crate::platform::Platform;

/// Where a record stands in a list of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    slot: Slot,
    /// The record's index in its batch.
    index: u32,
}

impl Place {
    /// Reads a cursor of a history.
    pub fn parse(cursor: &str, incarnation: Incarnation) -> Result<Self, Refused> {
        Self::read(cursor, incarnation).ok_or_else(|| rule(InvalidPage::Cursor.code(), InvalidPage::Cursor))
    }

    fn read(cursor: &str, incarnation: Incarnation) -> Option<Self> {
        let mut parts = cursor.strip_prefix(&incarnation.mark())?.strip_prefix('.')?.split('.');
        let (hour, position, index) = (parts.next()?, parts.next()?, parts.next()?);
        let slot = Slot { hour: hour.parse().ok()?, position: Position(position.parse().ok()?) };
        let place = Self { slot, index: index.parse().ok()? };
        parts.next().is_none().then_some(place)
    }

    fn cursor(self, incarnation: Incarnation) -> Cursor {
        Cursor::new(format!("{}.{}.{}.{}", incarnation.mark(), self.slot.hour, self.slot.position.0, self.index))
    }

    /// Whether the place comes after another where the newest come first.
    fn is_past(self, other: Self) -> bool {
        let key = |place: Self| (place.slot.hour, place.slot.position, place.index);
        key(self) < key(other)
    }
}

/// A call's record in the log.
pub struct Located {
    /// The batch's event.
    pub stored: StoredEvent,
    /// The record's index in the batch.
    pub index: u32,
    /// The record.
    pub record: UsageRecord,
}

/// The record of a call that was answered before this moment, if there is one.
pub async fn find(platform: &Arc<Platform>, id: InvocationId) -> Result<Option<UsageRecord>, Refused> {
    Ok(locate(platform, id).await?.map(|located| located.record))
}

/// Where that record is.
pub async fn locate(platform: &Arc<Platform>, id: InvocationId) -> Result<Option<Located>, Refused> {
    let positions = match report::key_prefix(id) {
        None => {
            platform.caught_up().await?;
            platform.read(move |views| views.invocation_batches(id)).await?
        }
        Some(prefix) => report_batches(platform, prefix).await?,
    };
    for position in positions {
        let stored = event(platform, position).await?;
        let mut records = (0..).zip(records(&stored)?);
        if let Some((index, record)) = records.find(|(_, record)| record.invocation == id) {
            return Ok(Some(Located { stored, index, record }));
        }
    }
    Ok(None)
}

/// The batches of reports whose keys begin so.
async fn report_batches(platform: &Arc<Platform>, prefix: [u8; 9]) -> Result<Vec<Position>, Refused> {
    platform.reports_caught_up().await?;
    let seen = platform.seen.clone();
    let found = spawn_blocking(move || seen.beginning(&prefix)).await.map_err(|error| Fault::internal(&error))?;
    found.map_err(|error| Fault::internal(&error).into())
}

/// The `first` records past a place, newest first.
pub async fn page(
    platform: &Arc<Platform>,
    filter: CallFilter,
    first: usize,
    after: Option<Place>,
) -> Result<Page<UsageRecord>, Refused> {
    let filter = Arc::new(filter);
    let total = total(platform, &filter).await?;
    // Nearly every slot holds at least one of the records, but that of the cursor may have nothing more.
    let slots_max = u32::try_from(first).unwrap_or(u32::MAX).saturating_add(2).min(BATCHES_MAX);
    let mut found = Vec::new();
    let mut from = after.map(|after| after.slot);
    while let Some(slots) = slots(platform, &filter, from, slots_max).await? {
        for slot in &slots {
            if found.len() > first {
                break;
            }
            found.extend(newest_first(batch(platform, slot.position).await?, *slot, &filter, after));
        }
        from = slots.last().copied().and_then(older).filter(|_| slots.len() == count(slots_max));
        if from.is_none() || found.len() > first {
            break;
        }
    }
    let has_next = found.len() > first;
    found.truncate(first);
    let incarnation = platform.views.incarnation();
    let nodes = found.into_iter().map(|(place, record)| (place.cursor(incarnation), record)).collect();
    Ok(Page { nodes, has_next, total })
}

/// The next slots from one on; `None` where there are none.
async fn slots(
    platform: &Arc<Platform>,
    filter: &Arc<CallFilter>,
    from: Option<Slot>,
    max: u32,
) -> Result<Option<Vec<Slot>>, Refused> {
    let filter = Arc::clone(filter);
    let slots = platform.read(move |views| views.call_slots(&filter, from, max)).await?;
    Ok((!slots.is_empty()).then_some(slots))
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The place right after a slot where the newest come first.
fn older(slot: Slot) -> Option<Slot> {
    match slot.position.0.checked_sub(1) {
        Some(position) => Some(Slot { position: Position(position), ..slot }),
        None => Some(Slot { hour: slot.hour.checked_sub(1)?, position: Position(u64::MAX) }),
    }
}

/// How many records the whole list has.
async fn total(platform: &Arc<Platform>, filter: &Arc<CallFilter>) -> Result<u64, Refused> {
    let asked = Arc::clone(filter);
    let count = platform.read(move |views| views.call_count(&asked)).await?;
    let mut total = count.counted;
    for slot in count.unread {
        let records = batch(platform, slot.position).await?;
        let wanted = records.iter().filter(|record| filter.matches(slot, record)).count();
        total = total.saturating_add(u64::try_from(wanted).unwrap_or(u64::MAX));
    }
    Ok(total)
}

fn newest_first(
    records: Vec<UsageRecord>,
    slot: Slot,
    filter: &CallFilter,
    after: Option<Place>,
) -> impl Iterator<Item = (Place, UsageRecord)> {
    let places = (0..).map(move |index| Place { slot, index });
    let numbered: Vec<(Place, UsageRecord)> = places.zip(records).collect();
    let wanted = move |(place, record): &(Place, UsageRecord)| {
        filter.matches(slot, record) && after.is_none_or(|after| place.is_past(after))
    };
    numbered.into_iter().rev().filter(wanted)
}

/// The records of a batch that the views know.
pub async fn batch(platform: &Platform, position: Position) -> Result<Vec<UsageRecord>, Refused> {
    records(&event(platform, position).await?)
}

async fn event(platform: &Platform, position: Position) -> Result<StoredEvent, Refused> {
    Ok(platform.log.event_at(position).await?.ok_or_else(Fault::incomplete)?)
}

fn records(stored: &StoredEvent) -> Result<Vec<UsageRecord>, Refused> {
    let event = decode_own::<Event>(stored).map_err(|error| Fault::internal(&error))?.event;
    Ok(event.into_records())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use kernel::id::{AgreementId, ListingId, OrganizationId};
    use metering::published::usage::RecordKind;
    use uuid::Uuid;
    use views::calls::CallsWithin;
    use views::usage_series::{UsageFilter, UsageOf};

    const BUYER: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
    const OTHER: OrganizationId = OrganizationId::new(Uuid::from_u128(2));

    fn record(sequence: u64, buyer: OrganizationId) -> UsageRecord {
        UsageRecord {
            invocation: InvocationId::new(Uuid::from_u128(u128::from(sequence))),
            kind: RecordKind::Call,
            agreement: AgreementId::new(Uuid::nil()),
            sequence,
            buyer,
            seller: OTHER,
            capability: Some("pinyin".parse().unwrap()),
            listing: ListingId::new(Uuid::nil()),
            principal: "key_1".into(),
            lines: Vec::new(),
            price_version: 1,
            admitted_at: Timestamp::UNIX_EPOCH,
            settled_at: Timestamp::UNIX_EPOCH,
            period_start: Timestamp::UNIX_EPOCH,
            billed_start: Timestamp::UNIX_EPOCH,
            key_hash: [0; 32],
            payload_hash: [0; 32],
        }
    }

    fn place(hour: i64, position: u64, index: u32) -> Place {
        Place { slot: Slot { hour, position: Position(position) }, index }
    }

    fn listed(after: Option<Place>) -> Vec<u64> {
        let records = vec![record(10, BUYER), record(11, OTHER), record(12, BUYER), record(13, BUYER)];
        let within = CallsWithin::Span { from: None, until: None };
        let filter = CallFilter { of: UsageOf::Buyer(BUYER), usage: UsageFilter::default(), class: None, within };
        let found = newest_first(records, Slot { hour: 0, position: Position(7) }, &filter, after);
        found.map(|(_, record)| record.sequence).collect()
    }

    #[test]
    fn a_list_is_newest_first_and_holds_nobody_elses_calls() {
        assert_eq!(listed(None), [13, 12, 10]);
    }

    #[test]
    fn a_page_goes_on_past_its_cursor() {
        assert_eq!(listed(Some(place(0, 7, 2))), [10]);
        assert_eq!(listed(Some(place(0, 9, 0))), [13, 12, 10]);
        assert_eq!(listed(Some(place(1, 3, 0))), [13, 12, 10]);
    }

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let (place, incarnation) = (place(500_000, 41, 3), Incarnation(Uuid::from_u128(7)));
        let cursor = place.cursor(incarnation);
        assert_eq!(Place::parse(cursor.as_str(), incarnation).ok(), Some(place));
        assert!(Place::parse(cursor.as_str(), Incarnation(Uuid::from_u128(8))).is_err());
        for text in ["", "41", "41.3", "1.41.", "1.41.-3", ".41.3", "1.41.3.1", "1.41.4294967296"] {
            for text in [text.to_owned(), format!("{}.{text}", incarnation.mark())] {
                assert!(Place::parse(&text, incarnation).is_err(), "{text}");
            }
        }
        assert!(Place::parse("1.41.3", incarnation).is_err(), "of no history");
    }
}
