//! The tables, their version, and what a server must be set to before it may hold a log.

use tokio_postgres::Client;

use crate::postgres::OpenError;
use crate::postgres::fault::{Fault, in_time};

/// The version of the tables below.
pub(super) const SCHEMA_VERSION: i32 = 1;
/// The oldest server accepted.
const SERVER_VERSION_MIN: i32 = 130_000;
/// Taken while tables are made, so that two processes do not make them at once: "TLYL".
const MAKING: i64 = 0x544c_594c;

/// `log` has one row: whoever appends locks it until the commit, so positions become visible in their order. Ids of
/// streams are counted there as well, so a transaction knows everything it writes before it writes. As in SQLite's
/// tables there is no index over event ids, and `first` is the revision of the first event of the same append.
/// Bodies are compressed already.
const TABLES: &str = "
    CREATE SCHEMA IF NOT EXISTS tallystick;
    CREATE TABLE tallystick.log (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        version integer NOT NULL,
        position bigint NOT NULL,
        streams bigint NOT NULL
    ) WITH (fillfactor = 10);
    CREATE TABLE tallystick.stream (
        id bigint PRIMARY KEY,
        name text COLLATE \"C\" NOT NULL UNIQUE
    );
    CREATE TABLE tallystick.event (
        position bigint PRIMARY KEY,
        stream_id bigint NOT NULL,
        revision bigint NOT NULL,
        first bigint NOT NULL,
        id uuid NOT NULL,
        kind text COLLATE \"C\" NOT NULL,
        version integer NOT NULL,
        occurred_at bigint NOT NULL,
        correlation uuid NOT NULL,
        cause uuid NOT NULL,
        actor text COLLATE \"C\" NOT NULL,
        checksum bigint NOT NULL,
        data bytea NOT NULL,
        body bytea NOT NULL,
        UNIQUE (stream_id, revision)
    );
    ALTER TABLE tallystick.event ALTER COLUMN body SET STORAGE EXTERNAL;";

/// Makes the tables in a database without them; checks them in another.
pub(super) async fn prepare(client: &Client) -> Result<(), OpenError> {
    check_server(client).await?;
    in_time(client.batch_execute("BEGIN")).await?;
    in_time(client.execute("SELECT pg_advisory_xact_lock($1)", &[&MAKING])).await?;
    if !exists(client).await? {
        let row = format!("INSERT INTO tallystick.log (version, position, streams) VALUES ({SCHEMA_VERSION}, 0, 0)");
        in_time(client.batch_execute(&format!("{TABLES} {row}"))).await?;
    }
    check(client).await?;
    Ok(in_time(client.batch_execute("COMMIT")).await?)
}

/// Checks that the database holds a log of a format that this program knows.
pub(super) async fn check(client: &Client) -> Result<(), OpenError> {
    if !exists(client).await? {
        return Err(OpenError::Missing);
    }
    let row = in_time(client.query_one("SELECT version FROM tallystick.log", &[])).await?;
    match row.try_get::<_, i32>(0).map_err(Fault::from)? {
        SCHEMA_VERSION => Ok(()),
        newer if newer > SCHEMA_VERSION => Err(OpenError::Newer { found: newer }),
        _ => Err(OpenError::Foreign),
    }
}

async fn exists(client: &Client) -> Result<bool, Fault> {
    let row = in_time(client.query_one("SELECT to_regclass('tallystick.log') IS NOT NULL", &[])).await?;
    Ok(row.try_get(0)?)
}

/// Refuses a server that would lose what it has acknowledged, or cannot keep every text.
async fn check_server(client: &Client) -> Result<(), OpenError> {
    let asked = "SELECT current_setting('server_version_num')::integer, current_setting('fsync'), \
         current_setting('full_page_writes'), current_setting('server_encoding')";
    let row = in_time(client.query_one(asked, &[])).await?;
    let version: i32 = row.try_get(0).map_err(Fault::from)?;
    if version < SERVER_VERSION_MIN {
        return Err(OpenError::ServerTooOld { found: version });
    }
    for (column, setting, needed) in [(1, "fsync", "on"), (2, "full_page_writes", "on"), (3, "server_encoding", "UTF8")]
    {
        let found: String = row.try_get(column).map_err(Fault::from)?;
        if found != needed {
            return Err(OpenError::Setting { setting, found, needed });
        }
    }
    Ok(())
}
