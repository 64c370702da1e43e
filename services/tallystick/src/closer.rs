//! The clock of billing: closes periods that are over, issues drafts that a crash left behind, and month's statements.

use std::sync::Arc;
use std::time::Duration;

use eventlog::clock::Clock;
use eventlog::execute::{Cause, ExecuteError, execute};
use eventlog::port::EventLog;
use eventlog::progress::Stop;
use invocation::closing::CloseError;
use invocation::service::{Limits, Service};
use jiff::{SignedDuration, Timestamp};
use kernel::event::StreamName;
use kernel::id::{AgreementId, derived};
use settlement::statement::{Command, Statement};
use views::store::Views;

/// How often the clock is looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// Closes by the clock.
pub struct Closer {
    /// Closes periods.
    pub service: Arc<Service>,
    /// Knows drafts and open statements.
    pub views: Views,
    /// Where statements are issued.
    pub log: Arc<dyn EventLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// A period is closed after its end plus the longest hold.
    pub limits: Limits,
}

impl Closer {
    /// Looks at the clock until asked to stop.
    pub async fn run(self, mut stop: Stop) {
        while stop.or(tokio::time::sleep(INTERVAL)).await.is_some() {
            self.close_due().await;
            self.issue_drafts().await;
            self.issue_statements().await;
        }
    }

    async fn close_due(&self) {
        let Some(over) = self.longest_hold_ago() else { return };
        for (agreement, start) in self.service.due(over) {
            let cause = self.cause(&["close", &agreement.to_string(), &start.to_string()]);
            report(agreement, self.service.close_period(agreement, start, &cause).await.map(|_| ()));
        }
    }

    fn longest_hold_ago(&self) -> Option<Timestamp> {
        let hold = SignedDuration::try_from(self.limits.longest_hold()).ok()?;
        self.clock.now().checked_sub(hold).ok()
    }

    async fn issue_drafts(&self) {
        let drafts = self.views.drafts().inspect_err(|error| tracing::error!(%error, "drafts cannot be read"));
        for draft in drafts.unwrap_or_default() {
            let (agreement, start) = (draft.agreement, draft.period.start);
            let cause = self.cause(&["issue", &draft.invoice.to_string()]);
            report(agreement, self.service.issue(agreement, start, &cause).await.map(|_| ()));
        }
    }

    async fn issue_statements(&self) {
        let open = self.views.open_statements();
        let open = open.inspect_err(|error| tracing::error!(%error, "statements cannot be read")).unwrap_or_default();
        // A day later, so that bookings of the month's last instant have long arrived.
        let day = SignedDuration::from_hours(24);
        let now = self.clock.now();
        for statement in open.iter().filter(|statement| now.duration_since(statement.period.end) > day) {
            let cause = self.cause(&["statement", &statement.id.to_string()]);
            let stream = StreamName::of(&statement.id);
            let issued = execute::<Statement>(self.log.as_ref(), &stream, Command::Issue { early: false }, &cause);
            match issued.await {
                Ok(_) => tracing::info!(statement = %statement.id, "statement issued"),
                Err(ExecuteError::Rejected(rejection)) => tracing::debug!(statement = %statement.id, %rejection),
                Err(error) => tracing::error!(statement = %statement.id, %error, "a statement was not issued"),
            }
        }
    }

    fn cause(&self, parts: &[&str]) -> Cause {
        let id = derived(parts);
        Cause { id, correlation: id, actor: "platform:clock".to_owned(), now: self.clock.now() }
    }
}

fn report(agreement: AgreementId, outcome: Result<(), CloseError>) {
    match outcome {
        Ok(()) => tracing::info!(%agreement, "period closed"),
        Err(CloseError::NotClosed(reason)) => tracing::warn!(%agreement, %reason, "a period was not closed yet"),
        Err(CloseError::Invoice(error)) => tracing::error!(%agreement, %error, "an invoice was not recorded"),
    }
}
