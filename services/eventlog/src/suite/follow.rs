//! What views and policies are promised over any backend: stops that name their event, and rebuilds without effects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kernel::event::Position;
use tokio::task::{JoinHandle, JoinSet};

use super::{Backend, PATIENCE, append, event, events, label, labels, log_past, stream};
use crate::cursor::{CursorError, CursorStore};
use crate::port::{EventLog, Expected, Filter, StoredEvent};
use crate::progress::{Progress, Stopper, channel, stopper};
use crate::project::{ProjectError, Projection, run_projection};
use crate::react::{ReactError, Reaction, run_reaction};

/// A view of labels, a store of effects or of cursors: whatever outlives its runner.
type Kept<T> = Arc<Mutex<T>>;

fn kept<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The labels it has seen, in order.
#[derive(Default)]
struct Rows {
    labels: Vec<String>,
    cursor: Option<Position>,
}

#[derive(Clone, Default)]
struct View(Kept<Rows>);

impl Projection for View {
    fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        Ok(kept(&self.0).cursor)
    }

    fn apply(&mut self, batch: &[StoredEvent], cursor: Position) -> Result<(), ProjectError> {
        if let Some(poison) = batch.iter().find(|event| label(event) == "poison") {
            return Err(ProjectError::Poison { position: poison.position, source: "unreadable".into() });
        }
        let mut rows = kept(&self.0);
        rows.labels.extend(batch.iter().map(label));
        rows.cursor = Some(cursor);
        Ok(())
    }
}

/// Does something outside for every event.
#[derive(Default)]
struct Policy {
    effects: Mutex<Vec<String>>,
}

#[async_trait]
impl Reaction for Policy {
    fn name(&self) -> &'static str {
        "suite"
    }

    fn filter(&self) -> Filter {
        Filter::All
    }

    async fn handle(&self, event: &StoredEvent) -> Result<(), ReactError> {
        if label(event) == "poison" {
            return Err(ReactError::Permanent("unanswerable".into()));
        }
        kept(&self.effects).push(label(event));
        Ok(())
    }
}

#[derive(Default)]
struct Cursors(Mutex<HashMap<String, Position>>);

impl CursorStore for Cursors {
    fn get(&self, name: &str) -> Result<Option<Position>, CursorError> {
        Ok(kept(&self.0).get(name).copied())
    }

    fn set(&self, name: &str, cursor: Position) -> Result<(), CursorError> {
        kept(&self.0).insert(name.to_owned(), cursor);
        Ok(())
    }
}

struct Running {
    progress: Progress,
    stopper: Stopper,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        self.stopper.stop();
        self.task.await.expect("an end");
    }
}

fn project(log: Arc<dyn EventLog>, view: &View) -> Running {
    let (report, progress) = channel();
    let (stopper, stop) = stopper();
    let task = tokio::spawn(run_projection(log, view.clone(), report, stop));
    Running { progress, stopper, task }
}

fn react(log: Arc<dyn EventLog>, policy: &Arc<Policy>, cursors: &Arc<Cursors>) -> Running {
    let (report, progress) = channel();
    let (stopper, stop) = stopper();
    let cursors: Arc<Cursors> = Arc::clone(cursors);
    let task = tokio::spawn(run_reaction(log, Arc::<Policy>::clone(policy), cursors, report, stop));
    Running { progress, stopper, task }
}

/// Two good events, a poison one, one more; where the poison stands.
async fn poisoned(backend: &impl Backend) -> (Position, Position) {
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let poison = append(&*log, &stream("b"), Expected::NoStream, events(&["poison"])).await.position;
    let last = append(&*log, &stream("c"), Expected::NoStream, events(&["4"])).await.position;
    (poison, last)
}

/// The view stands right before it and says which event it was.
pub async fn a_poison_event_parks_a_view_right_before_its_position(backend: &mut impl Backend) {
    let (poison, last) = poisoned(backend).await;
    let view = View::default();
    let running = project(backend.log(), &view);
    assert!(!running.progress.reached(last, PATIENCE).await);
    let parked = running.progress.standing().parked.expect("parked");
    assert_eq!(parked.position, Some(poison));
    assert!(parked.reason.contains("unreadable"), "{}", parked.reason);
    assert_eq!(kept(&view.0).labels, ["1", "2"]);
    assert!(kept(&view.0).cursor < Some(poison));
    running.task.await.expect("an end");
}

/// The policy has answered to what stands before it, and its cursor is stored there.
pub async fn an_event_that_cannot_be_answered_parks_a_policy_at_its_position(backend: &mut impl Backend) {
    let (poison, last) = poisoned(backend).await;
    let (policy, cursors) = (Arc::default(), Arc::default());
    let running = react(backend.log(), &policy, &cursors);
    assert!(!running.progress.reached(last, PATIENCE).await);
    let parked = running.progress.standing().parked.expect("parked");
    assert_eq!(parked.position, Some(poison));
    assert_eq!(*kept(&policy.effects), ["1", "2"]);
    running.task.await.expect("an end");
    let cursor = cursors.get("suite").expect("a cursor");
    assert!(cursor.is_some() && cursor < Some(poison));
}

const WRITERS: usize = 4;
const EVENTS_EACH: usize = 150;
const REBUILDS: usize = 3;

/// While events come in, a view is built from nothing, again and again. Each time it comes out as the one that was
/// there all along, and the policy beside it answers to each event once: a rebuild has no effects.
pub async fn a_view_is_rebuilt_under_load_and_nothing_is_done_twice(backend: &mut impl Backend) {
    let (live, policy, cursors) = (View::default(), Arc::default(), Arc::default());
    let projecting = project(backend.log(), &live);
    let reacting = react(backend.log(), &policy, &cursors);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(backend.log(), writer));
    }
    let rebuilt = rebuild(backend).await;
    writers.join_all().await;
    let head = backend.log().head().await.expect("a head").expect("events");
    for progress in [&projecting.progress, &reacting.progress] {
        assert!(progress.reached(head, PATIENCE).await);
    }
    let last = rebuild(backend).await;
    let all = labels(&log_past(&*backend.log(), None, &Filter::All).await);
    assert_eq!(all.len(), WRITERS * EVENTS_EACH);
    for view in [&live, &last] {
        assert_eq!(kept(&view.0).labels, all);
    }
    let early = kept(&rebuilt.0).labels.clone();
    assert_eq!(early, all[..early.len()]);
    assert_eq!(*kept(&policy.effects), all);
    projecting.stop().await;
    reacting.stop().await;
}

/// Builds a view from nothing, several times; the last of them.
async fn rebuild(backend: &impl Backend) -> View {
    let mut view = View::default();
    for _ in 0..REBUILDS {
        view = View::default();
        let running = project(backend.log(), &view);
        assert!(running.progress.caught_up(PATIENCE).await);
        running.stop().await;
    }
    view
}

async fn write(log: Arc<dyn EventLog>, writer: usize) {
    let own = stream(&writer.to_string());
    let mut expected = Expected::NoStream;
    for number in 0..EVENTS_EACH {
        let written = append(&*log, &own, expected, vec![event(&format!("{writer}-{number}"))]).await;
        expected = Expected::At(written.last);
    }
}
