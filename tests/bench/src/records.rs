//! Usage records made durable: through the meter's batcher, and by a bare preallocated file with the same group commit.
//!
//! Callers submit one record each, or a hundred at once, and wait until they are on disk, then submit the next. Batcher
//! and file take turns.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use agreements::published::agreement::Accepted;
use agreements::published::market::{BasisPoints, MarketTerms};
use agreements::published::terms::{MeterTerms, Terms};
use anyhow::{Context, Result, ensure};
use eventlog::clock::{Clock, SystemClock};
use eventlog::port::EventLog;
use eventlog::sqlite::{Options, SqliteLog};
use invocation::batcher::{Batcher, Draft, ReportAnswer, ReportDraft, Submitter};
use kernel::event::{Position, StreamName};
use kernel::id::{AgreementId, InvocationId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::merkle;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use kernel::slug::Slug;
use metering::account::Demand;
use metering::body::salt;
use metering::meters::Meters;
use metering::published::owner::Taken;
use metering::published::usage::{Basis, RecordKind};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Plan;
use crate::load::Sample;

/// A record as it comes from a call.
const RECORD_BYTES: usize = 320;
/// The bare file is written from its start again when it is full.
const FILE_BYTES: u64 = 256 * 1024 * 1024;
const HOLD: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// How often what follows the log looks at it.
const FOLLOWED_EVERY: Duration = Duration::from_millis(10);

/// Records of a large submission.
const MANY: u32 = 100;

/// What the two did, turn by turn: records per second.
#[derive(Default)]
pub struct Turns {
    /// Through the batcher, into the log.
    pub batcher: Vec<Sample>,
    /// Into a bare file.
    pub bare: Vec<Sample>,
}

/// What was found.
pub struct Records {
    /// Of submissions of one record.
    pub single: Turns,
    /// Of submissions of a hundred.
    pub many: Turns,
    /// Salted leaves and roots of batches, on one core: records per second.
    pub trees: f64,
}

/// Lets them take turns on files in a directory.
pub fn measure(plan: &Plan, directory: &Path) -> Result<Records> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let metered = Metered::start(&directory.join("records"))?;
        let reported = Reported(Metered::start(&directory.join("reports"))?);
        let bare = Bare::start(&directory.join("bare"), 1)?;
        let bare_many = Bare::start(&directory.join("bare-many"), MANY)?;
        Ok(Records {
            single: turns(plan, &metered, &bare).await?,
            many: turns(plan, &reported, &bare_many).await?,
            trees: trees(),
        })
    })
}

/// What the receipts cost beside everything else: salts, leaves and roots of full batches.
fn trees() -> f64 {
    const BATCH: u32 = 4_096;
    const BATCHES: u32 = 100;
    let (record, seed) = ([0x5a; RECORD_BYTES], [7; 32]);
    let begun = Instant::now();
    for _ in 0..BATCHES {
        let leaves: Vec<_> = (0..BATCH).map(|index| merkle::leaf(&[&salt(&seed, index.into()), &record])).collect();
        std::hint::black_box(merkle::root(&leaves));
    }
    f64::from(BATCHES * BATCH) / begun.elapsed().as_secs_f64()
}

async fn turns(plan: &Plan, batcher: &impl Durable, bare: &impl Durable) -> Result<Turns> {
    let mut turns = Turns::default();
    for _ in 0..plan.rounds {
        turns.batcher.push(turn(plan, batcher).await?);
        turns.bare.push(turn(plan, bare).await?);
    }
    Ok(turns)
}

/// Something that makes records durable, for many callers.
trait Durable: Clone + Send + Sync + 'static {
    /// Records put at once.
    fn size(&self) -> u32;
    fn put(&self) -> impl Future<Output = Result<()>> + Send;
}

async fn turn(plan: &Plan, durable: &impl Durable) -> Result<Sample> {
    let start = Instant::now() + plan.warm_up;
    let end = start + plan.turn;
    let mut callers = JoinSet::new();
    for _ in 0..plan.connections {
        callers.spawn(call(durable.clone(), start, end));
    }
    let mut latencies_us = Vec::new();
    while let Some(called) = callers.join_next().await {
        latencies_us.extend(called??);
    }
    latencies_us.sort_unstable();
    let count = u32::try_from(latencies_us.len())?;
    let count = count.saturating_mul(durable.size());
    let calls_per_second = f64::from(count) / plan.turn.as_secs_f64();
    Ok(Sample { answered: count.into(), calls_per_second, latencies_us })
}

async fn call(durable: impl Durable, start: Instant, end: Instant) -> Result<Vec<u32>> {
    let mut latencies = Vec::new();
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(latencies);
        }
        durable.put().await?;
        if sent >= start {
            latencies.push(u32::try_from(sent.elapsed().as_micros())?);
        }
    }
}

/// The meter as the platform has it: hold, classify, append.
#[derive(Clone)]
struct Metered {
    meters: Arc<Mutex<Meters>>,
    submitter: Submitter,
    draft: Arc<Draft>,
    next: Arc<AtomicU64>,
    agreement: AgreementId,
    history: watch::Receiver<Option<Position>>,
    room: Arc<Semaphore>,
    _log: SqliteLog,
}

impl Metered {
    fn start(directory: &Path) -> Result<Self> {
        let log = SqliteLog::open(directory, &Options::default())?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let accepted = accepted(clock.now())?;
        let (agreement, starts_at) = (accepted.agreement, accepted.starts_at);
        let (draft, next) = (Arc::new(draft(&accepted)?), Arc::default());
        let mut meters = Meters::default();
        meters.open(accepted, starts_at, Vec::new());
        let meters = Arc::new(Mutex::new(meters));
        let shared: Arc<dyn EventLog> = Arc::new(log.clone());
        let stream = StreamName::new("usage", "bench.1")?;
        let history = followed(&shared);
        let owner = Taken { node: "bench".to_owned(), epoch: 1 };
        let (submitter, _) = Batcher::start(shared, Arc::clone(&meters), clock, stream, owner, history.clone());
        let room = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        Ok(Self { meters, submitter, draft, next, agreement, history, room, _log: log })
    }

    /// Numbers that nobody had before.
    fn numbers(&self, count: u32) -> Range<u64> {
        let first = self.next.fetch_add(count.into(), Ordering::Relaxed);
        first..first + u64::from(count)
    }

    /// What is known of a record. Its id and its hashes look as random as all do, and take no time to make.
    fn draft(&self, number: u64, kind: RecordKind) -> Draft {
        let mut random = fastrand::Rng::with_seed(number);
        let (mut key_hash, mut payload_hash) = ([0; 32], [0; 32]);
        random.fill(&mut key_hash);
        random.fill(&mut payload_hash);
        let invocation = InvocationId::new(Uuid::from_u128(random.u128(..)));
        Draft { kind, invocation, key_hash, payload_hash, ..Draft::clone(&self.draft) }
    }
}

/// How far the log has come, as the platform's index of keys follows it: what comes within a moment, together.
fn followed(log: &Arc<dyn EventLog>) -> watch::Receiver<Option<Position>> {
    let (reached, history) = watch::channel(None);
    let log = Arc::clone(log);
    tokio::spawn(async move {
        while !reached.is_closed() {
            if let Ok(head) = log.head().await {
                reached.send_replace(head);
            }
            tokio::time::sleep(FOLLOWED_EVERY).await;
        }
    });
    history
}

/// The same meter, with reports.
#[derive(Clone)]
struct Reported(Metered);

impl Durable for Reported {
    fn size(&self) -> u32 {
        MANY
    }

    async fn put(&self) -> Result<()> {
        let Self(metered) = self;
        let (used_at, numbers) = (SystemClock.now(), metered.numbers(MANY));
        let report = |number| {
            let demand = Demand { meter: Meter::Request, quantity: Quantity(1), basis: Basis::ProviderReported };
            let draft = metered.draft(number, RecordKind::Report);
            ReportDraft { draft, agreement: metered.agreement, demands: vec![demand], used_at }
        };
        let place = Arc::new(Arc::clone(&metered.room).acquire_many_owned(MANY).await?);
        let answers = loop {
            // The history goes on meanwhile; then it is to be asked again.
            let checked = *metered.history.borrow();
            let reports = numbers.clone().map(report).collect();
            let answers = metered.submitter.report(reports, checked, Arc::clone(&place)).await.await?;
            if let Ok(answers) = answers {
                break answers;
            }
        };
        ensure!(answers.iter().all(|answer| matches!(answer, ReportAnswer::Recorded(_))), "a report was not recorded");
        Ok(())
    }
}

impl Durable for Metered {
    fn size(&self) -> u32 {
        1
    }

    async fn put(&self) -> Result<()> {
        let now = SystemClock.now();
        let demand = Demand { meter: Meter::Request, quantity: Quantity(1), basis: Basis::GatewayCounted };
        let hold = {
            let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
            meters.admit(self.agreement, &[demand], now, now.checked_add(HOLD)?)?
        };
        let draft = self.draft(self.numbers(1).start, RecordKind::Call);
        self.submitter.submit(hold, draft).await.await??;
        Ok(())
    }
}

fn accepted(now: jiff::Timestamp) -> Result<Accepted> {
    let party = Uuid::from_u128(9);
    let meters = vec![MeterTerms { meter: Meter::Request, included: Quantity(u64::MAX >> 8), price: None }];
    Ok(Accepted {
        agreement: AgreementId::new(Uuid::from_u128(1)),
        offer: OfferId::new(party),
        price_version: 1,
        listing: ListingId::new(party),
        listing_version: 1,
        capabilities: vec![capability()?],
        licence: None,
        provider: ProviderId::new(party),
        seller: OrganizationId::new(party),
        buyer: OrganizationId::new(party),
        terms: Terms { currency: Currency::Cny, period: BillingPeriod::Month, flat_fee: None, meters },
        market: MarketTerms { commission: BasisPoints::ZERO, tax: BasisPoints::ZERO },
        calendar: Calendar::starting(now, "UTC".parse()?, BillingPeriod::Month)?,
        starts_at: now,
    })
}

fn capability() -> Result<Slug> {
    Ok("language-identification".parse()?)
}

fn draft(accepted: &Accepted) -> Result<Draft> {
    Ok(Draft {
        kind: RecordKind::Call,
        invocation: InvocationId::new(Uuid::nil()),
        buyer: accepted.buyer,
        seller: accepted.seller,
        capability: Some(capability()?),
        listing: accepted.listing,
        principal: "key_01m8jx368kehjb0qfhe8zx20jz".into(),
        price_version: accepted.price_version,
        key_hash: [1; 32],
        payload_hash: [2; 32],
    })
}

/// A file that exists already, written in groups and flushed once a group.
#[derive(Clone)]
struct Bare {
    /// Records put at once.
    size: u32,
    waiting: mpsc::Sender<oneshot::Sender<()>>,
}

impl Bare {
    fn start(path: &Path, size: u32) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let zeros = vec![0; 1024 * 1024];
        for offset in (0..FILE_BYTES).step_by(zeros.len()) {
            file.write_all_at(&zeros, offset)?;
        }
        file.sync_all()?;
        let (sender, waiting) = mpsc::channel(16_384);
        let bytes = RECORD_BYTES.saturating_mul(usize::try_from(size)?);
        std::thread::spawn(move || write(&file, bytes, waiting));
        Ok(Self { size, waiting: sender })
    }
}

/// Writes what waits as one group; what arrives meanwhile forms the next.
fn write(file: &File, bytes_each: usize, mut waiting: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut group = Vec::with_capacity(4096);
    let mut offset = 0;
    while waiting.blocking_recv_many(&mut group, 4096) > 0 {
        let bytes = vec![0x5a; bytes_each.saturating_mul(group.len())];
        if offset + bytes.len() as u64 > FILE_BYTES {
            offset = 0;
        }
        if file.write_all_at(&bytes, offset).and_then(|()| file.sync_data()).is_err() {
            return;
        }
        offset += bytes.len() as u64;
        for answer in group.drain(..) {
            // A caller that has gone away is no failure.
            _ = answer.send(());
        }
    }
}

impl Durable for Bare {
    fn size(&self) -> u32 {
        self.size
    }

    async fn put(&self) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.waiting.send(answer).await.ok().context("the bare file failed")?;
        answered.await.context("the bare file failed")
    }
}
