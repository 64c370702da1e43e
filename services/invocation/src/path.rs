//! The path of one call: resolve, check, admit, dispatch, measure, settle durably.

use std::sync::Arc;

use accounts::published::actor::Actor;
use agreements::published::agreement::Accepted;
use catalog::published::measure;
use jiff::{SignedDuration, Timestamp};
use kernel::id::{AgreementId, InvocationId};
use kernel::meter::{Meter, Quantity};
use metering::account::{Demand, Refusal, covered};
use metering::meters::HoldId;
use metering::published::usage::{Basis, RecordKind};
use providers::breaker::State;
use providers::upstreams::Endpoint as Upstream;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::attempt::{Attempt, NO_ENDPOINT, check_limit, failed, invalid_output, refused, settled};
use crate::batcher::{Answer, Draft, Written};
use crate::call::{Call, Invocation, InvokeError, Target, estimates};
use crate::contract::{Compiled, Violation};
use crate::fingerprint::Fingerprint;
use crate::health;
use crate::market::Endpoint;
use crate::replies::{Outcome, Running};
use crate::routing::{self, Candidate};
use crate::service::{Service, fresh_uuid};
use crate::usage::{HistoryUnavailable, Locator};

/// A call with its fingerprints.
pub(crate) struct Task {
    pub(crate) actor: Actor,
    pub(crate) call: Call,
    pub(crate) key: Fingerprint,
    pub(crate) payload: Fingerprint,
}

/// What a call holds until it is handed to the batcher; given back where the call ends before, however it ends.
struct Held<'a> {
    service: &'a Service,
    hold: HoldId,
    submitted: bool,
}

impl Held<'_> {
    /// Hands the call and what it holds to the batcher.
    async fn submit(mut self, draft: Draft) -> oneshot::Receiver<Answer> {
        let answer = self.service.submitter.submit(self.hold, draft).await;
        self.submitted = true;
        answer
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.submitted {
            self.service.release(self.hold);
        }
    }
}

impl Service {
    /// From arrival to durable record.
    pub(crate) async fn perform(&self, task: &Task, running: &Running) -> Outcome {
        if cfg!(feature = "unmetered") {
            return self.unmetered(task).await;
        }
        if self.is_fenced() {
            return Err(InvokeError::NotRecorded);
        }
        match self.seen(&task.key) {
            Ok(None) => self.first_call(task, running).await,
            Ok(Some(locator)) => self.repeat(task, locator).await,
            Err(HistoryUnavailable) => Err(InvokeError::NotRecorded),
        }
    }

    /// Where the key is recorded. Memory is asked first: it lets go of a key only when the history has it.
    fn seen(&self, key: &Fingerprint) -> Result<Option<Locator>, HistoryUnavailable> {
        let seen = || Ok(self.history.seen(key)?.map(|seen| seen.locator));
        self.replies.recorded(key).map_or_else(seen, |locator| Ok(Some(locator)))
    }

    async fn first_call(&self, task: &Task, running: &Running) -> Outcome {
        let contract = self.contract(&task.call)?;
        let demands = demands(&contract, &task.call.payload)?;
        let candidates = self.candidates(task, &demands)?;
        let mut failure = InvokeError::NoAgreement;
        for (index, candidate) in candidates.iter().enumerate() {
            match self.try_candidate(task, running, &contract, &demands, candidate).await {
                Ok(invocation) => return Ok(invocation),
                Err(Attempt::Final(error)) => return Err(error),
                // The first failure is the best candidate's and says most.
                Err(Attempt::Next(error)) if index == 0 => failure = error,
                Err(Attempt::Next(_)) => {}
            }
        }
        Err(failure)
    }

    pub(crate) fn contract(&self, call: &Call) -> Result<Arc<Compiled>, InvokeError> {
        let known = self.market().contract(call.target.capability()).ok_or(InvokeError::NotFound)?;
        let contract = known.ok_or(InvokeError::NoContract)?;
        contract.check_input(&call.payload).map_err(InvokeError::InvalidPayload)?;
        Ok(contract)
    }

    /// The agreements that may answer, best first.
    pub(crate) fn candidates(&self, task: &Task, demands: &[Demand]) -> Result<Vec<Candidate>, InvokeError> {
        let agreements = self.agreements(task)?;
        let mut candidates: Vec<Candidate> =
            agreements.into_iter().map(|accepted| self.candidate(accepted, demands)).collect::<Result<_, _>>()?;
        routing::order(&mut candidates, task.call.preference);
        Ok(candidates)
    }

    fn agreements(&self, task: &Task) -> Result<Vec<Arc<Accepted>>, InvokeError> {
        let market = self.market();
        if market.is_suspended(task.actor.organization) {
            return Err(InvokeError::Suspended);
        }
        match &task.call.target {
            Target::Capability(slug) => Ok(market.covering(task.actor.organization, slug)),
            Target::Agreement(id, slug) => {
                let mine = market.agreement(*id).filter(|accepted| accepted.buyer == task.actor.organization);
                let covering = mine.filter(|accepted| accepted.capabilities.contains(slug));
                covering.map(|accepted| vec![accepted]).ok_or(InvokeError::NotFound)
            }
        }
    }

    fn candidate(&self, accepted: Arc<Accepted>, demands: &[Demand]) -> Result<Candidate, InvokeError> {
        let allowances = match self.meters().allowances(accepted.agreement, self.now()) {
            Ok((_, allowances)) => allowances,
            Err(Refusal::NotInForce) => Vec::new(),
            Err(_) => return Err(InvokeError::OutOfRange),
        };
        let lines = routing::split(&covered(demands, &accepted.terms), &allowances);
        let (estimates, worst_case) = routing::price(&lines, &allowances, &accepted);
        let market = self.market();
        let health = self.upstreams.health(&accepted.listing.to_string());
        let endpoint = market.endpoint(accepted.listing);
        let selling = !market.is_suspended(accepted.seller);
        let available = endpoint.is_some() && selling && health.state != State::Open;
        let endpoint = endpoint.filter(|_| selling);
        Ok(Candidate { endpoint, lines, estimates, worst_case, latency: health.latency_ewma, available, accepted })
    }

    async fn try_candidate(
        &self,
        task: &Task,
        running: &Running,
        contract: &Compiled,
        demands: &[Demand],
        candidate: &Candidate,
    ) -> Result<Arc<Invocation>, Attempt> {
        check_limit(&task.call, candidate)?;
        let endpoint = candidate.endpoint.as_ref().ok_or(NO_ENDPOINT)?;
        let held = self.admit(candidate.accepted.agreement, demands).await?;
        let output = self.dispatch(task, contract, &candidate.accepted, endpoint).await?;
        self.settle(task, running, &candidate.accepted, held, output).await.map_err(Attempt::Final)
    }

    /// Reserves what the call may use; waits a while where a period is being closed this moment.
    async fn admit(&self, agreement: AgreementId, demands: &[Demand]) -> Result<Held<'_>, Attempt> {
        let admitted = self.admit_once_open(agreement, demands);
        let in_time = tokio::time::timeout(self.limits.settlement, admitted).await;
        in_time.unwrap_or(Err(Attempt::Final(InvokeError::NotRecorded)))
    }

    async fn admit_once_open(&self, agreement: AgreementId, demands: &[Demand]) -> Result<Held<'_>, Attempt> {
        let mut reopened = self.reopened.subscribe();
        loop {
            let now = self.now();
            let expires_at = self.hold_expiry(now)?;
            match self.meters().admit(agreement, demands, now, expires_at) {
                Ok(hold) => return Ok(Held { service: self, hold, submitted: false }),
                Err(Refusal::Closing) => {}
                Err(refusal) => return Err(refused(refusal)),
            }
            // The sender lives as long as the service.
            _ = reopened.changed().await;
        }
    }

    fn hold_expiry(&self, now: Timestamp) -> Result<Timestamp, Attempt> {
        let span = SignedDuration::try_from(self.limits.longest_hold());
        let expiry = span.ok().and_then(|span| now.checked_add(span).ok());
        expiry.ok_or(Attempt::Final(InvokeError::OutOfRange))
    }

    /// Sends the call to its provider and checks the answer.
    pub(crate) async fn dispatch(
        &self,
        task: &Task,
        contract: &Compiled,
        accepted: &Accepted,
        endpoint: &Endpoint,
    ) -> Result<Value, Attempt> {
        let body = serde_json::to_vec(&task.call.payload).map_err(|_| Attempt::Final(InvokeError::OutOfRange))?;
        let upstream = Upstream {
            key: accepted.listing.to_string(),
            url: endpoint.url.replace("{capability}", task.call.target.capability().as_str()),
        };
        let called = self.upstreams.call(&upstream, body.into(), self.limits.deadline).await;
        let violation = called.as_ref().ok().and_then(|answer| contract.check_output(&answer.output).err());
        if let Some(outcome) = health::Outcome::of(&called, violation.is_none()) {
            self.measurements.count(accepted.listing, outcome, self.now());
        }
        let answer = called.map_err(failed)?;
        violation.map_or(Ok(answer.output), |violation| Err(invalid_output(accepted, &violation)))
    }

    /// Hands the call to the batcher and waits for the durable record.
    async fn settle(
        &self,
        task: &Task,
        running: &Running,
        accepted: &Accepted,
        held: Held<'_>,
        output: Value,
    ) -> Outcome {
        let draft = self.draft(task, accepted)?;
        let invocation = draft.invocation;
        running.submitted();
        let mut answer = held.submit(draft).await;
        let in_time = tokio::time::timeout(self.limits.settlement, &mut answer).await;
        let answered = if let Ok(answered) = in_time {
            answered
        } else {
            running.announce(Err(InvokeError::OutcomePending(invocation)));
            answer.await
        };
        Ok(Arc::new(delivered(settled(answered)?, accepted, output, false)))
    }

    pub(crate) fn draft(&self, task: &Task, accepted: &Accepted) -> Result<Draft, InvokeError> {
        Ok(Draft {
            kind: RecordKind::Call,
            invocation: InvocationId::new(fresh_uuid(self.now()).ok_or(InvokeError::NotRecorded)?),
            buyer: accepted.buyer,
            seller: accepted.seller,
            capability: Some(task.call.target.capability().clone()),
            listing: accepted.listing,
            principal: task.actor.principal.to_string().into(),
            price_version: accepted.price_version,
            key_hash: task.key,
            payload_hash: task.payload,
        })
    }

    /// Answers a key that the log has seen and memory has not: billed once before, so called again at no charge
    /// where the provider's calls are repeatable.
    async fn repeat(&self, task: &Task, locator: Locator) -> Outcome {
        let record = self.recorded(locator).await?;
        if (record.key_hash, record.payload_hash) != (task.key, task.payload) {
            return Err(InvokeError::IdempotencyConflict);
        }
        let accepted = self.market().agreement(record.agreement).ok_or(InvokeError::NotFound)?;
        let endpoint = self.market().endpoint(record.listing).filter(|endpoint| endpoint.repeatable);
        let endpoint = endpoint.ok_or(InvokeError::OutputNotRetained(record.invocation))?;
        let contract = self.contract(&task.call)?;
        let output = self.dispatch(task, &contract, &accepted, &endpoint).await.map_err(Attempt::into_error)?;
        let written = Written { record, position: locator.position, index: locator.index };
        Ok(Arc::new(delivered(written, &accepted, output, true)))
    }
}

/// One request, and what the contract counts; the terms decide which of them is metered.
pub(crate) fn demands(contract: &Compiled, payload: &Value) -> Result<Vec<Demand>, InvokeError> {
    let measure = &contract.contract().measure;
    let quantity = measure::count(measure, payload).map_err(|error| {
        InvokeError::InvalidPayload(Violation { pointer: String::new(), message: error.to_string() })
    })?;
    let request = Demand { meter: Meter::Request, quantity: Quantity(1), basis: Basis::GatewayCounted };
    let counted = Demand { meter: measure.meter, quantity, basis: Basis::GatewayCounted };
    Ok(if measure.meter == Meter::Request { vec![counted] } else { vec![request, counted] })
}

/// A call with its answer.
pub(crate) fn delivered(written: Written, accepted: &Accepted, output: Value, repeated: bool) -> Invocation {
    let estimates = estimates(&written.record.lines, &accepted.terms);
    Invocation {
        currency: accepted.terms.currency,
        estimates,
        output: Arc::new(output),
        position: written.position,
        index: written.index,
        record: written.record,
        repeated,
    }
}
