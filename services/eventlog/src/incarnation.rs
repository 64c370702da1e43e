//! Which history a log tells: named when it begins, and anew when it is restored from a backup.
//!
//! What happened after a backup is not in the restored log, and other things will stand at those positions: a cursor
//! or a checkpoint of the one says nothing about the other. Stream: `platform-log`.

use std::fmt;

use kernel::decider::{Context, Decider};
use kernel::error::{ErrorCode, Rejection};
use kernel::event::{InvalidStreamName, StreamKey, StreamName};
use kernel::json_wire;
use kernel::wire::DecodeError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::decode_own;
use crate::execute::{Cause, ExecuteError, LoadError, execute, load, read_all};
use crate::port::{EventLog, StoredEvent};

/// Names the one stream of the log's own facts: `platform-log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformLog;

impl StreamKey for PlatformLog {
    const CATEGORY: &'static str = "platform";
    fn key(&self) -> String {
        "log".to_owned()
    }
}

/// Names one history. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Incarnation(pub Uuid);

impl Incarnation {
    /// Eight hexadecimal digits, for cursors: they need only tell the histories of one platform apart. The random end
    /// of a time-ordered id.
    pub fn mark(self) -> String {
        format!("{:08x}", self.0.as_u128() & 0xffff_ffff)
    }

    /// By which name its checkpoints are signed.
    pub fn origin(self) -> String {
        format!("tallystick/{self}")
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_simple().fmt(formatter)
    }
}

/// Commands on the log itself.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Name the history, unless it has a name.
    Begin {
        /// A fresh name.
        incarnation: Incarnation,
    },
    /// Name it anew: it goes on from a backup.
    Restore {
        /// A fresh name.
        incarnation: Incarnation,
    },
}

/// Facts about the log itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The history began.
    Begun(Begun),
    /// It went on from a backup.
    Restored(Restored),
}

impl Event {
    /// The name from here on.
    const fn incarnation(&self) -> Incarnation {
        match self {
            Self::Begun(begun) => begun.incarnation,
            Self::Restored(restored) => restored.incarnation,
        }
    }
}

/// The history began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its name.
    pub incarnation: Incarnation,
}

/// The history went on from a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Its name from here on.
    pub incarnation: Incarnation,
    /// Its name before, shared with the log that the backup was made of.
    pub previous: Incarnation,
}

json_wire!(Event { Begun => "log_begun", Restored => "log_restored" });

/// Why a log is not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no history to go on with.
    #[error("the log has not begun")]
    NotBegun,
    /// The name is in use.
    #[error("the name is the one that the log has")]
    SameName,
}

impl Rejection for Refused {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotBegun => ErrorCode("LOG_NOT_BEGUN"),
            Self::SameName => ErrorCode("LOG_NAMED_THE_SAME"),
        }
    }
}

/// Decides what the history is called.
#[derive(Debug)]
pub struct Naming;

impl Decider for Naming {
    type Command = Command;
    type Event = Event;
    type State = Option<Incarnation>;
    type Rejection = Refused;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, command: Command, _: &Context) -> Result<Vec<Event>, Refused> {
        match (command, *state) {
            (Command::Begin { .. }, Some(_)) => Ok(Vec::new()),
            (Command::Begin { incarnation }, None) => Ok(vec![Event::Begun(Begun { incarnation })]),
            (Command::Restore { .. }, None) => Err(Refused::NotBegun),
            (Command::Restore { incarnation }, Some(previous)) if incarnation == previous => Err(Refused::SameName),
            (Command::Restore { incarnation }, Some(previous)) => {
                Ok(vec![Event::Restored(Restored { incarnation, previous })])
            }
        }
    }

    fn evolve(_: Self::State, event: &Event) -> Self::State {
        Some(event.incarnation())
    }
}

/// Why the log's name could not be read or given.
#[derive(Debug, thiserror::Error)]
pub enum NamingError {
    /// Never: the name of its stream is a constant.
    #[error(transparent)]
    Name(#[from] InvalidStreamName),
    /// Refused, or the log failed.
    #[error(transparent)]
    Execute(#[from] ExecuteError<Refused>),
}

/// The log's name by the last event of its stream.
pub fn after(last: &StoredEvent) -> Result<Incarnation, DecodeError> {
    Ok(decode_own::<Event>(last)?.event.incarnation())
}

/// Every name that the log has had, the first one first.
pub async fn names(log: &dyn EventLog) -> Result<Vec<Incarnation>, LoadError> {
    let recorded = read_all::<Event>(log, &StreamName::of(&PlatformLog)).await?;
    Ok(recorded.iter().map(|recorded| recorded.event.incarnation()).collect())
}

/// The log's name; `None` before it has begun.
pub async fn current(log: &dyn EventLog) -> Result<Option<Incarnation>, NamingError> {
    let (state, _) = load::<Naming>(log, &StreamName::of(&PlatformLog)).await?;
    Ok(state)
}

/// The log's name; a log without one begins by the cause's id.
pub async fn begun(log: &dyn EventLog, cause: &Cause) -> Result<Incarnation, NamingError> {
    named(log, Command::Begin { incarnation: Incarnation(cause.id) }, cause).await
}

/// Names a log that goes on from a backup by the cause's id.
pub async fn restored(log: &dyn EventLog, cause: &Cause) -> Result<Incarnation, NamingError> {
    named(log, Command::Restore { incarnation: Incarnation(cause.id) }, cause).await
}

async fn named(log: &dyn EventLog, command: Command, cause: &Cause) -> Result<Incarnation, NamingError> {
    let executed = execute::<Naming>(log, &StreamName::of(&PlatformLog), command, cause).await?;
    Ok(executed.state.unwrap_or(Incarnation(cause.id)))
}

#[cfg(test)]
mod tests {
    use kernel::testing::given;
    use kernel::wire::Wire;

    use super::*;
    use crate::model::ModelLog;

    const ONE: Incarnation = Incarnation(Uuid::from_u128(0x0199_f2c4_5d10_7a31_9c7e_2f6f_3f1f_8a01));
    const TWO: Incarnation = Incarnation(Uuid::from_u128(0x0199_f2c4_5d10_7a31_9c7e_2f6f_3f1f_8a02));

    fn begun_as(incarnation: Incarnation) -> Event {
        Event::Begun(Begun { incarnation })
    }

    #[test]
    fn a_log_begins_once() {
        given::<Naming>(&[]).when(Command::Begin { incarnation: ONE }).then(&[begun_as(ONE)]);
        given::<Naming>(&[begun_as(ONE)]).when(Command::Begin { incarnation: TWO }).then(&[]);
    }

    #[test]
    fn a_restored_log_is_another() {
        let restored = Event::Restored(Restored { incarnation: TWO, previous: ONE });
        given::<Naming>(&[begun_as(ONE)]).when(Command::Restore { incarnation: TWO }).then(&[restored]);
        given::<Naming>(&[begun_as(ONE)]).when(Command::Restore { incarnation: ONE }).rejected("LOG_NAMED_THE_SAME");
        given::<Naming>(&[]).when(Command::Restore { incarnation: TWO }).rejected("LOG_NOT_BEGUN");
    }

    #[test]
    fn its_facts_read_and_write_as_their_golden_samples() {
        let samples: [(&[u8], Event); 2] = [
            (include_bytes!("../../../schema/events/eventlog/log_begun.v1.json"), begun_as(ONE)),
            (
                include_bytes!("../../../schema/events/eventlog/log_restored.v1.json"),
                Event::Restored(Restored { incarnation: TWO, previous: ONE }),
            ),
        ];
        for (sample, event) in samples {
            let encoded = event.encode().unwrap();
            assert_eq!(Event::decode(encoded.kind, 1, sample, b"").unwrap().unwrap(), event);
            assert_eq!(encoded.data, sample.trim_ascii_end());
        }
    }

    #[tokio::test]
    async fn the_name_is_kept_and_changes_with_a_restore() {
        let log = ModelLog::default();
        let cause = |number| {
            let id = Uuid::from_u128(number);
            Cause { id, correlation: id, actor: "platform".to_owned(), now: jiff::Timestamp::UNIX_EPOCH }
        };
        assert_eq!((current(&log).await.unwrap(), names(&log).await.unwrap()), (None, Vec::new()));
        let first = begun(&log, &cause(1)).await.unwrap();
        assert_eq!(begun(&log, &cause(2)).await.unwrap(), first);
        let second = restored(&log, &cause(3)).await.unwrap();
        assert_ne!(second, first);
        assert_eq!(current(&log).await.unwrap(), Some(second));
        assert_eq!(names(&log).await.unwrap(), [first, second]);
    }
}
