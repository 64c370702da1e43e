//! Web addresses in what providers say. Only the shape is judged here; where an address leads is judged when it is
//! called, by the adapter, because names can be pointed elsewhere at any time.

use url::Url;

/// The text is not a web address of the wanted shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidAddress;

/// Passes absolute `https` addresses, and `http` where `plain`: at most `max` characters of printable ASCII, a host,
/// no credentials, no fragment.
pub(crate) fn check(text: &str, plain: bool, max: usize) -> Result<Url, InvalidAddress> {
    if text.len() > max || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidAddress);
    }
    let url = Url::parse(text).map_err(|_| InvalidAddress)?;
    let scheme_fits = url.scheme() == "https" || (plain && url.scheme() == "http");
    let host_fits = url.host_str().is_some_and(|host| !host.is_empty());
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if scheme_fits && host_fits && bare { Ok(url) } else { Err(InvalidAddress) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_passes_only_where_allowed() {
        assert!(check("http://example.com/", true, 100).is_ok());
        assert!(check("http://example.com/", false, 100).is_err());
        assert!(check("https://example.com/a?b=c", false, 100).is_ok());
    }

    #[test]
    fn other_shapes_are_refused() {
        let hostile = [
            "",
            "example.com",
            "//example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://user@example.com/",
            "https://user:secret@example.com/",
            "https://example.com/#part",
            "https://exam ple.com/",
            " https://example.com/",
            "https://example.com/\n",
            "https://例子.com/",
            "https://example.com:99999/",
        ];
        for text in hostile {
            assert_eq!(check(text, true, 100), Err(InvalidAddress), "{text}");
        }
    }

    #[test]
    fn the_length_is_bounded() {
        assert!(check("https://example.com/", true, 20).is_ok());
        assert!(check("https://example.com/a", true, 20).is_err());
    }
}
