//! The contract suite: what every backend must hold, as tests that run unchanged on each of them.
//!
//! A backend implements [`Backend`] and calls [`contract!`](crate::contract); its tests then carry the names of the
//! promises.

pub mod append;
pub mod cluster;
pub mod concurrent;
pub mod failure;
pub mod follow;
pub mod read;
pub mod repeat;
pub mod subscribe;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use jiff::Timestamp;
use kernel::event::{Position, Provenance, StreamName};
use kernel::id::derived;

use crate::port::{
    AppendError, Appended, Delivery, EventLog, Expected, Filter, NewEvent, PAGE_EVENTS_MAX, ReadError, StoredEvent,
};

/// A backend under test, with an empty log.
#[async_trait]
pub trait Backend: Send + Sync {
    /// The log as it is open now.
    fn log(&self) -> Arc<dyn EventLog>;

    /// The same log opened once more, as by another process; the log itself where only one process may open it.
    async fn other(&self) -> Arc<dyn EventLog> {
        self.log()
    }

    /// Closes the log and opens it again; brings a store back that [`Backend::kill`] has ended.
    async fn restart(&mut self);

    /// Ends the store under the open log without a word, as far as the backend can: at least the log is closed.
    /// `false` where a test cannot do that; it then says that it was not run.
    async fn kill(&mut self) -> bool {
        not_run("the store cannot be ended from here")
    }

    /// Takes a backup while the log is open, in place of an earlier one. `false` as for [`Backend::kill`].
    async fn back_up(&mut self) -> bool {
        not_run("there is no backup to be taken from here")
    }

    /// Closes the log and goes on with what the last backup holds, and with nothing else.
    async fn restore(&mut self) {}

    /// Leaves a session idle within a transaction that has read and written beside the log, until the answer is
    /// dropped; `None` where the store has no sessions.
    async fn idle_in_transaction(&self) -> Option<Box<dyn Send>> {
        None
    }

    /// Writes as an append of another process would, and rolls that back; does nothing where nobody else can write.
    async fn roll_back(&self) {}

    /// Keeps appends from being written until the answer is dropped; `None` where nobody else can.
    async fn hold_up(&self) -> Option<Box<dyn Send>> {
        None
    }

    /// In how many commits the log was written, as the store itself tells; `None` where no two appends share one.
    async fn commits(&self) -> Option<usize> {
        None
    }
}

/// Says why a promise was not tested, past the harness, which keeps what is printed to itself.
fn not_run(reason: &str) -> bool {
    writeln!(std::io::stderr(), "NOT RUN: {reason}").expect("somebody listens");
    false
}

/// Long enough for any machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream's name.
pub(crate) fn stream(key: &str) -> StreamName {
    StreamName::new("test", key).expect("a valid key")
}

/// An event told apart by `label`.
pub(crate) fn event(label: &str) -> NewEvent {
    NewEvent {
        id: derived(&["suite", label]),
        kind: "noted".to_owned(),
        version: 1,
        occurred_at: Timestamp::UNIX_EPOCH,
        provenance: Provenance { correlation: derived(&["request"]), cause: derived(&["cause"]), actor: "test".into() },
        data: format!("{{\"label\":\"{label}\"}}").into_bytes(),
        body: Vec::new(),
    }
}

/// Events told apart by their labels.
pub(crate) fn events(labels: &[&str]) -> Vec<NewEvent> {
    labels.iter().map(|label| event(label)).collect()
}

/// `count` events told apart by `label` and their number.
pub(crate) fn numbered(label: &str, count: usize) -> Vec<NewEvent> {
    (0..count).map(|number| event(&format!("{label}-{number}"))).collect()
}

/// Appends, and stops the test unless that succeeds.
pub(crate) async fn append(
    log: &dyn EventLog,
    stream: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
) -> Appended {
    log.append(stream, expected, events).await.expect("an append")
}

/// Appends, and stops the test unless that is refused.
pub(crate) async fn refused(
    log: &dyn EventLog,
    stream: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
) -> AppendError {
    log.append(stream, expected, events).await.expect_err("a refusal")
}

/// The whole log past a position.
pub(crate) async fn log_past(log: &dyn EventLog, mut after: Option<Position>, filter: &Filter) -> Vec<StoredEvent> {
    let mut events = Vec::new();
    loop {
        let page = log.read_log(after, filter, PAGE_EVENTS_MAX).await.expect("a page");
        events.extend(page.events);
        after = page.next;
        if page.end {
            return events;
        }
    }
}

/// The labels of events.
pub(crate) fn labels(events: &[StoredEvent]) -> Vec<String> {
    events.iter().map(label).collect()
}

/// The label of an event.
pub(crate) fn label(event: &StoredEvent) -> String {
    let text = String::from_utf8(event.data.clone()).expect("text");
    text.trim_start_matches("{\"label\":\"").trim_end_matches("\"}").to_owned()
}

/// The next delivery of a subscription, or a failed test.
pub(crate) async fn next(deliveries: &mut BoxStream<'static, Result<Delivery, ReadError>>) -> Delivery {
    let delivery = tokio::time::timeout(PATIENCE, deliveries.next()).await.expect("a delivery in time");
    delivery.expect("an open subscription").expect("a delivery")
}

/// The next event of a subscription, past everything else.
pub(crate) async fn next_event(deliveries: &mut BoxStream<'static, Result<Delivery, ReadError>>) -> StoredEvent {
    loop {
        if let Delivery::Event(event) = next(deliveries).await {
            return *event;
        }
    }
}

/// Makes one test of each promise. `$make` is an asynchronous function that gives a [`Backend`] with an empty log.
#[macro_export]
macro_rules! contract {
    ($make:path) => {
        $crate::contract! { $make;
            append: an_empty_append_is_refused
            append: a_stream_begins_with_no_stream_and_only_once
            append: an_expectation_one_below_or_one_above_conflicts
            append: an_expectation_of_events_in_a_missing_stream_conflicts
            append: a_conflict_writes_nothing
            append: revisions_are_gapless_over_the_largest_appends
            append: sizes_are_accepted_at_the_limit_and_refused_one_over
            append: an_append_is_accepted_at_its_limit_and_refused_one_over
            append: what_is_not_an_event_is_refused
            append: an_event_reads_back_as_it_was_written
            append: names_that_look_alike_are_different_streams
            append: names_that_collide_in_a_hash_are_different_streams
            append: positions_rise_over_all_streams_and_the_head_is_the_last
            repeat: an_exact_repeat_gives_the_first_result
            repeat: a_repeat_is_recognised_after_others_have_written
            repeat: a_repeat_is_recognised_after_very_many_other_appends
            repeat: a_repeat_is_recognised_after_a_restart
            repeat: a_repeat_is_recognised_after_backup_and_restore
            repeat: a_prefix_is_a_mismatch
            repeat: a_suffix_is_a_mismatch
            repeat: a_superset_is_a_mismatch
            repeat: the_same_first_event_with_another_second_is_a_mismatch
            repeat: two_appends_repeated_as_one_are_a_mismatch
            repeat: foreign_events_at_an_old_revision_conflict
            concurrent: fifty_writers_race_on_one_stream_and_none_is_lost
            concurrent: outcomes_in_one_commit_are_each_their_own
            concurrent: the_same_append_at_once_is_written_once
            concurrent: a_reader_sees_a_growing_prefix
            concurrent: nothing_waits_for_a_session_that_is_idle_in_a_transaction
            read: a_missing_stream_reads_as_empty
            read: a_stream_reads_forward_from_anywhere
            read: a_stream_reads_backward_from_anywhere
            read: a_stream_reads_in_pages_both_ways
            read: the_log_reads_from_any_position
            read: an_event_is_found_by_its_position
            read: filters_choose_by_category_stream_and_kind
            read: a_page_without_a_match_still_moves_on
            read: a_cursor_beyond_the_end_is_foreign
            read: everything_is_there_after_a_restart
            subscribe: a_subscription_from_nothing_delivers_all_then_catches_up
            subscribe: a_subscription_from_a_cursor_delivers_the_rest
            subscribe: what_is_appended_later_is_delivered
            subscribe: progress_is_told_when_nothing_matches
            subscribe: a_subscriber_that_falls_behind_is_told_and_loses_nothing
            subscribe: a_foreign_cursor_ends_the_subscription
            subscribe: subscribers_do_not_disturb_each_other
            subscribe: a_slow_consumer_gets_everything_and_holds_up_nobody
            failure: a_store_that_dies_ends_subscriptions_and_loses_nothing_acknowledged
            failure: a_store_that_dies_under_writers_leaves_each_append_whole_or_absent
            failure: a_restored_log_goes_on_from_its_backup
            follow: a_poison_event_parks_a_view_right_before_its_position
            follow: an_event_that_cannot_be_answered_parks_a_policy_at_its_position
            follow: a_view_is_rebuilt_under_load_and_nothing_is_done_twice
        }
    };
    ($make:path; $($file:ident: $promise:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let mut backend = $make().await;
                $crate::suite::$file::$promise(&mut backend).await;
            }
        )+
    };
}
