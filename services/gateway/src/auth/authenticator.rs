//! From an `Authorization` header to an actor, without touching a disk.

use std::sync::Arc;

use accounts::published::actor::Actor;
use eventlog::clock::Clock;
use eventlog::sessions::Session;
use jiff::Timestamp;
use kernel::id::MemberId;
use uuid::Uuid;

use super::api_key;
use super::token::{Checked, Tokens};

/// Keys and members as they are at this moment. Answered from memory: it is asked on every request.
pub trait Directory: Send + Sync + 'static {
    /// The actor of a key that is not revoked, by the SHA-256 of its secret.
    fn api_key(&self, sha256: &[u8; 32]) -> Option<Actor>;
    /// The actor of a member who has not been removed, with the scopes of the present role.
    fn member(&self, member: MemberId) -> Option<Actor>;
    /// Whether a session was ended before its access tokens expire.
    fn session_has_ended(&self, session: Uuid) -> bool;
}

/// Who sent the request: an actor, or nobody known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub Option<Actor>);

/// What a caller showed, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An API key, by the SHA-256 of its secret.
    ApiKey([u8; 32]),
    /// An access token of a session, good until an instant.
    Session(Session, Timestamp),
}

/// An actor, and how it proved to be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who it is.
    pub actor: Actor,
    /// What it showed.
    pub proof: Proof,
}

impl Identity {
    /// The session, where a member is signed in.
    pub const fn session(&self) -> Option<Uuid> {
        match self.proof {
            Proof::Session(session, _) => Some(session.id),
            Proof::ApiKey(_) => None,
        }
    }
}

/// The credentials are malformed, unknown, revoked or expired. Deliberately says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the credentials are not valid")]
pub struct InvalidCredentials;

/// Turns credentials into actors.
pub struct Authenticator {
    directory: Arc<dyn Directory>,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
}

/// No API key or session token is longer.
const TOKEN_BYTES_MAX: usize = 2048;

impl Authenticator {
    /// Looks up in `directory`, checks session tokens with `tokens` by the time of `clock`.
    pub fn new(directory: Arc<dyn Directory>, tokens: Arc<Tokens>, clock: Arc<dyn Clock>) -> Self {
        Self { directory, tokens, clock }
    }

    /// The identity behind an `Authorization` header: `Bearer` and an API key or an access token.
    pub fn authenticate(&self, authorization: &str) -> Result<Identity, InvalidCredentials> {
        let (scheme, token) = authorization.split_once(' ').ok_or(InvalidCredentials)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Err(InvalidCredentials);
        }
        let proof = if token.starts_with(api_key::PREFIX) { by_key(token) } else { self.by_token(token) };
        let proof = proof.ok_or(InvalidCredentials)?;
        let actor = self.actor(&proof).ok_or(InvalidCredentials)?;
        Ok(Identity { actor, proof })
    }

    /// Whether an identity is still as it was: neither revoked, removed, signed out, expired, nor of other authority.
    pub fn holds(&self, identity: &Identity) -> bool {
        self.actor(&identity.proof).as_ref() == Some(&identity.actor)
    }

    fn by_token(&self, token: &str) -> Option<Proof> {
        let Checked { session, expires_at } = self.tokens.check(token, self.clock.now()).ok()?;
        Some(Proof::Session(session, expires_at))
    }

    /// A member who meanwhile belongs elsewhere has no session.
    fn actor(&self, proof: &Proof) -> Option<Actor> {
        match proof {
            Proof::ApiKey(sha256) => self.directory.api_key(sha256),
            Proof::Session(session, expires_at) => {
                let over = *expires_at <= self.clock.now() || self.directory.session_has_ended(session.id);
                let actor = (!over).then(|| self.directory.member(session.member)).flatten();
                actor.filter(|actor| actor.organization == session.organization)
            }
        }
    }
}

fn by_key(token: &str) -> Option<Proof> {
    api_key::presented(token).map(Proof::ApiKey)
}

#[cfg(test)]
pub mod tests {
    //! Besides the tests: stand-ins that the tests of the door use too.

    use std::collections::{HashMap, HashSet};
    use std::sync::Mutex;

    use accounts::published::actor::{Principal, Role};
    use kernel::id::OrganizationId;

    use super::super::api_key::Secret;
    use super::*;

    /// A directory that a test fills and empties.
    #[derive(Default)]
    pub struct Register {
        /// By the SHA-256 of their secret.
        pub keys: Mutex<HashMap<[u8; 32], Actor>>,
        /// By id.
        pub members: Mutex<HashMap<MemberId, Actor>>,
        /// Sessions that were ended.
        pub ended: Mutex<HashSet<Uuid>>,
    }

    impl Directory for Register {
        fn api_key(&self, sha256: &[u8; 32]) -> Option<Actor> {
            self.keys.lock().unwrap().get(sha256).cloned()
        }
        fn member(&self, member: MemberId) -> Option<Actor> {
            self.members.lock().unwrap().get(&member).cloned()
        }
        fn session_has_ended(&self, session: Uuid) -> bool {
            self.ended.lock().unwrap().contains(&session)
        }
    }

    /// A clock that stands still.
    pub struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    /// A member of an organization, by number.
    pub fn member(number: u128) -> Actor {
        Actor {
            organization: OrganizationId::new(Uuid::from_u128(number)),
            principal: Principal::Member(MemberId::new(Uuid::from_u128(number))),
            scopes: Role::Owner.scopes(),
            operator: false,
        }
    }

    struct Bench {
        register: Arc<Register>,
        tokens: Arc<Tokens>,
        authenticator: Authenticator,
    }

    fn bench() -> Bench {
        let register = Arc::new(Register::default());
        let tokens = Arc::new(Tokens::new(&[1; 32]).unwrap());
        let authenticator = Authenticator::new(register.clone(), tokens.clone(), Arc::new(Stopped));
        Bench { register, tokens, authenticator }
    }

    fn actor_of(authenticator: &Authenticator, header: &str) -> Result<Actor, InvalidCredentials> {
        authenticator.authenticate(header).map(|identity| identity.actor)
    }

    #[test]
    fn a_key_works_until_it_is_revoked() {
        let Bench { register, authenticator, .. } = bench();
        let secret = Secret::generate().unwrap();
        let header = format!("Bearer {}", secret.reveal());
        assert_eq!(actor_of(&authenticator, &header), Err(InvalidCredentials));
        register.keys.lock().unwrap().insert(secret.sha256(), member(1));
        let identity = authenticator.authenticate(&header).unwrap();
        assert_eq!((&identity.actor, authenticator.holds(&identity)), (&member(1), true));
        register.keys.lock().unwrap().clear();
        assert_eq!(actor_of(&authenticator, &header), Err(InvalidCredentials));
        assert!(!authenticator.holds(&identity));
    }

    /// A member's session and its header, with the member in the register.
    fn signed_in(bench: &Bench) -> (Session, String) {
        let id = MemberId::new(Uuid::from_u128(1));
        let session = Session { id: Uuid::from_u128(9), member: id, organization: member(1).organization };
        bench.register.members.lock().unwrap().insert(id, member(1));
        let token = bench.tokens.issue(session, Timestamp::UNIX_EPOCH).unwrap().token;
        (session, format!("bearer {token}"))
    }

    #[test]
    fn a_session_ends_when_its_member_is_removed_or_moves() {
        let bench = bench();
        let (session, header) = signed_in(&bench);
        let Bench { register, authenticator, .. } = &bench;
        assert_eq!(actor_of(authenticator, &header), Ok(member(1)));
        register.members.lock().unwrap().insert(session.member, member(2));
        assert_eq!(actor_of(authenticator, &header), Err(InvalidCredentials));
        register.members.lock().unwrap().remove(&session.member);
        assert_eq!(actor_of(authenticator, &header), Err(InvalidCredentials));
    }

    #[test]
    fn a_session_that_was_ended_or_whose_authority_changed_does_not_hold() {
        let bench = bench();
        let (session, header) = signed_in(&bench);
        let Bench { register, authenticator, .. } = &bench;
        let identity = authenticator.authenticate(&header).unwrap();
        let changed = Actor { scopes: Role::Viewer.scopes(), ..member(1) };
        register.members.lock().unwrap().insert(session.member, changed);
        assert!(!authenticator.holds(&identity));
        register.members.lock().unwrap().insert(session.member, member(1));
        assert!(authenticator.holds(&identity));
        register.ended.lock().unwrap().insert(session.id);
        assert!(!authenticator.holds(&identity));
        assert_eq!(actor_of(authenticator, &header), Err(InvalidCredentials));
    }

    #[test]
    fn other_headers_are_refused() {
        let Bench { authenticator, .. } = bench();
        for header in ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "tsk_x", &format!("Bearer {}", "a".repeat(9_999))]
        {
            assert_eq!(actor_of(&authenticator, header), Err(InvalidCredentials), "{header}");
        }
    }
}
