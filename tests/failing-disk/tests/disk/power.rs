//! Power cuts: every answered append is there afterwards, and nothing else by half.

use eventlog::sqlite::{Medium, Options, verify};
use failing_disk::disk::{Disk, Fault, Plan};
use failing_disk::load;
use failing_disk::vfs::NAME;

use crate::book::Book;
use crate::{block_on, rounds, seeds};

/// Times that the power goes, or the process, in the life of one log.
const CRASHES: usize = 4;
/// Operations before it does, at the most: within the making of the file, within appends, within a checkpoint.
const OPERATIONS_MAX: [u64; 4] = [20, 100, 600, 3_000];

/// Opens, checks, writes, until the disk stops; an error says what was lost.
async fn live(disk: &Disk, options: &Options, book: &mut Book, rng: &mut fastrand::Rng) -> Result<(), String> {
    let log = match load::open(disk.directory(), options) {
        Ok(log) => log,
        Err(_) if disk.is_stopped() => return Ok(()),
        Err(error) => return Err(format!("the log was not opened again: {error:?}")),
    };
    match book.check(&log).await {
        Ok(checked) => checked?,
        Err(_) if disk.is_stopped() => {}
        Err(error) => return Err(format!("the log was not read: {error}")),
    }
    book.write(&log, rng.u64(1..120)).await;
    if rng.bool() {
        log.close().await;
    }
    Ok(())
}

async fn crash_often(seed: u64, medium: Medium) -> Result<(), String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let options = Options { medium, ..Options::default() };
    let (mut disk, mut book) = (Disk::new(seed).unwrap(), Book::default());
    for _ in 0..CRASHES {
        let most = OPERATIONS_MAX[rng.usize(0..OPERATIONS_MAX.len())];
        let at = rng.u64(0..most);
        disk.plan(Some(Plan { at, fault: Fault::Stop, lasts: u64::MAX }));
        live(&disk, &options, &mut book, &mut rng).await?;
        if rng.u8(0..4) == 0 {
            // Only the process ended: what it had written is still there, durable or not.
            disk.plan(None);
        } else {
            disk = disk.restart().unwrap();
        }
    }
    disk.plan(None);
    live(&disk, &options, &mut book, &mut rng).await?;
    verify(disk.directory()).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn every_answered_append_outlives_power_cuts() {
    for seed in seeds(rounds() * 2) {
        let outcome = block_on(crash_often(seed, Medium::of(NAME)));
        assert_eq!(outcome, Ok(()), "run again with SEED={seed}");
    }
}

/// The process dies at an operation, the next one reads what it left, and then the power goes.
async fn found_and_lost(at: u64, seed: u64, medium: Medium) -> Result<(), String> {
    let options = Options { medium, ..Options::default() };
    let (disk, mut book) = (Disk::new(seed).unwrap(), Book::default());
    disk.plan(Some(Plan { at, fault: Fault::Stop, lasts: u64::MAX }));
    if let Ok(log) = load::open(disk.directory(), &options) {
        book.write(&log, 3).await;
    }
    disk.plan(None);
    let log = load::open(disk.directory(), &options).unwrap();
    book.check(&log).await.unwrap()?;
    disk.plan(Some(Plan { at: 0, fault: Fault::Stop, lasts: u64::MAX }));
    book.write(&log, 1).await;
    drop(log);
    let disk = disk.restart().unwrap();
    let log = load::open(disk.directory(), &options).map_err(|error| error.to_string())?;
    book.check(&log).await.unwrap()
}

/// What a dead process had written without having waited for the disk reads like everything else: who has read it must
/// find it again.
#[test]
fn what_was_read_after_a_kill_outlives_a_power_cut() {
    for at in 0..80 {
        for seed in 0..3 {
            assert_eq!(block_on(found_and_lost(at, seed, Medium::of(NAME))), Ok(()), "operation {at}, seed {seed}");
        }
    }
}

/// A sync fails and loses what it was to write, the process ends, and the next one reads what still reads.
async fn unsynced_and_lost(at: u64, seed: u64, medium: Medium) -> Result<(), String> {
    let options = Options { medium, ..Options::default() };
    let (disk, mut book) = (Disk::new(seed).unwrap(), Book::default());
    disk.plan(Some(Plan { at, fault: Fault::Fatal, lasts: 1 }));
    if let Ok(log) = load::open(disk.directory(), &options) {
        book.write(&log, 3).await;
    }
    disk.plan(None);
    let log = load::open(disk.directory(), &options).map_err(|error| error.to_string())?;
    book.check(&log).await.unwrap()?;
    disk.plan(Some(Plan { at: 0, fault: Fault::Stop, lasts: u64::MAX }));
    drop(log);
    let disk = disk.restart().unwrap();
    let log = load::open(disk.directory(), &options).map_err(|error| error.to_string())?;
    book.check(&log).await.unwrap()?;
    log.close().await;
    verify(disk.directory()).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn what_was_read_after_a_failed_sync_outlives_a_power_cut() {
    for at in 0..80 {
        for seed in 0..6 {
            assert_eq!(block_on(unsynced_and_lost(at, seed, Medium::of(NAME))), Ok(()), "operation {at}, seed {seed}");
        }
    }
}

#[test]
fn a_log_that_believes_what_it_finds_is_caught() {
    let mut runs = (0..80).flat_map(|at| (0..3).map(move |seed| (at, seed)));
    let lost = runs.find(|(at, seed)| block_on(found_and_lost(*at, *seed, Medium::of(NAME).trusting())).is_err());
    assert!(lost.is_some(), "nothing was lost of what was found and never synced");
    let mut runs = (0..80).flat_map(|at| (0..6).map(move |seed| (at, seed)));
    let lost = runs.find(|(at, seed)| block_on(unsynced_and_lost(*at, *seed, Medium::of(NAME).trusting())).is_err());
    assert!(lost.is_some(), "nothing was lost of what a failed sync had lost");
}

#[test]
fn a_log_that_does_not_wait_for_the_disk_is_caught() {
    let lost = (0..40).find(|seed| block_on(crash_often(*seed, Medium::of(NAME).hasty())).is_err());
    assert!(lost.is_some(), "nothing was lost without a single sync");
}
