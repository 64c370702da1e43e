//! Counts what visitors try: per address and in all, by UTC day.
//!
//! Kept in memory. Each day starts from the calls that the log has of it, so the limit of all visitors holds across a
//! restart for every call that was recorded; what was counted per address is forgotten with the process. An address
//! has an entry only once it made a call within the limit of all, so that limit bounds the memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use kernel::merkle::hex;
use metering::published::sandbox::Settings;
use sha2::{Digest, Sha256};

use crate::transport::address::ClientAddress;

const DAY_SECONDS: i64 = 86_400;

/// A day, counted from 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of an instant.
    pub fn of(instant: Timestamp) -> Self {
        Self(instant.as_second().div_euclid(DAY_SECONDS))
    }

    /// Its first instant.
    pub fn start(self) -> Timestamp {
        instant(self.0)
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        instant(self.0.saturating_add(1))
    }
}

fn instant(day: i64) -> Timestamp {
    Timestamp::from_second(day.saturating_mul(DAY_SECONDS)).unwrap_or(Timestamp::MAX)
}

/// The visitors of a day.
pub struct Sandbox {
    /// Keeps addresses out of the log: without it, a recorded key cannot be traced to one.
    secret: [u8; 32],
    counts: Mutex<Option<Counts>>,
}

struct Counts {
    day: Day,
    calls: u32,
    by_address: HashMap<ClientAddress, u32>,
}

/// How an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Calls it may still make today.
    pub remaining: u32,
    /// Calls of all visitors today.
    pub calls: u32,
    /// When both start anew.
    pub resets_at: Timestamp,
}

/// Why an address may not try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// It has made its calls.
    #[error("the free tries of your address are used up for today: sign up to go on")]
    Address,
    /// All visitors together have made theirs.
    #[error("the free tries of all visitors are used up for today: sign up to go on")]
    Everyone,
}

impl Sandbox {
    /// Counts from now on; the secret must be the same after a restart.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret, counts: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Counts>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this day, or a later one, is being counted.
    pub fn counts(&self, day: Day) -> bool {
        self.lock().as_ref().is_some_and(|counts| counts.day >= day)
    }

    /// Begins a day of which the log has so many calls, unless it has begun.
    pub fn begin(&self, day: Day, recorded: u32) {
        let mut counts = self.lock();
        if counts.as_ref().is_none_or(|counts| counts.day < day) {
            *counts = Some(Counts { day, calls: recorded, by_address: HashMap::new() });
        }
    }

    /// How an address stands on the day that has begun.
    pub fn standing(&self, address: ClientAddress, settings: &Settings, now: Timestamp) -> Standing {
        let counts = self.lock();
        let (day, calls) = counts.as_ref().map_or((Day::of(now), 0), |counts| (counts.day, counts.calls));
        let used = counts.as_ref().map_or(0, |counts| counts.of(address));
        let own = settings.calls_per_address_per_day.saturating_sub(used);
        let remaining = if settings.open { own.min(settings.calls_per_day.saturating_sub(calls)) } else { 0 };
        Standing { remaining, calls, resets_at: day.end() }
    }

    /// Counts a call, or not.
    pub fn take(&self, address: ClientAddress, settings: &Settings) -> Result<(), Exhausted> {
        let mut counts = self.lock();
        let counts = counts.as_mut().ok_or(Exhausted::Everyone)?;
        if counts.calls >= settings.calls_per_day {
            return Err(Exhausted::Everyone);
        }
        if counts.of(address) >= settings.calls_per_address_per_day {
            return Err(Exhausted::Address);
        }
        let used = counts.by_address.entry(address).or_default();
        *used = used.saturating_add(1);
        counts.calls = counts.calls.saturating_add(1);
        Ok(())
    }

    /// Takes a call back that was counted and never sent on.
    pub fn give_back(&self, address: ClientAddress) {
        let mut counts = self.lock();
        let Some(counts) = counts.as_mut() else { return };
        if let Some(used) = counts.by_address.get_mut(&address).filter(|used| **used > 0) {
            *used = used.saturating_sub(1);
            counts.calls = counts.calls.saturating_sub(1);
        }
    }

    /// The idempotency key of a visitor's call: of this address alone, so that nobody gets another's output.
    pub fn key(&self, address: ClientAddress, key: &str) -> String {
        let mut hasher = Sha256::new_with_prefix(self.secret);
        hasher.update(address.octets());
        hasher.update(key.as_bytes());
        format!("visitor {}", hex(&hasher.finalize()))
    }
}

impl Counts {
    fn of(&self, address: ClientAddress) -> u32 {
        self.by_address.get(&address).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const TODAY: Day = Day(20_000);

    fn settings(of_an_address: u32, in_all: u32) -> Settings {
        Settings { open: true, calls_per_address_per_day: of_an_address, calls_per_day: in_all, ..Settings::CLOSED }
    }

    fn address(last: u8) -> ClientAddress {
        IpAddr::from([192, 0, 2, last]).into()
    }

    fn begun(recorded: u32) -> Sandbox {
        let sandbox = Sandbox::new([7; 32]);
        sandbox.begin(TODAY, recorded);
        sandbox
    }

    #[test]
    fn an_address_has_its_calls_and_others_have_theirs() {
        let (sandbox, settings) = (begun(0), settings(2, 100));
        assert_eq!([0; 3].map(|_| sandbox.take(address(1), &settings)), [Ok(()), Ok(()), Err(Exhausted::Address)]);
        assert_eq!(sandbox.take(address(2), &settings), Ok(()));
        let standing = |last| sandbox.standing(address(last), &settings, TODAY.start());
        assert_eq!((standing(1).remaining, standing(2).remaining, standing(3).remaining), (0, 1, 2));
        assert_eq!((standing(1).calls, standing(1).resets_at), (3, TODAY.end()));
    }

    #[test]
    fn all_addresses_together_have_a_limit_that_counts_what_the_log_has() {
        let (sandbox, settings) = (begun(98), settings(5, 100));
        assert_eq!(sandbox.standing(address(1), &settings, TODAY.start()).remaining, 2);
        let tried = [1, 2, 3].map(|last| sandbox.take(address(last), &settings));
        assert_eq!(tried, [Ok(()), Ok(()), Err(Exhausted::Everyone)]);
    }

    #[test]
    fn a_call_given_back_can_be_made_again_and_only_once() {
        let (sandbox, settings) = (begun(0), settings(1, 10));
        sandbox.give_back(address(1));
        assert_eq!(sandbox.take(address(1), &settings), Ok(()));
        sandbox.give_back(address(1));
        sandbox.give_back(address(1));
        assert_eq!([0; 2].map(|_| sandbox.take(address(1), &settings)), [Ok(()), Err(Exhausted::Address)]);
        assert_eq!(sandbox.standing(address(1), &settings, TODAY.start()).calls, 1);
    }

    #[test]
    fn a_new_day_starts_anew_and_an_old_one_does_not_return() {
        let (sandbox, settings) = (begun(0), settings(1, 10));
        assert_eq!(sandbox.take(address(1), &settings), Ok(()));
        sandbox.begin(TODAY, 0);
        assert_eq!(sandbox.take(address(1), &settings), Err(Exhausted::Address));
        let tomorrow = Day::of(TODAY.end());
        assert!(sandbox.counts(TODAY) && !sandbox.counts(tomorrow));
        sandbox.begin(tomorrow, 0);
        assert_eq!(sandbox.take(address(1), &settings), Ok(()));
        sandbox.begin(TODAY, 0);
        assert_eq!(sandbox.take(address(1), &settings), Err(Exhausted::Address));
    }

    #[test]
    fn nothing_remains_while_it_is_closed_and_before_a_day_has_begun() {
        let closed = Settings { open: false, ..settings(5, 10) };
        assert_eq!(begun(0).standing(address(1), &closed, TODAY.start()).remaining, 0);
        assert_eq!(Sandbox::new([7; 32]).take(address(1), &settings(5, 10)), Err(Exhausted::Everyone));
    }

    #[test]
    fn the_same_key_of_two_addresses_is_two_keys() {
        let sandbox = begun(0);
        assert_eq!(sandbox.key(address(1), "a"), sandbox.key(address(1), "a"));
        assert_ne!(sandbox.key(address(1), "a"), sandbox.key(address(2), "a"));
        assert_ne!(sandbox.key(address(1), "a"), Sandbox::new([8; 32]).key(address(1), "a"));
        assert!(sandbox.key(address(1), &"x".repeat(200)).len() < 200);
    }
}
