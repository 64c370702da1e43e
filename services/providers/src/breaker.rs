//! The circuit breaker of one upstream: a pure state machine, time passed in.
//!
//! See Michael Nygard, "Release It!" (2007), ch. 5. A call admitted before the breaker opened says nothing about the
//! time after, so only the probe decides what an open breaker does next.

use std::time::Duration;

use tokio::time::Instant;

/// So many failures in a row open the breaker.
pub const FAILURES_MAX: u32 = 5;
/// So long an open breaker admits nothing.
pub const COOL_DOWN: Duration = Duration::from_secs(10);

/// Whether calls are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All are.
    Closed,
    /// None is.
    Open,
    /// One is, as a probe.
    HalfOpen,
}

/// How an upstream has been doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether calls are admitted now.
    pub state: State,
    /// Failures since the last sound answer.
    pub failures: u32,
    /// The moving average of the time that answers took, weight 1/8 on the newest; `None` before the first.
    pub latency_ewma: Option<Duration>,
}

impl Health {
    /// The health of an upstream that has not been called.
    pub const UNKNOWN: Self = Self { state: State::Closed, failures: 0, latency_ewma: None };
}

/// Leave to make one call; says how its outcome counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    probe: bool,
}

/// The state of one upstream's breaker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Breaker {
    failures: u32,
    opened_at: Option<Instant>,
    probing: bool,
    latency_ewma: Option<Duration>,
}

impl Breaker {
    /// Admits a call, or not.
    pub fn admit(&mut self, now: Instant) -> Option<Admission> {
        match self.state(now) {
            State::Closed => Some(Admission { probe: false }),
            State::HalfOpen if !self.probing => {
                self.probing = true;
                Some(Admission { probe: true })
            }
            State::HalfOpen | State::Open => None,
        }
    }

    /// Counts a sound answer; `latency` is `None` where the answer says nothing about speed.
    pub fn succeeded(&mut self, admission: Admission, latency: Option<Duration>) {
        if let Some(latency) = latency {
            self.latency_ewma =
                Some(self.latency_ewma.map_or(latency, |average| average.saturating_mul(7) / 8 + latency / 8));
        }
        if self.counts(admission) {
            *self = Self { latency_ewma: self.latency_ewma, ..Self::default() };
        }
    }

    /// Counts a failure.
    pub fn failed(&mut self, admission: Admission, now: Instant) {
        if !self.counts(admission) {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.probing = false;
        if admission.probe || self.failures >= FAILURES_MAX {
            self.opened_at = Some(now);
        }
    }

    /// Forgets a call whose outcome nobody waited for, so that another one can probe.
    pub fn abandoned(&mut self, admission: Admission) {
        if admission.probe {
            self.probing = false;
        }
    }

    /// How the upstream has been doing.
    pub fn health(&self, now: Instant) -> Health {
        Health { state: self.state(now), failures: self.failures, latency_ewma: self.latency_ewma }
    }

    fn state(&self, now: Instant) -> State {
        match self.opened_at {
            None => State::Closed,
            Some(opened_at) if now.saturating_duration_since(opened_at) < COOL_DOWN => State::Open,
            Some(_) => State::HalfOpen,
        }
    }

    fn counts(&self, admission: Admission) -> bool {
        admission.probe || self.opened_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails as often as it takes to open the breaker.
    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            let admission = breaker.admit(now).unwrap();
            breaker.failed(admission, now);
        }
        breaker
    }

    fn state(breaker: &Breaker, now: Instant) -> State {
        breaker.health(now).state
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES_MAX {
            let admission = breaker.admit(now).unwrap();
            breaker.failed(admission, now);
        }
        assert_eq!(state(&breaker, now), State::Closed);
        let admission = breaker.admit(now).unwrap();
        breaker.failed(admission, now);
        assert_eq!((state(&breaker, now), breaker.admit(now)), (State::Open, None));
    }

    #[test]
    fn a_sound_answer_between_failures_starts_the_count_anew() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..3 * FAILURES_MAX {
            let admission = breaker.admit(now).unwrap();
            breaker.failed(admission, now);
            let admission = breaker.admit(now).unwrap();
            breaker.succeeded(admission, None);
        }
        assert_eq!(state(&breaker, now), State::Closed);
    }

    #[test]
    fn after_the_cool_down_one_call_probes() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let just_before = (now + COOL_DOWN).checked_sub(Duration::from_nanos(1)).unwrap();
        assert_eq!(breaker.admit(just_before), None);
        let probe = breaker.admit(now + COOL_DOWN);
        assert!(probe.is_some());
        assert_eq!(state(&breaker, now + COOL_DOWN), State::HalfOpen);
        assert_eq!(breaker.admit(now + COOL_DOWN), None);
    }

    #[test]
    fn a_sound_probe_closes_it() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let probe = breaker.admit(now + COOL_DOWN).unwrap();
        breaker.succeeded(probe, None);
        assert_eq!(breaker.health(now + COOL_DOWN), Health::UNKNOWN);
    }

    #[test]
    fn a_failed_probe_opens_it_for_another_cool_down() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + COOL_DOWN;
        let probe = breaker.admit(later).unwrap();
        breaker.failed(probe, later);
        assert_eq!(state(&breaker, later), State::Open);
        assert!(breaker.admit(later + COOL_DOWN).is_some());
    }

    #[test]
    fn an_abandoned_probe_makes_room_for_another() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let probe = breaker.admit(now + COOL_DOWN).unwrap();
        breaker.abandoned(probe);
        assert!(breaker.admit(now + COOL_DOWN).is_some());
    }

    #[test]
    fn stragglers_neither_close_nor_prolong_an_open_breaker() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let stragglers = [breaker.admit(now).unwrap(), breaker.admit(now).unwrap()];
        for _ in 0..FAILURES_MAX {
            let admission = breaker.admit(now).unwrap();
            breaker.failed(admission, now);
        }
        breaker.succeeded(stragglers[0], None);
        assert_eq!(state(&breaker, now), State::Open);
        breaker.failed(stragglers[1], now + COOL_DOWN);
        assert_eq!(state(&breaker, now + COOL_DOWN), State::HalfOpen);
    }

    #[test]
    fn latency_moves_an_eighth_of_the_way() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for (latency, expected) in [(80, 80), (160, 90)] {
            let admission = breaker.admit(now).unwrap();
            breaker.succeeded(admission, Some(Duration::from_millis(latency)));
            assert_eq!(breaker.health(now).latency_ewma, Some(Duration::from_millis(expected)));
        }
    }
}
