//! From an `Authorization` header to an actor, without touching a disk.

use std::sync::Arc;

use accounts::published::actor::Actor;
use eventlog::clock::Clock;
use kernel::id::MemberId;

use super::api_key;
use super::token::Tokens;

/// Keys and members as they are at this moment. Answered from memory: it is asked on every request.
pub trait Directory: Send + Sync + 'static {
    /// The actor of a key that is not revoked, by the SHA-256 of its secret.
    fn api_key(&self, sha256: &[u8; 32]) -> Option<Actor>;
    /// The actor of a member who has not been removed, with the scopes of the present role.
    fn member(&self, member: MemberId) -> Option<Actor>;
}

/// Who sent the request: an actor, or nobody known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub Option<Actor>);

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

    /// The actor of an `Authorization` header: `Bearer` and an API key or a session token.
    pub fn authenticate(&self, authorization: &str) -> Result<Actor, InvalidCredentials> {
        let (scheme, token) = authorization.split_once(' ').ok_or(InvalidCredentials)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Err(InvalidCredentials);
        }
        let actor = if token.starts_with(api_key::PREFIX) { self.by_key(token) } else { self.by_session(token) };
        actor.ok_or(InvalidCredentials)
    }

    fn by_key(&self, token: &str) -> Option<Actor> {
        self.directory.api_key(&api_key::presented(token)?)
    }

    /// A member who meanwhile belongs elsewhere has no session.
    fn by_session(&self, token: &str) -> Option<Actor> {
        let session = self.tokens.check(token, self.clock.now()).ok()?;
        self.directory.member(session.member).filter(|actor| actor.organization == session.organization)
    }
}

#[cfg(test)]
pub mod tests {
    //! Besides the tests: stand-ins that the tests of the door use too.

    use std::collections::HashMap;
    use std::sync::Mutex;

    use accounts::published::actor::{Principal, Role};
    use jiff::Timestamp;
    use kernel::id::OrganizationId;
    use uuid::Uuid;

    use super::super::api_key::Secret;
    use super::super::token::Session;
    use super::*;

    /// A directory that a test fills and empties.
    #[derive(Default)]
    pub struct Register {
        /// By the SHA-256 of their secret.
        pub keys: Mutex<HashMap<[u8; 32], Actor>>,
        /// By id.
        pub members: Mutex<HashMap<MemberId, Actor>>,
    }

    impl Directory for Register {
        fn api_key(&self, sha256: &[u8; 32]) -> Option<Actor> {
            self.keys.lock().unwrap().get(sha256).cloned()
        }
        fn member(&self, member: MemberId) -> Option<Actor> {
            self.members.lock().unwrap().get(&member).cloned()
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

    #[test]
    fn a_key_works_until_it_is_revoked() {
        let Bench { register, authenticator, .. } = bench();
        let secret = Secret::generate().unwrap();
        let header = format!("Bearer {}", secret.reveal());
        assert_eq!(authenticator.authenticate(&header), Err(InvalidCredentials));
        register.keys.lock().unwrap().insert(secret.sha256(), member(1));
        assert_eq!(authenticator.authenticate(&header), Ok(member(1)));
        register.keys.lock().unwrap().clear();
        assert_eq!(authenticator.authenticate(&header), Err(InvalidCredentials));
    }

    #[test]
    fn a_session_ends_when_its_member_is_removed_or_moves() {
        let Bench { register, tokens, authenticator } = bench();
        let id = MemberId::new(Uuid::from_u128(1));
        let session = Session { member: id, organization: member(1).organization };
        let header = format!("bearer {}", tokens.issue(session, Timestamp::UNIX_EPOCH).unwrap().token);
        register.members.lock().unwrap().insert(id, member(1));
        assert_eq!(authenticator.authenticate(&header), Ok(member(1)));
        register.members.lock().unwrap().insert(id, member(2));
        assert_eq!(authenticator.authenticate(&header), Err(InvalidCredentials));
        register.members.lock().unwrap().remove(&id);
        assert_eq!(authenticator.authenticate(&header), Err(InvalidCredentials));
    }

    #[test]
    fn other_headers_are_refused() {
        let Bench { authenticator, .. } = bench();
        for header in ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "tsk_x", &format!("Bearer {}", "a".repeat(9_999))]
        {
            assert_eq!(authenticator.authenticate(header), Err(InvalidCredentials), "{header}");
        }
    }
}
