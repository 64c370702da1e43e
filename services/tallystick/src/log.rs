//! Where the log is, and the log opened there: a file in the data directory, or a database elsewhere.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use eventlog::checkpoints::Checkpoints;
use eventlog::incarnation::{self, Incarnation, PlatformLog};
#[cfg(feature = "kurrentdb")]
use eventlog::kurrent::{self, KurrentLog};
use eventlog::lock::{DirectoryLock, LockError};
use eventlog::port::{EventLog, Filter, PAGE_EVENTS_MAX, Page, StoredEvent};
use eventlog::postgres::{self, Address, PostgresLog};
use eventlog::sqlite::{self, Options, SqliteLog};
use eventlog::vault::Vault;
use eventlog::vault::signing::SigningKey;
use eventlog::verified::Verified;
use eventlog::vitals::Vitals;
use kernel::event::{Position, StreamName};

/// The text of `--log`. It may hold a password: it is never shown, not even where it is wrong.
#[derive(Clone)]
pub struct LogUrl(String);

impl FromStr for LogUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for LogUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogUrl(…)")
    }
}

/// A place for a log.
enum Place {
    /// The data directory.
    Here,
    /// A database.
    Postgres(Box<Address>),
    /// A cluster of KurrentDB, by its connection string.
    #[cfg(feature = "kurrentdb")]
    Kurrent(String),
}

impl Place {
    fn of(url: Option<&LogUrl>) -> Result<Self> {
        let Some(LogUrl(text)) = url else { return Ok(Self::Here) };
        match text.split_once("://").map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Ok(Self::Postgres(Box::new(text.parse().context("--log")?))),
            #[cfg(feature = "kurrentdb")]
            Some("kurrentdb" | "kurrentdb+discover") => Ok(Self::Kurrent(text.clone())),
            #[cfg(not(feature = "kurrentdb"))]
            Some("kurrentdb" | "kurrentdb+discover") => bail!("--log: built without the feature `kurrentdb`"),
            Some(_) | None => bail!("--log: a log is in the data directory, at postgres://… or at kurrentdb://…"),
        }
    }
}

/// An open log.
pub struct OpenLog {
    /// The log.
    pub shared: Arc<dyn EventLog>,
    /// How its writer fares.
    pub vitals: Vitals,
    backend: Backend,
}

enum Backend {
    Sqlite(SqliteLog),
    /// The data directory has one owner all the same: views and keys lie in it.
    Postgres(PostgresLog, #[expect(dead_code, reason = "held until the log is closed")] DirectoryLock),
    /// Likewise.
    #[cfg(feature = "kurrentdb")]
    Kurrent(KurrentLog, #[expect(dead_code, reason = "held until the log is closed")] DirectoryLock),
}

impl OpenLog {
    /// Opens the log that a platform with this data directory writes to. Refuses a log that is not of the directory, and
    /// one whose keys are not there.
    pub async fn open(directory: &Path, url: Option<&LogUrl>, bytes_max: Option<u64>) -> Result<Self> {
        let log = Self::open_any(directory, url, bytes_max).await?;
        let names = incarnation::names(log.shared.as_ref()).await.context("the names of the log cannot be read")?;
        if let Err(refused) = is_of_directory(directory, &names).and_then(|()| has_its_keys(directory, &names)) {
            log.close().await;
            return Err(refused);
        }
        Ok(log)
    }

    async fn open_any(directory: &Path, url: Option<&LogUrl>, bytes_max: Option<u64>) -> Result<Self> {
        match Place::of(url)? {
            Place::Here => {
                if !directory.join(sqlite::FILE_NAME).exists() {
                    is_of_directory(directory, &[]).context("log.db is missing")?;
                }
                let log = SqliteLog::open(directory, &Options { size_max: bytes_max, ..Options::default() })?;
                Ok(Self { shared: Arc::new(log.clone()), vitals: log.vitals(), backend: Backend::Sqlite(log) })
            }
            _ if bytes_max.is_some() => bail!("--log-bytes-max is for a log in the data directory"),
            Place::Postgres(address) => {
                let lock = DirectoryLock::acquire(directory)?;
                let log = PostgresLog::open(&address).await?;
                Ok(Self { shared: Arc::new(log.clone()), vitals: log.vitals(), backend: Backend::Postgres(log, lock) })
            }
            #[cfg(feature = "kurrentdb")]
            Place::Kurrent(address) => {
                let lock = DirectoryLock::acquire(directory)?;
                let log = KurrentLog::open(&address).await?;
                Ok(Self { shared: Arc::new(log.clone()), vitals: log.vitals(), backend: Backend::Kurrent(log, lock) })
            }
        }
    }

    /// As [`Self::open`]; none while a platform runs on the directory.
    pub async fn unless_in_use(directory: &Path, url: Option<&LogUrl>) -> Result<Option<Self>> {
        match Self::open(directory, url, None).await {
            Ok(log) => Ok(Some(log)),
            Err(error) if is_in_use(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes what is queued, then closes.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(log) => log.close().await,
            Backend::Postgres(log, _) => log.close().await,
            #[cfg(feature = "kurrentdb")]
            Backend::Kurrent(log, _) => log.close(),
        }
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    let file = error.downcast_ref::<sqlite::OpenError>();
    let directory = error.downcast_ref::<LockError>();
    matches!(file, Some(sqlite::OpenError::InUse { .. })) || matches!(directory, Some(LockError::Held(_)))
}

/// Whether the log is a file in the data directory.
pub fn is_here(url: Option<&LogUrl>) -> bool {
    url.is_none()
}

/// Reads a log that may be in use.
pub enum LogReader {
    Sqlite(sqlite::LogReader),
    Postgres(postgres::LogReader),
    #[cfg(feature = "kurrentdb")]
    Kurrent(KurrentLog),
}

impl LogReader {
    /// Opens the log of a data directory for reading.
    pub async fn open(directory: &Path, url: Option<&LogUrl>) -> Result<Self> {
        Ok(match Place::of(url)? {
            Place::Here => Self::Sqlite(sqlite::LogReader::open(directory)?),
            Place::Postgres(address) => Self::Postgres(postgres::LogReader::open(&address).await?),
            #[cfg(feature = "kurrentdb")]
            Place::Kurrent(address) => Self::Kurrent(KurrentLog::open(&address).await?),
        })
    }

    /// As [`EventLog::read_log`].
    pub async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page> {
        Ok(match self {
            Self::Sqlite(reader) => reader.read_log(after, filter, max).await?,
            Self::Postgres(reader) => reader.read_log(after, filter, max).await?,
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(log) => log.read_log(after, filter, max).await?,
        })
    }
}

impl LogReader {
    /// The position of the last event; `None` in an empty log.
    pub async fn head(&self) -> Result<Option<Position>> {
        Ok(match self {
            Self::Sqlite(reader) => reader.head()?,
            Self::Postgres(reader) => reader.head().await?,
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(log) => log.head().await?,
        })
    }

    /// Every name that the log has had, the first one first.
    async fn names(&self) -> Result<Vec<Incarnation>> {
        let filter = Filter::Stream(StreamName::of(&PlatformLog));
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = self.read_log(after, &filter, PAGE_EVENTS_MAX).await?;
            for event in &page.events {
                names.push(incarnation::after(event)?);
            }
            if page.end {
                return Ok(names);
            }
            after = page.next;
        }
    }

    /// The last event of a stream.
    pub async fn last_of(&self, stream: &StreamName) -> Result<Option<StoredEvent>> {
        Ok(match self {
            Self::Sqlite(reader) => reader.last_of(stream)?,
            Self::Postgres(reader) => reader.last_of(stream).await?,
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(log) => log.last_of(stream).await?,
        })
    }
}

/// Verifies the log of a data directory, which may be in use.
pub async fn verify(directory: &Path, url: Option<&LogUrl>) -> Result<Verified> {
    const WRONG: &str = "the log is not what was written";
    match Place::of(url)? {
        Place::Here => sqlite::verify(directory).context(WRONG),
        Place::Postgres(address) => postgres::verify(&address).await.context(WRONG),
        #[cfg(feature = "kurrentdb")]
        Place::Kurrent(address) => kurrent::verify(&address).await.context(WRONG),
    }
}

/// How many events the newest checkpoint in a data directory covers, of the log there; 0 where nothing is known of any.
/// Refuses a log that is not of the directory.
pub async fn signed(directory: &Path, url: Option<&LogUrl>) -> Result<u64> {
    let reader = LogReader::open(directory, url).await.context("the log cannot be opened")?;
    let names = reader.names().await?;
    is_of_directory(directory, &names)?;
    let Some(name) = names.last() else { return Ok(0) };
    Checkpoints::covered(directory, &name.origin()).context("checkpoints.db cannot be read")
}

/// Refuses a log, by every name that it has had, where a data directory has checkpoints, and none of it: the log that was
/// signed there is lost, or another one stands in its place.
fn is_of_directory(directory: &Path, names: &[Incarnation]) -> Result<()> {
    let origins: Vec<String> = names.iter().map(|name| name.origin()).collect();
    let others = Checkpoints::of_others_only(directory, &origins).context("checkpoints.db cannot be read")?;
    ensure!(
        others.is_empty(),
        "the log is not the one that was signed in this data directory, {}. Serve that one, or restore a backup of it; \
         another log needs a data directory of its own. Where it is the right one all the same, move checkpoints.db away",
        others.join(" and "),
    );
    Ok(())
}

/// Refuses a log that has begun, by every name that it has had, where a data directory has no keys, or those of other logs
/// only: what is sealed in it could not be read, nobody could sign in, and another key would sign receipts. A platform
/// makes the file before its log begins, and the key that signs soon after.
fn has_its_keys(directory: &Path, names: &[Incarnation]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let keys = Vault::signing_keys_in(directory).context("keys.db cannot be read")?.with_context(|| {
        format!(
            "keys.db is missing in {}: take it from a backup, and to a further node from the first one. Where it is lost \
             for good, an empty file of that name begins new keys: what is sealed in the log stays unreadable",
            directory.display()
        )
    })?;
    let is_own = |key: &SigningKey| names.iter().any(|name| name.origin() == key.origin);
    match keys.first() {
        Some(other) if !keys.iter().any(is_own) => bail!(
            "keys.db is not of this log: it has the keys of {}. Put the right one back, from a backup or another node",
            other.origin,
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_place_for_a_log_is_refused_without_being_repeated() {
        for text in ["postgres://a:secret@h:port/d", "secret", "mysql://a:secret@h/d", "postgres://"] {
            let url: LogUrl = text.parse().unwrap();
            let Err(error) = Place::of(Some(&url)) else { panic!("{text}") };
            assert!(!format!("{error:#} {error:?} {url:?}").contains("secret"), "{text}");
        }
        assert!(matches!(Place::of(None), Ok(Place::Here)));
        let url: LogUrl = "postgresql://a:secret@h/d".parse().unwrap();
        assert!(matches!(Place::of(Some(&url)), Ok(Place::Postgres(_))));
    }
}
