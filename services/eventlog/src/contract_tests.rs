//! The contract suite, run on SQLite and on the reference model.

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;

use crate::model::ModelLog;
use crate::port::EventLog;
use crate::sqlite::{Options, SqliteLog};
use crate::suite::Backend;

/// SQLite in a directory of its own.
pub(crate) struct Sqlite {
    pub(crate) directory: TempDir,
    log: SqliteLog,
}

pub(crate) async fn sqlite() -> Sqlite {
    let directory = TempDir::new().unwrap();
    let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
    Sqlite { directory, log }
}

#[async_trait]
impl Backend for Sqlite {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn restart(&mut self) {
        self.log.close().await;
        self.log = SqliteLog::open(self.directory.path(), &Options::default()).unwrap();
    }
}

/// The model has nothing to restart.
pub(crate) struct Model(ModelLog);

pub(crate) async fn model() -> Model {
    Model(ModelLog::default())
}

#[async_trait]
impl Backend for Model {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.0.clone())
    }

    async fn restart(&mut self) {}
}

mod on_sqlite {
    crate::contract!(super::sqlite);
}

mod on_the_model {
    crate::contract!(super::model);
}
