//! Appends what was measured of listings' health, every few minutes; the runtime does so once more when it stops.

use std::sync::Arc;
use std::time::Duration;

use eventlog::progress::Stop;
use invocation::service::Service;

/// Between two appends: a crash loses at most this much of what was measured.
const INTERVAL: Duration = Duration::from_mins(5);

/// Appends until asked to stop.
pub async fn run(service: Arc<Service>, mut stop: Stop) {
    while stop.or(tokio::time::sleep(INTERVAL)).await.is_some() {
        record(&service).await;
    }
}

/// Appends what was measured so far.
pub async fn record(service: &Service) {
    match service.record_health().await {
        Ok(listings) => tracing::debug!(listings, "health recorded"),
        Err(error) => tracing::error!(%error, "health was not recorded"),
    }
}
