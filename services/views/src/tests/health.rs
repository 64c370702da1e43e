use catalog::published::health::{Event, Measured, Measurement, stream};
use jiff::ToSpan;
use kernel::event::StreamName;
use kernel::id::{ListingId, OrganizationId};
use kernel::period::Period;
use uuid::Uuid;

use super::market::{SEGMENTER, SELLER, market, may};
use super::{Fixture, Log, at};
use crate::health::{Health, HealthOf};

const OTHER: ListingId = ListingId::new(Uuid::from_u128(77));

fn health_stream() -> StreamName {
    stream("n1", 1).unwrap()
}

/// Answers of so many milliseconds each, and failures, in the five minutes from an instant.
fn measured(listing: ListingId, minute: i64, milliseconds: &[u64], failures: usize) -> Event {
    let mut measurement = Measurement::default();
    for latency in milliseconds {
        measurement.answered(latency * 1_000);
    }
    for _ in 0..failures {
        measurement.failed();
    }
    Event::Measured(Measured { listing, from: at(minute), until: at(minute + 5), measurement })
}

fn told(health: &Health) -> (u64, u64, Option<u64>) {
    let measurement = &health.measurement;
    (measurement.calls, measurement.failures, measurement.latencies.percentile(500).map(|latency| latency / 1_000))
}

fn busy() -> Log {
    let mut log = market();
    log.add(&health_stream(), &measured(SEGMENTER, 0, &[10, 20, 30], 1));
    log.add(&health_stream(), &measured(SEGMENTER, 5, &[40, 50], 0));
    log.add(&health_stream(), &measured(SEGMENTER, 90, &[100], 1));
    log.add(&health_stream(), &measured(OTHER, 90, &[], 2));
    log
}

#[test]
fn a_listing_has_the_sums_of_its_intervals() {
    let fixture = Fixture::of(&busy());
    let health = fixture.views.health(HealthOf::Listing(SEGMENTER), may()).unwrap();
    assert_eq!(told(&health), (8, 2, Some(30)));
    assert_eq!((health.from, health.until), (Some(at(0)), Some(at(95))));
    assert_eq!(health.measurement.latencies.answers(), 6);
}

#[test]
fn only_the_hours_of_the_period_count() {
    let fixture = Fixture::of(&busy());
    let period = Period { start: at(90), end: at(91) };
    let health = fixture.views.health(HealthOf::Listing(SEGMENTER), period).unwrap();
    assert_eq!(told(&health), (2, 1, Some(102)));
    let later = Period { start: may().end, end: may().end + 1.hour() };
    assert_eq!(fixture.views.health(HealthOf::Platform, later).unwrap(), Health::default());
}

#[test]
fn a_seller_has_its_own_listings_and_the_platform_all() {
    let fixture = Fixture::of(&busy());
    let views = &fixture.views;
    let of = |of| told(&views.health(of, may()).unwrap());
    assert_eq!(of(HealthOf::Seller(SELLER)), (8, 2, Some(30)));
    assert_eq!(of(HealthOf::Platform), (10, 4, Some(30)));
    assert_eq!(of(HealthOf::Seller(OrganizationId::new(Uuid::from_u128(99)))), (0, 0, None));
}
