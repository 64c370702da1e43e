use catalog::published::listing::{Content, Event, ProbeCheck, ProbeOutcome, Probed, Revised};
use kernel::event::StreamName;
use kernel::id::ListingId;

use super::market::{PROVIDER, SEGMENTER, content, market, publish};
use super::{Fixture, Log, at};

/// One example of a content, and how it went.
pub(super) fn probe(log: &mut Log, listing: ListingId, of: &Content, outcome: ProbeOutcome) {
    let check = ProbeCheck {
        capability: "chinese-word-segmentation".parse().unwrap(),
        contract_version: Some(1),
        example: 0,
        outcome,
        detail: None,
        latency_milliseconds: Some(7),
    };
    let probed = Probed { listing, content_sha256: of.sha256(), passed: outcome.is_fine(), checks: vec![check] };
    log.add(&StreamName::of(&listing), &Event::Probed(probed));
}

fn now() -> Content {
    content("Fast segmenter", "快速分词器")
}

fn next() -> Content {
    content("Faster segmenter", "更快的分词器")
}

#[test]
fn the_market_sees_the_probe_of_what_it_is_offered_and_the_provider_the_last_one() {
    let mut log = market();
    probe(&mut log, SEGMENTER, &now(), ProbeOutcome::Passed);
    log.add(&StreamName::of(&SEGMENTER), &Event::Revised(Revised { listing: SEGMENTER, content: next() }));
    probe(&mut log, SEGMENTER, &next(), ProbeOutcome::InvalidOutput);
    let fixture = Fixture::of(&log);
    let market = fixture.views.market_probe(SEGMENTER).unwrap().unwrap();
    assert_eq!((market.passed, market.content_sha256), (true, now().sha256()));
    let last = fixture.views.last_probe(SEGMENTER).unwrap().unwrap();
    assert_eq!((last.passed, last.checks[0].outcome), (false, ProbeOutcome::InvalidOutput));
    assert_eq!(fixture.views.last_probe(ListingId::new(PROVIDER.uuid())).unwrap(), None);
}

#[test]
fn a_new_version_leaves_only_its_own_probe() {
    let mut log = market();
    probe(&mut log, SEGMENTER, &now(), ProbeOutcome::Passed);
    probe(&mut log, SEGMENTER, &next(), ProbeOutcome::Passed);
    publish(&mut log, SEGMENTER, 2, next());
    let fixture = Fixture::of(&log);
    assert_eq!(fixture.views.market_probe(SEGMENTER).unwrap().unwrap().content_sha256, next().sha256());
    let probes = fixture.views.counts().unwrap().into_iter().find(|(table, _)| table == "listing_probe");
    assert_eq!(probes.unwrap().1, 1);
}

#[test]
fn what_was_never_probed_and_what_was_probed_long_ago_is_due() {
    let mut log = market();
    let before = Fixture::of(&log);
    assert_eq!(before.views.due_probes(at(0), 9).unwrap(), [SEGMENTER]);
    probe(&mut log, SEGMENTER, &now(), ProbeOutcome::Unreachable);
    let fixture = Fixture::of(&log);
    let probed = fixture.views.last_probe(SEGMENTER).unwrap().unwrap().at;
    assert_eq!(fixture.views.due_probes(probed, 9).unwrap(), []);
    assert_eq!(fixture.views.due_probes(probed + jiff::ToSpan::minutes(1), 9).unwrap(), [SEGMENTER]);
}
