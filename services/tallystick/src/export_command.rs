//! `tallystick export usage`: usage records as CSV or JSON lines, read from the log alone.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use eventlog::codec::decode_own;
use eventlog::port::{Filter, StoredEvent};
use kernel::event::Position;
use kernel::slug::Slug;
use metering::published::usage::{Event as UsageEvent, RecordKind, UsageRecord};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::cli::{Export, Exported, Format};
use crate::log::LogReader;
use crate::paths::DataDirectory;
use crate::progress::Told;

const PAGE: usize = 500;

/// Writes the records of the time asked for, in the order of the log.
pub async fn run(options: &Export) -> Result<()> {
    let Exported::Usage = options.what;
    if let (Some(from), Some(to)) = (options.from, options.to) {
        ensure!(from < to, "--from must be before --to");
    }
    let directory = DataDirectory::existing(&options.data)?;
    let reader = LogReader::open(directory.path(), options.data.log.as_ref()).await;
    let reader = reader.context("the log cannot be opened")?;
    match &options.out {
        None => {
            let count = export(&reader, options, BufWriter::new(io::stdout().lock())).await?;
            tracing::info!(records = count, "exported");
        }
        Some(path) => {
            let count = to_file(&reader, options, path).await?;
            println!("{count} records in {}", path.display());
        }
    }
    Ok(())
}

/// The file gets its name when it is whole, and takes nobody else's.
async fn to_file(reader: &LogReader, options: &Export, path: &Path) -> Result<u64> {
    ensure!(!path.exists(), "{} exists", path.display());
    let failed = || format!("{} cannot be written", path.display());
    let partial = beside(path).with_context(failed)?;
    let count = export(reader, options, BufWriter::new(partial.as_file())).await?;
    partial.as_file().sync_all().with_context(failed)?;
    partial.persist_noclobber(path).with_context(failed)?;
    Ok(count)
}

/// A file of its own, `NAME.….partial`, which only its owner may read.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut prefix = name.to_owned();
    prefix.push(".");
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(&prefix).suffix(".partial").tempfile_in(directory)
}

async fn export(reader: &LogReader, options: &Export, out: impl Write) -> Result<u64> {
    let mut lines = Lines::start(options.format, out)?;
    let filter = Filter::categories(&["usage"]);
    let head = reader.head().await?.map_or(0, |head| head.0);
    let (mut after, mut told, mut count) = (None::<Position>, Told::start(), 0_u64);
    loop {
        let page = reader.read_log(after, &filter, PAGE).await?;
        for event in &page.events {
            for record in records(event)?.iter().filter(|record| wanted(record, options)) {
                lines.write(record)?;
                count = count.saturating_add(1);
            }
        }
        after = page.next.or(after);
        told.tell("reading the log", after.map_or(0, |after| after.0), head);
        if page.end {
            lines.finish()?;
            return Ok(count);
        }
    }
}

fn records(event: &StoredEvent) -> Result<Vec<UsageRecord>> {
    Ok(decode_own::<UsageEvent>(event)?.event.into_records())
}

fn wanted(record: &UsageRecord, options: &Export) -> bool {
    let in_time = options.from.is_none_or(|from| record.admitted_at >= from)
        && options.to.is_none_or(|to| record.admitted_at < to);
    in_time && options.organization.is_none_or(|own| record.buyer == own || record.seller == own)
}

/// The lines of a form, with what stands before the first.
enum Lines<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
}

/// The names of a row's fields, in their order.
const COLUMNS: [&str; 18] = [
    "invocation",
    "agreement",
    "sequence",
    "buyer",
    "seller",
    "capability",
    "listing",
    "principal",
    "admitted_at",
    "settled_at",
    "period_start",
    "billed_start",
    "reported",
    "price_version",
    "meter",
    "free",
    "value_added",
    "basis",
];

/// One meter of a record. Quantities are units of the meter.
#[derive(Serialize)]
struct Row<'a> {
    invocation: String,
    agreement: String,
    sequence: u64,
    buyer: String,
    seller: String,
    capability: &'a str,
    listing: String,
    principal: &'a str,
    admitted_at: String,
    settled_at: String,
    period_start: String,
    billed_start: String,
    reported: bool,
    price_version: u32,
    meter: Value,
    free: u64,
    value_added: u64,
    basis: Value,
}

impl<W: Write> Lines<W> {
    fn start(format: Format, out: W) -> Result<Self> {
        match format {
            Format::Csv => {
                // Its own header comes with the first row, and an export without one has a header all the same.
                let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
                writer.write_record(COLUMNS)?;
                Ok(Self::Csv(Box::new(writer)))
            }
            Format::Jsonl => Ok(Self::Jsonl(out)),
        }
    }

    fn write(&mut self, record: &UsageRecord) -> Result<()> {
        match self {
            Self::Csv(writer) => rows(record)?.into_iter().try_for_each(|row| Ok(writer.serialize(row)?)),
            Self::Jsonl(out) => Ok(writeln!(out, "{}", object(record))?),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Csv(mut writer) => Ok(writer.flush()?),
            Self::Jsonl(mut out) => Ok(out.flush()?),
        }
    }
}

fn rows(record: &UsageRecord) -> Result<Vec<Row<'_>>> {
    let row = |line: &metering::published::usage::UsageLine| -> Result<Row<'_>> {
        Ok(Row {
            invocation: record.invocation.to_string(),
            agreement: record.agreement.to_string(),
            sequence: record.sequence,
            buyer: record.buyer.to_string(),
            seller: record.seller.to_string(),
            capability: record.capability.as_ref().map_or("", Slug::as_str),
            listing: record.listing.to_string(),
            principal: &record.principal,
            admitted_at: record.admitted_at.to_string(),
            settled_at: record.settled_at.to_string(),
            period_start: record.period_start.to_string(),
            billed_start: record.billed_start.to_string(),
            reported: record.kind == RecordKind::Report,
            price_version: record.price_version,
            meter: serde_json::to_value(line.meter)?,
            free: line.split.free.0,
            value_added: line.split.value_added.0,
            basis: serde_json::to_value(line.basis)?,
        })
    };
    record.lines.iter().map(row).collect()
}

/// A record as JSON: also one line of `tallystick log`.
pub fn object(record: &UsageRecord) -> Value {
    let lines = record.lines.iter().map(|line| {
        json!({
            "meter": line.meter, "free": line.split.free, "valueAdded": line.split.value_added,
            "basis": line.basis, "before": line.before,
        })
    });
    json!({
        "invocation": record.invocation, "agreement": record.agreement, "sequence": record.sequence,
        "buyer": record.buyer, "seller": record.seller, "capability": record.capability,
        "listing": record.listing, "principal": &*record.principal, "priceVersion": record.price_version,
        "admittedAt": record.admitted_at, "settledAt": record.settled_at, "periodStart": record.period_start,
        "billedStart": record.billed_start, "reported": record.kind == RecordKind::Report,
        "lines": lines.collect::<Vec<_>>(),
    })
}
