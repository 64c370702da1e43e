//! Questions about invoices.

use accounts::published::actor::Actor;
use async_graphql::{Context, ID, InputObject, Object};
use views::billing::InvoiceFilter as ViewFilter;

use super::{Invoice, InvoiceConnection, InvoiceState, find};
use crate::graphql::access;
use crate::graphql::agreements::Side;
use crate::graphql::connection::page_request;
use crate::graphql::errors::{Refused, not_found};
use crate::graphql::scalars::DateTime;
use crate::graphql::work::platform;

/// Which invoices; all where nothing is set.
#[derive(InputObject, Default)]
pub struct InvoiceFilter {
    /// In this state.
    pub state: Option<InvoiceState>,
    /// Under this agreement.
    pub agreement: Option<ID>,
    /// For a period that ends after this instant.
    pub from: Option<DateTime>,
    /// For a period that starts before this instant.
    pub until: Option<DateTime>,
}

impl InvoiceFilter {
    fn of_view(self, actor: &Actor, side: Option<Side>) -> Result<ViewFilter, Refused> {
        let agreement = self.agreement.map(|id| id.parse().map_err(|_| not_found("agreement"))).transpose()?;
        let (buyer, seller) = match (side, actor.organization) {
            (None, _) if access::operates(actor) => (None, None),
            (None | Some(Side::Buyer), own) => (Some(own), None),
            (Some(Side::Seller), own) => (None, Some(own)),
        };
        let (from, until) = (self.from.map(|at| at.0), self.until.map(|at| at.0));
        Ok(ViewFilter { buyer, seller, state: self.state.map(Into::into), agreement, from, until })
    }
}

/// The part of `Query` that is about billing.
#[derive(Default)]
pub struct BillingQuery;

#[Object]
impl BillingQuery {
    /// Invoices, newest first. Where no side is named: those that you owe; to the operator, all.
    async fn invoices(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
        filter: Option<InvoiceFilter>,
        #[graphql(name = "as")] side: Option<Side>,
    ) -> Result<InvoiceConnection, Refused> {
        let page = page_request(first, after)?;
        let filter = filter.unwrap_or_default().of_view(access::authenticated(context)?, side)?;
        let page = platform(context)?.read(move |views| views.invoices(&filter, &page)).await?;
        Ok(InvoiceConnection::of(page, Invoice))
    }

    /// One invoice, of which you are buyer or seller.
    async fn invoice(&self, context: &Context<'_>, id: ID) -> Result<Invoice, Refused> {
        let id = id.parse().map_err(|_| not_found("id"))?;
        find(context, id).await?.ok_or_else(|| not_found("id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounts::published::actor::{Principal, Scope, Scopes};
    use kernel::id::{MemberId, OrganizationId};
    use uuid::Uuid;

    fn actor(operator: bool) -> Actor {
        Actor {
            organization: OrganizationId::new(Uuid::from_u128(7)),
            principal: Principal::Member(MemberId::new(Uuid::from_u128(8))),
            scopes: Scopes::from(vec![Scope::BillingRead, Scope::Operate]),
            operator,
        }
    }

    fn sides(operator: bool, side: Option<Side>) -> (bool, bool) {
        let actor = actor(operator);
        let filter = InvoiceFilter::default().of_view(&actor, side).ok().unwrap();
        (filter.buyer == Some(actor.organization), filter.seller == Some(actor.organization))
    }

    #[test]
    fn only_the_operator_is_ever_given_invoices_of_others() {
        assert_eq!(sides(true, None), (false, false));
        assert_eq!(sides(false, None), (true, false));
        assert_eq!(sides(false, Some(Side::Buyer)), (true, false));
        assert_eq!(sides(false, Some(Side::Seller)), (false, true));
    }
}
