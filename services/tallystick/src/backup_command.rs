//! `tallystick backup` and `tallystick restore`.

use anyhow::{Context, Result, ensure};
use eventlog::backup::{Part, Progress};
use eventlog::clock::{Clock, SystemClock};
use gateway::upkeep::BackedUpElsewhere;

use crate::cli::{Backup, Restore};
use crate::log::is_here;
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

/// Restores one.
pub async fn restore(options: &Restore) -> Result<()> {
    ensure!(is_here(options.data.log.as_ref()), BackedUpElsewhere);
    let data = &options.data.data;
    let cause = platform_cause("platform", &SystemClock)?;
    let mut told = Told::start();
    let mut report = |progress| tell(&mut told, progress);
    let restored = eventlog::backup::restore(&options.from, data, &cause, &mut report).await;
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

fn tell(told: &mut Told, progress: Progress) {
    let what = match progress.part {
        Part::Log => "copying the log",
        Part::Check => "verifying the log",
        Part::Files => "copying files",
    };
    told.tell(what, progress.done, progress.total);
}
