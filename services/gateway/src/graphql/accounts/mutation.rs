//! Commands on organizations, members and API keys.

use accounts::api_key::{ApiKey as ApiKeyDecider, Command as ApiKeyCommand};
use accounts::member::{Command as MemberCommand, Member as MemberDecider, State as MemberState};
use accounts::organization::{
    Command as OrganizationCommand, Organization as OrganizationDecider, State as OrganizationState,
};
use accounts::published::actor::Role;
use accounts::published::api_key::{Created, Event as ApiKeyEvent};
use accounts::published::member::Removed;
use accounts::published::organization::Profile;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use eventlog::claim;
use eventlog::execute::load;
use kernel::error::ErrorCode;
use kernel::event::StreamName;
use kernel::id::{ApiKeyId, MemberId, OrganizationId};

use super::sign::{self, Person, read_member};
use super::{ApiKey, Member, Organization, scopes};
use crate::auth::api_key::Secret;
use crate::graphql::errors::{Fault, Refused, UserError, claimed, invalid, not_found, rule};
use crate::graphql::scalars::{MemberRole, ScopeName, currency};
use crate::graphql::work::{self, Payload, Work, payload, payloads};

/// Describe your organization anew; what is left out stays.
#[derive(InputObject)]
pub struct UpdateOrganizationInput {
    /// The name.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Where its billing days begin (IANA). Agreements keep theirs.
    pub time_zone: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Add a person to your organization, with a first password that you hand over.
#[derive(InputObject)]
pub struct AddMemberInput {
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// At least 10 characters.
    pub password: String,
    /// What the person may do.
    pub role: MemberRole,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Give a member another role.
#[derive(InputObject)]
pub struct ChangeMemberRoleInput {
    /// The member.
    pub member_id: ID,
    /// The new role.
    pub role: MemberRole,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Remove a member, and erase what is personal.
#[derive(InputObject)]
pub struct RemoveMemberInput {
    /// The member.
    pub member_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Make an API key.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// What you call it.
    pub label: String,
    /// What it may do: at most what you may.
    pub scopes: Vec<ScopeName>,
    /// Repeating a key repeats the first answer, without the secret.
    pub idempotency_key: Option<String>,
}

/// Stop an API key from working, for good.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// The key.
    pub api_key_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Stop an organization from calling, buying and selling.
#[derive(InputObject)]
pub struct SuspendOrganizationInput {
    /// The organization.
    pub organization_id: ID,
    /// Why.
    pub reason: String,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// Let an organization act again.
#[derive(InputObject)]
pub struct ReinstateOrganizationInput {
    /// The organization.
    pub organization_id: ID,
    /// Repeating a key repeats the first answer.
    pub idempotency_key: Option<String>,
}

/// A key and its secret, which is never shown again.
#[derive(SimpleObject)]
pub struct CreateApiKeyPayload {
    /// The key; absent where there are errors.
    pub api_key: Option<ApiKey>,
    /// The whole secret; absent on a repeat.
    pub secret: Option<String>,
    /// Why it was not made.
    pub errors: Vec<UserError>,
}

impl Payload for CreateApiKeyPayload {
    type Entity = (ApiKey, Option<String>);
    fn new(entity: Option<Self::Entity>, errors: Vec<UserError>) -> Self {
        let (api_key, secret) = entity.unzip();
        Self { api_key, secret: secret.flatten(), errors }
    }
}

payloads! {
    /// Your organization.
    UpdateOrganizationPayload { organization: Organization }
    /// The new member.
    AddMemberPayload { member: Member }
    /// The member.
    ChangeMemberRolePayload { member: Member }
    /// The id of who was removed.
    RemoveMemberPayload { removed_member_id: ID }
    /// The key.
    RevokeApiKeyPayload { api_key: ApiKey }
    /// The organization.
    SuspendOrganizationPayload { organization: Organization }
    /// The organization.
    ReinstateOrganizationPayload { organization: Organization }
}

/// The part of `Mutation` that is about accounts.
#[derive(Default)]
pub struct AccountsMutation;

#[Object]
impl AccountsMutation {
    /// Describes your organization anew.
    async fn update_organization(
        &self,
        context: &Context<'_>,
        input: UpdateOrganizationInput,
    ) -> async_graphql::Result<UpdateOrganizationPayload> {
        payload(update_organization(context, input).await)
    }

    /// Adds a person to your organization.
    async fn add_member(
        &self,
        context: &Context<'_>,
        input: AddMemberInput,
    ) -> async_graphql::Result<AddMemberPayload> {
        payload(add_member(context, input).await)
    }

    /// Gives a member another role.
    async fn change_member_role(
        &self,
        context: &Context<'_>,
        input: ChangeMemberRoleInput,
    ) -> async_graphql::Result<ChangeMemberRolePayload> {
        payload(change_member_role(context, input).await)
    }

    /// Removes a member, and erases what is personal.
    async fn remove_member(
        &self,
        context: &Context<'_>,
        input: RemoveMemberInput,
    ) -> async_graphql::Result<RemoveMemberPayload> {
        payload(remove_member(context, input).await)
    }

    /// Makes an API key. Its secret is in the answer and nowhere else.
    async fn create_api_key(
        &self,
        context: &Context<'_>,
        input: CreateApiKeyInput,
    ) -> async_graphql::Result<CreateApiKeyPayload> {
        payload(create_api_key(context, input).await)
    }

    /// Stops an API key from working, at once and for good.
    async fn revoke_api_key(
        &self,
        context: &Context<'_>,
        input: RevokeApiKeyInput,
    ) -> async_graphql::Result<RevokeApiKeyPayload> {
        payload(revoke_api_key(context, input).await)
    }

    /// Stops an organization: its keys and tokens are refused at once.
    async fn suspend_organization(
        &self,
        context: &Context<'_>,
        input: SuspendOrganizationInput,
    ) -> async_graphql::Result<SuspendOrganizationPayload> {
        let command = OrganizationCommand::Suspend { reason: input.reason };
        payload(on_organization(context, &input.organization_id, command, input.idempotency_key.as_deref()).await)
    }

    /// Lets an organization act again.
    async fn reinstate_organization(
        &self,
        context: &Context<'_>,
        input: ReinstateOrganizationInput,
    ) -> async_graphql::Result<ReinstateOrganizationPayload> {
        let command = OrganizationCommand::Reinstate;
        payload(on_organization(context, &input.organization_id, command, input.idempotency_key.as_deref()).await)
    }
}

async fn update_organization(context: &Context<'_>, input: UpdateOrganizationInput) -> Result<Organization, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = work.actor.organization;
    let before = super::organization(context, id).await?.0.profile;
    let zone = input.time_zone.map(|zone| zone.parse().map_err(|error| invalid("timeZone", error))).transpose()?;
    let money = input.currency.map(|code| currency(&code, "currency")).transpose()?;
    let profile = Profile {
        name: input.name.unwrap_or_else(|| before.name.clone()),
        country: input.country.unwrap_or_else(|| before.country.clone()),
        zone: zone.unwrap_or_else(|| before.zone.clone()),
        currency: money.unwrap_or(before.currency),
    };
    rename(&work, &before, &profile).await?;
    super::organization(context, id).await
}

/// Takes the new name before the change and gives the old one back after it.
async fn rename(work: &Work<'_>, before: &Profile, profile: &Profile) -> Result<(), Refused> {
    let stream = StreamName::of(&work.actor.organization);
    sign::claim_name(work.platform, &profile.name, &stream, &work.cause).await?;
    let change = OrganizationCommand::ChangeProfile { profile: profile.clone() };
    let OrganizationState::Registered(standing) = work.run::<OrganizationDecider>(&stream, change).await?.state else {
        return Ok(());
    };
    // Asked for again, this change may be followed by others: the name that is in use stays taken, and no other.
    let (log, used) = (work.platform.log.as_ref(), sign::plain(&standing.profile.name));
    for name in [&before.name, &profile.name].map(|name| sign::plain(name)) {
        if name != used {
            claimed(claim::release(log, sign::ORGANIZATION_NAME, &name, &stream, &work.cause).await, "name")?;
        }
    }
    Ok(())
}

async fn add_member(context: &Context<'_>, input: AddMemberInput) -> Result<Member, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let member = MemberId::new(work.id("member")?);
    let person = Person { email: input.email, name: input.name, password: input.password };
    let role = Role::from(input.role);
    let joined = sign::seal(work.platform, member, work.actor.organization, role, person).await?;
    let join = MemberCommand::Join { person: joined.clone(), by: Some(work.role().await?) };
    work.may_begin::<MemberDecider>(join.clone())?;
    sign::claim_email(work.platform, &joined, &work.cause).await?;
    work.run::<MemberDecider>(&StreamName::of(&member), join).await?;
    read_member(work.platform, member).await
}

async fn change_member_role(context: &Context<'_>, input: ChangeMemberRoleInput) -> Result<Member, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let member = colleague(&work, &input.member_id).await?;
    let role = Role::from(input.role);
    if role != Role::Owner {
        leaves_an_owner(&work, &member).await?;
    }
    let command = MemberCommand::ChangeRole { role, by: work.role().await? };
    work.run::<MemberDecider>(&StreamName::of(&member.0.id), command).await?;
    read_member(work.platform, member.0.id).await
}

async fn remove_member(context: &Context<'_>, input: RemoveMemberInput) -> Result<ID, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id: MemberId = input.member_id.parse().map_err(|_| not_found("memberId"))?;
    let (stream, log) = (StreamName::of(&id), work.platform.log.as_ref());
    let removed = match load::<MemberDecider>(log, &stream).await?.0 {
        // Once more: whoever removed the member may have got no further.
        MemberState::Removed(removed) if removed.organization == work.actor.organization => removed,
        _ => remove_colleague(&work, &input.member_id, &stream).await?,
    };
    claimed(claim::release(log, sign::EMAIL, &removed.email_index, &stream, &work.cause).await, "memberId")?;
    work.platform.with_vault(move |vault| vault.erase(id.uuid())).await?;
    Ok(input.member_id)
}

async fn remove_colleague(work: &Work<'_>, id: &ID, stream: &StreamName) -> Result<Removed, Refused> {
    let member = colleague(work, id).await?;
    leaves_an_owner(work, &member).await?;
    let removed = work.run::<MemberDecider>(stream, MemberCommand::Remove { by: work.role().await? }).await?;
    match removed.state {
        MemberState::Removed(removed) => Ok(removed),
        MemberState::Absent | MemberState::Active(_) => Err(not_found("memberId")),
    }
}

/// A member of the actor's own organization.
async fn colleague(work: &Work<'_>, id: &ID) -> Result<Member, Refused> {
    let id: MemberId = id.parse().map_err(|_| not_found("memberId"))?;
    let member = work.platform.read(move |views| views.member(id)).await?;
    let own = member.filter(|member| member.organization == work.actor.organization);
    own.map(Member).ok_or_else(|| not_found("memberId"))
}

/// Two owners who remove each other at the same instant can still leave none; the operator then has to help.
async fn leaves_an_owner(work: &Work<'_>, member: &Member) -> Result<(), Refused> {
    let own = work.actor.organization;
    let owners = work.platform.read(move |views| views.owner_count(own)).await?;
    if member.0.role == Role::Owner && owners <= 1 {
        return Err(rule(ErrorCode("MEMBER_LAST_OWNER"), "an organization keeps at least one owner"));
    }
    Ok(())
}

async fn create_api_key(context: &Context<'_>, input: CreateApiKeyInput) -> Result<(ApiKey, Option<String>), Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id = ApiKeyId::new(work.id("api_key")?);
    let secret = Secret::generate().map_err(|error| Fault::internal(&error))?;
    let key = Created {
        api_key: id,
        organization: work.actor.organization,
        label: input.label,
        prefix: secret.prefix(),
        secret_sha256: kernel::merkle::hex(&secret.sha256()),
        scopes: scopes(input.scopes),
    };
    let hash = key.secret_sha256.clone();
    let command = ApiKeyCommand::Create { key, granted_by: work.actor.scopes.clone() };
    let created = work.run::<ApiKeyDecider>(&StreamName::of(&id), command).await?;
    let is_new = |event: &ApiKeyEvent| matches!(event, ApiKeyEvent::Created(fact) if fact.secret_sha256 == hash);
    let shown = created.events.iter().any(is_new).then(|| secret.reveal().to_owned());
    Ok((read_api_key(&work, id).await?, shown))
}

async fn revoke_api_key(context: &Context<'_>, input: RevokeApiKeyInput) -> Result<ApiKey, Refused> {
    let work = work::begin(context, input.idempotency_key.as_deref())?;
    let id: ApiKeyId = input.api_key_id.parse().map_err(|_| not_found("apiKeyId"))?;
    read_api_key(&work, id).await?;
    work.run::<ApiKeyDecider>(&StreamName::of(&id), ApiKeyCommand::Revoke).await?;
    read_api_key(&work, id).await
}

/// A key of the actor's own organization.
async fn read_api_key(work: &Work<'_>, id: ApiKeyId) -> Result<ApiKey, Refused> {
    let key = work.platform.read(move |views| views.api_key(id)).await?;
    let own = key.filter(|key| key.organization == work.actor.organization);
    own.map(ApiKey).ok_or_else(|| not_found("apiKeyId"))
}

async fn on_organization(
    context: &Context<'_>,
    id: &ID,
    command: OrganizationCommand,
    key: Option<&str>,
) -> Result<Organization, Refused> {
    let work = work::begin(context, key)?;
    let id: OrganizationId = id.parse().map_err(|_| not_found("organizationId"))?;
    work.platform.read(move |views| views.organization(id)).await?.ok_or_else(|| not_found("organizationId"))?;
    work.run::<OrganizationDecider>(&StreamName::of(&id), command).await?;
    super::organization(context, id).await
}
