//! Given/when/then for listings.

use super::*;
use crate::published::listing::{Details, ModelDetails, Placement, ProbeOutcome, SolutionDetails};
use kernel::localized::Localized;
use kernel::testing::given;
use uuid::Uuid;

const LISTING: ListingId = ListingId::new(Uuid::from_u128(5));

fn english(text: &str) -> Localized {
    Localized { en: Some(text.to_owned()), zh: None }
}

fn content(name: &str) -> Content {
    Content {
        name: english(name),
        summary: english("Reads Chinese aloud"),
        capabilities: vec!["pinyin-annotation".parse().unwrap()],
        licence: None,
        details: Details::Model(ModelDetails {
            endpoint: "https://models.example/{capability}".to_owned(),
            framework: None,
            placement: Placement::Cloud,
            repeatable: true,
        }),
    }
}

fn draft(name: &str) -> Drafted {
    Drafted {
        listing: LISTING,
        provider: ProviderId::new(Uuid::from_u128(4)),
        organization: OrganizationId::new(Uuid::from_u128(1)),
        slug: "pinyin".parse().unwrap(),
        content: content(name),
    }
}

fn drafted() -> Event {
    Event::Drafted(draft("one"))
}

fn revised(name: &str) -> Event {
    Event::Revised(Revised { listing: LISTING, content: content(name) })
}

fn checks(outcomes: &[ProbeOutcome]) -> Vec<ProbeCheck> {
    let check = |outcome: &ProbeOutcome| ProbeCheck {
        capability: "pinyin-annotation".parse().unwrap(),
        contract_version: Some(1),
        example: 0,
        outcome: *outcome,
        detail: None,
        latency_milliseconds: None,
    };
    outcomes.iter().map(check).collect()
}

fn probe(name: &str, outcome: ProbeOutcome) -> Command {
    Command::RecordProbe { content_sha256: content(name).sha256(), checks: checks(&[outcome]) }
}

fn probed(name: &str) -> Event {
    probed_as(name, ProbeOutcome::Passed, true)
}

fn probed_as(name: &str, outcome: ProbeOutcome, passed: bool) -> Event {
    let content_sha256 = content(name).sha256();
    Event::Probed(Probed { listing: LISTING, content_sha256, passed, checks: checks(&[outcome]) })
}

fn submitted() -> Event {
    Event::Submitted(Submitted { listing: LISTING })
}

fn changes_requested() -> Event {
    Event::ChangesRequested(ChangesRequested { listing: LISTING, note: "Say more".to_owned() })
}

fn published(version: u32, name: &str) -> Event {
    Event::Published(Published { listing: LISTING, version, content: content(name) })
}

fn deprecated() -> Event {
    Event::Deprecated(Deprecated { listing: LISTING })
}

fn retired() -> Event {
    Event::Retired(Retired { listing: LISTING })
}

fn on_market() -> Vec<Event> {
    vec![drafted(), probed("one"), submitted(), published(1, "one")]
}

/// The events of `past`, then `next`.
fn and(mut past: Vec<Event>, next: Event) -> Vec<Event> {
    past.push(next);
    past
}

fn request(note: &str) -> Command {
    Command::RequestChanges { note: note.to_owned() }
}

#[test]
fn a_listing_begins_with_trimmed_texts() {
    given::<Listing>(&[]).when(Command::Draft(draft(" one "))).then(&[drafted()]);
}

#[test]
fn a_listing_is_drafted_once() {
    given::<Listing>(&[drafted()]).when(Command::Draft(draft("one"))).rejected("LISTING_ALREADY_DRAFTED");
}

#[test]
fn nothing_is_asked_of_a_listing_that_does_not_exist() {
    let commands = [
        Command::Revise(content("two")),
        probe("one", ProbeOutcome::Passed),
        Command::Submit,
        request("Say more"),
        Command::Approve,
        Command::Deprecate,
        Command::Retire,
    ];
    for command in commands {
        given::<Listing>(&[]).when(command).rejected("LISTING_NOT_DRAFTED");
    }
}

#[test]
fn content_is_checked_when_drafted_and_when_revised() {
    given::<Listing>(&[]).when(Command::Draft(draft(""))).rejected("LISTING_NAME_INVALID");
    given::<Listing>(&[drafted()]).when(Command::Revise(content(""))).rejected("LISTING_NAME_INVALID");
}

#[test]
fn a_changed_content_is_recorded_and_the_same_one_is_not() {
    given::<Listing>(&[drafted()]).when(Command::Revise(content("two"))).then(&[revised("two")]);
    given::<Listing>(&[drafted(), revised("two")]).when(Command::Revise(content("two"))).then(&[]);
}

#[test]
fn a_listing_keeps_its_kind() {
    let details = Details::Solution(SolutionDetails { deliverables: english("A desk"), components: Vec::new() });
    let solution = Content { details, ..content("one") };
    given::<Listing>(&[drafted()]).when(Command::Revise(solution)).rejected("LISTING_KIND_FIXED");
}

#[test]
fn what_is_in_review_does_not_change() {
    given::<Listing>(&[drafted(), submitted()]).when(Command::Revise(content("two"))).rejected("LISTING_IN_REVIEW");
    given::<Listing>(&[drafted(), submitted(), changes_requested()])
        .when(Command::Revise(content("two")))
        .then(&[revised("two")]);
}

#[test]
fn submitting_twice_records_once() {
    given::<Listing>(&[drafted(), probed("one")]).when(Command::Submit).then(&[submitted()]);
    given::<Listing>(&[drafted(), probed("one"), submitted()]).when(Command::Submit).then(&[]);
}

#[test]
fn a_model_is_submitted_and_published_once_exactly_what_it_says_has_passed_a_probe() {
    let other = [drafted(), probed("one"), revised("two")];
    for past in [&[drafted()][..], &[drafted(), probed_as("one", ProbeOutcome::TimedOut, false)], &other] {
        given::<Listing>(past).when(Command::Submit).rejected("PROBE_NEEDED");
    }
    let failed_since = [drafted(), probed("one"), submitted(), probed_as("one", ProbeOutcome::Unreachable, false)];
    given::<Listing>(&failed_since).when(Command::Approve).rejected("PROBE_NEEDED");
    let market_fails = and(and(and(on_market(), revised("two")), probed("two")), failed("one"));
    given::<Listing>(&market_fails).when(Command::Submit).then(&[submitted()]);
}

fn failed(name: &str) -> Event {
    probed_as(name, ProbeOutcome::Unreachable, false)
}

#[test]
fn a_probe_passes_where_nothing_speaks_against_it() {
    use ProbeOutcome::{
        AddressBlocked, Disconnected, InvalidOutput, NoContract, OutputTooLarge, Passed, Refused, TimedOut, Unreachable,
    };
    for outcome in [Passed, NoContract] {
        let expected = [probed_as("one", outcome, true)];
        given::<Listing>(&[drafted()]).when(probe("one", outcome)).then(&expected);
    }
    for outcome in [Refused, Unreachable, Disconnected, TimedOut, OutputTooLarge, InvalidOutput, AddressBlocked] {
        let expected = [probed_as("one", outcome, false)];
        given::<Listing>(&[drafted()]).when(probe("one", outcome)).then(&expected);
    }
    let one_of_two =
        Command::RecordProbe { content_sha256: content("one").sha256(), checks: checks(&[Passed, Refused]) };
    let expected = Probed {
        listing: LISTING,
        content_sha256: content("one").sha256(),
        passed: false,
        checks: checks(&[Passed, Refused]),
    };
    given::<Listing>(&[drafted()]).when(one_of_two).then(&[Event::Probed(expected)]);
}

#[test]
fn only_what_the_listing_says_is_probed() {
    given::<Listing>(&[drafted()]).when(probe("two", ProbeOutcome::Passed)).rejected("PROBE_OUTDATED");
    let next = and(on_market(), revised("two"));
    for name in ["one", "two"] {
        given::<Listing>(&next).when(probe(name, ProbeOutcome::Passed)).then(&[probed(name)]);
    }
    given::<Listing>(&next).when(probe("three", ProbeOutcome::Passed)).rejected("PROBE_OUTDATED");
}

#[test]
fn a_listing_on_the_market_is_probed_in_review_and_when_deprecated_too_and_not_once_it_is_gone() {
    for past in [on_market(), and(on_market(), deprecated()), vec![drafted(), probed("one"), submitted()]] {
        given::<Listing>(&past).when(probe("one", ProbeOutcome::Unreachable)).then(&[failed("one")]);
    }
    given::<Listing>(&and(on_market(), retired())).when(probe("one", ProbeOutcome::Passed)).rejected("LISTING_RETIRED");
}

#[test]
fn what_has_no_endpoint_is_offered_without_a_probe() {
    let details = Details::Solution(SolutionDetails { deliverables: english("A desk"), components: Vec::new() });
    let solution = Content { details, ..content("one") };
    let past = [Event::Drafted(Drafted { content: solution.clone(), ..draft("one") })];
    given::<Listing>(&past).when(Command::Submit).then(&[submitted()]);
    let command = Command::RecordProbe { content_sha256: solution.sha256(), checks: checks(&[ProbeOutcome::Passed]) };
    given::<Listing>(&past).when(command).rejected("NOTHING_TO_PROBE");
}

#[test]
fn a_published_version_is_not_reviewed_again() {
    given::<Listing>(&on_market()).when(Command::Submit).rejected("LISTING_NOTHING_CHANGED");
    let back_again = and(and(on_market(), revised("two")), revised("one"));
    given::<Listing>(&back_again).when(Command::Submit).rejected("LISTING_NOTHING_CHANGED");
}

#[test]
fn the_operator_answers_only_what_is_in_review() {
    for past in [vec![drafted()], vec![drafted(), submitted(), changes_requested()], on_market()] {
        given::<Listing>(&past).when(Command::Approve).rejected("LISTING_NOT_IN_REVIEW");
        given::<Listing>(&past).when(request("Say more")).rejected("LISTING_NOT_IN_REVIEW");
    }
}

#[test]
fn a_request_for_changes_says_which() {
    given::<Listing>(&[drafted(), submitted()]).when(request(" Say more ")).then(&[changes_requested()]);
    for note in ["", &"x".repeat(2_001)] {
        given::<Listing>(&[drafted(), submitted()]).when(request(note)).rejected("LISTING_NOTE_INVALID");
    }
}

#[test]
fn approval_publishes_what_was_submitted_as_the_next_version() {
    given::<Listing>(&[drafted(), probed("one"), submitted()]).when(Command::Approve).then(&[published(1, "one")]);
    let second = and(and(and(on_market(), revised("two")), probed("two")), submitted());
    given::<Listing>(&second).when(Command::Approve).then(&[published(2, "two")]);
}

#[test]
fn only_what_is_on_the_market_is_deprecated() {
    given::<Listing>(&[drafted()]).when(Command::Deprecate).rejected("LISTING_NOT_PUBLISHED");
    given::<Listing>(&[drafted(), submitted()]).when(Command::Deprecate).rejected("LISTING_NOT_PUBLISHED");
    given::<Listing>(&on_market()).when(Command::Deprecate).then(&[deprecated()]);
    given::<Listing>(&and(on_market(), deprecated())).when(Command::Deprecate).then(&[]);
}

#[test]
fn a_listing_retires_from_any_phase_once() {
    let phases = [vec![drafted()], vec![drafted(), submitted()], on_market(), and(on_market(), deprecated())];
    for past in phases {
        given::<Listing>(&past).when(Command::Retire).then(&[retired()]);
    }
    given::<Listing>(&[drafted(), retired()]).when(Command::Retire).then(&[]);
}

#[test]
fn no_version_follows_a_deprecated_or_retired_listing() {
    for (end, code) in [(deprecated(), "LISTING_DEPRECATED"), (retired(), "LISTING_RETIRED")] {
        let past = and(and(and(on_market(), revised("two")), submitted()), end);
        for command in [Command::Revise(content("three")), Command::Submit, Command::Approve, request("Say more")] {
            given::<Listing>(&past).when(command).rejected(code);
        }
    }
    given::<Listing>(&and(on_market(), retired())).when(Command::Deprecate).rejected("LISTING_RETIRED");
}

#[test]
fn the_market_and_the_next_version_stand_apart() {
    let stands = |past: &[Event]| match Listing::fold(past) {
        State::Absent => None,
        State::Listed(standing) => Some((standing.phase(), standing.pending())),
    };
    assert_eq!(stands(&[]), None);
    let mut past = Vec::new();
    let story = [
        (drafted(), Phase::Draft, Some(Pending::Draft)),
        (submitted(), Phase::InReview, Some(Pending::InReview)),
        (changes_requested(), Phase::Draft, Some(Pending::Draft)),
        (submitted(), Phase::InReview, Some(Pending::InReview)),
        (published(1, "one"), Phase::Published, None),
        (revised("two"), Phase::Published, Some(Pending::Draft)),
        (submitted(), Phase::Published, Some(Pending::InReview)),
        (published(2, "two"), Phase::Published, None),
        (revised("three"), Phase::Published, Some(Pending::Draft)),
        (deprecated(), Phase::Deprecated, None),
        (retired(), Phase::Retired, None),
    ];
    for (event, phase, pending) in story {
        past.push(event);
        assert_eq!(stands(&past), Some((phase, pending)), "after {} events", past.len());
    }
}
