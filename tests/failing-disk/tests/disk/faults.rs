//! Errors and a full disk, at every operation in turn: the answer is definite or `Unknown`, and what was asked again
//! becomes definite; nothing is mended by hand.

use eventlog::port::EventLog;
use eventlog::sqlite::{Medium, OpenError, Options, SqliteLog, verify};
use failing_disk::disk::{Disk, Fault, Plan};
use failing_disk::load;
use failing_disk::vfs::NAME;

use crate::book::Book;
use crate::{block_on, rounds, seeds};

fn options() -> Options {
    Options { medium: Medium::of(NAME), ..Options::default() }
}

/// Opens the log, again and again while the fault lasts.
fn open(disk: &Disk, seed: u64) -> SqliteLog {
    let attempt = || load::open(disk.directory(), &options());
    let opened: Result<SqliteLog, OpenError> = (0..1_000).fold(attempt(), |before, _| before.or_else(|_| attempt()));
    opened.unwrap_or_else(|error| panic!("not opened once the fault was over, SEED={seed}: {error:?}"))
}

/// A day in the life of a log: made, written, read, closed, opened, written, closed. How many answers were not definite
/// successes.
async fn day(disk: &Disk, seed: u64, book: &mut Book) -> usize {
    let mut failures = 0;
    for _ in 0..2 {
        let log = open(disk, seed);
        for number in [0, 1, 0, 0, 2, 1] {
            failures += book.insist(&log, number).await;
            book.check(&log).await.unwrap().unwrap();
        }
        log.close().await;
    }
    failures
}

/// A day with a fault in it, and the power cut after it: what was answered is there.
fn survive(seed: u64, plan: Plan) -> usize {
    block_on(async {
        let (disk, mut book) = (Disk::new(seed).unwrap(), Book::default());
        disk.plan(Some(plan));
        let failures = day(&disk, seed, &mut book).await;
        disk.plan(None);
        verify(disk.directory()).unwrap();
        let disk = disk.restart().unwrap();
        let log = open(&disk, seed);
        let checked = book.check(&log).await.unwrap();
        assert_eq!(checked, Ok(()), "after {plan:?}, seed {seed}");
        let head = log.head().await.unwrap();
        log.close().await;
        assert_eq!(verify(disk.directory()).unwrap().events, head.unwrap().0);
        failures
    })
}

fn operations() -> u64 {
    let (disk, mut book) = (Disk::new(0).unwrap(), Book::default());
    disk.plan(None);
    assert_eq!(block_on(day(&disk, 0, &mut book)), 0, "nothing fails without a fault");
    disk.operations()
}

#[test]
fn an_error_at_any_operation_is_survived() {
    for at in 0..operations() {
        for lasts in [1, 2 + at % 9] {
            survive(at, Plan { at, fault: Fault::Io, lasts });
        }
    }
}

#[test]
fn a_disk_full_at_any_write_is_survived() {
    let failures: usize = (0..operations())
        .flat_map(|at| [1, 2 + at % 29].map(|lasts| survive(at, Plan { at, fault: Fault::Full, lasts })))
        .sum();
    assert!(failures > 100, "the disk was full {failures} times");
}

/// Errors while the write-ahead log is copied back under load, and while many appends share a commit.
#[test]
fn errors_under_load_are_survived() {
    for seed in seeds(rounds() / 2) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (disk, mut book) = (Disk::new(seed).unwrap(), Book::default());
        block_on(async {
            for _ in 0..3 {
                let fault = if rng.bool() { Fault::Io } else { Fault::Full };
                disk.plan(Some(Plan { at: rng.u64(0..1_200), fault, lasts: rng.u64(1..40) }));
                let log = open(&disk, seed);
                book.check(&log).await.unwrap().unwrap();
                for _ in 0..3 {
                    book.write(&log, 25).await;
                    book.check(&log).await.unwrap().unwrap();
                }
            }
            let disk = disk.restart().unwrap();
            let checked = book.check(&open(&disk, seed)).await.unwrap();
            assert_eq!(checked, Ok(()), "run again with SEED={seed}");
        });
    }
}
