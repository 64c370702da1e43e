//! Appends to a log until it is killed, and says on stdout what it was answered: `<stream> <append>` a line.
//!
//! `appender DIRECTORY durable` says it once the log has answered; `appender DIRECTORY hasty` before, as a log would
//! that answers ahead of its COMMIT.
#![expect(clippy::expect_used, reason = "a test's own program: what it cannot do ends it")]

use std::io::Write;
use std::path::Path;

use eventlog::sqlite::{Options, SqliteLog};
use failing_disk::load;

/// Writers, each on a stream of its own.
const WRITERS: u32 = 6;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (Some(directory), Some(mode)) = (arguments.get(1), arguments.get(2)) else {
        unreachable!("called with a directory and a mode")
    };
    let log = load::open(Path::new(directory), &Options::default()).expect("a log");
    let writers: Vec<_> =
        (0..WRITERS).map(|number| tokio::spawn(append(log.clone(), number, mode == "hasty"))).collect();
    for writer in writers {
        writer.await.expect("a writer");
    }
}

async fn append(log: SqliteLog, number: u32, is_hasty: bool) {
    let mut next = load::found(&log, number).await.expect("a stream").expect("what was appended");
    loop {
        if is_hasty {
            acknowledge(number, next);
        }
        let end = load::write(&log, number, next, next.saturating_add(1), |append| {
            if !is_hasty {
                acknowledge(number, append);
            }
        });
        assert_eq!(end.await, load::End::Done);
        next = next.saturating_add(1);
    }
}

/// The parent sees it whatever happens next: a line is one write.
fn acknowledge(number: u32, append: u64) {
    let said = std::io::stdout().write_all(format!("{number} {append}\n").as_bytes());
    said.expect("somebody listens");
}
