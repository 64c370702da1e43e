//! Every event and its sample in `schema/events/catalog/` are one to one.

use std::fmt::Debug;

use kernel::id::{ListingId, OrganizationId, ProviderId};
use kernel::localized::Localized;
use kernel::meter::Meter;
use kernel::wire::{DecodeError, Wire};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::published::capability::{Contract, ContractDefined, Count, Defined, Definition, Example, Measure};
use crate::published::health::{Measured, Measurement};
use crate::published::listing::{
    ChangesRequested, ComputeTierDetails, Content, DatasetDetails, Deprecated, Details, Drafted, ModelDetails,
    Placement, ProbeCheck, ProbeOutcome, Probed, Published, Purpose, Retired, Revised, SolutionDetails, Submitted,
};
use crate::published::provider::{
    AccentChosen, Logo, LogoRemoved, LogoSet, Opened, PublisherKind, Store, StoreChanged,
};

const ORGANIZATION: OrganizationId = OrganizationId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001));
const PROVIDER: ProviderId = ProviderId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0004));
const LISTING: ListingId = ListingId::new(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0005));

fn sample(kind: &str, version: u16, suffix: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/events/catalog");
    let path = format!("{folder}/{kind}.v{version}{suffix}.json");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Checks the event against the sample of its kind; the suffix tells several samples of one kind apart.
fn same_as<E: Wire + Debug + PartialEq>(event: &E, suffix: &str) {
    let encoded = event.encode().unwrap();
    let sample = sample(encoded.kind, encoded.version, suffix);
    let decoded = E::decode(encoded.kind, encoded.version, &sample, &[]).unwrap().unwrap();
    assert_eq!(&decoded, event);
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    assert_eq!(value(&encoded.data), value(&sample));
}

fn same<E: Wire + Debug + PartialEq>(event: &E) {
    same_as(event, "");
}

fn both(en: &str, zh: &str) -> Localized {
    Localized { en: Some(en.to_owned()), zh: Some(zh.to_owned()) }
}

fn english(text: &str) -> Localized {
    Localized { en: Some(text.to_owned()), zh: None }
}

fn store(description: &str) -> Store {
    Store {
        name: both("Hutong Data", "胡同数据"),
        description: english(description),
        kind: PublisherKind::Enterprise,
        website: Some("https://hutong.example/".to_owned()),
    }
}

fn content(details: Details) -> Content {
    Content {
        name: both("Pinyin", "拼音"),
        summary: english("Reads Chinese aloud"),
        capabilities: vec!["pinyin-annotation".parse().unwrap()],
        licence: Some("Apache-2.0".to_owned()),
        details,
    }
}

fn model() -> Details {
    Details::Model(ModelDetails {
        endpoint: "https://models.example/v1/{capability}".to_owned(),
        framework: Some("PaddlePaddle".to_owned()),
        placement: Placement::Cloud,
        repeatable: true,
    })
}

#[test]
fn capability_events_match_their_samples() {
    same(&CapabilityEvent::Defined(Defined {
        definition: Definition {
            slug: "pinyin-annotation".parse().unwrap(),
            category: "nlp".parse().unwrap(),
            subcategory: "phonetics".to_owned(),
            name: both("Pinyin Annotation", "拼音标注"),
            inputs: vec!["text".to_owned()],
            outputs: vec!["tokens".to_owned()],
            meter: Meter::Character,
            quoted_per: 1_000,
            usually_free: true,
            specialised: false,
            industries: vec!["education".to_owned()],
        },
    }));
    same(&CapabilityEvent::ContractDefined(ContractDefined {
        slug: "pinyin-annotation".parse().unwrap(),
        contract: Contract {
            version: 1,
            summary: both("Reads Chinese aloud", "为汉字标注拼音"),
            measure: Measure { meter: Meter::Character, count: Count::Characters(vec!["/text".to_owned()]) },
            input_schema: json!({ "type": "object", "required": ["text"] }),
            output_schema: json!({ "type": "object" }),
            examples: vec![Example {
                input: json!({ "text": "算市" }), output: json!({ "pinyin": ["suàn", "shì"] })
            }],
        },
    }));
}

/// A probe holds for as long as this does not change.
#[test]
fn the_hash_of_a_content_is_that_of_its_recorded_form() {
    let expected = "fc0ab72a51ba23ffb1d99cff7bf2606a939bf2dc336ae2adf6e0884c878bcac1";
    assert_eq!(content(model()).sha256(), expected);
    assert_ne!(Content { licence: None, ..content(model()) }.sha256(), expected);
}

#[test]
fn counting_rules_keep_their_form() {
    let form = |count: &Count| serde_json::to_value(count).unwrap();
    assert_eq!(form(&Count::One), json!("one"));
    assert_eq!(form(&Count::Items("/rows".to_owned())), json!({ "items": "/rows" }));
    assert_eq!(form(&Count::Characters(vec!["/a".to_owned()])), json!({ "characters": ["/a"] }));
}

#[test]
fn provider_events_match_their_samples() {
    same(&ProviderEvent::Opened(Opened {
        provider: PROVIDER,
        organization: ORGANIZATION,
        slug: "hutong-data".parse().unwrap(),
        store: store("Street-level datasets"),
    }));
    same(&ProviderEvent::StoreChanged(StoreChanged { provider: PROVIDER, store: store("Datasets and models") }));
    let accent = Some("#1f7a5c".to_owned());
    same(&ProviderEvent::AccentChosen(AccentChosen { provider: PROVIDER, accent }));
    let logo = Logo { sha256: "5e".repeat(32), width: 512, height: 128 };
    same(&ProviderEvent::LogoSet(LogoSet { provider: PROVIDER, logo }));
    same(&ProviderEvent::LogoRemoved(LogoRemoved { provider: PROVIDER }));
}

#[test]
fn listing_events_match_their_samples() {
    same(&ListingEvent::Drafted(Drafted {
        listing: LISTING,
        provider: PROVIDER,
        organization: ORGANIZATION,
        slug: "pinyin".parse().unwrap(),
        content: content(model()),
    }));
    same(&ListingEvent::Submitted(Submitted { listing: LISTING }));
    let check = |example, outcome, detail: Option<&str>, latency_milliseconds| ProbeCheck {
        capability: "pinyin-annotation".parse().unwrap(),
        contract_version: Some(1),
        example,
        outcome,
        detail: detail.map(str::to_owned),
        latency_milliseconds,
    };
    same(&ListingEvent::Probed(Probed {
        listing: LISTING,
        content_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        passed: false,
        checks: vec![
            check(0, ProbeOutcome::Passed, None, Some(12)),
            check(1, ProbeOutcome::InvalidOutput, Some("/pinyin: is not an array"), Some(9)),
        ],
    }));
    same(&ListingEvent::ChangesRequested(ChangesRequested { listing: LISTING, note: "Say more".to_owned() }));
    same(&ListingEvent::Published(Published { listing: LISTING, version: 1, content: content(model()) }));
    same(&ListingEvent::Deprecated(Deprecated { listing: LISTING }));
    same(&ListingEvent::Retired(Retired { listing: LISTING }));
}

#[test]
fn the_content_of_every_kind_matches_its_sample() {
    let dataset = Details::Dataset(DatasetDetails {
        media_type: "text/csv".to_owned(),
        download_url: "/files/ai-strategies.csv".to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        bytes: 4_096,
        rows: 21,
        provenance: english("Typed from the annex of a white paper"),
    });
    let tier = Details::ComputeTier(ComputeTierDetails {
        chip: "Ascend 910B".to_owned(),
        chip_count: 8,
        memory_gib: 512,
        purpose: Purpose::Train,
        placement: Placement::OnPremise,
    });
    let solution =
        Details::Solution(SolutionDetails { deliverables: english("A running desk"), components: vec![LISTING] });
    let revised = |details| ListingEvent::Revised(Revised { listing: LISTING, content: content(details) });
    same(&revised(model()));
    same_as(&revised(dataset), ".dataset");
    same_as(&revised(tier), ".compute_tier");
    same_as(&revised(solution), ".solution");
}

#[test]
fn health_events_match_their_samples() {
    let mut measurement = Measurement::default();
    for latency in [9, 9, 31_000] {
        measurement.answered(latency);
    }
    measurement.failed();
    let (from, until) = ("2026-11-05T08:00:00Z".parse().unwrap(), "2026-11-05T08:05:00Z".parse().unwrap());
    same(&HealthEvent::Measured(Measured { listing: LISTING, from, until, measurement }));
}

#[test]
fn a_newer_version_is_an_error_and_a_foreign_kind_is_nobodys() {
    let newer = ListingEvent::decode("listing_retired", 2, b"{}", &[]).unwrap();
    assert!(matches!(newer, Err(DecodeError::Unknown { version: 2, .. })));
    assert!(ListingEvent::decode("provider_opened", 1, b"{}", &[]).is_none());
}
