//! Invoices and their lines.

use billing::published::invoice::{Drafted, Event, Issued, Line, Paid, Voided};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{AgreementId, InvoiceId, OrganizationId};
use kernel::money::{Currency, Money};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::agreements::close_period;
use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::projection::{ApplyError, found};
use crate::sql::{self, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE invoice (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        agreement TEXT NOT NULL,
        buyer TEXT NOT NULL,
        seller TEXT NOT NULL,
        period_start INTEGER NOT NULL,
        period_end INTEGER NOT NULL,
        state TEXT NOT NULL,
        drafted TEXT NOT NULL,
        issued TEXT,
        currency TEXT,
        subtotal INTEGER,
        tax INTEGER,
        total INTEGER,
        paid TEXT,
        voided TEXT
    ) STRICT;
    CREATE INDEX invoice_agreement ON invoice (agreement, position);
    CREATE INDEX invoice_buyer ON invoice (buyer, position);
    CREATE INDEX invoice_seller ON invoice (seller, position);
    CREATE INDEX invoice_draft ON invoice (position) WHERE state = 'draft';
    CREATE TABLE invoice_line (
        invoice TEXT NOT NULL,
        number INTEGER NOT NULL,
        currency TEXT NOT NULL,
        amount INTEGER NOT NULL,
        tax INTEGER NOT NULL,
        line TEXT NOT NULL,
        PRIMARY KEY (invoice, number)
    ) STRICT, WITHOUT ROWID;
";

/// Where an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Its period is closed; its usage is not rated yet.
    Draft,
    /// Its total is owed.
    Issued,
    /// It was paid.
    Paid,
    /// Nothing is owed.
    Void,
}

/// An invoice, in whichever state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Whose, for what, for when.
    pub drafted: Drafted,
    /// Where it stands.
    pub state: InvoiceState,
    /// What is owed and why, lines included, once issued.
    pub issued: Option<Issued>,
    /// How it was paid, once paid.
    pub paid: Option<Paid>,
    /// Why it is void, once voided.
    pub voided: Option<Voided>,
}

/// Which invoices; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Owed by this organization.
    pub buyer: Option<OrganizationId>,
    /// For what this organization sold.
    pub seller: Option<OrganizationId>,
    /// In this state.
    pub state: Option<InvoiceState>,
    /// Under this agreement.
    pub agreement: Option<AgreementId>,
    /// For a period that ends after this instant.
    pub from: Option<Timestamp>,
    /// For a period that starts before this instant.
    pub until: Option<Timestamp>,
}

const INVOICE: &str = "drafted, state, issued, paid, voided";

fn read_invoice(row: &Row<'_>) -> rusqlite::Result<Invoice> {
    Ok(Invoice {
        drafted: sql::json(row, "drafted")?,
        state: sql::text(row, "state")?,
        issued: sql::optional_json(row, "issued")?,
        paid: sql::optional_json(row, "paid")?,
        voided: sql::optional_json(row, "voided")?,
    })
}

impl InvoiceFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        Conditions::default()
            .and_if_by_rank("+agreement = ?", self.agreement.map(Text))?
            .and_if_by_rank("+buyer = ?", self.buyer.map(Text))?
            .and_if_by_rank("+seller = ?", self.seller.map(Text))?
            .and_if("state = ?", self.state.map(Text))?
            .and_if("period_end > ?", self.from.map(Instant))?
            .and_if("period_start < ?", self.until.map(Instant))
    }

    pub(crate) fn list(&self) -> rusqlite::Result<List<Invoice>> {
        Ok(List {
            name: "invoices",
            columns: INVOICE,
            from: "invoice",
            term: None,
            key: &["position"],
            descending: true,
            conditions: self.conditions()?,
            read: read_invoice,
        })
    }
}

impl Views {
    /// An invoice by its id.
    pub fn invoice(&self, id: InvoiceId) -> Result<Option<Invoice>, Fault> {
        self.one(&format!("SELECT {INVOICE} FROM invoice WHERE id = ?1"), [Text(id)], read_invoice)
    }

    /// Invoices, newest first.
    pub fn invoices(&self, filter: &InvoiceFilter, page: &PageRequest) -> Result<Page<Invoice>, PageError> {
        let list = filter.list()?;
        self.read(|connection| list.page(connection, page))
    }

    /// Every closed period whose usage is not rated yet, oldest first: what to go on with after a stop.
    pub fn drafts(&self) -> Result<Vec<Drafted>, Fault> {
        let text = "SELECT drafted FROM invoice WHERE state = 'draft' ORDER BY position";
        self.all(text, [], |row| sql::json(row, "drafted"))
    }

    /// The lines of an invoice in their order; none before it is issued.
    pub fn invoice_lines(&self, id: InvoiceId) -> Result<Vec<Line>, Fault> {
        let text = "SELECT line FROM invoice_line WHERE invoice = ?1 ORDER BY number";
        self.all(text, [Text(id)], |row| sql::json(row, "line"))
    }
}

pub(crate) fn invoice(to: &Connection, recorded: &Recorded<Event>) -> Result<(), ApplyError> {
    match &recorded.event {
        Event::Drafted(fact) => drafted(to, recorded, fact),
        Event::Issued(fact) => issued(to, fact),
        Event::Paid(fact) => {
            let text = "UPDATE invoice SET state = ?2, paid = ?3 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.invoice), Text(InvoiceState::Paid), Json(fact)))?)
        }
        Event::Voided(fact) => {
            let text = "UPDATE invoice SET state = ?2, voided = ?3 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.invoice), Text(InvoiceState::Void), Json(fact)))?)
        }
    }
}

fn drafted(to: &Connection, recorded: &Recorded<Event>, fact: &Drafted) -> Result<(), ApplyError> {
    let text = "INSERT INTO invoice
        (position, id, agreement, buyer, seller, period_start, period_end, state, drafted)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.invoice),
        Text(fact.agreement),
        Text(fact.buyer),
        Text(fact.seller),
        Instant(fact.period.start),
        Instant(fact.period.end),
        Text(InvoiceState::Draft),
        Json(fact),
    );
    sql::run(to, text, row)?;
    close_period(to, fact.agreement, fact.period.end, recorded.occurred_at)
}

fn issued(to: &Connection, fact: &Issued) -> Result<(), ApplyError> {
    balanced(fact)?;
    let text = "UPDATE invoice SET state = ?2, issued = ?3, currency = ?4, subtotal = ?5, tax = ?6, total = ?7
        WHERE id = ?1";
    let row = (
        Text(fact.invoice),
        Text(InvoiceState::Issued),
        Json(fact),
        Text(fact.total.currency),
        fact.subtotal.minor,
        fact.tax.minor,
        fact.total.minor,
    );
    found(sql::run(to, text, row)?)?;
    for line in &fact.lines {
        let text = "INSERT INTO invoice_line (invoice, number, currency, amount, tax, line)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let currency = Text(line.amount.currency);
        let row = (Text(fact.invoice), line.number, currency, line.amount.minor, line.tax.minor, Json(line));
        sql::run(to, text, row)?;
    }
    Ok(())
}

/// Lines sum to the subtotal, their tax to the tax, both to the total.
fn balanced(fact: &Issued) -> Result<(), ApplyError> {
    let currency: Currency = fact.total.currency;
    let amounts = Money::sum(currency, fact.lines.iter().map(|line| line.amount))?;
    let taxes = Money::sum(currency, fact.lines.iter().map(|line| line.tax))?;
    let sums = amounts == fact.subtotal && taxes == fact.tax && fact.subtotal.plus(fact.tax)? == fact.total;
    if sums { Ok(()) } else { Err(ApplyError::Unbalanced) }
}
