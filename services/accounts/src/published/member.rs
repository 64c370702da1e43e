//! Facts of a member: a person within an organization. Stream: `member-<id>`.

use kernel::id::{MemberId, OrganizationId};
use kernel::sealed::Sealed;
use serde::{Deserialize, Serialize};

use super::actor::Role;

/// What happened to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A person joined an organization.
    Joined(Joined),
    /// The person's role changed.
    RoleChanged(RoleChanged),
    /// The person goes by another name.
    NameChanged(NameChanged),
    /// The person chose another password.
    PasswordChanged(PasswordChanged),
    /// The person left or was removed.
    Removed(Removed),
}

/// A person joined an organization. Everything personal is sealed with the member's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The member.
    pub member: MemberId,
    /// The organization.
    pub organization: OrganizationId,
    /// The e-mail address.
    pub email: Sealed,
    /// A keyed hash of the address, by which it is found at sign-in.
    pub email_index: String,
    /// The person's name.
    pub name: Sealed,
    /// The argon2id hash of the password in PHC format.
    pub password: Sealed,
    /// What the person may do.
    pub role: Role,
}

/// The person's role changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    /// The member.
    pub member: MemberId,
    /// The organization.
    pub organization: OrganizationId,
    /// The new role.
    pub role: Role,
}

/// The person goes by another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameChanged {
    /// The member.
    pub member: MemberId,
    /// The new name.
    pub name: Sealed,
}

/// The person chose another password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The member.
    pub member: MemberId,
    /// The argon2id hash of the new password in PHC format.
    pub password: Sealed,
}

/// The person left or was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The member.
    pub member: MemberId,
    /// The organization.
    pub organization: OrganizationId,
    /// The keyed hash of the address, which is free again.
    pub email_index: String,
}
