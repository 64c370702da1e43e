//! Is the log what was written? Checksums, and gapless revisions of every stream.

use std::collections::HashMap;

use kernel::event::{Revision, StreamName};

use crate::kurrent::{KurrentLog, OpenError};
use crate::port::{EventLog, Filter, PAGE_EVENTS_MAX, ReadError, StoredEvent};
use crate::verified::{Damage, Verified, VerifyError};

impl From<OpenError> for VerifyError {
    fn from(error: OpenError) -> Self {
        Self::Open(Box::new(error))
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Corrupt { position } => Self::Damaged { position, damage: Damage::Checksum },
            ReadError::ForeignCursor | ReadError::Unavailable(_) => Self::Unavailable(Box::new(error)),
        }
    }
}

/// Verifies the whole log at an address, which may be in use: everything that was there when it began.
pub async fn verify(address: &str) -> Result<Verified, VerifyError> {
    let log = KurrentLog::open(address).await?;
    let mut walk = Walk::default();
    let mut after = None;
    loop {
        let page = log.read_log(after, &Filter::All, PAGE_EVENTS_MAX).await?;
        page.events.iter().try_for_each(|event| walk.event(event))?;
        after = page.next;
        if page.end {
            return Ok(walk.verified);
        }
    }
}

#[derive(Default)]
struct Walk {
    verified: Verified,
    /// The revision due next in each stream.
    due: HashMap<StreamName, u64>,
}

impl Walk {
    fn event(&mut self, event: &StoredEvent) -> Result<(), VerifyError> {
        let due = self.due.entry(event.stream.clone()).or_default();
        if event.revision != Revision(*due) {
            return Err(VerifyError::Damaged { position: Some(event.position), damage: Damage::Revision });
        }
        *due = due.saturating_add(1);
        self.verified.count(event.data.len(), event.body.len());
        self.verified.streams = u64::try_from(self.due.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}
