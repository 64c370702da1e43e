//! Wires the settlement policy: what an invoice leads to in the ledger and on statements.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use billing::invoice::Invoice;
use billing::published::invoice::{Event, Issued};
use eventlog::clock::Clock;
use eventlog::codec;
use eventlog::execute::{Cause, ExecuteError, Kept, load};
use eventlog::port::{EventLog, Filter, StoredEvent};
use eventlog::react::{ReactError, Reaction};
use kernel::decider::Decider;
use kernel::event::StreamName;
use settlement::ledger::Ledger;
use settlement::policy::{Instruction, react};
use settlement::published::ledger::Month;
use settlement::published::statement::statement_id;
use settlement::statement::{AddLine, Command, Rejection, Statement};
use tokio::sync::Mutex;

/// Books invoices.
pub struct Settlement {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    books: Mutex<Books>,
}

/// The months and statements that are being written: each has a line for every invoice in it.
#[derive(Default)]
struct Books {
    ledgers: HashMap<StreamName, Kept<Ledger>>,
    statements: HashMap<StreamName, Kept<Statement>>,
}

/// How many of each are kept at the most; then all are read anew.
const KEPT_MAX: usize = 1_000;

/// How many months a line may move on because statements were issued early.
const MONTHS_MAX: usize = 24;

#[async_trait]
impl Reaction for Settlement {
    fn name(&self) -> &'static str {
        "settlement"
    }

    fn filter(&self) -> Filter {
        Filter::kinds(&["invoice_issued", "invoice_paid", "invoice_voided"])
    }

    async fn handle(&self, stored: &StoredEvent) -> Result<(), ReactError> {
        let recorded = codec::decode_own::<Event>(stored).map_err(permanent)?;
        let cause = Cause::event(&recorded, "platform:settlement", self.clock.now());
        let issued = self.issue_of(&stored.stream).await?;
        for instruction in react(&recorded.event, issued.as_ref()).map_err(permanent)? {
            self.carry_out(instruction, &cause).await?;
        }
        Ok(())
    }
}

impl Settlement {
    /// Reads invoices from the log and writes bookings to it, at the clock's instants.
    pub fn new(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock, books: Mutex::default() }
    }

    async fn issue_of(&self, invoice: &StreamName) -> Result<Option<Issued>, ReactError> {
        let (state, _) = load::<Invoice>(self.log.as_ref(), invoice).await.map_err(transient)?;
        Ok(state.issued().cloned())
    }

    async fn carry_out(&self, instruction: Instruction, cause: &Cause) -> Result<(), ReactError> {
        let stream = instruction.stream();
        match instruction {
            Instruction::PostEntry { command, .. } => {
                let books = &mut self.books.lock().await;
                let ledger = kept(&mut books.ledgers, &stream);
                ledger.execute(self.log.as_ref(), &stream, command, cause).await.map_err(failed)
            }
            Instruction::AddStatementLine { command, .. } => self.add_line(command, cause).await,
        }
    }

    /// Adds the line to its month's statement, or to the next one that has not been issued.
    async fn add_line(&self, mut line: AddLine, cause: &Cause) -> Result<(), ReactError> {
        for _ in 0..MONTHS_MAX {
            let stream = StreamName::of(&statement_id(line.seller, line.split.gross.currency, line.month));
            let books = &mut self.books.lock().await;
            let statement = kept(&mut books.statements, &stream);
            match statement.execute(self.log.as_ref(), &stream, Command::AddLine(line), cause).await {
                Err(ExecuteError::Rejected(Rejection::AlreadyIssued)) => line.month = next(line.month)?,
                executed => return executed.map_err(failed),
            }
        }
        Err(permanent(Rejection::AlreadyIssued))
    }
}

fn kept<'a, D: Decider>(all: &'a mut HashMap<StreamName, Kept<D>>, stream: &StreamName) -> &'a mut Kept<D> {
    if all.len() >= KEPT_MAX && !all.contains_key(stream) {
        all.clear();
    }
    all.entry(stream.clone()).or_default()
}

fn next(month: Month) -> Result<Month, ReactError> {
    month.next().map_err(permanent)
}

fn permanent(error: impl std::error::Error + Send + Sync + 'static) -> ReactError {
    ReactError::Permanent(Box::new(error))
}

fn transient(error: impl std::error::Error + Send + Sync + 'static) -> ReactError {
    ReactError::Transient(Box::new(error))
}

/// What a rule refuses it refuses for good; what the store could not do it may do later.
fn failed<R: std::error::Error + Send + Sync + 'static>(error: ExecuteError<R>) -> ReactError {
    match error {
        ExecuteError::Rejected(_) | ExecuteError::Decode(_) | ExecuteError::Encode(_) | ExecuteError::Invalid(_) => {
            permanent(error)
        }
        ExecuteError::Conflict | ExecuteError::Unavailable(_) | ExecuteError::Unknown | ExecuteError::Read(_) => {
            transient(error)
        }
    }
}
