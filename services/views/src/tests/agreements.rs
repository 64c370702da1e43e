use agreements::published::agreement::{Cancelled, Event as AgreementEvent};
use agreements::published::market::{BasisPoints, Event as MarketEvent, MarketTerms, Set};
use agreements::published::offer::{Event as OfferEvent, Repriced, Withdrawn};
use agreements::published::terms::Price;
use billing::published::invoice::{Charges, Drafted, Event as InvoiceEvent};
use kernel::event::StreamName;
use kernel::exact::{Decimal, Exact};
use kernel::id::{AgreementId, InvoiceId, ListingId, OfferId};
use kernel::meter::Quantity;
use kernel::period::Period;
use metering::published::usage::UsageRecord;
use uuid::Uuid;

use super::market::{
    AGREEMENT, BUYER, OFFER, PROVIDER, SEGMENTER, SELLER, accept, accepted, batch, call, market, may, offer, slug,
    stream, terms,
};
use super::{Fixture, first, rows};
use crate::agreements::{AgreementFilter, OfferFilter, Side};

fn exact(text: &str) -> Exact {
    text.parse::<Decimal>().unwrap().to_exact()
}

#[test]
fn an_offer_shows_its_newest_terms_until_withdrawn() {
    let mut log = market();
    let repriced = Repriced { offer: OFFER, price_version: 2, terms: terms("0.0005") };
    log.add(&StreamName::of(&OFFER), &OfferEvent::Repriced(repriced));
    let mut fixture = Fixture::of(&log);
    let found = fixture.views.offer(OFFER).unwrap().unwrap();
    assert_eq!((found.price_version, found.terms), (2, terms("0.0005")));
    log.add(&StreamName::of(&OFFER), &OfferEvent::Withdrawn(Withdrawn { offer: OFFER }));
    fixture.apply(&log).unwrap();
    let live = OfferFilter { listing: Some(SEGMENTER), withdrawn: Some(false), ..OfferFilter::default() };
    assert_eq!(fixture.views.offers(&live, &first(5)).unwrap().total, 0);
    assert_eq!(fixture.views.price_ranges(&slug("chinese-word-segmentation")).unwrap(), []);
}

#[test]
fn the_price_range_spans_live_offers_and_counts_packages_by_the_unit() {
    let mut log = market();
    let mut package = terms("0");
    package.meters[0].price = Some(Price::Package { size: Quantity(1000), price: "0.1".parse().unwrap() });
    offer(&mut log, OfferId::new(Uuid::from_u128(60)), SEGMENTER, package);
    let ranges = Fixture::of(&log).views.price_ranges(&slug("chinese-word-segmentation")).unwrap();
    assert_eq!(ranges.len(), 1);
    assert_eq!((&ranges[0].min, &ranges[0].max), (&exact("0.0001"), &exact("0.0002")));
}

#[test]
fn each_side_sees_its_agreements() {
    let fixture = Fixture::of(&market());
    let views = &fixture.views;
    let of = |side| AgreementFilter { side, in_force: None, listing: None };
    for side in [Side::Buyer(BUYER), Side::Seller(SELLER)] {
        let page = rows(views.agreements(&of(side), &first(5)).unwrap());
        assert_eq!(page.iter().map(|row| &row.accepted).collect::<Vec<_>>(), [&accepted(AGREEMENT)]);
    }
    assert_eq!(views.agreements(&of(Side::Seller(BUYER)), &first(5)).unwrap().total, 0);
}

#[test]
fn agreements_are_filtered_by_standing_and_listing() {
    let mut log = market();
    let other = AgreementId::new(Uuid::from_u128(70));
    accept(&mut log, other);
    let cancelled = Cancelled { agreement: other, ends_at: may().end };
    log.add(&StreamName::of(&other), &AgreementEvent::Cancelled(cancelled));
    let fixture = Fixture::of(&log);
    let found = |in_force, listing| {
        let filter = AgreementFilter { side: Side::Buyer(BUYER), in_force, listing };
        let page = rows(fixture.views.agreements(&filter, &first(5)).unwrap());
        page.iter().map(|row| row.accepted.agreement).collect::<Vec<_>>()
    };
    assert_eq!(found(Some(true), Some(SEGMENTER)), [AGREEMENT]);
    assert_eq!(found(Some(false), None), [other]);
    assert_eq!(found(None, Some(ListingId::new(Uuid::nil()))), []);
}

#[test]
fn periods_are_open_until_they_are_closed_and_the_first_to_end_comes_first() {
    let mut log = market();
    let (other, june) = (
        AgreementId::new(Uuid::from_u128(70)),
        Period { start: may().end, end: "2026-07-01T00:00:00Z".parse().unwrap() },
    );
    accept(&mut log, other);
    let middle = "2026-05-15T12:00:00Z".parse().unwrap();
    log.add(&StreamName::of(&other), &AgreementEvent::Cancelled(Cancelled { agreement: other, ends_at: middle }));
    log.add(&stream(), &batch(vec![call(1, 0, 10)]));
    let mut fixture = Fixture::of(&log);
    let open = |fixture: &Fixture, ended| {
        let page = rows(fixture.views.open_agreements(ended, &first(5)).unwrap());
        page.into_iter()
            .map(|open| (open.agreement.accepted.agreement, open.period, open.usage.calls))
            .collect::<Vec<_>>()
    };
    let cut = Period { end: middle, ..may() };
    assert_eq!(open(&fixture, None), [(other, cut, 0), (AGREEMENT, may(), 1)]);
    assert_eq!(open(&fixture, Some(middle)), [(other, cut, 0)]);
    for (number, agreement, period) in [(90, other, cut), (91, AGREEMENT, may())] {
        let drafted = drafted(InvoiceId::new(Uuid::from_u128(number)), agreement, period);
        log.add(&StreamName::of(&drafted.invoice), &InvoiceEvent::Drafted(drafted));
    }
    fixture.apply(&log).unwrap();
    assert_eq!(open(&fixture, None), [(AGREEMENT, june, 0)]);
    let late = UsageRecord { agreement: other, billed_start: middle, ..call(1, 5, 10) };
    log.add(&stream(), &batch(vec![late]));
    fixture.apply(&log).unwrap();
    let rest = Period { start: middle, ..may() };
    assert_eq!(open(&fixture, None), [(other, rest, 1), (AGREEMENT, june, 0)], "what came late has an invoice to come");
    let drafted = drafted(InvoiceId::new(Uuid::from_u128(92)), other, rest);
    log.add(&StreamName::of(&drafted.invoice), &InvoiceEvent::Drafted(drafted));
    fixture.apply(&log).unwrap();
    assert_eq!(open(&fixture, None), [(AGREEMENT, june, 0)]);
    assert_eq!(open(&Fixture::of(&log), None), open(&fixture, None));
}

fn drafted(invoice: InvoiceId, agreement: AgreementId, period: Period) -> Drafted {
    let (buyer, seller, provider, listing) = (BUYER, SELLER, PROVIDER, SEGMENTER);
    Drafted { invoice, agreement, buyer, seller, provider, listing, period, charges: Charges::All }
}

#[test]
fn market_terms_are_the_default_until_set() {
    let mut log = market();
    let mut fixture = Fixture::of(&log);
    assert_eq!(fixture.views.market_terms().unwrap(), MarketTerms::DEFAULT);
    let terms = MarketTerms { commission: BasisPoints::try_from(250).unwrap(), tax: BasisPoints::ZERO };
    log.add(&StreamName::new("platform", "terms").unwrap(), &MarketEvent::Set(Set { terms }));
    fixture.apply(&log).unwrap();
    assert_eq!(fixture.views.market_terms().unwrap(), terms);
}
