//! The contract suite, run on SQLite, on PostgreSQL and on the reference model.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::event::{Position, Revision, StreamName};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::backup::copy_database;
use crate::model::{Backup, ModelLog};
use crate::port::{AppendError, Appended, Delivery, Direction, EventLog, Expected, Filter, NewEvent, Page, ReadError};
use crate::sqlite::{FILE_NAME, Options, SqliteLog, commits};
use crate::suite::Backend;

/// SQLite in a directory of its own.
pub(crate) struct Sqlite {
    directory: TempDir,
    log: SqliteLog,
    backups: TempDir,
}

fn open(directory: &TempDir) -> SqliteLog {
    SqliteLog::open(directory.path(), &Options::default()).unwrap()
}

pub(crate) async fn sqlite() -> Sqlite {
    let directory = TempDir::new().unwrap();
    let log = open(&directory);
    Sqlite { directory, log, backups: TempDir::new().unwrap() }
}

#[async_trait]
impl Backend for Sqlite {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn restart(&mut self) {
        self.log.close().await;
        self.log = open(&self.directory);
    }

    async fn kill(&mut self) -> bool {
        self.log.close().await;
        true
    }

    async fn back_up(&mut self) -> bool {
        self.backups = TempDir::new().unwrap();
        let [log, copy] = [&self.directory, &self.backups].map(|directory| directory.path().join(FILE_NAME));
        copy_database(&log, &copy, &mut |_| ()).unwrap();
        true
    }

    async fn restore(&mut self) {
        self.log.close().await;
        self.directory = TempDir::new().unwrap();
        std::fs::copy(self.backups.path().join(FILE_NAME), self.directory.path().join(FILE_NAME)).unwrap();
        self.log = open(&self.directory);
    }

    async fn hold_up(&self) -> Option<Box<dyn Send>> {
        let connection = Connection::open(self.directory.path().join(FILE_NAME)).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Some(Box::new(connection))
    }

    async fn commits(&self) -> Option<usize> {
        Some(commits(&self.directory.path().join(FILE_NAME)).unwrap())
    }
}

/// The model has little to restart.
pub(crate) struct Model {
    log: ModelLog,
    backup: Backup,
}

pub(crate) async fn model() -> Model {
    let log = ModelLog::default();
    Model { backup: log.back_up(), log }
}

#[async_trait]
impl Backend for Model {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn restart(&mut self) {
        self.log.stop();
        self.log.resume();
    }

    async fn kill(&mut self) -> bool {
        self.log.stop();
        true
    }

    async fn back_up(&mut self) -> bool {
        self.backup = self.log.back_up();
        true
    }

    async fn restore(&mut self) {
        self.log.stop();
        self.log = ModelLog::restored(&self.backup);
    }
}

/// A twin of a log: no append is begun before the one before it is answered, so that no two share a commit.
struct OneByOne {
    log: Arc<dyn EventLog>,
    turn: Mutex<()>,
}

#[async_trait]
impl EventLog for OneByOne {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let _turn = self.turn.lock().await;
        self.log.append(stream, expected, events).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Page<Revision>, ReadError> {
        self.log.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, filter: &Filter, max: usize) -> Result<Page, ReadError> {
        self.log.read_log(after, filter, max).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.log.head().await
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> BoxStream<'static, Result<Delivery, ReadError>> {
        self.log.subscribe(after, filter)
    }
}

struct WithoutGroups<B>(B);

#[async_trait]
impl<B: Backend> Backend for WithoutGroups<B> {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(OneByOne { log: self.0.log(), turn: Mutex::default() })
    }

    async fn restart(&mut self) {
        self.0.restart().await;
    }

    async fn hold_up(&self) -> Option<Box<dyn Send>> {
        self.0.hold_up().await
    }

    async fn commits(&self) -> Option<usize> {
        self.0.commits().await
    }
}

mod on_sqlite {
    crate::contract!(super::sqlite);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[should_panic(expected = "never shared a commit")]
    async fn appends_without_group_commit_are_caught() {
        let mut twin = super::WithoutGroups(super::sqlite().await);
        crate::suite::concurrent::outcomes_in_one_commit_are_each_their_own(&mut twin).await;
    }

    #[test]
    fn any_schedule_is_answered_as_the_model_answers_it() {
        crate::schedule_tests::answers_as_the_model(64, super::sqlite);
    }
}

mod on_postgres {
    use crate::postgres::tests::postgres;

    crate::contract!(postgres);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[should_panic(expected = "never shared a commit")]
    async fn appends_without_group_commit_are_caught() {
        let mut twin = super::WithoutGroups(postgres().await);
        crate::suite::concurrent::outcomes_in_one_commit_are_each_their_own(&mut twin).await;
    }

    #[test]
    fn any_schedule_is_answered_as_the_model_answers_it() {
        crate::schedule_tests::answers_as_the_model(12, postgres);
    }
}

mod on_the_model {
    crate::contract!(super::model);
}
