//! `tallystick log`: events as JSON lines.

use std::io::{self, Write};

use anyhow::{Context, Result};
use eventlog::port::{Filter, StoredEvent};
use kernel::event::{Position, StreamName};
use kernel::wire::Wire;
use metering::published::usage::Event as UsageEvent;
use serde_json::{Value, json};

use crate::cli::Log;
use crate::export_command::object;
use crate::log::LogReader;
use crate::paths::DataDirectory;

/// Prints what the filters let through.
pub async fn run(options: &Log) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let reader = LogReader::open(directory.path(), options.data.log.as_ref()).await;
    let reader = reader.context("the log cannot be opened")?;
    let filter = filter(options)?;
    let mut after = options.after.map(Position);
    let mut left = options.max;
    let mut out = io::stdout().lock();
    while left > 0 {
        let page = reader.read_log(after, &filter, 1_000).await?;
        for event in page.events.iter().filter(|event| wanted(event, options)).take(left) {
            writeln!(out, "{}", line(event)?)?;
            left -= 1;
        }
        if page.end {
            return Ok(());
        }
        after = page.next.or(after);
    }
    tracing::warn!("there may be more: only --max events are shown");
    Ok(())
}

fn filter(options: &Log) -> Result<Filter> {
    Ok(match &options.stream {
        Some(stream) => Filter::Stream(StreamName::try_from(stream.clone())?),
        None if !options.category.is_empty() => Filter::Categories(options.category.clone()),
        None if !options.kind.is_empty() => Filter::Kinds(options.kind.clone()),
        None => Filter::All,
    })
}

fn wanted(event: &StoredEvent, options: &Log) -> bool {
    let late_enough = options.since.is_none_or(|since| event.occurred_at >= since);
    let correlated = options.correlation.is_none_or(|correlation| event.provenance.correlation == correlation);
    late_enough && correlated
}

fn line(event: &StoredEvent) -> Result<Value> {
    let mut line = json!({
        "position": event.position,
        "stream": event.stream,
        "revision": event.revision,
        "kind": event.kind,
        "version": event.version,
        "id": event.id,
        "occurredAt": event.occurred_at,
        "provenance": event.provenance,
        "event": serde_json::from_slice::<Value>(&event.data)?,
    });
    if let Some(records) = records(event)? {
        line["records"] = records;
    }
    Ok(line)
}

/// The records of a usage batch, which are not JSON in the log.
fn records(event: &StoredEvent) -> Result<Option<Value>> {
    let Some(batch) = UsageEvent::decode(&event.kind, event.version, &event.data, &event.body) else {
        return Ok(None);
    };
    let UsageEvent::Recorded(batch) = batch? else { return Ok(None) };
    Ok(Some(batch.records.iter().map(object).collect()))
}
