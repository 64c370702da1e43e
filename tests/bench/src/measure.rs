//! The course of a benchmark: build, start all servers, let them take turns under load, look at memory and starts.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::load::{self, Request, Sample, Target, Turn};
use crate::machine::{self, Machine};
use crate::market::Market;
use crate::platform::{self, Rebuilt, Server};
use crate::records::{self, Records};
use crate::{Plan, progress, upstream};

/// How many turns long it is looked how soon a call is seen.
const SEEN_TURNS: u32 = 10;

/// What was found.
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// The upstream called directly over one connection: how fast it answers.
    pub upstream_alone: Sample,
    /// The upstream called directly over all connections: the most that load and upstream can do.
    pub upstream_full: Sample,
    /// The platform as it is shipped.
    pub metered: Course,
    /// The platform without its meter.
    pub unmetered: Course,
    /// The bare passthrough.
    pub passthrough: Course,
    /// Usage records made durable.
    pub records: Records,
    /// From a call's answer to its row in a query, under full load, in microseconds, ascending.
    pub seen_us: Vec<u32>,
    /// Calls of a closed period and how long its closing took: a large one, then a small one.
    pub closings: [(u64, Duration); 2],
    /// How long the views of the load took to be built anew.
    pub rebuilt: Rebuilt,
    /// Times to the ready line on an empty directory.
    pub cold_starts: Vec<Duration>,
    /// Times to the ready line on the directory that the load left behind.
    pub warm_starts: Vec<Duration>,
    /// The size of the log that the load left behind, in bytes.
    pub log_bytes: u64,
}

/// How one server did.
#[derive(Default)]
pub struct Course {
    /// One sample per round.
    pub samples: Vec<Sample>,
    /// Resident memory before the first round, in KiB.
    pub resident_kib_idle: u64,
    /// Resident memory after the last round, in KiB.
    pub resident_kib: u64,
}

impl Course {
    /// Everything that the server answered.
    pub fn answered(&self) -> u64 {
        self.samples.iter().map(|sample| sample.answered).sum()
    }
}

/// Runs the whole benchmark.
pub fn everything(plan: &Plan) -> Result<Results> {
    progress("building the platform with and without its meter");
    let binaries = platform::build()?;
    let space = space_beside(&binaries.metered)?;
    let machine = machine::look(space.path())?;
    let address = upstream::start()?;
    let direct = Target { address, request: Request::post(address, "/", &[], "{}") };
    progress("the upstream alone");
    let upstream_alone = load::run(&direct, &Turn { connections: 1, ..turn(plan) })?;
    let upstream_full = load::run(&direct, &turn(plan))?;
    progress("the starts on empty directories");
    let cold_starts = starts(plan.starts, |index| {
        Ok(platform::serve(&binaries.metered, &space.path().join(format!("cold-{index}"))))
    })?;

    let data = [space.path().join("metered"), space.path().join("unmetered")];
    let [metered, unmetered] = &data;
    let servers = [
        Contestant::platform(&binaries.metered, metered, address)?,
        Contestant::platform(&binaries.unmetered, unmetered, address)?,
        Contestant::passthrough(address)?,
    ];
    let courses = rounds(plan, &servers)?;
    check(&servers, &courses)?;
    progress("how soon a call is seen, under load");
    let seen_us = seen(plan, &servers[0])?;
    progress("the closing of a large and of a small period");
    let closings = closings(&servers[0])?;
    servers.into_iter().try_for_each(|contestant| contestant.server.stop())?;
    let [metered_course, unmetered_course, passthrough_course] = courses;

    progress("the starts on the directory that the load left behind");
    let warm_starts = starts(plan.starts, |_| Ok(platform::serve(&binaries.metered, metered)))?;
    progress("the views of the load, built anew");
    let rebuilt = platform::rebuild(&binaries.metered, metered)?;
    progress("usage records alone");
    let records = records::measure(plan, space.path())?;
    let log_bytes = fs::metadata(metered.join("log.db")).context("log.db")?.len();
    Ok(Results {
        machine,
        upstream_alone,
        upstream_full,
        metered: metered_course,
        unmetered: unmetered_course,
        passthrough: passthrough_course,
        records,
        seen_us,
        closings,
        rebuilt,
        cold_starts,
        warm_starts,
        log_bytes,
    })
}

/// One turn of the shipped platform, in words.
pub fn load_alone(plan: &Plan) -> Result<String> {
    let binary = platform::build_shipped()?;
    let space = space_beside(&binary)?;
    let contestant = Contestant::platform(&binary, &space.path().join("metered"), upstream::start()?)?;
    progress("the load");
    let sample = load::run(&contestant.target, &turn(plan))?;
    let resident_mib = contestant.server.resident_kib()? / 1024;
    contestant.server.stop()?;
    Ok(format!("{} calls answered, {resident_mib} MiB resident", sample.answered))
}

/// A server and what it is asked.
struct Contestant {
    server: Server,
    target: Target,
    market: Option<Market>,
}

impl Contestant {
    fn platform(binary: &Path, data: &Path, upstream: SocketAddr) -> Result<Self> {
        let server = Server::start(platform::serve(binary, data))?;
        let market = runtime()?.block_on(Market::build(server.address, data, upstream))?;
        Ok(Self { target: market.target(), server, market: Some(market) })
    }

    fn passthrough(upstream: SocketAddr) -> Result<Self> {
        let server = Server::start(platform::passthrough(upstream)?)?;
        let request = Request::post(server.address, "/", &[], "{\"a\":\"usage based billing\",\"key\":\"@KEY@\"}");
        Ok(Self { target: Target { address: server.address, request }, server, market: None })
    }

    /// Calls that its meter has counted; none where it has no meter to ask.
    fn counted(&self) -> Result<Option<u64>> {
        self.market.as_ref().map(|market| runtime()?.block_on(market.counted())).transpose()
    }
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// The comparison is worth nothing unless one meter counted every call and the other none.
fn check(servers: &[Contestant; 3], courses: &[Course; 3]) -> Result<()> {
    let [metered, unmetered, _] = servers;
    let [course, ..] = courses;
    let (counted, answered) = (metered.counted()?, course.answered());
    ensure!(counted == Some(answered), "{answered} calls were answered and {counted:?} counted");
    let counted = unmetered.counted()?;
    ensure!(counted == Some(0), "{counted:?} calls were counted without a meter");
    Ok(())
}

/// Lets the servers take turns; each round begins with another one.
fn rounds<const N: usize>(plan: &Plan, servers: &[Contestant; N]) -> Result<[Course; N]> {
    let mut courses = std::array::from_fn(|_| Course::default());
    for (contestant, course) in servers.iter().zip(&mut courses) {
        course.resident_kib_idle = contestant.server.resident_kib()?;
    }
    for round in 0..plan.rounds {
        progress(&format!("round {} of {}", round + 1, plan.rounds));
        for turn_of in 0..N {
            let index = (round + turn_of) % N;
            if let (Some(contestant), Some(course)) = (servers.get(index), courses.get_mut(index)) {
                course.samples.push(load::run(&contestant.target, &turn(plan))?);
            }
        }
    }
    for (contestant, course) in servers.iter().zip(&mut courses) {
        course.resident_kib = contestant.server.resident_kib()?;
    }
    Ok(courses)
}

/// Single calls beside full load, for as long as several turns: the p99 is of many.
fn seen(plan: &Plan, contestant: &Contestant) -> Result<Vec<u32>> {
    let market = contestant.market.as_ref().context("a market")?;
    let (target, under_load) = (contestant.target.clone(), Turn { measured: plan.turn * SEEN_TURNS, ..turn(plan) });
    let load = std::thread::spawn(move || load::run(&target, &under_load));
    let seen = runtime()?.block_on(async {
        let mut seen = Vec::new();
        while !load.is_finished() {
            let took = market.seen_after(&format!("seen {}", seen.len())).await?;
            seen.push(u32::try_from(took.as_micros())?);
        }
        anyhow::Ok(seen)
    });
    load.join().map_err(|_| anyhow::anyhow!("the load panicked"))??;
    let mut seen = seen?;
    seen.sort_unstable();
    Ok(seen)
}

/// The period of all the load, then one of a single call.
fn closings(contestant: &Contestant) -> Result<[(u64, Duration); 2]> {
    let market = contestant.market.as_ref().context("a market")?;
    runtime()?.block_on(async {
        let large = market.close().await?;
        market.call_once().await?;
        Ok([large, market.close().await?])
    })
}

fn turn(plan: &Plan) -> Turn {
    Turn { connections: plan.connections, warm_up: plan.warm_up, measured: plan.turn }
}

fn starts(count: usize, command: impl Fn(usize) -> Result<std::process::Command>) -> Result<Vec<Duration>> {
    (0..count)
        .map(|index| {
            let server = Server::start(command(index)?)?;
            let ready_after = server.ready_after;
            server.stop()?;
            Ok(ready_after)
        })
        .collect()
}

/// A directory beside a build, because a directory for temporary files may not be on a disk.
pub fn space_beside(binary: &Path) -> Result<TempDir> {
    let parent = binary.parent().map_or_else(PathBuf::new, Path::to_owned);
    tempfile::Builder::new().prefix("bench-").tempdir_in(parent).context("a directory for the data")
}
