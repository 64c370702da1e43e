//! Backups: what says that it is one is durable and comes back; what failed is none, and harms nothing.

use std::path::Path;

use eventlog::backup::{BackupError, Manifest, restore, take};
use eventlog::checkpoints::{Checkpoints, Published};
use eventlog::execute::Cause;
use eventlog::incarnation;
use eventlog::sqlite::{Options, SqliteLog, verify};
use eventlog::vault::Vault;
use failing_disk::disk::{Disk, Fault};
use failing_disk::load;
use jiff::Timestamp;
use kernel::id::derived;
use kernel::sealed::Sealed;
use tempfile::TempDir;

use super::plans;
use crate::block_on;

const ORIGIN: &str = "log";
const APPENDS: u64 = 12;

fn cause(name: &str) -> Cause {
    let id = derived(&[name]);
    Cause { id, correlation: id, actor: "platform".to_owned(), now: Timestamp::UNIX_EPOCH }
}

fn published() -> Published {
    let note = "log\n12\n".to_owned();
    Published { origin: ORIGIN.to_owned(), size: 12, root: [7; 32], signed_at: Timestamp::UNIX_EPOCH, note }
}

/// A platform's directory with a log that goes on being open.
struct Place {
    disk: Disk,
    log: SqliteLog,
    sealed: Sealed,
}

impl Place {
    fn new(seed: u64) -> Self {
        let disk = Disk::new(seed).unwrap();
        disk.plan(None);
        let sealed = Vault::open(disk.directory()).unwrap().seal(derived(&["Ada"]), "Ada").unwrap();
        let log = load::open(disk.directory(), &Options::default()).unwrap();
        block_on(async {
            incarnation::begun(&log, &cause("begin")).await.unwrap();
            assert_eq!(load::write(&log, 0, 0, APPENDS, |_| ()).await, load::End::Done);
        });
        Checkpoints::open(disk.directory()).unwrap().keep(&published()).unwrap();
        Self { disk, log, sealed }
    }

    fn take(&self, name: &str) -> Result<Manifest, BackupError> {
        take(self.disk.directory(), &self.disk.directory().join(name), Timestamp::UNIX_EPOCH, &mut |_| ())
    }

    /// Everything is in the backup, and every byte of it was synced before it was called one.
    fn check(&self, name: &str, manifest: &Manifest) {
        for entry in &manifest.files {
            let partial = format!("{name}.partial/{}", entry.name);
            let (durable, file) = (self.disk.durable(&partial), self.disk.directory().join(name).join(&entry.name));
            assert!(durable == Some(std::fs::read(file).unwrap()), "{} was not synced", entry.name);
        }
        comes_back(&self.disk.directory().join(name), &self.sealed);
    }
}

fn comes_back(backup: &Path, sealed: &Sealed) {
    let elsewhere = TempDir::new().unwrap();
    let data = elsewhere.path().join("data");
    block_on(async {
        restore(backup, &data, &cause("restore"), &mut |_| ()).await.unwrap();
        let log = load::open(&data, &Options::default()).unwrap();
        assert_eq!(load::found(&log, 0).await.unwrap(), Ok(APPENDS));
        log.close().await;
    });
    assert_eq!(Vault::open(&data).unwrap().unseal(sealed).unwrap().as_deref(), Some("Ada"));
    assert_eq!(Checkpoints::open(&data).unwrap().latest(ORIGIN).unwrap(), Some(published()));
}

#[test]
fn a_backup_is_whole_or_none_whatever_operation_fails() {
    let place = Place::new(0);
    place.disk.plan(None);
    place.check("backup", &place.take("backup").unwrap());
    let operations = place.disk.operations();
    assert!(operations > 10, "the backup is on the disk that fails");
    for (number, plan) in plans(operations, 7).filter(|(_, plan)| !matches!(plan.fault, Fault::Stop | Fault::Fatal)) {
        let name = format!("backup{number}");
        let target = place.disk.directory().join(&name);
        place.disk.plan(Some(plan));
        let taken = place.take(&name);
        place.disk.plan(None);
        assert!(!target.with_file_name(format!("{name}.partial")).exists(), "{plan:?} leaves nothing behind");
        if let Ok(manifest) = taken {
            place.check(&name, &manifest);
        } else {
            assert!(!target.exists(), "{plan:?}");
            assert_eq!(place.take(&name).unwrap().files.len(), 3);
        }
        std::fs::remove_dir_all(target).unwrap();
    }
    block_on(async {
        assert_eq!(load::found(&place.log, 0).await.unwrap(), Ok(APPENDS));
        place.log.close().await;
    });
    verify(place.disk.directory()).unwrap();
}

/// The power goes, or the process, at any step of a backup: what it leaves is no backup, and in nobody's way.
#[test]
fn what_a_dead_process_left_is_no_backup_and_in_nobodys_way() {
    let place = Place::new(1);
    let target = place.disk.directory().join("backup");
    let mut left = Vec::new();
    let data = place.disk.directory();
    take(data, &target, Timestamp::UNIX_EPOCH, &mut |_| left.push(copy(&target.with_file_name("backup.partial"))))
        .unwrap();
    assert!(left.len() > 3);
    for partial in left {
        let restored = TempDir::new().unwrap();
        let outcome = block_on(restore(partial.path(), &restored.path().join("data"), &cause("restore"), &mut |_| ()));
        assert!(matches!(outcome, Err(BackupError::NotABackup { .. })), "{outcome:?}");
        let again = partial.path().join("again");
        std::fs::rename(copy(partial.path()).keep(), again.with_file_name("again.partial")).unwrap();
        take(data, &again, Timestamp::UNIX_EPOCH, &mut |_| ()).unwrap();
        comes_back(&again, &place.sealed);
    }
}

/// The files of a directory, in another one.
fn copy(directory: &Path) -> TempDir {
    let copy = TempDir::new_in(directory.parent().unwrap_or(directory)).unwrap();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}
