//! Under which origin the platform is reached, for absolute links: as the operator says, or as the request was sent.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header;
use url::Url;

/// Where a request that names no usable host is answered as if sent to.
const FALLBACK: &str = "http://localhost";
/// The longest host with port, in bytes (RFC 1035 and a port).
const HOST_BYTES_MAX: usize = 262;

/// `scheme://host[:port]`, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an http(s) address of the form scheme://host[:port]")]
pub struct InvalidOrigin;

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        let served = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
        if bare && anonymous && served { Ok(Self(url.origin().ascii_serialization())) } else { Err(InvalidOrigin) }
    }
}

impl Origin {
    /// The origin that a request was sent to. The host is the caller's word: what is made of it goes back to that
    /// caller only, and is not kept by shared caches.
    pub fn of(request: &HttpRequest) -> Self {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(actix_web::http::uri::Authority::as_str));
        let plain = |host: &&str| {
            let letters = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
            letters && host.len() <= HOST_BYTES_MAX
        };
        let origin = host.filter(plain).and_then(|host| format!("http://{host}").parse().ok());
        origin.unwrap_or_else(|| Self(FALLBACK.to_owned()))
    }

    /// An absolute address; the path begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn sent_to(host: &str) -> String {
        Origin::of(&TestRequest::get().insert_header((header::HOST, host)).to_http_request()).at("/x")
    }

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        assert_eq!("https://Market.Example/".parse::<Origin>().unwrap().at("/a"), "https://market.example/a");
        assert_eq!("http://localhost:8080".parse::<Origin>().unwrap().at("/"), "http://localhost:8080/");
        for text in ["", "market.example", "ftp://market.example", "https://a@b/", "https://a/b", "https://a/?q", "//a"]
        {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }

    #[test]
    fn a_hostile_host_is_not_repeated() {
        assert_eq!(sent_to("127.0.0.1:8080"), "http://127.0.0.1:8080/x");
        assert_eq!(sent_to("[::1]:80"), "http://[::1]/x");
        for host in ["\"><script>", "a/b", "a@b", "a b", "x:99999", ""] {
            assert_eq!(sent_to(host), "http://localhost/x", "{host}");
        }
    }
}
