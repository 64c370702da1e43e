//! Words the results.

use std::time::Duration;

use crate::Plan;
use crate::load::Sample;
use crate::machine::Machine;
use crate::measure::{Course, Results};
use crate::records::{Records, Turns};
use crate::statistics::{median, percentile};

/// The text of RESULTS.md.
pub fn text(plan: &Plan, results: &Results) -> String {
    [
        "# What metering costs\n\nMeasured by `make bench`, in one run; `tests/bench/src` says how.\n".to_owned(),
        machine(&results.machine),
        ratios(results),
        log(plan, results),
        servers(plan, results),
        starts(results),
        method(plan, results),
    ]
    .join("\n")
}

fn machine(machine: &Machine) -> String {
    let Machine { processor, cores, memory_gib, kernel, file_system, sync_us, compiler, date } = machine;
    format!(
        "## Machine\n\n{processor}, {cores} cores, {memory_gib} GiB; Linux {kernel}; {compiler}; {date} (UTC).\n\
         Data on {file_system}, where a write of 4 KiB is durable after {sync_us:.0} µs (median).\n\
         The load, the upstream and the server share the cores.\n"
    )
}

fn ratios(results: &Results) -> String {
    let unmetered = ratio(&results.metered, &results.unmetered);
    let passthrough = ratio(&results.metered, &results.passthrough);
    let memory = mib(results.metered.resident_kib);
    let warm = milliseconds(&results.warm_starts);
    format!(
        "## Result\n\n| measure | aim | result |\n|---|---|---|\n\
         | calls/s, metered and durable ÷ the same gateway without its meter | ≥ 0.80 | {unmetered} |\n\
         | calls/s, metered and durable ÷ a bare actix-web passthrough | – | {passthrough} |\n\
         | resident memory after the load | < 100 MiB | {memory:.0} MiB |\n\
         | start to ready line, with the log of the load | < 1000 ms | {warm:.0} ms |\n"
    )
}

/// The median of the rounds' ratios, and the range.
fn ratio(one: &Course, other: &Course) -> String {
    let pairs = one.samples.iter().zip(&other.samples);
    let ratios: Vec<f64> = pairs.map(|(one, other)| one.calls_per_second / other.calls_per_second).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    format!("{:.2} ({least:.2} to {most:.2})", median(ratios))
}

fn log(plan: &Plan, results: &Results) -> String {
    let Results { records, seen_us, closings, rebuilt, metered, .. } = results;
    let (batcher, bare) = (Row::of(&records.single.batcher), Row::of(&records.single.bare));
    let [(many, large), (few, small)] = closings;
    let closing = large.as_secs_f64() / small.as_secs_f64();
    let seen = f64::from(percentile(seen_us, 0.99)) / 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = metered.answered() as f64 / rebuilt.processor.as_secs_f64();
    format!(
        "## The log\n\n| measure | aim | result |\n|---|---|---|\n\
         | single records/s through the batcher ÷ a bare preallocated file with the same group commit | ≥ 0.60 | {:.2} |\n\
         | the same, in submissions of 100 | ≥ 0.90 | {:.2} |\n\
         | p99 of one record | ≤ 2 ms | {:.2} ms |\n\
         | from a call's answer to the dashboard's query, p99 of {} under full load | < 100 ms | {seen:.1} ms |\n\
         | closing a period of {many} calls ÷ one of {few} | – | {closing:.1} ({:.1} ms, {:.1} ms) |\n\
         | calls of the load into all views, per second of a core | – | {rate:.0} (the whole command, {:.2} s, mostly its start) |\n\n\
         Records alone, {} callers: {:.0}/s through the batcher, {:.0}/s into the bare file (p99 {:.2} ms). The Merkle \
         trees of as many records alone: {:.0}/s on one core.\n",
        of_file(&records.single),
        of_file(&records.many),
        batcher.p99_ms,
        seen_us.len(),
        large.as_secs_f64() * 1000.0,
        small.as_secs_f64() * 1000.0,
        rebuilt.elapsed.as_secs_f64(),
        plan.connections,
        batcher.calls_per_second,
        bare.calls_per_second,
        bare.p99_ms,
        records.trees,
    )
}

/// Batcher ÷ bare file, the median of the rounds.
fn of_file(turns: &Turns) -> f64 {
    let pairs = turns.batcher.iter().zip(&turns.bare);
    median(pairs.map(|(one, other)| one.calls_per_second / other.calls_per_second))
}

/// What was found of records alone.
pub fn records(records: &Records) -> String {
    let of = |name, turns: &Turns| {
        let (batcher, bare) = (Row::of(&turns.batcher), Row::of(&turns.bare));
        format!("{name}: {:.2}; batcher {}; bare file {}", of_file(turns), batcher.cells(), bare.cells())
    };
    format!("{}\n{}", of("single", &records.single), of("submissions of 100", &records.many))
}

fn servers(plan: &Plan, results: &Results) -> String {
    let Results { metered, unmetered, passthrough, upstream_full, .. } = results;
    let direct = Row::of(std::slice::from_ref(upstream_full)).cells();
    format!(
        "## Servers, {} connections\n\n| server | calls/s | p50 ms | p99 ms | resident MiB before → after |\n\
         |---|---|---|---|---|\n| gateway, metered and durable | {} |\n| gateway without its meter | {} |\n\
         | bare passthrough | {} |\n| upstream, called directly | {direct} | – |\n",
        plan.connections,
        cells(metered),
        cells(unmetered),
        cells(passthrough),
    )
}

fn cells(course: &Course) -> String {
    let (before, after) = (mib(course.resident_kib_idle), mib(course.resident_kib));
    format!("{} | {before:.0} → {after:.0}", Row::of(&course.samples).cells())
}

/// Medians of the rounds.
struct Row {
    calls_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

impl Row {
    fn of(samples: &[Sample]) -> Self {
        let latency = |fraction| {
            median(samples.iter().map(|sample| f64::from(percentile(&sample.latencies_us, fraction)) / 1000.0))
        };
        Self {
            calls_per_second: median(samples.iter().map(|sample| sample.calls_per_second)),
            p50_ms: latency(0.5),
            p99_ms: latency(0.99),
        }
    }

    fn cells(&self) -> String {
        format!("{:.0} | {:.2} | {:.2}", self.calls_per_second, self.p50_ms, self.p99_ms)
    }
}

fn starts(results: &Results) -> String {
    format!(
        "## Starts\n\nFrom the start of the process to its ready line, median of {}: {:.0} ms on an empty directory; \
         {:.0} ms on a log of {} metered calls ({:.0} MiB).\n",
        results.cold_starts.len(),
        milliseconds(&results.cold_starts),
        milliseconds(&results.warm_starts),
        results.metered.answered(),
        mib(results.log_bytes / 1024),
    )
}

fn method(plan: &Plan, results: &Results) -> String {
    let alone = percentile(&results.upstream_alone.latencies_us, 0.5);
    let Plan { rounds, turn, warm_up, .. } = plan;
    format!(
        "## Method\n\nAll servers run; one at a time is under load. They take turns in {rounds} rounds, each round \
         beginning with another one: {} s that do not count, {} s that do. A ratio is taken within a round; the table \
         shows the median of the rounds and their range.\n\nEvery call has its own idempotency key, is checked \
         against the capability's contract, and is answered only when its usage record is on disk; the build without \
         the meter skips admission and the record. Any answer that is not the upstream's ends the run, and at the end \
         the meter must have counted exactly the calls that were answered. The upstream gives a constant answer: \
         called over one connection, a round trip takes {alone} µs (median), both network stacks and the load \
         included.\n",
        warm_up.as_secs(),
        turn.as_secs(),
    )
}

fn milliseconds(times: &[Duration]) -> f64 {
    median(times.iter().map(|time| time.as_secs_f64() * 1000.0))
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52 KiB")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(rates: &[f64]) -> Course {
        let sample = |rate: &f64| Sample { answered: 1, calls_per_second: *rate, latencies_us: vec![1000, 2000] };
        Course { samples: rates.iter().map(sample).collect(), resident_kib_idle: 0, resident_kib: 51_200 }
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        let (one, other) = (course(&[50.0, 300.0, 90.0]), course(&[100.0, 200.0, 100.0]));
        assert_eq!(ratio(&one, &other), "0.90 (0.50 to 1.50)");
    }

    #[test]
    fn a_row_shows_medians() {
        assert_eq!(Row::of(&course(&[1.0, 3.0, 2.0]).samples).cells(), "2 | 1.00 | 2.00");
    }
}
