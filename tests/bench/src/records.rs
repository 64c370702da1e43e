//! Usage records made durable: through the meter's batcher, and by a bare preallocated file with the same group commit.
//!
//! Callers submit one record each and wait until it is on disk, then submit the next. The two take turns.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use agreements::published::agreement::Accepted;
use agreements::published::market::{BasisPoints, MarketTerms};
use agreements::published::terms::{MeterTerms, Terms};
use anyhow::{Context, Result};
use eventlog::clock::{Clock, SystemClock};
use eventlog::port::EventLog;
use eventlog::sqlite::{Options, SqliteLog};
use invocation::batcher::{Batcher, Draft, Submitter};
use kernel::event::StreamName;
use kernel::id::{AgreementId, InvocationId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use kernel::slug::Slug;
use metering::account::Demand;
use metering::meters::Meters;
use metering::published::owner::Taken;
use metering::published::usage::{Basis, RecordKind};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Plan;
use crate::load::Sample;

/// A record as it comes from a call.
const RECORD_BYTES: usize = 320;
/// The bare file is written from its start again when it is full.
const FILE_BYTES: u64 = 256 * 1024 * 1024;
const HOLD: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// What the two did, turn by turn.
#[derive(Default)]
pub struct Records {
    /// Through the batcher, into the log.
    pub batcher: Vec<Sample>,
    /// Into a bare file.
    pub bare: Vec<Sample>,
}

/// Lets them take turns on files in a directory.
pub fn measure(plan: &Plan, directory: &Path) -> Result<Records> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let metered = Metered::start(&directory.join("records"))?;
        let bare = Bare::start(&directory.join("bare"))?;
        let mut records = Records::default();
        for _ in 0..plan.rounds {
            records.batcher.push(turn(plan, &metered).await?);
            records.bare.push(turn(plan, &bare).await?);
        }
        Ok(records)
    })
}

/// Something that makes one record durable at a time, for many callers.
trait Durable: Clone + Send + Sync + 'static {
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
    agreement: AgreementId,
    _log: SqliteLog,
}

impl Metered {
    fn start(directory: &Path) -> Result<Self> {
        let log = SqliteLog::open(directory, &Options::default())?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let accepted = accepted(clock.now())?;
        let (agreement, starts_at) = (accepted.agreement, accepted.starts_at);
        let draft = Arc::new(draft(&accepted)?);
        let mut meters = Meters::default();
        meters.open(accepted, starts_at, Vec::new());
        let meters = Arc::new(Mutex::new(meters));
        let shared: Arc<dyn EventLog> = Arc::new(log.clone());
        let stream = StreamName::new("usage", "bench.1")?;
        let history = watch::channel(None).1;
        let owner = Taken { node: "bench".to_owned(), epoch: 1 };
        let (submitter, _) = Batcher::start(shared, Arc::clone(&meters), clock, stream, owner, history);
        Ok(Self { meters, submitter, draft, agreement, _log: log })
    }
}

impl Durable for Metered {
    async fn put(&self) -> Result<()> {
        let now = SystemClock.now();
        let demand = Demand { meter: Meter::Request, quantity: Quantity(1), basis: Basis::GatewayCounted };
        let hold = {
            let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
            meters.admit(self.agreement, &[demand], now, now.checked_add(HOLD)?)?
        };
        let draft = Draft { invocation: InvocationId::new(Uuid::now_v7()), ..Draft::clone(&self.draft) };
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
        principal: "key_01m8jx368kehjb0qfhe8zx20jz".to_owned(),
        price_version: accepted.price_version,
        key_hash: [1; 32],
        payload_hash: [2; 32],
    })
}

/// A file that exists already, written in groups and flushed once a group.
#[derive(Clone)]
struct Bare(mpsc::Sender<oneshot::Sender<()>>);

impl Bare {
    fn start(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let zeros = vec![0; 1024 * 1024];
        for offset in (0..FILE_BYTES).step_by(zeros.len()) {
            file.write_all_at(&zeros, offset)?;
        }
        file.sync_all()?;
        let (sender, waiting) = mpsc::channel(16_384);
        std::thread::spawn(move || write(&file, waiting));
        Ok(Self(sender))
    }
}

/// Writes what waits as one group; what arrives meanwhile forms the next.
fn write(file: &File, mut waiting: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut group = Vec::with_capacity(4096);
    let mut offset = 0;
    while waiting.blocking_recv_many(&mut group, 4096) > 0 {
        let bytes = vec![0x5a; RECORD_BYTES.saturating_mul(group.len())];
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
    async fn put(&self) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.0.send(answer).await.ok().context("the bare file failed")?;
        answered.await.context("the bare file failed")
    }
}
