//! Content codings: what a browser takes, and what is sent in it.

use std::io::Write;

use actix_web::HttpRequest;
use actix_web::http::header;
use flate2::Compression;
use flate2::write::GzEncoder;

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli (RFC 7932); files only, coded when the pages were built.
    Brotli,
    /// Gzip (RFC 1952).
    Gzip,
    /// As it is.
    Identity,
}

/// What is shorter is sent as it is: it fits one packet either way.
const GZIP_BYTES_MIN: usize = 1_024;

impl Coding {
    /// Those that a request takes, the smallest first; as it is always comes last.
    pub fn taken(request: &HttpRequest) -> Vec<Self> {
        let header = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let header = header.unwrap_or_default();
        let coded = [Self::Brotli, Self::Gzip].into_iter().filter(|coding| takes(header, coding.name()));
        coded.chain([Self::Identity]).collect()
    }

    /// The name in HTTP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// What the name of a coded file ends with.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

fn takes(header: &str, name: &str) -> bool {
    header.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|part| part.eq_ignore_ascii_case(name));
        let refused =
            parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty()));
        named && !refused
    })
}

/// Codes a body that is made anew for each request, where it is worth it. Only for what is public: a coded length
/// can tell a secret (BREACH).
pub fn coded(request: &HttpRequest, body: Vec<u8>) -> (Coding, Vec<u8>) {
    if body.len() < GZIP_BYTES_MIN || !Coding::taken(request).contains(&Coding::Gzip) {
        return (Coding::Identity, body);
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::default());
    match encoder.write_all(&body).and_then(|()| encoder.finish()) {
        Ok(coded) => (Coding::Gzip, coded),
        Err(_) => (Coding::Identity, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn taken(header: &str) -> Vec<Coding> {
        Coding::taken(&TestRequest::get().insert_header((header::ACCEPT_ENCODING, header)).to_http_request())
    }

    #[test]
    fn the_smallest_coding_that_is_taken_comes_first() {
        assert_eq!(taken("gzip, deflate, br, zstd"), [Coding::Brotli, Coding::Gzip, Coding::Identity]);
        assert_eq!(taken("br;q=0, gzip;q=0.5"), [Coding::Gzip, Coding::Identity]);
        assert_eq!(taken("br;q=0.0, GZIP"), [Coding::Gzip, Coding::Identity]);
        assert_eq!(taken("brother"), [Coding::Identity]);
        assert_eq!(taken(""), [Coding::Identity]);
    }

    #[test]
    fn a_short_body_stays_as_it_is() {
        let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, "gzip")).to_http_request();
        assert_eq!(coded(&request, vec![7; 100]).0, Coding::Identity);
        let (coding, body) = coded(&request, vec![7; 10_000]);
        assert_eq!(coding, Coding::Gzip);
        assert!(body.len() < 200);
    }
}
