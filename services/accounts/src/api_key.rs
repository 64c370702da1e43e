//! The rules of an API key: it carries no more authority than its maker's, and it is revoked for good.
//!
//! The secret is made and shown at the edge; only its hash and its first characters come here.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{ApiKeyId, OrganizationId};
use kernel::localized::{InvalidText, required};

use crate::published::actor::Scopes;
use crate::published::api_key::{Created, Event, Revoked};

/// The longest label, in characters.
pub const LABEL_LENGTH_MAX: usize = 80;
/// The longest recorded beginning of a secret, in bytes: enough to recognise it, too little to use it.
pub const PREFIX_LENGTH_MAX: usize = 24;

const SHA256_HEX_LENGTH: usize = 64;

/// What is asked of an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make it.
    Create {
        /// What is to be recorded.
        key: Created,
        /// The scopes of whoever makes it.
        granted_by: Scopes,
    },
    /// Stop it from working, for good.
    Revoke,
}

/// What is known of an API key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it has not been made.
    #[default]
    Absent,
    /// It works.
    Active {
        /// The key.
        api_key: ApiKeyId,
        /// Whose it is.
        organization: OrganizationId,
    },
    /// It does not work any more.
    Revoked,
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A key is made once.
    #[error("the API key exists already")]
    AlreadyCreated,
    /// There is nothing to revoke.
    #[error("the API key does not exist")]
    NotCreated,
    /// The label is unfit.
    #[error("the label: {0}")]
    Label(InvalidText),
    /// The prefix is unfit.
    #[error("the prefix is 1 to 24 letters, digits and underscores")]
    Prefix,
    /// The hash is not a SHA-256 in hexadecimal.
    #[error("the secret's hash is 64 hexadecimal digits, lower case")]
    Hash,
    /// A key without scopes can do nothing.
    #[error("an API key needs at least one scope")]
    NoScopes,
    /// Nobody grants what they do not hold.
    #[error("an API key cannot carry a scope that its maker does not hold")]
    ScopeNotHeld,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyCreated => "API_KEY_ALREADY_CREATED",
            Self::NotCreated => "API_KEY_NOT_CREATED",
            Self::Label(_) => "API_KEY_LABEL_INVALID",
            Self::Prefix => "API_KEY_PREFIX_INVALID",
            Self::Hash => "API_KEY_HASH_INVALID",
            Self::NoScopes => "API_KEY_NO_SCOPES",
            Self::ScopeNotHeld => "API_KEY_SCOPE_NOT_HELD",
        })
    }
}

/// Decides for the stream of one API key.
#[derive(Clone, Copy, Debug)]
pub struct ApiKey;

impl Decider for ApiKey {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Create { key, granted_by }) => create(key, &granted_by),
            (State::Active { .. } | State::Revoked, Command::Create { .. }) => Err(Rejection::AlreadyCreated),
            (State::Active { api_key, organization }, Command::Revoke) => {
                Ok(vec![Event::Revoked(Revoked { api_key: *api_key, organization: *organization })])
            }
            (State::Revoked, Command::Revoke) => Ok(Vec::new()),
            (State::Absent, Command::Revoke) => Err(Rejection::NotCreated),
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        match event {
            Event::Created(fact) => State::Active { api_key: fact.api_key, organization: fact.organization },
            Event::Revoked(_) => State::Revoked,
        }
    }
}

fn create(key: Created, granted_by: &Scopes) -> Result<Vec<Event>, Rejection> {
    let label = required(&key.label, LABEL_LENGTH_MAX).map_err(Rejection::Label)?;
    if !is_prefix(key.prefix.as_bytes()) {
        return Err(Rejection::Prefix);
    }
    if !is_sha256(key.secret_sha256.as_bytes()) {
        return Err(Rejection::Hash);
    }
    if key.scopes.is_empty() {
        return Err(Rejection::NoScopes);
    }
    if !granted_by.covers(&key.scopes) {
        return Err(Rejection::ScopeNotHeld);
    }
    Ok(vec![Event::Created(Created { label, ..key })])
}

fn is_prefix(text: &[u8]) -> bool {
    let length_fits = (1..=PREFIX_LENGTH_MAX).contains(&text.len());
    length_fits && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn is_sha256(text: &[u8]) -> bool {
    text.len() == SHA256_HEX_LENGTH && text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::actor::{Role, Scope};
    use kernel::testing::given;
    use uuid::Uuid;

    const KEY: ApiKeyId = ApiKeyId::new(Uuid::from_u128(3));
    const ORGANIZATION: OrganizationId = OrganizationId::new(Uuid::from_u128(1));

    fn key(scopes: &[Scope]) -> Created {
        Created {
            api_key: KEY,
            organization: ORGANIZATION,
            label: "crawler".to_owned(),
            prefix: "tsk_4fJ2".to_owned(),
            secret_sha256: "0a".repeat(32),
            scopes: Scopes::from(scopes.to_vec()),
        }
    }

    fn created() -> Event {
        Event::Created(key(&[Scope::Invoke]))
    }

    fn revoked() -> Event {
        Event::Revoked(Revoked { api_key: KEY, organization: ORGANIZATION })
    }

    fn create(key: Created) -> Command {
        Command::Create { key, granted_by: Role::Owner.scopes() }
    }

    #[test]
    fn a_key_is_made_under_its_trimmed_label() {
        let command = create(Created { label: " crawler ".to_owned(), ..key(&[Scope::Invoke]) });
        given::<ApiKey>(&[]).when(command).then(&[created()]);
    }

    #[test]
    fn a_key_is_made_once_even_after_it_was_revoked() {
        for past in [vec![created()], vec![created(), revoked()]] {
            given::<ApiKey>(&past).when(create(key(&[Scope::Invoke]))).rejected("API_KEY_ALREADY_CREATED");
        }
    }

    #[test]
    fn a_label_is_1_to_80_characters() {
        for label in ["", " ", &"x".repeat(81), "a\0b"] {
            let key = Created { label: label.to_owned(), ..key(&[Scope::Invoke]) };
            given::<ApiKey>(&[]).when(create(key)).rejected("API_KEY_LABEL_INVALID");
        }
    }

    #[test]
    fn a_prefix_cannot_hold_the_secret() {
        for prefix in ["", "tsk 4fJ2", &"x".repeat(25)] {
            let key = Created { prefix: prefix.to_owned(), ..key(&[Scope::Invoke]) };
            given::<ApiKey>(&[]).when(create(key)).rejected("API_KEY_PREFIX_INVALID");
        }
    }

    #[test]
    fn a_hash_is_a_sha256_in_lower_case() {
        for hash in ["", "0a", &"0A".repeat(32), &"0g".repeat(32), &"0a".repeat(33)] {
            let key = Created { secret_sha256: hash.to_owned(), ..key(&[Scope::Invoke]) };
            given::<ApiKey>(&[]).when(create(key)).rejected("API_KEY_HASH_INVALID");
        }
    }

    #[test]
    fn a_key_needs_a_scope() {
        given::<ApiKey>(&[]).when(create(key(&[]))).rejected("API_KEY_NO_SCOPES");
    }

    #[test]
    fn nobody_grants_a_scope_they_do_not_hold() {
        let operate = Created { scopes: Scopes::from(vec![Scope::Invoke, Scope::Operate]), ..key(&[]) };
        let by = |granted_by| Command::Create { key: operate.clone(), granted_by };
        given::<ApiKey>(&[]).when(by(Role::Developer.scopes())).rejected("API_KEY_SCOPE_NOT_HELD");
        given::<ApiKey>(&[]).when(by(Scopes::default())).rejected("API_KEY_SCOPE_NOT_HELD");
        given::<ApiKey>(&[]).when(by(Role::Owner.scopes())).then(&[Event::Created(operate.clone())]);
    }

    #[test]
    fn revoking_twice_records_once() {
        given::<ApiKey>(&[created()]).when(Command::Revoke).then(&[revoked()]);
        given::<ApiKey>(&[created(), revoked()]).when(Command::Revoke).then(&[]);
    }

    #[test]
    fn a_key_that_was_never_made_cannot_be_revoked() {
        given::<ApiKey>(&[]).when(Command::Revoke).rejected("API_KEY_NOT_CREATED");
    }
}
