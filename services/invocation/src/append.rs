//! Appends events and stays with it until the outcome is definite.

use std::time::Duration;

use eventlog::port::{AppendError, Appended, EventLog, Expected, NewEvent, StorageFault};
use kernel::event::StreamName;

/// Between two tries of an append whose outcome is unknown.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// Appends an event. An error says that nothing was written, and is never [`AppendError::Unknown`]; only a log that is
/// closed while the outcome is unknown leaves it open, and then this process records nothing more.
pub(crate) async fn append(
    log: &dyn EventLog,
    stream: &StreamName,
    expected: Expected,
    event: NewEvent,
) -> Result<Appended, AppendError> {
    append_all(log, stream, expected, &[event]).await
}

/// As [`append`], several events at once.
pub(crate) async fn append_all(
    log: &dyn EventLog,
    stream: &StreamName,
    expected: Expected,
    events: &[NewEvent],
) -> Result<Appended, AppendError> {
    let mut in_doubt = false;
    loop {
        match log.append(stream, expected, events.to_vec()).await {
            Err(AppendError::Unknown) => in_doubt = true,
            // What one try did not write, an earlier one may have.
            Err(AppendError::Unavailable(fault)) if in_doubt && fault != StorageFault::Closed => {}
            definite => return definite,
        }
        tokio::time::sleep(RETRY_PAUSE).await;
    }
}
