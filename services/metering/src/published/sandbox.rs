//! Facts of the sandbox: what visitors may try at the operator's expense. Stream: `platform-sandbox`.

use kernel::event::StreamKey;
use kernel::exact::Decimal;
use serde::{Deserialize, Serialize};

/// Names the one stream of the sandbox: `platform-sandbox`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformSandbox;

impl StreamKey for PlatformSandbox {
    const CATEGORY: &'static str = "platform";
    fn key(&self) -> String {
        "sandbox".to_owned()
    }
}

/// What visitors may try. Days are UTC days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether visitors may try anything.
    pub open: bool,
    /// Calls from one address within a day, 1 to 100,000.
    pub calls_per_address_per_day: u32,
    /// Calls of all visitors within a day, 1 to 100,000.
    pub calls_per_day: u32,
    /// The most one call may cost the operator, in major units of the agreement's currency, not negative. At zero only
    /// agreements without prices answer, and those stop when their allowance ends.
    pub charge_max: Decimal,
}

impl Settings {
    /// What holds until the operator sets something: nothing may be tried.
    pub const CLOSED: Self =
        Self { open: false, calls_per_address_per_day: 20, calls_per_day: 1_000, charge_max: Decimal::ZERO };
}

impl Default for Settings {
    fn default() -> Self {
        Self::CLOSED
    }
}

/// What happened to the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The operator set what visitors may try.
    Set(Set),
}

/// The operator set what visitors may try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// What holds from now on.
    pub settings: Settings,
}
