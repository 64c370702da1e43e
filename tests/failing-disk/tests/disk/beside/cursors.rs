//! `cursors.db`: a policy's cursor may go back, and never runs ahead or comes from another history.

use std::path::Path;

use eventlog::cursor::{CursorError, CursorStore, SqliteCursors};
use eventlog::incarnation::Incarnation;
use kernel::event::Position;
use kernel::id::derived;

use super::{Keeper, crash_often, fail_everywhere};

const POLICY: &str = "settlement";
/// Positions of one history; those of the next begin after them.
const POSITIONS: u64 = 1_000;

/// A policy, in one history after the other.
#[derive(Default)]
struct Policy {
    history: u64,
    done: u64,
}

impl Policy {
    fn incarnation(&self) -> Incarnation {
        Incarnation(derived(&[&self.history.to_string()]))
    }

    fn follow(&mut self, directory: &Path) -> Result<(), CursorError> {
        self.history += 1;
        self.done = self.history * POSITIONS;
        let cursors = SqliteCursors::open(directory, self.incarnation())?;
        self.hold(&cursors)?;
        for _ in 0..5 {
            self.done += 1;
            cursors.set(POLICY, Position(self.done))?;
        }
        Ok(())
    }

    fn hold(&self, cursors: &SqliteCursors) -> Result<(), CursorError> {
        if let Some(Position(cursor)) = cursors.get(POLICY)? {
            let own = self.history * POSITIONS..=self.done;
            assert!(own.contains(&cursor), "{cursor} is not of {own:?}");
        }
        Ok(())
    }
}

impl Keeper for Policy {
    fn work(&mut self, directory: &Path) -> Result<(), String> {
        self.follow(directory).map_err(|error| format!("{error:?}"))
    }

    fn check(&mut self, directory: &Path) {
        self.hold(&SqliteCursors::open(directory, self.incarnation()).unwrap()).unwrap();
    }
}

#[test]
fn a_cursor_never_runs_ahead_whatever_operation_fails() {
    fail_everywhere::<Policy>(7);
}

#[test]
fn a_cursor_never_runs_ahead_after_power_cuts() {
    crash_often::<Policy>();
}
