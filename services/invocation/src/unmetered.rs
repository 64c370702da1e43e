//! A call without its meter, for the benchmark that compares the two, and for nothing else. The feature `unmetered`
//! lets it take the place of the path of a call; nothing is admitted, recorded or billed then.

use std::sync::Arc;

use kernel::event::Position;
use metering::published::usage::UsageRecord;

use crate::attempt::Attempt;
use crate::batcher::{Draft, Written};
use crate::call::{InvokeError, Unavailable};
use crate::path::{Task, delivered, demands};
use crate::replies::Outcome;
use crate::service::Service;

impl Service {
    /// Routes, dispatches and answers.
    pub(crate) async fn unmetered(&self, task: &Task) -> Outcome {
        let contract = self.contract(&task.call)?;
        let demands = demands(&contract, &task.call.payload)?;
        let candidate = self.candidates(task, &demands)?.into_iter().next().ok_or(InvokeError::NoAgreement)?;
        let accepted = candidate.accepted;
        let endpoint = candidate.endpoint.ok_or(InvokeError::ProviderUnavailable(Unavailable::NoEndpoint))?;
        let output = self.dispatch(task, &contract, &accepted, &endpoint).await.map_err(Attempt::into_error)?;
        let now = self.now();
        let Draft {
            kind,
            invocation,
            buyer,
            seller,
            capability,
            listing,
            principal,
            price_version,
            key_hash,
            payload_hash,
        } = self.draft(task, &accepted)?;
        let record = UsageRecord {
            invocation,
            kind,
            agreement: accepted.agreement,
            sequence: 0,
            buyer,
            seller,
            capability,
            listing,
            principal,
            lines: Vec::new(),
            price_version,
            admitted_at: now,
            settled_at: now,
            period_start: now,
            billed_start: now,
            key_hash,
            payload_hash,
        };
        Ok(Arc::new(delivered(Written { record, position: Position(0), index: 0 }, &accepted, output, false)))
    }
}
