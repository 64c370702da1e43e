//! Where a request comes from: the peer of its connection, or whom a trusted proxy names in `X-Forwarded-For`.
//!
//! Anybody can write that header, so it counts only where the peer is a proxy that the operator trusts; then the
//! right-most address that no trusted proxy has is the client's, as only trusted proxies wrote what stands after it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The bits of an IPv6 address that name a subscriber's network; the rest it chooses itself (RFC 6177).
const NETWORK_BITS: u32 = 64;

/// The address of who asks, as far as limits tell callers apart: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Stands for everyone whose address is not known.
    pub const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The address of a request.
    pub fn of(request: &HttpRequest, proxies: &TrustedProxies) -> Self {
        let Some(peer) = request.peer_addr() else { return Self::UNKNOWN };
        let headers = request.headers().get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok());
        Self::from(proxies.client(peer.ip(), &headers.collect::<Vec<_>>()))
    }

    /// The address as bytes, 16 of them.
    pub const fn octets(self) -> [u8; 16] {
        match self.0 {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => address.octets(),
        }
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let host_bits = u128::MAX >> NETWORK_BITS;
                Self(Ipv6Addr::from_bits(address.to_bits() & !host_bits).into())
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who asks, where the peer says so many lines of `X-Forwarded-For`. What is no address ends the search: the last
    /// address that can be believed is taken.
    fn client(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let named = forwarded.iter().rev().flat_map(|line| line.rsplit(',')).map(|text| text.trim().parse::<IpAddr>());
        let mut client = peer;
        for address in named {
            let (true, Ok(address)) = (self.trusts(client), address) else { break };
            client = address;
        }
        client
    }
}

/// An address, or a network of them: `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// Leading bits that addresses of the network share.
    bits: u32,
}

/// The text is no address and no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an IP address, or a network as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let whole = if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS };
        let bits = bits.map_or(Ok(whole), str::parse).map_err(|_| InvalidNetwork)?;
        if bits <= whole { Ok(Self { address, bits }) } else { Err(InvalidNetwork) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        TrustedProxies(networks.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn client(proxies: &TrustedProxies, peer: &str, forwarded: &[&str]) -> String {
        proxies.client(peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        let trusted = proxies(&["10.0.0.0/8"]);
        assert_eq!(client(&trusted, "198.51.100.7", &["203.0.113.1"]), "198.51.100.7");
        assert_eq!(client(&proxies(&[]), "10.0.0.1", &["203.0.113.1"]), "10.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_says_who_asks_and_the_client_cannot_prepend() {
        let trusted = proxies(&["10.0.0.0/8", "::1"]);
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(client(&trusted, "::1", &["192.0.2.9, 203.0.113.1"]), "203.0.113.1");
        assert_eq!(client(&trusted, "10.0.0.1", &["192.0.2.9", "203.0.113.1, 10.0.0.2"]), "203.0.113.1");
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.1, unknown"]), "10.0.0.1");
        assert_eq!(client(&trusted, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let inside = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse::<IpAddr>().unwrap())
        };
        assert!(inside("10.0.0.0/8", "10.255.0.1") && !inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("0.0.0.0/0", "203.0.113.1") && !inside("0.0.0.0/0", "::1"));
        assert!(inside("10.0.0.1", "10.0.0.1") && !inside("10.0.0.1", "10.0.0.2"));
        assert!(inside("fd00::/8", "fd12::1") && !inside("fd00::/8", "fe80::1"));
        assert!(inside("127.0.0.1", "::ffff:127.0.0.1"), "an IPv4 address in IPv6's clothes");
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "proxy.example"] {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
        }
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_client() {
        let of = |text: &str| ClientAddress::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
