//! Signing up, and what a person chooses: the password.

use accounts::member::{Command as MemberCommand, Member as MemberDecider};
use accounts::organization::{
    Command as OrganizationCommand, Organization as OrganizationDecider, State as OrganizationState,
};
use accounts::published::actor::{Principal, Role};
use accounts::published::member::Joined;
use accounts::published::organization::Profile;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use eventlog::claim;
use eventlog::execute::{Cause, load};
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::{MemberId, OrganizationId};
use kernel::localized::required;
use kernel::sealed::Sealed;
use std::sync::Arc;

use super::session::{open_hash, visit, with_sessions};
use super::{Member, Organization};
use crate::graphql::errors::{Fault, Refused, UserError, claimed, invalid, rule};
use crate::graphql::scalars::currency;
use crate::graphql::work::{self, Payload, may_begin, new_id, payload, payloads, platform};
use crate::platform::{Asked, Platform};

/// The longest e-mail address, in bytes (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
/// The longest name of a person, in characters.
const NAME_CHARACTERS_MAX: usize = 120;
/// The kind of the claim on an e-mail address.
pub const EMAIL: &str = "email";
/// The kind of the claim on an organization's name.
pub const ORGANIZATION_NAME: &str = "organization_name";
/// The kind of the claim on operating the platform, and the only text that is claimed so.
const OPERATOR: &str = "operator";
const PLATFORM: &str = "platform";

/// Found an organization, with its first member as owner.
#[derive(InputObject)]
pub struct SignUpInput {
    /// The organization's name.
    pub organization_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where its billing days begin (IANA), e.g. `Asia/Shanghai`.
    pub time_zone: String,
    /// What it prefers to be billed in (ISO 4217).
    pub currency: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// At least 10 characters.
    pub password: String,
    /// Makes the organization the operator of the platform: whoever runs the platform has it.
    pub operator_token: Option<String>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// What signing up made.
#[derive(SimpleObject)]
pub struct SignUpPayload {
    /// The organization; absent where there are errors.
    pub organization: Option<Organization>,
    /// Its owner.
    pub member: Option<Member>,
    /// Why nothing was made.
    pub errors: Vec<UserError>,
}

impl Payload for SignUpPayload {
    type Entity = (Organization, Member);
    fn new(entity: Option<Self::Entity>, errors: Vec<UserError>) -> Self {
        let (organization, member) = entity.unzip();
        Self { organization, member, errors }
    }
}

/// Choose another password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The present one.
    pub current_password: String,
    /// The new one, at least 10 characters.
    pub new_password: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Go by another name.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// Your name.
    pub name: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

payloads! {
    /// You.
    UpdateProfilePayload { member: Member }
    /// The member whose password changed.
    ChangePasswordPayload { member: Member }
}

/// The part of `Mutation` that is about signing up.
#[derive(Default)]
pub struct SignMutation;

#[Object]
impl SignMutation {
    /// Founds an organization, with its first member as owner.
    async fn sign_up(&self, context: &Context<'_>, input: SignUpInput) -> async_graphql::Result<SignUpPayload> {
        payload(sign_up(context, input).await)
    }

    /// Changes the name you go by.
    async fn update_profile(
        &self,
        context: &Context<'_>,
        input: UpdateProfileInput,
    ) -> async_graphql::Result<UpdateProfilePayload> {
        payload(update_profile(context, input).await)
    }

    /// Chooses another password. All of the person's other sessions end.
    async fn change_password(
        &self,
        context: &Context<'_>,
        input: ChangePasswordInput,
    ) -> async_graphql::Result<ChangePasswordPayload> {
        payload(change_password(context, input).await)
    }
}

/// A person about to join, with nothing sealed yet.
pub struct Person {
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

async fn sign_up(context: &Context<'_>, input: SignUpInput) -> Result<(Organization, Member), Refused> {
    let platform = platform(context)?;
    let profile = Profile {
        name: input.organization_name,
        country: input.country,
        zone: input.time_zone.parse().map_err(|error| invalid("timeZone", error))?,
        currency: currency(&input.currency, "currency")?,
    };
    let operates = operator_token(platform, input.operator_token.as_deref())?;
    let person = Person { email: input.email, name: input.name, password: input.password };
    let key = work::checked(input.idempotency_key.as_deref())?;
    let asked =
        Asked { mutation: "signUp", scope: email_index(platform, &person.email).await?, key, actor: anonymous() };
    let cause = platform.cause(&asked)?;
    let organization = OrganizationId::new(new_id(platform, &cause, key.is_some(), "organization")?);
    let member = MemberId::new(new_id(platform, &cause, key.is_some(), "member")?);
    let joined = seal(platform, member, organization, Role::Owner, person).await?;
    register(platform, organization, profile, operates, &joined, &cause).await?;
    Ok((super::organization(context, organization).await?, read_member(platform, member).await?))
}

fn anonymous() -> String {
    "anonymous".to_owned()
}

fn operator_token(platform: &Platform, token: Option<&str>) -> Result<bool, Refused> {
    match token {
        Some(token) if platform.is_operator_token(token) => Ok(true),
        Some(_) => Err(invalid("operatorToken", "this is not the operator token of this platform")),
        None => Ok(false),
    }
}

/// Claims come before what they are for. All of them are looked at before the first is taken, so that whoever is refused
/// holds none, but for two who race: then what the loser took lapses.
async fn register(
    platform: &Arc<Platform>,
    organization: OrganizationId,
    profile: Profile,
    operates: bool,
    joined: &Joined,
    cause: &Cause,
) -> Result<(), Refused> {
    let (stream, log, name) = (StreamName::of(&organization), platform.log.as_ref(), profile.name.clone());
    let register = OrganizationCommand::Register { organization, profile };
    let join = MemberCommand::Join { person: joined.clone(), by: None };
    may_begin::<OrganizationDecider>(register.clone(), cause)?;
    may_begin::<MemberDecider>(join.clone(), cause)?;
    claimed(claim::check(log, ORGANIZATION_NAME, &plain(&name), &stream, cause).await, "organizationName")?;
    if operates {
        free_operation(platform, &stream, cause).await?;
        claimed(claim::check(log, OPERATOR, PLATFORM, &stream, cause).await, "operatorToken")?;
    }
    claim_email(platform, joined, cause).await?;
    claim_name(platform, &name, &stream, cause).await?;
    if operates {
        let only = claim::claim(log, OPERATOR, PLATFORM, &stream, &cause.step("operator")).await;
        claimed(only, "operatorToken")?;
    }
    platform.run::<OrganizationDecider>(&stream, register, cause).await?;
    platform.run::<MemberDecider>(&StreamName::of(&joined.member), join, cause).await?;
    if operates {
        let appoint = OrganizationCommand::AppointOperator;
        platform.run::<OrganizationDecider>(&stream, appoint, &cause.step("appoint")).await?;
    }
    Ok(())
}

/// Takes the operation of the platform from an organization that came to be and was never appointed: whoever signed it up
/// was stopped half-way.
async fn free_operation(platform: &Arc<Platform>, own: &StreamName, cause: &Cause) -> Result<(), Refused> {
    let log = platform.log.as_ref();
    let held = claim::held(log, OPERATOR, PLATFORM).await.map_err(|error| Fault::internal(&error))?;
    let Some(held) = held.filter(|held| held.holder != *own && held.has_had_its_time(cause.now)) else { return Ok(()) };
    match load::<OrganizationDecider>(log, &held.holder).await?.0 {
        OrganizationState::Registered(standing) if !standing.operator => {}
        OrganizationState::Registered(_) | OrganizationState::Absent => return Ok(()),
    }
    let freed = claim::release(log, OPERATOR, PLATFORM, &held.holder, &cause.step("free operation")).await;
    claimed(freed, "operatorToken").map(drop)
}

/// Takes a person's e-mail address for a member.
pub async fn claim_email(platform: &Platform, joined: &Joined, cause: &Cause) -> Result<(), Refused> {
    let holder = StreamName::of(&joined.member);
    let claim = claim::claim(platform.log.as_ref(), EMAIL, &joined.email_index, &holder, cause).await;
    claimed(claim, "email").map(drop)
}

/// Takes a name for an organization; upper and lower case are the same.
pub async fn claim_name(platform: &Platform, name: &str, holder: &StreamName, cause: &Cause) -> Result<(), Refused> {
    let claim = claim::claim(platform.log.as_ref(), ORGANIZATION_NAME, &plain(name), holder, cause).await;
    claimed(claim, "organizationName").map(drop)
}

/// An organization's name as it is claimed.
pub fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Hashes the password and seals what is personal with the member's own key.
pub async fn seal(
    platform: &Arc<Platform>,
    member: MemberId,
    organization: OrganizationId,
    role: Role,
    person: Person,
) -> Result<Joined, Refused> {
    let Person { email, name, password } = person;
    let email_index = email_index(platform, &email).await?;
    let name = required(&name, NAME_CHARACTERS_MAX).map_err(|error| invalid("name", error))?;
    let password = platform.passwords.hash(password).await?;
    let texts = [email.trim().to_owned(), name, password];
    let sealed = platform.with_vault(move |vault| {
        texts.iter().map(|text| vault.seal(member.uuid(), text)).collect::<Result<Vec<Sealed>, _>>()
    });
    let [email, name, password] = <[Sealed; 3]>::try_from(sealed.await?).map_err(|_| Fault::incomplete())?;
    Ok(Joined { member, organization, email, email_index, name, password, role })
}

/// The keyed hash by which an address is found.
pub async fn email_index(platform: &Arc<Platform>, email: &str) -> Result<String, Refused> {
    let email = email.trim().to_owned();
    let shaped = email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let clean = email.chars().all(|character| !character.is_whitespace() && !character.is_control());
    if !shaped || !clean || email.len() > EMAIL_BYTES_MAX {
        return Err(invalid("email", "this is not an e-mail address"));
    }
    platform.with_vault(move |vault| vault.blind_index(&email)).await
}

/// Reads a member that is known to exist.
pub async fn read_member(platform: &Arc<Platform>, id: MemberId) -> Result<Member, Refused> {
    let member = platform.read(move |views| views.member(id)).await?;
    member.map(Member).ok_or_else(|| crate::graphql::errors::not_found(""))
}

async fn update_profile(context: &Context<'_>, input: UpdateProfileInput) -> Result<Member, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let Principal::Member(id) = work.actor.principal else {
        return Err(rule(ErrorCode("MEMBER_NEEDED"), "only a signed-in member has a profile"));
    };
    let name = required(&input.name, NAME_CHARACTERS_MAX).map_err(|error| invalid("name", error))?;
    let name = work.platform.with_vault(move |vault| vault.seal(id.uuid(), &name)).await?;
    work.run::<MemberDecider>(&StreamName::of(&id), MemberCommand::ChangeName { name }).await?;
    read_member(work.platform, id).await
}

async fn change_password(context: &Context<'_>, input: ChangePasswordInput) -> Result<Member, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let Principal::Member(id) = work.actor.principal else {
        return Err(rule(ErrorCode("MEMBER_NEEDED"), "only a signed-in member has a password"));
    };
    let member = read_member(work.platform, id).await?;
    let hash = open_hash(work.platform, &member.0.password).await?;
    if !work.platform.passwords.verify(input.current_password, hash).await? {
        return Err(rule(ErrorCode("PASSWORD_WRONG"), "the current password is wrong"));
    }
    let hash = work.platform.passwords.hash(input.new_password).await?;
    let password = work.platform.with_vault(move |vault| vault.seal(id.uuid(), &hash)).await?;
    work.run::<MemberDecider>(&StreamName::of(&id), MemberCommand::ChangePassword { password }).await?;
    let own = visit(context).and_then(|visit| visit.session);
    with_sessions(work.platform, move |sessions, now| sessions.end_others(id, own, now)).await?;
    read_member(work.platform, id).await
}
