//! The rules of a provider: an organization opens one store and describes it.
//!
//! That the organization has no other store and that the slug is free are claims, made at the edge.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{OrganizationId, ProviderId};
use kernel::localized::{InvalidText, Localized};

use crate::address;
use crate::published::provider::{AccentChosen, Event, Logo, LogoRemoved, LogoSet, Opened, Store, StoreChanged};

/// The longest name, in characters of each language.
pub const NAME_LENGTH_MAX: usize = 120;
/// The longest description, in characters of each language.
pub const DESCRIPTION_LENGTH_MAX: usize = 2_000;
/// The longest address of a site, in characters.
pub const WEBSITE_LENGTH_MAX: usize = 300;
/// The longest side of a logo, in pixels.
pub const LOGO_SIDE_MAX: u32 = 512;

const SHA256_HEX_LENGTH: usize = 64;
const ACCENT_DIGITS: usize = 6;

/// What is asked of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Become a provider and open the store.
    Open {
        /// What is opened.
        opened: Opened,
        /// The store's colour, `#rrggbb`; the platform's own where absent.
        accent: Option<String>,
    },
    /// Change what the store's page says, and its colour.
    ChangeStore {
        /// What the page says now.
        store: Store,
        /// The store's colour now.
        accent: Option<String>,
    },
    /// Set the store's logo, which the platform keeps already.
    SetLogo(Logo),
    /// Take the store's logo away.
    RemoveLogo,
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
        /// Its colour.
        accent: Option<String>,
        /// Its logo.
        logo: Option<Logo>,
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
    /// The colour has another shape.
    #[error("a colour is # and six hexadecimal digits")]
    Accent,
    /// What is said of the logo cannot be.
    #[error("a logo is named by its SHA-256 and has 1 to 512 pixels on each side")]
    Logo,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyOpen => "STORE_ALREADY_OPEN",
            Self::NotOpen => "STORE_NOT_OPEN",
            Self::Name(_) => "STORE_NAME_INVALID",
            Self::Description(_) => "STORE_DESCRIPTION_INVALID",
            Self::Website => "STORE_WEBSITE_INVALID",
            Self::Accent => "STORE_ACCENT_INVALID",
            Self::Logo => "STORE_LOGO_INVALID",
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
        let State::Open { provider, store, accent, logo, .. } = state else { return open(command) };
        let provider = *provider;
        match command {
            Command::Open { .. } => Err(Rejection::AlreadyOpen),
            Command::ChangeStore { store: now, accent: chosen } => {
                let now = checked(&now)?;
                let changed = (now != **store).then_some(Event::StoreChanged(StoreChanged { provider, store: now }));
                let chosen = choose(provider, accent.as_deref(), chosen.as_deref())?;
                Ok(changed.into_iter().chain(chosen).collect())
            }
            Command::SetLogo(now) if logo.as_ref() == Some(&now) => Ok(Vec::new()),
            Command::SetLogo(now) => Ok(vec![Event::LogoSet(LogoSet { provider, logo: checked_logo(now)? })]),
            Command::RemoveLogo => {
                let removed = logo.as_ref().map(|_| Event::LogoRemoved(LogoRemoved { provider }));
                Ok(removed.into_iter().collect())
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        let (provider, organization, store, accent, logo) = match (state, event) {
            (_, Event::Opened(fact)) => (fact.provider, fact.organization, Box::new(fact.store.clone()), None, None),
            (State::Absent, _) => return State::Absent,
            (State::Open { provider, organization, store, accent, logo }, event) => match event {
                Event::Opened(_) => (provider, organization, store, accent, logo),
                Event::StoreChanged(fact) => (provider, organization, Box::new(fact.store.clone()), accent, logo),
                Event::AccentChosen(fact) => (provider, organization, store, fact.accent.clone(), logo),
                Event::LogoSet(fact) => (provider, organization, store, accent, Some(fact.logo.clone())),
                Event::LogoRemoved(_) => (provider, organization, store, accent, None),
            },
        };
        State::Open { provider, organization, store, accent, logo }
    }
}

/// What can be asked of an organization that does not sell yet.
fn open(command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::Open { opened, accent } = command else { return Err(Rejection::NotOpen) };
    let store = checked(&opened.store)?;
    let chosen = choose(opened.provider, None, accent.as_deref())?;
    let opened = Event::Opened(Opened { store, ..opened });
    Ok([opened].into_iter().chain(chosen).collect())
}

/// The choice of a colour, where it is another than the last; kept in lower case.
fn choose(provider: ProviderId, last: Option<&str>, chosen: Option<&str>) -> Result<Option<Event>, Rejection> {
    let accent = chosen.map(checked_accent).transpose()?;
    let another = accent.as_deref() != last;
    Ok(another.then_some(Event::AccentChosen(AccentChosen { provider, accent })))
}

fn checked_accent(text: &str) -> Result<String, Rejection> {
    let digits = text.strip_prefix('#').ok_or(Rejection::Accent)?;
    let fits = digits.len() == ACCENT_DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if fits { Ok(text.to_ascii_lowercase()) } else { Err(Rejection::Accent) }
}

fn checked_logo(logo: Logo) -> Result<Logo, Rejection> {
    let named = logo.sha256.len() == SHA256_HEX_LENGTH
        && logo.sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let sized = [logo.width, logo.height].iter().all(|side| (1..=LOGO_SIDE_MAX).contains(side));
    if named && sized { Ok(logo) } else { Err(Rejection::Logo) }
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

    fn open(store: Store) -> Command {
        Command::Open { opened: opening(store), accent: None }
    }

    fn change(store: Store) -> Command {
        Command::ChangeStore { store, accent: None }
    }

    fn logo(width: u32) -> Logo {
        Logo { sha256: "5e".repeat(32), width, height: 64 }
    }

    fn opening(store: Store) -> Opened {
        Opened {
            provider: PROVIDER,
            organization: OrganizationId::new(Uuid::from_u128(1)),
            slug: "hutong-data".parse().unwrap(),
            store,
        }
    }

    fn opened() -> Event {
        Event::Opened(opening(store()))
    }

    #[track_caller]
    fn rejected(store: &Store, code: &str) {
        given::<Provider>(&[]).when(open(store.clone())).rejected(code);
        given::<Provider>(&[opened()]).when(change(store.clone())).rejected(code);
    }

    #[test]
    fn a_store_opens_under_its_trimmed_name() {
        let untrimmed = Store { name: english(" Hutong Data "), ..store() };
        given::<Provider>(&[]).when(open(untrimmed)).then(&[opened()]);
    }

    #[test]
    fn a_store_opens_once() {
        given::<Provider>(&[opened()]).when(open(store())).rejected("STORE_ALREADY_OPEN");
    }

    #[test]
    fn a_store_that_is_not_open_cannot_change() {
        given::<Provider>(&[]).when(change(store())).rejected("STORE_NOT_OPEN");
    }

    #[test]
    fn a_changed_store_is_recorded_and_the_same_one_is_not() {
        let other = Store { website: None, ..store() };
        let changed = Event::StoreChanged(StoreChanged { provider: PROVIDER, store: other.clone() });
        given::<Provider>(&[opened()]).when(change(other.clone())).then(std::slice::from_ref(&changed));
        given::<Provider>(&[opened(), changed]).when(change(other)).then(&[]);
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

    #[test]
    fn a_colour_is_chosen_with_the_page_and_kept_in_lower_case() {
        let accent = || Some("#1F7a5C".to_owned());
        let chosen = |accent: Option<&str>| {
            Event::AccentChosen(AccentChosen { provider: PROVIDER, accent: accent.map(str::to_owned) })
        };
        let with_accent = Command::Open { opened: opening(store()), accent: accent() };
        given::<Provider>(&[]).when(with_accent).then(&[opened(), chosen(Some("#1f7a5c"))]);
        let past = [opened(), chosen(Some("#1f7a5c"))];
        given::<Provider>(&past).when(Command::ChangeStore { store: store(), accent: accent() }).then(&[]);
        given::<Provider>(&past).when(change(store())).then(&[chosen(None)]);
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        for accent in ["", "#fff", "1f7a5c", "#1f7a5cff", "#gggggg", "red", "#12345é"] {
            let accent = Some(accent.to_owned());
            given::<Provider>(&[opened()])
                .when(Command::ChangeStore { store: store(), accent: accent.clone() })
                .rejected("STORE_ACCENT_INVALID");
            given::<Provider>(&[])
                .when(Command::Open { opened: opening(store()), accent })
                .rejected("STORE_ACCENT_INVALID");
        }
    }

    #[test]
    fn a_logo_is_set_changed_and_removed() {
        let set = |width| Event::LogoSet(LogoSet { provider: PROVIDER, logo: logo(width) });
        let removed = Event::LogoRemoved(LogoRemoved { provider: PROVIDER });
        given::<Provider>(&[opened()]).when(Command::SetLogo(logo(64))).then(&[set(64)]);
        given::<Provider>(&[opened(), set(64)]).when(Command::SetLogo(logo(64))).then(&[]);
        given::<Provider>(&[opened(), set(64)]).when(Command::SetLogo(logo(32))).then(&[set(32)]);
        given::<Provider>(&[opened(), set(64)]).when(Command::RemoveLogo).then(std::slice::from_ref(&removed));
        given::<Provider>(&[opened(), set(64), removed]).when(Command::RemoveLogo).then(&[]);
    }

    #[test]
    fn a_logo_needs_an_open_store_a_hash_and_a_size() {
        given::<Provider>(&[]).when(Command::SetLogo(logo(64))).rejected("STORE_NOT_OPEN");
        given::<Provider>(&[]).when(Command::RemoveLogo).rejected("STORE_NOT_OPEN");
        let unnamed = Logo { sha256: "5E".repeat(32), ..logo(64) };
        for unfit in [logo(0), logo(513), unnamed] {
            given::<Provider>(&[opened()]).when(Command::SetLogo(unfit)).rejected("STORE_LOGO_INVALID");
        }
    }
}
