//! The ledger with its balances, and providers' statements.

use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{EntryId, InvoiceId, OrganizationId, StatementId};
use kernel::money::Money;
use kernel::period::Period;
use rusqlite::{Connection, Row};
use settlement::published::ledger::{Account, Event as LedgerEvent, Posted, Posting, Reason};
use settlement::published::statement::{Event as StatementEvent, Issued, LineAdded, LineKind, Opened};

use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::projection::{ApplyError, found};
use crate::sql::{self, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE ledger_entry (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        reason TEXT NOT NULL,
        invoice TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX ledger_entry_invoice ON ledger_entry (invoice, position);
    CREATE TABLE posting (
        entry INTEGER NOT NULL,
        number INTEGER NOT NULL,
        account TEXT NOT NULL,
        organization TEXT,
        currency TEXT NOT NULL,
        minor INTEGER NOT NULL,
        PRIMARY KEY (entry, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX posting_account ON posting (account, entry);
    CREATE INDEX posting_organization ON posting (organization, entry) WHERE organization IS NOT NULL;
    CREATE TABLE balance (
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        organization TEXT,
        minor INTEGER NOT NULL,
        PRIMARY KEY (account, currency)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX balance_organization ON balance (organization);
    CREATE TABLE statement (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        seller TEXT NOT NULL,
        period TEXT NOT NULL,
        currency TEXT NOT NULL,
        gross INTEGER NOT NULL,
        commission INTEGER NOT NULL,
        share INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        issued_at INTEGER
    ) STRICT;
    CREATE INDEX statement_seller ON statement (seller, position);
    CREATE TABLE statement_line (
        statement TEXT NOT NULL,
        number INTEGER NOT NULL,
        invoice TEXT NOT NULL,
        kind TEXT NOT NULL,
        currency TEXT NOT NULL,
        gross INTEGER NOT NULL,
        commission INTEGER NOT NULL,
        share INTEGER NOT NULL,
        service TEXT NOT NULL,
        PRIMARY KEY (statement, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX statement_line_invoice ON statement_line (invoice);
";

/// An entry of the ledger, without its postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The entry.
    pub id: EntryId,
    /// Why.
    pub reason: Reason,
    /// The invoice it is about.
    pub invoice: InvoiceId,
    /// When what it books happened.
    pub at: Timestamp,
}

/// Which entries; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// With a posting on this account.
    pub account: Option<Account>,
    /// With a posting on an account of this organization.
    pub organization: Option<OrganizationId>,
    /// About this invoice.
    pub invoice: Option<InvoiceId>,
}

/// Which statements; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementFilter {
    /// Of this seller.
    pub seller: Option<OrganizationId>,
    /// Only those issued, or only those still open.
    pub issued: Option<bool>,
}

/// The balance of an account in one currency. Debits are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// The sum of its postings.
    pub amount: Money,
}

/// A statement. Its sums grow with its lines until it is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The statement.
    pub id: StatementId,
    /// The selling organization.
    pub seller: OrganizationId,
    /// The month.
    pub period: Period,
    /// What buyers are charged before tax.
    pub gross: Money,
    /// What the platform keeps.
    pub commission: Money,
    /// What the provider gets.
    pub share: Money,
    /// How many lines.
    pub line_count: u64,
    /// When it was issued, once it was.
    pub issued_at: Option<Timestamp>,
}

/// A line of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Its index, from 0.
    pub number: u64,
    /// The invoice.
    pub invoice: InvoiceId,
    /// What the line does.
    pub kind: LineKind,
    /// What the buyer is charged before tax.
    pub gross: Money,
    /// What the platform keeps.
    pub commission: Money,
    /// What the provider gets.
    pub share: Money,
    /// The service period of the invoice.
    pub service: Period,
}

const ON_ACCOUNT: &str = "position IN (SELECT entry FROM posting WHERE account = ?)";
const OF_ORGANIZATION: &str = "position IN (SELECT entry FROM posting WHERE organization = ?)";
/// As [`ON_ACCOUNT`], asked of each entry of an invoice: those are few, those on an account may be all.
const ENTRY_ON_ACCOUNT: &str = "EXISTS (SELECT 1 FROM posting WHERE entry = ledger_entry.position AND account = ?)";
/// As [`OF_ORGANIZATION`], likewise.
const ENTRY_OF_ORGANIZATION: &str =
    "EXISTS (SELECT 1 FROM posting WHERE entry = ledger_entry.position AND organization = ?)";
const STATEMENT: &str = "id, seller, period, currency, gross, commission, share, lines, issued_at";

fn read_entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: sql::text(row, "id")?,
        reason: sql::text(row, "reason")?,
        invoice: sql::text(row, "invoice")?,
        at: sql::instant(row, "at")?,
    })
}

fn read_statement(row: &Row<'_>) -> rusqlite::Result<Statement> {
    Ok(Statement {
        id: sql::text(row, "id")?,
        seller: sql::text(row, "seller")?,
        period: sql::json(row, "period")?,
        gross: sql::money(row, "gross")?,
        commission: sql::money(row, "commission")?,
        share: sql::money(row, "share")?,
        line_count: sql::whole(row, "lines")?,
        issued_at: sql::optional_instant(row, "issued_at")?,
    })
}

fn read_statement_line(row: &Row<'_>) -> rusqlite::Result<StatementLine> {
    Ok(StatementLine {
        number: sql::whole(row, "number")?,
        invoice: sql::text(row, "invoice")?,
        kind: sql::text(row, "kind")?,
        gross: sql::money(row, "gross")?,
        commission: sql::money(row, "commission")?,
        share: sql::money(row, "share")?,
        service: sql::json(row, "service")?,
    })
}

impl EntryFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let (on_account, of_organization) = match self.invoice {
            None => (ON_ACCOUNT, OF_ORGANIZATION),
            Some(_) => (ENTRY_ON_ACCOUNT, ENTRY_OF_ORGANIZATION),
        };
        Conditions::default()
            .and_if("invoice = ?", self.invoice.map(Text))?
            .and_if(on_account, self.account.map(Json))?
            .and_if(of_organization, self.organization.map(Text))
    }

    pub(crate) fn list(&self) -> rusqlite::Result<List<Entry>> {
        Ok(List {
            name: "ledger_entries",
            columns: "id, reason, invoice, at",
            from: "ledger_entry",
            term: None,
            key: &["position"],
            descending: true,
            conditions: self.conditions()?,
            read: read_entry,
        })
    }
}

impl Views {
    /// Entries of the ledger, newest first.
    pub fn ledger_entries(&self, filter: &EntryFilter, page: &PageRequest) -> Result<Page<Entry>, PageError> {
        let list = filter.list()?;
        self.read(|connection| list.page(connection, page))
    }

    /// An entry by its id.
    pub fn ledger_entry(&self, id: EntryId) -> Result<Option<Entry>, Fault> {
        self.one("SELECT id, reason, invoice, at FROM ledger_entry WHERE id = ?1", [Text(id)], read_entry)
    }

    /// The postings of an entry in their order; they sum to zero per currency.
    pub fn postings(&self, entry: EntryId) -> Result<Vec<Posting>, Fault> {
        let text = "SELECT p.account, p.currency, p.minor FROM ledger_entry e JOIN posting p ON p.entry = e.position
            WHERE e.id = ?1 ORDER BY p.number";
        self.all(text, [Text(entry)], |row| {
            Ok(Posting { account: sql::json(row, "account")?, amount: sql::money(row, "minor")? })
        })
    }

    /// The balances of an organization's accounts.
    pub fn balances_of(&self, organization: OrganizationId) -> Result<Vec<Balance>, Fault> {
        let text = "SELECT account, currency, minor FROM balance WHERE organization = ?1 ORDER BY account, currency";
        self.all(text, [Text(organization)], read_balance)
    }

    /// The balances of the platform's own accounts.
    pub fn platform_balances(&self) -> Result<Vec<Balance>, Fault> {
        let text = "SELECT account, currency, minor FROM balance WHERE organization IS NULL ORDER BY account, currency";
        self.all(text, [], read_balance)
    }

    /// A statement by its id.
    pub fn statement(&self, id: StatementId) -> Result<Option<Statement>, Fault> {
        self.one(&format!("SELECT {STATEMENT} FROM statement WHERE id = ?1"), [Text(id)], read_statement)
    }

    /// Statements, newest first.
    pub fn statements(&self, filter: &StatementFilter, page: &PageRequest) -> Result<Page<Statement>, PageError> {
        let list = List {
            name: "statements",
            columns: STATEMENT,
            from: "statement",
            term: None,
            key: &["position"],
            descending: true,
            conditions: Conditions::default()
                .and_if("seller = ?", filter.seller.map(Text))?
                .and_if("(issued_at IS NOT NULL) = ?", filter.issued)?,
            read: read_statement,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// Every statement that is not issued yet, oldest first.
    pub fn open_statements(&self) -> Result<Vec<Statement>, Fault> {
        let text = format!("SELECT {STATEMENT} FROM statement WHERE issued_at IS NULL ORDER BY position");
        self.all(&text, [], read_statement)
    }

    /// The lines of a statement in their order.
    pub fn statement_lines(
        &self,
        statement: StatementId,
        page: &PageRequest,
    ) -> Result<Page<StatementLine>, PageError> {
        let list = List {
            name: "statement_lines",
            columns: "invoice, kind, currency, gross, commission, share, service",
            from: "statement_line",
            term: None,
            key: &["number"],
            descending: false,
            conditions: Conditions::default().and_if("statement = ?", Some(Text(statement)))?,
            read: read_statement_line,
        };
        self.read(|connection| list.page(connection, page))
    }
}

fn read_balance(row: &Row<'_>) -> rusqlite::Result<Balance> {
    Ok(Balance { account: sql::json(row, "account")?, amount: sql::money(row, "minor")? })
}

pub(crate) fn ledger(to: &Connection, recorded: &Recorded<LedgerEvent>) -> Result<(), ApplyError> {
    let LedgerEvent::Posted(fact) = &recorded.event;
    sum_to_zero(fact)?;
    let position = recorded.position.0;
    let text = "INSERT INTO ledger_entry (position, id, reason, invoice, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (Whole(position), Text(fact.entry), Text(fact.reason), Text(fact.invoice), Instant(fact.at));
    sql::run(to, text, row)?;
    (0_u32..).zip(&fact.postings).try_for_each(|(number, posting)| post(to, position, number, posting))
}

fn sum_to_zero(fact: &Posted) -> Result<(), ApplyError> {
    for posting in &fact.postings {
        let currency = posting.amount.currency;
        let amounts = fact.postings.iter().map(|other| other.amount).filter(|other| other.currency == currency);
        if !Money::sum(currency, amounts)?.is_zero() {
            return Err(ApplyError::Unbalanced);
        }
    }
    Ok(())
}

fn post(to: &Connection, entry: u64, number: u32, posting: &Posting) -> Result<(), ApplyError> {
    let account = posting.account;
    let organization = organization(account);
    let currency = Text(posting.amount.currency);
    let minor = posting.amount.minor;
    let text = "INSERT INTO posting (entry, number, account, organization, currency, minor)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    sql::run(to, text, (Whole(entry), number, Json(account), organization.map(Text), &currency, minor))?;
    let text = "INSERT INTO balance (account, currency, organization, minor) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (account, currency) DO UPDATE SET minor = minor + excluded.minor";
    sql::run(to, text, (Json(account), currency, organization.map(Text), minor))?;
    Ok(())
}

const fn organization(account: Account) -> Option<OrganizationId> {
    match account {
        Account::BuyerReceivable(id) | Account::ProviderPayable(id) => Some(id),
        Account::CommissionRevenue | Account::TaxPayable | Account::Cash => None,
    }
}

pub(crate) fn statement(to: &Connection, recorded: &Recorded<StatementEvent>) -> Result<(), ApplyError> {
    match &recorded.event {
        StatementEvent::Opened(fact) => opened(to, recorded, fact),
        StatementEvent::LineAdded(fact) => line_added(to, fact),
        StatementEvent::Issued(fact) => issued(to, fact),
    }
}

fn opened(to: &Connection, recorded: &Recorded<StatementEvent>, fact: &Opened) -> Result<(), ApplyError> {
    let text = "INSERT INTO statement
        (position, id, seller, period, currency, gross, commission, share, lines)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0)";
    let row =
        (Whole(recorded.position.0), Text(fact.statement), Text(fact.seller), Json(fact.period), Text(fact.currency));
    sql::run(to, text, row)?;
    Ok(())
}

fn line_added(to: &Connection, fact: &LineAdded) -> Result<(), ApplyError> {
    if fact.share.plus(fact.commission)? != fact.gross {
        return Err(ApplyError::Unbalanced);
    }
    let text = "INSERT INTO statement_line
        (statement, number, invoice, kind, currency, gross, commission, share, service)
        SELECT id, lines, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM statement WHERE id = ?1 AND currency = ?4";
    let row = (
        Text(fact.statement),
        Text(fact.invoice),
        Text(fact.kind),
        Text(fact.gross.currency),
        fact.gross.minor,
        fact.commission.minor,
        fact.share.minor,
        Json(fact.service),
    );
    found(sql::run(to, text, row)?)?;
    let text = "UPDATE statement SET gross = gross + ?2, commission = commission + ?3, share = share + ?4,
        lines = lines + 1 WHERE id = ?1";
    let sums = (Text(fact.statement), fact.gross.minor, fact.commission.minor, fact.share.minor);
    found(sql::run(to, text, sums)?)
}

/// The issued sums must be those of the lines.
fn issued(to: &Connection, fact: &Issued) -> Result<(), ApplyError> {
    let text = "UPDATE statement SET issued_at = ?2
        WHERE id = ?1 AND currency = ?3 AND gross = ?4 AND commission = ?5 AND share = ?6";
    let row = (
        Text(fact.statement),
        Instant(fact.issued_at),
        Text(fact.gross.currency),
        fact.gross.minor,
        fact.commission.minor,
        fact.share.minor,
    );
    if sql::run(to, text, row)? == 0 { Err(ApplyError::Unbalanced) } else { Ok(()) }
}
