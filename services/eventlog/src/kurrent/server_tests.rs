//! The contract suite on a real cluster: the one that `KURRENTDB_URL` names. Each test has a namespace of its own.

use std::sync::Arc;

use async_trait::async_trait;

use super::KurrentLog;
use crate::port::EventLog;
use crate::suite::Backend;

/// A test's own namespace on the cluster.
struct OnServer {
    address: String,
    log: KurrentLog,
}

#[expect(clippy::disallowed_methods, reason = "where the cluster is, a test learns from its environment")]
fn url() -> String {
    std::env::var("KURRENTDB_URL").expect("KURRENTDB_URL is not set: the suite was not run against KurrentDB")
}

async fn server() -> OnServer {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    let url = url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let address = format!("{url}{separator}namespace=suite_{:032x}", u128::from_be_bytes(bytes));
    let log = KurrentLog::open(&address).await.unwrap();
    OnServer { address, log }
}

#[async_trait]
impl Backend for OnServer {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn other(&self) -> Arc<dyn EventLog> {
        Arc::new(KurrentLog::open(&self.address).await.unwrap())
    }

    async fn restart(&mut self) {
        self.log.close();
        self.log = KurrentLog::open(&self.address).await.unwrap();
    }
}

mod on_the_server {
    crate::contract!(super::server);
}
