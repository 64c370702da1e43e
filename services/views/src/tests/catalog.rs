use catalog::published::listing::{ChangesRequested, Deprecated, Event, Phase, Revised, Submitted};
use kernel::event::StreamName;
use kernel::id::ListingId;
use kernel::meter::Meter;
use proptest::prelude::*;
use uuid::Uuid;

use super::market::{PROVIDER, SEGMENTER, SELLER, content, draft, market, publish, slug};
use super::{Fixture, Log, first, rows};
use crate::catalog::CapabilityFilter;
use crate::coverage::Coverage;
use crate::facets::ListingFilter;
use crate::listings::ListingOrder;
use crate::store::Views;

const OTHER: ListingId = ListingId::new(Uuid::from_u128(50));

fn found(views: &Views, text: &str) -> Vec<String> {
    let page = views.capabilities(&CapabilityFilter::default(), Some(text), &first(10)).unwrap();
    rows(page).iter().map(|row| row.definition.slug.to_string()).collect()
}

fn listed(views: &Views, filter: &ListingFilter, sought: Option<&str>) -> Vec<ListingId> {
    let page = views.listings(filter, sought, sought.is_none().then_some(ListingOrder::Name), &first(10)).unwrap();
    rows(page).iter().map(|row| row.id).collect()
}

fn submit(log: &mut Log, id: ListingId) {
    log.add(&StreamName::of(&id), &Event::Submitted(Submitted { listing: id }));
}

#[test]
fn a_capability_is_answered_once_it_has_a_contract_and_a_published_listing() {
    let mut log = market();
    let mut fixture = Fixture::of(&log);
    let views = fixture.views.clone();
    assert!(views.capability(&slug("chinese-word-segmentation")).unwrap().unwrap().answered);
    assert!(!views.capability(&slug("invoice-recognition")).unwrap().unwrap().answered);
    assert_eq!(
        views.coverage(&slug("chinese-word-segmentation")).unwrap(),
        Coverage { listing_count: 1, provider_count: 1 }
    );
    log.add(&StreamName::of(&SEGMENTER), &Event::Deprecated(Deprecated { listing: SEGMENTER }));
    fixture.apply(&log).unwrap();
    assert!(!views.capability(&slug("chinese-word-segmentation")).unwrap().unwrap().answered);
    assert_eq!(views.coverage(&slug("chinese-word-segmentation")).unwrap(), Coverage::default());
}

#[test]
fn categories_count_what_can_be_called() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let counts: Vec<_> = views.categories().unwrap();
    let counts: Vec<_> =
        counts.iter().map(|row| (row.slug.as_str(), row.capability_count, row.answered_count)).collect();
    assert_eq!(counts, [("nlp", 1, 1), ("ocr", 1, 0)]);
}

#[test]
fn capabilities_are_filtered_by_category_meter_industry_and_answer() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let filters = [
        CapabilityFilter { category: Some(slug("ocr")), ..CapabilityFilter::default() },
        CapabilityFilter { meter: Some(Meter::Image), ..CapabilityFilter::default() },
        CapabilityFilter { industry: Some("finance".to_owned()), ..CapabilityFilter::default() },
        CapabilityFilter { answered: Some(false), ..CapabilityFilter::default() },
    ];
    for filter in filters {
        let page = views.capabilities(&filter, None, &first(10)).unwrap();
        assert_eq!(page.total, 1, "{filter:?}");
        assert_eq!(rows(page)[0].definition.slug, slug("invoice-recognition"), "{filter:?}");
    }
}

#[test]
fn a_search_finds_chinese_by_pairs_and_english_by_stems() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    for text in ["分词", "中文分词", "segment", "Segmentations", "chinese WORDS", "segm", "切成词"] {
        assert_eq!(found(views, text), ["chinese-word-segmentation"], "{text}");
    }
    assert_eq!(found(views, "发票"), ["invoice-recognition"]);
    assert_eq!(found(views, "词文"), Vec::<String>::new());
    assert_eq!(found(views, "  ").len(), 2);
}

#[test]
fn hostile_searches_are_answered() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let long = "中文 AND (".repeat(1000);
    for text in ["\"", "'; DROP TABLE listing; --", "NEAR(a b, 2)", "name:*", "a OR", "\u{0}", "^", "{a b}: c", &long] {
        let _ = found(views, text);
        let _ = listed(views, &ListingFilter::default(), Some(text));
    }
    assert_eq!(found(views, "!!!"), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn no_text_is_a_syntax_error(texts in prop::collection::vec(any::<String>(), 20)) {
        let fixture = Fixture::of(&market());
        let views = &fixture.views;
        for text in texts {
            let _ = found(views, &text);
        }
    }
}

#[test]
fn stores_are_found_by_id_address_and_organization() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let provider = views.provider(PROVIDER).unwrap().unwrap();
    assert_eq!(views.provider_by_slug(&slug("segmenters")).unwrap().as_ref(), Some(&provider));
    assert_eq!(views.provider_by_organization(SELLER).unwrap().as_ref(), Some(&provider));
    assert_eq!(rows(views.providers(None, &first(5)).unwrap()), [provider]);
}

#[test]
fn a_listing_under_revision_stays_on_the_market() {
    let mut log = market();
    let revised = Revised { listing: SEGMENTER, content: content("Slow segmenter", "慢速分词器") };
    log.add(&StreamName::of(&SEGMENTER), &Event::Revised(revised));
    submit(&mut log, SEGMENTER);
    let mut fixture = Fixture::of(&log);
    let listing = fixture.views.listing(SEGMENTER).unwrap().unwrap();
    assert_eq!((listing.phase, listing.in_review), (Phase::Published, true));
    assert_eq!(listing.working.name.en.as_deref(), Some("Slow segmenter"));
    let published = ListingFilter { phase: Some(Phase::Published), ..ListingFilter::default() };
    assert_eq!(listed(&fixture.views, &published, Some("fast")), [SEGMENTER]);
    assert_eq!(listed(&fixture.views, &published, Some("slow")), []);
    publish(&mut log, SEGMENTER, 2, content("Slow segmenter", "慢速分词器"));
    fixture.apply(&log).unwrap();
    assert_eq!(listed(&fixture.views, &published, Some("慢速")), [SEGMENTER]);
    assert_eq!(listed(&fixture.views, &published, Some("快速")), []);
    let versions = rows(fixture.views.listing_versions(SEGMENTER, &first(5)).unwrap());
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn listings_wait_for_review_in_the_order_they_were_submitted() {
    let mut log = market();
    draft(&mut log, OTHER, "other", content("Another", "另一个"));
    submit(&mut log, OTHER);
    submit(&mut log, SEGMENTER);
    let mut fixture = Fixture::of(&log);
    let queue = rows(fixture.views.review_queue(&first(5)).unwrap());
    assert_eq!(queue.iter().map(|row| row.id).collect::<Vec<_>>(), [OTHER, SEGMENTER]);
    assert_eq!(queue[0].phase, Phase::InReview);
    let note = "name the licence".to_owned();
    let requested = ChangesRequested { listing: OTHER, note: note.clone() };
    log.add(&StreamName::of(&OTHER), &Event::ChangesRequested(requested));
    fixture.apply(&log).unwrap();
    let listing = fixture.views.listing_by_slug(&slug("other")).unwrap().unwrap();
    assert_eq!((listing.phase, listing.in_review, listing.note), (Phase::Draft, false, Some(note.clone())));
    assert_eq!(fixture.views.review_queue(&first(5)).unwrap().total, 1);
    submit(&mut log, OTHER);
    fixture.apply(&log).unwrap();
    let again = fixture.views.listing(OTHER).unwrap().unwrap();
    assert_eq!((again.in_review, again.note), (true, Some(note)), "the reviewer reads what was asked for last time");
    publish(&mut log, OTHER, 1, content("Another", "另一个"));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.listing(OTHER).unwrap().unwrap().note, None);
}

#[test]
fn listings_are_filtered_and_ordered() {
    let mut log = market();
    draft(&mut log, OTHER, "other", content("Another", "另一个"));
    let fixture = Fixture::of(&log);
    let views = &fixture.views;
    assert_eq!(listed(views, &ListingFilter::default(), None), [OTHER, SEGMENTER]);
    let newest = views.listings(&ListingFilter::default(), None, Some(ListingOrder::Newest), &first(1)).unwrap();
    assert_eq!((newest.total, newest.has_next, rows(newest)[0].id), (2, true, OTHER));
    let implementing =
        ListingFilter { capability: Some(slug("chinese-word-segmentation")), ..ListingFilter::default() };
    assert_eq!(listed(views, &implementing, None), [SEGMENTER]);
    assert_eq!(views.listing_slugs().unwrap(), [(SEGMENTER, slug("fast-segmenter"))]);
}
