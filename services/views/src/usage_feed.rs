//! Which batches a reader of usage has missed, so that it reads those and no others.

use jiff::Timestamp;
use kernel::event::Position;
use rusqlite::{ToSql, params_from_iter};

use crate::sql;
use crate::store::{Fault, Views};
use crate::usage::hour;
use crate::usage_series::UsageOf;

/// What a reader has missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Whose usage it reads.
    pub of: UsageOf,
    /// It has read up to here.
    pub after: Position,
    /// It is told of everything past here.
    pub until: Position,
    /// No call in between was admitted before this instant. Any earlier one is as good, but slower.
    pub admitted_since: Timestamp,
}

impl Views {
    /// The batches in between that hold calls of the reader's, oldest first, at most `max`.
    pub fn missed_batches(&self, missed: &Missed, max: u32) -> Result<Vec<Position>, Fault> {
        let (condition, id) = match missed.of {
            UsageOf::Agreement(id) => ("o.agreement = ?5", Some(id.to_string())),
            UsageOf::Buyer(id) => ("o.buyer = ?5", Some(id.to_string())),
            UsageOf::Seller(id) => ("o.seller = ?5", Some(id.to_string())),
            UsageOf::Platform => ("TRUE", None),
        };
        let text = format!(
            "SELECT DISTINCT b.position FROM usage_origin o CROSS JOIN usage_batch b ON b.origin = o.id
             WHERE b.hour >= ?1 AND b.position > ?2 AND b.position <= ?3 AND {condition}
             ORDER BY b.position LIMIT ?4"
        );
        let bound = |position: Position| i64::try_from(position.0).unwrap_or(i64::MAX);
        let (after, until) = (bound(missed.after), bound(missed.until));
        let bounds = [hour(missed.admitted_since), after, until, i64::from(max)].into_iter();
        let bounds = bounds.map(|bound| Box::new(bound) as Box<dyn ToSql>);
        let values: Vec<Box<dyn ToSql>> = bounds.chain(id.map(|id| Box::new(id) as Box<dyn ToSql>)).collect();
        self.all(&text, params_from_iter(&values), |row| sql::whole(row, "position").map(Position))
    }
}
