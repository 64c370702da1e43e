//! How a context's events become bytes and come back, version by version.

/// An event as bytes: JSON, and for usage a binary body beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The name of the fact, `snake_case`, e.g. `listing_published`.
    pub kind: &'static str,
    /// The version of the serialised form, from 1.
    pub version: u16,
    /// The JSON.
    pub data: Vec<u8>,
    /// The binary body; empty but for usage.
    pub body: Vec<u8>,
}

/// Why recorded bytes could not be read back. Always a defect or damage, never a caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No reader for this kind and version: written by a newer program, or foreign.
    #[error("no reader for event `{kind}` version {version}")]
    Unknown {
        /// The recorded kind.
        kind: String,
        /// The recorded version.
        version: u16,
    },
    /// The JSON does not have the recorded version's shape.
    #[error("event `{kind}` version {version} cannot be read: {source}")]
    Malformed {
        /// The recorded kind.
        kind: String,
        /// The recorded version.
        version: u16,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The binary body is damaged.
    #[error("the body of event `{kind}` cannot be read")]
    Body {
        /// The recorded kind.
        kind: String,
    },
}

/// Implemented in each context's `wire.rs` by its event enum.
pub trait Wire: Sized {
    /// Serialises in the newest version.
    fn encode(&self) -> Result<Encoded, serde_json::Error>;

    /// Reads any recorded version, upcasting older ones. `None`: the kind belongs to another context.
    fn decode(kind: &str, version: u16, data: &[u8], body: &[u8]) -> Option<Result<Self, DecodeError>>;
}

/// Implements [`Wire`] for an enum whose events are all at version 1 and JSON only.
///
/// Each variant holds one serialisable struct: `json_wire!(Event { Registered => "organization_registered", … })`.
#[macro_export]
macro_rules! json_wire {
    ($event:ident { $($variant:ident => $kind:literal),+ $(,)? }) => {
        impl $crate::wire::Wire for $event {
            fn encode(&self) -> Result<$crate::wire::Encoded, serde_json::Error> {
                match self {
                    $(Self::$variant(fact) => $crate::wire::encode_json($kind, 1, fact),)+
                }
            }

            fn decode(
                kind: &str,
                version: u16,
                data: &[u8],
                _body: &[u8],
            ) -> Option<Result<Self, $crate::wire::DecodeError>> {
                match (kind, version) {
                    $(($kind, 1) => Some($crate::wire::decode_json($kind, 1, data).map(Self::$variant)),)+
                    $(($kind, version) => Some(Err($crate::wire::DecodeError::Unknown {
                        kind: $kind.to_owned(),
                        version,
                    })),)+
                    _ => None,
                }
            }
        }
    };
}

/// Serialises one fact as JSON without a body.
pub fn encode_json<T: serde::Serialize>(
    kind: &'static str,
    version: u16,
    fact: &T,
) -> Result<Encoded, serde_json::Error> {
    serde_json::to_vec(fact).map(|data| Encoded { kind, version, data, body: Vec::new() })
}

/// Reads one fact from JSON.
pub fn decode_json<T: serde::de::DeserializeOwned>(kind: &str, version: u16, data: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(data).map_err(|source| DecodeError::Malformed { kind: kind.to_owned(), version, source })
}
