//! The rules of a member: a person joins an organization, acts in a role, and leaves for good.
//!
//! Deliberately absent: whether the person is the last owner, which needs the other members. The edge checks that.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{MemberId, OrganizationId};
use kernel::sealed::Sealed;

use crate::published::actor::Role;
use crate::published::member::{Event, Joined, NameChanged, PasswordChanged, Removed, RoleChanged};

/// The longest sealed text, in characters of base64.
pub const CIPHERTEXT_LENGTH_MAX: usize = 4_096;
/// The longest keyed hash of an address, in characters.
pub const EMAIL_INDEX_LENGTH_MAX: usize = 128;

/// What is asked of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Join an organization.
    Join {
        /// Who joins, with everything personal sealed under the member's own key.
        person: Joined,
        /// The role of whoever adds the person; `None` for the first member, who founds the organization.
        by: Option<Role>,
    },
    /// Act in another role.
    ChangeRole {
        /// The new role.
        role: Role,
        /// The role of whoever asks; an API key acts as an admin.
        by: Role,
    },
    /// Go by another name.
    ChangeName {
        /// The new name, sealed.
        name: Sealed,
    },
    /// Use another password.
    ChangePassword {
        /// The argon2id hash of the new password in PHC format, sealed.
        password: Sealed,
    },
    /// Leave the organization.
    Remove {
        /// The role of whoever asks; an API key acts as an admin.
        by: Role,
    },
}

/// What is known of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: the person has not joined.
    #[default]
    Absent,
    /// The person belongs to the organization.
    Active(Membership),
    /// The person has left: what was theirs is free.
    Removed(Removed),
}

/// What rules need of an active member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The member.
    pub member: MemberId,
    /// The organization.
    pub organization: OrganizationId,
    /// What the person may do.
    pub role: Role,
    /// The keyed hash of the address.
    pub email_index: String,
    /// The sealed hash of the password.
    pub password: Sealed,
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A member joins once.
    #[error("the member has joined already")]
    AlreadyJoined,
    /// Nothing can be asked of a person who has not joined.
    #[error("the member has not joined")]
    NotJoined,
    /// A removed member can do nothing.
    #[error("the member has been removed")]
    Removed,
    /// Whoever founds an organization owns it.
    #[error("the first member of an organization is its owner")]
    FounderNotOwner,
    /// Admins cannot make or unmake owners.
    #[error("only an owner can make, change or remove an owner")]
    OwnerNeeded,
    /// Sealed with another's key, erasing the person would not erase the text.
    #[error("personal text is sealed with the member's own key")]
    SealNotOwn,
    /// The sealed text is empty or too long.
    #[error("a sealed text is 1 to 4096 characters")]
    SealSize,
    /// The keyed hash is empty, too long or not plain.
    #[error("the e-mail index is 1 to 128 characters of printable ASCII")]
    EmailIndex,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyJoined => "MEMBER_ALREADY_JOINED",
            Self::NotJoined => "MEMBER_NOT_JOINED",
            Self::Removed => "MEMBER_REMOVED",
            Self::FounderNotOwner => "MEMBER_FOUNDER_NOT_OWNER",
            Self::OwnerNeeded => "MEMBER_OWNER_NEEDED",
            Self::SealNotOwn => "MEMBER_SEAL_NOT_OWN",
            Self::SealSize => "MEMBER_SEAL_SIZE",
            Self::EmailIndex => "MEMBER_EMAIL_INDEX_INVALID",
        })
    }
}

/// Decides for the stream of one member.
#[derive(Clone, Copy, Debug)]
pub struct Member;

impl Decider for Member {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Join { person, by }) => join(person, by),
            (State::Active(_), Command::Join { .. }) => Err(Rejection::AlreadyJoined),
            (State::Active(member), Command::ChangeRole { role, by }) => change_role(member, role, by),
            (State::Active(member), Command::ChangeName { name }) => change_name(member, name),
            (State::Active(member), Command::ChangePassword { password }) => change_password(member, password),
            (State::Active(member), Command::Remove { by }) => remove(member, by),
            (State::Removed(_), Command::Remove { .. }) => Ok(Vec::new()),
            (
                State::Removed(_),
                Command::Join { .. }
                | Command::ChangeRole { .. }
                | Command::ChangeName { .. }
                | Command::ChangePassword { .. },
            ) => Err(Rejection::Removed),
            (
                State::Absent,
                Command::ChangeRole { .. }
                | Command::ChangeName { .. }
                | Command::ChangePassword { .. }
                | Command::Remove { .. },
            ) => Err(Rejection::NotJoined),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Joined(fact)) => State::Active(Membership {
                member: fact.member,
                organization: fact.organization,
                role: fact.role,
                email_index: fact.email_index.clone(),
                password: fact.password.clone(),
            }),
            (State::Active(member), Event::RoleChanged(fact)) => {
                State::Active(Membership { role: fact.role, ..member })
            }
            (State::Active(member), Event::PasswordChanged(fact)) => {
                State::Active(Membership { password: fact.password.clone(), ..member })
            }
            (_, Event::Removed(fact)) => State::Removed(fact.clone()),
            (state, Event::RoleChanged(_) | Event::NameChanged(_) | Event::PasswordChanged(_)) => state,
        }
    }
}

fn join(person: Joined, by: Option<Role>) -> Result<Vec<Event>, Rejection> {
    match by {
        None if person.role != Role::Owner => return Err(Rejection::FounderNotOwner),
        None => {}
        Some(by) => owners_only(person.role, by)?,
    }
    for sealed in [&person.email, &person.name, &person.password] {
        own(person.member, sealed)?;
    }
    let index = person.email_index.as_bytes();
    if index.is_empty() || index.len() > EMAIL_INDEX_LENGTH_MAX || !index.iter().all(u8::is_ascii_graphic) {
        return Err(Rejection::EmailIndex);
    }
    Ok(vec![Event::Joined(person)])
}

fn change_role(member: &Membership, role: Role, by: Role) -> Result<Vec<Event>, Rejection> {
    if member.role == role {
        return Ok(Vec::new());
    }
    owners_only(member.role, by)?;
    owners_only(role, by)?;
    Ok(vec![Event::RoleChanged(RoleChanged { member: member.member, organization: member.organization, role })])
}

/// No two sealings of a name are alike, so a name that stays the same cannot be told here.
fn change_name(member: &Membership, name: Sealed) -> Result<Vec<Event>, Rejection> {
    own(member.member, &name)?;
    Ok(vec![Event::NameChanged(NameChanged { member: member.member, name })])
}

fn change_password(member: &Membership, password: Sealed) -> Result<Vec<Event>, Rejection> {
    own(member.member, &password)?;
    if password == member.password {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PasswordChanged(PasswordChanged { member: member.member, password })])
}

fn remove(member: &Membership, by: Role) -> Result<Vec<Event>, Rejection> {
    owners_only(member.role, by)?;
    Ok(vec![Event::Removed(Removed {
        member: member.member,
        organization: member.organization,
        email_index: member.email_index.clone(),
    })])
}

/// Passes unless an owner is touched by somebody else than an owner.
fn owners_only(touched: Role, by: Role) -> Result<(), Rejection> {
    if touched == Role::Owner && by != Role::Owner { Err(Rejection::OwnerNeeded) } else { Ok(()) }
}

/// Passes where the text is sealed with the member's own key and bounded.
fn own(member: MemberId, sealed: &Sealed) -> Result<(), Rejection> {
    if sealed.subject != member.uuid() {
        return Err(Rejection::SealNotOwn);
    }
    if (1..=CIPHERTEXT_LENGTH_MAX).contains(&sealed.ciphertext.len()) { Ok(()) } else { Err(Rejection::SealSize) }
}

#[cfg(test)]
#[path = "member_tests.rs"]
mod tests;
