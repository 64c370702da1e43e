//! Group commit: appends that share one transaction, and their answers, held back until it is durable.

use kernel::event::StreamName;
use tokio::sync::oneshot;

use crate::port::{AppendError, Appended, Expected, NewEvent};
use crate::tail::TailWriter;

/// A group ends with the append that reaches this many events …
const EVENTS_MAX: usize = 4_096;
/// … or this many bytes.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// What an append is answered.
pub(crate) type Answer = Result<Appended, AppendError>;

/// One append, checked against the limits.
pub(crate) struct Request {
    pub stream: StreamName,
    pub expected: Expected,
    pub events: Vec<NewEvent>,
    pub answer: oneshot::Sender<Answer>,
}

impl Request {
    /// Bytes of JSON and bodies.
    pub(crate) fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.data.len().saturating_add(event.body.len())).sum()
    }
}

/// What a writer is told.
pub(crate) enum Message {
    Append(Request),
    /// Write what is queued, then end.
    Close,
}

/// Counts what a group holds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Size {
    events: usize,
    bytes: usize,
}

impl Size {
    pub(crate) fn add(&mut self, request: &Request) {
        self.events = self.events.saturating_add(request.events.len());
        self.bytes = self.bytes.saturating_add(request.bytes());
    }

    pub(crate) const fn is_full(self) -> bool {
        self.events >= EVENTS_MAX || self.bytes >= BYTES_MAX
    }
}

/// The appends of a group, judged and not yet answered.
#[derive(Default)]
pub(crate) struct Answers {
    requests: Vec<(Request, Answer)>,
    size: Size,
}

impl Answers {
    pub(crate) fn push(&mut self, request: Request, answer: Answer) {
        self.size.add(&request);
        self.requests.push((request, answer));
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.size.is_full()
    }

    /// Tells the tail what was written.
    pub(crate) fn note(&self, tail: &TailWriter) {
        for (request, answer) in &self.requests {
            if let Ok(Appended { position, repeated: false, .. }) = answer {
                tail.note(&request.stream, &request.events, *position);
            }
        }
    }

    /// Whoever no longer waits has gone away by itself.
    pub(crate) fn answer(self) {
        for (request, answer) in self.requests {
            _ = request.answer.send(answer);
        }
    }

    /// Gives everybody the same error, whatever each was judged.
    pub(crate) fn answer_all(self, error: AppendError) {
        for (request, _) in self.requests {
            _ = request.answer.send(Err(error));
        }
    }
}
