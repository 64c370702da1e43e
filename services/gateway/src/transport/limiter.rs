//! How often a caller may ask: per address where nobody is known, per key or member where somebody is.
//!
//! The generic cell rate algorithm (ITU-T I.371): one instant per caller, no timers. Memory is bounded: callers who
//! would make it grow past its bound share one allowance until others have been quiet for a while.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use accounts::published::actor::Principal;

use super::address::ClientAddress;

/// Callers remembered at most, in all shards together.
const CALLERS_MAX: usize = 128 * 1024;
const SHARDS: usize = 16;
/// How often a full shard looks for callers to forget.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// So many requests a second in the long run, and so many at once; each at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a while of silence.
    pub burst: u32,
}

impl Rate {
    /// A rate with ten seconds' worth of it at once: a page loads, a program starts.
    pub const fn of(per_second: u32) -> Self {
        Self { per_second, burst: per_second.saturating_mul(10) }
    }

    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.per_second.max(1)
    }

    fn tolerance(self) -> Duration {
        self.interval().saturating_mul(self.burst.max(1))
    }
}

/// The rates of the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of an address, for requests without good credentials.
    pub address: Rate,
    /// Of a signed-in member.
    pub member: Rate,
    /// Of an API key.
    pub api_key: Rate,
}

impl Default for Rates {
    /// Room for a page's requests and for a program under load, not for a flood.
    fn default() -> Self {
        Self { address: Rate::of(50), member: Rate::of(100), api_key: Rate::of(2_000) }
    }
}

/// Whom a request counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Nobody known, at an address.
    Address(ClientAddress),
    /// A member or a key.
    Principal(Principal),
    /// Whoever there is no room for.
    Rest,
}

/// Too often; it may ask again after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("asked too often")]
pub struct TooOften {
    /// How long to wait.
    pub retry_after: Duration,
}

/// Counts requests.
pub struct Limiter {
    rates: Rates,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// Until when each caller's requests are paid for.
#[derive(Default)]
struct Shard {
    paid_until: HashMap<Asker, Instant>,
    swept_at: Option<Instant>,
}

impl Limiter {
    /// Nobody has asked yet.
    pub fn new(rates: Rates) -> Self {
        Self { rates, hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// Counts one request.
    pub fn admit(&self, asker: Asker, now: Instant) -> Result<(), TooOften> {
        self.shard(asker).map_or(Ok(()), |mut shard| shard.admit(asker, self.rate(asker), now))
    }

    /// An admitted request turned out to ask for as much as so many more do: later ones wait for it.
    pub fn add(&self, asker: Asker, more: u32, now: Instant) {
        if let Some(mut shard) = self.shard(asker) {
            shard.add(asker, self.rate(asker).interval().saturating_mul(more), now);
        }
    }

    fn shard(&self, asker: Asker) -> Option<MutexGuard<'_, Shard>> {
        let hash = usize::try_from(self.hasher.hash_one(asker) % 0x1_0000).unwrap_or_default();
        Some(self.shards.get(hash % SHARDS)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    const fn rate(&self, asker: Asker) -> Rate {
        match asker {
            Asker::Principal(Principal::ApiKey(_)) => self.rates.api_key,
            Asker::Principal(Principal::Member(_)) => self.rates.member,
            Asker::Principal(Principal::Visitor) | Asker::Address(_) | Asker::Rest => self.rates.address,
        }
    }
}

impl Shard {
    fn admit(&mut self, asker: Asker, rate: Rate, now: Instant) -> Result<(), TooOften> {
        let asker = if self.has_room_for(asker, now) { asker } else { Asker::Rest };
        let start = self.paid_until.get(&asker).copied().unwrap_or(now).max(now);
        let paid_until = start + rate.interval();
        let ahead = paid_until.duration_since(now);
        if ahead > rate.tolerance() {
            return Err(TooOften { retry_after: ahead.saturating_sub(rate.tolerance()) });
        }
        self.paid_until.insert(asker, paid_until);
        Ok(())
    }

    fn add(&mut self, asker: Asker, more: Duration, now: Instant) {
        let asker = if self.paid_until.contains_key(&asker) { asker } else { Asker::Rest };
        let paid_until = self.paid_until.entry(asker).or_insert(now);
        *paid_until = (*paid_until).max(now) + more;
    }

    /// A caller whose requests are all paid for is as good as one who never asked.
    fn has_room_for(&mut self, asker: Asker, now: Instant) -> bool {
        let full = self.paid_until.len() >= CALLERS_MAX / SHARDS;
        if !full || self.paid_until.contains_key(&asker) {
            return true;
        }
        if self.swept_at.is_none_or(|swept_at| now.saturating_duration_since(swept_at) >= SWEEP_INTERVAL) {
            self.swept_at = Some(now);
            self.paid_until.retain(|_, paid_until| *paid_until > now);
        }
        self.paid_until.len() < CALLERS_MAX / SHARDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    use kernel::id::{ApiKeyId, MemberId};
    use proptest::prelude::*;
    use uuid::Uuid;

    const fn rate(per_second: u32, burst: u32) -> Rate {
        Rate { per_second, burst }
    }

    fn limiter() -> Limiter {
        Limiter::new(Rates { address: rate(2, 4), member: rate(10, 10), api_key: rate(100, 100) })
    }

    fn at(address: IpAddr) -> Asker {
        Asker::Address(ClientAddress::from(address))
    }

    fn v4(last: u8) -> Asker {
        at(IpAddr::from([192, 0, 2, last]))
    }

    /// How many of `requests` at one instant are admitted.
    fn admitted(limiter: &Limiter, asker: Asker, now: Instant, requests: usize) -> usize {
        (0..requests).filter(|_| limiter.admit(asker, now).is_ok()).count()
    }

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let (limiter, start) = (limiter(), Instant::now());
        assert_eq!(admitted(&limiter, v4(1), start, 100), 4);
        let refused = limiter.admit(v4(1), start).unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_millis(500));
        assert_eq!(admitted(&limiter, v4(1), start + refused.retry_after, 100), 1, "waiting as told is enough");
        assert_eq!(admitted(&limiter, v4(1), start + Duration::from_mins(1), 100), 4, "and no more than the burst");
    }

    #[test]
    fn callers_do_not_use_up_each_others_rate() {
        let (limiter, start) = (limiter(), Instant::now());
        let key = Asker::Principal(Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(1))));
        let person = Asker::Principal(Principal::Member(MemberId::new(Uuid::from_u128(1))));
        for (asker, burst) in [(v4(1), 4), (v4(2), 4), (key, 100), (person, 10)] {
            assert_eq!(admitted(&limiter, asker, start, 1_000), burst, "{asker:?}");
        }
    }

    #[test]
    fn a_request_that_asks_for_more_than_one_is_paid_for_by_those_after_it() {
        let (limiter, start) = (limiter(), Instant::now());
        assert_eq!(admitted(&limiter, v4(1), start, 1), 1);
        limiter.add(v4(1), 49, start);
        assert_eq!(limiter.admit(v4(1), start).unwrap_err().retry_after, Duration::from_millis(23_500));
        assert_eq!(admitted(&limiter, v4(1), start + Duration::from_millis(23_500), 100), 1);
        assert_eq!(admitted(&limiter, v4(2), start, 100), 4, "nobody else does");
    }

    #[test]
    fn memory_is_bounded_and_callers_past_the_bound_share_one_allowance() {
        let mut shard = Shard::default();
        let start = Instant::now();
        let asker = |number: usize| at(IpAddr::from(u32::try_from(number).unwrap().to_be_bytes()));
        let room = CALLERS_MAX / SHARDS;
        for number in 0..room {
            shard.admit(asker(number), rate(1, 2), start).unwrap();
        }
        let late = (room..room + 100).filter(|number| shard.admit(asker(*number), rate(1, 2), start).is_ok());
        assert_eq!(late.count(), 2);
        assert_eq!(shard.paid_until.len(), room + 1);
        let later = start + Duration::from_secs(10);
        assert!(shard.admit(asker(room + 7), rate(1, 2), later).is_ok(), "others have been quiet since");
        assert_eq!(shard.paid_until.len(), 1);
    }

    proptest! {
        /// Over any stretch no more is admitted than the burst and the rate over the stretch.
        #[test]
        fn the_rate_holds_however_requests_are_spaced(
            per_second in 1_u32..50, burst in 1_u32..50, gaps in prop::collection::vec(0_u64..200, 1..300)
        ) {
            let (rate, start) = (rate(per_second, burst), Instant::now());
            let (mut shard, mut elapsed, mut admitted) = (Shard::default(), 0_u64, 0_u64);
            for gap in gaps {
                elapsed += gap;
                let now = start + Duration::from_millis(elapsed);
                admitted += u64::from(shard.admit(v4(1), rate, now).is_ok());
                prop_assert!(admitted <= u64::from(burst) + elapsed * u64::from(per_second) / 1000 + 1);
            }
        }
    }
}
