//! What was backed up comes back, as another history; what was not is refused, and nothing is left of the attempt.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use kernel::event::Revision;
use tempfile::TempDir;
use uuid::Uuid;

use super::{BackupError, Manifest, Part, Progress, restore, take};
use crate::checkpoints::{Checkpoints, Published};
use crate::execute::Cause;
use crate::incarnation::{self, Incarnation};
use crate::port::{Expected, Filter};
use crate::sqlite::{Options, SqliteLog, VerifyError};
use crate::suite::{append, event, log_past, numbered, stream};
use crate::vault::Vault;

const PERSON: Uuid = Uuid::from_u128(7);

fn cause(number: u128) -> Cause {
    let id = Uuid::from_u128(number);
    Cause { id, correlation: id, actor: "platform".to_owned(), now: Timestamp::UNIX_EPOCH }
}

struct Place {
    _directory: TempDir,
    data: PathBuf,
    backup: PathBuf,
    restored: PathBuf,
}

impl Place {
    /// A platform's directory with a log of 50 events, a sealed name and a blob.
    async fn start() -> (Self, SqliteLog) {
        let directory = TempDir::new().unwrap();
        let at = |name: &str| directory.path().join(name);
        let place = Self { data: at("data"), backup: at("backup"), restored: at("restored"), _directory: directory };
        let log = SqliteLog::open(&place.data, &Options::default()).unwrap();
        incarnation::begun(&log, &cause(1)).await.unwrap();
        append(&log, &stream("a"), Expected::NoStream, numbered("n", 50)).await;
        fs::create_dir(place.data.join("blobs")).unwrap();
        fs::write(place.data.join("blobs/aa"), b"a logo").unwrap();
        (place, log)
    }

    fn take(&self) -> Result<Manifest, BackupError> {
        take(&self.data, &self.backup, Timestamp::UNIX_EPOCH, &mut |_| ())
    }

    async fn restore(&self) -> Result<(Manifest, Incarnation), BackupError> {
        restore(&self.backup, &self.restored, &cause(2), &mut |_| ()).await
    }

    /// Nothing is at the place of the restored directory, nor beside it.
    fn nothing_restored(&self) {
        assert!(!self.restored.exists() && !self.restored.with_file_name("restored.partial").exists());
    }
}

#[tokio::test]
async fn a_backup_comes_back_as_another_history() {
    let (place, log) = Place::start().await;
    let sealed = Vault::open(&place.data).unwrap().seal(PERSON, "Ada").unwrap();
    let before = log_past(&log, None, &Filter::All).await;
    let manifest = place.take().unwrap();
    assert_eq!((manifest.events, manifest.incarnation), (51, Incarnation(Uuid::from_u128(1))));
    append(&log, &stream("a"), Expected::At(Revision(49)), vec![event("later")]).await;
    let (_, incarnation) = place.restore().await.unwrap();
    let restored = SqliteLog::open(&place.restored, &Options::default()).unwrap();
    let after = log_past(&restored, None, &Filter::All).await;
    assert_eq!(after[..51], before[..]);
    assert_eq!((after.len(), after[51].kind.as_str()), (52, "log_restored"));
    assert_eq!(incarnation::current(&restored).await.unwrap(), Some(incarnation));
    assert_ne!(incarnation, manifest.incarnation);
    assert_eq!(Vault::open(&place.restored).unwrap().unseal(&sealed).unwrap().as_deref(), Some("Ada"));
    assert_eq!(fs::read(place.restored.join("blobs/aa")).unwrap(), b"a logo");
}

#[tokio::test]
async fn published_checkpoints_come_back_and_a_backup_without_them_is_one_too() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    let checkpoints = Checkpoints::open(&place.data).unwrap();
    let (origin, note) = ("log".to_owned(), "log\n51\n".to_owned());
    let published = Published { origin, size: 51, root: [7; 32], signed_at: Timestamp::UNIX_EPOCH, note };
    checkpoints.keep(&published).unwrap();
    place.take().unwrap();
    place.restore().await.unwrap();
    let restored = Checkpoints::open(&place.restored).unwrap();
    assert_eq!(restored.latest("log").unwrap(), Some(published));

    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    place.take().unwrap();
    place.restore().await.unwrap();
}

#[tokio::test]
async fn a_blob_that_is_swept_away_meanwhile_is_not_part_of_the_backup() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    fs::write(place.data.join("blobs/bb"), b"another logo").unwrap();
    let mut sweep = |progress: Progress| {
        // The blobs are listed by the time that their copying begins.
        if progress.part == Part::Files && progress.done == 0 {
            fs::remove_file(place.data.join("blobs/aa")).unwrap();
        }
    };
    let manifest = take(&place.data, &place.backup, Timestamp::UNIX_EPOCH, &mut sweep).unwrap();
    let blobs = manifest.files.iter().map(|entry| entry.name.as_str()).filter(|name| name.starts_with("blobs/"));
    assert_eq!(blobs.collect::<Vec<_>>(), ["blobs/bb"]);
    place.restore().await.unwrap();
    assert_eq!(fs::read(place.restored.join("blobs/bb")).unwrap(), b"another logo");
}

#[tokio::test]
async fn a_repeated_append_is_recognised_after_a_restoration() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    place.take().unwrap();
    place.restore().await.unwrap();
    let restored = SqliteLog::open(&place.restored, &Options::default()).unwrap();
    assert!(append(&restored, &stream("a"), Expected::NoStream, numbered("n", 50)).await.repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_under_load_is_one_moment_of_the_log() {
    let (place, log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    let (stop, log) = (Arc::new(AtomicBool::new(false)), Arc::new(log));
    let writer = tokio::spawn({
        let (stop, log) = (Arc::clone(&stop), Arc::clone(&log));
        async move {
            let mut number = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                let name = stream(&format!("load{number}"));
                append(&*log, &name, Expected::NoStream, numbered(&number.to_string(), 20)).await;
                number += 1;
            }
        }
    });
    for round in 0..5 {
        let target = place.backup.with_file_name(format!("backup{round}"));
        let data = place.data.clone();
        let taken = tokio::task::spawn_blocking(move || {
            let manifest = take(&data, &target, Timestamp::UNIX_EPOCH, &mut |_| ()).unwrap();
            (manifest, target)
        });
        let (manifest, target) = taken.await.unwrap();
        let copy = SqliteLog::open(&target, &Options::default()).unwrap();
        let events = log_past(&copy, None, &Filter::All).await;
        assert_eq!(events.len(), usize::try_from(manifest.events).unwrap());
        assert_eq!((events.len() - 51) % 20, 0, "no append is there in part");
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
}

#[tokio::test]
async fn a_damaged_backup_is_refused_by_the_name_of_the_file_and_leaves_nothing() {
    type Damage = (fn(&Path), fn(&BackupError) -> bool);
    let damages: [Damage; 8] = [
        (
            |backup| shorten(&backup.join("log.db")),
            |error| matches!(error, BackupError::Size { name, .. } if name == "log.db"),
        ),
        (
            |backup| flip(&backup.join("log.db")),
            |error| matches!(error, BackupError::Altered(name) if name == "log.db"),
        ),
        (
            |backup| fs::remove_file(backup.join("blobs/aa")).unwrap(),
            |error| matches!(error, BackupError::Missing(name) if name == "blobs/aa"),
        ),
        (|backup| shorten(&backup.join("backup.json")), |error| matches!(error, BackupError::NotABackup { .. })),
        (
            |backup| fs::remove_file(backup.join("backup.json")).unwrap(),
            |error| matches!(error, BackupError::NotABackup { .. }),
        ),
        (
            |backup| rewrite(backup, "\"format\": 1", "\"format\": 2"),
            |error| matches!(error, BackupError::Newer { found: 2 }),
        ),
        (
            |backup| rewrite(backup, "\"events\": 51", "\"events\": 52"),
            |error| matches!(error, BackupError::Another { .. }),
        ),
        (|backup| rewrite(backup, "00000001\"", "00000002\""), |error| matches!(error, BackupError::Another { .. })),
    ];
    for (damage, expected) in damages {
        let (place, _log) = Place::start().await;
        Vault::open(&place.data).unwrap();
        place.take().unwrap();
        damage(&place.backup);
        let error = place.restore().await.unwrap_err();
        assert!(expected(&error), "{error:?}");
        place.nothing_restored();
    }
}

/// Files that are all as the manifest says, of which one is older than what was signed over it.
#[tokio::test]
async fn a_backup_whose_log_is_shorter_than_what_was_signed_is_refused() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    let origin = Incarnation(Uuid::from_u128(1)).origin();
    let keep = |size| {
        let note = format!("{origin}\n{size}\n");
        let published =
            Published { origin: origin.clone(), size, root: [7; 32], signed_at: Timestamp::UNIX_EPOCH, note };
        Checkpoints::open(&place.data).unwrap().keep(&published).unwrap();
    };
    keep(51);
    place.take().unwrap();
    place.restore().await.unwrap();
    fs::remove_dir_all(&place.restored).unwrap();
    fs::remove_dir_all(&place.backup).unwrap();
    keep(52);
    place.take().unwrap();
    let error = place.restore().await.unwrap_err();
    assert!(matches!(error, BackupError::Shortened { found: 51, signed: 52 }), "{error:?}");
    place.nothing_restored();
}

#[tokio::test]
async fn a_manifest_cannot_lead_out_of_the_backup() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    place.take().unwrap();
    for name in ["../outside", "/etc/passwd", "blobs/../../outside"] {
        let original = fs::read_to_string(place.backup.join("backup.json")).unwrap();
        rewrite(&place.backup, "blobs/aa", name);
        assert!(matches!(place.restore().await, Err(BackupError::NotABackup { .. })), "{name}");
        fs::write(place.backup.join("backup.json"), original).unwrap();
    }
    place.nothing_restored();
}

#[tokio::test]
async fn a_log_that_was_damaged_before_the_backup_is_not_backed_up() {
    let (place, log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    log.close().await;
    let connection = rusqlite::Connection::open(place.data.join("log.db")).unwrap();
    connection.execute("UPDATE event SET data = x'7b7d' WHERE position = 9", []).unwrap();
    drop(connection);
    let Err(BackupError::Damaged(VerifyError::Damaged { position, .. })) = place.take() else { panic!("taken") };
    assert_eq!(position.map(|position| position.0), Some(9));
    assert!(!place.backup.exists() && !place.backup.with_file_name("backup.partial").exists());
}

#[tokio::test]
async fn nothing_that_is_there_is_overwritten() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    place.take().unwrap();
    assert!(matches!(place.take(), Err(BackupError::Exists(_))));
    fs::create_dir(&place.restored).unwrap();
    fs::write(place.restored.join("mine"), "kept").unwrap();
    assert!(matches!(place.restore().await, Err(BackupError::Exists(_))));
    assert_eq!(fs::read_to_string(place.restored.join("mine")).unwrap(), "kept");
    let empty = TempDir::new().unwrap();
    let error = take(empty.path(), &place.restored, Timestamp::UNIX_EPOCH, &mut |_| ()).unwrap_err();
    assert!(matches!(error, BackupError::NoLog(_)));
}

#[tokio::test]
async fn progress_ends_with_everything_done() {
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    let mut seen: Vec<Progress> = Vec::new();
    take(&place.data, &place.backup, Timestamp::UNIX_EPOCH, &mut |progress| seen.push(progress)).unwrap();
    for part in [Part::Log, Part::Check, Part::Files] {
        let last = seen.iter().rfind(|progress| progress.part == part).unwrap();
        assert!(last.done == last.total && last.total > 0, "{last:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let (place, _log) = Place::start().await;
    Vault::open(&place.data).unwrap();
    place.take().unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.backup.clone()), 0o700);
    assert_eq!((mode(place.backup.join("keys.db")), mode(place.backup.join("log.db"))), (0o600, 0o600));
}

fn shorten(path: &Path) {
    let size = fs::metadata(path).unwrap().len();
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(size / 2).unwrap();
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn rewrite(backup: &Path, from: &str, to: &str) {
    let path = backup.join("backup.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(&path, text.replace(from, to)).unwrap();
}
