//! What appends and readings cost on each log: SQLite and PostgreSQL take turns in one run, both on this machine, both
//! durable.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use eventlog::port::{EventLog, Expected, Filter, NewEvent, PAGE_EVENTS_MAX};
use eventlog::postgres::PostgresLog;
use eventlog::sqlite::{Options, SqliteLog};
use jiff::Timestamp;
use kernel::event::{Position, Provenance, StreamName};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Plan;
use crate::cluster::Cluster;
use crate::statistics::{median, percentile};

/// About what a usage record has.
const EVENT_BYTES: usize = 320;
/// Events in one append, for the second half.
const BATCH: usize = 100;
/// Category of everything that is written.
const CATEGORY: &str = "bench";
/// About so many streams of one event each are written beside the others, as a platform has them.
const STREAMS: usize = 100_000;

/// What one backend did in one turn.
struct Turn {
    events_per_second: f64,
    latencies_us: Vec<u32>,
}

/// Measures single events and batches on both logs, then reads them; the text of LOGS.md.
pub fn measure(plan: &Plan) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let directory = tempfile::tempdir()?;
        let sqlite: Arc<dyn EventLog> = Arc::new(SqliteLog::open(directory.path(), &Options::default())?);
        let cluster = Cluster::start();
        let address = cluster.address("postgres").parse()?;
        let postgres: Arc<dyn EventLog> = Arc::new(PostgresLog::open(&address).await?);
        let mut text = format!(
            "# What appends and readings cost\n\nMeasured by `make bench`, both logs in one run on one machine: {} callers, each \
             with a stream of its own and one append under way, events of {EVENT_BYTES} bytes, {} rounds of {} s by \
             turns; medians. PostgreSQL is a cluster on the same disk, reached by a Unix socket, fsync on.\n\n\
             | events in an append | log | events/s | p50 ms | p99 ms |\n|---|---|---|---|---|\n",
            plan.connections,
            plan.rounds,
            plan.turn.as_secs(),
        );
        for batch in [1, BATCH] {
            let (mut on_sqlite, mut on_postgres) = (Vec::new(), Vec::new());
            for round in 0..plan.rounds {
                crate::progress(&format!("logs, round {} of {}, appends of {batch}", round + 1, plan.rounds));
                on_sqlite.push(turn(&sqlite, plan, batch).await?);
                on_postgres.push(turn(&postgres, plan, batch).await?);
            }
            text += &rows(&batch.to_string(), &on_sqlite, &on_postgres)?;
        }
        crate::progress(&format!("logs, {STREAMS} streams of one event"));
        tokio::try_join!(fill(&sqlite, plan), fill(&postgres, plan))?;
        write!(
            text,
            "\nThen one reader asks for everything of a category, all of it in fact, in pages of {PAGE_EVENTS_MAX} \
             events, among {STREAMS} streams; turns as above, each going on where the last one ended.\n\n\
             | events wanted | log | events/s | p50 ms | p99 ms |\n|---|---|---|---|---|\n",
        )?;
        let (mut sqlite, mut postgres) = (Reader::new(sqlite), Reader::new(postgres));
        let (mut on_sqlite, mut on_postgres) = (Vec::new(), Vec::new());
        for round in 0..plan.rounds {
            crate::progress(&format!("logs, round {} of {}, readings", round + 1, plan.rounds));
            on_sqlite.push(sqlite.turn(plan).await?);
            on_postgres.push(postgres.turn(plan).await?);
        }
        text += &rows("all of a category", &on_sqlite, &on_postgres)?;
        Ok(text)
    })
}

/// Writes many streams.
async fn fill(log: &Arc<dyn EventLog>, plan: &Plan) -> Result<()> {
    let mut writers = JoinSet::new();
    for _ in 0..plan.connections {
        let (log, count) = (Arc::clone(log), STREAMS / plan.connections);
        writers.spawn(async move {
            for _ in 0..count {
                log.append(&stream()?, Expected::NoStream, vec![event()]).await?;
            }
            anyhow::Ok(())
        });
    }
    writers.join_all().await.into_iter().collect()
}

fn stream() -> Result<StreamName> {
    Ok(StreamName::new(CATEGORY, &Uuid::now_v7().simple().to_string())?)
}

/// Reads a log over and over.
struct Reader {
    log: Arc<dyn EventLog>,
    after: Option<Position>,
}

impl Reader {
    fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, after: None }
    }

    async fn turn(&mut self, plan: &Plan) -> Result<Turn> {
        let (started, wanted) = (Instant::now(), Filter::categories(&[CATEGORY]));
        let (mut latencies, mut events) = (Vec::new(), 0_u32);
        while started.elapsed() < plan.turn {
            let asked = Instant::now();
            let page = self.log.read_log(self.after, &wanted, PAGE_EVENTS_MAX).await?;
            latencies.push(microseconds(asked.elapsed()));
            events = events.saturating_add(u32::try_from(page.events.len())?);
            self.after = if page.end { None } else { page.next };
        }
        latencies.sort_unstable();
        Ok(Turn { events_per_second: f64::from(events) / started.elapsed().as_secs_f64(), latencies_us: latencies })
    }
}

async fn turn(log: &Arc<dyn EventLog>, plan: &Plan, batch: usize) -> Result<Turn> {
    let started = Instant::now();
    let until = started + plan.turn;
    let mut callers = JoinSet::new();
    for _ in 0..plan.connections {
        callers.spawn(append_until(Arc::clone(log), until, batch));
    }
    let mut latencies: Vec<u32> = Vec::new();
    while let Some(caller) = callers.join_next().await {
        latencies.extend(caller.context("a caller")??);
    }
    latencies.sort_unstable();
    let events = u32::try_from(latencies.len().saturating_mul(batch))?;
    Ok(Turn { events_per_second: f64::from(events) / started.elapsed().as_secs_f64(), latencies_us: latencies })
}

async fn append_until(log: Arc<dyn EventLog>, until: Instant, batch: usize) -> Result<Vec<u32>> {
    let (stream, mut expected, mut latencies) = (stream()?, Expected::NoStream, Vec::new());
    while Instant::now() < until {
        let events = (0..batch).map(|_| event()).collect();
        let asked = Instant::now();
        expected = Expected::At(log.append(&stream, expected, events).await?.last);
        latencies.push(microseconds(asked.elapsed()));
    }
    Ok(latencies)
}

fn event() -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        kind: "measured".to_owned(),
        version: 1,
        occurred_at: Timestamp::UNIX_EPOCH,
        provenance: Provenance { correlation: Uuid::nil(), cause: Uuid::nil(), actor: "bench".to_owned() },
        data: b"{}".to_vec(),
        body: vec![7; EVENT_BYTES],
    }
}

fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Both logs' rows, and their ratio.
fn rows(what: &str, on_sqlite: &[Turn], on_postgres: &[Turn]) -> Result<String> {
    let mut text = row(what, "SQLite", on_sqlite) + &row(what, "PostgreSQL", on_postgres);
    let pairs = on_postgres.iter().zip(on_sqlite);
    let ratios = pairs.map(|(postgres, sqlite)| postgres.events_per_second / sqlite.events_per_second);
    writeln!(text, "| {what} | PostgreSQL ÷ SQLite | {:.2} | | |", median(ratios))?;
    Ok(text)
}

fn row(what: &str, name: &str, turns: &[Turn]) -> String {
    let latency =
        |fraction| median(turns.iter().map(|turn| f64::from(percentile(&turn.latencies_us, fraction)) / 1000.0));
    let rate = median(turns.iter().map(|turn| turn.events_per_second));
    format!("| {what} | {name} | {rate:.0} | {:.2} | {:.2} |\n", latency(0.5), latency(0.99))
}
