//! One offer and one agreement that this crate's tests share.

use kernel::exact::Decimal;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::localized::Localized;
use kernel::meter::{Meter, Quantity};
use kernel::money::Currency;
use kernel::period::{BillingPeriod, Calendar};
use uuid::Uuid;

use crate::published::agreement::Accepted;
use crate::published::market::MarketTerms;
use crate::published::offer::Published;
use crate::published::terms::{MeterTerms, Price, Terms, Tier};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn seller() -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(3))
}

/// A monthly fee, and calls at a price past 1,000 free ones.
pub fn terms() -> Terms {
    let price = Some(Price::PerUnit { unit: decimal("0.002") });
    Terms {
        currency: Currency::Cny,
        period: BillingPeriod::Month,
        flat_fee: Some(decimal("9.90")),
        meters: vec![MeterTerms { meter: Meter::Request, included: Quantity(1_000), price }],
    }
}

/// Every model but the unit price.
pub fn tiered_terms() -> Terms {
    let tiers = vec![
        Tier { up_to: Some(decimal("10")), unit: decimal("0.5"), flat: decimal("1") },
        Tier { up_to: None, unit: decimal("0.25"), flat: Decimal::ZERO },
    ];
    let meter = |meter, price| MeterTerms { meter, included: Quantity(5), price };
    Terms {
        flat_fee: None,
        meters: vec![
            meter(Meter::Request, None),
            meter(Meter::Image, Some(Price::Package { size: Quantity(100), price: decimal("3") })),
            meter(Meter::Page, Some(Price::Graduated { tiers: tiers.clone() })),
            meter(Meter::Row, Some(Price::Volume { tiers })),
        ],
        ..terms()
    }
}

/// A seller's offer.
pub fn published() -> Published {
    Published {
        offer: OfferId::new(Uuid::from_u128(1)),
        listing: ListingId::new(Uuid::from_u128(2)),
        seller: seller(),
        name: Localized { en: Some("Basic".to_owned()), zh: Some("基础".to_owned()) },
        terms: terms(),
    }
}

/// Its acceptance by a buyer in Shanghai, where it was 31 January already.
pub fn accepted() -> Accepted {
    let starts_at = "2026-01-30T20:00:00Z".parse().unwrap();
    Accepted {
        agreement: AgreementId::new(Uuid::from_u128(4)),
        offer: published().offer,
        price_version: 1,
        listing: published().listing,
        listing_version: 2,
        capabilities: vec!["word-segmentation".parse().unwrap()],
        licence: Some("CC-BY-4.0".to_owned()),
        provider: ProviderId::new(Uuid::from_u128(5)),
        seller: seller(),
        buyer: OrganizationId::new(Uuid::from_u128(6)),
        terms: terms(),
        market: MarketTerms::DEFAULT,
        calendar: Calendar::starting(starts_at, "Asia/Shanghai".parse().unwrap(), BillingPeriod::Month).unwrap(),
        starts_at,
    }
}
