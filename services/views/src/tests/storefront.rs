//! What shoppers see: facets, prices, the map of the catalog, search as one types.

use agreements::published::offer::{Event as OfferEvent, Repriced, Withdrawn};
use agreements::published::terms::{Price, Terms};
use catalog::published::listing::{
    Content, Deprecated, Details, Event, Kind, ModelDetails, Phase, Placement, ProbeOutcome,
};
use catalog::published::provider::{
    AccentChosen, Event as ProviderEvent, Logo, LogoRemoved, LogoSet, PublisherKind, Store, StoreChanged,
};
use kernel::event::StreamName;
use kernel::id::{ListingId, OfferId};
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use uuid::Uuid;

use super::market::{OFFER, PROVIDER, SEGMENTER, both, content, draft, market, offer, publish, slug, terms};
use super::probes::probe;
use super::{Fixture, Log, after, first, rows};
use crate::facets::{Facet, ListingFilter};
use crate::listings::ListingOrder;
use crate::store::Views;

const READER: ListingId = ListingId::new(Uuid::from_u128(60));
const READER_OFFER: OfferId = OfferId::new(Uuid::from_u128(61));
const SILENT: ListingId = ListingId::new(Uuid::from_u128(62));

/// The market with an edge model that reads invoices for a fee, and a listing without an offer.
fn mall() -> Log {
    let mut log = market();
    let edge = Details::Model(ModelDetails {
        endpoint: "http://127.0.0.1:9/{capability}".to_owned(),
        framework: None,
        placement: Placement::Edge,
        repeatable: true,
    });
    let reader = Content {
        capabilities: vec![slug("invoice-recognition")],
        licence: Some("MIT".to_owned()),
        details: edge,
        ..content("Invoice reader", "发票阅读器")
    };
    draft(&mut log, READER, "invoice-reader", reader.clone());
    publish(&mut log, READER, 1, reader);
    let mut fee = terms("0.5");
    fee.flat_fee = Some("9".parse().unwrap());
    fee.meters[0].meter = Meter::Image;
    offer(&mut log, READER_OFFER, READER, fee);
    draft(&mut log, SILENT, "silent", content("Silent", "无声"));
    publish(&mut log, SILENT, 1, content("Silent", "无声"));
    log
}

fn on_market() -> ListingFilter {
    ListingFilter { phase: Some(Phase::Published), ..ListingFilter::default() }
}

fn found(views: &Views, filter: &ListingFilter) -> Vec<ListingId> {
    let page = views.listings(filter, None, Some(ListingOrder::Name), &first(10)).unwrap();
    rows(page).iter().map(|row| row.id).collect()
}

fn by_price(views: &Views, filter: &ListingFilter) -> Vec<ListingId> {
    let page = views.listings(filter, None, Some(ListingOrder::Price), &first(10)).unwrap();
    rows(page).iter().map(|row| row.id).collect()
}

fn counted(views: &Views, filter: &ListingFilter, sought: Option<&str>, facet: Facet) -> Vec<(String, u64)> {
    let facets = views.listing_facets(filter, sought).unwrap();
    let (_, values) = facets.into_iter().find(|(of, _)| *of == facet).unwrap();
    values.into_iter().map(|value| (value.value, value.count)).collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

#[test]
fn listings_are_filtered_by_each_facet() {
    let fixture = Fixture::of(&mall());
    let filters = [
        ListingFilter { category: Some(slug("ocr")), ..on_market() },
        ListingFilter { meter: Some(Meter::Image), ..on_market() },
        ListingFilter { placement: Some(Placement::Edge), ..on_market() },
        ListingFilter { licence: Some("MIT".to_owned()), ..on_market() },
    ];
    for filter in filters {
        assert_eq!(found(&fixture.views, &filter), [READER], "{filter:?}");
    }
    let sold_by = |kind| ListingFilter { provider_kind: Some(kind), ..on_market() };
    assert_eq!(found(&fixture.views, &sold_by(PublisherKind::Enterprise)).len(), 3);
    assert_eq!(found(&fixture.views, &sold_by(PublisherKind::Government)), []);
    let free = |free| ListingFilter { free_allowance: Some(free), ..on_market() };
    assert_eq!(found(&fixture.views, &free(true)), [SEGMENTER]);
    assert_eq!(found(&fixture.views, &free(false)), [READER, SILENT]);
}

#[test]
fn a_facets_own_choice_does_not_narrow_its_counts() {
    let fixture = Fixture::of(&mall());
    let filter = ListingFilter { category: Some(slug("ocr")), ..on_market() };
    let views = &fixture.views;
    assert_eq!(counted(views, &filter, None, Facet::Category), pairs(&[("nlp", 2), ("ocr", 1)]));
    assert_eq!(counted(views, &filter, None, Facet::Placement), pairs(&[("edge", 1)]));
    assert_eq!(counted(views, &on_market(), None, Facet::Placement), pairs(&[("cloud", 2), ("edge", 1)]));
    assert_eq!(counted(views, &on_market(), Some("reader"), Facet::Category), pairs(&[("ocr", 1)]));
    let models = ListingFilter { kind: Some(Kind::Dataset), ..on_market() };
    assert_eq!(counted(views, &models, None, Facet::Kind), pairs(&[("model", 3)]));
    assert_eq!(counted(views, &models, None, Facet::Meter), []);
}

#[test]
fn prices_are_compared_by_meter_and_currency() {
    let fixture = Fixture::of(&mall());
    let views = &fixture.views;
    let up_to = |price: &str| ListingFilter {
        price_max: Some(price.parse::<kernel::exact::Decimal>().unwrap().to_exact()),
        currency: Some(Currency::Cny),
        ..on_market()
    };
    assert_eq!(found(views, &up_to("0.0001")), []);
    assert_eq!(found(views, &up_to("0.0002")), [SEGMENTER]);
    assert_eq!(found(views, &up_to("1")), [SEGMENTER, READER]);
    assert_eq!(found(views, &ListingFilter { meter: Some(Meter::Image), ..up_to("0.1") }), []);
    assert_eq!(found(views, &ListingFilter { currency: Some(Currency::Usd), ..on_market() }), []);
    assert_eq!(by_price(views, &on_market()), [SEGMENTER, READER, SILENT]);
    assert_eq!(by_price(views, &ListingFilter { meter: Some(Meter::Image), ..on_market() }), [READER]);
}

#[test]
fn pages_by_price_go_on_where_they_stopped() {
    let fixture = Fixture::of(&mall());
    let views = &fixture.views;
    let order = Some(ListingOrder::Price);
    let page = views.listings(&on_market(), None, order, &first(2)).unwrap();
    assert_eq!(page.total, 3);
    let last = page.nodes[1].0.clone();
    let next = rows(views.listings(&on_market(), None, order, &after(2, &last)).unwrap());
    assert_eq!(next.iter().map(|row| row.id).collect::<Vec<_>>(), [SILENT]);
    let found = rows(views.listings(&on_market(), Some("reader"), order, &first(5)).unwrap());
    assert_eq!(found[0].id, READER);
}

#[test]
fn what_answers_is_told_by_the_last_probe_of_what_is_on_the_market() {
    let mut log = mall();
    let segmenter = content("Fast segmenter", "快速分词器");
    probe(&mut log, SEGMENTER, &segmenter, ProbeOutcome::Passed);
    probe(&mut log, SILENT, &content("Silent", "无声"), ProbeOutcome::TimedOut);
    probe(&mut log, READER, &segmenter, ProbeOutcome::Passed);
    let mut fixture = Fixture::of(&log);
    let views = fixture.views.clone();
    let answering = |answering| ListingFilter { answering: Some(answering), ..on_market() };
    assert_eq!(found(&views, &answering(true)), [SEGMENTER]);
    assert_eq!(found(&views, &answering(false)), [SILENT]);
    assert_eq!(counted(&views, &answering(true), None, Facet::Answering), pairs(&[("false", 1), ("true", 1)]));
    probe(&mut log, SEGMENTER, &segmenter, ProbeOutcome::Unreachable);
    let next = content("Faster segmenter", "更快的分词器");
    probe(&mut log, SILENT, &next, ProbeOutcome::Passed);
    publish(&mut log, SILENT, 2, next);
    fixture.apply(&log).unwrap();
    assert_eq!(found(&views, &answering(true)), [SILENT]);
    assert_eq!(found(&views, &answering(false)), [SEGMENTER]);
}

#[test]
fn facets_follow_offers_stores_and_the_market() {
    let mut log = mall();
    let mut fixture = Fixture::of(&log);
    let views = fixture.views.clone();
    let dear = Terms { meters: vec![], ..terms("1") };
    let repriced = Repriced { offer: OFFER, price_version: 2, terms: dear };
    log.add(&StreamName::of(&OFFER), &OfferEvent::Repriced(repriced));
    log.add(&StreamName::of(&READER_OFFER), &OfferEvent::Withdrawn(Withdrawn { offer: READER_OFFER }));
    let store = Store {
        name: both("Segmenters", "分词商店"),
        description: both("We cut.", "我们切词。"),
        kind: PublisherKind::University,
        website: None,
    };
    let changed = StoreChanged { provider: PROVIDER, store };
    log.add(&StreamName::of(&PROVIDER), &ProviderEvent::StoreChanged(changed));
    log.add(&StreamName::of(&SILENT), &Event::Deprecated(Deprecated { listing: SILENT }));
    fixture.apply(&log).unwrap();
    assert_eq!(counted(&views, &on_market(), None, Facet::Meter), []);
    assert_eq!(counted(&views, &on_market(), None, Facet::FreeAllowance), []);
    assert_eq!(counted(&views, &on_market(), None, Facet::ProviderKind), pairs(&[("university", 2)]));
    assert_eq!(views.listing_count(PROVIDER).unwrap(), 2);
}

#[test]
fn a_store_shows_its_colour_and_its_newest_logo() {
    let mut log = mall();
    let mut fixture = Fixture::of(&log);
    let shown = |fixture: &Fixture| {
        let provider = fixture.views.provider(PROVIDER).unwrap().unwrap();
        (provider.accent, provider.logo.map(|logo| logo.width))
    };
    assert_eq!(shown(&fixture), (None, None));
    let stream = StreamName::of(&PROVIDER);
    let accent = Some("#1f7a5c".to_owned());
    log.add(&stream, &ProviderEvent::AccentChosen(AccentChosen { provider: PROVIDER, accent: accent.clone() }));
    for width in [64, 32] {
        let logo = Logo { sha256: "5e".repeat(32), width, height: 64 };
        log.add(&stream, &ProviderEvent::LogoSet(LogoSet { provider: PROVIDER, logo }));
    }
    fixture.apply(&log).unwrap();
    assert_eq!(shown(&fixture), (accent.clone(), Some(32)));
    assert_eq!(fixture.views.logos().unwrap(), ["5e".repeat(32)]);
    log.add(&stream, &ProviderEvent::LogoRemoved(LogoRemoved { provider: PROVIDER }));
    fixture.apply(&log).unwrap();
    assert_eq!(shown(&fixture), (accent, None));
    assert_eq!(fixture.views.logos().unwrap(), Vec::<String>::new());
    assert_eq!(fixture.views.store_slugs().unwrap(), [slug("segmenters")]);
    assert_eq!(fixture.views.capability_slugs().unwrap().len(), 2);
}

#[test]
fn the_map_shows_every_capability_with_its_price() {
    let mut log = mall();
    let package = Terms {
        meters: vec![agreements::published::terms::MeterTerms {
            meter: Meter::Character,
            included: Quantity(0),
            price: Some(Price::Package { size: Quantity(3000), price: "1".parse().unwrap() }),
        }],
        ..terms("1")
    };
    offer(&mut log, OfferId::new(Uuid::from_u128(70)), SILENT, package);
    let tiles = Fixture::of(&log).views.capability_map().unwrap();
    let [segmentation, invoices] = tiles.as_slice() else { panic!("{tiles:?}") };
    assert_eq!(
        (segmentation.slug.as_str(), segmentation.answered, segmentation.free),
        ("chinese-word-segmentation", true, true)
    );
    assert_eq!((segmentation.coverage.listing_count, segmentation.coverage.provider_count), (2, 1));
    let range = segmentation.lowest.as_ref().unwrap();
    assert_eq!(kernel::exact::print(&range.min, 12), "0.0002");
    assert_eq!(kernel::exact::print(&range.max, 12), "0.000333333333");
    assert_eq!((invoices.answered, invoices.free), (false, false));
    assert_eq!(invoices.lowest.as_ref().unwrap().meter, Meter::Image);
}

#[test]
fn every_letter_typed_keeps_what_it_leads_to() {
    let fixture = Fixture::of(&mall());
    let whole = "chinese word segmentation";
    for length in 1..=whole.len() {
        let found = fixture.views.market_search(&whole[..length], &first(5)).unwrap();
        let slugs: Vec<_> = found.capabilities.iter().map(|row| row.definition.slug.as_str()).collect();
        assert!(slugs.contains(&"chinese-word-segmentation"), "{}", &whole[..length]);
    }
}

#[test]
fn one_search_finds_capabilities_listings_and_stores() {
    let fixture = Fixture::of(&mall());
    for text in ["分词", "分詞", "分", "segm"] {
        let found = fixture.views.market_search(text, &first(5)).unwrap();
        assert_eq!(found.capabilities.len(), 1, "{text}");
        assert_eq!(found.listings[0].id, SEGMENTER, "{text}");
        assert_eq!(found.stores.len(), 1, "{text}");
    }
    let traditional = fixture.views.market_search("發票", &first(1)).unwrap();
    assert_eq!(traditional.capabilities[0].definition.slug, slug("invoice-recognition"));
    assert_eq!(traditional.listings.len(), 1);
    assert_eq!(fixture.views.market_search(" *", &first(5)).unwrap(), crate::market_search::Found::default());
    let stores = fixture.views.providers(Some("cutting"), &first(5)).unwrap();
    assert_eq!(stores.total, 1);
}
