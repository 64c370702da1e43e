//! The one task that writes for this process: drains its queue into groups, commits each group once, then answers.
//!
//! Nobody is answered before the commit. After a failure the session is given up: a new one waits for the old one's
//! lock, and so for its outcome, before it judges anything.

use std::time::Instant;

use tokio::sync::mpsc;

use crate::clock::{Clock, SystemClock};
use crate::group::{Answers, Message, Request, Size};
use crate::port::{AppendError, StorageFault};
use crate::postgres::append::{Broken, Store};
use crate::postgres::fault::Fault;
use crate::postgres::session::Connector;
use crate::postgres::watch::Waker;
use crate::vitals::Vitals;

/// The task's state.
pub(super) struct Writer {
    pub connector: Connector,
    pub queue: mpsc::Receiver<Message>,
    /// Away after a failure, until it can be opened again.
    pub store: Option<Store>,
    pub waker: Waker,
    pub vitals: Vitals,
}

impl Writer {
    /// Runs until the log is closed and the queue is drained.
    pub(super) async fn run(mut self) {
        while let Some(message) = self.queue.recv().await {
            match message {
                Message::Append(request) => {
                    let group = self.gather(request);
                    self.write(group).await;
                }
                Message::Close => self.queue.close(),
            }
        }
    }

    /// What is queued, up to the bounds of a group. It gathers while the group before is written.
    fn gather(&mut self, first: Request) -> Vec<Request> {
        let mut size = Size::default();
        size.add(&first);
        let mut group = vec![first];
        while !size.is_full() {
            match self.queue.try_recv() {
                Ok(Message::Append(request)) => {
                    size.add(&request);
                    group.push(request);
                }
                Ok(Message::Close) => self.queue.close(),
                Err(_) => break,
            }
        }
        group
    }

    async fn write(&mut self, group: Vec<Request>) {
        let started = Instant::now();
        let written = match self.open().await {
            Ok(mut store) => store.write(&group).await.map(|answers| (store, answers)),
            Err(fault) => Err(Broken::Before(fault)),
        };
        let mut answers = Answers::default();
        match written {
            Ok((store, judged)) => {
                self.store = Some(store);
                self.vitals.flushed(SystemClock.now(), started.elapsed());
                self.waker.wake();
                for (request, answer) in group.into_iter().zip(judged) {
                    answers.push(request, answer);
                }
                answers.answer();
            }
            Err(broken) => {
                for request in group {
                    answers.push(request, Err(AppendError::Unknown));
                }
                answers.answer_all(outcome(&broken));
            }
        }
    }

    async fn open(&mut self) -> Result<Store, Fault> {
        match self.store.take() {
            Some(store) => Ok(store),
            None => Store::open(&self.connector).await,
        }
    }
}

fn outcome(broken: &Broken) -> AppendError {
    match broken {
        Broken::Before(fault) => AppendError::Unavailable(report(fault, "a group of appends was not written")),
        Broken::AtCommit(fault) => {
            report(fault, "a commit was not answered");
            AppendError::Unknown
        }
    }
}

fn report(fault: &Fault, what: &'static str) -> StorageFault {
    tracing::error!(error = fault as &dyn std::error::Error, "{what}");
    fault.storage()
}
