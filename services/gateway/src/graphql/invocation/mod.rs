//! Calls as GraphQL shows them: what was asked, what answered, and what it used.

pub mod history;
pub mod mutation;
pub mod query;
pub mod refusal;

use std::sync::Arc;

use agreements::published::agreement::Accepted;
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};
use invocation::call::{self, Quote as QuoteRow, total};
use kernel::exact::Exact;
use kernel::meter::Quantity;
use kernel::money::Currency;
use metering::published::usage::{UsageLine as Line, UsageRecord};
use serde_json::Value;

use super::access;
use super::accounts::{Organization, organization};
use super::agreements::{Agreement, find_agreement};
use super::capabilities::Capability;
use super::connection::connection;
use super::errors::{Refused, not_found};
use super::listings::{Listing, capability, listing};
use super::receipts::{Receipt, of_invocation};
use super::scalars::{Count, DateTime, Decimal, Meter, UsageBasis, UsageClass};

/// How a call stands. What is answered is recorded; what is not recorded was never answered.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvocationState {
    /// Answered, and its usage is in the log.
    Settled,
}

/// Whether usage was measured here or told.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "metering::published::usage::RecordKind")]
pub enum InvocationKind {
    /// It went through the gateway.
    Call,
    /// The seller reported it: it happened outside of the gateway.
    Report,
}

/// One call, or one report of usage outside of the gateway. It can be looked up whatever happened to the connection.
#[derive(Clone, Description)]
pub struct Invocation {
    record: UsageRecord,
    currency: Currency,
    estimates: Vec<Exact>,
    output: Option<Arc<Value>>,
    repeated: bool,
}

#[Object(use_type_description)]
impl Invocation {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.record.invocation.to_string().into()
    }
    /// How it stands.
    async fn state(&self) -> InvocationState {
        InvocationState::Settled
    }
    /// Whether it is a call, or a report of the seller's.
    async fn kind(&self) -> InvocationKind {
        self.record.kind.into()
    }
    /// What was called; null where a report names none.
    async fn capability(&self, context: &Context<'_>) -> Result<Option<Capability>, Refused> {
        match &self.record.capability {
            Some(slug) => capability(context, slug).await.map(Some),
            None => Ok(None),
        }
    }
    /// What answered, or delivered.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.record.listing).await
    }
    /// Under which agreement.
    async fn agreement(&self, context: &Context<'_>) -> Result<Agreement, Refused> {
        find_agreement(context, self.record.agreement).await?.ok_or_else(|| not_found(""))
    }
    /// The answer; null where the call is looked up later.
    async fn output(&self) -> Option<&Value> {
        self.output.as_deref()
    }
    /// What it used, a line per meter and class.
    async fn usage(&self) -> Vec<UsageLine> {
        usage_lines(&self.record.lines, &self.estimates)
    }
    /// What it adds to the period's charge, in major units and unrounded: the invoice line is what is owed.
    async fn estimated_charge(&self) -> Decimal {
        Decimal::estimate(&total(&self.estimates))
    }
    /// What charges are in (ISO 4217).
    async fn currency_code(&self) -> &str {
        self.currency.code()
    }
    /// The price version it is billed by.
    async fn price_version(&self) -> u32 {
        self.record.price_version
    }
    /// Gapless from 1 per agreement and start of the platform: a gap would be an omission.
    async fn sequence(&self) -> Count {
        Count(self.record.sequence)
    }
    /// When it was admitted, or what is reported was used: this instant decides the period.
    async fn requested_at(&self) -> DateTime {
        DateTime(self.record.admitted_at)
    }
    /// When the answer was in hand, or the report recorded.
    async fn settled_at(&self) -> DateTime {
        DateTime(self.record.settled_at)
    }
    /// Whether this answers a repeated idempotency key; it is billed once all the same.
    async fn is_repeated(&self) -> bool {
        self.repeated
    }
    /// What proves it, offline, to whoever trusts the log's key. It names who called by id.
    async fn receipt(&self, context: &Context<'_>) -> Result<Receipt, Refused> {
        of_invocation(context, self.record.invocation).await?.ok_or_else(|| not_found(""))
    }
    /// The API key or member that called, or reported; for the buyer and the operator.
    async fn principal(&self, context: &Context<'_>) -> Option<&str> {
        access::sees(access::caller(context), self.record.buyer).then_some(self.record.principal.as_ref())
    }
}

impl Invocation {
    /// A call that was just answered.
    pub fn delivered(invocation: &call::Invocation) -> Self {
        Self {
            record: invocation.record.clone(),
            currency: invocation.currency,
            estimates: invocation.estimates.clone(),
            output: Some(Arc::clone(&invocation.output)),
            repeated: invocation.repeated,
        }
    }

    /// A call as the log has it, under terms that were frozen before it.
    pub fn recorded(record: UsageRecord, accepted: &Accepted) -> Self {
        let estimates = call::estimates(&record.lines, &accepted.terms);
        Self { record, currency: accepted.terms.currency, estimates, output: None, repeated: false }
    }

    /// Whether the caller bought or sold it, or operates the platform.
    pub fn is_visible(&self, context: &Context<'_>) -> bool {
        access::is_party(access::caller(context), self.record.buyer, self.record.seller)
    }
}

connection!(InvocationConnection, InvocationEdge, Invocation);

/// What a call used on one meter, of one class.
#[derive(SimpleObject, Clone, Debug, PartialEq)]
pub struct UsageLine {
    /// What was counted.
    pub meter: Meter,
    /// Whether it is charged.
    pub class: UsageClass,
    /// How much.
    pub quantity: Count,
    /// What it adds to the period's charge, in major units and unrounded.
    pub estimated_charge: Decimal,
    /// How the quantity is known.
    pub basis: UsageBasis,
}

/// The lines as classes: FREE at zero, `VALUE_ADDED` at its estimate, and none without units.
pub fn usage_lines(lines: &[Line], estimates: &[Exact]) -> Vec<UsageLine> {
    lines.iter().zip(estimates).flat_map(|(line, estimate)| classes(line, estimate)).collect()
}

fn classes(line: &Line, estimate: &Exact) -> impl Iterator<Item = UsageLine> {
    let of = |class, quantity: Quantity, charge: &Exact| UsageLine {
        meter: line.meter.into(),
        class,
        quantity: quantity.into(),
        estimated_charge: Decimal::estimate(charge),
        basis: line.basis.into(),
    };
    let free = of(UsageClass::Free, line.split.free, &kernel::exact::from_i64(0));
    let value_added = of(UsageClass::ValueAdded, line.split.value_added, estimate);
    [free, value_added].into_iter().filter(|line| line.quantity.0 > 0)
}

/// What a call would cost under one agreement, as things stand now.
#[derive(Clone, Description)]
pub struct Quote(pub QuoteRow);

#[Object(use_type_description)]
impl Quote {
    /// The agreement.
    async fn agreement(&self, context: &Context<'_>) -> Result<Agreement, Refused> {
        find_agreement(context, self.0.agreement).await?.ok_or_else(|| not_found(""))
    }
    /// What would answer.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.0.listing).await
    }
    /// Who sells.
    async fn seller(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.seller).await
    }
    /// What would be used, a line per meter and class.
    async fn usage(&self) -> Vec<UsageLine> {
        usage_lines(&self.0.lines, &self.0.estimates)
    }
    /// What it would add to the period's charge, in major units and unrounded.
    async fn estimated_charge(&self) -> Decimal {
        Decimal::estimate(&total(&self.0.estimates))
    }
    /// The most it can cost, as if no unit were free: what `maxCharge` is held against.
    async fn worst_case(&self) -> Decimal {
        refusal::unrounded(&self.0.worst_case)
    }
    /// What charges are in (ISO 4217).
    async fn currency_code(&self) -> &str {
        self.0.currency.code()
    }
    /// How fast the provider has answered lately; null where it has not been called yet.
    async fn latency_milliseconds(&self) -> Option<u32> {
        self.0.latency.map(|latency| u32::try_from(latency.as_millis()).unwrap_or(u32::MAX))
    }
    /// Whether the provider can be reached, as far as is known.
    async fn is_available(&self) -> bool {
        self.0.available
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::exact::from_i64;
    use metering::published::usage::{Basis, Split};

    fn line(free: u64, value_added: u64) -> Line {
        let split = Split { free: Quantity(free), value_added: Quantity(value_added) };
        Line { meter: kernel::meter::Meter::Character, split, basis: Basis::GatewayCounted, before: Quantity::ZERO }
    }

    fn shown(lines: &[Line], estimates: &[i64]) -> Vec<(UsageClass, u64, Decimal)> {
        let estimates: Vec<Exact> = estimates.iter().copied().map(from_i64).collect();
        let lines = usage_lines(lines, &estimates).into_iter();
        lines.map(|line| (line.class, line.quantity.0, line.estimated_charge)).collect()
    }

    #[test]
    fn a_call_that_crosses_the_allowance_shows_both_classes() {
        let (zero, seven) = (Decimal::estimate(&from_i64(0)), Decimal::estimate(&from_i64(7)));
        let expected = [(UsageClass::Free, 3, zero), (UsageClass::ValueAdded, 2, seven)];
        assert_eq!(shown(&[line(3, 2)], &[7]), expected);
    }

    #[test]
    fn a_class_without_units_is_not_shown() {
        assert_eq!(shown(&[line(3, 0)], &[0]).len(), 1);
        assert_eq!(shown(&[line(0, 0)], &[0]), []);
    }
}
