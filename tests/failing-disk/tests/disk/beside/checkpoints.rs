//! `checkpoints.db`: what was published never goes back and never becomes another.

use std::path::Path;

use eventlog::checkpoints::{Checkpoints, CheckpointsError, Published};
use jiff::Timestamp;

use super::{Keeper, crash_often, fail_everywhere};

const ORIGIN: &str = "log";

/// Sizes of checkpoints: 1, 2, 3, …
#[derive(Default)]
struct Signer {
    published: u64,
    tried: u64,
}

/// The only checkpoint of a size.
fn checkpoint(size: u64) -> Published {
    let root = [u8::try_from(size % 251).unwrap(); 32];
    Published { origin: ORIGIN.to_owned(), size, root, signed_at: at(size), note: format!("{size}\n").repeat(300) }
}

/// Two a minute, from long ago: all but the last of an hour are dropped sometime.
fn at(size: u64) -> Timestamp {
    Timestamp::from_second(1_777_600_800 + i64::try_from(size).unwrap() * 30).unwrap()
}

impl Signer {
    fn publish(&mut self, directory: &Path) -> Result<(), CheckpointsError> {
        let checkpoints = Checkpoints::open(directory)?;
        self.hold(&checkpoints)?;
        for _ in 0..4 {
            self.tried = self.published + 1;
            checkpoints.keep(&checkpoint(self.tried))?;
            self.published = self.tried;
        }
        checkpoints.thin(Timestamp::from_second(1_799_000_000).unwrap())?;
        Ok(())
    }

    fn hold(&mut self, checkpoints: &Checkpoints) -> Result<(), CheckpointsError> {
        let latest = checkpoints.latest(ORIGIN)?;
        let size = latest.as_ref().map_or(0, |latest| latest.size);
        assert!((self.published..=self.tried).contains(&size), "{size} of {} to {}", self.published, self.tried);
        self.published = size;
        for found in checkpoints.before(ORIGIN, None, 100)? {
            assert_eq!(found, checkpoint(found.size));
        }
        Ok(())
    }
}

impl Keeper for Signer {
    fn work(&mut self, directory: &Path) -> Result<(), String> {
        self.publish(directory).map_err(|error| format!("{error:?}"))
    }

    fn check(&mut self, directory: &Path) {
        let checkpoints = Checkpoints::open(directory).unwrap();
        self.hold(&checkpoints).unwrap();
        assert_eq!(Checkpoints::covered(directory, ORIGIN).unwrap(), self.published);
    }
}

#[test]
fn a_published_checkpoint_outlives_a_fault_at_any_operation() {
    fail_everywhere::<Signer>(7);
}

#[test]
fn a_published_checkpoint_outlives_power_cuts() {
    crash_often::<Signer>();
}
