//! Which batches a reader of usage has missed, so that it reads those and no others.

use kernel::event::Position;
use rusqlite::{Row, ToSql, params_from_iter};

use crate::sql;
use crate::store::{Fault, Views};
use crate::usage_series::UsageOf;

/// Told by the index of positions alone.
pub(crate) const WINDOW: &str = "SELECT position FROM usage_batch WHERE position > ?1 AND position < ?2
    ORDER BY position LIMIT 1 OFFSET ?3";

/// What a reader has missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Whose usage it reads.
    pub of: UsageOf,
    /// It has read up to here.
    pub after: Position,
    /// It is told of everything past here.
    pub until: Position,
}

impl Views {
    /// How far a reader with a cursor goes at once: `until`, or where past `after` are more than `max` rows of batches,
    /// whoever's they are. So who has little of its own among many does not walk past all of them in one statement.
    pub fn missed_until(&self, after: Position, until: Position, max: u32) -> Result<Position, Fault> {
        let read = |row: &Row<'_>| sql::whole(row, "position").map(Position);
        Ok(self.one(WINDOW, (bound(after), bound(until), max), read)?.unwrap_or(until))
    }

    /// The batches in between that hold calls of the reader's, oldest first, at most `max`.
    pub fn missed_batches(&self, missed: &Missed, max: u32) -> Result<Vec<Position>, Fault> {
        let (condition, id) = match missed.of {
            UsageOf::Agreement(id) => ("o.agreement = ?4", Some(id.to_string())),
            UsageOf::Buyer(id) => ("o.buyer = ?4", Some(id.to_string())),
            UsageOf::Seller(id) => ("o.seller = ?4", Some(id.to_string())),
            UsageOf::Platform => ("TRUE", None),
        };
        let text = format!(
            "SELECT DISTINCT b.position FROM usage_batch b CROSS JOIN usage_origin o ON o.id = b.origin
             WHERE b.position > ?1 AND b.position <= ?2 AND {condition}
             ORDER BY b.position LIMIT ?3"
        );
        let (after, until) = (bound(missed.after), bound(missed.until));
        let bounds = [after, until, i64::from(max)].into_iter();
        let bounds = bounds.map(|bound| Box::new(bound) as Box<dyn ToSql>);
        let values: Vec<Box<dyn ToSql>> = bounds.chain(id.map(|id| Box::new(id) as Box<dyn ToSql>)).collect();
        self.all(&text, params_from_iter(&values), |row| sql::whole(row, "position").map(Position))
    }
}

fn bound(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
