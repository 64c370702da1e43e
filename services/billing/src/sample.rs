//! One agreement, one period and its invoice that this crate's tests share.

use agreements::published::agreement::Accepted;
use agreements::published::market::MarketTerms;
use agreements::published::terms::{MeterTerms, Price, Terms, Tier};
use jiff::Timestamp;
use kernel::exact::Decimal;
use kernel::id::{AgreementId, ListingId, OfferId, OrganizationId, ProviderId};
use kernel::meter::{Meter, Quantity};
use kernel::money::{Currency, Money};
use kernel::period::{BillingPeriod, Calendar, Period};
use metering::published::usage::{MeterUsage, PeriodUsage, SequenceRange, Split};
use uuid::Uuid;

use crate::lines;
use crate::published::invoice::{Charges, Drafted, Issued, Paid, Voided, invoice_id};

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A meter, its free and its charged units.
pub fn used((meter, free, value_added): (Meter, u64, u64)) -> MeterUsage {
    MeterUsage { meter, split: Split { free: Quantity(free), value_added: Quantity(value_added) } }
}

fn terms() -> Terms {
    let tiers = vec![
        Tier { up_to: Some(decimal("10")), unit: decimal("0.5"), flat: Decimal::ZERO },
        Tier { up_to: None, unit: decimal("0.333"), flat: decimal("1") },
    ];
    let meter = |meter, included, price| MeterTerms { meter, included: Quantity(included), price };
    Terms {
        currency: Currency::Cny,
        period: BillingPeriod::Month,
        flat_fee: Some(decimal("9.90")),
        meters: vec![
            meter(Meter::Request, 1_000, Some(Price::PerUnit { unit: decimal("0.002") })),
            meter(Meter::Image, 5, None),
            meter(Meter::Page, 0, Some(Price::Graduated { tiers })),
        ],
    }
}

/// In force from midnight of 31 January in Shanghai, with 10 % commission and 6 % tax.
pub fn accepted() -> Accepted {
    let starts_at = at("2026-01-30T16:00:00Z");
    Accepted {
        agreement: AgreementId::new(Uuid::from_u128(1)),
        offer: OfferId::new(Uuid::from_u128(2)),
        price_version: 3,
        listing: ListingId::new(Uuid::from_u128(4)),
        listing_version: 1,
        capabilities: vec!["word-segmentation".parse().unwrap()],
        licence: None,
        provider: ProviderId::new(Uuid::from_u128(5)),
        seller: OrganizationId::new(Uuid::from_u128(6)),
        buyer: OrganizationId::new(Uuid::from_u128(7)),
        terms: terms(),
        market: MarketTerms { commission: 1_000.try_into().unwrap(), tax: 600.try_into().unwrap() },
        calendar: Calendar::starting(starts_at, "Asia/Shanghai".parse().unwrap(), BillingPeriod::Month).unwrap(),
        starts_at,
    }
}

/// The first whole period: 28 days.
pub fn period() -> Period {
    Period { start: at("2026-01-30T16:00:00Z"), end: at("2026-02-27T16:00:00Z") }
}

pub fn usage() -> PeriodUsage {
    PeriodUsage {
        meters: vec![used((Meter::Request, 1_000, 2_500))],
        ranges: vec![SequenceRange { stream: "usage-node.1".to_owned(), first: 1, last: 3_500 }],
        calls: 3_500,
        ..PeriodUsage::default()
    }
}

pub fn drafted() -> Drafted {
    let accepted = accepted();
    Drafted {
        invoice: invoice_id(accepted.agreement, period().start),
        agreement: accepted.agreement,
        buyer: accepted.buyer,
        seller: accepted.seller,
        provider: accepted.provider,
        listing: accepted.listing,
        period: period(),
        charges: Charges::All,
    }
}

/// 5.00 for usage, 9.90 flat, 0.89 tax.
pub fn issued() -> Issued {
    let (accepted, drafted) = (accepted(), drafted());
    let amounts = lines::rate(&accepted, drafted.period, drafted.charges, &usage()).unwrap();
    Issued {
        invoice: drafted.invoice,
        agreement: drafted.agreement,
        buyer: drafted.buyer,
        seller: drafted.seller,
        provider: drafted.provider,
        period: drafted.period,
        issued_at: at("2026-02-28T00:00:00Z"),
        due_at: at("2026-03-30T00:00:00Z"),
        price_version: accepted.price_version,
        market: accepted.market,
        lines: amounts.lines,
        subtotal: cny(1_490),
        tax: cny(89),
        total: cny(1_579),
        ranges: usage().ranges,
        calls: usage().calls,
    }
}

pub fn paid() -> Paid {
    let Issued { invoice, buyer, total, .. } = issued();
    Paid { invoice, buyer, amount: total, reference: "wire 42".to_owned(), paid_at: at("2026-03-01T00:00:00Z") }
}

pub fn voided() -> Voided {
    let reason = "billed to the wrong party".to_owned();
    Voided { invoice: issued().invoice, reason, voided_at: at("2026-03-02T00:00:00Z") }
}
