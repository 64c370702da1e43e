//! The one thread that writes: drains its queue into groups, commits each group once, then answers.
//!
//! Nobody is answered before the commit. A commit that fails may still have happened: its group is answered `Unknown`
//! and the connection is given up.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::ErrorCode;
use tokio::sync::mpsc;

use crate::clock::{Clock, SystemClock};
use crate::group::{Answer, Answers, Message, Request};
use crate::lock::DirectoryLock;
use crate::port::{AppendError, StorageFault};
use crate::sqlite::append::{Refusal, Store};
use crate::sqlite::fault::{fault, open_fault};
use crate::sqlite::{OpenError, Options, open_writable};
use crate::tail::TailWriter;
use crate::vitals::Vitals;

/// A group may always grow for this long.
const GATHER_MIN: Duration = Duration::from_micros(200);

/// The thread's state.
pub(super) struct Writer {
    pub path: PathBuf,
    pub options: Options,
    pub queue: mpsc::Receiver<Message>,
    /// Away after a failed commit, until it can be opened again.
    pub store: Option<Store>,
    pub lock: DirectoryLock,
    pub tail: TailWriter,
    pub vitals: Vitals,
    /// How long the last commit took.
    pub commit_time: Duration,
}

impl Writer {
    /// Runs until the log is closed and the queue is drained.
    pub(super) fn run(mut self) {
        while let Some(message) = self.queue.blocking_recv() {
            match message {
                Message::Append(request) => self.group(request),
                Message::Close => self.queue.close(),
            }
        }
        if let Some(store) = self.store {
            store.finish();
        }
        // In this order: who sees the tail closed may lock the directory again.
        drop(self.lock);
        drop(self.tail);
    }

    fn group(&mut self, first: Request) {
        let mut group = Group::default();
        match self.open_store() {
            Ok(mut store) => {
                self.fill(&mut group, &mut store, first);
                self.settle(group, store);
            }
            Err(error) => {
                group.answers.push(first, Err(AppendError::Unknown));
                group.answers.answer_all(AppendError::Unavailable(not_opened(&error)));
            }
        }
    }

    fn open_store(&mut self) -> Result<Store, OpenError> {
        if let Some(store) = self.store.take() {
            return Ok(store);
        }
        let mut store = open_writable(&self.path, &self.options)?;
        store.start()?;
        self.tail.restart(store.last());
        Ok(store)
    }

    /// Takes in what is queued, for as long as the last commit took at most.
    fn fill(&mut self, group: &mut Group, store: &mut Store, first: Request) {
        let gather = self.commit_time.max(GATHER_MIN);
        if let Err(error) = store.begin() {
            group.broken = Some(error);
        }
        // What another connection's transaction has held up is there by now.
        let started = Instant::now();
        let mut next = Some(first);
        while let Some(request) = next {
            group.take(store, request);
            let go_on = !group.is_full() && started.elapsed() < gather;
            next = if go_on { self.try_next() } else { None };
        }
    }

    fn try_next(&mut self) -> Option<Request> {
        loop {
            match self.queue.try_recv() {
                Ok(Message::Append(request)) => return Some(request),
                Ok(Message::Close) => self.queue.close(),
                Err(_) => return None,
            }
        }
    }

    /// Commits the group and answers it; keeps the store unless it failed.
    fn settle(&mut self, mut group: Group, mut store: Store) {
        if let Some(error) = group.broken.take() {
            let fault = report(&error, "a group of appends was undone");
            match store.rollback() {
                Ok(()) => self.store = Some(store),
                Err(error) => _ = report(&error, "the connection is given up"),
            }
            return group.answers.answer_all(AppendError::Unavailable(fault));
        }
        let started = Instant::now();
        match store.commit() {
            Ok(()) => {
                self.commit_time = started.elapsed();
                self.vitals.flushed(SystemClock.now(), self.commit_time);
                group.answers.note(&self.tail);
                self.tail.publish(store.last());
                group.answers.answer();
                store.checkpoint(self.queue.is_empty());
                self.store = Some(store);
            }
            Err(error) => self.give_up(group, store, &error),
        }
    }

    /// After a failed commit: what the connection believes is not to be trusted.
    fn give_up(&mut self, group: Group, store: Store, error: &rusqlite::Error) {
        let fault = report(error, "a commit failed");
        drop(store);
        match self.open_store() {
            Ok(store) => self.store = Some(store),
            Err(error) => _ = not_opened(&error),
        }
        group.answers.answer_all(unwritten(error, fault));
    }
}

/// A full disk is definite: SQLite reports it only where a frame could not be written to the write-ahead log, and the
/// frame that makes the group valid is the last one: the disk is taken to leave bytes beside a write alone (SQLite's
/// `POWERSAFE_OVERWRITE`, its default), so nothing is padded after it. All else may have reached the disk.
fn unwritten(error: &rusqlite::Error, fault: StorageFault) -> AppendError {
    if error.sqlite_error_code() == Some(ErrorCode::DiskFull) {
        AppendError::Unavailable(fault)
    } else {
        AppendError::Unknown
    }
}

fn not_opened(error: &OpenError) -> StorageFault {
    tracing::error!(error = std::error::Error::source(error), "the log cannot be opened again: {error}");
    open_fault(error)
}

fn report(error: &rusqlite::Error, what: &'static str) -> StorageFault {
    tracing::error!(%error, "{what}");
    fault(error)
}

/// Appends that share one commit. After a failure none of them is answered as if it stood alone: each may have been
/// judged by the rows of another.
#[derive(Default)]
struct Group {
    answers: Answers,
    broken: Option<rusqlite::Error>,
}

impl Group {
    fn take(&mut self, store: &mut Store, request: Request) {
        let answer = if self.broken.is_some() { Err(AppendError::Unknown) } else { self.append(store, &request) };
        self.answers.push(request, answer);
    }

    fn append(&mut self, store: &mut Store, request: &Request) -> Answer {
        store.append(&request.stream, request.expected, &request.events).map_err(|refusal| match refusal {
            Refusal::Answer(error) => error,
            Refusal::Broken(error) => {
                self.broken = Some(error);
                AppendError::Unknown
            }
        })
    }

    fn is_full(&self) -> bool {
        self.broken.is_some() || self.answers.is_full()
    }
}
