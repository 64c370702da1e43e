//! A batch that is answered while it is being sent: a line of JSON for each event, one of progress after each part, and
//! one at the end. Memory holds one part, however large the batch.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use accounts::published::actor::Actor;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{Error, HttpResponse};
use futures::StreamExt;
use invocation::report::{REPORTS_MAX, Report};
use serde_json::json;
use tokio::sync::mpsc;

use super::answer::{self, Counts, Verdict};
use super::event::NoReport;
use super::refusal::Refusal;
use super::split::Splitter;
use super::{Recorder, decide, read};
use crate::transport::refusal::Refusal as DoorRefusal;

/// Bytes of a whole batch.
pub const STREAM_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Nothing may come for this long.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How often there may be no room for a part, with a pause after each.
const BUSY_MAX: u32 = 40;
const BUSY_PAUSE: Duration = Duration::from_millis(250);
/// Parts of the answer that wait for a slow reader; more of the batch is not read meanwhile.
const LINES_WAITING: usize = 2;

/// Answers line by line. It ends early where the client goes away: what is recorded stays so.
pub fn answer(payload: Payload, recorder: Arc<dyn Recorder>, actor: Actor) -> HttpResponse {
    let (sender, receiver) = mpsc::channel(LINES_WAITING);
    let mut reading = Reading {
        recorder,
        actor,
        sender,
        splitter: Splitter::default(),
        buffer: BytesMut::new(),
        dropped: 0,
        events: Vec::new(),
        answered: 0,
        counts: Counts::default(),
    };
    actix_web::rt::spawn(async move {
        if let Some(line) = reading.run(payload).await {
            // Whoever would read it may be gone.
            _ = reading.sender.send(line).await;
        }
    });
    let lines = futures::stream::unfold(receiver, |mut receiver| async move {
        let line = receiver.recv().await?;
        Some((Ok::<_, Error>(Bytes::from(line)), receiver))
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "application/x-ndjson"));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.streaming(Box::pin(lines))
}

struct Reading {
    recorder: Arc<dyn Recorder>,
    actor: Actor,
    sender: mpsc::Sender<String>,
    splitter: Splitter,
    /// What has been read and is needed still; its first byte is number `dropped` of the body.
    buffer: BytesMut,
    dropped: usize,
    events: Vec<Result<Report, NoReport>>,
    answered: u64,
    counts: Counts,
}

/// Nobody reads the answer any more.
struct Gone;

impl Reading {
    /// Reads to the end; the last line, unless nobody is there to read it.
    async fn run(&mut self, payload: Payload) -> Option<String> {
        match self.read_all(payload).await {
            Ok(Ok(())) => Some(answer::as_line(&json!({"done": true, "counts": self.counts}))),
            Ok(Err(refusal)) => {
                let problem = json!({"title": refusal.to_string(), "code": refusal.code().0});
                Some(answer::as_line(&json!({"done": false, "counts": self.counts, "error": problem})))
            }
            Err(Gone) => None,
        }
    }

    /// What came before the body broke is decided all the same.
    async fn read_all(&mut self, payload: Payload) -> Result<Result<(), Refusal>, Gone> {
        let read = self.read_body(payload).await?;
        Ok(self.flush(1).await?.and(read))
    }

    async fn read_body(&mut self, mut payload: Payload) -> Result<Result<(), Refusal>, Gone> {
        loop {
            let next = tokio::time::timeout(SILENCE_MAX, payload.next()).await;
            let chunk = match next {
                Err(_) => return Ok(Err(DoorRefusal::BodyTooSlow.into())),
                Ok(None) => return Ok(self.splitter.end().map_err(Refusal::from)),
                Ok(Some(Err(_))) => return Ok(Err(DoorRefusal::BodyIncomplete.into())),
                Ok(Some(Ok(chunk))) => chunk,
            };
            if let Err(refusal) = self.take(&chunk) {
                return Ok(Err(refusal));
            }
            if let Err(refusal) = self.flush(REPORTS_MAX).await? {
                return Ok(Err(refusal));
            }
        }
    }

    fn take(&mut self, chunk: &Bytes) -> Result<(), Refusal> {
        self.buffer.extend_from_slice(chunk);
        if self.dropped.saturating_add(self.buffer.len()) > STREAM_BYTES_MAX {
            return Err(DoorRefusal::BodyTooLarge { bytes_max: STREAM_BYTES_MAX }.into());
        }
        let Self { splitter, buffer, dropped, events, actor, .. } = self;
        splitter.read(chunk, |element| {
            let within = |range: Range<usize>| range.start.saturating_sub(*dropped)..range.end.saturating_sub(*dropped);
            let bytes = element.map(|range| buffer.get(within(range)).unwrap_or_default());
            events.push(bytes.and_then(|bytes| read(bytes, actor)));
        })?;
        let unneeded = self.splitter.needed().saturating_sub(self.dropped).min(self.buffer.len());
        drop(self.buffer.split_to(unneeded));
        self.dropped = self.dropped.saturating_add(unneeded);
        Ok(())
    }

    /// Decides and answers what has been read, while it is at least so many events.
    async fn flush(&mut self, least: usize) -> Result<Result<(), Refusal>, Gone> {
        while self.events.len() >= least {
            let rest = self.events.split_off(self.events.len().min(REPORTS_MAX));
            let part = std::mem::replace(&mut self.events, rest);
            match self.decide(part).await {
                Ok(verdicts) => self.tell(&verdicts).await?,
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(()))
    }

    /// Waits for room.
    async fn decide(&self, part: Vec<Result<Report, NoReport>>) -> Result<Vec<Verdict>, Refusal> {
        for _ in 0..BUSY_MAX {
            match decide(self.recorder.as_ref(), &self.actor, part.clone()).await {
                Err(Refusal::Busy) => tokio::time::sleep(BUSY_PAUSE).await,
                decided => return decided,
            }
        }
        Err(Refusal::Busy)
    }

    async fn tell(&mut self, verdicts: &[Verdict]) -> Result<(), Gone> {
        let mut lines = String::new();
        for verdict in verdicts {
            lines.push_str(&answer::line(self.answered, verdict));
            self.answered = self.answered.saturating_add(1);
            self.counts.add(verdict);
        }
        let progress = json!({"progress": {"events": self.answered, "bytes": self.dropped}});
        lines.push_str(&answer::as_line(&progress));
        self.sender.send(lines).await.map_err(|_| Gone)
    }
}
