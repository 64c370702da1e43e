//! Views built anew and backups, for the operator.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use kernel::error::Rejection;
use tokio::task::spawn_blocking;

use super::errors::{Fault, Refused, rule};
use super::scalars::{Count, DateTime};
use super::work::{self, payload, payloads, platform};
use crate::upkeep::{Kept, Standing};

/// Whether a piece of work runs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UpkeepState {
    /// It has not been begun since the platform started.
    Idle,
    /// It runs.
    Running,
    /// It ended well.
    Done,
    /// It ended without a result; the platform's messages say why. Nothing that was there is lost.
    Failed,
}

/// A piece of work on the platform's own files.
#[derive(SimpleObject)]
pub struct UpkeepJob {
    /// Whether it runs.
    pub state: UpkeepState,
    /// When it was begun last.
    pub began_at: Option<DateTime>,
    /// When it ended.
    pub ended_at: Option<DateTime>,
    /// Done of its present part: positions of the log for views, bytes for a backup.
    pub done: Count,
    /// All of its present part, as far as is known.
    pub total: Count,
}

impl From<Standing> for UpkeepJob {
    fn from(standing: Standing) -> Self {
        let state = match (standing.began_at, standing.ended_at, standing.failed) {
            (None, _, _) => UpkeepState::Idle,
            (Some(_), None, _) => UpkeepState::Running,
            (Some(_), Some(_), false) => UpkeepState::Done,
            (Some(_), Some(_), true) => UpkeepState::Failed,
        };
        Self {
            state,
            began_at: standing.began_at.map(DateTime),
            ended_at: standing.ended_at.map(DateTime),
            done: Count(standing.done),
            total: Count(standing.total),
        }
    }
}

/// A verified copy of the log, the checkpoints, the keys and the blobs.
#[derive(SimpleObject)]
pub struct Backup {
    /// The name of its directory.
    pub name: String,
    /// The moment it is of.
    pub taken_at: DateTime,
    /// Events in its log.
    pub events: Count,
    /// Bytes of its files.
    pub bytes: Count,
    /// The history that its log tells.
    pub incarnation: String,
}

impl From<Kept> for Backup {
    fn from(kept: Kept) -> Self {
        let manifest = &kept.manifest;
        Self {
            taken_at: DateTime(manifest.taken_at),
            events: Count(manifest.events),
            bytes: Count(manifest.bytes()),
            incarnation: manifest.incarnation.to_string(),
            name: kept.name,
        }
    }
}

/// Work on the platform's own files.
pub struct Upkeep;

#[Object]
impl Upkeep {
    /// The history that the log tells: named when it began, and anew after each restoration.
    async fn incarnation(&self, context: &Context<'_>) -> Result<String, Refused> {
        Ok(platform(context)?.views.incarnation().to_string())
    }
    /// Whether backups are taken here: the log is in the data directory. Where it is in a database, that is backed up
    /// by its own programs, and `takeBackup` is refused.
    async fn is_backed_up_here(&self, context: &Context<'_>) -> Result<bool, Refused> {
        Ok(platform(context)?.upkeep.is_backed_up_here())
    }
    /// The building of views.
    async fn rebuild(&self, context: &Context<'_>) -> Result<UpkeepJob, Refused> {
        Ok(platform(context)?.upkeep.rebuild().into())
    }
    /// The backup under way, or the last one.
    async fn backup(&self, context: &Context<'_>) -> Result<UpkeepJob, Refused> {
        Ok(platform(context)?.upkeep.backup().into())
    }
    /// The backups on this machine, the newest first, at most 100.
    async fn backups(&self, context: &Context<'_>) -> Result<Vec<Backup>, Refused> {
        let platform = std::sync::Arc::clone(platform(context)?);
        let listed = spawn_blocking(move || platform.upkeep.kept()).await.map_err(|error| Fault::internal(&error))?;
        let kept = listed.map_err(|error| Fault::internal(&error))?;
        Ok(kept.into_iter().map(Backup::from).collect())
    }
}

/// Build the views anew.
#[derive(InputObject)]
pub struct RebuildViewsInput {
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Take a backup.
#[derive(InputObject)]
pub struct TakeBackupInput {
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// The work under way.
    RebuildViewsPayload { upkeep: Upkeep }
    /// The work under way.
    TakeBackupPayload { upkeep: Upkeep }
}

/// The part of `Query` that is about upkeep.
#[derive(Default)]
pub struct UpkeepQuery;

#[Object]
impl UpkeepQuery {
    /// Work on the platform's own files.
    async fn upkeep(&self) -> Upkeep {
        Upkeep
    }
}

/// The part of `Mutation` that is about upkeep.
#[derive(Default)]
pub struct UpkeepMutation;

#[Object]
impl UpkeepMutation {
    /// Builds the views anew from the log, beside those in use, and swaps. Answers at once; where it is under way
    /// already, that one goes on.
    async fn rebuild_views(
        &self,
        context: &Context<'_>,
        input: RebuildViewsInput,
    ) -> async_graphql::Result<RebuildViewsPayload> {
        payload(work::begin(context, input.idempotency_key.as_deref()).map(|work| {
            work.platform.upkeep.begin_rebuild();
            Upkeep
        }))
    }

    /// Copies the log, the checkpoints, the keys and the blobs into a new directory. Answers at once; where it is under
    /// way already, that one goes on. `BACKED_UP_ELSEWHERE` where the log is in a database.
    async fn take_backup(
        &self,
        context: &Context<'_>,
        input: TakeBackupInput,
    ) -> async_graphql::Result<TakeBackupPayload> {
        payload(work::begin(context, input.idempotency_key.as_deref()).and_then(|work| {
            let begun = work.platform.upkeep.begin_backup();
            begun.map_err(|elsewhere| rule(elsewhere.code(), elsewhere))?;
            Ok(Upkeep)
        }))
    }
}
