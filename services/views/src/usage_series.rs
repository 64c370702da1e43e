//! Usage over time and by what it was for, for buyers, sellers and the operator.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kernel::exact::{self, Exact};
use kernel::id::{AgreementId, ListingId, OrganizationId};
use kernel::meter::Meter;
use kernel::money::Currency;
use kernel::period::{InvalidCalendar, Period, Zone};
use kernel::slug::Slug;
use metering::published::usage::{MeterUsage, Split};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use crate::page::Conditions;
use crate::sql::{self, Amount, Text};
use crate::store::{Fault, Views};
use crate::usage::{hour, read_meter};

/// Whose usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsageOf {
    /// Under one agreement.
    Agreement(AgreementId),
    /// All that an organization bought.
    Buyer(OrganizationId),
    /// All that an organization sold.
    Seller(OrganizationId),
    /// All of the platform.
    Platform,
}

/// Which of that usage; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Under this agreement.
    pub agreement: Option<AgreementId>,
    /// Of this capability.
    pub capability: Option<Slug>,
    /// Answered by this listing.
    pub listing: Option<ListingId>,
    /// Called by `key_…` or `mem_…`. Names the buyer's members and API keys: not for sellers.
    pub principal: Option<String>,
    /// On this meter; calls are then those that used it.
    pub meter: Option<Meter>,
}

impl UsageFilter {
    /// Which origins, as conditions on the table `usage_origin o`.
    pub(crate) fn origins(&self, of: UsageOf) -> rusqlite::Result<Conditions> {
        let conditions = match of {
            UsageOf::Agreement(id) => Conditions::default().and_if("o.agreement = ?", Some(Text(id))),
            UsageOf::Buyer(id) => Conditions::default().and_if("o.buyer = ?", Some(Text(id))),
            UsageOf::Seller(id) => Conditions::default().and_if("o.seller = ?", Some(Text(id))),
            UsageOf::Platform => Ok(Conditions::default()),
        };
        conditions?
            .and_if("o.agreement = ?", self.agreement.map(Text))?
            .and_if("o.capability = ?", self.capability.as_ref().map(Text))?
            .and_if("o.listing = ?", self.listing.map(Text))?
            .and_if("o.principal = ?", self.principal.as_ref())
    }
}

/// What usage is summed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By hour, UTC.
    Hour,
    /// By day in a time zone; an hour counts to the day it ends in. Where days begin within an hour (UTC), as at half
    /// past in India, they are counted from the start of that hour.
    Day(Zone),
    /// By capability; without reports that name none.
    Capability,
    /// By agreement.
    Agreement,
    /// By listing.
    Listing,
    /// By meter. A call that uses several counts to each.
    Meter,
    /// By who called. Names the buyer's members and API keys: not for sellers.
    Principal,
}

/// What a sum is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKey {
    /// The hour or day that begins here.
    Start(Timestamp),
    /// A capability.
    Capability(Slug),
    /// An agreement.
    Agreement(AgreementId),
    /// A listing.
    Listing(ListingId),
    /// A meter.
    Meter(Meter),
    /// `key_…` or `mem_…`.
    Principal(String),
}

/// Usage, summed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// By meter, each at most once, in the meters' order.
    pub meters: Vec<MeterUsage>,
    /// How many calls.
    pub calls: u64,
    /// How many of them have a `VALUE_ADDED` unit.
    pub value_added_calls: u64,
    /// What the `VALUE_ADDED` units add to the periods' charges by the frozen prices, per currency, in major units:
    /// exact, before flat fees and tax, and without what a first tier asks at zero usage.
    pub charges: BTreeMap<Currency, Exact>,
}

/// Why there is no series.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// The days cannot be computed in this zone.
    #[error(transparent)]
    Calendar(#[from] InvalidCalendar),
    /// A sum leaves 64 bits.
    #[error("a sum is too large")]
    Overflow,
    /// The views failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<rusqlite::Error> for SeriesError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl Views {
    /// Usage by group, groups in order. Every hour that the period touches counts whole.
    pub fn usage_series(
        &self,
        of: UsageOf,
        filter: &UsageFilter,
        period: Period,
        by: &Grouping,
    ) -> Result<Vec<(GroupKey, Totals)>, SeriesError> {
        let asked = Asked { of, filter, period, column: by.column() };
        let rows = self.read(|connection| asked.rows(connection, *by == Grouping::Meter).map_err(Fault::from))?;
        let mut groups: BTreeMap<GroupKey, Sum> = BTreeMap::new();
        for row in rows.meters {
            groups.entry(by.key(&row.key)?).or_default().add(&row)?;
        }
        for (key, calls) in rows.calls {
            groups.entry(by.key(&key)?).or_default().call(calls)?;
        }
        for (key, currency, charge) in rows.charges {
            groups.entry(by.key(&key)?).or_default().charge(currency, &charge);
        }
        Ok(groups.into_iter().map(|(key, sum)| (key, sum.totals())).collect())
    }

    /// Usage in all. Every hour that the period touches counts whole.
    pub fn usage_totals(&self, of: UsageOf, filter: &UsageFilter, period: Period) -> Result<Totals, SeriesError> {
        let asked = Asked { of, filter, period, column: "NULL" };
        let rows = self.read(|connection| asked.rows(connection, false).map_err(Fault::from))?;
        let mut sum = Sum::default();
        rows.meters.iter().try_for_each(|row| sum.add(row))?;
        rows.calls.into_iter().try_for_each(|(_, calls)| sum.call(calls))?;
        rows.charges.iter().for_each(|(_, currency, charge)| sum.charge(*currency, charge));
        Ok(sum.totals())
    }
}

/// The groups as SQL sees them.
struct Rows {
    meters: Vec<MeterRow>,
    calls: Vec<(RawKey, Calls)>,
    charges: Vec<(RawKey, Currency, Exact)>,
}

/// What was used on one meter at one price.
struct MeterRow {
    key: RawKey,
    usage: MeterUsage,
    /// None where no agreement says so.
    currency: Option<Currency>,
    unit: Option<Exact>,
}

/// Calls, and those with a `VALUE_ADDED` unit.
#[derive(Clone, Copy)]
struct Calls {
    all: u64,
    value_added: u64,
}

enum RawKey {
    None,
    Hour(i64),
    Name(String),
}

impl FromSql for RawKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(Self::None),
            ValueRef::Integer(hour) => Ok(Self::Hour(hour)),
            ValueRef::Text(_) => value.as_str().map(|name| Self::Name(name.to_owned())),
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(FromSqlError::InvalidType),
        }
    }
}

impl Grouping {
    const fn column(&self) -> &'static str {
        match self {
            Self::Hour | Self::Day(_) => "u.hour",
            Self::Capability => "o.capability",
            Self::Agreement => "o.agreement",
            Self::Listing => "o.listing",
            Self::Meter => "u.meter",
            Self::Principal => "o.principal",
        }
    }

    fn key(&self, raw: &RawKey) -> Result<GroupKey, SeriesError> {
        match (self, raw) {
            (Self::Hour, RawKey::Hour(hour)) => Ok(GroupKey::Start(start_of_hour(*hour)?)),
            (Self::Day(zone), RawKey::Hour(hour)) => {
                let date = zone.date(last_of_hour(*hour)?)?;
                Ok(GroupKey::Start(zone.start_of(date)?))
            }
            (Self::Capability, RawKey::Name(name)) => parsed(name).map(GroupKey::Capability),
            (Self::Agreement, RawKey::Name(name)) => parsed(name).map(GroupKey::Agreement),
            (Self::Listing, RawKey::Name(name)) => parsed(name).map(GroupKey::Listing),
            (Self::Meter, RawKey::Name(name)) => parsed(name).map(GroupKey::Meter),
            (Self::Principal, RawKey::Name(name)) => Ok(GroupKey::Principal(name.clone())),
            _ => Err(rusqlite::Error::InvalidQuery.into()),
        }
    }
}

fn start_of_hour(hour: i64) -> Result<Timestamp, SeriesError> {
    let second = hour.checked_mul(3600).ok_or(InvalidCalendar)?;
    Ok(Timestamp::from_second(second).map_err(|_| InvalidCalendar)?)
}

fn last_of_hour(hour: i64) -> Result<Timestamp, SeriesError> {
    let next = start_of_hour(hour.checked_add(1).ok_or(InvalidCalendar)?)?;
    Ok(next.checked_sub(SignedDuration::from_nanos(1)).map_err(|_| InvalidCalendar)?)
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str) -> Result<T, SeriesError> {
    name.parse().map_err(|error| rusqlite::Error::from(FromSqlError::other(error)).into())
}

/// A question about usage.
struct Asked<'a> {
    of: UsageOf,
    filter: &'a UsageFilter,
    period: Period,
    column: &'static str,
}

impl Asked<'_> {
    fn rows(&self, connection: &Connection, calls_by_meter: bool) -> rusqlite::Result<Rows> {
        let calls = if calls_by_meter || self.filter.meter.is_some() { "usage_hour" } else { "calls_hour" };
        Ok(Rows {
            meters: self.meters(connection)?,
            calls: self.calls(connection, calls)?,
            charges: self.charges(connection)?,
        })
    }

    fn meters(&self, connection: &Connection) -> rusqlite::Result<Vec<MeterRow>> {
        let conditions = self.conditions()?.and_if("u.meter = ?", self.filter.meter.map(Text))?;
        let text = format!(
            "SELECT {} AS key, u.meter, p.currency, p.unit, SUM(u.free) AS free, SUM(u.value_added) AS value_added
             FROM usage_origin o CROSS JOIN usage_hour u ON u.origin = o.id
             LEFT JOIN agreement_meter p ON p.agreement = o.agreement AND p.meter = u.meter
             WHERE {} GROUP BY 1, 2, 3, 4",
            self.column,
            conditions.sql()
        );
        sql::all(connection, &text, params_from_iter(conditions.values()), read_row)
    }

    fn calls(&self, connection: &Connection, table: &str) -> rusqlite::Result<Vec<(RawKey, Calls)>> {
        let conditions = self.conditions()?.and_if("u.meter = ?", self.filter.meter.map(Text))?;
        let text = format!(
            "SELECT {} AS key, SUM(u.calls) AS calls, SUM(u.value_added_calls) AS value_added
             FROM usage_origin o CROSS JOIN {table} u ON u.origin = o.id WHERE {} GROUP BY 1",
            self.column,
            conditions.sql()
        );
        sql::all(connection, &text, params_from_iter(conditions.values()), read_calls)
    }

    /// Charges that do not follow from the sums.
    fn charges(&self, connection: &Connection) -> rusqlite::Result<Vec<(RawKey, Currency, Exact)>> {
        let conditions = self.conditions()?.and_if("u.meter = ?", self.filter.meter.map(Text))?;
        let text = format!(
            "SELECT {} AS key, p.currency, u.charge
             FROM usage_origin o CROSS JOIN usage_hour u ON u.origin = o.id
             JOIN agreement_meter p ON p.agreement = o.agreement AND p.meter = u.meter
             WHERE u.charge IS NOT NULL AND {}",
            self.column,
            conditions.sql()
        );
        let read = |row: &Row<'_>| {
            let Amount(charge) = row.get("charge")?;
            Ok((row.get("key")?, sql::text(row, "currency")?, charge))
        };
        sql::all(connection, &text, params_from_iter(conditions.values()), read)
    }

    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let Period { start, end } = self.period;
        let last = hour(end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(end));
        let origins = self.filter.origins(self.of)?;
        let within = origins.and_if("u.hour >= ?", Some(hour(start)))?.and_if("u.hour <= ?", Some(last))?;
        // Reports may name no capability.
        Ok(if self.column == Grouping::Capability.column() { within.and("o.capability <> ''") } else { within })
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<MeterRow> {
    let currency = row.get::<_, Option<Text<Currency>>>("currency")?;
    let unit = row.get::<_, Option<Amount>>("unit")?;
    Ok(MeterRow {
        key: row.get("key")?,
        usage: read_meter(row)?,
        currency: currency.map(|Text(currency)| currency),
        unit: unit.map(|Amount(unit)| unit),
    })
}

fn read_calls(row: &Row<'_>) -> rusqlite::Result<(RawKey, Calls)> {
    let calls = Calls { all: sql::whole(row, "calls")?, value_added: sql::whole(row, "value_added")? };
    Ok((row.get("key")?, calls))
}

#[derive(Default)]
struct Sum {
    meters: BTreeMap<Meter, Split>,
    calls: u64,
    value_added_calls: u64,
    charges: BTreeMap<Currency, Exact>,
}

impl Sum {
    fn add(&mut self, row: &MeterRow) -> Result<(), SeriesError> {
        let sum = self.meters.entry(row.usage.meter).or_default();
        let free = sum.free.checked_add(row.usage.split.free);
        let value_added = sum.value_added.checked_add(row.usage.split.value_added);
        let (Some(free), Some(value_added)) = (free, value_added) else { return Err(SeriesError::Overflow) };
        *sum = Split { free, value_added };
        if let Some(currency) = row.currency {
            let units = exact::from_quantity(row.usage.split.value_added);
            let charge = row.unit.as_ref().map_or_else(|| exact::from_i64(0), |unit| exact::multiply(unit, &units));
            self.charge(currency, &charge);
        }
        Ok(())
    }

    fn call(&mut self, calls: Calls) -> Result<(), SeriesError> {
        self.calls = self.calls.checked_add(calls.all).ok_or(SeriesError::Overflow)?;
        let value_added = self.value_added_calls.checked_add(calls.value_added);
        self.value_added_calls = value_added.ok_or(SeriesError::Overflow)?;
        Ok(())
    }

    fn charge(&mut self, currency: Currency, charge: &Exact) {
        let sum = self.charges.entry(currency).or_insert_with(|| exact::from_i64(0));
        *sum = exact::add(sum, charge);
    }

    fn totals(self) -> Totals {
        let meters = self.meters.into_iter().map(|(meter, split)| MeterUsage { meter, split }).collect();
        let Self { calls, value_added_calls, charges, .. } = self;
        Totals { meters, calls, value_added_calls, charges }
    }
}
