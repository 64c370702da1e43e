//! Probes as GraphQL shows them: whether a listing's endpoint answers the examples of its contracts.

use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object, SimpleObject};
use catalog::listing::{Command, Listing as Decider};
use catalog::published::listing::{Content, ProbeCheck as CheckRow, ProbeOutcome as OutcomeRow};
use eventlog::execute::Cause;
use invocation::probe::NotProbed;
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::ListingId;
use views::probes::Probe as Row;

use super::access;
use super::capabilities::Capability;
use super::errors::{Fault, Refused, UserError, not_found, rule};
use super::listing_mutation::{ListingInput, find};
use super::listings::{Listing, capability, listing};
use super::scalars::DateTime;
use super::work::{self, Payload, payload, platform};
use crate::platform::Platform;

/// How a listing's endpoint answered the examples of its contracts.
#[derive(Clone, Description)]
pub struct Probe(pub Row);

#[Object(use_type_description)]
impl Probe {
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// Whether every example was answered as its contract promises.
    async fn has_passed(&self) -> bool {
        self.0.passed
    }
    /// Every example that was sent.
    async fn checks(&self) -> Vec<ProbeCheck> {
        self.0.checks.iter().cloned().map(ProbeCheck).collect()
    }
}

/// One example of a contract, sent to a listing.
#[derive(Clone, Description)]
pub struct ProbeCheck(CheckRow);

#[Object(use_type_description)]
impl ProbeCheck {
    /// The capability.
    async fn capability(&self, context: &Context<'_>) -> Result<Capability, Refused> {
        capability(context, &self.0.capability).await
    }
    /// The contract's version; null where there is no contract.
    async fn contract_version(&self) -> Option<u32> {
        self.0.contract_version
    }
    /// The example's index in the contract, from 0.
    async fn example(&self) -> u32 {
        self.0.example
    }
    /// How it came out.
    async fn outcome(&self) -> ProbeOutcome {
        self.0.outcome.into()
    }
    /// What exactly: the provider's code, or where the answer breaks the contract.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
    /// From the start of the call to the last byte of the answer; null without an answer.
    async fn latency_milliseconds(&self) -> Option<u32> {
        self.0.latency_milliseconds
    }
}

/// How the probe of one example came out.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "OutcomeRow")]
pub enum ProbeOutcome {
    /// It was answered as the contract promises.
    Passed,
    /// The capability has no contract yet, so there is nothing to call.
    NoContract,
    /// The provider declined its own capability's example.
    Refused,
    /// No connection could be made.
    Unreachable,
    /// The connection broke before the whole answer had arrived.
    Disconnected,
    /// No answer in time.
    TimedOut,
    /// The answer is too large.
    OutputTooLarge,
    /// The answer is not what the contract promises.
    InvalidOutput,
    /// Its address may not be called.
    AddressBlocked,
}

/// The last probe that the caller may see: its provider and the operator see that of the next version too.
pub async fn last(context: &Context<'_>, id: ListingId, is_mine: bool) -> Result<Option<Probe>, Refused> {
    let read = move |views: &views::store::Views| if is_mine { views.last_probe(id) } else { views.market_probe(id) };
    Ok(platform(context)?.read(read).await?.map(Probe))
}

/// The probe, and the listing that it is of.
#[derive(SimpleObject)]
pub struct ProbeListingPayload {
    /// How it came out; absent where there are errors.
    pub probe: Option<Probe>,
    /// The listing; absent where there are errors.
    pub listing: Option<Listing>,
    /// Why it was not done.
    pub errors: Vec<UserError>,
}

impl Payload for ProbeListingPayload {
    type Entity = (Probe, Listing);
    fn new(entity: Option<(Probe, Listing)>, errors: Vec<UserError>) -> Self {
        let (probe, listing) = entity.unzip();
        Self { probe, listing, errors }
    }
}

/// The part of `Mutation` that is about probes.
#[derive(Default)]
pub struct ProbesMutation;

#[Object]
impl ProbesMutation {
    /// Sends the examples of its contracts to the endpoint that a listing of yours says, or any for the operator. Takes
    /// as long as the endpoint does, 70 seconds at most, and goes on when you go away.
    async fn probe_listing(
        &self,
        context: &Context<'_>,
        input: ListingInput,
    ) -> async_graphql::Result<ProbeListingPayload> {
        payload(probe(context, input).await)
    }
}

async fn probe(context: &Context<'_>, input: ListingInput) -> Result<(Probe, Listing), Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let found = find(&work, &input.listing_id).await?;
    if !access::sees(Some(work.actor), found.organization) {
        return Err(not_found("listingId"));
    }
    let id = found.id;
    // A task of its own: who goes away finds the outcome on the listing.
    let probing = record(Arc::clone(work.platform), id, found.working, work.cause.clone());
    tokio::spawn(probing).await.map_err(|error| Fault::internal(&error))??;
    let probed = last(context, id, true).await?.ok_or_else(Fault::incomplete)?;
    Ok((probed, listing(context, id).await?))
}

/// Probes what a listing says and records how it came out.
pub async fn record(platform: Arc<Platform>, id: ListingId, content: Content, cause: Cause) -> Result<(), Refused> {
    let checks = platform.service.probe(id, &content).await.map_err(not_probed)?;
    let command = Command::RecordProbe { content_sha256: content.sha256(), checks };
    platform.run::<Decider>(&StreamName::of(&id), command, &cause).await?;
    Ok(())
}

fn not_probed(reason: NotProbed) -> Refused {
    let code = match reason {
        NotProbed::UnderWay => ErrorCode("PROBE_UNDER_WAY"),
        NotProbed::NoEndpoint => ErrorCode("NOTHING_TO_PROBE"),
    };
    rule(code, reason)
}
