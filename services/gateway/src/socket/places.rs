//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::transport::address::ClientAddress;

/// Counts connections.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<ClientAddress, usize>,
}

/// A place that a connection holds until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    address: ClientAddress,
}

impl Places {
    /// Takes a place; `None` where there is none left.
    pub fn take(&self, address: ClientAddress, all_max: usize, per_address_max: usize) -> Option<Place> {
        let mut counts = self.lock();
        let own = counts.by_address.get(&address).copied().unwrap_or_default();
        if counts.all >= all_max || own >= per_address_max {
            return None;
        }
        counts.all = counts.all.saturating_add(1);
        counts.by_address.insert(address, own.saturating_add(1));
        Some(Place { places: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.lock();
        counts.all = counts.all.saturating_sub(1);
        let left = counts.by_address.get(&self.address).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            counts.by_address.remove(&self.address);
        } else {
            counts.by_address.insert(self.address, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    #[test]
    fn places_are_limited_in_all_and_per_address_and_come_back() {
        let places = Places::default();
        let at = |last: u8| ClientAddress::from(IpAddr::from([192, 0, 2, last]));
        let (one, two) = (places.take(at(1), 3, 2).unwrap(), places.take(at(1), 3, 2).unwrap());
        assert!(places.take(at(1), 3, 2).is_none(), "two per address");
        let _three = places.take(at(2), 3, 2).unwrap();
        assert!(places.take(at(3), 3, 2).is_none(), "three in all");
        drop(one);
        assert!(places.take(at(1), 3, 2).is_some());
        drop(two);
        assert_eq!(places.lock().by_address.len(), 1, "nothing is kept of who is gone");
    }
}
