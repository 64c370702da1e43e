//! How listings answer, by hour: calls, failures, and a histogram of latencies. Hours are UTC; an interval that was
//! measured counts to the hour it begins in.

use catalog::published::health::{Bucket, Event, Measurement};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{ListingId, OrganizationId};
use kernel::period::Period;
use rusqlite::{Connection, Row, ToSql, params_from_iter};

use crate::projection::ApplyError;
use crate::sql::{self, Instant, Text, Whole};
use crate::store::{Fault, Views};
use crate::usage::hour;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE health_hour (
        listing TEXT NOT NULL,
        hour INTEGER NOT NULL,
        calls INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (listing, hour)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE latency_hour (
        listing TEXT NOT NULL,
        hour INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        PRIMARY KEY (listing, hour, bucket)
    ) STRICT, WITHOUT ROWID;
";

/// Whose health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthOf {
    /// Of one listing.
    Listing(ListingId),
    /// Of everything that an organization sells.
    Seller(OrganizationId),
    /// Of every listing.
    Platform,
}

/// What was measured, and between which instants; both are absent where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The sums.
    pub measurement: Measurement,
    /// The beginning of the first interval.
    pub from: Option<Timestamp>,
    /// The end of the last.
    pub until: Option<Timestamp>,
}

impl Views {
    /// How listings answered. Every hour that the period touches counts whole. What was measured since the last
    /// `health_measured` of a listing is not in it.
    pub fn health(&self, of: HealthOf, period: Period) -> Result<Health, Fault> {
        self.read(|connection| Ok(of.read(connection, period)?))
    }
}

impl HealthOf {
    fn read(self, connection: &Connection, period: Period) -> rusqlite::Result<Health> {
        let (condition, id) = match self {
            Self::Listing(id) => ("h.listing = ?3", Some(id.to_string())),
            Self::Seller(id) => ("h.listing IN (SELECT id FROM listing WHERE organization = ?3)", Some(id.to_string())),
            Self::Platform => ("TRUE", None),
        };
        let last = hour(period.end.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(period.end));
        let hours = [hour(period.start), last].into_iter().map(|hour| Box::new(hour) as Box<dyn ToSql>);
        let values: Vec<Box<dyn ToSql>> = hours.chain(id.map(|id| Box::new(id) as Box<dyn ToSql>)).collect();
        let text = format!(
            "SELECT COALESCE(SUM(h.calls), 0) AS calls, COALESCE(SUM(h.failures), 0) AS failures,
                 MIN(h.since) AS since, MAX(h.until) AS until
             FROM health_hour h WHERE h.hour BETWEEN ?1 AND ?2 AND {condition}"
        );
        let mut health = sql::one(connection, &text, params_from_iter(&values), read_sums)?.unwrap_or_default();
        let text = format!(
            "SELECT h.bucket, SUM(h.answers) AS answers
             FROM latency_hour h WHERE h.hour BETWEEN ?1 AND ?2 AND {condition} GROUP BY 1"
        );
        let read = |row: &Row<'_>| Ok((Bucket(row.get("bucket")?), sql::whole(row, "answers")?));
        for (bucket, answers) in sql::all(connection, &text, params_from_iter(&values), read)? {
            health.measurement.latencies.add(bucket, answers);
        }
        Ok(health)
    }
}

fn read_sums(row: &Row<'_>) -> rusqlite::Result<Health> {
    let measurement = Measurement {
        calls: sql::whole(row, "calls")?,
        failures: sql::whole(row, "failures")?,
        ..Measurement::default()
    };
    let (from, until) = (sql::optional_instant(row, "since")?, sql::optional_instant(row, "until")?);
    Ok(Health { measurement, from, until })
}

pub(crate) fn health(to: &Connection, recorded: &Recorded<Event>) -> Result<(), ApplyError> {
    let Event::Measured(fact) = &recorded.event;
    let (listing, hour) = (Text(fact.listing), hour(fact.from));
    let text = "INSERT INTO health_hour (listing, hour, calls, failures, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (listing, hour) DO UPDATE SET calls = calls + excluded.calls,
            failures = failures + excluded.failures, since = min(since, excluded.since),
            until = max(until, excluded.until)";
    let measured = &fact.measurement;
    let counts = (Whole(measured.calls), Whole(measured.failures));
    let row = (&listing, hour, counts.0, counts.1, Instant(fact.from), Instant(fact.until));
    sql::run(to, text, row)?;
    for (bucket, answers) in measured.latencies.buckets() {
        let text = "INSERT INTO latency_hour (listing, hour, bucket, answers) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (listing, hour, bucket) DO UPDATE SET answers = answers + excluded.answers";
        sql::run(to, text, (&listing, hour, bucket.0, Whole(answers)))?;
    }
    Ok(())
}
