//! Questions about statements and the ledger.

use accounts::published::actor::Actor;
use async_graphql::{Context, ID, InputObject, Object};
use kernel::id::OrganizationId;
use settlement::published::ledger::Account;
use views::settlement::{EntryFilter, StatementFilter as ViewFilter};

use super::{
    LedgerAccountKind, LedgerBalance, LedgerEntry, LedgerEntryConnection, Statement, StatementConnection,
    StatementState, find,
};
use crate::graphql::access;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Refused, invalid, not_found};
use crate::graphql::work::platform;

/// Which entries; all that you may see where nothing is set.
#[derive(InputObject, Default)]
pub struct LedgerEntryFilter {
    /// With a posting on an account of this organization: your own, unless you are the operator.
    pub organization: Option<ID>,
    /// About this invoice.
    pub invoice: Option<ID>,
    /// With a posting on an account of this kind; the operator also names the organization whose it is.
    pub account: Option<LedgerAccountKind>,
}

impl LedgerEntryFilter {
    fn of_view(self, actor: &Actor) -> Result<EntryFilter, Refused> {
        let organization = whose(actor, self.organization, "organization")?;
        let account = self.account.map(|kind| account(actor, kind, organization)).transpose()?;
        let invoice = self.invoice.map(|id| id.parse().map_err(|_| not_found("invoice"))).transpose()?;
        Ok(EntryFilter { account, organization, invoice })
    }
}

/// Which statements; all that you may see where nothing is set.
#[derive(InputObject, Default)]
pub struct StatementFilter {
    /// In this state.
    pub state: Option<StatementState>,
    /// Of this organization: your own, unless you are the operator.
    pub seller: Option<ID>,
}

/// The organization asked about. The operator names any, or none for all; everybody else gets its own.
fn whose(actor: &Actor, asked: Option<ID>, path: &str) -> Result<Option<OrganizationId>, Refused> {
    let asked: Option<OrganizationId> = asked.map(|id| id.parse().map_err(|_| not_found(path))).transpose()?;
    match asked {
        Some(id) if access::sees(Some(actor), id) => Ok(Some(id)),
        Some(_) => Err(not_found(path)),
        None => Ok((!access::operates(actor)).then_some(actor.organization)),
    }
}

/// The one account that a kind and a holder name.
fn account(actor: &Actor, kind: LedgerAccountKind, holder: Option<OrganizationId>) -> Result<Account, Refused> {
    let holder = || holder.ok_or_else(|| invalid("organization", "this kind of account is an organization's: name it"));
    let account = match kind {
        LedgerAccountKind::BuyerReceivable => Account::BuyerReceivable(holder()?),
        LedgerAccountKind::ProviderPayable => Account::ProviderPayable(holder()?),
        LedgerAccountKind::CommissionRevenue => Account::CommissionRevenue,
        LedgerAccountKind::TaxPayable => Account::TaxPayable,
        LedgerAccountKind::Cash => Account::Cash,
    };
    if super::holder(account).is_none() {
        actor.require_operator()?;
    }
    Ok(account)
}

/// The part of `Query` that is about settlement.
#[derive(Default)]
pub struct SettlementQuery;

#[Object]
impl SettlementQuery {
    /// Your statements, newest first; the operator sees all, or those of one seller.
    async fn statements(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<StatementFilter>,
    ) -> Result<StatementConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default();
        let seller = whose(access::authenticated(context)?, filter.seller, "filter")?;
        let filter = ViewFilter { seller, issued: filter.state.map(|state| state == StatementState::Issued) };
        let page = platform(context)?.read(move |views| views.statements(&filter, &page)).await?;
        Ok(StatementConnection::of(page, Statement))
    }

    /// One of your statements.
    async fn statement(&self, context: &Context<'_>, id: ID) -> Result<Statement, Refused> {
        let id = id.parse().map_err(|_| not_found("id"))?;
        find(context, id).await?.ok_or_else(|| not_found("id"))
    }

    /// Entries of the ledger that touch your accounts, newest first; the operator sees all.
    async fn ledger_entries(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<LedgerEntryFilter>,
    ) -> Result<LedgerEntryConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default().of_view(access::authenticated(context)?)?;
        let page = platform(context)?.read(move |views| views.ledger_entries(&filter, &page)).await?;
        Ok(LedgerEntryConnection::of(page, LedgerEntry))
    }

    /// The balances of your accounts; the operator names any organization.
    async fn ledger_balances(
        &self,
        context: &Context<'_>,
        organization: Option<ID>,
    ) -> Result<Vec<LedgerBalance>, Refused> {
        let actor = access::authenticated(context)?;
        let holder = whose(actor, organization, "organization")?.unwrap_or(actor.organization);
        let balances = platform(context)?.read(move |views| views.balances_of(holder)).await?;
        Ok(balances.into_iter().map(LedgerBalance).collect())
    }

    /// The balances of the platform's own accounts.
    async fn platform_balances(&self, context: &Context<'_>) -> Result<Vec<LedgerBalance>, Refused> {
        let balances = platform(context)?.read(views::store::Views::platform_balances).await?;
        Ok(balances.into_iter().map(LedgerBalance).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounts::published::actor::{Principal, Scope, Scopes};
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

    #[expect(clippy::option_option, reason = "refused, all, or one")]
    fn asked(operator: bool, organization: Option<OrganizationId>) -> Option<Option<OrganizationId>> {
        whose(&actor(operator), organization.map(|id| id.to_string().into()), "organization").ok()
    }

    #[test]
    fn only_the_operator_may_name_another_organization_or_ask_about_all() {
        assert_eq!((asked(false, None), asked(false, Some(OWN))), (Some(Some(OWN)), Some(Some(OWN))));
        assert_eq!(asked(false, Some(OTHER)), None);
        assert_eq!((asked(true, None), asked(true, Some(OTHER))), (Some(None), Some(Some(OTHER))));
    }

    #[test]
    fn the_platforms_accounts_can_be_asked_about_by_the_operator_only() {
        assert!(account(&actor(false), LedgerAccountKind::Cash, Some(OWN)).is_err());
        assert_eq!(account(&actor(true), LedgerAccountKind::Cash, None).ok(), Some(Account::Cash));
    }

    #[test]
    fn an_organizations_account_needs_the_organization() {
        assert!(account(&actor(true), LedgerAccountKind::ProviderPayable, None).is_err());
        let own = account(&actor(false), LedgerAccountKind::ProviderPayable, Some(OWN)).ok();
        assert_eq!(own, Some(Account::ProviderPayable(OWN)));
    }
}
