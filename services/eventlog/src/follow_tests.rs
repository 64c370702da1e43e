//! Projections and reactions: every event once or at least once, in order; what stops them, and who is told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kernel::event::Position;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::cursor::{CursorStore, SqliteCursors};
use crate::incarnation::Incarnation;
use crate::model::ModelLog;
use crate::port::{Expected, Filter, NewEvent, StoredEvent};
use crate::progress::{Progress, Stopper, channel, stopper};
use crate::project::{ProjectError, Projection, run_projection};
use crate::react::{ReactError, Reaction, run_reaction};
use crate::sqlite::{Options, SqliteLog};
use crate::suite::{append, event, events, label, numbered, stream};

const PATIENCE: Duration = Duration::from_secs(30);

/// A view: the labels it has seen and its cursor, which outlive the runner.
#[derive(Default)]
struct Rows {
    labels: Vec<String>,
    cursor: Option<Position>,
    /// How often storing fails yet.
    failures: u32,
    batches: u32,
}

#[derive(Clone, Default)]
struct View(Arc<Mutex<Rows>>);

impl Projection for View {
    fn cursor(&self) -> Result<Option<Position>, ProjectError> {
        Ok(self.0.lock().unwrap().cursor)
    }

    fn apply(&mut self, batch: &[StoredEvent], cursor: Position) -> Result<(), ProjectError> {
        let mut rows = self.0.lock().unwrap();
        if rows.failures > 0 {
            rows.failures -= 1;
            return Err(ProjectError::Storage("disk full".into()));
        }
        if let Some(poison) = batch.iter().find(|event| label(event) == "poison") {
            return Err(ProjectError::Poison { position: poison.position, source: "unreadable".into() });
        }
        assert!(!batch.iter().any(|event| label(event) == "panic"), "a bug in the view");
        rows.labels.extend(batch.iter().map(label));
        rows.cursor = Some(cursor);
        rows.batches += 1;
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
        self.task.await.unwrap();
    }
}

fn project(log: &ModelLog, view: &View) -> Running {
    let (report, progress) = channel();
    let (stopper, stop) = stopper();
    let task = tokio::spawn(run_projection(Arc::new(log.clone()), view.clone(), report, stop));
    Running { progress, stopper, task }
}

#[tokio::test]
async fn a_writer_reads_what_it_wrote() {
    let (log, view) = (ModelLog::default(), View::default());
    let running = project(&log, &view);
    assert!(running.progress.caught_up(PATIENCE).await);
    let appended = append(&log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    assert!(running.progress.reached(appended.position, PATIENCE).await);
    assert_eq!(view.0.lock().unwrap().labels, ["1", "2"]);
    let beyond = Position(appended.position.0 + 1);
    assert!(!running.progress.reached(beyond, Duration::from_millis(1)).await);
    running.stop().await;
}

#[tokio::test]
async fn a_projection_resumes_from_its_own_cursor_and_counts_each_event_once() {
    let (log, view) = (ModelLog::default(), View::default());
    let first = append(&log, &stream("a"), Expected::NoStream, numbered("n", 1_300)).await;
    let running = project(&log, &view);
    assert!(running.progress.reached(first.position, PATIENCE).await);
    running.stop().await;
    let second = append(&log, &stream("a"), Expected::At(first.last), numbered("m", 700)).await;
    let running = project(&log, &view);
    assert!(running.progress.reached(second.position, PATIENCE).await);
    running.stop().await;
    let labels = &view.0.lock().unwrap().labels;
    assert_eq!(labels.len(), 2_000);
    assert_eq!((labels[1_299].as_str(), labels[1_300].as_str()), ("n-1299", "m-0"));
}

#[tokio::test]
async fn what_a_busy_log_brings_is_taken_up_together() {
    let (log, view) = (ModelLog::default(), View::default());
    let running = project(&log, &view);
    assert!(running.progress.caught_up(PATIENCE).await);
    let (begun, batches) = (Instant::now(), view.0.lock().unwrap().batches);
    let mut appended = append(&log, &stream("a"), Expected::NoStream, events(&["first"])).await;
    assert!(running.progress.reached(appended.position, PATIENCE).await);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        appended = append(&log, &stream("a"), Expected::At(appended.last), events(&["next"])).await;
    }
    assert!(running.progress.reached(appended.position, PATIENCE).await);
    let batches = view.0.lock().unwrap().batches - batches;
    assert!(batches <= 3 + u32::try_from(begun.elapsed().as_millis() / 10).unwrap(), "{batches} batches");
    assert_eq!(view.0.lock().unwrap().labels.len(), 101);
    running.stop().await;
}

#[tokio::test]
async fn a_poison_event_parks_the_projection_right_before_it() {
    let (log, view) = (ModelLog::default(), View::default());
    let appended = append(&log, &stream("a"), Expected::NoStream, events(&["1", "2", "poison", "4"])).await;
    let running = project(&log, &view);
    assert!(!running.progress.reached(appended.position, PATIENCE).await);
    let parked = running.progress.standing().parked.unwrap();
    assert_eq!(parked.position, Some(Position(3)));
    assert!(parked.reason.contains("unreadable"));
    assert_eq!(view.0.lock().unwrap().labels, ["1", "2"]);
    assert_eq!(view.0.lock().unwrap().cursor, Some(Position(2)));
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_view_that_panics_is_parked_and_not_lost_sight_of() {
    let (log, view) = (ModelLog::default(), View::default());
    let appended = append(&log, &stream("a"), Expected::NoStream, events(&["panic"])).await;
    let running = project(&log, &view);
    assert!(!running.progress.reached(appended.position, PATIENCE).await);
    assert!(running.progress.standing().parked.is_some());
}

#[tokio::test]
async fn a_batch_that_could_not_be_stored_is_tried_again() {
    let (log, view) = (ModelLog::default(), View::default());
    view.0.lock().unwrap().failures = 2;
    let appended = append(&log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let running = project(&log, &view);
    assert!(running.progress.reached(appended.position, PATIENCE).await);
    assert_eq!(view.0.lock().unwrap().labels, ["1", "2"]);
    running.stop().await;
}

#[tokio::test]
async fn a_projection_ends_with_the_log() {
    let directory = TempDir::new().unwrap();
    let log = SqliteLog::open(directory.path(), &Options::default()).unwrap();
    let (report, progress) = channel();
    let (_stopper, stop) = stopper();
    let task = tokio::spawn(run_projection(Arc::new(log.clone()), View::default(), report, stop));
    assert!(progress.caught_up(PATIENCE).await);
    log.close().await;
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    assert_eq!(progress.standing().parked, None);
}

/// A policy that answers to `noted` events.
#[derive(Default)]
struct Policy {
    handled: Mutex<Vec<String>>,
    /// How often the event with this label fails yet.
    failures: AtomicU32,
}

#[async_trait]
impl Reaction for Policy {
    fn name(&self) -> &'static str {
        "test"
    }

    fn filter(&self) -> Filter {
        Filter::kinds(&["noted"])
    }

    async fn handle(&self, event: &StoredEvent) -> Result<(), ReactError> {
        let label = label(event);
        if label == "hopeless" {
            return Err(ReactError::Permanent("no".into()));
        }
        if label == "flaky"
            && self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
        {
            return Err(ReactError::Transient("not now".into()));
        }
        self.handled.lock().unwrap().push(label);
        Ok(())
    }
}

#[derive(Default)]
struct MemoryCursors(Mutex<HashMap<String, Position>>);

impl CursorStore for MemoryCursors {
    fn get(&self, name: &str) -> Result<Option<Position>, crate::cursor::CursorError> {
        Ok(self.0.lock().unwrap().get(name).copied())
    }

    fn set(&self, name: &str, cursor: Position) -> Result<(), crate::cursor::CursorError> {
        self.0.lock().unwrap().insert(name.to_owned(), cursor);
        Ok(())
    }
}

fn react(log: &ModelLog, policy: &Arc<Policy>, cursors: &Arc<MemoryCursors>) -> Running {
    let (report, progress) = channel();
    let (stopper, stop) = stopper();
    let (policy, cursors) = (Arc::clone(policy), Arc::clone(cursors));
    let task = tokio::spawn(run_reaction(Arc::new(log.clone()), policy, cursors, report, stop));
    Running { progress, stopper, task }
}

#[tokio::test]
async fn a_policy_answers_in_order_and_goes_on_where_it_stopped() {
    let (log, policy, cursors) = (ModelLog::default(), Arc::new(Policy::default()), Arc::default());
    let first = append(&log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    let running = react(&log, &policy, &cursors);
    assert!(running.progress.reached(first.position, PATIENCE).await);
    running.stop().await;
    let second = append(&log, &stream("a"), Expected::At(first.last), events(&["3"])).await;
    let running = react(&log, &policy, &cursors);
    assert!(running.progress.reached(second.position, PATIENCE).await);
    running.stop().await;
    assert_eq!(*policy.handled.lock().unwrap(), ["1", "2", "3"]);
    assert_eq!(cursors.get("test").unwrap(), Some(second.position));
}

#[tokio::test]
async fn a_policy_moves_past_what_it_does_not_answer_to() {
    let (log, policy, cursors) = (ModelLog::default(), Arc::new(Policy::default()), Arc::default());
    let running = react(&log, &policy, &cursors);
    let other = |label: &str| NewEvent { kind: "other".to_owned(), ..event(label) };
    let few = append(&log, &stream("a"), Expected::NoStream, vec![other("1")]).await;
    assert!(running.progress.reached(few.position, PATIENCE).await);
    let many = (0..1_000).map(|number| other(&format!("n-{number}"))).collect();
    let many = append(&log, &stream("a"), Expected::At(few.last), many).await;
    assert!(running.progress.reached(many.position, PATIENCE).await);
    running.stop().await;
    assert_eq!(cursors.get("test").unwrap(), Some(many.position));
}

#[tokio::test]
async fn a_transient_error_is_tried_again_and_a_permanent_one_parks() {
    let (log, cursors) = (ModelLog::default(), Arc::default());
    let policy = Arc::new(Policy { failures: AtomicU32::new(2), ..Policy::default() });
    let appended = append(&log, &stream("a"), Expected::NoStream, events(&["1", "flaky", "hopeless", "4"])).await;
    let running = react(&log, &policy, &cursors);
    assert!(!running.progress.reached(appended.position, PATIENCE).await);
    assert_eq!(running.progress.standing().parked.unwrap().position, Some(Position(3)));
    assert_eq!(*policy.handled.lock().unwrap(), ["1", "flaky"]);
    running.task.await.unwrap();
    assert_eq!(cursors.get("test").unwrap(), Some(Position(2)));
}

#[test]
fn a_cursor_file_of_a_newer_program_is_refused() {
    let history = Incarnation(Uuid::from_u128(1));
    crate::beside::tests::check_versions("cursors.db", |directory| SqliteCursors::open(directory, history));
}

#[test]
fn cursors_are_kept_on_disk_by_name() {
    let directory = TempDir::new().unwrap();
    let history = Incarnation(Uuid::from_u128(1));
    let cursors = SqliteCursors::open(directory.path(), history).unwrap();
    assert_eq!(cursors.get("one").unwrap(), None);
    cursors.set("one", Position(3)).unwrap();
    cursors.set("one", Position(5)).unwrap();
    cursors.set("two", Position(4)).unwrap();
    drop(cursors);
    let cursors = SqliteCursors::open(directory.path(), history).unwrap();
    assert_eq!((cursors.get("one").unwrap(), cursors.get("two").unwrap()), (Some(Position(5)), Some(Position(4))));
    drop(cursors);
    let other = Incarnation(Uuid::from_u128(2));
    let cursors = SqliteCursors::open(directory.path(), other).unwrap();
    assert_eq!(cursors.get("one").unwrap(), None, "a cursor of another history means nothing");
}
