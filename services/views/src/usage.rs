//! Usage: sums per hour and per period, where each batch is, and which idempotency keys were used.
//!
//! What shares agreement, capability and caller has one *origin*, a small number by which the sums are kept.
//! Deliberately absent: a row per invocation. A single one is decoded from its batch, which is found by the
//! invocation's time-ordered id.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::event::{Position, Recorded};
use kernel::id::{AgreementId, InvocationId};
use kernel::meter::Quantity;
use metering::published::usage::{Event, MeterUsage, PeriodUsage, SequenceRange, Split, UsageRecord};
use rusqlite::{Connection, Row};

use crate::projection::ApplyError;
use crate::sql::{self, Instant, Text, Whole};
use crate::store::{Fault, Views};
use crate::usage_sums::{Origins, Sums};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE usage_origin (
        id INTEGER PRIMARY KEY,
        agreement TEXT NOT NULL,
        capability TEXT NOT NULL,
        principal TEXT NOT NULL,
        buyer TEXT NOT NULL,
        seller TEXT NOT NULL,
        listing TEXT NOT NULL,
        UNIQUE (agreement, capability, principal)
    ) STRICT;
    CREATE INDEX usage_origin_buyer ON usage_origin (buyer);
    CREATE INDEX usage_origin_seller ON usage_origin (seller);
    CREATE TABLE usage_batch (
        origin INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        position INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        value_added_calls INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        PRIMARY KEY (origin, hour, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_batch_second (
        second INTEGER NOT NULL,
        position INTEGER NOT NULL,
        first_invocation TEXT NOT NULL,
        last_invocation TEXT NOT NULL,
        PRIMARY KEY (second, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_hour (
        origin INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        meter TEXT NOT NULL,
        free INTEGER NOT NULL,
        value_added INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        value_added_calls INTEGER NOT NULL,
        charge TEXT,
        PRIMARY KEY (origin, hour, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE calls_hour (
        origin INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        value_added_calls INTEGER NOT NULL,
        PRIMARY KEY (origin, hour)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE period_usage (
        agreement TEXT NOT NULL,
        period_start INTEGER NOT NULL,
        meter TEXT NOT NULL,
        free INTEGER NOT NULL,
        value_added INTEGER NOT NULL,
        calls INTEGER NOT NULL,
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

/// Everything an agreement used within the period that starts at `start`.
pub(crate) fn period_usage(
    connection: &Connection,
    agreement: AgreementId,
    start: Timestamp,
) -> rusqlite::Result<PeriodUsage> {
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

/// Writes what belongs to this batch alone, and adds the rest to `sums`.
pub(crate) fn usage(
    to: &Connection,
    origins: &mut Origins,
    sums: &mut Sums,
    recorded: &Recorded<Event>,
) -> Result<(), ApplyError> {
    let Event::Recorded(batch) = &recorded.event;
    for record in &batch.records {
        let origin = origins.of(to, record)?;
        sums.add(recorded, &origin, record)?;
    }
    write_seconds(to, recorded.position, &batch.records)?;
    write_keys(to, recorded.position, &batch.records)?;
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
