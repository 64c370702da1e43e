//! Probes: the examples of a listing's contracts, sent to its endpoint, to see whether it works.
//!
//! Nothing is metered. A probe goes past the breaker, so that it neither depends on how calls went nor spoils it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use catalog::published::listing::{Content, Details, ProbeCheck, ProbeOutcome};
use futures::StreamExt;
use kernel::id::ListingId;
use kernel::slug::Slug;
use providers::error::CallError;
use providers::upstreams::Endpoint;
use serde_json::Value;
use tokio::time::Instant;

use crate::contract::Compiled;
use crate::service::Service;

/// The most examples of one contract that are sent.
const EXAMPLES_MAX: usize = 3;
/// Examples under way at once, of one listing.
const AT_ONCE: usize = 4;
/// How long one example may take; less where calls have less.
const EXAMPLE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a probe may take: what has not been sent by then counts as late.
const PROBE_TIME_MAX: Duration = Duration::from_mins(1);
/// The longest detail, in characters.
const DETAIL_LENGTH_MAX: usize = 400;

/// Why a listing is not probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProbed {
    /// One probe of a listing at a time.
    #[error("the listing is being probed")]
    UnderWay,
    /// Only models have an endpoint.
    #[error("only a model has an endpoint to probe")]
    NoEndpoint,
}

/// The listings that are being probed.
#[derive(Debug, Default)]
pub(crate) struct Probing(Mutex<HashSet<ListingId>>);

/// Keeps other probes of a listing away.
struct Turn<'a>(&'a Probing, ListingId);

impl Probing {
    fn begin(&self, listing: ListingId) -> Option<Turn<'_>> {
        let mut listings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Made only where it is the listing's turn: a turn that is dropped gives it back.
        listings.insert(listing).then(|| Turn(self, listing))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// One example to send, or a capability that has none.
struct Sample {
    capability: Slug,
    contract: Option<std::sync::Arc<Compiled>>,
    example: usize,
}

impl Service {
    /// Sends the examples of its contracts to what a listing says is its endpoint; takes a minute at most, and one
    /// example's time.
    pub async fn probe(&self, listing: ListingId, content: &Content) -> Result<Vec<ProbeCheck>, NotProbed> {
        let Details::Model(model) = &content.details else { return Err(NotProbed::NoEndpoint) };
        let _turn = self.probing.begin(listing).ok_or(NotProbed::UnderWay)?;
        let until = Instant::now() + PROBE_TIME_MAX;
        let samples = self.samples(&content.capabilities);
        let checks = samples.into_iter().map(|sample| self.check(&model.endpoint, sample, until));
        Ok(futures::stream::iter(checks).buffered(AT_ONCE).collect().await)
    }

    fn samples(&self, capabilities: &[Slug]) -> Vec<Sample> {
        let market = self.market();
        let samples = |capability: &Slug| {
            let contract = market.contract(capability).flatten();
            let examples = contract.as_ref().map_or(1, |contract| contract.contract().examples.len().min(EXAMPLES_MAX));
            let sample = |example| Sample { capability: capability.clone(), contract: contract.clone(), example };
            (0..examples).map(sample).collect::<Vec<_>>()
        };
        capabilities.iter().flat_map(samples).collect()
    }

    async fn check(&self, endpoint: &str, sample: Sample, until: Instant) -> ProbeCheck {
        let contract = sample.contract.as_deref();
        let input = contract.and_then(|contract| contract.contract().examples.get(sample.example));
        let found = match (contract, input) {
            (Some(contract), Some(example)) => {
                self.send(endpoint, &sample.capability, contract, &example.input, until).await
            }
            (Some(_) | None, _) => Found { outcome: ProbeOutcome::NoContract, detail: None, latency: None },
        };
        let milliseconds = |latency: Duration| u32::try_from(latency.as_millis()).unwrap_or(u32::MAX);
        ProbeCheck {
            contract_version: contract.map(|contract| contract.contract().version),
            capability: sample.capability,
            example: u32::try_from(sample.example).unwrap_or(u32::MAX),
            outcome: found.outcome,
            detail: found.detail.map(|detail| detail.chars().take(DETAIL_LENGTH_MAX).collect()),
            latency_milliseconds: found.latency.map(milliseconds),
        }
    }

    async fn send(
        &self,
        endpoint: &str,
        capability: &Slug,
        contract: &Compiled,
        input: &Value,
        until: Instant,
    ) -> Found {
        let late = Found { outcome: ProbeOutcome::TimedOut, detail: None, latency: None };
        let Ok(body) = serde_json::to_vec(input) else { return late };
        if Instant::now() >= until {
            return late;
        }
        let url = endpoint.replace("{capability}", capability.as_str());
        let upstream = Endpoint { key: String::new(), url };
        let deadline = self.limits.deadline.min(EXAMPLE_TIME_MAX);
        match self.upstreams.probe(&upstream, body.into(), deadline).await {
            Err(error) => failed(error),
            Ok(answer) => {
                let broken = contract.check_output(&answer.output).err();
                let outcome = if broken.is_none() { ProbeOutcome::Passed } else { ProbeOutcome::InvalidOutput };
                let detail = broken.map(|violation| format!("{}: {}", violation.pointer, violation.message));
                Found { outcome, detail, latency: Some(answer.latency) }
            }
        }
    }
}

/// How one example came out.
struct Found {
    outcome: ProbeOutcome,
    detail: Option<String>,
    latency: Option<Duration>,
}

fn failed(error: CallError) -> Found {
    let text = error.to_string();
    let (outcome, detail) = match error {
        CallError::Refused { code, message } => (ProbeOutcome::Refused, format!("{code}: {message}")),
        CallError::Unreachable | CallError::BreakerOpen => (ProbeOutcome::Unreachable, text),
        CallError::Blocked => (ProbeOutcome::AddressBlocked, text),
        CallError::TimedOut => (ProbeOutcome::TimedOut, text),
        CallError::Disconnected => (ProbeOutcome::Disconnected, text),
        CallError::TooLarge => (ProbeOutcome::OutputTooLarge, text),
        CallError::Nonsense => (ProbeOutcome::InvalidOutput, text),
    };
    Found { outcome, detail: Some(detail), latency: None }
}
