//! Where each event of the log is, by stream, kind, actor and correlation. What it says stays in the log.
//!
//! A row holds numbers only: names are written once, each under a number of its own.

use std::collections::HashMap;

use eventlog::port::StoredEvent;
use jiff::Timestamp;
use kernel::event::Position;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::sql::{self, Instant, Whole};
use crate::store::{Fault, Views};
use crate::usage::hour;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE log_name (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE log_event (
        position INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        actor INTEGER NOT NULL,
        correlation BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX log_event_stream ON log_event (stream);
    CREATE INDEX log_event_kind ON log_event (kind);
    CREATE INDEX log_event_actor ON log_event (actor);
    CREATE INDEX log_event_correlation ON log_event (correlation);
    CREATE TABLE log_hour (
        hour INTEGER PRIMARY KEY,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL
    ) STRICT;
";

/// `.` follows `-`: the names between are those of the category.
const OF_CATEGORY: &str = "+stream IN (SELECT id FROM log_name, (SELECT ? AS category)
    WHERE name > category || '-' AND name < category || '.')";
/// Names whose numbers are kept in memory.
const NAMES_MAX: usize = 10_000;

/// Which events; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// In this stream, or in the streams of this category where the text has no `-`.
    pub stream: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Caused by this actor.
    pub actor: Option<String>,
    /// With this correlation.
    pub correlation: Option<Uuid>,
    /// That happened at or after this instant.
    pub from: Option<Timestamp>,
    /// That happened before this instant.
    pub until: Option<Timestamp>,
}

/// Which events come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// The last one.
    Newest,
    /// The first one.
    Oldest,
}

impl LogFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let stream = self.stream.as_ref();
        let category = stream.filter(|stream| !stream.contains('-'));
        let stream = stream.filter(|stream| stream.contains('-'));
        // A category comes last: a kind is of one, and finds no more than it.
        let conditions = Conditions::default()
            .and_if_by_rank("+correlation = ?", self.correlation.map(Uuid::into_bytes))?
            .and_if_by_rank("+stream = (SELECT id FROM log_name WHERE name = ?)", stream)?
            .and_if_by_rank("+actor = (SELECT id FROM log_name WHERE name = ?)", self.actor.as_ref())?
            .and_if_by_rank("+kind = (SELECT id FROM log_name WHERE name = ?)", self.kind.as_ref())?
            .and_if_by_rank(OF_CATEGORY, category)?;
        conditions
            .and_if("position >= (SELECT MIN(first) FROM log_hour WHERE hour >= ?)", self.from.map(hour))?
            .and_if("at >= ?", self.from.map(Instant))?
            .and_if("position <= (SELECT MAX(last) FROM log_hour WHERE hour <= ?)", self.until.map(hour))?
            .and_if("at < ?", self.until.map(Instant))
    }

    pub(crate) fn list(&self, order: LogOrder) -> rusqlite::Result<List<Position>> {
        Ok(List {
            name: match order {
                LogOrder::Newest => "log_newest",
                LogOrder::Oldest => "log_oldest",
            },
            columns: "position",
            from: "log_event",
            term: None,
            key: &["position"],
            descending: order == LogOrder::Newest,
            conditions: self.conditions()?,
            read: |row| sql::whole(row, "position").map(Position),
        })
    }
}

impl Views {
    /// The positions of events.
    pub fn log_positions(
        &self,
        filter: &LogFilter,
        order: LogOrder,
        page: &PageRequest,
    ) -> Result<Page<Position>, PageError> {
        let list = filter.list(order)?;
        self.read(|connection| list.page(connection, page))
    }

    /// The position of the event that follows one in an order; `None` for the last of it.
    pub fn log_position_past(&self, position: Position, order: LogOrder) -> Result<Option<Position>, Fault> {
        let text = match order {
            LogOrder::Newest => "SELECT position FROM log_event WHERE position < ?1 ORDER BY position DESC LIMIT 1",
            LogOrder::Oldest => "SELECT position FROM log_event WHERE position > ?1 ORDER BY position LIMIT 1",
        };
        let read = |row: &Row<'_>| sql::whole(row, "position").map(Position);
        self.read(|connection| Ok(sql::one(connection, text, [Whole(position.0)], read)?))
    }
}

/// The numbers of names, so that most events need no look-up; to be thrown away when a transaction is undone.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, i64>);

impl Names {
    /// The number of a name; a new one is written down. Numbered by first appearance in the log.
    fn number(&mut self, to: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.0.get(name) {
            return Ok(*number);
        }
        sql::run(to, "INSERT INTO log_name (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
        let number = sql::one(to, "SELECT id FROM log_name WHERE name = ?1", [name], |row| row.get("id"))?;
        let number = number.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        if self.0.len() >= NAMES_MAX {
            self.0.clear();
        }
        self.0.insert(name.to_owned(), number);
        Ok(number)
    }
}

pub(crate) fn event(to: &Connection, names: &mut Names, event: &StoredEvent) -> rusqlite::Result<()> {
    let stream = names.number(to, event.stream.as_str())?;
    let kind = names.number(to, &event.kind)?;
    let actor = names.number(to, &event.provenance.actor)?;
    let position = Whole(event.position.0);
    let text = "INSERT INTO log_event (position, stream, kind, actor, correlation, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let correlation = event.provenance.correlation.into_bytes();
    sql::run(to, text, (&position, stream, kind, actor, correlation, Instant(event.occurred_at)))?;
    let text = "INSERT INTO log_hour (hour, first, last) VALUES (?1, ?2, ?2)
        ON CONFLICT DO UPDATE SET last = MAX(last, excluded.last)";
    sql::run(to, text, (hour(event.occurred_at), position))?;
    Ok(())
}
