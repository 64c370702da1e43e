//! Reported usage: batches of CloudEvents over HTTP, told apart from millions of known ones and durable, against
//! `INSERT … ON CONFLICT DO NOTHING` of the same events into PostgreSQL on the same machine.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use eventlog::codec;
use eventlog::port::{EventLog, Expected};
use eventlog::sqlite::{Options, SqliteLog};
use jiff::Timestamp;
use kernel::event::{Provenance, StreamName};
use kernel::id::{InvocationId, derived};
use kernel::meter::{Meter, Quantity};
use metering::published::report::invocation_id;
use metering::published::usage::{Basis, Batch, Event, RecordKind, Split, UsageLine, UsageRecord};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http::{Connection, find};
use crate::market::{Market, Outlet};
use crate::platform::{self, Rebuilt, Server};
use crate::postgres;
use crate::statistics::percentile;
use crate::{progress, upstream};

/// Events of one request.
pub const BATCH: u64 = 100;
/// Records of one batch in the log.
const STORED_BATCH: u64 = 4_096;
/// Characters of an id, as of a UUID.
const ID_LENGTH: usize = 36;
/// Load before what is measured: a database writes each page whole at first after a checkpoint.
pub const WARM_UP: Duration = Duration::from_secs(5);
/// Who meters.
pub const SOURCE: &str = "/racks/7/meters/42";

/// How much to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct IngestPlan {
    /// Reports that are known beforehand.
    #[arg(long, default_value = "10000000")]
    pub stored: u64,
    /// Seconds measured.
    #[arg(long, default_value = "10")]
    pub measured: u64,
    /// Connections that are kept open and busy.
    #[arg(long, default_value = "16")]
    pub reporters: usize,
}

/// Which ids events have: all the same to a hash, not to a sorted index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// At random (UUID version 4), as the SDKs of CloudEvents make them.
    Random,
    /// They count up.
    Counted,
}

impl Ids {
    const ALL: [Self; 2] = [Self::Random, Self::Counted];

    /// The id of an event.
    pub fn id(self, number: u64) -> String {
        match self {
            Self::Counted => format!("{number:0ID_LENGTH$}"),
            Self::Random => {
                let bytes = fastrand::Rng::with_seed(number).u128(..).to_be_bytes();
                uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Random => "ids at random (UUIDs)",
            Self::Counted => "ids that count up",
        }
    }
}

/// One load.
struct Loaded {
    /// Everything that was accepted, the warm-up included.
    accepted: u64,
    /// What was measured.
    events: u64,
    seconds: f64,
    batch_ms: Vec<f64>,
}

impl Loaded {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn rate(&self) -> f64 {
        self.events as f64 / self.seconds
    }
}

/// What was found.
pub struct Ingested {
    /// With random ids, and with counted ones.
    loads: [Loaded; 2],
    start: Duration,
    /// The processor time of that.
    start_processor: Duration,
    written: Duration,
    resident_kib: (u64, u64),
    /// From a report's answer to its row in a query, under load, in microseconds, ascending.
    seen_us: Vec<u32>,
    index_bytes: u64,
    /// Events a second, of the same loads.
    postgres: Option<[f64; 2]>,
    /// The largest log first.
    sizes: Vec<Size>,
}

/// What hangs on the size of a log, if anything.
struct Size {
    /// Records of the period.
    records: u64,
    /// How long its closing took, right after a start.
    closing: Duration,
    /// The views, built anew.
    rebuilt: Rebuilt,
}

/// A platform that knows reports.
struct Prepared {
    server: Server,
    market: Market,
    outlet: Outlet,
    /// How long they took to write.
    written: Duration,
}

/// Runs it all and words it.
pub fn run(plan: &IngestPlan) -> Result<String> {
    progress("building the platform");
    let binary = platform::build_shipped()?;
    let space = crate::measure::space_beside(&binary)?;
    let data = space.path().join("ingest");
    let found = measure(plan, &binary, &data)?;
    Ok(text(plan, &found))
}

fn measure(plan: &IngestPlan, binary: &Path, data: &Path) -> Result<Ingested> {
    let upstream = upstream::start()?;
    let Prepared { server, market, outlet, written } = prepare(binary, data, upstream, plan.stored)?;
    let (start, start_processor) = (server.ready_after, server.processor_time()?);
    let idle = server.resident_kib()?;
    progress("the load");
    let [random, counted] = Ids::ALL.map(|ids| runtime()?.block_on(load(plan, ids, 0, server.address, &outlet)));
    let loads = [random?, counted?];
    let resident_kib = (idle, server.resident_kib()?);
    let counted = runtime()?.block_on(market.counted())?;
    let accepted: u64 = loads.iter().map(|load| load.accepted).sum();
    ensure!(counted == plan.stored + accepted, "{accepted} were accepted past {}, {counted} counted", plan.stored);
    progress("how soon a report is seen, under load");
    let seen_us = seen(plan, server.address, &market, &outlet)?;
    server.stop()?;
    let server = Server::start(platform::serve(binary, data))?;
    let mut sizes = vec![sized(binary, data, &market.at(server.address), server)?];
    for part in [10, 100] {
        let directory = data.with_extension(part.to_string());
        let Prepared { server, market, .. } = prepare(binary, &directory, upstream, plan.stored / part)?;
        sizes.push(sized(binary, &directory, &market, server)?);
    }
    let index_bytes = directory_bytes(&data.join("seen"))?;
    progress("the same events into PostgreSQL");
    let [random, counted] = Ids::ALL.map(|ids| postgres::events_per_second(plan, ids));
    let postgres = random?.zip(counted?).map(<[f64; 2]>::from);
    Ok(Ingested { loads, start, start_processor, written, resident_kib, seen_us, index_bytes, postgres, sizes })
}

/// Single reports beside a load.
fn seen(plan: &IngestPlan, address: SocketAddr, market: &Market, outlet: &Outlet) -> Result<Vec<u32>> {
    let mut seen = runtime()?.block_on(async {
        let mut load = std::pin::pin!(load(plan, Ids::Random, plan.reporters, address, outlet));
        let mut seen = Vec::new();
        loop {
            let number = u64::try_from(seen.len())? + 1;
            tokio::select! {
                took = market.report_seen_after(outlet, number) => seen.push(u32::try_from(took?.as_micros())?),
                loaded = &mut load => break loaded.map(|_| seen),
            }
        }
    })?;
    seen.sort_unstable();
    Ok(seen)
}

/// Closes the period of a log right after a start, then builds its views anew.
fn sized(binary: &Path, data: &Path, market: &Market, server: Server) -> Result<Size> {
    let (records, closing) = runtime()?.block_on(market.close())?;
    server.stop()?;
    progress(&format!("the views of {records} reports, built anew"));
    Ok(Size { records, closing, rebuilt: platform::rebuild(binary, data)? })
}

/// Builds a market, writes reports to its log, and starts on them.
fn prepare(binary: &Path, data: &Path, upstream: SocketAddr, reports: u64) -> Result<Prepared> {
    let server = Server::start(platform::serve(binary, data))?;
    let market = runtime()?.block_on(Market::build(server.address, data, upstream))?;
    let outlet = runtime()?.block_on(market.outlet())?;
    server.stop()?;
    progress(&format!("writing {reports} reports to the log"));
    let begun = Instant::now();
    runtime()?.block_on(store(data, &outlet, reports))?;
    let written = begun.elapsed();
    progress("starting on them");
    let server = Server::start(platform::serve(binary, data))?;
    Ok(Prepared { market: market.at(server.address), server, outlet, written })
}

/// What every load runs on.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

fn directory_bytes(path: &Path) -> Result<u64> {
    let sizes = std::fs::read_dir(path)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum::<Result<u64>>()
}

/// Writes so many records straight to the log, as an earlier node would have.
async fn store(data: &Path, outlet: &Outlet, count: u64) -> Result<()> {
    let log = SqliteLog::open(data, &Options::default())?;
    let stream = StreamName::new("usage", "bench.1")?;
    let mut expected = Expected::NoStream;
    let outlet = Arc::new(outlet.clone());
    let encode = |first: u64| {
        let (outlet, stream) = (Arc::clone(&outlet), stream.clone());
        tokio::task::spawn_blocking(move || encoded(&outlet, &stream, first, STORED_BATCH.min(count - first)))
    };
    let mut next = (count > 0).then(|| encode(0));
    let mut first = 0;
    while let Some(encoding) = next.take() {
        let event = encoding.await??;
        first += STORED_BATCH;
        // The next batch is encoded while this one is written.
        next = (first < count).then(|| encode(first));
        let appended = log.append(&stream, expected, vec![event]).await?;
        expected = Expected::At(appended.last);
    }
    log.close().await;
    Ok(())
}

fn encoded(outlet: &Outlet, stream: &StreamName, first: u64, count: u64) -> Result<eventlog::port::NewEvent> {
    let records = (first..first + count).map(|number| record(outlet, number)).collect();
    let event = Event::Recorded(Batch { salt_seed: Sha256::digest(first.to_be_bytes()).into(), records });
    let id = derived(&[stream.as_str(), &first.to_string()]);
    let provenance = Provenance { correlation: id, cause: id, actor: "platform:bench".to_owned() };
    Ok(codec::to_new(&event, id, outlet.now, provenance)?)
}

fn record(outlet: &Outlet, number: u64) -> UsageRecord {
    let key_hash: [u8; 32] = Sha256::digest(number.to_be_bytes()).into();
    let invocation: InvocationId = invocation_id(outlet.now, &key_hash);
    let split = Split { free: Quantity(1), value_added: Quantity(0) };
    let (meter, basis, before) = (Meter::Request, Basis::ProviderReported, Quantity(0));
    UsageRecord {
        invocation,
        kind: RecordKind::Report,
        agreement: outlet.agreement,
        sequence: number + 1,
        buyer: outlet.buyer,
        seller: outlet.seller,
        capability: None,
        listing: outlet.listing,
        principal: "key_bench".into(),
        lines: vec![UsageLine { meter, split, basis, before }],
        price_version: 1,
        admitted_at: outlet.now,
        settled_at: outlet.now,
        period_start: outlet.period_start,
        billed_start: outlet.period_start,
        key_hash,
        payload_hash: key_hash,
    }
}

/// A request with a batch of events, rendered once; its ids change each time.
#[derive(Clone)]
struct Template {
    bytes: Vec<u8>,
    ids: Vec<usize>,
}

impl Template {
    fn of(address: SocketAddr, outlet: &Outlet, now: Timestamp) -> Self {
        let id = "#".repeat(ID_LENGTH);
        let event = event(&id, &outlet.agreement.to_string(), now);
        let body = format!("[{}]", vec![event; usize::try_from(BATCH).unwrap_or_default()].join(","));
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/cloudevents-batch+json\r\n\
             authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            outlet.key,
            body.len()
        );
        let bytes = [head, body].concat().into_bytes();
        let ids = bytes.windows(ID_LENGTH).enumerate().filter(|(_, text)| *text == id.as_bytes());
        let ids = ids.map(|(at, _)| at).collect();
        Self { bytes, ids }
    }

    fn number(&mut self, ids: Ids, first: u64) {
        for (number, at) in (first..).zip(&self.ids) {
            if let Some(place) = self.bytes.get_mut(*at..*at + ID_LENGTH) {
                place.copy_from_slice(ids.id(number).as_bytes());
            }
        }
    }
}

/// One event, as a meter of a compute tier would send it.
pub fn event(id: &str, agreement: &str, now: Timestamp) -> String {
    format!(
        "{{\"specversion\":\"1.0\",\"type\":\"market.tallystick.usage.v1\",\"source\":\"{SOURCE}\",\
         \"id\":\"{id}\",\"subject\":\"{agreement}\",\"time\":\"{now}\",\"datacontenttype\":\"application/json\",\
         \"data\":{{\"usage\":[{{\"meter\":\"REQUEST\",\"quantity\":\"1\"}}]}}}}"
    )
}

/// Reporters from a number on, so that loads of the same ids have none in common.
async fn load(plan: &IngestPlan, ids: Ids, from: usize, address: SocketAddr, outlet: &Outlet) -> Result<Loaded> {
    // A moment ago, so that it lies in the agreement's time whatever the clocks' steps.
    let template = Template::of(address, outlet, outlet.now);
    let begun = Instant::now() + WARM_UP;
    let measured = begun..begun + Duration::from_secs(plan.measured);
    let mut reporters = JoinSet::new();
    for reporter in from..from + plan.reporters {
        let first = u64::try_from(reporter)? << 40;
        reporters.spawn(converse(address, template.clone(), ids, first, measured.clone()));
    }
    let (mut accepted, mut batch_ms) = (0, Vec::new());
    while let Some(heard) = reporters.join_next().await {
        let (all, heard) = heard??;
        accepted += all;
        batch_ms.extend(heard);
    }
    let events = BATCH * u64::try_from(batch_ms.len())?;
    Ok(Loaded { accepted, events, seconds: begun.elapsed().as_secs_f64(), batch_ms })
}

/// Sends batch after batch; how many events there were, and how long each batch of the measured time took, in
/// milliseconds. All of each must be accepted, sooner or later: a batch that is put off is sent again when the answer says.
async fn converse(
    address: SocketAddr,
    mut template: Template,
    ids: Ids,
    first: u64,
    measured: Range<Instant>,
) -> Result<(u64, Vec<f64>)> {
    let mut connection = Connection::new(TcpStream::connect(address).await?)?;
    let (mut next, mut heard) = (first, Vec::new());
    while Instant::now() < measured.end {
        template.number(ids, next);
        next += BATCH;
        let sent = Instant::now();
        let answer = loop {
            connection.send(&template.bytes).await?;
            let answer = connection.receive().await?.context("the connection was closed")?;
            let Some(pause) = put_off(answer) else { break answer.to_vec() };
            tokio::time::sleep(pause).await;
        };
        let good = answer.starts_with(b"HTTP/1.1 200 ") && find(&answer, b"\"accepted\":100,").is_some();
        ensure!(good, "unexpected answer: {}", String::from_utf8_lossy(answer.get(..600).unwrap_or(&answer)));
        if measured.contains(&sent) {
            heard.push(sent.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok((next - first, heard))
}

/// How long an answer asks to wait, if it is 503.
fn put_off(answer: &[u8]) -> Option<Duration> {
    let head = std::str::from_utf8(answer.get(..find(answer, b"\r\n\r\n")?)?).ok()?;
    let headers = head.strip_prefix("HTTP/1.1 503 ")?.lines().filter_map(|line| line.split_once(':'));
    let (_, seconds) = headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn text(plan: &IngestPlan, found: &Ingested) -> String {
    let [random, _] = &found.loads;
    let mut sorted = random.batch_ms.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |part: usize| sorted.get(sorted.len() * part / 100).copied().unwrap_or_default();
    let mut text = format!(
        "## Reported usage\n\n`POST /v1/events`, batches of {BATCH}, {} connections, {:.0} s after {} s that do not count, told apart from {} known \
         reports and durable; load and server share the machine.\n\n| measure | aim | result |\n|---|---|---|\n",
        plan.reporters,
        random.seconds,
        WARM_UP.as_secs(),
        plan.stored
    );
    for (place, (ids, load)) in Ids::ALL.iter().zip(&found.loads).enumerate() {
        let (name, rate) = (ids.name(), load.rate());
        let ratio = found.postgres.and_then(|rates| rates.get(place).copied()).map_or_else(
            || "not measured: PostgreSQL is not installed here".to_owned(),
            |postgres| format!("{:.2} ({postgres:.0} events/s)", rate / postgres),
        );
        _ = writeln!(text, "| events/s over HTTP, {name} | ≥ 100,000 | {rate:.0} |");
        _ = writeln!(
            text,
            "| ÷ `INSERT … ON CONFLICT DO NOTHING` of the same events into PostgreSQL, {name} | ≥ 2 | {ratio} |"
        );
    }
    _ = writeln!(text, "| a batch of {BATCH}, p50 and p99 | – | {:.1} ms, {:.1} ms |", at(50), at(99));
    let all = found.sizes.first().map_or(0, |largest| largest.records);
    let mib = |kib: u64| kib / 1024;
    let (idle, after) = found.resident_kib;
    _ = writeln!(text, "| resident memory before and after | flat | {} MiB, {} MiB |", mib(idle), mib(after));
    _ = writeln!(
        text,
        "| index of keys on disk | – | {} MiB, {:.0} bytes a key |",
        found.index_bytes >> 20,
        found.index_bytes as f64 / all.max(1) as f64
    );
    _ = writeln!(
        text,
        "| from a report's answer to the dashboard's query, p99 of {} under load | < 100 ms | {:.1} ms |",
        found.seen_us.len(),
        f64::from(percentile(&found.seen_us, 0.99)) / 1000.0
    );
    let stored = plan.stored as f64;
    _ = writeln!(
        text,
        "| into all views and the index of keys, per second of a core | – | {:.0} |",
        stored / found.start_processor.as_secs_f64()
    );
    for Size { records, closing, rebuilt } in found.sizes.iter().rev() {
        _ = writeln!(
            text,
            "| {records} usage records from the log into all views, per second of a core | ≥ 1,000,000 | {:.0} (the whole command, {:.1} s) |\n\
             | most memory resident meanwhile | flat | {} MiB |\n\
             | closing their period | however many calls | {:.1} ms |",
            *records as f64 / rebuilt.processor.as_secs_f64(),
            rebuilt.elapsed.as_secs_f64(),
            mib(rebuilt.peak_kib),
            closing.as_secs_f64() * 1000.0,
        );
    }
    _ = writeln!(
        text,
        "\nThe known reports were written straight to the log in {:.0} s; the start that projected them into views and \
         index took {:.0} s ({:.0} records/s, on two cores).",
        found.written.as_secs_f64(),
        found.start.as_secs_f64(),
        plan.stored as f64 / found.start.as_secs_f64()
    );
    text
}

/// Reads an id of the platform's.
pub fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    value: &Value,
    pointer: &str,
) -> Result<T> {
    let text = value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("{pointer} in {value}"))?;
    Ok(text.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_template_change_and_nothing_else() {
        let bytes = format!("x{0}y{0}z", "#".repeat(ID_LENGTH)).into_bytes();
        let mut template = Template { bytes, ids: vec![1, 2 + ID_LENGTH] };
        for ids in Ids::ALL {
            template.number(ids, 41);
            let text = String::from_utf8(template.bytes.clone()).unwrap();
            assert_eq!(text, format!("x{}y{}z", ids.id(41), ids.id(42)));
            assert_ne!(ids.id(41), ids.id(42));
        }
    }
}
