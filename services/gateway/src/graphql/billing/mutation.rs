//! Commands on invoices, all of them the operator's: closing a period, booking a payment, declaring void.

use async_graphql::{Context, ID, InputObject, Object};
use billing::invoice::{Command, Invoice as InvoiceDecider};
use invocation::closing::CloseError;
use kernel::error::Rejection;
use kernel::event::StreamName;
use kernel::id::InvoiceId;
use kernel::money::Money;

use super::Invoice;
use crate::graphql::agreements::bought;
use crate::graphql::errors::{Fault, Refused, invalid, not_found, rule};
use crate::graphql::scalars::{DateTime, Decimal, currency};
use crate::graphql::work::{self, Work, payload, payloads};

/// Close a period of an agreement and issue its invoice.
#[derive(InputObject)]
pub struct ClosePeriodInput {
    /// The agreement.
    pub agreement_id: ID,
    /// Where its open period starts; a period that is closed already answers with its invoice.
    pub period_start: DateTime,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// An amount of one currency.
#[derive(InputObject)]
pub struct MoneyInput {
    /// Major units, with no more digits than the currency has.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency_code: String,
}

/// Book the payment of an invoice.
#[derive(InputObject)]
pub struct PayInvoiceInput {
    /// The invoice.
    pub invoice_id: ID,
    /// What was paid: the total.
    pub amount: MoneyInput,
    /// The payer's reference, 1 to 140 characters.
    pub reference: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Declare an issued invoice not owed.
#[derive(InputObject)]
pub struct VoidInvoiceInput {
    /// The invoice.
    pub invoice_id: ID,
    /// Why, 1 to 500 characters; the buyer and the seller read it.
    pub reason: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The period's invoice.
    ClosePeriodPayload { invoice: Invoice }
    /// The invoice.
    PayInvoicePayload { invoice: Invoice }
    /// The invoice.
    VoidInvoicePayload { invoice: Invoice }
}

/// The part of `Mutation` that is about billing.
#[derive(Default)]
pub struct BillingMutation;

#[Object]
impl BillingMutation {
    /// Closes a period now, or at its calendar end where that has passed, and issues its invoice. Calls under way are
    /// waited for; doing it again changes nothing.
    async fn close_period(
        &self,
        context: &Context<'_>,
        input: ClosePeriodInput,
    ) -> async_graphql::Result<ClosePeriodPayload> {
        payload(close_period(context, input).await)
    }

    /// Books the payment of the whole total.
    async fn pay_invoice(
        &self,
        context: &Context<'_>,
        input: PayInvoiceInput,
    ) -> async_graphql::Result<PayInvoicePayload> {
        payload(pay_invoice(context, input).await)
    }

    /// Declares an issued invoice not owed, and takes it back in the ledger and on the seller's statement.
    async fn void_invoice(
        &self,
        context: &Context<'_>,
        input: VoidInvoiceInput,
    ) -> async_graphql::Result<VoidInvoicePayload> {
        payload(void_invoice(context, input).await)
    }
}

async fn close_period(context: &Context<'_>, input: ClosePeriodInput) -> Result<Invoice, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = bought(&work, &input.agreement_id).await?;
    let invoice = work.platform.service.close_period(id, input.period_start.0, &work.cause).await?;
    settled(&work, invoice).await
}

async fn pay_invoice(context: &Context<'_>, input: PayInvoiceInput) -> Result<Invoice, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let command = Command::Pay { amount: money(&input.amount, "amount")?, reference: input.reference };
    on_invoice(&work, &input.invoice_id, command).await
}

async fn void_invoice(context: &Context<'_>, input: VoidInvoiceInput) -> Result<Invoice, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    on_invoice(&work, &input.invoice_id, Command::Void { reason: input.reason }).await
}

async fn on_invoice(work: &Work<'_>, id: &ID, command: Command) -> Result<Invoice, Refused> {
    let id: InvoiceId = id.parse().map_err(|_| not_found("invoiceId"))?;
    work.platform.read(move |views| views.invoice(id)).await?.ok_or_else(|| not_found("invoiceId"))?;
    work.run::<InvoiceDecider>(&StreamName::of(&id), command).await?;
    settled(work, id).await
}

/// The invoice as the views have it, once ledger and statements have followed too or have taken too long.
async fn settled(work: &Work<'_>, id: InvoiceId) -> Result<Invoice, Refused> {
    work.platform.settled().await?;
    let found = work.platform.read(move |views| views.invoice(id)).await?;
    found.map(Invoice).ok_or_else(|| Fault::again("NOT_READABLE_YET", format!("{id} is recorded; ask again")).into())
}

/// Reads an amount that its currency can express; `path` names its field.
fn money(input: &MoneyInput, path: &str) -> Result<Money, Refused> {
    let currency = currency(&input.currency_code, path)?;
    let exact = input.amount.number(path)?.to_exact();
    let money = Money::round(&exact, currency).map_err(|error| invalid(path, error))?;
    if money.to_exact() == exact { Ok(money) } else { Err(invalid(path, "more digits than the currency has")) }
}

impl From<CloseError> for Refused {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::NotClosed(reason) => rule(reason.code(), reason),
            CloseError::Invoice(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::money::Currency;

    fn read(amount: &str, code: &str) -> Option<Money> {
        let input = MoneyInput { amount: Decimal::written(amount.to_owned()), currency_code: code.to_owned() };
        money(&input, "amount").ok()
    }

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        assert_eq!(read("15.79", "CNY"), Some(Money::new(1_579, Currency::Cny)));
        assert_eq!(read("15.790", "CNY"), Some(Money::new(1_579, Currency::Cny)));
        assert_eq!(read("15.791", "CNY"), None);
        assert_eq!(read("15.5", "JPY"), None);
        assert_eq!(read("15", "XXX"), None);
        assert_eq!(read("99999999999999999999", "CNY"), None);
    }
}
