//! Probes: how the endpoints of listings answered the examples of their contracts, the last time for each content.

use catalog::published::listing::{Event, ProbeCheck, Probed, Published};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::ListingId;
use rusqlite::{Connection, Row};

use crate::projection::ApplyError;
use crate::sql::{self, Instant, Json, Text};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE listing_probe (
        listing TEXT NOT NULL,
        content_sha256 TEXT NOT NULL,
        at INTEGER NOT NULL,
        passed INTEGER NOT NULL,
        checks TEXT NOT NULL,
        PRIMARY KEY (listing, content_sha256)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE listing_on_market (
        listing TEXT PRIMARY KEY,
        content_sha256 TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// The last probe of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Which content.
    pub content_sha256: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether nothing speaks against the listing.
    pub passed: bool,
    /// Every example that was sent.
    pub checks: Vec<ProbeCheck>,
}

const PROBE: &str = "p.content_sha256, p.at, p.passed, p.checks";

fn read_probe(row: &Row<'_>) -> rusqlite::Result<Probe> {
    Ok(Probe {
        content_sha256: row.get("content_sha256")?,
        at: sql::instant(row, "at")?,
        passed: row.get("passed")?,
        checks: sql::json(row, "checks")?,
    })
}

impl Views {
    /// The last probe of a listing, whatever it said then: for its provider and the operator.
    pub fn last_probe(&self, id: ListingId) -> Result<Option<Probe>, Fault> {
        let text = format!("SELECT {PROBE} FROM listing_probe p WHERE p.listing = ?1 ORDER BY p.at DESC LIMIT 1");
        self.one(&text, [Text(id)], read_probe)
    }

    /// The last probe of what a listing says on the market.
    pub fn market_probe(&self, id: ListingId) -> Result<Option<Probe>, Fault> {
        let text = format!(
            "SELECT {PROBE} FROM listing_probe p JOIN listing_on_market m
             ON m.listing = p.listing AND m.content_sha256 = p.content_sha256 WHERE p.listing = ?1"
        );
        self.one(&text, [Text(id)], read_probe)
    }

    /// Models that serve buyers and whose last probe is older than an instant, the longest unprobed first.
    pub fn due_probes(&self, before: Timestamp, count_max: u32) -> Result<Vec<ListingId>, Fault> {
        let text = "SELECT l.id FROM listing l JOIN listing_on_market m ON m.listing = l.id
            LEFT JOIN listing_probe p ON p.listing = m.listing AND p.content_sha256 = m.content_sha256
            WHERE l.kind = 'model' AND l.phase IN ('published', 'deprecated') AND (p.at IS NULL OR p.at < ?1)
            ORDER BY p.at, l.position LIMIT ?2";
        self.all(text, (Instant(before), count_max), |row| sql::text(row, "id"))
    }
}

pub(crate) fn probe(to: &Connection, recorded: &Recorded<Event>, fact: &Probed) -> Result<(), ApplyError> {
    let text = "INSERT INTO listing_probe (listing, content_sha256, at, passed, checks) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (listing, content_sha256)
        DO UPDATE SET at = excluded.at, passed = excluded.passed, checks = excluded.checks";
    let at = Instant(recorded.occurred_at);
    sql::run(to, text, (Text(fact.listing), &fact.content_sha256, at, fact.passed, Json(&fact.checks)))?;
    Ok(())
}

/// Remembers what is on the market, and forgets probes of everything else that the listing has said.
pub(crate) fn published(to: &Connection, fact: &Published) -> Result<(), ApplyError> {
    let hash = fact.content.sha256();
    let text = "INSERT OR REPLACE INTO listing_on_market (listing, content_sha256) VALUES (?1, ?2)";
    sql::run(to, text, (Text(fact.listing), &hash))?;
    let text = "DELETE FROM listing_probe WHERE listing = ?1 AND content_sha256 <> ?2";
    sql::run(to, text, (Text(fact.listing), &hash))?;
    Ok(())
}
