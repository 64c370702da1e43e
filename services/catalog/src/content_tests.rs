//! Every rule of content, each broken once.

use super::*;
use crate::published::listing::{Placement, Purpose};
use kernel::id::ListingId;
use uuid::Uuid;

fn english(text: &str) -> Localized {
    Localized { en: Some(text.to_owned()), zh: None }
}

fn with(details: Details) -> Content {
    Content {
        name: english("Pinyin"),
        summary: english("Reads Chinese aloud"),
        capabilities: vec!["pinyin-annotation".parse().unwrap()],
        licence: Some("Apache-2.0".to_owned()),
        details,
    }
}

fn model() -> ModelDetails {
    ModelDetails {
        endpoint: "https://models.example/v1/{capability}".to_owned(),
        framework: Some("PaddlePaddle".to_owned()),
        placement: Placement::Cloud,
        repeatable: true,
    }
}

fn dataset() -> DatasetDetails {
    DatasetDetails {
        media_type: "text/csv".to_owned(),
        download_url: "https://data.example/strategies.csv".to_owned(),
        sha256: "0a".repeat(32),
        bytes: 4_096,
        rows: 21,
        provenance: english("Typed from the annex of a white paper"),
    }
}

fn tier() -> ComputeTierDetails {
    ComputeTierDetails {
        chip: "Ascend 910B".to_owned(),
        chip_count: 8,
        memory_gib: 512,
        purpose: Purpose::Train,
        placement: Placement::Cloud,
    }
}

fn solution() -> SolutionDetails {
    SolutionDetails { deliverables: english("A running desk"), components: vec![listing(1)] }
}

fn listing(number: u128) -> ListingId {
    ListingId::new(Uuid::from_u128(number))
}

fn code(content: &Content) -> &'static str {
    checked(content).unwrap_err().code().0
}

#[test]
fn every_kind_passes_and_its_texts_are_trimmed() {
    for details in [
        Details::Model(model()),
        Details::Dataset(dataset()),
        Details::ComputeTier(tier()),
        Details::Solution(solution()),
    ] {
        let content = with(details);
        let untrimmed = Content { name: english(" Pinyin\n"), ..content.clone() };
        assert_eq!(checked(&untrimmed), Ok(content));
    }
}

#[test]
fn texts_are_bounded() {
    let model = || with(Details::Model(model()));
    for text in ["", "a\u{202e}", &"x".repeat(121)] {
        assert_eq!(code(&Content { name: english(text), ..model() }), "LISTING_NAME_INVALID");
    }
    assert_eq!(code(&Content { summary: english(&"x".repeat(2_001)), ..model() }), "LISTING_SUMMARY_INVALID");
    assert_eq!(code(&Content { licence: Some(" ".to_owned()), ..model() }), "LISTING_LICENCE_INVALID");
    assert_eq!(code(&Content { licence: Some("x".repeat(201)), ..model() }), "LISTING_LICENCE_INVALID");
}

#[test]
fn a_model_has_1_to_64_different_capabilities() {
    let of = |slugs: Vec<String>| Content {
        capabilities: slugs.iter().map(|slug| slug.parse().unwrap()).collect(),
        ..with(Details::Model(model()))
    };
    let numbered = |count: usize| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>();
    assert_eq!(code(&of(numbered(0))), "LISTING_CAPABILITIES_INVALID");
    assert_eq!(code(&of(numbered(65))), "LISTING_CAPABILITIES_INVALID");
    assert_eq!(code(&of(vec!["c1".to_owned(), "c1".to_owned()])), "LISTING_CAPABILITIES_INVALID");
    assert!(checked(&of(numbered(64))).is_ok());
}

#[test]
fn only_a_model_must_implement_a_capability() {
    let content = Content { capabilities: Vec::new(), ..with(Details::Dataset(dataset())) };
    assert!(checked(&content).is_ok());
}

#[test]
fn an_endpoint_is_an_address_with_a_fixed_host() {
    let endpoint = |text: &str| with(Details::Model(ModelDetails { endpoint: text.to_owned(), ..model() }));
    for text in ["http://127.0.0.1:8080/v1", "https://m.example/{capability}/run?x={capability}"] {
        assert!(checked(&endpoint(text)).is_ok(), "{text}");
    }
    let hostile = [
        "",
        "/v1/{capability}",
        "ftp://m.example/",
        "https://user:secret@m.example/",
        "https://m.example/#{capability}",
        "https://{capability}.example/",
        "https://m.example:{capability}/",
        "https://m.example/{model}",
        "https://m.example/{capability",
        &format!("https://m.example/{}", "x".repeat(483)),
    ];
    for text in hostile {
        assert_eq!(code(&endpoint(text)), "MODEL_ENDPOINT_INVALID", "{text}");
    }
}

#[test]
fn a_framework_is_named_or_absent() {
    let framework = |text: &str| with(Details::Model(ModelDetails { framework: Some(text.to_owned()), ..model() }));
    assert_eq!(code(&framework("")), "MODEL_FRAMEWORK_INVALID");
    assert_eq!(code(&framework(&"x".repeat(81))), "MODEL_FRAMEWORK_INVALID");
}

#[test]
fn a_datasets_media_type_has_two_parts() {
    for text in
        ["", "csv", "text/", "/csv", "text/c sv", "text/csv; charset=utf-8", &format!("text/{}", "x".repeat(96))]
    {
        let content = with(Details::Dataset(DatasetDetails { media_type: text.to_owned(), ..dataset() }));
        assert_eq!(code(&content), "DATASET_MEDIA_TYPE_INVALID", "{text}");
    }
}

#[test]
fn a_datasets_download_is_an_address_or_a_path_here() {
    let download = |text: &str| with(Details::Dataset(DatasetDetails { download_url: text.to_owned(), ..dataset() }));
    assert!(checked(&download("/files/ai-strategies.csv")).is_ok());
    for text in
        ["", "files/a.csv", "//evil.example/a.csv", "/files/../keys.db", "/a b", "file:///etc/passwd", "/%2e%2e"]
    {
        assert_eq!(code(&download(text)), "DATASET_DOWNLOAD_INVALID", "{text}");
    }
}

#[test]
fn a_datasets_hash_is_a_sha256() {
    for text in ["", "0a", &"0A".repeat(32), &"0g".repeat(32)] {
        let content = with(Details::Dataset(DatasetDetails { sha256: text.to_owned(), ..dataset() }));
        assert_eq!(code(&content), "DATASET_SHA256_INVALID", "{text}");
    }
}

#[test]
fn a_dataset_says_where_it_comes_from() {
    for text in ["", &"x".repeat(4_001)] {
        let content = with(Details::Dataset(DatasetDetails { provenance: english(text), ..dataset() }));
        assert_eq!(code(&content), "DATASET_PROVENANCE_INVALID");
    }
}

#[test]
fn a_compute_tier_has_chips_and_memory() {
    let of = |tier| with(Details::ComputeTier(tier));
    assert_eq!(code(&of(ComputeTierDetails { chip_count: 0, ..tier() })), "COMPUTE_TIER_SIZE_INVALID");
    assert_eq!(code(&of(ComputeTierDetails { memory_gib: 0, ..tier() })), "COMPUTE_TIER_SIZE_INVALID");
    assert_eq!(code(&of(ComputeTierDetails { chip: String::new(), ..tier() })), "COMPUTE_TIER_CHIP_INVALID");
}

#[test]
fn a_solution_is_built_from_different_listings() {
    let of = |solution| with(Details::Solution(solution));
    let twice = SolutionDetails { components: vec![listing(1), listing(1)], ..solution() };
    let many = SolutionDetails { components: (0..65).map(listing).collect(), ..solution() };
    assert_eq!(code(&of(twice)), "SOLUTION_COMPONENTS_INVALID");
    assert_eq!(code(&of(many)), "SOLUTION_COMPONENTS_INVALID");
    let silent = SolutionDetails { deliverables: english(""), ..solution() };
    assert_eq!(code(&of(silent)), "SOLUTION_DELIVERABLES_INVALID");
}
