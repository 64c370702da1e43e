//! `tallystick replay`: everything again, from the log alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use eventlog::incarnation;
use eventlog::port::EventLog;
use eventlog::progress::{self, stopper};
use eventlog::project::run_projection;
use views::store::Views;

use crate::cli::Replay;
use crate::log::OpenLog;
use crate::money;
use crate::paths::DataDirectory;

/// A long log takes its time.
const PATIENCE: Duration = Duration::from_hours(24);

/// Rebuilds, and compares where asked to.
pub async fn run(options: &Replay) -> Result<()> {
    let directory = DataDirectory::existing(&options.data)?;
    let opened = OpenLog::open(directory.path(), options.data.log.as_ref(), None).await;
    let log = opened.context("the log cannot be opened")?;
    let shared = Arc::clone(&log.shared);
    let scratch = directory.path().join("replay");
    remove(&scratch)?;
    std::fs::create_dir_all(&scratch)?;
    let started = Instant::now();
    let rebuilt = rebuild(&shared, &scratch).await?;
    let seconds = started.elapsed().as_secs_f64();
    report(&rebuilt, seconds)?;
    let outcome = if options.verify { verify(&directory, &shared, &rebuilt).await } else { Ok(()) };
    drop(rebuilt);
    remove(&scratch)?;
    log.close().await;
    outcome
}

fn remove(scratch: &std::path::Path) -> Result<()> {
    match std::fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", scratch.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Runs the projection over the whole log into a directory.
async fn rebuild(log: &Arc<dyn EventLog>, directory: &std::path::Path) -> Result<Views> {
    let incarnation = incarnation::current(log.as_ref()).await?.context("the log has not begun")?;
    let (views, projection) =
        views::store::open(directory, incarnation).context("the rebuilt views cannot be opened")?;
    let (report, progress) = progress::channel();
    let (stopper, stop) = stopper();
    let running = tokio::spawn(run_projection(Arc::clone(log), projection, report, stop));
    let complete = progress.caught_up(PATIENCE).await;
    stopper.stop();
    running.await?;
    if complete { Ok(views) } else { bail!("the log could not be replayed: {:?}", progress.standing()) }
}

fn report(views: &Views, seconds: f64) -> Result<()> {
    let counts = views.counts()?;
    let rows: u64 = counts.iter().map(|(_, rows)| rows).sum();
    for (table, rows) in &counts {
        println!("{rows:>10}  {table}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = rows as f64 / seconds.max(f64::EPSILON);
    println!("{rows:>10}  rows rebuilt in {seconds:.3} s ({rate:.0} rows/s)");
    Ok(())
}

/// Compares with the views in use, brought up to the log's end first, and checks the money in the log itself.
async fn verify(directory: &DataDirectory, log: &Arc<dyn EventLog>, rebuilt: &Views) -> Result<()> {
    let checked = money::check(log.as_ref(), rebuilt).await?;
    println!("{:>10}  invoices rated again from their usage records, to the same minor unit", checked.invoices);
    println!("{:>10}  ledger entries that follow from their invoices and sum to zero", checked.entries);
    let live = rebuild(log, directory.path()).await.context("the views in use")?;
    match live.first_difference(rebuilt)? {
        None => println!("the views in use and the rebuilt ones are equal"),
        Some(difference) => bail!("the first difference, in use against rebuilt:\n{difference:#?}"),
    }
    Ok(())
}
