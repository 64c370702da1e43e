//! Usage over time and by what it was for, for buyers, sellers and the operator.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::id::{AgreementId, ListingId, OrganizationId};
use kernel::meter::Meter;
use kernel::period::{InvalidCalendar, Period, Zone};
use kernel::slug::Slug;
use metering::published::usage::{MeterUsage, Split};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, ToSql, params_from_iter};

use crate::sql;
use crate::store::{Fault, Views};
use crate::usage::{hour, read_meter};

/// Whose usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What usage is summed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By hour, UTC.
    Hour,
    /// By day in a time zone; an hour counts to the day it begins in.
    Day(Zone),
    /// By capability.
    Capability,
    /// By agreement.
    Agreement,
    /// By listing.
    Listing,
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
        period: Period,
        by: &Grouping,
    ) -> Result<Vec<(GroupKey, Totals)>, SeriesError> {
        let rows = self.read(|connection| by.rows(connection, of, period).map_err(Fault::from))?;
        let mut groups: BTreeMap<GroupKey, Sum> = BTreeMap::new();
        for (key, usage) in rows.meters {
            groups.entry(by.key(&key)?).or_default().add(usage)?;
        }
        for (key, calls) in rows.calls {
            groups.entry(by.key(&key)?).or_default().call(calls)?;
        }
        Ok(groups.into_iter().map(|(key, sum)| (key, sum.totals())).collect())
    }

    /// Usage in all. Every hour that the period touches counts whole.
    pub fn usage_totals(&self, of: UsageOf, period: Period) -> Result<Totals, SeriesError> {
        let rows = self.read(|connection| rows(connection, "NULL", of, period).map_err(Fault::from))?;
        let mut sum = Sum::default();
        rows.meters.into_iter().try_for_each(|(_, usage)| sum.add(usage))?;
        rows.calls.into_iter().try_for_each(|(_, calls)| sum.call(calls))?;
        Ok(sum.totals())
    }
}

/// The groups as SQL sees them.
struct Rows {
    meters: Vec<(RawKey, MeterUsage)>,
    calls: Vec<(RawKey, u64)>,
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
    fn rows(&self, connection: &Connection, of: UsageOf, period: Period) -> rusqlite::Result<Rows> {
        let column = match self {
            Self::Hour | Self::Day(_) => "u.hour",
            Self::Capability => "u.capability",
            Self::Agreement => "u.agreement",
            Self::Listing => "a.listing",
            Self::Principal => "u.principal",
        };
        rows(connection, column, of, period)
    }

    fn key(&self, raw: &RawKey) -> Result<GroupKey, SeriesError> {
        match (self, raw) {
            (Self::Hour, RawKey::Hour(hour)) => Ok(GroupKey::Start(start_of_hour(*hour)?)),
            (Self::Day(zone), RawKey::Hour(hour)) => {
                let date = zone.date(start_of_hour(*hour)?)?;
                Ok(GroupKey::Start(zone.start_of(date)?))
            }
            (Self::Capability, RawKey::Name(name)) => parsed(name).map(GroupKey::Capability),
            (Self::Agreement, RawKey::Name(name)) => parsed(name).map(GroupKey::Agreement),
            (Self::Listing, RawKey::Name(name)) => parsed(name).map(GroupKey::Listing),
            (Self::Principal, RawKey::Name(name)) => Ok(GroupKey::Principal(name.clone())),
            _ => Err(rusqlite::Error::InvalidQuery.into()),
        }
    }
}

fn start_of_hour(hour: i64) -> Result<Timestamp, SeriesError> {
    let second = hour.checked_mul(3600).ok_or(InvalidCalendar)?;
    Ok(Timestamp::from_second(second).map_err(|_| InvalidCalendar)?)
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str) -> Result<T, SeriesError> {
    name.parse().map_err(|error| rusqlite::Error::from(FromSqlError::other(error)).into())
}

fn rows(connection: &Connection, column: &str, of: UsageOf, period: Period) -> rusqlite::Result<Rows> {
    let (condition, id) = match of {
        UsageOf::Agreement(id) => ("u.agreement = ?3", Some(id.to_string())),
        UsageOf::Buyer(id) => ("a.buyer = ?3", Some(id.to_string())),
        UsageOf::Seller(id) => ("a.seller = ?3", Some(id.to_string())),
        UsageOf::Platform => ("TRUE", None),
    };
    let end = hour(period.end.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(period.end));
    let hours = [hour(period.start), end].into_iter().map(|hour| Box::new(hour) as Box<dyn ToSql>);
    let values: Vec<Box<dyn ToSql>> = hours.chain(id.map(|id| Box::new(id) as Box<dyn ToSql>)).collect();
    let within = format!("JOIN agreement a ON a.id = u.agreement WHERE u.hour BETWEEN ?1 AND ?2 AND {condition}");
    let text = format!(
        "SELECT {column} AS key, u.meter, SUM(u.free) AS free, SUM(u.value_added) AS value_added
         FROM usage_hour u {within} GROUP BY 1, 2"
    );
    let read = |row: &Row<'_>| Ok((row.get("key")?, read_meter(row)?));
    let meters = sql::all(connection, &text, params_from_iter(&values), read)?;
    let text = format!("SELECT {column} AS key, SUM(u.calls) AS calls FROM calls_hour u {within} GROUP BY 1");
    let read = |row: &Row<'_>| Ok((row.get("key")?, sql::whole(row, "calls")?));
    Ok(Rows { meters, calls: sql::all(connection, &text, params_from_iter(&values), read)? })
}

#[derive(Default)]
struct Sum {
    meters: BTreeMap<Meter, Split>,
    calls: u64,
}

impl Sum {
    fn add(&mut self, usage: MeterUsage) -> Result<(), SeriesError> {
        let sum = self.meters.entry(usage.meter).or_default();
        let free = sum.free.checked_add(usage.split.free);
        let value_added = sum.value_added.checked_add(usage.split.value_added);
        let (Some(free), Some(value_added)) = (free, value_added) else { return Err(SeriesError::Overflow) };
        *sum = Split { free, value_added };
        Ok(())
    }

    fn call(&mut self, calls: u64) -> Result<(), SeriesError> {
        self.calls = self.calls.checked_add(calls).ok_or(SeriesError::Overflow)?;
        Ok(())
    }

    fn totals(self) -> Totals {
        let meters = self.meters.into_iter().map(|(meter, split)| MeterUsage { meter, split }).collect();
        Totals { meters, calls: self.calls }
    }
}
