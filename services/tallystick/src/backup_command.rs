//! `tallystick backup` and `tallystick restore`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use eventlog::backup::{Part, Progress};
use eventlog::clock::{Clock, SystemClock};
use eventlog::incarnation::{self, Incarnation};
use eventlog::port::EventLog;
use gateway::upkeep::BackedUpElsewhere;

use crate::cli::{Backup, Data, Restore};
use crate::log::{self, OpenLog, is_here};
use crate::paths::DataDirectory;
use crate::progress::Told;
use crate::runtime::platform_cause;

/// Takes a backup.
pub fn backup(options: &Backup) -> Result<()> {
    ensure!(is_here(options.data.log.as_ref()), BackedUpElsewhere);
    let directory = DataDirectory::existing(&options.data)?;
    let mut told = Told::start();
    let now = SystemClock.now();
    let taken = eventlog::backup::take(directory.path(), &options.to, now, &mut |progress| tell(&mut told, progress));
    let manifest = taken.context("there is no backup")?;
    println!(
        "{}: {} events of history {}, {} bytes in {} files, verified",
        options.to.display(),
        manifest.events,
        manifest.incarnation,
        manifest.bytes(),
        manifest.files.len(),
    );
    Ok(())
}

/// Restores one, or goes on from a database that was restored.
pub async fn restore(options: &Restore) -> Result<()> {
    match &options.from {
        Some(backup) => restore_backup(&options.data.data, backup).await,
        None => take_up(&options.data).await,
    }
}

async fn restore_backup(data: &Path, backup: &Path) -> Result<()> {
    let cause = platform_cause("platform", &SystemClock)?;
    let mut told = Told::start();
    let mut report = |progress| tell(&mut told, progress);
    let restored = eventlog::backup::restore(backup, data, &cause, &mut report).await;
    let (manifest, incarnation) = restored.context("nothing was restored")?;
    DataDirectory::prepare(data)?;
    println!(
        "{}: {} events as of {}, verified; history {incarnation} goes on from {}",
        data.display(),
        manifest.events,
        manifest.taken_at,
        manifest.incarnation,
    );
    Ok(())
}

/// Verifies a database that its own programs restored, and names its history anew: what the data directory or a client
/// knows of the lost one is not taken for this one's.
async fn take_up(data: &Data) -> Result<()> {
    let directory = DataDirectory::existing(data)?;
    let verified = log::verify(directory.path(), data.log.as_ref()).await?;
    let log = OpenLog::open(directory.path(), data.log.as_ref(), None).await.context("the log cannot be opened")?;
    let named = renamed(log.shared.as_ref()).await;
    log.close().await;
    let (previous, incarnation) = named?;
    println!("{} events, verified; history {incarnation} goes on from {previous}", verified.events);
    Ok(())
}

async fn renamed(log: &dyn EventLog) -> Result<(Incarnation, Incarnation)> {
    let previous = incarnation::current(log).await?.context("the log has not begun: there is nothing to go on from")?;
    let cause = platform_cause("platform", &SystemClock)?;
    Ok((previous, incarnation::restored(log, &cause).await?))
}

fn tell(told: &mut Told, progress: Progress) {
    let what = match progress.part {
        Part::Log => "copying the log",
        Part::Check => "verifying the log",
        Part::Files => "copying files",
    };
    told.tell(what, progress.done, progress.total);
}
