//! All agreements' meters together: admit, settle, release, close. Pure; the caller brings the clock and the lock.

use std::collections::HashMap;
use std::sync::Arc;

use agreements::published::agreement::Accepted;
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::meter::Meter;
use kernel::period::Period;

use crate::account::late::Missing;
use crate::account::{Account, AllowanceStatus, Demand, Hold, Refusal, Restored, Settled};
use crate::published::usage::PeriodUsage;

/// Names a hold until it settles, is released, or expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldId(u64);

/// Why a call could not be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// The hold expired by the clock: its units are given back, the call is not billed.
    #[error("the hold has expired")]
    HoldExpired,
    /// A counter would leave its range.
    #[error("a counter is out of range")]
    OutOfRange,
}

/// A settled call, with all that is needed to take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What was held.
    pub hold: Hold,
    /// What was decided.
    pub settled: Settled,
}

/// The meters of all agreements on this node.
#[derive(Debug, Default)]
pub struct Meters {
    accounts: HashMap<AgreementId, Account>,
    holds: HashMap<HoldId, Hold>,
    next: u64,
}

impl Meters {
    /// Begins to meter an agreement; does nothing where it is metered already.
    pub fn open(&mut self, accepted: impl Into<Arc<Accepted>>, opened_at: Timestamp, usage: Vec<Restored>) {
        let accepted = accepted.into();
        self.accounts.entry(accepted.agreement).or_insert_with(|| Account::new(accepted, opened_at, usage));
    }

    /// The meter of one agreement.
    pub fn account(&self, agreement: AgreementId) -> Option<&Account> {
        self.accounts.get(&agreement)
    }

    /// Every agreement's meter, in no order.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// Ends an agreement.
    pub fn end(&mut self, agreement: AgreementId, ends_at: Timestamp) {
        if let Some(account) = self.accounts.get_mut(&agreement) {
            account.end(ends_at);
        }
    }

    /// Reserves the most a call may use.
    pub fn admit(
        &mut self,
        agreement: AgreementId,
        demands: &[Demand],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<HoldId, Refusal> {
        let account = self.accounts.get_mut(&agreement).ok_or(Refusal::NotInForce)?;
        let next = self.next.checked_add(1).ok_or(Refusal::OutOfRange)?;
        let hold = account.admit(demands, now, expires_at)?;
        self.next = next;
        self.holds.insert(HoldId(next), hold);
        Ok(HoldId(next))
    }

    /// How many calls hold something.
    pub fn open_holds(&self) -> usize {
        self.holds.len()
    }

    /// Gives back what a call held; does nothing where it no longer does.
    pub fn release(&mut self, id: HoldId) {
        if let Some(hold) = self.holds.remove(&id) {
            self.give_back(&hold);
        }
    }

    fn give_back(&mut self, hold: &Hold) {
        if let Some(account) = self.accounts.get_mut(&hold.agreement) {
            account.release(hold);
        }
    }

    /// Turns a hold into usage, in the order of the calls to this function.
    pub fn settle(&mut self, id: HoldId, stream: &str) -> Result<Settlement, SettleError> {
        let hold = self.holds.remove(&id).ok_or(SettleError::HoldExpired)?;
        let account = self.accounts.get_mut(&hold.agreement).ok_or(SettleError::HoldExpired)?;
        if let Ok(settled) = account.settle(&hold, stream) {
            return Ok(Settlement { hold, settled });
        }
        account.release(&hold);
        Err(SettleError::OutOfRange)
    }

    /// Meters usage that is reported, in the order of the calls to this function and of [`Self::settle`].
    pub fn report(
        &mut self,
        agreement: AgreementId,
        demands: Vec<Demand>,
        used_at: Timestamp,
        stream: &str,
    ) -> Result<Settlement, Refusal> {
        let account = self.accounts.get_mut(&agreement).ok_or(Refusal::NotInForce)?;
        let (hold, settled) = account.report(demands, used_at, stream)?;
        Ok(Settlement { hold, settled })
    }

    /// What has to be restored before usage of an instant can be reported; `None` where nothing has.
    pub fn missing(&self, agreement: AgreementId, used_at: Timestamp) -> Option<Missing> {
        self.accounts.get(&agreement)?.missing(used_at)
    }

    /// Takes the counters of a closed period back into memory; see [`Account::restore`].
    pub fn restore(
        &mut self,
        agreement: AgreementId,
        missing: Missing,
        period: Period,
        usage: PeriodUsage,
    ) -> Result<(), Refusal> {
        self.accounts.get_mut(&agreement).map_or(Ok(()), |account| account.restore(missing, period, usage))
    }

    /// Settlements are in the log, in the batch at a position.
    pub fn confirm<'a>(&mut self, settlements: impl Iterator<Item = &'a Settlement>, position: Position) {
        for settlement in settlements {
            if let Some(account) = self.accounts.get_mut(&settlement.hold.agreement) {
                account.confirm(&settlement.hold, position);
            }
        }
    }

    /// Takes settlements back, latest first: their batch is definitely not in the log.
    pub fn unsettle<'a>(&mut self, settlements: impl DoubleEndedIterator<Item = &'a Settlement>) {
        for settlement in settlements.rev() {
            if let Some(account) = self.accounts.get_mut(&settlement.hold.agreement) {
                account.unsettle(&settlement.hold, &settlement.settled);
            }
        }
    }

    /// Gives back every hold whose time is over; says how many.
    pub fn expire(&mut self, now: Timestamp) -> usize {
        let expired: Vec<HoldId> =
            self.holds.iter().filter(|(_, hold)| hold.expires_at <= now).map(|(id, _)| *id).collect();
        let count = expired.len();
        for id in expired {
            self.release(id);
        }
        count
    }

    /// How an agreement's allowances stand at an instant, and the period they belong to.
    pub fn allowances(
        &self,
        agreement: AgreementId,
        now: Timestamp,
    ) -> Result<(Period, Vec<AllowanceStatus>), Refusal> {
        let account = self.accounts.get(&agreement).ok_or(Refusal::NotInForce)?;
        let period = account.period_at(now.max(account.latest()))?;
        let meters = account.accepted().terms.meters.iter().map(|terms| terms.meter);
        Ok((period, meters.filter_map(|meter: Meter| account.allowance(meter, &period)).collect()))
    }

    /// The period that closing now would end: from the last close until `now`, or until the calendar's or the
    /// agreement's end where that is earlier. Later than every admission so far.
    pub fn closable(&self, agreement: AgreementId, now: Timestamp) -> Result<Period, Refusal> {
        let account = self.accounts.get(&agreement).ok_or(Refusal::NotInForce)?;
        account.closable(now)
    }

    /// Stops admission to an agreement until [`Self::end_close`].
    pub fn begin_close(&mut self, agreement: AgreementId) -> Result<(), Refusal> {
        self.accounts.get_mut(&agreement).ok_or(Refusal::NotInForce)?.begin_close()
    }

    /// Admits again.
    pub fn end_close(&mut self, agreement: AgreementId) {
        if let Some(account) = self.accounts.get_mut(&agreement) {
            account.end_close();
        }
    }

    /// Notes that a period is closed, as was recorded `at` an instant.
    pub fn closed(&mut self, agreement: AgreementId, end: Timestamp, at: Timestamp) {
        if let Some(account) = self.accounts.get_mut(&agreement) {
            account.closed(end, at);
        }
    }

    /// Forgets the counters of a period that has been rated.
    pub fn forget(&mut self, agreement: AgreementId, period_start: Timestamp) {
        if let Some(account) = self.accounts.get_mut(&agreement) {
            account.forget(period_start);
        }
    }
}
