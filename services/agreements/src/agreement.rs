//! Agreement: a buyer accepts an open offer. Everything it depends on later is frozen in that one fact.

use jiff::Timestamp;
use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{AgreementId, OrganizationId, ProviderId};
use kernel::period::{Calendar, InvalidCalendar, Zone};
use kernel::slug::Slug;

use crate::offer::Open;
use crate::published::agreement::{Accepted, Cancelled, Event};
use crate::published::market::MarketTerms;

/// What a buyer, or the operator, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Accept an offer, in force at once.
    Accept(Box<Accept>),
    /// End the agreement at once.
    Cancel,
}

/// Accept an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The new agreement.
    pub agreement: AgreementId,
    /// The offer as it stands.
    pub offer: Open,
    /// The version of the listing now.
    pub listing_version: u32,
    /// The capabilities of the listing now.
    pub capabilities: Vec<Slug>,
    /// The licence of the listing now.
    pub licence: Option<String>,
    /// The provider that delivers.
    pub provider: ProviderId,
    /// Who buys.
    pub buyer: OrganizationId,
    /// Commission and tax now.
    pub market: MarketTerms,
    /// Where the buyer's days begin.
    pub zone: Zone,
}

/// Where an agreement stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody accepted it.
    #[default]
    Unknown,
    /// In force.
    InForce(Box<Accepted>),
    /// Ended at the instant.
    Cancelled(Box<Accepted>, Timestamp),
}

impl State {
    /// What was accepted, whether it is still in force or not.
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Unknown => None,
            Self::InForce(accepted) | Self::Cancelled(accepted, _) => Some(accepted),
        }
    }

    /// The first instant no longer in force, if it was cancelled.
    pub const fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Unknown | Self::InForce(_) => None,
            Self::Cancelled(_, ends_at) => Some(*ends_at),
        }
    }
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody accepted the agreement.
    #[error("there is no such agreement")]
    NotAccepted,
    /// The agreement was accepted before, with other content.
    #[error("the agreement has been accepted already")]
    AlreadyAccepted,
    /// The buyer's calendar cannot be computed.
    #[error("the calendar of the agreement: {0}")]
    Calendar(#[from] InvalidCalendar),
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotAccepted => ErrorCode("AGREEMENT_NOT_ACCEPTED"),
            Self::AlreadyAccepted => ErrorCode("AGREEMENT_ALREADY_ACCEPTED"),
            Self::Calendar(_) => ErrorCode("AGREEMENT_CALENDAR_INVALID"),
        }
    }
}

/// The decider of one agreement.
pub struct Agreement;

impl Decider for Agreement {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Unknown
    }

    fn decide(state: &State, command: Command, context: &Context) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Accept(accept) => decide_accept(state, *accept, context.now),
            Command::Cancel => decide_cancel(state, context.now),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Accepted(accepted)) => State::InForce(Box::new(accepted.clone())),
            (State::InForce(accepted), Event::Cancelled(cancelled)) => State::Cancelled(accepted, cancelled.ends_at),
            (state @ (State::Unknown | State::Cancelled(..)), Event::Cancelled(_)) => state,
        }
    }
}

fn decide_accept(state: &State, accept: Accept, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    match state.accepted() {
        None => Ok(vec![Event::Accepted(frozen(accept, now)?)]),
        Some(before) if *before == frozen(accept, before.starts_at)? => Ok(vec![]),
        Some(_) => Err(Rejection::AlreadyAccepted),
    }
}

fn decide_cancel(state: &State, now: Timestamp) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Unknown => Err(Rejection::NotAccepted),
        State::InForce(accepted) => {
            let ends_at = now.max(accepted.starts_at);
            Ok(vec![Event::Cancelled(Cancelled { agreement: accepted.agreement, ends_at })])
        }
        State::Cancelled(..) => Ok(vec![]),
    }
}

/// The fact of accepting at an instant: the first period begins on its date in the buyer's zone.
fn frozen(accept: Accept, starts_at: Timestamp) -> Result<Accepted, InvalidCalendar> {
    let calendar = Calendar::starting(starts_at, accept.zone, accept.offer.terms.period)?;
    Ok(Accepted {
        agreement: accept.agreement,
        offer: accept.offer.offer,
        price_version: accept.offer.price_version,
        listing: accept.offer.listing,
        listing_version: accept.listing_version,
        capabilities: accept.capabilities,
        licence: accept.licence,
        provider: accept.provider,
        seller: accept.offer.seller,
        buyer: accept.buyer,
        terms: accept.offer.terms,
        market: accept.market,
        calendar,
        starts_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::Offer;
    use crate::published::agreement::period_at;
    use crate::published::offer as offer_facts;
    use crate::sample;
    use kernel::testing::given;

    fn accept() -> Accept {
        let offer = Offer::fold(&[offer_facts::Event::Published(sample::published())]).open().unwrap().clone();
        let accepted = sample::accepted();
        Accept {
            agreement: accepted.agreement,
            offer,
            listing_version: accepted.listing_version,
            capabilities: accepted.capabilities,
            licence: accepted.licence,
            provider: accepted.provider,
            buyer: accepted.buyer,
            market: accepted.market,
            zone: accepted.calendar.zone,
        }
    }

    fn accepted() -> Event {
        Event::Accepted(sample::accepted())
    }

    fn cancelled(ends_at: &str) -> Event {
        Event::Cancelled(Cancelled { agreement: sample::accepted().agreement, ends_at: at(ends_at) })
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn accepting_freezes_the_offer_the_market_and_the_calendar() {
        let given = given::<Agreement>(&[]).at(sample::accepted().starts_at);
        given.when(Command::Accept(Box::new(accept()))).then(&[accepted()]);
    }

    #[test]
    fn accepting_again_changes_nothing() {
        let later = given::<Agreement>(&[accepted()]).at(at("2026-06-01T00:00:00Z"));
        later.when(Command::Accept(Box::new(accept()))).then(&[]);
        let other = Accept { listing_version: 9, ..accept() };
        let given = given::<Agreement>(&[accepted()]);
        given.when(Command::Accept(Box::new(other))).rejected("AGREEMENT_ALREADY_ACCEPTED");
    }

    #[test]
    fn cancelling_ends_it_at_once_and_only_once() {
        let now = at("2026-03-05T00:00:00Z");
        let end = cancelled("2026-03-05T00:00:00Z");
        given::<Agreement>(&[accepted()]).at(now).when(Command::Cancel).then(std::slice::from_ref(&end));
        given::<Agreement>(&[accepted(), end.clone()]).at(now).when(Command::Cancel).then(&[]);
        assert_eq!(Agreement::fold(&[accepted(), end]).ends_at(), Some(now));
    }

    #[test]
    fn a_clock_that_went_back_cannot_end_it_before_it_began() {
        let start = sample::accepted().starts_at.to_string();
        given::<Agreement>(&[accepted()]).when(Command::Cancel).then(&[cancelled(&start)]);
    }

    #[test]
    fn an_unknown_agreement_cannot_be_cancelled() {
        given::<Agreement>(&[]).when(Command::Cancel).rejected("AGREEMENT_NOT_ACCEPTED");
    }

    #[test]
    fn a_calendar_out_of_range_is_refused_with_its_code() {
        let rejection = Rejection::from(InvalidCalendar);
        assert_eq!(kernel::error::Rejection::code(&rejection).0, "AGREEMENT_CALENDAR_INVALID");
    }

    #[test]
    fn the_first_period_begins_when_the_agreement_does() {
        let accepted = sample::accepted();
        let first = period_at(&accepted, accepted.starts_at, accepted.starts_at).unwrap();
        assert_eq!((first.start, first.end), (accepted.starts_at, at("2026-02-27T16:00:00Z")));
    }

    #[test]
    fn a_period_closed_early_is_followed_by_the_rest_of_it() {
        let accepted = sample::accepted();
        let closed = at("2026-02-10T08:00:00Z");
        let rest = period_at(&accepted, closed, at("2026-02-10T07:00:00Z")).unwrap();
        assert_eq!((rest.start, rest.end), (closed, at("2026-02-27T16:00:00Z")));
        let next = period_at(&accepted, closed, rest.end).unwrap();
        assert_eq!((next.start, next.end), (rest.end, at("2026-03-30T16:00:00Z")));
    }
}
