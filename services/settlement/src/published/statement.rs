//! Facts of a statement: what the platform owes a provider for a calendar month, UTC. Stream: `statement-<id>`.

use jiff::Timestamp;
use kernel::id::{self, InvoiceId, OrganizationId, StatementId};
use kernel::money::{Currency, Money};
use kernel::period::Period;
use serde::{Deserialize, Serialize};

use super::ledger::Month;

/// The id of the statement of a seller for a month: one per currency.
pub fn statement_id(seller: OrganizationId, currency: Currency, month: Month) -> StatementId {
    StatementId::new(id::derived(&["statement", &seller.to_string(), currency.code(), &month.to_string()]))
}

/// What happened to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first line of the month made it.
    Opened(Opened),
    /// An invoice added to it, or a void took away.
    LineAdded(LineAdded),
    /// The month is over: its amount is owed.
    Issued(Issued),
}

/// The first line of the month made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The statement; derived from seller, currency and month.
    pub statement: StatementId,
    /// The selling organization.
    pub seller: OrganizationId,
    /// The month.
    pub period: Period,
    /// One statement per currency.
    pub currency: Currency,
}

/// Whether a line adds an invoice or takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The invoice was issued.
    Sale,
    /// The invoice was voided; amounts are negative.
    Reversal,
}

/// A line: `gross = share + commission`; tax is the platform's to hand over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAdded {
    /// The statement.
    pub statement: StatementId,
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

/// The month is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The statement.
    pub statement: StatementId,
    /// Sum of the lines' gross.
    pub gross: Money,
    /// Sum of the lines' commission.
    pub commission: Money,
    /// What is owed to the provider: sum of the shares.
    pub share: Money,
    /// When.
    pub issued_at: Timestamp,
}
