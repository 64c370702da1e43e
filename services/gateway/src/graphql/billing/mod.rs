//! Invoices as GraphQL shows them: what a period costs, and the arithmetic behind every line.

pub mod mutation;
pub mod open;
pub mod query;

use accounts::published::actor::Scope;
use agreements::published::rating::TierCharge as Charge;
use async_graphql::{ComplexObject, Context, Description, Enum, ID, Object, SimpleObject};
use billing::published::invoice::{Issued, Line, LineItem};
use kernel::id::{AgreementId, InvoiceId};
use views::calls::CallFilter;
use views::page::{Cursor, Page};

use super::access;
use super::accounts::{Organization, organization};
use super::agreements::{Agreement, find_agreement};
use super::connection::connection;
use super::errors::{Refused, not_found};
use super::invocation::query::list;
use super::invocation::{Invocation, InvocationConnection};
use super::scalars::{Count, DateTime, Decimal, Meter, Money, Period};
use super::work::platform;

/// Where an invoice stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "views::billing::InvoiceState")]
pub enum InvoiceState {
    /// Its period is closed; its usage is not rated yet.
    Draft,
    /// Its total is owed.
    Issued,
    /// It was paid.
    Paid,
    /// Nothing is owed; the usage stays recorded.
    Void,
}

/// What one agreement owes for one period. Before it is issued it has no amounts.
#[derive(Clone, Description)]
pub struct Invoice(pub views::billing::Invoice);

#[Object(use_type_description)]
impl Invoice {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.drafted.invoice.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> InvoiceState {
        self.0.state.into()
    }
    /// The agreement it is under.
    async fn agreement(&self, context: &Context<'_>) -> Result<Agreement, Refused> {
        find_agreement(context, self.0.drafted.agreement).await?.ok_or_else(|| not_found(""))
    }
    /// Who owes.
    async fn buyer(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.drafted.buyer).await
    }
    /// Who sold.
    async fn seller(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.drafted.seller).await
    }
    /// The closed period.
    async fn period(&self) -> Period {
        self.0.drafted.period.into()
    }
    /// When its amounts became owed.
    async fn issued_at(&self) -> Option<DateTime> {
        self.issued().map(|issued| DateTime(issued.issued_at))
    }
    /// When it should be paid.
    async fn due_at(&self) -> Option<DateTime> {
        self.issued().map(|issued| DateTime(issued.due_at))
    }
    /// When its payment was booked.
    async fn paid_at(&self) -> Option<DateTime> {
        self.0.paid.as_ref().map(|paid| DateTime(paid.paid_at))
    }
    /// The payer's reference; for the buyer and the operator only.
    async fn payment_reference(&self, context: &Context<'_>) -> Option<&str> {
        let paid = self.0.paid.as_ref()?;
        access::sees(access::caller(context), self.0.drafted.buyer).then_some(paid.reference.as_str())
    }
    /// When it was declared void.
    async fn voided_at(&self) -> Option<DateTime> {
        self.0.voided.as_ref().map(|voided| DateTime(voided.voided_at))
    }
    /// Why it was declared void.
    async fn void_reason(&self) -> Option<&str> {
        self.0.voided.as_ref().map(|voided| voided.reason.as_str())
    }
    /// What is charged for.
    async fn lines(&self) -> Vec<InvoiceLine> {
        let lines = self.issued().map(|issued| issued.lines.iter().map(|line| InvoiceLine::of(issued, line)));
        lines.map(Iterator::collect).unwrap_or_default()
    }
    /// The lines together, before tax.
    async fn subtotal(&self) -> Option<Money> {
        self.issued().map(|issued| issued.subtotal.into())
    }
    /// The tax.
    async fn tax(&self) -> Option<Money> {
        self.issued().map(|issued| issued.tax.into())
    }
    /// What is owed: subtotal and tax.
    async fn total(&self) -> Option<Money> {
        self.issued().map(|issued| issued.total.into())
    }
    /// How many calls it covers.
    async fn calls(&self) -> Option<Count> {
        self.issued().map(|issued| Count(issued.calls))
    }
    /// Where the usage is recorded: a gap would show an omission.
    async fn ranges(&self) -> Vec<UsageRange> {
        let ranges = self.issued().into_iter().flat_map(|issued| &issued.ranges);
        let range = ranges.map(|range| UsageRange {
            stream: range.stream.clone(),
            first: Count(range.first),
            last: Count(range.last),
        });
        range.collect()
    }
    /// All calls that it covers, newest first: each once, whatever it used. Those that were reported late are among them
    /// once it is issued.
    async fn invocations(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<InvocationConnection, Refused> {
        access::scoped(context, Scope::UsageRead)?;
        let drafted = &self.0.drafted;
        let filter = CallFilter::of_invoice(drafted.agreement, drafted.period.start, self.used());
        list(context, filter, first, after).await
    }
    /// The price version of the offer by which it was rated.
    async fn price_version(&self) -> Option<u32> {
        self.issued().map(|issued| issued.price_version)
    }
}

impl Invoice {
    const fn issued(&self) -> Option<&Issued> {
        self.0.issued.as_ref()
    }

    /// When what it covers was used: its period, and where something came late, all since that was used.
    fn used(&self) -> kernel::period::Period {
        let period = self.0.drafted.period;
        let lines = self.issued().into_iter().flat_map(|issued| &issued.lines);
        let late = lines.filter_map(|line| match &line.item {
            LineItem::Correction { service, .. } => Some(service.start),
            LineItem::Usage { .. } | LineItem::FlatFee { .. } => None,
        });
        kernel::period::Period { start: late.fold(period.start, jiff::Timestamp::min), end: period.end }
    }
}

/// Usage records of the agreement in one usage stream, by their gapless sequence numbers.
#[derive(SimpleObject)]
pub struct UsageRange {
    /// The usage stream.
    pub stream: String,
    /// The first sequence number.
    pub first: Count,
    /// The last sequence number.
    pub last: Count,
}

/// What a line of an invoice is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceLineKind {
    /// Usage of one meter.
    Usage,
    /// Usage of a closed period that was reported after its invoice.
    Correction,
    /// The flat fee of the period.
    FlatFee,
}

/// A line of an invoice, with its arithmetic.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
#[graphql(complex)]
pub struct InvoiceLine {
    #[graphql(skip)]
    agreement: AgreementId,
    #[graphql(skip)]
    service: kernel::period::Period,
    #[graphql(skip)]
    billed_start: jiff::Timestamp,
    /// Its index, from 0.
    pub number: u32,
    /// What it is for.
    pub kind: InvoiceLineKind,
    /// When what it is for was used: the period of the invoice; of a correction, the closed period.
    pub service_period: Period,
    /// What was counted; for usage.
    pub meter: Option<Meter>,
    /// FREE units, which cost nothing; for usage. Of a correction, those that came late.
    pub free: Option<Count>,
    /// `VALUE_ADDED` units, charged by the tiers; for usage. Of a correction, those that came late.
    pub value_added: Option<Count>,
    /// How the `VALUE_ADDED` units were charged; empty for a flat fee. Of a correction, all of its service period.
    pub tiers: Vec<TierCharge>,
    /// Of a correction, how those on earlier invoices were charged: taken off. Empty for anything else.
    pub billed_tiers: Vec<TierCharge>,
    /// Seconds of the period; for a flat fee.
    pub seconds: Option<Count>,
    /// Seconds of the whole calendar period it is a part of; for a flat fee.
    pub of_seconds: Option<Count>,
    /// The charge in major units before rounding: a decimal, or a fraction where no decimal is exact.
    pub exact: Decimal,
    /// The charge, rounded once, halves away from zero.
    pub amount: Money,
    /// Its share of the invoice's tax.
    pub tax: Money,
}

/// One step of a charge: `quantity × unit + flat = exact`.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct TierCharge {
    /// Units in the tier; started packages for a package price.
    pub quantity: Decimal,
    /// Per unit or package, in major units.
    pub unit: Decimal,
    /// Once, for reaching the tier, in major units.
    pub flat: Decimal,
    /// The charge of the step in major units, not rounded.
    pub exact: Decimal,
}

impl From<&Charge> for TierCharge {
    fn from(charge: &Charge) -> Self {
        Self {
            quantity: Decimal::written(charge.quantity.clone()),
            unit: charge.unit.into(),
            flat: charge.flat.into(),
            exact: Decimal::written(charge.exact.clone()),
        }
    }
}

#[ComplexObject]
impl InvoiceLine {
    /// The calls behind a usage line, newest first; of a correction, the reports that came late. None for a flat fee.
    async fn invocations(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<InvocationConnection, Refused> {
        access::scoped(context, Scope::UsageRead)?;
        let Some(meter) = self.meter else {
            let nothing = Page { nodes: Vec::<(Cursor, Invocation)>::new(), has_next: false, total: 0 };
            return Ok(InvocationConnection::of(nothing, |invocation| invocation));
        };
        list(
            context,
            CallFilter::of_period(self.agreement, self.service, self.billed_start, meter.into()),
            first,
            after,
        )
        .await
    }
}

impl InvoiceLine {
    fn of(issued: &Issued, line: &Line) -> Self {
        let (mut shown, item) = (Self::bare(issued, line), &line.item);
        match item {
            LineItem::Usage { meter, split, tiers } => {
                shown.meter = Some((*meter).into());
                shown.free = Some(split.free.into());
                shown.value_added = Some(split.value_added.into());
                shown.tiers = tiers.iter().map(TierCharge::from).collect();
            }
            LineItem::Correction { service, meter, split, tiers, billed } => {
                shown.kind = InvoiceLineKind::Correction;
                (shown.service, shown.service_period) = (*service, (*service).into());
                shown.meter = Some((*meter).into());
                shown.free = Some(split.free.into());
                shown.value_added = Some(split.value_added.into());
                shown.tiers = tiers.iter().map(TierCharge::from).collect();
                shown.billed_tiers = billed.iter().map(TierCharge::from).collect();
            }
            LineItem::FlatFee { seconds, of_seconds } => {
                shown.kind = InvoiceLineKind::FlatFee;
                shown.seconds = u64::try_from(*seconds).ok().map(Count);
                shown.of_seconds = u64::try_from(*of_seconds).ok().map(Count);
            }
        }
        shown
    }

    /// What every line has.
    fn bare(issued: &Issued, line: &Line) -> Self {
        Self {
            agreement: issued.agreement,
            service: issued.period,
            billed_start: issued.period.start,
            service_period: issued.period.into(),
            number: line.number,
            kind: InvoiceLineKind::Usage,
            meter: None,
            free: None,
            value_added: None,
            tiers: Vec::new(),
            billed_tiers: Vec::new(),
            seconds: None,
            of_seconds: None,
            exact: Decimal::written(line.exact.clone()),
            amount: line.amount.into(),
            tax: line.tax.into(),
        }
    }
}

connection!(InvoiceConnection, InvoiceEdge, Invoice);

/// Reads an invoice for the caller: its buyer, its seller, or the operator. To others there is none.
pub async fn find(context: &Context<'_>, id: InvoiceId) -> Result<Option<Invoice>, Refused> {
    let actor = access::scoped(context, Scope::BillingRead)?;
    let found = platform(context)?.read(move |views| views.invoice(id)).await?;
    let visible = found.filter(|invoice| access::is_party(Some(actor), invoice.drafted.buyer, invoice.drafted.seller));
    Ok(visible.map(Invoice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::meter::{Meter as Counted, Quantity};
    use kernel::money::{Currency, Money as Amount};
    use metering::published::usage::Split;

    fn shown(item: LineItem) -> InvoiceLine {
        let (amount, tax) = (Amount::new(1_201, Currency::Cny), Amount::new(72, Currency::Cny));
        let line = Line { number: 3, item, exact: "36029/3000".to_owned(), amount, tax };
        let fact = include_str!("../../../../../schema/events/billing/invoice_issued.v1.json");
        InvoiceLine::of(&serde_json::from_str(fact).unwrap(), &line)
    }

    #[test]
    fn a_usage_line_shows_both_classes_and_its_tiers() {
        let (quantity, exact) = ("2500".to_owned(), "5".to_owned());
        let tier = Charge { quantity, unit: "0.002".parse().unwrap(), flat: "0".parse().unwrap(), exact };
        let split = Split { free: Quantity(1_000), value_added: Quantity(2_500) };
        let shown = shown(LineItem::Usage { meter: Counted::Request, split, tiers: vec![tier] });
        assert_eq!((shown.number, shown.kind, shown.meter), (3, InvoiceLineKind::Usage, Some(Meter::Request)));
        assert_eq!((shown.free, shown.value_added), (Some(Count(1_000)), Some(Count(2_500))));
        assert_eq!(shown.tiers.first().map(|tier| tier.unit.clone()), Some(Decimal::written("0.002".to_owned())));
        assert_eq!(shown.exact, Decimal::written("36029/3000".to_owned()));
        assert_eq!(shown.amount.amount, Decimal::written("12.01".to_owned()));
    }

    #[test]
    fn a_correction_shows_its_own_period_and_what_was_billed_before() {
        let fact = include_str!("../../../../../schema/events/billing/invoice_issued.v1.correction.json");
        let issued: Issued = serde_json::from_str(fact).unwrap();
        let shown = InvoiceLine::of(&issued, &issued.lines[2]);
        assert_eq!((shown.kind, shown.value_added), (InvoiceLineKind::Correction, Some(Count(5))));
        assert_eq!((shown.tiers.len(), shown.billed_tiers.len()), (2, 1));
        assert_ne!(shown.service, issued.period);
        assert_eq!(shown.billed_start, issued.period.start);
    }

    #[test]
    fn a_flat_fee_shows_its_part_of_the_period_and_no_meter() {
        let shown = shown(LineItem::FlatFee { seconds: 1_209_600, of_seconds: 2_419_200 });
        assert_eq!((shown.kind, shown.meter, shown.free), (InvoiceLineKind::FlatFee, None, None));
        assert_eq!((shown.seconds, shown.of_seconds), (Some(Count(1_209_600)), Some(Count(2_419_200))));
        assert!(shown.tiers.is_empty());
    }
}
