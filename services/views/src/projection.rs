//! The one writer of the views: applies the log's events to every context's tables, cursor and rows in one
//! transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eventlog::codec::{decode, decode_own};
use eventlog::incarnation::Incarnation;
use eventlog::port::StoredEvent;
use eventlog::project::{ProjectError, Projection};
use kernel::event::Position;
use kernel::money::MoneyError;
use kernel::period::InvalidCalendar;
use kernel::wire::DecodeError;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use uuid::Uuid;

use crate::log::Names;
use crate::sql::{self, Whole};
use crate::tree::Growing;
use crate::usage_sums::{Origins, Sums};
use crate::{accounts, agreements, billing, catalog, health, listings, log, settlement, tree, usage};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE progress (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        incarnation BLOB NOT NULL,
        position INTEGER
    ) STRICT;
";

/// Why an event could not be applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// This program cannot read it.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// SQLite refused or failed.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    /// It is about something that no earlier event made.
    #[error("the event is about something that no earlier event made")]
    Missing,
    /// Its amounts do not add up.
    #[error("the event's amounts do not add up")]
    Unbalanced,
    /// A sum leaves the range of 64 bits.
    #[error("a sum is too large")]
    Overflow,
    /// Its periods cannot be computed.
    #[error(transparent)]
    Calendar(#[from] InvalidCalendar),
}

impl From<MoneyError> for ApplyError {
    fn from(error: MoneyError) -> Self {
        match error {
            MoneyError::Overflow => Self::Overflow,
            MoneyError::CurrencyMismatch | MoneyError::NoWeights => Self::Unbalanced,
        }
    }
}

impl ApplyError {
    /// Whether trying again may help; otherwise the event itself is to blame.
    fn is_storage(&self) -> bool {
        let Self::Sql(rusqlite::Error::SqliteFailure(failure, _)) = self else { return false };
        !matches!(failure.code, ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig)
    }

    fn at(self, position: Position) -> ProjectError {
        if self.is_storage() {
            ProjectError::Storage(Box::new(self))
        } else {
            ProjectError::Poison { position, source: Box::new(self) }
        }
    }
}

/// Expects a change to have met the row it is about.
pub(crate) fn found(changed: usize) -> Result<(), ApplyError> {
    if changed == 0 { Err(ApplyError::Missing) } else { Ok(()) }
}

/// Writes the views; run by [`eventlog::project::run_projection`].
#[derive(Debug)]
pub struct ViewsProjection(Arc<Mutex<Writer>>);

/// The one connection that writes to a file of the views.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    known: Known,
}

/// What is remembered of the tables; thrown away when a transaction is undone.
#[derive(Debug, Default)]
struct Known {
    names: Names,
    origins: Origins,
    tree: Growing,
}

impl ViewsProjection {
    pub(crate) const fn new(writer: Arc<Mutex<Writer>>) -> Self {
        Self(writer)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Projection for ViewsProjection {
    fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        self.writer().cursor()
    }

    fn apply(&mut self, batch: &[StoredEvent], to: Position) -> Result<(), ProjectError> {
        self.writer().apply(batch, to)
    }
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, known: Known::default() }
    }

    pub(crate) fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        cursor(&self.connection).map_err(storage)
    }

    pub(crate) fn apply(&mut self, batch: &[StoredEvent], to: Position) -> Result<(), ProjectError> {
        match self.attempt(batch, to, batch.len()) {
            // Usage is summed up over events: only one by one do they show which of them is to blame.
            Err(ProjectError::Poison { .. }) => self.attempt(batch, to, 1),
            Ok(()) => Ok(()),
            Err(error @ ProjectError::Storage(_)) => Err(error),
        }
    }

    /// Applies the batch in one transaction, usage summed up over `size` events at a time.
    fn attempt(&mut self, batch: &[StoredEvent], to: Position, size: usize) -> Result<(), ProjectError> {
        let outcome = self.transact(batch, to, size);
        if outcome.is_err() {
            self.known = Known::default();
        }
        outcome
    }

    fn transact(&mut self, batch: &[StoredEvent], to: Position, size: usize) -> Result<(), ProjectError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        // A commit may have succeeded and answered with an error: what is at or before the cursor counts already.
        let done = cursor(&transaction).map_err(storage)?;
        let past = batch.iter().take_while(|event| Some(event.position) <= done).count();
        for events in batch.get(past..).unwrap_or_default().chunks(size.max(1)) {
            apply_all(&transaction, &mut self.known, events)?;
        }
        save(&transaction, done.map_or(to, |done| done.max(to))).map_err(storage)?;
        transaction.commit().map_err(storage)
    }
}

fn apply_all(to: &Connection, known: &mut Known, events: &[StoredEvent]) -> Result<(), ProjectError> {
    let mut sums = Sums::default();
    for event in events {
        apply(to, known, &mut sums, event).map_err(|error| error.at(event.position))?;
    }
    tree::append(to, &mut known.tree, events).map_err(storage)?;
    let last = events.last().map_or(Position(0), |event| event.position);
    sums.write(to).map_err(|error| error.at(last))
}

fn storage(error: rusqlite::Error) -> ProjectError {
    ProjectError::Storage(Box::new(error))
}

pub(crate) fn cursor(connection: &Connection) -> rusqlite::Result<Option<Position>> {
    let text = "SELECT position FROM progress WHERE position IS NOT NULL";
    sql::one(connection, text, [], |row| sql::whole(row, "position").map(Position))
}

/// The history that the rows come from; `None` in a file without tables.
pub(crate) fn incarnation(connection: &Connection) -> rusqlite::Result<Option<Incarnation>> {
    if !connection.table_exists(None, "progress")? {
        return Ok(None);
    }
    let text = "SELECT incarnation FROM progress";
    sql::one(connection, text, [], |row| Ok(Incarnation(Uuid::from_bytes(row.get("incarnation")?))))
}

/// Notes which history the rows are to come from.
pub(crate) fn begin(connection: &Connection, incarnation: Incarnation) -> rusqlite::Result<()> {
    let text = "INSERT INTO progress (one, incarnation) VALUES (1, ?1)";
    sql::run(connection, text, [incarnation.0.as_bytes()]).map(|_| ())
}

fn save(connection: &Connection, cursor: Position) -> rusqlite::Result<()> {
    sql::run(connection, "UPDATE progress SET position = ?1", [Whole(cursor.0)]).map(|_| ())
}

fn apply(to: &Connection, known: &mut Known, sums: &mut Sums, event: &StoredEvent) -> Result<(), ApplyError> {
    log::event(to, &mut known.names, event)?;
    match event.stream.category() {
        "organization" => accounts::organization(to, &decode_own(event)?),
        "member" => accounts::member(to, &decode_own(event)?),
        "apikey" => accounts::api_key(to, &decode_own(event)?),
        "capability" => catalog::capability(to, &decode_own(event)?),
        "provider" => catalog::provider(to, &decode_own(event)?),
        "listing" => listings::listing(to, &decode_own(event)?),
        "health" => health::health(to, &decode_own(event)?),
        "offer" => agreements::offer(to, &decode_own(event)?),
        "agreement" => agreements::agreement(to, &decode_own(event)?),
        "platform" => decode(event).map_or(Ok(()), |event| agreements::market(to, &event?)),
        "usage" => usage::usage(to, &mut known.origins, sums, event),
        "invoice" => billing::invoice(to, &decode_own(event)?),
        "ledger" => settlement::ledger(to, &decode_own(event)?),
        "statement" => settlement::statement(to, &decode_own(event)?),
        _ => Ok(()),
    }
}
