//! Calling a capability.

use async_graphql::{Context, Enum, InputObject, Object, OneofObject};
use invocation::call::{Call, Preference, Target};
use kernel::slug::Slug;
use serde_json::Value;

use super::Invocation;
use super::refusal::refused;
use crate::graphql::access;
use crate::graphql::errors::{Refused, invalid, not_found};
use crate::graphql::scalars::Decimal;
use crate::graphql::work::{payload, payloads, platform};

/// One call.
#[derive(InputObject)]
pub struct InvokeInput {
    /// Whom to call.
    pub target: InvokeTarget,
    /// The input, as the capability's contract describes it.
    pub payload: Value,
    /// 1 to 200 bytes. The same key again gives the same call, billed once.
    pub idempotency_key: String,
    /// Refuse rather than cost more; in major units of the agreement's currency.
    pub max_charge: Option<Decimal>,
    /// How to choose among your agreements.
    #[graphql(default_with = "RoutingPreference::Cheapest")]
    pub routing: RoutingPreference,
}

/// A capability (the platform routes among your agreements) or one agreement (pinned).
#[derive(OneofObject)]
pub enum InvokeTarget {
    /// The slug of a capability.
    Capability(String),
    /// One agreement.
    Agreement(InvokeAgreementTarget),
}

/// One agreement, for one of its capabilities.
#[derive(InputObject)]
pub struct InvokeAgreementTarget {
    /// The agreement.
    pub id: async_graphql::ID,
    /// The slug of the capability.
    pub capability: String,
}

/// How to choose among agreements.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Preference")]
pub enum RoutingPreference {
    /// The lowest estimated charge; the faster one where they tie.
    Cheapest,
    /// The lowest latency lately; the cheaper one where they tie.
    Fastest,
}

impl TryFrom<InvokeInput> for Call {
    type Error = Refused;

    fn try_from(input: InvokeInput) -> Result<Self, Refused> {
        let max_charge = input.max_charge.map(|limit| limit.number("maxCharge")).transpose()?;
        if max_charge.is_some_and(kernel::exact::Decimal::is_negative) {
            return Err(invalid("maxCharge", "a charge is not negative"));
        }
        Ok(Self {
            target: input.target.try_into()?,
            payload: input.payload,
            idempotency_key: input.idempotency_key,
            max_charge: max_charge.map(kernel::exact::Decimal::to_exact),
            preference: input.routing.into(),
        })
    }
}

impl TryFrom<InvokeTarget> for Target {
    type Error = Refused;

    /// What cannot be the name of anything is not found either.
    fn try_from(target: InvokeTarget) -> Result<Self, Refused> {
        let slug = |text: String| text.parse::<Slug>().map_err(|_| not_found("target"));
        match target {
            InvokeTarget::Capability(capability) => Ok(Self::Capability(slug(capability)?)),
            InvokeTarget::Agreement(InvokeAgreementTarget { id, capability }) => {
                let id = id.parse().map_err(|_| not_found("target"))?;
                Ok(Self::Agreement(id, slug(capability)?))
            }
        }
    }
}

payloads! {
    /// The call.
    InvokePayload { invocation: Invocation }
}

/// The part of `Mutation` that is about calls.
#[derive(Default)]
pub struct InvocationMutation;

#[Object]
impl InvocationMutation {
    /// Calls a capability. The answer comes when its usage is durably recorded; what fails is not billed.
    async fn invoke(&self, context: &Context<'_>, input: InvokeInput) -> async_graphql::Result<InvokePayload> {
        payload(invoke(context, input).await)
    }
}

async fn invoke(context: &Context<'_>, input: InvokeInput) -> Result<Invocation, Refused> {
    let actor = access::mutating(context)?;
    let invocation = platform(context)?.service.invoke(actor, input.try_into()?).await.map_err(refused)?;
    Ok(Invocation::delivered(&invocation))
}
