//! One agreement's meter: what each period has used and holds, and which sequence number comes next.

pub mod late;

use std::collections::BTreeMap;
use std::sync::Arc;

use agreements::published::agreement::{Accepted, period_at};
use agreements::published::rating;
use agreements::published::terms::{MeterTerms, Terms};
use jiff::Timestamp;
use kernel::event::Position;
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use kernel::money::Money;
use kernel::period::Period;

use crate::counters::Counters;
use crate::published::usage::{Basis, PeriodUsage, UsageLine};

/// A quantity that a call is about to use, at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What is counted.
    pub meter: Meter,
    /// How much at the most, and for metered inputs exactly.
    pub quantity: Quantity,
    /// How it is known.
    pub basis: Basis,
}

/// What is reserved for one call until it settles, is released, or expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The agreement.
    pub agreement: AgreementId,
    /// The admission instant, or when it was used: it decides the period.
    pub admitted_at: Timestamp,
    /// The start of that period.
    pub period_start: Timestamp,
    /// The start of the period on whose invoice it comes: the same, unless that one is closed.
    pub billed_start: Timestamp,
    /// When the hold lapses unless it has settled.
    pub expires_at: Timestamp,
    /// What may be used.
    pub demands: Vec<Demand>,
}

/// Where one call stands in its agreement, decided once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The sequence number.
    pub sequence: u64,
    /// The sequence number before it in the same period and stream; absent where it is the first there.
    pub follows: Option<u64>,
    /// By meter, by class.
    pub lines: Vec<UsageLine>,
}

/// How an allowance stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowanceStatus {
    /// The meter.
    pub meter: Meter,
    /// Units free per period.
    pub included: Quantity,
    /// Free units used.
    pub used: Quantity,
    /// Units reserved by calls under way.
    pub held: Quantity,
    /// Free units left when every hold settles in full.
    pub remaining: Quantity,
    /// Charged units.
    pub value_added: Quantity,
    /// When the allowance starts anew.
    pub resets_at: Timestamp,
}

/// Why a call is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The node does not know the agreement, or it has ended.
    #[error("the agreement is not in force")]
    NotInForce,
    /// Nothing the call uses is covered by the terms.
    #[error("the agreement's terms cover no meter of this call")]
    NotCovered,
    /// The allowance cannot cover the call and the terms have no price beyond it.
    #[error("the free allowance is used up and the terms have no price beyond it")]
    AllowanceExhausted(AllowanceStatus),
    /// The period is being closed this moment: ask again when it has been.
    #[error("the period is being closed")]
    Closing,
    /// The period of the usage is closed, and its counters are not in memory: ask again when they are.
    #[error("the counters of the closed period are not at hand")]
    NotAtHand,
    /// The open invoice corrects as many closed periods as it can hold: ask again once its period is closed.
    #[error("the open invoice corrects as many closed periods as it can hold")]
    TooManyCorrections,
    /// The calendar left its range, or what is used would leave what a period can hold and be charged for:
    /// [`Quantity::PERIOD_MAX`] and [`Money::METERED_MAX`].
    #[error("the usage is more than a period can hold and be charged for, or the calendar is out of range")]
    OutOfRange,
}

/// One agreement's meter.
#[derive(Clone, Debug)]
pub struct Account {
    accepted: Arc<Accepted>,
    /// The `VALUE_ADDED` units that a period holds at the most, by priced meter.
    bounds: BTreeMap<Meter, Quantity>,
    /// The end of the last closed period, or the agreement's start.
    opened_at: Timestamp,
    /// When that was recorded, if it was.
    closed_at: Option<Timestamp>,
    /// The first instant no longer in force.
    ends_at: Option<Timestamp>,
    /// The latest admission: a clock that runs backwards cannot reopen the past.
    latest: Timestamp,
    closing: bool,
    sequence: u64,
    /// The period of the latest call or report that is on time, or else the open one: most fall into it, all are asked
    /// whether it is over, and calendars are slow.
    current: Option<Period>,
    periods: BTreeMap<Timestamp, Counters>,
    /// The last batch that has records of it, as far as this node has written it.
    recorded: Option<Position>,
    /// Rises when counters are forgotten.
    forgotten: u64,
}

/// What a period that has no invoice yet has used, as the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its start.
    pub start: Timestamp,
    /// Its end, where it is closed.
    pub end: Option<Timestamp>,
    /// Its latest admission, or its start.
    pub latest: Timestamp,
    /// What was used.
    pub usage: PeriodUsage,
}

impl Account {
    /// Starts from what the log says: the terms, the end of the last closed period, and usage since, as well as of
    /// closed periods without an invoice.
    pub fn new(accepted: Arc<Accepted>, opened_at: Timestamp, usage: Vec<Restored>) -> Self {
        let latest = usage.iter().map(|period| period.latest.max(period.start)).fold(opened_at, Timestamp::max);
        // Sums that the log holds were in range when they were recorded.
        let restored = usage
            .into_iter()
            .filter_map(|Restored { start, end, usage, .. }| Some((start, Counters::restored(usage, end).ok()?)));
        let periods: BTreeMap<_, _> = restored.collect();
        Self {
            bounds: bounds(&accepted.terms),
            current: period_at(&accepted, opened_at, opened_at).ok(),
            accepted,
            opened_at,
            closed_at: None,
            ends_at: None,
            latest,
            closing: false,
            sequence: 0,
            periods,
            recorded: None,
            forgotten: 0,
        }
    }

    /// The frozen terms and their parties.
    pub fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    /// The end of the last closed period, or the agreement's start.
    pub const fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// Ends the agreement: nothing is admitted at or after `ends_at`.
    pub fn end(&mut self, ends_at: Timestamp) {
        self.ends_at = Some(self.ends_at.map_or(ends_at, |earlier| earlier.min(ends_at)));
    }

    /// The first instant no longer in force, if it has been ended.
    pub const fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// The period that holds an instant, not earlier than the last closed one's end.
    pub fn period_at(&self, instant: Timestamp) -> Result<Period, Refusal> {
        if let Some(current) = self.current.filter(|current| current.contains(instant)) {
            return Ok(current);
        }
        period_at(&self.accepted, self.opened_at, instant.max(self.opened_at)).map_err(|_| Refusal::OutOfRange)
    }

    /// Reserves what a call may use, of what the terms cover; at least one demand must be.
    pub fn admit(&mut self, demands: &[Demand], now: Timestamp, expires_at: Timestamp) -> Result<Hold, Refusal> {
        if self.closing {
            return Err(Refusal::Closing);
        }
        let instant = now.max(self.latest);
        if instant < self.accepted.starts_at || self.ends_at.is_some_and(|ends_at| instant >= ends_at) {
            return Err(Refusal::NotInForce);
        }
        let period = self.period_at(instant)?;
        let covered = covered(demands, &self.accepted.terms);
        if covered.is_empty() {
            return Err(Refusal::NotCovered);
        }
        let hold = self.hold(covered, instant, (period, period.start), expires_at)?;
        self.latest = instant;
        self.current = Some(period);
        Ok(hold)
    }

    fn hold(
        &mut self,
        demands: Vec<Demand>,
        admitted_at: Timestamp,
        (period, billed_start): (Period, Timestamp),
        expires_at: Timestamp,
    ) -> Result<Hold, Refusal> {
        demands.iter().try_for_each(|demand| self.check(demand, &period))?;
        self.periods.entry(period.start).or_default().hold(&demands)?;
        let (agreement, period_start) = (self.accepted.agreement, period.start);
        let hold = Hold { agreement, admitted_at, period_start, billed_start, expires_at, demands };
        self.begin(&hold)?;
        Ok(hold)
    }

    /// Counts a hold as under way where it is used, and where it is billed.
    fn begin(&mut self, hold: &Hold) -> Result<(), Refusal> {
        self.periods.entry(hold.period_start).or_default().begin()?;
        if hold.billed_start != hold.period_start {
            self.periods.entry(hold.billed_start).or_default().begin()?;
        }
        Ok(())
    }

    /// Refuses where the terms stop at the allowance and used, held and asked together exceed it, and where they leave
    /// what a period can hold and be charged for.
    fn check(&self, demand: &Demand, period: &Period) -> Result<(), Refusal> {
        let status = self.allowance(demand.meter, period).ok_or(Refusal::NotCovered)?;
        let within = status.held.checked_add(demand.quantity).and_then(|more| {
            let (uncharged, charged) = (status.used.checked_add(more)?, status.value_added);
            let all = uncharged.checked_add(charged).filter(|all| *all <= Quantity::PERIOD_MAX);
            all.and(uncharged.saturating_sub(status.included).checked_add(charged))
        });
        let value_added = within.ok_or(Refusal::OutOfRange)?;
        match self.bounds.get(&demand.meter) {
            Some(bound) if value_added > *bound => Err(Refusal::OutOfRange),
            None if demand.quantity > status.remaining => Err(Refusal::AllowanceExhausted(status)),
            Some(_) | None => Ok(()),
        }
    }

    /// How the allowance of a meter stands within a period; `None` where the terms do not cover the meter.
    pub fn allowance(&self, meter: Meter, period: &Period) -> Option<AllowanceStatus> {
        let included = self.accepted.terms.meter(meter)?.included;
        let counters = self.periods.get(&period.start);
        let split = counters.map(|counters| counters.used(meter)).unwrap_or_default();
        let held = counters.map(|counters| counters.held(meter)).unwrap_or_default();
        let remaining = included.saturating_sub(split.free).saturating_sub(held);
        let resets_at = period.end;
        Some(AllowanceStatus {
            meter,
            included,
            used: split.free,
            held,
            remaining,
            value_added: split.value_added,
            resets_at,
        })
    }

    /// Gives back what a call held.
    pub fn release(&mut self, hold: &Hold) {
        if let Some(counters) = self.periods.get_mut(&hold.period_start) {
            counters.release(&hold.demands);
        }
        self.finish(hold);
    }

    fn finish(&mut self, hold: &Hold) {
        let billed = Some(hold.billed_start).filter(|billed| *billed != hold.period_start);
        for start in [hold.period_start].into_iter().chain(billed) {
            if let Some(counters) = self.periods.get_mut(&start) {
                counters.finish();
            }
        }
    }

    /// Turns a hold into usage: `FREE = min(quantity, included − used)`, the rest `VALUE_ADDED`. The call counts as
    /// under way until [`Self::confirm`] or [`Self::unsettle`].
    pub fn settle(&mut self, hold: &Hold, stream: &str) -> Result<Settled, Refusal> {
        let sequence = self.sequence.checked_add(1).ok_or(Refusal::OutOfRange)?;
        let lines = self.classify(hold);
        let follows = self.count(hold, &lines, stream, sequence)?;
        if let Some(counters) = self.periods.get_mut(&hold.period_start) {
            counters.release(&hold.demands);
        }
        self.sequence = sequence;
        Ok(Settled { sequence, follows, lines })
    }

    fn classify(&mut self, hold: &Hold) -> Vec<UsageLine> {
        let terms = &self.accepted.terms;
        let counters = self.periods.entry(hold.period_start).or_default();
        let demands = hold.demands.iter();
        let line = |demand: &Demand| Some(counters.classify(demand, terms.meter(demand.meter)?.included));
        demands.filter_map(line).collect()
    }

    fn count(&mut self, hold: &Hold, lines: &[UsageLine], stream: &str, sequence: u64) -> Result<Option<u64>, Refusal> {
        let late = hold.billed_start != hold.period_start;
        let service = self.periods.entry(hold.period_start).or_default();
        service.count(lines, late)?;
        let period = Period { start: hold.period_start, end: service.end.unwrap_or(hold.period_start) };
        if !late && hold.period_start < self.opened_at {
            self.precede(hold, lines, |before, more| before.checked_add(more).unwrap_or(Quantity(u64::MAX)));
        }
        let billed = self.periods.entry(hold.billed_start).or_default();
        if late {
            billed.correct(period, lines)?;
        }
        billed.bill(stream, sequence)
    }

    /// The settlement is in the log, in the batch at a position.
    pub fn confirm(&mut self, hold: &Hold, position: Position) {
        self.recorded = self.recorded.max(Some(position));
        self.finish(hold);
    }

    /// Takes back the latest settlement: its batch is definitely not in the log.
    pub fn unsettle(&mut self, hold: &Hold, settled: &Settled) {
        self.sequence = self.sequence.saturating_sub(1);
        let late = hold.billed_start != hold.period_start;
        if let Some(counters) = self.periods.get_mut(&hold.period_start) {
            counters.discount(&settled.lines, late);
        }
        if let Some(billed) = self.periods.get_mut(&hold.billed_start) {
            billed.unbill(settled.follows);
            if late {
                billed.uncorrect(hold.period_start, &settled.lines);
            }
        }
        if !late && hold.period_start < self.opened_at {
            self.precede(hold, &settled.lines, Quantity::saturating_sub);
        }
        self.finish(hold);
    }

    /// See [`crate::meters::Meters::closable`].
    pub fn closable(&self, now: Timestamp) -> Result<Period, Refusal> {
        let start = self.opened_at;
        if self.ends_at.is_some_and(|ends_at| start >= ends_at) && !self.is_used_since(start) {
            return Err(Refusal::NotInForce);
        }
        let whole = self.period_at(start)?;
        let after_latest = just_after(self.latest.max(start))?;
        let end = now.max(after_latest).min(whole.end);
        let end = self.ends_at.map_or(end, |ends_at| end.min(ends_at.max(after_latest)));
        Ok(Period { start, end })
    }

    /// Whether the clock closes the open period at `now`: once the calendar's period is over, or the agreement. What is
    /// reported after an agreement's last period was closed waits until the calendar period of that closing is over, so
    /// that each has one invoice at the most.
    pub fn is_due(&self, now: Timestamp) -> Result<bool, Refusal> {
        let start = self.closable(now)?.start;
        let is_over = |instant: Timestamp| Ok(self.period_at(instant)?.end <= now);
        match self.ends_at {
            Some(ends_at) if ends_at <= start => {
                is_over(self.closed_at.map_or(start, |closed_at| closed_at.max(start)))
            }
            Some(ends_at) if ends_at <= now => Ok(true),
            Some(_) | None => is_over(start),
        }
    }

    /// Whether any period from `start` on has calls: those admitted before the agreement's end was known count too.
    fn is_used_since(&self, start: Timestamp) -> bool {
        self.periods.range(start..).any(|(_, counters)| counters.is_used())
    }

    /// Stops admission while the end of a period is being recorded.
    pub fn begin_close(&mut self) -> Result<(), Refusal> {
        if self.closing {
            return Err(Refusal::Closing);
        }
        self.closing = true;
        Ok(())
    }

    /// Admits again.
    pub fn end_close(&mut self) {
        self.closing = false;
    }

    /// Notes that a period is closed, as was recorded `at` an instant: what comes belongs to the next, or corrects it.
    pub fn closed(&mut self, end: Timestamp, at: Timestamp) {
        self.closed_at = self.closed_at.max(Some(at));
        if end <= self.opened_at {
            return;
        }
        if let Some(counters) = self.periods.get_mut(&self.opened_at) {
            counters.end = Some(end);
        }
        self.opened_at = end;
        self.latest = self.latest.max(end);
        self.current = period_at(&self.accepted, end, end).ok();
        self.forget_rated();
    }

    /// The latest admission.
    pub const fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Whether usage that the period's invoice is of, or depends on, is still under way: then it is not final.
    pub fn is_busy(&self, period_start: Timestamp) -> bool {
        let busy = |start: Timestamp| self.periods.get(&start).is_some_and(Counters::is_busy);
        let corrects = self.periods.get(&period_start).into_iter().flat_map(Counters::corrects);
        busy(period_start) || corrects.into_iter().any(busy)
    }

    /// What is on the invoice of the period that starts at an instant.
    pub fn usage(&self, period_start: Timestamp) -> PeriodUsage {
        self.periods.get(&period_start).map(Counters::usage).unwrap_or_default()
    }

    /// The invoice of a period has been issued: its counters are not needed but for late reports.
    pub fn forget(&mut self, period_start: Timestamp) {
        if let Some(counters) = self.periods.get_mut(&period_start) {
            counters.rated = true;
            self.forget_rated();
        }
    }

    fn forget_rated(&mut self) {
        let before = self.periods.len();
        self.periods.retain(|_, counters| !counters.rated || counters.is_busy());
        if self.periods.len() < before {
            self.forgotten = self.forgotten.wrapping_add(1);
        }
    }
}

/// What of a call's demands the terms meter. The request itself counts only where they cover nothing finer, so that
/// terms by the character and by the request do not charge the same call twice.
pub fn covered(demands: &[Demand], terms: &Terms) -> Vec<Demand> {
    let covered = demands.iter().filter(|demand| terms.meter(demand.meter).is_some()).copied();
    let (requests, finer): (Vec<Demand>, Vec<Demand>) = covered.partition(|demand| demand.meter == Meter::Request);
    if finer.is_empty() { requests } else { finer }
}

/// Of each meter that has a price, the units that cost no more than may be charged for a meter within a period.
fn bounds(terms: &Terms) -> BTreeMap<Meter, Quantity> {
    let most = Money::new(Money::METERED_MAX, terms.currency).to_exact();
    let bound = |of: &MeterTerms| Some((of.meter, rating::units_within(of.price.as_ref()?, &most)));
    terms.meters.iter().filter_map(bound).collect()
}

/// The next instant the log can tell apart.
fn just_after(instant: Timestamp) -> Result<Timestamp, Refusal> {
    instant.checked_add(jiff::SignedDuration::from_micros(1)).map_err(|_| Refusal::OutOfRange)
}
