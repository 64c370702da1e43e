//! Routing: which of a buyer's agreements answers a call.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use agreements::published::agreement::Accepted;
use agreements::published::rating;
use agreements::published::terms::Price;
use kernel::exact::{self, Exact};
use kernel::meter::Quantity;
use metering::account::{AllowanceStatus, Demand};
use metering::published::usage::{Split, UsageLine};

use crate::call::{Preference, estimates, total};
use crate::market::Endpoint;

/// An agreement that could answer.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The agreement.
    pub accepted: Arc<Accepted>,
    /// Where it is called; absent where nothing can be.
    pub endpoint: Option<Arc<Endpoint>>,
    /// How the call would be split as the allowances stand now.
    pub lines: Vec<UsageLine>,
    /// What each line would add.
    pub estimates: Vec<Exact>,
    /// The most the call can cost.
    pub worst_case: Exact,
    /// How it has answered lately.
    pub latency: Option<Duration>,
    /// Whether it may be called as far as is known.
    pub available: bool,
}

/// Splits what a call demands by how the allowances stand.
pub fn split(demands: &[Demand], allowances: &[AllowanceStatus]) -> Vec<UsageLine> {
    demands.iter().filter_map(|demand| split_one(demand, allowances)).collect()
}

fn split_one(demand: &Demand, allowances: &[AllowanceStatus]) -> Option<UsageLine> {
    let status = allowances.iter().find(|status| status.meter == demand.meter)?;
    let free = demand.quantity.min(status.remaining);
    let split = Split { free, value_added: demand.quantity.saturating_sub(free) };
    Some(UsageLine { meter: demand.meter, split, basis: demand.basis, before: status.value_added })
}

/// What the lines would add, and the most they could: as if no unit were free, on top of everything held.
pub fn price(lines: &[UsageLine], allowances: &[AllowanceStatus], accepted: &Accepted) -> (Vec<Exact>, Exact) {
    let worst = lines.iter().map(|line| worst_case(line, allowances, accepted)).collect::<Vec<_>>();
    (estimates(lines, &accepted.terms), total(&worst))
}

fn worst_case(line: &UsageLine, allowances: &[AllowanceStatus], accepted: &Accepted) -> Exact {
    let terms = accepted.terms.meter(line.meter);
    let Some(price) = terms.and_then(|terms| terms.price.as_ref()) else {
        return exact::from_i64(0);
    };
    let held = allowances.iter().find(|status| status.meter == line.meter).map_or(Quantity::ZERO, |status| status.held);
    let whole = Quantity(line.split.free.0.saturating_add(line.split.value_added.0));
    // Calls under way may settle first, wholly or not at all: a price that falls with volume makes the earlier start
    // the dearer one, a rising one the later. A package costs most where it starts.
    let later = Quantity(line.before.0.saturating_add(held.0));
    let starts = if matches!(price, Price::Package { .. }) { [Quantity::ZERO; 2] } else { [line.before, later] };
    let [first, second] = starts.map(|start| rating::worst_case(price, start, whole));
    first.max(second)
}

/// Sorts the candidates, the best first. Those that may not be called come last but stay: their turn is an error
/// that says why.
pub fn order(candidates: &mut [Candidate], preference: Preference) {
    candidates.sort_by(|left, right| {
        let available = right.available.cmp(&left.available);
        let cost = || total(&left.estimates).cmp(&total(&right.estimates));
        let speed = || by_latency(left.latency, right.latency);
        available.then_with(|| match preference {
            Preference::Cheapest => cost().then_with(speed),
            Preference::Fastest => speed().then_with(cost),
        })
    });
}

/// A measured latency beats an unknown one.
fn by_latency(left: Option<Duration>, right: Option<Duration>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
