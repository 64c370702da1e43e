//! Where calls may go: public addresses, and private networks where the operator says so.
//!
//! From the IANA registries of special-purpose addresses (RFC 6890), plus the metadata services of clouds, which hand
//! out credentials to whoever can ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far calls may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only.
    Public,
    /// Private networks and loopback too; still no link-local, multicast, reserved or metadata addresses.
    Private,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Public,
    Private,
    Never,
}

impl Reach {
    /// Whether a connection to the address may be made.
    pub fn permits(self, address: IpAddr) -> bool {
        match classify(address) {
            Class::Public => true,
            Class::Private => self == Self::Private,
            Class::Never => false,
        }
    }
}

fn classify(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(address) => classify_v4(address),
            None => classify_v6(address),
        },
    }
}

/// The IPv4 address that an IPv4-mapped (RFC 4291, 2.5.5.2) or NAT64 (RFC 6052, `64:ff9b::/96`) address leads to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    const PREFIXES: [u128; 2] = [0xffff, 0x0064_ff9b_0000_0000_0000_0000];
    let bits = address.to_bits();
    let [.., a, b, c, d] = address.octets();
    PREFIXES.contains(&(bits >> 32)).then(|| Ipv4Addr::new(a, b, c, d))
}

const NEVER_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),              // this network, unspecified
    (Ipv4Addr::new(100, 100, 100, 200), 32), // metadata, Alibaba Cloud
    (Ipv4Addr::new(168, 63, 129, 16), 32),   // platform services, Azure
    (Ipv4Addr::new(169, 254, 0, 0), 16),     // link-local; metadata of most clouds
    (Ipv4Addr::new(192, 0, 0, 0), 24),       // protocol assignments; metadata, Oracle Cloud
    (Ipv4Addr::new(192, 0, 2, 0), 24),       // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),     // 6to4 relays
    (Ipv4Addr::new(198, 18, 0, 0), 15),      // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24),    // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),     // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),        // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),        // reserved, broadcast
];

const PRIVATE_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10), // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Outside of these, only global unicast (`2000::/3`) is public.
const NEVER_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarking, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32), // metadata, AWS
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0), 32), // metadata, Google Cloud
];

const PRIVATE_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), // unique local
];

const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

fn classify_v4(address: Ipv4Addr) -> Class {
    let within = |(network, bits): &(Ipv4Addr, u32)| {
        let differing = address.to_bits() ^ network.to_bits();
        differing.leading_zeros() >= *bits
    };
    if NEVER_V4.iter().any(within) {
        Class::Never
    } else if PRIVATE_V4.iter().any(within) {
        Class::Private
    } else {
        Class::Public
    }
}

fn classify_v6(address: Ipv6Addr) -> Class {
    let within = |(network, bits): &(Ipv6Addr, u32)| {
        let differing = address.to_bits() ^ network.to_bits();
        differing.leading_zeros() >= *bits
    };
    if NEVER_V6.iter().any(within) {
        Class::Never
    } else if PRIVATE_V6.iter().any(within) {
        Class::Private
    } else if within(&GLOBAL_UNICAST) {
        Class::Public
    } else {
        Class::Never
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(reach: Reach, texts: &[&str]) -> Vec<String> {
        let permits = |text: &&&str| reach.permits(text.parse().unwrap());
        texts.iter().filter(permits).map(|text| (*text).to_owned()).collect()
    }

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2400:3200::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ];

    const PRIVATE: &[&str] = &[
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "::1",
        "fc00::1",
        "fdff::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::192.168.0.1",
    ];

    const NEVER: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::2",
        "::127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::10.0.0.1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "3fff::1",
        "5f00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    #[test]
    fn the_public_internet_is_in_reach() {
        assert_eq!(permitted(Reach::Public, PUBLIC), PUBLIC);
        assert_eq!(permitted(Reach::Private, PUBLIC), PUBLIC);
    }

    #[test]
    fn private_networks_are_in_reach_only_where_the_operator_says_so() {
        assert!(permitted(Reach::Public, PRIVATE).is_empty());
        assert_eq!(permitted(Reach::Private, PRIVATE), PRIVATE);
    }

    #[test]
    fn special_addresses_are_never_in_reach() {
        for reach in [Reach::Public, Reach::Private] {
            assert_eq!(permitted(reach, NEVER), Vec::<String>::new());
        }
    }
}
