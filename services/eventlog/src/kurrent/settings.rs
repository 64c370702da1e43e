//! The address of a log on KurrentDB: the client's connection string, and which of the server's streams are the log.

use kurrentdb::{ClientSettings, NodePreference};

/// The namespace of a log whose address names none.
pub const NAMESPACE_DEFAULT: &str = "tallystick";

/// The parameter of a connection string that names the namespace; it is ours, not the client's.
const NAMESPACE_PARAMETER: &str = "namespace";
const NAMESPACE_LENGTH_MAX: usize = 40;

/// Why an address is not one of a log. It never repeats the address, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The client cannot read it.
    #[error("not a connection string: kurrentdb://[user:password@]host:port[,host:port…][?tls=false&namespace=name]")]
    Malformed,
    /// A node other than the leader is asked for.
    #[error("a log is written and read on the leader: nodePreference can only be `leader`")]
    Preference,
    /// The namespace cannot stand in the name of a stream.
    #[error("a namespace is 1 to {NAMESPACE_LENGTH_MAX} of [a-z0-9_]")]
    Namespace,
}

/// Where a log is.
#[derive(Clone)]
pub(super) struct Address {
    pub settings: ClientSettings,
    pub namespace: String,
}

impl Address {
    /// Reads a connection string.
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        let (connection, namespace) = split(text);
        let namespace = namespace.unwrap_or(NAMESPACE_DEFAULT);
        if !is_namespace(namespace) {
            return Err(AddressError::Namespace);
        }
        let settings: ClientSettings = connection.parse().map_err(|_| AddressError::Malformed)?;
        if settings.node_preference() != NodePreference::Leader {
            return Err(AddressError::Preference);
        }
        Ok(Self { settings, namespace: namespace.to_owned() })
    }
}

/// The connection string without our parameter, and its value.
fn split(text: &str) -> (String, Option<&str>) {
    let Some((base, query)) = text.split_once('?') else { return (text.to_owned(), None) };
    let (ours, theirs): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| value(pair).is_some());
    let connection = if theirs.is_empty() { base.to_owned() } else { format!("{base}?{}", theirs.join("&")) };
    (connection, ours.last().and_then(|pair| value(pair)))
}

fn value(pair: &str) -> Option<&str> {
    pair.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case(NAMESPACE_PARAMETER)).map(|(_, value)| value)
}

fn is_namespace(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=NAMESPACE_LENGTH_MAX).contains(&text.len()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_may_name_a_namespace() {
        let plain = Address::parse("kurrentdb://localhost:2113?tls=false").unwrap();
        assert_eq!((plain.namespace.as_str(), plain.settings.is_secure_mode_enabled()), (NAMESPACE_DEFAULT, false));
        let named = Address::parse("kurrentdb://a:1,b:2,c:3?namespace=market_1&tls=false").unwrap();
        assert_eq!((named.namespace.as_str(), named.settings.hosts().len()), ("market_1", 3));
        assert!(!named.settings.is_secure_mode_enabled());
    }

    #[test]
    fn what_is_not_an_address_is_refused_without_repeating_its_password() {
        let cases = [
            ("postgres://u:secret@localhost/x", AddressError::Malformed),
            ("kurrentdb://u:secret@:2113", AddressError::Malformed),
            ("kurrentdb://u:secret@localhost?nodePreference=follower", AddressError::Preference),
            ("kurrentdb://u:secret@localhost?namespace=$all", AddressError::Namespace),
            ("kurrentdb://u:secret@localhost?namespace=", AddressError::Namespace),
        ];
        for (text, reason) in cases {
            let error = Address::parse(text).err().unwrap();
            assert_eq!(error, reason, "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
