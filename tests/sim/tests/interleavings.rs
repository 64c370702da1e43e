//! Every order of threads that shuttle finds: the meters behind their lock with the batcher, and the memory of keys.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot get fails it")]

use std::panic::catch_unwind;
use std::sync::Arc as StdArc;

use agreements::published::agreement::Accepted;
use agreements::published::market::MarketTerms;
use agreements::published::terms::{MeterTerms, Price, Terms};
use invocation::call::{Invocation, InvokeError};
use invocation::replies::{Lookup, Replies};
use jiff::{SignedDuration, Timestamp};
use kernel::event::Position;
use kernel::id::{AgreementId, InvocationId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use metering::account::{Demand, Refusal};
use metering::meters::{HoldId, Meters, Settlement};
use metering::published::usage::{Basis, RecordKind, Split, UsageRecord};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;
use uuid::Uuid;

const STREAM: &str = "usage-n1.1";
const INCLUDED: u64 = 5;
const CALLERS: u64 = 4;
/// Orders tried by each check.
const ORDERS: usize = 3_000;

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn agreement() -> AgreementId {
    AgreementId::new(Uuid::from_u128(1))
}

fn metered(is_priced: bool) -> Meters {
    let party = Uuid::from_u128(9);
    let price = is_priced.then(|| Price::PerUnit { unit: "0.01".parse().unwrap() });
    let accepted = Accepted {
        agreement: agreement(),
        offer: OfferId::new(party),
        price_version: 1,
        listing: ListingId::new(party),
        listing_version: 1,
        capabilities: vec!["echo".parse().unwrap()],
        licence: None,
        provider: ProviderId::new(party),
        seller: OrganizationId::new(party),
        buyer: OrganizationId::new(party),
        terms: Terms {
            currency: Currency::Cny,
            period: BillingPeriod::Year,
            flat_fee: None,
            meters: vec![MeterTerms { meter: Meter::Character, included: Quantity(INCLUDED), price }],
        },
        market: MarketTerms::DEFAULT,
        calendar: Calendar::starting(start(), "UTC".parse().unwrap(), BillingPeriod::Year).unwrap(),
        starts_at: start(),
    };
    let mut meters = Meters::default();
    meters.open(accepted, start(), Vec::new());
    meters
}

/// Calls that wait for the batcher, and callers that may still send one.
struct Queue {
    waiting: Vec<HoldId>,
    callers: u64,
}

/// What the batcher has appended.
type Log = Arc<Mutex<Vec<(u64, Split)>>>;

/// Admits, and then goes away or has the call settled.
fn call(meters: &Mutex<Meters>, quantity: u64, queue: &Mutex<Queue>) {
    let demand = Demand { meter: Meter::Character, quantity: Quantity(quantity), basis: Basis::GatewayCounted };
    let admitted =
        meters.lock().unwrap().admit(agreement(), &[demand], start(), start() + SignedDuration::from_secs(1));
    let hold = match admitted {
        Ok(hold) => hold,
        Err(Refusal::AllowanceExhausted(_) | Refusal::Closing) => return,
        Err(refusal) => panic!("{refusal}"),
    };
    thread::yield_now();
    if thread_rng().gen_range(0..4) == 0 {
        meters.lock().unwrap().release(hold);
    } else {
        queue.lock().unwrap().waiting.push(hold);
    }
}

/// Settles what waits, appends it outside of the lock, and takes it back when the log refused it.
fn batch(meters: &Mutex<Meters>, queue: &Mutex<Queue>, log: &Log) {
    loop {
        let (holds, callers) = {
            let mut queue = queue.lock().unwrap();
            (std::mem::take(&mut queue.waiting), queue.callers)
        };
        if holds.is_empty() && callers == 0 {
            return;
        }
        thread::yield_now();
        let settlements: Vec<Settlement> = {
            let mut meters = meters.lock().unwrap();
            holds.into_iter().filter_map(|hold| meters.settle(hold, STREAM).ok()).collect()
        };
        thread::yield_now();
        let is_written = thread_rng().gen_range(0..3) > 0;
        if is_written {
            let records = settlements.iter().map(|it| (it.settled.sequence, it.settled.lines[0].split));
            let position = {
                let mut log = log.lock().unwrap();
                log.extend(records);
                Position(u64::try_from(log.len()).unwrap())
            };
            meters.lock().unwrap().confirm(settlements.iter(), position);
        } else {
            meters.lock().unwrap().unsettle(settlements.iter());
        }
    }
}

/// Callers, batchers and the clock that expires holds, all at once; then everything must add up.
fn race(batchers: usize, is_priced: bool) {
    let meters = Arc::new(Mutex::new(metered(is_priced)));
    let log: Log = Arc::default();
    let queue = Arc::new(Mutex::new(Queue { waiting: Vec::new(), callers: CALLERS }));
    let mut threads = Vec::new();
    for caller in 0..CALLERS {
        let (meters, queue) = (Arc::clone(&meters), Arc::clone(&queue));
        threads.push(thread::spawn(move || {
            call(&meters, caller + 1, &queue);
            queue.lock().unwrap().callers -= 1;
        }));
    }
    for _ in 0..batchers {
        let (meters, queue, log) = (Arc::clone(&meters), Arc::clone(&queue), Arc::clone(&log));
        threads.push(thread::spawn(move || batch(&meters, &queue, &log)));
    }
    let clock = Arc::clone(&meters);
    threads.push(thread::spawn(move || _ = clock.lock().unwrap().expire(start() + SignedDuration::from_secs(2))));
    for thread in threads {
        thread.join().unwrap();
    }
    check(&meters.lock().unwrap(), &log.lock().unwrap());
}

fn check(meters: &Meters, log: &[(u64, Split)]) {
    let sequences: Vec<u64> = log.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(sequences, (1..).take(log.len()).collect::<Vec<u64>>(), "gapless, in the log's order");
    let mut used = 0;
    for (_, split) in log {
        let quantity = split.free.0 + split.value_added.0;
        assert_eq!(split.free.0, quantity.min(INCLUDED - used), "free up to the last unit, in the log's order");
        used += split.free.0;
    }
    let account = meters.account(agreement()).unwrap();
    let (_, allowances) = meters.allowances(agreement(), start()).unwrap();
    assert_eq!((allowances[0].used.0, allowances[0].held.0), (used, 0), "nothing leaks");
    assert!(!account.is_busy(start()), "every call has ended");
    assert_eq!(account.usage(start()).calls, u64::try_from(log.len()).unwrap());
}

#[test]
fn counters_are_exact_in_every_order() {
    shuttle::check_random(|| race(1, true), ORDERS);
    shuttle::check_random(|| race(1, false), ORDERS);
    shuttle::check_pct(|| race(1, true), ORDERS, 3);
}

#[test]
fn two_batchers_on_one_meter_are_caught() {
    let caught = catch_unwind(|| shuttle::check_random(|| race(2, true), ORDERS));
    assert!(caught.is_err(), "only one append may be in flight");
}

const KEY: [u8; 32] = [7; 32];
const PAYLOAD: [u8; 32] = [8; 32];

/// What calls by one key led to.
#[derive(Default)]
struct Bill {
    /// Runs that reached the provider and have not failed before the log had them.
    charged: Mutex<u64>,
    under_way: Mutex<u64>,
}

fn answered(number: u64) -> StdArc<Invocation> {
    let id = Uuid::from_u128(1);
    let record = UsageRecord {
        invocation: InvocationId::new(Uuid::from_u128(number.into())),
        kind: RecordKind::Call,
        agreement: AgreementId::new(id),
        sequence: 1,
        buyer: OrganizationId::new(id),
        seller: OrganizationId::new(id),
        capability: Some("echo-text".parse().unwrap()),
        listing: ListingId::new(id),
        principal: String::new(),
        lines: vec![],
        price_version: 1,
        admitted_at: start(),
        settled_at: start(),
        period_start: start(),
        billed_start: start(),
        key_hash: KEY,
        payload_hash: PAYLOAD,
    };
    StdArc::new(Invocation {
        record,
        currency: Currency::Cny,
        estimates: vec![],
        output: StdArc::default(),
        position: Position(1),
        index: 0,
        repeated: false,
    })
}

/// One caller: runs the call, or waits for whoever does. `tells` whether it says that it handed the call to the batcher.
fn invoke(replies: &Replies, bill: &Bill, tells: bool) {
    match replies.begin(KEY, PAYLOAD) {
        Lookup::Conflict => panic!("the payload is the same"),
        Lookup::Answered(invocation) => assert_eq!(invocation.id(), answered(1).id()),
        Lookup::UnderWay(outcome) => {
            while outcome.borrow().is_none() {
                thread::yield_now();
            }
        }
        Lookup::First(running) => {
            *bill.under_way.lock().unwrap() += 1;
            assert_eq!(*bill.under_way.lock().unwrap(), 1, "one upstream call at a time");
            thread::yield_now();
            let fate = thread_rng().gen_range(0..4);
            *bill.under_way.lock().unwrap() -= 1;
            match fate {
                // The provider failed: nothing was handed to the batcher.
                0 => running.finish(Err(InvokeError::NotRecorded), start()),
                // Recorded, but the task was torn down before it could say so.
                1 => {
                    if tells {
                        running.submitted();
                    }
                    *bill.charged.lock().unwrap() += 1;
                    drop(running);
                }
                _ => {
                    running.submitted();
                    *bill.charged.lock().unwrap() += 1;
                    running.finish(Ok(answered(1)), start());
                }
            }
        }
    }
}

fn race_for_a_key(tells: bool) {
    let (replies, bill) = (Replies::default(), Arc::new(Bill::default()));
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let (replies, bill) = (replies.clone(), Arc::clone(&bill));
            thread::spawn(move || invoke(&replies, &bill, tells))
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    let charged = *bill.charged.lock().unwrap();
    assert!(charged <= 1, "charged {charged} times");
}

#[test]
fn a_key_is_one_call_and_one_charge_in_every_order() {
    shuttle::check_random(|| race_for_a_key(true), ORDERS);
    shuttle::check_pct(|| race_for_a_key(true), ORDERS, 3);
}

#[test]
fn a_call_that_frees_its_key_after_it_was_billed_is_caught() {
    assert!(catch_unwind(|| shuttle::check_random(|| race_for_a_key(false), ORDERS)).is_err());
}
