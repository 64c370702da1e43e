//! Taking over: the predecessor's usage ends where the successor begins to count.

use billing::published::invoice::{Event as InvoiceEvent, invoice_id};
use eventlog::execute::{execute, read_all};
use eventlog::port::EventLog;
use kernel::event::StreamName;
use metering::owner::{Command, Owner};
use metering::published::owner::{PlatformOwner, Taken};
use metering::published::usage::{Event, Sealed};

use crate::call::InvokeError;
use crate::closing::{CloseError, NotClosed};
use crate::ownership;
use crate::tests::logs::Fate::{Full, LostUnanswered, Overtaken, WrittenUnanswered};
use crate::tests::logs::TestLog;
use crate::tests::upstream::Upstream;
use crate::tests::world::{AMPLE, Deal, LIMITS, World, call, cause, start};

async fn take(log: &dyn EventLog, node: &str) -> Taken {
    ownership::take(log, node.to_owned(), &cause(node)).await.unwrap()
}

fn owner(node: &str, epoch: u64) -> Taken {
    Taken { node: node.to_owned(), epoch }
}

/// What stands in the usage stream of an epoch.
async fn usage(log: &TestLog, owner: &Taken) -> Vec<Event> {
    let recorded = read_all::<Event>(log, &owner.usage_stream().unwrap()).await.unwrap();
    recorded.into_iter().map(|recorded| recorded.event).collect()
}

fn seal(node: &str, epoch: u64) -> Event {
    Event::Sealed(Sealed { by: owner(node, epoch) })
}

#[tokio::test]
async fn each_start_takes_the_next_epoch_and_seals_the_one_before() {
    let log = TestLog::default();
    assert_eq!(take(&log, "n1").await, owner("n1", 1));
    assert_eq!(take(&log, "n2").await, owner("n2", 2));
    assert_eq!(take(&log, "n3").await, owner("n3", 3));
    assert_eq!(usage(&log, &owner("n1", 1)).await, [seal("n2", 2)]);
    assert_eq!(usage(&log, &owner("n2", 2)).await, [seal("n3", 3)]);
    assert_eq!(usage(&log, &owner("n3", 3)).await, []);
}

#[tokio::test]
async fn what_a_node_left_open_that_died_while_taking_over_is_sealed_by_the_next() {
    let log = TestLog::default();
    take(&log, "n1").await;
    for node in ["n2", "n3"] {
        let stream = StreamName::of(&PlatformOwner);
        execute::<Owner>(&log, &stream, Command::Take { node: node.to_owned() }, &cause(node)).await.unwrap();
    }
    take(&log, "n4").await;
    for earlier in [owner("n1", 1), owner("n2", 2), owner("n3", 3)] {
        assert_eq!(usage(&log, &earlier).await, [seal("n4", 4)], "{earlier:?}");
    }
}

#[tokio::test]
async fn a_seal_is_tried_until_it_is_known_to_be_there_and_stands_there_once() {
    let cases = [
        &[Overtaken][..],
        &[WrittenUnanswered],
        &[LostUnanswered, Overtaken, LostUnanswered],
        &[WrittenUnanswered, Full, Overtaken],
    ];
    for fates in cases {
        let log = TestLog::default();
        take(&log, "n1").await;
        log.doom("usage", fates);
        take(&log, "n2").await;
        assert_eq!(usage(&log, &owner("n1", 1)).await, [seal("n2", 2)], "{fates:?}");
    }
}

#[tokio::test]
async fn a_node_that_cannot_seal_does_not_start() {
    let log = TestLog::default();
    take(&log, "n1").await;
    log.doom("usage", &[Full]);
    assert!(ownership::take(&log, "n2".to_owned(), &cause("n2")).await.is_err());
    assert_eq!(usage(&log, &owner("n1", 1)).await, []);
}

/// A node that owns the meter, and its one deal.
async fn running() -> (Upstream, Deal, World) {
    let upstream = Upstream::start().await;
    let deal = Deal::priced(upstream.endpoint("gated"), 10);
    let log = TestLog::default();
    take(&log, "n1").await;
    (upstream, deal.clone(), World::over(log, std::slice::from_ref(&deal), LIMITS).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_way_at_a_node_that_is_overtaken_is_definitely_refused_and_costs_nothing() {
    let (upstream, deal, world) = running().await;
    let under_way = world.spawn(call("under way"));
    upstream.reached(1).await;
    take(&world.log, "n2").await;
    upstream.open();
    assert_eq!(under_way.await.unwrap().unwrap_err(), InvokeError::NotRecorded);
    assert_eq!(world.invoke(call("late")).await.unwrap_err(), InvokeError::NotRecorded);
    assert_eq!((world.records().await, world.standing(&deal)), (vec![], (0, 0, 0)));
    assert_eq!(usage(&world.log, &owner("n1", 1)).await, [seal("n2", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_comes_before_the_seal_counts_for_the_successor() {
    let (upstream, deal, world) = running().await;
    upstream.open();
    let first = world.invoke(call("first")).await.unwrap();
    take(&world.log, "n2").await;
    assert!(matches!(usage(&world.log, &owner("n1", 1)).await.as_slice(), [Event::Recorded(_), Event::Sealed(_)]));
    let successor = world.restarted().await;
    assert_eq!(successor.standing(&deal), (1, 0, 0));
    let again = successor.invoke(call("first")).await.unwrap();
    assert_eq!((again.record.clone(), again.repeated), (first.record.clone(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_node_hears_that_it_was_overtaken() {
    let (_upstream, _deal, world) = running().await;
    let mut standing = world.service.standing();
    assert!(!standing.borrow().fenced);
    take(&world.log, "n2").await;
    let fenced = standing.wait_for(|standing| standing.fenced);
    assert!(tokio::time::timeout(AMPLE, fenced).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_overtaken_issues_no_invoice() {
    let (_upstream, deal, world) = running().await;
    take(&world.log, "n2").await;
    let refused = world.close(&deal, start(), "close").await;
    assert!(matches!(refused, Err(CloseError::NotClosed(NotClosed::UnderWay))), "{refused:?}");
    assert!(world.invoices().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_overtaken_while_it_records_a_batch_ends_no_period() {
    let (upstream, deal, world) = running().await;
    upstream.open();
    world.log.block("usage");
    let under_way = world.spawn(call("under way"));
    world.log.tried("usage", 1).await;
    let command = Command::Take { node: "n2".to_owned() };
    execute::<Owner>(&world.log, &StreamName::of(&PlatformOwner), command, &cause("n2")).await.unwrap();
    let refused = world.close(&deal, start(), "close").await;
    assert!(matches!(refused, Err(CloseError::NotClosed(NotClosed::UnderWay))), "{refused:?}");
    let invoice = StreamName::of(&invoice_id(deal.agreement(), start()));
    assert!(read_all::<InvoiceEvent>(&world.log, &invoice).await.unwrap().is_empty());
    world.log.unblock();
    assert!(under_way.await.unwrap().is_ok(), "it came before the seal");
}
