//! Finds calls in the log: the views know which batch, the batch has the records.
//!
//! There is no row per call, so a list is read batch by batch, newest first, and a cursor is a place in a batch.

use std::sync::Arc;

use eventlog::codec::decode_own;
use eventlog::port::Filter;
use jiff::Timestamp;
use kernel::error::Rejection;
use kernel::event::Position;
use kernel::id::InvocationId;
use kernel::period::Period;
use metering::published::usage::{Event, UsageRecord};
use views::page::{Cursor, InvalidPage, Page};
use views::store::Views;
use views::usage::BatchesOf;
use views::usage_series::{SeriesError, UsageOf};

use crate::graphql::errors::{Fault, Refused, rule};
use crate::platform::Platform;

/// Where a record stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    position: Position,
    /// The record's index in its batch.
    index: u32,
}

impl Place {
    /// Reads a cursor.
    pub fn parse(cursor: &str) -> Result<Self, Refused> {
        Self::read(cursor).ok_or_else(|| rule(InvalidPage::Cursor.code(), InvalidPage::Cursor))
    }

    fn read(cursor: &str) -> Option<Self> {
        let (position, index) = cursor.split_once('.')?;
        Some(Self { position: Position(position.parse().ok()?), index: index.parse().ok()? })
    }

    fn cursor(self) -> Cursor {
        Cursor::new(format!("{}.{}", self.position.0, self.index))
    }

    /// Whether the place comes after another where the newest come first.
    fn is_past(self, other: Self) -> bool {
        (self.position, self.index) < (other.position, other.index)
    }
}

/// The record of a call, if there is one.
pub async fn find(platform: &Arc<Platform>, id: InvocationId) -> Result<Option<UsageRecord>, Refused> {
    let positions = platform.read(move |views| views.invocation_batches(id)).await?;
    for position in positions {
        let mut records = batch(platform, position).await?.into_iter();
        if let Some(record) = records.find(|record| record.invocation == id) {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// The `first` records past a place, newest first.
pub async fn page(
    platform: &Arc<Platform>,
    of: BatchesOf,
    first: usize,
    after: Option<Place>,
) -> Result<Page<UsageRecord>, Refused> {
    let (batches, total) = batches(platform, of, first, after).await?;
    let mut found = Vec::new();
    for position in batches {
        if found.len() > first {
            break;
        }
        found.extend(newest_first(batch(platform, position).await?, position, of, after));
    }
    let has_next = found.len() > first;
    found.truncate(first);
    let nodes = found.into_iter().map(|(place, record)| (place.cursor(), record)).collect();
    Ok(Page { nodes, has_next, total })
}

/// The batches that a page can need, and how many records the whole list has.
async fn batches(
    platform: &Arc<Platform>,
    of: BatchesOf,
    first: usize,
    after: Option<Place>,
) -> Result<(Vec<Position>, u64), Refused> {
    let before = after.map(|place| Position(place.position.0.saturating_add(1)));
    // Each batch holds at least one of the records, but that of the cursor may have nothing more.
    let batches_max = u32::try_from(first).unwrap_or(u32::MAX).saturating_add(2);
    let read = move |views: &Views| {
        let batches = views.batches(of, before, batches_max)?;
        let total = views.usage_totals(usage_of(of), ALL_TIME)?.calls;
        Ok::<_, SeriesError>((batches.into_iter().map(|batch| batch.position).collect(), total))
    };
    platform.read(read).await
}

const ALL_TIME: Period = Period { start: Timestamp::UNIX_EPOCH, end: Timestamp::MAX };

const fn usage_of(of: BatchesOf) -> UsageOf {
    match of {
        BatchesOf::Agreement(id) => UsageOf::Agreement(id),
        BatchesOf::Buyer(id) => UsageOf::Buyer(id),
    }
}

fn newest_first(
    records: Vec<UsageRecord>,
    position: Position,
    of: BatchesOf,
    after: Option<Place>,
) -> impl Iterator<Item = (Place, UsageRecord)> {
    let places = (0..).map(move |index| Place { position, index });
    let numbered: Vec<(Place, UsageRecord)> = places.zip(records).collect();
    let wanted = move |(place, record): &(Place, UsageRecord)| {
        concerns(of, record) && after.is_none_or(|after| place.is_past(after))
    };
    numbered.into_iter().rev().filter(wanted)
}

fn concerns(of: BatchesOf, record: &UsageRecord) -> bool {
    match of {
        BatchesOf::Agreement(id) => record.agreement == id,
        BatchesOf::Buyer(id) => record.buyer == id,
    }
}

/// The records of a batch that the views know.
async fn batch(platform: &Platform, position: Position) -> Result<Vec<UsageRecord>, Refused> {
    let before = position.0.checked_sub(1).map(Position);
    let page = platform.log.read_log(before, &Filter::All, 1).await?;
    let stored = page.events.into_iter().find(|event| event.position == position).ok_or_else(Fault::incomplete)?;
    let Event::Recorded(batch) = decode_own::<Event>(&stored).map_err(|error| Fault::internal(&error))?.event;
    Ok(batch.records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::{AgreementId, ListingId, OrganizationId};
    use uuid::Uuid;

    const BUYER: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
    const OTHER: OrganizationId = OrganizationId::new(Uuid::from_u128(2));

    fn record(sequence: u64, buyer: OrganizationId) -> UsageRecord {
        UsageRecord {
            invocation: InvocationId::new(Uuid::from_u128(u128::from(sequence))),
            agreement: AgreementId::new(Uuid::nil()),
            sequence,
            buyer,
            seller: OTHER,
            capability: "pinyin".parse().unwrap(),
            listing: ListingId::new(Uuid::nil()),
            principal: "key_1".to_owned(),
            lines: Vec::new(),
            price_version: 1,
            admitted_at: Timestamp::UNIX_EPOCH,
            settled_at: Timestamp::UNIX_EPOCH,
            period_start: Timestamp::UNIX_EPOCH,
            key_hash: [0; 32],
            payload_hash: [0; 32],
        }
    }

    fn listed(after: Option<Place>) -> Vec<u64> {
        let records = vec![record(10, BUYER), record(11, OTHER), record(12, BUYER), record(13, BUYER)];
        let found = newest_first(records, Position(7), BatchesOf::Buyer(BUYER), after);
        found.map(|(_, record)| record.sequence).collect()
    }

    #[test]
    fn a_list_is_newest_first_and_holds_nobody_elses_calls() {
        assert_eq!(listed(None), [13, 12, 10]);
    }

    #[test]
    fn a_page_goes_on_past_its_cursor() {
        assert_eq!(listed(Some(Place { position: Position(7), index: 2 })), [10]);
        assert_eq!(listed(Some(Place { position: Position(9), index: 0 })), [13, 12, 10]);
    }

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let place = Place { position: Position(41), index: 3 };
        assert_eq!(Place::parse(place.cursor().as_str()).ok(), Some(place));
        for text in ["", "41", "41.", "41.-3", ".3", "41.3.1", "41.4294967296"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
