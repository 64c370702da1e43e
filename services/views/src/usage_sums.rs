//! Usage of many batches, summed up before it meets the tables: many small batches touch the same few rows.
//!
//! A price per unit charges sums as it charges calls. By any other price what a call adds depends on those before it,
//! so its exact charge is summed up here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use agreements::published::agreement::Accepted;
use agreements::published::rating;
use agreements::published::terms::Price;
use jiff::Timestamp;
use kernel::event::{Position, StreamName};
use kernel::exact::{self, Exact};
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use metering::published::usage::{Split, UsageLine, UsageRecord};
use rusqlite::Connection;

use crate::agreements::open_if_used;
use crate::projection::ApplyError;
use crate::sql::{self, Amount, Instant, Json, Text, Whole};
use crate::usage::hour;

/// By a hash that is quick, and seeded: every record is looked up.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Where usage comes from. Remembers what the tables say, so that most records need no look-up; to be thrown away
/// when a transaction is undone.
#[derive(Debug, Default)]
pub(crate) struct Origins(Map<AgreementId, Known>);

#[derive(Debug, Default)]
struct Known {
    ids: Map<Option<Slug>, Map<Arc<str>, i64>>,
    /// Prices by which the charge of a sum is not the sum of the charges.
    uneven: Vec<(Meter, Price)>,
}

/// Where one record comes from, and how it is priced.
pub(crate) struct Origin<'a> {
    id: i64,
    uneven: &'a [(Meter, Price)],
}

impl Origins {
    /// The origin of a record; a new one is written down. Numbered by first appearance in the log.
    pub(crate) fn of(&mut self, to: &Connection, record: &UsageRecord) -> Result<Origin<'_>, ApplyError> {
        let known = match self.0.entry(record.agreement) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(Known::load(to, record.agreement)?),
        };
        let id = match known.id(record) {
            Some(id) => id,
            None => known.learn(to, record)?,
        };
        Ok(Origin { id, uneven: &known.uneven })
    }
}

impl Known {
    fn load(to: &Connection, agreement: AgreementId) -> rusqlite::Result<Self> {
        let text = "SELECT accepted FROM agreement WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| row.get("accepted").map(|Json(accepted): Json<Accepted>| accepted);
        let accepted = sql::one(to, text, [Text(agreement)], read)?;
        let meters = accepted.into_iter().flat_map(|accepted| accepted.terms.meters);
        let uneven = meters.filter_map(|terms| Some((terms.meter, terms.price.filter(|price| !is_even(price))?)));
        Ok(Self { ids: Map::default(), uneven: uneven.collect() })
    }

    fn id(&self, record: &UsageRecord) -> Option<i64> {
        self.ids.get(&record.capability)?.get(&record.principal).copied()
    }

    fn learn(&mut self, to: &Connection, record: &UsageRecord) -> rusqlite::Result<i64> {
        let text = "INSERT INTO usage_origin (agreement, capability, principal, buyer, seller, listing)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let capability = record.capability.as_ref().map_or("", Slug::as_str);
        let (agreement, principal) = (Text(record.agreement), &record.principal);
        let parties = (Text(record.buyer), Text(record.seller), Text(record.listing));
        sql::run(to, text, (&agreement, &capability, principal, parties.0, parties.1, parties.2))?;
        let text = "SELECT id FROM usage_origin WHERE agreement = ?1 AND capability = ?2 AND principal = ?3";
        let id = sql::one(to, text, (agreement, capability, principal), |row| row.get("id"))?;
        let id = id.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        self.ids.entry(record.capability.clone()).or_default().insert(record.principal.clone(), id);
        Ok(id)
    }
}

/// Whether the charge of a sum of units is the sum of their charges.
pub(crate) const fn is_even(price: &Price) -> bool {
    match price {
        Price::PerUnit { .. } => true,
        Price::Package { .. } | Price::Graduated { .. } | Price::Volume { .. } => false,
    }
}

/// Calls, and how many of them have a `VALUE_ADDED` unit.
#[derive(Clone, Copy, Default)]
struct Calls {
    all: u64,
    value_added: u64,
}

impl Calls {
    /// One more; the number of records in memory cannot leave 64 bits.
    const fn count(&mut self, is_value_added: bool) {
        self.all = self.all.saturating_add(1);
        if is_value_added {
            self.value_added = self.value_added.saturating_add(1);
        }
    }

    const fn add(&mut self, other: Self) {
        self.all = self.all.saturating_add(other.all);
        self.value_added = self.value_added.saturating_add(other.value_added);
    }
}

/// What was used on a meter.
#[derive(Default)]
struct MeterSum {
    split: Split,
    calls: Calls,
    charge: Option<Exact>,
}

impl MeterSum {
    fn count(&mut self, line: &UsageLine, uneven: &[(Meter, Price)]) -> Result<(), ApplyError> {
        let charged = line.split.value_added != Quantity::ZERO;
        let price = uneven.iter().find(|(meter, _)| *meter == line.meter).filter(|_| charged);
        if let Some((_, price)) = price {
            self.charge(&rating::marginal(price, line.before, line.split.value_added));
        }
        self.calls.count(charged);
        self.split = added(self.split, line.split)?;
        Ok(())
    }

    fn charge(&mut self, charge: &Exact) {
        self.charge = Some(self.charge.take().map_or_else(|| charge.clone(), |sum| exact::add(&sum, charge)));
    }

    fn add(&mut self, other: &Self) -> Result<(), ApplyError> {
        if let Some(charge) = &other.charge {
            self.charge(charge);
        }
        self.add_uncharged(other)
    }

    fn add_uncharged(&mut self, other: &Self) -> Result<(), ApplyError> {
        self.calls.add(other.calls);
        self.split = added(self.split, other.split)?;
        Ok(())
    }
}

fn added(sum: Split, split: Split) -> Result<Split, ApplyError> {
    let free = sum.free.checked_add(split.free).ok_or(ApplyError::Overflow)?;
    let value_added = sum.value_added.checked_add(split.value_added).ok_or(ApplyError::Overflow)?;
    Ok(Split { free, value_added })
}

/// What records of one batch have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Group {
    place: Place,
    agreement: AgreementId,
    billed_start: Timestamp,
    period_start: Timestamp,
}

/// Records of one group.
struct Part {
    stay: Stay,
    range: Range,
    meters: BTreeMap<Meter, MeterSum>,
}

impl Part {
    /// Of no record; its range begins with `record`.
    fn before(record: &UsageRecord) -> Self {
        let (sequence, at) = (record.sequence, record.admitted_at);
        let stay = Stay { calls: Calls::default(), first_at: at, last_at: at };
        let range = Range { first: sequence, last: sequence, calls: 0, last_at: at };
        Self { stay, range, meters: BTreeMap::new() }
    }

    fn count(&mut self, record: &UsageRecord, uneven: &[(Meter, Price)]) -> Result<(), ApplyError> {
        let (sequence, at) = (record.sequence, record.admitted_at);
        let mut calls = Calls::default();
        calls.count(is_value_added(record));
        self.stay.add(&Stay { calls, first_at: at, last_at: at });
        self.range.add(&Range { first: sequence, last: sequence, calls: 1, last_at: at });
        record.lines.iter().try_for_each(|line| self.meters.entry(line.meter).or_default().count(line, uneven))
    }
}

/// The records of one batch, summed up by group before they meet the other sums: most are of the same few.
#[derive(Default)]
pub(crate) struct Parts(Map<Group, Part>);

impl Parts {
    /// Counts a record.
    pub(crate) fn count(&mut self, origin: &Origin<'_>, record: &UsageRecord) -> Result<(), ApplyError> {
        let UsageRecord { agreement, billed_start, period_start, admitted_at, .. } = *record;
        let group = Group { place: (origin.id, hour(admitted_at)), agreement, billed_start, period_start };
        self.0.entry(group).or_insert_with(|| Part::before(record)).count(record, origin.uneven)
    }
}

/// Part of an agreement's usage stream.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    agreement: AgreementId,
    billed_start: Timestamp,
    stream: StreamName,
}

/// Records `first` to `last`, of which `calls` are on the invoice of the period.
struct Range {
    first: u64,
    last: u64,
    calls: u64,
    last_at: Timestamp,
}

impl Range {
    fn add(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.calls = self.calls.saturating_add(other.calls);
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// An origin's number and an hour.
type Place = (i64, i64);

/// One origin's calls of one hour, in one batch.
struct Stay {
    calls: Calls,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl Stay {
    fn add(&mut self, other: &Self) {
        self.calls.add(other.calls);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// Usage, summed.
#[derive(Default)]
pub(crate) struct Sums {
    batches: BTreeMap<(Place, Position), Stay>,
    meters_by_hour: BTreeMap<(Place, Meter), MeterSum>,
    calls_by_hour: BTreeMap<Place, Calls>,
    /// By agreement, by the start of the period that is billed, and of the one they were used in.
    meters_by_period: BTreeMap<(AgreementId, Timestamp, Timestamp, Meter), MeterSum>,
    ranges: BTreeMap<Stretch, Range>,
}

impl Sums {
    /// Adds the records of the batch at a position of a stream.
    pub(crate) fn add(&mut self, position: Position, stream: &StreamName, parts: Parts) -> Result<(), ApplyError> {
        parts.0.into_iter().try_for_each(|(group, part)| self.add_part(position, stream, group, part))
    }

    fn add_part(
        &mut self,
        position: Position,
        stream: &StreamName,
        group: Group,
        part: Part,
    ) -> Result<(), ApplyError> {
        let Group { place, agreement, billed_start, period_start } = group;
        for (meter, sum) in &part.meters {
            self.meters_by_hour.entry((place, *meter)).or_default().add(sum)?;
            let period = (agreement, billed_start, period_start, *meter);
            self.meters_by_period.entry(period).or_default().add_uncharged(sum)?;
        }
        self.calls_by_hour.entry(place).or_default().add(part.stay.calls);
        let stretch = Stretch { agreement, billed_start, stream: stream.clone() };
        self.ranges.entry(stretch).and_modify(|range| range.add(&part.range)).or_insert(part.range);
        self.batches.entry((place, position)).and_modify(|stay| stay.add(&part.stay)).or_insert(part.stay);
        Ok(())
    }

    /// Adds the sums to the tables.
    pub(crate) fn write(&self, to: &Connection) -> Result<(), ApplyError> {
        self.write_batches(to)?;
        self.write_meters_by_hour(to)?;
        self.write_calls_by_hour(to)?;
        self.write_meters_by_period(to)?;
        self.write_ranges(to)?;
        let mut agreements: Vec<AgreementId> = self.ranges.keys().map(|stretch| stretch.agreement).collect();
        agreements.dedup();
        agreements.into_iter().try_for_each(|agreement| open_if_used(to, agreement))
    }

    fn write_batches(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO usage_batch (origin, hour, position, calls, value_added_calls, first_at, last_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        for (((origin, hour), position), Stay { calls, first_at, last_at }) in &self.batches {
            let (first_at, last_at) = (Instant(*first_at), Instant(*last_at));
            let counts = (Whole(calls.all), Whole(calls.value_added));
            sql::run(to, text, (origin, hour, Whole(position.0), counts.0, counts.1, first_at, last_at))?;
        }
        Ok(())
    }

    fn write_meters_by_hour(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO usage_hour
            (origin, hour, meter, free, value_added, calls, value_added_calls, charge)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE
            SET free = free + excluded.free, value_added = value_added + excluded.value_added,
            calls = calls + excluded.calls, value_added_calls = value_added_calls + excluded.value_added_calls,
            charge = COALESCE(excluded.charge, charge)";
        for (((origin, hour), meter), sum) in &self.meters_by_hour {
            let charge =
                sum.charge.as_ref().map(|charge| with_the_rows(to, (*origin, *hour), *meter, charge)).transpose()?;
            let (free, value_added) = (Whole(sum.split.free.0), Whole(sum.split.value_added.0));
            let calls = (Whole(sum.calls.all), Whole(sum.calls.value_added));
            sql::run(to, text, (origin, hour, Text(meter), free, value_added, calls.0, calls.1, charge.map(Amount)))?;
        }
        Ok(())
    }

    fn write_calls_by_hour(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO calls_hour (origin, hour, calls, value_added_calls)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE
            SET calls = calls + excluded.calls, value_added_calls = value_added_calls + excluded.value_added_calls";
        for ((origin, hour), calls) in &self.calls_by_hour {
            sql::run(to, text, (origin, hour, Whole(calls.all), Whole(calls.value_added)))?;
        }
        Ok(())
    }

    fn write_meters_by_period(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO period_usage
            (agreement, billed_start, period_start, meter, free, value_added, calls)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE
            SET free = free + excluded.free, value_added = value_added + excluded.value_added,
            calls = calls + excluded.calls";
        for ((agreement, billed, start, meter), sum) in &self.meters_by_period {
            let periods = (Instant(*billed), Instant(*start));
            let (free, value_added) = (Whole(sum.split.free.0), Whole(sum.split.value_added.0));
            let calls = Whole(sum.calls.all);
            sql::run(to, text, (Text(agreement), periods.0, periods.1, Text(meter), free, value_added, calls))?;
        }
        Ok(())
    }

    fn write_ranges(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO period_range (agreement, billed_start, stream, first, last, calls, last_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET
            first = MIN(first, excluded.first), last = MAX(last, excluded.last), calls = calls + excluded.calls,
            last_at = MAX(last_at, excluded.last_at)";
        for (Stretch { agreement, billed_start, stream }, range) in &self.ranges {
            let period = (Text(agreement), Instant(*billed_start), stream.as_str());
            let (first, last, calls) = (Whole(range.first), Whole(range.last), Whole(range.calls));
            sql::run(to, text, (period.0, period.1, period.2, first, last, calls, Instant(range.last_at)))?;
        }
        Ok(())
    }
}

/// Whether a call has a `VALUE_ADDED` unit.
pub(crate) fn is_value_added(record: &UsageRecord) -> bool {
    record.lines.iter().any(|line| line.split.value_added != Quantity::ZERO)
}

/// The charge together with what the row has.
fn with_the_rows(to: &Connection, (origin, hour): Place, meter: Meter, charge: &Exact) -> rusqlite::Result<Exact> {
    let text = "SELECT charge FROM usage_hour WHERE origin = ?1 AND hour = ?2 AND meter = ?3";
    let read = |row: &rusqlite::Row<'_>| row.get::<_, Option<Amount>>("charge");
    let before = sql::one(to, text, (origin, hour, Text(meter)), read)?.flatten();
    Ok(before.map_or_else(|| charge.clone(), |Amount(before)| exact::add(&before, charge)))
}
