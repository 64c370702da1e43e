//! The memory of calls' keys: a key is one call and one charge.

use std::panic::catch_unwind;
use std::sync::Arc as StdArc;

use invocation::call::{Invocation, InvokeError};
use invocation::replies::{Lookup, Replies};
use kernel::event::Position;
use kernel::id::{AgreementId, InvocationId, ListingId, OrganizationId};
use kernel::money::Currency;
use metering::published::usage::{RecordKind, UsageRecord};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;
use uuid::Uuid;

use super::{ORDERS, start};

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
        principal: "".into(),
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
