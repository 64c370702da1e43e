//! The contract suite, run on SQLite, on PostgreSQL and on the reference model.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::model::{Backup, ModelLog};
use crate::port::EventLog;
use crate::sqlite::{FILE_NAME, Options, SqliteLog};
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
        let connection = Connection::open(self.directory.path().join(FILE_NAME)).unwrap();
        let copy = self.backups.path().join(FILE_NAME);
        connection.execute("VACUUM INTO ?1", [copy.to_str()]).unwrap();
        true
    }

    async fn restore(&mut self) {
        self.log.close().await;
        self.directory = TempDir::new().unwrap();
        std::fs::copy(self.backups.path().join(FILE_NAME), self.directory.path().join(FILE_NAME)).unwrap();
        self.log = open(&self.directory);
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

mod on_sqlite {
    crate::contract!(super::sqlite);

    #[test]
    fn any_schedule_is_answered_as_the_model_answers_it() {
        crate::schedule_tests::answers_as_the_model(64, super::sqlite);
    }
}

mod on_postgres {
    crate::contract!(crate::postgres::tests::postgres);

    #[test]
    fn any_schedule_is_answered_as_the_model_answers_it() {
        crate::schedule_tests::answers_as_the_model(12, crate::postgres::tests::postgres);
    }
}

mod on_the_model {
    crate::contract!(super::model);
}
