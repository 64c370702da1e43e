//! Closing while calls go on: every call belongs to exactly one period, and each period's invoice has all of its own.

use std::time::Duration;

use billing::published::invoice::{Charges, Event as InvoiceEvent};
use eventlog::execute::ExecuteError;
use jiff::SignedDuration;
use metering::published::usage::PeriodUsage;

use crate::closing::{CloseError, NotClosed};
use crate::memory::usage::Usage;
use crate::tests::logs::Fate::{Full, LostUnanswered, WrittenUnanswered};
use crate::tests::upstream::Upstream;
use crate::tests::world::{Deal, World, call, cause, start};

/// The node's usage stream.
const STREAM: &str = "usage-n1.1";

async fn market() -> (Upstream, Deal, World) {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 3);
    let world = World::with(std::slice::from_ref(&deal)).await;
    (upstream, deal, world)
}

/// What the records of a period sum to.
async fn recorded(world: &World, from: jiff::Timestamp) -> PeriodUsage {
    let (mut usage, records) = (Usage::default(), world.records().await);
    for record in &records {
        usage.add(STREAM, record);
    }
    usage.period(records[0].agreement, from)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_under_way_belong_to_the_closed_period_and_later_ones_to_the_next() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("gated"), 3);
    let world = World::with(std::slice::from_ref(&deal)).await;
    let early = world.spawn(call("early"));
    upstream.reached(1).await;
    let (service, agreement) = (std::sync::Arc::clone(&world.service), deal.agreement());
    let closing = tokio::spawn(async move { service.close_period(agreement, start(), &cause("close")).await });
    world.log.tried("invoice", 1).await;
    let late = world.spawn(call("late"));
    upstream.reached(2).await;
    upstream.open();
    let invoice = closing.await.unwrap().unwrap();
    let (early, late) = (early.await.unwrap().unwrap(), late.await.unwrap().unwrap());
    let issued = &world.invoices().await[&invoice];
    assert_eq!((early.record.period_start, late.record.period_start), (start(), issued.period.end));
    assert_eq!((issued.calls, issued.ranges[0].last), (1, early.record.sequence));
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_of_periods_closed_under_load_have_every_call_once() {
    let (_upstream, deal, world) = market().await;
    let mut from = start();
    for round in 0..4 {
        let calls: Vec<_> = (0..50).map(|number| world.spawn(call(&format!("{round} {number}")))).collect();
        let invoice = world.close(&deal, from, &format!("close {round}")).await.unwrap();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        from = world.invoices().await[&invoice].period.end;
    }
    world.close(&deal, from, "the last").await.unwrap();
    let invoices = world.invoices().await;
    assert_eq!(invoices.values().map(|issued| issued.calls).sum::<u64>(), 200);
    for issued in invoices.values() {
        let usage = recorded(&world, issued.period.start).await;
        assert_eq!((issued.calls, &issued.ranges), (usage.calls, &usage.ranges));
        let accepted = world.service.market().agreement(deal.agreement()).unwrap();
        let rated = billing::lines::rate(&accepted, issued.period, Charges::All, &usage).unwrap();
        assert_eq!(issued.total, rated.total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_again_or_ten_times_at_once_names_the_same_invoice() {
    let (_upstream, deal, world) = market().await;
    world.invoke(call("one")).await.unwrap();
    let closers = (0..10).map(|number| {
        let (service, agreement) = (std::sync::Arc::clone(&world.service), deal.agreement());
        tokio::spawn(async move { service.close_period(agreement, start(), &cause(&format!("{number}"))).await })
    });
    let mut invoices = Vec::new();
    for closer in closers.collect::<Vec<_>>() {
        invoices.push(closer.await.unwrap().unwrap());
    }
    invoices.push(world.close(&deal, start(), "again").await.unwrap());
    invoices.dedup();
    assert_eq!(invoices.len(), 1);
    let events = world.recorded::<InvoiceEvent>().await;
    assert!(matches!(events[..], [InvoiceEvent::Drafted(_), InvoiceEvent::Issued(_), InvoiceEvent::Paid(_)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_whoever_closes_goes_away_no_call_lands_in_the_closed_period() {
    let (_upstream, deal, world) = market().await;
    world.log.block("invoice");
    let (service, agreement) = (std::sync::Arc::clone(&world.service), deal.agreement());
    let closer = tokio::spawn(async move { service.close_period(agreement, start(), &cause("close")).await });
    world.log.tried("invoice", 1).await;
    closer.abort();
    assert!(closer.await.unwrap_err().is_cancelled());
    let waiting = world.spawn(call("waiting"));
    world.log.unblock();
    let record = waiting.await.unwrap().unwrap().record.clone();
    let InvoiceEvent::Drafted(drafted) = &world.recorded::<InvoiceEvent>().await[0] else { panic!("not drafted") };
    assert_eq!(record.period_start, drafted.period.end);
    let invoice = world.close(&deal, start(), "again").await.unwrap();
    assert_eq!(world.invoices().await[&invoice].calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_whose_end_may_be_recorded_admits_nothing_until_it_is_known() {
    for fates in [&[WrittenUnanswered][..], &[LostUnanswered], &[WrittenUnanswered, Full], &[LostUnanswered, Full]] {
        let (_upstream, deal, world) = market().await;
        world.invoke(call("before")).await.unwrap();
        world.log.doom("invoice", fates);
        let invoice = world.close(&deal, start(), "close").await.unwrap();
        let after = world.invoke(call("after")).await.unwrap();
        let issued = &world.invoices().await[&invoice];
        assert_eq!((issued.calls, after.record.period_start), (1, issued.period.end), "{fates:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_whose_end_is_not_recorded_goes_on() {
    let (_upstream, deal, world) = market().await;
    world.log.doom("invoice", &[Full]);
    let error = world.close(&deal, start(), "close").await.unwrap_err();
    assert!(matches!(error, CloseError::Invoice(ExecuteError::Unavailable(_))), "{error}");
    assert_eq!(world.invoke(call("on")).await.unwrap().record.period_start, start());
    let invoice = world.close(&deal, start(), "close").await.unwrap();
    assert_eq!(world.invoices().await[&invoice].calls, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_does_not_reach_the_invoice() {
    let (_upstream, deal, world) = market().await;
    world.invoke(call("kept")).await.unwrap();
    world.log.doom("usage", &[Full]);
    assert!(world.invoke(call("lost")).await.is_err());
    let invoice = world.close(&deal, start(), "close").await.unwrap();
    let issued = &world.invoices().await[&invoice];
    assert_eq!((issued.calls, &issued.ranges), (1, &recorded(&world, start()).await.ranges));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_over_is_due_and_closes_at_the_calendars_end() {
    let (_upstream, deal, world) = market().await;
    world.invoke(call("today")).await.unwrap();
    assert_eq!(world.service.due(start()), []);
    let midnight = "2026-11-06T00:00:00Z".parse().unwrap();
    world.clock.advance(SignedDuration::from_hours(17));
    let tomorrow = world.invoke(call("tomorrow")).await.unwrap();
    assert_eq!(tomorrow.record.period_start, midnight);
    assert_eq!(world.service.due(midnight), [(deal.agreement(), start())]);
    let open = world.close(&deal, midnight, "too soon").await.unwrap_err();
    assert!(matches!(open, CloseError::NotClosed(NotClosed::NotTheOpenPeriod { open }) if open == start()), "{open}");
    let invoice = world.close(&deal, start(), "close").await.unwrap();
    let issued = &world.invoices().await[&invoice];
    assert_eq!((issued.period.end, issued.calls), (midnight, 1));
    assert_eq!(world.service.due(midnight), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_agreement_is_billed_to_its_end_and_then_has_no_period() {
    let (_upstream, deal, world) = market().await;
    world.invoke(call("one")).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(1));
    world.cancel(&deal).await;
    let ended = world.now();
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(world.service.due(ended), [(deal.agreement(), start())]);
    let invoice = world.close(&deal, start(), "close").await.unwrap();
    let issued = &world.invoices().await[&invoice];
    assert_eq!((issued.period.end, issued.calls), (ended, 1));
    let none = world.close(&deal, ended, "once more").await.unwrap_err();
    assert!(matches!(none, CloseError::NotClosed(NotClosed::NoOpenPeriod)), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_does_not_wait_for_ever_for_a_period_to_be_closed() {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("echo"), 3);
    let limits = crate::service::Limits { settlement: Duration::from_millis(20), ..crate::tests::world::LIMITS };
    let world = World::over(crate::tests::logs::TestLog::default(), std::slice::from_ref(&deal), limits).await;
    world.log.block("invoice");
    let (service, agreement) = (std::sync::Arc::clone(&world.service), deal.agreement());
    let _closer = tokio::spawn(async move { service.close_period(agreement, start(), &cause("close")).await });
    world.log.tried("invoice", 1).await;
    assert_eq!(world.invoke(call("key")).await.unwrap_err(), crate::call::InvokeError::NotRecorded);
    assert_eq!(upstream.requests(), 0);
}
