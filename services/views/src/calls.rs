//! Lists of calls: in which batches they are, newest first, and how many there are.
//!
//! The hours with calls are found in the sums, the batches of an hour in their table, the calls in the log. So a page
//! costs what it shows, however many calls there are and however few of them are wanted. Hours go from the newest to
//! the oldest, and within an hour batches as they were recorded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::meter::Meter;
use kernel::period::Period;
use metering::published::usage::UsageRecord;
use rusqlite::{Connection, params_from_iter};

use crate::page::Conditions;
use crate::sql::{self, Instant, Json, Text};
use crate::store::{Fault, Views};
use crate::usage::hour;
use crate::usage_series::{UsageFilter, UsageOf};
use crate::usage_sums::is_value_added;

/// The most batches of one answer.
pub const BATCHES_MAX: u32 = 1000;
pub(crate) const AMONG: &str = "o.id IN (SELECT value FROM json_each(?))";

/// What a call's units are charged as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallClass {
    /// All of them are free.
    Free,
    /// At least one is charged.
    ValueAdded,
}

/// When calls were admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallsWithin {
    /// From an instant, until before another; open where there is none.
    Span {
        /// The first instant inside.
        from: Option<Timestamp>,
        /// The first instant after.
        until: Option<Timestamp>,
    },
    /// In a billing period of one agreement, and on the invoice of one.
    Period {
        /// The agreement.
        agreement: AgreementId,
        /// The period in which they were used.
        period: Period,
        /// The start of the period whose invoice they are on: the same, unless they were reported late.
        billed_start: Timestamp,
    },
    /// On one invoice.
    Invoice {
        /// The agreement.
        agreement: AgreementId,
        /// The start of the invoice's period.
        billed_start: Timestamp,
        /// From the first instant of which it has calls until its end: begins before its period where some were
        /// reported late.
        used: Period,
    },
}

/// Which calls. In a period they are filtered by meter only, on an invoice not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFilter {
    /// Whose.
    pub of: UsageOf,
    /// Of what.
    pub usage: UsageFilter,
    /// Only of this class.
    pub class: Option<CallClass>,
    /// When.
    pub within: CallsWithin,
}

/// Calls of one hour in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The hour in which they were admitted, counted from 1970, UTC.
    pub hour: i64,
    /// The batch.
    pub position: Position,
}

/// How many calls there are: those counted, and those in slots that have to be read for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls that are surely wanted.
    pub counted: u64,
    /// Slots that hold wanted and unwanted ones.
    pub unread: Vec<Slot>,
}

impl CallFilter {
    /// The calls behind the usage of one meter in a period, on the invoice of the one that starts at `billed_start`.
    pub fn of_period(agreement: AgreementId, period: Period, billed_start: Timestamp, meter: Meter) -> Self {
        let usage = UsageFilter { meter: Some(meter), ..UsageFilter::default() };
        let within = CallsWithin::Period { agreement, period, billed_start };
        Self { of: UsageOf::Agreement(agreement), usage, class: None, within }
    }

    /// All calls on the invoice of the period that starts at `billed_start`, used within a span.
    pub fn of_invoice(agreement: AgreementId, billed_start: Timestamp, used: Period) -> Self {
        let within = CallsWithin::Invoice { agreement, billed_start, used };
        Self { of: UsageOf::Agreement(agreement), usage: UsageFilter::default(), class: None, within }
    }

    /// Whether a call of a slot is wanted.
    pub fn matches(&self, slot: Slot, record: &UsageRecord) -> bool {
        hour(record.admitted_at) == slot.hour && self.is_whose(record) && self.is_of(record) && self.is_within(record)
    }

    fn is_whose(&self, record: &UsageRecord) -> bool {
        match self.of {
            UsageOf::Agreement(id) => record.agreement == id,
            UsageOf::Buyer(id) => record.buyer == id,
            UsageOf::Seller(id) => record.seller == id,
            UsageOf::Platform => true,
        }
    }

    fn is_of(&self, record: &UsageRecord) -> bool {
        let UsageFilter { agreement, capability, listing, principal, meter } = &self.usage;
        agreement.is_none_or(|agreement| record.agreement == agreement)
            && capability.as_ref().is_none_or(|capability| record.capability.as_ref() == Some(capability))
            && listing.is_none_or(|listing| record.listing == listing)
            && principal.as_ref().is_none_or(|principal| *record.principal == **principal)
            && meter.is_none_or(|meter| record.lines.iter().any(|line| line.meter == meter))
            && self.class.is_none_or(|class| is_value_added(record) == (class == CallClass::ValueAdded))
    }

    fn is_within(&self, record: &UsageRecord) -> bool {
        // Usage is recorded to the microsecond.
        let same = |left: Timestamp, right: Timestamp| left.as_microsecond() == right.as_microsecond();
        match self.within {
            CallsWithin::Span { from, until } => {
                from.is_none_or(|from| record.admitted_at >= from)
                    && until.is_none_or(|until| record.admitted_at < until)
            }
            CallsWithin::Period { agreement, period, billed_start } => {
                record.agreement == agreement
                    && same(record.period_start, period.start)
                    && same(record.billed_start, billed_start)
            }
            CallsWithin::Invoice { agreement, billed_start, .. } => {
                record.agreement == agreement && same(record.billed_start, billed_start)
            }
        }
    }

    /// The hours that can hold wanted calls, first and last.
    fn hours(&self) -> (i64, i64) {
        let (from, until) = match self.within {
            CallsWithin::Span { from, until } => (from, until),
            CallsWithin::Period { period: span, .. } | CallsWithin::Invoice { used: span, .. } => {
                (Some(span.start), Some(span.end))
            }
        };
        let last = |until: Timestamp| hour(until.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(until));
        (from.map_or(i64::MIN, hour), until.map_or(i64::MAX, last))
    }

    /// The class, as a condition on columns of calls.
    const fn class(&self) -> &'static str {
        match self.class {
            None => "TRUE",
            Some(CallClass::Free) => "calls > value_added_calls",
            Some(CallClass::ValueAdded) => "value_added_calls > 0",
        }
    }

    /// How many calls of the class a row has.
    const fn calls(&self) -> &'static str {
        match self.class {
            None => "calls",
            Some(CallClass::Free) => "calls - value_added_calls",
            Some(CallClass::ValueAdded) => "value_added_calls",
        }
    }

    /// The table of sums that shows the hours with wanted calls, and which of its rows.
    fn sums(&self) -> rusqlite::Result<(&'static str, Conditions)> {
        Ok(match self.usage.meter {
            None => ("calls_hour", Conditions::default()),
            Some(meter) => ("usage_hour", Conditions::default().and_if("meter = ?", Some(Text(meter)))?),
        })
    }

    /// Of these the rows up to an hour.
    pub(crate) fn sums_until(&self, hour: i64) -> rusqlite::Result<(&'static str, Conditions)> {
        let ((table, sums), (first, last)) = (self.sums()?, self.hours());
        Ok((table, sums.and_if("hour >= ?", Some(first))?.and_if("hour <= ?", Some(last.min(hour)))?))
    }
}

impl Views {
    /// Slots from one on, or from the newest, newest first; at most `max` and [`BATCHES_MAX`]. A slot at the edge of a
    /// span may hold no wanted call.
    pub fn call_slots(&self, filter: &CallFilter, from: Option<Slot>, max: u32) -> Result<Vec<Slot>, Fault> {
        self.read(|connection| Ok(slots(connection, filter, from, max.min(BATCHES_MAX))?))
    }

    /// How many calls there are.
    pub fn call_count(&self, filter: &CallFilter) -> Result<CallCount, Fault> {
        self.read(|connection| {
            let counted = match filter.within {
                CallsWithin::Span { from, until } => return Ok(span_count(connection, filter, from, until)?),
                CallsWithin::Period { agreement, period, billed_start } => {
                    period_count(connection, agreement, (period.start, billed_start), filter.usage.meter)?
                }
                CallsWithin::Invoice { agreement, billed_start, .. } => {
                    invoice_count(connection, agreement, billed_start)?
                }
            };
            Ok(CallCount { counted, unread: Vec::new() })
        })
    }
}

fn slots(connection: &Connection, filter: &CallFilter, from: Option<Slot>, max: u32) -> rusqlite::Result<Vec<Slot>> {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let last = from.map_or(i64::MAX, |slot| slot.hour);
    let mut hours = Hours::default();
    hours.add(connection, filter, &filter.usage.origins(filter.of)?, last)?;
    let mut found = Vec::new();
    while let Some((hour, origins)) = hours.0.pop_last() {
        let last = from.filter(|slot| slot.hour == hour).map_or(i64::MAX, |slot| signed(slot.position));
        let missing = max.saturating_sub(found.len());
        let batches = newest_batches(connection, filter, (hour, &origins), last, missing)?;
        found.extend(batches.into_iter().rev().map(|position| Slot { hour, position }));
        if found.len() >= max {
            break;
        }
        let origins = Conditions::default().and_if(AMONG, Some(Json(origins)))?;
        hours.add(connection, filter, &origins, hour.saturating_sub(1))?;
    }
    Ok(found)
}

fn signed(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// Of every origin the newest hour with wanted calls that is not walked yet, so that an hour costs those in it alone.
#[derive(Default)]
struct Hours(BTreeMap<i64, Vec<i64>>);

impl Hours {
    /// Adds of each of these origins its newest hour up to one, where it has any: by one look per origin.
    fn add(
        &mut self,
        connection: &Connection,
        filter: &CallFilter,
        origins: &Conditions,
        last: i64,
    ) -> rusqlite::Result<()> {
        let sums = filter.sums_until(last)?;
        let text = newest_hours_sql(filter, &sums, origins);
        let mut statement = connection.prepare_cached(&text)?;
        let mut rows = statement.query(params_from_iter(sums.1.values().chain(origins.values())))?;
        while let Some(row) = rows.next()? {
            if let Some(hour) = row.get("hour")? {
                self.0.entry(hour).or_default().push(row.get("origin")?);
            }
        }
        Ok(())
    }
}

pub(crate) fn newest_hours_sql(
    filter: &CallFilter,
    (table, sums): &(&str, Conditions),
    origins: &Conditions,
) -> String {
    format!(
        "SELECT o.id AS origin,
            (SELECT hour FROM {table} WHERE origin = o.id AND {} AND {} ORDER BY hour DESC LIMIT 1) AS hour
         FROM usage_origin o WHERE {}",
        filter.class(),
        sums.sql(),
        origins.sql()
    )
}

/// The newest batches of an hour that are not past a position and hold calls of these origins.
fn newest_batches(
    connection: &Connection,
    filter: &CallFilter,
    (hour, origins): (i64, &[i64]),
    last: i64,
    max: usize,
) -> rusqlite::Result<BTreeSet<Position>> {
    let mut statement = connection.prepare_cached(&batches_sql(filter))?;
    let limit = i64::try_from(max).unwrap_or(i64::MAX);
    let mut newest = BTreeSet::new();
    for origin in origins {
        // Once there are enough, older ones of other origins are not wanted.
        let oldest = newest.first().filter(|_| newest.len() >= max).copied().map_or(i64::MIN, signed);
        let mut rows = statement.query((origin, hour, oldest, last, limit))?;
        while let Some(row) = rows.next()? {
            newest.insert(Position(sql::whole(row, "position")?));
        }
        while newest.len() > max {
            newest.pop_first();
        }
    }
    Ok(newest)
}

pub(crate) fn batches_sql(filter: &CallFilter) -> String {
    format!(
        "SELECT position FROM usage_batch WHERE origin = ?1 AND hour = ?2 AND position > ?3 AND position <= ?4 AND {}
         ORDER BY position DESC LIMIT ?5",
        filter.class()
    )
}

/// The calls of a billing period that used a meter: its sums know.
fn period_count(
    connection: &Connection,
    agreement: AgreementId,
    (used, billed): (Timestamp, Timestamp),
    meter: Option<Meter>,
) -> rusqlite::Result<u64> {
    let conditions = Conditions::default()
        .and_if("agreement = ?", Some(Text(agreement)))?
        .and_if("billed_start = ?", Some(Instant(billed)))?
        .and_if("period_start = ?", Some(Instant(used)))?
        .and_if("meter = ?", meter.map(Text))?;
    sum_of_calls(connection, "period_usage", &conditions)
}

/// The calls of an invoice, each once whatever it used.
fn invoice_count(connection: &Connection, agreement: AgreementId, billed: Timestamp) -> rusqlite::Result<u64> {
    let conditions = Conditions::default()
        .and_if("agreement = ?", Some(Text(agreement)))?
        .and_if("billed_start = ?", Some(Instant(billed)))?;
    sum_of_calls(connection, "period_range", &conditions)
}

fn sum_of_calls(connection: &Connection, table: &str, conditions: &Conditions) -> rusqlite::Result<u64> {
    let text = format!("SELECT COALESCE(SUM(calls), 0) AS calls FROM {table} WHERE {}", conditions.sql());
    let counted = sql::one(connection, &text, params_from_iter(conditions.values()), |row| sql::whole(row, "calls"))?;
    Ok(counted.unwrap_or_default())
}

/// The calls of a span: whole hours from the sums, and of an hour that it cuts, batch by batch.
fn span_count(
    connection: &Connection,
    filter: &CallFilter,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> rusqlite::Result<CallCount> {
    let (first, last) = filter.hours();
    let mut cut: Vec<i64> = Vec::new();
    cut.extend(from.filter(|from| !is_whole(*from)).map(hour));
    cut.extend(until.filter(|until| !is_whole(*until)).map(hour));
    cut.dedup();
    cut.retain(|hour| (first..=last).contains(hour));
    let mut count = CallCount { counted: whole_hours(connection, filter, &cut)?, unread: Vec::new() };
    for hour in cut {
        cut_hour(connection, filter, (from, until), hour, &mut count)?;
    }
    Ok(count)
}

fn is_whole(instant: Timestamp) -> bool {
    instant.as_nanosecond().rem_euclid(3_600_000_000_000) == 0
}

fn whole_hours(connection: &Connection, filter: &CallFilter, without: &[i64]) -> rusqlite::Result<u64> {
    let ((table, sums), (first, last)) = (filter.sums()?, filter.hours());
    let mut conditions = filter.usage.origins(filter.of)?;
    let sums_sql = sums.sql();
    conditions = conditions.and_if("u.hour >= ?", Some(first))?.and_if("u.hour <= ?", Some(last))?;
    for hour in without {
        conditions = conditions.and_if("u.hour <> ?", Some(*hour))?;
    }
    let text = format!(
        "SELECT COALESCE(SUM({}), 0) AS calls FROM usage_origin o CROSS JOIN {table} u ON u.origin = o.id
         WHERE {} AND {sums_sql}",
        filter.calls(),
        conditions.sql()
    );
    let values = conditions.values().chain(sums.values());
    let counted = sql::one(connection, &text, params_from_iter(values), |row| sql::whole(row, "calls"))?;
    Ok(counted.unwrap_or_default())
}

/// Adds the calls of an hour that the span cuts. Most of its batches lie on one side of the cut.
fn cut_hour(
    connection: &Connection,
    filter: &CallFilter,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    hour: i64,
    count: &mut CallCount,
) -> rusqlite::Result<()> {
    let conditions = filter.usage.origins(filter.of)?.and_if("b.hour = ?", Some(hour))?;
    let text = format!(
        "SELECT b.position, SUM({}) AS calls, MIN(b.first_at) AS first_at, MAX(b.last_at) AS last_at
         FROM usage_origin o CROSS JOIN usage_batch b ON b.origin = o.id
         WHERE {} AND {} GROUP BY b.position ORDER BY b.position DESC",
        filter.calls(),
        conditions.sql(),
        filter.class()
    );
    let mut statement = connection.prepare_cached(&text)?;
    let mut rows = statement.query(params_from_iter(conditions.values()))?;
    while let Some(row) = rows.next()? {
        let (first_at, last_at) = (sql::instant(row, "first_at")?, sql::instant(row, "last_at")?);
        let outside = from.is_some_and(|from| last_at < from) || until.is_some_and(|until| first_at >= until);
        let inside = from.is_none_or(|from| first_at >= from) && until.is_none_or(|until| last_at < until);
        if outside {
            continue;
        }
        if inside && filter.usage.meter.is_none() {
            count.counted = count.counted.saturating_add(sql::whole(row, "calls")?);
        } else {
            count.unread.push(Slot { hour, position: Position(sql::whole(row, "position")?) });
        }
    }
    Ok(())
}
