//! Enforces the matrix, in one place: before anything of a request is executed, and once more where a mutation begins.
//!
//! Without credentials, or a query without its scope: the request is refused as a whole. A mutation without its scope
//! answers in its payload. Which rows an actor sees is decided by the `visible…` functions here and by nothing else.

use accounts::published::actor::{Actor, Forbidden, Scope};
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Context, Request, ServerError};
use kernel::id::OrganizationId;

use super::errors::{Fault, Refused};
use super::matrix::{self, Access, Rule};
use crate::auth::authenticator::Caller;
use crate::transport::answer::UNAUTHENTICATED;

/// Fragments spread within fragments that are followed; the transport refuses deeper ones before.
const FRAGMENT_DEPTH_MAX: u8 = 32;

/// Checks the root fields of the operation that will be executed, and says what kind of operation it is.
pub fn check(request: &mut Request, caller: Option<&Actor>) -> Result<OperationType, ServerError> {
    let name = request.operation_name.clone();
    let document = request.parsed_query()?;
    // Where there is none, executing it says so.
    let Some(operation) = operation(document, name.as_deref()) else { return Ok(OperationType::Query) };
    let root = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let mut fields = Vec::new();
    collect(document, &operation.selection_set.node, FRAGMENT_DEPTH_MAX, &mut fields);
    let mut asked = fields.into_iter().filter(|field| !field.starts_with("__"));
    asked.try_for_each(|field| check_field(root, field, caller)).map(|()| operation.ty)
}

fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    match name {
        Some(name) => operations.find(|(own, _)| own.is_some_and(|own| own == name)),
        None => operations.next(),
    }
    .map(|(_, operation)| &operation.node)
}

fn collect<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, depth: u8, fields: &mut Vec<&'a str>) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => fields.push(field.node.name.node.as_str()),
            Selection::InlineFragment(inline) => {
                collect(document, &inline.node.selection_set.node, deeper, fields);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, deeper, fields);
                }
            }
        }
    }
}

fn check_field(root: &str, field: &str, caller: Option<&Actor>) -> Result<(), ServerError> {
    let Some(rule) = matrix::find(root, field) else {
        return Err(ServerError::new(format!("Unknown field \"{field}\" on type \"{root}\"."), None));
    };
    match (rule.access, caller) {
        (Access::Public, _) => Ok(()),
        (_, None) => Err(unauthenticated(field)),
        (_, Some(_)) if root == "Mutation" => Ok(()),
        (_, Some(actor)) => permitted(rule, actor).map_err(|forbidden| server_error(forbidden.into())),
    }
}

fn unauthenticated(field: &str) -> ServerError {
    let mut error = ServerError::new(format!("`{field}` needs credentials"), None);
    error.extensions.get_or_insert_default().set("code", UNAUTHENTICATED);
    error
}

/// A refusal as an error of the whole request.
pub fn server_error(refused: Refused) -> ServerError {
    async_graphql::Error::from(refused).into_server_error(async_graphql::Pos::default())
}

fn permitted(rule: &Rule, actor: &Actor) -> Result<(), Forbidden> {
    match rule.access {
        Access::Public | Access::Authenticated => Ok(()),
        Access::Scoped(scope) => actor.require(scope),
        Access::Operator => actor.require_operator(),
    }
}

/// The caller, if it has credentials.
pub fn caller<'a>(context: &'a Context<'_>) -> Option<&'a Actor> {
    context.data_opt::<Caller>().and_then(|caller| caller.0.as_ref())
}

/// The actor of the mutation being resolved, once the matrix permits it.
pub fn mutating<'a>(context: &'a Context<'_>) -> Result<&'a Actor, Refused> {
    let actor = authenticated(context)?;
    let rule = matrix::find("Mutation", context.field().name()).ok_or(Forbidden::NotOperator)?;
    permitted(rule, actor)?;
    Ok(actor)
}

/// The caller; the request was refused before if there is none.
pub fn authenticated<'a>(context: &'a Context<'_>) -> Result<&'a Actor, Refused> {
    caller(context).ok_or_else(|| Fault::again(UNAUTHENTICATED, "this needs credentials".to_owned()).into())
}

/// The caller, where it holds a scope: for fields below the root that show more than their parent does.
pub fn scoped<'a>(context: &'a Context<'_>, scope: Scope) -> Result<&'a Actor, Refused> {
    let actor = authenticated(context)?;
    actor.require(scope)?;
    Ok(actor)
}

/// Whether rows of an organization are the caller's own, or the caller operates the platform.
pub fn sees(caller: Option<&Actor>, owner: OrganizationId) -> bool {
    caller.is_some_and(|actor| actor.organization == owner || operates(actor))
}

/// Whether the caller is buyer or seller, or operates the platform.
pub fn is_party(caller: Option<&Actor>, buyer: OrganizationId, seller: OrganizationId) -> bool {
    sees(caller, buyer) || sees(caller, seller)
}

/// Whether the actor may operate the platform.
pub fn operates(actor: &Actor) -> bool {
    actor.require_operator().is_ok()
}
