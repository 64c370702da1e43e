//! The sandbox: visitors try capabilities at the operator's expense, within what the operator allows.
//!
//! A try is a call like any other: metered, recorded and billed, with the operator's organization as the buyer.

use std::sync::Arc;

use accounts::published::actor::{Actor, Principal, Scope, Scopes, VISITOR};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use invocation::call::{Call, Invocation, InvokeError, Preference, Target};
use jiff::{SignedDuration, Timestamp};
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::{ListingId, OrganizationId};
use kernel::period::Period;
use kernel::slug::Slug;
use metering::published::sandbox::{PlatformSandbox, Settings};
use metering::sandbox::{Command, Sandbox as Decider};
use serde_json::Value;
use views::usage_series::{UsageFilter, UsageOf};

use super::errors::{Refused, UserError, not_found, rule};
use super::invocation::refusal::refused;
use super::invocation::{UsageLine, usage_lines};
use super::listings::{Listing, listing};
use super::scalars::{Count, DateTime, Decimal};
use super::work::{self, Payload, payload, payloads, platform};
use crate::auth::visit::Visit;
use crate::platform::Platform;
use crate::sandbox::{Day, Exhausted, Standing};
use crate::transport::address::ClientAddress;

/// What the address that asks may still try.
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxStatus {
    /// Whether visitors may try anything at all.
    pub is_open: bool,
    /// Calls from one address within a day, UTC.
    pub calls_per_address_per_day: Count,
    /// Calls that your address may still make today; fewer where those of all visitors run out.
    pub remaining: Count,
    /// When the day ends and the count starts anew.
    pub resets_at: DateTime,
}

/// What visitors may try at the operator's expense. Days are UTC days.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct SandboxSettings {
    /// Whether visitors may try anything at all.
    pub is_open: bool,
    /// Calls from one address within a day.
    pub calls_per_address_per_day: Count,
    /// Calls of all visitors within a day.
    pub calls_per_day: Count,
    /// The most one call may cost, in major units of the agreement's currency. At zero only agreements without prices
    /// answer, and those stop when their allowance ends.
    pub max_charge: Decimal,
    /// Calls of all visitors today.
    pub calls_today: Count,
}

/// Set what visitors may try.
#[derive(InputObject)]
pub struct SetSandboxInput {
    /// Whether visitors may try anything at all.
    pub is_open: bool,
    /// Calls from one address within a day, 1 to 100,000.
    pub calls_per_address_per_day: Count,
    /// Calls of all visitors within a day, 1 to 100,000.
    pub calls_per_day: Count,
    /// The most one call may cost, in major units of the agreement's currency; as it is where it is not given.
    pub max_charge: Option<Decimal>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Try a capability.
#[derive(InputObject)]
pub struct TryCapabilityInput {
    /// The slug of a capability.
    pub capability: String,
    /// Which listing shall answer; whichever does best unless given.
    pub listing_id: Option<ID>,
    /// The input, as the capability's contract describes it.
    pub payload: Value,
    /// 1 to 200 bytes. The same key again from the same address gives the same call, counted once.
    pub idempotency_key: String,
}

/// A call that a visitor made.
#[derive(SimpleObject)]
pub struct Trial {
    /// The answer.
    pub output: Value,
    /// What it used, a line per meter and class: what a buyer on the same terms would have used.
    pub usage: Vec<UsageLine>,
    /// What answered.
    pub listing: Listing,
    /// What it cost the operator, in major units and unrounded.
    pub estimated_charge: Decimal,
    /// What the charge is in (ISO 4217).
    pub currency_code: String,
    /// From admission to the answer.
    pub latency_milliseconds: u32,
}

payloads! {
    /// The settings now.
    SetSandboxPayload { sandbox_settings: SandboxSettings }
}

/// The answer, and what may still be tried.
#[derive(SimpleObject)]
pub struct TryCapabilityPayload {
    /// The call; absent where there are errors.
    pub trial: Option<Trial>,
    /// What your address may still try.
    pub sandbox: SandboxStatus,
    /// Why it was not done.
    pub errors: Vec<UserError>,
}

/// The part of `Query` that is about the sandbox.
#[derive(Default)]
pub struct SandboxQuery;

#[Object]
impl SandboxQuery {
    /// What your address may still try without signing up.
    async fn sandbox(&self, context: &Context<'_>) -> Result<SandboxStatus, Refused> {
        Visitor::begin(context).await.map(|visitor| visitor.status())
    }

    /// What visitors may try, and have tried today.
    async fn sandbox_settings(&self, context: &Context<'_>) -> Result<SandboxSettings, Refused> {
        settings(context).await
    }
}

/// The part of `Mutation` that is about the sandbox.
#[derive(Default)]
pub struct SandboxMutation;

#[Object]
impl SandboxMutation {
    /// Sets what visitors may try.
    async fn set_sandbox(
        &self,
        context: &Context<'_>,
        input: SetSandboxInput,
    ) -> async_graphql::Result<SetSandboxPayload> {
        payload(set(context, input).await)
    }

    /// Tries a capability without signing up. A call like any other; the operator pays where its agreement has a price.
    async fn try_capability(
        &self,
        context: &Context<'_>,
        input: TryCapabilityInput,
    ) -> async_graphql::Result<TryCapabilityPayload> {
        let visitor = Visitor::begin(context).await?;
        let TrialOnly { trial, errors } = payload(visitor.attempt(context, input).await)?;
        Ok(TryCapabilityPayload { trial, sandbox: visitor.status(), errors })
    }
}

/// What an attempt gives before the visitor's standing is added to it.
struct TrialOnly {
    trial: Option<Trial>,
    errors: Vec<UserError>,
}

impl Payload for TrialOnly {
    type Entity = Trial;
    fn new(trial: Option<Trial>, errors: Vec<UserError>) -> Self {
        Self { trial, errors }
    }
}

async fn settings(context: &Context<'_>) -> Result<SandboxSettings, Refused> {
    let visitor = Visitor::begin(context).await?;
    let Settings { open, calls_per_address_per_day, calls_per_day, charge_max } = visitor.settings;
    Ok(SandboxSettings {
        is_open: open,
        calls_per_address_per_day: Count(calls_per_address_per_day.into()),
        calls_per_day: Count(calls_per_day.into()),
        max_charge: charge_max.into(),
        calls_today: Count(visitor.standing().calls.into()),
    })
}

async fn set(context: &Context<'_>, input: SetSandboxInput) -> Result<SandboxSettings, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let calls = |count: Count| u32::try_from(count.0).unwrap_or(u32::MAX);
    let charge_max = input.max_charge.map(|charge| charge.number("maxCharge")).transpose()?;
    let settings = Settings {
        open: input.is_open,
        calls_per_address_per_day: calls(input.calls_per_address_per_day),
        calls_per_day: calls(input.calls_per_day),
        charge_max: charge_max.unwrap_or_else(|| work.platform.service.market().sandbox().charge_max),
    };
    work.run::<Decider>(&StreamName::of(&PlatformSandbox), Command::Set(settings)).await?;
    self::settings(context).await
}

/// An address that asks, on a day that is being counted.
struct Visitor<'a> {
    platform: &'a Arc<Platform>,
    address: ClientAddress,
    settings: Settings,
    operator: Option<OrganizationId>,
    now: Timestamp,
}

impl<'a> Visitor<'a> {
    async fn begin(context: &'a Context<'_>) -> Result<Self, Refused> {
        let platform = platform(context)?;
        let address = context.data_opt::<Visit>().map_or(ClientAddress::UNKNOWN, |visit| visit.address);
        let (settings, operator) = {
            let market = platform.service.market();
            (market.sandbox(), market.operator())
        };
        let visitor = Self { platform, address, settings, operator, now: platform.clock.now() };
        visitor.count_today().await?;
        Ok(visitor)
    }

    /// Begins the day's count from the calls that the log has of it.
    async fn count_today(&self) -> Result<(), Refused> {
        let today = Day::of(self.now);
        let Some(operator) = self.operator.filter(|_| !self.platform.sandbox.counts(today)) else { return Ok(()) };
        let period = Period { start: today.start(), end: today.end() };
        let visitors = UsageFilter { principal: Some(VISITOR.to_owned()), ..UsageFilter::default() };
        let read = move |views: &views::store::Views| views.usage_totals(UsageOf::Buyer(operator), &visitors, period);
        let recorded = u32::try_from(self.platform.read(read).await?.calls).unwrap_or(u32::MAX);
        self.platform.sandbox.begin(today, recorded);
        Ok(())
    }

    fn standing(&self) -> Standing {
        self.platform.sandbox.standing(self.address, &self.settings, self.now)
    }

    fn status(&self) -> SandboxStatus {
        let Standing { remaining, resets_at, .. } = self.standing();
        SandboxStatus {
            is_open: self.settings.open,
            calls_per_address_per_day: Count(self.settings.calls_per_address_per_day.into()),
            remaining: Count(remaining.into()),
            resets_at: DateTime(resets_at),
        }
    }

    async fn attempt(&self, context: &Context<'_>, input: TryCapabilityInput) -> Result<Trial, Refused> {
        let buyer = self.operator.filter(|_| self.settings.open).ok_or_else(closed)?;
        let call = self.call(buyer, input)?;
        let sandbox = &self.platform.sandbox;
        sandbox.take(self.address, &self.settings).map_err(exhausted)?;
        let outcome = self.platform.service.invoke(&on_behalf(buyer), call).await;
        if outcome.as_ref().is_ok_and(|invocation| invocation.repeated) || outcome.as_ref().is_err_and(never_sent) {
            sandbox.give_back(self.address);
        }
        let call = outcome.map_err(not_delivered)?;
        trial(context, &call).await
    }

    fn call(&self, buyer: OrganizationId, input: TryCapabilityInput) -> Result<Call, Refused> {
        work::checked(Some(&input.idempotency_key))?;
        let capability: Slug = input.capability.parse().map_err(|_| not_found("capability"))?;
        let target = match input.listing_id {
            None => Target::Capability(capability),
            Some(id) => {
                let listing: ListingId = id.parse().map_err(|_| not_found("listingId"))?;
                let covering = self.platform.service.market().covering(buyer, &capability);
                let accepted = covering.into_iter().find(|accepted| accepted.listing == listing);
                Target::Agreement(accepted.ok_or_else(not_tryable)?.agreement, capability)
            }
        };
        Ok(Call {
            target,
            payload: input.payload,
            idempotency_key: self.platform.sandbox.key(self.address, &input.idempotency_key),
            max_charge: Some(self.settings.charge_max.to_exact()),
            preference: Preference::Cheapest,
        })
    }
}

/// Who calls for a visitor: the operator's organization, with no authority but to call.
fn on_behalf(buyer: OrganizationId) -> Actor {
    let scopes = Scopes::from(vec![Scope::Invoke]);
    Actor { organization: buyer, principal: Principal::Visitor, scopes, operator: false }
}

async fn trial(context: &Context<'_>, call: &Invocation) -> Result<Trial, Refused> {
    let took = call.record.settled_at.duration_since(call.record.admitted_at).max(SignedDuration::ZERO);
    Ok(Trial {
        output: Value::clone(&call.output),
        usage: usage_lines(&call.record.lines, &call.estimates),
        listing: listing(context, call.record.listing).await?,
        estimated_charge: Decimal::estimate(&call.estimate()),
        currency_code: call.currency.code().to_owned(),
        latency_milliseconds: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
    })
}

/// Whether a call failed before anything was sent to a provider: such a call is not counted.
const fn never_sent(error: &InvokeError) -> bool {
    match error {
        InvokeError::InvalidPayload(_)
        | InvokeError::InvalidIdempotencyKey
        | InvokeError::NotFound
        | InvokeError::NoContract
        | InvokeError::NoAgreement
        | InvokeError::Suspended
        | InvokeError::NotCovered
        | InvokeError::AllowanceExhausted(_)
        | InvokeError::ChargeLimitExceeded { .. }
        | InvokeError::IdempotencyConflict => true,
        InvokeError::ProviderRefused { .. }
        | InvokeError::ProviderUnavailable(_)
        | InvokeError::OutputNotRetained(_)
        | InvokeError::OutcomePending(_)
        | InvokeError::NotRecorded
        | InvokeError::OutOfRange => false,
    }
}

/// Why a try was not delivered, in words for somebody who has no agreement.
fn not_delivered(error: InvokeError) -> Refused {
    match error {
        InvokeError::NotFound => not_found("capability"),
        InvokeError::NoAgreement | InvokeError::NotCovered | InvokeError::Suspended => not_tryable(),
        InvokeError::ChargeLimitExceeded { .. } => {
            rule(ErrorCode("SANDBOX_CHARGE_LIMIT"), "the call could cost more than a try may: sign up to make it")
        }
        other => refused(other),
    }
}

fn closed() -> Refused {
    rule(ErrorCode("SANDBOX_CLOSED"), "nothing can be tried without signing up")
}

fn not_tryable() -> Refused {
    rule(ErrorCode("NOT_TRYABLE"), "this cannot be tried without signing up")
}

fn exhausted(exhausted: Exhausted) -> Refused {
    let code = match exhausted {
        Exhausted::Address => ErrorCode("SANDBOX_ADDRESS_EXHAUSTED"),
        Exhausted::Everyone => ErrorCode("SANDBOX_EXHAUSTED"),
    };
    rule(code, exhausted)
}
