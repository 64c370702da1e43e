//! Which terms an offer may have: bounded, rising, not negative, and not empty.

use std::collections::BTreeSet;

use kernel::error::ErrorCode;
use kernel::exact::{self, Decimal};
use kernel::meter::Quantity;

use crate::published::terms::{MeterTerms, Price, Terms, Tier};

const METERS_MAX: usize = 16;
const TIERS_MAX: usize = 50;
const AMOUNT_MAX: i64 = 1_000_000_000;

/// Why terms cannot be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTerms {
    /// No meter and no fee, or a meter with neither allowance nor price.
    #[error("the terms offer nothing: a meter needs an allowance or a price, and terms a meter or a flat fee")]
    NothingOffered,
    /// More meters than allowed.
    #[error("terms hold at most {METERS_MAX} meters")]
    TooManyMeters,
    /// A meter twice.
    #[error("each meter has at most one allowance and price")]
    MeterRepeated,
    /// No tier, or more than allowed.
    #[error("a tiered price has 1 to {TIERS_MAX} tiers")]
    TierCount,
    /// The last tier ends, or an earlier one does not.
    #[error("the last tier must be open, and no other")]
    LastTierNotOpen,
    /// A tier does not end above the one before.
    #[error("tiers must rise from above zero")]
    TiersNotRising,
    /// An amount below zero.
    #[error("prices and fees cannot be negative")]
    PriceNegative,
    /// An amount past what can be charged safely.
    #[error("prices and fees are at most {AMOUNT_MAX} major units")]
    PriceTooHigh,
    /// A package of no units.
    #[error("a package holds at least 1 unit")]
    PackageEmpty,
}

impl InvalidTerms {
    /// The stable code of the rule.
    pub const fn code(self) -> ErrorCode {
        ErrorCode(match self {
            Self::NothingOffered => "TERMS_OFFER_NOTHING",
            Self::TooManyMeters => "TERMS_TOO_MANY_METERS",
            Self::MeterRepeated => "TERMS_METER_REPEATED",
            Self::TierCount => "TERMS_TIER_COUNT",
            Self::LastTierNotOpen => "TERMS_LAST_TIER_NOT_OPEN",
            Self::TiersNotRising => "TERMS_TIERS_NOT_RISING",
            Self::PriceNegative => "TERMS_PRICE_NEGATIVE",
            Self::PriceTooHigh => "TERMS_PRICE_TOO_HIGH",
            Self::PackageEmpty => "TERMS_PACKAGE_EMPTY",
        })
    }
}

/// Passes terms that an offer may have.
pub fn check(terms: &Terms) -> Result<(), InvalidTerms> {
    if terms.meters.len() > METERS_MAX {
        return Err(InvalidTerms::TooManyMeters);
    }
    let distinct: BTreeSet<_> = terms.meters.iter().map(|of| of.meter).collect();
    if distinct.len() != terms.meters.len() {
        return Err(InvalidTerms::MeterRepeated);
    }
    if terms.meters.is_empty() && terms.flat_fee.is_none() {
        return Err(InvalidTerms::NothingOffered);
    }
    terms.flat_fee.into_iter().try_for_each(check_amount)?;
    terms.meters.iter().try_for_each(check_meter)
}

fn check_meter(terms: &MeterTerms) -> Result<(), InvalidTerms> {
    match &terms.price {
        None if terms.included.is_zero() => Err(InvalidTerms::NothingOffered),
        None => Ok(()),
        Some(price) => check_price(price),
    }
}

fn check_price(price: &Price) -> Result<(), InvalidTerms> {
    match price {
        Price::PerUnit { unit } => check_amount(*unit),
        Price::Package { size: Quantity::ZERO, .. } => Err(InvalidTerms::PackageEmpty),
        Price::Package { price, .. } => check_amount(*price),
        Price::Graduated { tiers } | Price::Volume { tiers } => check_tiers(tiers),
    }
}

fn check_tiers(tiers: &[Tier]) -> Result<(), InvalidTerms> {
    let (last, bounded) = tiers.split_last().ok_or(InvalidTerms::TierCount)?;
    if tiers.len() > TIERS_MAX {
        return Err(InvalidTerms::TierCount);
    }
    if last.up_to.is_some() || bounded.iter().any(|tier| tier.up_to.is_none()) {
        return Err(InvalidTerms::LastTierNotOpen);
    }
    let ends: Vec<Decimal> = bounded.iter().filter_map(|tier| tier.up_to).collect();
    if ends.first().is_some_and(|end| *end <= Decimal::ZERO) || !ends.is_sorted_by(|low, high| low < high) {
        return Err(InvalidTerms::TiersNotRising);
    }
    tiers.iter().flat_map(|tier| [tier.unit, tier.flat]).try_for_each(check_amount)
}

fn check_amount(amount: Decimal) -> Result<(), InvalidTerms> {
    if amount < Decimal::ZERO {
        Err(InvalidTerms::PriceNegative)
    } else if amount.to_exact() > exact::from_i64(AMOUNT_MAX) {
        Err(InvalidTerms::PriceTooHigh)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::meter::Meter;
    use kernel::money::Currency;
    use kernel::period::BillingPeriod;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn tier(up_to: Option<&str>, unit: &str) -> Tier {
        Tier { up_to: up_to.map(decimal), unit: decimal(unit), flat: Decimal::ZERO }
    }

    fn terms(prices: Vec<Option<Price>>) -> Terms {
        let meters = Meter::ALL.iter().zip(prices);
        Terms {
            currency: Currency::Cny,
            period: BillingPeriod::Month,
            flat_fee: None,
            meters: meters.map(|(meter, price)| MeterTerms { meter: *meter, included: Quantity(5), price }).collect(),
        }
    }

    fn verdict(price: Price) -> Result<(), InvalidTerms> {
        check(&terms(vec![Some(price)]))
    }

    #[test]
    fn each_price_model_can_be_offered() {
        let tiers = vec![tier(Some("0.5"), "2"), tier(Some("10"), "1"), tier(None, "0")];
        let models = [
            None,
            Some(Price::PerUnit { unit: decimal("0.000000000001") }),
            Some(Price::Package { size: Quantity(1), price: decimal("1000000000") }),
            Some(Price::Graduated { tiers: tiers.clone() }),
            Some(Price::Volume { tiers }),
        ];
        assert_eq!(check(&terms(models.to_vec())), Ok(()));
    }

    #[test]
    fn a_flat_fee_alone_can_be_offered() {
        assert_eq!(check(&Terms { flat_fee: Some(decimal("9.9")), ..terms(vec![]) }), Ok(()));
    }

    #[test]
    fn nothing_cannot_be_offered() {
        assert_eq!(check(&terms(vec![])), Err(InvalidTerms::NothingOffered));
        let mut empty = terms(vec![None]);
        empty.meters[0].included = Quantity::ZERO;
        assert_eq!(check(&empty), Err(InvalidTerms::NothingOffered));
    }

    #[test]
    fn a_meter_appears_once_and_the_list_is_bounded() {
        let mut repeated = terms(vec![None]);
        repeated.meters.push(repeated.meters[0].clone());
        assert_eq!(check(&repeated), Err(InvalidTerms::MeterRepeated));
        repeated.meters = vec![repeated.meters[0].clone(); 17];
        assert_eq!(check(&repeated), Err(InvalidTerms::TooManyMeters));
    }

    #[test]
    fn tiers_rise_to_one_open_end() {
        let graduated = |tiers: Vec<Tier>| verdict(Price::Graduated { tiers });
        assert_eq!(graduated(vec![]), Err(InvalidTerms::TierCount));
        assert_eq!(graduated(vec![tier(None, "1"); 51]), Err(InvalidTerms::TierCount));
        assert_eq!(graduated(vec![tier(Some("1"), "1")]), Err(InvalidTerms::LastTierNotOpen));
        assert_eq!(graduated(vec![tier(None, "1"), tier(None, "1")]), Err(InvalidTerms::LastTierNotOpen));
        assert_eq!(graduated(vec![tier(Some("0"), "1"), tier(None, "1")]), Err(InvalidTerms::TiersNotRising));
        let level = vec![tier(Some("2"), "1"), tier(Some("2.0"), "1"), tier(None, "1")];
        assert_eq!(graduated(level), Err(InvalidTerms::TiersNotRising));
    }

    #[test]
    fn amounts_are_bounded_in_every_place() {
        assert_eq!(verdict(Price::PerUnit { unit: decimal("-0.1") }), Err(InvalidTerms::PriceNegative));
        let high = Price::Package { size: Quantity(1), price: decimal("1000000000.01") };
        assert_eq!(verdict(high), Err(InvalidTerms::PriceTooHigh));
        let mut flat = tier(None, "1");
        flat.flat = decimal("-1");
        assert_eq!(verdict(Price::Volume { tiers: vec![flat] }), Err(InvalidTerms::PriceNegative));
        let fee = Terms { flat_fee: Some(decimal("-1")), ..terms(vec![]) };
        assert_eq!(check(&fee), Err(InvalidTerms::PriceNegative));
    }

    #[test]
    fn a_package_holds_something() {
        let empty = Price::Package { size: Quantity::ZERO, price: decimal("1") };
        assert_eq!(verdict(empty), Err(InvalidTerms::PackageEmpty));
    }
}
