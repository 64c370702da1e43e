//! The simulator: the whole core over a log in memory, on one thread, in time that passes only when everybody waits.
//!
//! A seed decides everything: which commands arrive, what the log and the providers do to them, when the clock jumps,
//! when the node dies. Some seeds have the real views and the real index of keys, on disks. After every step [`audit`]
//! checks what must always hold. A seed that fails is a bug report.
#![expect(clippy::expect_used, reason = "a test's own market is made of what is known to be right")]

pub mod audit;
pub mod clock;
pub mod disk;
pub mod history;
mod ledger;
pub mod log;
pub mod market;
pub mod node;
#[path = "../../../services/tallystick/src/policies.rs"]
mod policies;
pub mod provider;
mod report;
pub mod run;
mod step;
pub mod twin;
#[path = "../../../services/tallystick/src/history.rs"]
mod views_history;
