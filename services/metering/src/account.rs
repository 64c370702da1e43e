//! One agreement's meter: what each period has used and holds, and which sequence number comes next.

use std::collections::BTreeMap;

use agreements::published::agreement::{Accepted, period_at};
use agreements::published::terms::Terms;
use jiff::Timestamp;
use kernel::id::AgreementId;
use kernel::meter::{Meter, Quantity};
use kernel::period::Period;

use crate::published::usage::{Basis, MeterUsage, PeriodUsage, SequenceRange, Split, UsageLine};

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
    /// The admission instant: it decides the period.
    pub admitted_at: Timestamp,
    /// The start of that period.
    pub period_start: Timestamp,
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
    /// The calendar or a counter left its range.
    #[error("a counter or the calendar is out of range")]
    OutOfRange,
}

/// What was used within one period, and what may still be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counters {
    used: BTreeMap<Meter, Split>,
    held: BTreeMap<Meter, Quantity>,
    /// Calls admitted and neither released nor known to be in the log.
    under_way: u64,
    calls: u64,
    ranges: Vec<SequenceRange>,
}

/// One agreement's meter.
#[derive(Clone, Debug)]
pub struct Account {
    accepted: Accepted,
    /// The end of the last closed period, or the agreement's start.
    opened_at: Timestamp,
    /// The first instant no longer in force.
    ends_at: Option<Timestamp>,
    /// The latest admission: a clock that runs backwards cannot reopen the past.
    latest: Timestamp,
    closing: bool,
    sequence: u64,
    /// The period of the latest admission: most calls fall into it, and calendars are slow.
    current: Option<Period>,
    periods: BTreeMap<Timestamp, Counters>,
}

impl Account {
    /// Starts from what the log says: the terms, the end of the last closed period, and usage since.
    pub fn new(accepted: Accepted, opened_at: Timestamp, usage: Vec<(Timestamp, PeriodUsage)>) -> Self {
        let periods: BTreeMap<_, _> =
            usage.into_iter().map(|(start, usage)| (start, Counters::restored(usage))).collect();
        let latest = periods.keys().copied().fold(opened_at, Timestamp::max);
        Self { accepted, opened_at, ends_at: None, latest, closing: false, sequence: 0, current: None, periods }
    }

    /// The frozen terms and their parties.
    pub const fn accepted(&self) -> &Accepted {
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
        covered.iter().try_for_each(|demand| self.check_allowance(demand, &period))?;
        self.periods.entry(period.start).or_default().hold(&covered)?;
        self.latest = instant;
        self.current = Some(period);
        let agreement = self.accepted.agreement;
        Ok(Hold { agreement, admitted_at: instant, period_start: period.start, expires_at, demands: covered })
    }

    /// Refuses where the terms stop at the allowance and used, held and asked together exceed it.
    fn check_allowance(&self, demand: &Demand, period: &Period) -> Result<(), Refusal> {
        let status = self.allowance(demand.meter, period).ok_or(Refusal::NotCovered)?;
        let priced = self.accepted.terms.meter(demand.meter).is_some_and(|terms| terms.price.is_some());
        if priced || demand.quantity <= status.remaining { Ok(()) } else { Err(Refusal::AllowanceExhausted(status)) }
    }

    /// How the allowance of a meter stands within a period; `None` where the terms do not cover the meter.
    pub fn allowance(&self, meter: Meter, period: &Period) -> Option<AllowanceStatus> {
        let included = self.accepted.terms.meter(meter)?.included;
        let counters = self.periods.get(&period.start);
        let split = counters.and_then(|counters| counters.used.get(&meter)).copied().unwrap_or_default();
        let held = counters.and_then(|counters| counters.held.get(&meter)).copied().unwrap_or_default();
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
            counters.finish();
        }
    }

    /// Turns a hold into usage: `FREE = min(quantity, included − used)`, the rest `VALUE_ADDED`. The call counts as
    /// under way until [`Self::confirm`] or [`Self::unsettle`].
    pub fn settle(&mut self, hold: &Hold, stream: &str) -> Result<Settled, Refusal> {
        let sequence = self.sequence.checked_add(1).ok_or(Refusal::OutOfRange)?;
        let terms = &self.accepted.terms;
        let counters = self.periods.entry(hold.period_start).or_default();
        let lines: Vec<UsageLine> = hold
            .demands
            .iter()
            .filter_map(|demand| Some(counters.classify(demand, terms.meter(demand.meter)?.included)))
            .collect();
        let follows = counters.add(&lines, stream, sequence)?;
        counters.release(&hold.demands);
        self.sequence = sequence;
        Ok(Settled { sequence, follows, lines })
    }

    /// The settlement is in the log.
    pub fn confirm(&mut self, hold: &Hold) {
        if let Some(counters) = self.periods.get_mut(&hold.period_start) {
            counters.finish();
        }
    }

    /// Takes back the latest settlement: its batch is definitely not in the log.
    pub fn unsettle(&mut self, hold: &Hold, settled: &Settled) {
        self.sequence = self.sequence.saturating_sub(1);
        if let Some(counters) = self.periods.get_mut(&hold.period_start) {
            counters.take_back(settled);
            counters.finish();
        }
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

    /// Whether any period from `start` on has calls: those admitted before the agreement's end was known count too.
    fn is_used_since(&self, start: Timestamp) -> bool {
        self.periods.range(start..).any(|(_, counters)| counters.calls > 0 || counters.under_way > 0)
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

    /// Notes that a period is closed, as the log says: what comes belongs to the next.
    pub fn closed(&mut self, end: Timestamp) {
        self.opened_at = self.opened_at.max(end);
        self.latest = self.latest.max(end);
        self.current = None;
    }

    /// The latest admission.
    pub const fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Whether calls admitted in the period are still under way: then its usage is not final.
    pub fn is_busy(&self, period_start: Timestamp) -> bool {
        self.periods.get(&period_start).is_some_and(|counters| counters.under_way > 0)
    }

    /// What was used in the period that starts at an instant.
    pub fn usage(&self, period_start: Timestamp) -> PeriodUsage {
        self.periods.get(&period_start).map(Counters::usage).unwrap_or_default()
    }

    /// Forgets the counters of a period that has been rated.
    pub fn forget(&mut self, period_start: Timestamp) {
        self.periods.remove(&period_start);
    }
}

impl Counters {
    fn restored(usage: PeriodUsage) -> Self {
        let used = usage.meters.into_iter().map(|entry| (entry.meter, entry.split)).collect();
        Self { used, held: BTreeMap::new(), under_way: 0, calls: usage.calls, ranges: usage.ranges }
    }

    fn hold(&mut self, demands: &[Demand]) -> Result<(), Refusal> {
        let mut held = self.held.clone();
        for demand in demands {
            let entry = held.entry(demand.meter).or_default();
            *entry = entry.checked_add(demand.quantity).ok_or(Refusal::OutOfRange)?;
        }
        self.under_way = self.under_way.checked_add(1).ok_or(Refusal::OutOfRange)?;
        self.held = held;
        Ok(())
    }

    /// One call fewer under way.
    fn finish(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    fn release(&mut self, demands: &[Demand]) {
        for demand in demands {
            if let Some(held) = self.held.get_mut(&demand.meter) {
                *held = held.saturating_sub(demand.quantity);
            }
        }
    }

    fn classify(&self, demand: &Demand, included: Quantity) -> UsageLine {
        let used = self.used.get(&demand.meter).copied().unwrap_or_default();
        let free = demand.quantity.min(included.saturating_sub(used.free));
        let split = Split { free, value_added: demand.quantity.saturating_sub(free) };
        UsageLine { meter: demand.meter, split, basis: demand.basis, before: used.value_added }
    }

    /// Counts a call; the sequence number that it follows here, if it is not the first.
    fn add(&mut self, lines: &[UsageLine], stream: &str, sequence: u64) -> Result<Option<u64>, Refusal> {
        let mut used = self.used.clone();
        for line in lines {
            let entry = used.entry(line.meter).or_default();
            *entry = add_split(*entry, line.split).ok_or(Refusal::OutOfRange)?;
        }
        self.calls = self.calls.checked_add(1).ok_or(Refusal::OutOfRange)?;
        self.used = used;
        match self.ranges.last_mut() {
            Some(range) if range.stream == stream => Ok(Some(std::mem::replace(&mut range.last, sequence))),
            Some(_) | None => {
                self.ranges.push(SequenceRange { stream: stream.to_owned(), first: sequence, last: sequence });
                Ok(None)
            }
        }
    }

    fn take_back(&mut self, settled: &Settled) {
        self.calls = self.calls.saturating_sub(1);
        for line in &settled.lines {
            if let Some(used) = self.used.get_mut(&line.meter) {
                used.free = used.free.saturating_sub(line.split.free);
                used.value_added = used.value_added.saturating_sub(line.split.value_added);
            }
        }
        match (settled.follows, self.ranges.last_mut()) {
            (Some(before), Some(range)) => range.last = before,
            (Some(_), None) | (None, _) => _ = self.ranges.pop(),
        }
    }

    fn usage(&self) -> PeriodUsage {
        let used = self.used.iter().filter(|(_, split)| **split != Split::default());
        let meters = used.map(|(meter, split)| MeterUsage { meter: *meter, split: *split }).collect();
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable_by(|left, right| left.stream.cmp(&right.stream));
        PeriodUsage { meters, ranges, calls: self.calls }
    }
}

/// What of a call's demands the terms meter. The request itself counts only where they cover nothing finer, so that
/// terms by the character and by the request do not charge the same call twice.
pub fn covered(demands: &[Demand], terms: &Terms) -> Vec<Demand> {
    let covered = demands.iter().filter(|demand| terms.meter(demand.meter).is_some()).copied();
    let (requests, finer): (Vec<Demand>, Vec<Demand>) = covered.partition(|demand| demand.meter == Meter::Request);
    if finer.is_empty() { requests } else { finer }
}

/// The next instant the log can tell apart.
fn just_after(instant: Timestamp) -> Result<Timestamp, Refusal> {
    instant.checked_add(jiff::SignedDuration::from_micros(1)).map_err(|_| Refusal::OutOfRange)
}

fn add_split(left: Split, right: Split) -> Option<Split> {
    Some(Split {
        free: left.free.checked_add(right.free)?,
        value_added: left.value_added.checked_add(right.value_added)?,
    })
}
