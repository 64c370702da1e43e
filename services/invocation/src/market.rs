//! The market in memory: keys, members, contracts, endpoints and agreements, folded from the log.

use std::collections::HashMap;
use std::sync::Arc;

use accounts::published::actor::{Actor, Principal, Role, Scopes};
use accounts::published::{api_key, member, organization};
use agreements::published::agreement::{Accepted, Cancelled};
use catalog::published::capability;
use catalog::published::listing::{self, Content, Details};
use kernel::id::{AgreementId, ApiKeyId, ListingId, MemberId, OrganizationId};
use kernel::slug::Slug;
use metering::published::sandbox;

use crate::contract::Compiled;
use crate::fingerprint::Fingerprint;

/// An event that the market in memory follows.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Of an organization.
    Organization(organization::Event),
    /// Of a member.
    Member(member::Event),
    /// Of an API key.
    ApiKey(api_key::Event),
    /// Of a capability.
    Capability(Box<capability::Event>),
    /// Of a listing.
    Listing(Box<listing::Event>),
    /// An agreement came to be. The meters share it.
    Accepted(Arc<Accepted>),
    /// An agreement ends.
    Cancelled(Cancelled),
    /// Of the sandbox.
    Sandbox(sandbox::Event),
}

/// An organization, as far as calls need it.
#[derive(Clone, Copy, Debug, Default)]
struct Organization {
    operator: bool,
    suspended: bool,
}

#[derive(Clone, Debug)]
struct Key {
    id: ApiKeyId,
    organization: OrganizationId,
    scopes: Scopes,
}

/// What can be called at a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL; `{capability}` stands for the slug.
    pub url: String,
    /// Whether the same call may be sent again without harm.
    pub repeatable: bool,
}

/// The market in memory.
#[derive(Debug, Default)]
pub struct Market {
    operator: Option<OrganizationId>,
    sandbox: sandbox::Settings,
    organizations: HashMap<OrganizationId, Organization>,
    members: HashMap<MemberId, (OrganizationId, Role)>,
    keys: HashMap<Fingerprint, Key>,
    key_hashes: HashMap<ApiKeyId, Fingerprint>,
    contracts: HashMap<Slug, Option<Arc<Compiled>>>,
    endpoints: HashMap<ListingId, Arc<Endpoint>>,
    agreements: HashMap<AgreementId, Arc<Accepted>>,
    by_buyer: HashMap<OrganizationId, Vec<AgreementId>>,
}

impl Market {
    /// The actor whose API key has this SHA-256; none where it is unknown, revoked, or its organization suspended.
    pub fn key_actor(&self, secret_sha256: &Fingerprint) -> Option<Actor> {
        let key = self.keys.get(secret_sha256)?;
        self.actor(key.organization, Principal::ApiKey(key.id), key.scopes.clone())
    }

    /// The actor of a signed-in member; none where it was removed or its organization suspended.
    pub fn member_actor(&self, member: MemberId) -> Option<Actor> {
        let (organization, role) = self.members.get(&member)?;
        self.actor(*organization, Principal::Member(member), role.scopes())
    }

    fn actor(&self, organization: OrganizationId, principal: Principal, scopes: Scopes) -> Option<Actor> {
        let standing = self.organizations.get(&organization)?;
        (!standing.suspended).then_some(Actor { organization, principal, scopes, operator: standing.operator })
    }

    /// Whether an organization may not act.
    pub fn is_suspended(&self, organization: OrganizationId) -> bool {
        self.organizations.get(&organization).is_some_and(|standing| standing.suspended)
    }

    /// Who operates the platform, if anybody does yet.
    pub const fn operator(&self) -> Option<OrganizationId> {
        self.operator
    }

    /// What visitors may try.
    pub const fn sandbox(&self) -> sandbox::Settings {
        self.sandbox
    }

    /// Whether a visitor can try a capability: the sandbox is open, and an agreement of the operator's covers it.
    pub fn is_tryable(&self, capability: &Slug) -> bool {
        self.sandbox.open && self.operator.is_some_and(|operator| self.has_endpoint(operator, capability))
    }

    fn has_endpoint(&self, buyer: OrganizationId, capability: &Slug) -> bool {
        let ids = self.by_buyer.get(&buyer).map(Vec::as_slice).unwrap_or_default();
        let mut accepted = ids.iter().filter_map(|id| self.agreements.get(id));
        accepted.any(|accepted| {
            let callable = self.endpoints.contains_key(&accepted.listing) && !self.is_suspended(accepted.seller);
            callable && accepted.capabilities.contains(capability)
        })
    }

    /// A capability's contract; the inner `None` where it has none yet.
    pub fn contract(&self, capability: &Slug) -> Option<Option<Arc<Compiled>>> {
        self.contracts.get(capability).cloned()
    }

    /// Where a listing is called.
    pub fn endpoint(&self, listing: ListingId) -> Option<Arc<Endpoint>> {
        self.endpoints.get(&listing).cloned()
    }

    /// An agreement, ended or not.
    pub fn agreement(&self, agreement: AgreementId) -> Option<Arc<Accepted>> {
        self.agreements.get(&agreement).cloned()
    }

    /// A buyer's agreements that cover a capability, in order of acceptance.
    pub fn covering(&self, buyer: OrganizationId, capability: &Slug) -> Vec<Arc<Accepted>> {
        let ids = self.by_buyer.get(&buyer).map(Vec::as_slice).unwrap_or_default();
        let accepted = ids.iter().filter_map(|id| self.agreements.get(id));
        accepted.filter(|accepted| accepted.capabilities.contains(capability)).cloned().collect()
    }

    /// Folds one fact.
    pub fn apply(&mut self, fact: Fact) {
        match fact {
            Fact::Organization(event) => self.apply_organization(&event),
            Fact::Member(event) => self.apply_member(event),
            Fact::ApiKey(event) => self.apply_api_key(event),
            Fact::Capability(event) => self.apply_capability(*event),
            Fact::Listing(event) => self.apply_listing(*event),
            Fact::Accepted(accepted) => self.accept(accepted),
            Fact::Cancelled(fact) => self.cancel(&fact),
            Fact::Sandbox(sandbox::Event::Set(fact)) => self.sandbox = fact.settings,
        }
    }

    fn apply_organization(&mut self, event: &organization::Event) {
        use organization::Event::{OperatorAppointed, ProfileChanged, Registered, Reinstated, Suspended};
        match event {
            Registered(fact) => _ = self.organizations.entry(fact.organization).or_default(),
            OperatorAppointed(fact) => {
                self.organizations.entry(fact.organization).or_default().operator = true;
                self.operator.get_or_insert(fact.organization);
            }
            Suspended(fact) => self.organizations.entry(fact.organization).or_default().suspended = true,
            Reinstated(fact) => self.organizations.entry(fact.organization).or_default().suspended = false,
            ProfileChanged(_) => {}
        }
    }

    fn apply_member(&mut self, event: member::Event) {
        use member::Event::{Joined, NameChanged, PasswordChanged, Removed, RoleChanged};
        match event {
            Joined(fact) => _ = self.members.insert(fact.member, (fact.organization, fact.role)),
            RoleChanged(fact) => _ = self.members.insert(fact.member, (fact.organization, fact.role)),
            Removed(fact) => _ = self.members.remove(&fact.member),
            NameChanged(_) | PasswordChanged(_) => {}
        }
    }

    fn apply_api_key(&mut self, event: api_key::Event) {
        match event {
            api_key::Event::Created(fact) => self.insert_key(fact),
            api_key::Event::Revoked(fact) => {
                if let Some(hash) = self.key_hashes.remove(&fact.api_key) {
                    self.keys.remove(&hash);
                }
            }
        }
    }

    fn insert_key(&mut self, fact: api_key::Created) {
        if let Some(hash) = from_hex(&fact.secret_sha256) {
            self.key_hashes.insert(fact.api_key, hash);
            let key = Key { id: fact.api_key, organization: fact.organization, scopes: fact.scopes };
            self.keys.insert(hash, key);
        }
    }

    fn apply_capability(&mut self, event: capability::Event) {
        match event {
            capability::Event::Defined(fact) => _ = self.contracts.entry(fact.definition.slug).or_default(),
            capability::Event::ContractDefined(fact) => {
                self.contracts.insert(fact.slug, Some(Arc::new(Compiled::new(fact.contract))));
            }
        }
    }

    /// A listing stays callable when it is deprecated or retired: agreements on it go on.
    fn apply_listing(&mut self, event: listing::Event) {
        use listing::Event::{ChangesRequested, Deprecated, Drafted, Probed, Published, Retired, Revised, Submitted};
        match event {
            Published(fact) => self.set_endpoint(fact.listing, fact.content),
            Drafted(_) | Revised(_) | Probed(_) | Submitted(_) | ChangesRequested(_) | Deprecated(_) | Retired(_) => {}
        }
    }

    fn set_endpoint(&mut self, listing: ListingId, content: Content) {
        if let Details::Model(model) = content.details {
            let endpoint = Endpoint { url: model.endpoint, repeatable: model.repeatable };
            self.endpoints.insert(listing, Arc::new(endpoint));
        }
    }

    fn accept(&mut self, accepted: Arc<Accepted>) {
        let (buyer, agreement) = (accepted.buyer, accepted.agreement);
        // The same event may be applied again after a failure.
        if self.agreements.insert(agreement, accepted).is_none() {
            self.by_buyer.entry(buyer).or_default().push(agreement);
        }
    }

    fn cancel(&mut self, fact: &Cancelled) {
        if let Some(accepted) = self.agreements.get(&fact.agreement) {
            let ids = self.by_buyer.entry(accepted.buyer).or_default();
            ids.retain(|id| *id != fact.agreement);
        }
    }
}

fn from_hex(text: &str) -> Option<Fingerprint> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let start = index * 2;
        *byte = u8::from_str_radix(text.get(start..start + 2)?, 16).ok()?;
    }
    Some(bytes)
}
