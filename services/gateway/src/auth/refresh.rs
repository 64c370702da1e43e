//! Refresh tokens: 256 random bits in a cookie that no script can read, known to the platform by their SHA-256 only.
//!
//! The cookie goes to the door alone, and only from pages of the same site. A browser that says otherwise is refused
//! by [`is_cross_site`], so that the cookie's attribute is not all that stands between.

use actix_web::http::header::HeaderMap;
use eventlog::sessions::{TOKEN_LIFETIME, TokenHash};
use kernel::merkle::hex;
use sha2::{Digest, Sha256};

use super::api_key::NoRandomness;
use crate::cookies;

/// The cookie's name.
pub const COOKIE: &str = "tallystick_refresh";
/// Where the cookie is sent: to GraphQL and nowhere else.
const PATH: &str = "/graphql";
const RANDOM_BYTES: usize = 32;

/// A refresh token. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Makes a token from the operating system's randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(hex(&bytes)))
    }

    /// The token that a request carries in its cookie, if one of the right shape.
    pub fn presented(headers: &HeaderMap) -> Option<Self> {
        let value = cookies::sent(headers, COOKIE)?;
        let shaped = value.len() == 2 * RANDOM_BYTES && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        shaped.then(|| Self(value.to_owned()))
    }

    /// What is kept of it.
    pub fn sha256(&self) -> TokenHash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The `Set-Cookie` that hands it to a browser.
    pub fn cookie(&self, secure: bool) -> String {
        cookie(&self.0, TOKEN_LIFETIME.as_secs(), secure)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// The `Set-Cookie` that takes the token from a browser.
pub fn no_cookie(secure: bool) -> String {
    cookie("", 0, secure)
}

fn cookie(value: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Whether the cookie may travel over TLS only: everywhere but at an address of this machine, which a browser reaches
/// without a network. Whoever forges `Host` weakens nobody's cookie but its own.
pub fn is_secure(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
    let named = name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost");
    let loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    !(named || loopback)
}

/// Whether a browser sent this from a page of another origin. Fetch metadata decides where there is any (W3C Fetch
/// Metadata §2.4); without, `Origin` has to name the host that was asked. Programs send neither.
pub fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host.map(str::to_ascii_lowercase) != text("host").map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_token_comes_back_in_its_cookie() {
        let token = Token::generate().unwrap();
        let cookie = token.cookie(true);
        assert!(cookie.ends_with("; Path=/graphql; Max-Age=1209600; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        let pair = cookie.split(';').next().unwrap();
        let sent = headers(&[("cookie", &format!("theme=dark; {pair}"))]);
        assert_eq!(Token::presented(&sent), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn cookies_of_another_name_or_shape_are_no_token() {
        for cookie in ["", "tallystick_refresh", "tallystick_refresh=", "tallystick_refresh=xyz", "other=1; b=2"] {
            assert_eq!(Token::presented(&headers(&[("cookie", cookie)])), None, "{cookie}");
        }
        let long = format!("{COOKIE}={}", "a".repeat(65));
        assert_eq!(Token::presented(&headers(&[("cookie", &long)])), None);
    }

    #[test]
    fn only_an_address_of_this_machine_needs_no_tls() {
        for host in ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "a.localhost"] {
            assert!(!is_secure(Some(host)), "{host}");
        }
        for host in ["market.example.org", "10.0.0.1:80", "localhost.example.org", "", "127.0.0.1.example.org:80"] {
            assert!(is_secure(Some(host)), "{host}");
        }
        assert!(is_secure(None));
    }

    #[test]
    fn pages_of_other_origins_are_told_from_our_own() {
        let host = ("host", "market.example.org");
        for own in [
            vec![host],
            vec![host, ("sec-fetch-site", "same-origin")],
            vec![host, ("sec-fetch-site", "none")],
            vec![host, ("origin", "https://Market.example.org")],
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://behind-a-proxy.example.org")],
        ] {
            assert!(!is_cross_site(&headers(&own)), "{own:?}");
        }
        for foreign in [
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "same-site")],
            vec![host, ("origin", "https://evil.example.org")],
            vec![host, ("origin", "https://market.example.org:8443")],
            vec![host, ("origin", "null")],
            vec![("origin", "https://market.example.org")],
        ] {
            assert!(is_cross_site(&headers(&foreign)), "{foreign:?}");
        }
    }
}
