//! The recorded invoice of billing's samples and what follows from it, shared by this crate's tests.

use billing::published::invoice::{Issued, Paid, Voided};
use jiff::Timestamp;
use kernel::id::EntryId;
use kernel::money::{Currency, Money};
use uuid::Uuid;

use crate::commission::Split;
use crate::published::ledger::{Account, Month, Posted, Posting, Reason, entry_id};
use crate::published::statement::{self, LineAdded, LineKind, Opened, statement_id};
use crate::statement::AddLine;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

/// 14.90 and 0.89 tax, issued on 28 February, 10 % commission.
pub fn issued() -> Issued {
    serde_json::from_str(include_str!("../../../schema/events/billing/invoice_issued.v1.json")).unwrap()
}

/// On 1 March.
pub fn paid() -> Paid {
    serde_json::from_str(include_str!("../../../schema/events/billing/invoice_paid.v1.json")).unwrap()
}

/// On 2 March.
pub fn voided() -> Voided {
    serde_json::from_str(include_str!("../../../schema/events/billing/invoice_voided.v1.json")).unwrap()
}

pub fn posted() -> Posted {
    let issued = issued();
    let posting = |account, minor| Posting { account, amount: cny(minor) };
    Posted {
        entry: entry_id(Reason::InvoiceIssued, issued.invoice),
        reason: Reason::InvoiceIssued,
        invoice: issued.invoice,
        at: issued.issued_at,
        postings: vec![
            posting(Account::BuyerReceivable(issued.buyer), 1_579),
            posting(Account::ProviderPayable(issued.seller), -1_341),
            posting(Account::CommissionRevenue, -149),
            posting(Account::TaxPayable, -89),
        ],
    }
}

pub fn other_entry() -> EntryId {
    EntryId::new(Uuid::from_u128(8))
}

pub fn add_line() -> AddLine {
    let issued = issued();
    AddLine {
        seller: issued.seller,
        month: Month::of(issued.issued_at),
        invoice: issued.invoice,
        kind: LineKind::Sale,
        split: Split { gross: cny(1_490), commission: cny(149), share: cny(1_341) },
        service: issued.period,
    }
}

pub fn opened() -> Opened {
    let AddLine { seller, month, .. } = add_line();
    let statement = statement_id(seller, Currency::Cny, month);
    Opened { statement, seller, period: month.period().unwrap(), currency: Currency::Cny }
}

pub fn line_added() -> LineAdded {
    let AddLine { invoice, kind, split, service, .. } = add_line();
    let Split { gross, commission, share } = split;
    LineAdded { statement: opened().statement, invoice, kind, gross, commission, share, service }
}

pub fn statement_issued() -> statement::Issued {
    let Split { gross, commission, share } = add_line().split;
    let issued_at = at("2026-03-01T00:00:00Z");
    statement::Issued { statement: opened().statement, gross, commission, share, issued_at }
}
