//! Work on the platform's own files, begun by the operator and told as it goes: views built anew, and backups.
//!
//! Each kind runs once at a time, beside everything else: traffic flows meanwhile.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eventlog::backup::{BackupError, Manifest, take};
use eventlog::clock::Clock;
use eventlog::port::{EventLog, Filter};
use jiff::Timestamp;
use kernel::error::{ErrorCode, Rejection};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use views::store::{Finished, Rebuild, Views};

/// Events applied at once.
const PAGE: usize = 500;
/// Backups listed, the newest first.
const LISTED_MAX: usize = 100;
const PREFIX: &str = "backup-";
const PARTIAL: &str = ".partial";

type Failure = Box<dyn Error + Send + Sync>;

/// How far a piece of work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it was begun last; `None` where it never was since the start.
    pub began_at: Option<Timestamp>,
    /// When it ended; `None` while it runs.
    pub ended_at: Option<Timestamp>,
    /// Whether it ended without a result.
    pub failed: bool,
    /// Done of it: positions of the log, or bytes.
    pub done: u64,
    /// All of it, as far as is known.
    pub total: u64,
}

impl Standing {
    /// Whether it runs.
    pub const fn is_running(&self) -> bool {
        self.began_at.is_some() && self.ended_at.is_none()
    }
}

/// A kind of work. Clones are the same.
#[derive(Clone, Debug, Default)]
struct Job(Arc<Mutex<Standing>>);

impl Job {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was not running, and is now.
    fn begin(&self, now: Timestamp) -> bool {
        let mut standing = self.standing();
        let idle = !standing.is_running();
        if idle {
            *standing = Standing { began_at: Some(now), ..Standing::default() };
        }
        idle
    }

    fn advance(&self, done: u64, total: u64) {
        let mut standing = self.standing();
        (standing.done, standing.total) = (done, total.max(done));
    }

    fn end(&self, now: Timestamp, outcome: &Result<(), Failure>, what: &'static str) {
        if let Err(error) = outcome {
            tracing::error!(%error, cause = error.source(), "{what} failed");
        }
        let mut standing = self.standing();
        (standing.ended_at, standing.failed) = (Some(now), outcome.is_err());
    }
}

/// A backup in the directory of backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its directory's name.
    pub name: String,
    /// What it holds.
    pub manifest: Manifest,
}

/// The log is not in the data directory: a copy of that would not be a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the log is in a database, which backs it up and restores it by its own programs, such as pg_dump; after each \
     dump copy keys.db, checkpoints.db and blobs/ of the data directory; after restoring the dump and them, run \
     `tallystick restore --log`"
)]
pub struct BackedUpElsewhere;

impl Rejection for BackedUpElsewhere {
    fn code(&self) -> ErrorCode {
        ErrorCode("BACKED_UP_ELSEWHERE")
    }
}

/// Begins work and tells of it.
pub struct Upkeep {
    data: PathBuf,
    /// Where backups are made; none where the log is not in the data directory.
    backups: Option<PathBuf>,
    log: Arc<dyn EventLog>,
    views: Views,
    clock: Arc<dyn Clock>,
    rebuild: Job,
    backup: Job,
    runtime: Handle,
}

impl Upkeep {
    /// For a data directory, with the directory that backups are made in: none where the log is elsewhere. Within an
    /// asynchronous runtime, which does the work. What an earlier process left unfinished is removed.
    pub fn new(
        data: &Path,
        backups: Option<&Path>,
        log: Arc<dyn EventLog>,
        views: Views,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let backups = backups.map(Path::to_owned);
        if let Some((path, error)) = backups.as_ref().and_then(|path| Some((path, remove_unfinished(path).err()?))) {
            tracing::warn!(%error, path = %path.display(), "an unfinished backup is still there");
        }
        let (rebuild, backup, runtime) = (Job::default(), Job::default(), Handle::current());
        Self { data: data.to_owned(), backups, log, views, clock, rebuild, backup, runtime }
    }

    /// Whether backups are taken here: the log is in the data directory.
    pub const fn is_backed_up_here(&self) -> bool {
        self.backups.is_some()
    }

    /// How far the building of views is.
    pub fn rebuild(&self) -> Standing {
        *self.rebuild.standing()
    }

    /// How far the backup is.
    pub fn backup(&self) -> Standing {
        *self.backup.standing()
    }

    /// Builds the views anew beside those in use, and swaps. Nothing happens where it is under way.
    pub fn begin_rebuild(&self) {
        if self.rebuild.begin(self.clock.now()) {
            let (job, clock) = (self.rebuild.clone(), Arc::clone(&self.clock));
            let work = rebuild(self.data.clone(), Arc::clone(&self.log), self.views.clone(), job.clone());
            self.runtime.spawn(async move { job.end(clock.now(), &work.await, "the building of views") });
        }
    }

    /// Takes a backup into a new directory. Nothing happens where one is under way.
    pub fn begin_backup(&self) -> Result<(), BackedUpElsewhere> {
        let backups = self.backups.as_ref().ok_or(BackedUpElsewhere)?;
        let now = self.clock.now();
        if self.backup.begin(now) {
            let (job, clock) = (self.backup.clone(), Arc::clone(&self.clock));
            let target = backups.join(format!("{PREFIX}{}", now.strftime("%Y%m%dT%H%M%S%.6fZ")));
            let work = backup(self.data.clone(), target, now, job.clone());
            self.runtime.spawn(async move { job.end(clock.now(), &work.await, "a backup") });
        }
        Ok(())
    }

    /// The newest backups in the directory of backups. Blocks.
    pub fn kept(&self) -> io::Result<Vec<Kept>> {
        let Some(backups) = &self.backups else { return Ok(Vec::new()) };
        let mut names = names(backups)?;
        names.retain(|name| !name.ends_with(PARTIAL));
        names.sort_unstable_by(|one, other| other.cmp(one));
        let read = |name: String| {
            let manifest = Manifest::read(&backups.join(&name)).ok()?;
            Some(Kept { name, manifest })
        };
        Ok(names.into_iter().filter_map(read).take(LISTED_MAX).collect())
    }
}

fn names(backups: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(backups) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter(|name| name.starts_with(PREFIX)).collect())
}

fn remove_unfinished(backups: &Path) -> io::Result<()> {
    let unfinished = names(backups)?.into_iter().filter(|name| name.ends_with(PARTIAL));
    unfinished.map(|name| backups.join(name)).try_for_each(fs::remove_dir_all)
}

async fn rebuild(data: PathBuf, log: Arc<dyn EventLog>, views: Views, job: Job) -> Result<(), Failure> {
    let incarnation = views.incarnation();
    let mut building = spawn_blocking(move || Rebuild::begin(&data, incarnation)).await??;
    loop {
        let (cursor, head) = (building.cursor()?, log.head().await?.map_or(0, |head| head.0));
        let page = log.read_log(cursor, &Filter::All, PAGE).await?;
        let Some(next) = page.next else { return Err("the log is empty".into()) };
        building = spawn_blocking(move || building.apply(&page.events, next).map(|()| building)).await??;
        job.advance(next.0, head);
        if page.end {
            let views = views.clone();
            match spawn_blocking(move || building.swap(&views)).await?? {
                Finished::Swapped => return Ok(()),
                Finished::Behind(rest) => building = *rest,
            }
        }
    }
}

async fn backup(data: PathBuf, target: PathBuf, now: Timestamp, job: Job) -> Result<(), Failure> {
    let parent = target.parent().unwrap_or(Path::new(".")).to_owned();
    let taken = spawn_blocking(move || {
        let made = fs::create_dir_all(&parent);
        made.map_err(|source| BackupError::File { path: parent, source })?;
        take(&data, &target, now, &mut |progress| job.advance(progress.done, progress.total))
    });
    let manifest = taken.await??;
    tracing::info!(events = manifest.events, bytes = manifest.bytes(), "a backup was taken");
    Ok(())
}
