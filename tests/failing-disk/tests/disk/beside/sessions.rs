//! `sessions.db`: who signed in stays signed in, and who signed out stays signed out.

use std::path::Path;

use eventlog::sessions::{Session, Sessions, SessionsError, TokenHash};
use jiff::Timestamp;
use kernel::id::{MemberId, OrganizationId, derived};

use super::{Keeper, crash_often, fail_everywhere};

/// What is known of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Begun,
    Ended,
    /// The answer was an error.
    Doubtful,
}

#[derive(Default)]
struct Door {
    sessions: Vec<Known>,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_777_600_800).unwrap()
}

fn session(number: usize) -> Session {
    let id = |kind: &str| derived(&[kind, &number.to_string()]);
    Session { id: id("session"), member: MemberId::new(id("member")), organization: OrganizationId::new(id("org")) }
}

/// The n-th token of a session.
fn token(number: usize, use_: u8) -> TokenHash {
    let id = derived(&["token", &number.to_string()]).into_bytes();
    let mut hash = [use_; 32];
    hash[..16].copy_from_slice(&id);
    hash
}

impl Door {
    fn let_in(&mut self, directory: &Path) -> Result<(), SessionsError> {
        let sessions = Sessions::open(directory)?;
        for ends in [false, true, false] {
            let number = self.sessions.len();
            self.sessions.push(Known::Doubtful);
            sessions.begin(session(number), &token(number, 0), now())?;
            let rotated = sessions.rotate(&token(number, 0), &token(number, 1), now())?;
            assert_eq!(rotated, Some(session(number)));
            self.sessions[number] = Known::Begun;
            if ends {
                self.sessions[number] = Known::Doubtful;
                sessions.end(session(number).id, now())?;
                self.sessions[number] = Known::Ended;
            }
        }
        Ok(())
    }
}

impl Keeper for Door {
    fn work(&mut self, directory: &Path) -> Result<(), String> {
        self.let_in(directory).map_err(|error| format!("{error:?}"))
    }

    fn check(&mut self, directory: &Path) {
        let sessions = Sessions::open(directory).unwrap();
        for (number, known) in self.sessions.iter_mut().enumerate() {
            let found = sessions.of_token(&token(number, 1), now()).unwrap();
            assert!(found.is_none_or(|found| found == session(number)));
            match known {
                Known::Begun => assert!(found.is_some(), "session {number} is gone"),
                Known::Ended => assert!(found.is_none(), "session {number} goes on"),
                Known::Doubtful if found.is_some() => *known = Known::Begun,
                Known::Doubtful if sessions.has_ended(session(number).id) => *known = Known::Ended,
                Known::Doubtful => {}
            }
        }
    }
}

#[test]
fn a_session_begins_and_ends_for_good_whatever_operation_fails() {
    fail_everywhere::<Door>(7);
}

#[test]
fn a_session_begins_and_ends_for_good_through_power_cuts() {
    crash_often::<Door>();
}
