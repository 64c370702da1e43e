//! What sample usage would cost a buyer by terms that are still being written, and what it would yield the seller.

use agreements::terms;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use billing::estimate::{Estimate, estimate};
use billing::published::invoice::{Line, LineItem};
use kernel::error::ErrorCode;
use kernel::meter::{Meter as Counted, Quantity};
use settlement::commission;

use super::billing::TierCharge;
use super::errors::{Refused, rule};
use super::scalars::{Count, Decimal, Meter, Money};
use super::terms::TermsInput;
use super::work::{payload, payloads, platform};

/// Terms, and what would be used of them in one whole period.
#[derive(InputObject)]
pub struct EstimateOfferInput {
    /// What is free and what is charged.
    pub terms: TermsInput,
    /// What is used; each meter at most once.
    pub usage: Vec<SampleUsageInput>,
}

/// What is used on one meter.
#[derive(InputObject)]
pub struct SampleUsageInput {
    /// What is counted.
    pub meter: Meter,
    /// How much.
    pub quantity: Count,
}

/// The invoice of a whole period, and how it is shared, by the market terms in force.
#[derive(SimpleObject, Clone)]
pub struct OfferEstimate {
    /// By meter, in the order of the terms.
    pub lines: Vec<EstimateLine>,
    /// The flat fee of the period.
    pub flat_fee: Option<Money>,
    /// Lines and flat fee together, before tax.
    pub subtotal: Money,
    /// The tax.
    pub tax: Money,
    /// What the buyer would owe.
    pub total: Money,
    /// What the platform would keep of the subtotal.
    pub commission: Money,
    /// What the seller would get of the subtotal.
    pub share: Money,
}

/// What one meter would cost, with its arithmetic.
#[derive(SimpleObject, Clone)]
pub struct EstimateLine {
    /// What is counted.
    pub meter: Meter,
    /// FREE units.
    pub free: Count,
    /// `VALUE_ADDED` units.
    pub value_added: Count,
    /// Units that would not be served, because the allowance is used up and there is no price beyond it.
    pub refused: Count,
    /// How the `VALUE_ADDED` units are charged.
    pub tiers: Vec<TierCharge>,
    /// The charge in major units before rounding.
    pub exact: Decimal,
    /// The charge, rounded once, halves away from zero.
    pub amount: Money,
}

payloads! {
    /// What the usage would cost.
    EstimateOfferPayload { estimate: OfferEstimate }
}

/// The part of `Query` that estimates.
#[derive(Default)]
pub struct EstimateQuery;

#[Object]
impl EstimateQuery {
    /// What sample usage of one whole period would cost a buyer and yield the seller. Rated as invoices are.
    async fn estimate_offer(
        &self,
        context: &Context<'_>,
        input: EstimateOfferInput,
    ) -> async_graphql::Result<EstimateOfferPayload> {
        payload(estimated(context, input).await)
    }
}

async fn estimated(context: &Context<'_>, input: EstimateOfferInput) -> Result<OfferEstimate, Refused> {
    let offered = input.terms.try_into()?;
    terms::check(&offered).map_err(|error| rule(error.code(), error))?;
    let market = platform(context)?.read(views::store::Views::market_terms).await?;
    let usage: Vec<(Counted, Quantity)> =
        input.usage.iter().map(|sample| (sample.meter.into(), Quantity(sample.quantity.0))).collect();
    let estimate = estimate(&offered, market, &usage).map_err(|error| rule(error.code(), error))?;
    let split = commission::split(estimate.amounts.subtotal, market.commission.get());
    let split = split.map_err(|error| rule(ErrorCode("INVOICE_AMOUNT_OUT_OF_BOUNDS"), error))?;
    Ok(shown(&estimate, split))
}

fn shown(estimate: &Estimate, split: commission::Split) -> OfferEstimate {
    let amounts = &estimate.amounts;
    let fees = amounts.lines.iter().filter(|line| matches!(line.item, LineItem::FlatFee { .. }));
    OfferEstimate {
        lines: amounts.lines.iter().filter_map(|line| shown_line(line, estimate)).collect(),
        flat_fee: fees.map(|line| line.amount.into()).next(),
        subtotal: amounts.subtotal.into(),
        tax: amounts.tax.into(),
        total: amounts.total.into(),
        commission: split.commission.into(),
        share: split.share.into(),
    }
}

fn shown_line(line: &Line, estimate: &Estimate) -> Option<EstimateLine> {
    let LineItem::Usage { meter, split, tiers } = &line.item else { return None };
    let refused = estimate.refused.iter().find(|(refused, _)| refused == meter);
    Some(EstimateLine {
        meter: (*meter).into(),
        free: split.free.into(),
        value_added: split.value_added.into(),
        refused: refused.map_or(Count(0), |(_, quantity)| (*quantity).into()),
        tiers: tiers.iter().map(TierCharge::from).collect(),
        exact: Decimal::written(line.exact.clone()),
        amount: line.amount.into(),
    })
}
