//! Reports: usage that happened outside of the gateway, and may be of a period that is closed already.

use agreements::published::terms::Price;
use jiff::Timestamp;
use kernel::event::Position;
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;

use super::{Account, Demand, Hold, Refusal, Settled};
use crate::counters::Counters;
use crate::published::usage::{PeriodUsage, UsageLine};

/// Steps of arithmetic that the corrections of one invoice show at the most. An invoice is one event of at most 1 MiB, and
/// a step takes 250 bytes at the most.
const CORRECTION_STEPS_MAX: usize = 2_000;

/// Up to where what is restored of a closed period must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The log up to here has all that was used of the agreement.
    pub recorded: Option<Position>,
    forgotten: u64,
}

impl Account {
    /// Meters what was used outside of the gateway at an instant, which may lie in a closed period. All of it must be
    /// covered. It counts as under way until [`Self::confirm`] or [`Self::unsettle`].
    pub fn report(
        &mut self,
        demands: Vec<Demand>,
        used_at: Timestamp,
        stream: &str,
    ) -> Result<(Hold, Settled), Refusal> {
        if self.closing {
            return Err(Refusal::Closing);
        }
        if used_at < self.accepted.starts_at || self.ends_at.is_some_and(|ends_at| used_at >= ends_at) {
            return Err(Refusal::NotInForce);
        }
        if demands.is_empty() || demands.iter().any(|demand| self.accepted.terms.meter(demand.meter).is_none()) {
            return Err(Refusal::NotCovered);
        }
        let (period, billed_start) = self.place(used_at)?;
        if billed_start != period.start {
            self.check_corrections(period.start, billed_start, &demands)?;
        }
        let hold = self.hold(demands, used_at, (period, billed_start), used_at)?;
        let settled = self.settle(&hold, stream).inspect_err(|_| self.release(&hold))?;
        self.latest = self.latest.max(used_at);
        if used_at >= self.opened_at {
            self.current = Some(period);
        }
        Ok((hold, settled))
    }

    /// The period that usage belongs to, and the start of the one that is billed for it.
    fn place(&self, used_at: Timestamp) -> Result<(Period, Timestamp), Refusal> {
        if used_at >= self.opened_at {
            let period = self.period_at(used_at)?;
            return Ok((period, period.start));
        }
        let closed = self.closed_at(used_at).ok_or(Refusal::NotAtHand)?;
        Ok((closed, self.opened_at))
    }

    /// Refuses where the invoice that late usage comes to would show too many steps.
    fn check_corrections(&self, service: Timestamp, billed: Timestamp, demands: &[Demand]) -> Result<(), Refusal> {
        let lines = |service| self.periods.get(&billed).into_iter().flat_map(move |open| open.corrected(service));
        let known: Vec<Meter> = lines(service).collect();
        let mut new = demands.iter().map(|demand| demand.meter).filter(|meter| !known.contains(meter)).peekable();
        if new.peek().is_none() {
            return Ok(());
        }
        let corrects = self.periods.get(&billed).into_iter().flat_map(Counters::corrects);
        let steps: usize = corrects.flat_map(lines).chain(new).map(|meter| self.correction_steps(meter)).sum();
        if steps > CORRECTION_STEPS_MAX { Err(Refusal::TooManyCorrections) } else { Ok(()) }
    }

    /// A line, and its charge twice: as it is now, and as it was billed.
    fn correction_steps(&self, meter: Meter) -> usize {
        let price = self.accepted.terms.meter(meter).and_then(|terms| terms.price.as_ref());
        price.map_or(0, Price::steps).saturating_add(1).saturating_mul(2)
    }

    /// The closed period in memory that holds an instant.
    fn closed_at(&self, instant: Timestamp) -> Option<Period> {
        let (start, counters) = self.periods.range(..=instant).next_back()?;
        let period = Period { start: *start, end: counters.end? };
        period.contains(instant).then_some(period)
    }

    /// What has to be restored before usage of an instant can be reported; `None` where nothing has.
    pub fn missing(&self, used_at: Timestamp) -> Option<Missing> {
        let within = self.accepted.starts_at <= used_at && used_at < self.opened_at;
        let missing = within && self.closed_at(used_at).is_none();
        missing.then_some(Missing { recorded: self.recorded, forgotten: self.forgotten })
    }

    /// Takes the counters of a closed period back into memory. Does nothing where they are there, or where counters
    /// have been forgotten since `missing` was asked: then it has to be asked anew.
    pub fn restore(&mut self, missing: Missing, period: Period, usage: PeriodUsage) -> Result<(), Refusal> {
        let known = period.end > self.opened_at || self.closed_at(period.start).is_some();
        if !known && missing.forgotten == self.forgotten {
            let counters = Counters::closed(period, usage)?;
            self.periods.entry(period.start).or_insert(counters);
        }
        Ok(())
    }

    /// A call of a closed period changes what all later invoices find billed before them: the next period may be closed
    /// as well by then.
    pub(super) fn precede(&mut self, hold: &Hold, lines: &[UsageLine], by: fn(Quantity, Quantity) -> Quantity) {
        for (_, later) in self.periods.range_mut(hold.period_start..) {
            later.precede(hold.period_start, lines, by);
        }
    }
}
