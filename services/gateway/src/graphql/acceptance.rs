//! One agreement per buyer and offer at a time, so that accepting again cannot multiply a free allowance.
//!
//! A claim on buyer and offer is held by the agreement. After a cancellation it is passed on once the calendar period
//! of the cancelled agreement is over: its allowance was the buyer's for that whole period.

use agreements::agreement::{Agreement, State};
use agreements::published::agreement::Accepted;
use eventlog::claim::{self, ClaimError};
use eventlog::execute::{ExecuteError, load};
use jiff::Timestamp;
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::{AgreementId, OfferId};

use super::errors::{Refused, claimed, rule};
use super::work::Work;

/// The kind of the claim on a buyer and an offer.
const ACCEPTANCE: &str = "acceptance";

/// Reserves the offer for the actor's organization and this agreement.
pub async fn reserve(work: &Work<'_>, offer: OfferId, agreement: AgreementId) -> Result<(), Refused> {
    let text = format!("{} {offer}", work.actor.organization);
    let holder = StreamName::of(&agreement);
    let log = work.platform.log.as_ref();
    match claim::claim(log, ACCEPTANCE, &text, &holder, &work.cause.step("reserve")).await {
        Err(ClaimError::Execute(ExecuteError::Rejected(taken))) => {
            let before = load::<Agreement>(log, &taken.holder).await?.0;
            passed_on(&before, work.cause.now)?;
            let released = claim::release(log, ACCEPTANCE, &text, &taken.holder, &work.cause.step("pass on")).await;
            claimed(released, "offerId")?;
            let again = claim::claim(log, ACCEPTANCE, &text, &holder, &work.cause.step("take over")).await;
            claimed(again, "offerId").map(|_| ())
        }
        outcome => claimed(outcome, "offerId").map(|_| ()),
    }
}

/// Passes where the earlier agreement is cancelled and its calendar period is over.
fn passed_on(before: &State, now: Timestamp) -> Result<(), Refused> {
    match before {
        State::Cancelled(accepted, ends_at) => match free_again_at(accepted, *ends_at) {
            Some(instant) if now >= instant => Ok(()),
            Some(instant) => Err(rule(
                ErrorCode("OFFER_USED_THIS_PERIOD"),
                format!("you cancelled an agreement on this offer; it can be accepted again from {instant}"),
            )),
            None => Err(already_agreed()),
        },
        State::InForce(_) | State::Unknown => Err(already_agreed()),
    }
}

fn free_again_at(accepted: &Accepted, ends_at: Timestamp) -> Option<Timestamp> {
    accepted.calendar.period_at(ends_at).ok().map(|period| period.end)
}

fn already_agreed() -> Refused {
    rule(ErrorCode("ALREADY_AGREED"), "you hold an agreement on this offer")
}
