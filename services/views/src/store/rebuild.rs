//! Views built anew beside those in use, which go on following the log and being read until the moment of the swap.

use std::fs::{self, File};
use std::path::Path;
use std::sync::PoisonError;

use eventlog::incarnation::Incarnation;
use eventlog::port::StoredEvent;
use eventlog::project::ProjectError;
use kernel::event::Position;
use rusqlite::Connection;

use super::files::{self, Files};
use super::{Fault, TABLES, Tables, Views, open_writer};
use crate::projection::Writer;

/// A file of views on its way.
#[derive(Debug)]
pub struct Rebuild {
    files: Files,
    writer: Writer,
    /// Held until the file has another name.
    builder: File,
}

/// How an attempt to swap ended.
#[derive(Debug)]
pub enum Finished {
    /// The new views are in use.
    Swapped,
    /// Those in use know more of the log: go on and try again.
    Behind(Box<Rebuild>),
}

impl Rebuild {
    /// Begins an empty file in a data directory, whose views may be in use. One at a time, across processes: refused
    /// with [`Fault::Building`] while another one is filled.
    pub fn begin(directory: &Path, incarnation: Incarnation) -> Result<Self, Fault> {
        Self::begin_tables(&TABLES, directory, incarnation)
    }

    /// As [`Self::begin`] does in a program with these tables.
    pub(crate) fn begin_tables(tables: &Tables, directory: &Path, incarnation: Incarnation) -> Result<Self, Fault> {
        let files = Files::new(directory, tables.version());
        let builder = files.builder()?.ok_or(Fault::Building)?;
        let connection = tables.begin(&files.building(), incarnation)?;
        Ok(Self { files, writer: Writer::new(connection), builder })
    }

    /// Everything at or before is in it.
    pub fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        self.writer.cursor()
    }

    /// Applies the next events of the log. Blocks.
    pub fn apply(&mut self, events: &[StoredEvent], to: Position) -> Result<(), ProjectError> {
        self.writer.apply(events, to)
    }

    /// Leaves it for the next start of a program of this version.
    pub fn keep(self) -> Result<(), Fault> {
        close(self.writer.connection)?;
        Ok(fs::rename(self.files.building(), self.files.prepared())?)
    }

    /// Puts it in the place of the views in use, unless they know more of the log. Readers that are at it finish on the
    /// old file. Blocks for as long as it takes to open a file.
    pub fn swap(self, views: &Views) -> Result<Finished, Fault> {
        let mut live = views.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.position()? < crate::projection::cursor(&live.connection)? {
            return Ok(Finished::Behind(Box::new(self)));
        }
        close(self.writer.connection)?;
        let mut pool = views.pool();
        let next = pool.generation.saturating_add(1);
        let path = self.files.generation(next);
        fs::rename(self.files.building(), &path)?;
        *live = Writer::new(open_writer(&path)?);
        pool.generation = next;
        pool.idle.clear();
        drop(self.builder);
        self.files.tidy(next)?;
        Ok(Finished::Swapped)
    }

    fn position(&self) -> rusqlite::Result<Option<Position>> {
        crate::projection::cursor(&self.writer.connection)
    }

    /// Gives up: removes the file.
    pub fn abandon(self) -> Result<(), Fault> {
        drop(self.writer);
        Ok(files::remove(&self.files.building())?)
    }
}

/// Copies the write-ahead log back, so that the file stands for itself and can be renamed.
fn close(connection: Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}
