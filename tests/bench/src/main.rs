//! Measures what metering and proof cost: usage records made durable against a bare file, the views built anew from the
//! log, the closing of a period, how soon a call is seen; and the durable gateway against the same gateway without its
//! meter, and against a bare passthrough, all before the same upstream that does nothing. Writes tests/bench/RESULTS.md.
//!
//! The results are ratios of rounds that alternate within one run, so that a machine's drift cancels out.

#[expect(dead_code, reason = "the event log's own tests use all of it")]
#[expect(clippy::expect_used, clippy::panic, reason = "as a test: without a cluster there is nothing to measure")]
#[path = "../../../services/eventlog/src/suite/cluster.rs"]
mod cluster;
mod http;
mod ingest;
mod load;
mod logs;
mod machine;
mod market;
mod measure;
mod passthrough;
mod platform;
mod postgres;
mod records;
mod report;
mod statistics;
mod upstream;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// The one of the program that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures the gateway and writes the results.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Subcommand)]
enum Role {
    /// Runs the bare passthrough only; the benchmark starts it by itself.
    Passthrough {
        /// Where requests are passed on to.
        upstream: SocketAddr,
    },
    /// Puts the platform as it is shipped under load only, one turn, for a profiler to look at.
    Load,
    /// Measures records made durable only, and prints what was found.
    Records,
    /// Measures reported usage only, and prints what was found.
    Ingest(ingest::IngestPlan),
    /// Measures appends on SQLite and on PostgreSQL, and writes tests/bench/LOGS.md.
    Logs,
}

/// How much to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// How often the servers take turns.
    #[arg(long, default_value = "7")]
    pub rounds: usize,
    /// Connections that are kept open and busy.
    #[arg(long, default_value = "64")]
    pub connections: usize,
    /// Seconds measured in each turn.
    #[arg(long, default_value = "4", value_parser = seconds)]
    pub turn: Duration,
    /// Seconds of load before each turn that are not measured.
    #[arg(long, default_value = "1", value_parser = seconds)]
    pub warm_up: Duration,
    /// How often starting is measured.
    #[arg(long, default_value = "5")]
    pub starts: usize,
    /// Reported usage.
    #[command(flatten)]
    pub ingest: ingest::IngestPlan,
    /// Where the results go.
    #[arg(long, default_value_os_t = default_results())]
    pub results: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Passthrough { upstream }) => passthrough::serve(upstream),
        Some(Role::Load) => Ok(writeln!(std::io::stdout(), "{}", measure::load_alone(&arguments.plan)?)?),
        Some(Role::Records) => {
            let space = measure::space_beside(&std::env::current_exe()?)?;
            let found = records::measure(&arguments.plan, space.path())?;
            Ok(writeln!(std::io::stdout(), "{}", report::records(&found))?)
        }
        Some(Role::Ingest(plan)) => Ok(writeln!(std::io::stdout(), "{}", ingest::run(&plan)?)?),
        Some(Role::Logs) => write(&root().join("tests/bench/LOGS.md"), &logs::measure(&arguments.plan)?),
        None => measure_and_report(&arguments.plan),
    }
}

fn measure_and_report(plan: &Plan) -> Result<()> {
    let gateway = report::text(plan, &measure::everything(plan)?);
    // What has been found stands, whatever becomes of the rest.
    write(&plan.results, &gateway)?;
    write(&plan.results, &[gateway, ingest::run(&plan.ingest)?].join("\n"))
}

fn write(results: &Path, text: &str) -> Result<()> {
    std::fs::write(results, text).with_context(|| results.display().to_string())?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// Says how far things are, on stderr.
pub fn progress(text: &str) {
    // Nobody to tell is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}

/// The directory of the workspace.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap_or(here)
}

fn default_results() -> PathBuf {
    root().join("tests/bench/RESULTS.md")
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=600) => Ok(Duration::from_secs(seconds)),
        Ok(_) | Err(_) => Err("whole seconds, 1 to 600".to_owned()),
    }
}
