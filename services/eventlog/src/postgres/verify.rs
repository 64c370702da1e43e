//! Is the log what was written? Checksums, gapless revisions and positions, and the end that the log's row names.

use kernel::event::Position;
use tokio_postgres::{Client, Row};

use crate::port::ReadError;
use crate::postgres::address::Address;
use crate::postgres::fault::{Fault, in_time};
use crate::postgres::row::{COLUMN_COUNT, COLUMNS, verified};
use crate::postgres::session::Connector;
use crate::postgres::{OpenError, schema};
use crate::verified::{Damage, Ends, Verified, VerifyError};

/// Events fetched at once: the largest have 17 MiB.
const FETCHED: i64 = 64;

impl From<OpenError> for VerifyError {
    fn from(error: OpenError) -> Self {
        Self::Open(Box::new(error))
    }
}

impl From<Fault> for VerifyError {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(Box::new(fault))
    }
}

fn damaged(position: i64, damage: Damage) -> VerifyError {
    VerifyError::Damaged { position: u64::try_from(position).ok().map(Position), damage }
}

/// Verifies the whole log in a database, which may be in use. Reads everything once, as of one moment.
pub async fn verify(address: &Address) -> Result<Verified, VerifyError> {
    let connector = Connector::new(address.clone(), address.tls().map_err(OpenError::from)?);
    let session = connector.session().await?;
    let client = &session.client;
    schema::check(client).await?;
    in_time(client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await?;
    let end = in_time(client.query_one("SELECT position, streams FROM tallystick.log", &[])).await?;
    let (position, streams): (i64, i64) = (end.try_get(0).map_err(Fault::from)?, end.try_get(1).map_err(Fault::from)?);
    let verified = events(client).await?;
    if i64::try_from(verified.events) != Ok(position) {
        return Err(damaged(position, Damage::Missing));
    }
    if i64::try_from(verified.streams) != Ok(streams) {
        let damage = Damage::Structure(format!("{streams} streams are counted, {} have events", verified.streams));
        return Err(VerifyError::Damaged { position: None, damage });
    }
    Ok(verified)
}

async fn events(client: &Client) -> Result<Verified, VerifyError> {
    // An event whose stream is gone must be seen.
    let declared = format!(
        "DECLARE events NO SCROLL CURSOR FOR SELECT {COLUMNS}, e.stream_id FROM tallystick.event e \
         LEFT JOIN tallystick.stream s ON s.id = e.stream_id ORDER BY e.position"
    );
    in_time(client.batch_execute(&declared)).await?;
    let fetch = in_time(client.prepare(&format!("FETCH {FETCHED} FROM events"))).await?;
    let mut walk = Walk { verified: Verified::default(), ends: Ends::new(true), due: 1 };
    loop {
        let rows = in_time(client.query(&fetch, &[])).await.map_err(|fault| walk.failed(fault))?;
        if rows.is_empty() {
            walk.verified.streams = walk.ends.streams();
            return Ok(walk.verified);
        }
        rows.iter().try_for_each(|row| walk.event(row))?;
    }
}

/// How far the log was found to be sound.
struct Walk {
    verified: Verified,
    ends: Ends,
    due: i64,
}

impl Walk {
    fn event(&mut self, row: &Row) -> Result<(), VerifyError> {
        let due = self.due;
        if row.try_get::<_, i64>(0).ok() != Some(due) {
            return Err(damaged(due, Damage::Missing));
        }
        let stream = row.try_get::<_, Option<&str>>(3).ok().flatten();
        if stream.is_none() {
            return Err(damaged(due, Damage::Missing));
        }
        let Some(fact) = verified(row) else { return Err(damaged(due, Damage::Checksum)) };
        let stream_id: i64 = row.try_get(COLUMN_COUNT).map_err(Fault::from)?;
        if !self.ends.follows(stream_id, fact.revision) {
            return Err(damaged(due, Damage::Revision));
        }
        self.verified.count(fact.data.len(), fact.body.len());
        self.due = due.saturating_add(1);
        Ok(())
    }

    /// Pages that the server finds damaged are damage of the log.
    fn failed(&self, fault: Fault) -> VerifyError {
        match fault.read() {
            ReadError::Corrupt { .. } => damaged(self.due, Damage::Unreadable),
            ReadError::ForeignCursor | ReadError::Unavailable(_) => fault.into(),
        }
    }
}
