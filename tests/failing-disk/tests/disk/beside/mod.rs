//! The files beside the log, the views and backups on a disk that fails: power cuts, `kill -9`, errors and a full disk
//! at every operation in turn. Nothing is mended by hand.

mod backup;
mod checkpoints;
mod cursors;
mod sessions;
mod vault;
mod views;

use std::path::Path;

use failing_disk::disk::{Disk, Fault, Plan};

use crate::{rounds, seeds};

/// Someone who works with a file, and knows what was answered.
trait Keeper: Default {
    /// Opens the file and works with it, up to the first failure. What failed is doubtful from then on.
    fn work(&mut self, directory: &Path) -> Result<(), String>;

    /// Opens the file and holds it against what was answered. What it finds is answered from then on.
    fn check(&mut self, directory: &Path);
}

/// Plans for a life of so many operations: each of them fails by each fault, alone and with some after it. All of them
/// in the long run, else one of so many: with 7, one or two for each operation.
fn plans(operations: u64, one_of: usize) -> impl Iterator<Item = (u64, Plan)> {
    let step = if rounds() < 1_000 { one_of } else { 1 };
    let faults = [Fault::Stop, Fault::Io, Fault::Fatal, Fault::Full];
    let plans = (0..operations).flat_map(move |at| {
        faults.into_iter().flat_map(move |fault| [1, 2 + at % 7].map(|lasts| Plan { at, fault, lasts }))
    });
    (0..).zip(plans).step_by(step)
}

/// How many operations a life without faults has.
fn operations<K: Keeper>() -> u64 {
    let (disk, mut keeper) = (Disk::new(0).unwrap(), K::default());
    disk.plan(None);
    keeper.work(disk.directory()).unwrap();
    keeper.work(disk.directory()).unwrap();
    keeper.check(disk.directory());
    disk.operations()
}

/// Fails at every operation of a life in turn, by one of so many plans.
fn fail_everywhere<K: Keeper>(one_of: usize) {
    let operations = operations::<K>();
    assert!(operations > 10, "the file is on the disk that fails");
    for (seed, plan) in plans(operations, one_of) {
        live_once::<K>(plan, seed);
    }
}

/// A life with a fault in it: opened again by the next process as if nothing had happened, then cut off from its power,
/// then it goes on.
fn live_once<K: Keeper>(plan: Plan, seed: u64) {
    let (disk, mut keeper) = (Disk::new(seed).unwrap(), K::default());
    disk.plan(Some(plan));
    for _ in 0..2 {
        if keeper.work(disk.directory()).is_err() && disk.is_stopped() {
            break;
        }
    }
    disk.plan(None);
    if seed.is_multiple_of(2) || plan.fault != Fault::Stop {
        keeper.check(disk.directory());
    }
    let disk = disk.restart().unwrap();
    keeper.check(disk.directory());
    let went_on = keeper.work(disk.directory());
    assert_eq!(went_on, Ok(()), "{plan:?}, seed {seed}");
    keeper.check(disk.directory());
}

/// Power cuts and kills at random moments of a longer life.
fn crash_often<K: Keeper>() {
    for seed in seeds(rounds()) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut disk, mut keeper) = (Disk::new(seed).unwrap(), K::default());
        for _ in 0..4 {
            disk.plan(Some(Plan { at: rng.u64(0..120), fault: Fault::Stop, lasts: u64::MAX }));
            while keeper.work(disk.directory()).is_ok() {}
            disk.plan(None);
            if rng.bool() {
                keeper.check(disk.directory());
            }
            disk = disk.restart().unwrap();
            keeper.check(disk.directory());
        }
    }
}
