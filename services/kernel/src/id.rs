//! The one registry of typed ids.
//!
//! Text form: a prefix, `_`, and 26 characters of lower-case Crockford base 32 over a UUID, as the TypeID
//! specification 0.3 defines it. Fresh ids are UUIDv7 and so sort by time; the edge makes them, never a rule.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::StreamKey;

/// Why a text is not an id of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ and 26 characters of Crockford base 32")]
pub struct InvalidId {
    /// The wanted prefix.
    pub prefix: &'static str,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LENGTH: usize = 26;

/// Encodes 128 bits as 26 digits, most significant first; the first digit is at most 7.
fn encode(value: u128) -> [u8; ENCODED_LENGTH] {
    let mut digits = [b'0'; ENCODED_LENGTH];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest & 31).unwrap_or_default();
        *digit = ALPHABET.get(index).copied().unwrap_or_default();
        rest >>= 5;
    }
    digits
}

/// Writes an id's text form.
fn write(formatter: &mut fmt::Formatter<'_>, prefix: &str, value: u128) -> fmt::Result {
    formatter.write_str(prefix)?;
    formatter.write_str("_")?;
    formatter.write_str(str::from_utf8(&encode(value)).unwrap_or_default())
}

/// The value of a letter; there is no `i`, `l`, `o` or `u`.
const fn digit(letter: u8) -> Option<u8> {
    let (first, value) = match letter {
        b'0'..=b'9' => (b'0', 0),
        b'a'..=b'h' => (b'a', 10),
        b'j'..=b'k' => (b'j', 18),
        b'm'..=b'n' => (b'm', 20),
        b'p'..=b't' => (b'p', 22),
        b'v'..=b'z' => (b'v', 27),
        _ => return None,
    };
    Some(letter.saturating_sub(first).saturating_add(value))
}

fn decode(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != ENCODED_LENGTH || bytes.first().is_none_or(|first| *first > b'7') {
        return None;
    }
    bytes.iter().try_fold(0_u128, |value, byte| Some((value << 5) | u128::from(digit(*byte)?)))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $category:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            #[serde(try_from = "String", into = "String")]
            pub struct $name(Uuid);

            impl $name {
                /// The text form starts with this and `_`.
                pub const PREFIX: &'static str = $prefix;

                /// Wraps a UUID made at the edge (v7) or derived from a cause (v5).
                pub const fn new(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The UUID without its type.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write(formatter, $prefix, self.0.as_u128())
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, formatter)
                }
            }

            impl FromStr for $name {
                type Err = InvalidId;
                fn from_str(text: &str) -> Result<Self, InvalidId> {
                    text.strip_prefix(concat!($prefix, "_"))
                        .and_then(decode)
                        .map(|value| Self(Uuid::from_u128(value)))
                        .ok_or(InvalidId { prefix: $prefix })
                }
            }

            impl TryFrom<String> for $name {
                type Error = InvalidId;
                fn try_from(text: String) -> Result<Self, InvalidId> {
                    text.parse()
                }
            }

            impl From<$name> for String {
                fn from(id: $name) -> Self {
                    id.to_string()
                }
            }

            impl StreamKey for $name {
                const CATEGORY: &'static str = $category;
                fn key(&self) -> String {
                    self.to_string()
                }
            }
        )*

        /// Every prefix, for the edge that must tell what an opaque id names.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// A party that buys, sells or operates.
    OrganizationId, "org", "organization";
    /// A person within an organization.
    MemberId, "mem", "member";
    /// An API key.
    ApiKeyId, "key", "apikey";
    /// An organization as a seller.
    ProviderId, "prv", "provider";
    /// What a provider offers to the market.
    ListingId, "lst", "listing";
    /// Terms on a listing.
    OfferId, "off", "offer";
    /// A buyer's acceptance of one offer.
    AgreementId, "agr", "agreement";
    /// One call through the gateway. Has no stream of its own: it lives in a usage batch.
    InvocationId, "ivk", "invocation";
    /// An invoice.
    InvoiceId, "inv", "invoice";
    /// What the platform owes a provider for a period.
    StatementId, "stm", "statement";
    /// One double entry of the ledger. Has no stream of its own: it lives in its month.
    EntryId, "ent", "entry";
}

/// Derives the id of something that exists once per `parts`, so that making it twice is seen.
///
/// UUIDv5 (RFC 9562) in a fixed namespace over the parts joined by an unused separator.
pub fn derived(parts: &[&str]) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0x7461_6c6c_7973_5469_636b_2e64_6572_6976);
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_type_id_specifications_sample_encodes_as_published() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(&encode(uuid.as_u128()), b"01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn foreign_prefixes_and_overflowing_digits_are_refused() {
        let id = InvoiceId::new(Uuid::from_u128(7)).to_string();
        assert!(id.parse::<ListingId>().is_err());
        assert!("inv_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<InvoiceId>().is_err());
        assert!("inv_é1h455vb4pex5vsknk084sn02".parse::<InvoiceId>().is_err());
    }

    #[test]
    fn a_letter_has_its_place_in_the_alphabet_and_others_have_none() {
        for letter in 0..=u8::MAX {
            let place = ALPHABET.iter().position(|known| *known == letter);
            assert_eq!(digit(letter).map(usize::from), place, "{letter}");
        }
    }

    proptest! {
        #[test]
        fn text_and_value_are_one_to_one(value: u128) {
            let id = AgreementId::new(Uuid::from_u128(value));
            prop_assert_eq!(id.to_string().parse::<AgreementId>(), Ok(id));
        }

        #[test]
        fn text_sorts_as_values_do(a: u128, b: u128) {
            prop_assert_eq!(encode(a).cmp(&encode(b)), a.cmp(&b));
        }
    }
}
