//! Sessions of signed-in members, in a file beside the log: refresh tokens by their SHA-256, each good for one use.
//!
//! Disposable, and no events: without `sessions.db` everybody signs in again. A token that comes back after its grace
//! was copied by somebody, so its session ends (RFC 9700 §4.14.2).

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use kernel::id::{MemberId, OrganizationId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use uuid::Uuid;

use crate::beside::{Format, Newer};

const FORMAT: Format = Format {
    name: "sessions.db",
    version: 1,
    // FULL, because a sign-out that a power cut undoes was none.
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    tables: &["
        CREATE TABLE IF NOT EXISTS session (
            id BLOB PRIMARY KEY,
            member BLOB NOT NULL,
            organization BLOB NOT NULL,
            ends_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS session_member ON session (member, ends_at);
        CREATE TABLE IF NOT EXISTS token (
            hash BLOB PRIMARY KEY,
            session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            expires_at INTEGER NOT NULL,
            used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS token_session ON token (session);
        CREATE INDEX IF NOT EXISTS token_expiry ON token (expires_at);
    "],
    distrusts_the_log: true,
};
/// How long a session lasts at most, however often it is refreshed.
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long a refresh token is good unless it is used: how long a member may stay away.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long a used token still works, for a second tab that sent it at the same moment or an answer that got lost.
const GRACE: SignedDuration = SignedDuration::from_secs(30);
/// How long a used token is remembered, to notice that it comes back.
const USED_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long an ended session is remembered: longer than any access token that names it is good.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(2);
/// Sessions of one member; the oldest ends when one more begins.
pub const SESSIONS_MAX: u32 = 32;

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

/// A member who is signed in somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// The member.
    pub member: MemberId,
    /// The member's organization when the session began.
    pub organization: OrganizationId,
}

/// Why the sessions gave no answer. Holds no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SessionsError {
    /// The directory could not be made.
    #[error("the session file cannot be used")]
    File(#[from] std::io::Error),
    /// The file could not be read or written.
    #[error("the session file failed")]
    Storage(#[from] rusqlite::Error),
    /// Written by a newer version of this program.
    #[error(transparent)]
    Newer(#[from] Newer),
}

/// All sessions. Its calls wait for the disk, except [`Sessions::has_ended`].
pub struct Sessions {
    connection: Mutex<Connection>,
    /// Those that ended a short while ago, and when.
    ended: RwLock<HashMap<Uuid, Timestamp>>,
    /// What SQLite counts up when another connection has changed the file.
    version: AtomicI64,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sessions(redacted)")
    }
}

impl Sessions {
    /// Opens `sessions.db` in the data directory, or makes it. Blocks.
    pub fn open(directory: &Path) -> Result<Self, SessionsError> {
        std::fs::create_dir_all(directory)?;
        let connection = FORMAT.open::<SessionsError>(directory)?;
        let version = AtomicI64::new(version(&connection)?);
        let ended = RwLock::new(recently_ended(&connection)?);
        Ok(Self { connection: Mutex::new(connection), ended, version })
    }

    /// Begins a session with its first token, and forgets what is long over.
    pub fn begin(&self, session: Session, token: &TokenHash, now: Timestamp) -> Result<(), SessionsError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        sweep(&transaction, now)?;
        let surplus = surplus(&transaction, session.member)?;
        surplus.iter().try_for_each(|id| end(&transaction, *id, now))?;
        transaction.execute(
            "INSERT INTO session (id, member, organization, ends_at) VALUES (?1, ?2, ?3, ?4)",
            (
                session.id.as_bytes(),
                session.member.uuid().as_bytes(),
                session.organization.uuid().as_bytes(),
                second(now, SESSION_LIFETIME),
            ),
        )?;
        insert_token(&transaction, session.id, token, now)?;
        transaction.commit()?;
        self.remember(surplus, now);
        Ok(())
    }

    /// Uses a token and puts the next one in its place; `None` where it is good for nothing (any more).
    pub fn rotate(
        &self,
        presented: &TokenHash,
        next: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Session>, SessionsError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(found) = find(&transaction, presented, now)? else { return Ok(None) };
        let copied = found.used_at.is_some_and(|used_at| used_at.saturating_add(GRACE.as_secs()) < now.as_second());
        if copied {
            end(&transaction, found.session.id, now)?;
        } else {
            use_up(&transaction, presented, now)?;
            insert_token(&transaction, found.session.id, next, now)?;
        }
        transaction.commit()?;
        if copied {
            self.remember([found.session.id], now);
        }
        Ok((!copied).then_some(found.session))
    }

    /// The session of a token, whether or not the token was used before.
    pub fn of_token(&self, presented: &TokenHash, now: Timestamp) -> Result<Option<Session>, SessionsError> {
        Ok(find(&self.connection(), presented, now)?.map(|found| found.session))
    }

    /// Ends a session: neither its refresh tokens nor its access tokens work from now on.
    pub fn end(&self, id: Uuid, now: Timestamp) -> Result<(), SessionsError> {
        end(&self.connection(), id, now)?;
        self.remember([id], now);
        Ok(())
    }

    /// Ends every session of a member but one.
    pub fn end_others(&self, member: MemberId, kept: Option<Uuid>, now: Timestamp) -> Result<(), SessionsError> {
        let connection = self.connection();
        let mut ids = ids(&connection, member)?;
        ids.retain(|id| Some(*id) != kept);
        ids.iter().try_for_each(|id| end(&connection, *id, now))?;
        self.remember(ids, now);
        Ok(())
    }

    /// Takes note of sessions that another process has ended, as an erasure does.
    pub fn heed_others(&self) -> Result<(), SessionsError> {
        let connection = self.connection();
        let version = version(&connection)?;
        if self.version.load(Ordering::Relaxed) != version {
            let found = recently_ended(&connection)?;
            self.ended.write().unwrap_or_else(PoisonError::into_inner).extend(found);
            self.version.store(version, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether a session ended within the last hours. Answered from memory.
    pub fn has_ended(&self, id: Uuid) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    fn remember(&self, ids: impl IntoIterator<Item = Uuid>, now: Timestamp) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, at| now.duration_since(*at) < ENDED_KEPT);
        ended.extend(ids.into_iter().map(|id| (id, now)));
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token that is on file and whose session goes on.
struct Found {
    session: Session,
    used_at: Option<i64>,
}

fn find(connection: &Connection, hash: &TokenHash, now: Timestamp) -> rusqlite::Result<Option<Found>> {
    let text = "SELECT s.id, s.member, s.organization, t.used_at FROM token t JOIN session s ON s.id = t.session
        WHERE t.hash = ?1 AND t.expires_at > ?2 AND s.ends_at > ?2 AND s.ended_at IS NULL";
    let mut statement = connection.prepare_cached(text)?;
    let row = statement.query_row((hash, now.as_second()), |row| {
        let uuid = |index| row.get::<_, [u8; 16]>(index).map(Uuid::from_bytes);
        let session =
            Session { id: uuid(0)?, member: MemberId::new(uuid(1)?), organization: OrganizationId::new(uuid(2)?) };
        Ok(Found { session, used_at: row.get(3)? })
    });
    row.optional()
}

/// Forgets tokens past their end, and sessions that nobody can refresh or ask about any more.
fn sweep(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM token WHERE expires_at <= ?1", [now.as_second()])?;
    let ended_before = now.as_second().saturating_sub(ENDED_KEPT.as_secs());
    transaction.execute(
        "DELETE FROM session WHERE ends_at <= ?1 OR ended_at <= ?2
         OR (ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM token WHERE token.session = session.id))",
        (now.as_second(), ended_before),
    )?;
    Ok(())
}

/// The sessions of a member that have to end so that one more may begin.
fn surplus(connection: &Connection, member: MemberId) -> rusqlite::Result<Vec<Uuid>> {
    let kept = usize::try_from(SESSIONS_MAX).unwrap_or(usize::MAX).saturating_sub(1);
    Ok(ids(connection, member)?.into_iter().skip(kept).collect())
}

/// The sessions of a member that go on, the newest first.
fn ids(connection: &Connection, member: MemberId) -> rusqlite::Result<Vec<Uuid>> {
    let text = "SELECT id FROM session WHERE member = ?1 AND ended_at IS NULL ORDER BY ends_at DESC, id DESC";
    let mut statement = connection.prepare_cached(text)?;
    let rows = statement.query_map([member.uuid().as_bytes()], |row| row.get::<_, [u8; 16]>(0))?;
    rows.map(|row| row.map(Uuid::from_bytes)).collect()
}

fn end(connection: &Connection, id: Uuid, now: Timestamp) -> rusqlite::Result<()> {
    let ended = (id.as_bytes(), now.as_second());
    connection.execute("UPDATE session SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL", ended)?;
    connection.execute("DELETE FROM token WHERE session = ?1", [id.as_bytes()])?;
    Ok(())
}

fn insert_token(connection: &Connection, session: Uuid, hash: &TokenHash, now: Timestamp) -> rusqlite::Result<()> {
    let text = "INSERT INTO token (hash, session, expires_at) VALUES (?1, ?2, ?3)";
    connection.execute(text, (hash, session.as_bytes(), second(now, TOKEN_LIFETIME)))?;
    Ok(())
}

/// The first use counts: its grace does not start anew.
fn use_up(connection: &Connection, hash: &TokenHash, now: Timestamp) -> rusqlite::Result<()> {
    let text = "UPDATE token SET used_at = ?2, expires_at = MIN(expires_at, ?3) WHERE hash = ?1 AND used_at IS NULL";
    connection.execute(text, (hash, now.as_second(), second(now, USED_KEPT)))?;
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

fn recently_ended(connection: &Connection) -> rusqlite::Result<HashMap<Uuid, Timestamp>> {
    let mut statement = connection.prepare("SELECT id, ended_at FROM session WHERE ended_at IS NOT NULL")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?)))?;
    let ended = |(id, at)| (Uuid::from_bytes(id), Timestamp::from_second(at).unwrap_or(Timestamp::MAX));
    rows.map(|row| row.map(ended)).collect()
}

fn second(now: Timestamp, later: SignedDuration) -> i64 {
    now.as_second().saturating_add(later.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const FIRST: TokenHash = [1; 32];
    const SECOND: TokenHash = [2; 32];
    const THIRD: TokenHash = [3; 32];
    const MINUTE: i64 = 60;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn session(number: u128) -> Session {
        Session {
            id: Uuid::from_u128(number),
            member: MemberId::new(Uuid::from_u128(7)),
            organization: OrganizationId::new(Uuid::from_u128(8)),
        }
    }

    /// A session that began at second 0.
    fn begun() -> (TempDir, Sessions) {
        let directory = TempDir::new().unwrap();
        let sessions = Sessions::open(directory.path()).unwrap();
        sessions.begin(session(1), &FIRST, at(0)).unwrap();
        (directory, sessions)
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        crate::beside::tests::check_versions("sessions.db", Sessions::open);
    }

    #[test]
    fn what_another_process_has_ended_is_heeded() {
        let (directory, sessions) = begun();
        let other = Sessions::open(directory.path()).unwrap();
        sessions.heed_others().unwrap();
        assert!(!sessions.has_ended(session(1).id));
        other.end_others(session(1).member, None, at(1)).unwrap();
        sessions.heed_others().unwrap();
        assert!(sessions.has_ended(session(1).id));
    }

    #[test]
    fn each_token_brings_the_next_also_after_a_restart() {
        let (directory, sessions) = begun();
        assert_eq!(sessions.rotate(&FIRST, &SECOND, at(1)).unwrap(), Some(session(1)));
        drop(sessions);
        let sessions = Sessions::open(directory.path()).unwrap();
        assert_eq!(sessions.rotate(&SECOND, &THIRD, at(2)).unwrap(), Some(session(1)));
        assert_eq!(sessions.rotate(&[9; 32], &[10; 32], at(3)).unwrap(), None);
    }

    #[test]
    fn two_tabs_that_refresh_at_once_both_stay_signed_in() {
        let (_directory, sessions) = begun();
        assert!(sessions.rotate(&FIRST, &SECOND, at(1)).unwrap().is_some());
        assert!(sessions.rotate(&FIRST, &THIRD, at(31)).unwrap().is_some());
        assert!(sessions.rotate(&SECOND, &[4; 32], at(3600)).unwrap().is_some());
        assert!(sessions.rotate(&THIRD, &[5; 32], at(3600)).unwrap().is_some());
    }

    #[test]
    fn a_token_that_comes_back_after_its_grace_ends_the_session() {
        let (_directory, sessions) = begun();
        sessions.rotate(&FIRST, &SECOND, at(1)).unwrap();
        sessions.rotate(&FIRST, &THIRD, at(30)).unwrap();
        assert_eq!(sessions.rotate(&FIRST, &[4; 32], at(32)).unwrap(), None, "the second use gives no more grace");
        assert_eq!(sessions.rotate(&SECOND, &[5; 32], at(33)).unwrap(), None);
        assert!(sessions.has_ended(session(1).id));
    }

    #[test]
    fn a_token_that_is_not_used_for_two_weeks_is_worth_nothing() {
        let (_directory, sessions) = begun();
        assert_eq!(sessions.rotate(&FIRST, &SECOND, at(14 * DAY)).unwrap(), None);
    }

    #[test]
    fn a_session_lasts_ninety_days_however_often_it_is_refreshed() {
        let (_directory, sessions) = begun();
        let mut token = FIRST;
        for week in 1_u8..13 {
            let next = [100 + week; 32];
            let refreshed = sessions.rotate(&token, &next, at(i64::from(week) * 7 * DAY)).unwrap();
            assert!(refreshed.is_some(), "week {week}");
            token = next;
        }
        assert_eq!(sessions.rotate(&token, &SECOND, at(90 * DAY)).unwrap(), None);
    }

    #[test]
    fn an_ended_session_is_over_at_once_and_after_a_restart() {
        let (directory, sessions) = begun();
        assert!(!sessions.has_ended(session(1).id));
        assert_eq!(sessions.of_token(&FIRST, at(1)).unwrap(), Some(session(1)));
        sessions.end(session(1).id, at(1)).unwrap();
        drop(sessions);
        let sessions = Sessions::open(directory.path()).unwrap();
        assert!(sessions.has_ended(session(1).id));
        assert_eq!(sessions.rotate(&FIRST, &SECOND, at(2)).unwrap(), None);
    }

    #[test]
    fn the_other_sessions_of_a_member_end_and_this_one_goes_on() {
        let (_directory, sessions) = begun();
        sessions.begin(session(2), &SECOND, at(1)).unwrap();
        sessions.end_others(session(1).member, Some(session(2).id), at(2)).unwrap();
        assert!(sessions.has_ended(session(1).id) && !sessions.has_ended(session(2).id));
        assert!(sessions.rotate(&SECOND, &THIRD, at(3)).unwrap().is_some());
    }

    #[test]
    fn the_oldest_session_ends_when_there_are_too_many() {
        let (_directory, sessions) = begun();
        for number in 2..=u8::try_from(SESSIONS_MAX).unwrap() + 1 {
            sessions.begin(session(number.into()), &[number; 32], at(number.into())).unwrap();
        }
        assert!(sessions.has_ended(session(1).id));
        assert!(!sessions.has_ended(session(2).id));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let (_directory, sessions) = begun();
        sessions.end(session(1).id, at(1)).unwrap();
        sessions.begin(session(2), &SECOND, at(3 * 60 * MINUTE)).unwrap();
        let count = |table: &str| {
            let text = format!("SELECT COUNT(*) FROM {table}");
            sessions.connection().query_row(&text, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((count("session"), count("token")), (1, 1));
    }
}
