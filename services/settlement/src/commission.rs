//! Commission: divides what a buyer is charged before tax between the platform and the provider.

use kernel::exact;
use kernel::money::{Money, MoneyError};

/// `gross = commission + share`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// What the buyer is charged before tax.
    pub gross: Money,
    /// What the platform keeps.
    pub commission: Money,
    /// What the provider gets.
    pub share: Money,
}

impl Split {
    /// Whether the parts make the whole.
    pub fn balances(&self) -> bool {
        self.commission.plus(self.share) == Ok(self.gross)
    }

    /// The same the other way.
    pub fn negated(&self) -> Result<Self, MoneyError> {
        Ok(Self { gross: self.gross.negated()?, commission: self.commission.negated()?, share: self.share.negated()? })
    }
}

/// Takes `basis_points` hundredths of a percent of `gross`, rounded to the minor unit, halves away from zero; the
/// rest is the provider's. Both parts have the sign of `gross`: what a buyer is credited, because late usage fell into a
/// cheaper tier of a volume price, the platform and the provider give back as they had it.
pub fn split(gross: Money, basis_points: u32) -> Result<Split, MoneyError> {
    const WHOLE: u32 = 10_000;
    // A basis point is the fourth place.
    let rate = exact::decimal(basis_points.min(WHOLE).into(), 4);
    let commission = Money::round(&exact::multiply(&gross.to_exact(), &rate), gross.currency)?;
    Ok(Split { gross, commission, share: gross.minus(commission)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::exact::{Decimal, Exact};
    use kernel::money::Currency;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Cases of the shared file that need what platforms may add to a percentage and this one does not.
    const NOT_BUILT: &[(&str, &str)] = &[
        ("commission-flat-per-unit", "no fixed commission per unit"),
        ("commission-flat-cap", "no fixed commission, no cap"),
        ("commission-floor", "no least commission"),
        ("commission-vat-on-fee", "no tax on the commission itself"),
    ];

    fn exact_of(value: &Value) -> Exact {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse::<Decimal>().unwrap().to_exact()
    }

    /// The price before tax, less discount; a discount takes no more than the price.
    fn net(usage: &Value) -> Exact {
        let gross = exact::multiply(&exact_of(&usage["unit_price"]), &exact_of(&usage["qty"]));
        let taken = exact::add(&exact_of(&usage["included_tax"]), &exact_of(&usage["discount"]));
        exact::subtract(&gross, &taken).max(exact::from_i64(0))
    }

    fn basis_points(percent: &Value) -> u32 {
        exact::print(&exact::scale(&exact_of(percent), 2), 0).parse().unwrap()
    }

    #[test]
    fn the_worked_cases_of_percentage_commission_hold() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../agreements/tests/data/billing_cases.json")).unwrap();
        let mut driven = 0;
        for case in cases.iter().filter(|case| case["model"] == "commission") {
            if NOT_BUILT.iter().any(|(id, _)| case["id"] == *id) {
                continue;
            }
            let currency = if case["params"]["dp"] == 0 { Currency::Jpy } else { Currency::Usd };
            let gross = Money::round(&net(&case["usage"]), currency).unwrap();
            let split = split(gross, basis_points(&case["params"]["value"])).unwrap();
            assert_eq!(split.commission.amount(), case["expected"]["amount"].as_str().unwrap(), "{}", case["id"]);
            driven += 1;
        }
        assert_eq!(driven, 5);
    }

    proptest! {
        #[test]
        fn the_parts_make_the_whole_and_have_its_sign(minor in -i64::MAX..i64::MAX, basis_points in 0_u32..=10_000) {
            let split = split(Money::new(minor, Currency::Cny), basis_points).unwrap();
            prop_assert!(split.balances());
            let signs = [split.commission.minor.signum(), split.share.minor.signum()];
            prop_assert!(signs.iter().all(|sign| [0, minor.signum()].contains(sign)));
        }

        #[test]
        fn a_credit_gives_back_what_the_same_charge_took(minor in 0_i64..i64::MAX, basis_points in 0_u32..=10_000) {
            let [charge, credit] = [minor, -minor].map(|minor| split(Money::new(minor, Currency::Cny), basis_points).unwrap());
            prop_assert_eq!(credit, charge.negated().unwrap());
        }
    }
}
