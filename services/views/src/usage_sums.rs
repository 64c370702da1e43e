//! Usage of many batches, summed up before it meets the tables: many small batches touch the same few rows.
//!
//! A price per unit charges sums as it charges calls. By any other price what a call adds depends on those before it,
//! so its exact charge is summed up here.

use std::collections::{BTreeMap, HashMap};

use agreements::published::agreement::Accepted;
use agreements::published::rating;
use agreements::published::terms::Price;
use jiff::Timestamp;
use kernel::event::{Position, Recorded, StreamName};
use kernel::exact::{self, Exact};
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use kernel::slug::Slug;
use metering::published::usage::{Event, Split, UsageLine, UsageRecord};
use rusqlite::Connection;

use crate::projection::ApplyError;
use crate::sql::{self, Amount, Instant, Json, Text, Whole};
use crate::usage::hour;

/// Where usage comes from. Remembers what the tables say, so that most records need no look-up; to be thrown away
/// when a transaction is undone.
#[derive(Debug, Default)]
pub(crate) struct Origins(HashMap<AgreementId, Known>);

#[derive(Debug, Default)]
struct Known {
    ids: HashMap<Option<Slug>, HashMap<String, i64>>,
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
        Ok(Self { ids: HashMap::new(), uneven: uneven.collect() })
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
}

/// What was used on a meter.
#[derive(Default)]
struct MeterSum {
    split: Split,
    calls: Calls,
    charge: Option<Exact>,
}

impl MeterSum {
    fn add(&mut self, line: &UsageLine, uneven: &[(Meter, Price)]) -> Result<(), ApplyError> {
        let charged = line.split.value_added != Quantity::ZERO;
        let price = uneven.iter().find(|(meter, _)| *meter == line.meter).filter(|_| charged);
        if let Some((_, price)) = price {
            let charge = rating::marginal(price, line.before, line.split.value_added);
            self.charge = Some(self.charge.take().map_or_else(|| charge.clone(), |sum| exact::add(&sum, &charge)));
        }
        self.calls.count(charged);
        self.split = add(self.split, line.split)?;
        Ok(())
    }
}

fn add(sum: Split, split: Split) -> Result<Split, ApplyError> {
    let free = sum.free.checked_add(split.free).ok_or(ApplyError::Overflow)?;
    let value_added = sum.value_added.checked_add(split.value_added).ok_or(ApplyError::Overflow)?;
    Ok(Split { free, value_added })
}

/// Part of a batch: one origin's calls of one hour.
struct Part {
    calls: Calls,
    first_at: Timestamp,
    last_at: Timestamp,
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

/// An origin's number and an hour.
type Place = (i64, i64);

/// Usage, summed.
#[derive(Default)]
pub(crate) struct Sums {
    batches: BTreeMap<(Place, Position), Part>,
    meters_by_hour: BTreeMap<(Place, Meter), MeterSum>,
    calls_by_hour: BTreeMap<Place, Calls>,
    /// By agreement, by the start of the period that is billed, and of the one they were used in.
    meters_by_period: BTreeMap<(AgreementId, Timestamp, Timestamp, Meter), MeterSum>,
    ranges: BTreeMap<Stretch, Range>,
}

impl Sums {
    /// Adds a record of a batch.
    pub(crate) fn add(
        &mut self,
        batch: &Recorded<Event>,
        origin: &Origin<'_>,
        record: &UsageRecord,
    ) -> Result<(), ApplyError> {
        let place = (origin.id, hour(record.admitted_at));
        for line in &record.lines {
            self.meters_by_hour.entry((place, line.meter)).or_default().add(line, origin.uneven)?;
            let period = (record.agreement, record.billed_start, record.period_start, line.meter);
            self.meters_by_period.entry(period).or_default().add(line, &[])?;
        }
        let charged = is_value_added(record);
        self.calls_by_hour.entry(place).or_default().count(charged);
        self.add_part((place, batch.position), record.admitted_at, charged);
        self.add_range(&batch.stream, record);
        Ok(())
    }

    fn add_part(&mut self, of: (Place, Position), at: Timestamp, is_value_added: bool) {
        let fresh = Part { calls: Calls::default(), first_at: at, last_at: at };
        let part = self.batches.entry(of).or_insert(fresh);
        part.calls.count(is_value_added);
        part.first_at = part.first_at.min(at);
        part.last_at = part.last_at.max(at);
    }

    fn add_range(&mut self, stream: &StreamName, record: &UsageRecord) {
        let UsageRecord { agreement, billed_start, sequence, admitted_at, .. } = *record;
        let stretch = Stretch { agreement, billed_start, stream: stream.clone() };
        let fresh = Range { first: sequence, last: sequence, calls: 0, last_at: admitted_at };
        let range = self.ranges.entry(stretch).or_insert(fresh);
        range.first = range.first.min(sequence);
        range.last = range.last.max(sequence);
        range.calls = range.calls.saturating_add(1);
        range.last_at = range.last_at.max(admitted_at);
    }

    /// Adds the sums to the tables.
    pub(crate) fn write(&self, to: &Connection) -> Result<(), ApplyError> {
        self.write_batches(to)?;
        self.write_meters_by_hour(to)?;
        self.write_calls_by_hour(to)?;
        self.write_meters_by_period(to)?;
        self.write_ranges(to)?;
        Ok(())
    }

    fn write_batches(&self, to: &Connection) -> rusqlite::Result<()> {
        let text = "INSERT INTO usage_batch (origin, hour, position, calls, value_added_calls, first_at, last_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        for (((origin, hour), position), Part { calls, first_at, last_at }) in &self.batches {
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
            let charge = sum.charge.as_ref().map(|charge| added(to, (*origin, *hour), *meter, charge)).transpose()?;
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
fn added(to: &Connection, (origin, hour): Place, meter: Meter, charge: &Exact) -> rusqlite::Result<Exact> {
    let text = "SELECT charge FROM usage_hour WHERE origin = ?1 AND hour = ?2 AND meter = ?3";
    let read = |row: &rusqlite::Row<'_>| row.get::<_, Option<Amount>>("charge");
    let before = sql::one(to, text, (origin, hour, Text(meter)), read)?.flatten();
    Ok(before.map_or_else(|| charge.clone(), |Amount(before)| exact::add(&before, charge)))
}
