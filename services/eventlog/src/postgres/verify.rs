//! Is the log what was written? Checksums, gapless revisions and positions, and the end that the log's row names.

use kernel::event::Position;
use tokio_postgres::types::Type;
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

/// Verifies the whole log in a database, up to where it ends at first; it may be in use. Reads everything once.
///
/// What is in the log stays as it is, so this needs no transaction: one that is open keeps the server from forgetting
/// what the log's row has been, and every append has to look past that.
pub async fn verify(address: &Address) -> Result<Verified, VerifyError> {
    let connector = Connector::new(address.clone(), address.tls().map_err(OpenError::from)?);
    let session = connector.session().await?;
    let client = &session.client;
    schema::check(client).await?;
    in_time(client.batch_execute("SET default_transaction_read_only = on")).await?;
    let end = "SELECT position, streams FROM tallystick.log WHERE singleton";
    let end = in_time(client.query_one(end, &[])).await?;
    let (position, streams): (i64, i64) = (end.try_get(0).map_err(Fault::from)?, end.try_get(1).map_err(Fault::from)?);
    let verified = events(client, position).await?;
    if i64::try_from(verified.events) != Ok(position) {
        return Err(damaged(position, Damage::Missing));
    }
    if i64::try_from(verified.streams) != Ok(streams) {
        let damage = Damage::Structure(format!("{streams} streams are counted, {} have events", verified.streams));
        return Err(VerifyError::Damaged { position: None, damage });
    }
    Ok(verified)
}

/// An event whose stream is gone must be seen.
async fn events(client: &Client, end: i64) -> Result<Verified, VerifyError> {
    let sql = format!(
        "SELECT {COLUMNS}, e.stream_id FROM tallystick.event e \
         LEFT JOIN LATERAL (SELECT name FROM tallystick.stream WHERE id = e.stream_id OFFSET 0) s ON true \
         WHERE e.position >= $1 AND e.position <= $2 ORDER BY e.position LIMIT {FETCHED}"
    );
    let statement = in_time(client.prepare_typed(&sql, &[Type::INT8, Type::INT8])).await?;
    let mut walk = Walk { verified: Verified::default(), ends: Ends::new(true), due: 1 };
    loop {
        let rows = in_time(client.query(&statement, &[&walk.due, &end])).await.map_err(|fault| walk.failed(fault))?;
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
