//! The rules of a listing: its provider writes, the operator reviews, and versions go to the market.
//!
//! The next version is written and reviewed while the last one stays on the market. What is in review cannot change,
//! so that what was approved is what was read. A model is probed before: its endpoint has answered its contracts' examples.

use std::collections::BTreeSet;

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::{ListingId, OrganizationId, ProviderId};
use kernel::localized::{InvalidText, required};

use crate::content::{self, InvalidContent};
use crate::published::listing::{
    ChangesRequested, Content, Deprecated, Drafted, Event, Kind, Phase, ProbeCheck, Probed, Published, Retired,
    Revised, Submitted,
};

/// The longest note of a reviewer, in characters.
pub const NOTE_LENGTH_MAX: usize = 2_000;

/// What is asked of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin it.
    Draft(Drafted),
    /// Change what the next version says.
    Revise(Content),
    /// Keep how its endpoint answered the examples of its contracts.
    RecordProbe {
        /// [`Content::sha256`] of what was probed.
        content_sha256: String,
        /// Every example that was sent.
        checks: Vec<ProbeCheck>,
    },
    /// Ask for review.
    Submit,
    /// Ask the provider for changes.
    RequestChanges {
        /// What to change, 1 to 2,000 characters.
        note: String,
    },
    /// Put the version in review on the market.
    Approve,
    /// Stop offering it to new buyers.
    Deprecate,
    /// Take it off the market.
    Retire,
}

/// What is known of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it has not been drafted.
    #[default]
    Absent,
    /// It exists.
    Listed(Box<Standing>),
}

/// How a listing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The listing.
    pub listing: ListingId,
    /// Whose it is.
    pub provider: ProviderId,
    /// The provider's organization.
    pub organization: OrganizationId,
    /// What the next version says, or the published one if nothing has changed since.
    pub working: Content,
    /// Whether the operator is reading what `working` says.
    pub in_review: bool,
    /// The newest version that went to the market.
    pub version: Option<Version>,
    /// Contents whose last probe passed, by their SHA-256.
    pub passed: BTreeSet<String>,
    /// How far it has left the market.
    pub ended: Option<Ended>,
}

/// A version that went to the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1, rising.
    pub number: u32,
    /// What it says.
    pub content: Content,
}

/// How far a listing has left the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It takes no new buyers.
    Deprecated,
    /// It is gone.
    Retired,
}

/// Where the next version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Its provider writes it.
    Draft,
    /// The operator reads it.
    InReview,
}

impl Standing {
    /// Where the listing stands in the market. A version under way does not change the phase of a published listing.
    pub fn phase(&self) -> Phase {
        match (self.ended, &self.version) {
            (Some(Ended::Retired), _) => Phase::Retired,
            (Some(Ended::Deprecated), _) => Phase::Deprecated,
            (None, Some(_)) => Phase::Published,
            (None, None) if self.in_review => Phase::InReview,
            (None, None) => Phase::Draft,
        }
    }

    /// Where the next version stands; `None` where nothing has changed since the last, or none can follow.
    pub fn pending(&self) -> Option<Pending> {
        let changed = self.version.as_ref().is_none_or(|version| version.content != self.working);
        match (self.ended, self.in_review) {
            (Some(_), _) => None,
            (None, true) => Some(Pending::InReview),
            (None, false) => changed.then_some(Pending::Draft),
        }
    }

    /// Passes where the next version has been probed, or need not be.
    fn probed(&self) -> Result<(), Rejection> {
        let model = self.working.details.kind() == Kind::Model;
        if !model || self.passed.contains(&self.working.sha256()) { Ok(()) } else { Err(Rejection::ProbeNeeded) }
    }

    /// Whether this is the hash of what the next version says, or of what is on the market.
    fn says(&self, content_sha256: &str) -> bool {
        let published = self.version.as_ref().map(|version| version.content.sha256());
        self.working.sha256() == content_sha256 || published.as_deref() == Some(content_sha256)
    }
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A listing is drafted once.
    #[error("the listing has been drafted already")]
    AlreadyDrafted,
    /// Nothing can be asked of a listing that does not exist.
    #[error("the listing has not been drafted")]
    NotDrafted,
    /// The content breaks a rule.
    #[error(transparent)]
    Content(InvalidContent),
    /// A dataset does not become a model.
    #[error("a listing keeps its kind")]
    KindFixed,
    /// What the operator reads does not change.
    #[error("the listing is in review and cannot change until the operator has answered")]
    InReview,
    /// There is nothing to answer.
    #[error("the listing is not in review")]
    NotInReview,
    /// A model is offered once its endpoint has answered.
    #[error("the endpoint has not answered the examples of what this version says: probe the listing first")]
    ProbeNeeded,
    /// There is nothing to call.
    #[error("only a model has an endpoint to probe")]
    NothingToProbe,
    /// What was probed is no longer what the listing says.
    #[error("the listing has changed while it was probed")]
    ProbeOutdated,
    /// The next version would be the last one again.
    #[error("nothing has changed since the published version")]
    NothingChanged,
    /// The reviewer's note is unfit.
    #[error("the note: {0}")]
    Note(InvalidText),
    /// Only what is on the market can be deprecated.
    #[error("the listing is not on the market")]
    NotPublished,
    /// A deprecated listing has no next version.
    #[error("the listing is deprecated")]
    Deprecated,
    /// A retired listing stays retired.
    #[error("the listing is retired")]
    Retired,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyDrafted => "LISTING_ALREADY_DRAFTED",
            Self::NotDrafted => "LISTING_NOT_DRAFTED",
            Self::Content(invalid) => return invalid.code(),
            Self::KindFixed => "LISTING_KIND_FIXED",
            Self::InReview => "LISTING_IN_REVIEW",
            Self::NotInReview => "LISTING_NOT_IN_REVIEW",
            Self::ProbeNeeded => "PROBE_NEEDED",
            Self::NothingToProbe => "NOTHING_TO_PROBE",
            Self::ProbeOutdated => "PROBE_OUTDATED",
            Self::NothingChanged => "LISTING_NOTHING_CHANGED",
            Self::Note(_) => "LISTING_NOTE_INVALID",
            Self::NotPublished => "LISTING_NOT_PUBLISHED",
            Self::Deprecated => "LISTING_DEPRECATED",
            Self::Retired => "LISTING_RETIRED",
        })
    }
}

/// Decides for the stream of one listing.
#[derive(Clone, Copy, Debug)]
pub struct Listing;

impl Decider for Listing {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Draft(drafted)) => draft(drafted),
            (State::Listed(_), Command::Draft(_)) => Err(Rejection::AlreadyDrafted),
            (State::Listed(standing), Command::Revise(content)) => revise(standing, &content),
            (State::Listed(standing), Command::RecordProbe { content_sha256, checks }) => {
                record_probe(standing, content_sha256, checks)
            }
            (State::Listed(standing), Command::Submit) => submit(standing),
            (State::Listed(standing), Command::RequestChanges { note }) => request_changes(standing, &note),
            (State::Listed(standing), Command::Approve) => approve(standing),
            (State::Listed(standing), Command::Deprecate) => deprecate(standing),
            (State::Listed(standing), Command::Retire) => Ok(retire(standing)),
            (
                State::Absent,
                Command::Revise(_)
                | Command::RecordProbe { .. }
                | Command::Submit
                | Command::RequestChanges { .. }
                | Command::Approve
                | Command::Deprecate
                | Command::Retire,
            ) => Err(Rejection::NotDrafted),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Drafted(fact)) => State::Listed(Box::new(Standing {
                listing: fact.listing,
                provider: fact.provider,
                organization: fact.organization,
                working: fact.content.clone(),
                in_review: false,
                version: None,
                passed: BTreeSet::new(),
                ended: None,
            })),
            (State::Listed(standing), event) => State::Listed(Box::new(stand(*standing, event))),
            (State::Absent, _) => State::Absent,
        }
    }
}

fn stand(standing: Standing, event: &Event) -> Standing {
    match event {
        Event::Drafted(_) => standing,
        Event::Revised(fact) => Standing { working: fact.content.clone(), ..standing },
        Event::Submitted(_) => Standing { in_review: true, ..standing },
        Event::Probed(fact) => Standing { passed: judged(standing.passed, fact), ..standing },
        Event::ChangesRequested(_) => Standing { in_review: false, ..standing },
        Event::Published(fact) => Standing {
            working: fact.content.clone(),
            in_review: false,
            version: Some(Version { number: fact.version, content: fact.content.clone() }),
            ..standing
        },
        Event::Deprecated(_) => Standing { in_review: false, ended: Some(Ended::Deprecated), ..standing },
        Event::Retired(_) => Standing { in_review: false, ended: Some(Ended::Retired), ..standing },
    }
}

/// The last probe of a content counts.
fn judged(mut passed: BTreeSet<String>, probed: &Probed) -> BTreeSet<String> {
    if probed.passed {
        passed.insert(probed.content_sha256.clone());
    } else {
        passed.remove(&probed.content_sha256);
    }
    passed
}

fn draft(drafted: Drafted) -> Result<Vec<Event>, Rejection> {
    let content = content::checked(&drafted.content).map_err(Rejection::Content)?;
    Ok(vec![Event::Drafted(Drafted { content, ..drafted })])
}

fn revise(standing: &Standing, content: &Content) -> Result<Vec<Event>, Rejection> {
    open(standing)?;
    if standing.in_review {
        return Err(Rejection::InReview);
    }
    if content.details.kind() != standing.working.details.kind() {
        return Err(Rejection::KindFixed);
    }
    let content = content::checked(content).map_err(Rejection::Content)?;
    if content == standing.working {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Revised(Revised { listing: standing.listing, content })])
}

fn record_probe(standing: &Standing, content_sha256: String, checks: Vec<ProbeCheck>) -> Result<Vec<Event>, Rejection> {
    if standing.ended == Some(Ended::Retired) {
        return Err(Rejection::Retired);
    }
    if standing.working.details.kind() != Kind::Model {
        return Err(Rejection::NothingToProbe);
    }
    if !standing.says(&content_sha256) {
        return Err(Rejection::ProbeOutdated);
    }
    let passed = !checks.is_empty() && checks.iter().all(|check| check.outcome.is_fine());
    Ok(vec![Event::Probed(Probed { listing: standing.listing, content_sha256, passed, checks })])
}

fn submit(standing: &Standing) -> Result<Vec<Event>, Rejection> {
    open(standing)?;
    match standing.pending() {
        Some(Pending::Draft) => {
            standing.probed().map(|()| vec![Event::Submitted(Submitted { listing: standing.listing })])
        }
        Some(Pending::InReview) => Ok(Vec::new()),
        None => Err(Rejection::NothingChanged),
    }
}

fn request_changes(standing: &Standing, note: &str) -> Result<Vec<Event>, Rejection> {
    in_review(standing)?;
    let note = required(note, NOTE_LENGTH_MAX).map_err(Rejection::Note)?;
    Ok(vec![Event::ChangesRequested(ChangesRequested { listing: standing.listing, note })])
}

fn approve(standing: &Standing) -> Result<Vec<Event>, Rejection> {
    in_review(standing)?;
    standing.probed()?;
    let version = standing.version.as_ref().map_or(1, |last| last.number.saturating_add(1));
    Ok(vec![Event::Published(Published { listing: standing.listing, version, content: standing.working.clone() })])
}

fn deprecate(standing: &Standing) -> Result<Vec<Event>, Rejection> {
    match standing.phase() {
        Phase::Published => Ok(vec![Event::Deprecated(Deprecated { listing: standing.listing })]),
        Phase::Deprecated => Ok(Vec::new()),
        Phase::Draft | Phase::InReview => Err(Rejection::NotPublished),
        Phase::Retired => Err(Rejection::Retired),
    }
}

fn retire(standing: &Standing) -> Vec<Event> {
    match standing.ended {
        Some(Ended::Retired) => Vec::new(),
        Some(Ended::Deprecated) | None => vec![Event::Retired(Retired { listing: standing.listing })],
    }
}

/// Passes where a next version can follow.
fn open(standing: &Standing) -> Result<(), Rejection> {
    match standing.ended {
        None => Ok(()),
        Some(Ended::Deprecated) => Err(Rejection::Deprecated),
        Some(Ended::Retired) => Err(Rejection::Retired),
    }
}

fn in_review(standing: &Standing) -> Result<(), Rejection> {
    open(standing)?;
    if standing.in_review { Ok(()) } else { Err(Rejection::NotInReview) }
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
