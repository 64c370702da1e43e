//! Facts of the ledger: double entry. Stream: `ledger-<year>-<month>`, by the instant of the entry, UTC.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::event::StreamKey;
use kernel::id::{self, EntryId, InvoiceId, OrganizationId};
use kernel::money::Money;
use kernel::period::{BillingPeriod, Calendar, InvalidCalendar, Period, Zone};
use serde::{Deserialize, Serialize};

/// A calendar month, UTC. Names a stream of the ledger: `ledger-2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    first_day: Date,
}

impl Month {
    /// The month that holds an instant.
    pub fn of(instant: Timestamp) -> Self {
        Self { first_day: instant.to_zoned(TimeZone::UTC).date().first_of_month() }
    }

    /// The month's instants.
    pub fn period(self) -> Result<Period, InvalidCalendar> {
        let zone: Zone = "UTC".parse()?;
        let start = zone.start_of(self.first_day)?;
        Calendar { zone, anchor: self.first_day, every: BillingPeriod::Month }.period_at(start)
    }

    /// The month after.
    pub fn next(self) -> Result<Self, InvalidCalendar> {
        self.period().map(|period| Self::of(period.end))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.first_day.year(), self.first_day.month())
    }
}

impl StreamKey for Month {
    const CATEGORY: &'static str = "ledger";
    fn key(&self) -> String {
        self.to_string()
    }
}

/// The id of the entry that books one thing about one invoice, so that it is posted once.
pub fn entry_id(reason: Reason, invoice: InvoiceId) -> EntryId {
    EntryId::new(id::derived(&["entry", reason.name(), &invoice.to_string()]))
}

/// A ledger account. Debits are positive, credits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "organization")]
pub enum Account {
    /// What a buyer owes.
    BuyerReceivable(OrganizationId),
    /// What is owed to a provider.
    ProviderPayable(OrganizationId),
    /// The platform's commission.
    CommissionRevenue,
    /// Tax collected and not yet handed over.
    TaxPayable,
    /// Money in hand.
    Cash,
}

/// One side of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// Debit positive, credit negative.
    pub amount: Money,
}

/// Why an entry was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An invoice was issued.
    InvoiceIssued,
    /// An invoice was paid.
    InvoicePaid,
    /// An invoice was voided: the reverse of its issue.
    InvoiceVoided,
}

impl Reason {
    /// The name in events and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvoiceIssued => "invoice_issued",
            Self::InvoicePaid => "invoice_paid",
            Self::InvoiceVoided => "invoice_voided",
        }
    }
}

/// What happened in a month of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry was posted.
    Posted(Posted),
}

/// An entry was posted. Its postings sum to zero per currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The entry; derived from its cause, so that it is posted once.
    pub entry: EntryId,
    /// Why.
    pub reason: Reason,
    /// The invoice it is about.
    pub invoice: InvoiceId,
    /// When what it books happened.
    pub at: Timestamp,
    /// Two or more.
    pub postings: Vec<Posting>,
}
