//! Exact numbers: decimals as people write prices, rationals as rating computes, and the one rounding rule.

use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

use crate::meter::Quantity;

/// An exact rational number. Every amount between a price and its rounding point has this type.
pub type Exact = BigRational;

/// A base-10 number as written: up to 28 digits, up to 28 of them after the point. Serialised as a string.
///
/// It only parses, prints and converts: `rust_decimal`'s own addition can drop small addends, so arithmetic
/// happens in [`Exact`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(rust_decimal::Decimal);

/// The text is not a plain decimal of at most 28 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a plain decimal number of at most 28 digits")]
pub struct InvalidDecimal;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);

    /// The same value as a rational.
    pub fn to_exact(self) -> Exact {
        let denominator = BigInt::from(10_u8).pow(self.0.scale());
        Exact::new(BigInt::from(self.0.mantissa()), denominator)
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0.is_sign_negative()
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(InvalidDecimal);
        }
        rust_decimal::Decimal::from_str_exact(text).map(Self).map_err(|_| InvalidDecimal)
    }
}

impl TryFrom<String> for Decimal {
    type Error = InvalidDecimal;
    fn try_from(text: String) -> Result<Self, InvalidDecimal> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A quantity as a rational.
pub fn from_quantity(quantity: Quantity) -> Exact {
    Exact::from_integer(BigInt::from(quantity.0))
}

/// A whole number as a rational.
pub fn from_i64(value: i64) -> Exact {
    Exact::from_integer(BigInt::from(value))
}

/// Rounds to a whole number, halves away from zero.
pub fn round_half_away(value: &Exact) -> BigInt {
    value.round().to_integer()
}

/// Rounds to a whole number, halves away from zero; `None` outside of 64 bits.
pub fn round_to_i64(value: &Exact) -> Option<i64> {
    round_half_away(value).to_i64()
}

/// Prints at most `places` digits after the point, halves away from zero, without trailing zeros.
pub fn print(value: &Exact, places: u32) -> String {
    let scaled = round_half_away(&scale(value, places));
    let digits = scaled.abs().to_string();
    let width = usize::try_from(places).unwrap_or(usize::MAX).saturating_add(1);
    let padded = format!("{digits:0>width$}");
    let point = padded.len().saturating_sub(width.saturating_sub(1));
    let (whole, fraction) = padded.split_at(point);
    let fraction = fraction.trim_end_matches('0');
    let sign = if scaled.sign() == Sign::Minus { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// `value × 10^places`.
pub fn scale(value: &Exact, places: u32) -> Exact {
    let factor = BigInt::from(10_u8).pow(places);
    multiply(value, &Exact::from_integer(factor))
}

/// The exact sum.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn add(left: &Exact, right: &Exact) -> Exact {
    left + right
}

/// The exact difference.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn subtract(left: &Exact, right: &Exact) -> Exact {
    left - right
}

/// The exact product.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn multiply(left: &Exact, right: &Exact) -> Exact {
    left * right
}

/// The exact quotient; `None` by zero.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision, and the divisor is not zero")]
pub fn divide(left: &Exact, right: &Exact) -> Option<Exact> {
    (!right.is_zero()).then(|| left / right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        text.parse::<Decimal>().unwrap().to_exact()
    }

    #[test]
    fn halves_round_away_from_zero() {
        for (text, rounded) in [("0.5", 1), ("-0.5", -1), ("2.5", 3), ("1.4999999999999999999", 1), ("-2.5", -3)] {
            assert_eq!(round_to_i64(&exact(text)), Some(rounded), "{text}");
        }
    }

    #[test]
    fn only_plain_decimals_parse() {
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1_000", " 1", "NaN", "0.12345678901234567890123456789"] {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal), "{text}");
        }
    }

    #[test]
    fn printing_keeps_the_sign_and_drops_trailing_zeros() {
        for (text, printed) in [("-0.05", "-0.05"), ("12.3400", "12.34"), ("0", "0"), ("-0.0000001", "0")] {
            assert_eq!(print(&exact(text), 6), printed, "{text}");
        }
    }

    proptest! {
        #[test]
        fn twelve_places_survive_printing(mantissa in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000) {
            let value = divide(&from_i64(mantissa), &scale(&from_i64(1), 12)).unwrap();
            prop_assert_eq!(exact(&print(&value, 12)), value);
        }
    }
}
