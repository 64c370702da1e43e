//! How listings answer, measured by the platform: counts and latencies of the last seven days.
//!
//! What the log has is read from the views; what this node has measured since comes from memory.

use async_graphql::{Context, Description, Enum, Object, SimpleObject};
use catalog::published::health::Measurement;
use jiff::{SignedDuration, Timestamp};
use kernel::exact::{divide, from_quantity};
use kernel::id::ListingId;
use kernel::meter::Quantity;
use kernel::period::Period;
use providers::breaker::State;
use views::health::HealthOf;
use views::store::Views;

use super::errors::Refused;
use super::listings::{Listing, listing};
use super::scalars::{Count, DateTime, Decimal};
use super::work::platform;
use crate::platform::Platform;

/// How far back health looks.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most upstreams that are shown.
const UPSTREAMS_MAX: usize = 100;

/// How a listing has answered, measured by the platform over the last seven days. A percentile is the nearest rank of a
/// histogram: never too low, and at most 6.25 % and a millisecond too high.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it answers as far as is known: its last probe passed, and it is not resting after failures.
    pub is_answering: bool,
    /// Calls that were sent to it.
    pub calls: Count,
    /// Those of them that brought no usable answer. A provider that declines has answered.
    pub failures: Count,
    /// The share of calls that did not fail, 0 to 1.
    pub availability: Option<Decimal>,
    /// Half of the answers took no longer; null without answers.
    pub latency_p50_milliseconds: Option<u32>,
    /// 95 % of the answers took no longer.
    pub latency_p95_milliseconds: Option<u32>,
    /// 99 % of the answers took no longer.
    pub latency_p99_milliseconds: Option<u32>,
    /// When the first of these calls was made.
    pub from: DateTime,
    /// Up to when calls are counted.
    pub until: DateTime,
}

/// What is known of a listing's calls.
struct Measured {
    sums: Measurement,
    from: Option<Timestamp>,
    now: Timestamp,
}

/// Sums what the views have with what memory has that they lack.
async fn measured(platform: &std::sync::Arc<Platform>, id: ListingId) -> Result<Measured, Refused> {
    let now = platform.clock.now();
    // Memory first: what is handed over meanwhile is found in the views, and recognised there.
    let lately = platform.service.measured_lately(id);
    let period = Period { start: now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN), end: now };
    let stored = platform.read(move |views: &Views| views.health(HealthOf::Listing(id), period)).await?;
    let (mut sums, mut from) = (stored.measurement, stored.from);
    for recent in lately.into_iter().filter(|recent| stored.until.is_none_or(|known| recent.until > known)) {
        sums.merge(&recent.measurement);
        from = Some(from.map_or(recent.from, |first| first.min(recent.from)));
    }
    Ok(Measured { sums, from, now })
}

/// The health of a listing; none where it was not called.
pub async fn health(context: &Context<'_>, id: ListingId) -> Result<Option<Health>, Refused> {
    let platform = platform(context)?;
    let Measured { sums, from, now } = measured(platform, id).await?;
    let Some(from) = from.filter(|_| sums.calls > 0) else { return Ok(None) };
    let probe = platform.read(move |views: &Views| views.market_probe(id)).await?;
    let resting = platform.service.upstreams().health(&id.to_string()).state == State::Open;
    let percentile = |of_a_thousand| milliseconds(&sums, of_a_thousand);
    Ok(Some(Health {
        is_answering: !resting && probe.is_none_or(|probe| probe.passed),
        calls: Count(sums.calls),
        failures: Count(sums.failures),
        availability: availability(&sums),
        latency_p50_milliseconds: percentile(500),
        latency_p95_milliseconds: percentile(950),
        latency_p99_milliseconds: percentile(990),
        from: DateTime(from),
        until: DateTime(now),
    }))
}

fn availability(sums: &Measurement) -> Option<Decimal> {
    let number = |count: u64| from_quantity(Quantity(count));
    let answered = sums.calls.saturating_sub(sums.failures);
    divide(&number(answered), &number(sums.calls)).map(|share| Decimal::estimate(&share))
}

/// A percentile in whole milliseconds, rounded up.
pub fn milliseconds(sums: &Measurement, of_a_thousand: u16) -> Option<u32> {
    let latency = sums.latencies.percentile(of_a_thousand)?;
    Some(u32::try_from(latency.div_ceil(1_000)).unwrap_or(u32::MAX))
}

/// Whether calls go to an upstream.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpstreamState {
    /// It has failed repeatedly and is left alone for a moment.
    Resting,
    /// One call is let through, to see whether it works again.
    Probing,
    /// All calls go to it.
    Answering,
}

impl From<State> for UpstreamState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Resting,
            State::HalfOpen => Self::Probing,
            State::Closed => Self::Answering,
        }
    }
}

/// A listing that has been called since the platform started, and how it has answered over the last seven days.
#[derive(Description)]
pub struct Upstream {
    id: ListingId,
    address: String,
    state: UpstreamState,
    sums: Measurement,
}

#[Object(use_type_description)]
impl Upstream {
    /// The listing.
    async fn listing(&self, context: &Context<'_>) -> Result<Listing, Refused> {
        listing(context, self.id).await
    }
    /// Scheme, host and port of its endpoint.
    async fn address(&self) -> &str {
        &self.address
    }
    /// Whether calls go to it.
    async fn state(&self) -> UpstreamState {
        self.state
    }
    /// Calls that were sent to it.
    async fn calls(&self) -> Count {
        Count(self.sums.calls)
    }
    /// Those of them that brought no usable answer.
    async fn failures(&self) -> Count {
        Count(self.sums.failures)
    }
    /// Half of the answers took no longer; null without answers.
    #[graphql(name = "latencyP50Milliseconds")]
    async fn latency_p50(&self) -> Option<u32> {
        milliseconds(&self.sums, 500)
    }
    /// 99 % of the answers took no longer.
    #[graphql(name = "latencyP99Milliseconds")]
    async fn latency_p99(&self) -> Option<u32> {
        milliseconds(&self.sums, 990)
    }
}

/// The upstreams that have been called since the platform started: those in trouble first, at most 100.
pub async fn upstreams(context: &Context<'_>) -> Result<Vec<Upstream>, Refused> {
    let platform = platform(context)?;
    let mut known: Vec<(UpstreamState, String, ListingId)> = {
        let market = platform.service.market();
        let all = platform.service.upstreams().all_health().into_iter();
        let of = |(key, health): (String, providers::breaker::Health)| {
            let id: ListingId = key.parse().ok()?;
            Some((health.state.into(), origin(&market.endpoint(id)?.url).to_owned(), id))
        };
        all.filter_map(of).collect()
    };
    known.sort_unstable();
    let mut upstreams = Vec::new();
    for (state, address, id) in known.into_iter().take(UPSTREAMS_MAX) {
        let sums = measured(platform, id).await?.sums;
        upstreams.push(Upstream { id, address, state, sums });
    }
    Ok(upstreams)
}

/// An endpoint up to its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme.saturating_add(3));
    let path = url.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
    path.and_then(|path| url.get(..host.saturating_add(path))).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_before_its_path() {
        for (url, expected) in [
            ("http://provider.example:8080/v1/{capability}", "http://provider.example:8080"),
            ("https://provider.example", "https://provider.example"),
            ("https://provider.example?x=/", "https://provider.example"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}
