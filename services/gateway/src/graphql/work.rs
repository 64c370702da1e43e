//! What every mutation shares: authority, cause, ids, payload.

use std::sync::Arc;

use accounts::published::actor::{Actor, Principal, Role};
use async_graphql::Context;
use eventlog::execute::{Cause, ExecuteError, Executed};
use kernel::decider::Decider;
use kernel::event::StreamName;
use kernel::id::derived;
use kernel::wire::Wire;
use uuid::Uuid;

use super::access;
use super::errors::{Refused, UserError, invalid};
use crate::platform::{Asked, Platform};

/// The longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 200;

/// A mutation under way: who asks, why, and with what.
pub struct Work<'a> {
    /// Everything there is to work with.
    pub platform: &'a Arc<Platform>,
    /// Who asks; the matrix permits it.
    pub actor: &'a Actor,
    /// Why, and when.
    pub cause: Cause,
    keyed: bool,
}

/// The platform of a request.
pub fn platform<'a>(context: &'a Context<'_>) -> Result<&'a Arc<Platform>, Refused> {
    context.data_opt::<Arc<Platform>>().ok_or_else(|| {
        super::errors::Fault::again("INTERNAL", "the schema was built without a platform".to_owned()).into()
    })
}

/// Begins the mutation being resolved.
pub fn begin<'a>(context: &'a Context<'_>, key: Option<&str>) -> Result<Work<'a>, Refused> {
    let platform = platform(context)?;
    let actor = access::mutating(context)?;
    let asked = Asked {
        mutation: context.field().name(),
        scope: actor.organization.to_string(),
        key: checked(key)?,
        actor: actor.principal.to_string(),
    };
    Ok(Work { platform, actor, cause: platform.cause(&asked)?, keyed: key.is_some() })
}

/// Bounds an idempotency key.
pub fn checked(key: Option<&str>) -> Result<Option<&str>, Refused> {
    match key {
        Some(key) if key.is_empty() || key.len() > KEY_BYTES_MAX => {
            Err(invalid("idempotencyKey", format!("a key has 1 to {KEY_BYTES_MAX} bytes")))
        }
        key => Ok(key),
    }
}

/// The id of something new: the same again for a repeated key, fresh and time-ordered otherwise.
pub fn new_id(platform: &Platform, cause: &Cause, keyed: bool, kind: &str) -> Result<Uuid, Refused> {
    if keyed { Ok(derived(&["new", kind, &cause.id.to_string()])) } else { platform.fresh_id() }
}

/// Asks whether a command may begin a stream: before names are claimed for it, so that what is refused claims none.
pub fn may_begin<D: Decider>(command: D::Command, cause: &Cause) -> Result<(), Refused> {
    let decided = D::decide(&D::initial(), command, &kernel::decider::Context { now: cause.now });
    decided.map(drop).map_err(|rejection| ExecuteError::Rejected(rejection).into())
}

impl Work<'_> {
    /// The id of something new of this kind.
    pub fn id(&self, kind: &str) -> Result<Uuid, Refused> {
        new_id(self.platform, &self.cause, self.keyed, kind)
    }

    /// Carries out a command on a stream and waits until it can be read.
    pub async fn run<D>(
        &self,
        stream: &StreamName,
        command: D::Command,
    ) -> Result<Executed<D::Event, D::State>, Refused>
    where
        D: Decider,
        D::Command: Clone,
        D::Event: Wire,
    {
        Ok(self.platform.run::<D>(stream, command, &self.cause).await?)
    }

    /// See [`may_begin`].
    pub fn may_begin<D: Decider>(&self, command: D::Command) -> Result<(), Refused> {
        may_begin::<D>(command, &self.cause)
    }

    /// The role by which rules about members judge the actor: an API key acts as an admin.
    pub async fn role(&self) -> Result<Role, Refused> {
        let id = match self.actor.principal {
            Principal::Member(id) => id,
            Principal::ApiKey(_) => return Ok(Role::Admin),
            Principal::Visitor => return Ok(Role::Viewer),
        };
        let member = self.platform.read(move |views| views.member(id)).await?;
        Ok(member.map_or(Role::Viewer, |member| member.role))
    }
}

/// What a mutation answers: the entity it is about, or why there is none.
pub trait Payload: Sized {
    /// What it is about.
    type Entity;

    /// Makes it.
    fn new(entity: Option<Self::Entity>, errors: Vec<UserError>) -> Self;
}

/// Turns an outcome into a payload; faults stay GraphQL errors.
pub fn payload<P: Payload>(outcome: Result<P::Entity, Refused>) -> async_graphql::Result<P> {
    match outcome {
        Ok(entity) => Ok(P::new(Some(entity), Vec::new())),
        Err(Refused::User(error)) => Ok(P::new(None, vec![*error])),
        Err(fault @ Refused::Fault(_)) => Err(fault.into()),
    }
}

/// Defines payloads: `Name { field: Type }`.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $entity:ty })+) => {
        $(
            $(#[$doc])*
            #[derive(async_graphql::SimpleObject)]
            pub struct $name {
                /// What it is about; absent where there are errors.
                pub $field: Option<$entity>,
                /// Why it was not done.
                pub errors: Vec<$crate::graphql::errors::UserError>,
            }

            impl $crate::graphql::work::Payload for $name {
                type Entity = $entity;
                fn new($field: Option<$entity>, errors: Vec<$crate::graphql::errors::UserError>) -> Self {
                    Self { $field, errors }
                }
            }
        )+
    };
}
pub(crate) use payloads;
