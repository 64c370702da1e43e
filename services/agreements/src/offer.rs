//! Offer: a seller's terms on a listing. Repricing makes a new price version; agreements keep the one they accepted.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{ListingId, OfferId, OrganizationId};
use kernel::localized::{InvalidText, Localized};

use crate::published::offer::{Event, Published, Repriced, Withdrawn};
use crate::published::terms::Terms;
use crate::terms::{self, InvalidTerms};

const NAME_LENGTH_MAX: usize = 80;

/// What a seller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make the offer, at price version 1.
    Publish(Publish),
    /// Change the terms for agreements to come.
    Reprice {
        /// The terms from now on.
        terms: Terms,
    },
    /// Take no more acceptances.
    Withdraw,
}

/// Make an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The new offer.
    pub offer: OfferId,
    /// What it is on.
    pub listing: ListingId,
    /// Who sells.
    pub seller: OrganizationId,
    /// What buyers see it called, 1 to 80 characters in each language.
    pub name: Localized,
    /// What is free and what is charged.
    pub terms: Terms,
}

/// An offer that can be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The offer.
    pub offer: OfferId,
    /// What it is on.
    pub listing: ListingId,
    /// Who sells.
    pub seller: OrganizationId,
    /// What buyers see it called.
    pub name: Localized,
    /// The price version now.
    pub price_version: u32,
    /// The terms now.
    pub terms: Terms,
}

/// Where an offer stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody made it.
    #[default]
    Unknown,
    /// It can be accepted.
    Open(Open),
    /// It cannot be accepted any more.
    Withdrawn(Open),
}

impl State {
    /// The offer as it can be accepted now: the only way to an agreement.
    pub fn open(&self) -> Result<&Open, Rejection> {
        match self {
            Self::Unknown => Err(Rejection::NotPublished),
            Self::Open(open) => Ok(open),
            Self::Withdrawn(_) => Err(Rejection::Withdrawn),
        }
    }

    /// Who sells, once it was made.
    pub const fn seller(&self) -> Option<OrganizationId> {
        match self {
            Self::Unknown => None,
            Self::Open(open) | Self::Withdrawn(open) => Some(open.seller),
        }
    }
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody made the offer.
    #[error("there is no such offer")]
    NotPublished,
    /// The offer was made before, with other content.
    #[error("the offer has been published already")]
    AlreadyPublished,
    /// The offer takes no more acceptances and no more prices.
    #[error("the offer has been withdrawn")]
    Withdrawn,
    /// The price versions are used up.
    #[error("the offer cannot be repriced any more")]
    PriceVersionsExhausted,
    /// The name is empty, too long or misleading.
    #[error("the name of the offer: {0}")]
    Name(#[from] InvalidText),
    /// The terms cannot be offered.
    #[error(transparent)]
    Terms(#[from] InvalidTerms),
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotPublished => ErrorCode("OFFER_NOT_PUBLISHED"),
            Self::AlreadyPublished => ErrorCode("OFFER_ALREADY_PUBLISHED"),
            Self::Withdrawn => ErrorCode("OFFER_WITHDRAWN"),
            Self::PriceVersionsExhausted => ErrorCode("OFFER_PRICE_VERSIONS_EXHAUSTED"),
            Self::Name(_) => ErrorCode("OFFER_NAME_INVALID"),
            Self::Terms(invalid) => invalid.code(),
        }
    }
}

/// The decider of one offer.
pub struct Offer;

impl Decider for Offer {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Unknown
    }

    fn decide(state: &State, command: Command, _context: &Context) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Publish(publish) => decide_publish(state, publish),
            Command::Reprice { terms } => decide_reprice(state.open()?, terms),
            Command::Withdraw => decide_withdraw(state),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Published(published)) => State::Open(first(published)),
            (State::Open(open), Event::Repriced(repriced)) => {
                State::Open(Open { price_version: repriced.price_version, terms: repriced.terms.clone(), ..open })
            }
            (State::Open(open), Event::Withdrawn(_)) => State::Withdrawn(open),
            (state @ (State::Unknown | State::Withdrawn(_)), Event::Repriced(_) | Event::Withdrawn(_)) => state,
        }
    }
}

fn decide_publish(state: &State, publish: Publish) -> Result<Vec<Event>, Rejection> {
    let Publish { offer, listing, seller, name, terms } = publish;
    let name = Localized::new(name.en.as_deref(), name.zh.as_deref(), NAME_LENGTH_MAX)?;
    terms::check(&terms)?;
    let published = Published { offer, listing, seller, name, terms };
    match state {
        State::Unknown => Ok(vec![Event::Published(published)]),
        State::Open(open) if *open == first(&published) => Ok(vec![]),
        State::Open(_) | State::Withdrawn(_) => Err(Rejection::AlreadyPublished),
    }
}

fn decide_reprice(open: &Open, terms: Terms) -> Result<Vec<Event>, Rejection> {
    terms::check(&terms)?;
    if terms == open.terms {
        return Ok(vec![]);
    }
    let price_version = open.price_version.checked_add(1).ok_or(Rejection::PriceVersionsExhausted)?;
    Ok(vec![Event::Repriced(Repriced { offer: open.offer, price_version, terms })])
}

fn decide_withdraw(state: &State) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Unknown => Err(Rejection::NotPublished),
        State::Open(open) => Ok(vec![Event::Withdrawn(Withdrawn { offer: open.offer })]),
        State::Withdrawn(_) => Ok(vec![]),
    }
}

fn first(published: &Published) -> Open {
    Open {
        offer: published.offer,
        listing: published.listing,
        seller: published.seller,
        name: published.name.clone(),
        price_version: 1,
        terms: published.terms.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use kernel::exact::Decimal;
    use kernel::testing::given;

    fn publish() -> Publish {
        let Published { offer, listing, seller, name, terms } = sample::published();
        Publish { offer, listing, seller, name, terms }
    }

    fn published() -> Event {
        Event::Published(sample::published())
    }

    fn withdrawn() -> Event {
        Event::Withdrawn(Withdrawn { offer: sample::published().offer })
    }

    fn dearer() -> Terms {
        Terms { flat_fee: Some("20".parse::<Decimal>().unwrap()), ..sample::terms() }
    }

    fn repriced(price_version: u32) -> Event {
        Event::Repriced(Repriced { offer: sample::published().offer, price_version, terms: dearer() })
    }

    #[test]
    fn an_offer_is_published_once() {
        given::<Offer>(&[]).when(Command::Publish(publish())).then(&[published()]);
        given::<Offer>(&[published()]).when(Command::Publish(publish())).then(&[]);
        let other = Publish { terms: dearer(), ..publish() };
        given::<Offer>(&[published()]).when(Command::Publish(other)).rejected("OFFER_ALREADY_PUBLISHED");
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        let spaced = Localized { en: Some("  Basic ".to_owned()), zh: Some("基础".to_owned()) };
        given::<Offer>(&[]).when(Command::Publish(Publish { name: spaced, ..publish() })).then(&[published()]);
        let long = Localized { en: Some("x".repeat(81)), zh: None };
        let command = Command::Publish(Publish { name: long, ..publish() });
        given::<Offer>(&[]).when(command).rejected("OFFER_NAME_INVALID");
    }

    #[test]
    fn terms_that_offer_nothing_cannot_be_published_or_set() {
        let empty = Terms { flat_fee: None, meters: vec![], ..sample::terms() };
        let command = Command::Publish(Publish { terms: empty.clone(), ..publish() });
        given::<Offer>(&[]).when(command).rejected("TERMS_OFFER_NOTHING");
        given::<Offer>(&[published()]).when(Command::Reprice { terms: empty }).rejected("TERMS_OFFER_NOTHING");
    }

    #[test]
    fn each_repricing_makes_the_next_version() {
        given::<Offer>(&[published()]).when(Command::Reprice { terms: dearer() }).then(&[repriced(2)]);
        given::<Offer>(&[published(), repriced(2)]).when(Command::Reprice { terms: dearer() }).then(&[]);
        let back = Repriced { offer: sample::published().offer, price_version: 3, terms: sample::terms() };
        let given = given::<Offer>(&[published(), repriced(2)]);
        given.when(Command::Reprice { terms: sample::terms() }).then(&[Event::Repriced(back)]);
    }

    #[test]
    fn price_versions_do_not_wrap() {
        let last = given::<Offer>(&[published(), repriced(u32::MAX)]);
        last.when(Command::Reprice { terms: sample::terms() }).rejected("OFFER_PRICE_VERSIONS_EXHAUSTED");
    }

    #[test]
    fn a_withdrawn_offer_stays_withdrawn() {
        given::<Offer>(&[published()]).when(Command::Withdraw).then(&[withdrawn()]);
        given::<Offer>(&[published(), withdrawn()]).when(Command::Withdraw).then(&[]);
        let given = given::<Offer>(&[published(), withdrawn()]);
        given.when(Command::Reprice { terms: dearer() }).rejected("OFFER_WITHDRAWN");
        assert_eq!(Offer::fold(&[published(), withdrawn()]).open(), Err(Rejection::Withdrawn));
    }

    #[test]
    fn an_unknown_offer_can_be_neither_repriced_nor_withdrawn() {
        given::<Offer>(&[]).when(Command::Reprice { terms: dearer() }).rejected("OFFER_NOT_PUBLISHED");
        given::<Offer>(&[]).when(Command::Withdraw).rejected("OFFER_NOT_PUBLISHED");
    }

    #[test]
    fn the_terms_to_accept_are_the_latest() {
        let state = Offer::fold(&[published(), repriced(2)]);
        let open = state.open().unwrap();
        assert_eq!((open.price_version, &open.terms), (2, &dearer()));
        assert_eq!(state.seller(), Some(sample::published().seller));
    }
}
