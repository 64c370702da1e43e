//! Statements and the ledger as GraphQL shows them: what providers are owed, and the double entry behind it.

pub mod mutation;
pub mod query;

use accounts::published::actor::{Actor, Scope};
use async_graphql::{Context, Description, Enum, ID, Object};
use kernel::id::{InvoiceId, OrganizationId, StatementId};
use settlement::published::ledger::{Account, Posting as Posted};

use super::access;
use super::accounts::{Organization, organization};
use super::billing::{self, Invoice};
use super::connection::{connection, page_request};
use super::errors::{Refused, not_found};
use super::scalars::{Count, DateTime, Money, Period};
use super::work::platform;

/// Where a statement stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementState {
    /// Its month runs: lines are added.
    Open,
    /// Its month is closed: its share is owed.
    Issued,
}

/// What the platform owes a provider for a calendar month (UTC), in one currency. `gross = commission + share`.
#[derive(Clone, Description)]
pub struct Statement(pub views::settlement::Statement);

#[Object(use_type_description)]
impl Statement {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> StatementState {
        if self.0.issued_at.is_some() { StatementState::Issued } else { StatementState::Open }
    }
    /// Who is owed.
    async fn seller(&self, context: &Context<'_>) -> Result<Organization, Refused> {
        organization(context, self.0.seller).await
    }
    /// The month.
    async fn period(&self) -> Period {
        self.0.period.into()
    }
    /// The currency of all its amounts (ISO 4217).
    async fn currency_code(&self) -> &str {
        self.0.gross.currency.code()
    }
    /// What buyers are charged, before tax.
    async fn gross(&self) -> Money {
        self.0.gross.into()
    }
    /// What the platform keeps.
    async fn commission(&self) -> Money {
        self.0.commission.into()
    }
    /// What the provider gets.
    async fn share(&self) -> Money {
        self.0.share.into()
    }
    /// When it was issued.
    async fn issued_at(&self) -> Option<DateTime> {
        self.0.issued_at.map(DateTime)
    }
    /// Its lines, in the order they were added.
    async fn lines(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<StatementLineConnection, Refused> {
        let (id, page) = (self.0.id, page_request(first, after)?);
        let page = platform(context)?.read(move |views| views.statement_lines(id, &page)).await?;
        Ok(StatementLineConnection::of(page, StatementLine))
    }
}

/// What a line of a statement does.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "settlement::published::statement::LineKind")]
pub enum StatementLineKind {
    /// Adds an issued invoice.
    Sale,
    /// Takes a voided invoice back: its amounts are negative.
    Reversal,
}

/// A line of a statement. `gross = commission + share`.
#[derive(Clone, Description)]
pub struct StatementLine(pub views::settlement::StatementLine);

#[Object(use_type_description)]
impl StatementLine {
    /// Its index, from 0.
    async fn number(&self) -> Count {
        Count(self.0.number)
    }
    /// What it does.
    async fn kind(&self) -> StatementLineKind {
        self.0.kind.into()
    }
    /// The invoice it is about.
    async fn invoice(&self, context: &Context<'_>) -> Result<Invoice, Refused> {
        invoice(context, self.0.invoice).await
    }
    /// What the buyer is charged, before tax.
    async fn gross(&self) -> Money {
        self.0.gross.into()
    }
    /// What the platform keeps.
    async fn commission(&self) -> Money {
        self.0.commission.into()
    }
    /// What the provider gets.
    async fn share(&self) -> Money {
        self.0.share.into()
    }
    /// The period of the invoice.
    async fn service_period(&self) -> Period {
        self.0.service.into()
    }
}

/// Why an entry was made.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "settlement::published::ledger::Reason")]
pub enum LedgerReason {
    /// An invoice was issued.
    InvoiceIssued,
    /// An invoice was paid.
    InvoicePaid,
    /// An invoice was voided: the reverse of its issue.
    InvoiceVoided,
}

/// One double entry of the ledger. All its postings sum to zero; you see those on your own accounts, the operator all.
#[derive(Clone, Description)]
pub struct LedgerEntry(pub views::settlement::Entry);

#[Object(use_type_description)]
impl LedgerEntry {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Why it was made.
    async fn reason(&self) -> LedgerReason {
        self.0.reason.into()
    }
    /// The invoice it is about.
    async fn invoice(&self, context: &Context<'_>) -> Result<Invoice, Refused> {
        invoice(context, self.0.invoice).await
    }
    /// When what it books happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// Its sides.
    async fn postings(&self, context: &Context<'_>) -> Result<Vec<Posting>, Refused> {
        let (actor, id) = (access::authenticated(context)?, self.0.id);
        let postings = platform(context)?.read(move |views| views.postings(id)).await?;
        Ok(postings.into_iter().filter(|posting| sees(actor, posting.account)).map(Posting).collect())
    }
}

/// One side of an entry.
#[derive(Clone, Description)]
pub struct Posting(pub Posted);

#[Object(use_type_description)]
impl Posting {
    /// The account.
    async fn account(&self) -> LedgerAccount {
        LedgerAccount(self.0.account)
    }
    /// Debits are positive, credits negative.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }
}

/// What an account is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerAccountKind {
    /// What a buyer owes.
    BuyerReceivable,
    /// What is owed to a provider.
    ProviderPayable,
    /// The platform's commission.
    CommissionRevenue,
    /// Tax collected and not yet handed over.
    TaxPayable,
    /// Money in hand.
    Cash,
}

/// An account of the ledger.
#[derive(Clone, Copy, Description)]
pub struct LedgerAccount(pub Account);

#[Object(use_type_description)]
impl LedgerAccount {
    /// What it is for.
    async fn kind(&self) -> LedgerAccountKind {
        match self.0 {
            Account::BuyerReceivable(_) => LedgerAccountKind::BuyerReceivable,
            Account::ProviderPayable(_) => LedgerAccountKind::ProviderPayable,
            Account::CommissionRevenue => LedgerAccountKind::CommissionRevenue,
            Account::TaxPayable => LedgerAccountKind::TaxPayable,
            Account::Cash => LedgerAccountKind::Cash,
        }
    }
    /// Whose it is; absent for the platform's own.
    async fn organization(&self, context: &Context<'_>) -> Result<Option<Organization>, Refused> {
        match holder(self.0) {
            Some(id) => organization(context, id).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The balance of an account in one currency.
#[derive(Clone, Description)]
pub struct LedgerBalance(pub views::settlement::Balance);

#[Object(use_type_description)]
impl LedgerBalance {
    /// The account.
    async fn account(&self) -> LedgerAccount {
        LedgerAccount(self.0.account)
    }
    /// The sum of its postings: debits are positive, credits negative.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }
}

connection!(StatementConnection, StatementEdge, Statement);
connection!(StatementLineConnection, StatementLineEdge, StatementLine);
connection!(LedgerEntryConnection, LedgerEntryEdge, LedgerEntry);

/// Reads a statement for the caller: its seller or the operator. To others there is none.
pub async fn find(context: &Context<'_>, id: StatementId) -> Result<Option<Statement>, Refused> {
    let actor = access::scoped(context, Scope::BillingRead)?;
    let found = platform(context)?.read(move |views| views.statement(id)).await?;
    Ok(found.filter(|statement| access::sees(Some(actor), statement.seller)).map(Statement))
}

async fn invoice(context: &Context<'_>, id: InvoiceId) -> Result<Invoice, Refused> {
    billing::find(context, id).await?.ok_or_else(|| not_found(""))
}

/// Whose an account is; the platform's own have no holder.
const fn holder(account: Account) -> Option<OrganizationId> {
    match account {
        Account::BuyerReceivable(id) | Account::ProviderPayable(id) => Some(id),
        Account::CommissionRevenue | Account::TaxPayable | Account::Cash => None,
    }
}

/// Whether the actor may see what is posted on an account.
fn sees(actor: &Actor, account: Account) -> bool {
    holder(account).map_or_else(|| access::operates(actor), |id| access::sees(Some(actor), id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounts::published::actor::{Principal, Scopes};
    use kernel::id::MemberId;
    use uuid::Uuid;

    const OWN: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
    const OTHER: OrganizationId = OrganizationId::new(Uuid::from_u128(2));

    fn actor(operator: bool) -> Actor {
        Actor {
            organization: OWN,
            principal: Principal::Member(MemberId::new(Uuid::from_u128(8))),
            scopes: Scopes::from(vec![Scope::BillingRead, Scope::Operate]),
            operator,
        }
    }

    #[test]
    fn others_accounts_and_the_platforms_are_for_the_operator_only() {
        let foreign = [
            Account::BuyerReceivable(OTHER),
            Account::ProviderPayable(OTHER),
            Account::CommissionRevenue,
            Account::TaxPayable,
            Account::Cash,
        ];
        assert!(foreign.into_iter().all(|account| !sees(&actor(false), account) && sees(&actor(true), account)));
        assert!(
            [Account::BuyerReceivable(OWN), Account::ProviderPayable(OWN)].iter().all(|own| sees(&actor(false), *own))
        );
    }
}
