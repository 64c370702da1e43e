//! Tax: rounded once on the subtotal, then shared over the lines so that they sum to it.

use agreements::published::market::BasisPoints;
use kernel::exact::{self, Exact};
use kernel::money::{Money, MoneyError};

/// `subtotal × rate`, rounded to the minor unit, halves away from zero.
pub fn on(subtotal: Money, rate: BasisPoints) -> Result<Money, MoneyError> {
    Money::round(&exact::multiply(&subtotal.to_exact(), &fraction(rate)), subtotal.currency)
}

/// Each amount's share of the tax, by largest remainder, the earlier first where they tie. Amounts of the other sign
/// than the tax, which only corrections have, take no share: their part of it lies in the sum.
///
/// Errors with [`MoneyError::NoWeights`] where there is tax and nothing it is on.
pub fn shares(tax: Money, amounts: &[Money]) -> Result<Vec<Money>, MoneyError> {
    if tax.is_zero() {
        return Ok(vec![tax; amounts.len()]);
    }
    let same_sign = |amount: &Money| (amount.minor < 0) == (tax.minor < 0);
    let weight = |amount: &Money| if same_sign(amount) { magnitude(*amount) } else { exact::from_i64(0) };
    let weights: Vec<Exact> = amounts.iter().map(weight).collect();
    tax.allocate(&weights)
}

fn magnitude(amount: Money) -> Exact {
    let value = amount.to_exact();
    if amount.minor < 0 { exact::subtract(&exact::from_i64(0), &value) } else { value }
}

fn fraction(rate: BasisPoints) -> Exact {
    // A basis point is the fourth place.
    exact::decimal(rate.get().into(), 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::money::Currency;
    use proptest::prelude::*;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    fn rate(basis_points: u32) -> BasisPoints {
        basis_points.try_into().unwrap()
    }

    #[test]
    fn half_a_minor_unit_of_tax_is_one() {
        assert_eq!(on(cny(10), rate(500)), Ok(cny(1)));
        assert_eq!(on(cny(9), rate(500)), Ok(cny(0)));
    }

    #[test]
    fn tax_on_nothing_has_no_shares() {
        assert_eq!(shares(cny(0), &[cny(0), cny(0)]), Ok(vec![cny(0), cny(0)]));
        assert_eq!(shares(cny(1), &[cny(0)]), Err(MoneyError::NoWeights));
    }

    #[test]
    fn the_tax_of_a_credit_is_shared_by_what_is_credited() {
        assert_eq!(shares(cny(-6), &[cny(20), cny(-100), cny(-20)]), Ok(vec![cny(0), cny(-5), cny(-1)]));
        assert_eq!(shares(cny(6), &[cny(200), cny(-100)]), Ok(vec![cny(6), cny(0)]));
    }

    proptest! {
        #[test]
        fn the_shares_sum_to_the_tax(basis_points in 0_u32..=10_000, minors in prop::collection::vec(0_i64..10_000_000, 1..10)) {
            let amounts: Vec<Money> = minors.iter().copied().map(cny).collect();
            let tax = on(cny(minors.iter().sum()), rate(basis_points)).unwrap();
            let shares = shares(tax, &amounts).unwrap();
            prop_assert_eq!(Money::sum(Currency::Cny, shares), Ok(tax));
        }
    }
}
