//! Facts of an organization. Stream: `organization-<id>`.

use kernel::id::OrganizationId;
use kernel::money::Currency;
use kernel::period::Zone;
use serde::{Deserialize, Serialize};

/// What an organization says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name, 1 to 120 characters.
    pub name: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Where its billing days begin.
    pub zone: Zone,
    /// What it prefers to be billed in.
    pub currency: Currency,
}

/// What happened to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It joined the platform.
    Registered(Registered),
    /// It described itself anew.
    ProfileChanged(ProfileChanged),
    /// It became the operator of the platform.
    OperatorAppointed(OperatorAppointed),
    /// The operator stopped it from calling, buying and selling.
    Suspended(Suspended),
    /// The operator let it act again.
    Reinstated(Reinstated),
}

/// It joined the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Its id.
    pub organization: OrganizationId,
    /// What it says of itself.
    pub profile: Profile,
}

/// It described itself anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileChanged {
    /// Its id.
    pub organization: OrganizationId,
    /// What it says of itself now.
    pub profile: Profile,
}

/// It became the operator of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorAppointed {
    /// Its id.
    pub organization: OrganizationId,
}

/// The operator stopped it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// Its id.
    pub organization: OrganizationId,
    /// Why, 1 to 500 characters.
    pub reason: String,
}

/// The operator let it act again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reinstated {
    /// Its id.
    pub organization: OrganizationId,
}
