//! Usage: sums per hour and per period, where each batch is, and which idempotency keys were used.
//!
//! Deliberately absent: a row per invocation. A single one is decoded from its batch, which is found by the
//! invocation's time-ordered id.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::event::{Position, Recorded, StreamName};
use kernel::id::{AgreementId, InvocationId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use metering::published::usage::{Event, MeterUsage, PeriodUsage, SequenceRange, Split, UsageRecord};
use rusqlite::{Connection, Row};

use crate::projection::ApplyError;
use crate::sql::{self, Instant, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE usage_batch_second (
        second INTEGER NOT NULL,
        position INTEGER NOT NULL,
        first_invocation TEXT NOT NULL,
        last_invocation TEXT NOT NULL,
        PRIMARY KEY (second, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_batch_agreement (
        agreement TEXT NOT NULL,
        position INTEGER NOT NULL,
        buyer TEXT NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (agreement, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX usage_batch_buyer ON usage_batch_agreement (buyer, position, calls);
    CREATE TABLE usage_hour (
        agreement TEXT NOT NULL,
        hour INTEGER NOT NULL,
        capability TEXT NOT NULL,
        principal TEXT NOT NULL,
        meter TEXT NOT NULL,
        free INTEGER NOT NULL,
        value_added INTEGER NOT NULL,
        PRIMARY KEY (agreement, hour, capability, principal, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE calls_hour (
        agreement TEXT NOT NULL,
        hour INTEGER NOT NULL,
        capability TEXT NOT NULL,
        principal TEXT NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (agreement, hour, capability, principal)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE period_usage (
        agreement TEXT NOT NULL,
        period_start INTEGER NOT NULL,
        meter TEXT NOT NULL,
        free INTEGER NOT NULL,
        value_added INTEGER NOT NULL,
        PRIMARY KEY (agreement, period_start, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE period_range (
        agreement TEXT NOT NULL,
        period_start INTEGER NOT NULL,
        stream TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (agreement, period_start, stream)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE idempotency (
        key_hash BLOB PRIMARY KEY,
        position INTEGER NOT NULL,
        ordinal INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

const SECONDS_PER_HOUR: i64 = 3600;
/// The most batches of one answer.
pub const BATCHES_MAX: u32 = 1000;

/// How many calls of an agreement or a buyer are in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchCalls {
    /// Where the batch is.
    pub position: Position,
    /// How many of its records are theirs.
    pub calls: u64,
}

/// What an agreement used in a period that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// The agreement.
    pub agreement: AgreementId,
    /// The start of the period, to the microsecond.
    pub period_start: Timestamp,
    /// What was used.
    pub usage: PeriodUsage,
}

/// Where the record of an idempotency key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The batch.
    pub position: Position,
    /// The record's index in it, from 0.
    pub ordinal: u32,
}

/// Whose batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchesOf {
    /// Those with calls under an agreement.
    Agreement(AgreementId),
    /// Those with calls of a buyer.
    Buyer(OrganizationId),
}

impl Views {
    /// Where the record of an idempotency key is. Looks at half of the hash, which is on its own too long to collide
    /// by chance; the record itself holds the whole.
    pub fn seen(&self, key_hash: &[u8; 32]) -> Result<Option<Seen>, Fault> {
        let text = "SELECT position, ordinal FROM idempotency WHERE key_hash = ?1";
        self.one(text, [short(key_hash)], |row| Ok(Seen { position: position(row)?, ordinal: row.get("ordinal")? }))
    }

    /// The batches that can hold an invocation, oldest first: few, often one. They hold others made within the same
    /// second, before and after it.
    pub fn invocation_batches(&self, id: InvocationId) -> Result<Vec<Position>, Fault> {
        let text = "SELECT position FROM usage_batch_second
            WHERE second = ?1 AND first_invocation <= ?2 AND last_invocation >= ?2 ORDER BY position";
        self.all(text, (second(id), Text(id)), position)
    }

    /// The batches before a position, or the last ones, newest first; at most `max` and [`BATCHES_MAX`].
    pub fn batches(&self, of: BatchesOf, before: Option<Position>, max: u32) -> Result<Vec<BatchCalls>, Fault> {
        let (column, id) = match of {
            BatchesOf::Agreement(id) => ("agreement", id.to_string()),
            BatchesOf::Buyer(id) => ("buyer", id.to_string()),
        };
        let text = format!(
            "SELECT position, SUM(calls) AS calls FROM usage_batch_agreement
             WHERE {column} = ?1 AND position < ?2 GROUP BY position ORDER BY position DESC LIMIT ?3"
        );
        let before = before.map_or(i64::MAX, |before| i64::try_from(before.0).unwrap_or(i64::MAX));
        self.all(&text, (id, before, max.min(BATCHES_MAX)), |row| {
            Ok(BatchCalls { position: position(row)?, calls: sql::whole(row, "calls")? })
        })
    }

    /// Everything an agreement used within the period that starts at `start`; nothing where it used nothing.
    pub fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, Fault> {
        self.read(|connection| Ok(period_usage(connection, agreement, start)?))
    }

    /// What was used in every period that is still open, for the hot state.
    pub fn open_periods(&self) -> Result<Vec<OpenPeriod>, Fault> {
        let text = "SELECT DISTINCT r.agreement, r.period_start FROM period_range r
            JOIN agreement a ON a.id = r.agreement
            WHERE r.period_start >= COALESCE(a.closed_until, a.starts_at) ORDER BY a.position, r.period_start";
        self.read(|connection| {
            let read = |row: &Row<'_>| Ok((sql::text(row, "agreement")?, sql::instant(row, "period_start")?));
            let open: Vec<(AgreementId, Timestamp)> = sql::all(connection, text, [], read)?;
            open.into_iter().map(|(agreement, start)| Ok(open_period(connection, agreement, start)?)).collect()
        })
    }
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    sql::whole(row, "position").map(Position)
}

/// Half of a key's hash.
fn short(key_hash: &[u8; 32]) -> &[u8] {
    key_hash.split_at(16).0
}

/// The second in which a time-ordered id was made: its first 48 bits are milliseconds since 1970 (RFC 9562, UUIDv7).
fn second(id: InvocationId) -> i64 {
    i64::try_from((id.uuid().as_u128() >> 80) / 1000).unwrap_or(i64::MAX)
}

fn open_period(connection: &Connection, agreement: AgreementId, start: Timestamp) -> rusqlite::Result<OpenPeriod> {
    Ok(OpenPeriod { agreement, period_start: start, usage: period_usage(connection, agreement, start)? })
}

fn period_usage(connection: &Connection, agreement: AgreementId, start: Timestamp) -> rusqlite::Result<PeriodUsage> {
    let text = "SELECT meter, free, value_added FROM period_usage WHERE agreement = ?1 AND period_start = ?2";
    let mut meters = sql::all(connection, text, (Text(agreement), Instant(start)), read_meter)?;
    meters.sort_by_key(|usage| usage.meter);
    let text = "SELECT stream, first, last, calls FROM period_range
        WHERE agreement = ?1 AND period_start = ?2 ORDER BY stream";
    let ranges = sql::all(connection, text, (Text(agreement), Instant(start)), read_range)?;
    let calls = ranges.iter().map(|(_, calls)| *calls).fold(0, u64::saturating_add);
    Ok(PeriodUsage { meters, ranges: ranges.into_iter().map(|(range, _)| range).collect(), calls })
}

/// Reads a meter and its split.
pub(crate) fn read_meter(row: &Row<'_>) -> rusqlite::Result<MeterUsage> {
    let split =
        Split { free: Quantity(sql::whole(row, "free")?), value_added: Quantity(sql::whole(row, "value_added")?) };
    Ok(MeterUsage { meter: sql::text(row, "meter")?, split })
}

fn read_range(row: &Row<'_>) -> rusqlite::Result<(SequenceRange, u64)> {
    let range =
        SequenceRange { stream: row.get("stream")?, first: sql::whole(row, "first")?, last: sql::whole(row, "last")? };
    Ok((range, sql::whole(row, "calls")?))
}

/// The hour that an instant lies in, counted from 1970, UTC.
pub(crate) fn hour(instant: Timestamp) -> i64 {
    instant.as_second().div_euclid(SECONDS_PER_HOUR)
}

/// Where the calls of a group were made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    agreement: AgreementId,
    hour: i64,
    capability: Slug,
    principal: String,
}

/// Part of an agreement's usage stream.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    agreement: AgreementId,
    period_start: Timestamp,
    stream: StreamName,
}

/// Records `first` to `last`, of which `calls` belong to the period.
struct Range {
    first: u64,
    last: u64,
    calls: u64,
}

/// Usage of many batches, summed up before it meets the tables: many small batches touch the same few rows.
#[derive(Default)]
pub(crate) struct Sums {
    meters_by_hour: BTreeMap<(Place, Meter), Split>,
    calls_by_hour: BTreeMap<Place, u64>,
    meters_by_period: BTreeMap<(AgreementId, Timestamp, Meter), Split>,
    ranges: BTreeMap<Stretch, Range>,
}

/// Writes what belongs to this batch alone, and adds the rest to `sums`.
pub(crate) fn usage(to: &Connection, sums: &mut Sums, recorded: &Recorded<Event>) -> Result<(), ApplyError> {
    let Event::Recorded(batch) = &recorded.event;
    batch.records.iter().try_for_each(|record| sums.add(&recorded.stream, record))?;
    write_agreements(to, recorded.position, &batch.records)?;
    write_seconds(to, recorded.position, &batch.records)?;
    write_keys(to, recorded.position, &batch.records)?;
    Ok(())
}

impl Sums {
    fn add(&mut self, stream: &StreamName, record: &UsageRecord) -> Result<(), ApplyError> {
        let UsageRecord { agreement, period_start, .. } = *record;
        let place = Place {
            agreement,
            hour: hour(record.admitted_at),
            capability: record.capability.clone(),
            principal: record.principal.clone(),
        };
        for line in &record.lines {
            add(self.meters_by_period.entry((agreement, period_start, line.meter)).or_default(), line.split)?;
            add(self.meters_by_hour.entry((place.clone(), line.meter)).or_default(), line.split)?;
        }
        count(self.calls_by_hour.entry(place).or_default());
        let stretch = Stretch { agreement, period_start, stream: stream.clone() };
        let sequence = record.sequence;
        let range = self.ranges.entry(stretch).or_insert(Range { first: sequence, last: sequence, calls: 0 });
        range.first = range.first.min(sequence);
        range.last = range.last.max(sequence);
        count(&mut range.calls);
        Ok(())
    }

    /// Adds the sums to the tables.
    pub(crate) fn write(&self, to: &Connection) -> Result<(), ApplyError> {
        self.write_meters_by_hour(to)?;
        self.write_calls_by_hour(to)?;
        self.write_meters_by_period(to)?;
        self.write_ranges(to)?;
        Ok(())
    }

    fn write_meters_by_hour(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO usage_hour (agreement, hour, capability, principal, meter, free, value_added)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE
            SET free = free + excluded.free, value_added = value_added + excluded.value_added";
        for ((place, meter), split) in &self.meters_by_hour {
            let Place { agreement, hour, capability, principal } = place;
            let (free, value_added) = wholes(*split);
            sql::run(to, text, (Text(agreement), hour, Text(capability), principal, Text(meter), free, value_added))?;
        }
        Ok(())
    }

    fn write_calls_by_hour(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO calls_hour (agreement, hour, capability, principal, calls)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls";
        for (place, calls) in &self.calls_by_hour {
            let Place { agreement, hour, capability, principal } = place;
            sql::run(to, text, (Text(agreement), hour, Text(capability), principal, Whole(*calls)))?;
        }
        Ok(())
    }

    fn write_meters_by_period(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO period_usage (agreement, period_start, meter, free, value_added)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE
            SET free = free + excluded.free, value_added = value_added + excluded.value_added";
        for ((agreement, start, meter), split) in &self.meters_by_period {
            let (free, value_added) = wholes(*split);
            sql::run(to, text, (Text(agreement), Instant(*start), Text(meter), free, value_added))?;
        }
        Ok(())
    }

    fn write_ranges(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO period_range (agreement, period_start, stream, first, last, calls)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
            first = MIN(first, excluded.first), last = MAX(last, excluded.last), calls = calls + excluded.calls";
        for (Stretch { agreement, period_start, stream }, range) in &self.ranges {
            let (first, last, calls) = (Whole(range.first), Whole(range.last), Whole(range.calls));
            sql::run(to, text, (Text(agreement), Instant(*period_start), stream.as_str(), first, last, calls))?;
        }
        Ok(())
    }
}

fn add(sum: &mut Split, split: Split) -> Result<(), ApplyError> {
    let free = sum.free.checked_add(split.free).ok_or(ApplyError::Overflow)?;
    let value_added = sum.value_added.checked_add(split.value_added).ok_or(ApplyError::Overflow)?;
    *sum = Split { free, value_added };
    Ok(())
}

/// One more; the number of records in memory cannot leave 64 bits.
fn count(calls: &mut u64) {
    *calls = calls.saturating_add(1);
}

const fn wholes(split: Split) -> (Whole, Whole) {
    (Whole(split.free.0), Whole(split.value_added.0))
}

fn write_agreements(to: &Connection, position: Position, records: &[UsageRecord]) -> rusqlite::Result<()> {
    let mut calls: BTreeMap<(AgreementId, OrganizationId), u64> = BTreeMap::new();
    for record in records {
        count(calls.entry((record.agreement, record.buyer)).or_default());
    }
    let text = "INSERT INTO usage_batch_agreement (agreement, position, buyer, calls) VALUES (?1, ?2, ?3, ?4)";
    for ((agreement, buyer), calls) in calls {
        sql::run(to, text, (Text(agreement), Whole(position.0), Text(buyer), Whole(calls)))?;
    }
    Ok(())
}

fn write_seconds(to: &Connection, position: Position, records: &[UsageRecord]) -> rusqlite::Result<()> {
    let mut seconds: BTreeMap<i64, (InvocationId, InvocationId)> = BTreeMap::new();
    for id in records.iter().map(|record| record.invocation) {
        let (first, last) = seconds.entry(second(id)).or_insert((id, id));
        *first = id.min(*first);
        *last = id.max(*last);
    }
    let text = "INSERT INTO usage_batch_second (second, position, first_invocation, last_invocation)
        VALUES (?1, ?2, ?3, ?4)";
    for (second, (first, last)) in seconds {
        sql::run(to, text, (second, Whole(position.0), Text(first), Text(last)))?;
    }
    Ok(())
}

/// The first record of a key stays.
fn write_keys(to: &Connection, position: Position, records: &[UsageRecord]) -> rusqlite::Result<()> {
    let text = "INSERT OR IGNORE INTO idempotency (key_hash, position, ordinal) VALUES (?1, ?2, ?3)";
    let mut statement = to.prepare_cached(text)?;
    for (ordinal, record) in (0_u32..).zip(records) {
        statement.execute((short(&record.key_hash), Whole(position.0), ordinal))?;
    }
    Ok(())
}
