//! The rules of a provider: an organization opens one store and describes it.
//!
//! That the organization has no other store and that the slug is free are claims, made at the edge.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{OrganizationId, ProviderId};
use kernel::localized::{InvalidText, Localized};

use crate::address;
use crate::published::provider::{Event, Opened, Store, StoreChanged};

/// The longest name, in characters of each language.
pub const NAME_LENGTH_MAX: usize = 120;
/// The longest description, in characters of each language.
pub const DESCRIPTION_LENGTH_MAX: usize = 2_000;
/// The longest address of a site, in characters.
pub const WEBSITE_LENGTH_MAX: usize = 300;

/// What is asked of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Become a provider and open the store.
    Open(Opened),
    /// Change what the store's page says.
    ChangeStore(Store),
}

/// What is known of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it has no store.
    #[default]
    Absent,
    /// Its store is open.
    Open {
        /// The provider.
        provider: ProviderId,
        /// The organization that sells.
        organization: OrganizationId,
        /// What the page says.
        store: Box<Store>,
    },
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A store opens once.
    #[error("the store is open already")]
    AlreadyOpen,
    /// Nothing can be asked of a store that is not open.
    #[error("the store is not open")]
    NotOpen,
    /// The name is unfit.
    #[error("the store's name: {0}")]
    Name(InvalidText),
    /// The description is unfit.
    #[error("the store's description: {0}")]
    Description(InvalidText),
    /// The site's address is unfit.
    #[error("the website is an https address of at most 300 characters without credentials or fragment")]
    Website,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyOpen => "STORE_ALREADY_OPEN",
            Self::NotOpen => "STORE_NOT_OPEN",
            Self::Name(_) => "STORE_NAME_INVALID",
            Self::Description(_) => "STORE_DESCRIPTION_INVALID",
            Self::Website => "STORE_WEBSITE_INVALID",
        })
    }
}

/// Decides for the stream of one provider.
#[derive(Clone, Copy, Debug)]
pub struct Provider;

impl Decider for Provider {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Open(opened)) => {
                let store = checked(&opened.store)?;
                Ok(vec![Event::Opened(Opened { store, ..opened })])
            }
            (State::Open { .. }, Command::Open(_)) => Err(Rejection::AlreadyOpen),
            (State::Open { provider, store: last, .. }, Command::ChangeStore(store)) => change(*provider, last, &store),
            (State::Absent, Command::ChangeStore(_)) => Err(Rejection::NotOpen),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Opened(fact)) => State::Open {
                provider: fact.provider,
                organization: fact.organization,
                store: Box::new(fact.store.clone()),
            },
            (State::Open { provider, organization, .. }, Event::StoreChanged(fact)) => {
                State::Open { provider, organization, store: Box::new(fact.store.clone()) }
            }
            (State::Absent, Event::StoreChanged(_)) => State::Absent,
        }
    }
}

fn change(provider: ProviderId, last: &Store, store: &Store) -> Result<Vec<Event>, Rejection> {
    let store = checked(store)?;
    if store == *last { Ok(Vec::new()) } else { Ok(vec![Event::StoreChanged(StoreChanged { provider, store })]) }
}

fn checked(store: &Store) -> Result<Store, Rejection> {
    let name = trimmed(&store.name, NAME_LENGTH_MAX).map_err(Rejection::Name)?;
    let description = trimmed(&store.description, DESCRIPTION_LENGTH_MAX).map_err(Rejection::Description)?;
    if let Some(website) = &store.website {
        address::check(website, false, WEBSITE_LENGTH_MAX).map_err(|_| Rejection::Website)?;
    }
    Ok(Store { name, description, kind: store.kind, website: store.website.clone() })
}

fn trimmed(text: &Localized, max: usize) -> Result<Localized, InvalidText> {
    Localized::new(text.en.as_deref(), text.zh.as_deref(), max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::provider::PublisherKind;
    use kernel::testing::given;
    use uuid::Uuid;

    const PROVIDER: ProviderId = ProviderId::new(Uuid::from_u128(4));

    fn english(text: &str) -> Localized {
        Localized { en: Some(text.to_owned()), zh: None }
    }

    fn store() -> Store {
        Store {
            name: english("Hutong Data"),
            description: english("Street-level datasets"),
            kind: PublisherKind::Enterprise,
            website: Some("https://hutong.example/about".to_owned()),
        }
    }

    fn open(store: Store) -> Opened {
        Opened {
            provider: PROVIDER,
            organization: OrganizationId::new(Uuid::from_u128(1)),
            slug: "hutong-data".parse().unwrap(),
            store,
        }
    }

    fn opened() -> Event {
        Event::Opened(open(store()))
    }

    #[track_caller]
    fn rejected(store: &Store, code: &str) {
        given::<Provider>(&[]).when(Command::Open(open(store.clone()))).rejected(code);
        given::<Provider>(&[opened()]).when(Command::ChangeStore(store.clone())).rejected(code);
    }

    #[test]
    fn a_store_opens_under_its_trimmed_name() {
        let untrimmed = Store { name: english(" Hutong Data "), ..store() };
        given::<Provider>(&[]).when(Command::Open(open(untrimmed))).then(&[opened()]);
    }

    #[test]
    fn a_store_opens_once() {
        given::<Provider>(&[opened()]).when(Command::Open(open(store()))).rejected("STORE_ALREADY_OPEN");
    }

    #[test]
    fn a_store_that_is_not_open_cannot_change() {
        given::<Provider>(&[]).when(Command::ChangeStore(store())).rejected("STORE_NOT_OPEN");
    }

    #[test]
    fn a_changed_store_is_recorded_and_the_same_one_is_not() {
        let other = Store { website: None, ..store() };
        let changed = Event::StoreChanged(StoreChanged { provider: PROVIDER, store: other.clone() });
        given::<Provider>(&[opened()]).when(Command::ChangeStore(other.clone())).then(std::slice::from_ref(&changed));
        given::<Provider>(&[opened(), changed]).when(Command::ChangeStore(other)).then(&[]);
    }

    #[test]
    fn a_name_is_1_to_120_characters() {
        for name in ["", &"x".repeat(121)] {
            rejected(&Store { name: english(name), ..store() }, "STORE_NAME_INVALID");
        }
    }

    #[test]
    fn a_description_is_1_to_2000_characters() {
        for description in ["", &"x".repeat(2_001)] {
            rejected(&Store { description: english(description), ..store() }, "STORE_DESCRIPTION_INVALID");
        }
    }

    #[test]
    fn a_website_is_https_and_bounded() {
        let long = format!("https://hutong.example/{}", "x".repeat(300));
        for website in ["http://hutong.example/", "javascript:alert(1)", "https://a@hutong.example/", "", &long] {
            rejected(&Store { website: Some(website.to_owned()), ..store() }, "STORE_WEBSITE_INVALID");
        }
    }
}
