//! The breakers of all upstreams, by key, and the permit that ties a call to its breaker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::breaker::{Admission, Breaker, Health};
use crate::error::CallError;

/// One breaker per key. Keys are listings, so their number is bounded by the catalog's.
#[derive(Debug, Default)]
pub(crate) struct Breakers(RwLock<HashMap<String, Arc<Mutex<Breaker>>>>);

impl Breakers {
    /// Admits a call to the upstream, or not.
    pub(crate) fn admit(&self, key: &str) -> Result<Permit, CallError> {
        let breaker = self.of(key);
        let admission = lock(&breaker).admit(Instant::now()).ok_or(CallError::BreakerOpen)?;
        Ok(Permit { breaker, admission, settled: false })
    }

    /// The health of one upstream.
    pub(crate) fn health(&self, key: &str) -> Health {
        let breakers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        breakers.get(key).map_or(Health::UNKNOWN, |breaker| lock(breaker).health(Instant::now()))
    }

    /// The health of every upstream that has been called, unordered.
    pub(crate) fn all_health(&self) -> Vec<(String, Health)> {
        let now = Instant::now();
        let breakers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        breakers.iter().map(|(key, breaker)| (key.clone(), lock(breaker).health(now))).collect()
    }

    fn of(&self, key: &str) -> Arc<Mutex<Breaker>> {
        if let Some(breaker) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(breaker);
        }
        let mut breakers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(breakers.entry(key.to_owned()).or_default())
    }
}

/// Nothing panics while a breaker is locked; a poisoned lock would still hold a whole breaker.
fn lock(breaker: &Mutex<Breaker>) -> MutexGuard<'_, Breaker> {
    breaker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Leave to make one call. Dropped unsettled, as when the caller goes away, it gives a probe's place back.
#[derive(Debug)]
pub(crate) struct Permit {
    breaker: Arc<Mutex<Breaker>>,
    admission: Admission,
    settled: bool,
}

impl Permit {
    /// Counts how the call ended.
    pub(crate) fn settle<T>(mut self, outcome: &Result<T, CallError>, latency: Duration) {
        self.settled = true;
        let mut breaker = lock(&self.breaker);
        match outcome {
            Ok(_) => breaker.succeeded(self.admission, Some(latency)),
            Err(error) if error.is_sound() => breaker.succeeded(self.admission, None),
            Err(_) => breaker.failed(self.admission, Instant::now()),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.settled {
            lock(&self.breaker).abandoned(self.admission);
        }
    }
}
