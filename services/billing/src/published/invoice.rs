//! Facts of an invoice: one agreement, one period. Stream: `invoice-<id>`.
//!
//! Drafting closes the period; issuing rates what was used in it.

use agreements::published::market::MarketTerms;
use agreements::published::rating::TierCharge;
use jiff::Timestamp;
use kernel::id::{self, AgreementId, InvoiceId, ListingId, OrganizationId, ProviderId};
use kernel::meter::Meter;
use kernel::money::Money;
use kernel::period::Period;
use metering::published::usage::{SequenceRange, Split};
use serde::{Deserialize, Serialize};

/// The id of the invoice of an agreement's period that begins at `start`: one period, one invoice.
pub fn invoice_id(agreement: AgreementId, start: Timestamp) -> InvoiceId {
    InvoiceId::new(id::derived(&["invoice", &agreement.to_string(), &start.to_string()]))
}

/// What happened to an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The period was closed.
    Drafted(Drafted),
    /// Usage was rated and the amounts are owed.
    Issued(Issued),
    /// The buyer paid.
    Paid(Paid),
    /// The operator declared it void.
    Voided(Voided),
}

/// The period was closed: nothing admitted after its end belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafted {
    /// The invoice; derived from agreement and period start, so that a period closes once.
    pub invoice: InvoiceId,
    /// The agreement.
    pub agreement: AgreementId,
    /// Who owes.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// The provider that delivered.
    pub provider: ProviderId,
    /// What was bought.
    pub listing: ListingId,
    /// The closed period.
    pub period: Period,
    /// What it is charged for.
    #[serde(default, skip_serializing_if = "Charges::are_all")]
    pub charges: Charges,
}

/// What a period is charged for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charges {
    /// What was used, and what is owed without usage: the flat fee, and the flat amount of each meter's first tier.
    #[default]
    All,
    /// What was used, and late usage of earlier periods: the agreement had ended before the period began.
    UsageAlone,
}

impl Charges {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    fn are_all(&self) -> bool {
        *self == Self::All
    }
}

/// Usage was rated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The agreement.
    pub agreement: AgreementId,
    /// Who owes.
    pub buyer: OrganizationId,
    /// Who sold.
    pub seller: OrganizationId,
    /// The provider that delivered.
    pub provider: ProviderId,
    /// The period.
    pub period: Period,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it should be paid.
    pub due_at: Timestamp,
    /// The price version rated by.
    pub price_version: u32,
    /// Commission and tax, as frozen in the agreement.
    pub market: MarketTerms,
    /// What is charged for; sums to `subtotal`, their tax to `tax`.
    pub lines: Vec<Line>,
    /// Before tax.
    pub subtotal: Money,
    /// Tax.
    pub tax: Money,
    /// `subtotal + tax`: what is owed; below zero, what the platform owes the buyer.
    pub total: Money,
    /// Where the usage is: per usage stream, the agreement's sequence numbers.
    pub ranges: Vec<SequenceRange>,
    /// How many calls and reports it covers.
    pub calls: u64,
}

/// One line of an invoice, with its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its index, from 0.
    pub number: u32,
    /// What is charged.
    pub item: LineItem,
    /// The exact charge in major units, before rounding, as a fraction or decimal: `numerator/denominator`.
    pub exact: String,
    /// The rounded charge: halves away from zero, once, here.
    pub amount: Money,
    /// Its share of the invoice's tax, by largest remainder.
    pub tax: Money,
}

/// What a line is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LineItem {
    /// Usage of one meter: free units at zero, the rest by tiers.
    Usage {
        /// What was counted.
        meter: Meter,
        /// How much, by class.
        split: Split,
        /// How the `VALUE_ADDED` units were charged.
        tiers: Vec<TierCharge>,
    },
    /// Usage of a closed period that was reported after its invoice: what all of that period costs now, less what it
    /// cost on earlier invoices. Below zero only where more units make each cheaper.
    Correction {
        /// The closed period, in which it was used.
        service: Period,
        /// What was counted.
        meter: Meter,
        /// How much came late, by class.
        split: Split,
        /// How all `VALUE_ADDED` units of that period are charged by now.
        tiers: Vec<TierCharge>,
        /// How those on earlier invoices are.
        billed: Vec<TierCharge>,
    },
    /// The flat fee of the period.
    FlatFee {
        /// Seconds of the period.
        seconds: i64,
        /// Seconds of the whole calendar period it is a part of.
        of_seconds: i64,
    },
}

/// The buyer paid in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Who owed.
    pub buyer: OrganizationId,
    /// What was paid: the total.
    pub amount: Money,
    /// The payer's reference, 1 to 140 characters.
    pub reference: String,
    /// When it was booked.
    pub paid_at: Timestamp,
}

/// The operator declared it void: nothing is owed. The usage stays recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// When.
    pub voided_at: Timestamp,
}
