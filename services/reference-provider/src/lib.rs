//! Real capabilities, answered offline and served over HTTP like any provider's.
//! Each answers by the contract in `schema/capabilities/`; what it cannot do it refuses with a
//! reason, and it never makes an answer up. It talks to the platform over HTTP only, so it imports
//! no other crate of the workspace.

#![deny(clippy::indexing_slicing)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics and pixels are floats here; every input is bounded far below 2^52 by its contract"
)]
#![expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the registry calls every capability alike: its typed input, whole, to an output or a refusal"
)]
#![cfg_attr(test, expect(clippy::float_cmp, reason = "known answers are exact after rounding"))]

mod graph;
mod image;
mod numbers;
mod ranking;
mod refusal;
mod registry;
mod routing;
mod series;
mod server;
mod table;
mod text;

pub use refusal::{Code, Refusal};
pub use registry::{Contract, answer, contracts};
pub use server::{Running, StartError, start};
