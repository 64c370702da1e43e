//! Puts the schema together and the guard before it.

use std::sync::Arc;

use async_graphql::futures_util::stream::{BoxStream, once};
use async_graphql::parser::types::OperationType;
use async_graphql::{
    Data, Executor, MergedObject, MergedSubscription, Request, Response, Schema as GraphqlSchema, SchemaBuilder,
};

use super::access;
use super::accounts::mutation::AccountsMutation;
use super::accounts::query::AccountsQuery;
use super::accounts::session::SessionMutation;
use super::accounts::sign::SignMutation;
use super::agreements::{AgreementsMutation, AgreementsQuery};
use super::analytics::AnalyticsQuery;
use super::billing::mutation::BillingMutation;
use super::billing::open::OpenPeriodsQuery;
use super::billing::query::BillingQuery;
use super::capabilities::CapabilitiesQuery;
use super::capability_map::CapabilityMapQuery;
use super::capability_mutation::CapabilitiesMutation;
use super::errors::{Fault, UserError};
use super::estimate::EstimateQuery;
use super::forecast::ForecastQuery;
use super::invocation::mutation::InvocationMutation;
use super::invocation::query::InvocationQuery;
use super::listing_mutation::ListingsMutation;
use super::listings::ListingsQuery;
use super::live::UsageSubscription;
use super::log::LogQuery;
use super::market_search::MarketSearchQuery;
use super::node::{Node, NodeQuery};
use super::offers::{OffersMutation, OffersQuery};
use super::probes::ProbesMutation;
use super::receipts::ReceiptsQuery;
use super::sandbox::{SandboxMutation, SandboxQuery};
use super::settlement::mutation::SettlementMutation;
use super::settlement::query::SettlementQuery;
use super::status::{StatusQuery, StatusSubscription};
use super::stores::{StoresMutation, StoresQuery};
use super::upkeep::{UpkeepMutation, UpkeepQuery};
use super::usage::UsageQuery;
use crate::auth::authenticator::Caller;
use crate::platform::Platform;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    AccountsQuery,
    NodeQuery,
    CapabilitiesQuery,
    CapabilityMapQuery,
    MarketSearchQuery,
    StoresQuery,
    ListingsQuery,
    OffersQuery,
    AgreementsQuery,
    InvocationQuery,
    SandboxQuery,
    UsageQuery,
    BillingQuery,
    SettlementQuery,
    StatusQuery,
    UpkeepQuery,
    AnalyticsQuery,
    EstimateQuery,
    ForecastQuery,
    LogQuery,
    OpenPeriodsQuery,
    ReceiptsQuery,
);

/// Everything that can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SignMutation,
    SessionMutation,
    AccountsMutation,
    CapabilitiesMutation,
    StoresMutation,
    ListingsMutation,
    ProbesMutation,
    OffersMutation,
    AgreementsMutation,
    InvocationMutation,
    SandboxMutation,
    UpkeepMutation,
    BillingMutation,
    SettlementMutation,
);

/// Everything that can be watched.
#[derive(MergedSubscription, Default)]
pub struct Subscription(UsageSubscription, StatusSubscription);

type Inner = GraphqlSchema<Query, Mutation, Subscription>;

/// Whether clients are told how the schema looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Introspection and suggestions.
    Open,
    /// Neither.
    Production,
}

/// The schema with its guard: executes what the matrix permits.
#[derive(Clone)]
pub struct Schema(Inner);

impl Schema {
    /// Builds the schema over a platform.
    pub fn new(platform: Arc<Platform>, mode: Mode) -> Self {
        let builder = builder().data(platform);
        Self(match mode {
            Mode::Open => builder.finish(),
            Mode::Production => builder.disable_introspection().disable_suggestions().finish(),
        })
    }
}

/// The schema, not yet over a platform.
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    GraphqlSchema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<Node>()
        .register_output_type::<UserError>()
}

impl Executor for Schema {
    async fn execute(&self, mut request: Request) -> Response {
        match permit(&mut request) {
            Ok(OperationType::Mutation) => to_its_end(self.0.clone(), request).await,
            Ok(OperationType::Query | OperationType::Subscription) => self.0.execute(request).await,
            Err(refusal) => *refusal,
        }
    }

    fn execute_stream(&self, mut request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        match permit(&mut request) {
            Ok(OperationType::Mutation) => Box::pin(once(to_its_end(self.0.clone(), request))),
            Ok(OperationType::Query | OperationType::Subscription) => {
                Executor::execute_stream(&self.0, request, session)
            }
            Err(refusal) => Box::pin(once(async move { *refusal })),
        }
    }
}

/// Executes a mutation in a task of its own: it may be several appends, and whoever asked may go away between two.
async fn to_its_end(schema: Inner, request: Request) -> Response {
    let executing = tokio::spawn(async move { schema.execute(request).await });
    executing.await.unwrap_or_else(|_| Response::from_errors(vec![access::server_error(Fault::incomplete().into())]))
}

/// What kind of request it is; nothing is executed that the matrix does not permit.
fn permit(request: &mut Request) -> Result<OperationType, Box<Response>> {
    let caller = request.data.get(&std::any::TypeId::of::<Caller>());
    let actor = caller.and_then(|caller| caller.downcast_ref::<Caller>()).and_then(|caller| caller.0.clone());
    access::check(request, actor.as_ref()).map_err(|error| Box::new(Response::from_errors(vec![error])))
}
