//! Exact numbers: decimals as people write prices, rationals as rating computes, and the one rounding rule.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::{BigRational, ParseRatioError, Ratio};
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, ToPrimitive};
use serde::{Deserialize, Serialize};

use crate::meter::Quantity;

/// An exact rational number of any size. Every amount between a price and its rounding point has this type.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exact(Form);

/// Amounts nearly always fit into machine words, where arithmetic allocates nothing. What fits is always small, so
/// that equal numbers have one form.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    Small(Ratio<i128>),
    Large(Box<BigRational>),
}

impl Exact {
    fn whole(value: i128) -> Self {
        Self(Form::Small(value.into()))
    }

    fn to_large(&self) -> BigRational {
        match &self.0 {
            Form::Small(small) => BigRational::new_raw((*small.numer()).into(), (*small.denom()).into()),
            Form::Large(large) => (**large).clone(),
        }
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Form::Small(small) => small.is_integer(),
            Form::Large(large) => large.is_integer(),
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        *self < Self::whole(0)
    }

    /// The greatest whole number that is not above it.
    pub fn floor(&self) -> Self {
        match &self.0 {
            // A denominator is above zero.
            Form::Small(small) => Self::whole(small.numer().div_euclid(*small.denom())),
            Form::Large(large) => large.floor().into(),
        }
    }

    /// The least whole number that is not below it.
    pub fn ceil(&self) -> Self {
        let floor = self.floor();
        if self.is_integer() { floor } else { add(&floor, &Self::whole(1)) }
    }

    /// The nearest whole number, halves away from zero.
    fn round(&self) -> Self {
        match &self.0 {
            Form::Small(small) => Self(Form::Small(small.round())),
            Form::Large(large) => large.round().into(),
        }
    }
}

impl From<BigRational> for Exact {
    fn from(large: BigRational) -> Self {
        match (large.numer().to_i128(), large.denom().to_i128()) {
            (Some(numerator), Some(denominator)) => Self(Form::Small(Ratio::new_raw(numerator, denominator))),
            _ => Self(Form::Large(Box::new(large))),
        }
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Small(left), Form::Small(right)) => left.cmp(right),
            _ => self.to_large().cmp(&other.to_large()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `numerator/denominator`, or the numerator alone where that is a whole number.
impl fmt::Display for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Small(small) => fmt::Display::fmt(small, formatter),
            Form::Large(large) => fmt::Display::fmt(large, formatter),
        }
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Reads what is displayed.
impl FromStr for Exact {
    type Err = ParseRatioError;
    fn from_str(text: &str) -> Result<Self, ParseRatioError> {
        text.parse::<BigRational>().map(Self::from)
    }
}

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
        decimal(self.0.mantissa(), self.0.scale())
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
    Exact::whole(quantity.0.into())
}

/// A whole number as a rational.
pub fn from_i64(value: i64) -> Exact {
    Exact::whole(value.into())
}

/// `mantissa × 10^-places`, such as cents with two places.
pub fn decimal(mantissa: i128, places: u32) -> Exact {
    match 10_i128.checked_pow(places) {
        Some(power) => Exact(Form::Small(Ratio::new(mantissa, power))),
        None => BigRational::new(mantissa.into(), BigInt::from(10_u8).pow(places)).into(),
    }
}

/// Rounds to a whole number, halves away from zero; `None` outside of 64 bits.
pub fn round_to_i64(value: &Exact) -> Option<i64> {
    match value.round().0 {
        Form::Small(small) => small.to_integer().to_i64(),
        Form::Large(_) => None,
    }
}

/// Prints at most `places` digits after the point, halves away from zero, without trailing zeros.
pub fn print(value: &Exact, places: u32) -> String {
    let scaled = scale(value, places).round().to_string();
    let (sign, digits) = scaled.strip_prefix('-').map_or(("", scaled.as_str()), |digits| ("-", digits));
    let width = usize::try_from(places).unwrap_or(usize::MAX).saturating_add(1);
    let padded = format!("{digits:0>width$}");
    let point = padded.len().saturating_sub(width.saturating_sub(1));
    let (whole, fraction) = padded.split_at(point);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// `value × 10^places`.
pub fn scale(value: &Exact, places: u32) -> Exact {
    let factor = 10_i128.checked_pow(places).map(Exact::whole);
    multiply(value, &factor.unwrap_or_else(|| BigRational::from_integer(BigInt::from(10_u8).pow(places)).into()))
}

/// The exact sum.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn add(left: &Exact, right: &Exact) -> Exact {
    combine(left, right, Ratio::checked_add, |left, right| left + right)
}

/// The exact difference.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn subtract(left: &Exact, right: &Exact) -> Exact {
    combine(left, right, Ratio::checked_sub, |left, right| left - right)
}

/// The exact product.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision: cannot overflow")]
pub fn multiply(left: &Exact, right: &Exact) -> Exact {
    combine(left, right, Ratio::checked_mul, |left, right| left * right)
}

/// The exact quotient; `None` by zero.
#[expect(clippy::arithmetic_side_effects, reason = "arbitrary precision, and the divisor is not zero")]
pub fn divide(left: &Exact, right: &Exact) -> Option<Exact> {
    (*right != from_i64(0)).then(|| combine(left, right, Ratio::checked_div, |left, right| left / right))
}

/// In machine words where all of it fits.
fn combine(
    left: &Exact,
    right: &Exact,
    small: fn(&Ratio<i128>, &Ratio<i128>) -> Option<Ratio<i128>>,
    large: fn(BigRational, BigRational) -> BigRational,
) -> Exact {
    let fits = match (&left.0, &right.0) {
        (Form::Small(left), Form::Small(right)) => small(left, right),
        _ => None,
    };
    fits.map_or_else(|| large(left.to_large(), right.to_large()).into(), |fits| Exact(Form::Small(fits)))
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

    fn any_ratio() -> impl Strategy<Value = BigRational> {
        let numerator = prop_oneof![any::<i128>(), (-1000_i128..1000), Just(i128::MIN), Just(i128::MAX)];
        let denominator = prop_oneof![1..=i128::MAX, 1_i128..1000, Just(i128::MAX)];
        (numerator, denominator)
            .prop_map(|(numerator, denominator)| BigRational::new(numerator.into(), denominator.into()))
    }

    proptest! {
        /// Whatever fits and whatever does not: the same as in numbers of any size.
        #[test]
        fn small_numbers_count_as_large_ones_do(left in any_ratio(), right in any_ratio()) {
            let (a, b) = (Exact::from(left.clone()), Exact::from(right.clone()));
            prop_assert_eq!(add(&a, &b), Exact::from(&left + &right));
            prop_assert_eq!(subtract(&a, &b), Exact::from(&left - &right));
            prop_assert_eq!(multiply(&a, &b), Exact::from(&left * &right));
            prop_assert_eq!(divide(&a, &b), (b != from_i64(0)).then(|| Exact::from(&left / &right)));
            prop_assert_eq!(a.cmp(&b), left.cmp(&right));
            prop_assert_eq!((a.floor(), a.ceil(), a.round()), (left.floor().into(), left.ceil().into(), left.round().into()));
            prop_assert_eq!(a.is_integer(), left.is_integer());
            prop_assert_eq!(a.to_string(), left.to_string());
            prop_assert_eq!(a.to_string().parse(), Ok(a));
        }

        #[test]
        fn what_has_grown_and_shrunk_is_the_same_number(value in any_ratio(), factor in any_ratio()) {
            let value = Exact::from(value);
            if let Some(quotient) = divide(&value, &Exact::from(factor.clone())) {
                prop_assert_eq!(multiply(&quotient, &Exact::from(factor)), value);
            }
        }

        #[test]
        fn twelve_places_survive_printing(mantissa in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000) {
            let value = divide(&from_i64(mantissa), &scale(&from_i64(1), 12)).unwrap();
            prop_assert_eq!(exact(&print(&value, 12)), value);
        }
    }
}
