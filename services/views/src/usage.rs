//! Usage: sums per hour and per period, and where each batch is.
//!
//! What shares agreement, capability and caller has one *origin*, a small number by which the sums are kept.
//! Deliberately absent: a row per invocation. A single one is decoded from its batch, which is found by the
//! invocation's time-ordered id.

use std::collections::BTreeMap;

use eventlog::codec;
use eventlog::port::StoredEvent;
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::{AgreementId, InvocationId};
use kernel::meter::Quantity;
use kernel::period::Period;
use metering::published::usage::{
    CorrectedUsage, Correction, Event, MeterUsage, PeriodUsage, RecordKind, SequenceRange, Split, UsageRecord,
};
use metering::wire::each_record;
use rusqlite::{Connection, Row};

use crate::projection::ApplyError;
use crate::sql::{self, Instant, Text, Whole};
use crate::store::{Fault, Views};
use crate::usage_sums::{Origins, Parts, Sums};

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
    CREATE INDEX usage_batch_position ON usage_batch (position);
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
        billed_start INTEGER NOT NULL,
        period_start INTEGER NOT NULL,
        meter TEXT NOT NULL,
        free INTEGER NOT NULL,
        value_added INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        PRIMARY KEY (agreement, billed_start, period_start, meter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX period_usage_late ON period_usage (agreement, period_start) WHERE period_start <> billed_start;
    CREATE TABLE period_range (
        agreement TEXT NOT NULL,
        billed_start INTEGER NOT NULL,
        stream TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        PRIMARY KEY (agreement, billed_start, stream)
    ) STRICT, WITHOUT ROWID;
";

const SECONDS_PER_HOUR: i64 = 3600;

/// A closed period, and what was used in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// The period.
    pub period: Period,
    /// What is on its invoice, and what was reported later.
    pub usage: PeriodUsage,
}

/// What an agreement used in a period that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// The agreement.
    pub agreement: AgreementId,
    /// The start of the period, to the microsecond.
    pub period_start: Timestamp,
    /// The latest admission in it, to the microsecond.
    pub latest: Timestamp,
    /// What was used.
    pub usage: PeriodUsage,
}

impl Views {
    /// The batches that can hold a call, oldest first: few, often one. They hold others made within the same second,
    /// before and after it. Reports are found by their keys: [`crate::seen::SeenKeys::beginning`].
    pub fn invocation_batches(&self, id: InvocationId) -> Result<Vec<Position>, Fault> {
        let text = "SELECT position FROM usage_batch_second
            WHERE second = ?1 AND first_invocation <= ?2 AND last_invocation >= ?2 ORDER BY position";
        self.all(text, (second(id), Text(id)), position)
    }

    /// What is on the invoice of an agreement's period that starts at `start`; nothing where it used nothing.
    pub fn period_usage(&self, agreement: AgreementId, start: Timestamp) -> Result<PeriodUsage, Fault> {
        self.read(|connection| Ok(period_usage(connection, agreement, start)?))
    }

    /// The agreement's closed period that holds an instant, if there is one.
    pub fn closed_period(&self, agreement: AgreementId, at: Timestamp) -> Result<Option<ClosedPeriod>, Fault> {
        let text = "SELECT period_start, period_end FROM invoice WHERE agreement = ?1 AND period_start <= ?2
            AND period_end > ?2 ORDER BY period_start DESC LIMIT 1";
        self.read(|connection| {
            let read = |row: &Row<'_>| {
                Ok(Period { start: sql::instant(row, "period_start")?, end: sql::instant(row, "period_end")? })
            };
            let Some(period) = sql::one(connection, text, (Text(agreement), Instant(at)), read)? else {
                return Ok(None);
            };
            Ok(Some(ClosedPeriod { period, usage: period_usage(connection, agreement, period.start)? }))
        })
    }

    /// What was used in every period that is still open, for the hot state.
    pub fn open_periods(&self) -> Result<Vec<OpenPeriod>, Fault> {
        let text = "SELECT r.agreement, r.billed_start AS period_start, MAX(r.last_at) AS latest FROM period_range r
            JOIN agreement a ON a.id = r.agreement
            WHERE r.billed_start >= COALESCE(a.closed_until, a.starts_at)
            GROUP BY r.agreement, r.billed_start ORDER BY a.position, r.billed_start";
        self.read(|connection| {
            let read = |row: &Row<'_>| {
                let (agreement, period_start) = (sql::text(row, "agreement")?, sql::instant(row, "period_start")?);
                let usage = period_usage(connection, agreement, period_start)?;
                Ok(OpenPeriod { agreement, period_start, latest: sql::instant(row, "latest")?, usage })
            };
            Ok(sql::all(connection, text, [], read)?)
        })
    }
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    sql::whole(row, "position").map(Position)
}

/// The second in which a time-ordered id was made: its first 48 bits are milliseconds since 1970 (RFC 9562, UUIDv7).
fn second(id: InvocationId) -> i64 {
    i64::try_from((id.uuid().as_u128() >> 80) / 1000).unwrap_or(i64::MAX)
}

/// What is on the invoice of an agreement's period that starts at `start`.
pub(crate) fn period_usage(
    connection: &Connection,
    agreement: AgreementId,
    start: Timestamp,
) -> rusqlite::Result<PeriodUsage> {
    let of = || (Text(agreement), Instant(start));
    let text = "SELECT meter, free, value_added FROM period_usage
        WHERE agreement = ?1 AND billed_start = ?2 AND period_start = ?2";
    let meters = by_meter(sql::all(connection, text, of(), read_meter)?);
    let text = "SELECT meter, SUM(free) AS free, SUM(value_added) AS value_added FROM period_usage
        WHERE agreement = ?1 AND period_start = ?2 AND period_start <> billed_start GROUP BY meter";
    let late = by_meter(sql::all(connection, text, of(), read_meter)?);
    let text = "SELECT stream, first, last, calls FROM period_range
        WHERE agreement = ?1 AND billed_start = ?2 ORDER BY stream";
    let ranges = sql::all(connection, text, of(), read_range)?;
    let calls = ranges.iter().map(|(_, calls)| *calls).fold(0, u64::saturating_add);
    let ranges = ranges.into_iter().map(|(range, _)| range).collect();
    Ok(PeriodUsage { meters, corrections: corrections(connection, agreement, start)?, late, ranges, calls })
}

/// Whether anything is on an invoice of the agreement's periods from `start` on.
pub(crate) fn is_used_since(
    connection: &Connection,
    agreement: AgreementId,
    start: Timestamp,
) -> rusqlite::Result<bool> {
    let text = "SELECT 1 FROM period_range WHERE agreement = ?1 AND billed_start >= ?2 LIMIT 1";
    Ok(sql::one(connection, text, (Text(agreement), Instant(start)), |_| Ok(()))?.is_some())
}

fn by_meter(mut meters: Vec<MeterUsage>) -> Vec<MeterUsage> {
    meters.sort_by_key(|usage| usage.meter);
    meters
}

/// Late usage on the invoice of the period that starts at `start`, by the closed period it was used in.
fn corrections(connection: &Connection, agreement: AgreementId, start: Timestamp) -> rusqlite::Result<Vec<Correction>> {
    let text = "SELECT u.period_start, u.meter, u.free, u.value_added,
            (SELECT i.period_end FROM invoice i WHERE i.agreement = u.agreement AND i.period_start = u.period_start)
                AS period_end,
            (SELECT COALESCE(SUM(b.value_added), 0) FROM period_usage b WHERE b.agreement = u.agreement
                AND b.billed_start < ?2 AND b.period_start = u.period_start AND b.meter = u.meter) AS before
        FROM period_usage u WHERE u.agreement = ?1 AND u.billed_start = ?2 AND u.period_start <> ?2";
    let mut by_period: BTreeMap<Period, Vec<CorrectedUsage>> = BTreeMap::new();
    for (period, usage) in sql::all(connection, text, (Text(agreement), Instant(start)), read_corrected)? {
        by_period.entry(period).or_default().push(usage);
    }
    let correction = |(service, mut meters): (Period, Vec<CorrectedUsage>)| {
        meters.sort_by_key(|usage| usage.meter);
        Correction { service, meters }
    };
    Ok(by_period.into_iter().map(correction).collect())
}

fn read_corrected(row: &Row<'_>) -> rusqlite::Result<(Period, CorrectedUsage)> {
    let period = Period { start: sql::instant(row, "period_start")?, end: sql::instant(row, "period_end")? };
    let MeterUsage { meter, split } = read_meter(row)?;
    Ok((period, CorrectedUsage { meter, split, before: Quantity(sql::whole(row, "before")?) }))
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
    event: &StoredEvent,
) -> Result<(), ApplyError> {
    let (mut parts, mut seconds) = (Parts::default(), Seconds::default());
    let count = |record: &UsageRecord| {
        let origin = origins.of(to, record)?;
        seconds.count(record);
        parts.count(&origin, record)
    };
    match each_record(&event.kind, event.version, &event.data, &event.body, count) {
        Some(counted) => counted?,
        // A seal counts nothing.
        None => return Ok(codec::decode_own::<Event>(event).map(|_| ())?),
    }
    sums.add(event.position, &event.stream, parts)?;
    Ok(seconds.write(to, event.position)?)
}

/// The first and the last id of a batch's calls, by the second they were made in.
#[derive(Default)]
struct Seconds(BTreeMap<i64, (InvocationId, InvocationId)>);

impl Seconds {
    /// A report is found by its key.
    fn count(&mut self, record: &UsageRecord) {
        if record.kind == RecordKind::Call {
            let id = record.invocation;
            let (first, last) = self.0.entry(second(id)).or_insert((id, id));
            *first = id.min(*first);
            *last = id.max(*last);
        }
    }

    fn write(self, to: &Connection, position: Position) -> rusqlite::Result<()> {
        let text = "INSERT INTO usage_batch_second (second, position, first_invocation, last_invocation)
            VALUES (?1, ?2, ?3, ?4)";
        for (second, (first, last)) in self.0 {
            sql::run(to, text, (second, Whole(position.0), Text(first), Text(last)))?;
        }
        Ok(())
    }
}
