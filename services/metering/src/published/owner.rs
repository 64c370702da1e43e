//! Facts of ownership: which node may admit usage. Stream: `platform-owner`.

use kernel::event::{InvalidStreamName, StreamKey, StreamName};
use serde::{Deserialize, Serialize};

/// Names the one stream of ownership: `platform-owner`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformOwner;

impl StreamKey for PlatformOwner {
    const CATEGORY: &'static str = "platform";
    fn key(&self) -> String {
        "owner".to_owned()
    }
}

/// What happened to the ownership of the meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A node took it.
    Taken(Taken),
}

/// A node took it; earlier epochs are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The node, `[a-z0-9]`, made when its data directory was.
    pub node: String,
    /// From 1, rising by one with every start.
    pub epoch: u64,
}

impl Taken {
    /// The stream this node appends usage to during this epoch.
    pub fn usage_stream(&self) -> Result<StreamName, InvalidStreamName> {
        StreamName::new("usage", &format!("{}.{}", self.node, self.epoch))
    }
}
