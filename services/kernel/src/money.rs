//! Money: whole minor units of one currency, and its exact division.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::exact::{self, Exact};

macro_rules! currencies {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $exponent:literal;)*) => {
        /// A currency the platform bills in (ISO 4217 code and exponent).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Currency {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl Currency {
            /// Every currency.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The ISO 4217 code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Digits after the point of the major unit (ISO 4217).
            pub const fn exponent(self) -> u32 {
                match self { $(Self::$variant => $exponent),* }
            }
        }

        impl FromStr for Currency {
            type Err = UnknownCurrency;
            fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
                match text { $($code => Ok(Self::$variant),)* _ => Err(UnknownCurrency) }
            }
        }
    };
}

currencies! {
    /// Renminbi.
    Cny = "CNY", 2;
    /// United States dollar.
    Usd = "USD", 2;
    /// Euro.
    Eur = "EUR", 2;
    /// Pound sterling.
    Gbp = "GBP", 2;
    /// Hong Kong dollar.
    Hkd = "HKD", 2;
    /// Singapore dollar.
    Sgd = "SGD", 2;
    /// Japanese yen.
    Jpy = "JPY", 0;
    /// Korean won.
    Krw = "KRW", 0;
    /// Kuwaiti dinar.
    Kwd = "KWD", 3;
}

/// The text is not the code of a currency the platform bills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 code of a currency the platform bills in")]
pub struct UnknownCurrency;

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// An amount in whole minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, e.g. cents; negative for what is given back.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Why amounts could not be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts have different currencies.
    #[error("amounts of different currencies cannot be combined")]
    CurrencyMismatch,
    /// The result leaves 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// There is nothing to divide by.
    #[error("an amount cannot be allocated over weights that sum to zero")]
    NoWeights,
}

impl Money {
    /// What the usage of one meter may cost within one period of an agreement, in minor units. Sums over a hundred
    /// thousand invoices of the most that there can be fit into 64 bits.
    pub const METERED_MAX: i64 = 1_000_000_000_000;

    /// So many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Rounds an exact amount of major units to minor units, halves away from zero: the rounding point.
    pub fn round(major: &Exact, currency: Currency) -> Result<Self, MoneyError> {
        let minor = exact::round_to_i64(&exact::scale(major, currency.exponent())).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The same amount the other way.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Self::zero(self.currency).minus(self)
    }

    /// The sum of all, zero for none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = operation(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The amount in major units, exact.
    pub fn to_exact(self) -> Exact {
        exact::decimal(self.minor.into(), self.currency.exponent())
    }

    /// The major amount as text with all the currency's digits, e.g. `12.30`.
    pub fn amount(self) -> String {
        let width = usize::try_from(self.currency.exponent()).unwrap_or_default();
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = width.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(width));
        let sign = if self.minor < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// Divides this amount over `weights` without losing or making a minor unit.
    ///
    /// Largest remainder: each share is rounded toward zero, then the units left over go one each to the largest
    /// remainders, the earlier share first where they tie. Weights are not negative and sum to more than zero.
    pub fn allocate(self, weights: &[Exact]) -> Result<Vec<Self>, MoneyError> {
        let total = weights.iter().fold(exact::from_i64(0), |sum, weight| exact::add(&sum, weight));
        if total == exact::from_i64(0) || weights.iter().any(Exact::is_negative) {
            return Err(MoneyError::NoWeights);
        }
        let ideal = weights.iter().map(|weight| self.ideal_share(weight, &total));
        let ideal: Vec<Exact> = ideal.collect::<Option<_>>().ok_or(MoneyError::NoWeights)?;
        let mut shares: Vec<i64> = ideal
            .iter()
            .map(|share| exact::round_to_i64(&share.floor()))
            .collect::<Option<_>>()
            .ok_or(MoneyError::Overflow)?;
        distribute(self.minor.unsigned_abs(), &ideal, &mut shares)?;
        let sign = if self.minor < 0 { -1 } else { 1 };
        shares
            .into_iter()
            .map(|share| share.checked_mul(sign).map(|minor| Self::new(minor, self.currency)))
            .collect::<Option<_>>()
            .ok_or(MoneyError::Overflow)
    }

    fn ideal_share(self, weight: &Exact, total: &Exact) -> Option<Exact> {
        let magnitude = exact::decimal(self.minor.unsigned_abs().into(), 0);
        exact::divide(&exact::multiply(&magnitude, weight), total)
    }
}

/// Hands the units that flooring left over to the largest remainders.
fn distribute(magnitude: u64, ideal: &[Exact], shares: &mut [i64]) -> Result<(), MoneyError> {
    let floored = shares.iter().try_fold(0_i64, |sum, share| sum.checked_add(*share)).ok_or(MoneyError::Overflow)?;
    let whole = i64::try_from(magnitude).map_err(|_| MoneyError::Overflow)?;
    let left = usize::try_from(whole.saturating_sub(floored)).map_err(|_| MoneyError::Overflow)?;
    let mut order: Vec<usize> = (0..ideal.len()).collect();
    order.sort_by_key(|index| Reverse(fraction(ideal, *index)));
    for index in order.into_iter().take(left) {
        if let Some(share) = shares.get_mut(index) {
            *share = share.checked_add(1).ok_or(MoneyError::Overflow)?;
        }
    }
    Ok(())
}

fn fraction(ideal: &[Exact], index: usize) -> Option<Exact> {
    ideal.get(index).map(|share| exact::subtract(share, &share.floor()))
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weights(values: &[i64]) -> Vec<Exact> {
        values.iter().copied().map(exact::from_i64).collect()
    }

    fn minors(shares: &[Money]) -> Vec<i64> {
        shares.iter().map(|share| share.minor).collect()
    }

    #[test]
    fn amounts_print_with_their_currencys_digits() {
        assert_eq!(Money::new(-5, Currency::Cny).to_string(), "-0.05 CNY");
        assert_eq!(Money::new(1230, Currency::Usd).amount(), "12.30");
        assert_eq!(Money::new(5, Currency::Jpy).amount(), "5");
        assert_eq!(Money::new(5, Currency::Kwd).amount(), "0.005");
    }

    #[test]
    fn currencies_do_not_mix() {
        let mixed = Money::new(1, Currency::Cny).plus(Money::new(1, Currency::Usd));
        assert_eq!(mixed, Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn ties_go_to_the_earlier_share() {
        let shares = Money::new(5, Currency::Jpy).allocate(&weights(&[1, 1, 1])).unwrap();
        assert_eq!(minors(&shares), [2, 2, 1]);
    }

    #[test]
    fn nothing_can_be_allocated_over_nothing() {
        assert_eq!(Money::new(5, Currency::Jpy).allocate(&[]), Err(MoneyError::NoWeights));
        assert_eq!(Money::new(5, Currency::Jpy).allocate(&weights(&[0, 0])), Err(MoneyError::NoWeights));
    }

    proptest! {
        #[test]
        fn allocation_conserves(minor in -1_000_000_000_000_i64..1_000_000_000_000, parts in prop::collection::vec(0_i64..1_000_000, 1..12)) {
            prop_assume!(parts.iter().sum::<i64>() > 0);
            let shares = Money::new(minor, Currency::Cny).allocate(&weights(&parts)).unwrap();
            prop_assert_eq!(shares.iter().map(|share| share.minor).sum::<i64>(), minor);
        }

        #[test]
        fn no_share_is_a_whole_unit_off(minor in 0_i64..1_000_000_000, parts in prop::collection::vec(1_i64..1_000_000, 1..12)) {
            let total: i64 = parts.iter().sum();
            let shares = Money::new(minor, Currency::Cny).allocate(&weights(&parts)).unwrap();
            for (share, part) in shares.iter().zip(&parts) {
                let ideal = exact::divide(&exact::from_i64(minor), &exact::from_i64(total)).unwrap();
                let off = exact::subtract(&exact::from_i64(share.minor), &exact::multiply(&ideal, &exact::from_i64(*part)));
                prop_assert!(exact::from_i64(-1) < off && off < exact::from_i64(1));
            }
        }
    }
}
