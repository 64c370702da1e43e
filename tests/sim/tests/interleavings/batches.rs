//! The batcher's own step: calls and reports arrive, a log refuses, a history of keys lags, and holds expire.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::catch_unwind;
use std::sync::Arc as StdArc;
use std::sync::Mutex as StdMutex;

use agreements::published::agreement::Accepted;
use agreements::published::market::MarketTerms;
use agreements::published::terms::{MeterTerms, Price, Terms};
use invocation::batcher::{
    Desk, Draft, NotSettled, ReportAnswer, ReportDraft, Reports, Stale, Submission, Submitted, Written,
};
use jiff::SignedDuration;
use kernel::event::{Position, StreamName};
use kernel::id::{AgreementId, InvocationId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use metering::account::{Demand, Refusal};
use metering::meters::{HoldId, Meters};
use metering::published::usage::{Basis, RecordKind, UsageRecord};
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;
use tokio::sync::Semaphore;
use tokio::sync::oneshot::{self, error::TryRecvError};
use uuid::Uuid;

use super::{ORDERS, start};

const INCLUDED: u64 = 5;
/// Places for reports that wait.
const PLACES: usize = 8;
/// Turns that holds last at the most.
const PATIENCE: usize = 60;
/// How often a reporter tries until it gives up.
const TRIES: usize = 5;
/// Between two batches: long enough that the desk forgets at the next one what the history has at this one.
const PACE: SignedDuration = SignedDuration::from_millis(250);

/// What is to be caught when it is done wrong.
#[derive(Clone, Copy)]
struct Rules {
    is_priced: bool,
    batchers: usize,
    /// So many batches the history claims to have and does not.
    claimed: usize,
}

const RIGHT: Rules = Rules { is_priced: true, batchers: 1, claimed: 0 };

/// How often what happened, in all orders together.
type Happened = StdArc<StdMutex<BTreeMap<&'static str, u64>>>;

/// What a reporter tells: a key, what it says by it, and how much was used.
#[derive(Clone, Copy)]
struct Told {
    key: u8,
    payload: u8,
    quantity: u64,
}

const fn told(key: u8, payload: u8, quantity: u64) -> Told {
    Told { key, payload, quantity }
}

/// Submissions that wait for the batcher, and clients who may still come.
struct Queue {
    waiting: Vec<Submitted>,
    clients: usize,
}

/// The keys that are indexed, up to a batch.
#[derive(Default)]
struct History {
    keys: HashMap<[u8; 32], InvocationId>,
    indexed: usize,
    cursor: Option<Position>,
}

/// What all threads share.
struct World {
    rules: Rules,
    meters: Mutex<Meters>,
    queue: Mutex<Queue>,
    /// Batch by batch; the first is at position 1.
    log: Mutex<Vec<Vec<UsageRecord>>>,
    history: Mutex<History>,
    places: StdArc<Semaphore>,
    happened: Happened,
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

fn characters(quantity: u64) -> Vec<Demand> {
    vec![Demand { meter: Meter::Character, quantity: Quantity(quantity), basis: Basis::GatewayCounted }]
}

fn draft(kind: RecordKind, key: u8, payload: u8) -> Draft {
    let party = Uuid::from_u128(9);
    Draft {
        kind,
        invocation: InvocationId::new(Uuid::new_v5(&Uuid::nil(), &[key, payload])),
        buyer: OrganizationId::new(party),
        seller: OrganizationId::new(party),
        capability: None,
        listing: ListingId::new(party),
        principal: "".into(),
        price_version: 1,
        key_hash: [key; 32],
        payload_hash: [payload; 32],
    }
}

fn wait<T>(mut answer: oneshot::Receiver<T>) -> T {
    loop {
        match answer.try_recv() {
            Ok(answer) => return answer,
            Err(TryRecvError::Empty) => thread::yield_now(),
            Err(TryRecvError::Closed) => panic!("nobody answers"),
        }
    }
}

impl World {
    fn new(rules: Rules, clients: usize, happened: Happened) -> Self {
        Self {
            rules,
            meters: Mutex::new(metered(rules.is_priced)),
            queue: Mutex::new(Queue { waiting: Vec::new(), clients }),
            log: Mutex::default(),
            history: Mutex::default(),
            places: StdArc::new(Semaphore::new(PLACES)),
            happened,
        }
    }

    fn count(&self, what: &'static str) {
        *self.happened.lock().unwrap().entry(what).or_default() += 1;
    }

    /// What the log has under a key.
    fn recorded(&self, key: u8) -> Option<UsageRecord> {
        self.log.lock().unwrap().iter().flatten().find(|record| record.key_hash == [key; 32]).cloned()
    }

    fn is_over(&self) -> bool {
        self.queue.lock().unwrap().clients == 0
    }

    /// A call: admits, and then goes away or has it settled.
    fn call(&self, key: u8, quantity: u64) {
        let expires_at = start() + SignedDuration::from_secs(1);
        let admitted = self.meters.lock().unwrap().admit(agreement(), &characters(quantity), start(), expires_at);
        let hold = match admitted {
            Ok(hold) => hold,
            Err(Refusal::AllowanceExhausted(_)) => return self.count("call refused"),
            Err(refusal) => panic!("{refusal}"),
        };
        thread::yield_now();
        if thread_rng().gen_range(0..4) == 0 {
            self.meters.lock().unwrap().release(hold);
        } else {
            self.settle(key, hold);
        }
    }

    fn settle(&self, key: u8, hold: HoldId) {
        let (reply, answer) = oneshot::channel();
        let submission = Submission { hold, draft: draft(RecordKind::Call, key, 0), reply };
        self.queue.lock().unwrap().waiting.push(Submitted::Call(Box::new(submission)));
        match wait(answer) {
            Ok(Written { record, position, index }) => {
                assert_eq!(record.key_hash, [key; 32], "its own record");
                let batch = usize::try_from(position.0).unwrap() - 1;
                assert_eq!(self.log.lock().unwrap()[batch][usize::try_from(index).unwrap()], record);
                self.count("call recorded");
            }
            Err(error) => {
                assert_eq!(self.recorded(key), None, "{error}");
                self.count(if error == NotSettled::HoldExpired { "call expired" } else { "call not recorded" });
            }
        }
    }

    /// Reports, until all of it is known for certain or patience ends.
    fn report(&self, told: &[Told]) {
        let mut left = told.to_vec();
        for _ in 0..TRIES {
            let checked = self.tell_known(&mut left);
            if left.is_empty() {
                return;
            }
            thread::yield_now();
            match self.submit(&left, checked) {
                Ok(answers) => {
                    let mut answers = answers.into_iter();
                    left.retain(|told| !self.is_definite(*told, &answers.next().unwrap()));
                }
                Err(Stale) => self.count("stale"),
            }
        }
    }

    /// Looks keys up; says up to where the index reached before.
    fn tell_known(&self, left: &mut Vec<Told>) -> Option<Position> {
        let checked = self.history.lock().unwrap().cursor;
        thread::yield_now();
        let history = self.history.lock().unwrap();
        left.retain(|told| !history.keys.contains_key(&[told.key; 32]));
        checked
    }

    fn submit(&self, told: &[Told], checked: Option<Position>) -> Result<Vec<ReportAnswer>, Stale> {
        let (reply, answer) = oneshot::channel();
        let report = |told: &Told| ReportDraft {
            draft: draft(RecordKind::Report, told.key, told.payload),
            agreement: agreement(),
            demands: characters(told.quantity),
            used_at: start(),
        };
        let place = StdArc::new(StdArc::clone(&self.places).try_acquire_owned().unwrap());
        let reports = Reports { drafts: told.iter().map(report).collect(), checked, place, reply };
        self.queue.lock().unwrap().waiting.push(Submitted::Reports(reports));
        wait(answer)
    }

    fn is_definite(&self, told: Told, answer: &ReportAnswer) -> bool {
        let recorded = self.recorded(told.key);
        let known = recorded.as_ref().map(|record| (record.invocation, record.payload_hash == [told.payload; 32]));
        match *answer {
            ReportAnswer::Recorded(invocation) => assert_eq!(known, Some((invocation, true)), "recorded"),
            ReportAnswer::Known { invocation, same } => {
                assert_eq!(known, Some((invocation, same)), "known");
                self.count(if same { "known" } else { "conflict" });
            }
            ReportAnswer::Refused(Refusal::AllowanceExhausted(_)) => self.count("report refused"),
            ReportAnswer::Refused(refusal) => panic!("{refusal}"),
            ReportAnswer::NotRecorded => {
                self.count("report not recorded");
                return false;
            }
        }
        true
    }

    /// Settles what waits, appends it outside of the lock, and concludes it by what became of that.
    fn batch(&self) {
        let mut desk = Desk::new(StreamName::new("usage", "n1.1").unwrap());
        let mut settled_at = start();
        while !self.is_over() {
            let mut waiting = std::mem::take(&mut self.queue.lock().unwrap().waiting);
            let history = self.history.lock().unwrap().cursor;
            settled_at += PACE;
            let lock = || self.meters.lock().unwrap();
            let (records, batch) = desk.decide(&mut waiting, history, settled_at, lock);
            thread::yield_now();
            let written = if records.is_empty() { None } else { self.append(records) };
            thread::yield_now();
            desk.conclude(batch, written, lock);
        }
    }

    /// Into the log, unless it refuses.
    fn append(&self, records: Vec<UsageRecord>) -> Option<(Vec<UsageRecord>, Position)> {
        if thread_rng().gen_range(0..3) == 0 {
            return None;
        }
        let mut log = self.log.lock().unwrap();
        log.push(records.clone());
        Some((records, Position(u64::try_from(log.len()).unwrap())))
    }

    /// Follows the log.
    fn index(&self) {
        while !self.is_over() {
            thread::yield_now();
            let mut history = self.history.lock().unwrap();
            let log = self.log.lock().unwrap();
            let indexed = log.len().saturating_sub(self.rules.claimed).max(history.indexed);
            let reports = log[history.indexed..indexed].iter().flatten().filter(|it| it.kind == RecordKind::Report);
            history.keys.extend(reports.map(|record| (record.key_hash, record.invocation)));
            history.indexed = indexed;
            history.cursor = u64::try_from(log.len()).ok().filter(|length| *length > 0).map(Position);
        }
    }

    /// Sooner or later the time of every hold is over.
    fn expire(&self) {
        for _ in 0..thread_rng().gen_range(0..PATIENCE) {
            thread::yield_now();
        }
        _ = self.meters.lock().unwrap().expire(start() + SignedDuration::from_secs(2));
    }

    fn check(&self) {
        let (meters, log) = (self.meters.lock().unwrap(), self.log.lock().unwrap());
        let records: Vec<&UsageRecord> = log.iter().flatten().collect();
        let sequences: Vec<u64> = records.iter().map(|record| record.sequence).collect();
        assert_eq!(sequences, (1..).take(records.len()).collect::<Vec<u64>>(), "gapless, in the log's order");
        let keys: HashSet<_> = records.iter().map(|record| record.key_hash).collect();
        assert_eq!(keys.len(), records.len(), "a key counts once");
        let (mut free, mut value_added) = (0, 0);
        for line in records.iter().map(|record| &record.lines[0]) {
            let quantity = line.split.free.0 + line.split.value_added.0;
            assert_eq!(
                line.split.free.0,
                quantity.min(INCLUDED - free),
                "free up to the last unit, in the log's order"
            );
            assert_eq!(line.before.0, value_added, "its place among what is charged");
            (free, value_added) = (free + line.split.free.0, value_added + line.split.value_added.0);
        }
        assert!(self.rules.is_priced || value_added == 0, "nothing is past an allowance without a price");
        let account = meters.account(agreement()).unwrap();
        let status = meters.allowances(agreement(), start()).unwrap().1[0];
        assert_eq!((status.used.0, status.value_added.0, status.held.0), (free, value_added, 0), "nothing leaks");
        assert!(!account.is_busy(start()), "all calls and reports have ended");
        assert_eq!(account.usage(start()).calls, u64::try_from(records.len()).unwrap());
        assert_eq!(self.places.available_permits(), PLACES, "no place is taken");
    }
}

/// Clients, batchers, the index and the clock that expires holds, all at once; then everything must add up.
fn race(rules: Rules, happened: Happened) {
    let clients: [fn(&World); 5] = [
        |world| world.call(101, 1),
        |world| world.call(102, 3),
        |world| world.call(103, 4),
        |world| {
            world.report(&[told(1, 1, 2), told(2, 1, 1)]);
            world.report(&[told(2, 1, 1), told(1, 1, 2)]);
        },
        |world| world.report(&[told(1, 2, 2), told(1, 1, 2), told(3, 1, 1)]),
    ];
    let world = Arc::new(World::new(rules, clients.len(), happened));
    let spawn = |run: Box<dyn FnOnce(&World) + Send>| {
        let world = Arc::clone(&world);
        thread::spawn(move || run(&world))
    };
    let client = |run: fn(&World)| -> Box<dyn FnOnce(&World) + Send> {
        Box::new(move |world| {
            run(world);
            world.queue.lock().unwrap().clients -= 1;
        })
    };
    let mut threads: Vec<_> = clients.into_iter().map(|run| spawn(client(run))).collect();
    threads.extend((0..rules.batchers).map(|_| spawn(Box::new(World::batch))));
    threads.push(spawn(Box::new(World::index)));
    threads.push(spawn(Box::new(World::expire)));
    for thread in threads {
        thread.join().unwrap();
    }
    world.check();
}

#[test]
fn usage_is_exact_in_every_order() {
    let happened = Happened::default();
    let racing = |rules| {
        let happened = StdArc::clone(&happened);
        move || race(rules, StdArc::clone(&happened))
    };
    shuttle::check_random(racing(RIGHT), ORDERS);
    shuttle::check_random(racing(Rules { is_priced: false, ..RIGHT }), ORDERS);
    shuttle::check_pct(racing(RIGHT), ORDERS, 3);
    let happened = happened.lock().unwrap();
    println!("{happened:?}");
    let all = ["known", "conflict", "stale", "report refused", "report not recorded"];
    let calls = ["call recorded", "call refused", "call expired", "call not recorded"];
    for what in all.into_iter().chain(calls) {
        assert!(happened.get(what).is_some_and(|count| *count > 10), "{what}: {happened:?}");
    }
}

fn is_caught(rules: Rules) -> bool {
    catch_unwind(|| shuttle::check_random(move || race(rules, Happened::default()), ORDERS)).is_err()
}

#[test]
fn two_batchers_on_one_meter_are_caught() {
    assert!(is_caught(Rules { batchers: 2, ..RIGHT }), "only one append may be in flight");
}

#[test]
fn an_index_that_claims_more_keys_than_it_has_is_caught() {
    assert!(is_caught(Rules { claimed: 1, ..RIGHT }), "a key is forgotten only once the index has it");
}
