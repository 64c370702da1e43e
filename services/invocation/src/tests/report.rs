//! Reports: recorded once, by whomever and however often they are told; back-pressure; late ones on the next invoice.

use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::{Actor, Principal, Scope, Scopes};
use billing::published::invoice::LineItem;
use jiff::{SignedDuration, Timestamp};
use kernel::id::{ApiKeyId, OrganizationId};
use kernel::meter::{Meter, Quantity};
use uuid::Uuid;

use crate::fingerprint;
use crate::report::{NotReported, REPORTS_MAX, ROOM, Report, Reported, Turned};
use crate::service::Limits;
use crate::tests::logs::Fate::{Full, WrittenUnanswered};
use crate::tests::logs::TestLog;
use crate::tests::upstream::Upstream;
use crate::tests::world::{Deal, LIMITS, World, call, start};

fn seller() -> Actor {
    Actor {
        organization: OrganizationId::new(Uuid::from_u128(4)),
        principal: Principal::ApiKey(ApiKeyId::new(Uuid::from_u128(8))),
        scopes: Scopes::from(vec![Scope::UsageReport]),
        operator: false,
    }
}

fn report_at(deal: &Deal, id: &str, quantity: u64, used_at: Timestamp) -> Report {
    Report {
        key: fingerprint::of_event(seller().organization, "/test", id),
        payload: fingerprint::of_report([quantity.to_be_bytes().as_slice()]),
        agreement: deal.agreement(),
        capability: None,
        listing: None,
        used_at,
        usage: vec![(deal.meter, Quantity(quantity))],
    }
}

fn report(deal: &Deal, id: &str, quantity: u64) -> Report {
    report_at(deal, id, quantity, start())
}

async fn told(world: &World, reports: Vec<Report>) -> Vec<Reported> {
    world.service.report(&seller(), reports).await.unwrap()
}

async fn deal(included: u64) -> (World, Deal) {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), included);
    (World::with(std::slice::from_ref(&deal)).await, deal)
}

fn accepted(outcomes: &[Reported]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, Reported::Accepted(_))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_told_whether_the_history_has_followed_or_not() {
    let (world, deal) = deal(3).await;
    let first = told(&world, vec![report(&deal, "a", 5), report(&deal, "a", 5)]).await;
    let [Reported::Accepted(id), Reported::Duplicate(again)] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(id, again);
    for _ in 0..2 {
        let later = told(&world, vec![report(&deal, "a", 5), report(&deal, "a", 6)]).await;
        assert_eq!(later, [Reported::Duplicate(*id), Reported::Conflict(*id)]);
        world.history.catch_up(&world.log).await;
    }
    assert_eq!((world.records().await.len(), world.standing(&deal)), (1, (3, 2, 0)));
    let restarted = world.restarted().await;
    assert_eq!(told(&restarted, vec![report(&deal, "a", 5)]).await, [Reported::Duplicate(*id)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_repeats_are_recorded_once() {
    let (world, deal) = deal(0).await;
    let reports: Vec<Report> = (0..100).map(|n| report(&deal, &n.to_string(), 1)).collect();
    let racing = (0..20).map(|_| {
        let (service, reports) = (Arc::clone(&world.service), reports.clone());
        tokio::spawn(async move { service.report(&seller(), reports).await.unwrap() })
    });
    let mut count = 0;
    for outcomes in futures::future::join_all(racing).await {
        count += accepted(&outcomes.unwrap());
    }
    assert_eq!((count, world.records().await.len()), (100, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_not_recorded_frees_its_keys() {
    let (world, deal) = deal(10).await;
    world.log.doom("usage", &[Full, WrittenUnanswered]);
    let lost = told(&world, vec![report(&deal, "a", 5), report(&deal, "a", 5)]).await;
    assert_eq!(lost, vec![Reported::Rejected(NotReported::NotRecorded); 2]);
    assert_eq!(world.standing(&deal), (0, 0, 0));
    assert_eq!(accepted(&told(&world, vec![report(&deal, "a", 5)]).await), 1);
    assert_eq!(world.records().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_says_is_checked() {
    let (world, deal) = deal(10).await;
    let later = start() + SignedDuration::from_secs(61);
    let soon = start() + SignedDuration::from_secs(59);
    let stranger = Actor { organization: OrganizationId::new(Uuid::from_u128(9)), ..seller() };
    let foreign = world.service.report(&stranger, vec![report(&deal, "a", 1)]).await.unwrap();
    assert_eq!(foreign, [Reported::Rejected(NotReported::AgreementNotFound)]);
    let reports = vec![
        report_at(&deal, "b", 1, later),
        report_at(&deal, "c", 1, start() - SignedDuration::from_secs(1)),
        Report { capability: Some("other".parse().unwrap()), ..report(&deal, "d", 1) },
        Report { listing: Some(kernel::id::ListingId::new(Uuid::nil())), ..report(&deal, "e", 1) },
        Report { usage: vec![(Meter::Image, Quantity(1))], ..report(&deal, "f", 1) },
        report_at(&deal, "g", 1, soon),
    ];
    let outcomes = told(&world, reports).await;
    let rejections = outcomes.iter().filter_map(|outcome| match outcome {
        Reported::Rejected(rejection) => Some(*rejection),
        Reported::Accepted(_) | Reported::Duplicate(_) | Reported::Conflict(_) => None,
    });
    let expected = [
        NotReported::InFuture,
        NotReported::NotInForce,
        NotReported::CapabilityNotCovered,
        NotReported::ListingMismatch,
        NotReported::NotCovered,
    ];
    assert_eq!(rejections.collect::<Vec<_>>(), expected);
    let records = world.records().await;
    assert_eq!((records.len(), records[0].admitted_at), (1, start()), "a clock a little ahead counts as now");
    let powerless = Actor { scopes: Scopes::default(), ..seller() };
    assert!(matches!(world.service.report(&powerless, vec![]).await, Err(Turned::Forbidden(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_too_many_reports_wait_the_next_are_turned_away_and_none_is_lost() {
    let deal = Deal::priced(Upstream::start().await.endpoint("echo"), 0);
    let limits = Limits { settlement: Duration::from_mins(1), ..LIMITS };
    let world = World::over(TestLog::default(), std::slice::from_ref(&deal), limits).await;
    world.log.block("usage");
    let waiting: Vec<_> = (0..ROOM / REPORTS_MAX)
        .map(|round| {
            let reports = (0..REPORTS_MAX).map(|n| report(&deal, &format!("{round} {n}"), 1)).collect();
            let service = Arc::clone(&world.service);
            tokio::spawn(async move { service.report(&seller(), reports).await })
        })
        .collect();
    while world.service.room.available_permits() >= REPORTS_MAX {
        tokio::task::yield_now().await;
    }
    let more = (0..REPORTS_MAX).map(|n| report(&deal, &format!("more {n}"), 1)).collect::<Vec<_>>();
    assert_eq!(world.service.report(&seller(), more.clone()).await, Err(Turned::Busy));
    world.log.unblock();
    for outcomes in futures::future::join_all(waiting).await {
        assert_eq!(accepted(&outcomes.unwrap().unwrap()), REPORTS_MAX);
    }
    assert_eq!(accepted(&told(&world, more).await), REPORTS_MAX);
    assert_eq!(world.service.room.available_permits(), ROOM);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_reports_are_on_the_next_invoice() {
    let (world, deal) = deal(2).await;
    world.invoke(call("in time")).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(10));
    let first = world.close(&deal, start(), "first").await.unwrap();
    world.follow().await;
    world.history.catch_up(&world.log).await;
    let opened = world.service.meters().account(deal.agreement()).unwrap().opened_at();
    assert_eq!(accepted(&told(&world, vec![report(&deal, "late", 4), report(&deal, "later", 1)]).await), 2);
    let records = world.records().await;
    assert_eq!((records[1].period_start, records[1].billed_start), (start(), opened));
    let splits = records.iter().map(|record| record.lines[0].split).map(|split| (split.free.0, split.value_added.0));
    assert_eq!(splits.collect::<Vec<_>>(), [(1, 0), (1, 3), (0, 1)]);
    world.clock.advance(SignedDuration::from_secs(10));
    let second = world.close(&deal, opened, "second").await.unwrap();
    let invoices = world.invoices().await;
    assert_eq!((invoices[&first].calls, invoices[&second].calls), (1, 2));
    let [line] = invoices[&second].lines.as_slice() else { panic!("{:?}", invoices[&second]) };
    let LineItem::Correction { service, split, .. } = &line.item else { panic!("{line:?}") };
    assert_eq!((service.start, service.end, split.value_added), (start(), opened, Quantity(4)));
    assert_eq!(line.exact, "0.04");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_reports_of_an_ended_agreement_wait_for_the_end_of_the_calendar_period() {
    let (world, deal) = deal(0).await;
    let (noon, midnight) = (start() + SignedDuration::from_hours(4), start() + SignedDuration::from_hours(16));
    world.clock.advance(SignedDuration::from_hours(2));
    world.cancel(&deal).await;
    assert_eq!(world.service.due(world.now()), [(deal.agreement(), start())], "the end is billed at once");
    world.close(&deal, start(), "the end").await.unwrap();
    world.follow().await;
    world.history.catch_up(&world.log).await;
    assert_eq!(accepted(&told(&world, vec![report(&deal, "late", 1), report(&deal, "later", 1)]).await), 2);
    let ended = world.service.meters().account(deal.agreement()).unwrap().opened_at();
    world.history.catch_up(&world.log).await;
    for world in [&world, &world.restarted().await] {
        assert_eq!((world.service.due(noon), world.service.due(midnight)), (vec![], vec![(deal.agreement(), ended)]));
    }
    world.clock.advance(SignedDuration::from_hours(14));
    let invoice = world.close(&deal, ended, "midnight").await.unwrap();
    assert_eq!(world.invoices().await[&invoice].calls, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_node_records_no_report() {
    let (world, deal) = deal(0).await;
    world.log.doom("usage", &[crate::tests::logs::Fate::Overtaken]);
    let refused = Reported::Rejected(NotReported::NotRecorded);
    assert_eq!(told(&world, vec![report(&deal, "a", 1)]).await, std::slice::from_ref(&refused));
    assert_eq!(told(&world, vec![report(&deal, "a", 1)]).await, [refused]);
    assert!(world.records().await.is_empty());
}
