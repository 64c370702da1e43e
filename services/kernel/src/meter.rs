//! What is counted, and how much of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! meters {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// The one list of what the platform counts. Names and numbers are recorded: never reuse one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Meter {
            $($(#[$doc])* $variant,)*
        }

        impl Meter {
            /// Every meter.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in events and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The number in usage bodies (`schema/usage.proto`).
            pub const fn number(self) -> u32 {
                match self { $(Self::$variant => $number),* }
            }

            /// The meter with this number.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }

        impl FromStr for Meter {
            type Err = UnknownMeter;
            fn from_str(text: &str) -> Result<Self, UnknownMeter> {
                match text { $($name => Ok(Self::$variant),)* _ => Err(UnknownMeter) }
            }
        }
    };
}

meters! {
    /// One call.
    Request = 1, "request";
    /// One token read by a model.
    InputToken = 2, "input_token";
    /// One token written by a model.
    OutputToken = 3, "output_token";
    /// One Unicode scalar value of input text.
    Character = 4, "character";
    /// One image.
    Image = 5, "image";
    /// One page of a document.
    Page = 6, "page";
    /// One second of audio or video, started seconds counted whole.
    Second = 7, "second";
    /// One byte delivered.
    Byte = 8, "byte";
    /// One row, record or point of input data.
    Row = 9, "row";
    /// One second of a leased compute tier.
    LeaseSecond = 10, "lease_second";
    /// One device enrolled for one month.
    DeviceMonth = 11, "device_month";
    /// One finished job.
    Job = 12, "job";
}

/// The text names no meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a meter of the platform")]
pub struct UnknownMeter;

impl fmt::Display for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A whole number of a meter's units. Serialised as a decimal string: JSON numbers lose digits past 2^53.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(pub u64);

/// The text is not a whole number from 0 to 2^64 − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a whole number from 0 to 18446744073709551615")]
pub struct InvalidQuantity;

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// What one period of an agreement holds of a meter at the most: 2^53 − 1, as every reader of JSON reads it exactly
    /// (RFC 8259, 6). Sums over a thousand such periods fit into 63 bits.
    pub const PERIOD_MAX: Self = Self((1 << 53) - 1);

    /// The sum, or `None` past 2^64 − 1.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` below zero.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The difference, zero where it would be negative.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether there is none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Quantity {
    type Err = InvalidQuantity;
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(InvalidQuantity);
        }
        text.parse().map(Self).map_err(|_| InvalidQuantity)
    }
}

impl TryFrom<String> for Quantity {
    type Error = InvalidQuantity;
    fn try_from(text: String) -> Result<Self, InvalidQuantity> {
        text.parse()
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back_to_their_meter() {
        for meter in Meter::ALL {
            assert_eq!(meter.name().parse(), Ok(*meter));
            assert_eq!(Meter::from_number(meter.number()), Some(*meter));
            assert_eq!(serde_json::to_value(meter).unwrap(), meter.name());
        }
    }

    #[test]
    fn quantities_are_plain_digits() {
        assert_eq!("18446744073709551615".parse(), Ok(Quantity(u64::MAX)));
        for text in ["", "+1", "-1", "1.0", "18446744073709551616", "１"] {
            assert_eq!(text.parse::<Quantity>(), Err(InvalidQuantity), "{text}");
        }
    }
}
