//! The market in numbers.

use catalog::published::listing::Phase;

use crate::sql;
use crate::store::{Fault, Views};

pub(crate) const AGREEMENTS_IN_FORCE: &str = "SELECT COUNT(*) AS count FROM agreement WHERE ends_at IS NULL";

/// How much of everything there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketCounts {
    /// Organizations that have joined.
    pub organizations: u64,
    /// Those of them that are suspended.
    pub suspended: u64,
    /// Listings by phase; phases without any are left out.
    pub listings: Vec<(Phase, u64)>,
    /// Submissions that wait for review.
    pub review_queue: u64,
    /// Agreements in force.
    pub agreements_in_force: u64,
}

impl Views {
    /// Counts the market.
    pub fn market_counts(&self) -> Result<MarketCounts, Fault> {
        self.read(|connection| {
            let count = |text: &str| -> Result<u64, Fault> {
                let count = sql::one(connection, text, [], |row| sql::whole(row, "count"))?;
                Ok(count.unwrap_or_default())
            };
            let text = "SELECT phase, COUNT(*) AS count FROM listing GROUP BY phase ORDER BY phase";
            let read = |row: &rusqlite::Row<'_>| Ok((sql::text(row, "phase")?, sql::whole(row, "count")?));
            Ok(MarketCounts {
                organizations: count("SELECT COUNT(*) AS count FROM organization")?,
                suspended: count("SELECT COUNT(*) AS count FROM organization WHERE suspended IS NOT NULL")?,
                listings: sql::all(connection, text, [], read)?,
                review_queue: count("SELECT COUNT(*) AS count FROM listing WHERE submitted IS NOT NULL")?,
                agreements_in_force: count(AGREEMENTS_IN_FORCE)?,
            })
        })
    }
}
