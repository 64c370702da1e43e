//! Commands on statements.

use async_graphql::{Context, ID, InputObject, Object};
use kernel::event::StreamName;
use kernel::id::StatementId;
use settlement::statement::{Command, Statement as StatementDecider};

use super::Statement;
use crate::graphql::errors::{Refused, not_found};
use crate::graphql::work::{self, payload, payloads};

/// Close the month of a statement.
#[derive(InputObject)]
pub struct IssueStatementInput {
    /// The statement.
    pub statement_id: ID,
    /// Whether to close it before the month is over; what comes later goes on the next month's.
    #[graphql(default)]
    pub early: bool,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The statement.
    IssueStatementPayload { statement: Statement }
}

/// The part of `Mutation` that is about settlement.
#[derive(Default)]
pub struct SettlementMutation;

#[Object]
impl SettlementMutation {
    /// Closes the month of a statement: its share is owed to the seller.
    async fn issue_statement(
        &self,
        context: &Context<'_>,
        input: IssueStatementInput,
    ) -> async_graphql::Result<IssueStatementPayload> {
        payload(issue_statement(context, input).await)
    }
}

async fn issue_statement(context: &Context<'_>, input: IssueStatementInput) -> Result<Statement, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id: StatementId = input.statement_id.parse().map_err(|_| not_found("statementId"))?;
    let missing = || not_found("statementId");
    work.platform.read(move |views| views.statement(id)).await?.ok_or_else(missing)?;
    work.run::<StatementDecider>(&StreamName::of(&id), Command::Issue { early: input.early }).await?;
    let issued = work.platform.read(move |views| views.statement(id)).await?;
    issued.map(Statement).ok_or_else(missing)
}
