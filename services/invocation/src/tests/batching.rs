//! Which records share a batch, in simulated time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventlog::clock::Clock;
use jiff::SignedDuration;
use kernel::event::{Position, StreamName};
use kernel::id::InvocationId;
use kernel::meter::{Meter, Quantity};
use metering::account::Demand;
use metering::meters::{HoldId, Meters};
use metering::published::owner::Taken;
use metering::published::usage::{Basis, RecordKind};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::batcher::{Answer, Batcher, Draft, Submitter};
use crate::tests::logs::TestLog;
use crate::tests::world::{Deal, TestClock, capability};

/// Shorter than a batch lingers.
const MOMENT: Duration = Duration::from_micros(100);

struct Bench {
    deal: Deal,
    clock: Arc<TestClock>,
    meters: Arc<Mutex<Meters>>,
    submitter: Submitter,
}

impl Bench {
    fn new() -> Self {
        let deal = Deal::priced(String::new(), 1_000);
        let clock = Arc::new(TestClock::at_start());
        let mut meters = Meters::default();
        meters.open(deal.accepted(), clock.now(), Vec::new());
        let meters = Arc::new(Mutex::new(meters));
        let stream = StreamName::new("usage", "n1.1").unwrap();
        let owner = Taken { node: "n1".to_owned(), epoch: 1 };
        let history = watch::channel(None).1;
        let (log, by) = (Arc::new(TestLog::default()), Arc::clone(&clock) as Arc<dyn Clock>);
        let (submitter, _) = Batcher::start(log, Arc::clone(&meters), by, stream, owner, history);
        Self { deal, clock, meters, submitter }
    }

    fn admit(&self) -> HoldId {
        let demand = Demand { meter: Meter::Request, quantity: Quantity(1), basis: Basis::GatewayCounted };
        let (now, later) = (self.clock.now(), self.clock.now() + SignedDuration::from_secs(60));
        self.meters.lock().unwrap().admit(self.deal.agreement(), &[demand], now, later).unwrap()
    }

    async fn submit(&self) -> oneshot::Receiver<Answer> {
        let accepted = self.deal.accepted();
        let draft = Draft {
            kind: RecordKind::Call,
            invocation: InvocationId::new(Uuid::now_v7()),
            buyer: accepted.buyer,
            seller: accepted.seller,
            capability: Some(capability()),
            listing: accepted.listing,
            principal: "test".into(),
            price_version: 1,
            key_hash: [1; 32],
            payload_hash: [2; 32],
        };
        self.submitter.submit(self.admit(), draft).await
    }

    /// Two calls, the second one a moment later: the batches that took them.
    async fn two(&self) -> [Position; 2] {
        let first = self.submit().await;
        sleep(MOMENT).await;
        let second = self.submit().await;
        [first.await.unwrap().unwrap().position, second.await.unwrap().unwrap().position]
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_lingers_while_many_calls_are_under_way() {
    let bench = Bench::new();
    let under_way: Vec<HoldId> = (0..8).map(|_| bench.admit()).collect();
    let [first, second] = bench.two().await;
    assert_eq!(first, second);
    bench.meters.lock().unwrap().release(under_way[0]);
    let [first, second] = bench.two().await;
    assert_ne!(first, second, "seven are too few");
}

#[tokio::test(start_paused = true)]
async fn who_calls_alone_does_not_wait() {
    let bench = Bench::new();
    let begun = Instant::now();
    for _ in 0..3 {
        bench.submit().await.await.unwrap().unwrap();
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_with_company_enough_does_not_wait() {
    let bench = Bench::new();
    let _under_way: Vec<HoldId> = (0..8).map(|_| bench.admit()).collect();
    let begun = Instant::now();
    let mut answers = Vec::new();
    for _ in 0..16 {
        answers.push(bench.submit().await);
    }
    for answer in answers {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
