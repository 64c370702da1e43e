//! A connection with its settings: deadlines on the server's side, commits that are durable.

use tokio::task::JoinHandle;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::postgres::address::Address;
use crate::postgres::fault::{Fault, STATEMENT_TIME_MAX, in_time};

/// A session idles within a transaction only when its process hangs: then it must not keep the log's row locked.
const IDLE_TIME_MAX_SECONDS: u64 = 10;

/// How to reach the store.
#[derive(Clone)]
pub(super) struct Connector {
    address: Address,
    tls: MakeRustlsConnect,
}

/// A session. It ends when it is dropped.
pub(super) struct Session {
    pub client: Client,
    driver: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connector {
    pub(super) const fn new(address: Address, tls: MakeRustlsConnect) -> Self {
        Self { address, tls }
    }

    /// Opens a session.
    pub(super) async fn session(&self) -> Result<Session, Fault> {
        let (client, connection) = in_time(self.address.config().connect(self.tls.clone())).await?;
        let driver = tokio::spawn(async move {
            // Whoever waits for an answer is told the error as well.
            _ = connection.await;
        });
        configured(Session { client, driver }).await
    }

    /// Opens a session that calls `heard` for each notification, and once more when the connection is lost.
    pub(super) async fn listening(&self, heard: impl Fn() + Send + 'static) -> Result<Session, Fault> {
        let (client, connection) = in_time(self.address.config().connect(self.tls.clone())).await?;
        let driver = tokio::spawn(hear(connection, heard));
        configured(Session { client, driver }).await
    }
}

type Connected = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

async fn hear(mut connection: Connected, heard: impl Fn()) {
    loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(_))) => heard(),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return heard(),
        }
    }
}

/// Every statement goes by an index. A plan may be made while the tables are small, or unknown to the server, and be kept
/// while they grow: reading all of a small table for each event of a page is cheap at first, and never ends later.
const PLANS: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
     SET enable_mergejoin = off; SET jit = off";

async fn configured(session: Session) -> Result<Session, Fault> {
    let statement = STATEMENT_TIME_MAX.as_millis();
    let settings = format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {statement}; \
         SET idle_in_transaction_session_timeout = '{IDLE_TIME_MAX_SECONDS}s'; SET synchronous_commit = on; \
         SET default_transaction_isolation = 'read committed'; {PLANS}"
    );
    in_time(session.client.batch_execute(&settings)).await?;
    Ok(session)
}
